/* SPDX-License-Identifier: MIT */
/* The two ways of receiving in which umsi owns the CPU interface. Each interrupt is a bracket of its own, so
 * that a CPU under load still passes the point that umsi_grace_wait() waits for. */
#include "home.h"

static const struct umsi_source *source_of(struct umsi *u, uint32_t hwirq)
{
    const struct umsi_source *s = __atomic_load_n(&u->sources, __ATOMIC_ACQUIRE);
    while (s != NULL && hwirq - s->first >= s->count) {
        s = __atomic_load_n(&s->next, __ATOMIC_ACQUIRE);
    }
    return s;
}

/* Out of line, so that the way of the others needs no frame for it. */
static __attribute__((noinline)) void unknown(struct umsi *u, uint32_t hwirq)
{
    const struct umsi_source *s = source_of(u, hwirq);
    if (umsi_unknown(u, hwirq) && s != NULL && s->silence != NULL) {
        s->silence(s->arg, hwirq);
    }
}

static inline struct umsi_irq *find(struct umsi *u, uint32_t hwirq)
{
    const struct umsi_source *s = source_of(u, hwirq);
    return s != NULL ? s->lookup(s->arg, hwirq) : NULL;
}

static inline void deliver(struct umsi *u, struct umsi_percpu *pc, uint32_t hwirq)
{
    struct umsi_irq *irq = find(u, hwirq);
    if (irq == NULL) {
        unknown(u, hwirq);
    } else if (!umsi_home_begin(pc, irq, NULL)) {
        umsi_deliver_long(u, pc, irq);
    } else if (umsi_home_run(pc, irq)) {
        (void)umsi_irq_run_remembered(u, irq, pc->cpu);
    }
}

static inline bool receive(struct umsi *u, struct umsi_percpu *pc)
{
    umsi_bracket_open(pc);
    const uint32_t hwirq = u->receiver.acknowledge(u->receiver.arg);
    const bool some = hwirq != UMSI_NO_HWIRQ;
    if (some) {
        deliver(u, pc, hwirq);
        u->receiver.end(u->receiver.arg, hwirq);
    }
    umsi_bracket_close(pc);
    return some;
}

uint32_t umsi_handle_interrupts(struct umsi *u)
{
    struct umsi_percpu *pc = umsi_this_cpu(u);
    uint32_t taken = 0;
    while (receive(u, pc)) {
        taken++;
    }
    return taken;
}

/* By the short way, as within umsi; or the long one. What every CPU has of its own needs no RUNNING: it runs on this CPU
 * or nowhere. */
static bool take(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq)
{
    if (umsi_home_begin(pc, irq, NULL)) {
        return true;
    }
    if ((umsi_irq_state(irq) & UMSI_IRQ_PERCPU) == 0) {
        return umsi_irq_begin(u, irq, pc->cpu);
    }
    if (!umsi_irq_may_run(irq)) {
        umsi_irq_hold_local(irq);
        return false;
    }
    return true;
}

/* What is remembered for the kernel to dispatch, and no controller could raise. */
static bool give_owed(struct umsi *u, struct umsi_percpu *pc, struct umsi_taken *out)
{
    struct umsi_irq *irq;
    __atomic_store_n(&pc->owes, false, __ATOMIC_RELAXED);
    umsi_bracket_open(pc);
    while ((irq = umsi_irq_next_queued(u, pc)) != NULL) {
        if (!umsi_irq_is_the_kernels(irq)) {
            (void)umsi_irq_run_remembered(u, irq, pc->cpu);
        } else if (umsi_irq_resume(u, irq, pc->cpu)) {
            __atomic_store_n(&pc->owes, true, __ATOMIC_RELAXED); /* there may be more */
            *out = (struct umsi_taken){ irq->virq, UMSI_NO_HWIRQ, irq };
            return true;
        }
    }
    umsi_bracket_close(pc);
    return false;
}

bool umsi_acknowledge(struct umsi *u, struct umsi_taken *out)
{
    const struct umsi_receiver *r = &u->receiver;
    struct umsi_percpu *pc = umsi_this_cpu(u);
    if (__atomic_load_n(&pc->owes, __ATOMIC_RELAXED) && give_owed(u, pc, out)) {
        return true;
    }
    for (;;) {
        umsi_bracket_open(pc);
        const uint32_t hwirq = r->acknowledge(r->arg);
        if (hwirq == UMSI_NO_HWIRQ) {
            umsi_bracket_close(pc);
            return false;
        }
        struct umsi_irq *irq = find(u, hwirq);
        if (irq != NULL && take(u, pc, irq)) {
            *out = (struct umsi_taken){ irq->virq, hwirq, irq };
            return true;
        }
        if (irq == NULL) {
            unknown(u, hwirq);
        }
        r->end(r->arg, hwirq);
        umsi_bracket_close(pc);
    }
}

bool umsi_end(struct umsi *u, struct umsi_taken *t)
{
    struct umsi_irq *irq = t->irq;
    struct umsi_percpu *pc = umsi_this_cpu(u);
    if (pc->current == irq) {
        if (umsi_home_end(pc, irq) && umsi_irq_resume(u, irq, pc->cpu)) {
            return true;
        }
    } else if (umsi_irq_state(irq) & UMSI_IRQ_PERCPU) {
        umsi_irq_count_run(irq, pc->cpu);
    } else if (umsi_irq_finish(irq, pc->cpu)) {
        return true;
    }
    if (t->hwirq != UMSI_NO_HWIRQ) {
        u->receiver.end(u->receiver.arg, t->hwirq);
    }
    umsi_bracket_close(pc);
    return false;
}
