/* SPDX-License-Identifier: MIT */
/* Affinity as drivers and kernels see it: the wanted set, and the CPU that takes the interrupt now. */
#include "irq.h"

#define SETTLE_US 100000u

/* One that settles is waited for: its CPUs do that from their interrupts. */
static enum umsi_status claim(struct umsi *u, struct umsi_irq *irq)
{
    const uint64_t start = umsi_now(u);
    enum umsi_status st;
    while ((st = umsi_move_claim(irq)) == UMSI_DEFERRED) {
        if (umsi_now(u) - start > SETTLE_US) {
            return UMSI_BUSY;
        }
        umsi_relax(u);
    }
    return st;
}

/* The target stays when the set has it. */
static umsi_cpu choose(struct umsi_irq *irq, const struct umsi_cpumask *cpus)
{
    const umsi_cpu now = umsi_irq_cpu(irq);
    if ((cpus == NULL || umsi_cpumask_test(cpus, now)) && umsi_is_target(irq->domain, now)) {
        return now;
    }
    return umsi_pick_cpu(irq->domain, cpus, now == UMSI_NO_CPU ? 0 : now);
}

/* Claimed. DEFERRED: it is not ours any more, and may be gone. */
static enum umsi_status set_affinity(struct umsi *u, struct umsi_irq *irq,
                                     const struct umsi_cpumask *cpus)
{
    const umsi_cpu cpu = choose(irq, cpus);
    uint16_t wanted;
    if (cpu == UMSI_NO_CPU) {
        return UMSI_INVALID;
    }
    enum umsi_status st = umsi_cpuset_get(u, cpus, &wanted);
    if (st != UMSI_OK) {
        return st;
    }
    const uint16_t was = umsi_cpuset_swap(u, irq, wanted);
    if (cpu != umsi_irq_cpu(irq)) { /* else nothing is sent (L34) */
        st = umsi_move(irq, cpu);
    }
    const bool done = st == UMSI_OK || st == UMSI_DEFERRED;
    umsi_cpuset_put(u, done ? was : umsi_cpuset_swap(u, irq, was));
    return st;
}

enum umsi_status umsi_irq_set_affinity(struct umsi *u, umsi_virq virq,
                                       const struct umsi_cpumask *cpus)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    if (irq == NULL) {
        return UMSI_NOTFOUND;
    }
    enum umsi_status st = claim(u, irq);
    if (st != UMSI_OK) {
        return st;
    }
    /* Claimed, it is nobody else's next meanwhile. */
    const bool fixed =
        !UMSI_WITH_MOVES || (umsi_irq_state(irq) & (UMSI_IRQ_PERCPU | UMSI_IRQ_MANAGED)) != 0;
    st = fixed ? UMSI_UNSUPPORTED : set_affinity(u, irq, cpus);
    if (st == UMSI_DEFERRED) {
        return UMSI_OK; /* its new CPU goes on with it */
    }
    umsi_move_release(irq);
    return st;
}

umsi_cpu umsi_irq_get_cpu(struct umsi *u, umsi_virq virq)
{
    const struct umsi_irq *irq = umsi_irq_find(u, virq);
    return irq == NULL || (umsi_irq_state(irq) & UMSI_IRQ_SHUT) ? UMSI_NO_CPU : umsi_irq_cpu(irq);
}

enum umsi_status umsi_irq_get_wanted(struct umsi *u, umsi_virq virq, struct umsi_cpumask *out)
{
    const struct umsi_irq *irq = umsi_irq_find(u, virq);
    if (irq == NULL || !UMSI_WITH_MOVES) {
        return irq == NULL ? UMSI_NOTFOUND : UMSI_UNSUPPORTED;
    }
    umsi_cpuset_read(u, irq, out);
    return UMSI_OK;
}

/* ---- what levels may ask ---- */

bool umsi_irq_is_maskable(const struct umsi_irq *irq)
{
    return irq->domain->chip->mask != NULL;
}

bool umsi_irq_managed(const struct umsi_irq *irq, struct umsi_cpumask *out)
{
    if (!UMSI_WITH_MOVES || (umsi_irq_state(irq) & UMSI_IRQ_MANAGED) == 0) {
        return false;
    }
    umsi_cpuset_read(irq->domain->umsi, irq, out);
    return true;
}
