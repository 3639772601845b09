/* SPDX-License-Identifier: MIT */
/* The model judged by itself, ITS commands: each law broken once must be told, and a clean run must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "raw_its.h"

#define DEV 0x123u

static const struct model_config plain = { .nr_cpus = 2, .nr_its = 1 };

static int setup(void **state)
{
    struct raw *r = malloc(sizeof(*r));
    assert_non_null(r);
    raw_start(r, &plain);
    *state = r;
    return 0;
}

/* What a breach left behind is not tidied up: the machine goes as it is. */
static int teardown(void **state)
{
    struct raw *r = *state;
    model_destroy(r->m);
    free(r);
    return 0;
}

static void test_clean_run(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_device(r, DEV, 2, 3, 1);
    assert_true(raw_msi(r, DEV, 2));
    assert_true(model_lpi_pending(r->m, 1, 8194));
    assert_int_equal(model_run(r->m), 1);
    assert_int_equal(r->taken[1], 1);
    assert_int_equal(r->last[1], 8194);
    model_check_settled(r->m);
    raw_device_gone(r, DEV, 2, 3, 1, &itt);
    assert_false(raw_msi(r, DEV, 2));
    raw_expect_none(r);
    raw_stop(r);
    raw_create(r, &plain); /* for the teardown */
}

static void test_mapd_twice(void **state)
{
    struct raw *r = *state;
    struct umsi_dma again = raw_dma(r, 256, 256);
    (void)raw_device(r, DEV, 2, 0, 0);
    raw_mapd(r, DEV, 2, again.phys, true);
    raw_done(r);
    raw_expect(r, "L17");
}

static void test_unmap_of_nothing(void **state)
{
    struct raw *r = *state;
    raw_mapd(r, DEV, 2, r->queue.phys, false);
    raw_done(r);
    raw_expect(r, "L17");
}

static void test_event_of_unmapped_device(void **state)
{
    static const uint8_t opcodes[] = { 0x03, 0x04, 0x0c, 0x0f };
    struct raw *r = *state;
    struct model_its_stats s;
    raw_mapti(r, DEV, 0, 8192, 0);
    raw_done(r);
    raw_expect(r, "L18");
    model_its_get_stats(r->m, 0, &s);
    assert_true(s.stalled);
    for (unsigned i = 0; i < sizeof(opcodes); i++) {
        model_breach_clear(r->m);
        raw_write64(r, r->its, 0x88, r->slot * 32); /* stays stalled */
        r->slot--;
        raw_event(r, opcodes[i], DEV, 0); /* over the command that stalled */
        raw_write64(r, r->its, 0x88, r->slot * 32 | 1);
        raw_done(r);
        raw_expect(r, "L18");
    }
}

static void test_event_beyond_size(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 0, 0);
    raw_mapti(r, DEV, 4, 8192, 0);
    raw_done(r);
    raw_expect(r, "L19");
}

static void test_size_beyond_id_bits(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_dma(r, 8u << 17, 256);
    raw_mapd(r, DEV, 17, itt.phys, true);
    raw_done(r);
    raw_expect(r, "L19");
}

static void test_device_beyond_table(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_dma(r, 256, 256);
    raw_mapd(r, 8192, 1, itt.phys, true);
    raw_done(r);
    raw_expect(r, "L20");
}

static void test_device_beyond_devbits(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_dma(r, 256, 256);
    raw_mapd(r, 0x10000, 1, itt.phys, true);
    raw_done(r);
    raw_expect(r, "L20");
}

static void test_itt_misaligned(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_dma(r, 512, 256);
    raw_mapd(r, DEV, 1, itt.phys + 64, true);
    raw_done(r);
    raw_expect(r, "L21");
}

static void test_itt_not_zero(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_dma(r, 256, 256);
    ((uint8_t *)itt.va)[9] = 1;
    raw_mapd(r, DEV, 4, itt.phys, true);
    raw_done(r);
    raw_expect(r, "L21");
}

static void test_itt_too_small(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_dma(r, 256, 256);
    raw_mapd(r, DEV, 6, itt.phys, true);
    raw_done(r);
    raw_expect(r, "L21");
}

static void test_itt_overlaps(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_device(r, DEV, 7, 0, 0);
    raw_mapd(r, DEV + 1, 1, itt.phys + 768, true);
    raw_done(r);
    raw_expect(r, "L21");
}

static void test_itt_overlaps_table(void **state)
{
    struct raw *r = *state;
    raw_mapd(r, DEV, 1, r->devices.phys + 32768, true);
    raw_done(r);
    raw_expect(r, "L21");
}

static void test_itt_freed_while_mapped(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_device(r, DEV, 2, 0, 0);
    r->p->dma_free(r->p->ctx, &itt);
    raw_expect(r, "L22");
}

static void test_itt_freed_without_sync(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_device(r, DEV, 2, 0, 0);
    raw_mapd(r, DEV, 2, itt.phys, false);
    raw_done(r);
    r->p->dma_free(r->p->ctx, &itt);
    raw_expect(r, "L22");
}

static void test_itt_freed_before_sync_was_consumed(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_device(r, DEV, 2, 0, 0);
    raw_mapd(r, DEV, 2, itt.phys, false);
    raw_sync(r, 0);
    r->p->dma_free(r->p->ctx, &itt);
    raw_expect_first(r, "L22");
}

static void test_unmap_with_other_values(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_device(r, DEV, 2, 0, 0);
    raw_mapd(r, DEV, 1, itt.phys, false);
    raw_done(r);
    raw_expect(r, "L22");
}

static void test_event_mapped_twice(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_mapti(r, DEV, 0, 9000, 0);
    raw_done(r);
    raw_expect(r, "L23");
}

static void test_discard_of_nothing(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_event(r, MODEL_DISCARD, DEV, 1);
    raw_done(r);
    raw_expect(r, "L23");
}

static void test_intid_in_use(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_mapti(r, DEV, 1, 8192, 0);
    raw_done(r);
    raw_expect(r, "L24");
}

static void test_intid_out_of_range(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 0, 0);
    raw_mapti(r, DEV, 1, 8191, 0);
    raw_done(r);
    raw_expect(r, "L24");
}

static void test_intid_reused_before_sync(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_event(r, MODEL_DISCARD, DEV, 0);
    raw_mapti(r, DEV, 1, 8192, 0);
    raw_done(r);
    raw_expect(r, "L25");
}

static void test_unmapped_collection(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_mapti(r, DEV, 1, 8193, 5);
    raw_movi(r, DEV, 0, 6);
    raw_done(r);
    assert_int_equal(model_breaches_of(r->m, "L26"), 2);
}

static void test_collection_without_invall(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 0, 0);
    raw_mapc(r, 7, 1, true);
    raw_sync(r, 1);
    raw_mapti(r, DEV, 0, 8192, 7);
    raw_done(r);
    raw_expect(r, "L27");
}

static void test_mapc_before_enable_lpis(void **state)
{
    struct raw *r = *state;
    raw_write(r, model_gicr_of(r->m, 1, NULL), 0, 0);
    raw_mapc(r, 7, 1, true);
    raw_done(r);
    raw_expect(r, "L27");
}

static void test_no_such_redistributor(void **state)
{
    struct raw *r = *state;
    raw_command(r, 0x09, 0, (uint64_t)1 << 63 | 2u << 16 | 7, 0);
    raw_done(r);
    raw_expect(r, "L27");
}

static void test_byte_without_inv(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_config(r, 8192, 0xa0);
    (void)raw_msi(r, DEV, 0);
    assert_int_equal(model_run(r->m), 1); /* the old byte still counts */
    model_check_settled(r->m);
    raw_expect(r, "L28");
    raw_event(r, MODEL_INV, DEV, 0);
    raw_done(r);
    model_check_settled(r->m);
    raw_expect_first(r, "L30"); /* INV without SYNC */
    raw_sync(r, 0);
    raw_done(r);
    model_check_settled(r->m);
    raw_expect_none(r);
    (void)raw_msi(r, DEV, 0);
    assert_int_equal(model_run(r->m), 0);
    raw_config(r, 8192, 0xa1);
    raw_invall(r, 0);
    raw_sync(r, 0);
    raw_done(r);
    assert_int_equal(model_run(r->m), 1);
}

static void test_mapping_without_sync(void **state)
{
    struct raw *r = *state;
    struct umsi_dma itt = raw_dma(r, 256, 256);
    raw_mapd(r, DEV, 2, itt.phys, true);
    raw_mapti(r, DEV, 0, 8192, 0);
    raw_done(r);
    assert_false(raw_msi(r, DEV, 0));
    raw_sync(r, 1); /* the wrong redistributor */
    raw_done(r);
    assert_false(raw_msi(r, DEV, 0));
    model_check_settled(r->m);
    raw_expect(r, "L30");
    raw_sync(r, 0);
    raw_done(r);
    assert_true(raw_msi(r, DEV, 0));
}

static void test_discard_without_sync(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_event(r, MODEL_DISCARD, DEV, 0);
    raw_done(r);
    assert_true(raw_msi(r, DEV, 0)); /* it may still come */
    raw_sync(r, 0);
    raw_done(r);
    assert_false(raw_msi(r, DEV, 0));
    assert_false(model_lpi_pending(r->m, 0, 8192));
}

static void test_move_keeps_pending(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    (void)raw_msi(r, DEV, 0);
    raw_movi(r, DEV, 0, 1);
    raw_done(r);
    assert_false(model_lpi_pending(r->m, 0, 8192));
    assert_true(model_lpi_pending(r->m, 1, 8192));
    raw_sync(r, 1);
    raw_done(r);
    model_check_settled(r->m);
    raw_expect(r, "L30"); /* the old one is the one to SYNC */
    raw_sync(r, 0);
    raw_done(r);
    model_check_settled(r->m);
    raw_expect_none(r);
}

static void test_move_without_change(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_movi(r, DEV, 0, 0);
    raw_done(r);
    raw_expect(r, "L34");
}

static void test_reserved_bits(void **state)
{
    struct raw *r = *state;
    raw_command(r, 0x0d | 1u << 9, 0, 0, 0);
    raw_done(r);
    raw_expect(r, "L31");
}

static void test_no_such_command(void **state)
{
    struct raw *r = *state;
    raw_command(r, 0x77, 0, 0, 0);
    raw_done(r);
    raw_expect(r, "L31");
}

static void test_cwriter_beyond(void **state)
{
    struct raw *r = *state;
    raw_write64(r, r->its, 0x88, 4096);
    raw_expect(r, "L31");
}

static void test_queue_overrun(void **state)
{
    struct raw *r = *state;
    model_its_stop(r->m, 0, true, false);
    for (unsigned i = 0; i < 127; i++) {
        raw_invall(r, 0);
    }
    raw_expect_none(r);
    raw_invall(r, 0);
    raw_expect(r, "L31");
}

static void test_device_with_events_unmapped(void **state)
{
    struct raw *r = *state;
    struct model_counts c;
    struct umsi_dma itt = raw_device(r, DEV, 2, 2, 0);
    raw_mapd(r, DEV, 2, itt.phys, false);
    raw_done(r);
    raw_expect(r, "L36");
    model_get_counts(r->m, &c);
    assert_int_equal(c.events, 0);
}

static void test_collection_in_use_unmapped(void **state)
{
    struct raw *r = *state;
    (void)raw_device(r, DEV, 2, 1, 0);
    raw_mapc(r, 0, 0, false);
    raw_done(r);
    raw_expect(r, "L57");
}

static void test_sync_to_nobody(void **state)
{
    struct raw *r = *state;
    raw_command(r, 0x05, 0, 9u << 16, 0);
    raw_done(r);
    raw_expect(r, "L30");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_clean_run),
        T(test_mapd_twice),
        T(test_unmap_of_nothing),
        T(test_event_of_unmapped_device),
        T(test_event_beyond_size),
        T(test_size_beyond_id_bits),
        T(test_device_beyond_table),
        T(test_device_beyond_devbits),
        T(test_itt_misaligned),
        T(test_itt_not_zero),
        T(test_itt_too_small),
        T(test_itt_overlaps),
        T(test_itt_overlaps_table),
        T(test_itt_freed_while_mapped),
        T(test_itt_freed_without_sync),
        T(test_itt_freed_before_sync_was_consumed),
        T(test_unmap_with_other_values),
        T(test_event_mapped_twice),
        T(test_discard_of_nothing),
        T(test_intid_in_use),
        T(test_intid_out_of_range),
        T(test_intid_reused_before_sync),
        T(test_unmapped_collection),
        T(test_collection_without_invall),
        T(test_mapc_before_enable_lpis),
        T(test_no_such_redistributor),
        T(test_byte_without_inv),
        T(test_mapping_without_sync),
        T(test_discard_without_sync),
        T(test_move_keeps_pending),
        T(test_move_without_change),
        T(test_reserved_bits),
        T(test_no_such_command),
        T(test_cwriter_beyond),
        T(test_queue_overrun),
        T(test_device_with_events_unmapped),
        T(test_collection_in_use_unmapped),
        T(test_sync_to_nobody),
    };
    return cmocka_run_group_tests_name("model, ITS commands", tests, NULL, NULL);
}
