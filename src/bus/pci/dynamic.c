/* SPDX-License-Identifier: MIT */
/*
 * MSI-X vectors one at a time, while others are live. Nothing about the function changes but the one entry:
 * it is masked, as all entries without a vector are (L50). The first one turns MSI-X on, the last one off.
 */
#include "pci_int.h"

static enum umsi_status alloc_one(struct umsi_pci *pci, uint32_t index, uint32_t *out_index)
{
    const struct umsi_msi_want want = { .first = index, .n = 1 };
    return umsi_msi_alloc_slot(&pci->msi, UMSI_PCI_SLOT, &want, out_index);
}

static enum umsi_status alloc_first(struct umsi_pci *pci, uint32_t index, uint32_t *out_index)
{
    const struct umsi_pci_kind *kind = &umsi_pci_kind_msix;
    uint32_t got = 0;
    enum umsi_status st = kind->begin(pci);
    if (st != UMSI_OK) {
        return st;
    }
    st = alloc_one(pci, index, &got);
    if (st != UMSI_OK) {
        kind->end(pci);
        return st;
    }
    st = kind->finish(pci, 1);
    if (st != UMSI_OK) {
        umsi_msi_free_slot(&pci->msi, UMSI_PCI_SLOT, got, 1);
        kind->end(pci);
        return st;
    }
    pci->kind = UMSI_MSIX;
    *out_index = got;
    umsi_pci_warn_bus_master(pci);
    return UMSI_OK;
}

static enum umsi_status turn_on(struct umsi_pci *pci, uint32_t index, uint32_t *out_index)
{
    struct umsi_pci_domain_was was;
    uint32_t size, least = index == UMSI_ANY_INDEX ? 1 : index + 1;
    if (least > umsi_pci_usable(pci, &umsi_pci_kind_msix)) {
        return UMSI_RANGE;
    }
    umsi_pci_domain_note(pci, &was);
    enum umsi_status st = umsi_pci_domain_use(pci, &umsi_pci_kind_msix, least, &size);
    if (st == UMSI_OK) {
        st = alloc_first(pci, index, out_index);
    }
    if (st != UMSI_OK) {
        umsi_pci_domain_put_back(pci, &was);
    }
    return st;
}

static enum umsi_status alloc_at_locked(struct umsi_pci *pci, uint32_t index, uint32_t *out_index)
{
    const uint32_t can = umsi_pci_parent_can(pci);
    if (pci->kind != 0 && pci->kind != UMSI_MSIX) {
        return UMSI_STATE;
    }
    if (pci->msix_entries == 0) {
        return UMSI_NOTFOUND;
    }
    if (!(can & UMSI_MSIX) || (pci->kind != 0 && !(can & UMSI_MSIX_DYNAMIC))) {
        return UMSI_UNSUPPORTED;
    }
    enum umsi_status st = umsi_pci_present(pci);
    if (st != UMSI_OK) {
        return st;
    }
    return pci->kind != 0 ? alloc_one(pci, index, out_index) : turn_on(pci, index, out_index);
}

enum umsi_status umsi_pci_alloc_at(struct umsi_pci *pci, uint32_t index, uint32_t *out_index)
{
    if (pci == NULL || pci->ops == NULL || out_index == NULL) {
        return UMSI_INVALID;
    }
    enum umsi_status st = umsi_msi_lock(&pci->msi);
    if (st == UMSI_OK) {
        st = alloc_at_locked(pci, index, out_index);
        umsi_msi_unlock(&pci->msi);
    }
    return st;
}

static void free_at_locked(struct umsi_pci *pci, uint32_t index)
{
    if (pci->kind != UMSI_MSIX) {
        umsi_log(pci->msi.umsi, UMSI_LOG_WARN, "%s: vector %u is no MSI-X vector: not freed",
                 pci->msi.name, index);
        return;
    }
    umsi_msi_free_slot(&pci->msi, UMSI_PCI_SLOT, index, 1);
    if (pci->msi.stats.live == 0) {
        umsi_pci_stop(pci);
    }
}

void umsi_pci_free_at(struct umsi_pci *pci, uint32_t index)
{
    if (pci != NULL && pci->ops != NULL) {
        umsi_msi_lock_wait(&pci->msi);
        free_at_locked(pci, index);
        umsi_msi_unlock(&pci->msi);
    }
}
