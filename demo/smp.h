/* SPDX-License-Identifier: MIT */
/*
 * The other CPUs: started, given work, powered off, started again.
 */
#ifndef DEMO_SMP_H
#define DEMO_SMP_H

#include <stdbool.h>

#include <umsi/fw/platform.h>

/* Which CPU of the table this one is, before smp_start(). */
void smp_adopt_boot_cpu(const struct umsi_platform *hw);
/* Start all others and wait until their LPIs are on. False: why was noted. */
bool smp_start(const struct umsi_platform *hw);
/* Power all others off. */
bool smp_stop(void);

/* The CPU that asks. Context: any. */
unsigned smp_self(void);
/* The CPUs that smp_start() started, and this one, whether they are there just now or not. */
unsigned smp_online_count(void);
unsigned smp_online(unsigned i);

/*
 * Run `job` on all CPUs at once, this one included; returns true when all have returned from it. A CPU that is
 * told to go leaves its job when smp_leaving() tells it to, and starts it anew when it is back.
 */
bool smp_run(void (*job)(void));
/* Is this CPU told to go? For a job to look at, between two pieces of its work. */
bool smp_leaving(void);

/*
 * Power another CPU off, when nothing is sent to it any more, and wait until it is; power it on, and wait until it
 * takes interrupts. One at a time. False: why was noted.
 */
bool smp_power_off(unsigned cpu);
bool smp_power_on(unsigned cpu);

#endif /* DEMO_SMP_H */
