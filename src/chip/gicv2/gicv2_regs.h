/* SPDX-License-Identifier: MIT */
/*
 * Registers of the GICv2 distributor and CPU interface that umsi uses, named as IHI0048B chapter 4 names them.
 * Those of INTIDs 0 to 31 are banked: each CPU sees its own at the same address.
 */
#ifndef UMSI_GICV2_REGS_H
#define UMSI_GICV2_REGS_H

#include <stdint.h>

/* ---- distributor, 4.1.2 and 4.3 ---- */
#define GICD_CTLR       0x000u
#define GICD_TYPER      0x004u
#define GICD_IGROUPR    0x080u /* 1 bit per INTID */
#define GICD_ISENABLER  0x100u
#define GICD_ICENABLER  0x180u
#define GICD_ISPENDR    0x200u
#define GICD_ICPENDR    0x280u
#define GICD_ISACTIVER  0x300u
#define GICD_ICACTIVER  0x380u
#define GICD_IPRIORITYR 0x400u /* 8 bits */
#define GICD_ITARGETSR  0x800u /* 8 bits, one for each CPU interface; the first 32 say who reads */
#define GICD_ICFGR      0xC00u /* 2 bits; the upper one: 1 edge, 0 level */
#define GICD_SGIR       0xF00u
#define GICD_CPENDSGIR  0xF10u /* 8 bits per SGI, one for each sender */
#define GICD_SPENDSGIR  0xF20u
#define GICD_ICPIDR2    0xFE8u

/* Bit 0 is Group 1 as the Non-secure side sees it, and Group 0 where there is one Security state. */
#define GICD_CTLR_Enable 1u

#define GICD_TYPER_ITLinesNumber(t) ((t)&0x1Fu)
#define GICD_TYPER_CPUNumber(t)     ((t) >> 5 & 7u)
#define GICD_TYPER_SecurityExtn     (1u << 10)

#define GIC_ArchRev_v2            2u
#define GICD_ICPIDR2_ArchRev(p)   ((p) >> 4 & 0xFu)
#define GICC_IIDR_Architecture(i) ((i) >> 16 & 0xFu)

/* ---- CPU interface, 4.1.3 and 4.4 ---- */
#define GICC_CTLR 0x00u
#define GICC_PMR  0x04u
#define GICC_BPR  0x08u
#define GICC_IAR  0x0Cu
#define GICC_EOIR 0x10u
#define GICC_RPR  0x14u
#define GICC_APR  0xD0u /* four of them */
#define GICC_IIDR 0xFCu

#define GICC_CTLR_Enable 1u /* as GICD_CTLR_Enable */
#define GICC_CTLR_Bypass                                                                           \
    (0xFu << 5) /* what the legacy inputs do while a group is off: the board's */

/* ---- INTIDs, 2.2.1 ---- */
#define GIC_FIRST_PPI     16u
#define GIC_FIRST_SPI     32u
#define GIC_FIRST_SPECIAL 1020u /* 1020..1023: no interrupt to take here */

#endif /* UMSI_GICV2_REGS_H */
