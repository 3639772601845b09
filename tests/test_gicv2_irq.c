/* SPDX-License-Identifier: MIT */
/* SPIs, PPIs and SGIs of a GICv2 on the strict model: mapped, enabled, moved, delivered, ended, explained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gic_rig.h"

#define SPI   40u
#define PPI   27u
#define SGI   5u
#define CPUS  4u
#define STORM 256u

static struct gic_rig r;
static uint32_t ran[CPUS];

static umsi_cpu self(void)
{
    return r.port.cpu_self(r.m);
}

static void handler(void *arg)
{
    (void)arg;
    ran[self()]++;
}

static int setup(void **state)
{
    (void)state;
    gic_rig_start(&r, &(struct model_config){ .nr_cpus = CPUS, .gicv2 = true, .nr_spis = 960 });
    memset(ran, 0, sizeof(ran));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gic_rig_stop(&r);
    return 0;
}

static umsi_virq map(uint32_t intid, bool level)
{
    umsi_virq virq = UMSI_NO_VIRQ;
    assert_int_equal(umsi_gicv2_map(r.gicv2, intid, level, &virq), UMSI_OK);
    return virq;
}

static umsi_virq map_with(uint32_t intid, bool level, umsi_handler h)
{
    umsi_virq virq = map(intid, level);
    assert_int_equal(umsi_irq_request(r.u, virq, h, NULL, "test"), UMSI_OK);
    return virq;
}

static bool bit(umsi_cpu cpu, uint32_t base, uint32_t intid)
{
    return (gic_rig_read(&r, cpu, gic_rig_gicd(&r), base + intid / 32 * 4) >> (intid % 32) & 1) !=
           0;
}

static bool enabled(umsi_cpu cpu, uint32_t intid)
{
    return bit(cpu, 0x100, intid);
}

static void pulse(uint32_t intid)
{
    model_spi_set(r.m, intid, true);
    model_spi_set(r.m, intid, false);
}

static void want(umsi_cpu cpu, uint32_t intid, bool enable)
{
    model_set_cpu(r.m, cpu);
    assert_int_equal(umsi_gicv2_enable_local(r.gicv2, intid, enable), UMSI_OK);
    model_set_cpu(r.m, 0);
}

static enum umsi_status move_to(umsi_virq virq, umsi_cpu cpu)
{
    struct umsi_cpumask mask = { { 0 } };
    umsi_cpumask_set(&mask, cpu);
    return umsi_irq_set_affinity(r.u, virq, &mask);
}

/* ---- SPIs ---- */

/* Mapped before any CPU is online: to the one that asked. Its count of vectors is right after that. */
static void before_any_cpu(void **state)
{
    umsi_virq virq;

    (void)state;
    gic_rig_machine(&r, &(struct model_config){ .nr_cpus = 2, .gicv2 = true, .nr_spis = 32 });
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    virq = map(SPI, false);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 0);
    umsi_gicv2_unmap(r.gicv2, virq);
    assert_int_equal(gic_rig_online(&r, 0), UMSI_OK);
    assert_int_equal(gic_rig_online(&r, 1), UMSI_OK);
    virq = map(SPI, false);
    assert_int_equal(move_to(virq, 1), UMSI_OK);
    assert_int_equal(move_to(virq, 0), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 0);
    umsi_gicv2_unmap(r.gicv2, virq);
    gic_rig_stop(&r);
}

static void edge_spi(void **state)
{
    umsi_virq virq = map(SPI, false);

    (void)state;
    assert_false(enabled(0, SPI)); /* nobody has requested it */
    assert_int_equal(umsi_irq_request(r.u, virq, handler, NULL, "test"), UMSI_OK);
    for (uint32_t i = 1; i <= 3; i++) {
        pulse(SPI);
        assert_int_equal(model_run(r.m), 1);
        assert_int_equal(ran[0], i);
        assert_false(bit(0, 0x300, SPI));
    }
    umsi_gicv2_unmap(r.gicv2, virq);
    assert_false(enabled(0, SPI));
}

static void level_handler(void *arg)
{
    handler(arg);
    model_spi_set(r.m, SPI, false);
}

static void level_spi(void **state)
{
    umsi_virq virq = map_with(SPI, true, level_handler);

    (void)state;
    model_spi_set(r.m, SPI, true);
    assert_int_equal(model_run(r.m), 1);
    assert_int_equal(ran[0], 1);
    umsi_gicv2_unmap(r.gicv2, virq);
}

static void first_and_last_spi(void **state)
{
    static const uint32_t intid[] = { 32, 991 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        umsi_virq virq = map_with(intid[i], false, handler);
        pulse(intid[i]);
        assert_int_equal(model_run(r.m), 1);
        assert_int_equal(ran[0], i + 1);
        umsi_gicv2_unmap(r.gicv2, virq);
    }
    umsi_virq none;
    assert_int_equal(umsi_gicv2_map(r.gicv2, 992, false, &none), UMSI_RANGE);
    assert_int_equal(umsi_gicv2_map(r.gicv2, 1020, false, &none), UMSI_RANGE);
}

/* What came before the mapping is nobody's. */
static void mapping_again(void **state)
{
    umsi_virq other, virq = map(SPI, false);

    (void)state;
    assert_int_equal(umsi_gicv2_map(r.gicv2, SPI, false, &other), UMSI_EXISTS);
    pulse(SPI);
    umsi_gicv2_unmap(r.gicv2, virq);
    pulse(SPI); /* its trigger is still edge */
    virq = map_with(SPI, false, handler);
    assert_int_equal(model_run(r.m), 0);
    umsi_gicv2_unmap(r.gicv2, virq);
}

static void not_ours(void **state)
{
    umsi_virq virq;

    (void)state;
    r.fake = gic_rig_gicd(&r) + 0x400 + SPI; /* the Secure side's: its priority reads 0 */
    assert_int_equal(umsi_gicv2_map(r.gicv2, SPI, false, &virq), UMSI_RANGE);
    r.fake = NULL;
    r.deaf = gic_rig_gicd(&r) + 0xC00 + SPI / 16 * 4; /* fixed by the board */
    assert_int_equal(umsi_gicv2_map(r.gicv2, SPI, false, &virq), UMSI_UNSUPPORTED);
    r.deaf = NULL;
    umsi_gicv2_unmap(r.gicv2, map(SPI, false)); /* neither has left a claim */
}

static void disable_and_retrigger(void **state)
{
    umsi_virq virq = map_with(SPI, false, handler);

    (void)state;
    umsi_irq_disable(r.u, virq);
    assert_false(enabled(0, SPI));
    pulse(SPI);
    assert_int_equal(model_run(r.m), 0);
    umsi_irq_enable(r.u, virq);
    assert_int_equal(model_run(r.m), 1);
    assert_int_equal(ran[0], 1);
    assert_int_equal(umsi_irq_retrigger(r.u, virq), UMSI_OK);
    model_run(r.m);
    assert_int_equal(ran[0], 2);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* What is pending goes with it (L35); neighbours in the register stay where they are. */
static void move(void **state)
{
    umsi_virq virq = map_with(SPI, false, handler), next = map_with(SPI + 1, false, handler);

    (void)state;
    model_mask_cpu(r.m, 0, true);
    pulse(SPI);
    assert_int_equal(move_to(virq, 2), UMSI_OK);
    model_mask_cpu(r.m, 0, false);
    assert_int_equal(model_run(r.m), 1);
    assert_int_equal(ran[2], 1);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 2);
    pulse(SPI + 1);
    model_run(r.m);
    assert_int_equal(ran[0], 1);
    gic_rig_offline(&r, 3);
    assert_int_equal(move_to(virq, 3), UMSI_INVALID);
    assert_int_equal(gic_rig_online(&r, 3), UMSI_OK);
    umsi_gicv2_unmap(r.gicv2, virq);
    umsi_gicv2_unmap(r.gicv2, next);
}

/* Mapped before any CPU is online: it comes to the one that maps. */
static void mapped_early(void **state)
{
    (void)state;
    for (umsi_cpu cpu = CPUS; cpu-- > 0;) {
        gic_rig_offline(&r, cpu);
    }
    model_set_cpu(r.m, 2);
    umsi_virq virq = map_with(SPI, false, handler);
    model_set_cpu(r.m, 0);
    for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
        assert_int_equal(gic_rig_online(&r, cpu), UMSI_OK);
    }
    pulse(SPI);
    assert_int_equal(model_run(r.m), 1);
    assert_int_equal(ran[2], 1);
    umsi_gicv2_unmap(r.gicv2, virq);
}

static void destroy_is_refused(void **state)
{
    umsi_virq virq = map(SPI, false);

    (void)state;
    assert_int_equal(umsi_gicv2_destroy(r.gicv2), UMSI_BUSY);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* ---- PPIs ---- */

static void ppi_handler(void *arg)
{
    handler(arg);
    model_ppi_set(r.m, self(), PPI, false);
}

static void each_cpu_enables_its_own(void **state)
{
    umsi_virq virq = map_with(PPI, true, ppi_handler);

    (void)state;
    want(1, PPI, true);
    for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
        assert_int_equal(enabled(cpu, PPI), cpu == 1);
    }
    model_ppi_set(r.m, 1, PPI, true);
    model_ppi_set(r.m, 2, PPI, true);
    model_run(r.m);
    assert_int_equal(ran[1], 1);
    assert_int_equal(ran[2], 0);
    want(2, PPI, true);
    model_run(r.m);
    assert_int_equal(ran[2], 1);
    want(2, PPI, false);
    assert_false(enabled(2, PPI));
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* A CPU that wanted it before anybody requested it, and is idle, gets a kick. */
static void requested_elsewhere(void **state)
{
    umsi_virq virq = map(PPI, true);

    (void)state;
    want(2, PPI, true);
    model_run(r.m);
    assert_false(enabled(2, PPI));
    memset(r.kicks, 0, sizeof(r.kicks));
    assert_int_equal(umsi_irq_request(r.u, virq, ppi_handler, NULL, "test"), UMSI_OK);
    assert_int_equal(r.kicks[1], 0);
    assert_int_equal(r.kicks[2], 1);
    model_ppi_set(r.m, 2, PPI, true);
    model_run(r.m);
    assert_int_equal(ran[2], 1);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* Without a kick that arrives it takes it over with its next interrupt, or when it asks for something itself. */
static void without_a_kick(void **state)
{
    umsi_virq virq = map(PPI, true), spi = map_with(SPI, false, handler);

    (void)state;
    r.no_kick = true;
    want(2, PPI, true);
    assert_int_equal(move_to(spi, 2), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, virq, ppi_handler, NULL, "test"), UMSI_OK);
    model_run(r.m);
    assert_false(enabled(2, PPI));
    pulse(SPI);
    model_run(r.m);
    assert_true(enabled(2, PPI));
    umsi_gicv2_unmap(r.gicv2, virq);
    umsi_gicv2_unmap(r.gicv2, spi);
}

/* Masked by one CPU for all: another takes that over before it takes anything. */
static void masked_elsewhere(void **state)
{
    umsi_virq virq = map_with(PPI, true, ppi_handler);

    (void)state;
    want(1, PPI, true);
    umsi_irq_disable(r.u, virq); /* on CPU 0 */
    model_ppi_set(r.m, 1, PPI, true);
    model_run(r.m);
    assert_false(enabled(1, PPI));
    assert_int_equal(ran[1], 0);
    umsi_irq_enable(r.u, virq);
    model_run(r.m);
    assert_int_equal(ran[1], 1);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* The trigger of a CPU's PPI changes only while that CPU has it disabled: the model sees to it. */
static void trigger_of_a_stale_cpu(void **state)
{
    umsi_virq virq = map_with(PPI, true, ppi_handler);

    (void)state;
    r.no_kick = true;
    want(1, PPI, true);
    umsi_gicv2_unmap(r.gicv2, virq);
    virq = map_with(PPI, false, handler);
    assert_true(enabled(1, PPI)); /* CPU 1 has not looked yet */
    want(1, PPI, true);
    assert_int_equal(gic_rig_read(&r, 1, gic_rig_gicd(&r), 0xC04), 2u << (2 * (PPI - 16)));
    model_ppi_set(r.m, 1, PPI, true);
    model_ppi_set(r.m, 1, PPI, false);
    model_run(r.m);
    assert_int_equal(ran[1], 1);
    gic_rig_offline(&r, 3); /* and one that comes up later has it, too */
    assert_int_equal(gic_rig_online(&r, 3), UMSI_OK);
    assert_int_equal(gic_rig_read(&r, 3, gic_rig_gicd(&r), 0xC04), 2u << (2 * (PPI - 16)));
    umsi_gicv2_unmap(r.gicv2, virq);
}

static void forgotten_with_the_cpu(void **state)
{
    umsi_virq virq = map_with(PPI, true, ppi_handler);

    (void)state;
    want(1, PPI, true);
    gic_rig_offline(&r, 1);
    assert_false(enabled(1, PPI));
    assert_int_equal(gic_rig_online(&r, 1), UMSI_OK);
    assert_false(enabled(1, PPI));
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* ---- SGIs ---- */

static void send(umsi_cpu from, umsi_cpu to)
{
    model_set_cpu(r.m, from);
    assert_int_equal(umsi_gicv2_send_sgi(r.gicv2, to, SGI), UMSI_OK);
    model_set_cpu(r.m, 0);
}

static void sgi_to_each(void **state)
{
    umsi_virq virq = map_with(SGI, true, handler); /* level is ignored */
    struct umsi_irq_info info;

    (void)state;
    assert_int_equal(umsi_irq_get_info(r.u, virq, &info), UMSI_OK);
    assert_false(info.level);
    for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
        want(cpu, SGI, true);
    }
    for (umsi_cpu to = 0; to < CPUS; to++) {
        send((to + 1) % CPUS, to);
        assert_int_equal(model_run(r.m), 1);
        assert_int_equal(ran[to], 1);
    }
    assert_int_equal(move_to(virq, 1), UMSI_UNSUPPORTED);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* Each sender's is an interrupt of its own, and is ended with the sender's name: the model sees to it. */
static void several_senders(void **state)
{
    umsi_virq virq = map_with(SGI, false, handler);

    (void)state;
    want(3, SGI, true);
    for (umsi_cpu from = 0; from < CPUS; from++) {
        send(from, 3);
    }
    model_run(r.m);
    assert_int_equal(ran[3], CPUS);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* SGIs cannot be disabled here. One that comes for a CPU that does not want it waits until it does (L60). */
static void sgi_nobody_wants_yet(void **state)
{
    umsi_virq virq = map_with(SGI, false, handler);

    (void)state;
    send(1, 2);
    send(0, 2);
    model_run(r.m);
    assert_int_equal(ran[2], 0);
    want(2, SGI, true);
    model_run(r.m);
    assert_int_equal(ran[2], 1);
    want(2, SGI, false);
    send(1, 2);
    model_run(r.m);
    assert_int_equal(ran[2], 1);
    umsi_gicv2_unmap(r.gicv2, virq);
}

static void sgi_while_disabled(void **state)
{
    umsi_virq virq = map_with(SGI, false, handler);

    (void)state;
    want(2, SGI, true);
    umsi_irq_disable(r.u, virq);
    send(1, 2);
    assert_true(model_run(r.m) < 4); /* it is not sent round and round */
    assert_int_equal(ran[2], 0);
    umsi_irq_enable(r.u, virq);
    model_run(r.m);
    assert_int_equal(ran[2], 1);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* ---- raised by command ---- */

static enum umsi_status raise_on(umsi_cpu cpu, umsi_virq virq)
{
    model_set_cpu(r.m, cpu);
    enum umsi_status st = umsi_irq_retrigger(r.u, virq);
    model_set_cpu(r.m, 0);
    return st;
}

/* Of the CPU that raises it, and of no other. */
static void ppi_by_command(void **state)
{
    umsi_virq virq = map_with(PPI, false, handler);

    (void)state;
    want(1, PPI, true);
    want(2, PPI, true);
    assert_int_equal(raise_on(2, virq), UMSI_OK);
    assert_true(bit(2, 0x200, PPI));
    assert_int_equal(model_run(r.m), 1);
    assert_int_equal(ran[2], 1);
    assert_int_equal(ran[1], 0);
    gic_rig_offline(&r, 3);
    assert_int_equal(raise_on(3, virq), UMSI_STATE);
    assert_int_equal(gic_rig_online(&r, 3), UMSI_OK);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* Only remembered while its CPU does not want it; sent once when it does (L60). */
static void sgi_by_command(void **state)
{
    umsi_virq virq = map_with(SGI, false, handler);

    (void)state;
    assert_int_equal(raise_on(2, virq), UMSI_OK);
    assert_int_equal(raise_on(2, virq), UMSI_OK);
    model_run(r.m);
    assert_int_equal(ran[2], 0);
    want(2, SGI, true);
    model_run(r.m);
    assert_int_equal(ran[2], 1);
    assert_int_equal(raise_on(2, virq), UMSI_OK);
    model_run(r.m);
    assert_int_equal(ran[2], 2);
    assert_int_equal(ran[0] + ran[1] + ran[3], 0);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* ---- CPUs that go and come ---- */

/* The core does not choose one that is away (L38). */
static void away_is_no_target(void **state)
{
    struct umsi_cpumask mask = { { 1u << 1 | 1u << 2 } };
    umsi_virq virq = map_with(SPI, false, handler);

    (void)state;
    gic_rig_offline(&r, 1);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &mask), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 2);
    assert_int_equal(gic_rig_online(&r, 1), UMSI_OK);
    assert_int_equal(move_to(virq, 0), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(r.u, virq, &mask), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 1);
    umsi_gicv2_unmap(r.gicv2, virq);
}

/* Whatever firmware or an earlier kernel left in a CPU's own registers is gone. */
static void left_in_its_registers(void **state)
{
    volatile char *gicd = gic_rig_gicd(&r);

    (void)state;
    gic_rig_offline(&r, 2);
    gic_rig_write(&r, 2, gicd, 0xC04, 2u << (2 * (PPI - 16)));
    gic_rig_write(&r, 2, gicd, 0x100, 1u << PPI);
    gic_rig_write(&r, 2, gicd, 0x200, 1u << PPI);
    gic_rig_write(&r, 2, gicd, 0x300, 1u << (PPI + 1));
    gic_rig_write(&r, 2, gicd, 0xF20 + SGI / 4 * 4, 1u << (SGI % 4 * 8));
    gic_rig_write(&r, 2, gicd, 0x400 + PPI / 4 * 4, 0x10101010);
    assert_int_equal(gic_rig_online(&r, 2), UMSI_OK);
    assert_false(enabled(2, PPI));
    assert_int_equal(gic_rig_read(&r, 2, gicd, 0x200), 0); /* GICD_ISPENDR0 */
    assert_int_equal(gic_rig_read(&r, 2, gicd, 0x300), 0); /* GICD_ISACTIVER0 */
    assert_int_equal(gic_rig_read(&r, 2, gicd, 0xC04), 0);
    for (uint32_t offset = 0; offset < 32; offset += 4) {
        assert_int_equal(gic_rig_read(&r, 2, gicd, 0x400 + offset), 0xA0A0A0A0);
    }
    assert_int_equal(model_run(r.m), 0);
}

/* ---- strangers ---- */

static void own_dispatch(void **state)
{
    umsi_virq spi = map(SPI, false), sgi = map(SGI, false);
    struct umsi_taken t;

    (void)state;
    assert_int_equal(umsi_irq_request(r.u, spi, NULL, NULL, "own"), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, sgi, NULL, NULL, "own"), UMSI_OK);
    want(0, SGI, true);
    model_mask_cpu(r.m, 0, true);
    send(3, 0);
    pulse(SPI);
    assert_true(umsi_acknowledge(r.u, &t));
    assert_int_equal(t.virq, sgi);
    assert_int_equal(t.hwirq, SGI); /* without its sender */
    assert_false(umsi_end(r.u, &t));
    assert_true(umsi_acknowledge(r.u, &t));
    assert_int_equal(t.virq, spi);
    assert_true(bit(0, 0x300, SPI));
    assert_false(umsi_end(r.u, &t));
    assert_false(bit(0, 0x300, SPI));
    assert_false(umsi_acknowledge(r.u, &t));
    model_mask_cpu(r.m, 0, false);
    umsi_gicv2_unmap(r.gicv2, spi);
    umsi_gicv2_unmap(r.gicv2, sgi);
}

/* Somebody else enabled what nobody owns, and its line stands. */
static void unknown_is_silenced(void **state)
{
    volatile char *gicd = gic_rig_gicd(&r);
    struct umsi_counts counts;

    (void)state;
    gic_rig_write(&r, 0, gicd, 0x100 + SPI / 32 * 4, 1u << (SPI % 32));
    gic_rig_write(&r, 0, gicd, 0x800 + SPI, 8u);
    model_spi_set(r.m, SPI, true);
    assert_int_equal(umsi_handle_interrupts(r.u), STORM);
    assert_false(enabled(0, SPI));
    gic_rig_write(&r, 1, gicd, 0x100, 1u << PPI);
    model_ppi_set(r.m, 1, PPI, true);
    model_set_cpu(r.m, 1);
    assert_int_equal(umsi_handle_interrupts(r.u), STORM);
    model_set_cpu(r.m, 0);
    assert_false(enabled(1, PPI));
    umsi_get_counts(r.u, &counts);
    assert_int_equal(counts.unknown, 2 * STORM);
    assert_int_equal(counts.cut_off, 2);
    model_spi_set(r.m, SPI, false);
    model_ppi_set(r.m, 1, PPI, false);
}

static umsi_virq late_owner;

static void map_storming(void)
{
    late_owner = map_with(SPI, false, handler);
}

/* False: all was over before the nth lock. */
static bool mapped_at(uint32_t nth)
{
    volatile char *gicd = gic_rig_gicd(&r);

    gic_rig_write(&r, 0, gicd, 0x800 + SPI, 8u);
    gic_rig_write(&r, 0, gicd, 0xC00 + SPI / 16 * 4, 2u << (2 * (SPI % 16)));
    gic_rig_write(&r, 0, gicd, 0x100 + SPI / 32 * 4, 1u << (SPI % 32));
    r.meanwhile = map_storming;
    for (uint32_t i = 0; i < STORM; i++) {
        pulse(SPI);
        r.meanwhile_at = i == STORM - 1 ? nth : 0;
        assert_int_equal(umsi_handle_interrupts(r.u), 1);
    }
    return r.meanwhile_at == 0;
}

/* The arrival that makes it a storm is its last without an owner: who takes it just then is not silenced (L60). */
static void owner_comes_in_time(void **state)
{
    bool more = true;

    (void)state;
    for (uint32_t nth = 1; more; nth++) {
        more = mapped_at(nth);
        r.meanwhile_at = 0;
        assert_int_equal(enabled(0, SPI), more);
        if (more) {
            umsi_gicv2_unmap(r.gicv2, late_owner);
        }
        assert_true(more || nth > 1);
        teardown(NULL);
        setup(NULL);
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
    enum umsi_status st = umsi_explain(r.u, virq, no_print, NULL, &text);

    assert_int_equal(st == UMSI_OK, text == NULL);
    return text == NULL ? "" : text;
}

static void explain_spi(void **state)
{
    umsi_virq virq = map(SPI, false);
    volatile char *gicd = gic_rig_gicd(&r), *gicc = gic_rig_gicc(&r);
    static const struct {
        bool cpu;
        uint32_t offset, value;
        const char *text;
    } cases[] = {
        { false, 0x800 + SPI, 0x40, "not online" }, { true, 0x04, 0xA0, "mask" },
        { true, 0x00, 0, "interface is off" },      { false, 0x400 + SPI, 0, "Secure" },
        { false, 0x000, 0, "distributor" },
    };

    (void)state;
    assert_non_null(strstr(why(virq), "disabled"));
    assert_int_equal(umsi_irq_request(r.u, virq, handler, NULL, "test"), UMSI_OK);
    assert_string_equal(why(virq), "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r.fake = (cases[i].cpu ? gicc : gicd) + cases[i].offset;
        r.fake_value = cases[i].value;
        assert_non_null(strstr(why(virq), cases[i].text));
        r.fake = NULL;
    }
    gic_rig_write(&r, 0, gicd, 0x304, 1u << (SPI % 32)); /* active, and pending once more */
    pulse(SPI);
    assert_non_null(strstr(why(virq), "ended"));
    gic_rig_write(&r, 0, gicd, 0x384, 1u << (SPI % 32));
    umsi_gicv2_unmap(r.gicv2, virq);
}

static void explain_local(void **state)
{
    umsi_virq virq = map_with(PPI, true, handler);

    (void)state;
    assert_non_null(strstr(why(virq), "disabled"));
    want(0, PPI, true);
    assert_string_equal(why(virq), "");
    gic_rig_offline(&r, 3);
    model_set_cpu(r.m, 3);
    assert_non_null(strstr(why(virq), "disabled"));
    model_set_cpu(r.m, 0);
    umsi_gicv2_unmap(r.gicv2, virq);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_any_cpu),
        TEST(edge_spi),
        TEST(level_spi),
        TEST(first_and_last_spi),
        TEST(mapping_again),
        TEST(not_ours),
        TEST(disable_and_retrigger),
        TEST(move),
        TEST(mapped_early),
        TEST(destroy_is_refused),
        TEST(each_cpu_enables_its_own),
        TEST(requested_elsewhere),
        TEST(without_a_kick),
        TEST(masked_elsewhere),
        TEST(trigger_of_a_stale_cpu),
        TEST(forgotten_with_the_cpu),
        TEST(sgi_to_each),
        TEST(several_senders),
        TEST(sgi_nobody_wants_yet),
        TEST(sgi_while_disabled),
        TEST(ppi_by_command),
        TEST(sgi_by_command),
        TEST(away_is_no_target),
        TEST(left_in_its_registers),
        TEST(own_dispatch),
        TEST(unknown_is_silenced),
        TEST(owner_comes_in_time),
        TEST(explain_spi),
        TEST(explain_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
