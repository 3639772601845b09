/* SPDX-License-Identifier: MIT */
/*
 * The time counter: time, and a tick on each hart.
 */
#ifndef DEMO_TIMER_H
#define DEMO_TIMER_H

#include <stdint.h>

/* Ticks per second, as the devicetree has them (timebase-frequency of /cpus). */
void timer_use(uint64_t hz);
uint64_t time_us(void);
/* The next interrupt of this hart's timer in `us`; again from event_tick(). */
void timer_start(uint64_t us);
void timer_stop(void);

#endif /* DEMO_TIMER_H */
