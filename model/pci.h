/* SPDX-License-Identifier: MIT */
/* A PCI function's own state, shared by pci*.c and intx.c. Not for users. */
#ifndef MODEL_PCI_H
#define MODEL_PCI_H

#include "machine.h"

#define MODEL_MSI_CAP  0x50u
#define MODEL_MSIX_CAP 0x70u
#define MODEL_NR_BARS  6u
#define MODEL_COMMAND  0x04u

struct entry_msix {
    uint32_t word[4]; /* address, upper address, data, vector control */
};

struct model_pci {
    struct model *m;
    struct model_pci_config cfg;
    uint32_t its;        /* the only one its messages reach; UINT32_MAX: any */
    uint32_t wire;       /* the SPI or source of its INTx; 0: none */
    bool asks, asserted; /* it has a reason for INTx; and that is on the wire */
    uint8_t space[256];
    struct entry_msix *table;
    uint64_t *pba;
    uint64_t bar_size[MODEL_NR_BARS];
    uint32_t mapped; /* BAR mappings outstanding */
    bool gone, answers;
    bool unread; /* table written since it was last read (L45) */
};

uint32_t pci_get(const struct model_pci *f, uint32_t offset, unsigned width);
void pci_put(struct model_pci *f, uint32_t offset, unsigned width, uint32_t value);

/* Message Control words, and what follows from them. */
bool pci_msi_on(const struct model_pci *f);
bool pci_msix_on(const struct model_pci *f);
uint32_t pci_msi_address_words(const struct model_pci *f); /* 1 or 2 */
uint32_t pci_msi_mask_offset(const struct model_pci *f);   /* 0: not maskable */

/* pci_path.c: the DeviceID and the ITS, from bridges and map */
void pci_find_way(struct model_pci *f);

/* intx.c: the wire, from bridges and map; what a change of anything means for it */
void pci_find_wire(struct model_pci *f);
void pci_intx_update(struct model_pci *f);
void pci_intx_reset(struct model_pci *f);

/* pci_message.c */
uint64_t pci_bar_read(struct model *m, void *device, uint64_t offset, unsigned width);
void pci_bar_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value);
void pci_messages_reset(struct model_pci *f);
/* Send what is pending and no longer masked. */
void pci_flush_pending(struct model_pci *f);
/* MSI-X goes on, or its function mask off: may the entries that are unmasked go out? (L50) */
void pci_check_enable(struct model_pci *f);

#endif /* MODEL_PCI_H */
