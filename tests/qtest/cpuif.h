/* SPDX-License-Identifier: MIT */
/*
 * The host plays the CPUs: their system registers, and what arrives at them. QEMU's ITS and redistributors decide
 * which LPI is pending where, in the LPI Pending tables in guest memory, and its distributor which SPI; this file takes it from
 * there.
 */
#ifndef QTEST_CPUIF_H
#define QTEST_CPUIF_H

#include <stdbool.h>
#include <stdint.h>

#define CPUIF_CPUS 2u

#define GICD_PHYS   0x08000000ull
#define GICD_SIZE   0x10000ull
#define ITS_PHYS    0x08080000ull
#define GICR_PHYS   0x080a0000ull
#define GICR_STRIDE 0x20000ull

/* port->sysreg_read, sysreg_write, of the CPU cpuif_self is. */
uint64_t cpuif_read(void *ctx, uint32_t reg);
void cpuif_write(void *ctx, uint32_t reg, uint64_t value);
extern uint32_t cpuif_self;
/* Somebody wrote a register there: forget what is known of distributor and redistributors. */
void cpuif_forget(uint64_t phys);
/* Would this CPU take an interrupt now? */
bool cpuif_pending(uint32_t cpu);
/* How often one was acknowledged, for who waits for quiet. */
uint32_t cpuif_taken(void);

#endif /* QTEST_CPUIF_H */
