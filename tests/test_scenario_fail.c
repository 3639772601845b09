/* SPDX-License-Identifier: MIT */
/*
 * Every allocation, mapping and configuration access fails once, one at a time, in every operation: after it
 * the machine is as before (L8, L12), the same failure again adds nothing, and the same call then works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rig.h"

static const char *const names[MODEL_FAIL_KINDS] = {
    [MODEL_FAIL_ALLOC] = "alloc",   [MODEL_FAIL_DMA] = "dma_alloc",
    [MODEL_FAIL_MEMORY] = "memory", [MODEL_FAIL_CONFIG] = "config",
    [MODEL_FAIL_MAP] = "map",       [MODEL_FAIL_COMMAND] = "command",
};

/* What must be as it was: not the pools' slabs, nor level 2 pages. */
static void same_machine(struct rig *r, const struct model_counts *before)
{
    struct model_counts now;
    model_get_counts(r->m, &now);
    rig_settled(r);
    assert_int_equal(now.devices, before->devices);
    assert_int_equal(now.events, before->events);
    assert_true(now.mapping == before->mapping);
    assert_int_equal(now.collections, before->collections);
    assert_int_equal(now.doorbells_mapped, before->doorbells_mapped);
    assert_int_equal(now.pending_lpis, before->pending_lpis);
}

static void same_ids(struct rig *r, const struct umsi_lpi_counts *lpis, uint32_t irqs)
{
    struct umsi_lpi_counts l;
    struct umsi_counts c;
    umsi_lpi_get_counts(r->lpi, &l);
    umsi_get_counts(r->u, &c);
    assert_int_equal(l.live, lpis->live);
    assert_int_equal(l.quarantined, lpis->quarantined);
    assert_int_equal(c.live_irqs, irqs);
}

/* ---- operations: OK, or an error and nothing done ---- */

struct bench {
    struct rig rig;
    struct unit unit;
    uint32_t index;
};

struct operation {
    const char *name;
    enum umsi_status (*run)(struct bench *b);
    void (*undo)(struct bench *b);
    bool attached, taken; /* what it starts from */
};

static enum umsi_status op_attach(struct bench *b)
{
    return unit_try_attach(&b->unit, 0);
}

static void undo_attach(struct bench *b)
{
    umsi_pci_detach(&b->unit.pci);
}

static enum umsi_status op_msix(struct bench *b)
{
    return unit_try_take(&b->unit, 40, 40, UMSI_MSIX);
}

static enum umsi_status op_msi(struct bench *b)
{
    return unit_try_take(&b->unit, 3, 3, UMSI_MSI);
}

/* The domain would stay for the next time. */
static void undo_take(struct bench *b)
{
    umsi_pci_detach(&b->unit.pci);
    assert_int_equal(unit_try_attach(&b->unit, 0), UMSI_OK);
}

static enum umsi_status op_one_more(struct bench *b)
{
    return umsi_pci_alloc_at(&b->unit.pci, UMSI_ANY_INDEX, &b->index);
}

static void undo_one_more(struct bench *b)
{
    umsi_pci_free_at(&b->unit.pci, b->index);
}

static enum umsi_status op_request(struct bench *b)
{
    static const char name[] = "fail";
    return umsi_irq_request(b->rig.u, unit_virq(&b->unit, 1), NULL, NULL, name);
}

static void undo_request(struct bench *b)
{
    umsi_irq_free(b->rig.u, unit_virq(&b->unit, 1));
}

static enum umsi_status op_move(struct bench *b)
{
    const struct umsi_cpumask other = { { 2 } };
    return umsi_irq_set_affinity(b->rig.u, unit_virq(&b->unit, 1), &other);
}

static void undo_move(struct bench *b)
{
    const struct umsi_cpumask first = { { 1 } };
    assert_int_equal(umsi_irq_set_affinity(b->rig.u, unit_virq(&b->unit, 1), &first), UMSI_OK);
}

static const struct operation operations[] = {
    { "attach", op_attach, undo_attach, false, false },
    { "40 MSI-X", op_msix, undo_take, true, false },
    { "3 MSI", op_msi, undo_take, true, false },
    { "one more", op_one_more, undo_one_more, true, true },
    { "request", op_request, undo_request, true, true },
    { "move", op_move, undo_move, true, true },
};

/* ---- the harness ---- */

static void bench_start(struct bench *b, const struct operation *op)
{
    static const struct rig_config config = { .model = { .iommu = true } };
    const struct umsi_vectors two = { .min = 2, .max = 2, .kinds = UMSI_MSIX };
    rig_start(&b->rig, &config);
    unit_plug(&b->unit, &b->rig,
              &(struct model_pci_config){
                  .device_id = 0x77, .msix_entries = 64, .msi_vectors = 4, .msi_64 = true });
    if (op->attached) {
        assert_int_equal(unit_try_attach(&b->unit, 0), UMSI_OK);
    }
    if (op->taken) {
        assert_int_equal(umsi_pci_alloc_vectors(&b->unit.pci, &two, &b->unit.granted), UMSI_OK);
    }
}

static void bench_stop(struct bench *b)
{
    umsi_pci_detach(&b->unit.pci);
    unit_unplug(&b->unit);
    rig_stop(&b->rig);
}

/* True: the Nth of this kind was reached. The operation failed for it, or did without. */
static bool fails(struct bench *b, const struct operation *op, enum model_fail what, uint64_t nth)
{
    struct model_counts before;
    struct umsi_lpi_counts lpis;
    struct umsi_counts counts;
    model_get_counts(b->rig.m, &before);
    umsi_lpi_get_counts(b->rig.lpi, &lpis);
    umsi_get_counts(b->rig.u, &counts);
    model_fail_at(b->rig.m, what, nth);
    enum umsi_status st = op->run(b);
    bool hit = model_failed(b->rig.m, what);
    model_fail_at(b->rig.m, what, 0);
    if (st == UMSI_OK) {
        op->undo(b);
    } else if (!hit) {
        print_message("  %s: %s %u: failed with %s for no reason\n", op->name, names[what],
                      (unsigned)nth, umsi_status_string(st));
        fail();
    }
    same_machine(&b->rig, &before);
    same_ids(&b->rig, &lpis, counts.live_irqs);
    return hit;
}

/* A pool's slab that an attempt took makes the Nth allocation of the next one a later one. In the end the same
 * failure repeats, and then adds nothing. */
static void repeats_for_nothing(struct bench *b, const struct operation *op, enum model_fail what,
                                uint64_t nth)
{
    struct model_counts now, last = { 0 };
    unsigned still = 0;
    for (unsigned i = 0; i < 40 && still < 4; i++) {
        (void)fails(b, op, what, nth);
        model_get_counts(b->rig.m, &now);
        still = now.allocs == last.allocs && now.dma_blocks == last.dma_blocks ? still + 1 : 0;
        last = now;
    }
    assert_int_equal(still, 4);
}

static void each_nth(const struct operation *op, enum model_fail what)
{
    uint64_t nth = 1;
    for (bool hit = true; hit; nth++) {
        struct bench b;
        bench_start(&b, op);
        hit = fails(&b, op, what, nth);
        repeats_for_nothing(&b, op, what, nth);
        assert_int_equal(op->run(&b), UMSI_OK);
        rig_settled(&b.rig);
        bench_stop(&b);
    }
    print_message("  %s: %u of %s\n", op->name, (unsigned)nth - 2, names[what]);
}

static void all_operations(enum model_fail what)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        each_nth(&operations[i], what);
    }
}

static void test_alloc(void **state)
{
    (void)state;
    all_operations(MODEL_FAIL_ALLOC);
}

static void test_dma(void **state)
{
    (void)state;
    all_operations(MODEL_FAIL_DMA);
}

static void test_map(void **state)
{
    (void)state;
    all_operations(MODEL_FAIL_MAP);
}

static void test_config(void **state)
{
    (void)state;
    all_operations(MODEL_FAIL_CONFIG);
}

/* ---- bring-up ---- */

static void bring_up_fails(enum model_fail what)
{
    static const struct rig_config config = { 0 };
    struct rig r = { 0 };
    uint64_t nth = 1;
    for (bool hit = true; hit; nth++) {
        struct model_counts c;
        if (r.m != NULL) {
            model_fail_at(r.m, what, nth);
        }
        enum umsi_status st = rig_try(&r, &config);
        hit = nth == 1 || model_failed(r.m, what); /* the first time makes the machine */
        model_fail_at(r.m, what, 0);
        if (st == UMSI_OK) {
            rig_take_down(&r);
        }
        model_get_counts(r.m, &c);
        assert_int_equal(c.allocs, 0);
        assert_int_equal(c.dma_blocks, 0);
        model_check_shutdown(r.m);
        rig_settled(&r);
    }
    print_message("  bring-up: %u of %s\n", (unsigned)nth - 2, names[what]);
    model_destroy(r.m);
}

static void test_bring_up(void **state)
{
    (void)state;
    bring_up_fails(MODEL_FAIL_ALLOC);
    bring_up_fails(MODEL_FAIL_DMA);
    bring_up_fails(MODEL_FAIL_MEMORY);
}

/* ---- a command stalls in every place ---- */

/* Everything once, whatever comes of it. */
static void life(struct rig *r, struct unit *f)
{
    const struct umsi_cpumask other = { { 2 } };
    uint32_t index;
    if (unit_try_attach(f, 0) != UMSI_OK) {
        return;
    }
    if (unit_try_take(f, 4, 4, UMSI_MSIX) == UMSI_OK) {
        (void)!umsi_irq_set_affinity(r->u, unit_virq(f, 1), &other);
        (void)!umsi_pci_alloc_at(&f->pci, UMSI_ANY_INDEX, &index);
        (void)!umsi_irq_retrigger(r->u, unit_virq(f, 0));
        umsi_pci_free_at(&f->pci, 2);
        umsi_pci_free_vectors(&f->pci);
    }
    umsi_pci_detach(&f->pci);
}

/* Whatever was refused once, costs nothing: a DeviceID that may still be mapped is unmapped when it is needed. */
static void works_again(struct rig *r, struct unit *f)
{
    struct umsi_its_info info;
    assert_int_equal(unit_try_attach(f, 0), UMSI_OK);
    unit_take(f, 8, UMSI_MSIX);
    umsi_its_get_info(r->its, &info);
    assert_int_equal(info.quarantined, 0);
    unit_fire_all(f);
    umsi_pci_detach(&f->pci);
}

static void test_command(void **state)
{
    uint32_t nth = 1;
    (void)state;
    for (bool hit = true; hit; nth++) {
        struct rig r;
        struct unit f;
        rig_start(&r, &(struct rig_config){ 0 });
        unit_plug(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 8 });
        model_fail_at(r.m, MODEL_FAIL_COMMAND, nth);
        life(&r, &f);
        rig_run(&r);
        hit = model_failed(r.m, MODEL_FAIL_COMMAND);
        model_fail_at(r.m, MODEL_FAIL_COMMAND, 0);
        assert_int_equal(model_breaches(r.m), 0);
        works_again(&r, &f);
        unit_unplug(&f);
        rig_stop(&r);
    }
    print_message("  %u commands\n", nth - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),    cmocka_unit_test(test_dma),
        cmocka_unit_test(test_map),      cmocka_unit_test(test_config),
        cmocka_unit_test(test_bring_up), cmocka_unit_test(test_command),
    };
    return cmocka_run_group_tests_name("every failure", tests, NULL, NULL);
}
