/* SPDX-License-Identifier: MIT */
/* MSI-X tables: whole ones, parts of them, and the same table again. */
#include "scene.h"

static void table(enum machine_kind kind, uint32_t n)
{
    struct unit u;
    unit_attach(&u, 0, kind);
    CHECK(umsi_pci_vector_count(&u.pci, UMSI_MSIX) == n);
    unit_take(&u, n, UMSI_MSIX);
    unit_fire_all(&u);
    unit_drop(&u);
    unit_take(&u, 2, UMSI_MSIX);
    unit_fire_all(&u);
    unit_drop(&u);
    unit_detach(&u);
}

static void five(void)
{
    table(E1000E, 5);
}

static void sixteen(void)
{
    table(XHCI, 16);
}

static void sixty_five(void)
{
    table(NVME, 65);
}

/* All 2048 live; both ends and some between them raised. */
static void wide(void)
{
    static const uint32_t which[] = { 0, 1, 1023, 1024, 2046, 2047 };
    struct unit u;
    unit_attach(&u, 0, WIDE);
    unit_take(&u, 2048, UMSI_MSIX);
    for (unsigned i = 0; i < 6; i++) {
        unit_fire(&u, which[i]);
    }
    unit_drop(&u);
    unit_take(&u, 3, UMSI_MSIX);
    unit_fire_all(&u);
    unit_detach(&u);
}

const struct scenario s_msix_5 = { "msix table of 5", five, KIND(E1000E), false };
const struct scenario s_msix_16 = { "msix table of 16", sixteen, KIND(XHCI), false };
const struct scenario s_msix_65 = { "msix table of 65", sixty_five, KIND(NVME), false };
const struct scenario s_msix_2048 = { "msix table of 2048", wide, ITS | KIND(WIDE), false };
