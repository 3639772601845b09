/* SPDX-License-Identifier: MIT */
/* Dividing CPUs into shares, one for each vector. */
#include <umsi/cpu.h>

#include "memfn.h"

static bool has(const struct umsi_cpumask *cpus, umsi_cpu cpu)
{
    return cpus == NULL || umsi_cpumask_test(cpus, cpu);
}

static uint32_t count(const struct umsi_cpumask *cpus, uint32_t nr_cpus)
{
    uint32_t n = 0;
    for (umsi_cpu cpu = 0; cpu < nr_cpus; cpu++) {
        n += has(cpus, cpu);
    }
    return n;
}

/* The CPUs from the `first`-th to the `end`-th, which is not among them. */
static void take(const struct umsi_cpumask *cpus, uint32_t nr_cpus, uint32_t first, uint32_t end,
                 struct umsi_cpumask *out)
{
    uint32_t nth = 0;
    memset(out, 0, sizeof(*out));
    for (umsi_cpu cpu = 0; cpu < nr_cpus && nth < end; cpu++) {
        if (has(cpus, cpu) && nth++ >= first) {
            umsi_cpumask_set(out, cpu);
        }
    }
}

bool umsi_spread(uint32_t n, uint32_t i, const struct umsi_cpumask *cpus, uint32_t nr_cpus,
                 struct umsi_cpumask *out)
{
    const uint32_t all = nr_cpus < UMSI_MAX_CPUS ? nr_cpus : UMSI_MAX_CPUS;
    const uint32_t there = count(cpus, all);
    if (i >= n || there == 0) {
        return false;
    }
    if (n >= there) {
        take(cpus, all, i % there, i % there + 1, out);
        return true;
    }
    /* The first `more` shares have one CPU more than the others. */
    const uint32_t size = there / n, more = there % n;
    const uint32_t first = i * size + (i < more ? i : more);
    take(cpus, all, first, first + size + (i < more), out);
    return true;
}
