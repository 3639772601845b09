/* SPDX-License-Identifier: MIT */
/*
 * Why does this vector not arrive? What the function itself says, link by link: enabled, function mask,
 * vector mask, bus master, and whether the message in the hardware is the one the core knows (L47).
 */
#include "pci_int.h"
#include "pci_regs.h"

struct report {
    struct umsi_pci *pci;
    struct umsi_irq *irq;
    umsi_print print;
    void *arg;
    const char *why; /* the first link that stops it */
};

static void stops(struct report *r, bool it_does, const char *why)
{
    if (it_does && r->why == NULL) {
        r->why = why;
    }
}

/* False: the function is gone, and nothing more can be said. */
static bool tell_command(struct report *r)
{
    uint32_t command;
    if (!umsi_pci_read_command(r->pci, &command)) {
        umsi_printf(r->print, r->arg, "%s: does not answer", r->pci->msi.name);
        stops(r, true, "the function does not answer");
        return false;
    }
    bool master = (command & PCI_COMMAND_MASTER) != 0;
    umsi_printf(r->print, r->arg, "%s: Bus Master Enable %u", r->pci->msi.name, (unsigned)master);
    stops(r, !master, "bus mastering is off");
    return true;
}

static void tell_mask(struct report *r, bool masked, bool kept)
{
    umsi_printf(r->print, r->arg, "%s: vector %u mask bit %u, last written %u", r->pci->msi.name,
                r->irq->index, (unsigned)masked, (unsigned)kept);
    stops(r, masked && kept, "the vector is masked: not requested, or disabled");
    stops(r, masked, "the vector is masked in the hardware, and should not be");
}

static void tell_message(struct report *r, const struct umsi_message *hw,
                         const struct umsi_message *want)
{
    umsi_printf(r->print, r->arg, "%s: message 0x%lx = 0x%x, should be 0x%lx = 0x%x",
                r->pci->msi.name, hw->address, hw->data, want->address, want->data);
    stops(r, hw->address != want->address || hw->data != want->data,
          "the message in the hardware is not the one written");
}

/* ---- MSI ---- */

static void tell_msi_control(struct report *r)
{
    uint32_t control = 0, vectors;
    (void)umsi_pci_read(r->pci, r->pci->msi_cap + MSI_CONTROL, 2, &control);
    vectors = (uint32_t)1 << ((control & MSI_CONTROL_MME) >> MSI_MME_SHIFT);
    umsi_printf(r->print, r->arg, "%s: MSI Enable %u, %u vectors enabled", r->pci->msi.name,
                control & MSI_CONTROL_ENABLE, vectors);
    stops(r, !(control & MSI_CONTROL_ENABLE), "MSI is not enabled");
    stops(r, r->irq->index >= vectors, "MSI is enabled with fewer vectors than this");
}

static void tell_msi_mask(struct report *r)
{
    uint32_t mask = 0, pending = 0;
    if (!(r->pci->msi_control & MSI_CONTROL_MASK)) {
        umsi_printf(r->print, r->arg, "%s: has no mask bits", r->pci->msi.name);
        return;
    }
    (void)umsi_pci_read(r->pci, umsi_msi_mask_offset(r->pci), 4, &mask);
    (void)umsi_pci_read(r->pci, umsi_msi_mask_offset(r->pci) + 4u, 4, &pending);
    umsi_printf(r->print, r->arg, "%s: vector %u pending bit %u", r->pci->msi.name, r->irq->index,
                (pending >> r->irq->index) & 1);
    tell_mask(r, (mask >> r->irq->index) & 1, (r->pci->msi_mask >> r->irq->index) & 1);
}

/* The hardware has the block's first message only. */
static void tell_msi_message(struct report *r)
{
    struct umsi_message hw, want = r->irq->message;
    uint32_t low = 0, high = 0, data = 0;
    (void)umsi_pci_read(r->pci, r->pci->msi_cap + MSI_ADDRESS, 4, &low);
    if (r->pci->msi_control & MSI_CONTROL_64) {
        (void)umsi_pci_read(r->pci, r->pci->msi_cap + MSI_ADDRESS_UPPER, 4, &high);
    }
    (void)umsi_pci_read(r->pci, umsi_msi_data_offset(r->pci), 2, &data);
    hw.address = (umsi_bus)high << 32 | low;
    hw.data = data + r->irq->index;
    tell_message(r, &hw, &want);
}

const char *umsi_msi_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                             void *arg)
{
    struct report r = { .pci = umsi_pci_of(d), .irq = irq, .print = print, .arg = arg };
    if (tell_command(&r)) {
        tell_msi_control(&r);
        tell_msi_mask(&r);
        tell_msi_message(&r);
    }
    return r.why;
}

/* ---- MSI-X ---- */

static void tell_msix_control(struct report *r)
{
    uint32_t control = 0;
    (void)umsi_pci_read(r->pci, r->pci->msix_cap + MSIX_CONTROL, 2, &control);
    bool on = (control & MSIX_CONTROL_ENABLE) != 0, masked = (control & MSIX_CONTROL_FMASK) != 0;
    umsi_printf(r->print, r->arg, "%s: MSI-X Enable %u, Function Mask %u", r->pci->msi.name,
                (unsigned)on, (unsigned)masked);
    stops(r, !on, "MSI-X is not enabled");
    stops(r, masked, "the MSI-X Function Mask is set");
}

static uint32_t entry_read(const struct report *r, uint32_t field)
{
    return umsi_read32(r->pci->msi.umsi, r->pci->table, r->irq->index * MSIX_ENTRY_SIZE + field);
}

static void tell_msix_entry(struct report *r, uint32_t kept)
{
    struct umsi_message hw;
    hw.address =
        (umsi_bus)entry_read(r, MSIX_ENTRY_UPPER) << 32 | entry_read(r, MSIX_ENTRY_ADDRESS);
    hw.data = entry_read(r, MSIX_ENTRY_DATA);
    tell_mask(r, entry_read(r, MSIX_ENTRY_CONTROL) & MSIX_ENTRY_MASK, kept & MSIX_ENTRY_MASK);
    tell_message(r, &hw, &r->irq->message);
}

const char *umsi_msix_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                              void *arg)
{
    struct report r = { .pci = umsi_pci_of(d), .irq = irq, .print = print, .arg = arg };
    if (tell_command(&r)) {
        tell_msix_control(&r);
        if (umsi_pci_memory_on(r.pci) != UMSI_OK) {
            stops(&r, true, "Memory Space Enable is off");
        } else if (r.pci->table != NULL) {
            tell_msix_entry(&r, umsi_irq_level_of(irq, d->depth)->word);
        }
    }
    return r.why;
}
