/* SPDX-License-Identifier: MIT */
/*
 * Platform devices: blocks of a system on chip that send messages themselves and keep address and data in
 * registers of their own (an SMMU's IRQ_CFG registers, a DMA engine's MSI registers). The driver says where
 * those registers are; umsi writes them. A device that keeps its messages elsewhere uses umsi_msi_attach()
 * with a callback.
 */
#ifndef UMSI_PLATDEV_H
#define UMSI_PLATDEV_H

#include <umsi/msi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where vector i keeps its message: each offset + i * stride, in bytes from the registers' base. */
struct umsi_platdev_layout {
    uint32_t address_lo; /* bits 31:0; with address_64 one 64-bit register */
    uint32_t address_hi; /* bits 63:32; ignored with address_64 or address_32 */
    uint32_t data;       /* 32 bits */
    uint32_t stride;
    bool address_64; /* one register takes the whole address */
    bool address_32; /* the device has no upper half: it reaches 4 GiB only (L48) */
};

struct umsi_platdev_config {
    const char *name;    /* kept as a pointer */
    void *handle;        /* handed to set_mask and to the port */
    volatile void *regs; /* mapped as device memory */
    struct umsi_platdev_layout layout;
    uint32_t device_id, nr_events;
    uint32_t shared_events; /* as in struct umsi_msi_config */
    /* As in struct umsi_msi_config; may be NULL. */
    void (*set_mask)(void *handle, uint32_t index, bool masked);
};

/* Embedded by the device's driver. The fields are umsi's; vectors are those of `msi`: umsi_msi_alloc(), ... */
struct umsi_platdev {
    struct umsi_msi_device msi;
    volatile void *regs;
    struct umsi_platdev_layout layout;
    void *handle;
    void (*set_mask)(void *handle, uint32_t index, bool masked);
};

/*
 * Attach, with its domain: prepare runs here. The device must not send messages until its vectors are
 * allocated. Context: task. Errors: INVALID, and those of umsi_msi_attach(). After an error the device is as if never
 * attached.
 */
UMSI_MUST_CHECK enum umsi_status umsi_platdev_attach(struct umsi_domain *parent,
                                                     const struct umsi_platdev_config *config,
                                                     struct umsi_platdev *dev);
/* Free what is left, tear down. Always completes; twice is harmless. Context: task. */
void umsi_platdev_detach(struct umsi_platdev *dev);
/* After the device lost its registers: messages and masks again (L47). Context: task. */
UMSI_MUST_CHECK enum umsi_status umsi_platdev_restore(struct umsi_platdev *dev);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_PLATDEV_H */
