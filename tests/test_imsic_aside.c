/* SPDX-License-Identifier: MIT */
/* The IMSIC's identities that are set aside for managed vectors, on each CPU that may have to take them (L53). */
#include "imsic_bench.h"

/* One identity for each CPU of its share: one is live, the others are nobody else's; and all of them come back. */
static void test_aside(void **state)
{
    struct filler f;
    (void)state;
    start(2);
    irig_plug(&r, &msix);
    assert_int_equal(take_managed(1), UMSI_OK); /* its share is both */
    fill_start(&f);
    for (umsi_cpu cpu = 0; cpu < 2; cpu++) {
        assert_int_equal(fill(&f, cpu, IDS), IDS - 1);
        umsi_pci_free_vectors(&f.pci);
        irig_run(&r);
    }
    fill_stop(&f);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* It goes from hart to hart, each time with one set aside where it was. */
static void test_aside_moves(void **state)
{
    struct filler f;
    (void)state;
    start(2);
    irig_plug(&r, &msix);
    assert_int_equal(take_managed(1), UMSI_OK);
    for (uint32_t i = 0; i < 6; i++) {
        umsi_cpu cpu = umsi_irq_get_cpu(r.u, irig_virq(&r, 0));
        assert_int_equal(umsi_cpu_leave(r.u, cpu, NULL), UMSI_OK);
        irig_run(&r);
        assert_int_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, 0)), 1 - cpu);
        irig_fire(&r, 0, 1 - cpu);
        assert_int_equal(umsi_cpu_join(r.u, cpu), UMSI_OK);
        irig_run(&r);
    }
    fill_start(&f);
    for (umsi_cpu cpu = 0; cpu < 2; cpu++) {
        assert_int_equal(fill(&f, cpu, IDS), IDS - 1);
        umsi_pci_free_vectors(&f.pci);
        irig_run(&r);
    }
    fill_stop(&f);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* Freed before the hart it has left has looked. */
static void test_aside_unsettled(void **state)
{
    (void)state;
    start(3);
    irig_plug(&r, &msix);
    assert_int_equal(take_managed(1), UMSI_OK);
    umsi_cpu cpu = umsi_irq_get_cpu(r.u, irig_virq(&r, 0));
    model_set_cpu(r.m, cpu == 2 ? 1 : 2);
    r.deaf = 1u << cpu;
    assert_int_equal(umsi_cpu_leave(r.u, cpu, NULL), UMSI_BUSY); /* it is not let go in time */
    assert_int_not_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, 0)), cpu);
    umsi_pci_free_vectors(&r.pci);
    r.deaf = 0;
    model_port(r.m)->cpu_kick(r.m, cpu);
    model_set_cpu(r.m, 0);
    irig_run(&r);
    assert_int_equal(umsi_cpu_join(r.u, cpu), UMSI_OK);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* One hart of the share is full: NOSPACE, and nothing stays set aside on the others (L12). */
static void test_aside_refused(void **state)
{
    struct filler f;
    (void)state;
    for (umsi_cpu full = 0; full < 4; full++) {
        start(4);
        fill_start(&f);
        assert_int_equal(fill(&f, full, IDS), IDS);
        irig_run(&r);
        irig_plug(&r, &msix);
        assert_int_equal(take_managed(1), UMSI_NOSPACE);
        irig_run(&r);
        assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, IDS);
        assert_int_equal(irig_counts(&r, UMSI_NO_CPU).quarantined, 0);
        irig_unplug(&r);
        fill_stop(&f);
        all_there();
        irig_stop(&r);
    }
}

/* What it must have for a move is not there: it stays, and what was set aside stays so (L46, L53). */
static void test_aside_no_twin(void **state)
{
    const struct umsi_vectors managed = { .min = 1, .max = 1, .kinds = UMSI_MSI, .managed = true };
    struct filler here, there;
    uint32_t granted;
    (void)state;
    start(2);
    fill_start(&there);
    fill_start(&here);
    assert_int_equal(fill(&there, 1, 1), 1); /* the first identity there, which it has here */
    irig_plug(&r, &plain);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &managed, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "m"), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, 0)), 0);
    assert_int_equal(irig_message(&r, 0).data, 1);
    assert_int_equal(fill(&here, 0, IDS), IDS - 1);
    irig_run(&r);
    assert_int_not_equal(umsi_cpu_leave(r.u, 0, NULL), UMSI_OK);
    irig_run(&r);
    irig_fire(&r, 0, 0);
    fill_stop(&here);
    irig_run(&r);
    fill_stop(&there);
    irig_run(&r);
    fill_start(&there);
    assert_int_equal(fill(&there, 1, IDS), IDS - 1);
    fill_stop(&there);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* All that is left there is set aside for others: no twin is kept on the old hart. */
static void test_twin_lost(void **state)
{
    struct filler there, m;
    uint32_t granted;
    const struct umsi_vectors managed = { .min = 1, .max = 1, .managed = true };
    (void)state;
    start(2);
    fill_start(&m);
    assert_int_equal(umsi_pci_alloc_vectors(&m.pci, &managed, &granted), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, umsi_pci_virq(&m.pci, 0)), 0);
    take_on(&plain, UMSI_MSI, 0);
    fill_start(&there);
    (void)fill(&there, 1, IDS);
    irig_run(&r);
    const uint32_t before = irig_counts(&r, 0).live;
    assert_true(irig_counts(&r, 1).live < IDS);
    assert_int_not_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    irig_run(&r);
    assert_int_equal(irig_counts(&r, 0).live, before);
    assert_int_equal(irig_counts(&r, 0).quarantined, 0);
    irig_fire(&r, 0, 0);
    fill_stop(&there);
    fill_stop(&m);
    irig_unplug(&r);
    all_there();
    irig_stop(&r);
}

/* The function does not answer while a managed vector leaves: all is as it was. */
static void test_aside_reverted(void **state)
{
    const struct umsi_vectors managed = { .min = 1, .max = 1, .kinds = UMSI_MSI, .managed = true };
    uint32_t granted;
    bool hit = true;
    (void)state;
    for (uint64_t n = 1; hit; n++) {
        start(2);
        irig_plug(&r, &plain);
        assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &managed, &granted), UMSI_OK);
        assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "m"), UMSI_OK);
        irig_run(&r);
        umsi_cpu cpu = umsi_irq_get_cpu(r.u, irig_virq(&r, 0));
        model_fail_at(r.m, MODEL_FAIL_CONFIG, n);
        const enum umsi_status st = umsi_cpu_leave(r.u, cpu, NULL);
        hit = model_failed(r.m, MODEL_FAIL_CONFIG);
        model_fail_at(r.m, MODEL_FAIL_CONFIG, 0);
        assert_true(hit || st == UMSI_OK);
        irig_run(&r);
        irig_fire(&r, 0, UMSI_NO_CPU);
        assert_true(umsi_cpu_join(r.u, cpu) == UMSI_OK);
        irig_unplug(&r);
        all_there();
        irig_stop(&r);
        assert_in_range(n, 1, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aside),           cmocka_unit_test(test_aside_moves),
        cmocka_unit_test(test_aside_unsettled), cmocka_unit_test(test_aside_refused),
        cmocka_unit_test(test_aside_no_twin),   cmocka_unit_test(test_twin_lost),
        cmocka_unit_test(test_aside_reverted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
