/* SPDX-License-Identifier: MIT */
/* MSI-X vectors that come and go one by one, at any index, in any order, while others are live. */
#include "scene.h"

static void take_at(struct unit *u, uint32_t want, uint32_t expect)
{
    uint32_t index = UINT32_MAX;
    CHECK_OK(umsi_pci_alloc_at(&u->pci, want, &index));
    CHECK(index == expect);
    if (index < UNIT_VECTORS) {
        unit_request(u, index);
        unit_fire(u, index);
    }
}

static void refuse(struct unit *u, uint32_t want)
{
    uint32_t index = 77;
    enum umsi_status st = umsi_pci_alloc_at(&u->pci, want, &index);
    scene_result("alloc at %u: %s", (unsigned)want, umsi_status_string(st));
    CHECK(st != UMSI_OK && index == 77);
}

static void any_order(struct unit *u, const uint32_t *order, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        take_at(u, order[i], order[i]);
        unit_fire(u, order[0]); /* the first one lives on undisturbed */
    }
    take_at(u, UMSI_ANY_INDEX, 1); /* 0 is live: the lowest free one (L10) */
    refuse(u, order[2]);
    refuse(u, umsi_pci_vector_count(&u->pci, UMSI_MSIX));
    for (unsigned i = n; i > 0; i--) {
        uint32_t index = order[(i * 3) % n];
        umsi_pci_free_at(&u->pci, index);
        CHECK(unit_virq(u, index) == UMSI_NO_VIRQ);
        unit_fire(u, 1);
    }
    take_at(u, UMSI_ANY_INDEX, 0);
    scene_result("%u live", (unsigned)u->pci.msi.stats.live);
}

static void by_command(void)
{
    static const uint32_t order[] = { 40, 0, 64, 7, 33 };
    struct unit u;
    unit_attach(&u, 0, NVME);
    any_order(&u, order, 5);
    unit_drop(&u);
    take_at(&u, 12, 12);
    unit_detach(&u);
}

static void by_device(void)
{
    static const uint32_t order[] = { 4, 0, 2, 3 };
    struct unit u;
    unit_attach(&u, 0, E1000E);
    any_order(&u, order, 4);
    unit_detach(&u);
}

/* More vectors beside those of one call. */
static void after_whole(void)
{
    struct unit u;
    unit_attach(&u, 0, XHCI);
    unit_take(&u, 4, UMSI_MSIX);
    take_at(&u, UMSI_ANY_INDEX, 4);
    take_at(&u, 9, 9);
    unit_fire_all(&u);
    umsi_pci_free_at(&u.pci, 2);
    take_at(&u, UMSI_ANY_INDEX, 2);
    unit_drop(&u);
    CHECK(u.pci.msi.stats.live == 0);
    unit_detach(&u);
}

const struct scenario s_dynamic = { "dynamic any order", by_command, KIND(NVME), false };
const struct scenario s_dynamic_device = { "dynamic raised by the device", by_device, KIND(E1000E),
                                           false };
const struct scenario s_dynamic_more = { "dynamic beside a whole", after_whole, KIND(XHCI), false };
