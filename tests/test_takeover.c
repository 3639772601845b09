/* SPDX-License-Identifier: MIT */
/*
 * One owner of the machine after another, on the strict model: LPI tables that are handed over are used, those that
 * are not are refused by name, and nothing is freed that a redistributor still uses (L21, L32).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "rig.h"

#define ROOM           9u
#define GICR_PROPBASER 0x70
#define GICR_PENDBASER 0x78

static struct rig r;
static struct unit f;
static const struct model_pci_config hw = { .device_id = 0x20, .bdf = 0x20, .msix_entries = 4 };

/* Memory that is reserved for LPI tables, from one life to the next. */
static struct umsi_dma table[ROOM];
static uint32_t nr_tables;

static void *reserved(void *ctx, umsi_bus at, size_t size)
{
    assert_ptr_equal(ctx, &nr_tables);
    for (uint32_t i = 0; i < nr_tables; i++) {
        if (at >= table[i].bus && at + size <= table[i].bus + table[i].size) {
            return (char *)table[i].va + (at - table[i].bus);
        }
    }
    return NULL;
}

static uint64_t rd_register(umsi_cpu cpu, uint32_t offset)
{
    const struct umsi_port *p = model_port(r.m);
    return p->mmio_read64(p->ctx, (volatile char *)model_gicr_of(r.m, cpu, NULL) + offset);
}

static uint64_t left_on(void)
{
    struct umsi *u;
    uint64_t left = 0;
    assert_int_equal(umsi_create(model_port(r.m), &u), UMSI_OK);
    for (umsi_cpu cpu = 0; cpu < r.nr_cpus && left == 0; cpu++) {
        left = umsi_lpi_left(u, model_gicr_of(r.m, cpu, NULL));
    }
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    return left;
}

static enum umsi_status next_life(struct rig_config config)
{
    config.lpi.left = left_on();
    config.lpi.reserved = reserved;
    config.lpi.ctx = &nr_tables;
    return rig_try(&r, &config);
}

/* Vectors on every CPU; a moved one as well. */
static void works(void)
{
    unit_attach(&f, &r, &hw);
    unit_take(&f, 4, UMSI_MSIX);
    for (uint32_t i = 0; i < 4; i++) {
        struct umsi_cpumask one = { { 0 } };
        umsi_cpumask_set(&one, i % r.nr_cpus);
        assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, i), &one), UMSI_OK);
        unit_fire(&f, i);
        assert_int_equal(f.vector[i].cpu, i % r.nr_cpus);
    }
    unit_drop(&f);
    unit_detach(&f);
}

static void hand_over(void)
{
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    r.every[0] = NULL;
    assert_int_equal(umsi_lpi_hand_over(r.lpi, table, ROOM, &nr_tables), UMSI_OK);
    r.lpi = NULL;
    rig_take_down(&r);
}

static void free_tables(void)
{
    const struct umsi_port *p = model_port(r.m);
    for (uint32_t i = 0; i < nr_tables; i++) {
        p->dma_free(p->ctx, &table[i]);
    }
    nr_tables = 0;
}

static void get(struct umsi_dma *out, size_t size)
{
    const struct umsi_port *p = model_port(r.m);
    const struct umsi_dma_want want = { .size = size, .align = 65536, .max_phys = UINT64_MAX };
    assert_true(p->dma_alloc(p->ctx, &want, out));
}

/* A machine on which somebody else has enabled LPIs on the first n CPUs, with INTIDs of `bits`. */
static void left_by_firmware(const struct rig_config *config, uint32_t n, uint32_t bits)
{
    const struct model_config *model = &config->model;
    rig_start(&r, config);
    rig_take_down(&r);
    if (model->lpis_stay_enabled) { /* of the life above */
        model_power_off(r.m, true);
    }
    get(&table[0], ((size_t)1 << bits) - 8192);
    memset(table[0].va, 0xa3, table[0].size);
    if (model->non_coherent) {
        model_port(r.m)->cache_clean(model_port(r.m)->ctx, table[0].va, table[0].size);
    }
    for (uint32_t i = 0; i < n; i++) {
        get(&table[1 + i], 65536);
        model_lpis_left(r.m, i, &table[0], bits, &table[1 + i]);
    }
    nr_tables = 1 + n;
}

/* ---- handed over ---- */

/* Three kernels, one after the other, on tables of the first: where EnableLPIs can be cleared, and where not. */
static void handed_over(void **state)
{
    (void)state;
    for (uint32_t stay = 0; stay < 2; stay++) {
        const struct rig_config config = { .model = { .nr_cpus = 3,
                                                      .lpis_stay_enabled = stay != 0 } };
        rig_start(&r, &config);
        const uint64_t prop = rd_register(0, GICR_PROPBASER), pend = rd_register(2, GICR_PENDBASER);
        works();
        hand_over();
        assert_int_equal(nr_tables, 4);
        for (uint32_t life = 0; life < 2; life++) {
            assert_int_equal(next_life(config), UMSI_OK);
            assert_int_equal(rd_register(0, GICR_PROPBASER), prop);
            assert_int_equal(rd_register(2, GICR_PENDBASER), pend);
            works();
            rig_settled(&r);
            if (life == 0) {
                hand_over();
                assert_int_equal(nr_tables, 4);
            }
        }
        rig_take_down(&r);
        if (stay == 0) { /* the last one cleared them: nobody uses the tables any more */
            free_tables();
        }
        model_check_shutdown(r.m);
        rig_show(&r);
        assert_int_equal(model_breaches(r.m), 0);
        model_destroy(r.m);
    }
}

/* A kernel that never said goodbye: its ITS is on, its events are mapped, its redistributors at work. */
static void after_a_crash(void **state)
{
    const struct rig_config config = { .model = { .lpis_stay_enabled = true } };
    const struct model_pci_config msi = { .device_id = 0x20, .bdf = 0x20, .msi_vectors = 4 };
    struct umsi_counts counts;
    (void)state;
    rig_start(&r, &config);
    unit_attach(&f, &r, &msi);
    unit_take(&f, 4, UMSI_MSI);
    assert_int_equal(umsi_lpi_get_tables(r.lpi, table, ROOM, &nr_tables), UMSI_OK);
    assert_int_equal(nr_tables, 3);
    assert_int_equal(model_pci_raise(f.hw, 0), MODEL_SENT); /* never taken */
    unit_unplug(&f);
    assert_int_equal(next_life(config), UMSI_OK);
    rig_run(&r);
    umsi_get_counts(r.u, &counts);
    assert_int_equal(counts.unknown, 1); /* it came for nobody, once */
    works();
    umsi_get_counts(r.u, &counts);
    assert_int_equal(counts.unknown, 1);
    rig_abandon(&r);
}

/* ---- left by firmware ---- */

static void firmware(void **state)
{
    static const struct {
        struct model_config model;
        uint32_t on, bits, want, total;
    } t[] = {
        { { .nr_cpus = 2 }, 2, 16, 0, 65536 - 8192 },
        { { .nr_cpus = 2 }, 2, 14, 0, 8192 },
        { { .nr_cpus = 2 }, 1, 15, 0, 32768 - 8192 }, /* the other one gets a table of ours */
        { { .nr_cpus = 2, .id_bits = 18 }, 2, 18, 0, 65536 - 8192 },
        { { .nr_cpus = 2, .id_bits = 18 }, 1, 18, 17, 131072 - 8192 },
        { { .nr_cpus = 2, .id_bits = 15 }, 2, 20, 0, 32768 - 8192 }, /* wider than the hardware */
        { { .nr_cpus = 2, .lpis_stay_enabled = true }, 1, 16, 0, 65536 - 8192 },
        { { .nr_cpus = 2, .non_coherent = true, .rd_not_shareable = true },
          1,
          16,
          0,
          65536 - 8192 },
    };
    (void)state;
    for (uint32_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct umsi_lpi_counts lpi;
        struct rig_config config = { .model = t[i].model };
        config.its.not_shareable = t[i].model.non_coherent;
        left_by_firmware(&config, t[i].on, t[i].bits);
        config.lpi.lpi_bits = t[i].want;
        assert_int_equal(next_life(config), UMSI_OK);
        umsi_lpi_get_counts(r.lpi, &lpi);
        assert_int_equal(lpi.total, t[i].total);
        assert_int_equal(rd_register(0, GICR_PROPBASER), rd_register(1, GICR_PROPBASER));
        works();
        rig_settled(&r);
        rig_take_down(&r);
        rig_show(&r);
        assert_int_equal(model_breaches(r.m), 0);
        model_destroy(r.m);
    }
}

/* Nobody said that they are reserved: named, and nothing is touched, nothing is left. */
static void not_handed_over(void **state)
{
    struct model_counts before, after;
    (void)state;
    left_by_firmware(&(struct rig_config){ 0 }, 2, 16);
    model_get_counts(r.m, &before);
    assert_int_equal(rig_try(&r, &(struct rig_config){ 0 }), UMSI_STATE);
    assert_true(model_log_has(r.m, "cpu 0: EnableLPIs is already 1, GICR_PROPBASER 0x"));
    assert_true(model_log_has(r.m, "hand over these tables, or boot with LPIs off"));
    nr_tables = 0; /* nothing is reserved */
    assert_int_equal(next_life((struct rig_config){ 0 }), UMSI_STATE);
    assert_true(
        model_log_has(r.m, "was left with EnableLPIs 1, and its table is not in reserved memory"));
    nr_tables = 2; /* all but the pending table of CPU 1 */
    assert_int_equal(next_life((struct rig_config){ 0 }), UMSI_STATE);
    assert_true(model_log_has(r.m, "cpu 1: EnableLPIs is already 1"));
    model_get_counts(r.m, &after);
    assert_int_equal(before.allocs, after.allocs);
    assert_int_equal(before.dma_blocks, after.dma_blocks);
    assert_int_equal(model_breaches(r.m), 0);
    model_destroy(r.m);
}

/* What makes no sense is refused. */
static void broken(void **state)
{
    (void)state;
    left_by_firmware(&(struct rig_config){ 0 }, 2, 16);
    model_lpis_left(r.m, 1, &table[0], 16, &table[1]); /* with the pending table of CPU 0 */
    assert_int_equal(next_life((struct rig_config){ 0 }), UMSI_STATE);
    assert_true(model_log_has(r.m, "cpu 1: EnableLPIs is already 1"));
    get(&table[3], 65536);
    model_lpis_left(r.m, 0, &table[0], 16, &table[1]); /* the try before had it cleared */
    model_log_clear(r.m);
    model_lpis_left(r.m, 1, &table[3], 16, &table[2]); /* with another configuration table */
    assert_int_equal(next_life((struct rig_config){ 0 }), UMSI_STATE);
    assert_true(model_log_has(r.m, "cpu 1: EnableLPIs is already 1"));
    assert_int_equal(next_life((struct rig_config){ .lpi = { .lpi_bits = 17 } }), UMSI_RANGE);
    model_destroy(r.m);

    rig_start(&r, &(struct rig_config){ 0 });
    rig_take_down(&r);
    struct umsi_lpi_config c = { .left = 0x80000f };
    assert_int_equal(umsi_create(model_port(r.m), &r.u), UMSI_OK);
    assert_int_equal(umsi_lpi_create(r.u, &c, &r.lpi), UMSI_INVALID); /* no `reserved` */
    c.reserved = reserved;
    c.table = &c;
    assert_int_equal(umsi_lpi_create(r.u, &c, &r.lpi), UMSI_INVALID); /* nor with live tables */
    assert_int_equal(umsi_destroy(r.u), UMSI_OK);
    model_destroy(r.m);
}

/* Memory fails at every place: nothing is left, and the redistributors are as they were. */
static void no_memory(void **state)
{
    enum umsi_status st = UMSI_NOMEM;
    struct model_counts before, after;
    (void)state;
    left_by_firmware(&(struct rig_config){ 0 }, 2, 16);
    const uint64_t left = left_on();
    for (uint64_t nth = 1; st != UMSI_OK && nth < 100; nth++) {
        struct rig_config config = { .lpi = {
                                         .left = left, .reserved = reserved, .ctx = &nr_tables } };
        model_get_counts(r.m, &before);
        model_fail_at(r.m, MODEL_FAIL_MEMORY, nth);
        st = rig_try(&r, &config);
        model_fail_at(r.m, MODEL_FAIL_MEMORY, 0);
        if (st == UMSI_OK) {
            break;
        }
        assert_int_equal(st, UMSI_NOMEM);
        model_get_counts(r.m, &after);
        assert_int_equal(before.allocs, after.allocs);
        assert_int_equal(before.dma_blocks, after.dma_blocks);
        if (left_on() == 0) { /* a try that came as far as the CPUs, and then took all down again */
            model_lpis_left(r.m, 0, &table[0], 16, &table[1]);
            model_lpis_left(r.m, 1, &table[0], 16, &table[2]);
        }
    }
    assert_int_equal(st, UMSI_OK);
    works();
    rig_take_down(&r);
    free_tables();
    model_check_shutdown(r.m);
    assert_int_equal(model_breaches(r.m), 0);
    model_destroy(r.m);
}

/* ---- and then they sleep, or go ---- */

static void cpu1(bool online)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    model_set_cpu(r.m, 1);
    if (online) {
        assert_int_equal(umsi_gicv3_cpu_online(r.gic, 1), UMSI_OK);
        assert_int_equal(umsi_gicv3_redistributor(r.gic, 1, &rd, &phys), UMSI_OK);
        assert_int_equal(umsi_lpi_cpu_online(r.lpi, 1, rd, phys), UMSI_OK);
    } else {
        umsi_lpi_cpu_offline(r.lpi, 1);
        umsi_gicv3_cpu_offline(r.gic);
    }
    model_set_cpu(r.m, 0);
}

/* Over a sleep the boot CPU keeps the table that was left, with what is in it; a CPU that lost its power and comes
 * back gets one of ours. */
static void sleeps_on_them(void **state)
{
    struct umsi_dma now[ROOM];
    uint32_t n = 0;
    (void)state;
    left_by_firmware(&(struct rig_config){ 0 }, 2, 16);
    assert_int_equal(next_life((struct rig_config){ 0 }), UMSI_OK);
    works();
    cpu1(false);
    model_mask_cpu(r.m, 0, true);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_power_off(r.m, true);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    cpu1(true);
    works();
    assert_int_equal(umsi_lpi_get_tables(r.lpi, now, 2, &n), UMSI_NOSPACE);
    assert_int_equal(umsi_lpi_get_tables(r.lpi, now, 3, &n), UMSI_OK);
    assert_int_equal(n, 3);
    assert_int_equal(now[0].bus, table[0].bus);
    assert_int_equal(now[1].bus, table[1].bus);
    assert_int_not_equal(now[2].bus, table[2].bus);
    rig_take_down(&r);
    free_tables();
    model_check_shutdown(r.m);
    assert_int_equal(model_breaches(r.m), 0);
    model_destroy(r.m);
}

/* With no EnableLPIs set there is nothing to hand over; and not while something hangs on it, or of a kernel's tables. */
static void nothing_to_hand_over(void **state)
{
    uint8_t live[8192] = { 0 };
    struct umsi_lpi *lpi;
    (void)state;
    rig_start(&r, &(struct rig_config){ 0 });
    assert_int_equal(umsi_lpi_hand_over(r.lpi, table, 2, &nr_tables), UMSI_NOSPACE);
    assert_int_equal(umsi_lpi_hand_over(r.lpi, table, ROOM, &nr_tables), UMSI_BUSY); /* the ITS */
    assert_int_equal(umsi_lpi_get_tables(NULL, table, ROOM, &nr_tables), UMSI_INVALID);
    works();
    rig_take_down(&r);
    assert_int_equal(umsi_create(model_port(r.m), &r.u), UMSI_OK);
    struct umsi_lpi_config c = { .gicd = model_gicd(r.m) };
    assert_int_equal(umsi_lpi_create(r.u, &c, &lpi), UMSI_OK);
    assert_int_equal(umsi_lpi_hand_over(lpi, table, ROOM, &nr_tables), UMSI_OK);
    assert_int_equal(nr_tables, 0);
    c = (struct umsi_lpi_config){ .table = live, .first = 8192, .count = 64 };
    assert_int_equal(umsi_lpi_create(r.u, &c, &lpi), UMSI_OK);
    assert_int_equal(umsi_lpi_hand_over(lpi, table, ROOM, &nr_tables), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_lpi_destroy(lpi), UMSI_OK);
    assert_int_equal(umsi_destroy(r.u), UMSI_OK);
    model_check_shutdown(r.m);
    assert_int_equal(model_breaches(r.m), 0);
    model_destroy(r.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handed_over),    cmocka_unit_test(after_a_crash),
        cmocka_unit_test(firmware),       cmocka_unit_test(not_handed_over),
        cmocka_unit_test(broken),         cmocka_unit_test(no_memory),
        cmocka_unit_test(sleeps_on_them), cmocka_unit_test(nothing_to_hand_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
