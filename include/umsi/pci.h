/* SPDX-License-Identifier: MIT */
/*
 * PCI functions: MSI and MSI-X. Configuration space and BARs stay the kernel's: umsi reaches them through
 * struct umsi_pci_ops (umsi/port.h), and writes only the MSI and MSI-X capabilities and the MSI-X table.
 *
 * Section numbers are those of the PCI Express Base Specification 5.0: 7.7.1 MSI, 7.7.2 MSI-X, 6.1.4.
 */
#ifndef UMSI_PCI_H
#define UMSI_PCI_H

#include <umsi/msi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct umsi_pci_config {
    const struct umsi_pci_ops *ops;
    void *handle;
    const char *name;   /* kept as a pointer */
    uint32_t device_id; /* as the MSI controller sees the function: umsi_pci_msi_map() */
    /* Events all functions with this DeviceID may need together; 0: not shared. umsi_pci_shared_events() */
    uint32_t shared_events;
    /* As in struct umsi_msi_config, for functions with fewer than 64 address bits. */
    umsi_bus max_address;
};

/* Embedded by the kernel's own PCI function. The fields are umsi's. */
struct umsi_pci {
    struct umsi_msi_device msi; /* msi.stats may be read */
    const struct umsi_pci_ops *ops;
    void *handle;
    uint16_t msi_cap, msix_cap; /* offsets; 0: none */
    uint16_t msi_control;       /* Message Control as found, Enable and MME cleared */
    uint16_t msix_control;      /* Message Control as found, Enable and Function Mask cleared */
    uint16_t msix_entries;
    uint8_t table_bar;
    uint64_t table_offset;
    volatile void *table; /* mapped while MSI-X is in use */
    bool msix_open;       /* its entries were found unmasked, and go back to that when it is off */
    uint32_t msi_mask;    /* Mask Bits as last written */
    uint32_t kind;        /* UMSI_MSI or UMSI_MSIX while enabled, else 0 */
    uint32_t granted, asked; /* of the last umsi_pci_alloc_vectors() */
};

/*
 * Attach a function: walk its capabilities, turn off MSI and MSI-X that firmware left on. No vector, no
 * domain yet. `pci` is the caller's storage until umsi_pci_detach(). Context: task.
 * Errors: GONE (configuration space does not answer), INVALID, UNSUPPORTED (parent). A function without
 * either capability attaches; malformed ones are named in the log and left alone.
 */
UMSI_MUST_CHECK enum umsi_status umsi_pci_attach(struct umsi_domain *parent,
                                                 const struct umsi_pci_config *config,
                                                 struct umsi_pci *pci);
/* Free all, turn MSI and MSI-X off, tear down. Always completes, also when the function is gone. Twice is
 * harmless. Context: task. */
void umsi_pci_detach(struct umsi_pci *pci);

/* A driver's wish. Zeroed fields mean "no such wish"; a wish that cannot be served is UNSUPPORTED. */
struct umsi_vectors {
    uint32_t min, max; /* 1 <= min <= max */
    uint32_t kinds; /* UMSI_MSIX | UMSI_MSI | UMSI_INTX, tried in this order; 0: MSI-X, then MSI */
    bool spread;    /* one vector per CPU, round and round, instead of all on one */
    uint32_t reserve_front, reserve_back; /* vectors at the ends left out of the spreading */
    const struct umsi_cpumask *cpus;      /* to use only these; NULL: all online */
};

/*
 * Allocate vectors 0 .. granted-1 and enable MSI-X or MSI; all are masked until requested. Fewer than max are
 * granted when the function or the controller has fewer. On error nothing changed, and the error is that of
 * the level that failed. MSI vectors come in one block.
 * Context: task. Errors: INVALID, STATE (has vectors), NOTFOUND (function has none of the kinds), NOSPACE
 * (min cannot be met), UNSUPPORTED, RANGE, GONE, NOMEM, BUSY, or what the controller says. STATE also when
 * the function's memory decoding is off and the MSI-X table cannot be reached; that is logged, and so is
 * bus mastering that is off, which does not fail: the driver may turn it on later.
 */
UMSI_MUST_CHECK enum umsi_status umsi_pci_alloc_vectors(struct umsi_pci *pci,
                                                        const struct umsi_vectors *want,
                                                        uint32_t *out_granted);
/* Release handlers and vectors, turn MSI or MSI-X off. The domain stays for the next time, until another
 * kind is asked for or the function is detached. Always completes. Context: task. */
void umsi_pci_free_vectors(struct umsi_pci *pci);

/* One more MSI-X vector while others are live, at `index` or UMSI_ANY_INDEX: the lowest free one. With no
 * vector live it enables MSI-X. Context: task. Errors: STATE (MSI is in use), RANGE, EXISTS, as above. */
UMSI_MUST_CHECK enum umsi_status umsi_pci_alloc_at(struct umsi_pci *pci, uint32_t index,
                                                   uint32_t *out_index);
void umsi_pci_free_at(struct umsi_pci *pci, uint32_t index);

/* Handlers by vector index; see umsi_irq_request() and umsi_irq_free(). Context: task. */
UMSI_MUST_CHECK enum umsi_status umsi_pci_request(struct umsi_pci *pci, uint32_t index,
                                                  umsi_handler handler, void *arg,
                                                  const char *name);
void umsi_pci_release(struct umsi_pci *pci, uint32_t index);
/* UMSI_NO_VIRQ when not allocated. Context: any. */
umsi_virq umsi_pci_virq(struct umsi_pci *pci, uint32_t index);

/* After a reset or a power change of the function: write messages, masks and enables again (L47, L51).
 * The kernel has put back the header (BARs, Command) first. Context: task. Errors: GONE, BUSY, STATE (memory
 * decoding is off). Without vectors it does nothing. */
UMSI_MUST_CHECK enum umsi_status umsi_pci_restore(struct umsi_pci *pci);

/* How many vectors of a kind (UMSI_MSI or UMSI_MSIX) the function has; 0: none. Context: any. */
uint32_t umsi_pci_vector_count(const struct umsi_pci *pci, uint32_t kind);

/* ---- pure helpers: no port, no state. Context: any. ---- */

#define UMSI_PCI_BDF(bus, dev, fn) ((uint16_t)(((bus) << 8) | ((dev) << 3) | (fn)))

enum umsi_pci_bridge_kind {
    UMSI_PCI_BRIDGE_EXPRESS,    /* root port, switch port: requester IDs pass unchanged */
    UMSI_PCI_BRIDGE_TO_PCI,     /* PCI Express to PCI/PCI-X: (secondary bus, 0, 0) */
    UMSI_PCI_BRIDGE_PCI,        /* conventional PCI-to-PCI: the bridge's own ID */
    UMSI_PCI_BRIDGE_TO_EXPRESS, /* PCI to PCI Express (reverse): IDs pass unchanged */
};

struct umsi_pci_bridge {
    uint16_t bdf;
    uint8_t secondary_bus;
    enum umsi_pci_bridge_kind kind;
};

/* The requester ID under which a function's writes arrive at the root complex, given the bridges above it
 * from the nearest to the root. PCI Express to PCI/PCI-X Bridge Specification 1.0, section 2.3. */
uint16_t umsi_pci_requester_id(uint16_t bdf, const struct umsi_pci_bridge *path, uint32_t n);

/* How many events a table for a shared DeviceID needs: the functions' own counts, each rounded up to a power
 * of two, together, and at least 256 where a hot-plug slot may add more. 0 when nothing is shared. */
uint32_t umsi_pci_shared_events(const uint32_t *counts, uint32_t n, bool hotplug);

/* One row of a host bridge's msi-map (devicetree binding pci-msi.txt). */
struct umsi_pci_msi_map_entry {
    uint32_t rid_base, controller, msi_base, length;
};

/*
 * The MSI controller and the DeviceID for a requester ID. `mask` is msi-map-mask, 0xffff when absent. With
 * n == 0 there is no msi-map: the controller is `msi_parent`, the DeviceID the requester ID itself.
 * Errors: NOTFOUND (no row covers it: the function has no MSI), UNSUPPORTED (neither map nor parent).
 */
UMSI_MUST_CHECK enum umsi_status umsi_pci_msi_map(const struct umsi_pci_msi_map_entry *map,
                                                  uint32_t n, uint32_t mask, uint32_t msi_parent,
                                                  uint16_t rid, uint32_t *out_controller,
                                                  uint32_t *out_device_id);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_PCI_H */
