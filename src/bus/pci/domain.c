/* SPDX-License-Identifier: MIT */
/*
 * Which domain a function's slot has: MSI's or MSI-X's. It is made at its full size, once, so that prepare
 * is sized right (L4); it stays while vectors come and go, and is replaced when the other kind is asked for.
 */
#include "pci_int.h"

void umsi_pci_domain_note(const struct umsi_pci *pci, struct umsi_pci_domain_was *out)
{
    out->template = umsi_msi_domain_template(&pci->msi, UMSI_PCI_SLOT, &out->size);
}

/* The largest power of two that is not above n. */
static uint32_t round_down(uint32_t n)
{
    uint32_t e = umsi_pci_log2_up(n);
    return ((uint32_t)1 << e) == n ? n : (uint32_t)1 << (e - 1);
}

uint32_t umsi_pci_usable(const struct umsi_pci *pci, const struct umsi_pci_kind *kind)
{
    const struct umsi_msi_parent_ops *parent = pci->msi.parent->msi;
    uint32_t n = kind->count(pci);
    if (parent->max_events != 0 && n > parent->max_events) {
        n = parent->max_events;
    }
    if (kind->block && n > 1) { /* the rest of a block is reserved too (L15) */
        n = parent->can & UMSI_MSI_MULTI ? round_down(n) : 1;
    }
    return n;
}

/* Is less room worth a try? The controller's width, or what a shared DeviceID has left, may be smaller. */
static bool less_may_fit(enum umsi_status st)
{
    return st == UMSI_RANGE || st == UMSI_NOSPACE;
}

static enum umsi_status create(struct umsi_pci *pci, const struct umsi_pci_kind *kind,
                               uint32_t least)
{
    const struct umsi_msi_template *t = kind->template(pci);
    uint32_t size = umsi_pci_usable(pci, kind);
    enum umsi_status st = umsi_msi_domain_create(&pci->msi, UMSI_PCI_SLOT, t, size);
    while (less_may_fit(st) && size > 1 && round_down(size - 1) >= least) {
        size = round_down(size - 1);
        st = umsi_msi_domain_create(&pci->msi, UMSI_PCI_SLOT, t, size);
    }
    if (st == UMSI_OK && size < kind->count(pci)) {
        umsi_log(pci->msi.umsi, UMSI_LOG_WARN,
                 "%s: has %u %s vectors, the controller has room for %u", pci->msi.name,
                 kind->count(pci), kind->name, size);
    }
    return st;
}

enum umsi_status umsi_pci_domain_use(struct umsi_pci *pci, const struct umsi_pci_kind *kind,
                                     uint32_t least, uint32_t *out_size)
{
    struct umsi_pci_domain_was now;
    umsi_pci_domain_note(pci, &now);
    enum umsi_status st = UMSI_OK;
    if (now.template != kind->template(pci) || now.size < least) {
        st = umsi_msi_domain_remove(&pci->msi, UMSI_PCI_SLOT);
        if (st == UMSI_OK) {
            st = create(pci, kind, least);
        }
    }
    if (st == UMSI_OK) {
        (void)umsi_msi_domain_template(&pci->msi, UMSI_PCI_SLOT, out_size);
    }
    return st;
}

void umsi_pci_domain_put_back(struct umsi_pci *pci, const struct umsi_pci_domain_was *was)
{
    struct umsi_pci_domain_was now;
    umsi_pci_domain_note(pci, &now);
    if (now.template == was->template && now.size == was->size) {
        return;
    }
    enum umsi_status st = umsi_msi_domain_remove(&pci->msi, UMSI_PCI_SLOT);
    if (st == UMSI_OK && was->template != NULL) {
        st = umsi_msi_domain_create(&pci->msi, UMSI_PCI_SLOT, was->template, was->size);
    }
    if (st != UMSI_OK) {
        umsi_log(pci->msi.umsi, UMSI_LOG_WARN, "%s: its idle domain could not be put back: %s",
                 pci->msi.name, umsi_status_string(st));
    }
}
