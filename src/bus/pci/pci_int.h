/* SPDX-License-Identifier: MIT */
/*
 * What the files of the PCI bus share: configuration space, the two ways a function can send messages, and
 * the domain that fits them.
 */
#ifndef UMSI_PCI_INT_H
#define UMSI_PCI_INT_H

#include <umsi/pci.h>

#include "../../core/core.h"

/* The slot of the device that PCI uses; the other is for a secondary domain. */
#define UMSI_PCI_SLOT 0u

/*
 * MSI or MSI-X, to those who allocate vectors. A life: begin, messages and masks through the chip, finish;
 * quiet, vectors freed, end. After a failed begin nothing is to be ended. Context: task.
 */
struct umsi_pci_kind {
    uint32_t kind;
    const char *name;
    bool block; /* its messages must be consecutive */
    uint32_t (*count)(
        const struct umsi_pci *pci); /* vectors of the function; 0: it has no such capability */
    const struct umsi_msi_template *(*template)(const struct umsi_pci *pci);
    enum umsi_status (*begin)(struct umsi_pci *pci); /* everything masked, ready for messages */
    enum umsi_status (*finish)(struct umsi_pci *pci,
                               uint32_t n);  /* n messages are in: let them out */
    void (*quiet)(struct umsi_pci *pci);     /* nothing is sent from now on */
    void (*end)(struct umsi_pci *pci);       /* off, as the function was found */
    bool (*off)(const struct umsi_pci *pci); /* off, if it reads as on; false: it does not answer */
};
extern const struct umsi_pci_kind umsi_pci_kind_msi;
extern const struct umsi_pci_kind umsi_pci_kind_msix;

/* The kind that is enabled; NULL: none. */
const struct umsi_pci_kind *umsi_pci_kind_now(const struct umsi_pci *pci);

/* ---- config.c: false, the function does not answer ---- */

bool umsi_pci_read(const struct umsi_pci *pci, uint32_t offset, unsigned width, uint32_t *out);
bool umsi_pci_write(const struct umsi_pci *pci, uint32_t offset, unsigned width, uint32_t value);
/* Command and Status, when they make sense; all ones say that nobody is there. */
bool umsi_pci_read_command(const struct umsi_pci *pci, uint32_t *out);
/* UMSI_OK, or UMSI_GONE. */
enum umsi_status umsi_pci_present(const struct umsi_pci *pci);
/* May the function's memory be touched? UMSI_STATE while its decoding is off (logged), or UMSI_GONE. */
enum umsi_status umsi_pci_memory_on(const struct umsi_pci *pci);
void umsi_pci_warn_bus_master(const struct umsi_pci *pci);

/* ---- cap.c ---- */

/* Find MSI and MSI-X, turn off what was left on. UMSI_GONE when the function does not answer. */
enum umsi_status umsi_pci_find_caps(struct umsi_pci *pci);

/* ---- domain.c: which domain the slot has ---- */

/* What the slot had, to put back when a call fails (L12). */
struct umsi_pci_domain_was {
    const struct umsi_msi_template *template; /* NULL: no domain */
    uint32_t size;
};
void umsi_pci_domain_note(const struct umsi_pci *pci, struct umsi_pci_domain_was *out);
void umsi_pci_domain_put_back(struct umsi_pci *pci, const struct umsi_pci_domain_was *was);
/* See to it that the slot has the kind's domain with at least `least` indices; says how many it has. */
enum umsi_status umsi_pci_domain_use(struct umsi_pci *pci, const struct umsi_pci_kind *kind,
                                     uint32_t least, uint32_t *out_size);
/* The function's vectors of this kind, as far as the controller can serve them; 0: none. */
uint32_t umsi_pci_usable(const struct umsi_pci *pci, const struct umsi_pci_kind *kind);

/* ---- vectors.c: inside the device's lock ---- */

/* Free every vector, turn the kind off. */
void umsi_pci_stop(struct umsi_pci *pci);

/* ---- intx.c ---- */

/* At attach and at detach: be one of those who may use the wire (NULL: none), or no longer. */
void umsi_pci_intx_join(struct umsi_pci *pci, struct umsi_pci_intx *wire);
void umsi_pci_intx_leave(struct umsi_pci *pci);
/* Can it be granted? If so nothing is left to be done that could fail. */
enum umsi_status umsi_pci_intx_usable(const struct umsi_pci *pci, const struct umsi_vectors *want);
/* Take it back: no handler runs any more. */
void umsi_pci_intx_stop(struct umsi_pci *pci);
enum umsi_status umsi_pci_intx_request(struct umsi_pci *pci, umsi_handler handler, void *arg);
void umsi_pci_intx_release(struct umsi_pci *pci);
void umsi_pci_intx_warn_disabled(const struct umsi_pci *pci);

/* ---- explain.c ---- */

const char *umsi_msi_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                             void *arg);
const char *umsi_msix_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                              void *arg);

/* ---- msi.c: where the layout puts things ---- */

uint16_t umsi_msi_data_offset(const struct umsi_pci *pci);
uint16_t umsi_msi_mask_offset(const struct umsi_pci *pci);

/* What the MSI controller can do; nothing where there is none. */
static inline uint32_t umsi_pci_parent_can(const struct umsi_pci *pci)
{
    return pci->msi.parent != NULL ? pci->msi.parent->msi->can : 0;
}

/* Does it have a wire, and no message? Never, where wires are left out (umsi/parts.h). */
static inline bool umsi_pci_has_wire(const struct umsi_pci *pci)
{
    return UMSI_WITH_INTX && pci->kind == UMSI_INTX;
}

static inline struct umsi_pci *umsi_pci_of(const struct umsi_domain *d)
{
    return UMSI_CONTAINER_OF(d->data, struct umsi_pci, msi);
}

/* The least e with n <= 2^e. */
static inline uint32_t umsi_pci_log2_up(uint32_t n)
{
    uint32_t e = 0;
    while (e < 31 && ((uint32_t)1 << e) < n) {
        e++;
    }
    return e;
}

#endif /* UMSI_PCI_INT_H */
