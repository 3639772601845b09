/* SPDX-License-Identifier: MIT */
/*
 * Managed vectors are shut down while no CPU of their share is a target (L53): masked, and held back, so that what
 * was on its way, or comes all the same, is remembered on whatever CPU they were moved to. Nothing is unmapped, so
 * restarting cannot fail for want of anything.
 */
#include "irq.h"

void umsi_irq_shut(struct umsi_irq *irq)
{
    struct umsi *u = irq->domain->umsi;
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    umsi_irq_set_bits(irq, UMSI_IRQ_SHUT);
    umsi_irq_mask_locked(irq);
    umsi_lock_drop(u, &irq->domain->lock, s);
}

void umsi_move_arrived(struct umsi_irq *irq)
{
    struct umsi *u = irq->domain->umsi;
    if ((umsi_irq_state(irq) & UMSI_IRQ_SHUT) == 0 || !umsi_cpuset_has(u, irq, umsi_irq_cpu(irq))) {
        return;
    }
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    umsi_irq_clear_bits(irq, UMSI_IRQ_SHUT);
    const bool replay = umsi_irq_open_locked(irq);
    umsi_lock_drop(u, &irq->domain->lock, s);
    if (replay) {
        umsi_irq_replay(u, irq);
    }
}
