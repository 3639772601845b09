/* SPDX-License-Identifier: MIT */
/* The core: instances, pools, handlers, masks, what is remembered, moves, unknown interrupts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mock_parent.h"
#include "test_port.h"

#include "../src/core/irq.h"
#include "../src/core/radix.h"

struct world {
    struct test_port t;
    struct umsi *u;
    struct mock_parent mock;
    struct umsi_msi_device dev;
    uint32_t runs, messages, masks, unmasks;
    umsi_virq virq;
    void (*in_handler)(struct world *w);
};

static void handler(void *arg)
{
    struct world *w = arg;
    w->runs++;
    if (w->in_handler != NULL) {
        void (*once)(struct world *) = w->in_handler;
        w->in_handler = NULL;
        once(w);
    }
}

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    struct world *w = handle;
    assert_int_equal(m->data, index);
    assert_int_equal(m->address, MOCK_DOORBELL);
    w->messages++;
}

static void set_mask(void *handle, uint32_t index, bool masked)
{
    struct world *w = handle;
    (void)index;
    w->masks += masked;
    w->unmasks += !masked;
}

static void open_world(struct world *w, bool maskable)
{
    memset(w, 0, sizeof(*w));
    test_port_init(&w->t, 4);
    assert_int_equal(umsi_create(&w->t.port, &w->u), UMSI_OK);
    mock_parent_add(&w->mock, w->u, UMSI_DEVICE_MSI);
    const struct umsi_msi_config c = {
        .name = "dev",
        .handle = w,
        .device_id = 7,
        .nr_events = 8,
        .write_message = write_message,
        .set_mask = maskable ? set_mask : NULL,
    };
    assert_int_equal(umsi_msi_attach(&w->mock.msi, &c, &w->dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w->dev, 0, 4), UMSI_OK);
    assert_int_equal(w->masks, maskable ? 4 : 0); /* before the messages are written */
    w->masks = 0;
    w->virq = umsi_msi_virq(&w->dev, 1);
    assert_int_not_equal(w->virq, UMSI_NO_VIRQ);
}

static void close_world(struct world *w)
{
    umsi_msi_detach(&w->dev);
    umsi_msi_detach(&w->dev); /* harmless */
    mock_parent_remove(&w->mock);
    assert_int_equal(umsi_destroy(w->u), UMSI_OK);
    test_port_check_empty(&w->t);
}

static void arrive(struct world *w, umsi_cpu cpu)
{
    struct umsi_irq_info info;
    umsi_cpu was = w->t.self;
    assert_int_equal(umsi_irq_get_info(w->u, w->virq, &info), UMSI_OK);
    w->t.self = cpu;
    assert_true(mock_parent_arrive(&w->mock, info.hwirq));
    w->t.self = was;
}

static struct umsi_irq_info info_of(struct world *w)
{
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(w->u, w->virq, &info), UMSI_OK);
    return info;
}

/* ---- instances ---- */

static void test_create_refuses_a_bad_port(void **state)
{
    struct test_port t;
    struct umsi *u = NULL;
    (void)state;
    test_port_init(&t, 1);
    assert_int_equal(umsi_create(NULL, &u), UMSI_INVALID);
    t.port.time_us = NULL;
    assert_int_equal(umsi_create(&t.port, &u), UMSI_PORT);
    test_port_init(&t, 0);
    assert_int_equal(umsi_create(&t.port, &u), UMSI_INVALID);
    test_port_init(&t, 1);
    t.port.size = 8;
    assert_int_equal(umsi_create(&t.port, &u), UMSI_INVALID);
    test_port_init(&t, 1);
    t.port.doorbell_unmap = (void (*)(void *, void *, umsi_bus))(uintptr_t)1;
    assert_int_equal(umsi_create(&t.port, &u), UMSI_PORT);
    assert_null(u);
}

static void test_create_survives_every_failed_allocation(void **state)
{
    (void)state;
    for (uint32_t n = 1;; n++) {
        struct test_port t;
        struct umsi *u = NULL;
        test_port_init(&t, 2);
        t.fail_alloc = n;
        enum umsi_status st = umsi_create(&t.port, &u);
        if (st == UMSI_OK) {
            assert_true(n > 2);
            assert_int_equal(umsi_destroy(u), UMSI_OK);
            test_port_check_empty(&t);
            return;
        }
        assert_int_equal(st, UMSI_NOMEM);
        assert_null(u);
        test_port_check_empty(&t);
    }
}

static void test_destroy_waits_for_domains(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_destroy(w.u), UMSI_BUSY);
    close_world(&w);
}

/* ---- handlers ---- */

static void test_request_and_free(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, 9999, handler, &w, "x"), UMSI_NOTFOUND);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(w.unmasks, 1);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "y"), UMSI_EXISTS);
    arrive(&w, 2);
    assert_int_equal(w.runs, 1);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 2), 1);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 0), 0);
    assert_string_equal(info_of(&w).name, "x");
    umsi_irq_free(w.u, w.virq);
    assert_int_equal(w.masks, 1);
    umsi_irq_free(w.u, w.virq); /* nothing to free */
    assert_int_equal(w.masks, 1);
    arrive(&w, 0);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

static void test_early_arrival_runs_once_at_request(void **state) /* L60 */
{
    struct world w;
    (void)state;
    open_world(&w, true);
    arrive(&w, 0);
    arrive(&w, 0);
    assert_true(info_of(&w).pending);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(w.runs, 1);
    assert_int_equal(w.mock.raised, 1);
    assert_false(info_of(&w).pending);
    assert_int_equal(info_of(&w).arrived, 2);
    close_world(&w);
}

static void test_disable_nests_and_remembers_once(void **state) /* L51, L60 */
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    umsi_irq_disable(w.u, w.virq);
    umsi_irq_disable(w.u, w.virq);
    assert_int_equal(w.masks, 1);
    arrive(&w, 0);
    arrive(&w, 1);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 0);
    assert_int_equal(w.unmasks, 1);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.unmasks, 2);
    assert_int_equal(w.runs, 1);
    umsi_irq_enable(w.u, w.virq);
    assert_true(test_port_logged(&w.t, "enabled more often"));
    assert_int_equal(info_of(&w).disable_depth, 0);
    close_world(&w);
}

static void test_unmaskable_device_is_masked_in_software(void **state) /* L60 */
{
    struct world w;
    (void)state;
    open_world(&w, false);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    umsi_irq_disable(w.u, w.virq);
    arrive(&w, 0);
    assert_int_equal(w.runs, 0);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

static void arrive_elsewhere(struct world *w)
{
    arrive(w, 3);
    arrive(w, 2);
    assert_int_equal(w->runs, 1); /* not on two CPUs at once */
}

static void test_second_arrival_runs_on_the_first_cpu(void **state) /* L58 */
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    w.in_handler = arrive_elsewhere;
    arrive(&w, 1);
    assert_int_equal(w.runs, 2);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 1), 2);
    assert_int_equal(umsi_irq_count(w.u, w.virq, 3), 0);
    assert_int_equal(info_of(&w).arrived, 3);
    close_world(&w);
}

static void disable_and_arrive(struct world *w)
{
    arrive(w, 3);
    umsi_irq_disable(w->u, w->virq);
    arrive(w, 2);
}

static void test_disabled_while_running_remembers(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    w.in_handler = disable_and_arrive;
    arrive(&w, 1);
    assert_int_equal(w.runs, 1);
    assert_true(info_of(&w).pending);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 2);
    close_world(&w);
}

static void free_myself(struct world *w)
{
    arrive(w, 3);
    umsi_irq_disable(w->u, w->virq);
    arrive(w, 2); /* held back, elsewhere: this CPU is still the one that runs it */
    umsi_irq_free(w->u, w->virq);
    /* Still in it: another one cannot move in yet. */
    assert_int_equal(umsi_irq_request(w->u, w->virq, handler, w, "y"), UMSI_EXISTS);
}

static void test_free_from_within_the_handler(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    w.in_handler = free_myself;
    arrive(&w, 1);
    assert_int_equal(w.runs, 1);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "z"), UMSI_OK);
    assert_int_equal(w.runs, 1); /* what arrived for the old handler is not for the new one */
    close_world(&w);
}

static uint32_t inner_masks, inner_unmasks;

static void inner_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    (void)d;
    (void)irq;
    inner_masks++;
}

static void inner_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    (void)d;
    (void)irq;
    inner_unmasks++;
}

static void test_storm_while_masked_is_cut_off_once(void **state) /* L60 */
{
    struct world w;
    struct umsi_counts counts;
    (void)state;
    open_world(&w, false);
    struct umsi_chip chip = *w.mock.msi.chip;
    chip.mask = inner_mask;
    chip.unmask = inner_unmask;
    w.mock.msi.chip = &chip;
    inner_masks = inner_unmasks = 0;
    for (uint32_t i = 0; i < 255; i++) {
        arrive(&w, 0);
    }
    assert_int_equal(inner_masks, 0);
    for (uint32_t i = 0; i < 600; i++) {
        arrive(&w, 0);
    }
    assert_int_equal(inner_masks, 1);
    umsi_get_counts(w.u, &counts);
    assert_int_equal(counts.cut_off, 1);
    assert_true(test_port_logged(&w.t, "dev/dev: vector 1 storms while masked: silenced at mock"));
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    assert_int_equal(inner_unmasks, 1);
    assert_int_equal(w.runs, 1);
    close_world(&w);
}

static void test_a_slow_stream_while_disabled_is_no_storm(void **state)
{
    struct world w;
    struct umsi_counts counts;
    (void)state;
    open_world(&w, false);
    struct umsi_chip chip = *w.mock.msi.chip;
    chip.mask = inner_mask;
    chip.unmask = inner_unmask;
    w.mock.msi.chip = &chip;
    inner_masks = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        w.t.now_us += 10000;
        arrive(&w, 0);
    }
    umsi_get_counts(w.u, &counts);
    assert_int_equal(counts.cut_off, 0);
    assert_int_equal(inner_masks, 0);
    close_world(&w);
}

static void test_free_forgets_the_drivers_disables(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "x"), UMSI_OK);
    umsi_irq_disable(w.u, w.virq);
    arrive(&w, 0);
    umsi_irq_free(w.u, w.virq);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "y"), UMSI_OK);
    assert_int_equal(w.runs, 0); /* that arrival was for the old one */
    arrive(&w, 0);
    assert_int_equal(w.runs, 1);
    /* Before there is a handler a disable is for the one to come. */
    umsi_irq_free(w.u, w.virq);
    umsi_irq_disable(w.u, w.virq);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "z"), UMSI_OK);
    arrive(&w, 0);
    assert_int_equal(w.runs, 1);
    umsi_irq_enable(w.u, w.virq);
    assert_int_equal(w.runs, 2);
    close_world(&w);
}

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

static bool local_acknowledge(void *arg, uint32_t *out_hwirq)
{
    (void)arg;
    bool taken = one_pending;
    one_pending = false;
    *out_hwirq = 3;
    return taken;
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

static void count_line(void *arg, const char *line)
{
    char *all = arg;
    strcat(all, line);
    strcat(all, "\n");
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

/* ---- moves ---- */

static struct world *moving_world;
static uint32_t freed_while_moving;

/* A move that is under way when its vector is freed: the free waits, and no later move begins. */
static void end_of_move(struct test_port *t)
{
    struct umsi_irq *irq = umsi_irq_find(moving_world->u, moving_world->virq);
    freed_while_moving++;
    t->on_relax = NULL;
    umsi_irq_clear_bits(irq, UMSI_IRQ_MOVING);
}

static void test_free_waits_for_a_move_and_lets_none_begin(void **state)
{
    struct world w;
    struct umsi_cpumask m = { { 0 } };
    (void)state;
    open_world(&w, true);
    moving_world = &w;
    freed_while_moving = 0;
    umsi_cpumask_set(&m, 2);
    umsi_irq_set_bits(umsi_irq_find(w.u, w.virq), UMSI_IRQ_MOVING);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_BUSY);
    w.t.on_relax = end_of_move;
    umsi_msi_free(&w.dev, 1, 1);
    assert_int_equal(freed_while_moving, 1);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_NOTFOUND);
    assert_int_equal(umsi_msi_alloc(&w.dev, 1, 1), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(w.u, umsi_msi_virq(&w.dev, 1), &m), UMSI_OK);
    close_world(&w);
}

static bool only_cpu_2(struct umsi_domain *parent, umsi_cpu cpu)
{
    (void)parent;
    return cpu == 2;
}

static void test_only_what_the_parent_can_reach_is_a_target(void **state) /* L26 */
{
    struct world w;
    struct umsi_cpumask m = { { 0 } };
    (void)state;
    open_world(&w, true);
    w.mock.ops.can_target = only_cpu_2;
    assert_int_equal(umsi_msi_alloc(&w.dev, 6, 2), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(w.u, umsi_msi_virq(&w.dev, 6)), 2);
    umsi_cpumask_set(&m, 1);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_INVALID);
    umsi_cpumask_set(&m, 2);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_OK);
    close_world(&w);
}

static void test_affinity(void **state) /* L34 */
{
    struct world w;
    struct umsi_cpumask m = { { 0 } };
    (void)state;
    open_world(&w, true);
    umsi_cpumask_set(&m, 3);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 3);
    assert_int_equal(w.mock.moves, 1);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_OK);
    assert_int_equal(w.mock.moves, 1);
    umsi_set_cpu_online(w.u, 3, false);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_INVALID);
    umsi_cpumask_set(&m, 0);
    w.mock.fail_move = 1;
    w.mock.status = UMSI_HARDWARE;
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_HARDWARE);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 3);
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &m), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 0);
    assert_int_equal(umsi_irq_set_affinity(w.u, 777, &m), UMSI_NOTFOUND);
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

/* ---- freed descriptors ---- */

static void hold_cpu(struct test_port *t)
{
    struct world *w = (struct world *)t;
    w->messages++;
    w->t.self = 1;
    umsi_leave(w->u);
    w->t.self = 0;
    t->on_relax = NULL;
}

static void test_free_waits_for_a_dispatch_elsewhere(void **state) /* L59 */
{
    struct world w;
    (void)state;
    open_world(&w, true);
    w.t.self = 1;
    umsi_enter(w.u); /* CPU 1 is in a dispatch */
    w.t.self = 0;
    w.messages = 0;
    w.t.on_relax = hold_cpu;
    umsi_msi_free(&w.dev, 1, 1);
    assert_int_equal(w.messages, 1); /* it had to wait until CPU 1 left */
    assert_int_equal(umsi_msi_virq(&w.dev, 1), UMSI_NO_VIRQ);
    close_world(&w);
}

/* ---- small parts ---- */

static void keep_line(void *arg, const char *line)
{
    strcpy(arg, line);
}

static void test_format(void **state)
{
    char b[64];
    (void)state;
    size_t n = umsi_format(b, sizeof(b), "%s|%5u|%-5u|%04x|%d|%lx|%lu|%c%%", "a", 7u, 8u, 0xabu,
                           -12, (uint64_t)0x123456789a, (uint64_t)12345678901234, 'z');
    assert_int_equal(n, strlen(b));
    assert_string_equal(b, "a|    7|8    |00ab|-12|123456789a|12345678901234|z%");
    umsi_format(b, 5, "%s", "abcdefgh");
    assert_string_equal(b, "abcd");
    const char *volatile nothing = NULL;
    umsi_format(b, sizeof(b), "%6s|%-6s|", "ab", "cd");
    assert_string_equal(b, "    ab|cd    |");
    umsi_printf(keep_line, b, "%s", nothing);
    assert_string_equal(b, "(null)");
}

static void test_radix(void **state)
{
    struct world w;
    struct umsi_radix r = { NULL };
    static const uint32_t keys[] = { 0,   1,     15,    16,         17,        255,
                                     256, 65535, 65536, 0x12345678, UINT32_MAX };
    uint32_t n = sizeof(keys) / sizeof(keys[0]), key, at = 0;
    void *value;
    (void)state;
    open_world(&w, true);
    size_t before = w.t.heap_bytes;
    for (uint32_t i = n; i-- > 0;) {
        assert_null(umsi_radix_get(&r, keys[i]));
        assert_true(umsi_radix_reserve(w.u, &r, keys[i]));
        umsi_radix_set(&r, keys[i], (void *)(uintptr_t)&keys[i]);
    }
    for (uint32_t i = 0; i < n; i++) {
        assert_ptr_equal(umsi_radix_get(&r, keys[i]), &keys[i]);
        assert_true(umsi_radix_next(&r, at, &key, &value));
        assert_int_equal(key, keys[i]);
        at = key + 1;
    }
    assert_int_equal(umsi_radix_first_free(&r, 0), 2);
    assert_int_equal(umsi_radix_first_free(&r, 15), 18);
    for (uint32_t i = 0; i < n; i++) {
        umsi_radix_clear(w.u, &r, keys[i]);
        assert_null(umsi_radix_get(&r, keys[i]));
    }
    assert_null(r.root);
    assert_int_equal(w.t.heap_bytes, before);
    for (uint32_t i = 0; i < 5000; i++) { /* full nodes */
        assert_int_equal(umsi_radix_first_free(&r, 0), i);
        assert_true(umsi_radix_reserve(w.u, &r, i));
        umsi_radix_set(&r, i, &w);
    }
    umsi_radix_clear(w.u, &r, 1234);
    assert_int_equal(umsi_radix_first_free(&r, 0), 1234);
    for (uint32_t i = 0; i < 5000; i++) {
        umsi_radix_clear(w.u, &r, i);
    }
    assert_null(r.root);
    close_world(&w);
}

static void test_radix_without_memory(void **state)
{
    struct world w;
    struct umsi_radix r = { NULL };
    (void)state;
    open_world(&w, true);
    assert_true(umsi_radix_reserve(w.u, &r, 3));
    umsi_radix_set(&r, 3, &w);
    size_t before = w.t.heap_bytes;
    void *hog[64];
    for (uint32_t i = 0; i < 64; i++) {
        hog[i] = umsi_alloc(w.u, 256); /* use up what the pools still have */
    }
    for (uint32_t n = 1; n < 8; n++) {
        w.t.fail_alloc = n;
        if (umsi_radix_reserve(w.u, &r, 0xfffffff0)) {
            umsi_radix_clear(w.u, &r, 0xfffffff0);
        }
        w.t.fail_alloc = 0;
        assert_ptr_equal(umsi_radix_get(&r, 3), &w);
        assert_null(umsi_radix_get(&r, 0xfffffff0));
    }
    for (uint32_t i = 0; i < 64; i++) {
        umsi_free(w.u, hog[i], 256);
    }
    assert_int_equal(w.t.heap_bytes, before);
    umsi_radix_clear(w.u, &r, 3);
    assert_null(r.root);
    close_world(&w);
}

static void test_pool_reuses_and_returns(void **state)
{
    struct world w;
    static void *p[2000];
    (void)state;
    open_world(&w, true);
    size_t before = w.t.heap_bytes;
    for (size_t size = 1; size <= 9000; size = size * 3 + 1) {
        for (uint32_t i = 0; i < 200; i++) {
            p[i] = umsi_alloc(w.u, size);
            assert_non_null(p[i]);
            assert_int_equal((uintptr_t)p[i] % 16, 0);
            for (size_t k = 0; k < size; k++) {
                assert_int_equal(((uint8_t *)p[i])[k], 0);
            }
            memset(p[i], 0xee, size);
        }
        for (uint32_t i = 0; i < 200; i++) {
            umsi_free(w.u, p[(i * 77) % 200], size);
        }
        assert_int_equal(w.t.heap_bytes, before);
    }
    close_world(&w);
}

static void test_status_strings(void **state)
{
    (void)state;
    for (int i = UMSI_OK; i <= UMSI_GONE; i++) {
        assert_string_not_equal(umsi_status_string((enum umsi_status)i), "unknown status");
    }
    assert_string_equal(umsi_status_string((enum umsi_status)99), "unknown status");
}

static void test_tables_print(void **state)
{
    struct world w;
    char text[4000] = "";
    (void)state;
    open_world(&w, true);
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, &w, "my-queue"), UMSI_OK);
    umsi_print_irqs(w.u, count_line, text);
    assert_non_null(strstr(text, "dev/dev"));
    assert_non_null(strstr(text, "my-queue"));
    text[0] = '\0';
    umsi_print_domains(w.u, count_line, text);
    assert_string_equal(text, "numbers  4 interrupts of 4096, 1 domains below\n"
                              "  mock  4 interrupts, 1 domains below\n"
                              "    dev/dev  4 interrupts of 8\n");
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_refuses_a_bad_port),
        cmocka_unit_test(test_create_survives_every_failed_allocation),
        cmocka_unit_test(test_destroy_waits_for_domains),
        cmocka_unit_test(test_request_and_free),
        cmocka_unit_test(test_early_arrival_runs_once_at_request),
        cmocka_unit_test(test_disable_nests_and_remembers_once),
        cmocka_unit_test(test_unmaskable_device_is_masked_in_software),
        cmocka_unit_test(test_second_arrival_runs_on_the_first_cpu),
        cmocka_unit_test(test_disabled_while_running_remembers),
        cmocka_unit_test(test_free_from_within_the_handler),
        cmocka_unit_test(test_a_local_interrupt_that_may_not_run_is_pended_again),
        cmocka_unit_test(test_free_forgets_the_drivers_disables),
        cmocka_unit_test(test_storm_while_masked_is_cut_off_once),
        cmocka_unit_test(test_a_slow_stream_while_disabled_is_no_storm),
        cmocka_unit_test(test_irq_test_says_where_it_came),
        cmocka_unit_test(test_explain_names_the_first_stop),
        cmocka_unit_test(test_replay_runs_here_without_a_kick),
        cmocka_unit_test(test_replay_kicks_the_target),
        cmocka_unit_test(test_affinity),
        cmocka_unit_test(test_only_what_the_parent_can_reach_is_a_target),
        cmocka_unit_test(test_free_waits_for_a_move_and_lets_none_begin),
        cmocka_unit_test(test_unknown_is_counted_reported_once_and_cut),
        cmocka_unit_test(test_free_waits_for_a_dispatch_elsewhere),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_radix),
        cmocka_unit_test(test_radix_without_memory),
        cmocka_unit_test(test_pool_reuses_and_returns),
        cmocka_unit_test(test_status_strings),
        cmocka_unit_test(test_tables_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
