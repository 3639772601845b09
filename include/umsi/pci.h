/* SPDX-License-Identifier: MIT */
/*
 * PCI functions: MSI and MSI-X, and INTx for those that get neither. Configuration space and BARs stay the
 * kernel's: umsi reaches them through struct umsi_pci_ops (umsi/port.h), and writes only the MSI and MSI-X
 * capabilities and the MSI-X table.
 *
 * Section numbers are those of the PCI Express Base Specification 5.0: 7.7.1 MSI, 7.7.2 MSI-X, 6.1.4; INTx is
 * in 2.2.8.1 and 7.5.1.1.
 */
#ifndef UMSI_PCI_H
#define UMSI_PCI_H

#include <umsi/msi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct umsi_pci;

/*
 * ---- wires ----
 *
 * A wire that INTx of one or more functions arrives on: up to four per host bridge, whatever hangs below it
 * shares them. Make one of each that is used, before the first function that may ask for UMSI_INTX is attached;
 * umsi_pci_intx_route() and umsi_platform_intx() say which is a function's.
 *
 * What sharing means for a driver. Its handler also runs when another function raised the wire, so it looks
 * at its own device first, and returns when that has nothing. INTx is a level: the handler makes the device
 * take its request back before it returns, and the driver quiets the device before it releases the handler.
 * A request that nobody takes back keeps the CPU busy for as long as the wire has another handler. umsi never
 * writes Command: before it requests a handler the driver clears Interrupt Disable (bit 10) there, and it sets
 * the bit to mask this one function, since umsi_irq_disable() on the wire's virq stops all that share it, and
 * is not forgotten when the one who did it releases its handler.
 */

/* One wire. Storage is the caller's until umsi_pci_intx_remove(); the fields are umsi's. */
struct umsi_pci_intx {
    struct umsi *umsi; /* NULL: not in use */
    umsi_virq virq;
    umsi_lock lock;                 /* the list below, and the states of those in it */
    struct umsi_pci *users;         /* functions with a handler, the latest first; atomic */
    const struct umsi_pci *running; /* whose handler runs now; atomic */
    uint32_t handlers;              /* how many are in the list */
    uint32_t functions;             /* attached with this wire; atomic */
};

/*
 * Make a wire of a level-triggered virq that nobody has requested: of an SPI by umsi_gicv3_map(), or of a
 * domain of the kernel's own (umsi_domain_map()). umsi's handler is installed under `name`, kept as a pointer,
 * and the virq stays masked until a function's handler is requested. Context: task.
 * Errors: INVALID, NOTFOUND (no such virq), UNSUPPORTED (it is edge-triggered), EXISTS (it has a handler).
 */
UMSI_MUST_CHECK enum umsi_status umsi_pci_intx_add(struct umsi *u, umsi_virq virq, const char *name,
                                                   struct umsi_pci_intx *wire);
/* The virq is the caller's again, masked, without a handler; it must not be unmapped before. Context: task.
 * BUSY while a function is attached with this wire; twice is harmless. */
UMSI_MUST_CHECK enum umsi_status umsi_pci_intx_remove(struct umsi_pci_intx *wire);
/* Run the handlers on a wire. For kernels that dispatch themselves, when umsi_acknowledge() named its virq; else
 * umsi does it. Context: interrupt, between umsi_acknowledge() and umsi_end(). */
void umsi_pci_intx_handle(struct umsi_pci_intx *wire);

/* ---- functions ---- */

struct umsi_pci_config {
    const struct umsi_pci_ops *ops;
    void *handle;
    const char *name;   /* kept as a pointer */
    uint32_t device_id; /* as the MSI controller sees the function: umsi_pci_msi_map() */
    /* Events all functions with this DeviceID may need together; 0: not shared. umsi_pci_shared_events() */
    uint32_t shared_events;
    /* As in struct umsi_msi_config, for functions with fewer than 64 address bits. */
    umsi_bus max_address;
    /* The wire of the function's Interrupt Pin, in use until the function is detached; NULL: it gets no INTx. */
    struct umsi_pci_intx *intx;
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
    uint32_t kind;        /* UMSI_MSI or UMSI_MSIX while enabled, UMSI_INTX while granted, else 0 */
    uint32_t granted, asked; /* of the last umsi_pci_alloc_vectors() */
    struct {
        struct umsi_pci_intx *wire; /* NULL: none */
        uint8_t pin;                /* 1 to 4: INTA to INTD; 0: none */
        uint8_t state;              /* of the handler; under the wire's lock */
        umsi_handler handler;
        void *arg;
        struct umsi_pci *next; /* on the wire; atomic */
    } intx;
};

/*
 * Attach a function: walk its capabilities, turn off MSI and MSI-X that firmware left on. No vector, no
 * domain yet. `pci` is the caller's storage until umsi_pci_detach(). A function that no MSI controller serves
 * may have a NULL `parent` when it has a wire: then INTx is all it can get. Context: task.
 * Errors: GONE (configuration space does not answer), INVALID, UNSUPPORTED (parent). A function without
 * either capability attaches; malformed ones are named in the log and left alone.
 */
UMSI_MUST_CHECK enum umsi_status umsi_pci_attach(struct umsi_domain *parent,
                                                 const struct umsi_pci_config *config,
                                                 struct umsi_pci *pci);
/* Free all, turn MSI and MSI-X off, tear down, leave the wire. Always completes, also when the function is gone. Twice is
 * harmless. Context: task. */
void umsi_pci_detach(struct umsi_pci *pci);

/* A driver's wish. Zeroed fields mean "no such wish"; a wish that cannot be served is UNSUPPORTED. */
struct umsi_vectors {
    uint32_t min, max; /* 1 <= min <= max */
    uint32_t kinds; /* UMSI_MSIX | UMSI_MSI | UMSI_INTX, tried in this order; 0: MSI-X, then MSI */
    bool spread; /* one vector per CPU, round and round, instead of all on the least loaded one */
    uint32_t reserve_front,
        reserve_back;                /* vectors at the ends left out of spreading and managing */
    const struct umsi_cpumask *cpus; /* the wanted set; NULL: all */
    /* Divide `cpus`, those that are not online too, among the vectors, as umsi_spread() does; `spread` is implied.
     * Each keeps its share for good: it goes to a CPU of it, is shut down while none is there, and starts again
     * with the first that comes (L53). The driver drains a queue before its last CPU leaves. */
    bool managed;
};

/*
 * Allocate vectors 0 .. granted-1 and enable MSI-X or MSI; all are masked until requested. Fewer than max are
 * granted when the function or the controller has fewer. On error nothing changed, and the error is that of
 * the level that failed. MSI vectors come in one block.
 *
 * The next kind is tried where the function or the controller cannot serve this one, or not min of it: NOSPACE,
 * UNSUPPORTED, NOTFOUND. Any other error ends the call. What was passed over, and why, is logged when vectors are
 * granted.
 *
 * INTx comes last and only where it is asked for, also after a controller that failed: after all errors but GONE
 * and STATE. It is one vector, so min must be 1, and MSI and MSI-X are off while it is granted. Vector 0 is the
 * wire: its virq, target and counts are shared by all functions on it, so `cpus` must have the wire's target in
 * it. Interrupt Disable that is set is logged and does not fail. UNSUPPORTED: the function was attached without
 * a wire. NOTFOUND: its Interrupt Pin says that it has no INTx.
 *
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
 * vector live it enables MSI-X. Context: task. Errors: STATE (MSI or INTx is in use), RANGE, EXISTS, as above. */
UMSI_MUST_CHECK enum umsi_status umsi_pci_alloc_at(struct umsi_pci *pci, uint32_t index,
                                                   uint32_t *out_index);
void umsi_pci_free_at(struct umsi_pci *pci, uint32_t index);

/*
 * Handlers by vector index; see umsi_irq_request() and umsi_irq_free(). With INTx each function has a handler of
 * its own on the wire, and a release waits for all that run on the wire; from within one of them it does not
 * wait, and a handler that released itself cannot be requested before it returned (EXISTS). Context: task.
 */
UMSI_MUST_CHECK enum umsi_status umsi_pci_request(struct umsi_pci *pci, uint32_t index,
                                                  umsi_handler handler, void *arg,
                                                  const char *name);
void umsi_pci_release(struct umsi_pci *pci, uint32_t index);
/* UMSI_NO_VIRQ when not allocated. The wire's, of index 0, with INTx. Context: any. */
umsi_virq umsi_pci_virq(struct umsi_pci *pci, uint32_t index);

/* After a reset or a power change of the function: write messages, masks and enables again (L47, L51).
 * The kernel has put back the header (BARs, Command) first. Context: task. Errors: GONE, BUSY, STATE (memory
 * decoding is off). Without vectors it does nothing; with INTx it only looks at Interrupt Disable. */
UMSI_MUST_CHECK enum umsi_status umsi_pci_restore(struct umsi_pci *pci);

/* How many vectors of a kind (UMSI_MSI, UMSI_MSIX or UMSI_INTX) the function has; 0: none. INTx counts when the
 * function has a pin and was attached with a wire. Context: any. */
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

/*
 * The pin (1 to 4: INTA to INTD) on which a function's INTx arrives at the root bus, given its own pin and the
 * bridges above it from the nearest to the root: each moves it on by the device number below it (2.2.8.1).
 * *out_bdf is who raises it there: the function itself, or the outermost bridge. A function with an ARI number
 * is device 0 whatever its number says: pass the bus's device 0 as its `bdf`. 0, and *out_bdf untouched, when
 * `pin` is not 1 to 4.
 */
uint32_t umsi_pci_intx_swizzle(uint32_t pin, uint16_t bdf, const struct umsi_pci_bridge *path,
                               uint32_t n, uint16_t *out_bdf);

/* One row of a host bridge's interrupt-map (Devicetree Specification 0.4, 2.4.3). */
struct umsi_pci_intx_entry {
    uint32_t
        address; /* on the root bus, as in interrupt-map: bus << 16 | device << 11 | function << 8 */
    uint32_t pin;        /* 1 to 4 */
    uint32_t controller; /* phandle */
    uint32_t line;       /* its number there: the INTID of an SPI on a GIC */
};
struct umsi_pci_intx_mask { /* interrupt-map-mask: what of a function is compared with the rows */
    uint32_t address, pin;
};

/*
 * The row for a function, or a bridge, on the root bus and its pin there, both of umsi_pci_intx_swizzle().
 * Errors: NOTFOUND (no row: it has no INTx), INVALID (pin).
 */
UMSI_MUST_CHECK enum umsi_status umsi_pci_intx_route(const struct umsi_pci_intx_entry *map,
                                                     uint32_t n,
                                                     const struct umsi_pci_intx_mask *mask,
                                                     uint16_t bdf, uint32_t pin,
                                                     struct umsi_pci_intx_entry *out_row);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_PCI_H */
