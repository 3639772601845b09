/* SPDX-License-Identifier: MIT */
/*
 * CPUs go and come back, one at a time, whatever they were doing; the boot CPU stays. While one is off no vector may
 * have it as its target (L38).
 */
#include <umsi/cpu.h>

#include "../event.h"
#include "../platform.h"
#include "../smp.h"
#include "parts.h"

static uint32_t taken; /* somebody is at it, or it is over; atomic */
static bool is_off[UMSI_MAX_CPUS];

static bool take(void)
{
    return __atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE) == 0;
}

static void give(void)
{
    __atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
}

/* Others may make vectors meanwhile: not for this CPU. */
static bool none_sent_to(struct umsi *u, unsigned cpu, const char *when)
{
    struct umsi_counts counts;
    umsi_get_counts(u, &counts);
    for (umsi_virq v = 1; v <= counts.live_irqs + counts.waiting_irqs; v++) {
        if (umsi_irq_get_cpu(u, v) == cpu) {
            return stress_fail("virq %u is sent to CPU %u %s (L38)", (unsigned)v, cpu, when);
        }
    }
    return true;
}

static void power_off(struct umsi *u, unsigned cpu)
{
    uint32_t left = 0;
    enum umsi_status st = umsi_cpu_leave(u, cpu, &left);
    if (st == UMSI_UNSUPPORTED && !platform_moves_blocks) {
        tally(TALLY_STAYED, 1);
    } else if (st != UMSI_OK) {
        (void)stress_fail("CPU %u cannot leave: %s, %u vectors left", cpu, umsi_status_string(st),
                          (unsigned)left);
    } else if (none_sent_to(u, cpu, "after it left") && smp_power_off(cpu)) {
        is_off[cpu] = true;
        tally(TALLY_OFF, 1);
    }
}

static void power_on(struct umsi *u, unsigned cpu)
{
    if (!none_sent_to(u, cpu, "while it is off") || !smp_power_on(cpu)) {
        return;
    }
    enum umsi_status st = umsi_cpu_join(u, cpu);
    if (st != UMSI_OK) {
        (void)stress_fail("CPU %u cannot join: %s", cpu, umsi_status_string(st));
        return;
    }
    is_off[cpu] = false;
    tally(TALLY_ON, 1);
}

void hotplug_step(struct umsi *u, struct dice *d)
{
    uint32_t others = smp_online_count() - 1;
    if (others == 0 || !take()) {
        return;
    }
    unsigned cpu = smp_online(1 + dice_roll(d, others));
    if (is_off[cpu]) {
        power_on(u, cpu);
    } else if (cpu != smp_self()) {
        power_off(u, cpu);
    }
    give();
}

void hotplug_finish(struct umsi *u)
{
    while (!take()) {
        event_relax();
    }
    for (unsigned i = 1; i < smp_online_count(); i++) {
        if (is_off[smp_online(i)]) {
            power_on(u, smp_online(i));
        }
    }
}
