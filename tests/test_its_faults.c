/* SPDX-License-Identifier: MIT */
/* An ITS that refuses commands, is slow, falls silent, or comes back; and memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "its_rig.h"

enum {
    MOVI = 0x01,
    INV = 0x0c,
    SYNC = 0x05,
    MAPD = 0x08,
    MAPC = 0x09,
    MAPTI = 0x0a,
    INVALL = 0x0d,
    DISCARD = 0x0f
};

static struct rig r;
static struct rig_device a, b;
static const struct model_config two_cpus = { .nr_cpus = 2 };

static struct umsi_its_info info(void)
{
    struct umsi_its_info i;
    umsi_its_get_info(r.its, &i);
    return i;
}

static struct umsi_lpi_counts lpis(void)
{
    struct umsi_lpi_counts c;
    umsi_lpi_get_counts(r.lpi, &c);
    return c;
}

static struct model_counts counts(void)
{
    struct model_counts c;
    model_get_counts(r.m, &c);
    return c;
}

static void works(uint32_t id)
{
    assert_int_equal(its_rig_attach(&r, &b, id, 4, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&b.dev, 0, 4), UMSI_OK);
    its_rig_request(&b, 0, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(its_rig_raise(&b, i));
    }
    model_run(r.m);
    assert_int_equal(b.runs[0] + b.runs[1] + b.runs[2] + b.runs[3], 4);
    umsi_msi_detach(&b.dev);
}

/* MAPD V=0 takes along events whose DISCARD the ITS did not carry out. The model calls that a breach of L36,
 * which it is; after such a fault nothing better is left. */
static void forgive_unmap(uint32_t n)
{
    assert_int_equal(model_breaches_of(r.m, "L36"), n);
    assert_int_equal(model_breaches(r.m), n);
    model_breach_clear(r.m);
}

/* ---- stalls ---- */

static void refuse_mapti(bool for_good)
{
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 6, 1), UMSI_OK);
    const struct model_counts before = counts();
    model_its_stall(r.m, 0, MAPTI, 2, for_good);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 4), UMSI_HARDWARE);
    assert_int_equal(info().stalls, 1);
    assert_int_equal(info().dead, false);
    model_check_settled(r.m);
    const struct model_counts after = counts();
    assert_int_equal(after.events, 1); /* the one from before lives on (L12) */
    assert_true(after.mapping == before.mapping);
    assert_int_equal(lpis().live, 1);
    assert_int_equal(lpis().quarantined, 0);
    its_rig_request(&a, 6, 1);
    assert_true(its_rig_raise(&a, 6));
    model_run(r.m);
    assert_int_equal(a.runs[6], 1);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 4), UMSI_OK);
    umsi_msi_detach(&a.dev);
    works(4);
    its_rig_stop(&r);
}

static void mapti_stalls(void **state)
{
    (void)state;
    refuse_mapti(false);
}

static void mapti_stalls_for_good(void **state)
{
    (void)state;
    refuse_mapti(true);
}

static void mapd_stalls(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    model_its_stall(r.m, 0, MAPD, 1, false);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_HARDWARE);
    assert_int_equal(info().quarantined, 0);
    works(3);
    its_rig_stop(&r);
}

/* It is sent again when its vector is freed: nothing is left, and nobody else notices. */
static void discard_stalls(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 16, true), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &b, 3, 8, 16, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 4), UMSI_OK);
    model_its_stall(r.m, 0, DISCARD, 3, false);
    umsi_msi_free(&a.dev, 0, 4);
    model_check_settled(r.m);
    assert_int_equal(info().stalls, 1);
    assert_int_equal(lpis().live, 0);
    assert_int_equal(lpis().quarantined, 0);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&b.dev, 0, 1), UMSI_OK);
    umsi_msi_detach(&a.dev);
    umsi_msi_detach(&b.dev);
    works(3);
    its_rig_stop(&r);
}

/* Refused again: still mapped, so its INTID is not to be reissued (L25), and the device is at an end. */
static void discard_stalls_twice(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 4), UMSI_OK);
    model_its_refuse(r.m, 0, DISCARD, 4, 2);
    umsi_msi_free(&a.dev, 0, 4);
    assert_int_equal(lpis().live, 0);
    assert_int_equal(lpis().quarantined, 1);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_HARDWARE);
    umsi_msi_detach(&a.dev);
    forgive_unmap(1);
    assert_int_equal(lpis().quarantined, 0);
    works(3);
    assert_int_equal(lpis().live, 0);
    its_rig_stop(&r);
}

/* A DeviceID that may still be mapped is held back until it is needed: then it is unmapped, or refused. */
static void unmap_stalls(void **state)
{
    (void)state;
    for (uint32_t times = 1; times <= 3; times++) {
        its_rig_start(&r, &two_cpus);
        assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
        model_its_refuse(r.m, 0, MAPD, 1, times);
        umsi_msi_detach(&a.dev);
        for (uint32_t again = 1; again < times; again++) {
            assert_int_equal(info().quarantined, 1);
            assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_HARDWARE);
        }
        assert_int_equal(info().quarantined, 1);
        assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
        assert_int_equal(info().quarantined, 0);
        assert_int_equal(a.dev.stats.commands, 3 + 2); /* both MAPDs: it is who asked */
        assert_int_equal(a.dev.stats.waits, 2);
        umsi_msi_detach(&a.dev);
        works(4);
        its_rig_stop(&r);
    }
}

/* Nobody needs it again: it ends with the ITS. */
static void unmap_stalls_for_good(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    model_its_stall(r.m, 0, MAPD, 1, false);
    umsi_msi_detach(&a.dev);
    works(4);
    assert_int_equal(info().quarantined, 1);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    r.its = NULL;
    assert_int_equal(umsi_lpi_destroy(r.lpi), UMSI_OK);
    assert_int_equal(umsi_destroy(r.u), UMSI_OK);
    assert_int_equal(counts().allocs, 0);
    assert_int_equal(counts().dma_blocks, 0);
    model_destroy(r.m);
}

static void movi_stalls(void **state)
{
    (void)state;
    const struct umsi_cpumask one = { { 2 } };
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 1, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    its_rig_request(&a, 0, 1);
    const umsi_virq virq = umsi_msi_virq(&a.dev, 0);
    model_its_stall(r.m, 0, MOVI, 1, false);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &one), UMSI_HARDWARE);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 0);
    assert_true(its_rig_raise(&a, 0));
    model_run(r.m);
    assert_int_equal(umsi_irq_count(r.u, virq, 0), 1);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &one), UMSI_OK);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* A stall that only a restart ends, on an ITS that keeps collections inside: they are mapped again (L39). */
static void restart_with_held_collections(void **state)
{
    (void)state;
    const struct model_its_config its = { .hcc = 4, .no_collection_table = true };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 3, 1, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    its_rig_request(&a, 0, 1);
    model_its_stall(r.m, 0, MAPD, 1, true);
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, true), UMSI_HARDWARE);
    assert_true(model_log_has(r.m, "restarting the queue"));
    assert_int_equal(info().dead, false);
    assert_int_equal(its_rig_count(&r, MAPC), 2);
    assert_true(its_rig_raise(&a, 0));
    model_run(r.m);
    assert_int_equal(a.runs[0], 1);
    umsi_msi_detach(&a.dev);
    works(4);
    its_rig_stop(&r);
}

/* An INTID whose byte changed, and whose MAPTI is refused: no INV behind that, but behind the next one. */
static void stale_and_refused(void **state)
{
    (void)state;
    struct umsi_its_info before;
    its_rig_start(&r, &two_cpus);
    for (uint32_t i = 0; i < 300; i++) {
        model_lpi_raise(r.m, 0, UMSI_LPI_FIRST);
        model_run(r.m);
    }
    model_drain(r.m);
    assert_int_equal(its_rig_attach(&r, &a, 3, 4, 0, true), UMSI_OK);
    before = info();
    model_its_stall(r.m, 0, MAPTI, 1, false);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_HARDWARE);
    assert_int_equal(info().stalls - before.stalls, 1);
    assert_int_equal(its_rig_count(&r, INV), 0);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    assert_int_equal(its_rig_count(&r, INV), 1);
    model_check_settled(r.m);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- silence ---- */

static void dead_and_back(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(umsi_msi_alloc(&a.dev, 2, 4), UMSI_TIMEOUT);
    assert_int_equal(info().dead, true);
    assert_true(lpis().quarantined >= 4);
    const uint64_t since = model_now_ns(r.m);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT); /* at once */
    assert_true(model_now_ns(r.m) - since < 100000);
    umsi_msi_free(&a.dev, 0, 2);
    assert_int_equal(lpis().live, 0);
    umsi_msi_detach(&a.dev);
    assert_int_equal(info().quarantined, 1);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    works(4); /* and what was held comes back */
    forgive_unmap(1);
    assert_int_equal(info().dead, false);
    assert_int_equal(info().quarantined, 0);
    assert_int_equal(lpis().quarantined, 0);
    works(3);
    its_rig_stop(&r);
}

static void dead_for_good(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    model_its_stop(r.m, 0, true, true);
    umsi_msi_detach(&a.dev);
    assert_int_equal(info().quarantined, 1);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    assert_true(model_log_has(r.m, "stay in use"));
    assert_true(counts().dma_blocks > 0); /* what it may still read and write */
    model_destroy(r.m);
}

/* Slow, but moving: the deadline starts anew with each step. */
static void slow(void **state)
{
    (void)state;
    const struct model_its_config its = { .command_ns = 400000 };
    const struct umsi_its_config ic = { .deadline_us = 1000 };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    its_rig_start_its(&r, &config, &ic);
    assert_int_equal(its_rig_attach(&r, &a, 3, 200, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 200), UMSI_OK);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- one failure at every place of a whole life ---- */

/* Returns false when the fault was not reached: everything was tried. */
static bool whole_life(enum model_fail what, uint64_t nth)
{
    const struct umsi_lpi_config lc = { 0 };
    its_rig_machine(&r, &two_cpus);
    const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                        .phys = model_its_phys(r.m, 0) };
    const struct model_counts before = counts();
    model_fail_at(r.m, what, nth);
    if (umsi_lpi_create(r.u, &lc, &r.lpi) == UMSI_OK) {
        (void)its_rig_cpu_online(&r, 0);
        if (umsi_its_create(r.lpi, &ic, &r.its) == UMSI_OK) {
            (void)its_rig_cpu_online(&r, 1);
            if (its_rig_attach(&r, &a, 7, 70, 0, true) == UMSI_OK) {
                if (umsi_msi_alloc(&a.dev, 0, 40) != UMSI_OK) {
                    assert_int_equal(lpis().live, 0);
                }
                umsi_msi_detach(&a.dev);
            }
            model_fail_at(r.m, what, 0);
            works(7);
            assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
        }
        assert_int_equal(umsi_lpi_destroy(r.lpi), UMSI_OK);
    }
    const bool failed = model_failed(r.m, what);
    const struct model_counts after = counts();
    assert_int_equal(after.dma_blocks, before.dma_blocks);
    assert_int_equal(umsi_destroy(r.u), UMSI_OK);
    model_check_shutdown(r.m);
    assert_int_equal(model_breaches(r.m), 0);
    model_destroy(r.m);
    return failed;
}

static void every_memory(void **state)
{
    (void)state;
    uint64_t n = 1;
    while (whole_life(MODEL_FAIL_MEMORY, n)) {
        n++;
    }
    assert_true(n > 10);
}

/* The Nth command of a life is refused, whichever it is. A DISCARD that is refused is sent again (L36). */
static bool refused_life(uint64_t nth)
{
    its_rig_start(&r, &two_cpus);
    const struct umsi_cpumask one = { { 2 } };
    model_fail_at(r.m, MODEL_FAIL_COMMAND, nth);
    if (its_rig_attach(&r, &a, 7, 8, 0, true) == UMSI_OK) {
        if (umsi_msi_alloc(&a.dev, 0, 6) == UMSI_OK) {
            const enum umsi_status st = umsi_irq_set_affinity(r.u, umsi_msi_virq(&a.dev, 2), &one);
            assert_true(st == UMSI_OK || st == UMSI_HARDWARE);
        }
        umsi_msi_free(&a.dev, 0, 3);
        umsi_msi_detach(&a.dev);
    }
    const bool failed = model_failed(r.m, MODEL_FAIL_COMMAND);
    model_fail_at(r.m, MODEL_FAIL_COMMAND, 0);
    model_drain(r.m);
    assert_int_equal(lpis().live, 0);
    works(8);
    assert_int_equal(info().devices, 0);
    assert_int_equal(model_breaches(r.m), 0);
    if (info().quarantined == 0) {
        its_rig_stop(&r);
        return failed;
    }
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK); /* the device is mapped still: L36, L56 */
    assert_int_equal(lpis().quarantined, 0);
    assert_int_equal(umsi_lpi_destroy(r.lpi), UMSI_OK);
    assert_int_equal(umsi_destroy(r.u), UMSI_OK);
    assert_int_equal(counts().allocs, 0);
    assert_int_equal(counts().dma_blocks, 0);
    model_destroy(r.m);
    return failed;
}

static void every_command(void **state)
{
    (void)state;
    uint64_t n = 1;
    while (refused_life(n)) {
        n++;
    }
    assert_true(n > 2 * 6 + 8);
}

/* A CPU whose MAPC or INVALL is refused is not offered as a target; it can try again. What takes the place of the
 * refused one names a redistributor that is there: with PTA, 0 is the address of none. */
static void cpu_refused(void **state)
{
    (void)state;
    const struct umsi_lpi_config lc = { 0 };
    const struct model_its_config its = { .pta = true };
    const struct model_config with_pta = { .nr_cpus = 2, .its = &its };
    for (uint64_t k = 0; k < 8; k++) {
        const uint64_t n = k / 2 + 1;
        its_rig_machine(&r, k % 2 == 0 ? &two_cpus : &with_pta);
        const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                            .phys = model_its_phys(r.m, 0) };
        assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
        assert_int_equal(umsi_its_create(r.lpi, &ic, &r.its), UMSI_OK);
        model_fail_at(r.m, MODEL_FAIL_COMMAND, n);
        const bool sync = n % 2 == 0; /* is sent again */
        assert_int_equal(its_rig_cpu_online(&r, 1), sync ? UMSI_OK : UMSI_HARDWARE);
        assert_int_equal(its_rig_attach(&r, &a, 1, 1, 0, true), UMSI_OK);
        if (!sync) {
            assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_STATE);
            assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_OK);
        }
        assert_false(model_log_has(r.m, "restarting the queue"));
        umsi_msi_detach(&a.dev);
        works(1);
        its_rig_stop(&r);
    }
}

/* Before any CPU is there, nothing can take a refused command's place: the queue is filled again without it. */
static void refused_before_any_cpu(void **state)
{
    (void)state;
    const struct umsi_lpi_config lc = { 0 };
    const struct model_its_config its = { .pta = true };
    const struct model_config with_pta = { .nr_cpus = 2, .its = &its };
    its_rig_machine(&r, &with_pta);
    const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                        .phys = model_its_phys(r.m, 0) };
    assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
    assert_int_equal(umsi_its_create(r.lpi, &ic, &r.its), UMSI_OK);
    model_its_stall(r.m, 0, MAPD, 1, false);
    assert_int_equal(its_rig_attach(&r, &a, 1, 1, 0, true), UMSI_HARDWARE);
    assert_int_equal(model_breaches(r.m), 0);
    assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_OK);
    works(1);
    its_rig_stop(&r);
}

/* A device table page is another device's too: its entry may be there before the ITS can see it (L20, L33). */
static void page_under_way(void **state)
{
    (void)state;
    const struct model_its_config its = { .page_sizes = 1, .not_shareable = true };
    const struct model_config config = {
        .nr_cpus = 2, .its = &its, .rd_not_shareable = true, .non_coherent = true
    };
    its_rig_start(&r, &config);
    its_rig_lose_clean = 8;
    model_its_stall(r.m, 0, MAPD, 1, false);
    assert_int_equal(its_rig_attach(&r, &a, 3, 1, 0, true), UMSI_HARDWARE);
    assert_int_equal(its_rig_lose_clean, 0);
    works(4);
    its_rig_stop(&r);
}

/* Posted commands find no room: INT says BUSY, a mask is made good by the next commit. */
static void no_room(void **state)
{
    (void)state;
    const struct umsi_its_config ic = { .queue_bytes = 4096, .deadline_us = 20000 };
    its_rig_start_its(&r, &two_cpus, &ic);
    assert_int_equal(its_rig_attach(&r, &a, 3, 2, 0, false), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 1, 1);
    model_its_stop(r.m, 0, true, false);
    uint32_t posted = 0;
    while (umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 1)) == UMSI_OK) {
        posted++;
    }
    assert_int_equal(posted, 127 / 2);
    for (uint32_t i = 0; i < 300; i++) { /* vector 0 storms: its byte is cleared, its INV owed */
        model_lpi_raise(r.m, 0, UMSI_LPI_FIRST);
        model_run(r.m);
    }
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, INVALL), 0);
    assert_int_equal(its_rig_attach(&r, &b, 4, 2, 0, true), UMSI_OK);
    assert_int_equal(its_rig_count(&r, INVALL), 1);
    model_check_settled(r.m);
    model_run(r.m);
    umsi_msi_detach(&a.dev);
    umsi_msi_detach(&b.dev);
    its_rig_stop(&r);
}

/* Vector 1 of `a` is raised by command until the queue is full, and vector 0 storms: its INV finds no room. */
static void fill_and_storm(void)
{
    model_its_stop(r.m, 0, true, false);
    while (umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 1)) == UMSI_OK) {
    }
    for (uint32_t i = 0; i < 300; i++) {
        model_lpi_raise(r.m, 0, UMSI_LPI_FIRST);
        model_run(r.m);
    }
    model_its_stop(r.m, 0, false, false);
}

static void start_small(uint64_t command_ns)
{
    const struct umsi_its_config ic = { .queue_bytes = 4096, .deadline_us = 20000 };
    const struct model_its_config its = { .command_ns = command_ns };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    its_rig_start_its(&r, &config, &ic);
    assert_int_equal(its_rig_attach(&r, &a, 3, 2, 0, false), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 1, 1);
}

static void ends_silenced(void)
{
    uint8_t byte = 0xff;
    assert_int_equal(its_rig_count(&r, INVALL), 1);
    assert_true(model_lpi_config(r.m, 0, UMSI_LPI_FIRST, &byte));
    assert_int_equal(byte & 1, 0);
    model_drain(r.m);
    model_run(r.m);
    model_check_settled(r.m);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* Nobody commits any more: the next posted command that finds room brings the owed one along. */
static void no_room_then_room(void **state)
{
    (void)state;
    start_small(0);
    fill_and_storm();
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, INVALL), 0);
    assert_int_equal(umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 1)), UMSI_OK);
    model_drain(r.m);
    ends_silenced();
}

static void fill_once(void)
{
    its_rig_relax = NULL;
    fill_and_storm();
}

/* The last commit is in its wait already when it becomes owed. */
static void no_room_in_the_wait(void **state)
{
    (void)state;
    start_small(20000);
    its_rig_relax = fill_once;
    assert_int_equal(its_rig_attach(&r, &b, 4, 2, 0, true), UMSI_OK);
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, INVALL), 1);
    umsi_msi_detach(&b.dev);
    ends_silenced();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mapti_stalls),
        cmocka_unit_test(mapti_stalls_for_good),
        cmocka_unit_test(mapd_stalls),
        cmocka_unit_test(discard_stalls),
        cmocka_unit_test(discard_stalls_twice),
        cmocka_unit_test(unmap_stalls),
        cmocka_unit_test(unmap_stalls_for_good),
        cmocka_unit_test(movi_stalls),
        cmocka_unit_test(stale_and_refused),
        cmocka_unit_test(restart_with_held_collections),
        cmocka_unit_test(dead_and_back),
        cmocka_unit_test(dead_for_good),
        cmocka_unit_test(slow),
        cmocka_unit_test(every_memory),
        cmocka_unit_test(every_command),
        cmocka_unit_test(cpu_refused),
        cmocka_unit_test(refused_before_any_cpu),
        cmocka_unit_test(page_under_way),
        cmocka_unit_test(no_room),
        cmocka_unit_test(no_room_then_room),
        cmocka_unit_test(no_room_in_the_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
