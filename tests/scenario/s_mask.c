/* SPDX-License-Identifier: MIT */
/*
 * Masks nest, and what arrives meanwhile is remembered once and runs once (L51, L60): in the device's pending
 * bits, in umsi where the device cannot mask, or in umsi because it was raised by command.
 */
#include "scene.h"

static void nest(enum machine_kind kind, uint32_t n, uint32_t msi_kind)
{
    struct unit u;
    struct umsi *umsi = machine_umsi();
    unit_attach(&u, 0, kind);
    unit_take(&u, n, msi_kind);
    umsi_virq virq = unit_virq(&u, n - 1);
    umsi_irq_disable(umsi, virq);
    umsi_irq_disable(umsi, virq);
    for (unsigned i = 0; i < 3; i++) {
        unit_raise(&u, n - 1);
        machine_settle();
    }
    scene_result("disabled twice: %u runs", (unsigned)vector_hits(&u.vector[n - 1]));
    umsi_irq_enable(umsi, virq);
    machine_settle();
    scene_result("enabled once: %u runs", (unsigned)vector_hits(&u.vector[n - 1]));
    umsi_irq_enable(umsi, virq);
    CHECK(vector_await(&u.vector[n - 1], 1));
    unit_fire_all(&u);
    unit_detach(&u);
}

static void by_device(void)
{
    nest(E1000E, 5, UMSI_MSIX);
}

static void by_command(void)
{
    nest(NVME, 3, UMSI_MSIX);
}

static void unmaskable(void)
{
    nest(EDU, 1, UMSI_MSI);
}

static void unmaskable_block(void)
{
    nest(XHCI, 4, UMSI_MSI);
}

/* What came before the handler was requested runs at the request. */
static void early(void)
{
    struct unit u;
    unit_attach(&u, 0, EDU);
    CHECK_OK(unit_alloc(&u, 1, 1, UMSI_MSI));
    unit_raise(&u, 0);
    machine_settle();
    unit_raise(&u, 0);
    machine_settle();
    unit_request(&u, 0);
    CHECK(vector_await(&u.vector[0], 1));
    umsi_pci_release(&u.pci, 0);
    unit_raise(&u, 0);
    machine_settle();
    unit_request(&u, 0);
    CHECK(vector_await(&u.vector[0], 2));
    unit_fire_all(&u);
    unit_detach(&u);
}

const struct scenario s_mask = { "mask pending in the device", by_device, KIND(E1000E), false };
const struct scenario s_mask_command = { "mask pending by command", by_command, KIND(NVME), false };
const struct scenario s_mask_none = { "mask none in the device", unmaskable, KIND(EDU), false };
const struct scenario s_mask_block = { "mask none, a block", unmaskable_block, KIND(XHCI), false };
const struct scenario s_mask_early = { "mask before the request", early, KIND(EDU), false };
