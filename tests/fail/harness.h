/* SPDX-License-Identifier: MIT */
/* Making one operation fail at one place. */
#ifndef FAIL_HARNESS_H
#define FAIL_HARNESS_H

#include "ops.h"
#include "pools.h"

/* The Nth of a kind of thing that an operation needs; and how little memory is left in umsi's pools before it. */
struct place {
    const struct op *op;
    enum where where;
    enum model_fail what;
    uint64_t nth;
    bool alone;   /* nothing else is live */
    bool squeeze; /* every pool is full but for `spare` objects: the next one wants a page */
    uint32_t spare;
};

struct stage {
    struct world world;
    struct pools pools;
};

void stage_begin(struct stage *s, const struct place *p);
void stage_end(struct stage *s);
/* For cmocka: after a test that failed, say where. */
int stage_teardown(void **state);
/* Run the operation with the failure ordered; what it says is judged. True: the place was reached. */
bool stage_strike(struct stage *s, const struct place *p, enum umsi_status *out_st);
/* Now it must succeed, and everything that is live must work; then back. */
void stage_succeed(struct stage *s, const struct place *p);
void stage_fire(struct stage *s);
void place_say(const struct place *p, const char *problem);

#endif /* FAIL_HARNESS_H */
