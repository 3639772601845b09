/* SPDX-License-Identifier: MIT */
/*
 * Trying out a port before anything depends on it. Each check is one row: a name, and a function that is true
 * when the callback kept its contract.
 */
#include "core.h"

#define TRY_BYTES   ((size_t)4096)
#define TRY_DMA     ((size_t)65536)
#define CLOCK_LOOKS 20000000u

typedef const struct umsi_port port;

static bool is_filled(const void *p, size_t size, uint8_t value)
{
    const uint8_t *byte = p;
    for (size_t i = 0; i < size; i++) {
        if (byte[i] != value) {
            return false;
        }
    }
    return true;
}

static bool required(port *p)
{
    return p->alloc != NULL && p->free != NULL && p->dma_alloc != NULL && p->dma_free != NULL &&
           p->lock_init != NULL && p->lock != NULL && p->unlock != NULL && p->cpu_self != NULL &&
           p->time_us != NULL;
}

/* Callbacks that make sense only together. */
static bool pairs(port *p)
{
    bool all = p->mmio_read32 != NULL && p->mmio_write32 != NULL && p->mmio_read64 != NULL &&
               p->mmio_write64 != NULL;
    bool none = p->mmio_read32 == NULL && p->mmio_write32 == NULL && p->mmio_read64 == NULL &&
                p->mmio_write64 == NULL;
    return (all || none) && (p->device_lock == NULL) == (p->device_unlock == NULL) &&
           (p->doorbell_map == NULL) == (p->doorbell_unmap == NULL) &&
           (p->sysreg_read == NULL) == (p->sysreg_write == NULL);
}

static bool try_alloc(port *p)
{
    uint8_t *a = p->alloc(p->ctx, TRY_BYTES, TRY_BYTES);
    uint8_t *b = p->alloc(p->ctx, TRY_BYTES, TRY_BYTES);
    bool ok = a != NULL && b != NULL && ((uintptr_t)a | (uintptr_t)b) % TRY_BYTES == 0;
    if (ok) {
        memset(a, 0x5a, TRY_BYTES);
        memset(b, 0xa5, TRY_BYTES);
        ok = is_filled(a, TRY_BYTES, 0x5a) && is_filled(b, TRY_BYTES, 0xa5);
    }
    if (a != NULL) {
        p->free(p->ctx, a, TRY_BYTES);
    }
    if (b != NULL) {
        p->free(p->ctx, b, TRY_BYTES);
    }
    return ok;
}

static bool dma_is_sound(const struct umsi_dma *m)
{
    return m->va != NULL && m->size >= TRY_DMA && m->phys % TRY_DMA == 0 &&
           is_filled(m->va, TRY_DMA, 0);
}

static bool overlap(const struct umsi_dma *a, const struct umsi_dma *b)
{
    uintptr_t va_a = (uintptr_t)a->va, va_b = (uintptr_t)b->va;
    bool phys = a->phys < b->phys + TRY_DMA && b->phys < a->phys + TRY_DMA;
    return phys || (va_a < va_b + TRY_DMA && va_b < va_a + TRY_DMA);
}

/* The first block is dirtied before it is given back, so that a second life of it must be zeroed again. */
static bool try_dma(port *p)
{
    const struct umsi_dma_want want = { TRY_DMA, TRY_DMA, UINT64_MAX, UINT32_MAX };
    struct umsi_dma a = { 0 }, b = { 0 };
    if (!p->dma_alloc(p->ctx, &want, &a)) {
        return false;
    }
    bool ok = dma_is_sound(&a) && p->dma_alloc(p->ctx, &want, &b);
    if (ok) {
        ok = dma_is_sound(&b) && !overlap(&a, &b);
        p->dma_free(p->ctx, &b);
        memset(a.va, 0xff, TRY_DMA);
    }
    p->dma_free(p->ctx, &a);
    if (ok) {
        ok = p->dma_alloc(p->ctx, &want, &a) && dma_is_sound(&a);
        if (ok) {
            p->dma_free(p->ctx, &a);
        }
    }
    return ok;
}

/* The highest address is honoured, or the request refused. */
static bool try_dma_limit(port *p)
{
    const struct umsi_dma_want want = { TRY_BYTES, TRY_BYTES, UINT32_MAX, UINT32_MAX };
    struct umsi_dma m = { 0 };
    if (!p->dma_alloc(p->ctx, &want, &m)) {
        return true;
    }
    bool ok = m.phys + (TRY_BYTES - 1) <= UINT32_MAX;
    p->dma_free(p->ctx, &m);
    return ok;
}

static bool try_locks(port *p)
{
    umsi_lock a, b;
    p->lock_init(p->ctx, &a);
    p->lock_init(p->ctx, &b);
    for (uint32_t i = 0; i < 2; i++) {
        umsi_irqstate sa = p->lock(p->ctx, &a);
        umsi_irqstate sb = p->lock(p->ctx, &b);
        p->unlock(p->ctx, &b, sb);
        p->unlock(p->ctx, &a, sa);
    }
    return true;
}

static bool try_cpu_self(port *p)
{
    return p->cpu_self(p->ctx) < p->nr_cpus;
}

static bool try_time(port *p)
{
    uint64_t start = p->time_us(p->ctx), last = start;
    for (uint32_t i = 0; i < CLOCK_LOOKS && last == start; i++) {
        uint64_t now = p->time_us(p->ctx);
        if (now < last) {
            return false;
        }
        if (p->relax != NULL) {
            p->relax(p->ctx);
        }
        last = now;
    }
    return last != start;
}

static bool try_cache(port *p)
{
    static const uint8_t line[64];
    if (p->cache_clean != NULL) {
        p->cache_clean(p->ctx, line, sizeof(line));
    }
    return true;
}

static bool try_relax(port *p)
{
    if (p->relax != NULL) {
        p->relax(p->ctx);
    }
    return true;
}

static bool try_log(port *p)
{
    if (p->log != NULL) {
        p->log(p->ctx, UMSI_LOG_DEBUG, "umsi_port_check: this port can log");
    }
    return true;
}

static const struct {
    const char *what;
    bool (*holds)(port *p);
} checks[] = {
    { "a required callback is NULL", required },
    { "callbacks that belong together: only some are there", pairs },
    { "alloc: no memory, not aligned, or two blocks overlap", try_alloc },
    { "dma_alloc: no memory, not aligned, not zeroed, or two blocks overlap", try_dma },
    { "dma_alloc: above max_phys", try_dma_limit },
    { "lock", try_locks },
    { "cpu_self: not below nr_cpus", try_cpu_self },
    { "time_us: stands still or goes back", try_time },
    { "relax", try_relax },
    { "cache_clean", try_cache },
    { "log", try_log },
};

static enum umsi_status broken(const struct umsi_port *p, const char *what, const char **out_what,
                               enum umsi_status st)
{
    if (p != NULL && p->size >= offsetof(struct umsi_port, log) + sizeof(p->log) &&
        p->log != NULL) {
        p->log(p->ctx, UMSI_LOG_ERROR, what);
    }
    if (out_what != NULL) {
        *out_what = what;
    }
    return st;
}

enum umsi_status umsi_port_check(const struct umsi_port *p, const char **out_what)
{
    struct umsi_port full = { 0 };
    if (p == NULL || p->size < offsetof(struct umsi_port, device_lock)) {
        return broken(p, "port: size is too small", out_what, UMSI_INVALID);
    }
    memcpy(&full, p, p->size < sizeof(full) ? p->size : sizeof(full));
    if (full.nr_cpus == 0 || full.nr_cpus > UMSI_MAX_CPUS) {
        return broken(p, "port: nr_cpus is 0 or above UMSI_MAX_CPUS", out_what, UMSI_INVALID);
    }
    for (uint32_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (!checks[i].holds(&full)) {
            return broken(p, checks[i].what, out_what, UMSI_PORT);
        }
    }
    return UMSI_OK;
}
