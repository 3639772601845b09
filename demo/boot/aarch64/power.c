/* SPDX-License-Identifier: MIT */
/*
 * Power of the CPUs, by PSCI: CPU_ON, CPU_OFF, and AFFINITY_INFO for the moment between the two (DEN0022, 5.1).
 */
#include "cpu.h"
#include "psci.h"

extern const char secondary_start[];

int32_t cpu_power_on(struct cpu *cpu)
{
    cache_flush(cpu, sizeof(*cpu)); /* its caches are off when it reads this */
    return psci_cpu_on(cpu->hardware_id, (uintptr_t)secondary_start, (uintptr_t)cpu);
}

void cpu_power_off(void)
{
    psci_cpu_off(); /* what its caches hold is written back by firmware */
}

bool cpu_is_off(const struct cpu *cpu)
{
    return psci_affinity_info(cpu->hardware_id) == PSCI_IS_OFF;
}
