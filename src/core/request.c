/* SPDX-License-Identifier: MIT */
/* Handlers come and go; the driver's own nested switch. */
#include "irq.h"

bool umsi_irq_open_locked(struct umsi_irq *irq)
{
    uint32_t state = umsi_irq_state(irq);
    if ((state & (UMSI_IRQ_HANDLER | UMSI_IRQ_HELD)) != UMSI_IRQ_HANDLER) {
        return false;
    }
    umsi_irq_unmask_locked(irq);
    return (state & UMSI_IRQ_PENDING) != 0;
}

void umsi_irq_no_handler(void *arg)
{
    (void)arg;
}

enum umsi_status umsi_irq_request(struct umsi *u, umsi_virq virq, umsi_handler handler, void *arg,
                                  const char *name)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    bool replay = false;
    if (irq == NULL) {
        return UMSI_NOTFOUND;
    }
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    /* One that runs and is not there: freed from within itself, and not yet returned. */
    bool taken = (umsi_irq_state(irq) & UMSI_IRQ_HANDLER) != 0 || umsi_irq_is_in_handler(u, irq);
    if (!taken) {
        __atomic_store_n(&irq->handler, handler != NULL ? handler : umsi_irq_no_handler,
                         __ATOMIC_RELAXED);
        irq->arg = arg;
        irq->name = name != NULL ? name : irq->domain->name;
        umsi_irq_set_bits(irq, UMSI_IRQ_HANDLER); /* publishes the three above */
        replay = umsi_irq_open_locked(irq);
    }
    umsi_lock_drop(u, &irq->domain->lock, s);
    if (replay) {
        umsi_irq_replay(u, irq);
    }
    return taken ? UMSI_EXISTS : UMSI_OK;
}

/* Wait until the handler runs nowhere but around this call. */
static void wait_idle(struct umsi *u, struct umsi_irq *irq)
{
    umsi_cpu self = umsi_dispatching_cpu(u);
    if (umsi_irq_state(irq) & UMSI_IRQ_PERCPU) {
        (void)umsi_grace_wait(u);
    }
    while (umsi_irq_runs_but_on(u, irq, self)) {
        umsi_relax(u);
    }
}

/* What was remembered for this handler, and its driver's disables, are not for the next one. */
static void forget_driver(struct umsi *u, struct umsi_irq *irq)
{
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    irq->disable_depth = 0;
    umsi_irq_clear_bits(irq, UMSI_IRQ_PENDING | UMSI_IRQ_DISABLED);
    umsi_lock_drop(u, &irq->domain->lock, s);
}

void umsi_irq_release(struct umsi *u, struct umsi_irq *irq)
{
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    umsi_irq_clear_bits(irq, UMSI_IRQ_HANDLER | UMSI_IRQ_AGAIN);
    umsi_irq_mask_locked(irq);
    umsi_lock_drop(u, &irq->domain->lock, s);
    umsi_irq_unqueue(u, irq);
    wait_idle(u, irq);
    forget_driver(u, irq);
    irq->name = NULL;
}

void umsi_irq_free(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    if (irq != NULL && (umsi_irq_state(irq) & UMSI_IRQ_HANDLER)) {
        umsi_irq_release(u, irq);
    }
}

void umsi_irq_synchronize(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    if (irq != NULL) {
        wait_idle(u, irq);
    }
}

void umsi_irq_disable(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    if (irq == NULL) {
        umsi_log(u, UMSI_LOG_ERROR, "irq_disable: no virq %u", virq);
        return;
    }
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    if (irq->disable_depth++ == 0) {
        umsi_irq_set_bits(irq, UMSI_IRQ_DISABLED);
        umsi_irq_mask_locked(irq);
    }
    umsi_lock_drop(u, &irq->domain->lock, s);
}

void umsi_irq_enable(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    bool replay = false;
    if (irq == NULL) {
        umsi_log(u, UMSI_LOG_ERROR, "irq_enable: no virq %u", virq);
        return;
    }
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    uint32_t depth = irq->disable_depth;
    if (depth == 1) {
        umsi_irq_clear_bits(irq, UMSI_IRQ_DISABLED);
        replay = umsi_irq_open_locked(irq);
    }
    irq->disable_depth -= depth != 0;
    umsi_lock_drop(u, &irq->domain->lock, s);
    if (depth == 0) {
        umsi_log(u, UMSI_LOG_ERROR, "%s: vector %u enabled more often than disabled",
                 irq->domain->name, irq->index);
    }
    if (replay) {
        umsi_irq_replay(u, irq);
    }
}
