/* SPDX-License-Identifier: MIT */
/* Batches of ITS commands and what they owe: errors that a later success must not hide, SYNCs to everybody who has
 * to finish, no wait where there is nothing to wait for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/msi_parent.h>

#include "its_rig.h"

#include "../src/core/irq.h"

enum { SYNC = 0x05, MAPD = 0x08, MAPC = 0x09, INVALL = 0x0d, DISCARD = 0x0f };

#define DEADLINE 20000u

static struct rig r;
static struct rig_device a, b, c;

static struct umsi_its_info info(void)
{
    struct umsi_its_info i;
    umsi_its_get_info(r.its, &i);
    return i;
}

static enum umsi_status create(void)
{
    const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                        .phys = model_its_phys(r.m, 0),
                                        .deadline_us = DEADLINE };
    return umsi_its_create(r.lpi, &ic, &r.its);
}

/* Two CPUs, and an ITS that is given up soon. */
static void start(void)
{
    const struct model_config two_cpus = { .nr_cpus = 2 };
    const struct umsi_its_config ic = { .deadline_us = DEADLINE };
    its_rig_start_its(&r, &two_cpus, &ic);
}

static void start_without_its(uint32_t online, uint32_t nr_cpus)
{
    const struct model_config config = { .nr_cpus = nr_cpus };
    its_rig_machine(&r, &config);
    const struct umsi_lpi_config lc = { .gicd = model_gicd(r.m) };
    assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
    for (umsi_cpu cpu = 0; cpu < online; cpu++) {
        assert_int_equal(its_rig_cpu_online(&r, cpu), UMSI_OK);
    }
}

/* A vector of `d` on this CPU. */
static umsi_virq vector_on(struct rig_device *d, uint32_t index, umsi_cpu cpu)
{
    struct umsi_cpumask set = { 0 };
    umsi_cpumask_set(&set, cpu);
    assert_int_equal(umsi_msi_alloc(&d->dev, index, 1), UMSI_OK);
    const umsi_virq virq = umsi_msi_virq(&d->dev, index);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &set), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), cpu);
    return virq;
}

/* MAPD V=0 takes along an event whose DISCARD did not get to the ITS. After such a fault nothing better is left. */
static void forgive_unmap(void)
{
    assert_int_equal(model_breaches_of(r.m, "L36"), 1);
    assert_int_equal(model_breaches(r.m), 1);
    model_breach_clear(r.m);
}

/* ---- creation ---- */

/* L8: whichever CPU's MAPC is refused, the ITS is not made, though the next CPU's would work. */
static void any_cpu_refused(void **state)
{
    struct model_counts before, after;
    (void)state;
    start_without_its(3, 3);
    model_get_counts(r.m, &before);
    for (uint32_t nth = 1; nth <= 3; nth++) {
        model_its_stall(r.m, 0, MAPC, nth, false);
        assert_int_equal(create(), UMSI_HARDWARE);
        model_get_counts(r.m, &after);
        assert_int_equal(after.allocs, before.allocs);
        assert_int_equal(after.dma_blocks, before.dma_blocks);
    }
    assert_int_equal(create(), UMSI_OK);
    its_rig_stop(&r);
}

static struct umsi_domain *lpi_domain(void)
{
    assert_int_equal(create(), UMSI_OK);
    struct umsi_domain *d = umsi_its_parent(r.its)->parent;
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    r.its = NULL;
    return d;
}

/* L8: no level left for its domain. It is not even turned on. */
static void no_level_left(void **state)
{
    struct model_counts before, after;
    struct model_its_stats stats;
    (void)state;
    start_without_its(2, 2);
    struct umsi_domain *d = lpi_domain();
    const uint32_t depth = d->depth;
    model_get_counts(r.m, &before);
    model_its_log_clear(r.m, 0);
    d->depth = UMSI_MAX_LEVELS - 1;
    assert_int_equal(create(), UMSI_RANGE);
    d->depth = depth;
    model_get_counts(r.m, &after);
    assert_int_equal(after.allocs, before.allocs);
    assert_int_equal(after.dma_blocks, before.dma_blocks);
    assert_int_equal(model_its_log_size(r.m, 0), 0);
    model_its_get_stats(r.m, 0, &stats);
    assert_false(stats.enabled);
    assert_int_equal(create(), UMSI_OK);
    its_rig_stop(&r);
}

/* ---- errors ---- */

/* A CLEAR that does not get into the queue of a dead ITS was not done. */
static void clear_when_dead(void **state)
{
    (void)state;
    start();
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    const umsi_virq virq = vector_on(&a, 0, 0);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(umsi_its_clear(r.its, virq), UMSI_TIMEOUT); /* no progress */
    assert_int_equal(umsi_its_clear(r.its, virq), UMSI_TIMEOUT); /* not even tried */
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(umsi_its_clear(r.its, virq), UMSI_OK);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* L27: nothing is mapped for a CPU that comes to a dead ITS; it can try again. */
static void cpu_comes_when_dead(void **state)
{
    umsi_cpu cpu;
    (void)state;
    start_without_its(1, 2);
    assert_int_equal(create(), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT);
    assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_TIMEOUT);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_false(model_its_collection(r.m, 0, 1, &cpu));
    assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_OK);
    assert_true(model_its_collection(r.m, 0, 1, &cpu));
    (void)vector_on(&a, 0, 1);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* L30: the ITS is dead at a batch's first SYNC and back at its second: one of them is missing. */
static void back_between_two_syncs(void **state)
{
    struct umsi_batch batch = { 0 }, repair = { 0 };
    (void)state;
    start();
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_OK);
    struct umsi_irq *v[] = { umsi_irq_find(r.u, vector_on(&a, 0, 0)),
                             umsi_irq_find(r.u, vector_on(&a, 1, 1)) };
    struct umsi_domain *d = umsi_its_parent(r.its);
    d->ops->deactivate(d, v, 2, &batch);                     /* DISCARDs, and no SYNC yet */
    assert_int_equal(umsi_msi_alloc(&b.dev, 0, 1), UMSI_OK); /* takes them along */
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(umsi_msi_alloc(&b.dev, 1, 1), UMSI_TIMEOUT);
    assert_int_equal(info().dead, true);
    its_rig_creadr_lags(&r);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(d->ops->commit(d, &batch), UMSI_TIMEOUT);
    assert_int_equal(its_rig_stale_reads, 0);
    assert_int_equal(its_rig_attach(&r, &c, 5, 2, 0, true), UMSI_OK);
    (void)vector_on(&c, 0, 0); /* these bring the SYNCs that are missing */
    (void)vector_on(&c, 1, 1);
    assert_int_equal(d->ops->activate(d, v, 2, &repair), UMSI_OK);
    assert_int_equal(d->ops->commit(d, &repair), UMSI_OK);
    umsi_msi_detach(&a.dev);
    umsi_msi_detach(&b.dev);
    umsi_msi_detach(&c.dev);
    forgive_unmap(); /* b's second vector */
    its_rig_stop(&r);
}

/* Vector 1 of `a` is raised by command until the queue is full. */
static void fill(void)
{
    while (umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 1)) == UMSI_OK) {
    }
}

/* With a queue of 128 slots, and `a`, which cannot be masked at the device. */
static void start_small(uint64_t command_ns)
{
    const struct umsi_its_config ic = { .queue_bytes = 4096, .deadline_us = DEADLINE };
    const struct model_its_config its = { .command_ns = command_ns };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    its_rig_start_its(&r, &config, &ic);
    assert_int_equal(its_rig_attach(&r, &a, 3, 4, 0, false), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 1, 1);
}

/* L28, L30: the ITS is dead when an INVALL is paid that was owed, and back before the batch's own SYNC. That one is
 * not sent behind an error; the INVALL is. */
static void back_before_the_sync(void **state)
{
    struct umsi_batch batch = { 0 }, repair = { 0 };
    (void)state;
    start_small(0);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_OK);
    struct umsi_irq *irq = umsi_irq_find(r.u, vector_on(&b, 0, 0));
    struct umsi_domain *d = umsi_its_parent(r.its);
    d->ops->deactivate(d, &irq, 1, &batch);
    assert_int_equal(umsi_msi_alloc(&b.dev, 1, 1), UMSI_OK); /* takes it along */
    model_its_stop(r.m, 0, true, false);
    fill();
    for (uint32_t i = 0; i < 300; i++) { /* vector 0 storms; its INV finds no room */
        model_lpi_raise(r.m, 0, UMSI_LPI_FIRST);
        model_run(r.m);
    }
    assert_int_equal(umsi_msi_alloc(&b.dev, 2, 1), UMSI_TIMEOUT);
    its_rig_creadr_lags(&r);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    model_its_log_clear(r.m, 0);
    assert_int_equal(d->ops->commit(d, &batch), UMSI_TIMEOUT);
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, INVALL), 1);
    assert_int_equal(its_rig_count(&r, SYNC), 1);
    assert_int_equal(d->ops->activate(d, &irq, 1, &repair), UMSI_OK);
    assert_int_equal(d->ops->commit(d, &repair), UMSI_OK);
    model_run(r.m);
    umsi_msi_detach(&a.dev);
    umsi_msi_detach(&b.dev);
    forgive_unmap(); /* b's third vector */
    its_rig_stop(&r);
}

/* As soon as a command was refused: no room, and no progress behind it. */
static void block_after_the_stall(void)
{
    if (info().stalls == 1) {
        its_rig_relax = NULL;
        fill();
        model_fail_at(r.m, MODEL_FAIL_SILENCE, 2);
    }
}

/* L30: a SYNC is refused, and the one that makes it good gets no room: the call fails. */
static void no_second_sync(void **state)
{
    (void)state;
    start_small(20000);
    model_its_stall(r.m, 0, SYNC, 1, false);
    its_rig_relax = block_after_the_stall;
    assert_int_equal(umsi_msi_alloc(&a.dev, 2, 1), UMSI_TIMEOUT);
    assert_null(its_rig_relax);
    assert_int_equal(info().stalls, 1);
    assert_int_equal(info().dead, true);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    model_run(r.m);
    umsi_msi_detach(&a.dev);
    forgive_unmap();
    its_rig_stop(&r);
}

/* ---- what is sent, and what is not ---- */

/* L30: no command, no wait. */
static void nothing_to_wait_for(void **state)
{
    struct umsi_batch batch = { 0 };
    (void)state;
    start();
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    struct umsi_irq *irq = umsi_irq_find(r.u, vector_on(&a, 0, 0));
    struct umsi_domain *d = umsi_its_parent(r.its);
    const uint64_t waits = info().waits, commands = info().commands;
    assert_int_equal(d->ops->set_affinity(d, &irq, 1, irq->cpu, &batch), UMSI_OK); /* L34 */
    assert_int_equal(d->ops->commit(d, &batch), UMSI_OK);
    assert_int_equal(batch.waits, 0);
    assert_true(info().waits == waits);
    assert_true(info().commands == commands);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* L22: a device of which it is not known what sits where is gone when every redistributor has finished. */
static void unsure_device_goes(void **state)
{
    (void)state;
    start();
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    (void)vector_on(&a, 0, 1);
    model_its_refuse(r.m, 0, DISCARD, 1, 2);
    umsi_msi_free(&a.dev, 0, 1);
    model_its_log_clear(r.m, 0);
    umsi_msi_detach(&a.dev);
    assert_int_equal(its_rig_count(&r, MAPD), 1);
    assert_int_equal(its_rig_count(&r, SYNC), 2);
    forgive_unmap();
    its_rig_stop(&r);
}

/* L22: such a device's MAPD V=0 found a dead ITS, which is back for the SYNCs: it is held, it is mapped still. */
static void unmap_not_sent(void **state)
{
    uint32_t bits;
    uint64_t itt;
    (void)state;
    start();
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    (void)vector_on(&a, 0, 1);
    model_its_refuse(r.m, 0, DISCARD, 1, 2);
    umsi_msi_free(&a.dev, 0, 1);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT);
    its_rig_creadr_lags(&r);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    umsi_msi_detach(&a.dev);
    assert_int_equal(its_rig_stale_reads, 0);
    assert_true(model_its_device(r.m, 0, 3, &bits, &itt));
    assert_int_equal(info().quarantined, 2);
    assert_int_equal(its_rig_attach(&r, &b, 5, 8, 0, true), UMSI_OK); /* what was held is let go */
    assert_int_equal(info().quarantined, 0);
    forgive_unmap();
    umsi_msi_detach(&b.dev);
    its_rig_stop(&r);
}

/* L26: an INTID is cut off on a CPU this ITS has no collection for: it cannot help there, and sends nothing. */
static void no_collection_to_invalidate(void **state)
{
    const struct model_its_config its = { .collection_bits = 1 };
    const struct model_config config = { .nr_cpus = 3, .its = &its };
    (void)state;
    its_rig_start(&r, &config);
    for (uint32_t i = 0; i < 300; i++) {
        model_lpi_raise(r.m, 2, UMSI_LPI_FIRST);
        model_run(r.m);
    }
    model_drain(r.m);
    assert_int_equal(model_its_log_size(r.m, 0), 0);
    for (uint32_t i = 0; i < 300; i++) {
        model_lpi_raise(r.m, 1, UMSI_LPI_FIRST + 1);
        model_run(r.m);
    }
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, INVALL), 1);
    its_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cpu_refused),
        cmocka_unit_test(no_level_left),
        cmocka_unit_test(clear_when_dead),
        cmocka_unit_test(cpu_comes_when_dead),
        cmocka_unit_test(back_between_two_syncs),
        cmocka_unit_test(back_before_the_sync),
        cmocka_unit_test(no_second_sync),
        cmocka_unit_test(nothing_to_wait_for),
        cmocka_unit_test(unsure_device_goes),
        cmocka_unit_test(unmap_not_sent),
        cmocka_unit_test(no_collection_to_invalidate),
    };
    return cmocka_run_group_tests_name("batches of the ITS", tests, NULL, NULL);
}
