/* SPDX-License-Identifier: MIT */
/* MSI-X of a function: table sizes, the order of L45 and L50, masks, vectors that come and go. */
#include "fake_pci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define CAP        0x50u
#define ENABLED    0x8000u
#define FMASK      0x4000u
#define CONTROL(i) ((i)*16u + 12u)

static struct pci_bench *bench_on(uint32_t can, uint32_t entries)
{
    struct pci_bench *b = pci_bench_create(can);
    fake_pci_add_msix(&b->fake, CAP, entries, 2, 0x2000);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    return b;
}

static struct pci_bench *bench(uint32_t entries)
{
    return bench_on(PCI_BENCH_ALL, entries);
}

static void nothing(void *arg)
{
    (void)arg;
}

static void test_sizes(void **state)
{
    static const uint32_t sizes[] = { 1, 2, 3, 31, 32, 33, 64, 257, 1024, 2047, 2048 };
    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct pci_bench *b = bench(sizes[i]);
        uint32_t granted, n = sizes[i];
        assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSIX), n);
        assert_int_equal(pci_bench_alloc(b, n, n + 1, 0, &granted), UMSI_OK);
        assert_int_equal(granted, n);
        assert_int_equal(b->pci.asked, n + 1);
        assert_int_equal(b->mock.last_prepared, n);
        assert_int_equal(b->fake.mapped, 1);
        pci_bench_works(b, n);
        umsi_pci_free_vectors(&b->pci);
        assert_int_equal(b->fake.mapped, 0);
        for (uint32_t e = 0; e < n; e++) {
            assert_int_equal(b->fake.table[e * 4 + 3], 1); /* as after reset */
        }
        pci_bench_destroy(b);
    }
}

/* Three vectors of a table of 2048 cost three at the controller. */
static void test_few_of_many(void **state)
{
    struct pci_bench *b = bench(2048);
    uint32_t granted;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 3, 3, 0, &granted), UMSI_OK);
    assert_int_equal(b->mock.live, 3);
    assert_int_equal(b->mock.last_prepared, 2048); /* L4 */
    pci_bench_works(b, 3);
    pci_bench_destroy(b);
}

/* Enable with Function Mask, mask all entries, program, clear Function Mask (L50). */
static void test_order(void **state)
{
    struct pci_bench *b = bench(8);
    struct fake_pci *f = &b->fake;
    uint32_t granted, from = f->records;
    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        f->table[i * 4 + 3] = i % 2; /* found in any state */
    }
    assert_int_equal(pci_bench_alloc(b, 3, 3, 0, &granted), UMSI_OK);
    uint32_t on = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 2, ENABLED | FMASK | 7);
    uint32_t last_mask = on;
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t at = fake_pci_find(f, on, FAKE_TABLE_WRITE, CONTROL(i), 1);
        assert_true(on < at && at < FAKE_PCI_RECORD);
        last_mask = at > last_mask ? at : last_mask;
    }
    uint32_t go = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 2, ENABLED | 7);
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t address = fake_pci_find(f, from, FAKE_TABLE_WRITE, i * 16, MOCK_DOORBELL);
        uint32_t data = fake_pci_find(f, from, FAKE_TABLE_WRITE, i * 16 + 8, i);
        uint32_t read_back = fake_pci_find(f, data, FAKE_TABLE_READ, i * 16 + 8, i);
        assert_true(last_mask < address && address < data && data < read_back && read_back < go);
    }
    assert_true(go < FAKE_PCI_RECORD);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(f->table[i * 4 + 3] & 1, 1); /* masked until requested */
    }
    pci_bench_destroy(b);
}

/* When vectors go, the function is quiet before the first of them does. */
static void test_order_of_freeing(void **state)
{
    struct pci_bench *b = bench(4);
    uint32_t granted, from;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 0, nothing, NULL, "x"), UMSI_OK);
    from = b->fake.records;
    umsi_pci_free_vectors(&b->pci);
    uint32_t quiet = fake_pci_find(&b->fake, from, FAKE_CONFIG_WRITE, CAP + 2, ENABLED | FMASK | 3);
    uint32_t mask = fake_pci_find(&b->fake, from, FAKE_TABLE_WRITE, CONTROL(0), 1);
    uint32_t off = fake_pci_find(&b->fake, from, FAKE_CONFIG_WRITE, CAP + 2, 3);
    assert_true(quiet < mask && mask < off && off < FAKE_PCI_RECORD);
    pci_bench_destroy(b);
}

static void test_masks(void **state)
{
    struct pci_bench *b = bench(4);
    struct fake_pci *f = &b->fake;
    uint32_t granted, from;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 2, nothing, NULL, "x"), UMSI_OK);
    assert_int_equal(f->table[2 * 4 + 3], 0);
    assert_int_equal(f->table[1 * 4 + 3], 1);
    from = f->records;
    umsi_irq_disable(b->umsi, umsi_pci_virq(&b->pci, 2));
    uint32_t at = fake_pci_find(f, from, FAKE_TABLE_WRITE, CONTROL(2), 1);
    uint32_t flush = fake_pci_find(f, at, FAKE_TABLE_READ, CONTROL(2), 1);
    assert_true(at < flush && flush < FAKE_PCI_RECORD); /* it has arrived when disable returns */
    umsi_irq_disable(b->umsi, umsi_pci_virq(&b->pci, 2));
    umsi_irq_enable(b->umsi, umsi_pci_virq(&b->pci, 2));
    assert_int_equal(f->table[2 * 4 + 3], 1);                    /* L51 */
    struct umsi_irq *irq = umsi_msi_irq_slot(&b->pci.msi, 0, 2); /* also across a new message */
    assert_int_equal(irq->domain->chip->write_message(irq->domain, irq), UMSI_OK);
    assert_int_equal(f->table[2 * 4 + 3], 1);
    umsi_irq_enable(b->umsi, umsi_pci_virq(&b->pci, 2));
    assert_int_equal(f->table[2 * 4 + 3], 0);
    umsi_pci_release(&b->pci, 2);
    assert_int_equal(f->table[2 * 4 + 3], 1);
    pci_bench_destroy(b);
}

/* A steering tag that was there stays there, through masks, unmasks, a move and a restore. */
static void test_steering_tag(void **state)
{
    struct pci_bench *b = bench(4);
    struct fake_pci *f = &b->fake;
    uint32_t granted;
    (void)state;
    f->table[1 * 4 + 3] = 0xab450001;
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    assert_int_equal(f->table[1 * 4 + 3], 0xab450001);
    assert_int_equal(umsi_pci_request(&b->pci, 1, nothing, NULL, "x"), UMSI_OK);
    assert_int_equal(f->table[1 * 4 + 3], 0xab450000);
    struct umsi_irq *irq = umsi_msi_irq_slot(&b->pci.msi, 0, 1);
    assert_int_equal(irq->domain->chip->write_message(irq->domain, irq), UMSI_OK);
    assert_int_equal(f->table[1 * 4 + 3], 0xab450000);
    fake_pci_reset(f);
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_OK);
    assert_int_equal(f->table[1 * 4 + 3], 0xab450000);
    umsi_pci_release(&b->pci, 1);
    assert_int_equal(f->table[1 * 4 + 3], 0xab450001);
    pci_bench_destroy(b);
}

static void test_control_that_reads_zero(void **state)
{
    struct pci_bench *b = bench(4);
    uint32_t granted;
    (void)state;
    b->fake.control_reads_zero = true;
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 1, nothing, NULL, "x"), UMSI_OK);
    assert_int_equal(b->fake.table[0 * 4 + 3], 1);
    assert_int_equal(b->fake.table[1 * 4 + 3], 0);
    struct umsi_irq *irq = umsi_msi_irq_slot(&b->pci.msi, 0, 0); /* still masked after a rewrite */
    assert_int_equal(irq->domain->chip->write_message(irq->domain, irq), UMSI_OK);
    assert_int_equal(b->fake.table[0 * 4 + 3], 1);
    umsi_irq_disable(b->umsi, umsi_pci_virq(&b->pci, 1));
    assert_int_equal(b->fake.table[1 * 4 + 3], 1);
    umsi_irq_enable(b->umsi, umsi_pci_virq(&b->pci, 1));
    umsi_pci_release(&b->pci, 1);
    pci_bench_works(b, 4);
    pci_bench_destroy(b);
}

/* A message that changes while live: masked, written, read back, unmasked (L45). */
static void test_move(void **state)
{
    struct pci_bench *b = bench(4);
    struct fake_pci *f = &b->fake;
    struct umsi_message m;
    uint32_t granted, from;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 3, nothing, NULL, "x"), UMSI_OK);
    struct umsi_irq *irq = umsi_msi_irq_slot(&b->pci.msi, 0, 3);
    irq->message = (struct umsi_message){ 0xfedcba987654ull, 0x12345678 };
    from = f->records;
    assert_int_equal(irq->domain->chip->write_message(irq->domain, irq), UMSI_OK);
    assert_int_equal(f->records - from, 6);
    assert_int_equal(fake_pci_find(f, from, FAKE_TABLE_WRITE, CONTROL(3), 1), from);
    assert_int_equal(fake_pci_find(f, from, FAKE_TABLE_WRITE, 48, 0xba987654), from + 1);
    assert_int_equal(fake_pci_find(f, from, FAKE_TABLE_WRITE, 52, 0xfedc), from + 2);
    assert_int_equal(fake_pci_find(f, from, FAKE_TABLE_WRITE, 56, 0x12345678), from + 3);
    assert_int_equal(fake_pci_find(f, from, FAKE_TABLE_READ, 56, 0x12345678), from + 4);
    assert_int_equal(fake_pci_find(f, from, FAKE_TABLE_WRITE, CONTROL(3), 0), from + 5);
    assert_true(fake_pci_would_send(f, 3, &m));
    assert_int_equal(m.address, 0xfedcba987654ull);
    assert_int_equal(m.data, 0x12345678);
    pci_bench_destroy(b);
}

static void test_dynamic(void **state)
{
    struct pci_bench *b = bench(64);
    struct umsi_message m;
    uint32_t granted, index = 77;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 63, &index), UMSI_OK);
    assert_int_equal(index, 63);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, UMSI_ANY_INDEX, &index), UMSI_OK);
    assert_int_equal(index, 2); /* L10: the lowest free one */
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 63, &index), UMSI_EXISTS);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 64, &index), UMSI_RANGE);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, UMSI_ANY_INDEX - 1, &index), UMSI_RANGE);
    assert_int_equal(index, 2);
    assert_int_equal(umsi_pci_request(&b->pci, 63, nothing, NULL, "x"), UMSI_OK);
    assert_true(fake_pci_would_send(&b->fake, 63, &m));
    assert_int_equal(m.data, 63);
    umsi_pci_free_at(&b->pci, 63);
    assert_int_equal(b->fake.table[63 * 4 + 3], 1); /* L50 */
    assert_int_equal(umsi_pci_virq(&b->pci, 63), UMSI_NO_VIRQ);
    umsi_pci_free_at(&b->pci, 63);
    umsi_pci_free_at(&b->pci, 9999);
    assert_int_equal(b->mock.live, 3);
    assert_int_equal(b->mock.prepares, 1);
    pci_bench_works(b, 3);
    pci_bench_destroy(b);
}

/* Without a vector, the first one turns MSI-X on and the last one off. */
static void test_dynamic_alone(void **state)
{
    struct pci_bench *b = bench(64);
    uint32_t index, granted;
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(umsi_pci_alloc_at(&b->pci, 40, &index), UMSI_OK);
        assert_int_equal(index, 40);
        assert_true(fake_pci_msix_enabled(&b->fake));
        assert_int_equal(umsi_pci_alloc_at(&b->pci, UMSI_ANY_INDEX, &index), UMSI_OK);
        assert_int_equal(index, 0);
        assert_int_equal(pci_bench_alloc(b, 1, 1, 0, &granted), UMSI_STATE);
        umsi_pci_free_at(&b->pci, 0);
        assert_true(fake_pci_msix_enabled(&b->fake));
        umsi_pci_free_at(&b->pci, 40);
        assert_false(fake_pci_msix_enabled(&b->fake));
        assert_int_equal(b->fake.mapped, 0);
    }
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 64, &index), UMSI_RANGE);
    assert_false(fake_pci_msix_enabled(&b->fake));
    assert_int_equal(b->mock.prepares, 1);
    pci_bench_destroy(b);
}

static void test_dynamic_refused(void **state)
{
    struct pci_bench *b = bench_on(UMSI_MSIX | UMSI_MSI, 4);
    uint32_t index = 77, granted;
    (void)state;
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 1, &index), UMSI_OK); /* the first is not dynamic */
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 2, &index), UMSI_UNSUPPORTED);
    assert_int_equal(index, 1);
    pci_bench_destroy(b);

    b = pci_bench_create(PCI_BENCH_ALL);
    fake_pci_add_msi(&b->fake, 0x70, 2, true, true);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 0, &index), UMSI_NOTFOUND);
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 0, &index), UMSI_STATE);
    umsi_pci_free_at(&b->pci, 0); /* a block is freed as a block (L15) */
    assert_true(test_port_logged(&b->port, "vector 0 is no MSI-X vector"));
    pci_bench_works(b, 2);
    pci_bench_destroy(b);
}

static void test_dynamic_failures(void **state)
{
    struct pci_bench *b = bench(16);
    uint32_t index = 77, granted;
    (void)state;
    b->mock.status = UMSI_TIMEOUT;
    b->mock.fail_commit = 1;
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 5, &index), UMSI_TIMEOUT);
    assert_false(fake_pci_msix_enabled(&b->fake));
    assert_int_equal(b->fake.mapped, 0);
    assert_int_equal(b->mock.prepares, b->mock.teardowns);
    b->fake.fail_write = 2; /* Function Mask cannot be cleared */
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 5, &index), UMSI_GONE);
    assert_int_equal(b->mock.live, 0);
    assert_int_equal(b->fake.mapped, 0);
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    b->mock.fail_alloc = 1;
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 5, &index), UMSI_TIMEOUT);
    assert_int_equal(index, 77);
    assert_int_equal(b->mock.live, 2);
    pci_bench_works(b, 2); /* those live before the call are unharmed (L12) */
    pci_bench_destroy(b);
}

static void test_restore(void **state)
{
    struct pci_bench *b = bench(8);
    struct fake_pci *f = &b->fake;
    uint32_t granted, index, from;
    struct umsi_message m;
    (void)state;
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_OK); /* nothing to do */
    assert_false(fake_pci_msix_enabled(f));
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 6, &index), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 6, nothing, NULL, "x"), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 0, nothing, NULL, "x"), UMSI_OK);
    umsi_irq_disable(b->umsi, umsi_pci_virq(&b->pci, 0));
    fake_pci_reset(f);
    for (uint32_t i = 0; i < 8; i++) {
        f->table[i * 4 + 3] = 0; /* some come out of reset unmasked */
    }
    from = f->records;
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_OK);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(fake_pci_would_send(f, i, &m), i == 6);
    }
    assert_true(fake_pci_would_send(f, 6, &m));
    assert_int_equal(m.address, MOCK_DOORBELL);
    assert_int_equal(m.data, 6);
    uint32_t on = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 2, ENABLED | FMASK | 7);
    uint32_t go = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 2, ENABLED | 7);
    assert_true(on < go && go < FAKE_PCI_RECORD);
    umsi_irq_enable(b->umsi, umsi_pci_virq(&b->pci, 0));
    assert_true(fake_pci_would_send(f, 0, &m));
    umsi_pci_free_at(&b->pci, 6);
    umsi_pci_release(&b->pci, 0);
    pci_bench_works(b, 2);
    pci_bench_destroy(b);
}

static void test_restore_gone(void **state)
{
    struct pci_bench *b = bench(8);
    uint32_t granted;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    b->fake.gone = true;
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_GONE);
    b->fake.gone = false;
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_OK);
    fake_pci_put(&b->fake, 0x04, 2, 0); /* the kernel forgot to put Command back */
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_STATE);
    fake_pci_put(&b->fake, 0x04, 2, 6);
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_OK);
    pci_bench_works(b, 2);
    pci_bench_destroy(b);
}

static void test_memory_off(void **state)
{
    struct pci_bench *b = bench(8);
    uint32_t granted = 77;
    (void)state;
    fake_pci_put(&b->fake, 0x04, 2, 4);
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_STATE);
    assert_true(test_port_logged(&b->port, "fake: Memory Space Enable is off"));
    assert_int_equal(b->fake.maps, 0);
    assert_int_equal(b->mock.prepares, b->mock.teardowns);
    pci_bench_destroy(b);
}

/* A function whose entries come unmasked gets them back so, or its MSI would be dead. */
static void test_entries_found_unmasked(void **state)
{
    struct pci_bench *b = bench(8);
    uint32_t granted;
    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        b->fake.table[i * 4 + 3] = i << 16;
    }
    for (uint32_t round = 0; round < 2; round++) {
        assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
        assert_int_equal(b->fake.table[3] & 1, 1);
        umsi_pci_free_vectors(&b->pci);
        for (uint32_t i = 0; i < 8; i++) {
            assert_int_equal(b->fake.table[i * 4 + 3], i << 16);
        }
    }
    b->mock.status = UMSI_NOMEM;
    b->mock.fail_alloc = 1;
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_NOMEM);
    assert_int_equal(b->fake.table[3], 0);
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_OK); /* does not forget how they were found */
    umsi_pci_free_vectors(&b->pci);
    assert_int_equal(b->fake.table[3], 0);
    pci_bench_destroy(b);
}

/* ---- why does it not arrive ---- */

static uint32_t lines;

static void print_line(void *arg, const char *line)
{
    (void)arg;
    assert_true(strlen(line) > 0);
    lines++;
}

static void explains(struct pci_bench *b, uint32_t index, const char *expected)
{
    struct umsi_irq *irq = umsi_msi_irq_slot(&b->pci.msi, 0, index);
    lines = 0;
    const char *why = irq->domain->chip->explain(irq->domain, irq, print_line, NULL);
    assert_true(lines > 0);
    if (expected == NULL) {
        assert_null(why);
    } else {
        assert_non_null(why);
        assert_non_null(strstr(why, expected));
    }
}

static void test_explain_msix(void **state)
{
    struct pci_bench *b = bench(4);
    uint32_t granted;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    explains(b, 1, "not requested, or disabled");
    assert_int_equal(umsi_pci_request(&b->pci, 1, nothing, NULL, "x"), UMSI_OK);
    explains(b, 1, NULL);
    b->fake.table[7] |= 1;
    explains(b, 1, "masked in the hardware");
    b->fake.table[7] = 0;
    b->fake.table[6] ^= 1;
    explains(b, 1, "message");
    b->fake.table[6] ^= 1;
    fake_pci_put(&b->fake, CAP + 2, 2, ENABLED | FMASK | 3);
    explains(b, 1, "Function Mask");
    fake_pci_put(&b->fake, CAP + 2, 2, 3);
    explains(b, 1, "MSI-X is not enabled");
    fake_pci_put(&b->fake, 0x04, 2, 4);
    fake_pci_put(&b->fake, CAP + 2, 2, ENABLED | 3);
    explains(b, 1, "Memory Space");
    fake_pci_put(&b->fake, 0x04, 2, 2);
    explains(b, 1, "bus mastering");
    b->fake.gone = true;
    explains(b, 1, "does not answer");
    b->fake.gone = false;
    fake_pci_put(&b->fake, 0x04, 2, 6);
    pci_bench_destroy(b);
}

static void test_explain_msi(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    uint32_t granted;
    (void)state;
    fake_pci_add_msi(&b->fake, 0x70, 2, true, true);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(pci_bench_alloc(b, 3, 3, 0, &granted), UMSI_OK);
    explains(b, 2, "not requested, or disabled");
    assert_int_equal(umsi_pci_request(&b->pci, 2, nothing, NULL, "x"), UMSI_OK);
    explains(b, 2, NULL);
    fake_pci_put(&b->fake, 0x80, 4, 0xf);
    explains(b, 2, "masked in the hardware");
    fake_pci_put(&b->fake, 0x80, 4, 0xb);
    fake_pci_put(&b->fake, 0x74, 4, 0);
    explains(b, 2, "message");
    fake_pci_put(&b->fake, 0x72, 2, 0x0195);
    explains(b, 2, "fewer vectors");
    fake_pci_put(&b->fake, 0x72, 2, 0x01a4);
    explains(b, 2, "MSI is not enabled");
    pci_bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_few_of_many),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_order_of_freeing),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_steering_tag),
        cmocka_unit_test(test_control_that_reads_zero),
        cmocka_unit_test(test_move),
        cmocka_unit_test(test_dynamic),
        cmocka_unit_test(test_dynamic_alone),
        cmocka_unit_test(test_dynamic_refused),
        cmocka_unit_test(test_dynamic_failures),
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_restore_gone),
        cmocka_unit_test(test_memory_off),
        cmocka_unit_test(test_entries_found_unmasked),
        cmocka_unit_test(test_explain_msix),
        cmocka_unit_test(test_explain_msi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
