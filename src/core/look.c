/* SPDX-License-Identifier: MIT */
/* What a driver can ask about a vector: its state, its counts, a test by command, and why it does not come. */
#include "irq.h"

#define TEST_US 100000u

/* One that was late may have been run, and counted so, before it is counted as late: then `late` is below zero, by no
 * more than there are CPUs. */
static uint64_t arrived(const struct umsi *u, struct umsi_irq *irq)
{
    const uint32_t late = __atomic_load_n(&irq->late, __ATOMIC_RELAXED);
    return umsi_irq_runs(u, irq) + (uint32_t)(late + UMSI_MAX_CPUS) - UMSI_MAX_CPUS;
}

static void fill_info(struct umsi *u, struct umsi_irq *irq, void *arg)
{
    struct umsi_irq_info *out = arg;
    uint32_t state = umsi_irq_state(irq);
    *out = (struct umsi_irq_info){
        .virq = irq->virq,
        .index = irq->index,
        .hwirq = irq->level[0].hwirq,
        .cpu = state & UMSI_IRQ_SHUT ? UMSI_NO_CPU : umsi_irq_cpu(irq),
        .name = irq->name,
        .masked = (state & UMSI_IRQ_MASKED) != 0,
        .pending = (state & UMSI_IRQ_PENDING) != 0,
        .running = umsi_irq_is_in_handler(u, irq),
        .level = (state & (UMSI_IRQ_LEVEL | UMSI_IRQ_END)) != 0, /* END: a bridge's, by message */
        .managed = (state & UMSI_IRQ_MANAGED) != 0,
        .shut = (state & UMSI_IRQ_SHUT) != 0,
        .settling = (state & (UMSI_IRQ_MOVING | UMSI_IRQ_SETTLING)) != 0,
        .disable_depth = irq->disable_depth,
        .handled = umsi_irq_runs(u, irq),
        .arrived = arrived(u, irq),
    };
    memcpy(out->device, irq->domain->name, sizeof(out->device));
}

enum umsi_status umsi_irq_get_info(struct umsi *u, umsi_virq virq, struct umsi_irq_info *out)
{
    return umsi_irq_look(u, virq, fill_info, out) ? UMSI_OK : UMSI_NOTFOUND;
}

uint32_t umsi_irq_count(struct umsi *u, umsi_virq virq, umsi_cpu cpu)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    return irq == NULL || cpu >= u->port.nr_cpus ? 0 : umsi_irq_runs_on(irq, cpu);
}

enum umsi_status umsi_irq_retrigger(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    return irq == NULL ? UMSI_NOTFOUND : umsi_irq_raise(irq);
}

/* Without a handler the one arrival of the test is not remembered, and is no sign of a storm. */
static void forget_test(struct umsi *u, struct umsi_irq *irq)
{
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    irq->held = (uint16_t)(irq->held - (irq->held != 0));
    umsi_irq_clear_bits(irq, UMSI_IRQ_PENDING);
    umsi_lock_drop(u, &irq->domain->lock, s);
}

/* The short way leaves no note: it leads to the home. */
static umsi_cpu came_to(const struct umsi_irq *irq)
{
    const uint16_t cpu = __atomic_load_n(&irq->last_cpu, __ATOMIC_RELAXED);
    return cpu != UINT16_MAX ? cpu : __atomic_load_n(&irq->home, __ATOMIC_RELAXED);
}

enum umsi_status umsi_irq_test(struct umsi *u, umsi_virq virq, struct umsi_irq_test *out)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    if (irq == NULL) {
        return UMSI_NOTFOUND;
    }
    bool was_pending = (umsi_irq_state(irq) & UMSI_IRQ_PENDING) != 0;
    uint64_t before = arrived(u, irq), ran = umsi_irq_runs(u, irq), start = umsi_now(u);
    __atomic_store_n(&irq->last_cpu, UINT16_MAX, __ATOMIC_RELAXED);
    enum umsi_status st = umsi_irq_raise(irq);
    if (st != UMSI_OK) {
        return st;
    }
    /* Counters are read one after the other: a glimpse of fewer is not an arrival. */
    while ((int64_t)(arrived(u, irq) - before) <= 0) {
        if (umsi_now(u) - start > TEST_US) {
            return UMSI_TIMEOUT;
        }
        umsi_relax(u);
    }
    *out = (struct umsi_irq_test){
        .arrived = true,
        .handled = umsi_irq_runs(u, irq) != ran,
        .cpu = came_to(irq),
        .took_us = umsi_now(u) - start,
    };
    if (!out->handled && !was_pending && arrived(u, irq) == before + 1) {
        forget_test(u, irq);
    }
    return UMSI_OK;
}

/* The descriptor's own link of the way. */
static const char *explain_state(struct umsi_irq *irq, umsi_print print, void *arg)
{
    uint32_t state = umsi_irq_state(irq);
    umsi_printf(print, arg, "  handler: %s, disabled %u times, %s%s",
                irq->name != NULL ? irq->name : "none", irq->disable_depth,
                state & UMSI_IRQ_MASKED ? "masked" : "unmasked",
                state & UMSI_IRQ_PENDING ? ", one arrival remembered" : "");
    if ((state & UMSI_IRQ_HANDLER) == 0) {
        return "no handler is requested";
    }
    if (state & UMSI_IRQ_DISABLED) {
        return "the driver has it disabled";
    }
    if (state & UMSI_IRQ_SHUT) {
        return "it is managed, and no CPU of its share is there";
    }
    return state & UMSI_IRQ_CUT ? "it stormed and is silenced" : NULL;
}

static void note(const char *why, const char **first)
{
    if (*first == NULL) {
        *first = why;
    }
}

enum umsi_status umsi_explain(struct umsi *u, umsi_virq virq, umsi_print print, void *arg,
                              const char **out_why)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    const char *why = NULL;
    if (irq == NULL || !UMSI_WITH_EXPLAIN) {
        return irq == NULL ? UMSI_NOTFOUND : UMSI_UNSUPPORTED;
    }
    umsi_printf(print, arg, "virq %u: %s vector %u", virq, irq->domain->name, irq->index);
    for (struct umsi_domain *d = irq->domain; d != NULL; d = d->parent) {
        if (d->chip->explain != NULL) {
            note(d->chip->explain(d, irq, print, arg), &why);
        }
    }
    if (umsi_irq_cpu(irq) == UMSI_NO_CPU && (umsi_irq_state(irq) & UMSI_IRQ_PERCPU) == 0) {
        note("it has no target CPU", &why);
    }
    note(explain_state(irq, print, arg), &why);
    umsi_printf(print, arg, "  %s%s", why != NULL ? "stopped: " : "nothing stops it",
                why != NULL ? why : "");
    if (why != NULL && out_why != NULL) {
        *out_why = why;
    }
    return why != NULL ? UMSI_STATE : UMSI_OK;
}
