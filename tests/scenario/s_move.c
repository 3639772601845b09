/* SPDX-License-Identifier: MIT */
/* Moves between CPUs, and interrupts that are pending while they move (L34, L35). */
#include "scene.h"

static void around(enum machine_kind kind, uint32_t n, uint32_t msi_kind)
{
    struct unit u;
    uint32_t cpus = machine_cpus();
    unit_attach(&u, 0, kind);
    unit_take(&u, n, msi_kind);
    for (umsi_cpu cpu = 0; cpu < 2 * cpus; cpu++) {
        for (uint32_t i = 0; i < n; i++) {
            unit_move(&u, i, (cpu + i) % cpus);
            unit_fire(&u, i);
            CHECK(u.vector[i].cpu == (cpu + i) % cpus);
        }
    }
    unit_move(&u, 0, u.vector[0].cpu); /* where it is: nothing is sent */
    scene_result("moved %u vectors around twice", (unsigned)n);
    unit_detach(&u);
}

static void by_device(void)
{
    around(E1000E, 5, UMSI_MSIX);
}

static void block(void)
{
    around(XHCI, 4, UMSI_MSI);
}

static void to_nowhere(void)
{
    struct unit u;
    struct umsi_cpumask none = { { 0 } };
    unit_attach(&u, 0, NVME);
    unit_take(&u, 1, UMSI_MSIX);
    enum umsi_status st = umsi_irq_set_affinity(machine_umsi(), unit_virq(&u, 0), &none);
    scene_result("to no CPU: %s", umsi_status_string(st));
    CHECK(st == UMSI_INVALID);
    unit_fire_all(&u);
    unit_detach(&u);
}

/* CPU 0 takes nothing while its interrupt is pending and moves away: it runs once, wherever. */
static void pending(enum machine_kind kind, uint32_t msi_kind)
{
    struct unit u;
    unit_attach(&u, 0, kind);
    unit_take(&u, 1, msi_kind);
    unit_move(&u, 0, 0);
    machine_hold(true);
    unit_raise(&u, 0);
    machine_settle();
    scene_result("held: %u runs", (unsigned)vector_hits(&u.vector[0]));
    unit_move(&u, 0, machine_cpus() - 1);
    machine_hold(false);
    CHECK(vector_await(&u.vector[0], 1));
    CHECK(u.vector[0].cpu == machine_cpus() - 1);
    unit_fire_all(&u);
    unit_detach(&u);
}

static void pending_msix(void)
{
    pending(E1000E, UMSI_MSIX);
}

static void pending_msi(void)
{
    pending(EDU, UMSI_MSI);
}

const struct scenario s_move = { "move raised by the device", by_device, KIND(E1000E), false };
const struct scenario s_move_block = { "move a block of msi", block, BLOCK_APART | KIND(XHCI),
                                       false };
const struct scenario s_move_refused = { "move to no CPU", to_nowhere, KIND(NVME), false };
const struct scenario s_move_pending = { "move while pending, msix", pending_msix, KIND(E1000E),
                                         false };
const struct scenario s_move_pending_msi = { "move while pending, msi", pending_msi, KIND(EDU),
                                             false };
