/* SPDX-License-Identifier: MIT */
/*
 * A CPU's thread-local storage, and memory for CPUs that do not see the caches yet.
 */
#include <string.h>

#include "cpu.h"

extern const char __tdata_start[], __tdata_size[];

void cpu_adopt(struct cpu *cpu)
{
    memcpy(cpu->tls + 16, __tdata_start, (uintptr_t)__tdata_size);
    WRITE_SYSREG(tpidr_el0, (uintptr_t)cpu->tls);
    WRITE_SYSREG(tpidr_el1, (uintptr_t)cpu);
}

void cache_flush(const void *va, size_t size)
{
    uintptr_t line = (uintptr_t)4 << ((READ_SYSREG(ctr_el0) >> 16) & 15);
    uintptr_t end = (uintptr_t)va + size;
    for (uintptr_t at = (uintptr_t)va & ~(line - 1); at < end; at += line) {
        __asm__ volatile("dc civac, %0" ::"r"(at) : "memory");
    }
    __asm__ volatile("dsb sy" ::: "memory");
}
