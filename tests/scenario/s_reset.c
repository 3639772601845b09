/* SPDX-License-Identifier: MIT */
/* A reset takes messages, masks and enables; umsi_pci_restore() brings them back (L47, L51). */
#include "scene.h"

static void restore(struct unit *u)
{
    machine_reset(u->kind);
    CHECK_OK(umsi_pci_restore(&u->pci));
}

static void msix(void)
{
    struct unit u;
    unit_attach(&u, 0, E1000E);
    unit_take(&u, 5, UMSI_MSIX);
    unit_fire_all(&u);
    restore(&u);
    unit_fire_all(&u);
    umsi_irq_disable(machine_umsi(), unit_virq(&u, 2));
    restore(&u);
    unit_raise(&u, 2);
    machine_settle();
    scene_result("disabled across a reset: %u runs", (unsigned)vector_hits(&u.vector[2]));
    umsi_irq_enable(machine_umsi(), unit_virq(&u, 2));
    CHECK(vector_await(&u.vector[2], 3));
    unit_fire_all(&u);
    unit_detach(&u);
}

static void msi(void)
{
    struct unit u;
    unit_attach(&u, 0, XHCI);
    unit_take(&u, 3, UMSI_MSI);
    restore(&u);
    unit_fire_all(&u);
    unit_drop(&u);
    restore(&u); /* without vectors: nothing to do */
    unit_take(&u, 16, UMSI_MSIX);
    restore(&u);
    unit_fire_all(&u);
    unit_detach(&u);
}

static void shared(void)
{
    struct unit a, b;
    unit_attach(&a, 0, EDU_A);
    unit_attach(&b, 1, EDU_B);
    unit_take(&a, 1, UMSI_MSI);
    unit_take(&b, 1, UMSI_MSI);
    machine_reset(EDU_A); /* their bridge's: both */
    machine_reset(EDU_B);
    CHECK_OK(umsi_pci_restore(&a.pci));
    CHECK_OK(umsi_pci_restore(&b.pci));
    unit_fire_all(&a);
    unit_fire_all(&b);
    unit_detach(&a);
    unit_detach(&b);
}

const struct scenario s_reset = { "reset and restore msix", msix, KIND(E1000E), true };
const struct scenario s_reset_msi = { "reset and restore msi", msi, KIND(XHCI), true };
const struct scenario s_reset_shared = { "reset and restore a shared pair", shared,
                                         KIND(EDU_A) | KIND(EDU_B), true };
