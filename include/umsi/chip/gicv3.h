/* SPDX-License-Identifier: MIT */
/*
 * GICv3 and GICv4: distributor, redistributors, system-register CPU interface; SGIs, PPIs and SPIs in
 * Group 1, Non-secure or of the only Security state. IHI0069, chapters 4 and 12. Optional: a kernel that has
 * its own GIC driver needs none of it.
 *
 * All interrupts have one priority: none preempts another. Not there: the Secure side of two Security
 * states, extended SPIs and PPIs (INTIDs 1056..1119 and 4096..5119), 1 of N routing, message-based
 * SPIs through the distributor itself (GICD_SETSPI_NSR).
 */
#ifndef UMSI_CHIP_GICV3_H
#define UMSI_CHIP_GICV3_H

#include <umsi/chip/gic_spi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct umsi_gicv3;

/* A region of redistributor frames, mapped as device memory. */
struct umsi_gicv3_region {
    volatile void *base;
    umsi_phys phys;
    uint64_t size;   /* bytes */
    uint64_t stride; /* bytes from one redistributor to the next; 0: as GICR_TYPER.VLPIS says */
};

struct umsi_gicv3_config {
    volatile void *gicd;
    const struct umsi_gicv3_region *regions; /* read during the call only */
    uint32_t nr_regions; /* 0: given as CPUs boot, umsi_gicv3_add_redistributor() */
};

/*
 * Initialise the distributor with affinity routing, all SPIs disabled, in Group 1, and be the instance's
 * receiver. Context: task. Errors: UNSUPPORTED (not a GICv3 or v4, the Secure side, no system registers),
 * TIMEOUT (RWP), NOMEM, INVALID, CORRUPT (a region without a redistributor), EXISTS (a receiver is there).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_create(struct umsi *u,
                                                   const struct umsi_gicv3_config *config,
                                                   struct umsi_gicv3 **out_gic);
/* Stop Group 1 at the distributor; this CPU goes offline, others should be. What is built on it, LPIs for
 * one, goes before. Context: task. BUSY while an interrupt of it is mapped, or is a message's. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_destroy(struct umsi_gicv3 *gic);

/* Tell where a CPU's redistributor is, before umsi_gicv3_cpu_online() on it. Context: any. Errors: RANGE,
 * INVALID, STATE (the CPU is online), UNSUPPORTED (no redistributor there). */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_add_redistributor(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                                              volatile void *rd, umsi_phys rd_phys);

/*
 * On each CPU as it boots, on that CPU: find its redistributor (GICR_TYPER.Affinity_Value against MPIDR_EL1),
 * wake it, bring up SGIs, PPIs and the CPU interface. Allocates nothing. Context: task on that CPU,
 * interrupts off. At EL2 the kernel has set ICC_SRE_EL2 before.
 * Errors: NOTFOUND (no redistributor has its affinity), TIMEOUT (GICR_WAKER, RWP), UNSUPPORTED
 * (ICC_SRE_EL1.SRE cannot be set, firmware keeps ICC_PMR_EL1, the GIC does not know the CPU's Aff3), RANGE,
 * INVALID (not this CPU), EXISTS (it is online).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_cpu_online(struct umsi_gicv3 *gic, umsi_cpu cpu);
/*
 * Close this CPU's interface and put its redistributor to sleep. What is routed to the CPU stays so: move it
 * away before, with umsi_irq_set_affinity(). A CPU that takes LPIs goes through umsi_lpi_cpu_offline() first.
 * Context: that CPU, interrupts off.
 */
void umsi_gicv3_cpu_offline(struct umsi_gicv3 *gic);

/*
 * This CPU is about to lose its power while it idles, but not for long: its interface is closed and its redistributor
 * told (GICR_WAKER), which from then on keeps what arrives, and asks the power controller to wake the CPU for it. It
 * stays online and a target; LPIs stay on. The redistributor keeps its power, or firmware restores it. Not for a plain
 * wfi, which an interrupt ends only while the interface is open.
 * Context: that CPU, interrupts off, not in a handler. Errors: STATE (not online), TIMEOUT (GICR_WAKER): the CPU is
 * awake as before if it could be woken, and umsi_gicv3_cpu_wake() may be tried again.
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_cpu_sleep(struct umsi_gicv3 *gic);
/* It is back, or did not sleep after all: its interface is opened again, and what is pending comes as soon as
 * interrupts are on. Context and errors: as above, and those of umsi_gicv3_cpu_online(). */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_cpu_wake(struct umsi_gicv3 *gic);

/* The redistributor found for a CPU, for umsi_lpi_cpu_online(). NOTFOUND before it was online. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_redistributor(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                                          volatile void **out_rd,
                                                          umsi_phys *out_phys);

/* The i-th redistributor of the regions that were given, whoever's it is. NOTFOUND beyond the last. Context: any. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_redistributor_at(struct umsi_gicv3 *gic, uint32_t i,
                                                             volatile void **out_rd,
                                                             umsi_phys *out_phys);

/*
 * The virq of an SGI (0..15), PPI (16..31) or SPI (32..1019). For SGIs and PPIs there is one virq for all
 * CPUs: handlers run on each on its own, and each CPU enables its own with umsi_gicv3_enable_local().
 * `level`: level-sensitive, else edge; ignored for SGIs, and for PPIs whose trigger is fixed.
 * Context: task. Errors: RANGE (the GIC has no such INTID, or it is the Secure side's), EXISTS, NOMEM,
 * UNSUPPORTED (it does not take the trigger).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_map(struct umsi_gicv3 *gic, uint32_t intid, bool level,
                                                umsi_virq *out_virq);
void umsi_gicv3_unmap(struct umsi_gicv3 *gic, umsi_virq virq);

/*
 * Enable or disable an SGI or PPI on this CPU. It takes effect while a handler is requested and not
 * disabled, which is for all CPUs at once, and is forgotten when the CPU goes offline.
 * Context: that CPU. Errors: RANGE, STATE (not online).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_enable_local(struct umsi_gicv3 *gic, uint32_t intid,
                                                         bool enable);

/* Send an SGI (0..15) to a CPU that is online. Stores before it are visible to the handler. Context: any.
 * Errors: RANGE, STATE, UNSUPPORTED (its Aff0 is above 15, and this CPU or the GIC has no RSS). */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_send_sgi(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                                     uint32_t sgi);

/* Its SPIs for what turns messages into them, umsi_gicv2m_create(). Context: any. */
void umsi_gicv3_spis(struct umsi_gicv3 *gic, struct umsi_gic_spis *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_GICV3_H */
