/* SPDX-License-Identifier: MIT */
/*
 * The whole library on machines with several ITSes that share one LPI space; functions that reach them through
 * bridges and a map; widths so small, or so large, that something runs out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

static const struct model_pci_config msix = { .device_id = 0x42, .msix_entries = 8 };

/* ---- several ITSes ---- */

/* As unlike as they may be within one machine. */
static const struct model_its_config unlike[] = {
    { .command_ns = 1000, .not_shareable = true },
    { .pta = true,
      .device_bits = 12,
      .event_bits = 9,
      .itt_entry_size = 16,
      .page_sizes = 1,
      .not_shareable = true },
    { .hcc = 4, .no_collection_table = true, .no_indirect = true, .not_shareable = true },
    { .device_bits = 32, .collection_bits = 5, .command_ns = MODEL_AT_ONCE, .not_shareable = true },
};
static const struct rig_config four_its = {
    .model = { .nr_cpus = 3,
               .nr_its = 4,
               .its = unlike,
               .non_coherent = true,
               .rd_not_shareable = true,
               .iommu = true },
    .umsi_its = { .device_bits = 20 },
};

static void attach_to(struct unit *f, struct rig *r, uint32_t its,
                      const struct model_pci_config *hw)
{
    unit_plug(f, r, hw);
    f->its = its;
    assert_int_equal(unit_try_attach(f, 0), UMSI_OK);
}

static uint32_t intid_of(struct rig *r, uint32_t its, uint32_t event)
{
    uint32_t intid = 0, icid;
    assert_true(model_its_event(r->m, its, msix.device_id, event, &intid, &icid));
    return intid;
}

/* The same DeviceID is another device on each ITS; no INTID is used twice (L24). */
static void test_one_lpi_space(void **state)
{
    struct rig r;
    struct unit f[4];
    struct umsi_lpi_counts c;
    static uint8_t used[65536];
    (void)state;
    rig_start(&r, &four_its);
    for (uint32_t i = 0; i < 4; i++) {
        attach_to(&f[i], &r, i, &msix);
        unit_take(&f[i], 5 + i % 2, UMSI_MSIX);
    }
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t event = 0; event < f[i].granted; event++) {
            assert_int_equal(used[intid_of(&r, i, event)]++, 0);
        }
        unit_fire_all(&f[i]);
    }
    umsi_lpi_get_counts(r.lpi, &c);
    assert_int_equal(c.live, 22);
    for (uint32_t i = 0; i < 4; i++) {
        unit_detach(&f[i]);
        for (uint32_t k = i + 1; k < 4; k++) {
            unit_fire_all(&f[k]);
        }
    }
    umsi_lpi_get_counts(r.lpi, &c);
    assert_int_equal(c.live, 0);
    rig_stop(&r);
}

/* A CPU's collection is on every ITS: vectors of each can go to any CPU, by that ITS's own commands. */
static void test_moves_on_each(void **state)
{
    struct rig r;
    struct unit f[4];
    (void)state;
    rig_start(&r, &four_its);
    for (uint32_t i = 0; i < 4; i++) {
        attach_to(&f[i], &r, i, &msix);
        unit_take(&f[i], 2, UMSI_MSIX);
    }
    for (uint32_t step = 0; step < 12; step++) {
        const struct umsi_cpumask mask = { { 1u << step % 3 } };
        struct unit *u = &f[step % 4];
        assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(u, 1), &mask), UMSI_OK);
        rig_settled(&r);
        unit_fire(u, 1);
        assert_int_equal(u->vector[1].cpu, step % 3);
    }
    for (uint32_t i = 0; i < 4; i++) {
        unit_detach(&f[i]);
    }
    rig_stop(&r);
}

/* One that does not answer is no reason for the others not to. */
static void test_one_of_them_dies(void **state)
{
    struct rig r;
    struct unit f[2];
    struct rig_config config = { .model = { .nr_its = 2 }, .umsi_its = { .deadline_us = 2000 } };
    (void)state;
    rig_start(&r, &config);
    attach_to(&f[0], &r, 0, &msix);
    attach_to(&f[1], &r, 1, &msix);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(unit_try_take(&f[0], 2, 2, UMSI_MSIX), UMSI_TIMEOUT);
    assert_int_equal(unit_try_take(&f[1], 2, 2, UMSI_MSIX), UMSI_OK);
    unit_request(&f[1], 0);
    unit_request(&f[1], 1);
    unit_fire_all(&f[1]);
    model_its_stop(r.m, 0, false, false);
    rig_run(&r);
    umsi_pci_detach(&f[0].pci);
    assert_int_equal(unit_try_attach(&f[0], 0), UMSI_OK);
    unit_take(&f[0], 2, UMSI_MSIX);
    unit_fire_all(&f[0]);
    unit_detach(&f[0]);
    unit_detach(&f[1]);
    rig_stop(&r);
}

/* ---- from a function to its ITS ---- */

/*
 *   root port 0:1.0, bus 1: function 1:0.3              rows 0x000-0x1ff: ITS 0, from 0x1000
 *   root port 0:2.0, bus 2: PCIe-to-PCI bridge 2:0.0,   rows 0x300-0x3ff: ITS 1, from 0x20
 *     bus 3: functions 3:4.0 and 3:5.1,
 *            PCI-to-PCI bridge 3:6.0, bus 4: function 4:0.0
 */
static const struct model_msi_map map[] = { { 0x000, 0x200, 0, 0x1000 },
                                            { 0x300, 0x100, 1, 0x20 } };
static const struct umsi_pci_msi_map_entry rows[] = { { 0x000, 11, 0x1000, 0x200 },
                                                      { 0x300, 12, 0x20, 0x100 } };

static const struct place {
    uint16_t bdf;
    uint32_t n;
    struct model_pci_bridge path[3];
    struct umsi_pci_bridge same[3]; /* as the kernel's PCI layer found them */
    uint32_t its, device;
} places[] = {
    { 0x0103,
      1,
      { { MODEL_BRIDGE_EXPRESS, 0x0008, 1 } },
      { { .kind = UMSI_PCI_BRIDGE_EXPRESS, .bdf = 0x0008, .secondary_bus = 1 } },
      0,
      0x1103 },
    { 0x0320,
      2,
      { { MODEL_BRIDGE_TO_PCI, 0x0200, 3 }, { MODEL_BRIDGE_EXPRESS, 0x0010, 2 } },
      { { .kind = UMSI_PCI_BRIDGE_TO_PCI, .bdf = 0x0200, .secondary_bus = 3 },
        { .kind = UMSI_PCI_BRIDGE_EXPRESS, .bdf = 0x0010, .secondary_bus = 2 } },
      1,
      0x20 },
    { 0x0329,
      2,
      { { MODEL_BRIDGE_TO_PCI, 0x0200, 3 }, { MODEL_BRIDGE_EXPRESS, 0x0010, 2 } },
      { { .kind = UMSI_PCI_BRIDGE_TO_PCI, .bdf = 0x0200, .secondary_bus = 3 },
        { .kind = UMSI_PCI_BRIDGE_EXPRESS, .bdf = 0x0010, .secondary_bus = 2 } },
      1,
      0x20 },
    { 0x0400,
      3,
      { { MODEL_BRIDGE_PCI, 0x0330, 4 },
        { MODEL_BRIDGE_TO_PCI, 0x0200, 3 },
        { MODEL_BRIDGE_EXPRESS, 0x0010, 2 } },
      { { .kind = UMSI_PCI_BRIDGE_PCI, .bdf = 0x0330, .secondary_bus = 4 },
        { .kind = UMSI_PCI_BRIDGE_TO_PCI, .bdf = 0x0200, .secondary_bus = 3 },
        { .kind = UMSI_PCI_BRIDGE_EXPRESS, .bdf = 0x0010, .secondary_bus = 2 } },
      1,
      0x20 },
};

static void plug_at(struct unit *f, struct rig *r, const struct place *p)
{
    unit_plug(f, r,
              &(struct model_pci_config){ .msix_entries = 4,
                                          .bdf = p->bdf,
                                          .path = p->path,
                                          .nr_path = p->n,
                                          .map = map,
                                          .nr_map = 2 });
}

/* What umsi's helpers make of bridges and map is what the hardware does: the messages arrive. */
static void test_aliases_and_map(void **state)
{
    struct rig r;
    struct unit f[4];
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_its = 2 } });
    for (uint32_t i = 0; i < 4; i++) {
        const struct place *p = &places[i];
        uint32_t controller = 0, device = 0;
        uint16_t rid = umsi_pci_requester_id(p->bdf, p->same, p->n);
        assert_int_equal(umsi_pci_msi_map(rows, 2, 0xffff, 0, rid, &controller, &device), UMSI_OK);
        assert_int_equal(controller, 11 + p->its);
        assert_int_equal(device, p->device);
        plug_at(&f[i], &r, p);
        assert_int_equal(model_pci_device_id(f[i].hw), device);
        f[i].its = controller - 11;
        assert_int_equal(unit_try_attach(&f[i], i == 0 ? 0 : 16), UMSI_OK);
        unit_take(&f[i], 4, UMSI_MSIX);
    }
    for (uint32_t i = 0; i < 4; i++) {
        unit_fire_all(&f[i]);
    }
    for (uint32_t i = 0; i < 4;
         i++) { /* three share a DeviceID: the last one takes it along (L9) */
        unit_detach(&f[i]);
        for (uint32_t k = i + 1; k < 4; k++) {
            unit_fire_all(&f[k]);
        }
    }
    rig_stop(&r);
}

/* The wrong ITS, or no row at all: it is the model that says so. */
static void test_wrong_way(void **state)
{
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_its = 2 } });
    plug_at(&f, &r, &places[0]);
    f.its = 1;
    assert_int_equal(unit_try_attach(&f, 0), UMSI_OK);
    unit_take(&f, 1, UMSI_MSIX);
    assert_int_equal(model_pci_raise(f.hw, 0), MODEL_LOST);
    assert_int_equal(model_breaches_of(r.m, "L47"), 1);
    model_breach_clear(r.m);
    unit_detach(&f);
    unit_plug(
        &f, &r,
        &(struct model_pci_config){ .msix_entries = 1, .bdf = 0x500, .map = map, .nr_map = 2 });
    assert_int_equal(model_pci_device_id(f.hw), UINT32_MAX);
    unit_unplug(&f);
    rig_stop(&r);
}

/* ---- widths ---- */

/* As many EventIDs as the ITS has, and not one more. */
static void test_small_event_ids(void **state)
{
    struct rig r;
    struct unit f;
    (void)state;
    for (uint32_t bits = 1; bits <= 6; bits++) {
        rig_start(&r, &(struct rig_config){ .its = { .event_bits = bits } });
        unit_attach(&f, &r,
                    &(struct model_pci_config){ .device_id = 1, .msix_entries = 1u << bits });
        unit_take(&f, 1u << bits, UMSI_MSIX);
        unit_fire_all(&f);
        unit_detach(&f);
        unit_attach(&f, &r,
                    &(struct model_pci_config){ .device_id = 1, .msix_entries = (1u << bits) + 1 });
        assert_int_equal(unit_try_take(&f, (1u << bits) + 1, (1u << bits) + 1, UMSI_MSIX),
                         UMSI_RANGE);
        unit_detach(&f);
        rig_stop(&r);
    }
}

/* All LPIs there are, taken through two ITSes; then none; then again what was given back (L14, L37). */
static void exhaust_lpis(const struct rig_config *config)
{
    struct rig r;
    struct unit f[2];
    struct umsi_lpi_counts c;
    rig_start(&r, config);
    attach_to(&f[0], &r, 0, &(struct model_pci_config){ .device_id = 1, .msix_entries = 2048 });
    attach_to(&f[1], &r, 1, &(struct model_pci_config){ .device_id = 1, .msix_entries = 2048 });
    umsi_lpi_get_counts(r.lpi, &c);
    assert_in_range(c.total, 32, 2048);
    unit_take(&f[0], c.total - 3, UMSI_MSIX);
    assert_int_equal(unit_try_take(&f[1], 4, 4, UMSI_MSIX), UMSI_NOSPACE);
    rig_settled(&r);
    unit_take(&f[1], 3, UMSI_MSIX);
    unit_fire_all(&f[1]);
    unit_drop(&f[0]);
    unit_drop(&f[1]);
    unit_take(&f[1], c.total, UMSI_MSIX);
    unit_fire(&f[1], 0);
    unit_fire(&f[1], c.total - 1);
    unit_detach(&f[0]);
    unit_detach(&f[1]);
    umsi_lpi_get_counts(r.lpi, &c);
    assert_int_equal(c.live, 0);
    rig_stop(&r);
}

static void test_few_lpis(void **state)
{
    (void)state;
    for (uint32_t n = 5; n <= 10; n += 5) { /* 64 LPIs, 2048 LPIs */
        exhaust_lpis(&(struct rig_config){ .model = { .nr_its = 2, .num_lpis = n } });
    }
}

/* 32 bits of DeviceID: level 2 pages only where devices are. */
static void test_all_device_ids(void **state)
{
    static const uint32_t ids[] = { 0, 0xffff, 0x10000, 0x12345678, 0x80000000, 0xffffffff };
    struct rig r;
    struct unit f[6];
    struct model_counts before, after;
    (void)state;
    rig_start(&r, &(struct rig_config){ .its = { .device_bits = 32 },
                                        .umsi_its = { .device_bits = 32 } });
    model_get_counts(r.m, &before);
    for (uint32_t i = 0; i < 6; i++) {
        unit_attach(&f[i], &r,
                    &(struct model_pci_config){ .device_id = ids[i], .msix_entries = 2 });
        unit_take(&f[i], 2, UMSI_MSIX);
    }
    model_get_counts(r.m, &after);
    assert_true(after.dma_bytes - before.dma_bytes <= 8 * 65536);
    for (uint32_t i = 0; i < 6; i++) {
        unit_fire_all(&f[i]);
        unit_detach(&f[i]);
    }
    rig_stop(&r);
}

/* More CPUs than a word has bits, on an ITS that wants addresses: a vector, a SYNC, a collection for each. */
static void test_many_cpus(void **state)
{
    static const struct model_its_config pta[] = { { .pta = true } };
    const struct rig_config config = {
        .model = { .nr_cpus = 200, .nr_its = 1, .its = pta, .gicv4_frames = true }
    };
    const struct umsi_vectors want = { .min = 200, .max = 200, .kinds = UMSI_MSIX, .spread = true };
    struct umsi_cpumask last = { { 0 } };
    struct rig r;
    struct unit f;
    (void)state;
    umsi_cpumask_set(&last, 199);
    rig_start(&r, &config);
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 2, .msix_entries = 200 });
    assert_int_equal(umsi_pci_alloc_vectors(&f.pci, &want, &f.granted), UMSI_OK);
    rig_settled(&r);
    bool seen[200] = { false };
    for (uint32_t v = 0; v < 200; v++) {
        unit_request(&f, v);
        unit_fire(&f, v);
        assert_false(seen[f.vector[v].cpu]);
        seen[f.vector[v].cpu] = true;
    }
    assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, 7), &last), UMSI_OK);
    unit_fire(&f, 7);
    assert_int_equal(f.vector[7].cpu, 199);
    unit_detach(&f);
    rig_stop(&r);
}

/* ---- LPIs that cannot be turned off again ---- */

/* The tables stay where they are; who comes next finds them not to be its own, and says so (L32). */
static void test_lpis_stay_enabled(void **state)
{
    static const struct rig_config config = { .model = { .lpis_stay_enabled = true } };
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &config);
    unit_attach(&f, &r, &msix);
    unit_take(&f, 8, UMSI_MSIX);
    unit_fire_all(&f);
    unit_detach(&f);
    rig_take_down(&r);
    assert_true(model_log_has(r.m, "cannot be cleared"));
    assert_int_equal(rig_try(&r, &config), UMSI_STATE);
    assert_true(model_log_has(r.m, "hand over these tables"));
    model_check_shutdown(r.m);
    rig_settled(&r);
    model_destroy(r.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_lpi_space),    cmocka_unit_test(test_moves_on_each),
        cmocka_unit_test(test_one_of_them_dies), cmocka_unit_test(test_aliases_and_map),
        cmocka_unit_test(test_wrong_way),        cmocka_unit_test(test_small_event_ids),
        cmocka_unit_test(test_few_lpis),         cmocka_unit_test(test_all_device_ids),
        cmocka_unit_test(test_many_cpus),        cmocka_unit_test(test_lpis_stay_enabled),
    };
    return cmocka_run_group_tests_name("scenarios on several ITSes", tests, NULL, NULL);
}
