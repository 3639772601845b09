/* SPDX-License-Identifier: MIT */
/*
 * The generic timer's virtual counter and compare register (Arm ARM D11).
 */
#include "cpu.h"
#include "timer.h"

#define CTL_ENABLE 1u

uint64_t time_us(void)
{
    uint64_t hz = READ_SYSREG(cntfrq_el0), count;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count)::"memory");
    if (hz < 1000000) {
        return hz == 0 ? count : count * 1000000 / hz;
    }
    return count / hz * 1000000 + count % hz * 1000000 / hz;
}

void timer_start(uint64_t us)
{
    uint64_t ticks = us * (READ_SYSREG(cntfrq_el0) / 1000) / 1000;
    WRITE_SYSREG(cntv_cval_el0, READ_SYSREG(cntvct_el0) + ticks);
    WRITE_SYSREG(cntv_ctl_el0, CTL_ENABLE);
}

void timer_stop(void)
{
    WRITE_SYSREG(cntv_ctl_el0, 0);
}
