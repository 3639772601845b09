/* SPDX-License-Identifier: MIT */
/*
 * Lives of MSI blocks: 1, 2, 3, 4, 16 and 32 vectors, each raised, each given back, the same function taken again.
 * Three of them reserve four (L15).
 */
#include "scene.h"

static void lives(enum machine_kind kind, const uint32_t *counts, unsigned n)
{
    struct unit u;
    unit_attach(&u, 0, kind);
    for (unsigned i = 0; i < n; i++) {
        unit_take(&u, counts[i], UMSI_MSI);
        scene_result("%u live, %u of them reserved", (unsigned)u.pci.msi.stats.live,
                     (unsigned)u.pci.msi.stats.reserved);
        unit_fire_all(&u);
        unit_drop(&u);
        CHECK(u.pci.msi.stats.live == 0);
    }
    unit_detach(&u);
}

static void up_to_16(void)
{
    static const uint32_t counts[] = { 1, 2, 3, 4, 16, 3, 1 };
    lives(XHCI, counts, 7);
}

static void all_32(void)
{
    static const uint32_t counts[] = { 32, 3, 17, 32 };
    lives(MSI32, counts, 4);
}

static void maskable(void)
{
    static const uint32_t counts[] = { 2, 1, 2 };
    lives(PORT, counts, 3);
}

static void single(void)
{
    static const uint32_t counts[] = { 1, 1 };
    lives(EDU, counts, 2);
}

const struct scenario s_msi = { "msi lives of 1 to 16", up_to_16, KIND(XHCI), false };
const struct scenario s_msi_32 = { "msi lives of 32", all_32, KIND(MSI32), false };
const struct scenario s_msi_maskable = { "msi maskable", maskable, KIND(PORT), false };
const struct scenario s_msi_single = { "msi single", single, KIND(EDU), false };
