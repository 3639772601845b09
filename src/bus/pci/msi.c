/* SPDX-License-Identifier: MIT */
/*
 * MSI: one message for up to 32 vectors, in configuration space (7.7.1). The function puts a vector's number
 * into the low bits of the data, so the messages of a block are consecutive and only the first is written.
 *
 * Nothing is read to be written back: Message Control as found and Mask Bits as last written are kept in
 * struct umsi_pci. The data is 16 bits wide; Extended Message Data is not used.
 */
#include "pci_int.h"
#include "pci_regs.h"

static bool is_64(const struct umsi_pci *pci)
{
    return (pci->msi_control & MSI_CONTROL_64) != 0;
}

static bool maskable(const struct umsi_pci *pci)
{
    return (pci->msi_control & MSI_CONTROL_MASK) != 0;
}

uint16_t umsi_msi_data_offset(const struct umsi_pci *pci)
{
    return (uint16_t)(pci->msi_cap + (is_64(pci) ? MSI_DATA_64 : MSI_DATA_32));
}

uint16_t umsi_msi_mask_offset(const struct umsi_pci *pci)
{
    return (uint16_t)(pci->msi_cap + (is_64(pci) ? MSI_MASK_64 : MSI_MASK_32));
}

static uint32_t msi_count(const struct umsi_pci *pci)
{
    return pci->msi_cap == 0
               ? 0
               : (uint32_t)1 << ((pci->msi_control & MSI_CONTROL_MMC) >> MSI_MMC_SHIFT);
}

/* Mask Bits has a bit for each vector the function has; those beyond are reserved, and zero. */
static uint32_t all_masked(const struct umsi_pci *pci)
{
    return UINT32_MAX >> (32 - msi_count(pci));
}

static bool write_mask(const struct umsi_pci *pci, uint32_t mask)
{
    return !maskable(pci) || umsi_pci_write(pci, umsi_msi_mask_offset(pci), 4, mask);
}

/* 0 turns it off. */
static bool write_control(const struct umsi_pci *pci, uint32_t enable)
{
    return umsi_pci_write(pci, pci->msi_cap + MSI_CONTROL, 2, pci->msi_control | enable);
}

/* ---- the chip: a umsi lock may be held ---- */

static void msi_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_pci *pci = umsi_pci_of(d);
    pci->msi_mask |= (uint32_t)1 << irq->index;
    (void)write_mask(pci, pci->msi_mask);
}

static void msi_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_pci *pci = umsi_pci_of(d);
    pci->msi_mask &= ~((uint32_t)1 << irq->index);
    (void)write_mask(pci, pci->msi_mask);
}

/* Do two vectors of a block have the consecutive messages that the function is going to send? */
static bool consecutive(const struct umsi_irq *a, const struct umsi_irq *b)
{
    return a->message.address == b->message.address &&
           a->message.data - a->index == b->message.data - b->index;
}

/* With everything masked where that is possible: the message takes two or three writes (L46). */
static bool put_message(const struct umsi_pci *pci, const struct umsi_message *m)
{
    const uint32_t at = pci->msi_cap;
    bool ok = write_mask(pci, all_masked(pci));
    ok = umsi_pci_write(pci, at + MSI_ADDRESS, 4, (uint32_t)m->address) && ok;
    if (is_64(pci)) {
        ok = umsi_pci_write(pci, at + MSI_ADDRESS_UPPER, 4, (uint32_t)(m->address >> 32)) && ok;
    }
    ok = umsi_pci_write(pci, umsi_msi_data_offset(pci), 2, m->data) && ok;
    return write_mask(pci, pci->msi_mask) && ok;
}

static enum umsi_status msi_write_message(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_pci *pci = umsi_pci_of(d);
    if (irq->message.data > UINT16_MAX) {
        return UMSI_RANGE;
    }
    if (irq->index != 0) {
        return UMSI_OK;
    }
    uint32_t now; /* read back: what it sent with an old message is through (L54) */
    bool ok = put_message(pci, &irq->message);
    ok = umsi_pci_read(pci, pci->msi_cap + MSI_CONTROL, 2, &now) && ok;
    return ok ? UMSI_OK : UMSI_GONE;
}

static const struct umsi_chip chip_plain = {
    .name = "msi",
    .write_message = msi_write_message,
    .explain = UMSI_IF_EXPLAIN(umsi_msi_explain),
};

static const struct umsi_chip chip_masking = {
    .name = "msi",
    .mask = msi_mask,
    .unmask = msi_unmask,
    .write_message = msi_write_message,
    .explain = UMSI_IF_EXPLAIN(umsi_msi_explain),
};

static const struct umsi_msi_template templates[] = {
    { .name = "msi", .kind = UMSI_MSI, .chip = &chip_plain, .max_address = UINT32_MAX },
    { .name = "msi", .kind = UMSI_MSI, .chip = &chip_masking, .max_address = UINT32_MAX },
    { .name = "msi", .kind = UMSI_MSI, .chip = &chip_plain, .max_address = UINT64_MAX },
    { .name = "msi", .kind = UMSI_MSI, .chip = &chip_masking, .max_address = UINT64_MAX },
};

static const struct umsi_msi_template *msi_template(const struct umsi_pci *pci)
{
    return &templates[(is_64(pci) ? 2 : 0) + (maskable(pci) ? 1 : 0)];
}

/* ---- the life of MSI, in a task ---- */

static enum umsi_status msi_begin(struct umsi_pci *pci)
{
    if (pci->kind == 0) { /* else a restore: what is masked stays the core's to say */
        pci->msi_mask = all_masked(pci);
    }
    return write_control(pci, 0) && write_mask(pci, all_masked(pci)) ? UMSI_OK : UMSI_GONE;
}

/* What the controller gave must be what the function will send (6.1.4.2, 7.7.1.6). A single vector may move by now. */
static bool block_is_sound(struct umsi_pci *pci, uint32_t n, uint32_t order)
{
    if (order == 0) {
        return true;
    }
    const struct umsi_irq *base = umsi_msi_irq_slot(&pci->msi, UMSI_PCI_SLOT, 0);
    bool sound = base != NULL && (base->message.data & (((uint32_t)1 << order) - 1)) == 0;
    for (uint32_t i = 1; i < n && sound; i++) {
        const struct umsi_irq *irq = umsi_msi_irq_slot(&pci->msi, UMSI_PCI_SLOT, i);
        sound = irq != NULL && consecutive(base, irq);
    }
    return sound;
}

/* Enable last, when the message is valid (L50). */
static enum umsi_status msi_finish(struct umsi_pci *pci, uint32_t n)
{
    uint32_t order = umsi_pci_log2_up(n);
    if (!block_is_sound(pci, n, order)) {
        umsi_log(pci->msi.umsi, UMSI_LOG_ERROR,
                 "%s: the controller's %u messages are not consecutive and aligned", pci->msi.name,
                 n);
        return UMSI_BUG;
    }
    return write_control(pci, MSI_CONTROL_ENABLE | order << MSI_MME_SHIFT) ? UMSI_OK : UMSI_GONE;
}

/* Reading it back pushes messages already on their way to where they go. */
static void msi_quiet(struct umsi_pci *pci)
{
    uint32_t now;
    (void)write_control(pci, 0);
    (void)umsi_pci_read(pci, pci->msi_cap + MSI_CONTROL, 2, &now);
}

/* Mask Bits go back to their reset value: whoever enables MSI next may not know them. */
static void msi_end(struct umsi_pci *pci)
{
    (void)write_control(pci, 0);
    (void)write_mask(pci, 0);
}

static bool msi_off(const struct umsi_pci *pci)
{
    uint32_t now;
    return umsi_pci_read(pci, pci->msi_cap + MSI_CONTROL, 2, &now) &&
           (!(now & MSI_CONTROL_ENABLE) || write_control(pci, 0));
}

const struct umsi_pci_kind umsi_pci_kind_msi = {
    .kind = UMSI_MSI,
    .name = "MSI",
    .block = true,
    .count = msi_count,
    .template = msi_template,
    .begin = msi_begin,
    .finish = msi_finish,
    .quiet = msi_quiet,
    .end = msi_end,
    .off = msi_off,
};
