/* SPDX-License-Identifier: MIT */
/*
 * A kernel's own GICv3 driver, as it was before umsi came: SGIs and PPIs, no LPIs.
 */
#ifndef DEMO_OWN_GICV3_H
#define DEMO_OWN_GICV3_H

#include <stdbool.h>
#include <stdint.h>

#include <umsi/fw/platform.h>

#include "cpu.h"

#define ICC_IAR1_EL1           S3_0_C12_C12_0
#define ICC_EOIR1_EL1          S3_0_C12_C12_1
#define READ_ICC(name)         READ_SYSREG(name)
#define WRITE_ICC(name, value) WRITE_SYSREG(name, value)

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
static inline uint32_t gic_acknowledge(void)
{
    uint32_t intid = (uint32_t)READ_ICC(ICC_IAR1_EL1) & 0xffffff;
    __asm__ volatile("dsb sy" ::: "memory"); /* what made the interrupt pending is visible */
    return intid;
}

void gic_dispatch(uint32_t intid);

static inline void gic_end(uint32_t intid)
{
    WRITE_ICC(ICC_EOIR1_EL1, intid);
}

/* Nothing for a CPU that is not initialised. */
void gic_send(unsigned cpu, uint32_t sgi);

#endif /* DEMO_OWN_GICV3_H */
