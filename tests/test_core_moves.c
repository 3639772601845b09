/* SPDX-License-Identifier: MIT */
/* Targets and moves, and the free that must wait: for a move, for a dispatch elsewhere. */
#include "core_bench.h"

#include "../src/core/irq.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free_waits_for_a_move_and_lets_none_begin),
        cmocka_unit_test(test_only_what_the_parent_can_reach_is_a_target),
        cmocka_unit_test(test_affinity),
        cmocka_unit_test(test_free_waits_for_a_dispatch_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
