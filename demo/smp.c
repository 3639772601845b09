/* SPDX-License-Identifier: MIT */
/*
 * The life of the other CPUs: powered on, an idle loop in wfi with interrupts on, a job when there is one, powered
 * off, and perhaps on again.
 */
#include "cpu.h"
#include "console.h"
#include "end.h"
#include "event.h"
#include "memory.h"
#include "platform.h"
#include "smp.h"

#define STACK_SIZE   0x8000u
#define POWER_OFF_US 2000000u

_Noreturn void secondary_main(struct cpu *cpu);

static struct cpu boot_cpu;
static struct cpu *cpus[UMSI_MAX_CPUS];
static unsigned started[UMSI_MAX_CPUS], nr_started;
static struct event
    arrived; /* who was powered on has come up, or has not; who was told to go goes */
static enum umsi_status arrival;

static void (*job)(void); /* what the others are to run now; atomic */
static uint32_t job_number;
static struct event job_done;

void smp_adopt_boot_cpu(const struct umsi_platform *hw)
{
    boot_cpu.hardware_id = cpu_hardware_id();
    boot_cpu.busy = true;
    cpu_adopt(&boot_cpu);
    for (unsigned i = 0; hw != NULL && i < hw->nr_cpus; i++) {
        boot_cpu.index = hw->cpu_mpidr[i] == boot_cpu.hardware_id ? i : boot_cpu.index;
    }
    cpus[boot_cpu.index] = &boot_cpu;
    boot_cpu.online = true;
    started[0] = boot_cpu.index;
    nr_started = 1;
}

/* ---- on the other CPUs ---- */

static bool is_online(const struct cpu *cpu)
{
    return __atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE);
}

bool smp_leaving(void)
{
    return __atomic_load_n(&this_cpu()->ordered, __ATOMIC_ACQUIRE);
}

/* With interrupts off, so that who leaves a job or an order behind, and kicks, is not missed. */
static void idle(struct cpu *cpu)
{
    static uint32_t last_job[UMSI_MAX_CPUS];
    uint32_t number = __atomic_load_n(&job_number, __ATOMIC_ACQUIRE);
    if (number == last_job[cpu->index]) {
        wait_for_interrupt();
        interrupts_on();
        (void)interrupts_off();
        return;
    }
    interrupts_on();
    event_cpu_busy(true);
    job();
    event_cpu_busy(false);
    if (!smp_leaving()) {
        last_job[cpu->index] = number;
        event_raise(&job_done);
    }
    (void)interrupts_off();
}

static void live(struct cpu *cpu)
{
    while (!smp_leaving()) {
        idle(cpu);
    }
    event_cpu_offline();
    platform_cpu_offline(cpu->index);
    __atomic_store_n(&cpu->online, false, __ATOMIC_RELEASE);
}

void secondary_main(struct cpu *cpu)
{
    cpu_adopt(cpu);
    arrival = platform_cpu_online(cpu->index);
    if (arrival == UMSI_OK) {
        event_cpu_online();
        __atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
        event_raise(&arrived);
        live(cpu);
    }
    event_raise(&arrived);
    cpu_power_off();
    for (;;) {
        wait_for_interrupt();
    }
}

/* ---- on the CPU that starts and stops them ---- */

bool smp_power_on(unsigned index)
{
    struct cpu *cpu = cpus[index];
    event_reset(&arrived);
    __atomic_store_n(&cpu->ordered, false, __ATOMIC_RELEASE);
    int32_t r = cpu_power_on(cpu);
    if (r != 0) {
        end_note("CPU %u does not start: firmware's error %d", index, (int)r);
        return false;
    }
    if (!event_wait(&arrived, 1) || !is_online(cpu)) {
        end_note("CPU %u does not come online: %s", index,
                 arrived.count != 0 ? umsi_status_string(arrival) : "no answer");
        return false;
    }
    return true;
}

bool smp_power_off(unsigned index)
{
    struct cpu *cpu = cpus[index];
    event_reset(&arrived);
    __atomic_store_n(&cpu->ordered, true, __ATOMIC_RELEASE);
    platform_kick(index);
    if (!event_wait(&arrived, 1)) {
        end_note("CPU %u does not stop", index);
        return false;
    }
    uint64_t start = time_us();
    while (!cpu_is_off(cpu)) { /* the last it does, it cannot tell */
        if (time_us() - start > POWER_OFF_US) {
            end_note("CPU %u does not power off", index);
            return false;
        }
        event_relax();
    }
    return true;
}

static bool start(unsigned index, uint64_t hardware_id)
{
    struct cpu *cpu = memory_keep(sizeof(*cpu));
    uint8_t *stack = memory_keep(STACK_SIZE);
    if (cpu == NULL || stack == NULL) {
        end_note("no memory for CPU %u", index);
        return false;
    }
    *cpu = (struct cpu){ .stack_top = (uintptr_t)(stack + STACK_SIZE),
                         .hardware_id = hardware_id,
                         .index = index };
    cpus[index] = cpu;
    if (!smp_power_on(index)) {
        return false;
    }
    started[nr_started++] = index;
    return true;
}

bool smp_start(const struct umsi_platform *hw)
{
    for (unsigned i = 0; i < hw->nr_cpus; i++) {
        if (i != boot_cpu.index && !start(i, hw->cpu_mpidr[i])) {
            return false;
        }
    }
    return true;
}

bool smp_stop(void)
{
    for (unsigned i = 1; i < nr_started; i++) {
        if (is_online(cpus[started[i]]) && !smp_power_off(started[i])) {
            return false;
        }
    }
    return true;
}

bool smp_run(void (*new_job)(void))
{
    event_reset(&job_done);
    job = new_job;
    (void)__atomic_fetch_add(&job_number, 1, __ATOMIC_RELEASE);
    for (unsigned i = 1; i < nr_started; i++) {
        platform_kick(started[i]);
    }
    new_job();
    for (unsigned i = 1; i < nr_started; i++) {
        if (!event_wait(&job_done, i)) {
            end_note("only %u CPUs of %u have ended their work", (unsigned)job_done.count,
                     nr_started - 1);
            return false;
        }
    }
    return true;
}

/* ---- which there are ---- */

unsigned smp_self(void)
{
    return this_cpu()->index;
}

unsigned smp_online_count(void)
{
    return nr_started;
}

unsigned smp_online(unsigned i)
{
    return started[i];
}
