/* SPDX-License-Identifier: MIT */
/*
 * The time CSR, and SBI's timer (SBI 2.0, chapter 6), which every version of firmware has.
 */
#include "timer.h"
#include "cpu.h"
#include "sbi.h"

static uint64_t hz = 10000000;

void timer_use(uint64_t new_hz)
{
    hz = new_hz >= 1000000 ? new_hz : hz;
}

uint64_t time_us(void)
{
    uint64_t count = READ_CSR(time);
    return count / hz * 1000000 + count % hz * 1000000 / hz;
}

static void set(uint64_t at)
{
    (void)sbi_call(SBI_EXT_TIME, 0, at, 0, 0);
}

void timer_start(uint64_t us)
{
    set(READ_CSR(time) + us * (hz / 1000) / 1000);
}

void timer_stop(void)
{
    set(UINT64_MAX);
}
