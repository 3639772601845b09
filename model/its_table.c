/* SPDX-License-Identifier: MIT */
/*
 * The ITS's tables. They live in the memory the driver gave, in the model's own format, and are read and
 * written as devices see memory. IHI0069 5.2.1 - 5.2.5, 12.19 GITS_BASER<n>.
 *
 * A level 1 entry is read once and kept: no command invalidates it, so a page stays the ITS's until the ITS
 * is off.
 */
#include "machine.h"

#define BIT(n)         ((uint64_t)1 << (n))
#define FIELD(v, h, l) (((v) >> (l)) & (UINT64_MAX >> (63 - (h) + (l))))

/* Model's own entries: a valid bit on top, so that zeroed memory is invalid. */
uint64_t table_dte(uint64_t itt, uint32_t event_bits)
{
    return ENTRY_VALID | itt | event_bits; /* ITT 51:8, bits 5:0 */
}

uint32_t table_dte_bits(uint64_t dte)
{
    return (uint32_t)(dte & 0x3f);
}

uint64_t table_dte_itt(uint64_t dte)
{
    return dte & (BIT(52) - BIT(8));
}

uint64_t table_ite(uint32_t intid, uint32_t icid)
{
    return ENTRY_VALID | (uint64_t)icid << 32 | intid;
}

uint32_t table_ite_intid(uint64_t ite)
{
    return (uint32_t)ite;
}

uint32_t table_ite_icid(uint64_t ite)
{
    return (uint32_t)FIELD(ite, 47, 32);
}

/* ---- GITS_BASER<n> ---- */

int table_baser_of(const struct its *its, unsigned type)
{
    for (int n = 0; n < 8; n++) {
        if (FIELD(its->baser[n], 58, 56) == type) {
            return n;
        }
    }
    return -1;
}

static uint64_t page_size(uint64_t baser)
{
    return (uint64_t)MODEL_PAGE << (2 * FIELD(baser, 9, 8));
}

static uint32_t entry_size(uint64_t baser)
{
    return (uint32_t)FIELD(baser, 52, 48) + 1;
}

uint64_t table_baser_phys(const struct its *its, unsigned n)
{
    uint64_t baser = its->baser[n], addr = baser & (BIT(48) - BIT(12));
    if (page_size(baser) != 65536) {
        return addr & ~(page_size(baser) - 1);
    }
    return (addr & ~0xffffull) | FIELD(addr, 15, 12) << 48;
}

uint64_t table_baser_bytes(const struct its *its, unsigned n)
{
    uint64_t baser = its->baser[n];
    return (baser & ENTRY_VALID) == 0 ? 0 : (FIELD(baser, 7, 0) + 1) * page_size(baser);
}

bool table_empty(struct its *its, unsigned n)
{
    return memory_zero_at(its->m, table_baser_phys(its, n), table_baser_bytes(its, n));
}

/* ---- finding an entry ---- */

static struct held *page_of(struct its *its, unsigned n, uint64_t index)
{
    for (uint32_t i = 0; i < its->nr_held; i++) {
        if (its->held[i].page && its->held[i].device == index && its->held[i].events == n) {
            return &its->held[i];
        }
    }
    return NULL;
}

/* A level 1 entry the ITS has not read before. */
static enum entry read_level1(struct its *its, unsigned n, uint64_t index, uint64_t *out_page)
{
    struct model *m = its->m;
    uint64_t at = table_baser_phys(its, n) + index * 8, l1, size = page_size(its->baser[n]);
    if (!memory_read64(m, at, &l1) || (l1 & ENTRY_VALID) == 0) {
        if (memory_valid(m, at, 8) && !memory_clean_at(m, at, 8)) {
            breach(m, "L33", "IHI0069 5.2", "level 1 entry %llu was not cleaned",
                   (unsigned long long)index);
        }
        return ENTRY_NO_PAGE;
    }
    *out_page = l1 & (BIT(52) - BIT(12));
    if ((*out_page & (size - 1)) != 0 || !memory_valid(m, *out_page, size)) {
        breach(m, "L20", "IHI0069 5.2",
               "level 1 entry %llu names %#llx: misaligned or not allocated",
               (unsigned long long)index, (unsigned long long)*out_page);
        return ENTRY_NO_PAGE;
    }
    if (!memory_zero_at(m, *out_page, size)) {
        breach(m, "L20", "IHI0069 5.2", "level 2 page %llu is not zero, or was not cleaned",
               (unsigned long long)index);
    }
    held_add(its, &(struct held){ .page = true,
                                  .device = (uint32_t)index,
                                  .phys = *out_page,
                                  .size = size,
                                  .dte = l1,
                                  .events = n });
    return ENTRY_OK;
}

static enum entry level2_page(struct its *its, unsigned n, uint64_t index, uint64_t *out_page)
{
    const struct held *h = page_of(its, n, index);
    uint64_t l1;
    if (h == NULL) {
        return read_level1(its, n, index, out_page);
    }
    if (!memory_read64(its->m, table_baser_phys(its, n) + index * 8, &l1) || l1 != h->dte) {
        breach(its->m, "L20", "IHI0069 5.2", "level 1 entry %llu changed while the ITS may keep it",
               (unsigned long long)index);
    }
    *out_page = h->phys;
    return ENTRY_OK;
}

static enum entry locate(struct its *its, unsigned n, uint64_t index, uint64_t *out)
{
    uint64_t baser = its->baser[n], base = table_baser_phys(its, n);
    uint64_t bytes = table_baser_bytes(its, n), esz = entry_size(baser);
    if ((baser & ENTRY_VALID) == 0 || !memory_valid(its->m, base, bytes)) {
        return ENTRY_NO_TABLE;
    }
    if ((baser & BIT(62)) == 0) {
        *out = base + index * esz;
        return index < bytes / esz ? ENTRY_OK : ENTRY_RANGE;
    }
    uint64_t per_page = page_size(baser) / esz, page = 0;
    if (index / per_page >= bytes / 8) {
        return ENTRY_RANGE;
    }
    enum entry e = level2_page(its, n, index / per_page, &page);
    *out = page + index % per_page * esz;
    return e;
}

enum entry table_device(struct its *its, uint32_t device, uint64_t *out)
{
    uint64_t at;
    int n = table_baser_of(its, 1);
    if (device >= BIT(its->cfg.device_bits)) {
        return ENTRY_RANGE;
    }
    enum entry e = n < 0 ? ENTRY_NO_TABLE : locate(its, (unsigned)n, device, &at);
    if (e == ENTRY_OK && !memory_read64(its->m, at, out)) {
        e = ENTRY_NO_TABLE;
    }
    return e;
}

enum entry table_device_set(struct its *its, uint32_t device, uint64_t value)
{
    uint64_t at;
    enum entry e = locate(its, (unsigned)table_baser_of(its, 1), device, &at);
    return e == ENTRY_OK && !memory_write64(its->m, at, value) ? ENTRY_NO_TABLE : e;
}

static enum entry locate_collection(struct its *its, uint32_t icid, uint64_t *out)
{
    int n = table_baser_of(its, 4);
    uint32_t bits = its->cfg.collection_bits == 0 ? 16 : its->cfg.collection_bits;
    if (icid >= BIT(bits)) {
        return ENTRY_RANGE;
    }
    return n < 0 ? ENTRY_NO_TABLE : locate(its, (unsigned)n, icid, out);
}

enum entry table_collection(struct its *its, uint32_t icid, uint64_t *out)
{
    uint64_t at;
    if (icid < its->cfg.hcc) {
        *out = its->hcc[icid];
        return ENTRY_OK;
    }
    enum entry e = locate_collection(its, icid, &at);
    return e == ENTRY_OK && !memory_read64(its->m, at, out) ? ENTRY_NO_TABLE : e;
}

enum entry table_collection_set(struct its *its, uint32_t icid, uint64_t value)
{
    uint64_t at;
    if (icid < its->cfg.hcc) {
        its->hcc[icid] = value;
        return ENTRY_OK;
    }
    enum entry e = locate_collection(its, icid, &at);
    return e == ENTRY_OK && !memory_write64(its->m, at, value) ? ENTRY_NO_TABLE : e;
}

/* ---- ITT ---- */

bool table_event(struct its *its, uint64_t dte, uint32_t event, uint64_t *out)
{
    uint64_t at = table_dte_itt(dte) + (uint64_t)event * its->cfg.itt_entry_size;
    return event < BIT(table_dte_bits(dte)) && memory_read64(its->m, at, out);
}

bool table_event_set(struct its *its, uint64_t dte, uint32_t event, uint64_t value)
{
    uint64_t at = table_dte_itt(dte) + (uint64_t)event * its->cfg.itt_entry_size;
    return event < BIT(table_dte_bits(dte)) && memory_write64(its->m, at, value);
}
