/* SPDX-License-Identifier: MIT */
/*
 * One CPU: its record, its system registers, its interrupt mask, sleep, power.
 */
#ifndef DEMO_CPU_H
#define DEMO_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sections.h"

/* start.S reads the first word of it. TPIDR_EL1 points here, TPIDR_EL0 to `tls`. */
struct cpu {
    uint64_t stack_top;
    uint64_t hardware_id; /* MPIDR_EL1.Aff */
    /* q0 to q31, FPSR and FPCR of the code that was interrupted, once the interrupt wants them: vectors.S */
    uint64_t fp[66] __attribute__((aligned(16)));
    unsigned index;
    bool online;                                        /* takes interrupts; atomic */
    bool ordered;                                       /* told to power itself off; atomic */
    bool busy;                                          /* has work: its tick is short */
    uint8_t tls[16 + 128] __attribute__((aligned(16))); /* AAPCS64: two words, then the variables */
};

_Static_assert(offsetof(struct cpu, fp) == CPU_FP, "vectors.S knows where it is");

#define READ_SYSREG(name)                                                                          \
    __extension__({                                                                                \
        uint64_t value_;                                                                           \
        __asm__ volatile("mrs %0, " #name : "=r"(value_)::"memory");                               \
        value_;                                                                                    \
    })
#define WRITE_SYSREG(name, value)                                                                  \
    __asm__ volatile("msr " #name ", %0\n\tisb" ::"r"((uint64_t)(value)) : "memory")

/* Aff3:Aff2:Aff1:Aff0 of MPIDR_EL1, as firmware names CPUs. */
#define MPIDR_AFFINITY 0xff00ffffffull

static inline struct cpu *this_cpu(void)
{
    struct cpu *cpu;
    __asm__("mrs %0, tpidr_el1" : "=r"(cpu));
    return cpu;
}

static inline uint64_t interrupts_off(void)
{
    uint64_t daif = READ_SYSREG(daif);
    __asm__ volatile("msr daifset, #2" ::: "memory");
    return daif;
}

static inline void interrupts_restore(uint64_t daif)
{
    __asm__ volatile("msr daif, %0" ::"r"(daif) : "memory");
}

static inline void interrupts_on(void)
{
    __asm__ volatile("msr daifclr, #2\n\tisb" ::: "memory");
}

/* Sleep until an interrupt is pending, masked or not. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

static inline void cpu_relax(void)
{
    __asm__ volatile("yield" ::: "memory");
}

/* What a device's register says comes before what memory then holds. */
static inline void device_read_done(void)
{
    __asm__ volatile("dsb ld" ::: "memory");
}

/* Memory that a device is told of is written before it is told. */
static inline void device_write_soon(void)
{
    __asm__ volatile("dsb st" ::: "memory");
}

/* How firmware names this CPU. */
static inline uint64_t cpu_hardware_id(void)
{
    return READ_SYSREG(mpidr_el1) & MPIDR_AFFINITY;
}

/* Start a CPU that is off, at secondary_main(cpu) on its stack; 0, or firmware's error. */
int32_t cpu_power_on(struct cpu *cpu);
/* This CPU, interrupts off. It returns only where firmware refuses. */
void cpu_power_off(void);
/* Is it off, so that it can be started again? */
bool cpu_is_off(const struct cpu *cpu);

/* Write back and drop the lines of [va, va + size), for a CPU whose caches are still off. */
void cache_flush(const void *va, size_t size);

/* TPIDR_EL0 and TPIDR_EL1. */
void cpu_adopt(struct cpu *cpu);

#endif /* DEMO_CPU_H */
