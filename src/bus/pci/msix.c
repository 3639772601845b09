/* SPDX-License-Identifier: MIT */
/*
 * MSI-X: a table of messages in one of the function's BARs (7.7.2), each with a mask bit of its own.
 *
 * Vector Control also holds a TPH steering tag (bits 31:16, 7.7.2.9) and reserved bits that must be kept. A
 * vector's word is read once, when the vector is first touched, and kept in the descriptor's level; from then
 * on the kept word is the truth, because some devices read 0 there. An entry whose tag changes while its
 * vector is live must therefore be changed through a free and an allocation.
 */
#include "pci_int.h"
#include "pci_regs.h"

#include "../../arch/barrier.h"

static uint32_t entry(uint32_t index)
{
    return index * MSIX_ENTRY_SIZE;
}

static size_t table_size(const struct umsi_pci *pci)
{
    return (size_t)pci->msix_entries * MSIX_ENTRY_SIZE;
}

/* The entry's word with the mask bit clear. All ones: nobody answered, so there is nothing to keep. */
static uint32_t read_kept_bits(const struct umsi_pci *pci, uint32_t index)
{
    uint32_t word = umsi_read32(pci->msi.umsi, pci->table, entry(index) + MSIX_ENTRY_CONTROL);
    return word == UINT32_MAX ? 0 : word & ~MSIX_ENTRY_MASK;
}

static void write_word(struct umsi_pci *pci, uint32_t index, uint32_t word)
{
    umsi_write32(pci->msi.umsi, pci->table, entry(index) + MSIX_ENTRY_CONTROL, word);
}

/*
 * Configuration space and the table may be different peripherals to the CPU, which then keeps no order between
 * them: what the table was told is complete before, and what Message Control was told is complete after.
 * Reading it back also pushes messages already on their way to where they go. 0 turns MSI-X off. False: the
 * function does not answer.
 */
static bool write_control(const struct umsi_pci *pci, uint32_t bits)
{
    const uint32_t at = pci->msix_cap + MSIX_CONTROL;
    uint32_t now;
    umsi_mb();
    bool ok = umsi_pci_write(pci, at, 2, pci->msix_control | bits) &&
              umsi_pci_read(pci, at, 2, &now) && now != UINT16_MAX;
    umsi_mb();
    return ok;
}

/* ---- the chip: a umsi lock may be held ---- */

/* A vector's Vector Control as last written. A fresh descriptor's level is zero: then it is read, once. */
static uint32_t *kept_word(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_irq_level *level = umsi_irq_level_of(irq, d->depth);
    if (level->data == NULL) {
        level->word = read_kept_bits(umsi_pci_of(d), irq->index) | MSIX_ENTRY_MASK;
        level->data = umsi_pci_of(d);
    }
    return &level->word;
}

static void msix_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_pci *pci = umsi_pci_of(d);
    uint32_t *word = kept_word(d, irq);
    *word |= MSIX_ENTRY_MASK;
    write_word(pci, irq->index, *word);
    /* Read back: once we return, the mask has reached the function, and what it sent before is through. */
    (void)umsi_read32(pci->msi.umsi, pci->table, entry(irq->index) + MSIX_ENTRY_CONTROL);
    umsi_rmb();
}

static void msix_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    uint32_t *word = kept_word(d, irq);
    *word &= ~MSIX_ENTRY_MASK;
    write_word(umsi_pci_of(d), irq->index, *word);
}

/* The message changes only while the entry is masked, and is read back before it may be used (L45). */
static enum umsi_status msix_write_message(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_pci *pci = umsi_pci_of(d);
    struct umsi *u = pci->msi.umsi;
    const uint32_t at = entry(irq->index), word = *kept_word(d, irq);
    if (!(word & MSIX_ENTRY_MASK)) {
        write_word(pci, irq->index, word | MSIX_ENTRY_MASK);
    }
    umsi_write32(u, pci->table, at + MSIX_ENTRY_ADDRESS, (uint32_t)irq->message.address);
    umsi_write32(u, pci->table, at + MSIX_ENTRY_UPPER, (uint32_t)(irq->message.address >> 32));
    umsi_write32(u, pci->table, at + MSIX_ENTRY_DATA, irq->message.data);
    (void)umsi_read32(u, pci->table, at + MSIX_ENTRY_DATA);
    umsi_mb();
    if (!(word & MSIX_ENTRY_MASK)) {
        write_word(pci, irq->index, word);
    }
    return UMSI_OK;
}

static const struct umsi_chip chip = {
    .name = "msix",
    .mask = msix_mask,
    .unmask = msix_unmask,
    .write_message = msix_write_message,
    .explain = UMSI_IF_EXPLAIN(umsi_msix_explain),
};

static const struct umsi_msi_template template = {
    .name = "msix",
    .kind = UMSI_MSIX,
    .chip = &chip,
    .max_address = UINT64_MAX,
};

static const struct umsi_msi_template *msix_template(const struct umsi_pci *pci)
{
    (void)pci;
    return &template;
}

static uint32_t msix_count(const struct umsi_pci *pci)
{
    return pci->msix_entries;
}

/* ---- the life of MSI-X, in a task ---- */

/* Only the table's own bytes: the rest of the BAR, the pending bits too, is the driver's. */
static enum umsi_status map_table(struct umsi_pci *pci)
{
    if (pci->table != NULL) {
        return UMSI_OK;
    }
    if (pci->ops->map_bar != NULL) {
        pci->table =
            pci->ops->map_bar(pci->handle, pci->table_bar, pci->table_offset, table_size(pci));
    }
    if (pci->table != NULL) {
        return UMSI_OK;
    }
    umsi_log(pci->msi.umsi, UMSI_LOG_ERROR,
             "%s: the MSI-X table (BAR %u offset 0x%lx, %u entries) %s", pci->msi.name,
             pci->table_bar, pci->table_offset, pci->msix_entries, "cannot be mapped");
    return UMSI_UNSUPPORTED;
}

static void unmap_table(struct umsi_pci *pci)
{
    if (pci->table != NULL && pci->ops->unmap_bar != NULL) {
        pci->ops->unmap_bar(pci->handle, pci->table, table_size(pci));
    }
    pci->table = NULL;
}

/* Set or clear every entry's mask bit; says how many read as clear before. */
static uint32_t mask_entries(struct umsi_pci *pci, uint32_t mask)
{
    uint32_t clear = 0;
    for (uint32_t i = 0; i < pci->msix_entries; i++) {
        uint32_t word = umsi_read32(pci->msi.umsi, pci->table, entry(i) + MSIX_ENTRY_CONTROL);
        clear += (word & MSIX_ENTRY_MASK) == 0;
        write_word(pci, i, (word == UINT32_MAX ? 0 : word & ~MSIX_ENTRY_MASK) | mask);
    }
    (void)umsi_read32(pci->msi.umsi, pci->table, entry(0) + MSIX_ENTRY_CONTROL);
    return clear;
}

/*
 * Enable under Function Mask first: some devices drop accesses to the table while MSI-X is off. Then every
 * entry is masked, so that those nobody allocates stay silent (L50).
 */
static enum umsi_status msix_begin(struct umsi_pci *pci)
{
    enum umsi_status st = umsi_pci_memory_on(pci);
    if (st == UMSI_OK) {
        st = map_table(pci);
    }
    if (st != UMSI_OK) {
        return st;
    }
    if (!write_control(pci, MSIX_CONTROL_ENABLE | MSIX_CONTROL_FMASK)) {
        if (pci->kind == 0) { /* else a restore: live vectors mask themselves in the table */
            (void)write_control(pci, 0); /* only the answer may have been lost */
            unmap_table(pci);
        }
        return UMSI_GONE;
    }
    uint32_t clear = mask_entries(pci, MSIX_ENTRY_MASK);
    if (pci->kind == 0) {
        pci->msix_open = clear == pci->msix_entries;
    }
    return UMSI_OK;
}

static enum umsi_status msix_finish(struct umsi_pci *pci, uint32_t n)
{
    (void)n;
    return write_control(pci, MSIX_CONTROL_ENABLE) ? UMSI_OK : UMSI_GONE;
}

static void msix_quiet(struct umsi_pci *pci)
{
    (void)write_control(pci, MSIX_CONTROL_ENABLE | MSIX_CONTROL_FMASK);
}

/*
 * After reset every entry is masked (7.7.2.9). A function that came with all of them clear gets them back so:
 * there are some that heed the mask bits even while MSI-X is off, and would then send no MSI.
 */
static void msix_end(struct umsi_pci *pci)
{
    if (pci->msix_open && umsi_pci_present(pci) == UMSI_OK) {
        (void)mask_entries(pci, 0);
    }
    (void)write_control(pci, 0);
    unmap_table(pci);
}

static bool msix_off(const struct umsi_pci *pci)
{
    uint32_t now;
    return umsi_pci_read(pci, pci->msix_cap + MSIX_CONTROL, 2, &now) &&
           (!(now & MSIX_CONTROL_ENABLE) || write_control(pci, 0));
}

const struct umsi_pci_kind umsi_pci_kind_msix = {
    .kind = UMSI_MSIX,
    .name = "MSI-X",
    .block = false,
    .count = msix_count,
    .template = msix_template,
    .begin = msix_begin,
    .finish = msix_finish,
    .quiet = msix_quiet,
    .end = msix_end,
    .off = msix_off,
};
