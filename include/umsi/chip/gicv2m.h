/* SPDX-License-Identifier: MIT */
/*
 * GICv2m: a register frame beside a GICv2 or GICv3 that turns a device's write into an SPI (Arm Server Base System
 * Architecture, appendix on GICv2m). One umsi_gicv2m is one frame. A machine with several has several: a device's
 * vectors come from the frame it is attached to, which is the one firmware names for it (msi-parent).
 *
 * The data of a message is an INTID, and the same whoever writes it: DeviceIDs mean nothing here, and any device
 * that reaches the frame can raise any of its SPIs.
 */
#ifndef UMSI_CHIP_GICV2M_H
#define UMSI_CHIP_GICV2M_H

#include <umsi/chip/gic_spi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct umsi_gicv2m;

struct umsi_gicv2m_config {
    volatile void *base; /* the frame, 4 KiB, mapped as device memory */
    umsi_phys phys;      /* of the same; devices write to phys + 0x40 (V2M_MSI_SETSPI_NS) */
    const char *name;    /* kept as a pointer; NULL: "GICv2m" */
    /* INTIDs first_spi .. first_spi + nr_spis - 1, where V2M_MSI_TYPER is wrong; nr_spis 0: as it says. Firmware has
     * them as arm,msi-base-spi and arm,msi-num-spis, and both go together. */
    uint32_t first_spi, nr_spis;
    /*
     * What this frame wants subtracted from the INTID in a message. The architecture says 0. unconfirmed: frames of
     * Applied Micro X-Gene 1 (V2M_MSI_IIDR 0x06000170) are said to count from their first SPI, of Broadcom NS2
     * (0x0000013f) from 32; such a frame is named in the log, and takes what is written here.
     */
    uint32_t data_offset;
    const struct umsi_gic_spis *gic; /* whose SPIs they are; read during the call only */
};

/*
 * Probe, and become an MSI parent. Nothing in the frame is written. With a GIC of the kernel's own, the kernel tells
 * which CPUs are online with umsi_set_cpu_online(). Context: task.
 * Errors: INVALID, RANGE (SPIs outside 32 .. 1019, or none, or data_offset beyond them), NOMEM.
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv2m_create(struct umsi *u,
                                                    const struct umsi_gicv2m_config *config,
                                                    struct umsi_gicv2m **out_v2m);
/* BUSY while a device is attached. Context: task. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv2m_destroy(struct umsi_gicv2m *v2m);

/* The MSI parent to attach devices to. */
struct umsi_domain *umsi_gicv2m_parent(struct umsi_gicv2m *v2m);

/*
 * Receiving with a GIC of the kernel's own: dispatch an INTID that the kernel acknowledged; the kernel ends the
 * interrupt after. False: not a vector of this frame. Context: interrupt, interrupts off.
 */
bool umsi_gicv2m_handle(struct umsi_gicv2m *v2m, uint32_t intid);

struct umsi_gicv2m_info {
    uint32_t first_spi, nr_spis; /* INTIDs */
    uint32_t live;               /* of them; the rest is free (L37) */
    uint32_t iidr;               /* V2M_MSI_IIDR */
};
/* Context: any. */
void umsi_gicv2m_get_info(struct umsi_gicv2m *v2m, struct umsi_gicv2m_info *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_GICV2M_H */
