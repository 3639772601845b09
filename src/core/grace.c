/* SPDX-License-Identifier: MIT */
/*
 * Knowing that no CPU can still hold a descriptor it looked up (L59). Each CPU has a counter that is odd
 * while it is in a dispatch. Who frees unpublishes first, then waits until every counter was even or has
 * changed: the fence in umsi_enter() pairs with the one in umsi_grace_wait(), so either the dispatch sees
 * the descriptor gone, or the waiter sees the dispatch.
 */
#include "irq.h"

void umsi_enter(struct umsi *u)
{
    umsi_bracket_open(umsi_this_cpu(u));
}

void umsi_leave(struct umsi *u)
{
    umsi_bracket_close(umsi_this_cpu(u));
}

umsi_cpu umsi_dispatching_cpu(struct umsi *u)
{
    /* With interrupts off this CPU stays this CPU, and its depth says what is below the caller. The lock is for that
     * only, and each CPU has its own: where the caller was moved before it was taken, it is another's for a moment. */
    umsi_lock *pin = &umsi_this_cpu(u)->pin;
    umsi_irqstate s = umsi_lock_take(u, pin);
    umsi_cpu cpu = umsi_cpu_self(u);
    bool inside = u->percpu[cpu].depth != 0 || u->percpu[cpu].current != NULL;
    umsi_lock_drop(u, pin, s);
    return inside ? cpu : UMSI_NO_CPU;
}

bool umsi_grace_wait(struct umsi *u)
{
    umsi_cpu self = umsi_dispatching_cpu(u);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        const struct umsi_percpu *pc = &u->percpu[cpu];
        uint32_t seq = __atomic_load_n(&pc->seq, __ATOMIC_ACQUIRE);
        while (cpu != self && (seq & 1) && __atomic_load_n(&pc->seq, __ATOMIC_ACQUIRE) == seq) {
            umsi_relax(u);
        }
    }
    return self == UMSI_NO_CPU;
}
