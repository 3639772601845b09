/* SPDX-License-Identifier: MIT */
/*
 * The devicetree: the machine as umsi reads it, and the few things the kernel wants besides.
 */
#ifndef DEMO_DEVICETREE_H
#define DEMO_DEVICETREE_H

#include <stdbool.h>
#include <stdint.h>

#include <umsi/fw/platform.h>

#include "memory.h"
#include "stress/stress.h"

struct devicetree {
    uint64_t phys, size;
    struct umsi_platform hw;
    struct umsi_range
        reserved[MEMORY_MAX_RESERVED]; /* of its memory: firmware, and the tree itself */
    unsigned nr_reserved;
    bool verbose, scenarios;   /* words of /chosen/bootargs */
    bool power;                /* one more */
    uint32_t measure;          /* measure=TIMES */
    struct stress_plan stress; /* stress=SECONDS seed=NUMBER */
};

/* Read it at `phys` (0: there is none), and use the console it names. False: why was noted. */
bool devicetree_read(uint64_t phys, struct devicetree *out);

#endif /* DEMO_DEVICETREE_H */
