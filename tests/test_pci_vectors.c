/* SPDX-License-Identifier: MIT */
/* A driver's wish for vectors: kinds in order, partial grants, errors, and what a failure leaves behind. */
#include "fake_pci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MSI_CAP  0x70u
#define MSIX_CAP 0x50u

/* A function with 8 MSI and 16 MSI-X vectors. */
static struct pci_bench *bench_on(uint32_t can)
{
    struct pci_bench *b = pci_bench_create(can);
    fake_pci_add_msi(&b->fake, MSI_CAP, 3, true, true);
    fake_pci_add_msix(&b->fake, MSIX_CAP, 16, 0, 0x1000);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    return b;
}

static struct pci_bench *bench(void)
{
    return bench_on(PCI_BENCH_ALL);
}

static void takes(struct pci_bench *b, uint32_t min, uint32_t max, uint32_t kinds, uint32_t kind,
                  uint32_t n)
{
    uint32_t granted = 77;
    assert_int_equal(pci_bench_alloc(b, min, max, kinds, &granted), UMSI_OK);
    assert_int_equal(granted, n);
    assert_int_equal(b->pci.kind, kind);
    assert_int_equal(fake_pci_msi_enabled(&b->fake), kind == UMSI_MSI);
    assert_int_equal(fake_pci_msix_enabled(&b->fake), kind == UMSI_MSIX);
    pci_bench_works(b, n);
    umsi_pci_free_vectors(&b->pci);
}

/* The call fails so, and nothing changed (L12, L13). */
static void fails(struct pci_bench *b, uint32_t min, uint32_t max, uint32_t kinds,
                  enum umsi_status expected)
{
    uint32_t granted = 77, size, before_size;
    struct umsi_counts before, after;
    const struct umsi_msi_template *was = umsi_msi_domain_template(&b->pci.msi, 0, &before_size);
    uint32_t live = b->mock.live, prepared = b->mock.prepares - b->mock.teardowns;
    umsi_get_counts(b->umsi, &before);
    assert_int_equal(pci_bench_alloc(b, min, max, kinds, &granted), expected);
    umsi_get_counts(b->umsi, &after);
    assert_int_equal(granted, 77);
    assert_int_equal(b->pci.kind, 0);
    assert_int_equal(b->mock.live, live);
    assert_int_equal(b->mock.prepares - b->mock.teardowns, prepared);
    assert_ptr_equal(umsi_msi_domain_template(&b->pci.msi, 0, &size), was);
    assert_int_equal(size, before_size);
    assert_int_equal(after.live_irqs, before.live_irqs);
    assert_int_equal(after.domains, before.domains);
    assert_int_equal(b->fake.mapped, 0);
    assert_false(!b->fake.gone && fake_pci_msi_enabled(&b->fake));
    assert_false(!b->fake.gone && fake_pci_msix_enabled(&b->fake));
}

static void test_kinds_in_order(void **state)
{
    struct pci_bench *b = bench();
    (void)state;
    takes(b, 1, 4, 0, UMSI_MSIX, 4);
    takes(b, 1, 4, UMSI_MSI | UMSI_MSIX, UMSI_MSIX, 4);
    takes(b, 1, 4, UMSI_MSI, UMSI_MSI, 4);
    takes(b, 1, 4, UMSI_MSIX | UMSI_INTX, UMSI_MSIX, 4);
    takes(b, 1, 100, UMSI_MSI, UMSI_MSI, 8);
    takes(b, 1, 100, 0, UMSI_MSIX, 16);
    pci_bench_destroy(b);
}

static void test_arguments(void **state)
{
    struct pci_bench *b = bench();
    const struct umsi_vectors want = { .min = 1, .max = 1 };
    struct umsi_pci never;
    uint32_t granted = 77;
    (void)state;
    memset(&never, 0, sizeof(never));
    fails(b, 0, 4, 0, UMSI_INVALID);
    fails(b, 5, 4, 0, UMSI_INVALID);
    fails(b, 1, 1, UMSI_DEVICE_MSI, UMSI_UNSUPPORTED);
    fails(b, 1, 1, UMSI_INTX, UMSI_UNSUPPORTED);
    fails(b, 17, 20, 0, UMSI_NOSPACE);
    fails(b, 17, 20, UMSI_MSIX | UMSI_INTX, UMSI_NOSPACE);
    fails(b, 9, 9, UMSI_MSI, UMSI_NOSPACE);
    assert_int_equal(umsi_pci_alloc_vectors(&b->pci, NULL, &granted), UMSI_INVALID);
    assert_int_equal(umsi_pci_alloc_vectors(&b->pci, &want, NULL), UMSI_INVALID);
    assert_int_equal(umsi_pci_alloc_vectors(NULL, &want, &granted), UMSI_INVALID);
    assert_int_equal(umsi_pci_alloc_vectors(&never, &want, &granted), UMSI_INVALID);
    umsi_pci_free_vectors(&never);
    umsi_pci_free_at(&never, 0);
    umsi_pci_detach(&never);
    assert_int_equal(b->mock.prepares, 0); /* nothing was even tried */
    pci_bench_destroy(b);
}

static void test_twice(void **state)
{
    struct pci_bench *b = bench();
    uint32_t granted;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    granted = 77;
    assert_int_equal(pci_bench_alloc(b, 2, 2, UMSI_MSI, &granted), UMSI_STATE);
    assert_int_equal(granted, 77);
    pci_bench_works(b, 2);
    umsi_pci_free_vectors(&b->pci);
    umsi_pci_free_vectors(&b->pci);
    pci_bench_destroy(b);
}

/* The domain stays while the kind does, and is replaced, not doubled, when it changes. */
static void test_switching(void **state)
{
    struct pci_bench *b = bench();
    (void)state;
    takes(b, 4, 4, UMSI_MSIX, UMSI_MSIX, 4);
    takes(b, 8, 8, UMSI_MSIX, UMSI_MSIX, 8);
    assert_int_equal(b->mock.prepares, 1);
    takes(b, 4, 4, UMSI_MSI, UMSI_MSI, 4);
    assert_int_equal(b->mock.prepares, 2);
    assert_int_equal(b->mock.teardowns, 1);
    assert_int_equal(b->mock.last_prepared, 8);
    takes(b, 4, 4, UMSI_MSIX, UMSI_MSIX, 4);
    assert_int_equal(b->mock.prepares, 3);
    assert_int_equal(b->mock.teardowns, 2);
    assert_int_equal(b->mock.last_prepared, 16);
    assert_int_equal(b->pci.msi.stats.prepares, 3);
    pci_bench_destroy(b);
}

/* The controller has `limit` numbers: all of them are granted, not just what a halving finds. */
static void test_partial_grants(void **state)
{
    (void)state;
    for (uint32_t limit = 1; limit <= 16; limit++) {
        struct pci_bench *b = bench();
        uint32_t block = 8;
        while (block > limit) {
            block /= 2;
        }
        b->mock.limit = limit;
        takes(b, 1, 16, UMSI_MSIX, UMSI_MSIX, limit);
        takes(b, limit, 100, UMSI_MSIX, UMSI_MSIX, limit);
        takes(b, 1, 8, UMSI_MSI, UMSI_MSI, block);
        assert_int_equal(b->mock.live, 0);
        fails(b, limit + 1, limit + 5, UMSI_MSIX, UMSI_NOSPACE);
        fails(b, block + 1, 8, UMSI_MSI, block < 8 ? UMSI_NOSPACE : UMSI_INVALID);
        pci_bench_destroy(b);
    }
}

/* A block of three needs four numbers; with three, two is the most. */
static void test_partial_block(void **state)
{
    struct pci_bench *b = bench();
    (void)state;
    b->mock.limit = 3;
    takes(b, 1, 3, UMSI_MSI, UMSI_MSI, 2);
    fails(b, 3, 3, UMSI_MSI, UMSI_NOSPACE);
    b->mock.limit = 4;
    takes(b, 3, 3, UMSI_MSI, UMSI_MSI, 3);
    pci_bench_destroy(b);
}

/* MSI-X has too few, MSI has enough: the next kind serves it. */
static void test_falls_back(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    (void)state;
    fake_pci_add_msi(&b->fake, MSI_CAP, 3, true, true);
    fake_pci_add_msix(&b->fake, MSIX_CAP, 2, 0, 0x1000);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    takes(b, 4, 8, 0, UMSI_MSI, 8);
    takes(b, 2, 8, 0, UMSI_MSIX, 2);
    b->fake.no_map = true;
    takes(b, 2, 8, 0, UMSI_MSI, 8);
    assert_true(
        test_port_logged(&b->port, "fake: the MSI-X table (BAR 0 offset 0x1000, 2 entries)"));
    fails(b, 2, 8, UMSI_MSIX, UMSI_UNSUPPORTED);
    pci_bench_destroy(b);

    b = bench_on(UMSI_MSI | UMSI_MSI_MULTI); /* a controller without MSI-X */
    takes(b, 4, 16, 0, UMSI_MSI, 8);
    fails(b, 4, 16, UMSI_MSIX, UMSI_UNSUPPORTED);
    pci_bench_destroy(b);
}

/* Every way the controller can fail, in each kind; the error is its own, and the next call works. */
static void test_controller_errors(void **state)
{
    static const enum umsi_status errors[] = { UMSI_NOMEM, UMSI_TIMEOUT, UMSI_HARDWARE };
    static const uint32_t kinds[] = { UMSI_MSI, UMSI_MSIX };
    (void)state;
    for (unsigned e = 0; e < 3; e++) {
        for (unsigned k = 0; k < 2; k++) {
            struct pci_bench *b = bench();
            uint32_t *const knobs[] = { &b->mock.fail_prepare, &b->mock.fail_alloc,
                                        &b->mock.fail_root_alloc, &b->mock.fail_activate,
                                        &b->mock.fail_commit };
            b->mock.status = errors[e];
            for (unsigned i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
                *knobs[i] = 1;
                fails(b, 3, 4, kinds[k], errors[e]);
                assert_int_equal(*knobs[i], 0);
            }
            takes(b, 4, 4, kinds[k], kinds[k], 4);
            pci_bench_destroy(b);
        }
    }
}

/* Only what a kind cannot serve is asked of the next; any other error is the caller's to know. */
static void test_which_errors_fall_back(void **state)
{
    static const enum umsi_status final[] = { UMSI_TIMEOUT, UMSI_HARDWARE, UMSI_NOMEM, UMSI_RANGE,
                                              UMSI_STATE,   UMSI_BUSY,     UMSI_GONE };
    static const enum umsi_status passing[] = { UMSI_NOSPACE, UMSI_UNSUPPORTED, UMSI_NOTFOUND };
    struct pci_bench *b = bench();
    (void)state;
    for (unsigned i = 0; i < sizeof(final) / sizeof(final[0]); i++) {
        b->mock.status = final[i];
        b->mock.fail_activate = 1;
        fails(b, 1, 1, 0, final[i]);
        assert_int_equal(b->mock.fail_activate, 0);
    }
    assert_int_equal(b->port.log_lines, 0);
    for (unsigned i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        b->mock.status = passing[i];
        b->mock.fail_activate = 1;
        takes(b, 4, 4, 0, UMSI_MSI, 4);
        assert_int_equal(b->port.log_lines, i + 1);
    }
    assert_true(test_port_logged(&b->port, "fake: MSI instead of MSI-X: not supported"));
    b->mock.limit = 3;
    fails(b, 4, 4, 0, UMSI_NOSPACE); /* nothing was granted, so nothing was passed over */
    assert_int_equal(b->port.log_lines, 3);
    pci_bench_destroy(b);
}

/* Memory decoding is off: the driver is told, and does not find itself with MSI. */
static void test_memory_off_is_no_reason_for_msi(void **state)
{
    struct pci_bench *b = bench();
    (void)state;
    fake_pci_put(&b->fake, 0x04, 2, 4);
    fails(b, 1, 16, 0, UMSI_STATE);
    fails(b, 1, 1, UMSI_MSIX | UMSI_MSI | UMSI_INTX, UMSI_STATE);
    assert_true(test_port_logged(&b->port, "fake: Memory Space Enable is off"));
    takes(b, 1, 8, UMSI_MSI, UMSI_MSI, 8); /* which needs no memory, where it is asked for */
    fake_pci_put(&b->fake, 0x04, 2, 6);
    takes(b, 1, 16, 0, UMSI_MSIX, 16);
    pci_bench_destroy(b);
}

/* A failed call puts back the idle domain of the other kind that it had to take away. */
static void test_failure_keeps_idle_domain(void **state)
{
    struct pci_bench *b = bench();
    (void)state;
    takes(b, 4, 4, UMSI_MSI, UMSI_MSI, 4);
    b->mock.status = UMSI_TIMEOUT;
    b->mock.fail_alloc = 1;
    fails(b, 4, 4, UMSI_MSIX, UMSI_TIMEOUT);
    b->mock.fail_prepare = 1;
    fails(b, 4, 4, UMSI_MSIX, UMSI_TIMEOUT);
    takes(b, 4, 4, UMSI_MSI, UMSI_MSI, 4);
    pci_bench_destroy(b);
}

/* Each allocation of memory fails once. */
static void test_no_memory(void **state)
{
    static const uint32_t kinds[] = { UMSI_MSI, UMSI_MSIX };
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        bool done = false;
        for (uint32_t nth = 1; !done; nth++) {
            struct pci_bench *b = bench();
            uint32_t granted = 77;
            b->port.fail_alloc = nth;
            enum umsi_status st = pci_bench_alloc(b, 8, 8, kinds[k], &granted);
            done = b->port.fail_alloc != 0; /* it did not come to that many */
            b->port.fail_alloc = 0;
            assert_int_equal(st, done ? UMSI_OK : UMSI_NOMEM);
            assert_int_equal(b->mock.live, done ? 8 : 0);
            umsi_pci_free_vectors(&b->pci);
            takes(b, 8, 8, kinds[k], kinds[k], 8);
            pci_bench_destroy(b);
        }
    }
}

/* Each configuration write is refused once: the function went away just then. */
static void test_writes_refused(void **state)
{
    static const uint32_t kinds[] = { UMSI_MSI, UMSI_MSIX };
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        enum umsi_status st = UMSI_GONE;
        for (uint32_t nth = 1; st != UMSI_OK; nth++) {
            struct pci_bench *b = bench();
            uint32_t granted = 77;
            b->fake.fail_write = nth;
            st = pci_bench_alloc(b, 4, 4, kinds[k], &granted);
            b->fake.fail_write = 0;
            assert_true(st == UMSI_OK || st == UMSI_GONE);
            if (st != UMSI_OK) {
                assert_int_equal(granted, 77);
                assert_int_equal(b->mock.live, 0);
                assert_int_equal(b->mock.prepares, b->mock.teardowns);
                assert_int_equal(b->pci.kind, 0);
                assert_int_equal(b->fake.mapped, 0);
            }
            pci_bench_destroy(b);
            assert_true(nth < 20);
        }
    }
}

/* L50: what was to turn one kind off got lost, whichever write that was; the two are never on together. */
static void test_off_is_lost(void **state)
{
    static const uint32_t kinds[] = { UMSI_MSI, UMSI_MSIX };
    uint32_t left_on = 0;
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        bool lost = true;
        for (uint32_t nth = 1; lost; nth++) {
            struct pci_bench *b = bench();
            uint32_t granted = 77;
            assert_int_equal(pci_bench_alloc(b, 4, 4, kinds[k], &granted), UMSI_OK);
            b->fake.fail_write = nth;
            umsi_pci_free_vectors(&b->pci);
            lost = b->fake.fail_write == 0;
            b->fake.fail_write = 0;
            left_on += fake_pci_msi_enabled(&b->fake) || fake_pci_msix_enabled(&b->fake);
            takes(b, 4, 4, kinds[1 - k], kinds[1 - k], 4);
            pci_bench_destroy(b);
        }
    }
    assert_true(left_on > 0);
}

/* It cannot be turned off now either: the other kind is refused, and nothing changes. */
static void test_off_is_lost_again(void **state)
{
    struct pci_bench *b = bench();
    uint32_t granted = 77;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 4, 4, UMSI_MSIX, &granted), UMSI_OK);
    b->fake.fail_write = 2; /* Function Mask is set, Enable stays */
    umsi_pci_free_vectors(&b->pci);
    assert_true(fake_pci_msix_enabled(&b->fake));
    b->fake.fail_write = 1;
    assert_int_equal(pci_bench_alloc(b, 4, 4, UMSI_MSI, &granted), UMSI_GONE);
    assert_false(fake_pci_msi_enabled(&b->fake));
    assert_int_equal(b->mock.live, 0);
    takes(b, 4, 4, UMSI_MSI, UMSI_MSI, 4);
    pci_bench_destroy(b);
}

/* The controller has room for fewer events than the function has vectors. */
static void test_small_controller(void **state)
{
    struct pci_bench *b = bench();
    (void)state;
    b->mock.ops.max_events = 5;
    takes(b, 1, 16, UMSI_MSIX, UMSI_MSIX, 5);
    assert_int_equal(b->mock.last_prepared, 5);
    assert_true(test_port_logged(&b->port, "fake: has 16 MSI-X vectors"));
    takes(b, 1, 16, UMSI_MSI, UMSI_MSI, 4); /* a block is a power of two */
    fails(b, 6, 16, 0, UMSI_NOSPACE);
    pci_bench_destroy(b);

    b = bench(); /* one that only says so when asked: 16, then 8, then 4 */
    b->mock.status = UMSI_RANGE;
    b->mock.fail_prepare = 1;
    takes(b, 1, 16, UMSI_MSIX, UMSI_MSIX, 8);
    assert_int_equal(b->mock.last_prepared, 8);
    assert_int_equal(b->mock.failed_prepares, 1);
    takes(b, 10, 16, UMSI_MSIX, UMSI_MSIX, 16); /* needs more: the idle domain is made anew */
    umsi_pci_free_vectors(&b->pci);
    pci_bench_destroy(b);

    b = bench(); /* min does not fit the half: the first refusal stands */
    b->mock.status = UMSI_RANGE;
    b->mock.fail_prepare = 1;
    fails(b, 9, 16, UMSI_MSIX, UMSI_RANGE);
    assert_int_equal(b->mock.failed_prepares, 1);
    pci_bench_destroy(b);
}

static umsi_cpu cpu_of(struct pci_bench *b, uint32_t index)
{
    return umsi_irq_get_cpu(b->umsi, umsi_pci_virq(&b->pci, index));
}

static void test_spread(void **state)
{
    struct umsi_vectors want = {
        .min = 1, .max = 10, .spread = true, .reserve_front = 1, .reserve_back = 1
    };
    struct umsi_cpumask cpus;
    uint32_t granted, seen[4] = { 0 };
    struct pci_bench *b = bench();
    (void)state;
    b->port.self = 2;
    assert_int_equal(umsi_pci_alloc_vectors(&b->pci, &want, &granted), UMSI_OK);
    assert_int_equal(granted, 10);
    for (uint32_t i = 1; i < 9; i++) {
        seen[cpu_of(b, i)]++;
    }
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(seen[i], 2);
    }
    assert_int_equal(cpu_of(b, 0), 2); /* the reserved ones are at home */
    assert_int_equal(cpu_of(b, 9), 2);
    umsi_pci_free_vectors(&b->pci);

    memset(&cpus, 0, sizeof(cpus));
    umsi_cpumask_set(&cpus, 3);
    want.cpus = &cpus;
    want.reserve_front = 100; /* more than there are: nothing is spread */
    assert_int_equal(umsi_pci_alloc_vectors(&b->pci, &want, &granted), UMSI_OK);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(cpu_of(b, i), 3);
    }
    umsi_pci_free_vectors(&b->pci);

    memset(&cpus, 0, sizeof(cpus)); /* no CPU at all */
    assert_int_equal(umsi_pci_alloc_vectors(&b->pci, &want, &granted), UMSI_STATE);
    pci_bench_destroy(b);
}

static void test_bus_master_off(void **state)
{
    struct pci_bench *b = bench();
    struct umsi_message m;
    uint32_t granted;
    (void)state;
    fake_pci_put(&b->fake, 0x04, 2, 2);
    assert_int_equal(b->port.log_lines, 0);
    assert_int_equal(pci_bench_alloc(b, 1, 1, 0, &granted), UMSI_OK);
    assert_true(test_port_logged(&b->port, "fake: Bus Master Enable is off"));
    assert_int_equal(b->port.log_lines, 1);
    assert_false(fake_pci_would_send(&b->fake, 0, &m));
    assert_int_equal(fake_pci_get(&b->fake, 0x04, 2), 2); /* Command is not umsi's */
    pci_bench_destroy(b);
}

static void nothing(void *arg)
{
    (void)arg;
}

/* Pulled out while in use, as all ones and as refusals: every release completes. */
static void test_surprise_removal(void **state)
{
    static const uint32_t kinds[] = { UMSI_MSI, UMSI_MSIX };
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct pci_bench *b = bench();
        uint32_t granted, index;
        assert_int_equal(pci_bench_alloc(b, 4, 4, kinds[i & 1], &granted), UMSI_OK);
        assert_int_equal(umsi_pci_request(&b->pci, 2, nothing, NULL, "x"), UMSI_OK);
        b->fake.gone = true;
        b->fake.refuses = (i & 2) != 0;
        umsi_irq_disable(b->umsi, umsi_pci_virq(&b->pci, 2));
        assert_int_equal(umsi_pci_restore(&b->pci), UMSI_GONE);
        assert_int_equal(umsi_pci_alloc_at(&b->pci, 9, &index),
                         kinds[i & 1] == UMSI_MSI ? UMSI_STATE : UMSI_GONE);
        if (i & 4) {
            umsi_pci_release(&b->pci, 2);
            umsi_pci_free_vectors(&b->pci);
            fails(b, 1, 1, 0, UMSI_GONE);
        }
        pci_bench_destroy(b);
    }
}

/* Pulled out in the middle of an allocation, and nothing but all ones says so. */
static void test_leaves_while_allocating(void **state)
{
    struct pci_bench *b = bench();
    uint32_t index = 77;
    (void)state;
    b->fake.leaves = true;
    fails(b, 1, 4, 0, UMSI_GONE);
    b->fake.gone = false;
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 2, &index), UMSI_GONE);
    assert_int_equal(index, 77);
    assert_int_equal(b->fake.mapped, 0);
    pci_bench_destroy(b);
}

/* Two calls on one device: the second is told so, and releases wait. */
static void test_busy(void **state)
{
    struct pci_bench *b = bench();
    uint32_t granted = 77, index = 77;
    (void)state;
    assert_int_equal(umsi_msi_lock(&b->pci.msi), UMSI_OK);
    assert_int_equal(pci_bench_alloc(b, 1, 1, 0, &granted), UMSI_BUSY);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 0, &index), UMSI_BUSY);
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_BUSY);
    assert_int_equal(granted, 77);
    assert_int_equal(index, 77);
    umsi_msi_unlock(&b->pci.msi);
    takes(b, 1, 1, 0, UMSI_MSIX, 1);
    pci_bench_destroy(b);
}

static void test_after_detach(void **state)
{
    struct pci_bench *b = bench();
    uint32_t granted = 77, index;
    (void)state;
    assert_int_equal(pci_bench_alloc(b, 4, 4, 0, &granted), UMSI_OK);
    umsi_pci_detach(&b->pci);
    assert_int_equal(b->mock.prepares, b->mock.teardowns);
    granted = 77;
    assert_int_equal(pci_bench_alloc(b, 1, 1, 0, &granted), UMSI_INVALID);
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 0, &index), UMSI_INVALID);
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_INVALID);
    assert_int_equal(umsi_pci_virq(&b->pci, 0), UMSI_NO_VIRQ);
    assert_int_equal(pci_bench_attach(b), UMSI_OK); /* and it may come back */
    takes(b, 4, 4, 0, UMSI_MSIX, 4);
    pci_bench_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_in_order),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_switching),
        cmocka_unit_test(test_partial_grants),
        cmocka_unit_test(test_partial_block),
        cmocka_unit_test(test_falls_back),
        cmocka_unit_test(test_controller_errors),
        cmocka_unit_test(test_which_errors_fall_back),
        cmocka_unit_test(test_memory_off_is_no_reason_for_msi),
        cmocka_unit_test(test_failure_keeps_idle_domain),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_writes_refused),
        cmocka_unit_test(test_off_is_lost),
        cmocka_unit_test(test_off_is_lost_again),
        cmocka_unit_test(test_small_controller),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_bus_master_off),
        cmocka_unit_test(test_surprise_removal),
        cmocka_unit_test(test_leaves_while_allocating),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_after_detach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
