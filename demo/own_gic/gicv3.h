/* SPDX-License-Identifier: MIT */
/*
 * A kernel's own GICv3 driver, as it was before umsi came: SGIs and PPIs, no LPIs.
 */
#ifndef DEMO_OWN_GICV3_H
#define DEMO_OWN_GICV3_H

#include <stdbool.h>
#include <stdint.h>

#include <umsi/fw/platform.h>

/* Boot CPU: the distributor. False: it does not answer, or cannot be mapped. */
bool gic_init(const struct umsi_platform *hw);
/* Each CPU, on it: its redistributor and CPU interface. False: none has its affinity, or it does not wake. */
bool gic_cpu_init(unsigned cpu);
/* The redistributor of a CPU that was initialised: its RD_base frame. */
volatile void *gic_redistributor(unsigned cpu);
/* A CPU that goes, on it. It may come back with gic_cpu_init(). */
void gic_cpu_close(void);

typedef void (*gic_handler)(void);
/* The handler of an SGI or PPI on all CPUs; each enables its own. */
void gic_handle(uint32_t intid, gic_handler handler);
void gic_enable(uint32_t intid);

/* The interrupt to serve now; GIC_NONE: none. */
#define GIC_NONE 1023u
uint32_t gic_acknowledge(void);
void gic_dispatch(uint32_t intid);
void gic_end(uint32_t intid);
/* Nothing for a CPU that is not initialised. */
void gic_send(unsigned cpu, uint32_t sgi);

#endif /* DEMO_OWN_GICV3_H */
