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

/* A bridge with lines that can be raised; a level stands until the handler takes it down. */
struct bridge {
    struct umsi_wired wired;
    struct mock_parent *mock;
    struct umsi *u;
    bool high[LINES], masked[LINES], level[LINES];
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
    assert_true(b->masked[line]);
    b->level[line] = trigger == UMSI_LEVEL_HIGH || trigger == UMSI_LEVEL_LOW;
    return b->trigger_status;
}

static void send(struct bridge *b, uint32_t line)
{
    struct umsi_irq_info info;
    if (b->masked[line] || umsi_wired_virq(&b->wired, line) == UMSI_NO_VIRQ) {
        return;
    }
    assert_int_equal(umsi_irq_get_info(b->u, umsi_wired_virq(&b->wired, line), &info), UMSI_OK);
    b->sent++;
    assert_true(mock_parent_arrive(b->mock, info.hwirq));
}

static void resend(void *handle, uint32_t line)
{
    struct bridge *b = handle;
    assert_true(b->level[line]);
    b->resends++;
    if (b->high[line]) {
        send(b, line);
    }
}

static const struct umsi_wired_ops ops = { write_message, set_mask, set_trigger, resend };
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
    if (w->stay_high != 0) {
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
    w.b.high[3] = true;
    w.stay_high = 4;
    send(&w.b, 3);
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
    w.b.high[3] = true;
    w.stay_high = 4;
    send(&w.b, 3);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_one_by_one),
        cmocka_unit_test(test_a_level_that_stands_comes_again),
        cmocka_unit_test(test_an_edge_is_not_resent),
        cmocka_unit_test(test_refusals_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
