/* SPDX-License-Identifier: MIT */
/*
 * Random sequences on interrupt files, from fixed seeds: vectors come and go, move, are disabled and raised, harts are
 * deaf for a while, leave and come back; messages are under way. After each sequence every raise has been heard, and
 * everything is given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "imsic_rig.h"

#define CPUS    4u
#define VECTORS 40u
#define STEPS   400u
#define SEEDS   12u

static struct {
    struct irig r;
    uint64_t seed;
    bool live[VECTORS], off[VECTORS];
    uint32_t owed[VECTORS]; /* raises since it was last seen to run; they may merge */
    uint32_t away;          /* CPUs that are offline, a bit each */
} t;

static uint32_t pick(uint32_t n)
{
    t.seed = t.seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(t.seed >> 33) % n;
}

static void on_interrupt(void *arg)
{
    irig_handler(arg);
    t.owed[(struct irig_vector *)arg - t.r.vector] = 0;
}

static void toggle(uint32_t i)
{
    uint32_t index;
    if (t.live[i]) {
        umsi_pci_free_at(&t.r.pci, i);
        t.live[i] = t.off[i] = false;
        t.owed[i] = 0;
    } else if (umsi_pci_alloc_at(&t.r.pci, i, &index) == UMSI_OK) {
        assert_int_equal(umsi_pci_request(&t.r.pci, i, on_interrupt, &t.r.vector[i], "r"), UMSI_OK);
        t.live[i] = true;
    }
}

static void raise(uint32_t i)
{
    enum model_raised how = model_pci_raise(t.r.hw, i);
    if (t.live[i]) {
        assert_true(how == MODEL_SENT || how == MODEL_PENDING);
        t.owed[i]++;
    }
}

static void move(uint32_t i)
{
    if (t.live[i]) {
        enum umsi_status st = irig_move(&t.r, irig_virq(&t.r, i), pick(CPUS));
        assert_true(st == UMSI_OK || st == UMSI_INVALID || st == UMSI_BUSY || st == UMSI_NOSPACE);
    }
}

static void flip(uint32_t i)
{
    if (t.live[i]) {
        t.off[i] = !t.off[i];
        (t.off[i] ? umsi_irq_disable : umsi_irq_enable)(t.r.u, irig_virq(&t.r, i));
    }
}

static void hear(void)
{
    t.r.deaf = 0;
    for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
        model_port(t.r.m)->cpu_kick(t.r.m, cpu);
    }
    irig_run(&t.r);
}

/* CPU 0 is where everything is called, and stays. */
static void come_or_go(void)
{
    umsi_cpu cpu = 1 + pick(CPUS - 1);
    hear();
    if (t.away >> cpu & 1u) {
        if (pick(2) != 0) {
            model_imsic_power_off(t.r.m, cpu);
        }
        assert_int_equal(irig_cpu_online(&t.r, cpu), UMSI_OK);
        assert_int_equal(umsi_cpu_join(t.r.u, cpu), UMSI_OK);
    } else {
        assert_int_equal(umsi_cpu_leave(t.r.u, cpu, NULL), UMSI_OK);
        assert_int_equal(irig_counts(&t.r, cpu).live, 0); /* L38, L54 */
        irig_cpu_offline(&t.r, cpu);
    }
    t.away ^= 1u << cpu;
}

static void step(void)
{
    uint32_t i = pick(VECTORS);
    switch (pick(16)) {
    case 0:
    case 1:
        toggle(i);
        break;
    case 2:
        flip(i);
        break;
    case 3:
        t.r.deaf ^= 1u << pick(CPUS);
        break;
    case 4:
        come_or_go();
        break;
    case 5:
    case 6:
        irig_run(&t.r);
        break;
    case 7:
    case 8:
    case 9:
        move(i);
        break;
    default:
        raise(i);
        break;
    }
}

/* L14, L35, L37, L60: nothing that was raised is still owed, and live vectors have a place each. */
static void settle(void)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < VECTORS; i++) {
        if (t.live[i] && t.off[i]) {
            flip(i);
        }
    }
    hear();
    irig_run(&t.r);
    for (uint32_t i = 0; i < VECTORS; i++) {
        assert_int_equal(t.owed[i], 0);
        live += t.live[i];
    }
    struct umsi_imsic_counts c = irig_counts(&t.r, UMSI_NO_CPU);
    assert_int_equal(c.live, live);
    assert_int_equal(c.quarantined, 0);
    irig_settled(&t.r);
}

static void sequence(uint64_t seed)
{
    const struct model_pci_config hw = { .msix_entries = VECTORS, .pba_offset = 0x2000 };
    const struct irig_config c = { .model = { .nr_cpus = CPUS },
                                   .imsic = { .nr_ids = 63, .message_ns = 100 * (seed % 3) } };
    t.seed = seed * 7919 + 1;
    t.away = 0;
    for (uint32_t i = 0; i < VECTORS; i++) {
        t.live[i] = t.off[i] = false;
        t.owed[i] = 0;
    }
    irig_start(&t.r, &c);
    irig_plug(&t.r, &hw);
    for (uint32_t i = 0; i < STEPS; i++) {
        step();
        if (i % 100 == 99) {
            settle();
        }
    }
    settle();
    irig_unplug(&t.r);
    assert_int_equal(irig_counts(&t.r, UMSI_NO_CPU).live, 0);
    irig_stop(&t.r);
}

static void test_sequences(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        print_message("  seed %u\n", (unsigned)seed);
        sequence(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_sequences) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
