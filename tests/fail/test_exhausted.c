/* SPDX-License-Identifier: MIT */
/*
 * Numbers run out: LPIs, EventIDs, DeviceIDs, slots of the queue; SPIs of a frame, identities of harts. And an ITS that
 * is slow, or dead for good. An error says which; nothing else notices (L10, L12, L13, L37).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct gadget *device(struct world *w, uint32_t i, uint32_t id, uint32_t events)
{
    gadget_make(w, &w->gadget[i],
                &(struct gadget_config){
                    .kind = GADGET_MSI, .device_id = id, .events = events, .maskable = true });
    return &w->gadget[i];
}

static struct gadget *function(struct world *w, uint32_t i, uint32_t id, uint32_t entries,
                               uint32_t shared)
{
    gadget_make(w, &w->gadget[i],
                &(struct gadget_config){ .kind = GADGET_PCI,
                                         .device_id = id,
                                         .shared_events = shared,
                                         .pci = { .msix_entries = entries } });
    return &w->gadget[i];
}

static void take(struct gadget *g, uint32_t n)
{
    assert_int_equal(gadget_take(g, n, UMSI_MSIX), UMSI_OK);
    for (uint32_t i = 0; i < n && i < VECTORS; i++) {
        assert_int_equal(gadget_request(g, i), UMSI_OK);
    }
}

/* Says so, and all is as before. */
static void refused(struct gadget *g, uint32_t n, enum umsi_status want)
{
    struct look before, after;
    world_look(g->world, &before);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(gadget_take(g, n, UMSI_MSIX), want);
    }
    world_look(g->world, &after);
    world_same(&before, &after, false);
    world_clean(g->world, NULL);
}

static uint32_t lpis_free(struct world *w)
{
    struct umsi_lpi_counts c;
    umsi_lpi_get_counts(w->lpi, &c);
    return c.total - c.live - c.quarantined;
}

/* ---- LPIs ---- */

static void test_lpis(void **state)
{
    const struct umsi_vectors some = { .min = 1, .max = 64, .kinds = UMSI_MSIX };
    struct world w;
    uint32_t granted = 0;
    (void)state;
    world_start(&w, &(struct world_config){ .model = { .num_lpis = 5 } }); /* 2^6 of them */
    struct gadget *a = device(&w, 0, 1, 48), *b = function(&w, 1, 2, 64, 0);
    assert_int_equal(lpis_free(&w), 64);
    assert_int_equal(gadget_attach(a), UMSI_OK);
    assert_int_equal(gadget_attach(b), UMSI_OK);
    take(a, 40);
    refused(b, 25, UMSI_NOSPACE);
    assert_int_equal(umsi_pci_alloc_vectors(&b->u.pci, &some, &granted), UMSI_OK);
    assert_int_equal(granted, 24);
    assert_int_equal(lpis_free(&w), 0);
    refused(a, 1, UMSI_EXISTS);
    uint32_t index = 77;
    assert_int_equal(gadget_take_at(a, UMSI_ANY_INDEX, &index), UMSI_NOSPACE);
    assert_int_equal(index, 77);
    gadget_drop(b);
    assert_int_equal(lpis_free(&w), 24);
    take(b, 24);
    gadget_fire(a);
    gadget_fire(b);
    world_stop(&w);
}

/* ---- SPIs, identities: of `total`, all are to be had, and not one more ---- */

static void all_but(const struct world_config *c, uint32_t total)
{
    struct world w;
    world_start(&w, c);
    struct gadget *a = device(&w, 0, 1, 48), *b = function(&w, 1, 2, 64, 0);
    struct gadget *d = device(&w, 2, 3, 80);
    assert_int_equal(gadget_attach(a), UMSI_OK);
    assert_int_equal(gadget_attach(b), UMSI_OK);
    assert_int_equal(gadget_attach(d), UMSI_OK);
    take(a, 20);
    take(b, 30);
    refused(d, total - 50 + 1, UMSI_NOSPACE);
    uint32_t index;
    for (uint32_t i = 0; i < total - 50; i++) { /* one by one: wherever there is room */
        assert_int_equal(gadget_take_at(d, UMSI_ANY_INDEX, &index), UMSI_OK);
        assert_int_equal(index, i);
        if (i < VECTORS) {
            assert_int_equal(gadget_request(d, i), UMSI_OK);
        }
    }
    refused(a, 1, UMSI_EXISTS);
    index = 77;
    assert_int_equal(gadget_take_at(a, UMSI_ANY_INDEX, &index), UMSI_NOSPACE);
    assert_int_equal(index, 77);
    gadget_drop(b);
    world_run(&w); /* harts close what was theirs */
    take(b, 30);
    gadget_fire(a);
    gadget_fire(b);
    gadget_fire(d);
    world_stop(&w);
}

static void test_spis(void **state)
{
    static const struct model_v2m_config frame = { .first_spi = 64, .nr_spis = 64 };
    (void)state;
    for (unsigned gicv2 = 0; gicv2 < 2; gicv2++) {
        struct world_config c = { .online = 2 };
        world_kind(&c, gicv2 ? TO_FRAME : TO_FRAME_OF_GICV3);
        c.model.v2m = &frame;
        all_but(&c, 64);
    }
}

/* Of the harts that are there: what the others have is nobody's. */
static void test_identities(void **state)
{
    static const struct model_imsic_config files = { .nr_ids = 63, .message_ns = 300 };
    (void)state;
    for (uint32_t online = 1; online <= 2; online++) {
        struct world_config c = { .online = online };
        world_kind(&c, TO_FILES);
        c.model.imsic = &files;
        c.nr_ipis = 3;
        all_but(&c, online * 60);
    }
}

/* ---- EventIDs ---- */

static void test_events(void **state)
{
    struct world w;
    (void)state;
    world_start(&w, &(struct world_config){ .its = { .event_bits = 4 } });
    struct gadget *a = device(&w, 0, 1, 17), *b = device(&w, 1, 2, 16),
                  *c = function(&w, 2, 3, 64, 0);
    assert_int_equal(gadget_attach(a), UMSI_RANGE);
    assert_int_equal(gadget_attach(b), UMSI_OK);
    assert_int_equal(gadget_attach(c), UMSI_OK);
    take(b, 16);
    assert_int_not_equal(gadget_take(c, 17, UMSI_MSIX), UMSI_OK);
    take(c, 16); /* the domain is as large as EventIDs allow */
    gadget_fire(b);
    gadget_fire(c);
    world_stop(&w);
}

/* A table that several functions share cannot grow; one that goes leaves its part to the next. */
static void test_shared_events(void **state)
{
    struct world w;
    (void)state;
    world_start(&w, &(struct world_config){ .online = 1 });
    struct gadget *a = function(&w, 0, 7, 16, 32), *b = function(&w, 1, 7, 16, 32);
    struct gadget *c = function(&w, 2, 7, 16, 32);
    assert_int_equal(gadget_attach(a), UMSI_OK);
    assert_int_equal(gadget_attach(b), UMSI_OK);
    assert_int_equal(gadget_attach(c), UMSI_OK);
    take(a, 16);
    take(b, 16);
    refused(c, 4, UMSI_NOSPACE);
    gadget_fire(a);
    gadget_detach(a);
    take(c, 16);
    gadget_fire(b);
    gadget_fire(c);
    world_stop(&w);
}

/* ---- DeviceIDs ---- */

static void test_device_ids(void **state)
{
    struct world w;
    (void)state;
    world_start(&w, &(struct world_config){ .its = { .device_bits = 4 } });
    struct gadget *a = device(&w, 0, 15, 2), *b = device(&w, 1, 16, 2),
                  *c = device(&w, 2, UINT32_MAX, 2);
    assert_int_equal(gadget_attach(b), UMSI_RANGE);
    assert_int_equal(gadget_attach(c), UMSI_RANGE);
    assert_int_equal(gadget_attach(a), UMSI_OK);
    take(a, 2);
    gadget_fire(a);
    world_stop(&w);
}

/* ---- the queue ---- */

/* 127 commands fit; several times as many are sent, faster than they are done. */
static void test_full_queue(void **state)
{
    const struct world_config c = { .its = { .command_ns = 100000 },
                                    .umsi_its = { .queue_bytes = 4096 } };
    struct world w;
    (void)state;
    world_start(&w, &c);
    struct gadget *a = device(&w, 0, 1, 600);
    assert_int_equal(gadget_attach(a), UMSI_OK);
    for (unsigned i = 0; i < 3; i++) {
        take(a, 600);
        gadget_fire(a);
        gadget_drop(a);
    }
    world_stop(&w);
}

/* Slow is not dead: the deadline starts anew with each command. */
static void test_slow(void **state)
{
    const struct world_config c = { .its = { .command_ns = 15000000 },
                                    .umsi_its = { .deadline_us = 20000 } };
    struct umsi_its_info info;
    struct world w;
    (void)state;
    world_start(&w, &c);
    struct gadget *a = device(&w, 0, 1, 40);
    assert_int_equal(gadget_attach(a), UMSI_OK);
    take(a, 40);
    gadget_fire(a);
    umsi_its_get_info(w.its[0], &info);
    assert_false(info.dead);
    world_stop(&w);
}

/* It neither answers nor quiesces, ever: everything completes, and what it may still use is not given back. */
static void test_dead(void **state)
{
    const struct world_config c = { .umsi_its = { .deadline_us = 20000 },
                                    .expects_breaches = true };
    struct umsi_its_info info;
    struct model_counts left;
    struct world w;
    (void)state;
    world_start(&w, &c);
    struct gadget *a = device(&w, 0, 1, 8), *b = device(&w, 1, 2, 8);
    assert_int_equal(gadget_attach(a), UMSI_OK);
    take(a, 4);
    model_its_stop(w.m, 0, true, true);
    assert_int_equal(umsi_msi_alloc(gadget_msi(a), 4, 1), UMSI_TIMEOUT);
    assert_int_equal(gadget_attach(b), UMSI_TIMEOUT);
    gadget_drop(a);
    gadget_detach(a);
    umsi_its_get_info(w.its[0], &info);
    assert_true(info.dead);
    assert_int_equal(info.quarantined, 1);
    world_down(&w);
    model_get_counts(w.m, &left);
    assert_true(left.dma_blocks != 0); /* tables, queue, the device's own (L22) */
    assert_true(model_log_has(w.m, "stay in use"));
    model_destroy(w.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lpis),          cmocka_unit_test(test_events),
        cmocka_unit_test(test_shared_events), cmocka_unit_test(test_device_ids),
        cmocka_unit_test(test_full_queue),    cmocka_unit_test(test_slow),
        cmocka_unit_test(test_dead),          cmocka_unit_test(test_spis),
        cmocka_unit_test(test_identities),
    };
    return cmocka_run_group_tests_name("exhausted", tests, NULL, NULL);
}
