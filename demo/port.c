/* SPDX-License-Identifier: MIT */
/*
 * struct umsi_port: memory from the page allocator, a spin lock, the generic timer, the console, an SGI.
 */
#include <umsi/umsi.h>

#include "cpu.h"
#include "timer.h"
#include "console.h"
#include "memory.h"
#include "platform.h"
#include "spinlock.h"
#include "port.h"

_Static_assert(sizeof(struct spinlock) <= sizeof(umsi_lock), "umsi_lock has room for ours");

static void *alloc(void *ctx, size_t size, size_t align)
{
    return memory_get(size, align, UINT64_MAX);
}

static void release(void *ctx, void *p, size_t size)
{
    memory_put(p, size);
}

/* Everything snoops on this machine; memory_get() zeroed it. */
static bool dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    void *va = memory_get(want->size, want->align, want->max_phys);
    if (va == NULL) {
        return false;
    }
    *out = (struct umsi_dma){ va, (uintptr_t)va, (uintptr_t)va, want->size };
    return true;
}

static void dma_free(void *ctx, const struct umsi_dma *mem)
{
    memory_put(mem->va, mem->size);
}

static void lock_init(void *ctx, umsi_lock *l)
{
    *l = (umsi_lock){ { 0, 0 } };
}

static umsi_irqstate lock(void *ctx, umsi_lock *l)
{
    return spin_lock((struct spinlock *)l->word);
}

static void unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    spin_unlock((struct spinlock *)l->word, s);
}

static umsi_cpu cpu_self(void *ctx)
{
    return this_cpu()->index;
}

static uint64_t port_time_us(void *ctx)
{
    return time_us();
}

static void relax(void *ctx)
{
    cpu_relax();
}

static void log_line(void *ctx, enum umsi_log_level level, const char *line)
{
    static const char *const name[] = { "error", "warning", "info", "debug" };
    if (level <= platform_log_level) {
        print("  umsi %s: %s\n", name[level], line);
    }
}

static void cpu_kick(void *ctx, umsi_cpu cpu)
{
    platform_kick(cpu);
}

enum umsi_log_level platform_log_level = UMSI_LOG_WARN;

struct umsi_port demo_port = {
    .size = sizeof(struct umsi_port),
    .alloc = alloc,
    .free = release,
    .dma_alloc = dma_alloc,
    .dma_free = dma_free,
    .lock_init = lock_init,
    .lock = lock,
    .unlock = unlock,
    .cpu_self = cpu_self,
    .time_us = port_time_us,
    .relax = relax,
    .log = log_line,
    .cpu_kick = cpu_kick,
};
