/* SPDX-License-Identifier: MIT */
/*
 * The short way to a handler, inline: for an interrupt that comes where it came before, to its home. It takes one fence
 * and no compare-and-swap, and no bracket. See home.c for those who meet it.
 *
 * The home says in `current` whose handler it will run, then looks at the state. A CPU that wants to run it elsewhere,
 * or takes the handler away, changes the state, then looks at `current` of the home. A fence stands between on both
 * sides, so one of them sees the other (L58). Only who holds RUNNING changes the home, and a descriptor that is issued
 * again has none (L59).
 *
 * `current` is one byte further on until the state has been looked at: who waits for a handler waits for that as well,
 * but a request must not take it for one that is still in a handler that is gone.
 */
#ifndef UMSI_CORE_HOME_H
#define UMSI_CORE_HOME_H

#include "irq.h"

#define UMSI_HOME_RUNNABLE (UMSI_IRQ_LIVE | UMSI_IRQ_HANDLER)
/* What the long way is for. */
#define UMSI_HOME_LONG                                                                             \
    (UMSI_IRQ_HELD | UMSI_IRQ_RUNNING | UMSI_IRQ_AGAIN | UMSI_IRQ_PENDING | UMSI_IRQ_PERCPU |      \
     UMSI_IRQ_END)

static inline const struct umsi_irq *umsi_home_trying(const struct umsi_irq *irq)
{
    return (const struct umsi_irq *)(const void *)((const char *)irq + 1);
}

static inline bool umsi_home_is(const struct umsi_irq *irq, umsi_cpu cpu)
{
    return __atomic_load_n(&irq->home, __ATOMIC_RELAXED) == cpu;
}

static inline void umsi_home_say(struct umsi_percpu *pc, const struct umsi_irq *irq)
{
    __atomic_store_n(&pc->current, irq, __ATOMIC_RELAXED);
}

static inline void umsi_home_done(struct umsi_percpu *pc)
{
    __atomic_store_n(&pc->current, NULL, __ATOMIC_RELEASE);
}

/* True: its handler is this CPU's to run, and `current` says so. Beneath a handler that interrupts another one, that one
 * stays in `current`. `slot`: where the descriptor was found without a bracket, looked at again; NULL: within one. */
static inline bool umsi_home_begin(struct umsi_percpu *pc, struct umsi_irq *irq,
                                   const uintptr_t *slot)
{
    if (!umsi_home_is(irq, pc->cpu) || pc->current != NULL) {
        return false;
    }
    umsi_home_say(pc, umsi_home_trying(irq));
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* with those of home.c */
    const uint32_t state = umsi_irq_state(irq);
    if ((slot == NULL || __atomic_load_n(slot, __ATOMIC_RELAXED) == (uintptr_t)irq) &&
        (state & (UMSI_HOME_RUNNABLE | UMSI_HOME_LONG)) == UMSI_HOME_RUNNABLE &&
        umsi_home_is(irq, pc->cpu)) {
        umsi_home_say(pc, irq);
        return true;
    }
    umsi_home_done(pc);
    return false;
}

/* It has run. True: more was remembered meanwhile; whether it still is anybody's, only a bracket can tell. */
static inline bool umsi_home_end(struct umsi_percpu *pc, struct umsi_irq *irq)
{
    __atomic_store_n(&irq->home_runs, irq->home_runs + 1, __ATOMIC_RELAXED);
    umsi_home_done(pc);
    return (umsi_irq_state(irq) & UMSI_IRQ_PENDING) != 0;
}

static inline bool umsi_home_run(struct umsi_percpu *pc, struct umsi_irq *irq)
{
    irq->handler(irq->arg);
    return umsi_home_end(pc, irq);
}

#endif /* UMSI_CORE_HOME_H */
