/* SPDX-License-Identifier: MIT */
/*
 * GICv2: distributor and memory-mapped CPU interface for up to eight CPUs; SGIs, PPIs and SPIs in Group 0 of the
 * only Security state, or in Group 1 as the Non-secure side of two. IHI0048B. Optional: a kernel that has its own
 * GIC driver needs none of it.
 *
 * All interrupts have one priority: none preempts another. Not there: GICv1, the Secure side of two Security
 * states, the virtualization extensions, SPIs sent to several CPUs at once.
 */
#ifndef UMSI_CHIP_GICV2_H
#define UMSI_CHIP_GICV2_H

#include <umsi/chip/gic_spi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct umsi_gicv2;

struct umsi_gicv2_config {
    volatile void *gicd; /* 4 KiB, mapped as device memory */
    volatile void *gicc; /* its first 4 KiB; the same address leads each CPU to its own */
};

/*
 * Initialise the distributor, all SPIs disabled, and be the instance's receiver. Context: task.
 * Errors: UNSUPPORTED (not a GICv2, the Secure side), NOMEM, INVALID, EXISTS (a receiver is there).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv2_create(struct umsi *u,
                                                   const struct umsi_gicv2_config *config,
                                                   struct umsi_gicv2 **out_gic);
/* Stop the distributor; this CPU goes offline, others should be. Context: task. BUSY while an interrupt of it is
 * mapped, or is a message's. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv2_destroy(struct umsi_gicv2 *gic);

/*
 * On each CPU as it boots, on that CPU: find out which CPU interface it has (GICD_ITARGETSR0), bring up SGIs, PPIs
 * and the interface. Allocates nothing. Context: task on that CPU, interrupts off.
 * Errors: UNSUPPORTED (firmware keeps GICC_PMR, or the CPU has no interface), RANGE, INVALID (not this CPU), EXISTS
 * (it is online, or another CPU that is has the same interface).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv2_cpu_online(struct umsi_gicv2 *gic, umsi_cpu cpu);
/* Close this CPU's interface. What is routed to the CPU stays so: move it away before, with
 * umsi_irq_set_affinity(). Context: that CPU, interrupts off. */
void umsi_gicv2_cpu_offline(struct umsi_gicv2 *gic);

/*
 * The virq of an SGI (0..15), PPI (16..31) or SPI (32..1019). For SGIs and PPIs there is one virq for all
 * CPUs: handlers run on each on its own, and each CPU enables its own with umsi_gicv2_enable_local().
 * `level`: level-sensitive, else edge; ignored for SGIs, and for PPIs whose trigger is fixed.
 * Context: task. Errors: RANGE (the GIC has no such INTID, or it is the Secure side's), EXISTS, NOMEM,
 * UNSUPPORTED (it does not take the trigger).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv2_map(struct umsi_gicv2 *gic, uint32_t intid, bool level,
                                                umsi_virq *out_virq);
void umsi_gicv2_unmap(struct umsi_gicv2 *gic, umsi_virq virq);

/*
 * Enable or disable an SGI or PPI on this CPU. It takes effect while a handler is requested and not
 * disabled, which is for all CPUs at once, and is forgotten when the CPU goes offline. Only a CPU itself reaches
 * these bits of its own: one that wanted an interrupt before its handler was requested elsewhere enables it when it
 * takes its next interrupt, for which it gets a port->cpu_kick. Context: that CPU. Errors: RANGE, STATE (not online).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv2_enable_local(struct umsi_gicv2 *gic, uint32_t intid,
                                                         bool enable);

/* Send an SGI (0..15) to a CPU that is online. Stores before it are visible to the handler. Context: any.
 * Errors: RANGE, STATE. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv2_send_sgi(struct umsi_gicv2 *gic, umsi_cpu cpu,
                                                     uint32_t sgi);

/* Its SPIs for what turns messages into them, umsi_gicv2m_create(). Context: any. */
void umsi_gicv2_spis(struct umsi_gicv2 *gic, struct umsi_gic_spis *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_GICV2_H */
