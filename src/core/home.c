/* SPDX-License-Identifier: MIT */
/*
 * The short way (home.h), and those who meet it. What arrives elsewhere while the home runs it is left PENDING, and the
 * home kicked: it may have looked at the state for the last time already. Where a CPU cannot be kicked no interrupt has
 * a home, unless there is no other CPU.
 */
#include "home.h"

void umsi_deliver_on(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq)
{
    if (!umsi_home_begin(pc, irq, NULL)) {
        umsi_deliver_long(u, pc, irq);
    } else if (umsi_home_run(pc, irq)) {
        (void)umsi_irq_run_remembered(u, irq, pc->cpu);
    }
}

void umsi_home_again(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq,
                     const uintptr_t *slot)
{
    umsi_bracket_open(pc);
    if (__atomic_load_n(slot, __ATOMIC_ACQUIRE) == (uintptr_t)irq) {
        (void)umsi_irq_run_remembered(u, irq, pc->cpu);
    }
    umsi_bracket_close(pc);
}

static umsi_cpu home_of(const struct umsi_irq *irq)
{
    return __atomic_load_n(&irq->home, __ATOMIC_RELAXED);
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
    return at == irq || at == umsi_home_trying(irq);
}

bool umsi_irq_come_home(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu)
{
    const umsi_cpu home = home_of(irq);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* RUNNING before `current`; with those of the home */
    if (!runs_at(u, irq, home)) {
        umsi_irq_set_home(irq, u->short_way ? cpu : UMSI_NO_CPU);
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
        (self == UMSI_NO_CPU ||
         __atomic_load_n(&irq->running_cpu, __ATOMIC_RELAXED) != (uint16_t)self)) {
        return true;
    }
    const umsi_cpu home = home_of(irq);
    return home != self && runs_at(u, irq, home);
}

bool umsi_irq_is_in_handler(const struct umsi *u, const struct umsi_irq *irq)
{
    return (umsi_irq_state(irq) & UMSI_IRQ_RUNNING) != 0 || current_of(u, home_of(irq)) == irq;
}
