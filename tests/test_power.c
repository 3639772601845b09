/* SPDX-License-Identifier: MIT */
/*
 * Sleep of the machine on the strict model: whatever loses its power, live devices go on afterwards, on what they had
 * before (L39, L51). The model checks the order in which an ITS comes back, and that its tables are the old ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/power.h>

#include "rig.h"

#define MSIX                                                                                       \
    {                                                                                              \
        .device_id = 0x20, .bdf = 0x20, .msix_entries = 8                                          \
    }

static struct rig r;
static struct unit f, g;

static void move_to(umsi_virq virq, umsi_cpu cpu)
{
    struct umsi_cpumask one = { { 0 } };
    umsi_cpumask_set(&one, cpu);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &one), UMSI_OK);
}

/* Take a CPU offline as a kernel does, what it has moved away, and back. */
static void cpu_offline(umsi_cpu cpu)
{
    for (uint32_t i = 0; i < f.granted; i++) {
        move_to(unit_virq(&f, i), 0);
    }
    model_set_cpu(r.m, cpu);
    umsi_lpi_cpu_offline(r.lpi, cpu);
    umsi_gicv3_cpu_offline(r.gic);
    model_set_cpu(r.m, 0);
}

static void cpu_online(umsi_cpu cpu)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    model_set_cpu(r.m, cpu);
    assert_int_equal(umsi_gicv3_cpu_online(r.gic, cpu), UMSI_OK);
    assert_int_equal(umsi_gicv3_redistributor(r.gic, cpu, &rd, &phys), UMSI_OK);
    assert_int_equal(umsi_lpi_cpu_online(r.lpi, cpu, rd, phys), UMSI_OK);
    model_set_cpu(r.m, 0);
}

static void others_offline(void)
{
    for (umsi_cpu cpu = 1; cpu < r.nr_cpus; cpu++) {
        cpu_offline(cpu);
    }
    model_mask_cpu(r.m, 0, true);
}

static void others_online(void)
{
    model_mask_cpu(r.m, 0, false);
    for (umsi_cpu cpu = 1; cpu < r.nr_cpus; cpu++) {
        cpu_online(cpu);
    }
}

static void power_off_nothing(void)
{
}

static void power_off_its(void)
{
    model_its_power_off(r.m, 0);
}

static void power_off_all(void)
{
    model_power_off(r.m, true);
}

static void power_off_cpus(void)
{
    for (umsi_cpu cpu = 0; cpu < r.nr_cpus; cpu++) {
        model_gicr_power_off(r.m, cpu, true);
        model_cpu_power_off(r.m, cpu);
    }
}

static void (*const power[])(void) = { power_off_nothing, power_off_its, power_off_cpus,
                                       power_off_all };

static void start(const struct rig_config *config)
{
    f.granted = 0;
    rig_start(&r, config);
}

/* ---- devices go on ---- */

static void sleeps(void (*power_off)(void))
{
    others_offline();
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    power_off();
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    rig_settled(&r);
    others_online();
    rig_settled(&r);
}

/* Live events, one of them on another CPU, one disabled twice; a function that is taken after, one that goes. */
static void devices_go_on(const struct rig_config *config, void (*power_off)(void))
{
    const struct model_pci_config hw = MSIX,
                                  other = { .device_id = 0x31, .bdf = 0x31, .msi_vectors = 4 };
    start(config);
    unit_attach(&f, &r, &hw);
    unit_take(&f, 8, UMSI_MSIX);
    move_to(unit_virq(&f, 3), r.nr_cpus - 1);
    umsi_irq_disable(r.u, unit_virq(&f, 5));
    umsi_irq_disable(r.u, unit_virq(&f, 5));
    for (int round = 0; round < 2; round++) {
        sleeps(power_off);
        for (uint32_t i = 0; i < 8; i++) {
            if (i != 5) {
                unit_fire(&f, i);
            }
        }
        move_to(unit_virq(&f, 3), r.nr_cpus - 1);
        unit_fire(&f, 3);
        assert_int_equal(f.vector[3].cpu, r.nr_cpus - 1);
    }
    umsi_irq_enable(r.u, unit_virq(&f, 5));
    assert_int_equal(f.vector[5].hits, 0);
    umsi_irq_enable(r.u, unit_virq(&f, 5));
    unit_fire(&f, 5);
    unit_attach(&g, &r, &other);
    unit_take(&g, 4, UMSI_MSI);
    unit_fire_all(&g);
    unit_drop(&g);
    unit_detach(&g);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

static void every_way(const struct rig_config *config)
{
    for (uint32_t i = 0; i < sizeof(power) / sizeof(power[0]); i++) {
        devices_go_on(config, power[i]);
    }
}

static void plain(void **state)
{
    (void)state;
    every_way(&(struct rig_config){ 0 });
}

/* Collections in the ITS are gone when it was off, and mapped again before anything else (L39). */
static void collections_inside(void **state)
{
    (void)state;
    every_way(&(struct rig_config){ .model = { .nr_cpus = 3 }, .its = { .hcc = 2, .pta = true } });
    every_way(&(struct rig_config){ .its = { .hcc = 16, .no_collection_table = true } });
}

/* Two levels of device table, non-coherent, 4 KiB pages: the BASERs come back as they were (L33, L39). */
static void tables_of_all_kinds(void **state)
{
    (void)state;
    every_way(&(struct rig_config){ .model = { .non_coherent = true, .rd_not_shareable = true },
                                    .its = { .not_shareable = true,
                                             .device_bits = 20,
                                             .page_sizes = 1,
                                             .device_baser = 3,
                                             .collection_baser = 5 } });
    every_way(&(struct rig_config){ .its = { .no_indirect = true, .mapd_at_once = true } });
}

/* Where EnableLPIs cannot be cleared, it is left as it is, and set again where it was lost. */
static void lpis_stay(void **state)
{
    (void)state;
    every_way(&(struct rig_config){ .model = { .lpis_stay_enabled = true } });
    every_way(
        &(struct rig_config){ .model = { .two_security_states = true, .lazy_config = true } });
}

/* A queue that is not at its beginning: CWRITER of before must not come back (L39). */
static void queue_in_the_middle(void **state)
{
    const struct model_pci_config hw = MSIX;
    (void)state;
    for (uint32_t lives = 1; lives < 9; lives++) {
        start(&(struct rig_config){ .umsi_its = { .queue_bytes = 4096 } });
        unit_attach(&f, &r, &hw);
        for (uint32_t i = 0; i < lives; i++) {
            unit_take(&f, 8, UMSI_MSIX);
            unit_drop(&f);
        }
        unit_take(&f, 8, UMSI_MSIX);
        sleeps(power_off_all);
        unit_fire_all(&f);
        unit_drop(&f);
        unit_detach(&f);
        rig_stop(&r);
    }
}

/* Functions lost their state as well: what the kernel puts back is done by restore (L47, L51). */
static void functions_lose_theirs(void **state)
{
    const struct model_pci_config hw = MSIX;
    (void)state;
    start(&(struct rig_config){ 0 });
    unit_attach(&f, &r, &hw);
    unit_take(&f, 8, UMSI_MSIX);
    umsi_irq_disable(r.u, unit_virq(&f, 2));
    others_offline();
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    power_off_all();
    model_pci_reset(f.hw);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    model_pci_space(f.hw)[4] |= 6; /* Command: memory, bus master */
    assert_int_equal(umsi_pci_restore(&f.pci), UMSI_OK);
    others_online();
    for (uint32_t i = 0; i < 8; i++) {
        if (i != 2) {
            unit_fire(&f, i);
        }
    }
    assert_false(model_pci_armed(f.hw, 2));
    umsi_irq_enable(r.u, unit_virq(&f, 2));
    unit_fire(&f, 2);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* ---- what was pending ---- */

/* An LPI that the boot CPU had not taken yet comes after the sleep: from its pending table, or from hardware. */
static void pending_lpi(const struct rig_config *config, bool off)
{
    const struct model_pci_config hw = MSIX;
    start(config);
    unit_attach(&f, &r, &hw);
    unit_take(&f, 8, UMSI_MSIX);
    others_offline();
    const uint32_t hits = f.vector[1].hits;
    assert_int_equal(model_pci_raise(f.hw, 1), MODEL_SENT);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    if (off) {
        power_off_all();
    }
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    assert_int_equal(f.vector[1].hits, hits);
    others_online();
    rig_run(&r);
    assert_int_equal(f.vector[1].hits, hits + 1);
    rig_settled(&r);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

static void pending_lpis(void **state)
{
    (void)state;
    for (int off = 0; off < 2; off++) {
        pending_lpi(&(struct rig_config){ 0 }, off != 0);
        pending_lpi(&(struct rig_config){ .model = { .lpis_stay_enabled = true } }, off != 0);
        pending_lpi(
            &(struct rig_config){ .model = { .non_coherent = true, .rd_not_shareable = true },
                                  .its = { .not_shareable = true } },
            off != 0);
    }
}

/* Nobody saved it: it is lost, as power.h says, and nothing else is. */
static void pending_lpi_lost(void **state)
{
    const struct model_pci_config hw = MSIX;
    (void)state;
    start(&(struct rig_config){ .model = { .lpis_stay_enabled = true } });
    unit_attach(&f, &r, &hw);
    unit_take(&f, 8, UMSI_MSIX);
    others_offline();
    assert_int_equal(model_pci_raise(f.hw, 1), MODEL_SENT);
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_power_off(r.m, false);
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    others_online();
    rig_run(&r);
    assert_int_equal(f.vector[1].hits, 0);
    unit_fire_all(&f);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* A disabled vector remembers across a sleep what came before it (L51, L60). */
static void remembered(void **state)
{
    const struct model_pci_config hw = { .device_id = 0x31, .bdf = 0x31, .msi_vectors = 2 };
    (void)state;
    start(&(struct rig_config){ 0 });
    unit_attach(&f, &r, &hw);
    unit_take(&f, 2, UMSI_MSI);
    umsi_irq_disable(r.u, unit_virq(&f, 0));
    assert_int_equal(model_pci_raise(f.hw, 0), MODEL_SENT);
    rig_run(&r);
    sleeps(power_off_all);
    assert_int_equal(f.vector[0].hits, 0);
    umsi_irq_enable(r.u, unit_virq(&f, 0));
    rig_run(&r);
    assert_int_equal(f.vector[0].hits, 1);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* ---- while it is suspended ---- */

static void calls_while_suspended(void **state)
{
    const struct model_pci_config hw = MSIX,
                                  other = { .device_id = 0x31, .bdf = 0x31, .msi_vectors = 4 };
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = UMSI_MSI };
    uint32_t n = 0;
    (void)state;
    start(&(struct rig_config){ 0 });
    unit_attach(&f, &r, &hw);
    unit_take(&f, 4, UMSI_MSIX);
    unit_attach(&g, &r, &other);
    assert_int_equal(umsi_resume(r.u), UMSI_STATE);
    assert_int_equal(umsi_suspend(r.u), UMSI_STATE); /* CPU 1 is online */
    others_offline();
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    assert_int_equal(umsi_suspend(r.u), UMSI_STATE);
    assert_int_equal(umsi_pci_alloc_vectors(&g.pci, &want, &n), UMSI_STATE);
    assert_int_equal(umsi_irq_retrigger(r.u, unit_virq(&f, 0)), UMSI_STATE);
    umsi_irq_disable(r.u, unit_virq(&f, 1));
    umsi_irq_disable(r.u, unit_virq(&f, 2));
    umsi_irq_enable(r.u, unit_virq(&f, 2));
    power_off_all();
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    assert_int_equal(umsi_resume(r.u), UMSI_STATE);
    others_online();
    assert_false(model_pci_armed(f.hw, 1));
    umsi_irq_enable(r.u, unit_virq(&f, 1));
    unit_fire_all(&f);
    unit_take(&g, 1, UMSI_MSI);
    unit_fire_all(&g);
    unit_drop(&g);
    unit_detach(&g);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* A driver that gives up in its sleep: the call completes, and nothing is lost for good (L14, L22, L25). */
static void freed_while_suspended(void **state)
{
    const struct model_pci_config hw = MSIX;
    struct umsi_lpi_counts lpi;
    (void)state;
    start(&(struct rig_config){ 0 });
    unit_attach(&f, &r, &hw);
    unit_take(&f, 4, UMSI_MSIX);
    others_offline();
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    unit_drop(&f);
    umsi_pci_detach(&f.pci);
    umsi_lpi_get_counts(r.lpi, &lpi);
    assert_int_equal(lpi.quarantined, 4);
    power_off_all();
    assert_int_equal(umsi_resume(r.u), UMSI_OK);
    others_online();
    assert_int_equal(unit_try_attach(&f, 0), UMSI_OK);
    assert_int_equal(unit_try_take(&f, 8, 8, UMSI_MSIX), UMSI_OK);
    /* MAPD V=0 takes the events along that nobody could discard, as after an ITS that was given up. */
    assert_int_equal(model_breaches_of(r.m, "L36"), 1);
    assert_int_equal(model_breaches(r.m), 1);
    model_breach_clear(r.m);
    for (uint32_t i = 0; i < 8; i++) {
        unit_request(&f, i);
    }
    unit_fire_all(&f);
    umsi_lpi_get_counts(r.lpi, &lpi);
    assert_int_equal(lpi.quarantined, 0);
    unit_drop(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* Everything may be taken apart without a resume: a kernel that goes for good. */
static void no_resume(void **state)
{
    (void)state;
    start(&(struct rig_config){ 0 });
    others_offline();
    assert_int_equal(umsi_suspend(r.u), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(collections_inside),
        cmocka_unit_test(tables_of_all_kinds),
        cmocka_unit_test(lpis_stay),
        cmocka_unit_test(queue_in_the_middle),
        cmocka_unit_test(functions_lose_theirs),
        cmocka_unit_test(pending_lpis),
        cmocka_unit_test(pending_lpi_lost),
        cmocka_unit_test(remembered),
        cmocka_unit_test(calls_while_suspended),
        cmocka_unit_test(freed_while_suspended),
        cmocka_unit_test(no_resume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
