/* SPDX-License-Identifier: MIT */
/*
 * CPUs that leave and join: every vector finds another CPU (L38), in one batch; managed ones are shut down with the last
 * CPU of their share and restarted with the first (L53); what fails leaves the CPU as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/cpu.h>

#include "mock_parent.h"
#include "mock_places.h"
#include "test_port.h"

#include "../src/core/irq.h"

#define CPUS    4u
#define VECTORS 80u

struct world {
    struct test_port t;
    struct umsi *u;
    struct mock_parent mock;
    struct umsi_msi_device dev;
    uint32_t runs[VECTORS], masked[VECTORS];
};

static struct world w;

static void handler(void *arg)
{
    (*(uint32_t *)arg)++;
}

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    assert_int_equal(m->data, index);
}

static void set_mask(void *handle, uint32_t index, bool masked)
{
    (void)handle;
    w.masked[index] = masked;
}

static void open_world(bool maskable)
{
    memset(&w, 0, sizeof(w));
    test_port_init(&w.t, CPUS);
    assert_int_equal(umsi_create(&w.t.port, &w.u), UMSI_OK);
    mock_parent_add(&w.mock, w.u, UMSI_DEVICE_MSI);
    const struct umsi_msi_config config = {
        .name = "dev",
        .nr_events = VECTORS,
        .write_message = write_message,
        .set_mask = maskable ? set_mask : NULL,
    };
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &config, &w.dev), UMSI_OK);
}

static void close_world(void)
{
    umsi_msi_detach(&w.dev);
    mock_parent_remove(&w.mock);
    assert_int_equal(umsi_destroy(w.u), UMSI_OK);
    test_port_check_empty(&w.t);
}

static void alloc(const struct umsi_msi_want *want)
{
    uint32_t first;
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, want, &first), UMSI_OK);
}

static umsi_virq virq_of(uint32_t index)
{
    return umsi_msi_virq(&w.dev, index);
}

static umsi_cpu cpu_of(uint32_t index)
{
    return umsi_irq_get_cpu(w.u, virq_of(index));
}

static struct umsi_irq_info info_of(uint32_t index)
{
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(w.u, virq_of(index), &info), UMSI_OK);
    return info;
}

static uint64_t wanted_of(uint32_t index)
{
    struct umsi_cpumask m;
    assert_int_equal(umsi_irq_get_wanted(w.u, virq_of(index), &m), UMSI_OK);
    return m.bits[0];
}

static void request(uint32_t index)
{
    assert_int_equal(umsi_irq_request(w.u, virq_of(index), handler, &w.runs[index], "x"), UMSI_OK);
}

static enum umsi_status set(uint32_t index, uint64_t cpus)
{
    return umsi_irq_set_affinity(w.u, virq_of(index), &(struct umsi_cpumask){ { cpus } });
}

static void arrive(uint32_t index, umsi_cpu cpu)
{
    const umsi_cpu was = w.t.self;
    const uint32_t hwirq = info_of(index).hwirq;
    w.t.self = cpu;
    assert_true(mock_parent_arrive(&w.mock, hwirq));
    w.t.self = was;
}

static uint32_t on(umsi_cpu cpu)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < VECTORS; i++) {
        n += virq_of(i) != UMSI_NO_VIRQ && cpu_of(i) == cpu;
    }
    return n;
}

/* ---- leave ---- */

static void test_all_vectors_go_in_few_batches(void **state) /* L38 */
{
    const struct umsi_msi_want want = { .first = 0,
                                        .n = 60,
                                        .cpus = &(struct umsi_cpumask){ { 1 } } };
    uint32_t left = 99;
    (void)state;
    open_world(true);
    alloc(&want);
    assert_int_equal(on(0), 60);
    const uint32_t commits = w.mock.commits;
    assert_int_equal(umsi_cpu_leave(w.u, 0, &left), UMSI_OK);
    assert_int_equal(left, 0);
    assert_int_equal(on(0), 0);
    assert_int_equal(w.mock.moves, 60);
    assert_int_equal(w.mock.commits - commits, 2); /* 32 at a time */
    for (umsi_cpu cpu = 1; cpu < CPUS; cpu++) {
        assert_int_equal(on(cpu), 20); /* to the ones with the fewest */
    }
    for (uint32_t i = 0; i < 60; i++) {
        assert_int_equal(wanted_of(i), 1); /* what was asked stays */
    }
    close_world();
}

static void test_what_left_is_no_target(void **state)
{
    (void)state;
    open_world(true);
    assert_int_equal(umsi_cpu_leave(w.u, 2, NULL), UMSI_OK);
    alloc(&(struct umsi_msi_want){ .first = 0, .n = 9, .spread = true });
    assert_int_equal(on(2), 0);
    assert_int_equal(set(0, 4), UMSI_INVALID);
    assert_int_equal(umsi_cpu_join(w.u, 2), UMSI_OK);
    assert_int_equal(set(0, 4), UMSI_OK);
    assert_int_equal(cpu_of(0), 2);
    assert_int_equal(umsi_cpu_join(w.u, 2), UMSI_OK); /* harmless */
    close_world();
}

static void test_within_the_wanted_set_if_it_can(void **state)
{
    (void)state;
    open_world(true);
    alloc(&(struct umsi_msi_want){ .first = 0, .n = 2 });
    assert_int_equal(set(0, 0x6), UMSI_OK);
    const umsi_cpu first = cpu_of(0), second = first == 1 ? 2 : 1;
    assert_int_equal(umsi_cpu_leave(w.u, first, NULL), UMSI_OK);
    assert_int_equal(cpu_of(0), second);
    assert_int_equal(umsi_cpu_leave(w.u, second, NULL), UMSI_OK);
    assert_true(cpu_of(0) == 0 || cpu_of(0) == 3); /* outside of it rather than nowhere */
    assert_int_equal(umsi_cpu_join(w.u, first), UMSI_OK);
    assert_int_equal(cpu_of(0), first); /* and back */
    assert_int_equal(umsi_cpu_join(w.u, second), UMSI_OK);
    assert_int_equal(cpu_of(0), first); /* it is where it wants to be */
    close_world();
}

static void test_the_last_cpu_stays(void **state)
{
    (void)state;
    open_world(true);
    for (umsi_cpu cpu = 1; cpu < CPUS; cpu++) {
        assert_int_equal(umsi_cpu_leave(w.u, cpu, NULL), UMSI_OK);
    }
    assert_int_equal(umsi_cpu_leave(w.u, 0, NULL), UMSI_STATE);
    alloc(&(struct umsi_msi_want){ .first = 0, .n = 1 });
    assert_int_equal(cpu_of(0), 0);
    assert_int_equal(umsi_cpu_leave(w.u, CPUS, NULL), UMSI_RANGE);
    assert_int_equal(umsi_cpu_join(w.u, CPUS), UMSI_RANGE);
    umsi_set_cpu_online(w.u, 3, false);
    assert_int_equal(umsi_cpu_join(w.u, 3), UMSI_STATE);
    close_world();
}

/* ---- what fails ---- */

static void test_a_batch_that_fails_goes_one_by_one(void **state)
{
    uint32_t left = 99;
    (void)state;
    open_world(true);
    alloc(&(struct umsi_msi_want){ .first = 0, .n = 5, .cpus = &(struct umsi_cpumask){ { 2 } } });
    w.mock.fail_commit = 1;
    w.mock.status = UMSI_HARDWARE;
    assert_int_equal(umsi_cpu_leave(w.u, 1, &left), UMSI_OK);
    assert_int_equal(left, 0);
    assert_int_equal(on(1), 0);
    assert_int_equal(w.mock.moves, 10);
    close_world();
}

static void test_a_controller_that_fails_keeps_the_cpu(void **state)
{
    uint32_t left = 99;
    (void)state;
    open_world(true);
    alloc(&(struct umsi_msi_want){
        .first = 0, .n = 3, .managed = true, .cpus = &(struct umsi_cpumask){ { 2 } } });
    request(0);
    w.mock.status = UMSI_HARDWARE;
    w.mock.fail_move = 1;
    w.mock.fail_again = 99;
    assert_int_equal(umsi_cpu_leave(w.u, 1, &left), UMSI_HARDWARE);
    assert_int_equal(left, 3);
    assert_int_equal(on(1), 3);
    assert_false(info_of(0).shut); /* as before */
    assert_false(w.masked[0]);
    arrive(0, 1);
    assert_int_equal(w.runs[0], 1);
    w.mock.fail_again = 0;
    assert_int_equal(umsi_cpu_leave(w.u, 1, &left), UMSI_OK);
    assert_int_equal(left, 0);
    close_world();
}

/* Someone holds a vector and does not let go. */
static void test_one_that_is_not_let_go_in_time(void **state)
{
    uint32_t left = 99;
    (void)state;
    open_world(true);
    alloc(&(struct umsi_msi_want){ .first = 0, .n = 2, .cpus = &(struct umsi_cpumask){ { 2 } } });
    struct umsi_irq *irq = umsi_irq_find(w.u, virq_of(1));
    umsi_irq_set_bits(irq, UMSI_IRQ_MOVING);
    assert_int_equal(umsi_cpu_leave(w.u, 1, &left), UMSI_BUSY);
    assert_in_range(left, 1, 2); /* the other one may have come back */
    assert_true(w.t.now_us >= 1000000);
    assert_int_equal(umsi_cpu_join(w.u, 1), UMSI_BUSY);
    umsi_move_release(irq);
    assert_int_equal(set(0, 2), UMSI_OK); /* it is a target again */
    assert_int_equal(umsi_cpu_leave(w.u, 1, &left), UMSI_OK);
    close_world();
}

static void test_fixed_target_is_unsupported(void **state)
{
    static const struct umsi_domain_ops none = { 0 };
    static struct umsi_domain fixed;
    const struct umsi_domain_config config = { .name = "fixed", .ops = &none };
    umsi_virq virq;
    uint32_t left = 0;
    (void)state;
    open_world(true);
    assert_int_equal(umsi_domain_add(w.u, &fixed, &config), UMSI_OK);
    assert_int_equal(umsi_domain_map(&fixed, 5, false, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(w.u, virq), 0);
    assert_int_equal(umsi_cpu_leave(w.u, 0, &left), UMSI_UNSUPPORTED);
    assert_int_equal(left, 1);
    umsi_domain_unmap(&fixed, virq);
    assert_int_equal(umsi_cpu_leave(w.u, 0, &left), UMSI_OK);
    assert_int_equal(umsi_domain_remove(&fixed), UMSI_OK);
    close_world();
}

static uint32_t calls;

static enum umsi_status count_call(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                   umsi_cpu cpu, struct umsi_batch *b)
{
    (void)d;
    (void)v;
    (void)n;
    (void)cpu;
    (void)b;
    calls++;
    return UMSI_OK;
}

/* A controller that waits in each call, as a distributor does, waits once for each target of a batch. */
static void test_one_call_for_each_target(void **state)
{
    static const struct umsi_domain_ops ops = { .set_affinity = count_call };
    static struct umsi_domain wires;
    const struct umsi_domain_config config = { .name = "wires", .ops = &ops };
    umsi_virq virq[UMSI_CHUNK];
    (void)state;
    open_world(true);
    assert_int_equal(umsi_domain_add(w.u, &wires, &config), UMSI_OK);
    for (uint32_t i = 0; i < UMSI_CHUNK; i++) {
        assert_int_equal(umsi_domain_map(&wires, i, false, &virq[i]), UMSI_OK);
        assert_int_equal(umsi_irq_get_cpu(w.u, virq[i]), 0);
    }
    calls = 0;
    assert_int_equal(umsi_cpu_leave(w.u, 0, NULL), UMSI_OK);
    assert_int_equal(calls, CPUS - 1);
    for (uint32_t i = 0; i < UMSI_CHUNK; i++) {
        assert_int_not_equal(umsi_irq_get_cpu(w.u, virq[i]), 0);
        umsi_domain_unmap(&wires, virq[i]);
    }
    assert_int_equal(umsi_domain_remove(&wires), UMSI_OK);
    close_world();
}

/* ---- managed ---- */

static void test_managed_vectors_have_shares(void **state) /* L53 */
{
    (void)state;
    open_world(true);
    alloc(&(struct umsi_msi_want){
        .first = 0, .n = 4, .managed = true, .reserve_front = 1, .reserve_back = 1 });
    assert_int_equal(wanted_of(0), 0xf);
    assert_int_equal(wanted_of(1), 0x3);
    assert_int_equal(wanted_of(2), 0xc);
    assert_int_equal(wanted_of(3), 0xf);
    assert_false(info_of(0).managed);
    assert_true(info_of(1).managed);
    assert_in_range(cpu_of(1), 0, 1);
    assert_in_range(cpu_of(2), 2, 3);
    assert_int_equal(set(1, 1), UMSI_UNSUPPORTED);
    assert_int_equal(set(0, 1), UMSI_OK);
    struct umsi_cpumask share;
    assert_true(umsi_irq_managed(umsi_irq_find(w.u, virq_of(2)), &share));
    assert_int_equal(share.bits[0], 0xc);
    assert_false(umsi_irq_managed(umsi_irq_find(w.u, virq_of(0)), &share));
    close_world();
}

static void shut_and_restart(bool maskable)
{
    open_world(maskable);
    alloc(&(struct umsi_msi_want){ .first = 0, .n = 2, .managed = true });
    request(0);
    request(1);
    assert_int_equal(umsi_cpu_leave(w.u, 0, NULL), UMSI_OK);
    assert_int_equal(cpu_of(0), 1); /* the other one of its share */
    assert_false(info_of(0).shut);
    assert_int_equal(umsi_cpu_leave(w.u, 1, NULL), UMSI_OK);
    assert_true(info_of(0).shut);
    assert_int_equal(cpu_of(0), UMSI_NO_CPU);
    assert_int_equal(w.masked[0], maskable);
    assert_false(info_of(1).shut);
    arrive(0, 2); /* it was on its way: held, on whichever CPU it came to */
    assert_int_equal(w.runs[0], 0);
    assert_int_equal(umsi_cpu_leave(w.u, 2, NULL), UMSI_OK); /* moves along, still shut */
    assert_true(info_of(0).shut);
    assert_int_equal(umsi_cpu_join(w.u, 2), UMSI_OK);
    assert_true(info_of(0).shut);
    assert_int_equal(umsi_cpu_join(w.u, 1), UMSI_OK);
    assert_false(info_of(0).shut);
    assert_int_equal(cpu_of(0), 1);
    assert_false(w.masked[0]);
    assert_int_equal(w.runs[0], 1); /* remembered, once (L60) */
    assert_int_equal(umsi_cpu_join(w.u, 0), UMSI_OK);
    assert_int_equal(cpu_of(0), 1); /* the first that came has it */
    close_world();
}

static void test_shut_down_with_the_last_and_restarted_with_the_first(void **state) /* L53 */
{
    (void)state;
    shut_and_restart(true);
    shut_and_restart(false);
}

/* Before its CPUs came up; and the driver's own switches meanwhile. */
static void test_allocated_while_nobody_is_there(void **state) /* L53, L51 */
{
    const struct umsi_cpumask two = { { 4 } };
    (void)state;
    open_world(true);
    umsi_set_cpu_online(w.u, 2, false);
    alloc(&(struct umsi_msi_want){ .first = 0, .n = 1, .managed = true, .cpus = &two });
    assert_true(info_of(0).shut);
    request(0);
    assert_true(w.masked[0]);
    umsi_irq_disable(w.u, virq_of(0));
    umsi_irq_enable(w.u, virq_of(0));
    assert_true(w.masked[0]);
    umsi_irq_disable(w.u, virq_of(0));
    umsi_set_cpu_online(w.u, 2, true);
    assert_int_equal(umsi_cpu_join(w.u, 2), UMSI_OK);
    assert_false(info_of(0).shut);
    assert_true(w.masked[0]); /* the driver's */
    umsi_irq_enable(w.u, virq_of(0));
    assert_false(w.masked[0]);
    umsi_irq_free(w.u, virq_of(0));
    close_world();
}

static void no_print(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

static void test_shut_is_explained(void **state)
{
    const char *why = "";
    (void)state;
    open_world(true);
    umsi_set_cpu_online(w.u, 2, false);
    alloc(&(struct umsi_msi_want){
        .first = 0, .n = 1, .managed = true, .cpus = &(struct umsi_cpumask){ { 4 } } });
    request(0);
    assert_int_equal(umsi_explain(w.u, virq_of(0), no_print, NULL, &why), UMSI_STATE);
    assert_non_null(strstr(why, "no CPU of its share"));
    close_world();
}

/* ---- messages that move ---- */

static bool kicked[CPUS];

static void on_kick(void *ctx, umsi_cpu cpu)
{
    (void)ctx;
    kicked[cpu] = true;
}

static void serve(struct test_port *t)
{
    const umsi_cpu was = t->self;
    for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
        if (kicked[cpu]) {
            kicked[cpu] = false;
            t->self = cpu;
            umsi_cpu_service(w.u);
        }
    }
    t->self = was;
}

static void leave_with_places(bool defer)
{
    static struct mock_places places;
    static struct mock_sender sender;
    uint32_t left = 99, runs = 0;
    memset(&w, 0, sizeof(w));
    test_port_init(&w.t, CPUS);
    w.t.port.cpu_kick = on_kick;
    w.t.on_relax = serve;
    assert_int_equal(umsi_create(&w.t.port, &w.u), UMSI_OK);
    mock_places_add(&places, w.u);
    places.defer = defer;
    mock_sender_attach(&sender, &places, true);
    assert_int_equal(umsi_msi_alloc(&sender.dev, 0, PLACES_VECTORS), UMSI_OK);
    for (uint32_t i = 0; i < PLACES_VECTORS; i++) {
        assert_int_equal(umsi_irq_request(w.u, umsi_msi_virq(&sender.dev, i), handler, &runs, "x"),
                         UMSI_OK);
        mock_sender_raise(&sender, i);
    }
    assert_int_equal(umsi_cpu_leave(w.u, 0, &left), UMSI_OK);
    assert_int_equal(left, 0);
    assert_int_equal(mock_places_used(&places, 0), 0); /* no old place either (L54) */
    assert_int_equal(runs, PLACES_VECTORS);            /* and none was lost (L35) */
    umsi_msi_detach(&sender.dev);
    mock_places_remove(&places);
    assert_int_equal(umsi_destroy(w.u), UMSI_OK);
    test_port_check_empty(&w.t);
}

static void test_leave_waits_for_old_places(void **state) /* L38, L54 */
{
    (void)state;
    leave_with_places(false);
    leave_with_places(true);
}

/* A managed one that is shut down, and whose new CPU then cannot take it: it runs on where it is (L53). */
static void test_refused_by_the_new_cpu_it_is_not_shut(void **state)
{
    static struct mock_places places;
    static struct mock_sender sender;
    const struct umsi_msi_want want = {
        .first = 0, .n = 1, .managed = true, .cpus = &(struct umsi_cpumask){ { 1 } }
    };
    struct umsi_irq_info info;
    uint32_t left = 99, runs = 0, first;
    (void)state;
    memset(&w, 0, sizeof(w));
    test_port_init(&w.t, CPUS);
    w.t.port.cpu_kick = on_kick;
    w.t.on_relax = serve;
    assert_int_equal(umsi_create(&w.t.port, &w.u), UMSI_OK);
    mock_places_add(&places, w.u);
    places.defer = places.other_ids = places.no_way = true;
    mock_sender_attach(&sender, &places, false);
    assert_int_equal(umsi_msi_alloc_slot(&sender.dev, 0, &want, &first), UMSI_OK);
    const umsi_virq virq = umsi_msi_virq(&sender.dev, 0);
    assert_int_equal(umsi_irq_request(w.u, virq, handler, &runs, "x"), UMSI_OK);
    assert_int_equal(umsi_cpu_leave(w.u, 0, &left), UMSI_BUSY);
    assert_int_equal(left, 1);
    assert_int_equal(umsi_irq_get_info(w.u, virq, &info), UMSI_OK);
    assert_false(info.shut);
    assert_int_equal(info.cpu, 0);
    mock_sender_raise(&sender, 0);
    mock_places_take(&places, 0);
    assert_int_equal(runs, 1);
    umsi_msi_detach(&sender.dev);
    mock_places_remove(&places);
    assert_int_equal(umsi_destroy(w.u), UMSI_OK);
    test_port_check_empty(&w.t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_vectors_go_in_few_batches),
        cmocka_unit_test(test_what_left_is_no_target),
        cmocka_unit_test(test_within_the_wanted_set_if_it_can),
        cmocka_unit_test(test_the_last_cpu_stays),
        cmocka_unit_test(test_a_batch_that_fails_goes_one_by_one),
        cmocka_unit_test(test_a_controller_that_fails_keeps_the_cpu),
        cmocka_unit_test(test_one_that_is_not_let_go_in_time),
        cmocka_unit_test(test_fixed_target_is_unsupported),
        cmocka_unit_test(test_one_call_for_each_target),
        cmocka_unit_test(test_managed_vectors_have_shares),
        cmocka_unit_test(test_shut_down_with_the_last_and_restarted_with_the_first),
        cmocka_unit_test(test_allocated_while_nobody_is_there),
        cmocka_unit_test(test_shut_is_explained),
        cmocka_unit_test(test_leave_waits_for_old_places),
        cmocka_unit_test(test_refused_by_the_new_cpu_it_is_not_shut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
