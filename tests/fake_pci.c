/* SPDX-License-Identifier: MIT */
/* A PCI function made of memory. Offsets: PCI Express Base Specification 5.0, 7.5.1, 7.7.1, 7.7.2. */
#include "fake_pci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fake_pci *all; /* whose tables the port's register callbacks look for */

uint32_t fake_pci_get(const struct fake_pci *f, uint32_t offset, unsigned width)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < width; i++) {
        v |= (uint32_t)f->config[offset + i] << (8 * i);
    }
    return v;
}

void fake_pci_put(struct fake_pci *f, uint32_t offset, unsigned width, uint32_t value)
{
    for (unsigned i = 0; i < width; i++) {
        f->config[offset + i] = (uint8_t)(value >> (8 * i));
    }
}

static void let_write(struct fake_pci *f, uint32_t offset, unsigned width, uint32_t mask)
{
    for (unsigned i = 0; i < width; i++) {
        f->writable[offset + i] = (uint8_t)(mask >> (8 * i));
    }
}

static void note(struct fake_pci *f, enum fake_pci_access what, uint32_t offset, uint32_t value)
{
    assert_true(f->records < FAKE_PCI_RECORD);
    f->record[f->records++] = (struct fake_pci_record){ what, offset, value };
}

/* ---- building one ---- */

void fake_pci_init(struct fake_pci *f)
{
    memset(f, 0, sizeof(*f));
    fake_pci_put(f, 0x00, 4, 0x11e81234);
    fake_pci_put(f, 0x04, 2, 0x0006); /* Memory Space, Bus Master */
    let_write(f, 0x04, 2, 0x0407);
}

void fake_pci_add_cap(struct fake_pci *f, uint32_t at, uint8_t id)
{
    f->config[at] = id;
    f->config[at + 1] = f->config[0x34];
    f->config[0x34] = (uint8_t)at;
    f->config[0x06] |= 0x10; /* Status: Capabilities List */
}

void fake_pci_add_msi(struct fake_pci *f, uint32_t at, unsigned log2, bool is_64, bool maskable)
{
    uint32_t control = log2 << 1 | (is_64 ? 0x80u : 0) | (maskable ? 0x100u : 0);
    fake_pci_add_cap(f, at, 0x05);
    f->msi_cap = at;
    fake_pci_put(f, at + 2, 2, control);
    let_write(f, at + 2, 2, 0x0071);
    let_write(f, at + 4, 4, 0xfffffffc);
    if (is_64) {
        let_write(f, at + 8, 4, 0xffffffff);
    }
    let_write(f, at + (is_64 ? 12 : 8), 2, 0xffff);
    if (maskable) {
        let_write(f, at + (is_64 ? 16 : 12), 4, 0xffffffffu >> (32 - (1u << log2)));
    }
}

static void reset_table(struct fake_pci *f)
{
    memset(f->table, 0, sizeof(f->table));
    memset(f->dirty, 0, sizeof(f->dirty));
    for (uint32_t i = 0; i < f->entries; i++) {
        f->table[i * 4 + 3] = 1;
    }
}

void fake_pci_add_msix(struct fake_pci *f, uint32_t at, uint32_t entries, unsigned bar,
                       uint64_t table_offset)
{
    fake_pci_add_cap(f, at, 0x11);
    f->msix_cap = at;
    f->entries = entries;
    f->bar = bar;
    f->table_offset = table_offset;
    fake_pci_put(f, at + 2, 2, entries - 1);
    let_write(f, at + 2, 2, 0xc000);
    fake_pci_put(f, at + 4, 4, (uint32_t)table_offset | bar);
    fake_pci_put(f, at + 8, 4, 0x8000u | bar);
    reset_table(f);
}

void fake_pci_reset(struct fake_pci *f)
{
    for (uint32_t i = 0; i < sizeof(f->config); i++) {
        f->config[i] = (uint8_t)(f->config[i] & ~f->writable[i]);
    }
    reset_table(f);
    fake_pci_put(f, 0x04, 2, 0x0006);
}

/* ---- what it does ---- */

bool fake_pci_msi_enabled(const struct fake_pci *f)
{
    return f->msi_cap != 0 && (fake_pci_get(f, f->msi_cap + 2, 2) & 1) != 0;
}

bool fake_pci_msix_enabled(const struct fake_pci *f)
{
    return f->msix_cap != 0 && (fake_pci_get(f, f->msix_cap + 2, 2) & 0x8000) != 0;
}

static bool function_masked(const struct fake_pci *f)
{
    return (fake_pci_get(f, f->msix_cap + 2, 2) & 0x4000) != 0;
}

static bool sends_msix(const struct fake_pci *f, uint32_t vector, struct umsi_message *out)
{
    const uint32_t *e = &f->table[vector * 4];
    if (vector >= f->entries || function_masked(f) || (e[3] & 1)) {
        return false;
    }
    out->address = (uint64_t)e[1] << 32 | e[0];
    out->data = e[2];
    return true;
}

static bool sends_msi(const struct fake_pci *f, uint32_t vector, struct umsi_message *out)
{
    uint32_t at = f->msi_cap, control = fake_pci_get(f, at + 2, 2);
    bool is_64 = (control & 0x80) != 0;
    uint32_t allowed = 1u << ((control >> 4) & 7);
    uint32_t mask = control & 0x100 ? fake_pci_get(f, at + (is_64 ? 16 : 12), 4) : 0;
    if (vector >= allowed || ((mask >> vector) & 1)) {
        return false;
    }
    out->address = fake_pci_get(f, at + 4, 4);
    out->address |= is_64 ? (uint64_t)fake_pci_get(f, at + 8, 4) << 32 : 0;
    /* The function replaces the low bits; it does not add. */
    out->data = (fake_pci_get(f, at + (is_64 ? 12 : 8), 2) & ~(allowed - 1)) | vector;
    return true;
}

bool fake_pci_would_send(const struct fake_pci *f, uint32_t vector, struct umsi_message *out)
{
    if (f->gone || !(fake_pci_get(f, 0x04, 2) & 4)) {
        return false;
    }
    if (fake_pci_msix_enabled(f)) {
        return sends_msix(f, vector, out);
    }
    return fake_pci_msi_enabled(f) && sends_msi(f, vector, out);
}

uint32_t fake_pci_find(const struct fake_pci *f, uint32_t from, enum fake_pci_access what,
                       uint32_t offset, uint32_t value)
{
    for (uint32_t i = from; i < f->records; i++) {
        const struct fake_pci_record *r = &f->record[i];
        if (r->what == what && r->offset == offset && r->value == value) {
            return i;
        }
    }
    return FAKE_PCI_RECORD;
}

/* ---- configuration space ---- */

static bool config_read(void *dev, uint16_t offset, unsigned width, uint32_t *out)
{
    struct fake_pci *f = dev;
    assert_true((width == 1 || width == 2 || width == 4) && offset % width == 0);
    assert_true(offset + width <= sizeof(f->config));
    if (f->gone && f->refuses) {
        return false;
    }
    *out = f->gone ? 0xffffffffu >> (32 - 8 * width) : fake_pci_get(f, offset, width);
    note(f, FAKE_CONFIG_READ, offset, *out);
    return true;
}

/* An entry that may send from here on must have had its message read back (L45). */
static void judge_let_out(const struct fake_pci *f, uint32_t entry)
{
    bool off = !fake_pci_msix_enabled(f) || function_masked(f);
    assert_false(f->dirty[entry] && !off && !(f->table[entry * 4 + 3] & 1));
}

static bool config_write(void *dev, uint16_t offset, unsigned width, uint32_t value)
{
    struct fake_pci *f = dev;
    assert_true((width == 1 || width == 2 || width == 4) && offset % width == 0);
    assert_true(offset >= 0x40); /* only capabilities are umsi's to write */
    if (f->fail_write != 0 && --f->fail_write == 0) {
        return false;
    }
    if (f->gone) {
        return !f->refuses;
    }
    note(f, FAKE_CONFIG_WRITE, offset, value);
    for (unsigned i = 0; i < width; i++) {
        uint8_t mask = f->writable[offset + i];
        uint8_t byte = (uint8_t)(value >> (8 * i));
        f->config[offset + i] = (uint8_t)((f->config[offset + i] & ~mask) | (byte & mask));
    }
    for (uint32_t i = 0; i < f->entries; i++) {
        judge_let_out(f, i);
    }
    return true;
}

static volatile void *map_bar(void *dev, unsigned bar, uint64_t offset, size_t size)
{
    struct fake_pci *f = dev;
    if (f->no_map) {
        return NULL;
    }
    assert_int_equal(bar, f->bar); /* the table's bytes and nothing else */
    assert_int_equal(offset, f->table_offset);
    assert_int_equal(size, f->entries * 16);
    f->mapped++;
    f->maps++;
    f->gone = f->gone || f->leaves;
    return f->table;
}

static void unmap_bar(void *dev, volatile void *va, size_t size)
{
    struct fake_pci *f = dev;
    assert_ptr_equal(va, f->table);
    assert_int_equal(size, f->entries * 16);
    f->mapped--;
}

const struct umsi_pci_ops fake_pci_ops = { config_read, config_write, map_bar, unmap_bar };

/* ---- the table, through the port ---- */

static struct fake_pci *owner(const volatile void *addr, uint32_t *out_offset)
{
    uintptr_t a = (uintptr_t)addr;
    for (struct fake_pci *f = all; f != NULL; f = f->next) {
        uintptr_t table = (uintptr_t)f->table;
        if (a >= table && a < table + f->entries * 16) {
            assert_true(f->mapped == 1);
            bool virtual = fake_pci_get(f, 0x00, 4) == 0xffffffff;
            assert_true(f->gone || virtual || (fake_pci_get(f, 0x04, 2) & 2));
            *out_offset = (uint32_t)(a - table);
            return f;
        }
    }
    fail_msg("register access outside any table");
    return NULL;
}

static uint32_t table_read(void *ctx, const volatile void *addr)
{
    uint32_t offset;
    struct fake_pci *f = owner(addr, &offset);
    (void)ctx;
    if (f->gone) {
        return 0xffffffff;
    }
    uint32_t v = offset % 16 == 12 && f->control_reads_zero ? 0 : f->table[offset / 4];
    f->dirty[offset / 16] = false;
    note(f, FAKE_TABLE_READ, offset, v);
    return v;
}

static void table_write(void *ctx, volatile void *addr, uint32_t value)
{
    uint32_t offset;
    struct fake_pci *f = owner(addr, &offset);
    uint32_t entry = offset / 16;
    (void)ctx;
    if (f->gone) {
        return;
    }
    note(f, FAKE_TABLE_WRITE, offset, value);
    if (offset % 16 != 12) {
        bool off = !fake_pci_msix_enabled(f) || function_masked(f);
        assert_true(off || (f->table[entry * 4 + 3] & 1)); /* L45 */
        f->dirty[entry] = true;
    }
    f->table[offset / 4] = value;
    judge_let_out(f, entry);
}

static uint64_t no_read64(void *ctx, const volatile void *addr)
{
    (void)ctx;
    (void)addr;
    fail_msg("8-byte access to an MSI-X table");
    return 0;
}

static void no_write64(void *ctx, volatile void *addr, uint64_t value)
{
    (void)ctx;
    (void)addr;
    (void)value;
    fail_msg("8-byte access to an MSI-X table");
}

/* ---- the bench ---- */

struct pci_bench *pci_bench_create(uint32_t can)
{
    struct pci_bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    test_port_init(&b->port, 4);
    b->port.port.mmio_read32 = table_read;
    b->port.port.mmio_write32 = table_write;
    b->port.port.mmio_read64 = no_read64;
    b->port.port.mmio_write64 = no_write64;
    assert_int_equal(umsi_create(&b->port.port, &b->umsi), UMSI_OK);
    mock_parent_add(&b->mock, b->umsi, can);
    fake_pci_init(&b->fake);
    b->fake.next = all;
    all = &b->fake;
    return b;
}

enum umsi_status pci_bench_attach(struct pci_bench *b)
{
    const struct umsi_pci_config config = {
        .ops = &fake_pci_ops,
        .handle = &b->fake,
        .name = "fake",
        .device_id = 8,
    };
    return umsi_pci_attach(&b->mock.msi, &config, &b->pci);
}

void pci_bench_destroy(struct pci_bench *b)
{
    umsi_pci_detach(&b->pci);
    umsi_pci_detach(&b->pci); /* twice is harmless */
    assert_int_equal(b->fake.mapped, 0);
    assert_true(b->fake.gone || !fake_pci_msi_enabled(&b->fake));
    assert_true(b->fake.gone || !fake_pci_msix_enabled(&b->fake));
    mock_parent_remove(&b->mock);
    assert_int_equal(umsi_destroy(b->umsi), UMSI_OK);
    test_port_check_empty(&b->port);
    assert_ptr_equal(all, &b->fake);
    all = b->fake.next;
    free(b);
}

enum umsi_status pci_bench_alloc(struct pci_bench *b, uint32_t min, uint32_t max, uint32_t kinds,
                                 uint32_t *out_granted)
{
    const struct umsi_vectors want = { .min = min, .max = max, .kinds = kinds };
    return umsi_pci_alloc_vectors(&b->pci, &want, out_granted);
}

static void count_run(void *arg)
{
    ++*(uint32_t *)arg;
}

/* The mock's messages carry the vector's index; its number at the root is another one. */
static void arrive(struct pci_bench *b, uint32_t index)
{
    umsi_virq virq = umsi_pci_virq(&b->pci, index);
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(b->umsi, virq, &info), UMSI_OK);
    assert_true(mock_parent_arrive(&b->mock, info.hwirq));
}

void pci_bench_works(struct pci_bench *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t runs = 0;
        struct umsi_message m;
        assert_int_equal(umsi_pci_request(&b->pci, i, count_run, &runs, "works"), UMSI_OK);
        assert_true(fake_pci_would_send(&b->fake, i, &m));
        assert_int_equal(m.address, MOCK_DOORBELL);
        assert_int_equal(m.data, i);
        arrive(b, m.data);
        assert_int_equal(runs, 1);
        umsi_pci_release(&b->pci, i);
    }
}
