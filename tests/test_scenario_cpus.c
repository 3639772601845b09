/* SPDX-License-Identifier: MIT */
/*
 * A CPU goes offline and comes back, with umsi's GIC, LPIs and ITSes on the strict model. What it had is moved away by
 * hand first, as a kernel does that asks for no more (umsi_irq_set_affinity()). Its collection, its pending table and
 * EnableLPIs stay: no MAPC with V=0 is ever sent (L38, L57), and coming back costs nothing new.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

#define GOES        1u /* the CPU */
#define VECTORS     6u
#define SPI         40u
#define MAPC        0x09u
#define GICR_CTLR   0x0000u
#define ENABLE_LPIS 1u

/* ---- machines ---- */

static const struct model_its_config two_its[] = { { .pta = true }, { .hcc = 2 } };

static const struct rig_config machines[] = {
    { .model = { .nr_cpus = 3 } },
    { .model = { .nr_cpus = 3, .non_coherent = true, .rd_not_shareable = true },
      .its = { .not_shareable = true, .pta = true, .command_ns = 5000 } },
    { .model = { .nr_cpus = 2, .two_security_states = true, .in_order = true },
      .its = { .hcc = 8, .no_collection_table = true } },
    { .model = { .nr_cpus = 4, .lpis_stay_enabled = true, .direct_lpi = true } },
    { .model = { .nr_cpus = 3, .nr_its = 2, .its = two_its }, .home = 1 },
};
#define NR_MACHINES (sizeof(machines) / sizeof(machines[0]))

static struct rig r;
static struct unit f;
static struct {
    umsi_virq virq;
    uint32_t runs;
    umsi_cpu cpu;
} wire;

static umsi_cpu self(void)
{
    return model_port(r.m)->cpu_self(r.m);
}

static void on_wire(void *arg)
{
    (void)arg;
    wire.runs++;
    wire.cpu = self();
    model_spi_set(r.m, SPI, false);
}

static void fire_wire(umsi_cpu cpu)
{
    const uint32_t before = wire.runs;
    model_spi_set(r.m, SPI, true);
    rig_run(&r);
    assert_int_equal(wire.runs, before + 1);
    assert_int_equal(wire.cpu, cpu);
}

/* Six vectors, on all CPUs in turn, and a wire on the one that will go. */
static void start(const struct rig_config *config)
{
    memset(&wire, 0, sizeof(wire));
    rig_start(&r, config);
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 0x33, .msix_entries = 16 });
    unit_take(&f, VECTORS, UMSI_MSIX);
    assert_int_equal(umsi_gicv3_map(r.gic, SPI, true, &wire.virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, wire.virq, on_wire, NULL, "wire"), UMSI_OK);
}

static void stop(void)
{
    umsi_irq_free(r.u, wire.virq);
    umsi_gicv3_unmap(r.gic, wire.virq);
    unit_detach(&f);
    rig_stop(&r);
}

static void on_all_machines(void (*test)(void))
{
    for (size_t i = 0; i < NR_MACHINES; i++) {
        print_message("  machine %zu\n", i);
        start(&machines[i]);
        test();
        stop();
    }
}

/* ---- moving ---- */

static enum umsi_status try_move(umsi_virq virq, umsi_cpu cpu)
{
    struct umsi_cpumask one = { { 0 } };
    umsi_cpumask_set(&one, cpu);
    return umsi_irq_set_affinity(r.u, virq, &one);
}

static void move(umsi_virq virq, umsi_cpu cpu)
{
    assert_int_equal(try_move(virq, cpu), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), cpu);
}

static umsi_cpu home_of(uint32_t index)
{
    return index % r.nr_cpus;
}

static void spread(void)
{
    for (uint32_t i = 0; i < VECTORS; i++) {
        move(unit_virq(&f, i), home_of(i));
    }
    move(wire.virq, GOES);
}

/* Everything that is at home on the CPU goes to CPU 0. */
static void clear_out(void)
{
    for (uint32_t i = 0; i < VECTORS; i++) {
        if (home_of(i) == GOES) {
            move(unit_virq(&f, i), 0);
        }
    }
    move(wire.virq, 0);
}

static void fire_where(bool offline)
{
    for (uint32_t i = 0; i < VECTORS; i++) {
        unit_fire(&f, i);
        assert_int_equal(f.vector[i].cpu, offline && home_of(i) == GOES ? 0 : home_of(i));
    }
    fire_wire(offline ? 0 : GOES);
}

/* ---- off and on ---- */

static bool lpis_enabled(void)
{
    const struct umsi_port *p = model_port(r.m);
    volatile char *rd = model_gicr_of(r.m, GOES, NULL);
    return (p->mmio_read32(p->ctx, rd + GICR_CTLR) & ENABLE_LPIS) != 0;
}

static void offline(void)
{
    model_set_cpu(r.m, GOES);
    umsi_lpi_cpu_offline(r.lpi, GOES);
    umsi_gicv3_cpu_offline(r.gic);
    model_mask_cpu(r.m, GOES, true); /* it is in firmware now */
    model_set_cpu(r.m, 0);
    rig_settled(&r);
    assert_true(lpis_enabled());
}

static void online(void)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    model_mask_cpu(r.m, GOES, false);
    model_set_cpu(r.m, GOES);
    assert_int_equal(umsi_gicv3_cpu_online(r.gic, GOES), UMSI_OK);
    assert_int_equal(umsi_gicv3_redistributor(r.gic, GOES, &rd, &phys), UMSI_OK);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, GOES, rd, phys), UMSI_OK);
    model_set_cpu(r.m, 0);
    rig_settled(&r);
}

/* MAPC as the ITSes saw them, V=0 apart: never one (L57). */
static uint32_t maps_of_collections(void)
{
    uint32_t n = 0;
    for (uint32_t its = 0; its < r.nr_its; its++) {
        for (uint32_t i = 0; i < model_its_log_size(r.m, its); i++) {
            const uint64_t *dw = model_its_log_at(r.m, its, i)->dw;
            const bool mapc = (dw[0] & 0xff) == MAPC;
            assert_false(mapc && dw[2] >> 63 == 0);
            n += mapc;
        }
    }
    return n;
}

static void back_and_forth(void)
{
    const uint32_t maps = maps_of_collections();
    struct model_counts before, now;
    assert_int_equal(maps, r.nr_cpus * r.nr_its);
    spread();
    fire_where(false);
    model_get_counts(r.m, &before);
    for (unsigned round = 0; round < 3; round++) {
        clear_out();
        offline();
        fire_where(true);
        online();
        fire_where(true); /* nothing comes back by itself */
        spread();
        fire_where(false);
        rig_settled(&r);
    }
    model_get_counts(r.m, &now);
    assert_int_equal(maps_of_collections(), maps); /* they were there all the time */
    assert_int_equal(now.allocs, before.allocs);
    assert_int_equal(now.dma_blocks, before.dma_blocks);
    assert_true(now.mapping == before.mapping);
}

/* While it is away nothing goes there: no move, no new vector, none that is spread (L38). */
static void no_target(void)
{
    const struct umsi_vectors want = { .min = 8, .max = 8, .kinds = UMSI_MSIX, .spread = true };
    struct unit other;
    spread();
    clear_out();
    offline();
    assert_int_equal(try_move(unit_virq(&f, 0), GOES), UMSI_INVALID);
    assert_int_equal(try_move(wire.virq, GOES), UMSI_INVALID);
    unit_attach(&other, &r, &(struct model_pci_config){ .device_id = 0x44, .msix_entries = 8 });
    assert_int_equal(umsi_pci_alloc_vectors(&other.pci, &want, &other.granted), UMSI_OK);
    for (uint32_t i = 0; i < 8; i++) {
        unit_request(&other, i);
        assert_int_not_equal(umsi_irq_get_cpu(r.u, unit_virq(&other, i)), GOES);
    }
    unit_fire_all(&other);
    online();
    assert_int_equal(try_move(unit_virq(&other, 7), GOES), UMSI_OK);
    unit_fire(&other, 7);
    assert_int_equal(other.vector[7].cpu, GOES);
    unit_detach(&other);
}

/* What is pending there when it is moved away arrives at the new target, once (L35). */
static void pending_goes_along(void)
{
    spread();
    model_mask_cpu(r.m, GOES, true);
    for (uint32_t i = 0; i < VECTORS; i++) {
        assert_int_equal(model_pci_raise(f.hw, i), MODEL_SENT);
    }
    model_spi_set(r.m, SPI, true);
    rig_run(&r);
    for (uint32_t i = 0; i < VECTORS; i++) {
        assert_int_equal(f.vector[i].hits, home_of(i) != GOES);
    }
    assert_int_equal(wire.runs, 0);
    clear_out();
    offline();
    rig_run(&r);
    for (uint32_t i = 0; i < VECTORS; i++) {
        assert_int_equal(f.vector[i].hits, 1);
        assert_int_not_equal(f.vector[i].cpu, GOES);
    }
    assert_int_equal(wire.runs, 1);
    assert_int_equal(wire.cpu, 0);
    online();
    rig_run(&r);
    spread();
    for (uint32_t i = 0; i < VECTORS; i++) {
        assert_int_equal(f.vector[i].hits, 1); /* its table had kept none of it */
    }
}

/* A second time offline, or the CPU's ITS part alone, changes nothing; online twice is told. */
static void twice(void)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    const uint32_t maps = maps_of_collections();
    spread();
    clear_out();
    offline();
    offline();
    online();
    model_set_cpu(r.m, GOES);
    assert_int_equal(umsi_gicv3_cpu_online(r.gic, GOES), UMSI_EXISTS);
    assert_int_equal(umsi_gicv3_redistributor(r.gic, GOES, &rd, &phys), UMSI_OK);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, GOES, rd, phys), UMSI_EXISTS);
    model_set_cpu(r.m, 0);
    assert_int_equal(maps_of_collections(), maps);
    spread();
    fire_where(false);
}

#define ON_ALL(test)                                                                               \
    static void test_##test(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_all_machines(test);                                                                     \
    }
ON_ALL(back_and_forth)
ON_ALL(no_target)
ON_ALL(pending_goes_along)
ON_ALL(twice)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back_and_forth),
        cmocka_unit_test(test_no_target),
        cmocka_unit_test(test_pending_goes_along),
        cmocka_unit_test(test_twice),
    };
    return cmocka_run_group_tests_name("CPUs that go and come back", tests, NULL, NULL);
}
