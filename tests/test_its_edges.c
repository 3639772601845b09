/* SPDX-License-Identifier: MIT */
/* The ITS at its edges: registers that do not hold what they are told, a CREADR that makes no sense, tables
 * of odd sizes, operations called with what is not theirs, and an ITS that cannot be started again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/msi_parent.h>

#include "its_rig.h"

#include "../src/msi/msi_domain.h"

enum {
    MOVI = 0x01,
    CLEAR = 0x04,
    SYNC = 0x05,
    MAPC = 0x09,
    MAPTI = 0x0a,
    INV = 0x0c,
    INVALL = 0x0d,
    DISCARD = 0x0f
};

#define GITS_CTLR   0x00u
#define GITS_TYPER  0x08u
#define GITS_CBASER 0x80u
#define GITS_CREADR 0x90u
#define GITS_BASER  0x100u

static struct rig r;
static struct rig_device a, b;
static const struct model_config two_cpus = { .nr_cpus = 2 };

static struct umsi_its_info info(void)
{
    struct umsi_its_info i;
    umsi_its_get_info(r.its, &i);
    return i;
}

/* ---- registers that read something else ---- */

static struct {
    uint32_t reg, reads; /* which, and for how many reads */
    uint64_t value;
    uint64_t (*read64)(void *ctx, const volatile void *addr);
} fake;

static uint64_t fake_read64(void *ctx, const volatile void *addr)
{
    const volatile char *its = model_its_base(r.m, 0);
    if (fake.reads != 0 && (const volatile char *)addr == its + fake.reg) {
        fake.reads--;
        return fake.value;
    }
    return fake.read64(ctx, addr);
}

static void read_as(uint32_t reg, uint64_t value, uint32_t reads)
{
    if (r.u->port.mmio_read64 != fake_read64) {
        fake.read64 = r.u->port.mmio_read64;
        r.u->port.mmio_read64 = fake_read64;
    }
    fake.reg = reg;
    fake.value = value;
    fake.reads = reads;
}

static enum umsi_status create(const struct umsi_its_config *with)
{
    struct umsi_its_config c = *with;
    c.base = model_its_base(r.m, 0);
    c.phys += model_its_phys(r.m, 0);
    return umsi_its_create(r.lpi, &c, &r.its);
}

/* LPIs and CPUs, no ITS yet. */
static void start_without(const struct model_config *config)
{
    its_rig_machine(&r, config);
    const struct umsi_lpi_config lc = { .gicd = model_gicd(r.m) };
    assert_int_equal(umsi_lpi_create(r.u, &lc, &r.lpi), UMSI_OK);
}

static void arguments(void **state)
{
    struct umsi_its *its = NULL;
    const struct umsi_its_config good = { 0 }, wrong[] = {
        { .phys = 0x1000 },
        { .queue_bytes = 5000 },
        { .queue_bytes = 0x101000 },
        { .device_bits = 33 },
    };
    (void)state;
    start_without(&two_cpus);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(create(&wrong[i]), UMSI_INVALID);
    }
    assert_int_equal(umsi_its_create(r.lpi, &good, &its), UMSI_INVALID); /* no base */
    assert_int_equal(umsi_its_create(NULL, &good, &its), UMSI_INVALID);
    assert_int_equal(umsi_its_create(r.lpi, NULL, &its), UMSI_INVALID);
    assert_int_equal(umsi_its_create(r.lpi, &good, NULL), UMSI_INVALID);
    assert_int_equal(umsi_its_destroy(NULL), UMSI_INVALID);
    its_rig_fake_pidr2 = 0x40; /* GICv4 is as good */
    assert_int_equal(create(&good), UMSI_OK);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    r.its = NULL;
    its_rig_fake_pidr2 = 0;
    read_as(GITS_TYPER, 0x001e0f70, 1); /* no physical LPIs */
    assert_int_equal(create(&good), UMSI_UNSUPPORTED);
    its_rig_stop(&r);
}

/* L32: a base register that does not hold what it was told is an error, and nothing is left behind. */
static void registers_do_not_hold(void **state)
{
    static const uint32_t regs[] = { GITS_CBASER, GITS_BASER, GITS_BASER + 8 };
    const struct umsi_its_config good = { 0 };
    struct model_counts before, after;
    (void)state;
    start_without(&two_cpus);
    model_get_counts(r.m, &before);
    for (size_t i = 0; i < 3; i++) {
        read_as(regs[i], (uint64_t)(i == 1 ? 1 : 4) << 56 | (uint64_t)7 << 48, UINT32_MAX);
        assert_int_equal(create(&good), UMSI_HARDWARE);
        read_as(regs[i], 0, 0);
        model_get_counts(r.m, &after);
        assert_int_equal(after.allocs, before.allocs);
        assert_int_equal(after.dma_blocks, before.dma_blocks);
    }
    read_as(GITS_CREADR, 0x40, 1); /* CBASER was written: it should be zero */
    assert_int_equal(create(&good), UMSI_HARDWARE);
    assert_int_equal(create(&good), UMSI_OK);
    its_rig_stop(&r);
}

/* A creation that fails at the second CPU's MAPC leaves nobody who is told of the third; nor does an end. */
static void no_client_stays(void **state)
{
    (void)state;
    const struct model_config config = { .nr_cpus = 4 };
    const struct umsi_its_config good = { 0 };
    struct model_counts before, after;
    start_without(&config);
    assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_OK);
    assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_OK);
    model_get_counts(r.m, &before);
    model_its_stall(r.m, 0, MAPC, 2, false);
    assert_int_equal(create(&good), UMSI_HARDWARE);
    model_get_counts(r.m, &after);
    assert_int_equal(after.allocs, before.allocs);
    assert_int_equal(after.dma_blocks, before.dma_blocks);
    assert_int_equal(its_rig_cpu_online(&r, 2), UMSI_OK);
    assert_int_equal(create(&good), UMSI_OK);
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    r.its = NULL;
    model_its_log_clear(r.m, 0);
    assert_int_equal(its_rig_cpu_online(&r, 3), UMSI_OK);
    model_drain(r.m);
    assert_int_equal(model_its_log_size(r.m, 0), 0);
    its_rig_stop(&r);
}

/* An offset outside of the queue, or one nobody rang for, is no progress and no harm. */
static void creadr_makes_no_sense(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    read_as(GITS_CREADR, 0xfffe0, 5);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    read_as(GITS_CREADR, 0x3fe0, 5);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 8), UMSI_OK);
    assert_int_equal(info().dead, false);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- sizes ---- */

/* L21: entries whose size is no power of two fill no whole number of 256 bytes. */
static void odd_entries(void **state)
{
    (void)state;
    const struct model_its_config its = { .itt_entry_size = 12 };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 3, 32, 0, true), UMSI_OK); /* 384 bytes */
    assert_int_equal(its_rig_attach(&r, &b, 4, 32, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 32), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&b.dev, 0, 32), UMSI_OK);
    its_rig_request(&a, 0, 32);
    assert_true(its_rig_raise(&a, 31));
    model_run(r.m);
    assert_int_equal(a.runs[31], 1);
    umsi_msi_detach(&a.dev);
    umsi_msi_detach(&b.dev);
    its_rig_stop(&r);
}

/* A table of half a chunk or more has memory of its own. */
static void large_table(void **state)
{
    (void)state;
    struct model_counts before, after;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, true), UMSI_OK); /* its level 2 page stays */
    umsi_msi_detach(&b.dev);
    model_get_counts(r.m, &before);
    model_fail_at(r.m, MODEL_FAIL_DMA, 1);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8192, 0, true), UMSI_NOMEM);
    model_get_counts(r.m, &after);
    assert_int_equal(after.dma_blocks, before.dma_blocks);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8192, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 4000, 64), UMSI_OK);
    its_rig_request(&a, 4000, 64);
    assert_true(its_rig_raise(&a, 4063));
    model_run(r.m);
    assert_int_equal(a.runs[4063], 1);
    umsi_msi_detach(&a.dev);
    model_get_counts(r.m, &after);
    assert_int_equal(after.dma_blocks, before.dma_blocks);
    its_rig_stop(&r);
}

static void no_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    (void)index;
    (void)m;
}

/* Chunks fill up, one that is full gets room again, one in the middle of the list goes. */
static void chunks(void **state)
{
    static struct umsi_msi_device d[24];
    struct model_counts before, after;
    struct umsi_msi_config c = { .name = "d", .nr_events = 2048, .write_message = no_message };
    static const uint32_t order[] = { 4, 5, 6, 7, 8, 0, 1, 2, 3, 12, 13, 14, 15 };
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &b, 4, 1, 0, true), UMSI_OK); /* its level 2 page stays */
    umsi_msi_detach(&b.dev);
    model_get_counts(r.m, &before);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 24; i++) { /* four tables of 16 KiB in each chunk */
            c.device_id = i;
            assert_int_equal(umsi_msi_attach(umsi_its_parent(r.its), &c, &d[i]), UMSI_OK);
        }
        for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
            umsi_msi_detach(&d[order[i]]);
        }
        c.device_id = 100;
        c.nr_events = 64; /* fits where there is room */
        assert_int_equal(umsi_msi_attach(umsi_its_parent(r.its), &c, &d[0]), UMSI_OK);
        c.nr_events = 2048;
        for (uint32_t i = 0; i < 24; i++) {
            umsi_msi_detach(&d[i]);
        }
        model_get_counts(r.m, &after);
        assert_int_equal(after.dma_blocks, before.dma_blocks);
        assert_int_equal(after.allocs, before.allocs);
    }
    its_rig_stop(&r);
}

/* L20: a flat table of 256 pages covers fewer DeviceIDs than were asked for, and says so. */
static void table_too_small(void **state)
{
    (void)state;
    const struct model_its_config its = { .device_bits = 24, .no_indirect = true, .page_sizes = 1 };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    const struct umsi_its_config ic = { .device_bits = 24 };
    its_rig_start_its(&r, &config, &ic);
    assert_int_equal(info().device_table_bits, 17); /* 256 * 4096 / 8 */
    assert_int_equal(its_rig_attach(&r, &a, 1u << 17, 4, 0, true), UMSI_RANGE);
    assert_int_equal(its_rig_attach(&r, &a, (1u << 17) - 1, 4, 0, true), UMSI_OK);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* A page of 4 KiB reaches 48 bits of address only. */
static void table_too_high(void **state)
{
    (void)state;
    const struct model_its_config its = { .page_sizes = 1 };
    const struct model_config config = { .nr_cpus = 2,
                                         .its = &its,
                                         .memory_phys = UINT64_C(1) << 49 };
    const struct umsi_its_config good = { 0 };
    start_without(&config);
    assert_int_equal(create(&good), UMSI_RANGE);
    assert_int_equal(umsi_lpi_destroy(r.lpi), UMSI_OK);
    r.lpi = NULL;
    its_rig_stop(&r);
}

/* More CPUs than the ITS has collections: those past them never become targets (L26). */
static void few_collections(void **state)
{
    (void)state;
    const struct model_its_config its = { .collection_bits = 1 };
    const struct model_config config = { .nr_cpus = 4, .its = &its };
    const struct umsi_its_config good = { 0 };
    start_without(&config);
    assert_int_equal(its_rig_cpu_online(&r, 0), UMSI_OK);
    assert_int_equal(create(&good), UMSI_OK);
    assert_int_equal(its_rig_cpu_online(&r, 1), UMSI_OK);
    (void)its_rig_cpu_online(&r, 2);
    assert_true(model_log_has(r.m, "collections"));
    struct umsi_cpumask set = { 0 };
    umsi_cpumask_set(&set, 2);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 8), UMSI_OK);
    assert_int_not_equal(umsi_irq_set_affinity(r.u, umsi_msi_virq(&a.dev, 0), &set), UMSI_OK);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

static void too_many_events(void **state)
{
    (void)state;
    const struct model_its_config its = { .event_bits = 5 };
    const struct model_config config = { .nr_cpus = 2, .its = &its };
    its_rig_start(&r, &config);
    assert_int_equal(its_rig_attach(&r, &a, 3, 33, 0, true), UMSI_RANGE);
    assert_int_equal(its_rig_attach(&r, &a, 3, 32, 1000, true), UMSI_OK); /* as many as there are */
    assert_int_equal(its_rig_attach(&r, &b, 3, 1, 0, true), UMSI_NOSPACE);
    assert_true(model_log_has(r.m, "no room for 1 events in the table of 32 that DeviceID 3"));
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- operations called with what is not theirs ---- */

static struct umsi_irq *one(umsi_virq *virq)
{
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    *virq = umsi_msi_virq(&a.dev, 0);
    return umsi_irq_find(r.u, *virq);
}

static void foreign(void **state)
{
    umsi_virq virq;
    struct umsi_irq *irq = one(&virq);
    struct umsi_domain *d = umsi_its_parent(r.its), other = { 0 };
    const struct umsi_alloc_info none = { 0 };
    struct umsi_batch batch = { .owner = &other }, clean = { 0 };
    (void)state;
    assert_int_equal(d->ops->alloc(d, &irq, 1, &none, &clean), UMSI_BUG);
    irq->index = 8; /* one past its EventIDs (L4) */
    assert_int_equal(d->ops->alloc(d, &irq, 1, &a.dev.slot[0]->info, &clean), UMSI_RANGE);
    irq->index = 0;
    assert_int_equal(d->ops->activate(d, &irq, 1, &batch), UMSI_BUG);
    assert_int_equal(d->ops->set_affinity(d, &irq, 1, 1, &batch), UMSI_BUG);
    d->ops->deactivate(d, &irq, 1, &batch);
    assert_int_equal(batch.status, UMSI_BUG);
    d->msi->teardown(d, &a.dev, &none); /* was never prepared: nothing to take down */
    const umsi_cpu was = irq->cpu;
    irq->cpu = 7;
    assert_int_equal(d->ops->activate(d, &irq, 1, &clean), UMSI_STATE); /* L26 */
    irq->cpu = UMSI_NO_CPU;
    assert_int_equal(d->ops->activate(d, &irq, 1, &clean), UMSI_STATE);
    irq->cpu = was;
    assert_int_equal(d->ops->set_affinity(d, &irq, 1, 7, &clean), UMSI_STATE);
    model_its_log_clear(r.m, 0);
    assert_int_equal(d->ops->set_affinity(d, &irq, 1, was, &clean), UMSI_OK);
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, MOVI), 0); /* L34: it is there already */
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* L23: INT and CLEAR for what is mapped only; and a pending one is gone when umsi_its_clear() returns. */
static void states(void **state)
{
    umsi_virq virq;
    struct umsi_irq *irq = one(&virq);
    struct umsi_domain *d = umsi_its_parent(r.its);
    (void)state;
    its_rig_request(&a, 0, 1);
    assert_int_equal(d->chip->set_state(d, irq, (enum umsi_irq_what)9, true), UMSI_UNSUPPORTED);
    model_mask_cpu(r.m, 0, true);
    model_mask_cpu(r.m, 1, true);
    assert_true(its_rig_raise(&a, 0));
    model_drain(r.m);
    model_its_log_clear(r.m, 0);
    assert_int_equal(umsi_its_clear(r.its, virq), UMSI_OK);
    assert_int_equal(its_rig_count(&r, CLEAR), 1); /* not posted: the ITS has it */
    assert_true(its_rig_raise(&a, 0));
    model_drain(r.m);
    assert_int_equal(d->chip->set_state(d, irq, UMSI_STATE_PENDING, false), UMSI_OK);
    model_drain(r.m);
    model_mask_cpu(r.m, 0, false);
    model_mask_cpu(r.m, 1, false);
    model_run(r.m);
    assert_int_equal(a.runs[0], 0); /* both were cleared */
    assert_int_equal(umsi_its_clear(r.its, virq + 500), UMSI_NOTFOUND);
    const umsi_cpu was = irq->cpu;
    irq->cpu = 7;
    assert_int_equal(d->chip->set_state(d, irq, UMSI_STATE_PENDING, true), UMSI_STATE);
    irq->cpu = was;
    struct umsi_irq_level *level = umsi_irq_level_of(irq, d->depth);
    const uint32_t word = level->word;
    level->word = 0;
    assert_int_equal(d->chip->set_state(d, irq, UMSI_STATE_PENDING, true), UMSI_STATE);
    assert_int_equal(umsi_its_clear(r.its, virq), UMSI_NOTFOUND);
    level->word = word;
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* The byte is written once, and a live one is followed by an INV (L28). */
static void bytes(void **state)
{
    struct umsi_batch batch = { 0 };
    umsi_virq virq;
    struct umsi_irq *irq = one(&virq);
    struct umsi_domain *d = umsi_its_parent(r.its);
    (void)state;
    its_rig_request(&a, 0, 1);
    model_its_log_clear(r.m, 0);
    for (uint32_t i = 0; i < 2; i++) {
        d->chip->mask(d, irq);
        model_drain(r.m);
        model_check_settled(r.m);
        assert_int_equal(its_rig_count(&r, INV), 1);
        assert_int_equal(its_rig_count(&r, INVALL), 0);
    }
    d->ops->deactivate(d, &irq, 1, &batch);
    assert_int_equal(d->ops->commit(d, &batch), UMSI_OK);
    assert_int_equal(d->ops->activate(d, &irq, 1, &batch), UMSI_OK);
    assert_int_equal(d->ops->commit(d, &batch), UMSI_OK);
    assert_int_equal(its_rig_count(&r, INV), 1); /* nor one more when it is mapped again */
    d->chip->unmask(d, irq);
    model_drain(r.m);
    assert_true(its_rig_raise(&a, 0));
    model_run(r.m);
    assert_int_equal(a.runs[0], 1);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- why it does not come ---- */

static void print_nothing(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

static void expect(struct umsi_irq *irq, const char *part)
{
    struct umsi_domain *d = umsi_its_parent(r.its);
    const char *why = d->chip->explain(d, irq, print_nothing, NULL);
    if (part == NULL) {
        assert_null(why);
    } else {
        assert_non_null(why);
        assert_non_null(strstr(why, part));
    }
}

static void reasons(void **state)
{
    umsi_virq virq;
    struct umsi_irq *irq = one(&virq);
    struct umsi_irq_level *level = umsi_irq_level_of(irq, umsi_its_parent(r.its)->depth);
    const umsi_cpu was = irq->cpu;
    const uint32_t word = level->word;
    volatile char *ctlr = (volatile char *)model_its_base(r.m, 0) + GITS_CTLR;
    (void)state;
    expect(irq, NULL);
    irq->cpu = 7;
    expect(irq, "collection");
    irq->cpu = was;
    level->word = 0;
    expect(irq, "not mapped");
    level->word = word;
    model_port(r.m)->mmio_write32(model_port(r.m)->ctx, ctlr, 0);
    expect(irq, "disabled");
    model_pass(r.m, 1000000);
    model_port(r.m)->mmio_write32(model_port(r.m)->ctx, ctlr, 1);
    expect(irq, NULL);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- an ITS that cannot be started again ---- */

static void abandon(void)
{
    assert_int_equal(umsi_its_destroy(r.its), UMSI_OK);
    model_destroy(r.m);
}

static void does_not_restart(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    model_its_stall(r.m, 0, MAPTI, 1, true);
    read_as(GITS_CBASER, 0, UINT32_MAX); /* does not take its queue again */
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 4), UMSI_HARDWARE);
    assert_int_equal(info().dead, true);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT);
    read_as(GITS_CBASER, 0, 0);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_TIMEOUT); /* never comes back */
    umsi_msi_detach(&a.dev);
    assert_int_equal(info().quarantined, 1);
    abandon();
}

/* Dead while another device wants a vector: nothing gets into the queue, and nothing is taken. */
static void dead_for_others(void **state)
{
    struct umsi_lpi_counts counts;
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    assert_int_equal(its_rig_attach(&r, &b, 4, 8, 0, true), UMSI_OK);
    model_its_stop(r.m, 0, true, false);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_TIMEOUT);
    assert_int_equal(umsi_msi_alloc(&b.dev, 0, 2), UMSI_TIMEOUT);
    umsi_lpi_get_counts(r.lpi, &counts);
    assert_int_equal(counts.live, 0);
    assert_int_equal(counts.quarantined, 2); /* those of the first */
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(umsi_msi_alloc(&b.dev, 0, 2), UMSI_OK);
    umsi_msi_detach(&b.dev);
    umsi_msi_detach(&a.dev);
    model_breach_clear(r.m); /* the events of the first, which went with their MAPD */
    its_rig_stop(&r);
}

/* An INVALL that was owed when the ITS died is owed still when it comes back (L28). */
static void owed_when_dead(void **state)
{
    (void)state;
    const struct umsi_its_config ic = { .queue_bytes = 4096, .deadline_us = 20000 };
    its_rig_start_its(&r, &two_cpus, &ic);
    assert_int_equal(its_rig_attach(&r, &a, 3, 2, 0, false), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 2), UMSI_OK);
    its_rig_request(&a, 1, 1);
    model_its_stop(r.m, 0, true, false);
    while (umsi_irq_retrigger(r.u, umsi_msi_virq(&a.dev, 1)) == UMSI_OK) {
    }
    for (uint32_t i = 0; i < 300; i++) { /* a storm: its byte is cleared, its INV finds no room */
        model_lpi_raise(r.m, 0, UMSI_LPI_FIRST);
        model_run(r.m);
    }
    assert_int_equal(its_rig_attach(&r, &b, 4, 2, 0, true), UMSI_TIMEOUT);
    assert_int_equal(info().dead, true);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    assert_int_equal(its_rig_count(&r, INVALL), 0);
    assert_int_equal(its_rig_attach(&r, &b, 4, 2, 0, true), UMSI_OK);
    assert_int_equal(its_rig_count(&r, INVALL), 1);
    model_check_settled(r.m);
    umsi_msi_detach(&b.dev);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* ---- what was refused ---- */

/* L30: the SYNC to the old target is refused, and one to the new would not do. */
static void sync_of_a_move_is_refused(void **state)
{
    struct umsi_cpumask set = { 0 };
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 0, true), UMSI_OK);
    model_set_cpu(r.m, 1);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 1), UMSI_OK);
    model_set_cpu(r.m, 0);
    const umsi_virq virq = umsi_msi_virq(&a.dev, 0);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 1);
    umsi_cpumask_set(&set, 0);
    model_its_stall(r.m, 0, SYNC, 1, false);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &set), UMSI_OK);
    assert_int_equal(info().stalls, 1);
    model_check_settled(r.m);
    assert_int_equal(model_breaches(r.m), 0);
    umsi_msi_detach(&a.dev);
    its_rig_stop(&r);
}

/* L9: nobody joins a DeviceID of which it is not known what is mapped. */
static void no_newcomer(void **state)
{
    (void)state;
    its_rig_start(&r, &two_cpus);
    assert_int_equal(its_rig_attach(&r, &a, 3, 8, 64, true), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&a.dev, 0, 4), UMSI_OK);
    model_its_refuse(r.m, 0, DISCARD, 4, 2);
    umsi_msi_free(&a.dev, 0, 4);
    assert_int_equal(its_rig_attach(&r, &b, 3, 8, 0, true), UMSI_HARDWARE);
    umsi_msi_detach(&a.dev);
    model_breach_clear(r.m); /* the event that went with its MAPD */
    assert_int_equal(its_rig_attach(&r, &b, 3, 8, 0, true), UMSI_OK);
    umsi_msi_detach(&b.dev);
    its_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments),
        cmocka_unit_test(registers_do_not_hold),
        cmocka_unit_test(no_client_stays),
        cmocka_unit_test(creadr_makes_no_sense),
        cmocka_unit_test(odd_entries),
        cmocka_unit_test(large_table),
        cmocka_unit_test(chunks),
        cmocka_unit_test(table_too_small),
        cmocka_unit_test(table_too_high),
        cmocka_unit_test(few_collections),
        cmocka_unit_test(too_many_events),
        cmocka_unit_test(foreign),
        cmocka_unit_test(states),
        cmocka_unit_test(bytes),
        cmocka_unit_test(reasons),
        cmocka_unit_test(does_not_restart),
        cmocka_unit_test(dead_for_others),
        cmocka_unit_test(owed_when_dead),
        cmocka_unit_test(sync_of_a_move_is_refused),
        cmocka_unit_test(no_newcomer),
    };
    return cmocka_run_group_tests_name("edges of the ITS", tests, NULL, NULL);
}
