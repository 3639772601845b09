/* SPDX-License-Identifier: MIT */
/*
 * PCI, from the host bridges the firmware names to a list of functions that answer.
 */
#include "pci.h"

static void add_sorted(struct pci_function *f, struct pci_function **list)
{
    uint32_t key = (uint32_t)f->segment << 16 | f->bdf;
    struct pci_function **link = list;
    while (*link != NULL && ((uint32_t)(*link)->segment << 16 | (*link)->bdf) < key) {
        link = &(*link)->next;
    }
    f->next = *link;
    *link = f;
}

static unsigned collect(struct pci_bus *bus, struct pci_function **list)
{
    unsigned n = 0;
    for (struct pci_node *node = bus->nodes; node != NULL; node = node->sibling) {
        add_sorted(&node->f, list);
        n += 1 + (node->below != NULL ? collect(node->below, list) : 0);
    }
    return n;
}

bool pci_enumerate(const struct umsi_platform *hw, struct pci_function **out_list, unsigned *out_n)
{
    *out_list = NULL;
    *out_n = 0;
    for (unsigned i = 0; i < hw->nr_hosts; i++) {
        struct pci_bus *roots = NULL;
        if (!pci_scan_host(&hw->host[i], &roots) || !pci_place_host(&hw->host[i], roots)) {
            return false;
        }
        for (struct pci_bus *root = roots; root != NULL; root = root->next) {
            pci_enable(root);
            *out_n += collect(root, out_list);
        }
    }
    return true;
}
