/* SPDX-License-Identifier: MIT */
/*
 * A hart's thread-local storage, and which hart this is: supervisor mode cannot ask, it was told when it started.
 */
#include <string.h>

#include "cpu.h"

extern const char __tdata_start[], __tdata_size[];
uint64_t boot_hart_id;

uint64_t cpu_hardware_id(void)
{
    return boot_hart_id;
}

void cpu_adopt(struct cpu *cpu)
{
    memcpy(cpu->tls, __tdata_start, (uintptr_t)__tdata_size);
    __asm__ volatile("mv tp, %0" ::"r"(cpu->tls));
    WRITE_CSR(sscratch, (uintptr_t)cpu);
    SET_CSR(sie, SIE_SOFTWARE | SIE_TIMER | SIE_EXTERNAL);
}
