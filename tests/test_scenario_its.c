/* SPDX-License-Identifier: MIT */
/* The whole library on a model whose ITS is slow, full, stalls or dies; what it costs; what nobody owns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

static const struct model_pci_config msix = { .device_id = 0x123, .msix_entries = 64 };
static const struct rig_config small_queue = { .umsi_its = { .queue_bytes = 4096 },
                                               .its = { .command_ns = 3000 } };

/* ---- the queue ---- */

/* 128 slots: a batch of 2048 fills and wraps it many times. */
static void test_queue_full(void **state)
{
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &small_queue);
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 1, .msix_entries = 1500 });
    for (unsigned i = 0; i < 2; i++) {
        unit_take(&f, 1500, UMSI_MSIX);
        unit_fire(&f, 0);
        unit_fire(&f, 1499);
        unit_drop(&f);
    }
    unit_detach(&f);
    rig_stop(&r);
}

/* Every length of batch at every place of the queue. */
static void test_queue_wrap(void **state)
{
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &small_queue);
    unit_attach(&f, &r, &msix);
    for (unsigned i = 0; i < 130; i++) {
        uint32_t n = 1 + i % 7;
        unit_take(&f, n, UMSI_MSIX);
        unit_fire(&f, n - 1);
        unit_drop(&f);
    }
    unit_detach(&f);
    rig_stop(&r);
}

/* ---- what it costs ---- */

/* L: 2N+6 commands and 4 waits for the life of N maskable vectors on one CPU. */
static void test_command_economy(void **state)
{
    static const uint32_t counts[] = { 1, 3, 16, 64 };
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct rig r;
        struct unit f;
        struct model_its_stats before, after;
        rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 1 } });
        model_its_get_stats(r.m, 0, &before);
        unit_attach(&f, &r, &msix);
        unit_take(&f, counts[i], UMSI_MSIX);
        unit_fire_all(&f);
        unit_drop(&f);
        unit_detach(&f);
        model_its_get_stats(r.m, 0, &after);
        print_message("  %u vectors: %u commands, %u waits\n", counts[i],
                      (unsigned)(after.commands - before.commands),
                      (unsigned)(after.waits - before.waits));
        assert_in_range(after.commands - before.commands, 2 * counts[i] + 2, 2 * counts[i] + 6);
        assert_in_range(after.waits - before.waits, 1, 4);
        rig_stop(&r);
    }
}

/* No command when the target does not change (L34); one MOVI and one SYNC when it does. */
static void test_move_economy(void **state)
{
    struct rig r;
    struct unit f;
    struct umsi_cpumask mask = { { 0 } };
    struct model_its_stats before, after;
    (void)state;
    rig_start(&r, &(struct rig_config){ 0 });
    unit_attach(&f, &r, &msix);
    unit_take(&f, 1, UMSI_MSIX);
    umsi_cpumask_set(&mask, umsi_irq_get_cpu(r.u, unit_virq(&f, 0)));
    model_its_get_stats(r.m, 0, &before);
    assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, 0), &mask), UMSI_OK);
    model_its_get_stats(r.m, 0, &after);
    assert_int_equal(after.commands, before.commands);
    mask.bits[0] ^= 3;
    assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, 0), &mask), UMSI_OK);
    model_its_get_stats(r.m, 0, &after);
    assert_int_equal(after.commands, before.commands + 2);
    unit_detach(&f);
    rig_stop(&r);
}

/* ---- stalls: the operation fails or is repaired, the next one works, nothing is left ---- */

struct step {
    uint8_t opcode;
    const char *name;
};
static const struct step steps[] = {
    { MODEL_MAPD, "MAPD" },       { MODEL_MAPTI, "MAPTI" }, { MODEL_SYNC, "SYNC" },
    { MODEL_DISCARD, "DISCARD" }, { MODEL_MOVI, "MOVI" },   { MODEL_INT, "INT" },
};

static const struct rig_config plain = { 0 };
static const struct rig_config held_inside = { .model = { .nr_cpus = 4 },
                                               .its = { .hcc = 3, .no_indirect = true } };

static void some_of_everything(struct rig *r, struct unit *f)
{
    struct umsi_cpumask mask = { { 2 } };
    if (unit_try_take(f, 4, 4, UMSI_MSIX) != UMSI_OK) {
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        unit_request(f, i);
    }
    (void)!umsi_irq_set_affinity(r->u, unit_virq(f, 1), &mask);
    (void)!umsi_irq_retrigger(r->u, unit_virq(f, 2));
    rig_run(r);
    for (uint32_t i = 0; i < 4; i++) {
        unit_fire(f, i);
    }
    umsi_pci_free_vectors(&f->pci);
}

static void works_again(struct unit *f)
{
    unit_take(f, 3, UMSI_MSIX);
    unit_fire_all(f);
}

static void stall_at(const struct rig_config *config, const struct step *step, uint32_t nth,
                     bool for_good)
{
    struct rig r;
    struct unit f;
    print_message("  %s %u%s\n", step->name, nth, for_good ? ", for good" : "");
    rig_start(&r, config);
    model_its_stall(r.m, 0, step->opcode, nth, for_good);
    unit_attach(&f, &r, &msix);
    some_of_everything(&r, &f);
    works_again(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* A stall that goes away with the offending command. */
static void test_stall_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        for (uint32_t nth = 1; nth <= 4; nth++) {
            stall_at(&plain, &steps[i], nth, false);
        }
    }
}

/* A stall that Retry does not cure: the ITS is disabled, quiesced and goes on with a new queue; collections that
 * it kept in itself are mapped again before anything else (L39). */
static void test_stall_for_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        stall_at(&plain, &steps[i], 1, true);
        stall_at(&plain, &steps[i], 2, true);
        stall_at(&held_inside, &steps[i], 1, true);
        stall_at(&held_inside, &steps[i], 3, true);
    }
}

/* ---- an ITS that stops ---- */

static void dead_at(uint32_t when, bool comes_back)
{
    struct rig r;
    struct unit f;
    rig_start(&r, &(struct rig_config){ .umsi_its = { .deadline_us = 2000 } });
    unit_attach(&f, &r, &msix);
    if (when == 0) {
        model_its_stop(r.m, 0, true, true);
    }
    enum umsi_status st = unit_try_take(&f, 4, 4, UMSI_MSIX);
    assert_int_equal(st == UMSI_OK, when > 0);
    if (when == 1) {
        model_its_stop(r.m, 0, true, true);
    }
    umsi_pci_free_vectors(&f.pci);
    umsi_pci_detach(&f.pci);
    if (comes_back) {
        model_its_stop(r.m, 0, false, false);
        rig_run(&r);
        assert_int_equal(unit_try_attach(&f, 0), UMSI_OK);
        enum umsi_status again = unit_try_take(&f, 4, 4, UMSI_MSIX);
        print_message("  back: %s\n", umsi_status_string(again));
        umsi_pci_detach(&f.pci);
    }
    unit_unplug(&f);
    rig_show(&r);
    assert_int_equal(model_breaches(r.m), 0);
    if (!comes_back) {
        rig_abandon(&r);
        return;
    }
    rig_stop(&r);
}

static void test_dead(void **state)
{
    (void)state;
    dead_at(0, false);
    dead_at(1, false);
}

static void test_dead_and_back(void **state)
{
    (void)state;
    dead_at(0, true);
    dead_at(1, true);
}

/* ---- what nobody owns ---- */

static void cut_off(bool direct)
{
    struct rig r;
    struct umsi_counts c;
    struct model_its_stats before, after;
    rig_start(&r, &(struct rig_config){ .model = { .direct_lpi = direct } });
    model_its_get_stats(r.m, 0, &before);
    for (unsigned i = 0; i < 3000; i++) {
        model_lpi_raise(r.m, i % 2, 9000 + i % 3);
        (void)model_run(r.m);
    }
    umsi_get_counts(r.u, &c);
    assert_true(c.unknown >= 3);
    assert_int_equal(c.cut_off, direct ? 6 : 3); /* an INVALL takes the other two along */
    rig_run(&r);
    rig_settled(&r);
    model_its_get_stats(r.m, 0, &after);
    assert_int_equal(direct, after.commands == before.commands); /* GICR_INVLPIR needs none */
    rig_stop(&r);
}

static void test_unknown_lpis(void **state)
{
    (void)state;
    cut_off(false);
    cut_off(true);
}

/* DeviceIDs far apart, beyond 16 bits: level 2 pages come as needed, and stay. */
static void test_wide_device_ids(void **state)
{
    static const uint32_t ids[] = { 0, 1, 0xffff, 0x10000, 0x7ffff, 0xfffff };
    struct rig r;
    struct unit f[6];
    (void)state;
    rig_start(&r, &(struct rig_config){ .its = { .device_bits = 20 },
                                        .umsi_its = { .device_bits = 20 } });
    for (unsigned i = 0; i < 6; i++) {
        unit_attach(&f[i], &r,
                    &(struct model_pci_config){ .device_id = ids[i], .msix_entries = 2 });
        unit_take(&f[i], 2, UMSI_MSIX);
    }
    for (unsigned i = 0; i < 6; i++) {
        unit_fire_all(&f[i]);
        unit_detach(&f[i]);
    }
    unit_plug(&f[0], &r, &(struct model_pci_config){ .device_id = 0x100000, .msix_entries = 2 });
    if (unit_try_attach(&f[0], 0) == UMSI_OK) {
        assert_int_equal(unit_try_take(&f[0], 1, 1, UMSI_MSIX), UMSI_RANGE);
        umsi_pci_detach(&f[0].pci);
    }
    unit_unplug(&f[0]);
    rig_stop(&r);
}

/* Many devices come and go in changing order; numbers are conserved (L14, L37). */
static void test_many(void **state)
{
    struct rig r;
    static struct unit f[64];
    struct umsi_lpi_counts before, after;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 4 } });
    umsi_lpi_get_counts(r.lpi, &before);
    for (unsigned i = 0; i < 64; i++) {
        unit_attach(&f[i], &r,
                    &(struct model_pci_config){ .device_id = i * 37,
                                                .msix_entries = i % 3 == 0 ? 200 : 16 });
        unit_take(&f[i], 1 + i % 16, UMSI_MSIX);
    }
    for (unsigned i = 0; i < 64; i++) {
        unit_fire_all(&f[i * 29 % 64]);
        unit_detach(&f[i * 29 % 64]);
    }
    umsi_lpi_get_counts(r.lpi, &after);
    assert_int_equal(after.total, before.total);
    assert_int_equal(after.live, before.live);
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue_full),
        cmocka_unit_test(test_queue_wrap),
        cmocka_unit_test(test_command_economy),
        cmocka_unit_test(test_move_economy),
        cmocka_unit_test(test_stall_once),
        cmocka_unit_test(test_stall_for_good),
        cmocka_unit_test(test_dead),
        cmocka_unit_test(test_dead_and_back),
        cmocka_unit_test(test_unknown_lpis),
        cmocka_unit_test(test_wide_device_ids),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests_name("scenarios on a difficult ITS", tests, NULL, NULL);
}
