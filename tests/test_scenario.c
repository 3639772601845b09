/* SPDX-License-Identifier: MIT */
/* The whole library on the strict model: vectors of PCI functions from attach to detach, on many machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

/* ---- machines ---- */

static const struct model_its_config two_its[] = { { .pta = true },
                                                   { .event_bits = 12, .hcc = 1 } };

static const struct rig_config machines[] = {
    { .model = { .nr_cpus = 1 } },
    { .model = { .nr_cpus = 2, .non_coherent = true, .rd_not_shareable = true },
      .its = { .not_shareable = true } },
    { .model = { .nr_cpus = 2, .non_coherent = true },
      .lpi = { .non_coherent = true },
      .umsi_its = { .non_coherent = true } },
    { .model = { .nr_cpus = 4, .two_security_states = true }, .its = { .pta = true } },
    { .model = { .nr_cpus = 3, .lpis_stay_enabled = true, .gicv4_frames = true },
      .its = { .hcc = 8, .no_collection_table = true } },
    { .its = { .device_bits = 20, .event_bits = 11, .itt_entry_size = 12, .page_sizes = 1 } },
    { .its = { .device_bits = 12, .no_indirect = true, .page_sizes = 4, .collection_bits = 3 } },
    { .model = { .lazy_config = true, .direct_lpi = true, .num_lpis = 11 },
      .its = { .device_entry_size = 16, .device_baser = 3, .collection_baser = 2, .hcc = 1 } },
    { .model = { .id_bits = 14, .iommu = true },
      .its = { .command_ns = 5000, .found_enabled = true } },
    { .umsi_its = { .queue_bytes = 4096 }, .its = { .command_ns = 20000 } },
    { .its = { .command_ns = MODEL_AT_ONCE, .page_sizes = 2 }, .model = { .in_order = true } },
    { .model = { .nr_its = 2, .its = two_its, .num_lpis = 10 }, .home = 1 },
    { .model = { .nr_cpus = 20, .two_security_states = true, .direct_lpi = true },
      .its = { .device_bits = 32, .mapd_at_once = true, .ignore_illegal = true } },
};
#define NR_MACHINES (sizeof(machines) / sizeof(machines[0]))

static void on_all_machines(void (*scenario)(struct rig *r))
{
    for (size_t i = 0; i < NR_MACHINES; i++) {
        struct rig r;
        print_message("  machine %zu\n", i);
        rig_start(&r, &machines[i]);
        scenario(&r);
        rig_stop(&r);
    }
}

/* ---- scenarios ---- */

static const struct model_pci_config msix = { .device_id = 0x123, .msix_entries = 8 };

static void nothing(struct rig *r)
{
    (void)r;
}

static void one_msix(struct rig *r)
{
    struct unit f;
    unit_attach(&f, r, &msix);
    unit_take(&f, 8, UMSI_MSIX);
    unit_fire_all(&f);
    unit_fire_all(&f);
    unit_drop(&f);
    unit_take(&f, 3, UMSI_MSIX);
    unit_fire_all(&f);
    unit_detach(&f);
}

/* Three of a table's 2048 entries cost three; all of them work. */
static void large_msix(struct rig *r)
{
    static const uint32_t counts[] = { 3, 64, 2048 };
    struct unit f;
    unit_attach(&f, r,
                &(struct model_pci_config){ .device_id = 0x21,
                                            .msix_entries = 2048,
                                            .table_bar = 4,
                                            .table_offset = 0x2000,
                                            .pba_bar = 2 });
    for (size_t i = 0; i < 3; i++) {
        unit_take(&f, counts[i], UMSI_MSIX);
        unit_fire(&f, 0);
        unit_fire(&f, counts[i] - 1);
        unit_drop(&f);
    }
    unit_detach(&f);
}

static void multi_msi(struct rig *r)
{
    static const uint32_t counts[] = { 1, 2, 3, 4, 16, 32, 3 };
    struct unit f;
    unit_attach(&f, r,
                &(struct model_pci_config){
                    .device_id = 7, .msi_vectors = 32, .msi_64 = true, .msi_maskable = true });
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        unit_take(&f, counts[i], UMSI_MSI);
        unit_fire_all(&f);
        unit_drop(&f);
    }
    unit_detach(&f);
}

static void plain_msi(struct rig *r)
{
    struct unit f;
    unit_attach(&f, r,
                &(struct model_pci_config){ .device_id = 0, .msi_vectors = 4, .msi_64 = true });
    unit_take(&f, 3, UMSI_MSI);
    unit_fire_all(&f);
    unit_drop(&f);
    unit_take(&f, 1, UMSI_MSI);
    unit_fire_all(&f);
    unit_detach(&f);
}

static void moves(struct rig *r)
{
    struct unit f;
    unit_attach(&f, r, &msix);
    unit_take(&f, 4, UMSI_MSIX);
    const uint32_t commands = f.pci.msi.stats.commands;
    for (umsi_cpu cpu = 0; cpu < 2 * r->nr_cpus; cpu++) {
        struct umsi_cpumask mask = { { 0 } };
        umsi_cpumask_set(&mask, cpu % r->nr_cpus);
        for (uint32_t v = 0; v < 4; v++) {
            assert_int_equal(umsi_irq_set_affinity(r->u, unit_virq(&f, v), &mask), UMSI_OK);
            rig_settled(r);
            unit_fire(&f, v);
            assert_int_equal(f.vector[v].cpu, cpu % r->nr_cpus);
        }
    }
    assert_int_equal(f.pci.msi.stats.commands, commands); /* a move is charged to nobody */
    unit_detach(&f);
}

/* Pending on the old CPU, which cannot take it now, while the vector moves (L35). */
static void pending_moves(struct rig *r)
{
    struct unit f;
    struct umsi_cpumask mask = { { 0 } };
    umsi_cpumask_set(&mask, r->nr_cpus - 1);
    unit_attach(&f, r, &msix);
    unit_take(&f, 1, UMSI_MSIX);
    model_mask_cpu(r->m, 0, true);
    assert_int_equal(model_pci_raise(f.hw, 0), MODEL_SENT);
    assert_int_equal(umsi_irq_set_affinity(r->u, unit_virq(&f, 0), &mask), UMSI_OK);
    model_mask_cpu(r->m, 0, false);
    rig_run(r);
    assert_int_equal(f.vector[0].hits, 1);
    unit_detach(&f);
}

static void masks(struct rig *r)
{
    struct unit f;
    unit_attach(&f, r, &msix);
    unit_take(&f, 2, UMSI_MSIX);
    umsi_irq_disable(r->u, unit_virq(&f, 0));
    umsi_irq_disable(r->u, unit_virq(&f, 0));
    (void)model_pci_raise(f.hw, 0);
    (void)model_pci_raise(f.hw, 0);
    rig_run(r);
    assert_int_equal(f.vector[0].hits, 0);
    umsi_irq_enable(r->u, unit_virq(&f, 0));
    rig_run(r);
    assert_int_equal(f.vector[0].hits, 0);
    umsi_irq_enable(r->u, unit_virq(&f, 0));
    rig_run(r);
    assert_int_equal(f.vector[0].hits, 1); /* remembered once, run once (L60) */
    unit_fire_all(&f);
    unit_detach(&f);
}

/* A function that cannot mask: umsi does, and what came runs at the request (L60). */
static void unmaskable(struct rig *r)
{
    struct umsi_irq_info info;
    struct unit f;
    unit_attach(&f, r, &(struct model_pci_config){ .device_id = 9, .msi_vectors = 2 });
    assert_int_equal(unit_try_take(&f, 2, 2, UMSI_MSI), UMSI_OK);
    assert_int_equal(model_pci_raise(f.hw, 1), MODEL_SENT);
    assert_int_equal(model_pci_raise(f.hw, 1), MODEL_SENT);
    rig_run(r);
    unit_request(&f, 0);
    unit_request(&f, 1);
    rig_run(r);
    assert_int_equal(f.vector[0].hits, 0);
    assert_int_equal(f.vector[1].hits, 1);
    unit_fire_all(&f);
    umsi_irq_disable(r->u, unit_virq(&f, 0));
    for (unsigned i = 0; i < 2000; i++) { /* a storm costs the configuration byte at most */
        (void)model_pci_raise(f.hw, 0);
        rig_run(r);
    }
    assert_int_equal(umsi_irq_get_info(r->u, unit_virq(&f, 0), &info), UMSI_OK);
    assert_in_range(info.arrived, 2, 300); /* the rest never reached a CPU */
    rig_settled(r);
    umsi_irq_enable(r->u, unit_virq(&f, 0));
    rig_run(r);
    assert_int_equal(f.vector[0].hits, 2);
    rig_settled(r);
    unit_fire_all(&f);
    unit_detach(&f);
}

static void dynamic(struct rig *r)
{
    static const uint32_t order[] = { 5, 0, 7, 3 };
    struct unit f;
    uint32_t index = 0;
    unit_attach(&f, r, &msix);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(umsi_pci_alloc_at(&f.pci, order[i], &index), UMSI_OK);
        assert_int_equal(index, order[i]);
        unit_request(&f, index);
        rig_settled(r);
    }
    assert_int_equal(umsi_pci_alloc_at(&f.pci, UMSI_ANY_INDEX, &index), UMSI_OK);
    assert_int_equal(index, 1);
    assert_int_equal(umsi_pci_alloc_at(&f.pci, 3, &index), UMSI_EXISTS);
    assert_int_equal(umsi_pci_alloc_at(&f.pci, 8, &index), UMSI_RANGE);
    for (unsigned i = 0; i < 4; i++) {
        unit_fire(&f, order[i]);
        umsi_pci_free_at(&f.pci, order[i]);
        rig_settled(r);
    }
    unit_detach(&f);
}

static void retrigger(struct rig *r)
{
    struct umsi_irq_test t;
    struct unit f;
    unit_attach(&f, r, &msix);
    unit_take(&f, 2, UMSI_MSIX);
    const uint32_t commands = f.pci.msi.stats.commands;
    assert_int_equal(umsi_irq_retrigger(r->u, unit_virq(&f, 1)), UMSI_OK);
    rig_run(r);
    assert_int_equal(f.vector[1].hits, 1);
    assert_int_equal(umsi_irq_test(r->u, unit_virq(&f, 0), &t), UMSI_OK);
    assert_true(t.arrived && t.handled);
    rig_run(r); /* what follows INT in its batch is posted */
    rig_settled(r);
    assert_int_equal(f.pci.msi.stats.commands, commands); /* a raise is charged to nobody */
    unit_detach(&f);
}

static void reset_and_restore(struct rig *r)
{
    struct unit f;
    unit_attach(&f, r, &msix);
    unit_take(&f, 8, UMSI_MSIX);
    umsi_irq_disable(r->u, unit_virq(&f, 2));
    model_pci_reset(f.hw);
    assert_int_equal(umsi_pci_restore(&f.pci), UMSI_OK);
    assert_false(model_pci_armed(f.hw, 2));
    umsi_irq_enable(r->u, unit_virq(&f, 2));
    unit_fire_all(&f);
    unit_detach(&f);
}

static void gone(struct rig *r)
{
    struct unit f;
    unit_attach(&f, r, &msix);
    unit_take(&f, 8, UMSI_MSIX);
    model_pci_remove(f.hw, true);
    unit_detach(&f);
    unit_attach(&f, r, &msix);
    unit_take(&f, 8, UMSI_MSIX);
    model_pci_remove(f.hw, false);
    unit_detach(&f);
}

static void found_enabled(struct rig *r)
{
    struct unit f;
    unit_attach(
        &f, r,
        &(struct model_pci_config){ .device_id = 3, .msix_entries = 4, .found_enabled = true });
    assert_false(model_pci_armed(f.hw, 0));
    unit_take(&f, 4, UMSI_MSIX);
    unit_fire_all(&f);
    unit_detach(&f);
}

/* A neighbour keeps the memory that tables are cut from, so the next table is not fresh (L21). */
static void comes_again(struct rig *r)
{
    struct unit stays, comes;
    unit_attach(&stays, r, &msix);
    unit_take(&stays, 2, UMSI_MSIX);
    for (unsigned i = 0; i < 3; i++) {
        unit_attach(&comes, r,
                    &(struct model_pci_config){ .device_id = 0x200 + i, .msix_entries = 16 });
        unit_take(&comes, 16, UMSI_MSIX);
        unit_fire_all(&comes);
        unit_detach(&comes);
    }
    unit_fire_all(&stays);
    unit_detach(&stays);
}

/* Two functions behind one bridge: one DeviceID, one ITT, distinct events (L9). */
static void shared(struct rig *r)
{
    struct unit a, b;
    uint32_t bits;
    uint64_t itt;
    unit_plug(&a, r, &(struct model_pci_config){ .device_id = 0x100, .msix_entries = 5 });
    unit_plug(&b, r,
              &(struct model_pci_config){ .device_id = 0x100, .msi_vectors = 4, .msi_64 = true });
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(unit_try_attach(&a, 32), UMSI_OK);
        assert_int_equal(unit_try_attach(&b, 32), UMSI_OK);
        unit_take(&a, 5, UMSI_MSIX);
        unit_take(&b, 3, UMSI_MSI);
        unit_fire_all(&a);
        unit_fire_all(&b);
        umsi_pci_detach(&a.pci);
        rig_settled(r);
        assert_true(model_its_device(r->m, r->home, 0x100, &bits, &itt));
        unit_fire_all(&b);
        umsi_pci_detach(&b.pci);
        rig_settled(r);
        assert_false(model_its_device(r->m, r->home, 0x100, &bits, &itt));
    }
    unit_unplug(&a);
    unit_unplug(&b);
}

#define ON_ALL(scenario)                                                                           \
    static void test_##scenario(void **state)                                                      \
    {                                                                                              \
        (void)state;                                                                               \
        on_all_machines(scenario);                                                                 \
    }
ON_ALL(nothing)
ON_ALL(one_msix)
ON_ALL(large_msix)
ON_ALL(multi_msi)
ON_ALL(plain_msi)
ON_ALL(moves)
ON_ALL(pending_moves)
ON_ALL(masks)
ON_ALL(unmaskable)
ON_ALL(dynamic)
ON_ALL(retrigger)
ON_ALL(reset_and_restore)
ON_ALL(gone)
ON_ALL(found_enabled)
ON_ALL(comes_again)
ON_ALL(shared)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),       cmocka_unit_test(test_one_msix),
        cmocka_unit_test(test_large_msix),    cmocka_unit_test(test_multi_msi),
        cmocka_unit_test(test_plain_msi),     cmocka_unit_test(test_moves),
        cmocka_unit_test(test_pending_moves), cmocka_unit_test(test_masks),
        cmocka_unit_test(test_unmaskable),    cmocka_unit_test(test_dynamic),
        cmocka_unit_test(test_retrigger),     cmocka_unit_test(test_reset_and_restore),
        cmocka_unit_test(test_gone),          cmocka_unit_test(test_found_enabled),
        cmocka_unit_test(test_comes_again),   cmocka_unit_test(test_shared),
    };
    return cmocka_run_group_tests_name("scenarios on the model", tests, NULL, NULL);
}
