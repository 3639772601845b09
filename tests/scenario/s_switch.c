/* SPDX-License-Identifier: MIT */
/* One function, MSI and MSI-X in turn: one domain at a time, one prepare each time. */
#include "scene.h"

static void back_and_forth(enum machine_kind kind, uint32_t msix, uint32_t msi)
{
    struct unit u;
    unit_attach(&u, 0, kind);
    for (unsigned round = 0; round < 2; round++) {
        unit_take(&u, msix, UMSI_MSIX);
        unit_fire_all(&u);
        CHECK(unit_alloc(&u, 1, 1, UMSI_MSI) == UMSI_STATE);
        unit_drop(&u);
        unit_take(&u, msi, UMSI_MSI);
        unit_fire_all(&u);
        unit_drop(&u);
        scene_result("%u prepares", (unsigned)u.pci.msi.stats.prepares);
    }
    unit_detach(&u);
}

static void e1000e(void)
{
    back_and_forth(E1000E, 5, 1);
}

static void xhci(void)
{
    back_and_forth(XHCI, 16, 3);
}

const struct scenario s_switch = { "switch e1000e", e1000e, KIND(E1000E), false };
const struct scenario s_switch_multi = { "switch xhci", xhci, KIND(XHCI), false };
