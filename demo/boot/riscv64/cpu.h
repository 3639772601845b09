/* SPDX-License-Identifier: MIT */
/*
 * One CPU, a hart: its record, its interrupt mask, sleep, power.
 */
#ifndef DEMO_CPU_H
#define DEMO_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* start.S reads the first word of it. sscratch points here, tp to the variables in `tls`. */
struct cpu {
    uint64_t stack_top;
    uint64_t hardware_id; /* the hart ID */
    unsigned index;
    bool online;  /* takes interrupts; atomic */
    bool ordered; /* told to power itself off; atomic */
    bool busy;    /* has work: its tick is short */
    uint8_t tls[128] __attribute__((aligned(16)));
};

/* A name, or a number that is defined. */
#define CSR_NAME(name)  CSR_NAME_(name)
#define CSR_NAME_(name) #name

#define READ_CSR(name)                                                                             \
    __extension__({                                                                                \
        uint64_t value_;                                                                           \
        __asm__ volatile("csrr %0, " CSR_NAME(name) : "=r"(value_)::"memory");                     \
        value_;                                                                                    \
    })
#define WRITE_CSR(name, value)                                                                     \
    __asm__ volatile("csrw " CSR_NAME(name) ", %0" ::"r"((uint64_t)(value)) : "memory")
#define SET_CSR(name, bits)                                                                        \
    __asm__ volatile("csrs " #name ", %0" ::"r"((uint64_t)(bits)) : "memory")
#define CLEAR_CSR(name, bits)                                                                      \
    __asm__ volatile("csrc " #name ", %0" ::"r"((uint64_t)(bits)) : "memory")

#define SSTATUS_SIE  UINT64_C(2)
#define SIE_SOFTWARE (UINT64_C(1) << 1)
#define SIE_TIMER    (UINT64_C(1) << 5)
#define SIE_EXTERNAL (UINT64_C(1) << 9)

static inline struct cpu *this_cpu(void)
{
    struct cpu *cpu;
    __asm__ volatile("csrr %0, sscratch" : "=r"(cpu));
    return cpu;
}

static inline uint64_t interrupts_off(void)
{
    uint64_t old;
    __asm__ volatile("csrrci %0, sstatus, 2" : "=r"(old)::"memory");
    return old & SSTATUS_SIE;
}

static inline void interrupts_restore(uint64_t state)
{
    SET_CSR(sstatus, state);
}

static inline void interrupts_on(void)
{
    SET_CSR(sstatus, SSTATUS_SIE);
}

/* Sleep until an interrupt is pending, masked or not. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("fence\n\twfi" ::: "memory");
}

static inline void cpu_relax(void)
{
    __asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010" ::: "memory"); /* pause, a hint */
}

/* What a device's register says comes before what memory then holds. */
static inline void device_read_done(void)
{
    __asm__ volatile("fence i, ir" ::: "memory");
}

/* Memory that a device is told of is written before it is told. */
static inline void device_write_soon(void)
{
    __asm__ volatile("fence w, o" ::: "memory");
}

/* How firmware names this CPU. */
uint64_t cpu_hardware_id(void);

/* Start a CPU that is off, at secondary_main(cpu) on its stack; 0, or firmware's error. */
int32_t cpu_power_on(struct cpu *cpu);
/* This CPU, interrupts off. It returns only where firmware refuses. */
void cpu_power_off(void);
/* Is it off, so that it can be started again? */
bool cpu_is_off(const struct cpu *cpu);

/* sscratch and tp; interrupts of this hart enabled at their source. */
void cpu_adopt(struct cpu *cpu);

#endif /* DEMO_CPU_H */
