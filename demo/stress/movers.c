/* SPDX-License-Identifier: MIT */
/*
 * Vectors moved, raised and asked about from any CPU, without knowing whose they are: they may be allocated, freed,
 * moved by another CPU or in their handler just then. What umsi may answer is what umsi/irq.h says, and nothing else.
 */
#include "../smp.h"
#include "parts.h"

#define BEYOND 32u /* numbers above those in use */

umsi_virq movers_guess(struct umsi *u, struct dice *d)
{
    struct umsi_counts counts;
    umsi_get_counts(u, &counts);
    return 1 + dice_roll(d, counts.live_irqs + counts.waiting_irqs + BEYOND);
}

/* One CPU, or any set of them that has one; *out_sure: with the one that never goes. */
static struct umsi_cpumask some_cpus(struct dice *d, bool *out_sure)
{
    struct umsi_cpumask m = { { 0 } };
    uint32_t n = smp_online_count(), one = dice_roll(d, n);
    uint64_t more = dice_once_in(d, 2) ? dice_next(d) : 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i == one || (more >> (i % 64) & 1) != 0) {
            umsi_cpumask_set(&m, smp_online(i));
        }
    }
    *out_sure = umsi_cpumask_test(&m, smp_online(0));
    return m;
}

static void move(struct umsi *u, umsi_virq virq, struct dice *d)
{
    bool sure;
    const struct umsi_cpumask cpus = some_cpus(d, &sure);
    enum umsi_status st = umsi_irq_set_affinity(u, virq, &cpus);
    if (st == UMSI_OK) {
        tally(TALLY_MOVES, 1);
    } else if (st == UMSI_NOTFOUND || st == UMSI_BUSY || st == UMSI_UNSUPPORTED ||
               (st == UMSI_INVALID && !sure)) {
        tally(TALLY_MOVES_REFUSED, 1);
    } else {
        (void)stress_fail("moving virq %u: %s", (unsigned)virq, umsi_status_string(st));
    }
}

static void ask(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq_info info;
    enum umsi_status st = umsi_irq_get_info(u, virq, &info);
    if (st != UMSI_OK && st != UMSI_NOTFOUND) {
        (void)stress_fail("asking about virq %u: %s", (unsigned)virq, umsi_status_string(st));
    }
    umsi_irq_synchronize(u, virq);
}

void movers_step(struct umsi *u, struct dice *d)
{
    uint32_t choice = dice_roll(d, 16);
    if (choice < 8) {
        move(u, io_virq(d), d);
    } else if (choice < 12) {
        move(u, movers_guess(u, d), d);
    } else if (choice < 15) {
        io_raise(d);
    } else {
        ask(u, movers_guess(u, d));
    }
}
