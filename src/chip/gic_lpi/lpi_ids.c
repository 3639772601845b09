/* SPDX-License-Identifier: MIT */
/*
 * INTIDs: a bitmap with a hint of where free ones begin, and a two-level map from an INTID to its descriptor
 * that dispatch reads without a lock. Pages of the map come on demand and stay until the space is destroyed.
 *
 * An entry is a descriptor, NULL, or, with bit 0 set, a link of a chain of held INTIDs: numbers in quarantine
 * need no memory of their own.
 */
#include "lpi.h"

#include "gic_lpi_regs.h"

static uint32_t nr_words(const struct umsi_lpi *lpi)
{
    return (lpi->count + 63) / 64;
}

static uint32_t nr_pages(const struct umsi_lpi *lpi)
{
    return (lpi->count + LPI_MAP_PAGE - 1) / LPI_MAP_PAGE;
}

bool umsi_lpi_ids_init(struct umsi_lpi *lpi)
{
    struct umsi *u = lpi->umsi;
    const size_t bytes = nr_words(lpi) * sizeof(uint64_t);
    lpi->used = umsi_alloc(u, bytes);
    lpi->stale = umsi_alloc(u, bytes);
    lpi->map = umsi_alloc(u, nr_pages(lpi) * sizeof(*lpi->map));
    if (lpi->used == NULL || lpi->stale == NULL || lpi->map == NULL) {
        return false; /* umsi_lpi_ids_exit() takes care of what is there */
    }
    if (!lpi->own_tables) { /* nobody told us what the bytes were, or who read them */
        memset(lpi->stale, 0xff, bytes);
    }
    return true;
}

void umsi_lpi_ids_exit(struct umsi_lpi *lpi)
{
    struct umsi *u = lpi->umsi;
    const size_t bytes = nr_words(lpi) * sizeof(uint64_t);
    for (uint32_t i = 0; lpi->map != NULL && i < nr_pages(lpi); i++) {
        umsi_free(u, lpi->map[i], LPI_MAP_PAGE * sizeof(uintptr_t));
    }
    umsi_free(u, lpi->map, nr_pages(lpi) * sizeof(*lpi->map));
    umsi_free(u, lpi->used, bytes);
    umsi_free(u, lpi->stale, bytes);
}

/* ---- bits; lpi->lock is held ---- */

static bool test(const uint64_t *map, uint32_t n)
{
    return ((map[n / 64] >> (n % 64)) & 1) != 0;
}

static void set(uint64_t *map, uint32_t n)
{
    map[n / 64] |= (uint64_t)1 << (n % 64);
}

static void clear(uint64_t *map, uint32_t n)
{
    map[n / 64] &= ~((uint64_t)1 << (n % 64));
}

/* The lowest clear bit of a word that has one. */
static uint32_t lowest_clear(uint64_t word)
{
    uint32_t n = 0;
    for (uint32_t width = 32; width != 0; width /= 2) {
        const uint64_t low = ((uint64_t)1 << width) - 1;
        if ((word & low) == low) {
            word >>= width;
            n += width;
        }
    }
    return n;
}

/* A free one is known to be there. */
static uint32_t take_one(struct umsi_lpi *lpi)
{
    while (lpi->used[lpi->hint] == UINT64_MAX) {
        lpi->hint++;
    }
    const uint32_t n = lpi->hint * 64 + lowest_clear(lpi->used[lpi->hint]);
    set(lpi->used, n);
    lpi->taken++;
    return n;
}

static void give_one(struct umsi_lpi *lpi, uint32_t n)
{
    clear(lpi->used, n);
    lpi->taken--;
    if (n / 64 < lpi->hint) {
        lpi->hint = n / 64;
    }
}

/* ---- the map ---- */

/* Allocated without a lock; who comes second gives its page back. */
static bool make_entry(struct umsi_lpi *lpi, uint32_t n)
{
    if (umsi_lpi_slot(lpi, n) != NULL) {
        return true;
    }
    const size_t bytes = LPI_MAP_PAGE * sizeof(uintptr_t);
    uintptr_t *none = NULL, *page = umsi_alloc(lpi->umsi, bytes);
    if (page == NULL) {
        return false;
    }
    if (!__atomic_compare_exchange_n(&lpi->map[n / LPI_MAP_PAGE], &none, page, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        umsi_free(lpi->umsi, page, bytes);
    }
    return true;
}

struct umsi_irq *umsi_lpi_lookup(const struct umsi_lpi *lpi, uint32_t intid)
{
    const uint32_t n = intid - lpi->first;
    return n < lpi->count ? umsi_lpi_in(umsi_lpi_slot(lpi, n)) : NULL;
}

static void set_entry(struct umsi_lpi *lpi, uint32_t n, uintptr_t value)
{
    uintptr_t *e = umsi_lpi_slot(lpi, n);
    if (e != NULL) {
        __atomic_store_n(e, value, __ATOMIC_RELEASE);
    }
}

void umsi_lpi_publish(struct umsi_lpi *lpi, struct umsi_irq *irq)
{
    set_entry(lpi, umsi_lpi_intid(irq) - lpi->first, (uintptr_t)irq);
}

void umsi_lpi_unpublish(struct umsi_lpi *lpi, struct umsi_irq *irq)
{
    set_entry(lpi, umsi_lpi_intid(irq) - lpi->first, 0);
}

/* ---- taking and giving ---- */

/* A number that was cut off, or is not known to be enabled, gets its byte back; an INV follows its MAPTI. */
static void refresh(struct umsi_lpi *lpi, struct umsi_irq *irq, uint32_t n)
{
    if (!test(lpi->stale, n)) {
        return;
    }
    clear(lpi->stale, n);
    if (umsi_lpi_read_byte(lpi, lpi->first + n) != lpi->byte) {
        umsi_lpi_write_byte(lpi, lpi->first + n, lpi->byte);
    }
    umsi_lpi_mark(irq, LPI_NEEDS_INV);
}

enum umsi_status umsi_lpi_ids_take(struct umsi_lpi *lpi, struct umsi_irq *const *v, uint32_t n)
{
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    if (lpi->count - lpi->taken < n) {
        umsi_lock_drop(lpi->umsi, &lpi->lock, s);
        return UMSI_NOSPACE;
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t id = take_one(lpi);
        v[i]->level[0].hwirq = lpi->first + id;
        v[i]->level[0].word = 0;
        refresh(lpi, v[i], id);
    }
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
    for (uint32_t i = 0; i < n; i++) {
        if (!make_entry(lpi, umsi_lpi_intid(v[i]) - lpi->first)) {
            for (uint32_t k = 0; k < n; k++) {
                umsi_lpi_ids_give(lpi, v[k]);
            }
            return UMSI_NOMEM;
        }
    }
    return UMSI_OK;
}

/* The byte goes back to what a fresh LPI has; who read it otherwise is told at its next life. Lock held. */
static void retire(struct umsi_lpi *lpi, uint32_t n)
{
    if (umsi_lpi_read_byte(lpi, lpi->first + n) != lpi->byte) {
        umsi_lpi_write_byte(lpi, lpi->first + n, lpi->byte);
        set(lpi->stale, n);
    }
}

void umsi_lpi_ids_give(struct umsi_lpi *lpi, struct umsi_irq *irq)
{
    const uint32_t n = umsi_lpi_intid(irq) - lpi->first;
    if (umsi_lpi_marked(irq, LPI_HELD)) {
        return;
    }
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    set_entry(lpi, n, 0);
    retire(lpi, n);
    if (umsi_lpi_unmark(irq, LPI_NEEDS_INV)) {
        set(lpi->stale, n);
    }
    give_one(lpi, n);
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
}

bool umsi_lpi_cut(struct umsi_lpi *lpi, uint32_t intid)
{
    const uint32_t n = intid - lpi->first;
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    const bool orphan = !test(lpi->used, n) || umsi_lpi_lookup(lpi, intid) == NULL;
    if (orphan) {
        umsi_lpi_write_byte(lpi, intid, (uint8_t)(lpi->byte & ~GIC_LPI_BYTE_ENABLE));
        set(lpi->stale, n);
    }
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
    return orphan;
}

void umsi_lpi_hold(struct umsi_lpi *lpi, struct umsi_irq *irq, uint32_t *chain)
{
    const uint32_t intid = umsi_lpi_intid(irq);
    umsi_lpi_mark(irq, LPI_HELD);
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    set_entry(lpi, intid - lpi->first, ((uintptr_t)*chain << 1) | 1);
    *chain = intid;
    lpi->held++;
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
}

void umsi_lpi_release(struct umsi_lpi *lpi, uint32_t *chain)
{
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    while (*chain != 0) {
        const uint32_t n = *chain - lpi->first;
        *chain = (uint32_t)(*umsi_lpi_slot(lpi, n) >> 1);
        set_entry(lpi, n, 0);
        retire(lpi, n);
        set(lpi->stale, n);
        give_one(lpi, n);
        lpi->held--;
    }
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
}
