/* SPDX-License-Identifier: MIT */
/*
 * What only one CPU can do is left to it, and it is kicked: opening a new place of an interrupt, looking whether an
 * old one is empty (L54), and whatever a level asked for. It is done in umsi_cpu_service(), so nobody waits for
 * another CPU with interrupts off.
 */
#include "irq.h"

static void kick(struct umsi *u, umsi_cpu cpu)
{
    if (u->port.cpu_kick != NULL) {
        u->port.cpu_kick(u->port.ctx, cpu);
    }
}

/* ---- the lists ---- */

void umsi_move_leave_to(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu, uint32_t why)
{
    struct umsi_percpu *pc = &u->percpu[cpu];
    umsi_irqstate s = umsi_lock_take(u, &pc->lock);
    __atomic_add_fetch(&pc->nr_moves, 1, __ATOMIC_RELAXED);
    umsi_irq_set_bits(irq, why);
    irq->move_next = pc->moves;
    pc->moves = irq->virq;
    umsi_lock_drop(u, &pc->lock, s);
    kick(u, cpu);
}

/* Locked. */
static bool unlink_from(struct umsi *u, umsi_virq *list, const struct umsi_irq *irq)
{
    while (*list != UMSI_NO_VIRQ && *list != irq->virq) {
        list = &umsi_irq_at(u, *list)->move_next;
    }
    if (*list == UMSI_NO_VIRQ) {
        return false;
    }
    *list = irq->move_next;
    return true;
}

bool umsi_move_take_back(struct umsi *u, struct umsi_irq *irq)
{
    bool found = false;
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus && !found; cpu++) {
        struct umsi_percpu *pc = &u->percpu[cpu];
        if (__atomic_load_n(&pc->nr_moves, __ATOMIC_RELAXED) == 0) {
            continue;
        }
        umsi_irqstate s = umsi_lock_take(u, &pc->lock);
        found = unlink_from(u, &pc->moves, irq) || unlink_from(u, &pc->later, irq);
        umsi_lock_drop(u, &pc->lock, s);
        if (found) {
            __atomic_sub_fetch(&pc->nr_moves, 1, __ATOMIC_RELEASE);
        }
    }
    return found;
}

static struct umsi_irq *next_move(struct umsi *u, struct umsi_percpu *pc)
{
    umsi_irqstate s = umsi_lock_take(u, &pc->lock);
    struct umsi_irq *irq = umsi_irq_at(u, pc->moves);
    if (irq != NULL) {
        pc->moves = irq->move_next;
    }
    umsi_lock_drop(u, &pc->lock, s);
    return irq;
}

static void put_off(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq)
{
    umsi_irqstate s = umsi_lock_take(u, &pc->lock);
    irq->move_next = pc->later;
    pc->later = irq->virq;
    umsi_lock_drop(u, &pc->lock, s);
}

/* What was put off is looked at again, after the interrupts that are pending now. */
static void look_later(struct umsi *u, struct umsi_percpu *pc, umsi_cpu cpu)
{
    umsi_irqstate s = umsi_lock_take(u, &pc->lock);
    const bool any = pc->later != UMSI_NO_VIRQ;
    umsi_virq *end = &pc->moves;
    while (any && *end != UMSI_NO_VIRQ) {
        end = &umsi_irq_at(u, *end)->move_next;
    }
    if (any) {
        *end = pc->later;
        pc->later = UMSI_NO_VIRQ;
    }
    umsi_lock_drop(u, &pc->lock, s);
    if (any) {
        kick(u, cpu);
    }
}

/* ---- on the CPU ---- */

/* Who frees it waits for SETTLING to go: nothing of it is touched after. */
static bool settle(struct umsi_irq *irq)
{
    struct umsi_domain *d = umsi_mover(irq);
    const bool clean = d->ops->settle(d, irq);
    if (clean) {
        umsi_irq_clear_bits(irq, UMSI_IRQ_SETTLING);
    }
    return clean;
}

static void work_on(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq, umsi_cpu cpu)
{
    if (umsi_irq_state(irq) & UMSI_IRQ_OPENING) {
        umsi_move_open(u, irq, cpu);
    } else if (!settle(irq)) {
        put_off(u, pc, irq);
        return;
    }
    __atomic_sub_fetch(&pc->nr_moves, 1, __ATOMIC_RELEASE);
}

static void ask_all(struct umsi *u, umsi_cpu cpu)
{
    struct umsi_domain *d = __atomic_load_n(&u->workers, __ATOMIC_ACQUIRE);
    for (; d != NULL; d = __atomic_load_n(&d->work_next, __ATOMIC_ACQUIRE)) {
        d->ops->cpu_work(d, cpu);
    }
}

void umsi_moves_service(struct umsi *u)
{
    const umsi_cpu cpu = umsi_cpu_self(u);
    struct umsi_percpu *pc = &u->percpu[cpu];
    struct umsi_irq *irq;
    umsi_enter(u);
    if (__atomic_exchange_n(&pc->asked, 0, __ATOMIC_ACQ_REL) != 0) {
        ask_all(u, cpu);
    }
    while (UMSI_WITH_MOVES && __atomic_load_n(&pc->nr_moves, __ATOMIC_ACQUIRE) != 0 &&
           (irq = next_move(u, pc)) != NULL) {
        work_on(u, pc, irq, cpu);
    }
    umsi_leave(u);
    if (UMSI_WITH_MOVES) {
        look_later(u, pc, cpu);
    }
}

void umsi_cpu_ask(struct umsi *u, umsi_cpu cpu)
{
    if (cpu < u->port.nr_cpus) {
        __atomic_store_n(&u->percpu[cpu].asked, 1, __ATOMIC_RELEASE);
        kick(u, cpu);
    }
}
