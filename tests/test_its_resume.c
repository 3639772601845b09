/* SPDX-License-Identifier: MIT */
/* An ITS that does not hold what it is told when it comes back: it stays down, and a later resume tries again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "its_rig.h"

#include "../src/core/core.h"

#define GITS_CBASER 0x80u
#define GITS_BASER  0x100u
#define VALID       (UINT64_C(1) << 63)

static struct rig r;
static struct rig_device a;

static struct {
    uint32_t reg; /* reads as zero; 0: none */
    uint64_t (*read64)(void *ctx, const volatile void *addr);
} lost;

static uint64_t losing_read64(void *ctx, const volatile void *addr)
{
    const volatile char *its = model_its_base(r.m, 0);
    const bool it = lost.reg != 0 && (const volatile char *)addr == its + lost.reg;
    return it ? 0 : lost.read64(ctx, addr);
}

static void start(const struct model_its_config *its)
{
    its_rig_start(&r, &(struct model_config){ .nr_cpus = 1, .its = its });
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 4), UMSI_OK);
    its_rig_request(&a, 0, 4);
    lost.reg = 0;
    lost.read64 = r.u->port.mmio_read64;
    r.u->port.mmio_read64 = losing_read64;
}

static enum umsi_status sleep_and_resume(uint32_t reg)
{
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_its_power_off(r.m, 0);
    lost.reg = reg;
    const enum umsi_status st = umsi_resume(r.u);
    lost.reg = 0;
    return st;
}

/* L32, L39: whichever base register it is. Nothing is put into the queue of an ITS that is down. */
static void register_does_not_hold(void **state)
{
    static const uint32_t regs[] = { GITS_CBASER, GITS_BASER, GITS_BASER + 8 };
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        start(NULL);
        assert_int_equal(sleep_and_resume(regs[i]), UMSI_HARDWARE);
        assert_int_equal(umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 0)), UMSI_STATE);
        assert_int_equal(umsi_resume(r.u), UMSI_OK);
        model_mask_cpu(r.m, 0, false);
        assert_true(its_rig_raise(&a, 3));
        model_run(r.m);
        assert_int_equal(a.runs[3], 1);
        umsi_msi_detach(&a.dev);
        its_rig_stop(&r);
    }
}

/* L32: what firmware left in the register of a table that is not needed is no table of ours. */
static void left_over_table(void **state)
{
    const struct umsi_port *p;
    (void)state;
    start(&(struct model_its_config){ .hcc = 4 });
    p = model_port(r.m);
    volatile char *baser = (volatile char *)model_its_base(r.m, 0) + GITS_BASER + 8;
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_its_power_off(r.m, 0);
    p->mmio_write64(p->ctx, baser, VALID | 0x880000000u);
    assert_true((p->mmio_read64(p->ctx, baser) & VALID) != 0);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    assert_true((p->mmio_read64(p->ctx, baser) & VALID) == 0);
    model_mask_cpu(r.m, 0, false);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(register_does_not_hold),
        cmocka_unit_test(left_over_table),
    };
    return cmocka_run_group_tests_name("resume of the ITS", tests, NULL, NULL);
}
