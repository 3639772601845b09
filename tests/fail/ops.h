/* SPDX-License-Identifier: MIT */
/* Operations, each of which is going to fail in every place: OK, or an error and nothing done. */
#ifndef FAIL_OPS_H
#define FAIL_OPS_H

#include "world.h"

struct op {
    const char *name;
    void (*set_up)(struct world *w);
    enum umsi_status (*run)(struct world *w);
    /* Back to where run() started. NULL: there is no way back but the end of the world. */
    enum umsi_status (*undo)(struct world *w);
    uint32_t online;  /* CPUs; 0: all */
    bool cannot_fail; /* run() takes away: it always completes */
    bool bare;        /* set_up() starts from a machine without the library */
    uint32_t nr_its;  /* 0: 1 */
    bool redo;        /* an error leaves it half done, and it is to be called again */
};

extern const struct op ops[];
extern const unsigned nr_ops;

#endif /* FAIL_OPS_H */
