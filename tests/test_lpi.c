/* SPDX-License-Identifier: MIT */
/* The LPI space on the strict model: limits, tables of our own and of the kernel's, CPUs, what nobody owns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "its_rig.h"

#define BYTE_ON  0xa3 /* priority 0xa0, RES1, Enable */
#define BYTE_OFF 0xa2

static struct rig r;
static struct rig_device a;

static struct umsi_lpi_counts lpis(void)
{
    struct umsi_lpi_counts c;
    umsi_lpi_get_counts(r.lpi, &c);
    return c;
}

static enum umsi_status create(const struct umsi_lpi_config *config)
{
    struct umsi_lpi_config c = *config;
    c.gicd = model_gicd(r.m);
    return umsi_lpi_create(r.u, &c, &r.lpi);
}

static void create_its(void)
{
    const struct umsi_its_config ic = { .base = model_its_base(r.m, 0),
                                        .phys = model_its_phys(r.m, 0) };
    assert_int_equal(umsi_its_create(r.lpi, &ic, &r.its), UMSI_OK);
}

/* ---- limits ---- */

struct limit {
    uint32_t id_bits, num_lpis, want;
    enum umsi_status status;
    uint32_t total;
};

static void limits(void **state)
{
    (void)state;
    static const struct limit t[] = {
        { 16, 0, 0, UMSI_OK, 65536 - 8192 }, { 14, 0, 0, UMSI_OK, 8192 },
        { 20, 0, 0, UMSI_OK, 65536 - 8192 }, { 20, 0, 18, UMSI_OK, 262144 - 8192 },
        { 16, 0, 17, UMSI_RANGE, 0 },        { 16, 0, 13, UMSI_RANGE, 0 },
        { 16, 9, 0, UMSI_OK, 1024 },         { 16, 15, 0, UMSI_OK, 65536 - 8192 },
        { 16, 0, 14, UMSI_OK, 8192 },
    };
    for (uint32_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        const struct model_config config = { .nr_cpus = 1,
                                             .id_bits = t[i].id_bits,
                                             .num_lpis = t[i].num_lpis };
        const struct umsi_lpi_config lc = { .lpi_bits = t[i].want };
        its_rig_machine(&r, &config);
        assert_int_equal(create(&lc), t[i].status);
        if (t[i].status == UMSI_OK) {
            assert_int_equal(lpis().total, t[i].total);
            assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_OK);
        }
        its_rig_stop(&r);
    }
}

static void no_lpis(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1, .no_lpis = true };
    const struct umsi_lpi_config lc = { 0 };
    its_rig_machine(&r, &config);
    assert_int_equal(create(&lc), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK); /* not told where GICD is */
    assert_int_equal(lpis().total, 8192);
    assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_UNSUPPORTED);
    its_rig_stop(&r);
}

static void bad_arguments(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1 };
    const struct umsi_lpi_config lc = { .first = 9000, .count = 5 }; /* a range, but no table */
    uint8_t bytes[16];
    const struct umsi_lpi_config low = { .table = bytes, .first = 8191, .count = 2 };
    const struct umsi_lpi_config none = { .table = bytes, .first = 8192 };
    its_rig_machine(&r, &config);
    assert_int_equal(create(&lc), UMSI_INVALID);
    assert_int_equal(create(&low), UMSI_RANGE);
    assert_int_equal(create(&none), UMSI_RANGE);
    const struct umsi_lpi_config ok = { 0 };
    assert_int_equal(create(&ok), UMSI_OK);
    uint64_t phys;
    volatile void *rd = model_gicr_of(r.m, 0, &phys);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, 1, rd, phys), UMSI_RANGE);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, 0, rd, phys + 4096), UMSI_INVALID);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, 0, NULL, phys), UMSI_INVALID);
    its_rig_stop(&r);
}

/* ---- numbers ---- */

/* A few large tables must not exhaust the space, and what is given back is there again. */
static void numbers(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1, .num_lpis = 6 }; /* 128 */
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 1, 2048, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 128), UMSI_OK);
    assert_int_equal(lpis().live, 128);
    assert_int_equal(umsi_msi_alloc(&a.dev, 500, 1), UMSI_NOSPACE);
    umsi_msi_free(&a.dev, 40, 60);
    assert_int_equal(umsi_msi_alloc(&a.dev, 1000, 61), UMSI_NOSPACE);
    assert_int_equal(lpis().live, 68);
    assert_int_equal(umsi_msi_alloc(&a.dev, 1000, 60), UMSI_OK);
    bool seen[128] = { false };
    for (uint32_t i = 0; i < 2048; i++) {
        uint32_t intid, icid;
        if (model_its_event(r.m, 0, 1, i, &intid, &icid)) {
            assert_in_range(intid, 8192, 8192 + 127);
            assert_false(seen[intid - 8192]);
            seen[intid - 8192] = true;
        }
    }
    umsi_msi_detach(&a.dev);
    assert_int_equal(lpis().live, 0);
    its_rig_stop(&r);
}

/* ---- the kernel's table ---- */

struct kernel {
    struct umsi_dma config, pending;
    volatile void *rd;
    uint64_t rd_phys;
};

static void write64(uint32_t offset, const struct kernel *k, uint64_t v)
{
    const struct umsi_port *p = model_port(r.m);
    p->mmio_write64(p->ctx, (volatile char *)k->rd + offset, v);
}

static void write_ctlr(const struct kernel *k, uint32_t v)
{
    const struct umsi_port *p = model_port(r.m);
    p->mmio_write32(p->ctx, (volatile char *)k->rd, v);
}

static void kernel_lpis(struct kernel *k)
{
    const struct umsi_port *p = model_port(r.m);
    const struct umsi_dma_want want = { 65536, 65536, UINT64_MAX, UINT32_MAX };
    assert_true(p->dma_alloc(p->ctx, &want, &k->config));
    assert_true(p->dma_alloc(p->ctx, &want, &k->pending));
    memset(k->config.va, 0x40, 65536); /* the kernel's own priority, disabled */
    its_rig_cpu_interface(&r, 0);
    k->rd = model_gicr_of(r.m, 0, &k->rd_phys);
    write64(0x70, k, k->config.phys | 15 | 7 << 7 | 1 << 10);
    write64(0x78, k, k->pending.phys | 7 << 7 | 1 << 10 | UINT64_C(1) << 62);
}

static void kernel_end(struct kernel *k)
{
    const struct umsi_port *p = model_port(r.m);
    write_ctlr(k, 0);
    while ((p->mmio_read32(p->ctx, k->rd) & 8) != 0) { /* GICR_CTLR.RWP */
    }
    p->dma_free(p->ctx, &k->config);
    p->dma_free(p->ctx, &k->pending);
}

static void kernels_table(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1 };
    struct kernel k;
    its_rig_machine(&r, &config);
    kernel_lpis(&k);
    const struct umsi_lpi_config lc = { .table = k.config.va, .first = 9000, .count = 3 };
    assert_int_equal(create(&lc), UMSI_OK);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, 0, k.rd, k.rd_phys), UMSI_STATE); /* not on yet */
    write_ctlr(&k, 1);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, 0, k.rd, k.rd_phys), UMSI_OK);
    create_its();
    assert_int_equal(its_rig_attach(&r, &a, 1, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 4), UMSI_NOSPACE);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 3), UMSI_OK);
    model_check_settled(r.m);
    assert_int_equal(its_rig_count(&r, 0x0c),
                     3); /* the bytes changed: INV behind each MAPTI (L29) */
    its_rig_request(&a, 0, 3);
    assert_true(its_rig_raise(&a, 0) && its_rig_raise(&a, 1) && its_rig_raise(&a, 2));
    model_run(r.m);
    assert_int_equal(a.runs[0] + a.runs[1] + a.runs[2], 3);
    for (uint32_t i = 0; i < 57344; i++) {
        const bool ours = i >= 9000 - 8192 && i < 9003 - 8192;
        assert_int_equal(((uint8_t *)k.config.va)[i], ours ? BYTE_ON : 0x40);
    }
    assert_false(umsi_lpi_handle(r.lpi, 8999));
    assert_false(umsi_lpi_handle(r.lpi, 9003));
    umsi_msi_detach(&a.dev);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    assert_int_equal(umsi_lpi_destroy(r.lpi), UMSI_OK);
    r.its = NULL;
    r.lpi = NULL;
    kernel_end(&k);
    its_rig_stop(&r);
}

static void somebody_elses_table(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 1 };
    const struct umsi_lpi_config lc = { 0 };
    struct kernel k;
    its_rig_machine(&r, &config);
    kernel_lpis(&k);
    write_ctlr(&k, 1);
    assert_int_equal(create(&lc), UMSI_OK);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, 0, k.rd, k.rd_phys), UMSI_STATE);
    assert_true(model_log_has(r.m, "EnableLPIs is already 1, GICR_PROPBASER"));
    assert_int_equal(umsi_lpi_destroy(r.lpi), UMSI_OK);
    r.lpi = NULL;
    kernel_end(&k);
    its_rig_stop(&r);
}

/* ---- the end of tables ---- */

static void cannot_be_stopped(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 2, .lpis_stay_enabled = true };
    its_rig_start(&r, &config);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    r.its = NULL;
    assert_int_equal(umsi_lpi_destroy(r.lpi), UMSI_OK);
    r.lpi = NULL;
    assert_true(model_log_has(r.m, "cannot be cleared"));
    struct model_counts c;
    model_get_counts(r.m, &c);
    assert_int_equal(c.dma_blocks, 3); /* one configuration table, two pending tables */
    its_rig_stop(&r);
}

/* ---- CPUs that go and come back ---- */

static void write_rd(umsi_cpu cpu, uint32_t offset, uint64_t v)
{
    const struct umsi_port *p = model_port(r.m);
    volatile char *rd = model_gicr_of(r.m, cpu, NULL);
    if (offset == 0) {
        p->mmio_write32(p->ctx, rd, (uint32_t)v);
        model_pass(r.m, 1000); /* RWP */
    } else {
        p->mmio_write64(p->ctx, rd + offset, v);
    }
}

/* The redistributor goes too, with an LPI pending that is nobody's. */
static void lose_power(umsi_cpu cpu)
{
    model_mask_cpu(r.m, cpu, true);
    model_lpi_raise(r.m, cpu, 9000);
    write_rd(cpu, 0, 0);
    write_rd(cpu, 0x70, 0);
    write_rd(cpu, 0x78, 0);
    model_mask_cpu(r.m, cpu, false);
}

static void go_and_come(const struct model_config *config, bool power)
{
    const struct umsi_cpumask first = { { 1 } }, second = { { 2 } };
    its_rig_start(&r, config);
    assert_int_equal(its_rig_attach(&r, &a, 1, 2, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 0, 2);
    const umsi_virq virq = umsi_msi_virq(&a.dev, 1);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(umsi_irq_set_affinity(r.u, virq, &second), UMSI_OK);
        assert_int_equal(umsi_irq_set_affinity(r.u, virq, &first), UMSI_OK);
        model_its_log_clear(r.m, 0);
        umsi_lpi_cpu_offline(r.lpi, 1);
        assert_int_equal(umsi_irq_set_affinity(r.u, virq, &second), UMSI_INVALID);
        if (!power) {
            lose_power(1);
        }
        assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_OK);
        assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_EXISTS);
        assert_int_equal(its_rig_count(&r, 0x09), 0); /* L57 */
        assert_int_equal(its_rig_count(&r, 0x0d), 1);
        assert_int_equal(umsi_irq_set_affinity(r.u, virq, &second), UMSI_OK);
        assert_true(its_rig_raise(&a, 1));
        model_run(r.m);
        assert_int_equal(umsi_irq_count(r.u, virq, 1), i + 1);
        model_check_settled(r.m);
    }
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static void cpu_comes_back(void **state)
{
    (void)state;
    const struct model_its_config strange = { .not_shareable = true };
    const struct model_config kinds[] = {
        { .nr_cpus = 2 },
        { .nr_cpus = 2, .its = &strange, .rd_not_shareable = true, .non_coherent = true },
        { .nr_cpus = 2, .lpis_stay_enabled = true },
    };
    for (uint32_t i = 0; i < 3; i++) {
        go_and_come(&kinds[i], true);
        if (!kinds[i].lpis_stay_enabled) {
            go_and_come(&kinds[i], false);
        }
    }
}

static uint32_t nothing_pending(void *arg)
{
    (void)arg;
    return UMSI_NO_HWIRQ;
}

static void end_nothing(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
}

/* Under a GIC driver the CPU takes other interrupts still, but no LPIs (L26). */
static void only_lpis_go(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 2 };
    const struct umsi_receiver gic = { .acknowledge = nothing_pending, .end = end_nothing };
    const struct umsi_cpumask second = { { 2 } };
    its_rig_start(&r, &config);
    assert_int_equal(umsi_set_receiver(r.u, &gic), UMSI_OK);
    umsi_lpi_cpu_offline(r.lpi, 1);
    model_set_cpu(r.m, 1);
    assert_int_equal(its_rig_attach(&r, &a, 1, 2, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, umsi_msi_virq(&a.dev, 0)), 0);
    assert_int_equal(umsi_irq_set_affinity(r.u, umsi_msi_virq(&a.dev, 0), &second), UMSI_INVALID);
    umsi_msi_detach(&a.dev);
    umsi_clear_receiver(r.u);
    its_rig_stop(&r);
}

/* What makes no sense is harmless, or refused. */
static void cpu_odd(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 2 };
    const struct umsi_lpi_config lc = { 0 };
    uint64_t phys;
    its_rig_machine(&r, &config);
    assert_int_equal(create(&lc), UMSI_OK);
    umsi_lpi_cpu_offline(r.lpi, 0); /* it never came */
    umsi_lpi_cpu_offline(r.lpi, 2); /* there is none */
    assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_OK);
    umsi_lpi_cpu_offline(r.lpi, 0);
    umsi_lpi_cpu_offline(r.lpi, 0);
    volatile void *other = model_gicr_of(r.m, 1, &phys);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, 0, other, phys), UMSI_INVALID);
    assert_true(model_log_has(r.m, "another redistributor"));
    its_rig_stop(&r); /* tables of a CPU that is away are given back, too */
}

/* ---- what nobody owns ---- */

static void storm_of_nobody(bool direct)
{
    const struct model_config config = { .nr_cpus = 2, .direct_lpi = direct };
    struct umsi_counts counts;
    uint8_t byte = 0;
    its_rig_start(&r, &config);
    for (uint32_t i = 0; i < 400; i++) {
        model_lpi_raise(r.m, 1, 8200);
        model_run(r.m);
    }
    umsi_get_counts(r.u, &counts);
    assert_true(counts.unknown >= 200 && counts.unknown < 400);
    assert_int_equal(counts.cut_off, 1);
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, 0x0d), direct ? 0 : 1);
    assert_true(model_lpi_config(r.m, 1, 8200, &byte));
    assert_int_equal(byte, BYTE_OFF);
    /* Who gets the number next is not silenced with it. */
    assert_int_equal(its_rig_attach(&r, &a, 1, 16, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 16), UMSI_OK);
    assert_int_equal(its_rig_count(&r, 0x0c), 1);
    model_check_settled(r.m);
    its_rig_request(&a, 0, 16);
    for (uint32_t i = 0; i < 16; i++) {
        assert_true(its_rig_raise(&a, i));
    }
    model_run(r.m);
    for (uint32_t i = 0; i < 16; i++) {
        assert_int_equal(a.runs[i], 1);
    }
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static void storm_invall(void **state)
{
    (void)state;
    storm_of_nobody(false);
}

static void storm_invlpir(void **state)
{
    (void)state;
    storm_of_nobody(true);
}

/* ---- memory ---- */

static void every_memory(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 3 };
    const struct umsi_lpi_config lc = { 0 };
    for (uint64_t n = 1;; n++) {
        its_rig_machine(&r, &config);
        model_fail_at(r.m, MODEL_FAIL_MEMORY, n);
        const enum umsi_status st = create(&lc);
        its_rig_stop(&r);
        if (st == UMSI_OK) {
            assert_true(n > 4);
            return;
        }
        assert_int_equal(st, UMSI_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits),
        cmocka_unit_test(no_lpis),
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(numbers),
        cmocka_unit_test(kernels_table),
        cmocka_unit_test(somebody_elses_table),
        cmocka_unit_test(cannot_be_stopped),
        cmocka_unit_test(cpu_comes_back),
        cmocka_unit_test(only_lpis_go),
        cmocka_unit_test(cpu_odd),
        cmocka_unit_test(storm_invall),
        cmocka_unit_test(storm_invlpir),
        cmocka_unit_test(every_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
