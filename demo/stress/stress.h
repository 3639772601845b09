/* SPDX-License-Identifier: MIT */
/*
 * All CPUs at once: I/O by interrupt, moves, CPUs that go and come back, functions bound and unbound. In pieces of
 * work that a CPU runs one after the other, each to its end; which, and how, a dice with a seed says.
 */
#ifndef DEMO_STRESS_H
#define DEMO_STRESS_H

#include <umsi/fw/platform.h>

struct stress_plan {
    uint32_t seconds; /* 0: no stress */
    uint64_t seed;
};

/* What goes wrong first was noted for the last line. */
void stress_work(struct umsi *u, const struct umsi_platform *hw, const struct stress_plan *plan);

#endif /* DEMO_STRESS_H */
