/* SPDX-License-Identifier: MIT */
/*
 * PCI functions: configuration space with MSI and MSI-X capabilities, BARs, what a driver may write and
 * what it must not. PCI Express Base Specification 5.0, 7.5.1, 7.7.1, 7.7.2.
 */
#include <stdlib.h>
#include <string.h>

#include "pci.h"

#define BUS_MASTER  0x4u
#define PM_CAP      0x40u
#define MSI_ENABLE  0x0001u
#define MSIX_ENABLE 0x8000u
#define MSIX_FMASK  0x4000u

uint32_t pci_get(const struct model_pci *f, uint32_t offset, unsigned width)
{
    uint32_t v = 0;
    memcpy(&v, f->space + offset, width);
    return v;
}

void pci_put(struct model_pci *f, uint32_t offset, unsigned width, uint32_t value)
{
    memcpy(f->space + offset, &value, width);
}

bool pci_msi_on(const struct model_pci *f)
{
    return f->cfg.msi_vectors != 0 && (pci_get(f, MODEL_MSI_CAP + 2, 2) & MSI_ENABLE) != 0;
}

bool pci_msix_on(const struct model_pci *f)
{
    return f->cfg.msix_entries != 0 && (pci_get(f, MODEL_MSIX_CAP + 2, 2) & MSIX_ENABLE) != 0;
}

uint32_t pci_msi_address_words(const struct model_pci *f)
{
    return f->cfg.msi_64 ? 2 : 1;
}

uint32_t pci_msi_mask_offset(const struct model_pci *f)
{
    return f->cfg.msi_maskable ? MODEL_MSI_CAP + 4 + 4 * pci_msi_address_words(f) + 4 : 0;
}

/* ---- making one ---- */

static uint32_t log2_of(uint32_t n)
{
    uint32_t bits = 0;
    while (1u << bits < n) {
        bits++;
    }
    return bits;
}

/* Capabilities in the order PM, MSI-X, MSI: none is first by habit. */
static void lay_out(struct model_pci *f)
{
    const struct model_pci_config *c = &f->cfg;
    uint32_t next = c->msi_vectors != 0 ? MODEL_MSI_CAP : 0;
    memset(f->space, 0, sizeof(f->space));
    pci_put(f, 0x00, 4, 0x55aa1d0f);
    pci_put(f, MODEL_COMMAND, 2, 0x2 | BUS_MASTER);
    pci_put(f, 0x06, 2, 0x10);
    pci_put(f, 0x34, 1, PM_CAP);
    pci_put(f, PM_CAP, 2, 0x01 | (c->msix_entries != 0 ? MODEL_MSIX_CAP : next) << 8);
    if (c->msix_entries != 0) {
        pci_put(f, MODEL_MSIX_CAP, 4, 0x11 | next << 8 | (c->msix_entries - 1) << 16);
        pci_put(f, MODEL_MSIX_CAP + 4, 4, c->table_offset | c->table_bar);
        pci_put(f, MODEL_MSIX_CAP + 8, 4, c->pba_offset | c->pba_bar);
    }
    if (c->msi_vectors != 0) {
        uint32_t control =
            log2_of(c->msi_vectors) << 1 | (c->msi_64 ? 0x80u : 0) | (c->msi_maskable ? 0x100u : 0);
        pci_put(f, MODEL_MSI_CAP, 4, 0x05 | control << 16);
    }
}

static void left_by_firmware(struct model_pci *f)
{
    if (f->cfg.msix_entries != 0) {
        pci_put(f, MODEL_MSIX_CAP + 2, 2, (f->cfg.msix_entries - 1) | MSIX_ENABLE);
        f->table[0] = (struct entry_msix){ { 0x1000, 0, 0x66, 0 } };
    } else if (f->cfg.msi_vectors != 0) {
        pci_put(f, MODEL_MSI_CAP + 2, 2, pci_get(f, MODEL_MSI_CAP + 2, 2) | MSI_ENABLE);
        pci_put(f, MODEL_MSI_CAP + 4, 4, 0x1000);
    }
}

/* BARs just large enough, in whole pages. */
static void size_bars(struct model_pci *f)
{
    struct model_pci_config *c = &f->cfg;
    uint64_t table_end = c->table_offset + (uint64_t)c->msix_entries * 16;
    if (c->msix_entries == 0) {
        return;
    }
    if (c->table_bar == c->pba_bar && c->table_offset == c->pba_offset) {
        c->pba_offset = (uint32_t)table_end;
    }
    uint64_t pba_end = c->pba_offset + (c->msix_entries + 63) / 64 * 8;
    f->bar_size[c->table_bar] = (table_end + 4095) & ~4095ull;
    if (pba_end > f->bar_size[c->pba_bar]) {
        f->bar_size[c->pba_bar] = (pba_end + 4095) & ~4095ull;
    }
}

bool model_pci_create(struct model *m, const struct model_pci_config *config,
                      struct model_pci **out)
{
    struct model_pci *f = calloc(1, sizeof(*f));
    if (f == NULL) {
        return false;
    }
    f->m = m;
    f->cfg = *config;
    f->table = calloc(config->msix_entries + 1, sizeof(*f->table));
    f->pba = calloc(config->msix_entries / 64 + 1, sizeof(*f->pba));
    if (f->table == NULL || f->pba == NULL || config->msix_entries > 2048 ||
        config->msi_vectors > 32 || config->pin > 4) {
        model_pci_destroy(f);
        return false;
    }
    pci_find_wire(f);
    pci_find_way(f);
    size_bars(f);
    model_pci_reset(f);
    if (config->found_enabled) {
        left_by_firmware(f);
    }
    *out = f;
    return true;
}

void model_pci_destroy(struct model_pci *f)
{
    if (f->mapped != 0) {
        breach(f->m, "L56", "umsi/port.h", "device %#x: %u BAR mappings are left", f->cfg.device_id,
               f->mapped);
    }
    (void)model_pci_intx(f, false);
    free(f->table);
    free(f->pba);
    free(f);
}

void model_pci_reset(struct model_pci *f)
{
    lay_out(f);
    pci_messages_reset(f);
    pci_intx_reset(f);
}

void model_pci_remove(struct model_pci *f, bool answers)
{
    f->gone = true;
    f->answers = answers;
    pci_intx_update(f); /* the port above takes its wire back (2.2.8.1) */
}

uint8_t *model_pci_space(struct model_pci *f)
{
    return f->space;
}

uint32_t model_pci_device_id(struct model_pci *f)
{
    return f->cfg.device_id;
}

uint16_t model_pci_msi_cap(struct model_pci *f)
{
    return f->cfg.msi_vectors != 0 ? MODEL_MSI_CAP : 0;
}

uint16_t model_pci_msix_cap(struct model_pci *f)
{
    return f->cfg.msix_entries != 0 ? MODEL_MSIX_CAP : 0;
}

/* Pulled out with this very access, where the test ordered that. */
static void may_go(struct model_pci *f)
{
    if (fail_now(f->m, MODEL_FAIL_GONE)) {
        model_pci_remove(f, true);
    }
}

/* ---- configuration accesses ---- */

static bool reachable(struct model_pci *f, uint16_t offset, unsigned width)
{
    model_step(f->m, f->m->cfg.access_ns);
    if ((width != 1 && width != 2 && width != 4) || offset % width != 0 || offset + width > 4096) {
        breach(f->m, "", "umsi/port.h", "configuration access of %u bytes at %#x", width, offset);
        return false;
    }
    if (fail_now(f->m, MODEL_FAIL_CONFIG)) {
        return false;
    }
    may_go(f);
    return !f->gone || f->answers;
}

static bool config_read(void *dev, uint16_t offset, unsigned width, uint32_t *out)
{
    struct model_pci *f = dev;
    if (!reachable(f, offset, width)) {
        return false;
    }
    imsic_flush(f->m, f);
    uint32_t ones = width == 4 ? UINT32_MAX : (1u << (8 * width)) - 1;
    *out = f->gone ? ones : offset + width > sizeof(f->space) ? 0 : pci_get(f, offset, width);
    return true;
}

/* Bits software may write in a capability's byte at `at`. */
static uint8_t msi_writable(const struct model_pci *f, uint32_t at)
{
    uint32_t data = 4 + 4 * pci_msi_address_words(f);
    if (at == 2) {
        return 0x71; /* Enable, MME */
    }
    if (at == 4) {
        return 0xfc;
    }
    if (at < 4) {
        return 0;
    }
    if (at < data + 2) {
        return 0xff;
    }
    return f->cfg.msi_maskable && at >= data + 4 && at < data + 8 ? 0xff : 0;
}

static uint8_t writable(const struct model_pci *f, uint32_t offset)
{
    if (f->cfg.msi_vectors != 0 && offset >= MODEL_MSI_CAP && offset < MODEL_MSI_CAP + 24) {
        return msi_writable(f, offset - MODEL_MSI_CAP);
    }
    if (f->cfg.msix_entries != 0 && offset == MODEL_MSIX_CAP + 3) {
        return 0xc0; /* Enable, Function Mask */
    }
    return 0;
}

/* Is all that is written within one of the two capabilities? */
static bool is_ours(const struct model_pci *f, uint32_t offset)
{
    return (f->cfg.msi_vectors != 0 && offset >= MODEL_MSI_CAP && offset < MODEL_MSI_CAP + 24) ||
           (f->cfg.msix_entries != 0 && offset >= MODEL_MSIX_CAP && offset < MODEL_MSIX_CAP + 12);
}

/* All of those it was granted; the bits of others mean nothing. */
static bool vectors_masked(const struct model_pci *f)
{
    uint32_t at = pci_msi_mask_offset(f);
    uint32_t log2 = (pci_get(f, MODEL_MSI_CAP + 2, 2) >> 4) & 7;
    uint32_t granted = log2 >= 5 ? UINT32_MAX : (1u << (1u << log2)) - 1;
    return at != 0 && (pci_get(f, at, 4) & granted) == granted;
}

/* Where each vector has a place that changes: does what is there now reach a place that exists? Whose it is, only
 * who counts arrivals can tell. */
static bool still_reaches(struct model_pci *f)
{
    uint32_t words = pci_msi_address_words(f);
    uint64_t address = pci_get(f, MODEL_MSI_CAP + 4, 4);
    address |= words == 2 ? (uint64_t)pci_get(f, MODEL_MSI_CAP + 8, 4) << 32 : 0;
    return f->m->cfg.imsic != NULL &&
           imsic_reaches(f->m, address, pci_get(f, MODEL_MSI_CAP + 4 + 4 * words, 2));
}

/* A message that is live changes under the device's feet: each single write must still reach somebody. */
static void check_live_message(struct model_pci *f, uint32_t offset, const uint8_t *before)
{
    uint32_t first = MODEL_MSI_CAP + 4, n = 4 * pci_msi_address_words(f) + 2;
    if (offset < first || offset >= first + n || !pci_msi_on(f) || vectors_masked(f)) {
        return;
    }
    if (memcmp(before + first, f->space + first, n) != 0 && !still_reaches(f)) {
        breach(f->m, "L46", "PCIe 7.7.1",
               "device %#x: message changed while MSI is enabled, unmasked", f->cfg.device_id);
    }
}

static void check_msi_control(struct model_pci *f)
{
    uint32_t control = pci_get(f, MODEL_MSI_CAP + 2, 2);
    if (((control >> 4) & 7) > ((control >> 1) & 7)) {
        breach(f->m, "L50", "PCIe 7.7.1.2", "device %#x: more messages enabled than it can send",
               f->cfg.device_id);
    }
    if (pci_msi_on(f) && pci_get(f, MODEL_MSI_CAP + 4, 4) == 0 &&
        (!f->cfg.msi_64 || pci_get(f, MODEL_MSI_CAP + 8, 4) == 0)) {
        breach(f->m, "L50", "PCIe 7.7.1", "device %#x: MSI enabled without a message",
               f->cfg.device_id);
    }
    if (pci_msi_on(f) && pci_msix_on(f)) {
        breach(f->m, "L50", "PCIe 6.1.4", "device %#x: MSI and MSI-X enabled together",
               f->cfg.device_id);
    }
}

static void apply(struct model_pci *f, uint32_t offset, unsigned width, uint32_t value)
{
    for (unsigned i = 0; i < width; i++) {
        uint8_t mask = writable(f, offset + i);
        uint8_t byte = (uint8_t)(value >> (8 * i));
        f->space[offset + i] = (uint8_t)((f->space[offset + i] & ~mask) | (byte & mask));
    }
}

static void took_effect(struct model_pci *f, uint32_t offset, const uint8_t *before)
{
    bool was_on = (before[MODEL_MSI_CAP + 2] & MSI_ENABLE) != 0 && f->cfg.msi_vectors != 0;
    if (f->cfg.msi_vectors != 0 && was_on) {
        check_live_message(f, offset, before);
    }
    if (f->cfg.msi_vectors != 0 && offset <= MODEL_MSI_CAP + 3 && offset >= MODEL_MSI_CAP) {
        check_msi_control(f);
    }
    bool off_before = (before[MODEL_MSIX_CAP + 3] & 0xc0) != 0x80;
    if (pci_msix_on(f) && off_before && (pci_get(f, MODEL_MSIX_CAP + 2, 2) & MSIX_FMASK) == 0) {
        pci_check_enable(f);
    }
    pci_flush_pending(f);
    pci_intx_update(f);
}

static bool config_write(void *dev, uint16_t offset, unsigned width, uint32_t value)
{
    struct model_pci *f = dev;
    uint8_t before[sizeof(f->space)];
    if (!reachable(f, offset, width)) {
        return false;
    }
    imsic_flush(f->m, f); /* what answers comes after what was sent */
    if (f->gone) {
        return true;
    }
    if (!is_ours(f, offset)) {
        breach(f->m, "", "umsi/port.h", "device %#x: write to configuration space at %#x",
               f->cfg.device_id, offset);
        return true;
    }
    memcpy(before, f->space, sizeof(before));
    apply(f, offset, width, value);
    took_effect(f, offset, before);
    return true;
}

/* ---- BARs ---- */

struct mapping {
    struct model_pci *f;
    unsigned bar;
    uint64_t offset;
};

static uint64_t window_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    struct mapping *w = device;
    may_go(w->f);
    return pci_bar_read(m, w->f, ((uint64_t)w->bar << 32) + w->offset + offset, width);
}

static void window_write(struct model *m, void *device, uint64_t offset, unsigned width,
                         uint64_t value)
{
    struct mapping *w = device;
    may_go(w->f);
    pci_bar_write(m, w->f, ((uint64_t)w->bar << 32) + w->offset + offset, width, value);
}

static volatile void *map_bar(void *dev, unsigned bar, uint64_t offset, size_t size)
{
    struct model_pci *f = dev;
    if (f->m->locks_held != 0) {
        breach(f->m, "L55", "umsi/port.h", "map_bar with a umsi lock held");
    }
    if (bar >= MODEL_NR_BARS || size == 0 || offset + size > f->bar_size[bar]) {
        breach(f->m, "", "umsi/port.h", "device %#x: map of %zu bytes at %#llx of BAR %u",
               f->cfg.device_id, size, (unsigned long long)offset, bar);
        return NULL;
    }
    struct mapping *w = malloc(sizeof(*w));
    if (w == NULL || fail_now(f->m, MODEL_FAIL_MAP)) {
        free(w);
        return NULL;
    }
    *w = (struct mapping){ f, bar, offset };
    f->mapped++;
    return (volatile void *)mmio_open(
        f->m,
        &(struct window){
            .size = size, .name = "BAR", .device = w, .read = window_read, .write = window_write });
}

static void unmap_bar(void *dev, volatile void *va, size_t size)
{
    struct model_pci *f = dev;
    for (uint32_t i = 0; i < f->m->nr_windows; i++) {
        struct window *w = &f->m->windows[i];
        if (w->va == (uintptr_t)va && w->read == window_read && w->size == size) {
            free(w->device);
            f->mapped--;
            break;
        }
    }
    mmio_close(f->m, (uintptr_t)va);
}

static const struct umsi_pci_ops ops = {
    .read = config_read,
    .write = config_write,
    .map_bar = map_bar,
    .unmap_bar = unmap_bar,
};

const struct umsi_pci_ops *model_pci_ops(void)
{
    return &ops;
}
