/* SPDX-License-Identifier: MIT */
/*
 * Waiting and not hanging: the tick, deadlines, the watchdog. struct event itself is in driver.h.
 */
#ifndef DEMO_EVENT_H
#define DEMO_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "driver.h"

#define EVENT_LIMIT_US 2000000u

/* Progress: what the kernel does now. Twenty seconds without another one end the run as a failure. */
void watchdog_feed(const char *doing);
/* In a loop that waits for what no handler announces: let the other CPUs go on. */
void event_relax(void);
/* How long event_wait() waits from now on, where two seconds are not enough: on a machine that is much loaded. */
void event_patience(uint32_t us);
/* Each CPU: have a tick. The platform calls event_tick() for the timer's interrupt. */
void event_cpu_online(void);
void event_cpu_offline(void);
/* This CPU has work from now on, or none: its tick is short, or long. The boot CPU always has. */
void event_cpu_busy(bool busy);
void event_tick(void);

#endif /* DEMO_EVENT_H */
