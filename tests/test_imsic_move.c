/* SPDX-License-Identifier: MIT */
/*
 * Moves from one hart's file to another's, with the interrupt at every step of them (L35, L45, L46, L54): the device
 * raises it before the Nth access the library makes, for every N, and the handler runs exactly once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "imsic_rig.h"

static const struct model_pci_config msix = { .msix_entries = 8, .pba_offset = 0x2000 };
static const struct model_pci_config msi_maskable = { .msi_vectors = 1,
                                                      .msi_64 = true,
                                                      .msi_maskable = true };
static const struct model_pci_config msi_plain = { .msi_vectors = 1, .msi_64 = true };

static void raise(struct irig *r)
{
    (void)model_pci_raise(r->hw, 0);
}

/* One move of vector 0 from CPU 0 to CPU 1, with the interrupt before the n-th access. False: there was none. */
static bool move_once(const struct irig_config *c, const struct model_pci_config *hw, uint32_t kind,
                      uint32_t n, bool same_taken)
{
    struct umsi_cpumask one = { { 1 } }, other = { { 2 } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = kind, .cpus = &one };
    const struct umsi_vectors blocker = { .min = 1, .max = 1, .kinds = UMSI_MSIX, .cpus = &other };
    const struct umsi_pci_config config = { .ops = model_pci_ops(), .name = "blocker" };
    struct umsi_pci_config second = config;
    struct model_pci *other_hw;
    struct umsi_pci other_pci;
    uint32_t granted;
    struct irig r;
    irig_start(&r, c);
    assert_true(model_pci_create(r.m, &msix, &other_hw));
    second.handle = other_hw;
    assert_int_equal(umsi_pci_attach(umsi_imsic_parent(r.imsic), &second, &other_pci), UMSI_OK);
    if (same_taken) { /* the identity that vector 0 gets is somebody's on CPU 1 */
        assert_int_equal(umsi_pci_alloc_vectors(&other_pci, &blocker, &granted), UMSI_OK);
    }
    irig_plug(&r, hw);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "mover"), UMSI_OK);
    irig_run(&r);
    assert_int_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, 0)), 0);
    r.trigger = raise;
    r.trigger_at = r.accesses + n;
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, 0)), 1);
    irig_run(&r); /* the old CPU settles here, and the new one opens */
    bool hit = r.accesses >= r.trigger_at;
    r.trigger_at = 0;
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, hit ? 1 : 0);
    assert_int_equal(irig_counts(&r, 0).live, 0); /* the old place is free (L54) */
    assert_int_equal(irig_counts(&r, 0).quarantined, 0);
    irig_fire(&r, 0, 1);
    umsi_pci_detach(&other_pci);
    model_pci_destroy(other_hw);
    irig_unplug(&r);
    irig_stop(&r);
    return hit;
}

static void every_step(const struct irig_config *c, const struct model_pci_config *hw,
                       uint32_t kind, bool same_taken)
{
    uint32_t n = 1;
    while (move_once(c, hw, kind, n, same_taken)) {
        n++;
    }
    assert_in_range(n, 5, 500);
}

static void test_msix(void **state)
{
    const struct irig_config at_once = { 0 };
    const struct irig_config slow = { .imsic = { .message_ns = 700 } };
    const struct irig_config slower = { .imsic = { .message_ns = 20000 } };
    (void)state;
    every_step(&at_once, &msix, UMSI_MSIX, false);
    every_step(&slow, &msix, UMSI_MSIX, true);
    every_step(&slower, &msix, UMSI_MSIX, false);
}

static void test_msi_maskable(void **state)
{
    const struct irig_config at_once = { 0 };
    const struct irig_config slow = { .imsic = { .message_ns = 20000 } };
    (void)state;
    every_step(&at_once, &msi_maskable, UMSI_MSI, false);
    every_step(&slow, &msi_maskable, UMSI_MSI, true);
}

/* It cannot be masked: the same identity is taken on the new hart, and only the address changes (L46). */
static void test_msi_same_identity(void **state)
{
    const struct irig_config at_once = { 0 };
    const struct irig_config slow = { .imsic = { .message_ns = 20000 } };
    (void)state;
    every_step(&at_once, &msi_plain, UMSI_MSI, false);
    every_step(&slow, &msi_plain, UMSI_MSI, false);
}

/* The same identity is somebody else's there: one that is free on both harts is taken on both (L46). */
static void test_msi_twin(void **state)
{
    const struct irig_config at_once = { 0 };
    const struct irig_config slow = { .imsic = { .message_ns = 20000 } };
    (void)state;
    every_step(&at_once, &msi_plain, UMSI_MSI, true);
    every_step(&slow, &msi_plain, UMSI_MSI, true);
}

/* Files whose addresses differ in both words cannot be reached in steps: the vector stays, and works (L46). */
static void test_msi_far(void **state)
{
    struct irig_config c = { .imsic = { .cpus_per_group = 1, .group_index_shift = 31 },
                             .model = { .nr_cpus = 4 } };
    struct umsi_cpumask one = { { 1 } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = UMSI_MSI, .cpus = &one };
    uint32_t granted;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msi_plain);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "far"), UMSI_OK);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 2), UMSI_OK); /* + 2^32: the upper word only */
    irig_run(&r);
    irig_fire(&r, 0, 2);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_UNSUPPORTED); /* both words */
    irig_run(&r);
    irig_fire(&r, 0, UMSI_NO_CPU);
    assert_int_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, 0)), 2);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 1);
    irig_unplug(&r);
    irig_stop(&r);
}

/* ---- a function that does not answer in the middle of it ---- */

struct other {
    struct model_pci *hw;
    struct umsi_pci pci;
};

/* A second function, with a vector of CPU 1: the identity that vector 0 has on CPU 0 is somebody's there. */
static void take_on_other(struct irig *r, struct other *o)
{
    struct umsi_cpumask cpus = { { 2 } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = UMSI_MSIX, .cpus = &cpus };
    struct umsi_pci_config config = { .ops = model_pci_ops(), .name = "other" };
    uint32_t granted;
    assert_true(model_pci_create(r->m, &msix, &o->hw));
    config.handle = o->hw;
    assert_int_equal(umsi_pci_attach(umsi_imsic_parent(r->imsic), &config, &o->pci), UMSI_OK);
    assert_int_equal(umsi_pci_alloc_vectors(&o->pci, &want, &granted), UMSI_OK);
}

/* The nth access of the move fails: the vector is where it was, with its old message, whatever the function got of the
 * new one; the same move then works. False: there is no nth. */
static bool fail_once(uint64_t n, bool same_taken)
{
    const struct irig_config c = { .imsic = { .message_ns = 700 } };
    struct umsi_cpumask one = { { 1 } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = UMSI_MSI, .cpus = &one };
    struct other o;
    uint32_t granted;
    struct irig r;
    irig_start(&r, &c);
    irig_plug(&r, &msi_plain);
    if (same_taken) {
        take_on_other(&r, &o);
    }
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "mover"), UMSI_OK);
    irig_run(&r);
    model_fail_at(r.m, MODEL_FAIL_CONFIG, n);
    const enum umsi_status st = irig_move(&r, irig_virq(&r, 0), 1);
    const bool hit = model_failed(r.m, MODEL_FAIL_CONFIG);
    model_fail_at(r.m, MODEL_FAIL_CONFIG, 0);
    assert_int_equal(st, hit ? UMSI_GONE : UMSI_OK);
    irig_run(&r);
    irig_fire(&r, 0, hit ? 0 : 1);
    assert_int_equal(irig_counts(&r, hit ? 1 : 0).live, same_taken && hit ? 1 : 0);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    irig_run(&r);
    irig_fire(&r, 0, 1);
    if (same_taken) {
        umsi_pci_detach(&o.pci);
        model_pci_destroy(o.hw);
    }
    irig_unplug(&r);
    irig_stop(&r);
    return hit;
}

static void test_fails(void **state) /* L13 */
{
    (void)state;
    for (unsigned same_taken = 0; same_taken < 2; same_taken++) {
        uint64_t n = 1;
        while (fail_once(n, same_taken != 0)) {
            n++;
        }
        assert_in_range(n, 5, 50);
    }
}

/* The old hart is slow to look: until it has, the old identity is not reissued, and what comes on it counts (L54). */
static void test_old_kept(void **state)
{
    const struct irig_config c = { 0 };
    struct umsi_cpumask one = { { 1 } };
    const struct umsi_vectors want = { .min = 1, .max = 1, .cpus = &one };
    uint32_t granted;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &want, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 0, irig_handler, &r.vector[0], "kept"), UMSI_OK);
    struct umsi_message old = irig_message(&r, 0);
    r.deaf = 1;
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1), UMSI_OK);
    irig_run(&r);
    assert_int_equal(irig_counts(&r, 0).live, 1);
    assert_true(model_msi_write(r.m, 0, old.address, old.data)); /* it had been under way */
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 1);
    assert_int_equal(r.vector[0].cpu, 0);
    irig_fire(&r, 0, 1); /* and the new one works meanwhile */
    r.deaf = 0;
    model_port(r.m)->cpu_kick(r.m, 0);
    irig_run(&r);
    assert_int_equal(irig_counts(&r, 0).live, 0);
    irig_unplug(&r);
    irig_stop(&r);
}

/* Freed before the old hart has looked: both places go back, after that (L14, L37). */
static void test_freed_unsettled(void **state)
{
    const struct irig_config c = { 0 };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 1, UMSI_MSIX), UMSI_OK);
    umsi_cpu from = umsi_irq_get_cpu(r.u, irig_virq(&r, 0));
    irig_run(&r);
    r.deaf = 3;
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1 - from), UMSI_OK);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 2);
    umsi_pci_free_vectors(&r.pci);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 0);
    assert_true(irig_counts(&r, UMSI_NO_CPU).quarantined >=
                1); /* this CPU's own is closed at once */
    r.deaf = 0;
    model_port(r.m)->cpu_kick(r.m, 0);
    model_port(r.m)->cpu_kick(r.m, 1);
    irig_run(&r);
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).quarantined, 0);
    irig_unplug(&r);
    irig_stop(&r);
}

/* Round and round, two at a time, and nothing is lost or left (L35, L37). */
static void test_around(void **state)
{
    const struct irig_config c = { .model = { .nr_cpus = 4 }, .imsic = { .nr_ids = 63 } };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 8, UMSI_MSIX), UMSI_OK);
    for (uint32_t i = 0; i < 200; i++) {
        (void)model_pci_raise(r.hw, i % 8);
        assert_int_equal(irig_move(&r, irig_virq(&r, i % 8), (i * 7 + i / 8) % 4), UMSI_OK);
        irig_run(&r);
        irig_fire(&r, i % 8, (i * 7 + i / 8) % 4);
    }
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(r.vector[i].hits, 50);
    }
    assert_int_equal(irig_counts(&r, UMSI_NO_CPU).live, 8);
    irig_unplug(&r);
    irig_stop(&r);
}

/* Raised by the library itself: that has arrived before the vector can move away from it (L35). */
static void test_raised_then_moved(void **state)
{
    const struct irig_config c = { .imsic = { .message_ns = 20000 } };
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 1, UMSI_MSIX), UMSI_OK);
    irig_run(&r);
    const umsi_cpu home = umsi_irq_get_cpu(r.u, irig_virq(&r, 0));
    model_mask_cpu(r.m, home, true);
    assert_int_equal(umsi_irq_retrigger(r.u, irig_virq(&r, 0)), UMSI_OK);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 1 - home), UMSI_OK);
    model_mask_cpu(r.m, home, false);
    irig_run(&r);
    assert_int_equal(r.vector[0].hits, 1);
    assert_int_equal(r.vector[0].cpu, 1 - home);
    irig_unplug(&r);
    irig_stop(&r);
}

/* A file without room: NOSPACE or no such CPU, and the vector works where it is. */
static void test_no_room(void **state)
{
    const struct irig_config c = { .imsic = { .nr_ids = 63 } };
    const struct model_pci_config wide = { .msix_entries = 300, .pba_offset = 0x2000 };
    struct umsi_cpumask other = { { 2 } };
    const struct umsi_vectors fill = { .min = 63, .max = 63, .cpus = &other };
    uint32_t granted, index;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &wide);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &fill, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_alloc_at(&r.pci, 63, &index), UMSI_OK);
    assert_int_equal(umsi_pci_request(&r.pci, 63, irig_handler, &r.vector[63], "x"), UMSI_OK);
    assert_int_not_equal(irig_move(&r, irig_virq(&r, 63), 1), UMSI_OK);
    irig_fire(&r, 63, 0);
    irig_unplug(&r);
    irig_stop(&r);
}

/* ---- CPUs that go ---- */

/* Nothing targets it, no old place is left on it, and it comes back clean (L38, L54). */
static void test_leave(void **state)
{
    const struct irig_config c = { .model = { .nr_cpus = 3 } };
    uint32_t left = 99;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(irig_take(&r, 8, UMSI_MSIX), UMSI_OK);
    for (uint32_t i = 0; i < 8; i++) {
        (void)irig_move(&r, irig_virq(&r, i), i % 3);
    }
    irig_run(&r);
    assert_int_equal(umsi_cpu_leave(r.u, 2, &left), UMSI_OK);
    assert_int_equal(irig_counts(&r, 2).live, 0);
    irig_cpu_offline(&r, 2);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_not_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, i)), 2);
        irig_fire(&r, i, UMSI_NO_CPU);
    }
    model_imsic_power_off(r.m, 2);
    assert_int_equal(irig_cpu_online(&r, 2), UMSI_OK);
    assert_int_equal(umsi_cpu_join(r.u, 2), UMSI_OK);
    irig_run(&r);
    assert_int_equal(irig_move(&r, irig_virq(&r, 0), 2), UMSI_OK);
    irig_run(&r);
    irig_fire(&r, 0, 2);
    irig_unplug(&r);
    irig_stop(&r);
}

/* A managed vector finds an identity on each CPU of its share, however full the files are (L53). */
static void test_managed(void **state)
{
    const struct irig_config c = { .model = { .nr_cpus = 4 }, .imsic = { .nr_ids = 63 } };
    const struct umsi_vectors managed = { .min = 2, .max = 2, .managed = true };
    const struct model_pci_config wide = { .msix_entries = 300, .pba_offset = 0x2000 };
    const struct umsi_pci_config config = { .ops = model_pci_ops(), .name = "filler" };
    struct umsi_pci_config second = config;
    struct model_pci *other_hw;
    struct umsi_pci other;
    uint32_t granted, index, filled = 0;
    struct irig r;
    (void)state;
    irig_start(&r, &c);
    irig_plug(&r, &msix);
    assert_int_equal(umsi_pci_alloc_vectors(&r.pci, &managed, &granted), UMSI_OK);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(umsi_pci_request(&r.pci, i, irig_handler, &r.vector[i], "m"), UMSI_OK);
    }
    assert_true(model_pci_create(r.m, &wide, &other_hw));
    second.handle = other_hw;
    assert_int_equal(umsi_pci_attach(umsi_imsic_parent(r.imsic), &second, &other), UMSI_OK);
    while (umsi_pci_alloc_at(&other, filled, &index) == UMSI_OK) {
        filled++;
    }
    assert_in_range(filled, 240, 4 * 63 - 4); /* two have theirs, two are set aside */
    irig_run(&r);
    umsi_cpu first = umsi_irq_get_cpu(r.u, irig_virq(&r, 0));
    while (filled-- > 0) { /* the filler's would have nowhere to go */
        umsi_pci_free_at(&other, filled);
    }
    irig_run(&r);
    assert_int_equal(umsi_cpu_leave(r.u, first, NULL), UMSI_OK);
    irig_cpu_offline(&r, first);
    assert_int_not_equal(umsi_irq_get_cpu(r.u, irig_virq(&r, 0)), first);
    irig_fire(&r, 0, umsi_irq_get_cpu(r.u, irig_virq(&r, 0)));
    assert_int_equal(irig_cpu_online(&r, first), UMSI_OK);
    assert_int_equal(umsi_cpu_join(r.u, first), UMSI_OK);
    umsi_pci_detach(&other);
    model_pci_destroy(other_hw);
    irig_unplug(&r);
    for (umsi_cpu cpu = 0; cpu < 4; cpu++) { /* nothing stays set aside (L14) */
        assert_int_equal(irig_counts(&r, cpu).live, 0);
    }
    irig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_msix),
        cmocka_unit_test(test_msi_maskable),
        cmocka_unit_test(test_msi_same_identity),
        cmocka_unit_test(test_msi_twin),
        cmocka_unit_test(test_msi_far),
        cmocka_unit_test(test_fails),
        cmocka_unit_test(test_old_kept),
        cmocka_unit_test(test_freed_unsettled),
        cmocka_unit_test(test_around),
        cmocka_unit_test(test_raised_then_moved),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_leave),
        cmocka_unit_test(test_managed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
