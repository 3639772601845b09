/* SPDX-License-Identifier: MIT */
/* Bugs other MSI stacks had, where no other test asks for them: docs/BUGS-AVOIDED.md says which each one is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/platdev.h>

#include "fake_pci.h"
#include "rig.h"

#include "../src/core/core.h"

#define MAPD  0x08u
#define MAPTI 0x0au

static void nothing(void *arg)
{
    (void)arg;
}

/* ---- prepare and teardown ---- */

static uint32_t mapds(struct rig *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < model_its_log_size(r->m, 0); i++) {
        n += (model_its_log_at(r->m, 0, i)->dw[0] & 0xff) == MAPD;
    }
    return n;
}

/* One vector to ask the device how many it wants, then those: the table neither goes nor comes again (L17). */
static void probe_with_one_then_many(void **state)
{
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &(struct rig_config){ 0 });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 33 });
    model_its_log_clear(r.m, 0);
    for (unsigned round = 0; round < 2; round++) {
        unit_take(&f, 1, UMSI_MSIX);
        unit_fire_all(&f);
        unit_drop(&f);
        unit_take(&f, 33, UMSI_MSIX);
        unit_fire_all(&f);
        unit_drop(&f);
        assert_int_equal(mapds(&r), 1);
    }
    umsi_pci_detach(&f.pci);
    assert_int_equal(mapds(&r), 2);
    rig_settled(&r);
    unit_unplug(&f);
    rig_stop(&r);
}

static void platform_device_comes_again(void **state)
{
    struct pci_bench *b = pci_bench_create(UMSI_DEVICE_MSI);
    uint64_t regs[16] = { 0 };
    struct umsi_platdev dev;
    const struct umsi_platdev_config config = {
        .name = "dma",
        .regs = regs,
        .layout = { .address_lo = 0, .address_hi = 4, .data = 8, .stride = 16 },
        .device_id = 3,
        .nr_events = 4,
    };
    (void)state;
    b->umsi->port.mmio_read32 = NULL; /* its registers are memory */
    b->umsi->port.mmio_write32 = NULL;
    b->umsi->port.mmio_read64 = NULL;
    b->umsi->port.mmio_write64 = NULL;
    for (uint32_t round = 1; round < 4; round++) {
        assert_int_equal(umsi_platdev_attach(&b->mock.msi, &config, &dev), UMSI_OK);
        assert_int_equal(umsi_msi_alloc(&dev.msi, 0, 4), UMSI_OK);
        umsi_platdev_detach(&dev);
        assert_int_equal(b->mock.prepares, round);
        assert_int_equal(b->mock.teardowns, round);
    }
    pci_bench_destroy(b);
}

/* What a level left belongs to it: nobody else at its depth can read or replace it (L5). */
static void slots_have_owners(void **state)
{
    struct pci_bench *b = pci_bench_create(UMSI_DEVICE_MSI);
    struct umsi_alloc_info info = { 0 };
    struct umsi_domain other;
    const struct umsi_domain_config config = { .name = "other", .parent = &b->mock.root };
    uint64_t v0 = 0, v1 = 0;
    (void)state;
    assert_int_equal(umsi_domain_add(b->umsi, &other, &config), UMSI_OK);
    assert_int_equal(umsi_alloc_info_set(&info, &b->mock.msi, 11, 12), UMSI_OK);
    assert_int_equal(umsi_alloc_info_set(&info, &b->mock.root, 21, 22), UMSI_OK);
    assert_int_equal(umsi_alloc_info_set(&info, &other, 31, 32), UMSI_BUG);
    assert_false(umsi_alloc_info_get(&info, &other, &v0, &v1));
    assert_true(umsi_alloc_info_get(&info, &b->mock.msi, &v0, &v1));
    assert_true(v0 == 11 && v1 == 12);
    assert_int_equal(umsi_domain_remove(&other), UMSI_OK);
    pci_bench_destroy(b);
}

/* ---- levels ---- */

struct level {
    struct umsi_domain domain;
    struct level *self;
    uint32_t allocated, masked;
};

static struct level *level_of(struct umsi_domain *d)
{
    struct level *l = d->data;
    assert_ptr_equal(l->self, l);
    assert_ptr_equal(&l->domain, d);
    return l;
}

static enum umsi_status level_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                    const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    (void)info;
    (void)b;
    for (uint32_t i = 0; i < n; i++) {
        umsi_irq_level_of(v[i], d->depth)->data = malloc(1 + d->depth);
    }
    level_of(d)->allocated += n;
    return UMSI_OK;
}

static void level_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                       struct umsi_batch *b)
{
    (void)b;
    for (uint32_t i = 0; i < n; i++) {
        free(umsi_irq_level_of(v[i], d->depth)->data); /* somebody else's would be freed twice */
    }
    level_of(d)->allocated -= n;
}

static void level_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    assert_non_null(umsi_irq_level_of(irq, d->depth)->data);
    level_of(d)->masked++;
}

static void level_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    assert_non_null(umsi_irq_level_of(irq, d->depth)->data);
    level_of(d)->masked--;
}

/* Every operation gets its own domain and finds its own data, at each depth. */
static void each_level_gets_its_own(void **state)
{
    static const struct umsi_domain_ops ops = { .alloc = level_alloc, .free = level_free };
    static const struct umsi_chip chip = { .name = "level",
                                           .mask = level_mask,
                                           .unmask = level_unmask };
    struct pci_bench *b = pci_bench_create(UMSI_MSI);
    struct level l[UMSI_MAX_LEVELS] = { 0 };
    umsi_virq virq;
    (void)state;
    for (uint32_t i = 0; i < UMSI_MAX_LEVELS; i++) {
        const struct umsi_domain_config c = { .name = "level",
                                              .ops = &ops,
                                              .chip = &chip,
                                              .parent = i > 0 ? &l[i - 1].domain : NULL,
                                              .data = &l[i] };
        l[i].self = &l[i];
        assert_int_equal(umsi_domain_add(b->umsi, &l[i].domain, &c), UMSI_OK);
    }
    struct level *outer = &l[UMSI_MAX_LEVELS - 1];
    assert_int_equal(umsi_domain_map(&outer->domain, 4, false, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(b->umsi, virq, nothing, NULL, "x"), UMSI_OK);
    umsi_irq_disable(b->umsi, virq);
    assert_true(l[0].masked == 0 && l[1].masked == 0 && outer->masked == 0); /* on, then off */
    umsi_domain_unmap(&outer->domain, virq);
    for (uint32_t i = UMSI_MAX_LEVELS; i-- > 0;) {
        assert_int_equal(l[i].allocated, 0);
        assert_int_equal(umsi_domain_remove(&l[i].domain), UMSI_OK);
    }
    pci_bench_destroy(b);
}

static void count_line(void *arg, const char *line)
{
    *(uint32_t *)arg += line[0] != '\0';
}

/* A domain with nothing in it, no operations, no chip, no data can be shown like any other. */
static void nothing_to_show(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    struct umsi_domain bare;
    const struct umsi_domain_config config = { .name = NULL };
    uint32_t lines = 0;
    umsi_virq virq;
    const char *why = NULL;
    (void)state;
    assert_int_equal(umsi_domain_add(b->umsi, &bare, &config), UMSI_OK);
    assert_int_equal(pci_bench_attach(b), UMSI_OK); /* neither capability */
    umsi_print_domains(b->umsi, count_line, &lines);
    umsi_print_irqs(b->umsi, count_line, &lines);
    assert_true(lines >= 3);
    assert_int_equal(umsi_domain_map(&bare, 9, true, &virq), UMSI_OK);
    umsi_print_irqs(b->umsi, count_line, &lines);
    assert_int_equal(umsi_explain(b->umsi, virq, count_line, &lines, &why), UMSI_STATE);
    assert_int_equal(umsi_irq_retrigger(b->umsi, virq), UMSI_UNSUPPORTED);
    umsi_domain_unmap(&bare, virq);
    assert_int_equal(umsi_domain_remove(&bare), UMSI_OK);
    pci_bench_destroy(b);
}

/* ---- commands ---- */

/* A stall is ended by Retry: the queue is not restarted for it, which would hide that Retry was not asked for. */
static void retry_ends_a_stall(void **state)
{
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &(struct rig_config){ 0 });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 8 });
    model_its_stall(r.m, 0, MAPTI, 2, false);
    assert_int_equal(unit_try_take(&f, 8, 8, UMSI_MSIX), UMSI_HARDWARE);
    assert_true(model_log_has(r.m, "stalled at command 0x0a"));
    assert_false(model_log_has(r.m, "restarting the queue"));
    rig_settled(&r);
    unit_take(&f, 8, UMSI_MSIX);
    unit_fire_all(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/* ---- limits ---- */

/* EventIDs down to a single bit: two vectors of eight, and they work. */
static void one_event_bit(void **state)
{
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &(struct rig_config){ .its = { .event_bits = 1 } });
    unit_attach(&f, &r,
                &(struct model_pci_config){
                    .device_id = 5, .msix_entries = 8, .msi_vectors = 8, .msi_64 = true });
    static const uint32_t kinds[] = { UMSI_MSIX, UMSI_MSI };
    for (unsigned k = 0; k < 2; k++) {
        assert_int_equal(unit_try_take(&f, 1, 8, kinds[k]), UMSI_OK);
        assert_int_equal(f.granted, 2);
        unit_request(&f, 0);
        unit_request(&f, 1);
        unit_fire_all(&f);
        unit_drop(&f);
        assert_int_equal(unit_try_take(&f, 3, 8, kinds[k]), UMSI_RANGE);
    }
    unit_detach(&f);
    rig_stop(&r);
}

static umsi_bus doorbell;

static void compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    (void)d;
    *out = (struct umsi_message){ doorbell, irq->index };
}

/* A device that drives fewer address bits than its registers hold says so, and is not written beyond (L48). */
static void address_of_forty_bits(void **state)
{
    static const struct umsi_chip chip = { .name = "own", .compose_message = compose };
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    const struct umsi_pci_config config = { .ops = &fake_pci_ops,
                                            .handle = &b->fake,
                                            .name = "forty",
                                            .max_address = (UINT64_C(1) << 40) - 1 };
    uint32_t granted = 77;
    (void)state;
    fake_pci_add_msi(&b->fake, 0x70, 2, true, true);
    fake_pci_add_msix(&b->fake, 0x50, 4, 2, 0x2000);
    b->mock.msi.chip = &chip;
    assert_int_equal(umsi_pci_attach(&b->mock.msi, &config, &b->pci), UMSI_OK);
    doorbell = UINT64_C(1) << 40;
    assert_int_equal(pci_bench_alloc(b, 1, 1, UMSI_MSIX, &granted), UMSI_RANGE);
    assert_int_equal(pci_bench_alloc(b, 1, 1, UMSI_MSI, &granted), UMSI_RANGE);
    assert_int_equal(granted, 77);
    assert_int_equal(fake_pci_get(&b->fake, 0x78, 4), 0); /* not written */
    doorbell = UINT64_C(0xffffffff00);
    assert_int_equal(pci_bench_alloc(b, 1, 1, UMSI_MSI, &granted), UMSI_OK);
    assert_int_equal(fake_pci_get(&b->fake, 0x78, 4), 0xff);
    pci_bench_destroy(b);
}

/* ---- states ---- */

static struct pci_bench *interrupted;

/* Whoever held the lock freed every vector before we got it. */
static void lock_late(void *ctx, void *handle)
{
    struct pci_bench *b = interrupted;
    (void)ctx;
    (void)handle;
    if (b != NULL) {
        interrupted = NULL;
        umsi_pci_free_vectors(&b->pci);
    }
}

static void unlock(void *ctx, void *handle)
{
    (void)ctx;
    (void)handle;
}

/* What a call decides by is looked at when it has the device, not before. */
static void state_is_looked_at_under_the_lock(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    uint32_t granted, index;
    (void)state;
    b->umsi->port.device_lock = lock_late;
    b->umsi->port.device_unlock = unlock;
    fake_pci_add_msi(&b->fake, 0x70, 2, true, true);
    fake_pci_add_msix(&b->fake, 0x50, 4, 2, 0x2000);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(pci_bench_alloc(b, 2, 2, UMSI_MSIX, &granted), UMSI_OK);
    interrupted = b;
    assert_int_equal(umsi_pci_alloc_at(&b->pci, 3, &index), UMSI_OK);
    assert_true(fake_pci_msix_enabled(&b->fake)); /* it was off, so this one turned it on */
    assert_int_equal(b->mock.live, 1);
    interrupted = b;
    assert_int_equal(pci_bench_alloc(b, 2, 2, UMSI_MSI, &granted), UMSI_OK);
    assert_int_equal(b->mock.live, 2);
    interrupted = b;
    assert_int_equal(umsi_pci_restore(&b->pci), UMSI_OK);
    assert_false(fake_pci_msi_enabled(&b->fake)); /* nothing to restore any more */
    pci_bench_destroy(b);
}

struct mover {
    struct pci_bench *b;
    uint32_t runs;
};

static void arrive(struct pci_bench *b, umsi_cpu cpu)
{
    struct umsi_irq_info info;
    const umsi_cpu was = b->port.self;
    assert_int_equal(umsi_irq_get_info(b->umsi, umsi_pci_virq(&b->pci, 1), &info), UMSI_OK);
    b->port.self = cpu;
    assert_true(mock_parent_arrive(&b->mock, info.hwirq));
    b->port.self = was;
}

/* While it runs on its old CPU, another one moves it, and it arrives on the new one. */
static void move_and_arrive(void *arg)
{
    struct mover *m = arg;
    const struct umsi_cpumask three = { { 8 } };
    if (m->runs++ == 0) {
        m->b->port.self = 2;
        assert_int_equal(umsi_irq_set_affinity(m->b->umsi, umsi_pci_virq(&m->b->pci, 1), &three),
                         UMSI_OK);
        m->b->port.self = 0;
        arrive(m->b, 3);
        assert_int_equal(m->runs, 1);
    }
}

/* An interrupt of the new CPU that finds the handler on the old one is neither lost nor run beside it (L35, L58).
 * The move writes nothing to the function: no message can be torn where none is written (L46). */
static void moved_while_running(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    struct mover m = { .b = b };
    uint32_t granted, from;
    (void)state;
    fake_pci_add_msi(&b->fake, 0x70, 2, false, false);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_pci_request(&b->pci, 1, move_and_arrive, &m, "x"), UMSI_OK);
    from = b->fake.records;
    arrive(b, 0);
    assert_int_equal(m.runs, 2);
    assert_int_equal(b->mock.moves, 1);
    assert_int_equal(b->fake.records, from);
    pci_bench_destroy(b);
}

/* A controller whose message changes with the target is not served, and is told so: no stale message (L47). */
static void message_that_would_move(void **state)
{
    struct pci_bench *b = pci_bench_create(PCI_BENCH_ALL);
    const struct umsi_cpumask three = { { 8 } };
    uint32_t granted;
    (void)state;
    b->mock.ops.message = UMSI_MESSAGE_MOVES;
    fake_pci_add_msix(&b->fake, 0x50, 4, 2, 0x2000);
    assert_int_equal(pci_bench_attach(b), UMSI_OK);
    assert_int_equal(pci_bench_alloc(b, 2, 2, 0, &granted), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(b->umsi, umsi_pci_virq(&b->pci, 1), &three),
                     UMSI_UNSUPPORTED);
    assert_int_equal(umsi_irq_get_cpu(b->umsi, umsi_pci_virq(&b->pci, 1)), 0);
    assert_int_equal(b->mock.moves, 0);
    pci_bench_works(b, 2);
    pci_bench_destroy(b);
}

/* What was granted is there: a request needs nothing that could have run out since (L52). */
static void granted_means_there(void **state)
{
    struct rig r;
    struct unit f;
    struct umsi_lpi_counts c;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .num_lpis = 6 } }); /* 128 of them */
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 200 });
    assert_int_equal(unit_try_take(&f, 129, 200, UMSI_MSIX), UMSI_NOSPACE);
    assert_int_equal(unit_try_take(&f, 1, 200, UMSI_MSIX), UMSI_OK);
    assert_int_equal(f.granted, 128);
    umsi_lpi_get_counts(r.lpi, &c);
    assert_int_equal(c.live, 128);
    for (uint32_t i = 0; i < f.granted; i++) {
        unit_request(&f, i);
    }
    unit_fire_all(&f);
    unit_detach(&f);
    rig_stop(&r);
}

static void spread_over(struct unit *f, uint32_t n)
{
    const struct umsi_vectors want = { .min = n, .max = n, .kinds = UMSI_MSIX, .spread = true };
    assert_int_equal(umsi_pci_alloc_vectors(&f->pci, &want, &f->granted), UMSI_OK);
    for (uint32_t i = 0; i < n; i++) {
        unit_request(f, i);
    }
}

static void none_on_cpu1(struct unit *f, uint32_t device)
{
    uint32_t intid, icid;
    for (uint32_t i = 0; i < f->granted; i++) {
        assert_true(model_its_event(f->rig->m, 0, device, i, &intid, &icid));
        assert_int_not_equal(icid, 1);
        assert_int_not_equal(umsi_irq_get_cpu(f->rig->u, unit_virq(f, i)), 1);
    }
    unit_fire_all(f);
}

/* A CPU goes: its vectors are moved, then it is no target of any, old or new, and all of them still come (L38). */
static void cpu_leaves(void **state)
{
    const struct umsi_cpumask stay = { { 5 } }, gone = { { 2 } };
    struct rig r;
    struct unit f, later;
    uint32_t moved = 0;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 3 } });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 9 });
    unit_attach(&later, &r, &(struct model_pci_config){ .device_id = 6, .msix_entries = 9 });
    spread_over(&f, 9);
    for (uint32_t i = 0; i < 9; i++) {
        if (umsi_irq_get_cpu(r.u, unit_virq(&f, i)) == 1) {
            assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, i), &stay), UMSI_OK);
            moved++;
        }
    }
    assert_int_equal(moved, 3);
    model_set_cpu(r.m, 1);
    umsi_gicv3_cpu_offline(r.gic);
    model_set_cpu(r.m, 0);
    spread_over(&later, 9);
    assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, 0), &gone), UMSI_INVALID);
    none_on_cpu1(&f, 5);
    none_on_cpu1(&later, 6);
    unit_detach(&f);
    unit_detach(&later);
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_with_one_then_many),
        cmocka_unit_test(platform_device_comes_again),
        cmocka_unit_test(slots_have_owners),
        cmocka_unit_test(each_level_gets_its_own),
        cmocka_unit_test(nothing_to_show),
        cmocka_unit_test(retry_ends_a_stall),
        cmocka_unit_test(one_event_bit),
        cmocka_unit_test(address_of_forty_bits),
        cmocka_unit_test(state_is_looked_at_under_the_lock),
        cmocka_unit_test(moved_while_running),
        cmocka_unit_test(message_that_would_move),
        cmocka_unit_test(granted_means_there),
        cmocka_unit_test(cpu_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
