/* SPDX-License-Identifier: MIT */
/*
 * A PCI function's messages: MSI-X table and pending bits, masks, and the write that goes out.
 * PCI Express Base Specification 5.0, 6.1.4, 7.7.1, 7.7.2.
 */
#include <string.h>

#include "pci.h"

#define MASKED 1u

static bool function_masked(const struct model_pci *f)
{
    return (pci_get(f, MODEL_MSIX_CAP + 2, 2) & 0x4000) != 0;
}

void pci_messages_reset(struct model_pci *f)
{
    for (uint32_t i = 0; i < f->cfg.msix_entries; i++) {
        f->table[i] = (struct entry_msix){ { 0, 0, 0, MASKED } };
    }
    memset(f->pba, 0, (f->cfg.msix_entries / 64 + 1) * sizeof(*f->pba));
    f->unread = false;
}

/* ---- a message goes out ---- */

static bool bus_master(const struct model_pci *f)
{
    return !f->gone && (pci_get(f, 0x04, 2) & 0x4) != 0;
}

static uint64_t through_iommu(struct model_pci *f, uint64_t address)
{
    struct model *m = f->m;
    if (!m->cfg.iommu) {
        return address;
    }
    for (uint32_t i = 0; i < m->nr_doorbells; i++) {
        if (m->doorbells[i].bus == address) {
            return m->doorbells[i].phys;
        }
    }
    breach(m, "L49", "docs/LAWS.md", "device %#x writes to %#llx, which its IOMMU does not map",
           f->cfg.device_id, (unsigned long long)address);
    return UINT64_MAX;
}

bool model_msi_write(struct model *m, uint32_t device_id, uint64_t address, uint32_t data)
{
    bool taken;
    if (m->cfg.imsic != NULL) {
        return imsic_message(m, NULL, address, data);
    }
    if (v2m_message(m, address, data, &taken)) {
        return taken;
    }
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        struct its *its = &m->its[i];
        if (address != its->phys + 0x10040) {
            continue;
        }
        bool ok = (its->ctlr & 1) != 0 && its_translate(its, device_id, data);
        its->stats.translated += ok;
        its->stats.dropped += !ok;
        return ok;
    }
    breach(m, "L47", "IHI0069 12.19 GITS_TRANSLATER",
           "device %#x writes a message to %#llx: nothing there", device_id,
           (unsigned long long)address);
    return false;
}

/* An ITS that the map does not lead to gets a DeviceID that means nothing there. */
static bool leads_to(const struct model_pci *f, uint64_t address)
{
    return f->its == UINT32_MAX || address == ITS_PHYS + f->its * ITS_SIZE + 0x10040;
}

static enum model_raised send(struct model_pci *f, uint64_t address, uint32_t data)
{
    uint64_t to = through_iommu(f, address);
    if (to != UINT64_MAX && !leads_to(f, to)) {
        breach(f->m, "L47", "PCIe 6.1.4", "device %#x writes a message to %#llx: not on its way",
               f->cfg.device_id, (unsigned long long)to);
        return MODEL_LOST;
    }
    if (to != UINT64_MAX && f->m->cfg.imsic != NULL) {
        return imsic_message(f->m, f, to, data) ? MODEL_SENT : MODEL_LOST;
    }
    if (to == UINT64_MAX || !model_msi_write(f->m, f->cfg.device_id, to, data)) {
        return MODEL_LOST;
    }
    return MODEL_SENT;
}

/* ---- MSI-X ---- */

static bool msix_masked(const struct model_pci *f, uint32_t v)
{
    return function_masked(f) || (f->table[v].word[3] & MASKED) != 0;
}

static enum model_raised send_msix(struct model_pci *f, uint32_t v)
{
    const uint32_t *w = f->table[v].word;
    return send(f, (uint64_t)w[1] << 32 | w[0], w[2]);
}

static enum model_raised raise_msix(struct model_pci *f, uint32_t v)
{
    if (v >= f->cfg.msix_entries) {
        return MODEL_NOT_SENT;
    }
    if (msix_masked(f, v)) {
        f->pba[v / 64] |= (uint64_t)1 << (v % 64);
        return MODEL_PENDING;
    }
    return send_msix(f, v);
}

/* ---- MSI ---- */

static uint32_t msi_granted(const struct model_pci *f)
{
    return 1u << ((pci_get(f, MODEL_MSI_CAP + 2, 2) >> 4) & 7);
}

static bool msi_masked(const struct model_pci *f, uint32_t v)
{
    uint32_t at = pci_msi_mask_offset(f);
    return at != 0 && ((pci_get(f, at, 4) >> v) & 1) != 0;
}

static enum model_raised send_msi(struct model_pci *f, uint32_t v)
{
    uint32_t words = pci_msi_address_words(f), cap = MODEL_MSI_CAP;
    uint64_t address = pci_get(f, cap + 4, 4);
    address |= words == 2 ? (uint64_t)pci_get(f, cap + 8, 4) << 32 : 0;
    uint32_t data = pci_get(f, cap + 4 + 4 * words, 2);
    return send(f, address,
                (data & ~(msi_granted(f) - 1)) | v); /* 6.1.4.1: low bits are replaced */
}

static enum model_raised raise_msi(struct model_pci *f, uint32_t v)
{
    uint32_t mask = pci_msi_mask_offset(f);
    if (v >= f->cfg.msi_vectors || v >= msi_granted(f)) {
        return MODEL_NOT_SENT;
    }
    if (msi_masked(f, v)) {
        pci_put(f, mask + 4, 4, pci_get(f, mask + 4, 4) | 1u << v);
        return MODEL_PENDING;
    }
    return send_msi(f, v);
}

/* ---- both ---- */

enum model_raised model_pci_raise(struct model_pci *f, uint32_t vector)
{
    if (!bus_master(f)) {
        return MODEL_NOT_SENT;
    }
    if (pci_msix_on(f)) {
        return raise_msix(f, vector);
    }
    return pci_msi_on(f) ? raise_msi(f, vector) : MODEL_NOT_SENT;
}

bool model_pci_pending(struct model_pci *f, uint32_t vector)
{
    uint32_t mask = pci_msi_mask_offset(f);
    if (pci_msix_on(f)) {
        return vector < f->cfg.msix_entries && ((f->pba[vector / 64] >> (vector % 64)) & 1) != 0;
    }
    return mask != 0 && vector < 32 && ((pci_get(f, mask + 4, 4) >> vector) & 1) != 0;
}

bool model_pci_armed(struct model_pci *f, uint32_t vector)
{
    if (!bus_master(f)) {
        return false;
    }
    if (pci_msix_on(f)) {
        return vector < f->cfg.msix_entries && !msix_masked(f, vector);
    }
    return pci_msi_on(f) && vector < msi_granted(f) && !msi_masked(f, vector);
}

void pci_flush_pending(struct model_pci *f)
{
    uint32_t mask = pci_msi_mask_offset(f);
    for (uint32_t v = 0; pci_msix_on(f) && v < f->cfg.msix_entries; v++) {
        if (f->pba[v / 64] == 0) {
            v |= 63; /* none in this word */
        } else if (model_pci_pending(f, v) && model_pci_armed(f, v)) {
            f->pba[v / 64] &= ~((uint64_t)1 << (v % 64));
            (void)send_msix(f, v);
        }
    }
    for (uint32_t v = 0; pci_msi_on(f) && mask != 0 && v < f->cfg.msi_vectors; v++) {
        if (model_pci_pending(f, v) && model_pci_armed(f, v)) {
            pci_put(f, mask + 4, 4, pci_get(f, mask + 4, 4) & ~(1u << v));
            (void)send_msi(f, v);
        }
    }
}

/* ---- the table in a BAR: `at` is the BAR's number times 2^32, plus the offset in it ---- */

static uint32_t *table_word(struct model_pci *f, uint64_t at, uint32_t *out_vector)
{
    uint64_t base = ((uint64_t)f->cfg.table_bar << 32) + f->cfg.table_offset;
    if (at < base || at - base >= (uint64_t)f->cfg.msix_entries * 16) {
        return NULL;
    }
    *out_vector = (uint32_t)(at - base) / 16;
    return &f->table[*out_vector].word[(at - base) % 16 / 4];
}

static uint32_t read_word(struct model_pci *f, uint64_t at)
{
    uint64_t base = ((uint64_t)f->cfg.pba_bar << 32) + f->cfg.pba_offset;
    uint32_t vector;
    const uint32_t *w = table_word(f, at, &vector);
    if (w != NULL) {
        f->unread = false;
        return w == &f->table[vector].word[3] && f->cfg.zero_control ? 0 : *w;
    }
    uint64_t n = at - base;
    if (at >= base && n < (f->cfg.msix_entries + 63) / 64 * 8ull) {
        return (uint32_t)(f->pba[n / 8] >> (n % 8 * 8));
    }
    return 0;
}

/* A message must be there before it can go out, and have arrived there (L45, L50). */
static void check_unmask(struct model_pci *f, uint32_t v)
{
    const uint32_t *w = f->table[v].word;
    if (f->unread) {
        breach(f->m, "L45", "PCIe 6.1.4.2", "device %#x vector %u: unmasked before a read-back",
               f->cfg.device_id, v);
    }
    if (w[0] == 0 && w[1] == 0) {
        breach(f->m, "L50", "PCIe 6.1.4.2", "device %#x vector %u: unmasked without a message",
               f->cfg.device_id, v);
    }
}

void pci_check_enable(struct model_pci *f)
{
    for (uint32_t v = 0; v < f->cfg.msix_entries; v++) {
        if ((f->table[v].word[3] & MASKED) == 0) {
            check_unmask(f, v);
        }
    }
}

static void write_control(struct model_pci *f, uint32_t v, uint32_t value)
{
    bool was = (f->table[v].word[3] & MASKED) != 0;
    f->table[v].word[3] = value & MASKED;
    if (was && (value & MASKED) == 0 && pci_msix_on(f) && !function_masked(f)) {
        check_unmask(f, v);
    }
    pci_flush_pending(f);
}

static void write_word(struct model_pci *f, uint64_t at, uint32_t value)
{
    uint32_t v;
    uint32_t *w = table_word(f, at, &v);
    if (w == NULL) {
        breach(f->m, "", "umsi/port.h", "device %#x: write outside the MSI-X table, BAR %u + %#llx",
               f->cfg.device_id, (unsigned)(at >> 32), (unsigned long long)(at & UINT32_MAX));
    } else if (w == &f->table[v].word[3]) {
        write_control(f, v, value);
    } else {
        if (pci_msix_on(f) && !msix_masked(f, v) && *w != value) {
            breach(f->m, "L45", "PCIe 6.1.4.2",
                   "device %#x vector %u: message changed while unmasked", f->cfg.device_id, v);
        }
        *w = value;
        f->unread = true;
    }
}

uint64_t pci_bar_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    struct model_pci *f = device;
    imsic_flush(m, f);
    if (f->gone) {
        return UINT64_MAX;
    }
    uint64_t low = read_word(f, offset);
    return width == 8 ? low | (uint64_t)read_word(f, offset + 4) << 32 : low;
}

void pci_bar_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value)
{
    struct model_pci *f = device;
    (void)m;
    if (f->gone) {
        return;
    }
    write_word(f, offset, (uint32_t)value);
    if (width == 8) {
        write_word(f, offset + 4, (uint32_t)(value >> 32));
    }
}
