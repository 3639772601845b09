/* SPDX-License-Identifier: MIT */
/*
 * How often a handler ran, by CPU. Runs by the long way are counted behind the descriptor, each CPU's by itself; those
 * by the short way beside the state, in `home_runs`, and go to the others when the home changes. Nobody else writes
 * meanwhile: who changes the home holds RUNNING, and the home does not run it.
 *
 * Readers take no lock. They look at `home_runs` last, and it is emptied before its number is added, so what moves may
 * be missed for a moment, and is never seen twice; of one CPU only when its home leaves and returns between two looks.
 */
#include "irq.h"

static uint32_t *counts(const struct umsi_irq *irq)
{
    return (uint32_t *)(uintptr_t)(irq + 1);
}

static void add(const struct umsi_irq *irq, umsi_cpu cpu, uint32_t n)
{
    uint32_t *count = &counts(irq)[cpu];
    __atomic_store_n(count, *count + n, __ATOMIC_RELEASE);
}

void umsi_irq_count_run(struct umsi_irq *irq, umsi_cpu cpu)
{
    add(irq, cpu, 1);
}

void umsi_irq_set_home(struct umsi_irq *irq, umsi_cpu cpu)
{
    const umsi_cpu was = irq->home;
    const uint32_t n = irq->home_runs;
    if (was == cpu) {
        return;
    }
    __atomic_store_n(&irq->home_runs, 0, __ATOMIC_RELAXED);
    if (n != 0) {
        add(irq, was, n);
    }
    __atomic_store_n(&irq->home, cpu, __ATOMIC_RELEASE); /* it has run nothing there yet */
}

void umsi_irq_clear_runs(const struct umsi *u, struct umsi_irq *irq)
{
    __atomic_store_n(&irq->home_runs, 0, __ATOMIC_RELAXED);
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        __atomic_store_n(&counts(irq)[cpu], 0, __ATOMIC_RELAXED);
    }
}

static uint32_t at_home(const struct umsi_irq *irq)
{
    return __atomic_load_n(&irq->home_runs, __ATOMIC_ACQUIRE);
}

static umsi_cpu home_of(const struct umsi_irq *irq)
{
    return __atomic_load_n(&irq->home, __ATOMIC_ACQUIRE);
}

uint32_t umsi_irq_runs_on(const struct umsi_irq *irq, umsi_cpu cpu)
{
    const uint32_t n = __atomic_load_n(&counts(irq)[cpu], __ATOMIC_ACQUIRE);
    if (home_of(irq) != cpu) {
        return n;
    }
    const uint32_t more = at_home(irq);
    return home_of(irq) == cpu ? n + more : n; /* else those are another's */
}

uint64_t umsi_irq_runs(const struct umsi *u, const struct umsi_irq *irq)
{
    uint64_t sum = 0;
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        sum += __atomic_load_n(&counts(irq)[cpu], __ATOMIC_ACQUIRE);
    }
    return sum + at_home(irq);
}
