/* SPDX-License-Identifier: MIT */
/* Two functions with one DeviceID, behind one bridge: one device, distinct events, the last one out ends it (L9). */
#include "scene.h"

static void pair(void)
{
    struct unit u[2];
    for (unsigned round = 0; round < 4; round++) {
        unsigned first = round & 1, last = first ^ 1; /* who comes first leaves first, or last */
        unsigned out = round < 2 ? first : last;
        unit_attach(&u[first], first, first == 0 ? EDU_A : EDU_B);
        unit_take(&u[first], 1, UMSI_MSI);
        unit_attach(&u[last], last, last == 0 ? EDU_A : EDU_B);
        unit_take(&u[last], 1, UMSI_MSI);
        CHECK(its_devices() == 1 && lpis_live() == 2);
        unit_fire_all(&u[0]);
        unit_fire_all(&u[1]);
        unit_detach(&u[out]);
        CHECK(its_devices() == 1 && lpis_live() == 1);
        unit_fire_all(&u[out ^ 1]);
        unit_detach(&u[out ^ 1]);
        CHECK(its_devices() == 0 && lpis_live() == 0);
    }
}

/* One stays while the other comes and goes. */
static void comes_and_goes(void)
{
    struct unit stays, goes;
    unit_attach(&stays, 0, EDU_A);
    unit_take(&stays, 1, UMSI_MSI);
    for (unsigned round = 0; round < 5; round++) {
        unit_attach(&goes, 1, EDU_B);
        unit_take(&goes, 1, UMSI_MSI);
        unit_fire_all(&goes);
        unit_fire_all(&stays);
        unit_detach(&goes);
        unit_fire_all(&stays);
        CHECK(its_devices() == 1 && lpis_live() == 1);
    }
    unit_detach(&stays);
}

const struct scenario s_shared = { "shared DeviceID, a pair", pair, ITS | KIND(EDU_A) | KIND(EDU_B),
                                   false };
const struct scenario s_shared_goes = { "shared DeviceID, one goes", comes_and_goes,
                                        KIND(EDU_A) | KIND(EDU_B), false };
