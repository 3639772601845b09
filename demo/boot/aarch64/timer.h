/* SPDX-License-Identifier: MIT */
/*
 * The generic timer: time, and a tick on each CPU.
 */
#ifndef DEMO_TIMER_H
#define DEMO_TIMER_H

#include <stdint.h>

#define TIMER_PPI 27u /* the EL1 virtual timer */

uint64_t time_us(void);
/* The next interrupt of this CPU's timer in `us`; again from timer_interrupt(). */
void timer_start(uint64_t us);
void timer_stop(void);

#endif /* DEMO_TIMER_H */
