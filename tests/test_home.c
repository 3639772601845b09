/* SPDX-License-Identifier: MIT */
/*
 * The short way of an interrupt that comes to its home, and what meets it there: arrivals elsewhere, frees from within
 * and from without, disables, handlers beneath handlers.
 */
#include "core_bench.h"

#include "../src/core/irq.h"

static umsi_cpu kicked_cpu;
static uint32_t kicks;

static void kick(void *ctx, umsi_cpu cpu)
{
    (void)ctx;
    kicked_cpu = cpu;
    kicks++;
}

static void open_home(struct world *w)
{
    memset(w, 0, sizeof(*w));
    test_port_init(&w->t, 4);
    w->t.port.cpu_kick = kick;
    kicks = 0;
    assert_int_equal(umsi_create(&w->t.port, &w->u), UMSI_OK);
    mock_parent_add(&w->mock, w->u, UMSI_DEVICE_MSI);
    const struct umsi_msi_config c = {
        .name = "dev", .handle = w, .nr_events = 4, .write_message = write_message
    };
    assert_int_equal(umsi_msi_attach(&w->mock.msi, &c, &w->dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w->dev, 0, 2), UMSI_OK);
    w->virq = umsi_msi_virq(&w->dev, 1);
    assert_int_equal(umsi_irq_request(w->u, w->virq, handler, w, "at home"), UMSI_OK);
    arrive(w, 0);
    assert_int_equal(umsi_irq_find(w->u, w->virq)->home, 0);
    w->runs = 0;
}

static uint32_t state_of(struct world *w)
{
    return umsi_irq_state(umsi_irq_find(w->u, w->virq));
}

static void check_short(struct world *w)
{
    assert_ptr_equal(w->u->percpu[0].current, umsi_irq_find(w->u, w->virq));
    assert_int_equal(state_of(w) & UMSI_IRQ_RUNNING, 0);
    assert_true(info_of(w).running);
}

static void test_the_second_arrival_takes_the_short_way(void **state) /* L58 */
{
    struct world w;
    (void)state;
    open_home(&w);
    w.in_handler = check_short;
    arrive(&w, 0);
    assert_null(w.in_handler);
    assert_null(w.u->percpu[0].current);
    assert_false(info_of(&w).running);
    assert_int_equal(info_of(&w).handled, 2);
    assert_int_equal(info_of(&w).arrived, 2);
    close_world(&w);
}

static void check_long(struct world *w)
{
    assert_null(w->u->percpu[2].current);
    assert_int_not_equal(state_of(w) & UMSI_IRQ_RUNNING, 0);
}

static void test_the_home_is_where_it_came_last(void **state)
{
    struct world w;
    (void)state;
    open_home(&w);
    w.in_handler = check_long;
    arrive(&w, 2);
    assert_int_equal(umsi_irq_find(w.u, w.virq)->home, 2);
    assert_int_equal(w.runs, 1);
    w.in_handler = NULL;
    arrive(&w, 0); /* and back */
    assert_int_equal(umsi_irq_find(w.u, w.virq)->home, 0);
    assert_int_equal(w.runs, 2);
    close_world(&w);
}

static void arrive_elsewhere(struct world *w)
{
    arrive(w, 3);
    arrive(w, 2);
    assert_int_equal(w->runs, 1); /* never two at once */
    assert_int_equal(kicks, 2);
    assert_int_equal(kicked_cpu, 0);
}

static void test_an_arrival_elsewhere_is_left_to_the_home(void **state) /* L58 */
{
    struct world w;
    (void)state;
    open_home(&w);
    w.in_handler = arrive_elsewhere;
    arrive(&w, 0);
    assert_int_equal(w.runs, 2); /* when the first handler returned, once for both */
    assert_int_equal(info_of(&w).handled, 3);
    assert_int_equal(info_of(&w).arrived, 4);
    umsi_cpu_service(w.u); /* the kick comes later, and finds it done */
    assert_int_equal(w.runs, 2);
    assert_false(info_of(&w).pending);
    close_world(&w);
}

/* The home looked for the last time just before: as if the arrival came right after that. */
static void test_the_kick_runs_what_the_home_did_not_see(void **state) /* L58, L60 */
{
    struct world w;
    (void)state;
    open_home(&w);
    struct umsi_irq *irq = umsi_irq_find(w.u, w.virq);
    w.u->percpu[0].current = irq;
    arrive(&w, 1);
    assert_int_equal(w.runs, 0);
    assert_int_equal(kicks, 1);
    w.u->percpu[0].current = NULL;
    umsi_cpu_service(w.u);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

static void disable_and_arrive(struct world *w)
{
    umsi_irq_disable(w->u, w->virq);
    arrive(w, 3);
}

static void test_disabled_meanwhile(void **state) /* L60 */
{
    struct world w;
    (void)state;
    open_home(&w);
    w.in_handler = disable_and_arrive;
    arrive(&w, 0);
    assert_int_equal(w.runs, 1);
    assert_true(info_of(&w).pending);
    w.mock.deliver = true;
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 2);
    close_world(&w);
}

static void free_itself(struct world *w)
{
    umsi_irq_free(w->u, w->virq); /* does not wait for itself */
    assert_int_equal(umsi_irq_request(w->u, w->virq, handler, w, "early"), UMSI_EXISTS);
    arrive(w, 3);
}

static void test_freed_from_within(void **state)
{
    struct world w;
    (void)state;
    open_home(&w);
    w.in_handler = free_itself;
    arrive(&w, 0);
    assert_int_equal(w.runs, 1);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "again"), UMSI_OK);
    close_world(&w);
}

static struct world *ending;

static void end_run(struct test_port *t)
{
    (void)t;
    ending->u->percpu[0].current = NULL;
}

static void test_freeing_waits_for_the_short_way(void **state)
{
    struct world w;
    (void)state;
    open_home(&w);
    w.u->percpu[0].current = umsi_irq_find(w.u, w.virq); /* CPU 0 is in the handler */
    ending = &w;
    w.t.on_relax = end_run;
    w.t.self = 1;
    umsi_irq_free(w.u, w.virq);
    assert_null(w.u->percpu[0].current); /* so it waited */
    w.t.self = 0;
    close_world(&w);
}

static void arrive_here_once_more(struct world *w)
{
    arrive(w, 0); /* an interrupt that interrupts the handler */
    assert_int_equal(w->runs, 1);
}

static void test_beneath_itself(void **state) /* L58 */
{
    struct world w;
    (void)state;
    open_home(&w);
    w.in_handler = arrive_here_once_more;
    arrive(&w, 0);
    assert_int_equal(w.runs, 2);
    assert_int_equal(kicks, 0); /* it looks when it returns */
    close_world(&w);
}

static void other_handler(void *arg)
{
    uint32_t *runs = arg;
    ++*runs;
}

static uint32_t other_runs;

static void another_arrives(struct world *w)
{
    struct umsi_irq_info other;
    assert_int_equal(umsi_irq_get_info(w->u, umsi_msi_virq(&w->dev, 0), &other), UMSI_OK);
    const struct umsi_irq *current = w->u->percpu[0].current;
    assert_true(mock_parent_arrive(&w->mock, other.hwirq));
    assert_ptr_equal(w->u->percpu[0].current, current); /* the one beneath stays known */
}

static void test_another_interrupts_the_handler(void **state)
{
    struct world w;
    (void)state;
    open_home(&w);
    other_runs = 0;
    assert_int_equal(
        umsi_irq_request(w.u, umsi_msi_virq(&w.dev, 0), other_handler, &other_runs, "other"),
        UMSI_OK);
    another_arrives(&w); /* it is at home here, too */
    w.in_handler = another_arrives;
    arrive(&w, 0);
    assert_int_equal(other_runs, 2);
    close_world(&w);
}

/* A CPU that has only begun to look whether it may run: no handler that is gone is still there, but one may be run. */
static void test_a_look_is_no_handler(void **state)
{
    struct world w;
    (void)state;
    open_home(&w);
    umsi_irq_free(w.u, w.virq);
    struct umsi_irq *irq = umsi_irq_find(w.u, w.virq);
    w.u->percpu[0].current = (const struct umsi_irq *)(const void *)((const char *)irq + 1);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_false(info_of(&w).running);
    assert_true(umsi_irq_runs_but_on(w.u, irq, 1)); /* a free waits for it */
    w.u->percpu[0].current = NULL;
    close_world(&w);
}

static void test_no_kick_no_short_way(void **state)
{
    struct world w;
    (void)state;
    open_home(&w);
    assert_true(w.u->short_way);
    close_world(&w);
    open_world(&w, false);
    assert_false(w.u->short_way); /* four CPUs, and none can be told */
    close_world(&w);
}

/* ---- where the kernel dispatches, between acknowledge and end ---- */

static uint32_t arrivals; /* not yet acknowledged */
static struct world *receiving;

static uint32_t acknowledge(void *arg)
{
    (void)arg;
    if (arrivals == 0) {
        return UMSI_NO_HWIRQ;
    }
    arrivals--;
    return 0;
}

static void end(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
}

static struct umsi_irq *lookup(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
    return umsi_irq_find(receiving->u, receiving->virq);
}

static struct umsi_source source = { .count = 1, .lookup = lookup };

static void open_dispatch(struct world *w)
{
    static const struct umsi_receiver receiver = { .acknowledge = acknowledge, .end = end };
    open_home(w);
    receiving = w;
    umsi_irq_free(w->u, w->virq);
    assert_int_equal(umsi_irq_request(w->u, w->virq, NULL, NULL, "the kernel's"), UMSI_OK);
    assert_int_equal(umsi_set_receiver(w->u, &receiver), UMSI_OK);
    umsi_add_source(w->u, &source);
}

static void close_dispatch(struct world *w)
{
    umsi_remove_source(w->u, &source);
    umsi_clear_receiver(w->u);
    close_world(w);
}

static void test_the_kernel_dispatches_at_home(void **state) /* L58 */
{
    struct world w;
    struct umsi_taken taken, beneath;
    (void)state;
    open_dispatch(&w);
    arrivals = 1;
    assert_true(umsi_acknowledge(w.u, &taken));
    assert_int_equal(taken.virq, w.virq);
    assert_ptr_equal(w.u->percpu[0].current, taken.irq);
    assert_int_equal(state_of(&w) & UMSI_IRQ_RUNNING, 0);
    arrivals = 1; /* once more, on top of it */
    assert_false(umsi_acknowledge(w.u, &beneath));
    assert_true(umsi_end(w.u, &taken)); /* dispatch once more */
    assert_int_not_equal(state_of(&w) & UMSI_IRQ_RUNNING, 0);
    assert_false(umsi_end(w.u, &taken));
    assert_false(umsi_acknowledge(w.u, &taken));
    assert_int_equal(info_of(&w).handled, 3); /* with the one that made it its home */
    assert_int_equal(info_of(&w).arrived, 3);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 0), 3);
    close_dispatch(&w);
}

/* The kick finds one that umsi cannot dispatch: it is raised again, and the kernel acknowledges it. */
static void test_what_the_home_did_not_see_is_raised_again(void **state) /* L60 */
{
    struct world w;
    (void)state;
    open_dispatch(&w);
    w.u->percpu[0].current = umsi_irq_find(w.u, w.virq);
    arrive(&w, 1);
    assert_int_equal(kicks, 1);
    w.u->percpu[0].current = NULL;
    const uint32_t raised = w.mock.raised;
    w.mock.deliver = false;
    umsi_cpu_service(w.u);
    assert_int_equal(w.mock.raised, raised + 1);
    assert_false(info_of(&w).pending);
    assert_int_equal(info_of(&w).handled, 1);
    close_dispatch(&w);
}

/* As above, but the controller is busy. */
static void remember_while_busy(struct world *w)
{
    open_dispatch(w);
    w->u->percpu[0].current = umsi_irq_find(w->u, w->virq);
    arrive(w, 1);
    w->u->percpu[0].current = NULL;
    w->mock.refuse = UMSI_BUSY;
    umsi_cpu_service(w->u);
}

/* Then acknowledge gives it out by itself, once. */
static void test_what_no_controller_raises_is_given_out(void **state) /* L60 */
{
    struct world w;
    struct umsi_taken taken;
    (void)state;
    remember_while_busy(&w);
    assert_true(info_of(&w).pending);
    assert_true(umsi_acknowledge(w.u, &taken));
    assert_int_equal(taken.virq, w.virq);
    assert_int_equal(taken.hwirq, UMSI_NO_HWIRQ);
    assert_false(umsi_end(w.u, &taken));
    assert_false(umsi_acknowledge(w.u, &taken));
    assert_int_equal(info_of(&w).handled, 2);
    assert_int_equal(info_of(&w).arrived, 2);
    close_dispatch(&w);
}

static void test_what_is_freed_is_not_given_out(void **state) /* L59 */
{
    struct world w;
    struct umsi_taken taken;
    (void)state;
    remember_while_busy(&w);
    umsi_irq_free(w.u, w.virq);
    assert_int_equal(umsi_irq_request(w.u, w.virq, NULL, NULL, "next"), UMSI_OK);
    assert_false(umsi_acknowledge(w.u, &taken));
    close_dispatch(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_second_arrival_takes_the_short_way),
        cmocka_unit_test(test_the_home_is_where_it_came_last),
        cmocka_unit_test(test_an_arrival_elsewhere_is_left_to_the_home),
        cmocka_unit_test(test_the_kick_runs_what_the_home_did_not_see),
        cmocka_unit_test(test_disabled_meanwhile),
        cmocka_unit_test(test_freed_from_within),
        cmocka_unit_test(test_freeing_waits_for_the_short_way),
        cmocka_unit_test(test_beneath_itself),
        cmocka_unit_test(test_another_interrupts_the_handler),
        cmocka_unit_test(test_a_look_is_no_handler),
        cmocka_unit_test(test_no_kick_no_short_way),
        cmocka_unit_test(test_the_kernel_dispatches_at_home),
        cmocka_unit_test(test_what_the_home_did_not_see_is_raised_again),
        cmocka_unit_test(test_what_no_controller_raises_is_given_out),
        cmocka_unit_test(test_what_is_freed_is_not_given_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
