/* SPDX-License-Identifier: MIT */
/* What cannot be had is refused with the same status everywhere, and leaves everything as it was (L12, L13). */
#include "scene.h"

static void errors(void)
{
    struct unit u;
    unit_attach(&u, 0, XHCI);
    (void)unit_alloc(&u, 0, 0, UMSI_MSIX);
    (void)unit_alloc(&u, 2, 1, UMSI_MSIX);
    (void)unit_alloc(&u, 17, 20, UMSI_MSI);
    (void)unit_alloc(&u, 17, 20, UMSI_MSIX);
    (void)unit_alloc(&u, 1, 1, UMSI_INTX);
    (void)unit_alloc(&u, 1, 1, UMSI_DEVICE_MSI);
    CHECK(its_devices() == 0 || u.pci.msi.stats.live == 0);
    CHECK_OK(unit_alloc(&u, 2, 40, UMSI_MSIX));
    (void)unit_alloc(&u, 1, 1, UMSI_MSIX);
    unit_drop(&u);
    CHECK_OK(unit_alloc(&u, 2, 40, 0));
    unit_drop(&u);
    CHECK(umsi_pci_request(&u.pci, 0, vector_hit, u.vector, "none") != UMSI_OK);
    unit_detach(&u);
    unit_attach(&u, 0, EDU);
    (void)unit_alloc(&u, 1, 1, UMSI_MSIX);
    (void)unit_alloc(&u, 2, 2, UMSI_MSI);
    CHECK_OK(unit_alloc(&u, 1, 8, UMSI_MSIX | UMSI_MSI));
    unit_detach(&u);
}

const struct scenario s_errors = { "errors", errors, KIND(XHCI) | KIND(EDU), false };
