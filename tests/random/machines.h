/* SPDX-License-Identifier: MIT */
/* The machines that random sequences of calls run on, each as chance has it. */
#ifndef RANDOM_MACHINES_H
#define RANDOM_MACHINES_H

#include "reference.h"

#define MACHINES 3u
#define NR_CPUS  4u

extern const struct machine {
    const char *name;
    void (*make)(struct world_config *c);
} machines[MACHINES];

/* The run's dice. */
uint32_t below(uint32_t n);
bool one_in(uint32_t n);

#endif /* RANDOM_MACHINES_H */
