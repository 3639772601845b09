/* SPDX-License-Identifier: MIT */
/*
 * Masking. The outermost level masks at the device. Where it cannot, the mask is the state word alone: an
 * arrival is remembered, and only a storm costs a write at the level below.
 */
#include "irq.h"

static const struct umsi_chip *outer_chip(const struct umsi_irq *irq)
{
    return irq->domain->chip;
}

void umsi_irq_mask_locked(struct umsi_irq *irq)
{
    if (umsi_irq_state(irq) & UMSI_IRQ_MASKED) {
        return;
    }
    umsi_irq_set_bits(irq, UMSI_IRQ_MASKED);
    if (outer_chip(irq)->mask != NULL) {
        outer_chip(irq)->mask(irq->domain, irq);
    }
}

/* The nearest level below the outermost that can mask; NULL: none. */
static struct umsi_domain *inner_masker(const struct umsi_irq *irq)
{
    struct umsi_domain *d = irq->domain->parent;
    while (d != NULL && (d->chip == NULL || d->chip->mask == NULL)) {
        d = d->parent;
    }
    return d;
}

void umsi_irq_unmask_locked(struct umsi_irq *irq)
{
    uint32_t state = umsi_irq_state(irq);
    irq->held = 0;
    if (state & UMSI_IRQ_CUT) {
        struct umsi_domain *d = inner_masker(irq);
        umsi_irq_clear_bits(irq, UMSI_IRQ_CUT);
        d->chip->unmask(d, irq);
    }
    if (state & UMSI_IRQ_MASKED) {
        umsi_irq_clear_bits(irq, UMSI_IRQ_MASKED);
        if (outer_chip(irq)->unmask != NULL) {
            outer_chip(irq)->unmask(irq->domain, irq);
        }
    }
}

static void cut_off(struct umsi *u, struct umsi_irq *irq)
{
    struct umsi_domain *d = inner_masker(irq);
    if (d == NULL || (umsi_irq_state(irq) & UMSI_IRQ_CUT)) {
        return;
    }
    umsi_irq_set_bits(irq, UMSI_IRQ_CUT);
    umsi_count_cut(u);
    d->chip->mask(d, irq);
    umsi_log(u, UMSI_LOG_WARN, "%s: vector %u storms while masked: silenced at %s",
             irq->domain->name, irq->index, d->name);
}

/* Too many held back within a second? A vector that is disabled for long may see many, slowly. */
static bool storms(struct umsi *u, struct umsi_irq *irq)
{
    const uint32_t now = (uint32_t)(umsi_now(u) >> 10); /* of 1024 us: no division */
    if (irq->held == 0 || now - irq->held_at >= 1000000 / 1024) {
        irq->held = 0;
        irq->held_at = now;
    }
    return ++irq->held >= UMSI_STORM;
}

void umsi_irq_hold(struct umsi *u, struct umsi_irq *irq)
{
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    uint32_t state = umsi_irq_state(irq);
    bool open = (state & (UMSI_IRQ_HANDLER | UMSI_IRQ_HELD)) == UMSI_IRQ_HANDLER;
    if (!open && (state & UMSI_IRQ_LIVE)) {
        if (state & UMSI_IRQ_LEVEL) {
            umsi_irq_mask_locked(irq);
        }
        if (storms(u, irq)) {
            cut_off(u, irq);
        }
    }
    umsi_lock_drop(u, &irq->domain->lock, s);
}
