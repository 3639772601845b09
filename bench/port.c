/* SPDX-License-Identifier: MIT */
/* The port of the benchmarks: the C library's memory, counted, a test-and-set lock or none, threads as CPUs. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

bool bench_real_locks = true;
_Thread_local umsi_cpu bench_cpu;

static struct bench_memory memory;

static void held(size_t more)
{
    size_t now = __atomic_add_fetch(&memory.bytes, more, __ATOMIC_RELAXED);
    if (now > memory.most) {
        memory.most = now;
    }
}

struct bench_memory bench_memory_now(void)
{
    return memory;
}

static void *get(size_t size, size_t align)
{
    size_t whole = (size + align - 1) / align * align;
    void *p = aligned_alloc(align < sizeof(void *) ? sizeof(void *) : align, whole);
    if (p != NULL) {
        held(size);
    }
    return p;
}

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    (void)ctx;
    return get(size, align);
}

static void port_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    __atomic_sub_fetch(&memory.bytes, size, __ATOMIC_RELAXED);
    free(p);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    void *va = get(want->size, want->align);
    (void)ctx;
    if (va != NULL) {
        memset(va, 0, want->size);
    }
    *out = (struct umsi_dma){ va, (uintptr_t)va, (uintptr_t)va, want->size };
    return va != NULL;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    port_free(ctx, mem->va, mem->size);
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
        while (__atomic_load_n(&l->word[0], __ATOMIC_RELAXED) != 0) {
        }
    }
    return 0;
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    (void)ctx;
    (void)s;
    __atomic_store_n(&l->word[0], 0, __ATOMIC_RELEASE);
}

static umsi_irqstate no_lock(void *ctx, umsi_lock *l)
{
    (void)ctx;
    (void)l;
    return 0;
}

static void no_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    (void)ctx;
    (void)l;
    (void)s;
}

static umsi_cpu port_cpu_self(void *ctx)
{
    (void)ctx;
    return bench_cpu;
}

static uint64_t port_time_us(void *ctx)
{
    (void)ctx;
    return bench_now_ns() / 1000;
}

const struct umsi_port *bench_port(uint32_t nr_cpus)
{
    static struct umsi_port port;
    port = (struct umsi_port){
        .size = sizeof(port),
        .nr_cpus = nr_cpus,
        .alloc = port_alloc,
        .free = port_free,
        .dma_alloc = port_dma_alloc,
        .dma_free = port_dma_free,
        .lock_init = port_lock_init,
        .lock = bench_real_locks ? port_lock : no_lock,
        .unlock = bench_real_locks ? port_unlock : no_unlock,
        .cpu_self = port_cpu_self,
        .time_us = port_time_us,
    };
    return &port;
}
