/* SPDX-License-Identifier: MIT */
/*
 * The interrupt side of a function: the requester ID its messages arrive under, the controller and DeviceID that
 * makes, how many events the functions that share a DeviceID need together, and the wire of its INTx.
 */
#include "../platform.h"
#include "pci.h"

#define MAX_DEPTH  256u /* one bridge per bus number */
#define MAX_SHARED 64u

/* The bridges above a function, from the nearest to the root. Boot CPU only. */
static const struct umsi_pci_bridge *bridges_above(const struct pci_node *node, uint32_t *out_n)
{
    static struct umsi_pci_bridge path[MAX_DEPTH];
    uint32_t n = 0;
    for (const struct pci_bus *bus = node->bus; bus->bridge != NULL; bus = bus->bridge->bus) {
        path[n++] = (struct umsi_pci_bridge){ .bdf = bus->bridge->f.bdf,
                                              .secondary_bus = bus->number,
                                              .kind = bus->bridge->kind };
    }
    *out_n = n;
    return path;
}

static uint16_t requester_id(const struct pci_node *node)
{
    uint32_t n;
    const struct umsi_pci_bridge *path = bridges_above(node, &n);
    return umsi_pci_requester_id(node->f.bdf, path, n);
}

static struct umsi_pci_intx *wire_of(const struct pci_node *node)
{
    uint32_t n, pin = pci_read(&node->f, PCI_INTERRUPT_PIN, 1);
    const struct umsi_pci_bridge *path = bridges_above(node, &n);
    uint16_t bdf = 0;
    pin = umsi_pci_intx_swizzle(pin, node->f.bdf, path, n, &bdf);
    return pin != 0 ? platform_wire(node->bus->host, bdf, pin) : NULL;
}

static void count_vectors(struct pci_node *node)
{
    uint16_t msi = pci_find_capability(&node->f, PCI_CAP_MSI);
    uint16_t msix = pci_find_capability(&node->f, PCI_CAP_MSIX);
    if (msi != 0) {
        unsigned log2 = (pci_read(&node->f, (uint16_t)(msi + 2), 2) >> 1) & 7;
        node->msi_vectors = log2 <= 5 ? 1u << log2 : 0;
    }
    if (msix != 0) {
        node->msix_vectors = (pci_read(&node->f, (uint16_t)(msix + 2), 2) & 0x7ff) + 1;
    }
}

static bool share(const struct pci_node *a, const struct pci_node *b)
{
    return a->parent != NULL && a->parent == b->parent && a->device_id == b->device_id;
}

/* Something may be plugged in that gets the same requester ID: below a bridge that takes it over. */
static bool may_grow(const struct pci_node *node)
{
    const struct pci_node *bridge = node->bus->bridge;
    return bridge != NULL && !node->bus->express_path && bridge->hotplug_below;
}

static uint32_t shared_events(const struct pci_node *node, struct pci_function *list)
{
    uint32_t counts[MAX_SHARED], n = 0, users = 0;
    bool hotplug = false;
    for (struct pci_function *f = list; f != NULL; f = f->next) {
        const struct pci_node *other = pci_node(f);
        uint32_t most =
            other->msi_vectors > other->msix_vectors ? other->msi_vectors : other->msix_vectors;
        if (!share(node, other) || most == 0) {
            continue;
        }
        users++;
        hotplug = hotplug || may_grow(other);
        if (n < MAX_SHARED) {
            counts[n++] = most;
        } else {
            counts[n - 1] += most;
        }
    }
    return users > 1 || hotplug ? umsi_pci_shared_events(counts, n, hotplug) : 0;
}

void pci_find_msi(struct pci_function *list)
{
    for (struct pci_function *f = list; f != NULL; f = f->next) {
        struct pci_node *node = pci_node(f);
        count_vectors(node);
        if (platform_msi(node->bus->host, requester_id(node), &node->parent, &node->device_id) !=
            UMSI_OK) {
            node->parent = NULL;
        }
        node->wire = wire_of(node);
    }
    for (struct pci_function *f = list; f != NULL; f = f->next) {
        pci_node(f)->shared_events = shared_events(pci_node(f), list);
    }
}
