/* SPDX-License-Identifier: MIT */
/* umsi's pools of small objects made full: whatever it needs next wants a page. */
#ifndef FAIL_POOLS_H
#define FAIL_POOLS_H

#include "model.h"

#define POOL_CLASSES 12u

struct pools {
    struct umsi *u; /* whose they are; NULL: nothing is held */
    void *held[POOL_CLASSES][600];
    uint32_t n[POOL_CLASSES];
};

/* Full but for `spare` objects of each size. */
void pools_squeeze(struct pools *p, struct umsi *u, struct model *m, uint32_t spare);
void pools_let_go(struct pools *p);

#endif /* FAIL_POOLS_H */
