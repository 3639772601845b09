/* SPDX-License-Identifier: MIT */
/* Vectors spread over the CPUs, with some left out; and only some CPUs allowed. */
#include "scene.h"

static void show(struct unit *u, const char *how)
{
    char text[80];
    unsigned at = 0;
    for (uint32_t i = 0; i < u->granted && at + 1 < sizeof(text); i++) {
        text[at++] = (char)('0' + umsi_irq_get_cpu(machine_umsi(), unit_virq(u, i)) % 10);
    }
    text[at] = '\0';
    scene_result("%s: CPUs %s", how, text);
}

static void take(struct unit *u, const struct umsi_vectors *want, const char *how)
{
    CHECK_OK(umsi_pci_alloc_vectors(&u->pci, want, &u->granted));
    for (uint32_t i = 0; i < u->granted; i++) {
        unit_request(u, i);
    }
    show(u, how);
    for (uint32_t i = 0; i < u->granted; i++) {
        unit_fire(u, i);
        CHECK(u->vector[i].cpu == umsi_irq_get_cpu(machine_umsi(), unit_virq(u, i)));
    }
    unit_drop(u);
}

static void spread(void)
{
    struct unit u;
    struct umsi_cpumask last = { { 0 } };
    umsi_cpumask_set(&last, machine_cpus() - 1);
    unit_attach(&u, 0, XHCI);
    take(&u, &(struct umsi_vectors){ .min = 8, .max = 8, .spread = true }, "spread");
    take(&u,
         &(struct umsi_vectors){
             .min = 8, .max = 8, .spread = true, .reserve_front = 1, .reserve_back = 2 },
         "spread but for the ends");
    take(&u, &(struct umsi_vectors){ .min = 4, .max = 4, .cpus = &last }, "on the last CPU");
    unit_detach(&u);
}

static void block(void)
{
    struct unit u;
    unit_attach(&u, 0, XHCI);
    take(&u, &(struct umsi_vectors){ .min = 4, .max = 4, .kinds = UMSI_MSI, .spread = true },
         "a spread block");
    unit_detach(&u);
}

const struct scenario s_spread = { "spread", spread, KIND(XHCI), false };
const struct scenario s_spread_block = { "spread block of msi", block, BLOCK_APART | KIND(XHCI),
                                         false };
