/* SPDX-License-Identifier: MIT */
/* What the files of the fake GIC have in common. Not for tests: they have fake_gic.h. */
#ifndef FAKE_GIC_INT_H
#define FAKE_GIC_INT_H

#include "fake_gic.h"

#define FAKE_FRAME 0x10000u

/* fake_gic.c: something no driver may do */
void fake_gic_violate(struct fake_gic *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* fake_gic_regs.c */
uint32_t fake_gic_intids(const struct fake_gic *g);
uint32_t fake_gicd_read32(struct fake_gic *g, uint32_t offset);
void fake_gicd_write32(struct fake_gic *g, uint32_t offset, uint32_t v);
void fake_gicd_route(struct fake_gic *g, uint32_t offset, uint64_t v); /* GICD_IROUTER<n> */
uint32_t fake_rd_read32(struct fake_gic *g, struct fake_rd *r, uint32_t offset);
void fake_rd_write32(struct fake_gic *g, struct fake_rd *r, uint32_t offset, uint32_t v);

/* fake_gic_cpu.c: struct umsi_port */
uint64_t fake_gic_sysreg_read(void *ctx, uint32_t reg);
void fake_gic_sysreg_write(void *ctx, uint32_t reg, uint64_t v);

#endif /* FAKE_GIC_INT_H */
