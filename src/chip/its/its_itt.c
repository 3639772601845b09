/* SPDX-License-Identifier: MIT */
/*
 * Memory for interrupt translation tables: pieces of 256 bytes and multiples, cut from chunks that the port
 * gives. A table of half a chunk or more has memory of its own. MAPD wants it zeroed and visible (L21), as the port's
 * dma_alloc() hands it out; what is cut from a chunk may have been in use.
 */
#include "its.h"

#define CHUNK_BYTES 65536u
#define UNITS       (CHUNK_BYTES / GITS_ITT_ALIGN)

struct its_chunk {
    struct umsi_dma memory;
    struct its_chunk *next, *prev; /* among those with room */
    uint32_t used;                 /* units */
    uint64_t map[UNITS / 64];
};

static bool is_used(const struct its_chunk *c, uint32_t unit)
{
    return ((c->map[unit / 64] >> (unit % 64)) & 1) != 0;
}

static void mark(struct its_chunk *c, uint32_t unit, uint32_t n, bool used)
{
    for (uint32_t i = unit; i < unit + n; i++) {
        const uint64_t bit = (uint64_t)1 << (i % 64);
        c->map[i / 64] = used ? c->map[i / 64] | bit : c->map[i / 64] & ~bit;
    }
    c->used = used ? c->used + n : c->used - n;
}

/* The lowest run of n free units; UNITS: none. */
static uint32_t find_run(const struct its_chunk *c, uint32_t n)
{
    uint32_t run = 0;
    for (uint32_t i = 0; i < UNITS; i++) {
        run = is_used(c, i) ? 0 : run + 1;
        if (run == n) {
            return i + 1 - n;
        }
    }
    return UNITS;
}

static void link_chunk(struct umsi_its *its, struct its_chunk *c)
{
    c->prev = NULL;
    c->next = its->chunks;
    if (c->next != NULL) {
        c->next->prev = c;
    }
    its->chunks = c;
}

static void unlink_chunk(struct umsi_its *its, struct its_chunk *c)
{
    if (c->prev != NULL) {
        c->prev->next = c->next;
    } else {
        its->chunks = c->next;
    }
    if (c->next != NULL) {
        c->next->prev = c->prev;
    }
}

/* Locked. */
static bool cut(struct umsi_its *its, uint32_t units, struct its_itt *out)
{
    for (struct its_chunk *c = its->chunks; c != NULL; c = c->next) {
        const uint32_t unit = find_run(c, units);
        if (unit == UNITS) {
            continue;
        }
        mark(c, unit, units, true);
        if (c->used == UNITS) {
            unlink_chunk(its, c);
        }
        *out = (struct its_itt){ .chunk = c, .unit = unit, .units = units };
        return true;
    }
    return false;
}

static struct its_chunk *new_chunk(struct umsi_its *its)
{
    struct its_chunk *c = umsi_alloc(its->umsi, sizeof(*c));
    if (c != NULL && !umsi_dma_get(its->umsi, CHUNK_BYTES, GITS_ITT_ALIGN, &c->memory)) {
        umsi_free(its->umsi, c, sizeof(*c));
        c = NULL;
    }
    return c;
}

static bool cut_locked(struct umsi_its *its, struct its_chunk *fresh, uint32_t units,
                       struct its_itt *out)
{
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->lock);
    if (fresh != NULL) {
        link_chunk(its, fresh);
    }
    const bool ok = cut(its, units, out);
    umsi_lock_drop(its->umsi, &its->lock, s);
    return ok;
}

static enum umsi_status get_piece(struct umsi_its *its, uint32_t units, struct its_itt *out)
{
    if (!cut_locked(its, NULL, units, out)) {
        struct its_chunk *c = new_chunk(its);
        if (c == NULL ||
            !cut_locked(its, c, units, out)) { /* a fresh one has room, unless others took it */
            return UMSI_NOMEM;
        }
    }
    const size_t at = (size_t)out->unit * GITS_ITT_ALIGN, bytes = (size_t)units * GITS_ITT_ALIGN;
    char *va = (char *)out->chunk->memory.va + at;
    out->bus = out->chunk->memory.bus + at;
    memset(va, 0, bytes);
    umsi_clean(its->umsi, va, bytes);
    return UMSI_OK;
}

enum umsi_status umsi_its_itt_get(struct umsi_its *its, uint32_t bits, struct its_itt *out)
{
    const size_t bytes = (size_t)its->itt_entry_bytes << bits;
    *out = (struct its_itt){ 0 };
    if (bytes < CHUNK_BYTES / 2) {
        return get_piece(its, (uint32_t)((bytes + GITS_ITT_ALIGN - 1) / GITS_ITT_ALIGN), out);
    }
    if (!umsi_dma_get(its->umsi, bytes, GITS_ITT_ALIGN, &out->memory)) {
        return UMSI_NOMEM;
    }
    out->bus = out->memory.bus;
    return UMSI_OK;
}

/* Give units back; returns the chunk when nothing is left in it, out of the list. */
static struct its_chunk *paste(struct umsi_its *its, const struct its_itt *itt)
{
    struct its_chunk *c = itt->chunk;
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->lock);
    if (c->used == UNITS) {
        link_chunk(its, c);
    }
    mark(c, itt->unit, itt->units, false);
    const bool empty = c->used == 0;
    if (empty) {
        unlink_chunk(its, c);
    }
    umsi_lock_drop(its->umsi, &its->lock, s);
    return empty ? c : NULL;
}

void umsi_its_itt_put(struct umsi_its *its, struct its_itt *itt)
{
    if (itt->chunk == NULL) {
        umsi_dma_put(its->umsi, &itt->memory);
        return;
    }
    struct its_chunk *empty = paste(its, itt);
    if (empty != NULL) {
        umsi_dma_put(its->umsi, &empty->memory);
        umsi_free(its->umsi, empty, sizeof(*empty));
    }
    itt->chunk = NULL;
}
