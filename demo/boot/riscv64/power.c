/* SPDX-License-Identifier: MIT */
/*
 * Power of the harts, by SBI's hart state management (SBI 2.0, chapter 9).
 */
#include "cpu.h"
#include "sbi.h"

#define STOPPED 1

extern const char secondary_start[];

int32_t cpu_power_on(struct cpu *cpu)
{
    return (int32_t)sbi_call(SBI_EXT_HSM, SBI_HSM_START, cpu->hardware_id,
                             (uintptr_t)secondary_start, (uintptr_t)cpu)
        .error;
}

void cpu_power_off(void)
{
    WRITE_CSR(sie, 0);
    (void)sbi_call(SBI_EXT_HSM, SBI_HSM_STOP, 0, 0, 0);
}

bool cpu_is_off(const struct cpu *cpu)
{
    struct sbi_result r = sbi_call(SBI_EXT_HSM, SBI_HSM_STATUS, cpu->hardware_id, 0, 0);
    return r.error == 0 && r.value == STOPPED;
}
