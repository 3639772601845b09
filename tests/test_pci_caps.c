/* SPDX-License-Identifier: MIT */
/* Capability lists, as they should be and as they should not; what firmware left on. */
#include "fake_pci.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_none(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    uint32_t granted = 77;
    (void)state;
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSI), 0);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSIX), 0);
    assert_int_equal(pci_bench_alloc(b, 1, 1, 0, &granted), UMSI_NOTFOUND);
    assert_int_equal(pci_bench_alloc(b, 1, 1, UMSI_INTX, &granted), UMSI_UNSUPPORTED);
    assert_int_equal(granted, 77);
    assert_int_equal(b->port.log_lines, 0);
    assert_int_equal(b->mock.prepares, 0);
    pci_bench_destroy(b);
}

static void test_list_bit_clear(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    (void)state;
    fake_pci_add_msi(&b->fake, 0x40, 0, true, true);
    b->fake.config[0x06] = 0; /* Status says: no list */
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSI), 0);
    b->fake.msi_cap = 0;
    pci_bench_destroy(b);
}

static void test_both_among_others(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    (void)state;
    fake_pci_add_cap(&b->fake, 0xf8, 0x01);
    fake_pci_add_msi(&b->fake, 0xe0, 5, true, true); /* ends at the last byte but none */
    fake_pci_add_cap(&b->fake, 0x90, 0x00);          /* null capabilities are skipped */
    fake_pci_add_msix(&b->fake, 0x40, 2048, 4, 0x12340);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSI), 32);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSIX), 2048);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_INTX), 0);
    assert_int_equal(b->pci.table_bar, 4);
    assert_int_equal(b->pci.table_offset, 0x12340);
    assert_int_equal(b->port.log_lines, 0);
    pci_bench_destroy(b);
}

/* A list that is broken behind MSI-X at 0x50: what comes before is used, the rest is named. */
static void broken(void (*damage)(struct fake_pci *f), const char *line)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    fake_pci_add_msi(&b->fake, 0x70, 2, true, true);
    fake_pci_add_msix(&b->fake, 0x50, 4, 0, 0);
    damage(&b->fake);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSIX), 4);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSI), 0);
    assert_true(test_port_logged(&b->port, "fake: malformed"));
    if (!test_port_logged(&b->port, line))
        print_message("%s | %s\n", line, b->port.log[0]);
    assert_true(test_port_logged(&b->port, line));
    assert_int_equal(b->port.log_lines, 1);
    b->fake.msi_cap = 0; /* where the fake function has it, nobody found it */
    pci_bench_destroy(b);
}

static void loop_to_self(struct fake_pci *f)
{
    f->config[0x51] = 0x50;
}

static void loop_of_two(struct fake_pci *f)
{
    fake_pci_add_cap(f, 0x40, 0x09);
    f->config[0x51] = 0x40;
}

static void into_header(struct fake_pci *f)
{
    f->config[0x51] = 0x3c;
}

static void unaligned_into_header(struct fake_pci *f)
{
    f->config[0x51] = 0x03;
}

static void reads_ones(struct fake_pci *f)
{
    fake_pci_put(f, 0x70, 4, 0xffffffff);
}

static void past_the_end(struct fake_pci *f)
{
    f->config[0x51] = 0xf0; /* a 64-bit maskable MSI capability needs 24 bytes */
    fake_pci_put(f, 0xf0, 4, 0x01840005);
}

static void reserved_mmc(struct fake_pci *f)
{
    f->config[0x72] = 6 << 1;
}

static void msi_control_ones(struct fake_pci *f)
{
    fake_pci_put(f, 0x72, 2, 0xffff);
}

static void second_msix(struct fake_pci *f)
{
    fake_pci_put(f, 0x70, 4, 0x00070011);
}

static void test_malformed_lists(void **state)
{
    (void)state;
    broken(loop_to_self, "loops to 0x50");
    broken(loop_of_two, "loops to 0x40");
    broken(into_header, "pointer into the header 0x3c");
    broken(unaligned_into_header, "pointer into the header 0x3");
    broken(reads_ones, "all ones at 0x70");
    broken(past_the_end, "MSI capability offset 0xf0");
    broken(reserved_mmc, "MSI Message Control 0x10c");
    broken(msi_control_ones, "MSI Message Control 0xffff");
    broken(second_msix, "second MSI-X capability at 0x70");
}

static void test_unaligned_pointer_is_masked(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    (void)state;
    fake_pci_add_msi(&b->fake, 0x70, 2, true, true);
    b->fake.config[0x34] = 0x72;
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSI), 4);
    assert_true(test_port_logged(&b->port, "low bits of capability pointer 0x72"));
    pci_bench_destroy(b);
}

static void test_longest_list(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    (void)state;
    for (uint32_t at = 0x40; at < 0x100; at += 4) {
        fake_pci_add_cap(&b->fake, at, 0x09);
    }
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(b->port.log_lines, 0);
    pci_bench_destroy(b);
}

static void msix_broken(uint32_t at, uint8_t header, uint32_t table, uint32_t control,
                        const char *line)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    fake_pci_add_cap(&b->fake, at, 0x11);
    b->fake.config[0x0e] = header;
    fake_pci_put(&b->fake, at + 4, 4, table);
    fake_pci_put(&b->fake, at + 2, 2, control);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSIX), 0);
    assert_true(test_port_logged(&b->port, line));
    pci_bench_destroy(b);
}

static void test_malformed_msix(void **state)
{
    (void)state;
    msix_broken(0x50, 0x00, 0x1006, 3, "MSI-X Table BIR 0x6");
    msix_broken(0x50, 0x00, 0x1007, 3, "MSI-X Table BIR 0x7");
    msix_broken(0x50, 0x80, 0x1007, 3, "MSI-X Table BIR 0x7");
    msix_broken(0x50, 0x01, 0x1002, 3, "MSI-X Table BIR 0x2"); /* a bridge has two BARs */
    msix_broken(0x50, 0x00, 0x1000, 0xffff, "MSI-X Message Control 0xffff");
    msix_broken(0xf8, 0x00, 0x1000, 3, "MSI-X capability offset 0xf8");
    msix_broken(0x50, 0x05, 0x1000, 3, "Header Type 0x5");
}

static void test_any_bar(void **state)
{
    (void)state;
    for (unsigned bar = 0; bar < 6; bar++) {
        struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
        uint32_t granted;
        fake_pci_add_msix(&b->fake, 0x50, 3, bar, 0xfffffff8);
        assert_int_equal(pci_bench_attach(b), UMSI_OK);
        assert_int_equal(pci_bench_alloc(b, 3, 3, 0, &granted), UMSI_OK);
        pci_bench_works(b, 3);
        pci_bench_destroy(b);
    }
}

static void test_cardbus_pointer(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    (void)state;
    fake_pci_add_msi(&b->fake, 0x70, 0, false, false);
    b->fake.config[0x14] = 0x70;
    b->fake.config[0x34] = 0x00;
    b->fake.config[0x0e] = 0x02;
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSI), 1);
    pci_bench_destroy(b);
}

static void test_gone(void **state)
{
    (void)state;
    for (int refuses = 0; refuses < 2; refuses++) {
        struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
        fake_pci_add_msix(&b->fake, 0x50, 4, 0, 0);
        b->fake.gone = true;
        b->fake.refuses = refuses != 0;
        assert_int_equal(pci_bench_attach(b), UMSI_GONE);
        b->fake.gone = false; /* and it can be tried again */
        assert_int_equal(pci_bench_attach(b), UMSI_OK);
        pci_bench_destroy(b);
    }
}

/* SR-IOV 1.1, 3.4.1: a virtual function's IDs are all ones and its Memory Space Enable is 0. */
static void test_virtual_function(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    uint32_t granted;
    (void)state;
    fake_pci_add_msix(&b->fake, 0x50, 4, 0, 0);
    fake_pci_put(&b->fake, 0x00, 4, 0xffffffff);
    fake_pci_put(&b->fake, 0x04, 2, 4);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    pci_bench_works(b, 4);
    pci_bench_destroy(b);
}

static void test_left_on(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    uint32_t granted;
    (void)state;
    fake_pci_add_msi(&b->fake, 0x70, 3, true, true);
    fake_pci_add_msix(&b->fake, 0x50, 4, 0, 0);
    fake_pci_put(&b->fake, 0x72, 2, 0x07b7); /* enabled, with 8 vectors and extended data */
    b->fake.writable[0x73] |= 0x04;
    fake_pci_put(&b->fake, 0x52, 2, 0xc003);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(fake_pci_get(&b->fake, 0x72, 2), 0x0386);
    assert_int_equal(fake_pci_get(&b->fake, 0x52, 2), 0x0003);
    assert_true(test_port_logged(&b->port, "fake: MSI was left on"));
    assert_true(test_port_logged(&b->port, "fake: MSI-X was left on"));
    assert_int_equal(pci_bench_alloc(b, 2, 2, UMSI_MSI, &granted), UMSI_OK);
    assert_int_equal(fake_pci_get(&b->fake, 0x72, 2), 0x0397);
    pci_bench_works(b, 2);
    pci_bench_destroy(b);
}

/* What firmware left on in a capability that makes no sense is turned off as well. */
static void test_left_on_malformed(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    (void)state;
    fake_pci_add_msix(&b->fake, 0x50, 4, 0, 0);
    fake_pci_put(&b->fake, 0x52, 2, 0x8003);
    fake_pci_put(&b->fake, 0x54, 4, 0x0006);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_false(fake_pci_msix_enabled(&b->fake));
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSIX), 0);
    pci_bench_destroy(b);
}

static void test_left_on_and_gone(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    (void)state;
    fake_pci_add_msi(&b->fake, 0x70, 3, true, true);
    fake_pci_put(&b->fake, 0x72, 2, 0x01b7);
    b->fake.fail_write = 1;
    assert_int_equal(pci_bench_attach(b), UMSI_GONE);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    pci_bench_destroy(b);
}

static void test_attach_arguments(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    struct umsi_pci_ops ops = fake_pci_ops;
    struct umsi_pci_config c = { .ops = &ops, .handle = &b->fake, .name = "fake" };
    (void)state;
    assert_int_equal(umsi_pci_attach(NULL, &c, &b->pci), UMSI_INVALID);
    assert_int_equal(umsi_pci_attach(&b->mock.msi, NULL, &b->pci), UMSI_INVALID);
    assert_int_equal(umsi_pci_attach(&b->mock.msi, &c, NULL), UMSI_INVALID);
    assert_int_equal(umsi_pci_attach(&b->mock.root, &c, &b->pci), UMSI_UNSUPPORTED);
    ops.write = NULL;
    assert_int_equal(umsi_pci_attach(&b->mock.msi, &c, &b->pci), UMSI_INVALID);
    ops.write = fake_pci_ops.write;
    ops.read = NULL;
    assert_int_equal(umsi_pci_attach(&b->mock.msi, &c, &b->pci), UMSI_INVALID);
    ops.read = fake_pci_ops.read;
    c.name = NULL;
    assert_int_equal(umsi_pci_attach(&b->mock.msi, &c, &b->pci), UMSI_INVALID);
    pci_bench_destroy(b);
}

/* Whatever is in configuration space: no loop, no access outside, and what is attached can be used. */
static void test_noise(void **state)
{
    uint32_t x = 12345;
    (void)state;
    for (uint32_t round = 0; round < 300; round++) {
        struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
        uint32_t granted;
        for (uint32_t i = 0; i < 256; i++) {
            x = x * 1664525u + 1013904223u;
            b->fake.config[i] = (uint8_t)(x >> 24);
            if (i >= 0x40 && (x >> 8) % 3 == 0) {
                b->fake.config[i] = i % 4 == 1      ? (uint8_t)((x >> 12) & 0xfc)
                                    : (x >> 20) & 1 ? 5
                                                    : 0x11;
            }
        }
        b->fake.config[0x06] |= 0x10;
        b->fake.config[0x0e] &= 1;
        b->fake.config[0x34] = (uint8_t)(0x40 + (x >> 24) % 0xc0);
        b->fake.no_map = true; /* the fake's table is not where noise says */
        enum umsi_status st = pci_bench_attach(b);
        assert_int_equal(st, UMSI_OK);
        st = pci_bench_alloc(b, 1, 32, 0, &granted);
        assert_true(st == UMSI_OK || st == UMSI_NOTFOUND || st == UMSI_UNSUPPORTED ||
                    st == UMSI_STATE);
        pci_bench_destroy(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_list_bit_clear),
        cmocka_unit_test(test_both_among_others),
        cmocka_unit_test(test_malformed_lists),
        cmocka_unit_test(test_unaligned_pointer_is_masked),
        cmocka_unit_test(test_longest_list),
        cmocka_unit_test(test_malformed_msix),
        cmocka_unit_test(test_any_bar),
        cmocka_unit_test(test_cardbus_pointer),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_virtual_function),
        cmocka_unit_test(test_left_on),
        cmocka_unit_test(test_left_on_malformed),
        cmocka_unit_test(test_left_on_and_gone),
        cmocka_unit_test(test_attach_arguments),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
