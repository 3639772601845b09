/* SPDX-License-Identifier: MIT */
/*
 * From a function to an ITS: bridges to conventional PCI, which has no Requester IDs, put one of their own in
 * place of the function's (PCI Express to PCI/PCI-X Bridge Specification 1.0, 2.3), and the host bridge gives what
 * arrives a DeviceID. Functions that share a Requester ID share all that follows from it.
 */
#include "pci.h"

static uint16_t through(const struct model_pci_bridge *b, uint16_t rid)
{
    switch (b->kind) {
    case MODEL_BRIDGE_TO_PCI:
        return (uint16_t)(b->secondary << 8);
    case MODEL_BRIDGE_PCI:
        return b->bdf;
    default:
        return rid;
    }
}

void pci_find_way(struct model_pci *f)
{
    struct model_pci_config *c = &f->cfg;
    uint16_t rid = c->bdf;
    f->its = UINT32_MAX;
    for (uint32_t i = 0; i < c->nr_path; i++) {
        rid = through(&c->path[i], rid);
    }
    if (c->map != NULL) {
        c->device_id = UINT32_MAX;
        f->its = MODEL_MAX_ITS; /* none, unless a row says so */
    }
    for (uint32_t i = 0; c->map != NULL && i < c->nr_map; i++) {
        if (rid >= c->map[i].rid && rid - c->map[i].rid < c->map[i].length) {
            c->device_id = c->map[i].device + (rid - c->map[i].rid);
            f->its = c->map[i].its;
            break;
        }
    }
    c->path = NULL; /* the caller's, not kept */
    c->map = NULL;
}
