/* SPDX-License-Identifier: MIT */
/* Interrupts raised by command: retrigger, and the self-test that says where it came. */
#include "scene.h"

static void retrigger(void)
{
    struct unit u;
    struct umsi_irq_test t = { .cpu = UMSI_NO_CPU };
    unit_attach(&u, 0, E1000E);
    unit_take(&u, 3, UMSI_MSIX);
    for (uint32_t i = 0; i < 3; i++) {
        unit_move(&u, i, i % machine_cpus());
        CHECK_OK(umsi_irq_retrigger(machine_umsi(), unit_virq(&u, i)));
        CHECK(vector_await(&u.vector[i], 1));
        CHECK(u.vector[i].cpu == i % machine_cpus());
    }
    CHECK_OK(umsi_irq_test(machine_umsi(), unit_virq(&u, 1), &t));
    machine_settle();
    scene_result("tested: %d %d, CPU %u, %u runs", t.arrived, t.handled, (unsigned)t.cpu,
                 (unsigned)vector_hits(&u.vector[1]));
    unit_fire_all(&u);
    CHECK(umsi_irq_retrigger(machine_umsi(), 0x7fffffff) == UMSI_NOTFOUND);
    unit_detach(&u);
}

/* Pending when it is freed: it must not come to whoever gets the LPI next. */
static void freed_while_pending(void)
{
    struct unit u;
    struct umsi_counts before, after;
    umsi_get_counts(machine_umsi(), &before);
    unit_attach(&u, 0, E1000E);
    for (unsigned round = 0; round < 3; round++) {
        unit_take(&u, 1, UMSI_MSIX);
        unit_move(&u, 0, 0);
        machine_hold(true);
        CHECK_OK(umsi_irq_retrigger(machine_umsi(), unit_virq(&u, 0)));
        unit_drop(&u);
        machine_hold(false);
        machine_settle();
        CHECK(vector_hits(&u.vector[0]) == round);
        unit_take(&u, 1, UMSI_MSIX);
        unit_fire(&u, 0);
        unit_drop(&u);
    }
    unit_detach(&u);
    umsi_get_counts(machine_umsi(), &after);
    scene_result("%u unknown interrupts", (unsigned)(after.unknown - before.unknown));
}

const struct scenario s_retrigger = { "retrigger and test", retrigger, KIND(E1000E), false };
const struct scenario s_freed_pending = { "freed while pending", freed_while_pending, KIND(E1000E),
                                          false };
