/* SPDX-License-Identifier: MIT */
/*
 * The capability list, which comes from the device and is not trusted: it may loop, point anywhere, or read
 * as all ones. Whatever makes no sense is named in the log and left alone; what comes before it is used.
 */
#include "pci_int.h"
#include "pci_regs.h"

struct walk {
    struct umsi_pci *pci;
    uint32_t header;  /* layout of the header */
    uint64_t visited; /* one bit per dword of configuration space */
};

static void malformed(const struct walk *w, const char *field, uint32_t value)
{
    umsi_log(w->pci->msi.umsi, UMSI_LOG_WARN, "%s: malformed %s 0x%x: ignored", w->pci->msi.name,
             field, value);
}

static bool fits(const struct walk *w, const char *name, uint32_t at, uint32_t size)
{
    if (at + size <= PCI_CONFIG_SIZE) {
        return true;
    }
    malformed(w, name, at);
    return false;
}

/* ---- MSI, 7.7.1 ---- */

static uint32_t msi_size(uint32_t control)
{
    if (control & MSI_CONTROL_MASK) {
        return control & MSI_CONTROL_64 ? MSI_SIZE_MASK_64 : MSI_SIZE_MASK_32;
    }
    return control & MSI_CONTROL_64 ? MSI_SIZE_64 : MSI_SIZE_32;
}

static bool msi_sane(const struct walk *w, uint32_t at, uint32_t control)
{
    if (control == 0xffff || (control & MSI_CONTROL_MMC) >> MSI_MMC_SHIFT > MSI_MMC_MAX) {
        malformed(w, "MSI Message Control", control);
        return false;
    }
    return fits(w, "MSI capability offset", at, msi_size(control));
}

/* Off before it is judged: what firmware left on must not fire, used or not. */
static enum umsi_status turn_off(const struct walk *w, const char *name, uint32_t offset,
                                 uint32_t control, uint32_t enable, uint32_t clear)
{
    if (!(control & enable) || control == 0xffff) {
        return UMSI_OK;
    }
    umsi_log(w->pci->msi.umsi, UMSI_LOG_INFO, "%s: %s was left on: turned off", w->pci->msi.name,
             name);
    return umsi_pci_write(w->pci, offset, 2, control & ~clear) ? UMSI_OK : UMSI_GONE;
}

static enum umsi_status found_msi(const struct walk *w, uint32_t at)
{
    const uint32_t ours = MSI_CONTROL_ENABLE | MSI_CONTROL_MME | MSI_CONTROL_EXT;
    uint32_t control;
    if (!umsi_pci_read(w->pci, at + MSI_CONTROL, 2, &control)) {
        return UMSI_GONE;
    }
    enum umsi_status st = turn_off(w, "MSI", at + MSI_CONTROL, control, MSI_CONTROL_ENABLE, ours);
    if (st == UMSI_OK && msi_sane(w, at, control)) {
        w->pci->msi_cap = (uint16_t)at;
        w->pci->msi_control = (uint16_t)(control & ~ours);
    }
    return st;
}

/* ---- MSI-X, 7.7.2 ---- */

/* BARs a header of this layout has; a BAR Indicator beyond is reserved. */
static uint32_t bars(uint32_t header)
{
    return header == PCI_HEADER_NORMAL ? 6 : header == PCI_HEADER_BRIDGE ? 2 : 1;
}

static bool msix_sane(const struct walk *w, uint32_t control, uint32_t table)
{
    if (control == 0xffff) {
        malformed(w, "MSI-X Message Control", control);
        return false;
    }
    if ((table & MSIX_TABLE_BIR) >= bars(w->header)) {
        malformed(w, "MSI-X Table BIR", table & MSIX_TABLE_BIR);
        return false;
    }
    return true;
}

static void take_msix(struct umsi_pci *pci, uint32_t at, uint32_t control, uint32_t table)
{
    pci->msix_cap = (uint16_t)at;
    pci->msix_control = (uint16_t)(control & ~(MSIX_CONTROL_ENABLE | MSIX_CONTROL_FMASK));
    pci->msix_entries = (uint16_t)((control & MSIX_CONTROL_SIZE) + 1);
    pci->table_bar = (uint8_t)(table & MSIX_TABLE_BIR);
    pci->table_offset = table & ~MSIX_TABLE_BIR;
}

static enum umsi_status found_msix(const struct walk *w, uint32_t at)
{
    uint32_t control, table;
    if (!fits(w, "MSI-X capability offset", at, MSIX_SIZE)) {
        return UMSI_OK;
    }
    if (!umsi_pci_read(w->pci, at + MSIX_CONTROL, 2, &control) ||
        !umsi_pci_read(w->pci, at + MSIX_TABLE, 4, &table)) {
        return UMSI_GONE;
    }
    enum umsi_status st = turn_off(w, "MSI-X", at + MSIX_CONTROL, control, MSIX_CONTROL_ENABLE,
                                   MSIX_CONTROL_ENABLE | MSIX_CONTROL_FMASK);
    if (st == UMSI_OK && msix_sane(w, control, table)) {
        take_msix(w->pci, at, control, table);
    }
    return st;
}

/* ---- the list, 7.5.1.1.11 ---- */

static enum umsi_status found(const struct walk *w, uint32_t id, uint32_t at)
{
    bool msi = id == PCI_CAP_ID_MSI, msix = id == PCI_CAP_ID_MSIX;
    if ((msi && w->pci->msi_cap != 0) || (msix && w->pci->msix_cap != 0)) {
        malformed(w, msi ? "second MSI capability at" : "second MSI-X capability at", at);
        return UMSI_OK;
    }
    return msi ? found_msi(w, at) : msix ? found_msix(w, at) : UMSI_OK;
}

/* Where the next capability is; 0: the list ends here, or makes no sense from here on. */
static uint32_t follow(struct walk *w, uint32_t pointer)
{
    uint32_t at = pointer & ~3u; /* software must mask the two reserved bits */
    if (pointer == 0) {
        return 0;
    }
    if (at < PCI_CAP_FIRST) {
        malformed(w, "capability pointer into the header", pointer);
        return 0;
    }
    if (at != pointer) {
        malformed(w, "low bits of capability pointer", pointer);
    }
    if ((w->visited >> (at / 4)) & 1) {
        malformed(w, "capability pointer that loops to", pointer);
        return 0;
    }
    w->visited |= (uint64_t)1 << (at / 4);
    return at;
}

static enum umsi_status walk_list(struct walk *w, uint32_t pointer)
{
    for (uint32_t at = follow(w, pointer); at != 0; at = follow(w, pointer)) {
        uint32_t entry;
        if (!umsi_pci_read(w->pci, at, 2, &entry)) {
            return UMSI_GONE;
        }
        if (entry == 0xffff) {
            malformed(w, "capability of all ones at", at);
            return umsi_pci_present(w->pci);
        }
        enum umsi_status st = found(w, entry & 0xff, at);
        if (st != UMSI_OK) {
            return st;
        }
        pointer = entry >> 8;
    }
    return UMSI_OK;
}

enum umsi_status umsi_pci_find_caps(struct umsi_pci *pci)
{
    struct walk w = { .pci = pci };
    uint32_t command, type, pointer;
    if (!umsi_pci_read_command(pci, &command) || !umsi_pci_read(pci, PCI_HEADER_TYPE, 1, &type)) {
        return UMSI_GONE;
    }
    if (!(command & PCI_STATUS_CAPS)) {
        return UMSI_OK;
    }
    w.header = type & PCI_HEADER_LAYOUT;
    if (w.header > PCI_HEADER_CARDBUS) {
        malformed(&w, "Header Type", type);
        return UMSI_OK;
    }
    uint32_t first = w.header == PCI_HEADER_CARDBUS ? PCI_CAP_POINTER_CB : PCI_CAP_POINTER;
    return umsi_pci_read(pci, first, 1, &pointer) ? walk_list(&w, pointer) : UMSI_GONE;
}
