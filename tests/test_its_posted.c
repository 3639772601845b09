/* SPDX-License-Identifier: MIT */
/*
 * Commands that are posted, which nobody waits for, and that the ITS refuses: what is behind them is held up until
 * somebody looks, whoever that is, and then goes on (L30, L31).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "its_rig.h"

enum { INT = 0x03, SYNC = 0x05 };

static struct rig r;
static struct rig_device a, b;

static void start(void)
{
    const struct model_config config = { .nr_cpus = 2 };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 3, 2, 0, false), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 0, 2);
}

/* The log of a refusal is expected; nothing else is. */
static void stop(void)
{
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static void run(void)
{
    model_drain(r.m);
    model_pass(r.m, 1000000);
    (void)model_run(r.m);
}

static void post(uint32_t index)
{
    assert_int_equal(umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, index)), UMSI_OK);
    run();
}

static uint64_t stalls(void)
{
    struct umsi_its_info info;
    umsi_its_get_info(r.its, &info);
    return info.stalls;
}

/* It is refused, and nobody is told: nobody waited. */
static void refuse(uint8_t opcode, bool for_good)
{
    model_its_stall(r.m, 0, opcode, 1, for_good);
    post(0);
    assert_int_equal(stalls(), 0);
}

/* The first to post after it sees it, the second has it retried. */
static void posts_look(void **state)
{
    (void)state;
    start();
    refuse(INT, false);
    post(1);
    assert_int_equal(a.runs[1], 0);
    post(1);
    assert_int_equal(stalls(), 1);
    run();
    assert_int_equal(a.runs[0], 0); /* what was refused was not done */
    assert_in_range(a.runs[1], 1, 2);
    assert_true(model_log_has(r.m, "stalled at command 0x03 of DeviceID 3"));
    stop();
}

/* The SYNC behind an INT: the interrupt came. */
static void a_sync(void **state)
{
    (void)state;
    start();
    refuse(SYNC, false);
    assert_int_equal(a.runs[0], 1);
    post(1);
    post(1);
    run();
    assert_in_range(a.runs[1], 1, 2);
    assert_int_equal(stalls(), 1);
    stop();
}

/* Who waits finds it at once, and is not told of what was not his. */
static void a_waiter(void **state)
{
    (void)state;
    start();
    refuse(INT, false);
    post(1);
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, false), UMSI_OK);
    run();
    assert_int_equal(stalls(), 1);
    assert_int_equal(a.runs[1], 1);
    umsi_msi_detach(&b.dev);
    stop();
}

/* Retry does not help. A restart waits, so it is left to who may. */
static void for_good(void **state)
{
    (void)state;
    start();
    refuse(INT, true);
    for (unsigned i = 0; i < 4; i++) {
        model_pass(r.m, 1000000000);
        post(1);
    }
    assert_int_equal(a.runs[1], 0);
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, false), UMSI_OK);
    run();
    assert_in_range(a.runs[1], 1, 4);
    assert_true(model_log_has(r.m, "restarting the queue"));
    umsi_msi_detach(&b.dev);
    stop();
}

/* The same with a full queue: who waits for room restarts it. */
static void full(void **state)
{
    (void)state;
    start();
    refuse(INT, true);
    while (umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 1)) == UMSI_OK) {
    }
    assert_int_equal(a.runs[1], 0);
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, false), UMSI_OK);
    run();
    assert_true(a.runs[1] != 0);
    assert_true(model_log_has(r.m, "restarting the queue"));
    umsi_msi_detach(&b.dev);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_look), cmocka_unit_test(a_sync), cmocka_unit_test(a_waiter),
        cmocka_unit_test(for_good),   cmocka_unit_test(full),
    };
    return cmocka_run_group_tests_name("posted commands", tests, NULL, NULL);
}
