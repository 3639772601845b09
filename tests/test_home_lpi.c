/* SPDX-License-Identifier: MIT */
/*
 * The short way as a kernel with its own GIC takes it, by umsi_lpi_handle(): without a bracket. What is freed on it,
 * arrives on it, and is counted on it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "its_rig.h"

#include "../src/core/irq.h"

static struct rig r;
static struct rig_device dev, other;
static uint32_t runs, other_runs;
static void (*once)(void);

static void handler(void *arg)
{
    (void)arg;
    runs++;
    if (once != NULL) {
        void (*now)(void) = once;
        once = NULL;
        now();
    }
}

static void other_handler(void *arg)
{
    (void)arg;
    other_runs++;
}

static umsi_virq virq_of(struct rig_device *d)
{
    return umsi_msi_virq(&d->dev, 0);
}

static uint32_t intid_of(struct rig_device *d)
{
    struct umsi_irq_info info;
    assert_int_equal(umsi_irq_get_info(r.u, virq_of(d), &info), UMSI_OK);
    return info.hwirq;
}

static void arrive(struct rig_device *d, umsi_cpu cpu)
{
    const uint32_t intid = intid_of(d);
    model_set_cpu(r.m, cpu);
    assert_true(umsi_lpi_handle(r.lpi, intid));
    model_set_cpu(r.m, 0);
}

/* Two devices of a vector each, at home on CPU 0. */
static void start(void)
{
    const struct model_config config = { .nr_cpus = 2 };
    its_rig_start(&r, &config);
    assert_true(r.u->short_way);
    memset(&dev, 0, sizeof(dev));
    memset(&other, 0, sizeof(other));
    assert_int_equal(its_rig_attach(&r, &dev, 1, 1, 0, true), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &other, 2, 1, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&dev.dev, 0, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&other.dev, 0, 1), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, virq_of(&dev), handler, NULL, "a"), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, virq_of(&other), other_handler, NULL, "b"), UMSI_OK);
    once = NULL;
    arrive(&dev, 0);
    arrive(&other, 0);
    runs = other_runs = 0;
}

static void stop(void)
{
    umsi_msi_detach(&dev.dev);
    umsi_msi_detach(&other.dev);
    its_rig_stop(&r);
}

static uint32_t seq_before;

static void look_within(void)
{
    assert_ptr_equal(r.u->percpu[0].current, umsi_irq_find(r.u, virq_of(&dev)));
    assert_int_equal(r.u->percpu[0].seq, seq_before);
    assert_int_equal(umsi_dispatching_cpu(r.u),
                     0); /* who frees from here does not wait for itself */
    assert_false(umsi_grace_wait(r.u));
}

static void test_no_bracket(void **state)
{
    (void)state;
    start();
    seq_before = r.u->percpu[0].seq;
    once = look_within;
    arrive(&dev, 0);
    assert_int_equal(runs, 1);
    assert_null(r.u->percpu[0].current);
    assert_true(umsi_grace_wait(r.u));
    stop();
}

static uint32_t waiting(void)
{
    struct umsi_counts counts;
    umsi_get_counts(r.u, &counts);
    return counts.waiting_irqs;
}

/* Another interrupt, with a bracket of its own that ends, does not end this one. */
static void free_and_be_interrupted(void)
{
    const umsi_virq was = virq_of(&dev);
    umsi_msi_free(&dev.dev, 0, 1);
    assert_int_equal(waiting(), 1);
    arrive(&other, 0);
    assert_int_equal(other_runs, 1);
    assert_int_equal(umsi_msi_alloc(&dev.dev, 0, 1), UMSI_OK);
    assert_int_equal(waiting(), 1);
    assert_int_not_equal(virq_of(&dev), was); /* its descriptor is not issued while it runs */
    assert_int_equal(umsi_irq_request(r.u, virq_of(&dev), handler, NULL, "next"), UMSI_OK);
}

static void test_freed_from_within(void **state) /* L59 */
{
    (void)state;
    start();
    once = free_and_be_interrupted;
    arrive(&dev, 0);
    assert_int_equal(runs, 1);
    umsi_msi_free(&dev.dev, 0, 1);
    assert_int_equal(umsi_msi_alloc(&dev.dev, 0, 1), UMSI_OK);
    assert_int_equal(waiting(), 0); /* it has returned: whoever allocates next has it again */
    stop();
}

static void arrive_again(void)
{
    arrive(&dev, 0);
    assert_int_equal(runs, 1); /* never two at once */
}

static void test_arrives_beneath_itself(void **state) /* L58 */
{
    (void)state;
    start();
    once = arrive_again;
    arrive(&dev, 0);
    assert_int_equal(runs, 2);
    stop();
}

static void arrive_and_free(void)
{
    arrive(&dev, 0);
    umsi_irq_free(r.u, virq_of(&dev));
}

static void test_freed_with_one_remembered(void **state) /* L59 */
{
    (void)state;
    start();
    once = arrive_and_free;
    arrive(&dev, 0);
    assert_int_equal(runs, 1);
    assert_int_equal(umsi_irq_request(r.u, virq_of(&dev), handler, NULL, "next"), UMSI_OK);
    assert_int_equal(runs, 1); /* what came for the former one is forgotten */
    stop();
}

/* Runs by either way, on the CPU they were on, wherever the home is by now. */
static void test_counts(void **state)
{
    struct umsi_irq_info info;
    (void)state;
    start();
    for (uint32_t i = 0; i < 3; i++) {
        arrive(&dev, 0);
    }
    assert_int_equal(umsi_irq_count(r.u, virq_of(&dev), 0), 4);
    for (uint32_t i = 0; i < 5; i++) {
        arrive(&dev, 1);
    }
    arrive(&dev, 0);
    assert_int_equal(umsi_irq_count(r.u, virq_of(&dev), 0), 5);
    assert_int_equal(umsi_irq_count(r.u, virq_of(&dev), 1), 5);
    assert_int_equal(umsi_irq_get_info(r.u, virq_of(&dev), &info), UMSI_OK);
    assert_int_equal(info.handled, 10);
    assert_int_equal(info.arrived, 10);
    assert_int_equal(runs, 9); /* and one before they were counted here */
    umsi_msi_free(&dev.dev, 0, 1);
    assert_int_equal(umsi_msi_alloc(&dev.dev, 0, 1), UMSI_OK);
    assert_int_equal(umsi_irq_count(r.u, virq_of(&dev), 0), 0);
    assert_int_equal(umsi_irq_count(r.u, virq_of(&dev), 1), 0);
    stop();
}

static void test_a_test_at_home_says_where(void **state)
{
    struct umsi_irq_test result;
    (void)state;
    start();
    assert_int_equal(umsi_irq_test(r.u, virq_of(&dev), &result), UMSI_OK);
    assert_true(result.arrived && result.handled);
    assert_int_equal(result.cpu, 0);
    assert_int_equal(runs, 1);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_bracket),
        cmocka_unit_test(test_freed_from_within),
        cmocka_unit_test(test_arrives_beneath_itself),
        cmocka_unit_test(test_freed_with_one_remembered),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_a_test_at_home_says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
