/* SPDX-License-Identifier: MIT */
/* What is believed of an event when a command about it fails: an INTID goes back only when its event is known to be
 * gone (L25), and an error is not hidden by what works after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/msi_parent.h>

#include "its_rig.h"

#include "../src/core/core.h"
#include "../src/core/irq.h"

enum { MOVI = 0x01, INV = 0x0c, MAPTI = 0x0a, DISCARD = 0x0f };

static struct rig r;
static struct rig_device a, b;

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

/* Two CPUs, a queue of 128 slots, and `a` with vectors 0 and 1. */
static void start(uint64_t command_ns)
{
    const struct umsi_its_config ic = { .queue_bytes = 4096, .deadline_us = 20000 };
    const struct model_its_config its = { .command_ns = command_ns };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    its_rig_start_its(&r, &config, &ic);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 0, 2);
}

/* The ITS is given up, and answers again after the next look at it. */
static void dead_for_one_look(void)
{
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT);
    assert_int_equal(info().dead, true);
    its_rig_creadr_lags(&r);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
}

/* ---- an error in the middle ---- */

/* L12: the first of two MAPTIs does not get into the queue, the second would. */
static void first_not_mapped(void **state)
{
    (void)state;
    start(0);
    dead_for_one_look();
    model_its_log_clear(r.m, 0);
    assert_int_equal(umsi_msi_alloc(&a.dev, 2, 2), UMSI_TIMEOUT);
    assert_int_equal(its_rig_stale_reads, 0);
    assert_int_equal(its_rig_count(&r, MAPTI), 0);
    assert_int_equal(lpis().live, 2);
    assert_int_equal(umsi_msi_alloc(&a.dev, 2, 2), UMSI_OK);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* L34: the same of two MOVIs. Neither is sent, and the error is told. */
static void first_not_moved(void **state)
{
    struct umsi_batch batch = { 0 };
    struct umsi_irq *v[2];
    (void)state;
    start(0);
    struct umsi_domain *d = umsi_its_parent(r.its);
    for (uint32_t i = 0; i < 2; i++) {
        const struct umsi_cpumask zero = { { 1 } };
        v[i] = umsi_irq_find(r.u, umsi_msi_virq(&a.dev, i));
        assert_int_equal(umsi_irq_set_affinity(r.u, v[i]->virq, &zero), UMSI_OK);
    }
    dead_for_one_look();
    model_its_log_clear(r.m, 0);
    assert_int_equal(d->ops->set_affinity(d, v, 2, 1, &batch), UMSI_TIMEOUT);
    assert_int_equal(its_rig_stale_reads, 0);
    (void)d->ops->commit(d, &batch);
    assert_int_equal(its_rig_count(&r, MOVI), 0);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- DISCARD ---- */

/* L25: a DISCARD is refused, and the ITS is dead when it is to be sent again: its INTID is kept. */
static void no_second_discard(void **state)
{
    struct umsi_batch batch = { 0 };
    (void)state;
    start(0);
    struct umsi_irq *irq = umsi_irq_find(r.u, umsi_msi_virq(&a.dev, 0));
    struct umsi_domain *d = umsi_its_parent(r.its);
    model_its_stall(r.m, 0, DISCARD, 1, false);
    d->ops->deactivate(d, &irq, 1, &batch);
    assert_int_equal(d->ops->commit(d, &batch), UMSI_HARDWARE);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT);
    d->ops->free(d, &irq, 1, &batch);
    assert_int_equal(lpis().quarantined, 1);
    assert_int_equal(umsi_msi_alloc(&a.dev, 2, 1),
                     UMSI_HARDWARE); /* it is not known what is mapped */
    model_destroy(r.m);              /* with everything: the vector is freed in part */
}

/* L13: the first thing that is wrong is the one that is told, and stays so. */
static void first_error(void **state)
{
    struct umsi_domain other = { 0 }, *d;
    struct umsi_batch foreign = { .owner = &other }, clean = { 0 },
                      failed = { .status = UMSI_NOMEM };
    (void)state;
    start(0);
    d = umsi_its_parent(r.its);
    struct umsi_irq *irq = umsi_irq_find(r.u, umsi_msi_virq(&a.dev, 0));
    const umsi_cpu was = irq->cpu;
    irq->cpu = 7;
    assert_int_equal(d->ops->activate(d, &irq, 1, &foreign), UMSI_STATE);
    assert_int_equal(d->ops->activate(d, &irq, 1, &clean), UMSI_STATE);
    assert_null(clean.owner);
    irq->cpu = was;
    assert_int_equal(d->ops->set_affinity(d, &irq, 1, 7, &foreign), UMSI_BUG);
    d->ops->deactivate(d, &irq, 1, &failed);
    assert_int_equal(failed.status, UMSI_NOMEM);
    assert_int_equal(d->ops->commit(d, &failed), UMSI_NOMEM);
    assert_int_equal(d->ops->activate(d, &irq, 1, &clean), UMSI_OK);
    assert_int_equal(d->ops->commit(d, &clean), UMSI_OK);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* A vector of a device whose table is in doubt is not discarded, and the batch says so. */
static void in_doubt(void **state)
{
    struct umsi_batch batch = { 0 };
    (void)state;
    start(0);
    struct umsi_domain *d = umsi_its_parent(r.its);
    model_its_refuse(r.m, 0, DISCARD, 1, 2);
    umsi_msi_free(&a.dev, 0, 1);
    struct umsi_irq *irq = umsi_irq_find(r.u, umsi_msi_virq(&a.dev, 1));
    model_its_log_clear(r.m, 0);
    d->ops->deactivate(d, &irq, 1, &batch);
    assert_int_equal(batch.status, UMSI_HARDWARE);
    assert_int_equal(its_rig_count(&r, DISCARD), 0);
    umsi_msi_free(&a.dev, 1, 1);
    assert_int_equal(lpis().quarantined, 2);
    umsi_msi_detach(&a.dev);
    assert_int_equal(lpis().quarantined, 0);
    model_breach_clear(r.m); /* L36: both events went with the device */
    its_rig_stop(&r);
}

static void silent_for_the_second(void)
{
    if (info().stalls == 1) {
        its_rig_relax = NULL;
        model_fail_at(r.m, MODEL_FAIL_SILENCE,
                      3); /* the SYNC in its place, the batch's SYNC, then this */
    }
}

/* L25: a DISCARD is refused, and the second one is not answered: nobody knows, and its INTID is kept. */
static void second_discard_not_done(void **state)
{
    (void)state;
    start(20000);
    model_its_stall(r.m, 0, DISCARD, 1, false);
    its_rig_relax = silent_for_the_second;
    umsi_msi_free(&a.dev, 0, 1);
    assert_int_equal(info().dead, true);
    assert_int_equal(lpis().live, 1);
    assert_int_equal(lpis().quarantined, 1);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    umsi_msi_detach(&a.dev);
    assert_int_equal(lpis().quarantined, 0);
    model_breach_clear(r.m); /* L36: the other event went with the device, which was in doubt */
    its_rig_stop(&r);
}

/* L25, L30: a MOVI is not answered. It is not known which redistributor has the interrupt, so that its INTID is kept
 * until both have finished with the device. */
static void moved_or_not(void **state)
{
    struct umsi_cpumask other = { 0 };
    (void)state;
    start(0);
    const umsi_virq virq = umsi_msi_virq(&a.dev, 0);
    umsi_cpumask_set(&other, 1 - umsi_irq_get_cpu(r.u, virq));
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &other), UMSI_TIMEOUT);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    umsi_msi_free(&a.dev, 0, 1);
    assert_int_equal(lpis().quarantined, 1);
    assert_int_equal(umsi_msi_alloc(&a.dev, 2, 1), UMSI_HARDWARE);
    umsi_msi_detach(&a.dev);
    assert_int_equal(lpis().quarantined, 0);
    model_breach_clear(r.m); /* L36: as above */
    its_rig_stop(&r);
}

/* L30: the MOVI is done, its SYNC is not answered: the old redistributor may have what it shall not have any more. */
static void moved_without_sync(void **state)
{
    struct umsi_cpumask other = { 0 };
    (void)state;
    start(0);
    const umsi_virq virq = umsi_msi_virq(&a.dev, 0);
    umsi_cpumask_set(&other, 1 - umsi_irq_get_cpu(r.u, virq));
    model_fail_at(r.m, MODEL_FAIL_SILENCE, 2);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &other), UMSI_TIMEOUT);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(umsi_msi_alloc(&a.dev, 2, 1), UMSI_HARDWARE);
    umsi_msi_free(&a.dev, 0, 1);
    assert_int_equal(lpis().quarantined, 1);
    umsi_msi_detach(&a.dev);
    assert_int_equal(lpis().quarantined, 0);
    model_breach_clear(r.m); /* L36: as above */
    its_rig_stop(&r);
}

/* L9: a DISCARD is not answered. From then on, not only when its vector is freed, nobody gets an event of that table. */
static void nobody_joins_meanwhile(void **state)
{
    struct umsi_batch batch = { 0 };
    (void)state;
    start(0);
    struct umsi_irq *irq = umsi_irq_find(r.u, umsi_msi_virq(&a.dev, 0));
    struct umsi_domain *d = umsi_its_parent(r.its);
    model_its_stop(r.m, 0, true, false);
    d->ops->deactivate(d, &irq, 1, &batch);
    assert_int_equal(d->ops->commit(d, &batch), UMSI_TIMEOUT);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(umsi_msi_alloc(&a.dev, 2, 1), UMSI_HARDWARE);
    d->ops->free(d, &irq, 1, &batch);
    assert_int_equal(lpis().quarantined, 1);
    model_destroy(r.m); /* with everything: the vector is freed in part */
}

static uint32_t waited;

/* CPU 1 takes an interrupt while the DISCARD is sent again, and is at it for a while. */
static void dispatch_meanwhile(void)
{
    const bool again = its_rig_count(&r, DISCARD) == 2;
    if ((again && waited == 0) || waited != 0) {
        waited++;
    }
    if (waited == 1 || waited == 300) {
        model_set_cpu(r.m, 1);
        waited == 1 ? umsi_enter(r.u) : umsi_leave(r.u);
        model_set_cpu(r.m, 0);
    }
}

/* L59: what was still mapped after the first DISCARD could arrive until the second. */
static void grace_after_the_second(void **state)
{
    (void)state;
    start(20000);
    waited = 0;
    model_its_stall(r.m, 0, DISCARD, 1, false);
    its_rig_relax = dispatch_meanwhile;
    umsi_msi_free(&a.dev, 0, 1);
    its_rig_relax = NULL;
    assert_int_equal(its_rig_count(&r, DISCARD), 2);
    assert_true(waited >= 300);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- MAPTI ---- */

/* L29: an INTID's byte has changed, and its MAPTI does not get to the ITS: the INV comes with the next. */
static void inv_is_owed_still(void **state)
{
    (void)state;
    its_rig_start(&r, &(struct model_config){ .nr_cpus = 2 });
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    for (uint32_t i = 0; i < 300; i++) { /* a storm for nobody: it is silenced */
        model_lpi_raise(r.m, 0, UMSI_LPI_FIRST);
        model_run(r.m);
    }
    model_drain(r.m);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_TIMEOUT);
    assert_int_equal(lpis().quarantined, 0); /* it was not sent */
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, INV), 0);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    assert_int_equal(its_rig_count(&r, INV), 1);
    model_check_settled(r.m);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_not_mapped),
        cmocka_unit_test(first_not_moved),
        cmocka_unit_test(no_second_discard),
        cmocka_unit_test(first_error),
        cmocka_unit_test(in_doubt),
        cmocka_unit_test(second_discard_not_done),
        cmocka_unit_test(moved_or_not),
        cmocka_unit_test(moved_without_sync),
        cmocka_unit_test(nobody_joins_meanwhile),
        cmocka_unit_test(grace_after_the_second),
        cmocka_unit_test(inv_is_owed_still),
    };
    return cmocka_run_group_tests_name("events of the ITS", tests, NULL, NULL);
}
