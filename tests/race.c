/* SPDX-License-Identifier: MIT */
/* Races, without chance: two threads and one baton. */
#include "race.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { FIRST, SECOND, NOBODY };

struct race {
    struct umsi_port port;
    const struct umsi_port *inner;
    struct race_config config;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    const struct race_actor *actor[2];
    int running; /* who has the baton */
    bool done[2];
    bool stopped[2]; /* it came to its point, and the other one was let in */
    unsigned point[2], nth[2];
    unsigned waits;
    uint32_t locks_held; /* by who runs: nobody is stopped with a lock */
    bool serving;
    bool kicked[UMSI_MAX_CPUS];
};

static void become(struct race *r, umsi_cpu cpu)
{
    r->config.on_cpu(r->config.arg, cpu);
}

/* Hand the baton over, and wait until it is back. Called by who has it. */
static void hand_over(struct race *r, int to)
{
    const int me = r->running;
    pthread_mutex_lock(&r->lock);
    r->running = to;
    pthread_cond_broadcast(&r->turn);
    while (r->running != me) {
        pthread_cond_wait(&r->turn, &r->lock);
    }
    pthread_mutex_unlock(&r->lock);
    become(r, r->actor[me]->cpu);
}

static bool is_actor(const struct race *r, umsi_cpu cpu)
{
    for (int i = FIRST; i < NOBODY && r->running != NOBODY; i++) {
        if (i != r->running && !r->done[i] && r->actor[i]->cpu == cpu) {
            return true;
        }
    }
    return false;
}

/* CPUs with nobody else on them do what they were kicked for. */
static void serve(struct race *r)
{
    if (r->config.on_kick == NULL || r->serving) {
        return;
    }
    r->serving = true;
    for (umsi_cpu cpu = 0; cpu < r->port.nr_cpus; cpu++) {
        if (r->kicked[cpu] && !is_actor(r, cpu)) {
            r->kicked[cpu] = false;
            become(r, cpu);
            r->config.on_kick(r->config.arg);
        }
    }
    r->serving = false;
    if (r->running != NOBODY) {
        become(r, r->actor[r->running]->cpu);
    }
}

void race_point(struct race *r)
{
    const int me = r->running, other = me == FIRST ? SECOND : FIRST;
    if (me == NOBODY || r->locks_held != 0 || r->serving || r->stopped[me]) {
        return;
    }
    if (++r->point[me] == r->nth[me] && !r->done[other]) {
        r->stopped[me] = true;
        hand_over(r, other);
    }
}

/* Who waits, waits for the other, or for a CPU that was kicked. */
static void let_other(struct race *r)
{
    const umsi_cpu self = r->inner->cpu_self(r->inner->ctx);
    if (r->serving) {
        return;
    }
    serve(r);
    if (r->running == NOBODY) {
        become(r, self);
        return;
    }
    const int other = r->running == FIRST ? SECOND : FIRST;
    if (!r->done[other]) {
        r->waits++;
        hand_over(r, other);
    }
}

static void *run_actor(struct race *r, int me)
{
    pthread_mutex_lock(&r->lock);
    while (r->running != me) {
        pthread_cond_wait(&r->turn, &r->lock);
    }
    pthread_mutex_unlock(&r->lock);
    become(r, r->actor[me]->cpu);
    r->actor[me]->run(r->config.arg);
    pthread_mutex_lock(&r->lock);
    r->done[me] = true;
    const int other = me == FIRST ? SECOND : FIRST;
    r->running = r->done[other] ? NOBODY : other;
    pthread_cond_broadcast(&r->turn);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static void *run_second(void *arg)
{
    return run_actor(arg, SECOND);
}

bool race_run(struct race *r, const struct race_actor *first, const struct race_actor *second,
              unsigned nth, unsigned back)
{
    pthread_t thread;
    r->actor[FIRST] = first;
    r->actor[SECOND] = second;
    r->done[FIRST] = r->done[SECOND] = r->stopped[FIRST] = r->stopped[SECOND] = false;
    r->point[FIRST] = r->point[SECOND] = r->waits = 0;
    r->nth[FIRST] = nth;
    r->nth[SECOND] = back;
    assert_int_equal(pthread_create(&thread, NULL, run_second, r), 0);
    pthread_mutex_lock(&r->lock);
    r->running = FIRST;
    pthread_mutex_unlock(&r->lock);
    (void)run_actor(r, FIRST);
    assert_int_equal(pthread_join(thread, NULL), 0);
    become(r, 0);
    race_settle(r);
    return r->stopped[FIRST];
}

bool race_came_back(const struct race *r)
{
    return r->stopped[SECOND];
}

void race_kick(struct race *r, umsi_cpu cpu)
{
    assert_in_range(cpu, 0, r->port.nr_cpus - 1);
    r->kicked[cpu] = true;
    race_point(r);
}

void race_settle(struct race *r)
{
    for (unsigned i = 0; i < 8; i++) { /* what is kicked from there, too */
        serve(r);
    }
    become(r, 0);
}

unsigned race_waits(const struct race *r)
{
    return r->waits;
}

/* ---- the port ---- */

static const struct umsi_port *inner_of(void *ctx)
{
    return ((struct race *)ctx)->inner;
}

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    return inner_of(ctx)->alloc(inner_of(ctx)->ctx, size, align);
}

static void port_free(void *ctx, void *p, size_t size)
{
    inner_of(ctx)->free(inner_of(ctx)->ctx, p, size);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    return inner_of(ctx)->dma_alloc(inner_of(ctx)->ctx, want, out);
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    inner_of(ctx)->dma_free(inner_of(ctx)->ctx, mem);
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    inner_of(ctx)->lock_init(inner_of(ctx)->ctx, l);
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    struct race *r = ctx;
    race_point(r);
    r->locks_held++;
    return r->inner->lock(r->inner->ctx, l);
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    struct race *r = ctx;
    r->inner->unlock(r->inner->ctx, l, s);
    r->locks_held--;
    race_point(r);
}

static umsi_cpu port_cpu_self(void *ctx)
{
    race_point(ctx);
    return inner_of(ctx)->cpu_self(inner_of(ctx)->ctx);
}

static uint64_t port_time_us(void *ctx)
{
    race_point(ctx);
    return inner_of(ctx)->time_us(inner_of(ctx)->ctx);
}

static void port_relax(void *ctx)
{
    race_point(ctx);
    if (inner_of(ctx)->relax != NULL) {
        inner_of(ctx)->relax(inner_of(ctx)->ctx);
    }
    let_other(ctx);
}

static void port_log(void *ctx, enum umsi_log_level level, const char *line)
{
    inner_of(ctx)->log(inner_of(ctx)->ctx, level, line);
}

static void port_cache_clean(void *ctx, const void *va, size_t size)
{
    race_point(ctx);
    inner_of(ctx)->cache_clean(inner_of(ctx)->ctx, va, size);
}

static void port_kick(void *ctx, umsi_cpu cpu)
{
    struct race *r = ctx;
    if (r->config.on_kick != NULL || r->inner->cpu_kick == NULL) {
        race_kick(r, cpu);
    } else { /* the machine below has CPUs that listen */
        r->inner->cpu_kick(r->inner->ctx, cpu);
        race_point(r);
    }
}

static uint32_t port_read32(void *ctx, const volatile void *addr)
{
    race_point(ctx);
    return inner_of(ctx)->mmio_read32(inner_of(ctx)->ctx, addr);
}

static void port_write32(void *ctx, volatile void *addr, uint32_t v)
{
    race_point(ctx);
    inner_of(ctx)->mmio_write32(inner_of(ctx)->ctx, addr, v);
}

static uint64_t port_read64(void *ctx, const volatile void *addr)
{
    race_point(ctx);
    return inner_of(ctx)->mmio_read64(inner_of(ctx)->ctx, addr);
}

static void port_write64(void *ctx, volatile void *addr, uint64_t v)
{
    race_point(ctx);
    inner_of(ctx)->mmio_write64(inner_of(ctx)->ctx, addr, v);
}

static uint64_t port_sysreg_read(void *ctx, uint32_t reg)
{
    return inner_of(ctx)->sysreg_read(inner_of(ctx)->ctx, reg);
}

static void port_sysreg_write(void *ctx, uint32_t reg, uint64_t value)
{
    race_point(ctx);
    inner_of(ctx)->sysreg_write(inner_of(ctx)->ctx, reg, value);
}

/* What the inner port leaves out stays out, but for kicks. */
static void fill_in(struct umsi_port *p, const struct umsi_port *inner)
{
    p->alloc = port_alloc;
    p->free = port_free;
    p->dma_alloc = port_dma_alloc;
    p->dma_free = port_dma_free;
    p->lock_init = port_lock_init;
    p->lock = port_lock;
    p->unlock = port_unlock;
    p->cpu_self = port_cpu_self;
    p->time_us = port_time_us;
    p->relax = port_relax;
    p->log = inner->log != NULL ? port_log : NULL;
    p->cache_clean = inner->cache_clean != NULL ? port_cache_clean : NULL;
    p->cpu_kick = port_kick;
    if (inner->mmio_read32 != NULL) {
        p->mmio_read32 = port_read32;
        p->mmio_write32 = port_write32;
        p->mmio_read64 = port_read64;
        p->mmio_write64 = port_write64;
    }
    if (inner->sysreg_read != NULL) {
        p->sysreg_read = port_sysreg_read;
        p->sysreg_write = port_sysreg_write;
    }
}

struct race *race_create(const struct umsi_port *inner, const struct race_config *config)
{
    struct race *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    r->inner = inner;
    r->config = *config;
    r->running = NOBODY;
    r->port = (struct umsi_port){ .size = sizeof(r->port), .nr_cpus = inner->nr_cpus, .ctx = r };
    fill_in(&r->port, inner);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->turn, NULL);
    return r;
}

void race_destroy(struct race *r)
{
    pthread_cond_destroy(&r->turn);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

const struct umsi_port *race_port(struct race *r)
{
    return &r->port;
}
