/* SPDX-License-Identifier: MIT */
/* Memory of an ITS: where interrupt translation tables are cut from, and a page of the device table that two CPUs need
 * at one time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "its_rig.h"

#include "../src/core/core.h"

static struct rig r;
static struct umsi_msi_device d[16];

static void no_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    (void)index;
    (void)m;
}

/* The i-th device, with a table of 8 bytes for each event. */
static void attach(uint32_t i, uint32_t events)
{
    const struct umsi_msi_config c = {
        .name = "d", .device_id = i, .nr_events = events, .write_message = no_message
    };
    assert_int_equal(umsi_msi_attach(umsi_its_parent(r.its), &c, &d[i]), UMSI_OK);
}

static size_t blocks(void)
{
    struct model_counts c;
    model_get_counts(r.m, &c);
    return c.dma_blocks;
}

static void detach_all(void)
{
    for (uint32_t i = 0; i < 16; i++) {
        umsi_msi_detach(&d[i]);
    }
}

/* With the level 2 page that all these devices are in, and nothing else of theirs. */
static void start(void)
{
    memset(d, 0, sizeof(d));
    its_rig_start(&r, &(struct model_config){ .nr_cpus = 2 });
    attach(0, 1);
    umsi_msi_detach(&d[0]);
}

/* ---- tables ---- */

/* Three chunks of four tables; each gets room, the one in the middle of the list goes, and the others' room is used. */
static void room_is_used(void **state)
{
    (void)state;
    start();
    const size_t before = blocks();
    for (uint32_t i = 0; i < 12; i++) {
        attach(i, 2048);
    }
    assert_int_equal(blocks(), before + 3);
    for (uint32_t i = 0; i < 12; i += 4) {
        umsi_msi_detach(&d[i]);
    }
    assert_int_equal(blocks(), before + 3);
    for (uint32_t i = 5; i < 8; i++) {
        umsi_msi_detach(&d[i]);
    }
    assert_int_equal(blocks(), before + 2);
    attach(12, 2048);
    attach(13, 2048);
    assert_int_equal(blocks(), before + 2);
    attach(14, 2048);
    assert_int_equal(blocks(), before + 3);
    detach_all();
    assert_int_equal(blocks(), before);
    its_rig_stop(&r);
}

/* A chunk with room, but not for as much: another one is made, and what is small still goes to the first. */
static void too_little_room(void **state)
{
    (void)state;
    start();
    const size_t before = blocks();
    for (uint32_t i = 0; i < 3; i++) {
        attach(i, 2048);
    }
    attach(3, 1024);
    assert_int_equal(blocks(), before + 1);
    attach(4, 2048);
    assert_int_equal(blocks(), before + 2);
    for (uint32_t i = 5; i < 8; i++) { /* the second is full */
        attach(i, 2048);
    }
    attach(8, 1024);
    assert_int_equal(blocks(), before + 2);
    detach_all();
    assert_int_equal(blocks(), before);
    its_rig_stop(&r);
}

/* ---- two at one time ---- */

static bool (*dma_alloc)(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out);

/* While CPU 0 is at it, CPU 1 attaches a device that needs the same page. */
static bool meanwhile(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    r.u->port.dma_alloc = dma_alloc;
    model_set_cpu(r.m, 1);
    attach(1, 1);
    model_set_cpu(r.m, 0);
    return dma_alloc(ctx, want, out);
}

/* L22: who comes second gives the page back, and the device of the first stays mapped. */
static void one_page_for_both(void **state)
{
    struct umsi_counts counts[2];
    (void)state;
    for (uint32_t i = 0; i < 2; i++) { /* one after the other; and both */
        memset(d, 0, sizeof(d));
        its_rig_start(&r, &(struct model_config){ .nr_cpus = 2 });
        const size_t before = blocks();
        dma_alloc = r.u->port.dma_alloc;
        r.u->port.dma_alloc = i == 0 ? dma_alloc : meanwhile;
        attach(0, 1);
        if (i == 0) {
            attach(1, 1);
        }
        assert_int_equal(blocks(), before + 2); /* the page, and a chunk for both tables */
        umsi_get_counts(r.u, &counts[i]);
        assert_int_equal(umsi_msi_alloc(&d[0], 0, 1), UMSI_OK);
        assert_int_equal(umsi_msi_alloc(&d[1], 0, 1), UMSI_OK);
        detach_all();
        its_rig_stop(&r);
    }
    assert_int_equal(counts[0].bytes, counts[1].bytes);
    assert_int_equal(counts[0].dma_bytes, counts[1].dma_bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_is_used),
        cmocka_unit_test(too_little_room),
        cmocka_unit_test(one_page_for_both),
    };
    return cmocka_run_group_tests_name("memory of the ITS", tests, NULL, NULL);
}
