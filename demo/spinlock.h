/* SPDX-License-Identifier: MIT */
/*
 * A spin lock that keeps this CPU's interrupts off while held.
 */
#ifndef DEMO_SPINLOCK_H
#define DEMO_SPINLOCK_H

#include "cpu.h"

struct spinlock {
    uint32_t held;
};

static inline uint64_t spin_lock(struct spinlock *l)
{
    uint64_t state = interrupts_off();
    while (__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE) != 0) {
        while (__atomic_load_n(&l->held, __ATOMIC_RELAXED) != 0) {
            cpu_relax();
        }
    }
    return state;
}

static inline void spin_unlock(struct spinlock *l, uint64_t state)
{
    __atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
    interrupts_restore(state);
}

#endif /* DEMO_SPINLOCK_H */
