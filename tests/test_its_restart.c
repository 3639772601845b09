/* SPDX-License-Identifier: MIT */
/* An ITS whose queue is filled again, and base registers that somebody has used before (L32, L39). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "its_rig.h"

enum { INT = 0x03, SYNC = 0x05, MAPD = 0x08, MAPC = 0x09, INVALL = 0x0d };

#define GITS_BASER 0x100u
#define VALID      (UINT64_C(1) << 63)

static struct rig r;
static struct rig_device a, b;

static struct umsi_its_info info(void)
{
    struct umsi_its_info i;
    umsi_its_get_info(r.its, &i);
    return i;
}

static volatile void *baser(uint32_t n)
{
    return (volatile char *)model_its_base(r.m, 0) + GITS_BASER + 8 * n;
}

static uint64_t read_baser(uint32_t n)
{
    return model_port(r.m)->mmio_read64(model_port(r.m)->ctx, baser(n));
}

/* Two of three CPUs online, and no ITS yet. */
static void start(const struct model_its_config *its)
{
    const struct model_config config = { .nr_cpus = 3, .its = its };
    its_rig_machine(&r, &config);
    const struct umsi_lpi_config lc = { .gicd = model_gicd(r.m) };
    assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
    assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_OK);
    assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_OK);
}

static void create(void)
{
    const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                        .phys = model_its_phys(r.m, 0),
                                        .queue_bytes = 4096,
                                        .deadline_us = 20000 };
    assert_int_equal(umsi_its_create(r.lpi, &ic, &r.its), UMSI_OK);
}

/* Until no slot of the queue holds what creation put there. */
static void go_round(void)
{
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(its_rig_attach(&r, &a, 3, 2, 0, true), UMSI_OK);
        umsi_msi_detach(&a.dev);
    }
    model_its_log_clear(r.m, 0);
}

/* L27, L39: each collection the ITS held itself, and only those that were mapped, with all that belongs to it. */
static void collections_again(void **state)
{
    static const uint8_t expected[] = { MAPC, SYNC, INVALL, SYNC, MAPC, SYNC, INVALL, SYNC };
    uint32_t i = 0;
    (void)state;
    start(&(struct model_its_config){ .hcc = 4, .no_collection_table = true });
    create();
    go_round();
    model_its_stall(r.m, 0, MAPD, 1, true);
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, true), UMSI_HARDWARE);
    while ((model_its_log_at(r.m, 0, i)->dw[0] & 0xff) != MAPC) {
        i++;
        assert_true(i < model_its_log_size(r.m, 0));
    }
    assert_int_equal(its_rig_count(&r, MAPC), 2);
    assert_true(model_its_log_size(r.m, 0) >= i + sizeof(expected));
    for (uint32_t k = 0; k < sizeof(expected); k++) {
        assert_int_equal(model_its_log_at(r.m, 0, i + k)->dw[0] & 0xff, expected[k]);
    }
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, true), UMSI_OK);
    umsi_msi_detach(&b.dev);
    its_rig_stop(&r);
}

static void silent_when_restarted(void)
{
    if (model_log_has(r.m, "restarting the queue")) {
        its_rig_relax = NULL;
        model_its_stop(r.m, 0, true, false);
    }
}

/* L31: it does not even take those: given up for good, within its deadline. */
static void silent_in_the_middle(void **state)
{
    (void)state;
    start(&(struct model_its_config){ .hcc = 4, .no_collection_table = true, .command_ns = 5000 });
    create();
    model_its_stall(r.m, 0, MAPD, 1, true);
    its_rig_relax = silent_when_restarted;
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, true), UMSI_HARDWARE);
    assert_null(its_rig_relax);
    assert_true(info().dead);
    assert_true(model_log_has(r.m, "cannot be restarted"));
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, true), UMSI_TIMEOUT);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    r.its = NULL;
    its_rig_stop(&r);
}

/* L27, L39: a CPU's own MAPC needs a restart, which maps what was mapped, and not that: it is mapped once more. */
static void own_collection_again(void **state)
{
    (void)state;
    start(&(struct model_its_config){ .hcc = 4, .no_collection_table = true });
    create();
    model_its_log_clear(r.m, 0);
    model_its_stall(r.m, 0, MAPC, 1, true);
    assert_int_equal(its_rig_cpu_online(&r, 2), UMSI_OK);
    assert_int_equal(info().stalls, 1);
    model_check_settled(r.m);
    assert_int_equal(model_breaches(r.m), 0);
    its_rig_stop(&r);
}

/* L13: another's command needs the restart, and it does not come back: the CPU is told that nobody answers. */
static void silent_for_a_cpu(void **state)
{
    (void)state;
    start(&(struct model_its_config){ .hcc = 4, .no_collection_table = true, .command_ns = 5000 });
    create();
    assert_int_equal(its_rig_attach(&r, &a, 3, 2, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 0, 1);
    model_its_stall(r.m, 0, INT, 1, true);
    assert_int_equal(umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 0)), UMSI_OK);
    its_rig_relax = silent_when_restarted;
    assert_int_equal(its_rig_cpu_online(&r, 2), UMSI_TIMEOUT);
    assert_null(its_rig_relax);
    assert_true(model_log_has(r.m, "cannot be restarted"));
    model_its_stop(r.m, 0, false, false);
    umsi_msi_detach(&a.dev);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    r.its = NULL;
    its_rig_stop(&r);
}

/* ---- base registers ---- */

/* A table that is not needed, and was somebody's before, is described no more. */
static void left_over_table(void **state)
{
    (void)state;
    start(&(struct model_its_config){ .hcc = 4 });
    const struct umsi_port *p = model_port(r.m);
    p->mmio_write64(p->ctx, baser(1), VALID | 0x880000000u);
    assert_true((read_baser(1) & VALID) != 0);
    create();
    assert_true((read_baser(0) & VALID) != 0);
    assert_true((read_baser(1) & VALID) == 0);
    assert_true(info().coherent);
    its_rig_stop(&r);
}

/* A page of 64 KiB reaches 52 bits of address: 51:48 are elsewhere in the register. */
static void high_memory(void **state)
{
    const struct model_config config = { .nr_cpus = 2, .memory_phys = UINT64_C(1) << 49 };
    (void)state;
    its_rig_start(&r, &config);
    assert_true((read_baser(0) & 0xf000) == 0x2000);
    assert_int_equal(its_rig_attach(&r, &a, 3, 2, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 0, 2);
    assert_true(its_rig_raise(&a, 1));
    model_run(r.m);
    assert_int_equal(a.runs[1], 1);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collections_again),    cmocka_unit_test(silent_in_the_middle),
        cmocka_unit_test(own_collection_again), cmocka_unit_test(silent_for_a_cpu),
        cmocka_unit_test(left_over_table),      cmocka_unit_test(high_memory),
    };
    return cmocka_run_group_tests_name("restart of the ITS", tests, NULL, NULL);
}
