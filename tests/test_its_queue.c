/* SPDX-License-Identifier: MIT */
/* The command queue of an ITS: when the doorbell is written, and from when on its deadline counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/trace.h>

#include "its_rig.h"

#include "../src/core/core.h"

static struct rig r;
static struct rig_device a, b;
static uint32_t doorbells, done;

static void on_record(void *ctx, const void *record, size_t size)
{
    const struct umsi_trace_record *t = record;
    (void)ctx;
    (void)size;
    doorbells += t->kind == UMSI_TRACE_ITS_DOORBELL;
    done += t->kind == UMSI_TRACE_ITS_DONE && t->arg[1] == UMSI_OK;
}

static void start(uint64_t command_ns)
{
    const struct umsi_its_config ic = { .queue_bytes = 4096, .deadline_us = 20000 };
    const struct model_its_config its = { .command_ns = command_ns };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    its_rig_start_its(&r, &config, &ic);
}

/* An ITS that was given up is looked at; where there is nothing new to show it, the doorbell is left alone. */
static void no_doorbell_for_nothing(void **state)
{
    (void)state;
    start(0);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_TIMEOUT);
    doorbells = done = 0;
    r.u->port.trace = on_record;
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT);
    assert_int_equal(doorbells, 0);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_OK);
    assert_true(doorbells > 0);
    assert_int_equal(done, 1); /* what was waited for is on record, too */
    r.u->port.trace = NULL;
    umsi_msi_detach(&b.dev);
    umsi_msi_detach(&a.dev);
    model_breach_clear(r.m); /* L36: the event went with the device, whose mapping was in doubt */
    its_rig_stop(&r);
}

/* L31: the deadline counts from the doorbell, not from when the ITS last had something to do. */
static void idle_for_long(void **state)
{
    (void)state;
    start(50000);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    for (uint32_t i = 0; i < 3; i++) {
        model_pass(r.m, 1000000000);
        assert_int_equal(umsi_msi_alloc(&a.dev, i, 1), UMSI_OK);
    }
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static uint64_t waits(void)
{
    struct umsi_its_info info;
    umsi_its_get_info(r.its, &info);
    return info.waits;
}

/* Waiting for room counts as waiting, as much as waiting for what was put there. */
static void waits_for_room(void **state)
{
    (void)state;
    start(20000);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    its_rig_request(&a, 0, 1);
    const uint64_t before = waits();
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_OK);
    assert_int_equal(waits(), before + 1);
    umsi_msi_detach(&b.dev);
    while (umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 0)) == UMSI_OK) {
    }
    assert_int_equal(waits(), before + 2);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_OK);
    assert_true(waits() >= before + 4);
    umsi_msi_detach(&b.dev);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_doorbell_for_nothing),
        cmocka_unit_test(idle_for_long),
        cmocka_unit_test(waits_for_room),
    };
    return cmocka_run_group_tests_name("queue of the ITS", tests, NULL, NULL);
}
