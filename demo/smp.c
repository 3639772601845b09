/* SPDX-License-Identifier: MIT */
/*
 * Starting the other CPUs with PSCI; their life is an idle loop in wfi, with interrupts on; parking them.
 */
#include "boot/aarch64/cpu.h"
#include "boot/aarch64/psci.h"
#include "console.h"
#include "end.h"
#include "event.h"
#include "memory.h"
#include "platform.h"
#include "smp.h"

#define STACK_SIZE 0x8000u

extern const char secondary_start[];
_Noreturn void secondary_main(struct cpu *cpu);

static struct cpu boot_cpu;
static struct cpu *cpus[UMSI_MAX_CPUS];
static unsigned online[UMSI_MAX_CPUS], nr_online;
static struct event arrived;
static enum umsi_status arrival;
static bool parking;

void smp_adopt_boot_cpu(const struct umsi_platform *hw)
{
    boot_cpu.mpidr = READ_SYSREG(mpidr_el1) & MPIDR_AFFINITY;
    cpu_adopt(&boot_cpu);
    for (unsigned i = 0; hw != NULL && i < hw->nr_cpus; i++) {
        boot_cpu.index = hw->cpu_mpidr[i] == boot_cpu.mpidr ? i : boot_cpu.index;
    }
    cpus[boot_cpu.index] = &boot_cpu;
    boot_cpu.online = true;
    online[0] = boot_cpu.index;
    nr_online = 1;
}

void secondary_main(struct cpu *cpu)
{
    cpu_adopt(cpu);
    arrival = platform_cpu_online(cpu->index);
    cpu->online = arrival == UMSI_OK;
    if (cpu->online) {
        event_cpu_online();
    }
    event_raise(&arrived);
    for (;;) {
        (void)interrupts_off();
        if (__atomic_load_n(&parking, __ATOMIC_ACQUIRE)) {
            break;
        }
        wait_for_interrupt();
        interrupts_on();
    }
    event_cpu_offline();
    __atomic_store_n(&cpu->parked, true, __ATOMIC_RELEASE);
    event_raise(&arrived);
    for (;;) {
        wait_for_interrupt();
    }
}

static bool start(unsigned index, uint64_t mpidr)
{
    struct cpu *cpu = memory_keep(sizeof(*cpu));
    uint8_t *stack = memory_keep(STACK_SIZE);
    if (cpu == NULL || stack == NULL) {
        end_note("no memory for CPU %u", index);
        return false;
    }
    *cpu = (struct cpu){ .stack_top = (uintptr_t)(stack + STACK_SIZE),
                         .mpidr = mpidr,
                         .index = index };
    cpus[index] = cpu;
    cache_flush(cpu, sizeof(*cpu)); /* its caches are off when it reads this */
    event_reset(&arrived);
    int32_t r = psci_cpu_on(mpidr, (uintptr_t)secondary_start, (uintptr_t)cpu);
    if (r != 0) {
        end_note("CPU %u does not start: PSCI error %d", index, (int)r);
        return false;
    }
    if (!event_wait(&arrived, 1) || !cpu->online) {
        end_note("CPU %u does not come online: %s", index,
                 arrived.count != 0 ? umsi_status_string(arrival) : "no answer");
        return false;
    }
    online[nr_online++] = index;
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
    event_reset(&arrived);
    __atomic_store_n(&parking, true, __ATOMIC_RELEASE);
    for (unsigned i = 1; i < nr_online; i++) {
        platform_kick(online[i]);
    }
    for (unsigned i = 1; i < nr_online; i++) {
        if (!event_wait(&arrived, i)) {
            end_note("a CPU does not stop");
            return false;
        }
    }
    for (unsigned i = 1; i < nr_online; i++) {
        struct cpu *cpu = cpus[online[i]];
        cpu->online = false;
    }
    return true;
}

unsigned smp_self(void)
{
    return this_cpu()->index;
}

unsigned smp_online_count(void)
{
    return nr_online;
}

unsigned smp_online(unsigned i)
{
    return online[i];
}
