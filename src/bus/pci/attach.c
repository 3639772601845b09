/* SPDX-License-Identifier: MIT */
/* A function comes, is reset, and goes; it may go without a word, and detach still completes. */
#include "pci_int.h"

#include "../../core/memfn.h"

/* Where messages or the wire come from; NULL: nowhere, or from two instances. */
static struct umsi *instance_of(const struct umsi_domain *parent, const struct umsi_pci_intx *wire)
{
    if (parent == NULL) {
        return wire != NULL ? wire->umsi : NULL;
    }
    return wire == NULL || wire->umsi == parent->umsi ? parent->umsi : NULL;
}

static enum umsi_status check_config(const struct umsi_domain *parent,
                                     const struct umsi_pci_config *config,
                                     const struct umsi_pci *pci)
{
    if (config == NULL || pci == NULL || config->ops == NULL) {
        return UMSI_INVALID;
    }
    if (config->ops->read == NULL || config->ops->write == NULL || config->name == NULL) {
        return UMSI_INVALID;
    }
    if (config->intx != NULL && !UMSI_WITH_INTX) {
        return UMSI_UNSUPPORTED;
    }
    return instance_of(parent, config->intx) != NULL ? UMSI_OK : UMSI_INVALID;
}

/* A device without an MSI controller: it is named, locked and detached, and never gets a domain. */
static void init_wired(const struct umsi_pci_config *config, struct umsi_pci *pci)
{
    memset(&pci->msi, 0, sizeof(pci->msi));
    pci->msi.umsi = config->intx->umsi;
    pci->msi.name = config->name;
    pci->msi.handle = config->handle;
}

static enum umsi_status init_device(struct umsi_domain *parent,
                                    const struct umsi_pci_config *config, struct umsi_pci *pci)
{
    const struct umsi_msi_config device = {
        .name = config->name,
        .handle = config->handle,
        .device_id = config->device_id,
        .shared_events = config->shared_events,
        .max_address = config->max_address,
    };
    if (UMSI_WITH_INTX && parent == NULL) {
        init_wired(config, pci);
        return UMSI_OK;
    }
    return umsi_msi_device_init(parent, &device, &pci->msi);
}

enum umsi_status umsi_pci_attach(struct umsi_domain *parent, const struct umsi_pci_config *config,
                                 struct umsi_pci *pci)
{
    enum umsi_status st = check_config(parent, config, pci);
    if (st != UMSI_OK) {
        return st;
    }
    pci->ops = NULL; /* until it is attached */
    st = init_device(parent, config, pci);
    if (st != UMSI_OK) {
        return st;
    }
    memset(&pci->ops, 0, sizeof(*pci) - offsetof(struct umsi_pci, ops)); /* all but the base */
    pci->ops = config->ops;
    pci->handle = config->handle;
    st = umsi_pci_find_caps(pci);
    if (st != UMSI_OK) {
        umsi_pci_detach(pci);
    } else if (UMSI_WITH_INTX) {
        umsi_pci_intx_join(pci, config->intx);
    }
    return st;
}

void umsi_pci_detach(struct umsi_pci *pci)
{
    if (pci == NULL || pci->ops == NULL) {
        return;
    }
    umsi_pci_free_vectors(pci);
    umsi_msi_detach(&pci->msi);
    if (UMSI_WITH_INTX) {
        umsi_pci_intx_leave(pci);
    }
    pci->ops = NULL;
}

static enum umsi_status restore_locked(struct umsi_pci *pci)
{
    const struct umsi_pci_kind *kind = umsi_pci_kind_now(pci);
    if (pci->kind == 0) {
        return UMSI_OK;
    }
    enum umsi_status st = umsi_pci_present(pci);
    if (umsi_pci_has_wire(pci)) { /* nothing of it is in the function */
        umsi_pci_intx_warn_disabled(pci);
        return st;
    }
    if (st == UMSI_OK) {
        st = kind->begin(pci);
    }
    if (st == UMSI_OK) {
        st = umsi_msi_restore_slot(&pci->msi, UMSI_PCI_SLOT);
    }
    if (st == UMSI_OK) {
        st = kind->finish(pci, pci->granted);
        umsi_pci_warn_bus_master(pci);
    }
    return st;
}

enum umsi_status umsi_pci_restore(struct umsi_pci *pci)
{
    if (pci == NULL || pci->ops == NULL) {
        return UMSI_INVALID;
    }
    enum umsi_status st = umsi_msi_lock(&pci->msi);
    if (st == UMSI_OK) {
        st = restore_locked(pci);
        umsi_msi_unlock(&pci->msi);
    }
    return st;
}
