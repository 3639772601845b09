/* SPDX-License-Identifier: MIT */
/*
 * Giving addresses: BARs are sized, what a bus needs is summed up from the leaves to the root, and addresses are
 * handed out from the root to the leaves, largest alignment first, which leaves no gaps between BARs.
 */
#include "mmu.h"
#include "../console.h"
#include "../end.h"
#include "pci.h"

#define BAR_IO     1u
#define BAR_64     4u
#define BAR_PREF   8u
#define WINDOW     0x100000ull /* bridges open windows in MiB */
#define WINDOW_OFF 0x0000fff0u /* base above limit: closed */

/* Where a space of a host bridge is: device addresses, and what to add for the CPU's. */
struct place {
    uint64_t at, end, cpu_offset;
};

static uint64_t round_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

static void want(struct pci_bus *bus, enum pci_space space, struct pci_request *r)
{
    struct pci_request **link = &bus->wants[space];
    while (*link != NULL && (*link)->align >= r->align) {
        link = &(*link)->next;
    }
    r->next = *link;
    *link = r;
}

/* A 64-bit BAR goes high where that can be reached: a prefetchable one everywhere; any other one only on a
 * root bus or where all bridges above are PCI Express (Base Specification 5.0, 7.5.1.2.1). */
static enum pci_space space_for(const struct pci_bus *bus, uint32_t bar)
{
    bool wide = (bar & BAR_64) != 0, pref = (bar & BAR_PREF) != 0;
    return wide && bus->high && (pref || bus->express_path) ? PCI_HIGH : PCI_LOW;
}

/* Size one BAR; returns how many registers it takes. */
static unsigned size_bar(struct pci_node *node, unsigned bar)
{
    uint16_t at = (uint16_t)(PCI_BAR0 + 4 * bar);
    pci_write(&node->f, at, 4, 0xffffffff);
    uint32_t low = pci_read(&node->f, at, 4), high = 0xffffffff;
    pci_write(&node->f, at, 4, 0);
    if (low == 0 || (low & BAR_IO) != 0) {
        return 1;
    }
    bool wide = (low & BAR_64) != 0 && bar < 5;
    if (wide) {
        pci_write(&node->f, (uint16_t)(at + 4), 4, 0xffffffff);
        high = pci_read(&node->f, (uint16_t)(at + 4), 4);
        pci_write(&node->f, (uint16_t)(at + 4), 4, 0);
    }
    uint64_t size = ~((uint64_t)high << 32 | (low & ~15u)) + 1;
    struct pci_request *r = &node->bar_wants[bar];
    *r = (struct pci_request){
        .size = size, .align = size < 4096 ? 4096 : size, .node = node, .bar = (int)bar
    };
    node->f.bar[bar].size = size;
    want(node->bus, space_for(node->bus, low), r);
    return wide ? 2 : 1;
}

static void size_function(struct pci_node *node)
{
    unsigned bars = node->f.header_type == 0 ? 6 : node->f.header_type == 1 ? 2 : 0;
    uint32_t command =
        pci_read(&node->f, PCI_COMMAND, 2) & ~(PCI_COMMAND_DECODE | PCI_COMMAND_MASTER);
    pci_write(&node->f, PCI_COMMAND, 2, command);
    for (unsigned bar = 0; bar < bars;) {
        bar += size_bar(node, bar);
    }
}

/* How much a bus needs in a space, from an address that is aligned for its first request. */
static uint64_t total(const struct pci_bus *bus, enum pci_space space)
{
    uint64_t at = 0;
    for (const struct pci_request *r = bus->wants[space]; r != NULL; r = r->next) {
        at = round_up(at, r->align) + r->size;
    }
    return at;
}

static void size_bus(struct pci_bus *bus)
{
    for (struct pci_node *node = bus->nodes; node != NULL; node = node->sibling) {
        size_function(node);
        if (node->below == NULL) {
            continue;
        }
        size_bus(node->below);
        for (unsigned space = 0; space < PCI_SPACES; space++) {
            const struct pci_request *first = node->below->wants[space];
            if (first != NULL) {
                struct pci_request *r = &node->window_wants[space];
                *r = (struct pci_request){ .size = round_up(total(node->below, space), WINDOW),
                                           .align = first->align > WINDOW ? first->align : WINDOW,
                                           .node = node,
                                           .bar = -1 };
                want(bus, space, r);
            }
        }
    }
}

static bool place_bar(const struct pci_request *r, uint64_t at, uint64_t cpu_offset)
{
    struct bar *bar = &r->node->f.bar[r->bar];
    uint16_t offset = (uint16_t)(PCI_BAR0 + 4 * (unsigned)r->bar);
    bool wide = (pci_read(&r->node->f, offset, 4) & (BAR_IO | BAR_64)) == BAR_64;
    pci_write(&r->node->f, offset, 4, (uint32_t)at);
    if (wide) {
        pci_write(&r->node->f, (uint16_t)(offset + 4), 4, (uint32_t)(at >> 32));
    }
    bar->phys = at + cpu_offset;
    if (!mmu_map(bar->phys, bar->size, MMU_DEVICE)) {
        end_note("%s: no page tables for BAR %d of %#lx bytes", r->node->f.name, r->bar,
                 (unsigned long)bar->size);
        return false;
    }
    bar->va = (volatile void *)(uintptr_t)bar->phys;
    return true;
}

static void open_window(const struct pci_request *r, enum pci_space space, uint64_t at)
{
    const struct pci_function *f = &r->node->f;
    uint64_t last = at + r->size - 1;
    uint32_t value = ((uint32_t)(at >> 16) & 0xfff0) | ((uint32_t)last & 0xfff00000);
    if (space == PCI_LOW) {
        pci_write(f, PCI_MEMORY_BASE, 4, value);
        return;
    }
    pci_write(f, PCI_PREF_BASE_UPPER, 4, (uint32_t)(at >> 32));
    pci_write(f, PCI_PREF_LIMIT_UPPER, 4, (uint32_t)(last >> 32));
    pci_write(f, PCI_PREF_BASE, 4, value);
}

static void close_windows(const struct pci_function *f)
{
    pci_write(f, PCI_IO_BASE, 2, 0x00f0);
    pci_write(f, PCI_MEMORY_BASE, 4, WINDOW_OFF);
    pci_write(f, PCI_PREF_BASE, 4, WINDOW_OFF);
    pci_write(f, PCI_PREF_BASE_UPPER, 4, 0);
    pci_write(f, PCI_PREF_LIMIT_UPPER, 4, 0);
}

static bool place_bus(struct pci_bus *bus, enum pci_space space, uint64_t at, uint64_t cpu_offset)
{
    for (const struct pci_request *r = bus->wants[space]; r != NULL; r = r->next) {
        at = round_up(at, r->align);
        if (r->bar >= 0 && !place_bar(r, at, cpu_offset)) {
            return false;
        }
        if (r->bar < 0) {
            open_window(r, space, at);
            if (!place_bus(r->node->below, space, at, cpu_offset)) {
                return false;
            }
        }
        at += r->size;
    }
    return true;
}

/* The largest window of the host bridge for a space. */
static struct place find_place(const struct umsi_platform_host *host, enum pci_space space)
{
    struct place best = { 0, 0, 0 };
    for (unsigned i = 0; i < host->nr_windows; i++) {
        const struct umsi_window *w = &host->window[i];
        bool high = w->kind == UMSI_WINDOW_MEM64;
        if (w->kind != UMSI_WINDOW_IO && high == (space == PCI_HIGH) &&
            w->size > best.end - best.at) {
            best = (struct place){ w->bus, w->bus + w->size, w->cpu - w->bus };
        }
    }
    /* No BAR at bus address 0: that means "not placed" to some devices. */
    best.at = best.at == 0 && best.end > WINDOW ? WINDOW : best.at;
    return best;
}

/* Leave out the largest BAR of a root bus: the function has to do without. False: it is a bridge's window. */
static bool leave_out(struct pci_bus *root, enum pci_space space)
{
    const struct pci_request *r = root->wants[space];
    if (r->bar < 0) {
        end_note("%s: the BARs below need %#lx bytes, more than there are", r->node->f.name,
                 (unsigned long)r->size);
        return false;
    }
    print("%s: no room for BAR %d of %#lx bytes\n", r->node->f.name, r->bar,
          (unsigned long)r->size);
    r->node->incomplete = true;
    root->wants[space] = r->next;
    return true;
}

static bool place_root(struct pci_bus *root, enum pci_space space, struct place *place)
{
    while (root->wants[space] != NULL) {
        uint64_t at = round_up(place->at, root->wants[space]->align), size = total(root, space);
        if (at >= place->at && at <= place->end && size <= place->end - at) {
            place->at = at + size;
            return place_bus(root, space, at, place->cpu_offset);
        }
        if (!leave_out(root, space)) {
            return false;
        }
    }
    return true;
}

static void close_all(struct pci_bus *bus, bool high)
{
    bus->high = bus->high && high;
    for (struct pci_node *node = bus->nodes; node != NULL; node = node->sibling) {
        if (node->below != NULL) {
            close_windows(&node->f);
            close_all(node->below, high);
        }
    }
}

bool pci_place_host(const struct umsi_platform_host *host, struct pci_bus *roots)
{
    struct place place[PCI_SPACES] = { find_place(host, PCI_LOW), find_place(host, PCI_HIGH) };
    for (struct pci_bus *root = roots; root != NULL; root = root->next) {
        close_all(root, place[PCI_HIGH].end != 0);
        size_bus(root);
        if (!place_root(root, PCI_LOW, &place[PCI_LOW]) ||
            !place_root(root, PCI_HIGH, &place[PCI_HIGH])) {
            return false;
        }
    }
    return true;
}

/* A BAR that got no address would get in the way of others, at 0: the function decodes no memory. */
static void give_up_memory(struct pci_node *node)
{
    for (unsigned bar = 0; bar < 6; bar++) {
        node->f.bar[bar].va = NULL;
    }
}

void pci_enable(struct pci_bus *bus)
{
    for (struct pci_node *node = bus->nodes; node != NULL; node = node->sibling) {
        uint32_t command = pci_read(&node->f, PCI_COMMAND, 2);
        command |= PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX;
        if (node->incomplete) {
            give_up_memory(node);
        } else {
            command |= PCI_COMMAND_MEMORY;
        }
        pci_write(&node->f, PCI_COMMAND, 2, command);
        if (node->below != NULL) {
            pci_enable(node->below);
        }
    }
}
