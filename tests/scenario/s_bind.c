/* SPDX-License-Identifier: MIT */
/* Drivers come and go: bind, unbind, rebind; several functions live at once, leaving in another order. */
#include "scene.h"

static void rebind(void)
{
    struct unit u;
    for (unsigned round = 0; round < 3; round++) {
        unit_attach(&u, 0, E1000E);
        unit_take(&u, 5 - round, UMSI_MSIX);
        unit_fire_all(&u);
        unit_detach(&u); /* with its vectors */
        umsi_pci_detach(&u.pci);
        CHECK(its_devices() == 0 && lpis_live() == 0);
    }
    unit_attach(&u, 0, E1000E); /* and without any */
    unit_detach(&u);
}

static void several(void)
{
    struct unit u[3];
    unit_attach(&u[0], 0, E1000E);
    unit_attach(&u[1], 1, NVME);
    unit_attach(&u[2], 2, XHCI);
    unit_take(&u[0], 5, UMSI_MSIX);
    unit_take(&u[1], 9, UMSI_MSIX);
    unit_take(&u[2], 4, UMSI_MSI);
    scene_result("%u devices, %u LPIs", (unsigned)its_devices(), (unsigned)lpis_live());
    unit_detach(&u[1]);
    unit_fire_all(&u[0]);
    unit_fire_all(&u[2]);
    unit_attach(&u[1], 1, NVME);
    unit_take(&u[1], 2, UMSI_MSIX);
    unit_detach(&u[0]);
    unit_fire_all(&u[1]);
    unit_detach(&u[2]);
    unit_detach(&u[1]);
    CHECK(its_devices() == 0 && lpis_live() == 0);
}

const struct scenario s_bind = { "bind unbind rebind", rebind, KIND(E1000E), false };
const struct scenario s_bind_several = { "bind several at once", several,
                                         KIND(E1000E) | KIND(NVME) | KIND(XHCI), false };
