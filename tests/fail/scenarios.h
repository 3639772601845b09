/* SPDX-License-Identifier: MIT */
/*
 * The scenarios of tests/scenario with a failure in each place. A scenario then says what it likes, but when it has
 * ended all is as before; and the same scenario passes the next time. The first places are all tried, later ones at
 * growing distances; UMSI_EVERY_PLACE in the environment tries each. There is a program for each kind of machine, so
 * that they run side by side.
 */
#ifndef FAIL_SCENARIOS_H
#define FAIL_SCENARIOS_H

#include "world.h"

/* Every scenario, every place where that can fail. */
void scenarios_fail(enum model_fail what, enum where where);
/* Each once, without failures, on a fixed arena of that size. */
void scenarios_on_arena(size_t size, enum where where);
/* For cmocka: after a test that failed, say where. */
int scenarios_tell(void **state);

/* A test of that name: one kind of failure on one machine. */
#define SCENARIOS_FAIL(name, what, where)                                                          \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        scenarios_fail(what, where);                                                               \
    }
#define SCENARIOS_TEST(name) cmocka_unit_test_teardown(name, scenarios_tell)

#endif /* FAIL_SCENARIOS_H */
