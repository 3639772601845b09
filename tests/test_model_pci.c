/* SPDX-License-Identifier: MIT */
/* The model judged by itself: PCI functions and their messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "raw_its.h"

#define DEV 9u

struct board {
    struct raw r;
    struct model_pci *f;
    const struct umsi_pci_ops *ops;
    volatile void *table;
};

static void put(struct board *b, uint16_t offset, unsigned width, uint32_t value)
{
    assert_true(b->ops->write(b->f, offset, width, value));
}

static uint32_t get(struct board *b, uint16_t offset, unsigned width)
{
    uint32_t v = 0;
    assert_true(b->ops->read(b->f, offset, width, &v));
    return v;
}

static void start_on(struct board *b, const struct model_config *m,
                     const struct model_pci_config *c)
{
    memset(b, 0, sizeof(*b));
    raw_start(&b->r, m);
    (void)raw_device(&b->r, DEV, 5, 32, 0);
    b->ops = model_pci_ops();
    assert_true(model_pci_create(b->r.m, c, &b->f));
    if (c->msix_entries != 0) {
        b->table =
            b->ops->map_bar(b->f, c->table_bar, c->table_offset, (size_t)c->msix_entries * 16);
        assert_non_null(b->table);
    }
}

static void start(struct board *b, const struct model_pci_config *c)
{
    start_on(b, &(struct model_config){ .nr_cpus = 1, .nr_its = 1 }, c);
}

static void finish(struct board *b, uint32_t entries)
{
    if (entries != 0) {
        b->ops->unmap_bar(b->f, b->table, (size_t)entries * 16);
    }
    model_pci_destroy(b->f);
    raw_expect_none(&b->r);
    model_destroy(b->r.m);
}

static void entry(struct board *b, uint32_t v, uint32_t data)
{
    uint64_t doorbell = model_its_phys(b->r.m, 0) + 0x10040;
    raw_write(&b->r, b->table, v * 16, (uint32_t)doorbell);
    raw_write(&b->r, b->table, v * 16 + 4, (uint32_t)(doorbell >> 32));
    raw_write(&b->r, b->table, v * 16 + 8, data);
}

static void test_msix(void **state)
{
    struct board b;
    (void)state;
    start(&b, &(struct model_pci_config){
                  .device_id = DEV, .msix_entries = 3, .table_bar = 2, .table_offset = 0x800 });
    uint16_t cap = model_pci_msix_cap(b.f);
    assert_int_equal(get(&b, cap, 1), 0x11);
    assert_int_equal(get(&b, cap + 2, 2), 2);
    assert_int_equal(get(&b, cap + 4, 4), 0x802);
    assert_int_equal(model_pci_raise(b.f, 0), MODEL_NOT_SENT);
    put(&b, cap + 2, 2, 0xc000);
    entry(&b, 1, 5);
    assert_int_equal(raw_read(&b.r, b.table, 24), 5);
    raw_write(&b.r, b.table, 28, 0);
    assert_int_equal(model_pci_raise(b.f, 1), MODEL_PENDING); /* function mask */
    assert_true(model_pci_pending(b.f, 1));
    put(&b, cap + 2, 2, 0x8000);
    assert_false(model_pci_pending(b.f, 1));
    assert_true(model_lpi_pending(b.r.m, 0, 8192 + 5));
    assert_int_equal(model_pci_raise(b.f, 2), MODEL_PENDING); /* masked since reset */
    assert_int_equal(model_pci_raise(b.f, 3), MODEL_NOT_SENT);
    model_pci_reset(b.f);
    assert_int_equal(get(&b, cap + 2, 2), 2);
    assert_int_equal(raw_read(&b.r, b.table, 28), 1);
    finish(&b, 3);
}

static void test_msix_breaches(void **state)
{
    struct board b;
    (void)state;
    start(&b, &(struct model_pci_config){ .device_id = DEV, .msix_entries = 4 });
    put(&b, model_pci_msix_cap(b.f) + 2, 2, 0x8000);
    raw_write(&b.r, b.table, 12, 0);
    raw_expect(&b.r, "L50"); /* no message */
    entry(&b, 1, 5);
    raw_write(&b.r, b.table, 28, 0);
    raw_expect(&b.r, "L45"); /* no read-back */
    (void)raw_read(&b.r, b.table, 28);
    raw_write(&b.r, b.table, 24, 6);
    raw_expect(&b.r, "L45"); /* changed while unmasked */
    (void)model_pci_raise(b.f, 0);
    raw_expect(&b.r, "L47"); /* to address 0 */
    raw_write(&b.r, b.table, 24, 77);
    model_breach_clear(b.r.m);
    assert_int_equal(model_pci_raise(b.f, 1), MODEL_LOST); /* no such event */
    finish(&b, 4);
}

static void msi_message(struct board *b, uint32_t data)
{
    uint16_t cap = model_pci_msi_cap(b->f);
    uint64_t doorbell = model_its_phys(b->r.m, 0) + 0x10040;
    put(b, cap + 4, 4, (uint32_t)doorbell);
    put(b, cap + 8, 4, (uint32_t)(doorbell >> 32));
    put(b, cap + 12, 2, data);
}

static void test_msi(void **state)
{
    struct board b;
    (void)state;
    start(&b, &(struct model_pci_config){
                  .device_id = DEV, .msi_vectors = 8, .msi_64 = true, .msi_maskable = true });
    uint16_t cap = model_pci_msi_cap(b.f);
    assert_int_equal(get(&b, cap + 2, 2), 0x186);
    msi_message(&b, 16);
    put(&b, cap + 16, 4, 0xfe);
    put(&b, cap + 2, 2, 0x21); /* four of eight */
    assert_int_equal(model_pci_raise(b.f, 0), MODEL_SENT);
    assert_true(model_lpi_pending(b.r.m, 0, 8192 + 16));
    assert_int_equal(model_pci_raise(b.f, 2), MODEL_PENDING);
    assert_int_equal(get(&b, cap + 20, 4), 4);
    put(&b, cap + 16, 4, 0);
    assert_int_equal(get(&b, cap + 20, 4), 0);
    assert_true(model_lpi_pending(b.r.m, 0, 8192 + 18));
    assert_int_equal(model_pci_raise(b.f, 4), MODEL_NOT_SENT);
    finish(&b, 0);
}

static void test_msi_breaches(void **state)
{
    struct board b;
    (void)state;
    start(&b, &(struct model_pci_config){ .device_id = DEV, .msi_vectors = 2, .msi_64 = true });
    uint16_t cap = model_pci_msi_cap(b.f);
    put(&b, cap + 2, 2, 1);
    raw_expect(&b.r, "L50"); /* no message */
    put(&b, cap + 2, 2, 0);
    msi_message(&b, 4);
    put(&b, cap + 2, 2, 0x20);
    raw_expect(&b.r, "L50"); /* more than it can send */
    put(&b, cap + 2, 2, 0x11);
    put(&b, cap + 12, 2, 6);
    raw_expect(&b.r, "L46");
    put(&b, 0x04, 2, 0);
    raw_expect(&b.r, ""); /* COMMAND is the kernel's */
    finish(&b, 0);
}

static void test_bus_master(void **state)
{
    struct board b;
    (void)state;
    start(&b, &(struct model_pci_config){ .device_id = DEV, .msi_vectors = 1, .msi_64 = true });
    msi_message(&b, 0);
    put(&b, model_pci_msi_cap(b.f) + 2, 2, 1);
    model_pci_space(b.f)[4] &= (uint8_t)~4u;
    assert_int_equal(model_pci_raise(b.f, 0), MODEL_NOT_SENT);
    finish(&b, 0);
}

static void test_removed(void **state)
{
    struct board b;
    uint32_t v = 0;
    (void)state;
    start(&b, &(struct model_pci_config){ .device_id = DEV, .msix_entries = 2 });
    model_pci_remove(b.f, true);
    assert_int_equal(get(&b, 0, 2), 0xffff);
    assert_int_equal(raw_read(&b.r, b.table, 0), UINT32_MAX);
    put(&b, model_pci_msix_cap(b.f) + 2, 2, 0x8000);
    assert_int_equal(model_pci_raise(b.f, 0), MODEL_NOT_SENT);
    model_pci_remove(b.f, false);
    assert_false(b.ops->read(b.f, 0, 4, &v));
    finish(&b, 2);
}

static void test_iommu(void **state)
{
    struct board b;
    umsi_bus bus = 0;
    (void)state;
    start_on(&b, &(struct model_config){ .nr_cpus = 1, .nr_its = 1, .iommu = true },
             &(struct model_pci_config){ .device_id = DEV, .msi_vectors = 1, .msi_64 = true });
    uint16_t cap = model_pci_msi_cap(b.f);
    msi_message(&b, 3);
    put(&b, cap + 2, 2, 1);
    assert_int_equal(model_pci_raise(b.f, 0), MODEL_LOST);
    raw_expect(&b.r, "L49");
    put(&b, cap + 2, 2, 0);
    assert_true(b.r.p->doorbell_map(b.r.p->ctx, b.f, model_its_phys(b.r.m, 0) + 0x10040, &bus));
    put(&b, cap + 4, 4, (uint32_t)bus);
    put(&b, cap + 8, 4, (uint32_t)(bus >> 32));
    put(&b, cap + 2, 2, 1);
    assert_int_equal(model_pci_raise(b.f, 0), MODEL_SENT);
    b.r.p->doorbell_unmap(b.r.p->ctx, b.f, bus);
    raw_expect_none(&b.r);
    b.r.p->doorbell_unmap(b.r.p->ctx, b.f, bus);
    raw_expect(&b.r, "L49");
    finish(&b, 0);
}

static void test_bar(void **state)
{
    struct board b;
    (void)state;
    start(&b, &(struct model_pci_config){ .device_id = DEV, .msix_entries = 2 });
    assert_null(b.ops->map_bar(b.f, 1, 0, 16));
    raw_expect(&b.r, "");
    volatile void *old = b.table;
    b.ops->unmap_bar(b.f, b.table, 32);
    (void)raw_read(&b.r, old, 0);
    raw_expect(&b.r, "");
    finish(&b, 0);
}

/* Decoding stands alone: a recorded stream needs no machine. */
/* What a DeviceID is made of: the function, the bridges above it, the first row that fits. */
static void test_way(void **state)
{
    static const struct model_pci_bridge port = { MODEL_BRIDGE_EXPRESS, 0x0018, 5 };
    static const struct model_pci_bridge to_pci = { MODEL_BRIDGE_TO_PCI, 0x0500, 6 };
    static const struct model_pci_bridge pci = { MODEL_BRIDGE_PCI, 0x0608, 7 };
    static const struct model_pci_bridge back = { MODEL_BRIDGE_TO_EXPRESS, 0x0708, 8 };
    static const struct model_msi_map all = { 0, 0x10000, 0, 0 };
    static const struct model_msi_map rows[] = { { 0x100, 0x100, 0, 7 },
                                                 { 0x100, 0x900, 1, 0x20000 } };
    const struct {
        uint16_t bdf;
        struct model_pci_bridge path[4];
        uint32_t n;
        const struct model_msi_map *map;
        uint32_t nr_map, expect;
    } cases[] = {
        { 0x0501, { port }, 1, &all, 1, 0x501 },
        { 0x0619, { to_pci, port }, 2, &all, 1, 0x600 },
        { 0x0710, { pci, to_pci, port }, 3, &all, 1, 0x600 },
        { 0x0710, { pci, port }, 2, &all, 1, 0x608 },
        { 0x0810, { back, pci, to_pci, port }, 4, &all, 1, 0x600 },
        { 0x01ff, { port }, 0, rows, 2, 0x106 },
        { 0x0200, { port }, 0, rows, 2, 0x20100 },
        { 0x00ff, { port }, 0, rows, 2, UINT32_MAX },
        { 0x0a00, { port }, 0, rows, 2, UINT32_MAX },
        { 0x0a00, { port }, 1, NULL, 0, DEV },
    };
    struct board b;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(&b, &(struct model_pci_config){ .device_id = DEV,
                                              .msi_vectors = 1,
                                              .bdf = cases[i].bdf,
                                              .path = cases[i].path,
                                              .nr_path = cases[i].n,
                                              .map = cases[i].map,
                                              .nr_map = cases[i].nr_map });
        assert_int_equal(model_pci_device_id(b.f), cases[i].expect);
        finish(&b, 0);
    }
}

static void test_decode(void **state)
{
    const uint64_t mapd[4] = { 0x0000012300000008, 3, 0x8000000043a32200, 0 };
    const uint64_t mapti[4] = { 0x000000080000000a, 0x0000200100000001, 1, 0 };
    const uint64_t bad[4] = { 0x0000000000000099, 0, 0, 0 };
    struct model_command c;
    char line[100];
    (void)state;
    model_command_decode(mapd, &c);
    assert_int_equal(c.device, 0x123);
    assert_int_equal(c.event_bits, 4);
    assert_true(c.valid && c.itt == 0x43a32200);
    model_command_decode(mapti, &c);
    assert_int_equal(c.intid, 8193);
    model_command_print(&c, line, sizeof(line));
    assert_string_equal(line, "MAPTI device 0x8 event 1 intid 8193 icid 1");
    model_command_decode(bad, &c);
    assert_false(c.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_msix),    cmocka_unit_test(test_msix_breaches),
        cmocka_unit_test(test_msi),     cmocka_unit_test(test_msi_breaches),
        cmocka_unit_test(test_removed), cmocka_unit_test(test_bus_master),
        cmocka_unit_test(test_iommu),   cmocka_unit_test(test_bar),
        cmocka_unit_test(test_way),     cmocka_unit_test(test_decode),
    };
    return cmocka_run_group_tests_name("model, PCI functions", tests, NULL, NULL);
}
