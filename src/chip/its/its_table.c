/* SPDX-License-Identifier: MIT */
/*
 * The device and the collection table: GITS_BASER<n>, IHI0069 5.2 and 12.18. The page size is the largest the
 * register takes. A device table that would need more than a page has two levels where the hardware can;
 * its level 2 pages come with the first device in them and stay until the ITS is off, as no command
 * makes the ITS forget one.
 */
#include "its.h"

#include "../../arch/barrier.h"

struct its_page {
    struct umsi_dma memory;
    struct its_page *next;
};

/*
 * Offer Inner Shareable, write-back; where that reads back as Non-shareable the ITS does not snoop, and all
 * it reads is cleaned from then on (L33).
 */
bool umsi_its_write_base(struct umsi_its *its, uint32_t reg, uint64_t value, uint64_t check)
{
    uint64_t got = 0;
    if (!its->non_coherent) {
        umsi_write64(its->umsi, its->base, reg,
                     value | GITS_BASE_INNER_RAWAWB | GITS_BASE_INNER_SHARE);
        got = umsi_read64(its->umsi, its->base, reg);
        its->non_coherent = (got & GITS_BASE_SHAREABILITY) == 0;
    }
    if (its->non_coherent) {
        umsi_write64(its->umsi, its->base, reg, value | GITS_BASE_INNER_NC);
        got = umsi_read64(its->umsi, its->base, reg);
    }
    if (((got ^ value) & (check | GITS_BASE_VALID)) != 0) {
        umsi_log(its->umsi, UMSI_LOG_ERROR, "%s: register 0x%x reads 0x%lx after 0x%lx", its->name,
                 reg, got, value);
        return false;
    }
    return true;
}

static uint64_t read_baser(struct umsi_its *its, uint32_t n)
{
    return umsi_read64(its->umsi, its->base, GITS_BASER(n));
}

/* Every BASER of a type we do not use, and of those we do until they are made, describes nothing. */
static void clear_tables(struct umsi_its *its)
{
    for (uint32_t n = 0; n < GITS_NR_BASER; n++) {
        umsi_write64(its->umsi, its->base, GITS_BASER(n), 0);
    }
}

static void find_table(struct umsi_its *its, struct its_table *t, uint32_t type)
{
    for (t->index = 0; t->index < GITS_NR_BASER; t->index++) {
        const uint64_t v = read_baser(its, t->index);
        if (GITS_BASER_TYPE(v) == type) {
            t->entry_bytes = GITS_BASER_ENTRY_SIZE(v) + 1;
            return;
        }
    }
}

/* The largest page size that sticks, and, when wanted, whether Indirect does. */
static uint32_t probe_pages(struct umsi_its *its, struct its_table *t)
{
    for (uint32_t size = 2; size > 0; size--) {
        const uint64_t v = (uint64_t)size << GITS_BASER_PAGE_SIZE_SHIFT;
        umsi_write64(its->umsi, its->base, GITS_BASER(t->index), v);
        if (GITS_BASER_PAGE_SIZE(read_baser(its, t->index)) == size) {
            return size;
        }
    }
    umsi_write64(its->umsi, its->base, GITS_BASER(t->index), 0);
    return GITS_BASER_PAGE_SIZE(read_baser(its, t->index));
}

static bool can_indirect(struct umsi_its *its, const struct its_table *t, uint32_t size)
{
    const uint64_t v = (uint64_t)size << GITS_BASER_PAGE_SIZE_SHIFT | GITS_BASER_INDIRECT;
    umsi_write64(its->umsi, its->base, GITS_BASER(t->index), v);
    return (read_baser(its, t->index) & GITS_BASER_INDIRECT) != 0;
}

/* A 64 KiB page's register has address bits [51:48] in [15:12]; the others reach 48 bits. */
static bool encode_address(const struct its_table *t, uint64_t *out)
{
    const umsi_bus at = t->memory.bus;
    if (t->page_bytes == 0x10000) {
        *out = (at & UINT64_C(0x0000ffffffff0000)) | ((at >> 48) & 0xf) << 12;
        return true;
    }
    *out = at;
    return at >> 48 == 0;
}

static enum umsi_status write_table(struct umsi_its *its, const struct its_table *t)
{
    const uint64_t check = UINT64_C(0x0000fffffffff000) | GITS_BASER_INDIRECT | 0x3ff;
    return t->base == 0 || umsi_its_write_base(its, GITS_BASER(t->index), t->base, check)
               ? UMSI_OK
               : UMSI_HARDWARE;
}

static enum umsi_status program(struct umsi_its *its, struct its_table *t, uint32_t size,
                                uint64_t pages)
{
    uint64_t value = 0;
    if (!encode_address(t, &value)) {
        return UMSI_RANGE;
    }
    t->base = value | GITS_BASE_VALID | (pages - 1) | (uint64_t)size << GITS_BASER_PAGE_SIZE_SHIFT |
              (t->two_level ? GITS_BASER_INDIRECT : 0);
    return write_table(its, t);
}

/*
 * Make a table that covers `split` ids where it can have two levels, else `flat` ids; or, when the register cannot
 * describe as much, as many as it can.
 */
static enum umsi_status make_table(struct umsi_its *its, struct its_table *t, uint64_t split,
                                   uint64_t flat)
{
    const uint32_t size = probe_pages(its, t);
    t->page_bytes = 0x1000u << (2 * size);
    const uint64_t per_page = t->page_bytes / t->entry_bytes;
    t->two_level = split > per_page && can_indirect(its, t, size);
    const uint64_t ids = t->two_level ? split : flat;
    const uint64_t units = t->two_level ? (ids + per_page - 1) / per_page : ids;
    uint64_t bytes = units * (t->two_level ? GITS_L1_ENTRY_BYTES : t->entry_bytes);
    const uint64_t most = (uint64_t)t->page_bytes * GITS_BASER_MAX_PAGES;
    bytes = bytes > most ? most : bytes;
    const uint64_t pages = (bytes + t->page_bytes - 1) / t->page_bytes;
    const uint64_t room = pages * t->page_bytes;
    t->capacity = t->two_level ? room / GITS_L1_ENTRY_BYTES * per_page : room / t->entry_bytes;
    t->capacity = t->capacity < ids ? t->capacity : ids;
    if (!umsi_dma_get(its->umsi, (size_t)room, t->page_bytes, &t->memory)) {
        return UMSI_NOMEM;
    }
    return program(its, t, size, pages);
}

enum umsi_status umsi_its_tables_init(struct umsi_its *its)
{
    const uint64_t devices = UINT64_C(1) << its->device_bits, flat = UINT64_C(1) << its->flat_bits;
    const uint32_t nr_cpus = its->umsi->port.nr_cpus;
    enum umsi_status st = UMSI_OK;
    clear_tables(its);
    find_table(its, &its->devices, GITS_BASER_TYPE_DEVICE);
    find_table(its, &its->cpus, GITS_BASER_TYPE_COLLECTION);
    its->devices.capacity = devices; /* of an ITS that keeps them inside */
    if (its->devices.index < GITS_NR_BASER) {
        st = make_table(its, &its->devices, devices, flat);
    }
    if (st == UMSI_OK && its->cpus.index < GITS_NR_BASER && nr_cpus > its->hcc) {
        st = make_table(its, &its->cpus, 0, nr_cpus);
    }
    while ((uint64_t)1 << its->device_bits > its->devices.capacity) {
        its->device_bits--; /* it is flat, or the register describes at most 256 pages */
    }
    const uint64_t held = (uint64_t)its->hcc + its->cpus.capacity;
    its->collections = held < its->collections ? (uint32_t)held : its->collections;
    return st;
}

enum umsi_status umsi_its_tables_program(struct umsi_its *its)
{
    clear_tables(its);
    const enum umsi_status st = write_table(its, &its->devices);
    return st != UMSI_OK ? st : write_table(its, &its->cpus);
}

void umsi_its_tables_exit(struct umsi_its *its)
{
    struct its_page *next;
    for (struct its_page *p = its->devices.pages; p != NULL; p = next) {
        next = p->next;
        umsi_dma_put(its->umsi, &p->memory);
        umsi_free(its->umsi, p, sizeof(*p));
    }
    umsi_dma_put(its->umsi, &its->devices.memory);
    umsi_dma_put(its->umsi, &its->cpus.memory);
}

/* ---- level 2 pages ---- */

static struct its_page *new_page(struct umsi_its *its, const struct its_table *t)
{
    struct its_page *p = umsi_alloc(its->umsi, sizeof(*p));
    if (p != NULL && !umsi_dma_get(its->umsi, t->page_bytes, t->page_bytes, &p->memory)) {
        umsi_free(its->umsi, p, sizeof(*p));
        p = NULL;
    }
    return p;
}

/* False: somebody else was first. Locked. */
static bool install(struct its_table *t, uint64_t *entry, struct its_page *p)
{
    if (*entry != 0) {
        return false;
    }
    p->next = t->pages;
    t->pages = p;
    umsi_wmb(); /* the page is zero before it is valid */
    __atomic_store_n(entry, umsi_its_le64(p->memory.bus | GITS_L1_VALID), __ATOMIC_RELEASE);
    return true;
}

static enum umsi_status fill(struct umsi_its *its, struct its_table *t, uint64_t *entry)
{
    struct its_page *p = new_page(its, t);
    if (p == NULL) {
        return UMSI_NOMEM;
    }
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->lock);
    const bool mine = install(t, entry, p);
    umsi_lock_drop(its->umsi, &its->lock, s);
    if (!mine) {
        umsi_dma_put(its->umsi, &p->memory);
        umsi_free(its->umsi, p, sizeof(*p));
    }
    return UMSI_OK;
}

enum umsi_status umsi_its_table_ensure(struct umsi_its *its, struct its_devid id)
{
    struct its_table *t = &its->devices;
    if (!t->two_level) {
        return UMSI_OK;
    }
    uint64_t *entry = (uint64_t *)t->memory.va + id.v / (t->page_bytes / t->entry_bytes);
    const enum umsi_status st =
        __atomic_load_n(entry, __ATOMIC_ACQUIRE) != 0 ? UMSI_OK : fill(its, t, entry);
    /* Whoever made it: who did may not have come to this yet. */
    if (its->non_coherent) {
        umsi_clean(its->umsi, entry, sizeof(*entry));
    }
    return st;
}
