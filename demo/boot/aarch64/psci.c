/* SPDX-License-Identifier: MIT */
/*
 * PSCI calls, through HVC or SMC (SMC Calling Convention, DEN0028).
 */
#include "psci.h"

#define PSCI_CPU_OFF    0x84000002u
#define PSCI_CPU_ON     0xc4000003u
#define PSCI_AFFINITY   0xc4000004u
#define PSCI_SYSTEM_OFF 0x84000008u
#define NOT_SUPPORTED   (-1)

static enum psci_conduit conduit;

void psci_use(enum psci_conduit use)
{
    conduit = use;
}

static int32_t call(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;
    if (conduit == PSCI_HVC) {
        __asm__ volatile("hvc #0"
                         : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory", "x4", "x5", "x6", "x7",
                           "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17");
    } else if (conduit == PSCI_SMC) {
        __asm__ volatile("smc #0"
                         : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory", "x4", "x5", "x6", "x7",
                           "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17");
    } else {
        return NOT_SUPPORTED;
    }
    return (int32_t)(uint32_t)x0;
}

int32_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context)
{
    return call(PSCI_CPU_ON, mpidr, entry, context);
}

void psci_cpu_off(void)
{
    (void)call(PSCI_CPU_OFF, 0, 0, 0);
}

int32_t psci_affinity_info(uint64_t mpidr)
{
    return call(PSCI_AFFINITY, mpidr, 0, 0);
}

void psci_system_off(void)
{
    (void)call(PSCI_SYSTEM_OFF, 0, 0, 0);
}
