/* SPDX-License-Identifier: MIT */
/* Which CPU takes an interrupt: choosing one, and moving. */
#include "irq.h"

/* Online, and every level can send there: a CPU takes SGIs before it takes LPIs (L26, L27). */
static bool is_target(const struct umsi *u, struct umsi_domain *d, umsi_cpu cpu)
{
    uint64_t online = __atomic_load_n(&u->online.bits[cpu / 64], __ATOMIC_ACQUIRE);
    bool ok = ((online >> (cpu % 64)) & 1) != 0;
    for (; d != NULL && ok; d = d->parent) {
        ok = d->msi == NULL || d->msi->can_target == NULL || d->msi->can_target(d, cpu);
    }
    return ok;
}

umsi_cpu umsi_pick_cpu(struct umsi_domain *d, const struct umsi_cpumask *set, umsi_cpu from)
{
    const struct umsi *u = d->umsi;
    uint32_t n = u->port.nr_cpus;
    for (uint32_t i = 0; i < n; i++) {
        umsi_cpu cpu = (from + i) % n;
        if ((set == NULL || umsi_cpumask_test(set, cpu)) && is_target(u, d, cpu)) {
            return cpu;
        }
    }
    return UMSI_NO_CPU;
}

/* A message that changes with the target would have to be written again, which a move does not do (L46, L47). */
static bool message_moves(const struct umsi_irq *irq)
{
    const struct umsi_domain *parent = irq->domain->parent;
    return parent != NULL && parent->msi != NULL && parent->msi->message != UMSI_MESSAGE_IMMUTABLE;
}

/* The outermost level that can move it; NULL: its target is fixed. */
static struct umsi_domain *mover(const struct umsi_irq *irq)
{
    struct umsi_domain *d = message_moves(irq) ? NULL : irq->domain;
    while (d != NULL && d->ops->set_affinity == NULL) {
        d = d->parent;
    }
    return d;
}

static enum umsi_status move(struct umsi_irq *irq, umsi_cpu cpu)
{
    struct umsi_domain *d = mover(irq);
    struct umsi_batch b = { 0 };
    if (d == NULL) {
        return UMSI_UNSUPPORTED;
    }
    enum umsi_status st = d->ops->set_affinity(d, &irq, 1, cpu, &b);
    enum umsi_status committed = umsi_batch_commit(&b); /* whatever got into it must come out */
    st = st == UMSI_OK ? committed : st;
    if (st == UMSI_OK) {
        __atomic_store_n(&irq->cpu, cpu, __ATOMIC_RELEASE);
    }
    return st;
}

/* Become the one that moves it. Who frees it takes the same bit, and keeps it. */
static enum umsi_status start_move(struct umsi_irq *irq)
{
    uint32_t old = umsi_irq_state(irq);
    do {
        if ((old & (UMSI_IRQ_LIVE | UMSI_IRQ_SPARE)) != UMSI_IRQ_LIVE) {
            return UMSI_NOTFOUND;
        }
        if (old & UMSI_IRQ_MOVING) {
            return UMSI_BUSY;
        }
    } while (!__atomic_compare_exchange_n(&irq->state, &old, old | UMSI_IRQ_MOVING, true,
                                          __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    return UMSI_OK;
}

enum umsi_status umsi_irq_set_affinity(struct umsi *u, umsi_virq virq,
                                       const struct umsi_cpumask *cpus)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    if (irq == NULL) {
        return UMSI_NOTFOUND;
    }
    if (umsi_irq_state(irq) & UMSI_IRQ_PERCPU) {
        return UMSI_UNSUPPORTED;
    }
    enum umsi_status st = start_move(irq);
    if (st != UMSI_OK) {
        return st;
    }
    umsi_cpu now = irq->cpu;
    umsi_cpu cpu = umsi_pick_cpu(irq->domain, cpus, now == UMSI_NO_CPU ? 0 : now);
    if (cpu == UMSI_NO_CPU) {
        st = UMSI_INVALID;
    } else if (cpu != now) { /* else nothing is sent (L34) */
        st = move(irq, cpu);
    }
    umsi_irq_clear_bits(irq, UMSI_IRQ_MOVING);
    return st;
}

umsi_cpu umsi_irq_get_cpu(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    return irq == NULL ? UMSI_NO_CPU : __atomic_load_n(&irq->cpu, __ATOMIC_ACQUIRE);
}

void umsi_irq_stop_moves(struct umsi *u, struct umsi_irq *irq)
{
    while (__atomic_fetch_or(&irq->state, UMSI_IRQ_MOVING, __ATOMIC_ACQ_REL) & UMSI_IRQ_MOVING) {
        umsi_relax(u);
    }
}
