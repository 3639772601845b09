/* SPDX-License-Identifier: MIT */
/* MSI of a function: layouts, blocks, masks, and the order of writes. */
#include "fake_pci.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CAP 0x70u

static struct pci_bench *bench(unsigned log2, bool is_64, bool maskable)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    fake_pci_add_msi(&b->fake, CAP, log2, is_64, maskable);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    return b;
}

/* What the mock parent says instead of its doorbell. */
static struct umsi_message base;

static void compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    (void)d;
    *out = (struct umsi_message){ base.address, base.data + irq->level[1].hwirq };
}

static const struct umsi_chip own_messages = { .name = "own", .compose_message = compose };

static void use_messages(struct pci_bench *b, umsi_bus address, uint32_t data)
{
    base = (struct umsi_message){ address, data };
    b->mock.msi.chip = &own_messages;
}

/* Every count on every layout; each vector arrives; a block reserves the rest of its power of two (L15). */
static void one_count(unsigned log2, uint32_t n, bool is_64, bool maskable)
{
    struct pci_bench *b = bench(log2, is_64, maskable);
    uint32_t granted = 0, order = 0;
    while ((1u << order) < n) {
        order++;
    }
    assert_int_equal(umsi_pci_vector_count(&b->pci, UMSI_MSI), 1u << log2);
    assert_int_equal(pci_bench_alloc(b, n, n, UMSI_MSI, &granted), UMSI_OK);
    assert_int_equal(granted, n);
    assert_int_equal(b->pci.granted, n);
    assert_int_equal(b->pci.asked, n);
    assert_int_equal((fake_pci_get(&b->fake, CAP + 2, 2) >> 4) & 7, order);
    assert_int_equal(b->pci.msi.stats.live, 1u << order);
    assert_int_equal(b->pci.msi.stats.reserved, (1u << order) - n);
    assert_int_equal(b->mock.last_prepared, 1u << log2); /* L4 */
    assert_int_equal(umsi_pci_virq(&b->pci, n), UMSI_NO_VIRQ);
    pci_bench_works(b, n);
    umsi_pci_free_vectors(&b->pci);
    assert_int_equal(b->mock.live, 0);
    assert_false(fake_pci_msi_enabled(&b->fake));
    pci_bench_destroy(b);
}

static void test_counts(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 4; layout++) {
        for (unsigned log2 = 0; log2 <= 5; log2++) {
            for (uint32_t n = 1; n <= 1u << log2; n++) {
                one_count(log2, n, (layout & 1) != 0, (layout & 2) != 0);
            }
        }
    }
}

/* The registers, at the offsets of 7.7.1 for each layout, worked out by hand. */
static void test_layouts(void **state)
{
    static const struct {
        bool is_64, maskable;
        uint32_t data, mask;
    } layouts[] = {
        { false, false, CAP + 8, 0 },
        { false, true, CAP + 8, CAP + 12 },
        { true, false, CAP + 12, 0 },
        { true, true, CAP + 12, CAP + 16 },
    };
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct pci_bench *b = bench(3, layouts[i].is_64, layouts[i].maskable);
        uint32_t granted;
        use_messages(b, layouts[i].is_64 ? 0x123456789abcull : 0xfee00000ull, 0xabc0);
        assert_int_equal(pci_bench_alloc(b, 5, 5, 0, &granted), UMSI_OK);
        assert_int_equal(fake_pci_get(&b->fake, CAP + 4, 4),
                         layouts[i].is_64 ? 0x56789abcu : 0xfee00000u);
        if (layouts[i].is_64) {
            assert_int_equal(fake_pci_get(&b->fake, CAP + 8, 4), 0x1234);
        }
        assert_int_equal(fake_pci_get(&b->fake, layouts[i].data, 2), 0xabc0);
        if (layouts[i].maskable) {
            assert_int_equal(fake_pci_get(&b->fake, layouts[i].mask, 4), 0xff);
        }
        assert_int_equal(fake_pci_get(&b->fake, CAP + 2, 2) & 0x71, 0x31);
        pci_bench_destroy(b);
    }
}

/* Enable comes after the message and the masks (L50); nothing is read but to push the message to the function. */
static void test_order(void **state)
{
    struct pci_bench *b = bench(2, true, true);
    struct fake_pci *f = &b->fake;
    uint32_t granted, from = f->records;
    (void)state;
    use_messages(b, 0x123456789abcull, 0x40);
    assert_int_equal(pci_bench_alloc(b, 3, 3, 0, &granted), UMSI_OK);
    uint32_t mask = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 16, 0xf);
    uint32_t low = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 4, 0x56789abc);
    uint32_t high = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 8, 0x1234);
    uint32_t data = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 12, 0x40);
    uint32_t enable = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 2, 0x01a5);
    assert_true(mask < low && low < high && high < data && data < enable);
    assert_true(enable < FAKE_PCI_RECORD);
    for (uint32_t i = from; i < f->records; i++) {
        const bool read = f->record[i].what == FAKE_CONFIG_READ && f->record[i].offset >= CAP;
        assert_true(!read || (f->record[i].offset == CAP + 2 && i > data && i < enable));
    }
    pci_bench_destroy(b);
}

static void nothing(void *arg)
{
    (void)arg;
}

static void test_mask_bits(void **state)
{
    struct pci_bench *b = bench(5, true, true);
    uint32_t granted;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 32, 32, 0, &granted), UMSI_OK);
    assert_int_equal(fake_pci_get(&b->fake, CAP + 16, 4), 0xffffffff);
    assert_int_equal(umsi_pci_request(&b->pci, 31, nothing, NULL, "x"), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 0, nothing, NULL, "x"), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 0, nothing, NULL, "x"), UMSI_EXISTS);
    assert_int_equal(umsi_pci_request(&b->pci, 32, nothing, NULL, "x"), UMSI_NOTFOUND);
    assert_int_equal(fake_pci_get(&b->fake, CAP + 16, 4), 0x7ffffffe);
    umsi_irq_disable(b->umsi, umsi_pci_virq(&b->pci, 31));
    assert_int_equal(fake_pci_get(&b->fake, CAP + 16, 4), 0xfffffffe);
    umsi_irq_enable(b->umsi, umsi_pci_virq(&b->pci, 31));
    assert_int_equal(fake_pci_get(&b->fake, CAP + 16, 4), 0x7ffffffe);
    umsi_pci_release(&b->pci, 0);
    assert_int_equal(fake_pci_get(&b->fake, CAP + 16, 4), 0x7fffffff);
    umsi_pci_free_vectors(&b->pci);
    assert_int_equal(fake_pci_get(&b->fake, CAP + 16, 4), 0); /* as after reset */
    pci_bench_destroy(b);
}

/* A function without mask bits: the mask register's place is not touched. */
static void test_no_mask_bits(void **state)
{
    struct pci_bench *b = bench(0, false, false);
    uint32_t granted, from = b->fake.records;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 1, 1, 0, &granted), UMSI_OK);
    pci_bench_works(b, 1);
    for (uint32_t i = from; i < b->fake.records; i++) {
        assert_true(b->fake.record[i].offset < CAP + 10);
    }
    pci_bench_destroy(b);
}

static void rejected(struct pci_bench *b, uint32_t n, enum umsi_status expected)
{
    uint32_t granted = 77;
    assert_int_equal(pci_bench_alloc(b, n, n, 0, &granted), expected);
    assert_int_equal(granted, 77);
    assert_int_equal(b->mock.live, 0);
    assert_int_equal(b->pci.kind, 0);
    assert_false(fake_pci_msi_enabled(&b->fake));
    assert_int_equal(b->mock.prepares, b->mock.teardowns);
    pci_bench_destroy(b);
}

static void test_messages_that_do_not_fit(void **state)
{
    struct pci_bench *b;
    (void)state;
    b = bench(0, false, true); /* L48: 32-bit function, doorbell above 4 GiB */
    use_messages(b, 0x100000000ull, 0);
    rejected(b, 1, UMSI_RANGE);
    b = bench(0, true, true); /* the data is 16 bits wide */
    use_messages(b, 0x1000, 0x10000);
    rejected(b, 1, UMSI_RANGE);
    b = bench(2, true, true); /* the function would send 4, 5, 6 for 6, 7, 8 */
    use_messages(b, 0x1000, 6);
    rejected(b, 3, UMSI_BUG);
    b = bench(2, true, true); /* not aligned, yet a single message is fine */
    use_messages(b, 0x1000, 7);
    uint32_t granted;
    assert_int_equal(pci_bench_alloc(b, 1, 1, 0, &granted), UMSI_OK);
    pci_bench_destroy(b);
}

static void compose_apart(struct umsi_domain *d, const struct umsi_irq *irq,
                          struct umsi_message *out)
{
    (void)d;
    *out = (struct umsi_message){ 0x1000, irq->level[1].hwirq * 2 };
}

static void test_messages_apart(void **state)
{
    static const struct umsi_chip apart = { .name = "apart", .compose_message = compose_apart };
    struct pci_bench *b = bench(2, true, true);
    (void)state;
    b->mock.msi.chip = &apart;
    rejected(b, 2, UMSI_BUG);
}

/* One vector of a live block cannot get a message of its own. */
static void test_block_moves_as_a_whole(void **state)
{
    struct pci_bench *b = bench(2, true, true);
    uint32_t granted;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    const uint32_t from = b->fake.records;
    for (uint32_t i = 0; i < 4; i++) {
        struct umsi_irq *irq = umsi_msi_irq_slot(&b->pci.msi, 0, i);
        assert_int_equal(irq->domain->ops->rewrite(irq->domain, irq), UMSI_UNSUPPORTED);
    }
    assert_int_equal(b->fake.records, from);
    pci_bench_works(b, 4);
    pci_bench_destroy(b);
}

/* A single live vector may: masked while its words are written, and then as before (L46). */
static void test_single_moves(void **state)
{
    struct pci_bench *b = bench(2, true, true);
    struct fake_pci *f = &b->fake;
    uint32_t granted, from;
    struct umsi_message m;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 1, 1, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 0, nothing, NULL, "x"), UMSI_OK);
    struct umsi_irq *irq = umsi_msi_irq_slot(&b->pci.msi, 0, 0);
    irq->message = (struct umsi_message){ 0x200001000ull, 0x99 };
    from = f->records;
    assert_int_equal(irq->domain->chip->write_message(irq->domain, irq), UMSI_OK);
    uint32_t mask = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 16, 0xf);
    uint32_t low = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 4, 0x1000);
    uint32_t data = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 12, 0x99);
    uint32_t open = fake_pci_find(f, from, FAKE_CONFIG_WRITE, CAP + 16, 0xe);
    assert_true(mask < low && low < data && data < open && open < FAKE_PCI_RECORD);
    assert_true(fake_pci_would_send(f, 0, &m));
    assert_int_equal(m.address, 0x200001000ull);
    assert_int_equal(m.data, 0x99);
    pci_bench_destroy(b);
}

static void test_parent_without_blocks(void **state)
{
    struct pci_bench *b = pci_bench_create(UMSI_MSI);
    uint32_t granted = 77;
    (void)state;
    fake_pci_add_msi(&b->fake, CAP, 4, true, true);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(pci_bench_alloc(b, 2, 8, 0, &granted), UMSI_NOSPACE);
    assert_int_equal(granted, 77);
    assert_int_equal(pci_bench_alloc(b, 1, 8, 0, &granted), UMSI_OK);
    assert_int_equal(granted, 1);
    pci_bench_works(b, 1);
    pci_bench_destroy(b);
}

/* What Linux 6.12 leaks: 3 vectors, taken and freed again and again. */
static void test_three_again_and_again(void **state)
{
    struct pci_bench *b = bench(4, true, true);
    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        static const uint32_t counts[] = { 3, 1, 16, 2, 3, 4 };
        uint32_t n = counts[i % 6], granted;
        assert_int_equal(pci_bench_alloc(b, n, n, 0, &granted), UMSI_OK);
        assert_int_equal(granted, n);
        umsi_pci_free_vectors(&b->pci);
        assert_int_equal(b->mock.live, 0);
        assert_int_equal(b->pci.msi.stats.reserved, 0);
    }
    assert_int_equal(b->mock.prepares, 1); /* the domain stays */
    pci_bench_destroy(b);
}

static void test_restore(void **state)
{
    struct pci_bench *b = bench(3, true, true);
    struct umsi_message m;
    uint32_t granted, from;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 3, 3, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 1, nothing, NULL, "x"), UMSI_OK);
    fake_pci_reset(&b->fake);
    assert_false(fake_pci_msi_enabled(&b->fake));
    from = b->fake.records;
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_OK);
    assert_int_equal((fake_pci_get(&b->fake, CAP + 2, 2)) & 0x71, 0x21);
    assert_int_equal(fake_pci_get(&b->fake, CAP + 16, 4), 0xfd); /* L51 */
    assert_false(fake_pci_would_send(&b->fake, 0, &m));
    assert_true(fake_pci_would_send(&b->fake, 1, &m));
    assert_int_equal(m.data, 1);
    uint32_t data = fake_pci_find(&b->fake, from, FAKE_CONFIG_WRITE, CAP + 12, 0);
    uint32_t enable = fake_pci_find(&b->fake, from, FAKE_CONFIG_WRITE, CAP + 2, 0x01a7);
    assert_true(data < enable && enable < FAKE_PCI_RECORD);
    umsi_pci_release(&b->pci, 1);
    pci_bench_works(b, 3);
    pci_bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_mask_bits),
        cmocka_unit_test(test_no_mask_bits),
        cmocka_unit_test(test_messages_that_do_not_fit),
        cmocka_unit_test(test_messages_apart),
        cmocka_unit_test(test_block_moves_as_a_whole),
        cmocka_unit_test(test_single_moves),
        cmocka_unit_test(test_parent_without_blocks),
        cmocka_unit_test(test_three_again_and_again),
        cmocka_unit_test(test_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
