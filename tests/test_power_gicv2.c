/* SPDX-License-Identifier: MIT */
/*
 * A GICv2 over a sleep, which it may lose its registers in or not: routes, triggers, masks and what is pending survive
 * (L51), and nothing comes twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "gic_rig.h"

#define EDGE  40u
#define LEVEL 41u
#define OFF   42u /* disabled by its driver */
#define PPI   27u
#define SGI   5u

static struct gic_rig r;
static umsi_virq virq[64];
static uint32_t ran[64];
static uint32_t ppi_triggers;
static const uint32_t mapped[] = { EDGE, LEVEL, OFF, PPI, SGI };
#define NR_MAPPED (sizeof(mapped) / sizeof(mapped[0]))

static void handler(void *arg)
{
    const uint32_t intid = *(const uint32_t *)arg;
    ran[intid]++;
    if (intid == LEVEL) {
        model_spi_set(r.m, LEVEL, false); /* its handler quiets the device */
    }
}

static uint32_t reg(uint32_t offset)
{
    return gic_rig_read(&r, 0, gic_rig_gicd(&r), offset);
}

static void put(uint32_t offset, uint32_t value)
{
    gic_rig_write(&r, 0, gic_rig_gicd(&r), offset, value);
}

static bool enabled(uint32_t intid)
{
    return (reg(0x100 + intid / 32 * 4) >> (intid % 32) & 1) != 0;
}

static void pulse(uint32_t intid)
{
    model_spi_set(r.m, intid, true);
    model_spi_set(r.m, intid, false);
}

static void start(bool two_states)
{
    gic_rig_start(
        &r, &(struct model_config){
                .nr_cpus = 2, .gicv2 = true, .nr_spis = 64, .two_security_states = two_states });
    memset(ran, 0, sizeof(ran));
    for (uint32_t i = 0; i < NR_MAPPED; i++) {
        const uint32_t n = mapped[i];
        assert_int_equal(umsi_gicv2_map(r.gicv2, n, n == LEVEL, &virq[n]), UMSI_OK);
        assert_int_equal(
            umsi_irq_request(r.u, virq[n], handler, (void *)(uintptr_t)&mapped[i], "test"),
            UMSI_OK);
    }
    umsi_irq_disable(r.u, virq[OFF]);
    assert_int_equal(umsi_gicv2_enable_local(r.gicv2, PPI, true), UMSI_OK);
    assert_int_equal(umsi_gicv2_enable_local(r.gicv2, SGI, true), UMSI_OK);
    gic_rig_offline(&r, 1);
    ppi_triggers = reg(0xc04);
    assert_int_equal(ppi_triggers >> 2 * (PPI - 16) & 3, 2);
    model_mask_cpu(r.m, 0, true);
}

static void stop(void)
{
    for (uint32_t i = 0; i < NR_MAPPED; i++) {
        umsi_irq_free(r.u, virq[mapped[i]]);
        umsi_gicv2_unmap(r.gicv2, virq[mapped[i]]);
    }
    gic_rig_stop(&r);
}

/* What power-on, or firmware, may leave. */
static void leave_something(bool two_states)
{
    put(0x100 + 4, 1u << (43 - 32));
    if (!two_states) {
        put(0x080, UINT32_MAX);
        put(0x084, UINT32_MAX);
    }
}

static void check_registers(void)
{
    assert_int_equal(reg(0x080), 0); /* IGROUPR */
    assert_int_equal(reg(0x084), 0);
    assert_int_equal(reg(0xc04), ppi_triggers);
    assert_int_equal(reg(0x400 + 24) >> 24, 0xa0);     /* of PPI 27 */
    assert_int_equal(reg(0x000), 1);                   /* GICD_CTLR */
    assert_int_equal(reg(0xc00 + 8) >> 16 & 0xf, 0x2); /* ICFGR: 40 edge, 41 level */
    assert_int_equal(reg(0x400 + 40) & 0xff, 0xa0);
    assert_true(enabled(EDGE));
    assert_true(enabled(LEVEL));
    assert_true(enabled(PPI));
    assert_false(enabled(OFF));
    assert_false(enabled(43));
}

static void sleep_once(bool loses, bool two_states)
{
    start(two_states);
    const uint32_t target = reg(0x800 + 40) & 0xff;
    pulse(EDGE);
    pulse(OFF);
    model_spi_set(r.m, LEVEL, true);
    assert_int_equal(umsi_gicv2_send_sgi(r.gicv2, 0, SGI), UMSI_OK);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    assert_int_equal(gic_rig_read(&r, 0, gic_rig_gicc(&r), 0) & 1, 0);
    if (loses) {
        model_gicv2_power_off(r.m);
        assert_false(enabled(EDGE));
        leave_something(two_states);
    }
    pulse(OFF); /* disabled as before: wakes nobody */
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    check_registers();
    assert_int_equal(reg(0x800 + 40) & 0xff, target);
    model_mask_cpu(r.m, 0, false);
    model_run(r.m);
    assert_int_equal(ran[EDGE], 1);
    assert_int_equal(ran[LEVEL], 1);
    assert_int_equal(ran[SGI], 1);
    assert_int_equal(ran[OFF], 0);
    umsi_irq_enable(r.u, virq[OFF]);
    model_run(r.m);
    assert_int_equal(ran[OFF], 1); /* remembered, once (L60) */
    pulse(EDGE);
    model_run(r.m);
    assert_int_equal(ran[EDGE], 2);
    stop();
}

static void survives(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        sleep_once((i & 1) != 0, (i & 2) != 0);
    }
}

/* What is on the wire speaks for itself: a level that went is not pending. */
static void a_level_that_went(void **state)
{
    static const uint32_t wire = 28; /* a level-sensitive PPI */
    (void)state;
    start(false);
    assert_int_equal(umsi_gicv2_map(r.gicv2, wire, true, &virq[wire]), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, virq[wire], handler, (void *)(uintptr_t)&wire, "wire"),
                     UMSI_OK);
    assert_int_equal(umsi_gicv2_enable_local(r.gicv2, wire, true), UMSI_OK);
    model_spi_set(r.m, LEVEL, true);
    model_ppi_set(r.m, 0, wire, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_gicv2_power_off(r.m);
    model_spi_set(r.m, LEVEL, false);
    model_ppi_set(r.m, 0, wire, false);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    model_run(r.m);
    assert_int_equal(ran[LEVEL], 0);
    assert_int_equal(ran[wire], 0);
    umsi_gicv2_unmap(r.gicv2, virq[wire]);
    stop();
}

/* It lost a trigger and kept the enable bit: a trigger changes while its SPI is disabled only. */
static void half_of_it_lost(void **state)
{
    (void)state;
    start(false);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    put(0x180 + 4, 1u << (EDGE - 32));
    put(0xc00 + 8, 0);
    put(0x100 + 4, 1u << (EDGE - 32));
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    check_registers();
    model_mask_cpu(r.m, 0, false);
    stop();
}

/* What drivers say between suspend and resume counts. */
static void switched_meanwhile(void **state)
{
    (void)state;
    start(false);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    umsi_irq_enable(r.u, virq[OFF]);
    umsi_irq_disable(r.u, virq[EDGE]);
    model_gicv2_power_off(r.m);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    assert_true(enabled(OFF));
    assert_false(enabled(EDGE));
    umsi_irq_enable(r.u, virq[EDGE]);
    assert_true(enabled(EDGE));
    model_mask_cpu(r.m, 0, false);
    stop();
}

/* The other CPU comes up as it did the first time, and interrupts move to it. */
static void the_other_cpu_comes_back(void **state)
{
    (void)state;
    start(false);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_gicv2_power_off(r.m);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    assert_int_equal(gic_rig_online(&r, 1), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq[EDGE], &(struct umsi_cpumask){ { 2 } }),
                     UMSI_OK);
    pulse(EDGE);
    model_run(r.m);
    assert_int_equal(ran[EDGE], 1);
    assert_int_equal(umsi_irq_count(r.u, virq[EDGE], 1), 1);
    stop();
}

/* A trigger that cannot be set again is said. */
static void a_trigger_that_sticks(void **state)
{
    (void)state;
    start(false);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_gicv2_power_off(r.m);
    r.deaf = gic_rig_gicd(&r) + 0xc08;
    assert_int_equal(umsi_resume(r.u), UMSI_HARDWARE);
    r.deaf = NULL;
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    check_registers();
    model_mask_cpu(r.m, 0, false);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives),
        cmocka_unit_test(a_level_that_went),
        cmocka_unit_test(half_of_it_lost),
        cmocka_unit_test(switched_meanwhile),
        cmocka_unit_test(the_other_cpu_comes_back),
        cmocka_unit_test(a_trigger_that_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
