/* SPDX-License-Identifier: MIT */
/*
 * A fixed arena of pages, first fit on a bitmap: neighbours that are free are one, and what is in use is exactly the
 * bits that are set. A single page is taken from the top, a larger block from the bottom and aligned to its own
 * size (64 KiB at most), so that small objects, which come and go, do not break up the room for tables.
 */
#include <umsi/arena.h>

#include "../core/memfn.h"

#define PAGE  ((size_t)4096)
#define GRAIN (UMSI_ARENA_ALIGN / (uint32_t)PAGE)

/* ---- the bitmap; locked ---- */

static bool is_used(const struct umsi_arena *a, uint32_t page)
{
    return ((a->map[page / 32] >> (page % 32)) & 1) != 0;
}

static void mark(struct umsi_arena *a, uint32_t first, uint32_t n, bool used)
{
    for (uint32_t i = first; i < first + n; i++) {
        const uint32_t bit = (uint32_t)1 << (i % 32);
        a->map[i / 32] = used ? a->map[i / 32] | bit : a->map[i / 32] & ~bit;
    }
    a->used = used ? a->used + n : a->used - n;
    a->most = a->used > a->most ? a->used : a->most;
}

/* The last page of [first, first + n) that is in use; false: none is. */
static bool last_used(const struct umsi_arena *a, uint32_t first, uint32_t n, uint32_t *out)
{
    for (uint32_t i = first + n; i-- > first;) {
        if (is_used(a, i)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool find_low(const struct umsi_arena *a, uint32_t n, uint32_t align, uint32_t limit,
                     uint32_t *out)
{
    uint32_t at = 0, hit;
    while (at <= limit && n <= limit - at) {
        if (!last_used(a, at, n, &hit)) {
            *out = at;
            return true;
        }
        at = (hit + align) / align * align; /* the next multiple behind it */
    }
    return false;
}

static bool find_high(const struct umsi_arena *a, uint32_t align, uint32_t limit, uint32_t *out)
{
    for (uint32_t i = limit; i-- > 0;) {
        if (i % align == 0 && !is_used(a, i)) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* ---- taking and giving ---- */

static umsi_irqstate enter(struct umsi_arena *a)
{
    return a->locked ? a->port.lock(a->port.ctx, &a->lock) : 0;
}

static void leave(struct umsi_arena *a, umsi_irqstate s)
{
    if (a->locked) {
        a->port.unlock(a->port.ctx, &a->lock, s);
    }
}

/* A block's own alignment, in pages: the power of two that it fits in, GRAIN at most, or what was asked for. */
static uint32_t align_of(uint32_t n, size_t align)
{
    uint32_t own = 1;
    while (own < n && own < GRAIN) {
        own *= 2;
    }
    return align > own * PAGE ? (uint32_t)(align / PAGE) : own;
}

/* Pages that end at or below `max_phys`. */
static uint32_t reach(const struct umsi_arena *a, umsi_phys max_phys)
{
    if (max_phys < a->phys) {
        return 0;
    }
    const umsi_phys last = max_phys - a->phys;
    const umsi_phys room = last / PAGE + (last % PAGE == PAGE - 1);
    return room > a->pages ? a->pages : (uint32_t)room;
}

static void *take(struct umsi_arena *a, size_t size, size_t align, umsi_phys max_phys)
{
    uint32_t at = 0;
    if (size == 0 || size > a->pages * PAGE || align > UMSI_ARENA_ALIGN) {
        size = 0; /* never fits */
    }
    const uint32_t n = (uint32_t)((size + PAGE - 1) / PAGE), unit = align_of(n, align);
    const umsi_irqstate s = enter(a);
    const uint32_t limit = reach(a, max_phys);
    const bool ok =
        n == 1 ? find_high(a, unit, limit, &at) : n != 0 && find_low(a, n, unit, limit, &at);
    if (ok) {
        mark(a, at, n, true);
    } else {
        a->refused++;
    }
    leave(a, s);
    return ok ? a->memory + at * PAGE : NULL;
}

/* What was not taken so is left alone. */
static void give(struct umsi_arena *a, void *p, size_t size)
{
    const uintptr_t offset = (uintptr_t)p - (uintptr_t)a->memory;
    const uint32_t first = (uint32_t)(offset / PAGE), n = (uint32_t)((size + PAGE - 1) / PAGE);
    if (offset % PAGE != 0 || offset / PAGE >= a->pages || n > a->pages - first) {
        return;
    }
    const umsi_irqstate s = enter(a);
    bool whole = true;
    for (uint32_t i = first; i < first + n; i++) {
        whole = whole && is_used(a, i);
    }
    if (whole) {
        mark(a, first, n, false);
    }
    leave(a, s);
}

/* ---- the port's callbacks ---- */

void *umsi_arena_alloc(void *arena, size_t size, size_t align)
{
    return take(arena, size, align, UINT64_MAX);
}

void umsi_arena_free(void *arena, void *p, size_t size)
{
    give(arena, p, size);
}

bool umsi_arena_dma_alloc(void *arena, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    struct umsi_arena *a = arena;
    unsigned char *p = take(a, want->size, want->align, want->max_phys);
    if (p == NULL) {
        return false;
    }
    memset(p, 0, want->size);
    if (a->port.cache_clean != NULL) {
        a->port.cache_clean(a->port.ctx, p, want->size);
    }
    const umsi_phys phys = a->phys + (umsi_phys)(p - a->memory);
    *out = (struct umsi_dma){ p, phys, phys, want->size };
    return true;
}

void umsi_arena_dma_free(void *arena, const struct umsi_dma *mem)
{
    give(arena, mem->va, mem->size);
}

/* ---- the whole ---- */

enum umsi_status umsi_arena_init(struct umsi_arena *a, const struct umsi_arena_config *config)
{
    const size_t pages = config->size / PAGE;
    const size_t own = (pages + 8 * PAGE - 1) / (8 * PAGE); /* for the map */
    if (((uintptr_t)config->memory | config->phys) % UMSI_ARENA_ALIGN != 0 || pages > UINT32_MAX) {
        return UMSI_INVALID;
    }
    if (config->memory == NULL || pages <= own) {
        return UMSI_NOMEM;
    }
    memset(a, 0, sizeof(*a));
    a->memory = config->memory;
    a->phys = config->phys;
    a->pages = (uint32_t)(pages - own);
    a->map = (uint32_t *)(void *)(a->memory + a->pages * PAGE);
    memset(a->map, 0, own * PAGE);
    if (config->port != NULL) {
        a->port = *config->port;
        a->locked = true;
        a->port.lock_init(a->port.ctx, &a->lock);
    }
    return UMSI_OK;
}

void umsi_arena_get_counts(struct umsi_arena *a, struct umsi_arena_counts *out)
{
    const umsi_irqstate s = enter(a);
    *out =
        (struct umsi_arena_counts){ a->pages * PAGE, a->used * PAGE, a->most * PAGE, a->refused };
    leave(a, s);
}

static uint32_t or_else(uint32_t value, uint32_t fallback)
{
    return value == 0 ? fallback : value;
}

size_t umsi_arena_size(const struct umsi_arena_need *need)
{
    const uint32_t cpus = or_else(need->cpus, 1), its = or_else(need->its, 1);
    const uint32_t devices = or_else(need->devices, 1), events = or_else(need->events, 32);
    const uint32_t vectors = or_else(need->vectors, 32), bits = or_else(need->lpi_bits, 16);
    const uint32_t device_bits = or_else(need->device_bits, 16);
    const uint32_t queue = or_else(need->queue_bytes, 16384);
    if (need->identities != 0) {
        return UMSI_ARENA_IMSIC_SIZE(cpus, need->identities, devices, events, vectors);
    }
    return UMSI_ARENA_SIZE(cpus, its, devices, events, vectors, bits, device_bits, queue);
}
