/* SPDX-License-Identifier: MIT */
/*
 * Barriers between the CPU and devices. Ordering between CPUs is done with the compiler's __atomic
 * operations; these are for memory and registers that hardware reads and writes.
 */
#ifndef UMSI_ARCH_BARRIER_H
#define UMSI_ARCH_BARRIER_H

#if defined(__aarch64__)

/* Earlier stores to memory are visible to an observer that sees a later store, device registers included. */
static inline void umsi_wmb(void)
{
    __asm__ volatile("dsb ishst" ::: "memory");
}

/* Later loads come after earlier loads, device registers included. */
static inline void umsi_rmb(void)
{
    __asm__ volatile("dsb ishld" ::: "memory");
}

/* Everything before is done before anything after. */
static inline void umsi_mb(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}

/* A system register write takes effect before what follows. */
static inline void umsi_isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}

#elif defined(__riscv)

static inline void umsi_wmb(void)
{
    __asm__ volatile("fence w, ow" ::: "memory");
}

static inline void umsi_rmb(void)
{
    __asm__ volatile("fence ir, r" ::: "memory");
}

static inline void umsi_mb(void)
{
    __asm__ volatile("fence iorw, iorw" ::: "memory");
}

static inline void umsi_isb(void)
{
    __asm__ volatile("" ::: "memory");
}

#elif defined(__x86_64__) || defined(__i386__)

/* Stores to write-back memory and to uncached registers stay in order. */
static inline void umsi_wmb(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline void umsi_rmb(void)
{
    __asm__ volatile("" ::: "memory");
}

static inline void umsi_mb(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void umsi_isb(void)
{
    __asm__ volatile("" ::: "memory");
}

#else
#error "umsi knows no barriers for this architecture: add them to src/arch/barrier.h"
#endif

#endif /* UMSI_ARCH_BARRIER_H */
