/* SPDX-License-Identifier: MIT */
/*
 * From an arrival to its handler: the short way at its home (home.c), or the long way. There the state word decides
 * with one compare-and-swap: who moves it to RUNNING runs the handler; who finds it RUNNING leaves AGAIN for that
 * CPU (L58); who finds it held back leaves PENDING (L60).
 */
#include "irq.h"

#define RUNNABLE (UMSI_IRQ_LIVE | UMSI_IRQ_HANDLER)
#define BLOCKERS (UMSI_IRQ_HELD | RUNNABLE)

static bool swap(struct umsi_irq *irq, uint32_t *old, uint32_t next)
{
    return __atomic_compare_exchange_n(&irq->state, old, next, true, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

bool umsi_irq_may_run(const struct umsi_irq *irq)
{
    return (umsi_irq_state(irq) & BLOCKERS) == RUNNABLE;
}

static void merge(struct umsi_irq *irq)
{
    __atomic_add_fetch(&irq->late, 1, __ATOMIC_RELAXED);
}

/* The next run is for one that had been late. */
static void rerun(struct umsi_irq *irq)
{
    __atomic_sub_fetch(&irq->late, 1, __ATOMIC_RELAXED);
}

_Static_assert(UMSI_MAX_CPUS < UINT16_MAX, "a CPU does not fit into last_cpu and running_cpu");

static void came_to(struct umsi_irq *irq, umsi_cpu cpu)
{
    __atomic_store_n(&irq->last_cpu, (uint16_t)cpu, __ATOMIC_RELAXED);
}

static void set_runner(struct umsi_irq *irq, umsi_cpu cpu)
{
    __atomic_store_n(&irq->running_cpu, (uint16_t)cpu, __ATOMIC_RELAXED);
}

bool umsi_irq_begin(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu)
{
    uint32_t old = umsi_irq_state(irq);
    for (;;) {
        if ((old & UMSI_IRQ_LIVE) == 0) {
            return false;
        }
        if ((old & BLOCKERS) != RUNNABLE) {
            bool level =
                (old & UMSI_IRQ_LEVEL) != 0; /* its line still stands; nothing to remember */
            if (swap(irq, &old, level ? old : old | UMSI_IRQ_PENDING)) {
                came_to(irq, cpu);
                merge(irq);
                umsi_irq_hold(u, irq);
                return false;
            }
        } else if (old & UMSI_IRQ_RUNNING) {
            if (swap(irq, &old, old | UMSI_IRQ_AGAIN)) {
                merge(irq);
                return false;
            }
        } else if (swap(irq, &old, (old | UMSI_IRQ_RUNNING) & ~UMSI_IRQ_PENDING)) {
            came_to(irq, cpu);
            if (!umsi_irq_come_home(u, irq, cpu)) {
                merge(irq);
                return false;
            }
            set_runner(irq, cpu);
            return true;
        }
    }
}

bool umsi_irq_resume(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu)
{
    uint32_t old = umsi_irq_state(irq);
    for (;;) {
        if ((old & UMSI_IRQ_PENDING) == 0 || (old & BLOCKERS) != RUNNABLE) {
            return false;
        }
        uint32_t how = old & UMSI_IRQ_RUNNING ? UMSI_IRQ_AGAIN : UMSI_IRQ_RUNNING;
        if (swap(irq, &old, (old & ~UMSI_IRQ_PENDING) | how)) {
            if (how == UMSI_IRQ_AGAIN || !umsi_irq_come_home(u, irq, cpu)) {
                return false; /* the one that runs it counts it */
            }
            rerun(irq);
            set_runner(irq, cpu);
            return true;
        }
    }
}

bool umsi_irq_finish(struct umsi_irq *irq, umsi_cpu cpu)
{
    uint32_t old = umsi_irq_state(irq);
    umsi_irq_count_run(irq, cpu);
    if (old & UMSI_IRQ_END) {
        irq->domain->chip->end(irq->domain, irq);
    }
    for (;;) {
        bool again = (old & UMSI_IRQ_AGAIN) != 0;
        bool more = again && (old & BLOCKERS) == RUNNABLE;
        uint32_t next = old & ~(more ? UMSI_IRQ_AGAIN : UMSI_IRQ_AGAIN | UMSI_IRQ_RUNNING);
        if (again && (old & UMSI_IRQ_HELD)) {
            next |= UMSI_IRQ_PENDING;
        }
        /* Before RUNNING is let go: whoever sets it next finds no name of an earlier one. */
        set_runner(irq, more ? cpu : UMSI_NO_CPU);
        if (swap(irq, &old, next)) {
            if (more) { /* still ours */
                rerun(irq);
            }
            return more;
        }
    }
}

/* The controller remembers it for this CPU, where it is masked until the handler may run (L60). */
void umsi_irq_hold_local(struct umsi_irq *irq)
{
    merge(irq);
    (void)umsi_irq_raise(irq);
}

static void run(struct umsi_irq *irq, umsi_cpu cpu)
{
    do {
        irq->handler(irq->arg);
    } while (umsi_irq_finish(irq, cpu));
}

/* SGIs and PPIs: each CPU has its own, and nothing of the state is shared between them. */
static void deliver_local(struct umsi_irq *irq, uint32_t state, umsi_cpu cpu)
{
    if ((state & BLOCKERS) == RUNNABLE) {
        irq->handler(irq->arg);
        umsi_irq_count_run(irq, cpu);
    } else {
        umsi_irq_hold_local(irq);
    }
}

void umsi_deliver_long(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq)
{
    const uint32_t state = umsi_irq_state(irq);
    if (state & UMSI_IRQ_PERCPU) {
        deliver_local(irq, state, pc->cpu);
    } else if (umsi_irq_begin(u, irq, pc->cpu)) {
        run(irq, pc->cpu);
    }
}

void umsi_deliver(struct umsi *u, struct umsi_irq *irq)
{
    umsi_deliver_on(u, umsi_this_cpu(u), irq);
}

bool umsi_irq_is_the_kernels(const struct umsi_irq *irq)
{
    return umsi_irq_may_run(irq) &&
           __atomic_load_n(&irq->handler, __ATOMIC_RELAXED) == umsi_irq_no_handler;
}

bool umsi_irq_run_remembered(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu)
{
    if (umsi_irq_is_the_kernels(irq)) {
        return umsi_irq_raise_again(irq);
    }
    if (umsi_irq_resume(u, irq, cpu)) {
        run(irq, cpu);
    }
    return true;
}
