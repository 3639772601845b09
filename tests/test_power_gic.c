/* SPDX-License-Identifier: MIT */
/*
 * The GIC over a sleep, and CPUs that sleep for a moment: routes, triggers, masks and what is pending survive (L51),
 * and a CPU that sleeps is woken by what comes for it. On the strict model, and on the fake GIC where hardware sticks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "fake_gic.h"
#include "rig.h"

#define EDGE  40u
#define LEVEL 41u
#define OFF   42u /* disabled by its driver */
#define PPI   27u
#define SGI   5u

static struct rig r;
static struct unit f;
static umsi_virq virq[128];
static uint32_t ran[128];
static umsi_cpu ran_on[128];

static void handler(void *arg)
{
    const uint32_t intid = *(const uint32_t *)arg;
    ran[intid]++;
    ran_on[intid] = model_port(r.m)->cpu_self(r.m);
    if (intid == LEVEL) {
        model_spi_set(r.m, LEVEL, false); /* its handler quiets the device */
    }
}

static void map(uint32_t intid, bool level)
{
    static uint32_t number[128];
    number[intid] = intid;
    assert_int_equal(umsi_gicv3_map(r.gic, intid, level, &virq[intid]), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, virq[intid], handler, &number[intid], "test"), UMSI_OK);
}

static const uint32_t mapped[] = { EDGE, LEVEL, OFF, PPI, SGI };
#define NR_MAPPED (sizeof(mapped) / sizeof(mapped[0]))

static void start(const struct model_config *model)
{
    rig_start(&r, &(struct rig_config){ .model = *model });
    memset(ran, 0, sizeof(ran));
    for (uint32_t i = 0; i < NR_MAPPED; i++) {
        map(mapped[i], mapped[i] == LEVEL);
    }
    umsi_irq_disable(r.u, virq[OFF]);
    assert_int_equal(umsi_gicv3_enable_local(r.gic, PPI, true), UMSI_OK);
    assert_int_equal(umsi_gicv3_enable_local(r.gic, SGI, true), UMSI_OK);
}

static void stop(void)
{
    for (uint32_t i = 0; i < NR_MAPPED; i++) {
        umsi_irq_free(r.u, virq[mapped[i]]);
        umsi_gicv3_unmap(r.gic, virq[mapped[i]]);
    }
    rig_stop(&r);
}

static void move_to(umsi_virq v, umsi_cpu cpu)
{
    struct umsi_cpumask one = { { 0 } };
    umsi_cpumask_set(&one, cpu);
    assert_int_equal(umsi_irq_set_affinity(r.u, v, &one), UMSI_OK);
}

static void cpu1_offline(void)
{
    model_set_cpu(r.m, 1);
    umsi_lpi_cpu_offline(r.lpi, 1);
    umsi_gicv3_cpu_offline(r.gic);
    model_set_cpu(r.m, 0);
}

static void cpu1_online(void)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    model_set_cpu(r.m, 1);
    assert_int_equal(umsi_gicv3_cpu_online(r.gic, 1), UMSI_OK);
    assert_int_equal(umsi_gicv3_redistributor(r.gic, 1, &rd, &phys), UMSI_OK);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, 1, rd, phys), UMSI_OK);
    model_set_cpu(r.m, 0);
}

static void pulse(uint32_t intid)
{
    model_spi_set(r.m, intid, true);
    model_spi_set(r.m, intid, false);
}

static void expect(uint32_t intid, uint32_t runs)
{
    rig_run(&r);
    assert_int_equal(ran[intid], runs);
}

/* ---- the machine sleeps ---- */

static void keep(void)
{
}

static void lose_all(void)
{
    model_power_off(r.m, true);
}

static void lose_distributor(void)
{
    model_gicd_power_off(r.m);
}

static void lose_cpu(void)
{
    model_gicr_power_off(r.m, 0, true);
    model_cpu_power_off(r.m, 0);
}

static void (*const power[])(void) = { keep, lose_all, lose_distributor, lose_cpu };
#define NR_POWER (sizeof(power) / sizeof(power[0]))

static void sleeps(void (*power_off)(void))
{
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    assert_int_equal(model_run(r.m), 0);
    power_off();
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
}

static void fire_all(uint32_t nth)
{
    pulse(EDGE);
    expect(EDGE, nth);
    model_spi_set(r.m, LEVEL, true);
    expect(LEVEL, nth);
    pulse(OFF);
    expect(OFF, 0);
    assert_int_equal(umsi_gicv3_send_sgi(r.gic, 0, SGI), UMSI_OK);
    expect(SGI, nth);
    assert_int_equal(umsi_irq_retrigger(r.u, virq[PPI]), UMSI_OK);
    expect(PPI, nth);
}

static void all_survives(void **state)
{
    static const struct model_config model[] = { { .nr_cpus = 1 },
                                                 { .nr_cpus = 1, .two_security_states = true } };
    (void)state;
    for (uint32_t i = 0; i < 2 * NR_POWER; i++) {
        start(&model[i / NR_POWER]);
        for (uint32_t round = 1; round < 3; round++) {
            sleeps(power[i % NR_POWER]);
            fire_all(round);
        }
        umsi_irq_enable(r.u, virq[OFF]);
        expect(OFF, 1); /* what came while it was disabled */
        stop();
    }
}

/* On another CPU it goes on when that is there again and it is moved back; till then the boot CPU has it. */
static void routes(void **state)
{
    (void)state;
    start(&(struct model_config){ .nr_cpus = 2 });
    move_to(virq[EDGE], 1);
    move_to(virq[EDGE], 0);
    cpu1_offline();
    sleeps(lose_all);
    pulse(EDGE);
    expect(EDGE, 1);
    assert_int_equal(ran_on[EDGE], 0);
    cpu1_online();
    move_to(virq[EDGE], 1);
    pulse(EDGE);
    expect(EDGE, 2);
    assert_int_equal(ran_on[EDGE], 1);
    stop();
}

/* Edges that were pending come once, whatever lost its power; a level comes if its line stands. */
static void pending(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < NR_POWER; i++) {
        start(&(struct model_config){ .nr_cpus = 1 });
        model_mask_cpu(r.m, 0, true);
        pulse(EDGE);
        model_spi_set(r.m, LEVEL, true);
        assert_int_equal(umsi_gicv3_send_sgi(r.gic, 0, SGI), UMSI_OK);
        sleeps(power[i]);
        expect(EDGE, 1);
        expect(LEVEL, 1);
        expect(SGI, 1);
        rig_run(&r);
        assert_int_equal(ran[EDGE], 1);
        stop();
    }
}

/* A level that was pending before and has gone is nothing; one that came meanwhile is something. */
static void levels(void **state)
{
    (void)state;
    start(&(struct model_config){ .nr_cpus = 1 });
    model_mask_cpu(r.m, 0, true);
    model_spi_set(r.m, LEVEL, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_spi_set(r.m, LEVEL, false);
    lose_all();
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    expect(LEVEL, 0);
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    lose_all();
    model_spi_set(r.m, LEVEL, true);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    expect(LEVEL, 1);
    stop();
}

/* Where the GIC keeps its power an SPI asks for the machine to be woken, and is there after. */
static void an_spi_wakes(void **state)
{
    (void)state;
    start(&(struct model_config){ .nr_cpus = 1 });
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    assert_false(model_wake_request(r.m, 0));
    pulse(OFF);
    assert_false(model_wake_request(r.m, 0));
    pulse(EDGE);
    assert_true(model_wake_request(r.m, 0));
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    expect(EDGE, 1);
    stop();
}

/* What firmware enabled in our absence is off again. */
static void strays(void **state)
{
    const struct umsi_port *p;
    (void)state;
    start(&(struct model_config){ .nr_cpus = 1 });
    p = model_port(r.m);
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    lose_all();
    p->mmio_write32(p->ctx, (volatile char *)model_gicd(r.m) + 0x104, UINT32_MAX); /* ISENABLER1 */
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    assert_int_equal(p->mmio_read32(p->ctx, (volatile char *)model_gicd(r.m) + 0x104),
                     1u << (EDGE - 32) | 1u << (LEVEL - 32));
    fire_all(1);
    stop();
}

/* ---- a CPU sleeps ---- */

/* It stays a target, its LPIs stay on, and what comes wakes it. */
static void cpu_sleeps(void **state)
{
    const struct model_pci_config hw = { .device_id = 0x20, .bdf = 0x20, .msix_entries = 2 };
    (void)state;
    for (uint32_t lose = 0; lose < 2; lose++) {
        start(&(struct model_config){ .nr_cpus = 2 });
        unit_attach(&f, &r, &hw);
        unit_take(&f, 2, UMSI_MSIX);
        move_to(unit_virq(&f, 0), 1);
        move_to(unit_virq(&f, 1), 0);
        model_set_cpu(r.m, 1);
        model_mask_cpu(r.m, 1, true);
        assert_int_equal(umsi_gicv3_cpu_sleep(r.gic), UMSI_OK);
        model_set_cpu(r.m, 0);
        assert_false(model_wake_request(r.m, 1));
        assert_int_equal(model_pci_raise(f.hw, 0), MODEL_SENT);
        rig_run(&r);
        assert_int_equal(f.vector[0].hits, 0);
        assert_true(model_wake_request(r.m, 1));
        unit_fire(&f, 1); /* the other CPU goes on */
        if (lose != 0) {
            model_cpu_power_off(r.m, 1);
        }
        model_set_cpu(r.m, 1);
        assert_int_equal(umsi_gicv3_cpu_wake(r.gic), UMSI_OK);
        model_mask_cpu(r.m, 1, false);
        model_set_cpu(r.m, 0);
        rig_run(&r);
        assert_int_equal(f.vector[0].hits, 1);
        assert_int_equal(f.vector[0].cpu, 1);
        unit_fire(&f, 0);
        unit_drop(&f);
        unit_detach(&f);
        stop();
    }
}

/* What was pending before it slept is a reason to wake at once; an SGI too. */
static void cpu_does_not_sleep_long(void **state)
{
    (void)state;
    start(&(struct model_config){ .nr_cpus = 1 });
    for (uint32_t i = 0; i < 2; i++) {
        model_mask_cpu(r.m, 0, true);
        if (i == 0) {
            pulse(EDGE);
        } else {
            assert_int_equal(umsi_gicv3_send_sgi(r.gic, 0, SGI), UMSI_OK);
        }
        assert_int_equal(umsi_gicv3_cpu_sleep(r.gic), UMSI_OK);
        assert_true(model_wake_request(r.m, 0));
        assert_int_equal(umsi_gicv3_cpu_wake(r.gic), UMSI_OK);
        model_mask_cpu(r.m, 0, false);
        expect(i == 0 ? EDGE : SGI, 1);
    }
    stop();
}

/* ---- hardware that sticks, on the fake GIC ---- */

static void sticks(void **state)
{
    struct fake_gic g;
    struct umsi_gicv3_region region;
    struct umsi_gicv3 *gic;
    struct umsi *u;
    (void)state;
    fake_gic_init(&g);
    region = fake_gic_simple(&g, 1);
    assert_int_equal(umsi_create(&g.port, &u), UMSI_OK);
    const struct umsi_gicv3_config config = { .gicd = g.gicd, .regions = &region, .nr_regions = 1 };
    assert_int_equal(umsi_gicv3_create(u, &config, &gic), UMSI_OK);
    assert_int_equal(umsi_gicv3_cpu_sleep(gic), UMSI_STATE); /* not online */
    assert_int_equal(umsi_gicv3_cpu_wake(gic), UMSI_STATE);
    assert_int_equal(umsi_gicv3_cpu_online(gic, 0), UMSI_OK);
    g.rd[0].asleep_in = FAKE_NEVER;
    assert_int_equal(umsi_gicv3_cpu_sleep(gic), UMSI_TIMEOUT);
    assert_int_equal(umsi_suspend(u), UMSI_TIMEOUT); /* and so is the resume that follows */
    g.rd[0].asleep_in = 0;
    assert_int_equal(umsi_resume(u), UMSI_OK);
    assert_int_equal(g.cpu[0].igrpen1, 1);
    assert_int_equal(g.rd[0].waker, 0);
    g.rd[0].asleep_in = 10; /* takes its time */
    assert_int_equal(umsi_gicv3_cpu_sleep(gic), UMSI_OK);
    g.rd[0].awake_in = FAKE_NEVER;
    assert_int_equal(umsi_gicv3_cpu_wake(gic), UMSI_TIMEOUT);
    g.rd[0].awake_in = 0;
    assert_int_equal(umsi_gicv3_cpu_wake(gic), UMSI_OK);
    assert_int_equal(g.cpu[0].igrpen1, 1);
    assert_int_equal(umsi_suspend(u), UMSI_OK);
    g.rwp = FAKE_NEVER;
    g.ctlr = 0;
    assert_int_equal(umsi_resume(u), UMSI_TIMEOUT);
    g.rwp = g.rwp_reads = 0;
    assert_int_equal(umsi_resume(u), UMSI_OK);
    g.sre_fixed_off = true;
    assert_int_equal(umsi_suspend(u), UMSI_OK);
    g.cpu[0].sre = 0;
    assert_int_equal(umsi_resume(u), UMSI_UNSUPPORTED);
    g.sre_fixed_off = false;
    assert_int_equal(umsi_resume(u), UMSI_OK);
    assert_int_equal(umsi_gicv3_destroy(gic), UMSI_OK);
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    assert_int_equal(g.violations, 0);
    fake_gic_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_survives), cmocka_unit_test(routes),
        cmocka_unit_test(pending),      cmocka_unit_test(levels),
        cmocka_unit_test(an_spi_wakes), cmocka_unit_test(strays),
        cmocka_unit_test(cpu_sleeps),   cmocka_unit_test(cpu_does_not_sleep_long),
        cmocka_unit_test(sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
