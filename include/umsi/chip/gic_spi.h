/* SPDX-License-Identifier: MIT */
/*
 * A GIC's SPIs, as what turns messages into them sees the GIC: GICv2m for one. umsi's GICs fill this in,
 * umsi_gicv2_spis() and umsi_gicv3_spis(); a kernel that has a GIC driver of its own fills it in itself.
 */
#ifndef UMSI_CHIP_GIC_SPI_H
#define UMSI_CHIP_GIC_SPI_H

#include <umsi/domain.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The life of one SPI: take, start, stop, give; between start and stop the rest. */
struct umsi_gic_spis {
    /* It is the caller's: edge-triggered, disabled, not pending. It will be delivered to `irq`, which is of no interest
     * to a kernel that dispatches itself. Context: task. Errors: RANGE (no such SPI), EXISTS (it is another's),
     * UNSUPPORTED (it cannot be edge-triggered). */
    enum umsi_status (*take)(void *gic, uint32_t intid, struct umsi_irq *irq);
    /* Send it to a CPU, which is online, and enable it. Context: task. */
    enum umsi_status (*start)(void *gic, uint32_t intid, umsi_cpu cpu);
    /* Disabled, and not delivered any more but by dispatches that have begun. Context: task. */
    void (*stop)(void *gic, uint32_t intid);
    /* Nobody's again. Context: task. */
    void (*give)(void *gic, uint32_t intid);
    /* Enable or disable it; idempotent. Context: any, a umsi lock may be held. */
    void (*enable)(void *gic, uint32_t intid, bool on);
    /* Send it to another CPU that is online; what is pending is not lost (L35). Context: task. */
    enum umsi_status (*route)(void *gic, uint32_t intid, umsi_cpu cpu);
    /* Make it (not) pending. NULL: umsi_irq_retrigger() is UNSUPPORTED. Context: any, a umsi lock may be held. */
    enum umsi_status (*set_pending)(void *gic, uint32_t intid, bool pending);
    /* As umsi_chip.explain. May be NULL. */
    const char *(*explain)(void *gic, uint32_t intid, umsi_print print, void *arg);
    void *gic; /* handed back */
};

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_GIC_SPI_H */
