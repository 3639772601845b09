/* SPDX-License-Identifier: MIT */
/*
 * Choosing a CPU. Each CPU has a count of the vectors that go to it; among those that may be chosen the one with
 * the fewest is. The counts are only for this: they may lag behind, and nothing else relies on them.
 */
#include "irq.h"

/* Takes interrupts, and is not about to leave. */
static bool is_there(const struct umsi *u, umsi_cpu cpu)
{
    const uint64_t online = __atomic_load_n(&u->online.bits[cpu / 64], __ATOMIC_ACQUIRE);
    const uint64_t left = __atomic_load_n(&u->left.bits[cpu / 64], __ATOMIC_RELAXED);
    return ((online & ~left) >> (cpu % 64) & 1) != 0;
}

bool umsi_is_target(struct umsi_domain *d, umsi_cpu cpu)
{
    bool ok = cpu < d->umsi->port.nr_cpus && is_there(d->umsi, cpu);
    for (; d != NULL && ok; d = d->parent) {
        ok = d->msi == NULL || d->msi->can_target == NULL || d->msi->can_target(d, cpu);
    }
    return ok;
}

static uint32_t load_of(const struct umsi *u, umsi_cpu cpu)
{
    return __atomic_load_n(&u->percpu[cpu].targets, __ATOMIC_RELAXED);
}

umsi_cpu umsi_pick_next(struct umsi_domain *d, const struct umsi_cpumask *set, umsi_cpu from)
{
    const uint32_t n = d->umsi->port.nr_cpus;
    for (uint32_t i = 0; i < n; i++) {
        const umsi_cpu cpu = (from + i) % n;
        if ((set == NULL || umsi_cpumask_test(set, cpu)) && umsi_is_target(d, cpu)) {
            return cpu;
        }
    }
    return UMSI_NO_CPU;
}

umsi_cpu umsi_pick_cpu(struct umsi_domain *d, const struct umsi_cpumask *set, umsi_cpu from)
{
    const struct umsi *u = d->umsi;
    const uint32_t n = u->port.nr_cpus;
    umsi_cpu best = UMSI_NO_CPU;
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < n && least != 0; i++) {
        const umsi_cpu cpu = from + i < n ? from + i : from + i - n;
        const uint32_t load = load_of(u, cpu);
        if (load < least && (set == NULL || umsi_cpumask_test(set, cpu)) &&
            umsi_is_target(d, cpu)) {
            best = cpu;
            least = load;
        }
    }
    return best;
}

void umsi_target_count(struct umsi *u, umsi_cpu cpu, uint32_t more)
{
    if (cpu < u->port.nr_cpus) {
        __atomic_add_fetch(&u->percpu[cpu].targets, more, __ATOMIC_RELAXED);
    }
}

void umsi_irq_set_target(struct umsi_irq *irq, umsi_cpu cpu)
{
    struct umsi *u = irq->domain->umsi;
    if ((umsi_irq_state(irq) & UMSI_IRQ_COUNTED) != 0) {
        umsi_target_count(u, umsi_irq_cpu(irq), UINT32_MAX); /* one less */
        umsi_target_count(u, cpu, 1);
    }
    __atomic_store_n(&irq->cpu, cpu, __ATOMIC_RELEASE);
}

/* Where it is counted; UMSI_NO_CPU: nowhere. */
static umsi_cpu counted(const struct umsi_irq *irq)
{
    return umsi_irq_state(irq) & UMSI_IRQ_COUNTED ? umsi_irq_cpu(irq) : UMSI_NO_CPU;
}

/* Vectors of one call mostly go to one CPU: one addition for each run of them. */
static void count_all(struct umsi *u, struct umsi_irq *const *v, uint32_t n, uint32_t sign)
{
    for (uint32_t i = 0, run; i < n; i += run) {
        const umsi_cpu cpu = counted(v[i]);
        for (run = 1; i + run < n && counted(v[i + run]) == cpu;) {
            run++;
        }
        umsi_target_count(u, cpu, run * sign);
    }
}

void umsi_targets_add(struct umsi *u, struct umsi_irq *const *v, uint32_t n)
{
    count_all(u, v, n, 1);
}

void umsi_targets_remove(struct umsi *u, struct umsi_irq *const *v, uint32_t n)
{
    count_all(u, v, n, UINT32_MAX);
}
