/* SPDX-License-Identifier: MIT */
/*
 * Moving one interrupt. Idle, moving, settling:
 *
 *   idle -> moving      somebody took MOVING: set_affinity told the controller of the new CPU
 *   moving -> idle      the controller moves the interrupt behind a message that stays: done with the commit
 *   moving -> settling  the message changes: the new place is there, the device has its message, and the old place
 *                       is kept for what was sent before (L54)
 *   settling -> idle    the old CPU looked, and nothing can arrive on the old place any more
 *
 * A new place that its CPU must open first waits in between: MOVING and OPENING. Nobody waits for another CPU here:
 * what it has to do is left to it (service.c).
 */
#include "irq.h"

/* ---- who owns target and place ---- */

enum umsi_status umsi_move_claim(struct umsi_irq *irq)
{
    uint32_t old = umsi_irq_state(irq);
    do {
        if ((old & UMSI_IRQ_LIVE) == 0) {
            return UMSI_NOTFOUND;
        }
        if (old & (UMSI_IRQ_OPENING | UMSI_IRQ_SETTLING)) {
            return UMSI_DEFERRED;
        }
        if (old & UMSI_IRQ_MOVING) {
            return UMSI_BUSY;
        }
    } while (!__atomic_compare_exchange_n(&irq->state, &old, old | UMSI_IRQ_MOVING, true,
                                          __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* with umsi_cpu_leave()'s */
    return UMSI_OK;
}

void umsi_move_release(struct umsi_irq *irq)
{
    umsi_irq_clear_bits(irq, UMSI_IRQ_MOVING);
}

static void revert(struct umsi_irq *irq)
{
    struct umsi_domain *d = umsi_mover(irq);
    if (d->ops->revert != NULL) {
        d->ops->revert(d, irq);
    }
}

/* True: MOVING is ours. What waits for its new CPU stays where it is. */
static bool take_over(struct umsi *u, struct umsi_irq *irq)
{
    const uint32_t was = __atomic_fetch_or(&irq->state, UMSI_IRQ_MOVING, __ATOMIC_ACQ_REL);
    if ((was & UMSI_IRQ_MOVING) == 0) {
        return true;
    }
    if (!UMSI_WITH_MOVES || (was & UMSI_IRQ_OPENING) == 0 || !umsi_move_take_back(u, irq)) {
        return false;
    }
    umsi_irq_clear_bits(irq, UMSI_IRQ_OPENING);
    revert(irq);
    return true;
}

void umsi_irq_stop_moves(struct umsi *u, struct umsi_irq *irq)
{
    while (!take_over(u, irq)) {
        umsi_relax(u);
    }
    /* An old place that nobody has looked at yet goes back with the new one; a CPU that looks now finishes. */
    while (UMSI_WITH_MOVES && (umsi_irq_state(irq) & UMSI_IRQ_SETTLING)) {
        if (umsi_move_take_back(u, irq)) {
            umsi_irq_clear_bits(irq, UMSI_IRQ_SETTLING);
        } else {
            umsi_relax(u);
        }
    }
}

/* ---- behind a message that stays ---- */

struct umsi_domain *umsi_mover(const struct umsi_irq *irq)
{
    struct umsi_domain *d = irq->domain;
    while (d != NULL && d->ops->set_affinity == NULL) {
        d = d->parent;
    }
    return d;
}

/* A batch that failed may have moved it or not, and is shown to the level once more (see set_affinity). */
static enum umsi_status tell(struct umsi_domain *d, struct umsi_irq *irq, umsi_cpu cpu)
{
    struct umsi_batch b = { 0 };
    const enum umsi_status st = d->ops->set_affinity(d, &irq, 1, cpu, &b);
    const enum umsi_status committed = umsi_batch_commit(&b); /* what got into it must come out */
    if ((st == UMSI_OK || st == UMSI_DEFERRED) && committed == UMSI_TIMEOUT) {
        (void)d->ops->set_affinity(d, &irq, 1, cpu, &b);
    }
    return committed != UMSI_OK && (st == UMSI_OK || st == UMSI_DEFERRED) ? committed : st;
}

/* ---- with its message ---- */

bool umsi_moves_message(const struct umsi_irq *irq)
{
    const struct umsi_domain *parent = irq->domain->parent;
    return parent != NULL && parent->msi != NULL && parent->msi->message == UMSI_MESSAGE_MOVES;
}

/* The new place is usable: give the device its message, and leave the old place to the old CPU. */
static enum umsi_status use_new_place(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu)
{
    const umsi_cpu old = umsi_irq_cpu(irq);
    struct umsi_domain *d = irq->domain;
    umsi_irqstate s = umsi_lock_take(u, &d->lock);
    const enum umsi_status st = d->ops->rewrite(d, irq);
    umsi_lock_drop(u, &d->lock, s);
    if (st != UMSI_OK) {
        revert(irq);
        return st;
    }
    umsi_irq_set_target(irq, cpu);
    if (umsi_mover(irq)->ops->settle != NULL && old != UMSI_NO_CPU) {
        umsi_move_leave_to(u, irq, old, UMSI_IRQ_SETTLING);
    }
    return UMSI_OK;
}

void umsi_move_open(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu)
{
    struct umsi_domain *d = umsi_mover(irq);
    umsi_irq_clear_bits(irq,
                        UMSI_IRQ_OPENING); /* no longer on a list; it may get on one to settle */
    if (d->ops->cpu_work != NULL) {
        d->ops->cpu_work(d, cpu);
    }
    const enum umsi_status st = use_new_place(u, irq, cpu);
    umsi_move_arrived(irq); /* also where it was: what was shut down for the move is not any more */
    if (st != UMSI_OK) {
        umsi_log(u, UMSI_LOG_ERROR, "%s: vector %u stays on CPU %u: %s", irq->domain->name,
                 irq->index, umsi_irq_cpu(irq), umsi_status_string(st));
    }
    umsi_move_release(irq);
}

static enum umsi_status move_message(struct umsi *u, struct umsi_domain *d, struct umsi_irq *irq,
                                     umsi_cpu cpu)
{
    if (irq->domain->ops->rewrite == NULL || (u->port.cpu_kick == NULL && u->port.nr_cpus > 1)) {
        return UMSI_UNSUPPORTED;
    }
    const enum umsi_status st = tell(d, irq, cpu);
    if (st == UMSI_DEFERRED) {
        umsi_move_leave_to(u, irq, cpu, UMSI_IRQ_OPENING); /* the last we know of it */
    }
    return st == UMSI_OK ? use_new_place(u, irq, cpu) : st;
}

/* ---- either ---- */

enum umsi_status umsi_move(struct umsi_irq *irq, umsi_cpu cpu)
{
    struct umsi_domain *d = umsi_mover(irq);
    if (d == NULL) {
        return UMSI_UNSUPPORTED;
    }
    enum umsi_status st;
    if (umsi_moves_message(irq)) {
        st = move_message(d->umsi, d, irq, cpu);
    } else {
        st = tell(d, irq, cpu);
        if (st == UMSI_OK) {
            umsi_irq_set_target(irq, cpu);
        }
    }
    if (st == UMSI_OK) {
        umsi_move_arrived(irq);
    }
    return st;
}
