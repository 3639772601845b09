/* SPDX-License-Identifier: MIT */
/* GICv3 bring-up: distributor, redistributors, CPU interface, and everything that can be wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/irq.h>

#include "fake_gic.h"

#define FRAME 0x10000u
#define LAST  (1u << 4)
#define VLPIS (1u << 1)

static struct fake_gic g;
static struct umsi *u;
static struct umsi_gicv3 *gic;

static int setup(void **state)
{
    (void)state;
    fake_gic_init(&g);
    u = NULL;
    gic = NULL;
    assert_int_equal(umsi_create(&g.port, &u), UMSI_OK);
    return 0;
}

/* Every test ends with all memory back and nothing done that the architecture forbids. */
static int teardown(void **state)
{
    (void)state;
    if (gic != NULL) {
        g.rwp = 0;
        assert_int_equal(umsi_gicv3_destroy(gic), UMSI_OK);
    }
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    assert_int_equal(g.allocs_live, 0);
    assert_int_equal(g.locks_held, 0);
    assert_int_equal(g.violations, 0);
    fake_gic_free(&g);
    return 0;
}

static enum umsi_status create(const struct umsi_gicv3_region *r, uint32_t n)
{
    const struct umsi_gicv3_config config = { .gicd = g.gicd, .regions = r, .nr_regions = n };

    return umsi_gicv3_create(u, &config, &gic);
}

static enum umsi_status online(umsi_cpu cpu)
{
    g.self = cpu;
    return umsi_gicv3_cpu_online(gic, cpu);
}

static void start(uint32_t cpus)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, cpus);

    assert_int_equal(create(&r, 1), UMSI_OK);
    for (uint32_t i = 0; i < cpus; i++) {
        assert_int_equal(online(i), UMSI_OK);
    }
    g.self = 0;
}

/* ---- distributor ---- */

static void dirty_distributor(void)
{
    g.ctlr |= 0x3;
    for (uint32_t i = 32; i < 288; i++) {
        g.bits[i / 32].enabled = g.bits[i / 32].pending = g.bits[i / 32].active = UINT32_MAX;
        g.irouter[i] = 1u << 31;
    }
}

static void check_clean_distributor(uint32_t group, uint64_t route)
{
    for (uint32_t i = 32; i < 288; i++) {
        assert_int_equal(g.bits[i / 32].enabled, 0);
        assert_int_equal(g.bits[i / 32].pending, 0);
        assert_int_equal(g.bits[i / 32].active, 0);
        assert_int_equal(g.bits[i / 32].group, group);
        assert_int_equal(g.priority[i], 0xA0);
        assert_int_equal(g.icfgr[i / 16], 0);
        assert_int_equal(g.irouter[i], route);
    }
}

static void one_security_state(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    dirty_distributor();
    g.ctlr |= 1u << 7; /* E1NWF: firmware's choice, kept */
    g.rwp = 3;
    g.cpu[0].mpidr = 0x81020003;
    g.rd[0].typer = (0x00020003ull << 32) | LAST;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(g.ctlr, 1u << 7 | 1u << 4 | 1u << 1);
    check_clean_distributor(UINT32_MAX, 0x020003);
    assert_int_equal(g.bits[0].group, 0); /* SGIs and PPIs are the redistributors' */
    assert_int_equal(g.priority[31], 0);
    assert_int_equal(g.priority[288], 0);
}

static void two_security_states(void **state)
{
    struct umsi_gicv3_region r;

    (void)state;
    g.two_states = true;
    r = fake_gic_simple(&g, 1);
    dirty_distributor();
    g.cpu[0].mpidr = 0x0000000181020003ull;
    g.rd[0].typer = (0x01020003ull << 32) | LAST;
    g.a3v = true;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(g.ctlr, 1u << 4 | 1u << 1); /* ARE_NS, EnableGrp1A */
    check_clean_distributor(0, 0x0100020003ull);
    assert_int_equal(online(0), UMSI_OK); /* GICR_WAKER reads 0 */
}

static void running_with_affinity_routing(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    dirty_distributor();
    g.ctlr |= 1u << 4; /* ARE stays set all the way: clearing it is a violation */
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(g.ctlr, 1u << 4 | 1u << 1);
}

static void secure_side_is_refused(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.secure_view = true;
    g.ctlr = 0x30;
    assert_int_equal(create(&r, 1), UMSI_UNSUPPORTED);
    assert_int_equal(g.ctlr, 0x30);
    assert_non_null(strstr(g.log, "Secure"));
}

/* Straight from reset the Secure view shows no bit of its own; its group registers give it away. */
static void secure_side_from_reset(void **state)
{
    struct umsi_gicv3_region r;

    (void)state;
    g.two_states = g.group_writable = true;
    r = fake_gic_simple(&g, 1);
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_non_null(strstr(g.log, "Secure"));
}

static void no_affinity_routing(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.are_fixed_off = true;
    assert_int_equal(create(&r, 1), UMSI_UNSUPPORTED);
    assert_non_null(strstr(g.log, "ARE"));
    assert_null(gic);
}

static void not_a_gicv3(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    for (uint32_t rev = 0; rev < 16; rev++) {
        if (rev != 3 && rev != 4) {
            g.arch_rev = rev;
            assert_int_equal(create(&r, 1), UMSI_UNSUPPORTED);
        }
    }
    g.arch_rev = 4;
    assert_int_equal(create(&r, 1), UMSI_OK);
}

static void no_system_registers(void **state)
{
    struct umsi_port port = g.port;
    struct umsi_gicv3_config config = { .gicd = g.gicd };
    struct umsi *other;

    (void)state;
#if !defined(__aarch64__)
    port.sysreg_read = NULL;
    port.sysreg_write = NULL;
    assert_int_equal(umsi_create(&port, &other), UMSI_OK);
    assert_int_equal(umsi_gicv3_create(other, &config, &gic), UMSI_UNSUPPORTED);
    assert_null(gic);
    assert_int_equal(umsi_destroy(other), UMSI_OK);
#else
    (void)port;
    (void)config;
    (void)other;
#endif
}

static void rwp_stuck(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.rwp = FAKE_NEVER;
    g.ctlr = 1;
    assert_int_equal(create(&r, 1), UMSI_TIMEOUT);
    assert_true(g.now >= 1000000 && g.now < 1100000);
    assert_non_null(strstr(g.log, "GICD_CTLR.RWP"));
    g.rwp = 0;
    g.rwp_reads = 0;
    assert_int_equal(create(&r, 1), UMSI_OK); /* nothing was left behind */
}

static void rwp_slow(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.rwp = 900; /* reads of 1 ms each: just within the deadline, each time */
    g.ctlr = 3;
    assert_int_equal(create(&r, 1), UMSI_OK);
}

static void sizes_of_distributors(void **state)
{
    umsi_virq virq;
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.it_lines = 0;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(umsi_gicv3_map(gic, 32, true, &virq), UMSI_RANGE);
    assert_int_equal(umsi_gicv3_destroy(gic), UMSI_OK);
    g.it_lines = 31;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(g.priority[1019], 0xA0);
    assert_int_equal(umsi_gicv3_map(gic, 1020, true, &virq), UMSI_RANGE);
    assert_int_equal(umsi_gicv3_map(gic, 8192, true, &virq), UMSI_RANGE);
    assert_int_equal(umsi_gicv3_map(gic, 1019, true, &virq), UMSI_OK);
    umsi_gicv3_unmap(gic, virq);
}

static void arguments(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);
    struct umsi_gicv3_config config = { .gicd = g.gicd, .regions = NULL, .nr_regions = 1 };

    (void)state;
    assert_int_equal(umsi_gicv3_create(u, &config, &gic), UMSI_INVALID);
    config = (struct umsi_gicv3_config){ .gicd = NULL, .regions = &r, .nr_regions = 1 };
    assert_int_equal(umsi_gicv3_create(u, &config, &gic), UMSI_INVALID);
    r.stride = FRAME; /* too narrow for two frames */
    assert_int_equal(create(&r, 1), UMSI_INVALID);
    r.stride = 2 * FRAME + 4;
    assert_int_equal(create(&r, 1), UMSI_INVALID);
    r.stride = 0;
    r.base = NULL;
    assert_int_equal(create(&r, 1), UMSI_INVALID);
    assert_null(gic);
}

static void two_drivers(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);
    struct umsi_gicv3_config config = { .gicd = g.gicd, .regions = &r, .nr_regions = 1 };
    struct umsi_gicv3 *other = NULL;
    uint32_t allocs;

    (void)state;
    assert_int_equal(create(&r, 1), UMSI_OK);
    allocs = g.allocs_live;
    g.ctlr |= 1u << 7;
    assert_int_equal(umsi_gicv3_create(u, &config, &other), UMSI_EXISTS);
    assert_null(other);
    assert_int_equal(g.ctlr, 1u << 7 | 1u << 4 | 1u << 1); /* hardware untouched */
    assert_int_equal(g.allocs_live, allocs);
}

static void out_of_memory(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 4);
    uint32_t before = g.allocs_live, n = 0;
    enum umsi_status st;

    (void)state;
    do {
        g.fail_alloc_at = ++n;
        st = create(&r, 1);
        assert_true(st == UMSI_OK || st == UMSI_NOMEM);
        assert_true(st == UMSI_OK || g.allocs_live == before);
    } while (st != UMSI_OK);
    assert_true(n > 1);
    g.fail_alloc_at = 0;
}

/* ---- redistributors ---- */

static void expect_rd(umsi_cpu cpu, const struct umsi_gicv3_region *r, size_t offset)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;

    assert_int_equal(online(cpu), UMSI_OK);
    assert_int_equal(umsi_gicv3_redistributor(gic, cpu, &rd, &phys), UMSI_OK);
    assert_ptr_equal(rd, (uint8_t *)(uintptr_t)r->base + offset);
    assert_int_equal(phys, r->phys + offset);
}

static void several_regions(void **state)
{
    struct umsi_gicv3_region r[3];

    (void)state;
    r[0] = fake_gic_region(&g, 16 * FRAME);
    r[1] = fake_gic_region(&g, 2 * FRAME);
    r[2] = fake_gic_region(&g, 8 * FRAME);
    (void)fake_gic_redist(&g, &r[0], 0, 5, 0);
    (void)fake_gic_redist(&g, &r[0], 2 * FRAME, 1, LAST);
    (void)fake_gic_redist(&g, &r[0], 4 * FRAME, 7, 0); /* behind Last: none of ours */
    (void)fake_gic_redist(&g, &r[1], 0, 0, 0);         /* one alone, without Last */
    (void)fake_gic_redist(&g, &r[2], 0, 3, 0);
    (void)fake_gic_redist(&g, &r[2], 2 * FRAME, 2, LAST);
    assert_int_equal(create(r, 3), UMSI_OK);
    expect_rd(0, &r[1], 0);
    expect_rd(1, &r[0], 2 * FRAME);
    expect_rd(2, &r[2], 2 * FRAME);
    expect_rd(3, &r[2], 0);
    expect_rd(5, &r[0], 0);
    assert_int_equal(online(7), UMSI_NOTFOUND);
    assert_int_equal(online(4), UMSI_NOTFOUND);
}

static void virtual_lpis_double_the_stride(void **state)
{
    struct umsi_gicv3_region r = fake_gic_region(&g, 12 * FRAME);

    (void)state;
    (void)fake_gic_redist(&g, &r, 0, 0, VLPIS);
    (void)fake_gic_redist(&g, &r, 4 * FRAME, 1,
                          0); /* mixed: no GIC does it, but the walk may not care */
    (void)fake_gic_redist(&g, &r, 6 * FRAME, 2, VLPIS | LAST);
    assert_int_equal(create(&r, 1), UMSI_OK);
    expect_rd(0, &r, 0);
    expect_rd(1, &r, 4 * FRAME);
    expect_rd(2, &r, 6 * FRAME);
}

static void stride_from_firmware(void **state)
{
    struct umsi_gicv3_region r = fake_gic_region(&g, 32 * FRAME);

    (void)state;
    r.stride = 8 * FRAME;
    for (uint32_t i = 0; i < 4; i++) {
        (void)fake_gic_redist(&g, &r, i * 8 * FRAME, i, i == 3 ? LAST : 0);
    }
    assert_int_equal(create(&r, 1), UMSI_OK);
    expect_rd(3, &r, 24 * FRAME);
}

/* Reading beyond the region is a violation of the fake. */
static void no_last(void **state)
{
    struct umsi_gicv3_region r = fake_gic_region(&g, 7 * FRAME); /* and half a redistributor */

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        (void)fake_gic_redist(&g, &r, i * 2 * FRAME, i, 0);
    }
    (void)fake_gic_redist(&g, &r, 6 * FRAME, 3, 0);
    assert_int_equal(create(&r, 1), UMSI_OK);
    expect_rd(2, &r, 4 * FRAME);
    assert_int_equal(online(3), UMSI_NOTFOUND);
}

static void no_last_and_room_behind(void **state)
{
    struct umsi_gicv3_region r = fake_gic_region(&g, 16 * FRAME);

    (void)state;
    (void)fake_gic_redist(&g, &r, 0, 0, 0);
    assert_int_equal(create(&r, 1), UMSI_OK); /* ends where PIDR2 says no */
    assert_non_null(strstr(g.log, "80c0000"));
    expect_rd(0, &r, 0);
}

static void empty_regions(void **state)
{
    struct umsi_gicv3_region good = fake_gic_simple(&g, 1);
    struct umsi_gicv3_region r[2] = { good, fake_gic_region(&g, 4 * FRAME) };

    (void)state;
    assert_int_equal(create(r, 2), UMSI_CORRUPT);
    assert_non_null(strstr(g.log, "region 1"));
    r[1].size = FRAME;
    assert_int_equal(create(r, 2), UMSI_CORRUPT);
    r[1].size = 0;
    assert_int_equal(create(r, 2), UMSI_CORRUPT);
    assert_null(gic);
}

static void a_stride_beyond_the_region(void **state)
{
    struct umsi_gicv3_region r = fake_gic_region(&g, 4 * FRAME);

    (void)state;
    r.stride = UINT64_MAX - FRAME + 1; /* would wrap to the frame before */
    (void)fake_gic_redist(&g, &r, 0, 0, 0);
    assert_int_equal(create(&r, 1), UMSI_OK);
    expect_rd(0, &r, 0);
}

static void given_one_by_one(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 2);
    volatile uint8_t *base = r.base;

    (void)state;
    assert_int_equal(create(NULL, 0), UMSI_OK);
    assert_int_equal(online(0), UMSI_NOTFOUND);
    assert_int_equal(umsi_gicv3_add_redistributor(gic, 0, base, r.phys), UMSI_OK);
    assert_int_equal(umsi_gicv3_add_redistributor(gic, FAKE_CPUS, base, r.phys), UMSI_RANGE);
    assert_int_equal(umsi_gicv3_add_redistributor(gic, 1, NULL, 0), UMSI_INVALID);
    expect_rd(0, &r, 0);
    assert_int_equal(umsi_gicv3_add_redistributor(gic, 0, base, r.phys), UMSI_STATE);
    /* CPU 0's given to CPU 1 */
    assert_int_equal(umsi_gicv3_add_redistributor(gic, 1, base, r.phys), UMSI_OK);
    assert_int_equal(online(1), UMSI_NOTFOUND);
    assert_int_equal(umsi_gicv3_add_redistributor(gic, 1, base + 2 * FRAME, r.phys + 2 * FRAME),
                     UMSI_OK);
    expect_rd(1, &r, 2 * FRAME);
    g.rd[1].present = false;
    assert_int_equal(umsi_gicv3_add_redistributor(gic, 2, base + 2 * FRAME, 0), UMSI_UNSUPPORTED);
}

static void full_affinity(void **state)
{
    struct umsi_gicv3_region r = fake_gic_region(&g, 4 * FRAME);

    (void)state;
    g.a3v = true;
    g.cpu[0].mpidr = 0x12C1345678ull;
    (void)fake_gic_redist(&g, &r, 0, 0x13345678, 0);
    (void)fake_gic_redist(&g, &r, 2 * FRAME, 0x12345678, LAST);
    assert_int_equal(create(&r, 1), UMSI_OK);
    expect_rd(0, &r, 2 * FRAME);
}

static void aff3_the_gic_does_not_know(void **state)
{
    struct umsi_gicv3_region r = fake_gic_region(&g, 2 * FRAME);

    (void)state;
    g.cpu[0].mpidr = 0x1280000000ull;
    (void)fake_gic_redist(&g, &r, 0, 0x12000000, LAST);
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(online(0), UMSI_UNSUPPORTED);
    assert_int_equal(g.cpu[0].igrpen1, 0);
}

/* ---- a CPU ---- */

static void cpu_comes_up(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 2);

    (void)state;
    g.rd[0].asleep_in = 3;
    g.rd[0].awake_in = 3;
    g.rd[0].rwp = 5;
    g.rd[0].local.pending = UINT32_MAX;
    g.rd[0].icfgr1 = 0xAAAAAAAA;
    assert_int_equal(create(&r, 1), UMSI_OK);
    g.no_alloc = true;
    assert_int_equal(online(0), UMSI_OK);
    g.no_alloc = false;
    assert_int_equal(g.rd[0].waker, 0);
    assert_int_equal(g.rd[0].local.enabled, 0);
    assert_int_equal(g.rd[0].local.pending, 0);
    assert_int_equal(g.rd[0].local.active, 0);
    assert_int_equal(g.rd[0].local.group, UINT32_MAX);
    assert_int_equal(g.rd[0].icfgr1, 0);
    for (uint32_t i = 0; i < 32; i++) {
        assert_int_equal(g.rd[0].priority[i], 0xA0);
    }
    assert_int_equal(g.cpu[0].sre, 1);
    assert_int_equal(g.cpu[0].pmr, 0xF8); /* five bits are there */
    assert_int_equal(g.cpu[0].bpr, 0);
    assert_int_equal(g.cpu[0].ctlr, 0); /* EOImode, CBPR and PMHE 0 */
    assert_int_equal(g.cpu[0].apr[0], 0);
    assert_int_equal(g.cpu[0].igrpen1, 1);
    assert_int_equal(g.rd[1].local.enabled, 0xFFFF); /* not this CPU's */
}

static void active_priorities_that_exist(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 3);

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        memset(g.cpu[i].apr, 0xFF, sizeof(g.cpu[i].apr));
    }
    assert_int_equal(create(&r, 1), UMSI_OK);
    for (uint32_t i = 0; i < 3; i++) {
        g.priority_bits = 5 + i; /* writing one that does not exist is a violation */
        assert_int_equal(online(i), UMSI_OK);
        assert_int_equal(g.cpu[i].apr[0], 0);
        assert_int_equal(g.cpu[i].apr[1] == 0, i >= 1);
        assert_int_equal(g.cpu[i].apr[3] == 0, i >= 2);
    }
}

static void sre_not_settable(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.sre_fixed_off = true;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(online(0), UMSI_UNSUPPORTED);
    assert_non_null(strstr(g.log, "ICC_SRE_EL1"));
    assert_int_equal(g.rd[0].local.enabled, 0xFFFF); /* untouched */
    g.cpu[0].sre = 7; /* on already, and with bypass bits, which are not ours */
    assert_int_equal(online(0), UMSI_OK);
    assert_int_equal(g.cpu[0].sre, 7);
}

static void firmware_keeps_the_mask(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.pmr_secure = true;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(online(0), UMSI_UNSUPPORTED);
    assert_non_null(strstr(g.log, "ICC_PMR_EL1"));
    assert_int_equal(g.cpu[0].igrpen1, 0);
}

static void waker_stuck(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.rd[0].awake_in = FAKE_NEVER;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(online(0), UMSI_TIMEOUT);
    assert_true(g.now >= 1000000 && g.now < 1100000);
    assert_non_null(strstr(g.log, "ChildrenAsleep"));
    g.rd[0].awake_in = 0;
    assert_int_equal(online(0), UMSI_OK);
}

/* Half asleep, firmware left it: it must sleep before it can wake. */
static void waker_on_its_way_to_sleep(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.rd[0].waker = 2;
    g.rd[0].asleep_in = FAKE_NEVER;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(online(0), UMSI_TIMEOUT);
    g.rd[0].asleep_in = 10;
    assert_int_equal(online(0), UMSI_OK);
    assert_int_equal(g.rd[0].waker, 0);
}

static void redistributor_rwp_stuck(void **state)
{
    struct umsi_gicv3_region r = fake_gic_simple(&g, 1);

    (void)state;
    g.rd[0].rwp = FAKE_NEVER;
    assert_int_equal(create(&r, 1), UMSI_OK);
    assert_int_equal(online(0), UMSI_TIMEOUT);
    assert_non_null(strstr(g.log, "GICR_CTLR.RWP"));
    assert_int_equal(g.cpu[0].igrpen1, 0);
    g.rd[0].rwp = 0;
}

static void wrong_calls(void **state)
{
    volatile void *rd;
    umsi_phys phys;

    (void)state;
    start(2);
    assert_int_equal(umsi_gicv3_cpu_online(gic, FAKE_CPUS), UMSI_RANGE);
    assert_int_equal(umsi_gicv3_cpu_online(gic, 1), UMSI_INVALID); /* not this CPU */
    assert_int_equal(umsi_gicv3_cpu_online(gic, 0), UMSI_EXISTS);
    assert_int_equal(umsi_gicv3_redistributor(gic, 2, &rd, &phys), UMSI_NOTFOUND);
    assert_int_equal(umsi_gicv3_redistributor(gic, FAKE_CPUS, &rd, &phys), UMSI_NOTFOUND);
    assert_int_equal(umsi_gicv3_send_sgi(gic, 2, 0), UMSI_STATE);
    assert_int_equal(umsi_gicv3_send_sgi(gic, FAKE_CPUS, 0), UMSI_RANGE);
    assert_int_equal(umsi_gicv3_send_sgi(gic, 0, 16), UMSI_RANGE);
    assert_int_equal(umsi_gicv3_enable_local(gic, 32, true), UMSI_RANGE);
    g.self = 2;
    assert_int_equal(umsi_gicv3_enable_local(gic, 1, true), UMSI_STATE);
    umsi_gicv3_cpu_offline(gic); /* harmless */
}

static void nothing(void *arg)
{
    (void)arg;
}

static void down_and_up_again(void **state)
{
    volatile void *rd;
    umsi_phys phys;
    umsi_virq sgi, spi;

    (void)state;
    start(2);
    assert_int_equal(umsi_gicv3_map(gic, 3, false, &sgi), UMSI_OK);
    assert_int_equal(umsi_gicv3_map(gic, 33, false, &spi), UMSI_OK);
    assert_int_equal(umsi_irq_request(u, sgi, nothing, NULL, "test"), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(u, spi, &(struct umsi_cpumask){ { 2 } }), UMSI_OK);
    g.self = 1;
    assert_int_equal(umsi_gicv3_enable_local(gic, 3, true), UMSI_OK);
    assert_int_equal(g.rd[1].local.enabled, 1u << 3);
    umsi_gicv3_cpu_offline(gic);
    assert_int_equal(g.cpu[1].igrpen1, 0);
    assert_int_equal(g.rd[1].waker, 6);
    assert_int_equal(g.rd[1].local.enabled, 0);
    assert_int_equal(umsi_gicv3_redistributor(gic, 1, &rd, &phys), UMSI_NOTFOUND);
    assert_int_equal(umsi_gicv3_send_sgi(gic, 1, 0), UMSI_STATE);
    assert_int_equal(umsi_irq_set_affinity(u, spi, &(struct umsi_cpumask){ { 2 } }), UMSI_INVALID);
    assert_int_equal(umsi_irq_set_affinity(u, spi, &(struct umsi_cpumask){ { 3 } }), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(u, spi), 0);
    assert_int_equal(online(1), UMSI_OK);
    assert_int_equal(g.rd[1].waker, 0);
    assert_int_equal(g.cpu[1].igrpen1, 1);
    assert_int_equal(umsi_irq_set_affinity(u, spi, &(struct umsi_cpumask){ { 2 } }), UMSI_OK);
    umsi_irq_disable(u, sgi);
    umsi_irq_enable(u, sgi);
    assert_int_equal(g.rd[1].local.enabled, 0); /* it must be wanted anew */
    umsi_gicv3_unmap(gic, sgi);
    umsi_gicv3_unmap(gic, spi);
    g.self = 0;
}

static void down_where_firmware_has_the_waker(void **state)
{
    (void)state;
    g.two_states = true;
    start(1);
    umsi_gicv3_cpu_offline(gic);
    assert_true(g.now < 1000); /* did not wait for what cannot come */
    assert_int_equal(g.cpu[0].igrpen1, 0);
}

static void destroy_stops_the_distributor(void **state)
{
    (void)state;
    start(2);
    assert_int_equal(umsi_gicv3_destroy(gic), UMSI_OK);
    gic = NULL;
    assert_int_equal(g.ctlr, 1u << 4);
    assert_int_equal(g.cpu[0].igrpen1, 0);
    assert_int_equal(umsi_handle_interrupts(u), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_security_state),
        TEST(two_security_states),
        TEST(running_with_affinity_routing),
        TEST(secure_side_is_refused),
        TEST(secure_side_from_reset),
        TEST(no_affinity_routing),
        TEST(not_a_gicv3),
        TEST(no_system_registers),
        TEST(rwp_stuck),
        TEST(rwp_slow),
        TEST(sizes_of_distributors),
        TEST(arguments),
        TEST(two_drivers),
        TEST(out_of_memory),
        TEST(several_regions),
        TEST(virtual_lpis_double_the_stride),
        TEST(stride_from_firmware),
        TEST(no_last),
        TEST(no_last_and_room_behind),
        TEST(empty_regions),
        TEST(a_stride_beyond_the_region),
        TEST(given_one_by_one),
        TEST(full_affinity),
        TEST(aff3_the_gic_does_not_know),
        TEST(cpu_comes_up),
        TEST(active_priorities_that_exist),
        TEST(sre_not_settable),
        TEST(firmware_keeps_the_mask),
        TEST(waker_stuck),
        TEST(waker_on_its_way_to_sleep),
        TEST(redistributor_rwp_stuck),
        TEST(wrong_calls),
        TEST(down_and_up_again),
        TEST(down_where_firmware_has_the_waker),
        TEST(destroy_stops_the_distributor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
