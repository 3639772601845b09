/* SPDX-License-Identifier: MIT */
/*
 * Finding the functions: every bus, bridges to any depth, and root buses that no bridge of the first one leads
 * to (expander bridges: pxb-pcie), each with the bus numbers up to the next root.
 */
#include <stdio.h>

#include "mmu.h"
#include "../end.h"
#include "../memory.h"
#include "pci.h"

#define MULTI_FUNCTION 0x80u
#define HEADER_BRIDGE  1u
#define NO_DEVICE      0xffffu

#define EXPRESS_TYPE(flags)       (((flags) >> 4) & 15u)
#define EXPRESS_SLOT              0x0100u /* Slot Implemented */
#define EXPRESS_TYPE_TO_PCI       7u
#define EXPRESS_TYPE_FROM_PCI     8u
#define EXPRESS_SLOT_CAPABILITIES 0x14u
#define SLOT_HOTPLUG_CAPABLE      0x40u

static bool scan_bus(struct pci_bus *bus);

static volatile uint8_t *config_at(const struct umsi_platform_host *host, unsigned bus,
                                   unsigned devfn)
{
    uint64_t offset = ((uint64_t)(bus - host->first_bus) << 20) | ((uint64_t)devfn << 12);
    return (volatile uint8_t *)(uintptr_t)(host->ecam.base + offset);
}

static uint16_t vendor_at(const struct umsi_platform_host *host, unsigned bus, unsigned devfn)
{
    return *(volatile uint16_t *)config_at(host, bus, devfn);
}

static void fill_function(struct pci_function *f, const struct pci_bus *bus, unsigned devfn)
{
    f->config = config_at(bus->host, bus->number, devfn);
    f->segment = (uint16_t)bus->host->segment;
    f->bdf = (uint16_t)((bus->number << 8) | devfn);
    f->vendor = (uint16_t)pci_read(f, 0, 2);
    f->device = (uint16_t)pci_read(f, 2, 2);
    f->class_code = pci_read(f, PCI_CLASS_REVISION, 4) >> 8;
    f->header_type = pci_read(f, PCI_HEADER_TYPE, 1) & 0x7f;
    (void)snprintf(f->name, sizeof(f->name), "%02x:%02x.%x", bus->number, devfn >> 3, devfn & 7);
}

static struct pci_node *add_node(struct pci_bus *bus, unsigned devfn, struct pci_node **tail)
{
    struct pci_node *node = memory_keep(sizeof(*node));
    if (node == NULL) {
        end_note("no memory for PCI functions");
        return NULL;
    }
    fill_function(&node->f, bus, devfn);
    node->bus = bus;
    if (*tail != NULL) {
        (*tail)->sibling = node;
    } else {
        bus->nodes = node;
    }
    *tail = node;
    return node;
}

/* What the bridge does to requester IDs, and whether functions may appear below it. */
static void classify_bridge(struct pci_node *node)
{
    uint16_t cap = pci_find_capability(&node->f, PCI_CAP_EXPRESS);
    if (cap == 0) {
        node->kind = UMSI_PCI_BRIDGE_PCI;
        node->hotplug_below =
            true; /* a standard hot-plug controller may be there: PCI bridges carry one */
        return;
    }
    uint32_t flags = pci_read(&node->f, (uint16_t)(cap + 2), 2);
    node->kind = EXPRESS_TYPE(flags) == EXPRESS_TYPE_TO_PCI     ? UMSI_PCI_BRIDGE_TO_PCI
                 : EXPRESS_TYPE(flags) == EXPRESS_TYPE_FROM_PCI ? UMSI_PCI_BRIDGE_TO_EXPRESS
                                                                : UMSI_PCI_BRIDGE_EXPRESS;
    if (node->kind == UMSI_PCI_BRIDGE_TO_PCI) {
        node->hotplug_below = true;
    } else if ((flags & EXPRESS_SLOT) != 0) {
        uint32_t slot = pci_read(&node->f, (uint16_t)(cap + EXPRESS_SLOT_CAPABILITIES), 4);
        node->hotplug_below = (slot & SLOT_HOTPLUG_CAPABLE) != 0;
    }
}

/* Can the bridge pass 64-bit addresses? Base Specification 7.5.1.3.9. */
static bool has_high_window(const struct pci_function *f)
{
    pci_write(f, PCI_PREF_BASE, 4, 0x0000fff0);
    return (pci_read(f, PCI_PREF_BASE, 2) & 15) == 1;
}

static bool scan_bridge(struct pci_node *node)
{
    struct pci_bus *up = node->bus, *below = memory_keep(sizeof(*below));
    if (below == NULL || up->last == up->limit) {
        end_note(below == NULL ? "no memory for PCI buses" : "no bus number left below %s",
                 node->f.name);
        return false;
    }
    classify_bridge(node);
    bool conventional = node->kind == UMSI_PCI_BRIDGE_TO_PCI || node->kind == UMSI_PCI_BRIDGE_PCI;
    *below = (struct pci_bus){ .host = up->host,
                               .bridge = node,
                               .number = (uint8_t)(up->last + 1),
                               .last = (uint8_t)(up->last + 1),
                               .limit = up->limit,
                               .high = up->high && has_high_window(&node->f),
                               .express_path = up->express_path && !conventional };
    node->below = below;
    pci_write(&node->f, PCI_PRIMARY_BUS, 1, up->number);
    pci_write(&node->f, PCI_SECONDARY_BUS, 1, below->number);
    pci_write(&node->f, PCI_SUBORDINATE_BUS, 1, up->limit);
    bool ok = scan_bus(below);
    pci_write(&node->f, PCI_SUBORDINATE_BUS, 1, below->last);
    up->last = below->last;
    return ok;
}

static bool scan_device(struct pci_bus *bus, unsigned device, struct pci_node **tail)
{
    unsigned functions = 1;
    for (unsigned fn = 0; fn < functions; fn++) {
        unsigned devfn = device << 3 | fn;
        if (vendor_at(bus->host, bus->number, devfn) == NO_DEVICE) {
            continue;
        }
        struct pci_node *node = add_node(bus, devfn, tail);
        if (node == NULL) {
            return false;
        }
        if (fn == 0 && (pci_read(&node->f, PCI_HEADER_TYPE, 1) & MULTI_FUNCTION) != 0) {
            functions = 8;
        }
        if (node->f.header_type == HEADER_BRIDGE && !scan_bridge(node)) {
            return false;
        }
    }
    return true;
}

static bool scan_bus(struct pci_bus *bus)
{
    struct pci_node *tail = NULL;
    for (unsigned device = 0; device < 32; device++) {
        if (!scan_device(bus, device, &tail)) {
            return false;
        }
    }
    return true;
}

/* Forget the numbers that firmware gave to bridges: until they get new ones they lead nowhere. */
static void reset_bridges(const struct umsi_platform_host *host, unsigned bus)
{
    for (unsigned devfn = 0; devfn < 256; devfn++) {
        volatile uint8_t *config = config_at(host, bus, devfn);
        if (vendor_at(host, bus, devfn) != NO_DEVICE &&
            (config[PCI_HEADER_TYPE] & 0x7f) == HEADER_BRIDGE) {
            config[PCI_PRIMARY_BUS] = 0;
            config[PCI_SECONDARY_BUS] = 0;
            config[PCI_SUBORDINATE_BUS] = 0;
        }
    }
}

static bool is_root(const struct umsi_platform_host *host, unsigned bus)
{
    bool any = bus == host->first_bus;
    for (unsigned device = 0; device < 32 && !any; device++) {
        any = vendor_at(host, bus, device << 3) != NO_DEVICE;
    }
    return any;
}

/* All buses that answer while no bridge forwards anything: the host bridge's own, and expanders'. */
static bool find_roots(const struct umsi_platform_host *host, struct pci_bus **out_roots)
{
    struct pci_bus **link = out_roots, *previous = NULL;
    for (unsigned number = host->first_bus; number <= host->last_bus; number++) {
        if (!is_root(host, number)) {
            continue;
        }
        reset_bridges(host, number);
        struct pci_bus *root = memory_keep(sizeof(*root));
        if (root == NULL) {
            end_note("no memory for PCI buses");
            return false;
        }
        *root = (struct pci_bus){ .host = host,
                                  .number = (uint8_t)number,
                                  .last = (uint8_t)number,
                                  .limit = host->last_bus,
                                  .high = true,
                                  .express_path = true };
        if (previous != NULL) {
            previous->limit = (uint8_t)(number - 1);
        }
        *link = previous = root;
        link = &root->next;
    }
    return true;
}

bool pci_scan_host(const struct umsi_platform_host *host, struct pci_bus **out_roots)
{
    uint64_t needed = (uint64_t)(host->last_bus - host->first_bus + 1) << 20;
    *out_roots = NULL;
    if (host->last_bus < host->first_bus || host->ecam.size < needed ||
        !mmu_map(host->ecam.base, needed, MMU_DEVICE)) {
        end_note("PCI segment %u: configuration space at %#lx cannot be used", host->segment,
                 (unsigned long)host->ecam.base);
        return false;
    }
    if (!find_roots(host, out_roots)) {
        return false;
    }
    for (struct pci_bus *root = *out_roots; root != NULL; root = root->next) {
        if (!scan_bus(root)) {
            return false;
        }
    }
    return true;
}
