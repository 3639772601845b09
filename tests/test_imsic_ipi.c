/* SPDX-License-Identifier: MIT */
/* IPIs through the lowest identities of every file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "imsic_rig.h"

#define CPUS 3u

static struct {
    uint32_t hits[CPUS];
    struct irig *r;
} seen;

static void on_ipi(void *arg)
{
    (void)arg;
    seen.hits[model_port(seen.r->m)->cpu_self(seen.r->m)]++;
}

static void start(struct irig *r, uint32_t offline)
{
    const struct irig_config c = { .model = { .nr_cpus = CPUS }, .nr_ipis = 4, .offline = offline };
    irig_start(r, &c);
    seen.r = r;
    for (uint32_t i = 0; i < CPUS; i++) {
        seen.hits[i] = 0;
    }
}

static umsi_virq map(struct irig *r, uint32_t ipi)
{
    umsi_virq virq = UMSI_NO_VIRQ;
    assert_int_equal(umsi_imsic_map_ipi(r->imsic, ipi, &virq), UMSI_OK);
    return virq;
}

static void expect(uint32_t a, uint32_t b, uint32_t c)
{
    irig_run(seen.r);
    assert_int_equal(seen.hits[0], a);
    assert_int_equal(seen.hits[1], b);
    assert_int_equal(seen.hits[2], c);
}

/* Each CPU has its own; identities are those after 0, in order. */
static void test_send(void **state)
{
    struct irig r;
    (void)state;
    start(&r, 0);
    umsi_virq virq = map(&r, 2);
    assert_int_equal(umsi_irq_request(r.u, virq, on_ipi, NULL, "ipi"), UMSI_OK);
    irig_run(&r);
    assert_true(model_imsic_enabled(r.m, 1, 3));
    assert_false(model_imsic_enabled(r.m, 1, 1));
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 1, 2), UMSI_OK);
    expect(0, 1, 0);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 0, 2), UMSI_OK); /* to itself */
    expect(1, 1, 0);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 2, 2), UMSI_OK);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 1, 2), UMSI_OK);
    expect(1, 2, 1);
    assert_int_equal(umsi_irq_count(r.u, virq, 1), 2);
    umsi_imsic_unmap_ipi(r.imsic, virq);
    irig_run(&r);
    assert_false(model_imsic_enabled(r.m, 1, 3));
    irig_stop(&r);
}

static void test_errors(void **state)
{
    struct irig r;
    umsi_virq virq = UMSI_NO_VIRQ;
    (void)state;
    start(&r, 4);
    assert_int_equal(umsi_imsic_map_ipi(r.imsic, 4, &virq), UMSI_RANGE);
    virq = map(&r, 3);
    assert_int_equal(umsi_imsic_map_ipi(r.imsic, 3, &virq), UMSI_EXISTS);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 0, 4), UMSI_RANGE);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, CPUS, 0), UMSI_RANGE);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 2, 0), UMSI_STATE);
    assert_int_equal(irig_move(&r, virq, 1), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_imsic_destroy(r.imsic), UMSI_BUSY);
    umsi_imsic_unmap_ipi(r.imsic, virq);
    virq = map(&r, 3);
    umsi_imsic_unmap_ipi(r.imsic, virq);
    irig_stop(&r);
}

/* What comes before the handler is there, or while it is disabled, is held for each CPU and runs once (L51, L60). */
static void test_held(void **state)
{
    struct irig r;
    (void)state;
    start(&r, 0);
    umsi_virq virq = map(&r, 0);
    irig_run(&r);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 1, 0), UMSI_OK);
    expect(0, 0, 0);
    assert_int_equal(umsi_irq_request(r.u, virq, on_ipi, NULL, "ipi"), UMSI_OK);
    expect(0, 1, 0);
    umsi_irq_disable(r.u, virq);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(umsi_imsic_send_ipi(r.imsic, 0, 0), UMSI_OK);
        assert_int_equal(umsi_imsic_send_ipi(r.imsic, 2, 0), UMSI_OK);
        expect(0, 1, 0);
    }
    umsi_irq_enable(r.u, virq);
    expect(1, 1, 1);
    umsi_irq_free(r.u, virq);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 0, 0), UMSI_OK);
    expect(1, 1, 1);
    umsi_imsic_unmap_ipi(r.imsic, virq); /* and what was held is nobody's */
    virq = map(&r, 0);
    assert_int_equal(umsi_irq_request(r.u, virq, on_ipi, NULL, "ipi"), UMSI_OK);
    expect(1, 1, 1);
    umsi_imsic_unmap_ipi(r.imsic, virq);
    irig_stop(&r);
}

/* A CPU that comes later, or comes back, has them open. */
static void test_late_cpu(void **state)
{
    struct irig r;
    (void)state;
    start(&r, 4);
    umsi_virq virq = map(&r, 1);
    assert_int_equal(umsi_irq_request(r.u, virq, on_ipi, NULL, "ipi"), UMSI_OK);
    irig_run(&r);
    assert_int_equal(irig_cpu_online(&r, 2), UMSI_OK);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 2, 1), UMSI_OK);
    expect(0, 0, 1);
    irig_cpu_offline(&r, 2);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 2, 1), UMSI_STATE);
    model_imsic_power_off(r.m, 2);
    assert_int_equal(irig_cpu_online(&r, 2), UMSI_OK);
    assert_int_equal(umsi_imsic_send_ipi(r.imsic, 2, 1), UMSI_OK);
    expect(0, 0, 2);
    umsi_imsic_unmap_ipi(r.imsic, virq);
    irig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_late_cpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
