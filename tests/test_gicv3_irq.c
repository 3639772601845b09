/* SPDX-License-Identifier: MIT */
/* SPIs, PPIs and SGIs through the core and a fake GIC: mapped, enabled, moved, delivered, ended, explained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/irq.h>

#include "fake_gic.h"

#define SPI   40u
#define PPI   27u
#define SGI   5u
#define CPUS  4u
#define STORM 256u

static struct fake_gic g;
static struct umsi *u;
static struct umsi_gicv3 *gic;
static uint32_t ran[FAKE_CPUS];

static void handler(void *arg)
{
    (void)arg;
    ran[g.self]++;
}

/* What happens elsewhere just before a lock is taken, the nth one from now. */
static void (*meanwhile)(void);
static uint32_t meanwhile_at;
static umsi_irqstate (*plain_lock)(void *ctx, umsi_lock *l);

static umsi_irqstate watched_lock(void *ctx, umsi_lock *l)
{
    if (meanwhile_at != 0 && g.locks_held == 0 && --meanwhile_at == 0) {
        meanwhile();
    }
    return plain_lock(ctx, l);
}

static int setup(void **state)
{
    struct umsi_gicv3_region r;

    (void)state;
    fake_gic_init(&g);
    plain_lock = g.port.lock;
    g.port.lock = watched_lock;
    meanwhile_at = 0;
    g.it_lines = 31;
    r = fake_gic_simple(&g, CPUS);
    memset(ran, 0, sizeof(ran));
    assert_int_equal(umsi_create(&g.port, &u), UMSI_OK);
    assert_int_equal(
        umsi_gicv3_create(
            u, &(struct umsi_gicv3_config){ .gicd = g.gicd, .regions = &r, .nr_regions = 1 }, &gic),
        UMSI_OK);
    for (uint32_t i = CPUS; i-- > 0;) {
        g.self = i;
        assert_int_equal(umsi_gicv3_cpu_online(gic, i), UMSI_OK);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    g.self = 0;
    assert_int_equal(umsi_gicv3_destroy(gic), UMSI_OK);
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    assert_int_equal(g.allocs_live, 0);
    assert_int_equal(g.locks_held, 0);
    assert_int_equal(g.violations, 0);
    fake_gic_free(&g);
    return 0;
}

static umsi_virq map(uint32_t intid, bool level)
{
    umsi_virq virq = UMSI_NO_VIRQ;

    assert_int_equal(umsi_gicv3_map(gic, intid, level, &virq), UMSI_OK);
    assert_int_not_equal(virq, UMSI_NO_VIRQ);
    return virq;
}

static umsi_virq map_with(uint32_t intid, bool level, umsi_handler h)
{
    umsi_virq virq = map(intid, level);

    assert_int_equal(umsi_irq_request(u, virq, h, NULL, "test"), UMSI_OK);
    return virq;
}

static uint32_t take_on(uint32_t cpu)
{
    g.self = cpu;
    return umsi_handle_interrupts(u);
}

/* ---- SPIs ---- */

static void edge_spi(void **state)
{
    umsi_virq virq = map(SPI, false);

    (void)state;
    assert_int_equal(g.icfgr[SPI / 16], 2u << (2 * (SPI % 16)));
    assert_int_equal(g.irouter[SPI], 0);
    assert_false(fake_gic_enabled(&g, SPI)); /* until there is a handler */
    assert_int_equal(umsi_irq_request(u, virq, handler, NULL, "test"), UMSI_OK);
    assert_true(fake_gic_enabled(&g, SPI));
    fake_gic_pulse(&g, SPI);
    assert_int_equal(take_on(1), 0);
    assert_int_equal(take_on(0), 1);
    assert_int_equal(ran[0], 1);
    assert_false(fake_gic_active(&g, SPI));
    assert_int_equal(take_on(0), 0);
    umsi_irq_free(u, virq);
    assert_false(fake_gic_enabled(&g, SPI));
    umsi_gicv3_unmap(gic, virq);
}

/* The device keeps its line up until its handler has looked. */
static void level_handler(void *arg)
{
    (void)arg;
    assert_true(fake_gic_active(&g, SPI)); /* ended after, or it would come again at once */
    ran[g.self]++;
    g.line[SPI] = ran[g.self] < 2;
}

static void level_spi(void **state)
{
    umsi_virq virq = map_with(SPI, true, level_handler);

    (void)state;
    assert_int_equal(g.icfgr[SPI / 16], 0);
    g.line[SPI] = true;
    assert_int_equal(take_on(0), 2); /* it stood up still after the first */
    assert_int_equal(ran[0], 2);
    umsi_gicv3_unmap(gic, virq);
}

static void first_and_last_spi(void **state)
{
    umsi_virq a = map_with(32, false, handler), b = map_with(1019, false, handler);

    (void)state;
    fake_gic_pulse(&g, 32);
    fake_gic_pulse(&g, 1019);
    assert_int_equal(take_on(0), 2);
    assert_int_equal(umsi_irq_count(u, a, 0), 1);
    assert_int_equal(umsi_irq_count(u, b, 0), 1);
    umsi_gicv3_unmap(gic, a);
    umsi_gicv3_unmap(gic, b);
}

static void mapping_again(void **state)
{
    umsi_virq virq = map_with(SPI, false, handler), other = UMSI_NO_VIRQ;

    (void)state;
    assert_int_equal(umsi_gicv3_map(gic, SPI, false, &other), UMSI_EXISTS);
    assert_int_equal(umsi_gicv3_destroy(gic), UMSI_BUSY);
    assert_int_equal(other, UMSI_NO_VIRQ);
    fake_gic_pulse(&g, SPI);
    assert_int_equal(take_on(0), 1); /* neither refusal did anything */
    assert_int_equal(ran[0], 1);
    fake_gic_pulse(&g, SPI);
    g.rwp = 5;
    umsi_gicv3_unmap(gic, virq);
    assert_false(fake_gic_enabled(&g, SPI));
    assert_false(fake_gic_pending(&g, SPI));
    virq = map_with(SPI, true, handler); /* with the other trigger */
    assert_int_equal(g.icfgr[SPI / 16], 0);
    umsi_gicv3_unmap(gic, virq);
}

static void not_there_or_not_ours(void **state)
{
    umsi_virq virq = UMSI_NO_VIRQ;

    (void)state;
    g.missing = SPI;
    g.priority[SPI] = 0;
    assert_int_equal(umsi_gicv3_map(gic, SPI, true, &virq), UMSI_RANGE);
    g.edge_fixed = SPI + 1;
    assert_int_equal(umsi_gicv3_map(gic, SPI + 1, false, &virq), UMSI_UNSUPPORTED);
    assert_int_equal(virq, UMSI_NO_VIRQ);
    virq = map(SPI + 1, true);
    umsi_gicv3_unmap(gic, virq);
}

static void disable_nests(void **state)
{
    umsi_virq virq = map_with(SPI, false, handler);

    (void)state;
    umsi_irq_disable(u, virq);
    umsi_irq_disable(u, virq);
    assert_false(fake_gic_enabled(&g, SPI));
    fake_gic_pulse(&g, SPI);
    assert_int_equal(take_on(0), 0);
    umsi_irq_enable(u, virq);
    assert_false(fake_gic_enabled(&g, SPI));
    umsi_irq_enable(u, virq);
    assert_int_equal(take_on(0), 1); /* hardware remembered it */
    umsi_gicv3_unmap(gic, virq);
}

static void retrigger(void **state)
{
    umsi_virq spi = map_with(SPI, false, handler), ppi = map_with(PPI, true, handler);

    (void)state;
    g.self = 2;
    assert_int_equal(umsi_gicv3_enable_local(gic, PPI, true), UMSI_OK);
    assert_int_equal(umsi_irq_retrigger(u, ppi), UMSI_OK);
    assert_int_equal(umsi_irq_retrigger(u, spi), UMSI_OK);
    assert_int_equal(take_on(2), 1);
    assert_int_equal(take_on(0), 1);
    assert_int_equal(ran[0], 1);
    assert_int_equal(ran[2], 1);
    umsi_gicv3_unmap(gic, spi);
    umsi_gicv3_unmap(gic, ppi);
}

static enum umsi_status move_to(umsi_virq virq, umsi_cpu cpu)
{
    struct umsi_cpumask m = { 0 };

    umsi_cpumask_set(&m, cpu);
    return umsi_irq_set_affinity(u, virq, &m);
}

static void move(void **state)
{
    umsi_virq virq = map_with(SPI, false, handler);

    (void)state;
    g.rwp = 4; /* changing the route before RWP is 0 is a violation */
    fake_gic_pulse(&g, SPI);
    assert_int_equal(move_to(virq, 3), UMSI_OK);
    assert_int_equal(g.irouter[SPI], 3);
    assert_true(fake_gic_enabled(&g, SPI));
    assert_int_equal(umsi_irq_get_cpu(u, virq), 3);
    assert_int_equal(take_on(0), 0);
    assert_int_equal(take_on(3), 1); /* what was pending came along (L35) */
    assert_int_equal(move_to(virq, 6), UMSI_INVALID);
    umsi_gicv3_unmap(gic, virq);
}

static void move_while_masked(void **state)
{
    umsi_virq virq = map(SPI, false);

    (void)state;
    assert_int_equal(move_to(virq, 2), UMSI_OK);
    assert_false(fake_gic_enabled(&g, SPI));
    assert_int_equal(umsi_irq_request(u, virq, handler, NULL, "test"), UMSI_OK);
    fake_gic_pulse(&g, SPI);
    assert_int_equal(take_on(2), 1);
    umsi_gicv3_unmap(gic, virq);
}

static void move_that_times_out(void **state)
{
    umsi_virq virq = map_with(SPI, false, handler);

    (void)state;
    g.rwp = FAKE_NEVER;
    assert_int_equal(move_to(virq, 3), UMSI_TIMEOUT);
    g.rwp = 0;
    g.rwp_reads = 0;
    assert_int_equal(g.irouter[SPI], 0); /* the target is the old one */
    assert_int_equal(umsi_irq_get_cpu(u, virq), 0);
    assert_true(fake_gic_enabled(&g, SPI));
    umsi_gicv3_unmap(gic, virq);
}

/* Mapped before any CPU is online: to the one that asked. */
static void mapped_early(void **state)
{
    umsi_virq virq;

    (void)state;
    for (uint32_t i = CPUS; i-- > 0;) {
        g.self = i;
        umsi_gicv3_cpu_offline(gic);
    }
    g.self = 1;
    virq = map_with(SPI, false, handler);
    assert_int_equal(g.irouter[SPI], 1);
    assert_int_equal(umsi_irq_get_cpu(u, virq), 1);
    assert_int_equal(umsi_gicv3_cpu_online(gic, 1), UMSI_OK);
    fake_gic_pulse(&g, SPI);
    assert_int_equal(take_on(1), 1);
    umsi_gicv3_unmap(gic, virq);
}

/* ---- SGIs and PPIs ---- */

static void each_cpu_enables_its_own(void **state)
{
    umsi_virq virq = map_with(PPI, true, handler);

    (void)state;
    g.self = 1;
    assert_int_equal(umsi_gicv3_enable_local(gic, PPI, true), UMSI_OK);
    for (uint32_t i = 0; i < CPUS; i++) {
        assert_int_equal(fake_gic_rd_of(&g, i)->local.enabled, i == 1 ? 1u << PPI : 0);
        fake_gic_rd_of(&g, i)->local.pending |= 1u << PPI;
    }
    assert_int_equal(take_on(0), 0);
    assert_int_equal(take_on(1), 1);
    assert_int_equal(ran[1], 1);
    assert_int_equal(umsi_irq_count(u, virq, 1), 1);
    assert_int_equal(umsi_gicv3_enable_local(gic, PPI, false), UMSI_OK);
    assert_int_equal(fake_gic_rd_of(&g, 1)->local.enabled, 0);
    umsi_gicv3_unmap(gic, virq);
}

/* In the middle of CPU 1's handler, CPU 2 takes its own. */
static void nested_handler(void *arg)
{
    (void)arg;
    ran[g.self]++;
    if (g.self == 1) {
        assert_int_equal(take_on(2), 1);
        assert_int_equal(ran[2], 1);
        g.self = 1;
    }
}

static void on_several_cpus_at_once(void **state)
{
    umsi_virq virq = map_with(PPI, true, nested_handler);

    (void)state;
    for (g.self = 1; g.self < 3; g.self++) {
        assert_int_equal(umsi_gicv3_enable_local(gic, PPI, true), UMSI_OK);
        fake_gic_rd_of(&g, g.self)->local.pending = 1u << PPI;
    }
    assert_int_equal(take_on(1), 1);
    assert_int_equal(ran[1], 1);
    umsi_gicv3_unmap(gic, virq);
}

/* A mask is for all CPUs, and what they wanted is back after it (L51). */
static void mask_on_all_cpus(void **state)
{
    umsi_virq virq = map(PPI, true);

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        g.self = i;
        assert_int_equal(umsi_gicv3_enable_local(gic, PPI, true), UMSI_OK);
        assert_int_equal(fake_gic_rd_of(&g, i)->local.enabled, 0); /* no handler yet */
    }
    assert_int_equal(umsi_irq_request(u, virq, handler, NULL, "test"), UMSI_OK);
    for (uint32_t i = 0; i < CPUS; i++) {
        assert_int_equal(fake_gic_rd_of(&g, i)->local.enabled, i < 3 ? 1u << PPI : 0);
    }
    umsi_irq_disable(u, virq);
    g.self = 2;
    assert_int_equal(umsi_gicv3_enable_local(gic, PPI, false), UMSI_OK);
    for (uint32_t i = 0; i < CPUS; i++) {
        assert_int_equal(fake_gic_rd_of(&g, i)->local.enabled, 0);
    }
    umsi_irq_enable(u, virq);
    for (uint32_t i = 0; i < CPUS; i++) {
        assert_int_equal(fake_gic_rd_of(&g, i)->local.enabled, i < 2 ? 1u << PPI : 0);
    }
    umsi_gicv3_unmap(gic, virq);
    for (uint32_t i = 0; i < CPUS; i++) {
        assert_int_equal(fake_gic_rd_of(&g, i)->local.enabled, 0);
    }
}

static void ppi_trigger(void **state)
{
    umsi_virq edge = map(PPI, false), level = map(PPI + 1, true);

    (void)state;
    for (uint32_t i = 0; i < CPUS; i++) {
        assert_int_equal(fake_gic_rd_of(&g, i)->icfgr1, 2u << (2 * (PPI - 16)));
    }
    g.self = 3;
    umsi_gicv3_cpu_offline(gic);
    fake_gic_rd_of(&g, 3)->icfgr1 = 0;
    assert_int_equal(umsi_gicv3_cpu_online(gic, 3), UMSI_OK);
    assert_int_equal(fake_gic_rd_of(&g, 3)->icfgr1, 2u << (2 * (PPI - 16)));
    umsi_gicv3_unmap(gic, edge);
    umsi_gicv3_unmap(gic, level);
}

static void fixed_ppi_trigger(void **state)
{
    umsi_virq virq;

    (void)state;
    g.ppi_trigger_fixed = true;
    virq = map(PPI, false); /* hardware knows better; that is no failure */
    umsi_gicv3_unmap(gic, virq);
}

static void sgi_to_each(void **state)
{
    umsi_virq virq = map_with(SGI, true, handler); /* level is ignored */
    struct umsi_irq_info info;

    (void)state;
    assert_int_equal(umsi_irq_get_info(u, virq, &info), UMSI_OK);
    assert_false(info.level);
    for (uint32_t i = 0; i < CPUS; i++) {
        g.self = i;
        assert_int_equal(umsi_gicv3_enable_local(gic, SGI, true), UMSI_OK);
    }
    for (uint32_t to = 0; to < CPUS; to++) {
        g.self = 0;
        assert_int_equal(umsi_gicv3_send_sgi(gic, to, SGI), UMSI_OK);
        assert_int_equal(g.last_sgi1r, SGI << 24 | 1u << to);
        for (uint32_t i = 0; i < CPUS; i++) {
            assert_int_equal(take_on(i), i == to ? 1 : 0);
        }
        assert_int_equal(ran[to], 1);
    }
    assert_int_equal(move_to(virq, 1), UMSI_UNSUPPORTED);
    umsi_gicv3_unmap(gic, virq);
}

/* An Aff0 of 16 and more needs the range selector at both ends. */
static void sgi_range_selector(void **state)
{
    struct umsi_gicv3_region r;
    umsi_virq virq;

    (void)state;
    g.cpu[5].mpidr = 0x80000100 | 0x2B;
    r = fake_gic_region(&g, 0x20000);
    (void)fake_gic_redist(&g, &r, 0, 0x0000012B, 1u << 4);
    assert_int_equal(umsi_gicv3_add_redistributor(gic, 5, r.base, r.phys), UMSI_OK);
    g.self = 5;
    assert_int_equal(umsi_gicv3_cpu_online(gic, 5), UMSI_OK);
    virq = map_with(SGI, false, handler);
    assert_int_equal(umsi_gicv3_enable_local(gic, SGI, true), UMSI_OK);
    g.self = 0;
    assert_int_equal(umsi_gicv3_send_sgi(gic, 5, SGI), UMSI_UNSUPPORTED);
    g.icc_rss = true;
    assert_int_equal(umsi_gicv3_send_sgi(gic, 5, SGI), UMSI_UNSUPPORTED);
    assert_int_equal(g.last_sgi1r, 0);
    umsi_gicv3_unmap(gic, virq);
}

static void sgi_range_selector_present(void **state)
{
    struct umsi_gicv3_region r = fake_gic_region(&g, 0x40000);
    struct umsi *other;
    struct umsi_gicv3 *gic2;
    umsi_virq virq;

    (void)state;
    g.gicd_rss = g.icc_rss = true;
    g.cpu[4].mpidr = 0x80000100;
    g.cpu[5].mpidr = 0x80000100 | 0x2B;
    (void)fake_gic_redist(&g, &r, 0, 0x00000100, 0);
    (void)fake_gic_redist(&g, &r, 0x20000, 0x0000012B, 1u << 4);
    assert_int_equal(umsi_create(&g.port, &other), UMSI_OK);
    assert_int_equal(
        umsi_gicv3_create(
            other, &(struct umsi_gicv3_config){ .gicd = g.gicd, .regions = &r, .nr_regions = 1 },
            &gic2),
        UMSI_OK);
    for (g.self = 4; g.self < 6; g.self++) {
        assert_int_equal(umsi_gicv3_cpu_online(gic2, g.self), UMSI_OK);
    }
    assert_int_equal(umsi_gicv3_map(gic2, SGI, false, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(other, virq, handler, NULL, "test"), UMSI_OK);
    g.self = 5;
    assert_int_equal(umsi_gicv3_enable_local(gic2, SGI, true), UMSI_OK);
    g.self = 4;
    assert_int_equal(umsi_gicv3_send_sgi(gic2, 5, SGI), UMSI_OK);
    assert_int_equal(g.last_sgi1r, 0x0000200005010800ull); /* RS 2, Aff1 1, list bit 11 */
    assert_int_equal(umsi_handle_interrupts(other), 0);
    g.self = 5;
    assert_int_equal(umsi_handle_interrupts(other), 1);
    umsi_gicv3_unmap(gic2, virq);
    assert_int_equal(umsi_gicv3_destroy(gic2), UMSI_OK);
    assert_int_equal(umsi_destroy(other), UMSI_OK);
}

/* ---- receiving ---- */

/* 1020 .. 1023 are never ended: a write of ICC_EOIR1_EL1 without an acknowledge is a violation. */
static void nothing_pending(void **state)
{
    (void)state;
    assert_int_equal(take_on(0), 0);
    g.cpu[0].lpi = 1020;
    assert_int_equal(take_on(0), 0);
    g.cpu[0].nr_running = 0;
    g.cpu[0].lpi = 1022;
    assert_int_equal(take_on(0), 0);
    g.cpu[0].nr_running = 0;
}

static void unknown_lpi_is_ended(void **state)
{
    struct umsi_counts counts;

    (void)state;
    g.cpu[0].lpi = 8192;
    assert_int_equal(take_on(0), 1);
    assert_int_equal(g.cpu[0].nr_running, 0);
    umsi_get_counts(u, &counts);
    assert_int_equal(counts.unknown, 1);
}

static void own_dispatch(void **state)
{
    umsi_virq spi = map(SPI, false), sgi = map(SGI, false);
    struct umsi_taken t;

    (void)state;
    assert_int_equal(umsi_irq_request(u, spi, NULL, NULL, "own"), UMSI_OK);
    assert_int_equal(umsi_irq_request(u, sgi, NULL, NULL, "own"), UMSI_OK);
    g.self = 0;
    assert_int_equal(umsi_gicv3_enable_local(gic, SGI, true), UMSI_OK);
    assert_int_equal(umsi_gicv3_send_sgi(gic, 0, SGI), UMSI_OK);
    fake_gic_pulse(&g, SPI);
    assert_true(umsi_acknowledge(u, &t));
    assert_int_equal(t.virq, sgi);
    assert_int_equal(t.hwirq, SGI);
    assert_false(umsi_end(u, &t));
    assert_true(umsi_acknowledge(u, &t));
    assert_int_equal(t.virq, spi);
    assert_true(fake_gic_active(&g, SPI));
    assert_false(umsi_end(u, &t));
    assert_false(fake_gic_active(&g, SPI));
    assert_false(umsi_acknowledge(u, &t));
    umsi_gicv3_unmap(gic, spi);
    umsi_gicv3_unmap(gic, sgi);
}

/* Somebody else enabled an SPI that nobody owns, and its line stands. */
static void unknown_spi_is_silenced(void **state)
{
    struct umsi_counts counts;

    (void)state;
    g.self = 0;
    g.bits[SPI / 32].enabled = 1u << SPI % 32;
    g.line[SPI] = true;
    assert_int_equal(umsi_handle_interrupts(u), STORM);
    assert_false(fake_gic_enabled(&g, SPI));
    umsi_get_counts(u, &counts);
    assert_int_equal(counts.unknown, STORM);
    assert_int_equal(counts.cut_off, 1);
    g.line[SPI] = false;
}

static void unknown_ppi_is_silenced(void **state)
{
    struct fake_rd *r = fake_gic_rd_of(&g, 1);

    (void)state;
    r->local.enabled = 1u << PPI;
    r->line = 1u << PPI;
    assert_int_equal(take_on(1), STORM);
    assert_int_equal(r->local.enabled, 0);
    r->line = 0;
}

static umsi_virq late_owner;

static void map_storming_spi(void)
{
    late_owner = map_with(SPI, false, handler);
}

static void map_storming_ppi(void)
{
    late_owner = map_with(PPI, false, handler);
    assert_int_equal(umsi_gicv3_enable_local(gic, PPI, true), UMSI_OK);
}

/* False: all was over before the nth lock. */
static bool mapped_at(uint32_t nth, void (*map_it)(void))
{
    struct fake_rd *r = fake_gic_rd_of(&g, 0);

    g.self = 0;
    g.icfgr[SPI / 16] |= 2u << (2 * (SPI % 16));
    g.bits[SPI / 32].enabled |= 1u << SPI % 32;
    r->icfgr1 |= 2u << (2 * (PPI - 16));
    r->local.enabled |= 1u << PPI;
    for (uint32_t i = 0; i < STORM; i++) {
        if (map_it == map_storming_spi) {
            fake_gic_pulse(&g, SPI);
        } else {
            r->local.pending |= 1u << PPI;
        }
        meanwhile = map_it;
        meanwhile_at = i == STORM - 1 ? nth : 0;
        assert_int_equal(umsi_handle_interrupts(u), 1);
    }
    return meanwhile_at == 0;
}

/* The arrival that makes it a storm is its last without an owner: who takes it just then is not silenced (L60). */
static void owner_comes_in_time(void **state)
{
    void (*const kinds[])(void) = { map_storming_spi, map_storming_ppi };
    bool more = true;

    (void)state;
    for (uint32_t k = 0; k < 2; k++, more = true) {
        for (uint32_t nth = 1; more; nth++) {
            more = mapped_at(nth, kinds[k]);
            if (more) {
                assert_true(k == 0 ? fake_gic_enabled(&g, SPI)
                                   : (fake_gic_rd_of(&g, 0)->local.enabled >> PPI & 1) != 0);
            }
            meanwhile_at = 0;
            if (more) {
                umsi_irq_free(u, late_owner);
                umsi_gicv3_unmap(gic, late_owner);
            }
            teardown(NULL);
            setup(NULL);
            assert_true(more || nth > 2);
        }
    }
}

/* ---- explain ---- */

static void no_print(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

static const char *why(umsi_virq virq)
{
    const char *text = NULL;
    enum umsi_status st = umsi_explain(u, virq, no_print, NULL, &text);

    assert_int_equal(st == UMSI_OK, text == NULL);
    return text == NULL ? "" : text;
}

static void explain_spi(void **state)
{
    umsi_virq virq = map(SPI, false);

    (void)state;
    g.self = 0;
    assert_non_null(strstr(why(virq), "disabled"));
    assert_int_equal(umsi_irq_request(u, virq, handler, NULL, "test"), UMSI_OK);
    assert_string_equal(why(virq), "");
    g.irouter[SPI] = 77;
    assert_non_null(strstr(why(virq), "not online"));
    g.irouter[SPI] = 0;
    g.cpu[0].pmr = 0xA0;
    assert_non_null(strstr(why(virq), "mask"));
    g.cpu[0].pmr = 0xF8;
    g.cpu[0].igrpen1 = 0;
    assert_non_null(strstr(why(virq), "Group 1"));
    g.cpu[0].igrpen1 = 1;
    g.bits[SPI / 32].active = g.bits[SPI / 32].pending = 1u << SPI % 32;
    assert_non_null(strstr(why(virq), "ended"));
    g.bits[SPI / 32].active = g.bits[SPI / 32].pending = 0;
    g.priority[SPI] = 0;
    assert_non_null(strstr(why(virq), "Secure"));
    g.priority[SPI] = 0xA0;
    g.ctlr &= ~2u;
    assert_non_null(strstr(why(virq), "distributor"));
    g.ctlr |= 2u;
    umsi_gicv3_unmap(gic, virq);
}

static void explain_local(void **state)
{
    umsi_virq virq = map_with(PPI, true, handler);

    (void)state;
    g.self = 1;
    assert_non_null(strstr(why(virq), "disabled"));
    assert_int_equal(umsi_gicv3_enable_local(gic, PPI, true), UMSI_OK);
    assert_string_equal(why(virq), "");
    g.self = 7;
    assert_non_null(strstr(why(virq), "online"));
    g.self = 0;
    umsi_gicv3_unmap(gic, virq);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(edge_spi),
        TEST(level_spi),
        TEST(first_and_last_spi),
        TEST(mapping_again),
        TEST(not_there_or_not_ours),
        TEST(disable_nests),
        TEST(retrigger),
        TEST(move),
        TEST(move_while_masked),
        TEST(move_that_times_out),
        TEST(mapped_early),
        TEST(each_cpu_enables_its_own),
        TEST(on_several_cpus_at_once),
        TEST(mask_on_all_cpus),
        TEST(ppi_trigger),
        TEST(fixed_ppi_trigger),
        TEST(sgi_to_each),
        TEST(sgi_range_selector),
        TEST(sgi_range_selector_present),
        TEST(nothing_pending),
        TEST(unknown_lpi_is_ended),
        TEST(own_dispatch),
        TEST(unknown_spi_is_silenced),
        TEST(unknown_ppi_is_silenced),
        TEST(owner_comes_in_time),
        TEST(explain_spi),
        TEST(explain_local),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
