/* SPDX-License-Identifier: MIT */
/* What a GICv2 may be found as, what is left of an INTID and of the driver, and calls at odd times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gic_rig.h"

#define CPUS  4u
#define SPI   70u
#define PPI   27u
#define STORM 256u

static struct gic_rig r;
static uint32_t ran[CPUS];

static const struct model_config plain = { .nr_cpus = CPUS, .gicv2 = true };

static void handler(void *arg)
{
    (void)arg;
    ran[r.port.cpu_self(r.m)]++;
}

static void start(void)
{
    memset(ran, 0, sizeof(ran));
    gic_rig_start(&r, &plain);
}

static umsi_virq map(uint32_t intid, bool level)
{
    umsi_virq virq = UMSI_NO_VIRQ;
    assert_int_equal(umsi_gicv2_map(r.gicv2, intid, level, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, virq, handler, NULL, "test"), UMSI_OK);
    return virq;
}

static uint32_t gicd(umsi_cpu cpu, uint32_t offset)
{
    return gic_rig_read(&r, cpu, gic_rig_gicd(&r), offset);
}

static void poke(umsi_cpu cpu, uint32_t base, uint32_t intid)
{
    gic_rig_write(&r, cpu, gic_rig_gicd(&r), base + intid / 32 * 4, 1u << (intid % 32));
}

static bool bit(umsi_cpu cpu, uint32_t base, uint32_t intid)
{
    return (gicd(cpu, base + intid / 32 * 4) >> (intid % 32) & 1) != 0;
}

static uint64_t unknown(void)
{
    struct umsi_counts c;
    umsi_get_counts(r.u, &c);
    return c.unknown;
}

/* ---- found ---- */

/* An interrupt that its former owner took and never ended does not block ours. */
static void found_active(void **state)
{
    (void)state;
    memset(ran, 0, sizeof(ran));
    gic_rig_machine(&r, &plain);
    gic_rig_write(&r, 0, gic_rig_gicd(&r), 0x000, 1);
    gic_rig_write(&r, 0, gic_rig_gicd(&r), 0x400 + 20, 0x80808080);
    poke(0, 0x100, 20);
    poke(0, 0x200, 20);
    gic_rig_write(&r, 0, gic_rig_gicc(&r), 0x004, 0xF0);
    model_mask_cpu(r.m, 0, true);
    gic_rig_write(&r, 0, gic_rig_gicc(&r), 0x000, 1);
    assert_int_equal(gic_rig_read(&r, 0, gic_rig_gicc(&r), 0x00C), 20);
    model_mask_cpu(r.m, 0, false);
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    assert_int_equal(gic_rig_online(&r, 0), UMSI_OK);
    umsi_virq virq = map(SPI, false);
    model_spi_set(r.m, SPI, true);
    (void)model_run(r.m);
    assert_int_equal(ran[0], 1);
    umsi_gicv2_unmap(r.gicv2, virq);
    gic_rig_stop(&r);
}

/* Off before anything of it is changed. */
static bool changed_while_on;

static void off_first(volatile void *addr)
{
    changed_while_on |= addr != (volatile void *)gic_rig_gicd(&r) && (gicd(0, 0x000) & 1) != 0;
}

static void found_on(void **state)
{
    (void)state;
    gic_rig_machine(&r, &plain);
    gic_rig_write(&r, 0, gic_rig_gicd(&r), 0x000, 1);
    changed_while_on = false;
    r.written = off_first;
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    r.written = NULL;
    assert_false(changed_while_on);
    gic_rig_stop(&r);
}

/* The Secure side is told by what it takes, and gets back what it had. */
static void secure_side(void **state)
{
    (void)state;
    for (uint32_t had = 0; had < 2; had++) {
        gic_rig_machine(&r, &plain);
        r.fake_value = gicd(0, 0x004) | 1u << 10; /* SecurityExtn */
        r.fake = gic_rig_gicd(&r) + 0x004;
        gic_rig_write(&r, 0, gic_rig_gicd(&r), 0x084, had * 0x00FF00FF);
        assert_int_equal(gic_rig_create(&r), UMSI_UNSUPPORTED);
        assert_int_equal(gicd(0, 0x084), had * 0x00FF00FF);
        gic_rig_stop(&r);
    }
}

/* ---- what is left ---- */

/* Of an INTID that was unmapped: neither enabled nor pending. */
static void nothing_left(void **state)
{
    (void)state;
    start();
    umsi_virq virq = map(SPI, false);
    model_mask_cpu(r.m, 0, true);
    model_spi_set(r.m, SPI, true);
    umsi_gicv2_unmap(r.gicv2, virq);
    assert_false(bit(0, 0x100, SPI));
    assert_false(bit(0, 0x200, SPI));
    model_mask_cpu(r.m, 0, false);
    assert_int_equal(umsi_gicv2_map(r.gicv2, 128, false, &virq), UMSI_RANGE);
    assert_int_equal(umsi_gicv2_map(r.gicv2, UINT32_MAX, false, &virq), UMSI_RANGE);
    gic_rig_stop(&r);
}

static bool taken_and_unknown, held;

/* What arrives now is nobody's, though the INTID is not free yet. */
static void arrives(void)
{
    umsi_virq other;
    uint64_t before = unknown();
    if (held || bit(0, 0x100, SPI)) {
        return;
    }
    held = true;
    poke(0, 0x100, SPI);
    poke(0, 0x200, SPI);
    (void)umsi_handle_interrupts(r.u);
    poke(0, 0x180, SPI);
    bool taken = umsi_gicv2_map(r.gicv2, SPI, false, &other) == UMSI_EXISTS;
    if (!taken) {
        umsi_gicv2_unmap(r.gicv2, other);
    }
    taken_and_unknown |= taken && unknown() != before;
    held = false;
}

/* Between the end of delivery and the wait for dispatches nobody finds the vector any more (L59). */
static void unpublished_first(void **state)
{
    bool more = true;
    (void)state;
    taken_and_unknown = false;
    for (uint32_t nth = 1; more; nth++) {
        start();
        umsi_virq virq = map(SPI, false);
        model_mask_cpu(r.m, 0, true);
        r.meanwhile = arrives;
        r.meanwhile_at = nth;
        umsi_gicv2_unmap(r.gicv2, virq);
        more = r.meanwhile_at == 0;
        r.meanwhile_at = 0;
        model_mask_cpu(r.m, 0, false);
        gic_rig_stop(&r);
    }
    assert_true(taken_and_unknown);
}

/* Destroyed with CPUs online: this one's interface is closed, and the next driver knows of none (L38). */
static void destroyed_online(void **state)
{
    (void)state;
    start();
    assert_int_equal(umsi_gicv2_destroy(r.gicv2), UMSI_OK);
    r.gicv2 = NULL;
    assert_int_equal(gic_rig_read(&r, 0, gic_rig_gicc(&r), 0) & 1, 0);
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    assert_int_equal(gic_rig_online(&r, 3), UMSI_OK);
    umsi_virq virq = map(SPI, false);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 3);
    umsi_gicv2_unmap(r.gicv2, virq);
    for (umsi_cpu cpu = 0; cpu < CPUS - 1; cpu++) {
        assert_int_equal(gic_rig_online(&r, cpu), UMSI_OK);
    }
    gic_rig_stop(&r);
}

/* ---- odd times ---- */

/* A CPU that is online already is not told that somebody else has its interface. */
static void twice(void **state)
{
    (void)state;
    start();
    assert_int_equal(gic_rig_online(&r, 0), UMSI_EXISTS);
    assert_false(model_log_has(r.m, "has the CPU interface of this one"));
    gic_rig_stop(&r);
}

/* Who maps is not who gets it: that is the first CPU. */
static void mapped_by_another(void **state)
{
    (void)state;
    start();
    model_set_cpu(r.m, 2);
    umsi_virq virq = map(SPI, false);
    model_set_cpu(r.m, 0);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 0);
    model_spi_set(r.m, SPI, true);
    (void)model_run(r.m);
    assert_int_equal(ran[0], 1);
    umsi_gicv2_unmap(r.gicv2, virq);
    gic_rig_stop(&r);
}

/* What it changes of its own it changes at once, and kicks others only (L51). */
static void own_at_once(void **state)
{
    (void)state;
    start();
    assert_int_equal(umsi_gicv2_enable_local(r.gicv2, PPI, true), UMSI_OK);
    umsi_virq virq = map(PPI, true);
    assert_true(bit(0, 0x100, PPI));
    umsi_irq_disable(r.u, virq);
    assert_false(bit(0, 0x100, PPI));
    umsi_irq_enable(r.u, virq);
    assert_true(bit(0, 0x100, PPI));
    assert_int_equal(r.kicks[0], 0);
    umsi_gicv2_unmap(r.gicv2, virq);
    gic_rig_stop(&r);
}

/* One that looks for interrupts while it is offline finds none, whatever others have changed. */
static void looks_while_offline(void **state)
{
    (void)state;
    start();
    gic_rig_offline(&r, 3);
    umsi_virq virq = map(PPI, true);
    model_set_cpu(r.m, 3);
    assert_int_equal(umsi_handle_interrupts(r.u), 0);
    assert_false(bit(3, 0x100, PPI));
    model_set_cpu(r.m, 0);
    umsi_gicv2_unmap(r.gicv2, virq);
    gic_rig_stop(&r);
}

/* A PPI that stormed before it had an owner is not wanted any more by that CPU (L60). */
static void stormed_before(void **state)
{
    (void)state;
    start();
    model_set_cpu(r.m, 1);
    assert_int_equal(umsi_gicv2_enable_local(r.gicv2, PPI, true), UMSI_OK);
    poke(1, 0x100, PPI);
    model_ppi_set(r.m, 1, PPI, true);
    model_set_cpu(r.m, 1);
    assert_int_equal(umsi_handle_interrupts(r.u), STORM);
    model_ppi_set(r.m, 1, PPI, false);
    model_set_cpu(r.m, 0);
    umsi_virq virq = map(PPI, true);
    (void)model_run(r.m);
    assert_false(bit(1, 0x100, PPI));
    umsi_gicv2_unmap(r.gicv2, virq);
    gic_rig_stop(&r);
}

/* An SPI that is lent is not routed to a CPU that is away, and one that there is not is not lent. */
static void lent(void **state)
{
    struct umsi_gic_spis spis;
    (void)state;
    start();
    umsi_gicv2_spis(r.gicv2, &spis);
    gic_rig_offline(&r, 3);
    assert_int_equal(spis.route(spis.gic, SPI, 3), UMSI_INVALID);
    assert_int_equal(spis.route(spis.gic, SPI, CPUS), UMSI_INVALID);
    assert_int_equal(spis.take(spis.gic, 129, NULL), UMSI_RANGE);
    gic_rig_stop(&r);
}

/* ---- explain ---- */

static void no_print(void *arg, const char *line)
{
    (void)arg;
    assert_non_null(line);
}

/* A GIC with one CPU has no field that says where an SPI goes. A local one's says nothing. */
static void explained(void **state)
{
    const char *why = NULL;
    (void)state;
    gic_rig_start(&r, &(struct model_config){ .nr_cpus = 1, .gicv2 = true });
    umsi_virq virq = map(SPI, false);
    assert_int_equal(umsi_explain(r.u, virq, no_print, NULL, &why), UMSI_OK);
    umsi_gicv2_unmap(r.gicv2, virq);
    gic_rig_stop(&r);
    start();
    virq = map(PPI, true);
    gic_rig_offline(&r, 3);
    poke(3, 0x100, PPI);
    model_set_cpu(r.m, 3);
    assert_int_equal(umsi_explain(r.u, virq, no_print, NULL, &why), UMSI_STATE);
    assert_non_null(strstr(why, "this CPU is not online"));
    poke(3, 0x180, PPI);
    model_set_cpu(r.m, 0);
    umsi_gicv2_unmap(r.gicv2, virq);
    gic_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_active),
        cmocka_unit_test(found_on),
        cmocka_unit_test(secure_side),
        cmocka_unit_test(nothing_left),
        cmocka_unit_test(unpublished_first),
        cmocka_unit_test(destroyed_online),
        cmocka_unit_test(twice),
        cmocka_unit_test(mapped_by_another),
        cmocka_unit_test(own_at_once),
        cmocka_unit_test(looks_while_offline),
        cmocka_unit_test(stormed_before),
        cmocka_unit_test(lent),
        cmocka_unit_test(explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
