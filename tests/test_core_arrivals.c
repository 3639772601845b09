/* SPDX-License-Identifier: MIT */
/* Arrivals of other kinds: an interrupt each CPU has of its own, one raised by hand, one replayed, one nobody knows. */
#include <umsi/cpu.h>

#include "core_bench.h"

#include "../src/core/irq.h"

/* ---- an interrupt each CPU has of its own ---- */

static enum umsi_status local_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                    const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    (void)d;
    (void)n;
    (void)info;
    (void)b;
    umsi_irq_set_percpu(v[0]);
    return UMSI_OK;
}

static uint32_t pended_here;

static enum umsi_status local_pend(struct umsi_domain *d, struct umsi_irq *irq,
                                   enum umsi_irq_what what, bool value)
{
    (void)d;
    (void)irq;
    (void)what;
    (void)value;
    pended_here++;
    return UMSI_OK;
}

static struct umsi_irq *local_irq;

static struct umsi_irq *local_lookup(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
    return local_irq;
}

static bool one_pending;

static uint32_t local_acknowledge(void *arg)
{
    (void)arg;
    bool taken = one_pending;
    one_pending = false;
    return taken ? 3 : UMSI_NO_HWIRQ;
}

static void local_end(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
}

static void test_a_local_interrupt_that_may_not_run_is_pended_again(void **state) /* L60 */
{
    struct world w;
    struct umsi_domain d;
    struct umsi_taken taken;
    umsi_virq virq;
    static const struct umsi_domain_ops ops = { .alloc = local_alloc };
    static const struct umsi_chip chip = { .name = "local", .set_state = local_pend };
    const struct umsi_domain_config c = { .name = "local", .ops = &ops, .chip = &chip };
    struct umsi_source source = { .first = 3, .count = 1, .lookup = local_lookup };
    const struct umsi_receiver receiver = { local_acknowledge, local_end, NULL };
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_domain_add(w.u, &d, &c), UMSI_OK);
    assert_int_equal(umsi_domain_map(&d, 3, false, &virq), UMSI_OK);
    local_irq = umsi_irq_find(w.u, virq);
    umsi_add_source(w.u, &source);
    assert_int_equal(umsi_set_receiver(w.u, &receiver), UMSI_OK);
    assert_int_equal(umsi_irq_request(w.u, virq, handler, &w, "sgi"), UMSI_OK);
    one_pending = true;
    assert_int_equal(umsi_handle_interrupts(w.u), 1);
    assert_int_equal(w.runs, 1);
    pended_here = 0;
    umsi_irq_disable(w.u, virq); /* on another CPU, after this one acknowledged it */
    one_pending = true;
    assert_int_equal(umsi_handle_interrupts(w.u), 1);
    assert_int_equal(w.runs, 1);
    assert_int_equal(pended_here, 1);
    one_pending = true;
    assert_false(umsi_acknowledge(w.u, &taken)); /* nor does it come out of way (b) */
    assert_int_equal(pended_here, 2);
    umsi_irq_enable(w.u, virq);
    one_pending = true;
    assert_true(umsi_acknowledge(w.u, &taken));
    assert_int_equal(taken.virq, virq);
    assert_false(umsi_end(w.u, &taken));
    umsi_domain_unmap(&d, virq);
    umsi_clear_receiver(w.u);
    umsi_remove_source(w.u, &source);
    assert_int_equal(umsi_domain_remove(&d), UMSI_OK);
    close_world(&w);
}

/* ---- retrigger, test, explain ---- */

static void test_irq_test_says_where_it_came(void **state)
{
    struct world w;
    struct umsi_irq_test r = { 0 };
    (void)state;
    open_world(&w, true);
    w.t.self = 2;
    assert_int_equal(umsi_irq_test(w.u, w.virq, &r), UMSI_OK);
    assert_true(r.arrived);
    assert_false(r.handled);
    assert_int_equal(r.cpu, 2);
    assert_false(info_of(&w).pending); /* a test leaves nothing behind */
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(w.runs, 0);
    assert_int_equal(umsi_irq_test(w.u, w.virq, &r), UMSI_OK);
    assert_true(r.handled);
    umsi_irq_free(w.u, w.virq);
    for (uint32_t i = 0; i < 600; i++) { /* tests are no storm */
        assert_int_equal(umsi_irq_test(w.u, w.virq, &r), UMSI_OK);
    }
    w.mock.deliver = false;
    assert_int_equal(umsi_irq_test(w.u, w.virq, &r), UMSI_TIMEOUT);
    assert_int_equal(umsi_irq_test(w.u, 12345, &r), UMSI_NOTFOUND);
    close_world(&w);
}

static void test_explain_names_the_first_stop(void **state)
{
    struct world w;
    char text[2000] = "";
    const char *why = NULL;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_explain(w.u, w.virq, count_line, text, &why), UMSI_STATE);
    assert_string_equal(why, "no handler is requested");
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    umsi_irq_disable(w.u, w.virq);
    assert_int_equal(umsi_explain(w.u, w.virq, count_line, text, &why), UMSI_STATE);
    assert_string_equal(why, "the driver has it disabled");
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(umsi_explain(w.u, w.virq, count_line, text, NULL), UMSI_OK);
    assert_non_null(strstr(text, "nothing stops it"));
    close_world(&w);
}

/* ---- replay without a controller that can ---- */

static enum umsi_status cannot(struct umsi_domain *d, struct umsi_irq *irq, enum umsi_irq_what what,
                               bool value)
{
    (void)d;
    (void)irq;
    (void)what;
    (void)value;
    return UMSI_UNSUPPORTED;
}

static uint32_t kicked = UMSI_NO_CPU;

static void kick(void *ctx, umsi_cpu cpu)
{
    (void)ctx;
    kicked = cpu;
}

static void replay_world(struct world *w, struct umsi_chip *chip)
{
    *chip = *w->mock.msi.chip;
    chip->set_state = cannot;
    w->mock.msi.chip = chip;
}

static void test_replay_runs_here_without_a_kick(void **state)
{
    struct world w;
    struct umsi_chip chip;
    (void)state;
    open_world(&w, true);
    replay_world(&w, &chip);
    arrive(&w, 0);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(w.runs, 1);
    assert_int_equal(info_of(&w).arrived, 1);
    close_world(&w);
}

static void test_replay_kicks_the_target(void **state)
{
    struct world w;
    struct umsi_chip chip;
    (void)state;
    open_world(&w, true);
    replay_world(&w, &chip);
    w.u->port.cpu_kick = kick;
    arrive(&w, 0);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(w.runs, 0);
    assert_int_equal(kicked, umsi_irq_get_cpu(w.u, w.virq));
    w.t.self = kicked;
    umsi_cpu_service(w.u);
    assert_int_equal(w.runs, 1);
    umsi_cpu_service(w.u);
    assert_int_equal(w.runs, 1);
    /* Freed while on the list: taken off it. */
    umsi_irq_disable(w.u, w.virq);
    arrive(&w, 0);
    umsi_irq_enable(w.u, w.virq);
    umsi_irq_free(w.u, w.virq);
    umsi_cpu_service(w.u);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

/* It arrived while it was disabled, and is enabled now. */
static void leave_one(struct world *w)
{
    umsi_irq_disable(w->u, w->virq);
    arrive(w, 0);
    umsi_irq_enable(w->u, w->virq);
}

static void serve_on(struct world *w, umsi_cpu cpu)
{
    w->t.self = cpu;
    umsi_cpu_service(w->u);
    w->t.self = 0;
}

/* What was left to a CPU, and is not run yet when that goes offline, is run by another one (L35, L60). */
static void test_what_was_left_to_a_cpu_survives_it(void **state)
{
    struct world w;
    struct umsi_chip chip;
    uint32_t left;
    (void)state;
    open_world(&w, true);
    replay_world(&w, &chip);
    w.u->port.cpu_kick = kick;
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &(struct umsi_cpumask){ { 1u << 2 } }),
                     UMSI_OK);
    leave_one(&w);
    assert_int_equal(kicked, 2);
    assert_int_equal(umsi_cpu_leave(w.u, 2, &left), UMSI_OK);
    umsi_set_cpu_online(w.u, 2, false);
    assert_int_not_equal(kicked, 2);
    assert_int_equal(kicked, umsi_irq_get_cpu(w.u, w.virq));
    assert_int_equal(w.runs, 0);
    serve_on(&w, kicked);
    assert_int_equal(w.runs, 1);
    serve_on(&w, 2);
    assert_int_equal(w.runs, 1);
    /* The next one is left to a CPU that is there. */
    leave_one(&w);
    serve_on(&w, kicked);
    assert_int_equal(w.runs, 2);
    close_world(&w);
}

/* A CPU that went without a word: nothing is left to it, while there is another. */
static void test_nothing_is_left_to_a_cpu_that_is_offline(void **state)
{
    struct world w;
    struct umsi_chip chip;
    (void)state;
    open_world(&w, true);
    replay_world(&w, &chip);
    w.u->port.cpu_kick = kick;
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &(struct umsi_cpumask){ { 1u << 2 } }),
                     UMSI_OK);
    umsi_set_cpu_online(w.u, 2, false);
    leave_one(&w);
    assert_int_equal(kicked, 3);
    for (umsi_cpu cpu = 0; cpu < 4; cpu++) {
        umsi_set_cpu_online(w.u, cpu, false);
    }
    assert_int_equal(kicked, 2); /* nobody is there: it waits for its target */
    assert_int_equal(w.runs, 0);
    serve_on(&w, 2);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

/* ---- unknown ---- */

static void test_unknown_is_counted_reported_once_and_cut(void **state) /* L60 */
{
    struct world w;
    struct umsi_counts c;
    uint32_t lines, storms = 0;
    (void)state;
    open_world(&w, true);
    lines = w.t.log_lines;
    for (uint32_t i = 0; i < 255; i++) {
        storms += umsi_unknown(w.u, 8200);
    }
    assert_int_equal(storms, 0);
    assert_int_equal(w.t.log_lines, lines + 1);
    assert_true(test_port_logged(&w.t, "interrupt 8200 arrived, and nobody owns it"));
    assert_true(umsi_unknown(w.u, 8200));
    for (uint32_t i = 0; i < 100; i++) {
        assert_false(umsi_unknown(w.u, 9000 + i));
    }
    umsi_get_counts(w.u, &c);
    assert_int_equal(c.unknown, 356);
    assert_int_equal(c.cut_off, 1);
    /* A storm of more numbers than the table has places for is cut off as well. */
    for (uint32_t i = 0; i < 1000; i++) {
        storms += umsi_unknown(w.u, 9100 + i % 100);
    }
    assert_true(storms > 700);
    assert_true(w.t.log_lines < lines + 22);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_local_interrupt_that_may_not_run_is_pended_again),
        cmocka_unit_test(test_irq_test_says_where_it_came),
        cmocka_unit_test(test_explain_names_the_first_stop),
        cmocka_unit_test(test_replay_runs_here_without_a_kick),
        cmocka_unit_test(test_replay_kicks_the_target),
        cmocka_unit_test(test_what_was_left_to_a_cpu_survives_it),
        cmocka_unit_test(test_nothing_is_left_to_a_cpu_that_is_offline),
        cmocka_unit_test(test_unknown_is_counted_reported_once_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
