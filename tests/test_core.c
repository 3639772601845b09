/* SPDX-License-Identifier: MIT */
/* The core: instances; handlers, masks, and what is remembered meanwhile. */
#include "core_bench.h"

/* ---- instances ---- */

static void test_create_refuses_a_bad_port(void **state)
{
    struct test_port t;
    struct umsi *u = NULL;
    (void)state;
    test_port_init(&t, 1);
    assert_int_equal(umsi_create(NULL, &u), UMSI_INVALID);
    t.port.time_us = NULL;
    assert_int_equal(umsi_create(&t.port, &u), UMSI_PORT);
    test_port_init(&t, 0);
    assert_int_equal(umsi_create(&t.port, &u), UMSI_INVALID);
    test_port_init(&t, 1);
    t.port.size = 8;
    assert_int_equal(umsi_create(&t.port, &u), UMSI_INVALID);
    test_port_init(&t, 1);
    t.port.doorbell_unmap = (void (*)(void *, void *, umsi_bus))(uintptr_t)1;
    assert_int_equal(umsi_create(&t.port, &u), UMSI_PORT);
    assert_null(u);
}

static void test_create_survives_every_failed_allocation(void **state)
{
    (void)state;
    for (uint32_t n = 1;; n++) {
        struct test_port t;
        struct umsi *u = NULL;
        test_port_init(&t, 2);
        t.fail_alloc = n;
        enum umsi_status st = umsi_create(&t.port, &u);
        if (st == UMSI_OK) {
            assert_true(n > 2);
            assert_int_equal(umsi_destroy(u), UMSI_OK);
            test_port_check_empty(&t);
            return;
        }
        assert_int_equal(st, UMSI_NOMEM);
        assert_null(u);
        test_port_check_empty(&t);
    }
}

static void test_destroy_waits_for_domains(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_destroy(w.u), UMSI_BUSY);
    close_world(&w);
}

/* ---- handlers ---- */

static void test_request_and_free(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, 9999, handler, &w, "x"), UMSI_NOTFOUND);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(w.unmasks, 1);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "y"), UMSI_EXISTS);
    arrive(&w, 2);
    assert_int_equal(w.runs, 1);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 2), 1);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 0), 0);
    assert_string_equal(info_of(&w).name, "x");
    umsi_irq_free(w.u, w.virq);
    assert_int_equal(w.masks, 1);
    umsi_irq_free(w.u, w.virq); /* nothing to free */
    assert_int_equal(w.masks, 1);
    arrive(&w, 0);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

static void test_early_arrival_runs_once_at_request(void **state) /* L60 */
{
    struct world w;
    (void)state;
    open_world(&w, true);
    arrive(&w, 0);
    arrive(&w, 0);
    assert_true(info_of(&w).pending);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(w.runs, 1);
    assert_int_equal(w.mock.raised, 1);
    assert_false(info_of(&w).pending);
    assert_int_equal(info_of(&w).arrived, 2);
    close_world(&w);
}

static void test_disable_nests_and_remembers_once(void **state) /* L51, L60 */
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    umsi_irq_disable(w.u, w.virq);
    umsi_irq_disable(w.u, w.virq);
    assert_int_equal(w.masks, 1);
    arrive(&w, 0);
    arrive(&w, 1);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 0);
    assert_int_equal(w.unmasks, 1);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.unmasks, 2);
    assert_int_equal(w.runs, 1);
    umsi_irq_enable(w.u, w.virq);
    assert_true(test_port_logged(&w.t, "enabled more often"));
    assert_int_equal(info_of(&w).disable_depth, 0);
    close_world(&w);
}

static void test_unmaskable_device_is_masked_in_software(void **state) /* L60 */
{
    struct world w;
    (void)state;
    open_world(&w, false);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    umsi_irq_disable(w.u, w.virq);
    arrive(&w, 0);
    assert_int_equal(w.runs, 0);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

static void arrive_elsewhere(struct world *w)
{
    arrive(w, 3);
    arrive(w, 2);
    assert_int_equal(w->runs, 1); /* not on two CPUs at once */
}

static void test_second_arrival_runs_on_the_first_cpu(void **state) /* L58 */
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    w.in_handler = arrive_elsewhere;
    arrive(&w, 1);
    assert_int_equal(w.runs, 2);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 1), 2);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 3), 0);
    assert_int_equal(info_of(&w).arrived, 3);
    close_world(&w);
}

static void disable_and_arrive(struct world *w)
{
    arrive(w, 3);
    umsi_irq_disable(w->u, w->virq);
    arrive(w, 2);
}

static void test_disabled_while_running_remembers(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    w.in_handler = disable_and_arrive;
    arrive(&w, 1);
    assert_int_equal(w.runs, 1);
    assert_true(info_of(&w).pending);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 2);
    close_world(&w);
}

static void free_myself(struct world *w)
{
    arrive(w, 3);
    umsi_irq_disable(w->u, w->virq);
    arrive(w, 2); /* held back, elsewhere: this CPU is still the one that runs it */
    umsi_irq_free(w->u, w->virq);
    /* Still in it: another one cannot move in yet. */
    assert_int_equal(umsi_irq_request(w->u, w->virq, handler, w, "y"), UMSI_EXISTS);
}

static void test_free_from_within_the_handler(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    w.in_handler = free_myself;
    arrive(&w, 1);
    assert_int_equal(w.runs, 1);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "z"), UMSI_OK);
    assert_int_equal(w.runs, 1); /* what arrived for the old handler is not for the new one */
    close_world(&w);
}

static uint32_t inner_masks, inner_unmasks;

static void inner_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    (void)d;
    (void)irq;
    inner_masks++;
}

static void inner_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    (void)d;
    (void)irq;
    inner_unmasks++;
}

static void test_storm_while_masked_is_cut_off_once(void **state) /* L60 */
{
    struct world w;
    struct umsi_counts counts;
    (void)state;
    open_world(&w, false);
    struct umsi_chip chip = *w.mock.msi.chip;
    chip.mask = inner_mask;
    chip.unmask = inner_unmask;
    w.mock.msi.chip = &chip;
    inner_masks = inner_unmasks = 0;
    for (uint32_t i = 0; i < 255; i++) {
        arrive(&w, 0);
    }
    assert_int_equal(inner_masks, 0);
    for (uint32_t i = 0; i < 600; i++) {
        arrive(&w, 0);
    }
    assert_int_equal(inner_masks, 1);
    umsi_get_counts(w.u, &counts);
    assert_int_equal(counts.cut_off, 1);
    assert_true(test_port_logged(&w.t, "dev/dev: vector 1 storms while masked: silenced at mock"));
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(inner_unmasks, 1);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

static void test_a_slow_stream_while_disabled_is_no_storm(void **state)
{
    struct world w;
    struct umsi_counts counts;
    (void)state;
    open_world(&w, false);
    struct umsi_chip chip = *w.mock.msi.chip;
    chip.mask = inner_mask;
    chip.unmask = inner_unmask;
    w.mock.msi.chip = &chip;
    inner_masks = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        w.t.now_us += 10000;
        arrive(&w, 0);
    }
    umsi_get_counts(w.u, &counts);
    assert_int_equal(counts.cut_off, 0);
    assert_int_equal(inner_masks, 0);
    close_world(&w);
}

static void test_free_forgets_the_drivers_disables(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    umsi_irq_disable(w.u, w.virq);
    arrive(&w, 0);
    umsi_irq_free(w.u, w.virq);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "y"), UMSI_OK);
    assert_int_equal(w.runs, 0); /* that arrival was for the old one */
    arrive(&w, 0);
    assert_int_equal(w.runs, 1);
    /* Before there is a handler a disable is for the one to come. */
    umsi_irq_free(w.u, w.virq);
    umsi_irq_disable(w.u, w.virq);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "z"), UMSI_OK);
    arrive(&w, 0);
    assert_int_equal(w.runs, 1);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 2);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_refuses_a_bad_port),
        cmocka_unit_test(test_create_survives_every_failed_allocation),
        cmocka_unit_test(test_destroy_waits_for_domains),
        cmocka_unit_test(test_request_and_free),
        cmocka_unit_test(test_early_arrival_runs_once_at_request),
        cmocka_unit_test(test_disable_nests_and_remembers_once),
        cmocka_unit_test(test_unmaskable_device_is_masked_in_software),
        cmocka_unit_test(test_second_arrival_runs_on_the_first_cpu),
        cmocka_unit_test(test_disabled_while_running_remembers),
        cmocka_unit_test(test_free_from_within_the_handler),
        cmocka_unit_test(test_storm_while_masked_is_cut_off_once),
        cmocka_unit_test(test_a_slow_stream_while_disabled_is_no_storm),
        cmocka_unit_test(test_free_forgets_the_drivers_disables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
