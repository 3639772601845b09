/* SPDX-License-Identifier: MIT */
/* The pure helpers: requester IDs behind bridges, msi-map, room for a shared DeviceID, wires of INTx. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <umsi/pci.h>

static void test_bdf(void **state)
{
    (void)state;
    assert_int_equal(UMSI_PCI_BDF(0, 0, 0), 0);
    assert_int_equal(UMSI_PCI_BDF(1, 2, 3), 0x0113);
    assert_int_equal(UMSI_PCI_BDF(255, 31, 7), 0xffff);
}

static void test_requester_passes_express(void **state)
{
    const struct umsi_pci_bridge path[] = {
        { UMSI_PCI_BDF(2, 0, 0), 3, UMSI_PCI_BRIDGE_EXPRESS },
        { UMSI_PCI_BDF(1, 0, 0), 2, UMSI_PCI_BRIDGE_EXPRESS },
        { UMSI_PCI_BDF(0, 1, 0), 1, UMSI_PCI_BRIDGE_EXPRESS },
    };
    (void)state;
    assert_int_equal(umsi_pci_requester_id(0x0318, NULL, 0), 0x0318);
    assert_int_equal(umsi_pci_requester_id(0x0318, path, 3), 0x0318);
}

static void test_requester_behind_pcie_to_pci(void **state)
{
    /* Root port, then a PCI Express to PCI bridge with secondary bus 2; functions 2:1.0 and 2:2.0. */
    const struct umsi_pci_bridge path[] = {
        { UMSI_PCI_BDF(1, 0, 0), 2, UMSI_PCI_BRIDGE_TO_PCI },
        { UMSI_PCI_BDF(0, 1, 0), 1, UMSI_PCI_BRIDGE_EXPRESS },
    };
    (void)state;
    assert_int_equal(umsi_pci_requester_id(UMSI_PCI_BDF(2, 1, 0), path, 2), 0x0200);
    assert_int_equal(umsi_pci_requester_id(UMSI_PCI_BDF(2, 2, 0), path, 2), 0x0200);
}

static void test_requester_nested_bridges(void **state)
{
    /* Nearest first: a PCI-to-PCI bridge, itself behind a PCI Express to PCI bridge with bus 2. */
    const struct umsi_pci_bridge path[] = {
        { UMSI_PCI_BDF(2, 4, 0), 3, UMSI_PCI_BRIDGE_PCI },
        { UMSI_PCI_BDF(1, 0, 0), 2, UMSI_PCI_BRIDGE_TO_PCI },
        { UMSI_PCI_BDF(0, 1, 0), 1, UMSI_PCI_BRIDGE_EXPRESS },
    };
    (void)state;
    assert_int_equal(umsi_pci_requester_id(UMSI_PCI_BDF(3, 5, 1), path, 3), 0x0200);
    assert_int_equal(umsi_pci_requester_id(UMSI_PCI_BDF(3, 5, 1), path, 1), UMSI_PCI_BDF(2, 4, 0));
}

static void test_requester_conventional_root(void **state)
{
    /* A conventional root bus, a PCI-to-PCI bridge, a reverse bridge, a PCI Express function. */
    const struct umsi_pci_bridge path[] = {
        { UMSI_PCI_BDF(1, 3, 0), 2, UMSI_PCI_BRIDGE_TO_EXPRESS },
        { UMSI_PCI_BDF(0, 6, 0), 1, UMSI_PCI_BRIDGE_PCI },
    };
    (void)state;
    assert_int_equal(umsi_pci_requester_id(UMSI_PCI_BDF(2, 0, 0), path, 1), 0x0200);
    assert_int_equal(umsi_pci_requester_id(UMSI_PCI_BDF(2, 0, 0), path, 2), UMSI_PCI_BDF(0, 6, 0));
}

static void test_shared_events(void **state)
{
    const uint32_t two[] = { 1, 1 }, odd[] = { 3, 5, 33 }, with_none[] = { 0, 4, 0 };
    const uint32_t big[] = { 2048, 2048 }, huge[] = { 0x80000000u, 0xffffffffu };
    (void)state;
    assert_int_equal(umsi_pci_shared_events(two, 2, false), 2);
    assert_int_equal(umsi_pci_shared_events(odd, 3, false), 4 + 8 + 64);
    assert_int_equal(umsi_pci_shared_events(big, 2, false), 4096);
    assert_int_equal(umsi_pci_shared_events(huge, 2, false), UINT32_MAX);
    /* Nothing is shared. */
    assert_int_equal(umsi_pci_shared_events(two, 1, false), 0);
    assert_int_equal(umsi_pci_shared_events(two, 0, false), 0);
    assert_int_equal(umsi_pci_shared_events(with_none, 3, false), 0);
    /* More may be plugged in. */
    assert_int_equal(umsi_pci_shared_events(two, 2, true), 256);
    assert_int_equal(umsi_pci_shared_events(two, 0, true), 256);
    assert_int_equal(umsi_pci_shared_events(big, 2, true), 4096);
}

static void check_map(const struct umsi_pci_msi_map_entry *map, uint32_t n, uint32_t mask,
                      uint16_t rid, uint32_t controller, uint32_t device_id)
{
    uint32_t c = 77, d = 77;
    assert_int_equal(umsi_pci_msi_map(map, n, mask, 0, rid, &c, &d), UMSI_OK);
    assert_int_equal(c, controller);
    assert_int_equal(d, device_id);
}

static void test_msi_map(void **state)
{
    /* The examples of the binding: an offset, a mask, two controllers, a hole. */
    const struct umsi_pci_msi_map_entry map[] = {
        { 0x0000, 0xa, 0x10000, 0x100 },
        { 0x0100, 0xb, 0x0000, 0x80 },
        { 0x0200, 0xa, 0x0200, 0xfe00 },
    };
    uint32_t c = 77, d = 77;
    (void)state;
    check_map(map, 3, 0xffff, 0x0000, 0xa, 0x10000);
    check_map(map, 3, 0xffff, 0x00ff, 0xa, 0x100ff);
    check_map(map, 3, 0xffff, 0x0100, 0xb, 0x0000);
    check_map(map, 3, 0xffff, 0x017f, 0xb, 0x007f);
    check_map(map, 3, 0xffff, 0xffff, 0xa, 0xffff);
    check_map(map, 3, 0xfff8, 0x0107, 0xb, 0x0000); /* functions of a device share one ID */
    assert_int_equal(umsi_pci_msi_map(map, 3, 0xffff, 0, 0x0180, &c, &d), UMSI_NOTFOUND);
    assert_int_equal(c, 77); /* untouched on error */
    assert_int_equal(d, 77);
}

static void test_msi_map_edges(void **state)
{
    const struct umsi_pci_msi_map_entry empty = { 0x0010, 1, 0, 0 };
    const struct umsi_pci_msi_map_entry top = { 0xfffffff0u, 1, 0, 0x20 }; /* runs past 32 bits */
    uint32_t c = 77, d = 77;
    (void)state;
    assert_int_equal(umsi_pci_msi_map(&empty, 1, 0xffff, 0, 0x10, &c, &d), UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_msi_map(&top, 1, 0xffff, 0, 0x0, &c, &d), UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_msi_map(&empty, 1, 0xffff, 5, 0x10, &c, &d), UMSI_NOTFOUND);
}

static void test_msi_parent(void **state)
{
    uint32_t c = 77, d = 77;
    (void)state;
    assert_int_equal(umsi_pci_msi_map(NULL, 0, 0xffff, 0, 0x10, &c, &d), UMSI_UNSUPPORTED);
    assert_int_equal(c, 77);
    assert_int_equal(umsi_pci_msi_map(NULL, 0, 0xffff, 5, 0x1234, &c, &d), UMSI_OK);
    assert_int_equal(c, 5);
    assert_int_equal(d, 0x1234);
}

/* ---- INTx ---- */

static uint32_t swizzled(uint32_t pin, uint32_t device)
{
    const struct umsi_pci_bridge port = { UMSI_PCI_BDF(0, 2, 1), 1, UMSI_PCI_BRIDGE_EXPRESS };
    uint16_t bdf = 0;
    pin = umsi_pci_intx_swizzle(pin, UMSI_PCI_BDF(1, device, 5), &port, 1, &bdf);
    assert_int_equal(bdf, UMSI_PCI_BDF(0, 2, 1));
    return pin;
}

/* Table 2-21 of the Base Specification: rows are devices 0, 4, 8 ...; 1, 5 ...; and so on. */
static void test_swizzle(void **state)
{
    static const uint8_t upstream[4][4] = {
        { 1, 2, 3, 4 }, { 2, 3, 4, 1 }, { 3, 4, 1, 2 }, { 4, 1, 2, 3 }
    };
    const struct umsi_pci_bridge deep[] = {
        { UMSI_PCI_BDF(2, 3, 0), 3, UMSI_PCI_BRIDGE_PCI },
        { UMSI_PCI_BDF(1, 0, 0), 2, UMSI_PCI_BRIDGE_TO_PCI },
        { UMSI_PCI_BDF(0, 5, 0), 1, UMSI_PCI_BRIDGE_EXPRESS },
    };
    uint16_t bdf = 77;
    (void)state;
    for (uint32_t device = 0; device < 32; device++) {
        for (uint32_t pin = 1; pin <= 4; pin++) {
            assert_int_equal(swizzled(pin, device), upstream[device % 4][pin - 1]);
        }
    }
    assert_int_equal(umsi_pci_intx_swizzle(3, 0x1234, NULL, 0, &bdf), 3); /* on the root bus */
    assert_int_equal(bdf, 0x1234);
    /* 3:2.0 INTA becomes C, then device 3 makes it B, then device 0 leaves it. */
    assert_int_equal(umsi_pci_intx_swizzle(1, UMSI_PCI_BDF(3, 2, 0), deep, 3, &bdf), 2);
    assert_int_equal(bdf, UMSI_PCI_BDF(0, 5, 0));
    bdf = 77;
    assert_int_equal(umsi_pci_intx_swizzle(0, 8, deep, 3, &bdf), 0);
    assert_int_equal(umsi_pci_intx_swizzle(5, 8, deep, 3, &bdf), 0);
    assert_int_equal(bdf, 77);
}

static void test_route(void **state)
{
    static const struct umsi_pci_intx_entry map[] = {
        { 0x0000, 1, 9, 40 }, { 0x0000, 2, 9, 41 }, { 0x0800, 1, 9, 42 }, { 0x0800, 2, 9, 43 }
    };
    const struct umsi_pci_intx_mask devices = { 0x0800, 7 }, all = { UINT32_MAX, UINT32_MAX };
    struct umsi_pci_intx_entry row = { 0, 0, 0, 77 };
    (void)state;
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, UMSI_PCI_BDF(0, 3, 7), 2, &row),
                     UMSI_OK);
    assert_int_equal(row.line, 43);
    assert_int_equal(row.controller, 9);
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, UMSI_PCI_BDF(3, 2, 0), 1, &row),
                     UMSI_OK);
    assert_int_equal(row.line, 40);
    assert_int_equal(umsi_pci_intx_route(map, 4, &all, UMSI_PCI_BDF(0, 1, 0), 1, &row), UMSI_OK);
    assert_int_equal(row.line, 42);
    row.line = 77;
    assert_int_equal(umsi_pci_intx_route(map, 4, &all, UMSI_PCI_BDF(0, 1, 1), 1, &row),
                     UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, 8, 3, &row), UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_intx_route(NULL, 0, &devices, 8, 1, &row), UMSI_NOTFOUND);
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, 8, 0, &row), UMSI_INVALID);
    assert_int_equal(umsi_pci_intx_route(map, 4, &devices, 8, 5, &row), UMSI_INVALID);
    assert_int_equal(row.line, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bdf),
        cmocka_unit_test(test_requester_passes_express),
        cmocka_unit_test(test_requester_behind_pcie_to_pci),
        cmocka_unit_test(test_requester_nested_bridges),
        cmocka_unit_test(test_requester_conventional_root),
        cmocka_unit_test(test_shared_events),
        cmocka_unit_test(test_msi_map),
        cmocka_unit_test(test_msi_map_edges),
        cmocka_unit_test(test_msi_parent),
        cmocka_unit_test(test_swizzle),
        cmocka_unit_test(test_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
