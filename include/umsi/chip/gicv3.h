/* SPDX-License-Identifier: MIT */
/*
 * GICv3 and GICv4: distributor, redistributors, system-register CPU interface; SGIs, PPIs and SPIs in
 * Group 1 of the current security state. IHI0069, chapters 4, 6, 12. Optional: a kernel that has its own GIC driver needs none of it.
 */
#ifndef UMSI_CHIP_GICV3_H
#define UMSI_CHIP_GICV3_H

#include <umsi/domain.h>

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
 * receiver. Context: task. Errors: UNSUPPORTED (not a GICv3 or v4), TIMEOUT (RWP), NOMEM, INVALID, CORRUPT
 * (a region without a redistributor).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_create(struct umsi *u,
                                                   const struct umsi_gicv3_config *config,
                                                   struct umsi_gicv3 **out_gic);
/* Context: task. BUSY while an interrupt of it is mapped. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_destroy(struct umsi_gicv3 *gic);

/* Tell where a CPU's redistributor is, before umsi_gicv3_cpu_online() on it. Context: any. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_add_redistributor(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                                              volatile void *rd, umsi_phys rd_phys);

/*
 * On each CPU as it boots, on that CPU: find its redistributor (GICR_TYPER.Affinity_Value against MPIDR_EL1),
 * wake it, bring up SGIs, PPIs and the CPU interface. Allocates nothing. Context: task on that CPU,
 * interrupts off. Errors: NOTFOUND (no redistributor has its affinity), TIMEOUT (GICR_WAKER, RWP),
 * UNSUPPORTED (ICC_SRE_EL1.SRE cannot be set), RANGE (cpu).
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_cpu_online(struct umsi_gicv3 *gic, umsi_cpu cpu);
/* Close this CPU's interface and put its redistributor to sleep. Context: that CPU, interrupts off. */
void umsi_gicv3_cpu_offline(struct umsi_gicv3 *gic);

/* The redistributor found for a CPU, for umsi_lpi_cpu_online(). NOTFOUND before it was online. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_redistributor(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                                          volatile void **out_rd,
                                                          umsi_phys *out_phys);

/*
 * The virq of an SGI (0..15), PPI (16..31) or SPI (32..1019). For SGIs and PPIs there is one virq for all
 * CPUs: handlers run on each on its own, and each CPU enables its own with umsi_gicv3_enable_local(). `level`:
 * level-sensitive, else edge; ignored for SGIs. Context: task. Errors: RANGE (the GIC has no such INTID), EXISTS, NOMEM.
 */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_map(struct umsi_gicv3 *gic, uint32_t intid, bool level,
                                                umsi_virq *out_virq);
void umsi_gicv3_unmap(struct umsi_gicv3 *gic, umsi_virq virq);

/* Enable or disable an SGI or PPI on this CPU. Context: that CPU. Errors: RANGE, STATE (not online). */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_enable_local(struct umsi_gicv3 *gic, uint32_t intid,
                                                         bool enable);

/* Send an SGI (0..15) to a CPU that is online. Stores before it are visible to the handler. Context: any.
 * Errors: RANGE, STATE. */
UMSI_MUST_CHECK enum umsi_status umsi_gicv3_send_sgi(struct umsi_gicv3 *gic, umsi_cpu cpu,
                                                     uint32_t sgi);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_CHIP_GICV3_H */
