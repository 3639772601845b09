/* SPDX-License-Identifier: MIT */
/* Wired-to-MSI on a parent without hardware: the case that broke Linux, lines taken one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/wired.h>

#include "mock_parent.h"
#include "test_port.h"

#define LINES 96u

/* A bridge with lines that can be raised; a level stands until the handler takes it down. Messages are on their way
 * until pump(), as they are for hardware. */
struct bridge {
    struct umsi_wired wired;
    struct mock_parent *mock;
    struct umsi *u;
    bool high[LINES], masked[LINES], level[LINES], posted[LINES];
    uint32_t sent, resends;
    enum umsi_status trigger_status;
};

struct world {
    struct test_port t;
    struct umsi *u;
    struct mock_parent mock;
    struct bridge b;
    struct umsi_wired_config config;
    uint32_t runs, stay_high;
    umsi_virq disable; /* by the handler, which then leaves the level alone */
};

static void write_message(void *handle, uint32_t line, const struct umsi_message *m)
{
    (void)handle;
    assert_int_equal(m->data, line);
}

static void set_mask(void *handle, uint32_t line, bool masked)
{
    ((struct bridge *)handle)->masked[line] = masked;
}

static enum umsi_status set_trigger(void *handle, uint32_t line, enum umsi_trigger trigger)
{
    struct bridge *b = handle;
    assert_true(b->masked[line] || b->wired.ops->set_mask == NULL);
    b->level[line] = trigger == UMSI_LEVEL_HIGH || trigger == UMSI_LEVEL_LOW;
    return b->trigger_status;
}

static void send(struct bridge *b, uint32_t line)
{
    if (!b->masked[line] && umsi_wired_virq(&b->wired, line) != UMSI_NO_VIRQ) {
        b->posted[line] = true;
    }
}

/* Let what was sent arrive, and what that leads to. */
static void pump(struct bridge *b)
{
    struct umsi_irq_info info;
    for (uint32_t line = 0; line < LINES; line++) {
        for (; b->posted[line]; b->sent++) {
            b->posted[line] = false;
            assert_int_equal(umsi_irq_get_info(b->u, umsi_wired_virq(&b->wired, line), &info),
                             UMSI_OK);
            assert_true(mock_parent_arrive(b->mock, info.hwirq));
        }
    }
}

static void raise_line(struct bridge *b, uint32_t line)
{
    b->high[line] = true;
    send(b, line);
    pump(b);
}

static void resend(void *handle, uint32_t line)
{
    struct bridge *b = handle;
    assert_true(b->level[line]);
    assert_false(b->masked[line]);
    b->resends++;
    if (b->high[line]) {
        send(b, line);
    }
}

static const struct umsi_wired_ops ops = { write_message, set_mask, set_trigger, resend };
static const struct umsi_wired_ops maskless = { write_message, NULL, set_trigger, resend };
static const struct umsi_wired_ops edge_only = { write_message, NULL, NULL, NULL };

static void open_world(struct world *w)
{
    memset(w, 0, sizeof(*w));
    test_port_init(&w->t, 2);
    assert_int_equal(umsi_create(&w->t.port, &w->u), UMSI_OK);
    mock_parent_add(&w->mock, w->u, UMSI_WIRED);
    w->b.mock = &w->mock;
    w->b.u = w->u;
    w->config = (struct umsi_wired_config){
        .name = "bridge",
        .handle = &w->b,
        .ops = &ops,
        .device_id = 9,
        .nr_lines = LINES,
    };
}

static void close_world(struct world *w)
{
    umsi_wired_detach(&w->b.wired);
    umsi_wired_detach(&w->b.wired);
    mock_parent_remove(&w->mock);
    assert_int_equal(umsi_destroy(w->u), UMSI_OK);
    test_port_check_empty(&w->t);
}

static void handler(void *arg)
{
    struct world *w = arg;
    w->runs++;
    if (w->disable != UMSI_NO_VIRQ) {
        umsi_irq_disable(w->u, w->disable);
    } else if (w->stay_high != 0) {
        w->stay_high--;
    } else {
        memset(w->b.high, 0, sizeof(w->b.high));
    }
}

static void test_lines_one_by_one(void **state) /* L1, L4: one prepare, for all lines, before any */
{
    struct world w;
    umsi_virq virq, all[LINES];
    (void)state;
    open_world(&w);
    assert_int_equal(umsi_wired_attach(&w.mock.msi, &w.config, &w.b.wired), UMSI_OK);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < LINES; i++) {
            uint32_t line = (i * 37) % LINES;
            assert_int_equal(umsi_wired_virq(&w.b.wired, line), UMSI_NO_VIRQ);
            assert_int_equal(umsi_wired_map(&w.b.wired, line, UMSI_EDGE_RISING, &all[line]),
                             UMSI_OK);
            assert_int_equal(umsi_wired_virq(&w.b.wired, line), all[line]);
            assert_int_equal(w.mock.live, i + 1); /* a line costs its own vector and no other */
        }
        assert_int_equal(umsi_wired_map(&w.b.wired, 5, UMSI_EDGE_RISING, &virq), UMSI_EXISTS);
        assert_int_equal(umsi_wired_map(&w.b.wired, LINES, UMSI_EDGE_RISING, &virq), UMSI_RANGE);
        for (uint32_t line = 0; line < LINES; line++) {
            umsi_wired_unmap(&w.b.wired, line);
        }
        assert_int_equal(w.mock.prepares, 1);
        assert_int_equal(w.mock.last_prepared, LINES);
        assert_int_equal(w.mock.teardowns, 0);
    }
    close_world(&w);
    assert_int_equal(w.mock.teardowns, 1);
}

static void test_a_level_that_stands_comes_again(void **state)
{
    struct world w;
    umsi_virq virq;
    (void)state;
    open_world(&w);
    assert_int_equal(umsi_wired_attach(&w.mock.msi, &w.config, &w.b.wired), UMSI_OK);
    assert_int_equal(umsi_wired_map(&w.b.wired, 3, UMSI_LEVEL_HIGH, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(w.u, virq, handler, &w, "line 3"), UMSI_OK);
    w.b.resends = 0;
    w.stay_high = 4;
    raise_line(&w.b, 3);
    assert_int_equal(w.runs, 5); /* four times it still stood */
    assert_int_equal(w.b.resends, 5);
    close_world(&w);
}

static void test_an_edge_is_not_resent(void **state)
{
    struct world w;
    umsi_virq virq;
    (void)state;
    open_world(&w);
    assert_int_equal(umsi_wired_attach(&w.mock.msi, &w.config, &w.b.wired), UMSI_OK);
    assert_int_equal(umsi_wired_map(&w.b.wired, 3, UMSI_EDGE_FALLING, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(w.u, virq, handler, &w, "line 3"), UMSI_OK);
    w.stay_high = 4;
    raise_line(&w.b, 3);
    assert_int_equal(w.runs, 1);
    assert_int_equal(w.b.resends, 0);
    umsi_irq_disable(w.u, virq);
    assert_true(w.b.masked[3]);
    umsi_irq_enable(w.u, virq);
    assert_false(w.b.masked[3]);
    close_world(&w);
}

static void test_refusals_change_nothing(void **state) /* L12, L13 */
{
    struct world w;
    umsi_virq virq = 77;
    (void)state;
    open_world(&w);
    w.config.ops = NULL;
    assert_int_equal(umsi_wired_attach(&w.mock.msi, &w.config, &w.b.wired), UMSI_INVALID);
    w.config.ops = &edge_only;
    assert_int_equal(umsi_wired_attach(&w.mock.msi, &w.config, &w.b.wired), UMSI_OK);
    assert_int_equal(umsi_wired_map(&w.b.wired, 1, UMSI_LEVEL_LOW, &virq), UMSI_UNSUPPORTED);
    assert_true(test_port_logged(&w.t, "bridge: line 1"));
    assert_int_equal(umsi_wired_map(&w.b.wired, 1, UMSI_EDGE_RISING, &virq), UMSI_OK);
    umsi_wired_detach(&w.b.wired);
    virq = 77;
    w.config.ops = &ops;
    assert_int_equal(umsi_wired_attach(&w.mock.msi, &w.config, &w.b.wired), UMSI_OK);
    assert_int_equal(umsi_wired_map(&w.b.wired, 1, (enum umsi_trigger)3, &virq), UMSI_INVALID);
    w.b.trigger_status = UMSI_HARDWARE;
    assert_int_equal(umsi_wired_map(&w.b.wired, 1, UMSI_EDGE_RISING, &virq), UMSI_HARDWARE);
    w.b.trigger_status = UMSI_OK;
    w.mock.fail_activate = 1;
    w.mock.status = UMSI_TIMEOUT;
    assert_int_equal(umsi_wired_map(&w.b.wired, 1, UMSI_EDGE_RISING, &virq), UMSI_TIMEOUT);
    assert_int_equal(virq, 77);
    assert_int_equal(w.mock.live, 0);
    assert_int_equal(umsi_wired_map(&w.b.wired, 1, UMSI_EDGE_RISING, &virq), UMSI_OK);
    close_world(&w);
}

/* ---- a level while the driver does not listen: bridges that mask, and bridges that do not ---- */

static const struct umsi_wired_ops *const level_ops[] = { &ops, &maskless };

static umsi_virq open_level(struct world *w, const struct umsi_wired_ops *bridge_ops)
{
    umsi_virq virq = UMSI_NO_VIRQ;
    open_world(w);
    w->config.ops = bridge_ops;
    assert_int_equal(umsi_wired_attach(&w->mock.msi, &w->config, &w->b.wired), UMSI_OK);
    assert_int_equal(umsi_wired_map(&w->b.wired, 3, UMSI_LEVEL_HIGH, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(w->u, virq, handler, w, "line 3"), UMSI_OK);
    pump(&w->b);
    assert_int_equal(w->runs, 0);
    w->b.resends = 0;
    return virq;
}

/* The handler disables and leaves the device to a thread: no message until the thread is done. */
static void test_a_disabled_level_is_quiet(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        struct world w;
        umsi_virq virq = open_level(&w, level_ops[i]);
        for (uint32_t round = 1; round <= 3; round++) {
            w.disable = virq;
            raise_line(&w.b, 3);
            assert_int_equal(w.runs, round);
            assert_int_equal(w.b.sent, round); /* the one that ran it */
            w.b.high[3] = false;
            umsi_irq_enable(w.u, virq);
            pump(&w.b);
            assert_int_equal(w.runs, round); /* it was dealt with */
        }
        close_world(&w);
    }
}

/* It still stands at the enable: the handler runs, and is looked after as ever. */
static void test_a_level_left_standing_comes_at_the_enable(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        struct world w;
        umsi_virq virq = open_level(&w, level_ops[i]);
        w.disable = virq;
        raise_line(&w.b, 3);
        assert_int_equal(w.runs, 1);
        assert_int_equal(w.b.resends, 0);
        w.disable = UMSI_NO_VIRQ;
        w.stay_high = 1;
        umsi_irq_enable(w.u, virq);
        pump(&w.b);
        assert_int_equal(w.runs, 3);
        assert_int_equal(w.b.resends, 3); /* at the enable, and after two runs */
        close_world(&w);
    }
}

/* It rises while disabled: the bridge drops it, or umsi remembers it; once either way (L60). */
static void test_a_level_that_rises_while_disabled(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        struct world w;
        umsi_virq virq = open_level(&w, level_ops[i]);
        umsi_irq_disable(w.u, virq);
        raise_line(&w.b, 3);
        assert_int_equal(w.runs, 0);
        umsi_irq_enable(w.u, virq);
        pump(&w.b);
        assert_int_equal(w.runs, 1);
        close_world(&w);
    }
}

/* What the last handler left is the next one's; and what a reset of the bridge lost comes with the restore. */
static void test_a_level_is_looked_at_again(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        struct world w;
        umsi_virq virq = open_level(&w, level_ops[i]);
        umsi_irq_free(w.u, virq);
        w.b.high[3] = true; /* whoever raised it found nobody */
        assert_int_equal(umsi_irq_request(w.u, virq, handler, &w, "again"), UMSI_OK);
        pump(&w.b);
        assert_int_equal(w.runs, 1);

        w.b.high[3] = true; /* its message is lost */
        assert_int_equal(umsi_wired_restore(&w.b.wired), UMSI_OK);
        pump(&w.b);
        assert_int_equal(w.runs, 2);

        umsi_irq_disable(w.u, virq);
        w.b.high[3] = true;
        assert_int_equal(umsi_wired_restore(&w.b.wired), UMSI_OK); /* not before the enable */
        pump(&w.b);
        assert_int_equal(w.runs, 2);
        umsi_irq_enable(w.u, virq);
        pump(&w.b);
        assert_int_equal(w.runs, 3);
        close_world(&w);
    }
}

static void test_an_edge_is_not_looked_for(void **state)
{
    struct world w;
    umsi_virq virq;
    (void)state;
    open_world(&w);
    w.config.ops = &edge_only;
    assert_int_equal(umsi_wired_attach(&w.mock.msi, &w.config, &w.b.wired), UMSI_OK);
    assert_int_equal(umsi_wired_map(&w.b.wired, 3, UMSI_EDGE_RISING, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(w.u, virq, handler, &w, "line 3"), UMSI_OK);
    umsi_irq_disable(w.u, virq);
    raise_line(&w.b, 3);
    raise_line(&w.b, 3);
    umsi_irq_enable(w.u, virq); /* there is nothing to call */
    assert_int_equal(umsi_wired_restore(&w.b.wired), UMSI_OK);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

/* The storage was never written; after an error it is a bridge that is not attached, whatever failed. */
static void test_failed_attach_leaves_none(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    for (uint32_t i = 0; i < 4; i++) {
        memset(&w.b.wired, 0xa5, sizeof(w.b.wired));
        w.config.ops = i == 0 ? NULL : &ops;
        w.config.nr_lines = i == 2 ? 0 : LINES;
        w.mock.fail_prepare = i == 3;
        w.mock.status = UMSI_NOSPACE;
        assert_int_not_equal(
            umsi_wired_attach(i == 1 ? &w.mock.root : &w.mock.msi, &w.config, &w.b.wired), UMSI_OK);
        assert_null(w.b.wired.msi.umsi);
        umsi_wired_detach(&w.b.wired);
        assert_int_equal(umsi_wired_restore(&w.b.wired), UMSI_STATE);
    }
    assert_int_equal(umsi_wired_attach(&w.mock.msi, &w.config, &w.b.wired), UMSI_OK);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_one_by_one),
        cmocka_unit_test(test_a_level_that_stands_comes_again),
        cmocka_unit_test(test_an_edge_is_not_resent),
        cmocka_unit_test(test_refusals_change_nothing),
        cmocka_unit_test(test_a_disabled_level_is_quiet),
        cmocka_unit_test(test_a_level_left_standing_comes_at_the_enable),
        cmocka_unit_test(test_a_level_that_rises_while_disabled),
        cmocka_unit_test(test_a_level_is_looked_at_again),
        cmocka_unit_test(test_an_edge_is_not_looked_for),
        cmocka_unit_test(test_failed_attach_leaves_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
