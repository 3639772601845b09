/* SPDX-License-Identifier: MIT */
/*
 * The demo's PCI layer. It relies on no firmware: buses are numbered, BARs sized and placed, bridge windows
 * opened here.
 */
#ifndef DEMO_PCI_H
#define DEMO_PCI_H

#include <umsi/fw/platform.h>

#include "../driver.h"

/* Address spaces below a host bridge. */
enum pci_space { PCI_LOW, PCI_HIGH, PCI_SPACES }; /* 32-bit memory; 64-bit, mostly prefetchable */

/* Something that wants addresses: a BAR, or the window of a bridge. */
struct pci_request {
    uint64_t size, align; /* 0: nothing wanted */
    struct pci_node *node;
    int bar;                  /* -1: the bridge's window */
    struct pci_request *next; /* on the same bus, in the same space, descending by align */
};

struct pci_bus {
    const struct umsi_platform_host *host;
    struct pci_node *bridge; /* NULL: a root bus */
    struct pci_node *nodes;  /* by device and function */
    struct pci_request *wants[PCI_SPACES];
    struct pci_bus *next; /* of a host bridge's root buses */
    uint8_t number, last; /* last: the highest number given out below */
    uint8_t limit;        /* the highest number it may give out */
    bool high;            /* 64-bit addresses can be reached here */
    bool express_path;    /* no conventional bus between here and the root */
};

/* One function, as the PCI layer sees it; drivers see its first member. */
struct pci_node {
    struct pci_function f;
    struct pci_bus *bus;   /* it is on */
    struct pci_bus *below; /* NULL: not a bridge */
    enum umsi_pci_bridge_kind kind;
    struct pci_request bar_wants[6], window_wants[PCI_SPACES];
    struct pci_node *sibling;
    /* For the MSI side: */
    struct umsi_domain *parent; /* NULL: none for it */
    uint32_t device_id, shared_events;
    struct umsi_pci_intx *wire; /* NULL: none for it */
    uint32_t msi_vectors, msix_vectors;
    bool hotplug_below;
    bool incomplete; /* a BAR has no address: its memory is not decoded */
};

/* All functions in the order of their numbers, through pci_function.next; NULL with *out_n == 0: no PCI, or
 * nothing on it. False: why was noted. */
bool pci_enumerate(const struct umsi_platform *hw, struct pci_function **out_list, unsigned *out_n);

/* The pieces of it, in this order. */
bool pci_scan_host(const struct umsi_platform_host *host, struct pci_bus **out_roots);
bool pci_place_host(const struct umsi_platform_host *host, struct pci_bus *roots);
void pci_enable(struct pci_bus *bus);

/* Requester ID, MSI parent, DeviceID and what functions with the same DeviceID need together; the wire of INTx. */
void pci_find_msi(struct pci_function *list);

static inline struct pci_node *pci_node(struct pci_function *f)
{
    return (struct pci_node *)f;
}

/* The offset of a capability, 0 when there is none. */
uint16_t pci_find_capability(const struct pci_function *f, uint8_t id);

extern const struct umsi_pci_ops pci_umsi_ops;

#define PCI_COMMAND          0x04
#define PCI_COMMAND_MEMORY   0x0002u
#define PCI_COMMAND_MASTER   0x0004u
#define PCI_COMMAND_DECODE   0x0003u
#define PCI_COMMAND_NO_INTX  0x0400u
#define PCI_STATUS           0x06
#define PCI_STATUS_CAPS      0x0010u
#define PCI_CLASS_REVISION   0x08
#define PCI_HEADER_TYPE      0x0e
#define PCI_BAR0             0x10
#define PCI_PRIMARY_BUS      0x18
#define PCI_SECONDARY_BUS    0x19
#define PCI_SUBORDINATE_BUS  0x1a
#define PCI_IO_BASE          0x1c
#define PCI_MEMORY_BASE      0x20
#define PCI_PREF_BASE        0x24
#define PCI_PREF_BASE_UPPER  0x28
#define PCI_PREF_LIMIT_UPPER 0x2c
#define PCI_CAPABILITIES     0x34
#define PCI_INTERRUPT_PIN    0x3d
#define PCI_CAP_MSI          0x05
#define PCI_CAP_EXPRESS      0x10
#define PCI_CAP_MSIX         0x11

#endif /* DEMO_PCI_H */
