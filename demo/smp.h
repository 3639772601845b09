/* SPDX-License-Identifier: MIT */
/*
 * The other CPUs.
 */
#ifndef DEMO_SMP_H
#define DEMO_SMP_H

#include <stdbool.h>

#include <umsi/fw/platform.h>

/* Which CPU of the table this one is, before smp_start(). */
void smp_adopt_boot_cpu(const struct umsi_platform *hw);
/* Start all others and wait until their LPIs are on. False: why was noted. */
bool smp_start(const struct umsi_platform *hw);
/* Park them: interrupts off, for good. */
bool smp_stop(void);

/* The CPU that asks. Context: any. */
unsigned smp_self(void);
unsigned smp_online_count(void);
/* The i-th online CPU's index. */
unsigned smp_online(unsigned i);

#endif /* DEMO_SMP_H */
