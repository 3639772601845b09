/* SPDX-License-Identifier: MIT */
/* The port with host threads as CPUs. */
#include "thread_port.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

static _Thread_local umsi_cpu self;

void thread_port_be(umsi_cpu cpu)
{
    self = cpu;
}

umsi_cpu thread_port_self(void)
{
    return self;
}

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    (void)ctx;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void port_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    (void)size;
    free(p);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    (void)want;
    (void)out;
    return false;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    (void)mem;
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    (void)ctx;
    l->word[0] = 0;
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    (void)ctx;
    while (__atomic_exchange_n(&l->word[0], 1, __ATOMIC_ACQUIRE) != 0) {
        sched_yield();
    }
    return 0;
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    (void)ctx;
    (void)s;
    __atomic_store_n(&l->word[0], 0, __ATOMIC_RELEASE);
}

static umsi_cpu port_cpu_self(void *ctx)
{
    (void)ctx;
    return self;
}

static uint64_t port_time_us(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void port_relax(void *ctx)
{
    (void)ctx;
    sched_yield();
}

struct umsi_port thread_port(uint32_t nr_cpus)
{
    return (struct umsi_port){
        .size = sizeof(struct umsi_port),
        .nr_cpus = nr_cpus,
        .alloc = port_alloc,
        .free = port_free,
        .dma_alloc = port_dma_alloc,
        .dma_free = port_dma_free,
        .lock_init = port_lock_init,
        .lock = port_lock,
        .unlock = port_unlock,
        .cpu_self = port_cpu_self,
        .time_us = port_time_us,
        .relax = port_relax,
    };
}
