/* SPDX-License-Identifier: MIT */
/*
 * The short way to a handler, for an interrupt that comes where it came before: to its home. It takes a fence and no
 * compare-and-swap. The home says in `current` whose handler it will run, then looks at the state. A CPU that wants
 * to run it elsewhere sets RUNNING, then looks at `current` of the home. A fence stands between on both sides, so one
 * of them sees the other (L58). Only who holds RUNNING changes the home.
 *
 * What arrives elsewhere while the home runs it is left PENDING, and the home kicked: it may have looked at the state
 * for the last time already. Where a CPU cannot be kicked there is no short way, unless there is no other CPU.
 *
 * `current` is one byte further on until the state has been looked at: who waits for a handler waits for that as well, but
 * a request must not take it for one that is still in a handler that is gone.
 */
#include "irq.h"

#define RUNNABLE (UMSI_IRQ_LIVE | UMSI_IRQ_HANDLER)
/* What the long way is for. */
#define LONG                                                                                       \
    (UMSI_IRQ_HELD | UMSI_IRQ_RUNNING | UMSI_IRQ_AGAIN | UMSI_IRQ_PENDING | UMSI_IRQ_PERCPU |      \
     UMSI_IRQ_END)

static void set_current(struct umsi_percpu *pc, const struct umsi_irq *irq)
{
    __atomic_store_n(&pc->current, irq, __ATOMIC_RELEASE);
}

static const struct umsi_irq *trying(const struct umsi_irq *irq)
{
    return (const struct umsi_irq *)(const void *)((const char *)irq + 1);
}

static umsi_cpu home_of(const struct umsi_irq *irq)
{
    return __atomic_load_n(&irq->home, __ATOMIC_RELAXED);
}

static bool is_free(const struct umsi_irq *irq, umsi_cpu cpu)
{
    return (umsi_irq_state(irq) & (RUNNABLE | LONG)) == RUNNABLE && home_of(irq) == cpu;
}

/* Worth trying? Beneath a handler that interrupts another one, that one stays in `current`. */
static bool is_home(const struct umsi *u, const struct umsi_percpu *pc, const struct umsi_irq *irq)
{
    return home_of(irq) == pc->cpu && pc->current == NULL && u->short_way;
}

static inline __attribute__((always_inline)) void run(struct umsi *u, struct umsi_percpu *pc,
                                                      struct umsi_irq *irq)
{
    const umsi_cpu cpu = pc->cpu;
    __atomic_store_n(&pc->current, irq, __ATOMIC_RELAXED);
    __atomic_store_n(&irq->last_cpu, cpu, __ATOMIC_RELAXED);
    if (irq->handler != NULL) {
        irq->handler(irq->arg);
    }
    umsi_irq_count_run(irq, cpu);
    set_current(pc, NULL);
    if (umsi_irq_state(irq) & UMSI_IRQ_PENDING) {
        umsi_irq_run_remembered(u, irq, cpu);
    }
}

void umsi_deliver_on(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq)
{
    if (is_home(u, pc, irq)) {
        set_current(pc, trying(irq));
        __atomic_thread_fence(__ATOMIC_SEQ_CST); /* with the one in umsi_irq_come_home() */
        if (is_free(irq, pc->cpu)) {
            run(u, pc, irq);
            return;
        }
        set_current(pc, NULL);
    }
    umsi_deliver_long(u, pc, irq);
}

bool umsi_dispatch_at_home(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq,
                           const uintptr_t *slot)
{
    if (pc->depth != 0 || !is_home(u, pc, irq)) {
        return false;
    }
    set_current(pc, trying(irq));
    umsi_bracket_open(pc); /* its fence is for both */
    bool mine = __atomic_load_n(slot, __ATOMIC_ACQUIRE) == (uintptr_t)irq && is_free(irq, pc->cpu);
    if (mine) {
        run(u, pc, irq);
    } else {
        set_current(pc, NULL);
    }
    umsi_bracket_close(pc);
    return mine;
}

/* RUNNING was not needed; what it was set for is remembered, and AGAIN of others with it. */
static void give_back(struct umsi_irq *irq)
{
    uint32_t old = umsi_irq_state(irq), next;
    do {
        next = old & ~(UMSI_IRQ_RUNNING | UMSI_IRQ_AGAIN);
        next |= old & UMSI_IRQ_HANDLER ? UMSI_IRQ_PENDING : 0; /* else it is being freed */
    } while (!__atomic_compare_exchange_n(&irq->state, &old, next, true, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE));
}

static const struct umsi_irq *current_of(const struct umsi *u, umsi_cpu cpu)
{
    return cpu != UMSI_NO_CPU ? __atomic_load_n(&u->percpu[cpu].current, __ATOMIC_ACQUIRE) : NULL;
}

static bool runs_at(const struct umsi *u, const struct umsi_irq *irq, umsi_cpu home)
{
    const struct umsi_irq *at = current_of(u, home);
    return at == irq || at == trying(irq);
}

bool umsi_irq_come_home(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu)
{
    const umsi_cpu home = home_of(irq);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* RUNNING before `current`; with those of the home */
    if (!runs_at(u, irq, home)) {
        __atomic_store_n(&irq->home, cpu, __ATOMIC_RELAXED);
        return true;
    }
    give_back(irq);
    if (home != cpu) { /* else it runs beneath this, and looks when it returns */
        (void)umsi_irq_leave_to(u, irq, home);
    }
    return false;
}

bool umsi_irq_runs_but_on(struct umsi *u, const struct umsi_irq *irq, umsi_cpu self)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* what the caller changed before, as a home sees it */
    if ((umsi_irq_state(irq) & UMSI_IRQ_RUNNING) != 0 &&
        (self == UMSI_NO_CPU || __atomic_load_n(&irq->running_cpu, __ATOMIC_RELAXED) != self)) {
        return true;
    }
    const umsi_cpu home = home_of(irq);
    return home != self && runs_at(u, irq, home);
}

bool umsi_irq_is_in_handler(const struct umsi *u, const struct umsi_irq *irq)
{
    return (umsi_irq_state(irq) & UMSI_IRQ_RUNNING) != 0 || current_of(u, home_of(irq)) == irq;
}
