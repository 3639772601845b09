/* SPDX-License-Identifier: MIT */
/*
 * Registers of the GICv3 distributor, redistributors and CPU interface that umsi uses, named as IHI0069
 * chapter 12 names them. With affinity routing SGIs and PPIs live in the redistributor only.
 */
#ifndef UMSI_GICV3_REGS_H
#define UMSI_GICV3_REGS_H

#include <stdint.h>

/* ---- distributor, 12.8 and 12.9 ---- */
#define GICD_CTLR       0x0000u
#define GICD_TYPER      0x0004u
#define GICD_IGROUPR    0x0080u /* 1 bit per INTID */
#define GICD_ISENABLER  0x0100u
#define GICD_ICENABLER  0x0180u
#define GICD_ISPENDR    0x0200u
#define GICD_ICPENDR    0x0280u
#define GICD_ISACTIVER  0x0300u
#define GICD_ICACTIVER  0x0380u
#define GICD_IPRIORITYR 0x0400u /* 8 bits */
#define GICD_ICFGR      0x0C00u /* 2 bits; the upper one: 1 edge, 0 level */
#define GICD_IROUTER    0x6000u /* 64 bits */
#define GIC_PIDR2       0xFFE8u /* of every 64 KiB frame */

/*
 * GICD_CTLR, 12.9, has three views. Bits 1, 4 and 31 mean the same in the two that umsi supports:
 * Non-secure with two Security states (EnableGrp1A, ARE_NS), and one Security state (EnableGrp1, ARE).
 */
#define GICD_CTLR_EnableGrp0                                                                       \
    (1u << 0) /* one state; Non-secure view: EnableGrp1, only without ARE_NS */
#define GICD_CTLR_EnableGrp1  (1u << 1)
#define GICD_CTLR_EnableGrp1S (1u << 2) /* Secure view only */
#define GICD_CTLR_ARE         (1u << 4)
#define GICD_CTLR_ARE_NS_S    (1u << 5) /* Secure view only: ARE_NS as the Secure side sees it */
#define GICD_CTLR_DS          (1u << 6) /* 1: one Security state */
#define GICD_CTLR_RWP         (1u << 31)

#define GICD_TYPER_ITLinesNumber(t) ((t)&0x1Fu)
#define GICD_TYPER_A3V              (1u << 24)
#define GICD_TYPER_RSS              (1u << 26)

#define GIC_PIDR2_ArchRev(p) (((p) >> 4) & 0xFu)
#define GIC_ArchRev_v3       3u
#define GIC_ArchRev_v4       4u

/* ---- redistributor, 12.10 and 12.11: RD_base, then SGI_base 64 KiB above ---- */
#define GICR_FRAME      0x10000u
#define GICR_CTLR       0x0000u
#define GICR_TYPER      0x0008u /* 64 bits */
#define GICR_WAKER      0x0014u
#define GICR_SGI_base   0x10000u
#define GICR_IGROUPR0   (GICR_SGI_base + 0x0080u)
#define GICR_ISENABLER0 (GICR_SGI_base + 0x0100u)
#define GICR_ICENABLER0 (GICR_SGI_base + 0x0180u)
#define GICR_ISPENDR0   (GICR_SGI_base + 0x0200u)
#define GICR_ICPENDR0   (GICR_SGI_base + 0x0280u)
#define GICR_ISACTIVER0 (GICR_SGI_base + 0x0300u)
#define GICR_ICACTIVER0 (GICR_SGI_base + 0x0380u)
#define GICR_IPRIORITYR (GICR_SGI_base + 0x0400u)
#define GICR_ICFGR1     (GICR_SGI_base + 0x0C04u) /* PPIs; SGIs are always edge */

#define GICR_CTLR_RWP             (1u << 3)
#define GICR_TYPER_VLPIS          (1ull << 1)
#define GICR_TYPER_Last           (1ull << 4)
#define GICR_TYPER_Affinity(t)    ((uint32_t)((t) >> 32))
#define GICR_WAKER_ProcessorSleep (1u << 1)
#define GICR_WAKER_ChildrenAsleep (1u << 2)

/* ---- CPU interface, 12.2 ---- */
#define ICC_SRE_SRE         (1u << 0)
#define ICC_CTLR_CBPR       (1u << 0)
#define ICC_CTLR_EOImode    (1u << 1)
#define ICC_CTLR_PMHE       (1u << 6)
#define ICC_CTLR_PRIbits(c) ((uint32_t)(((c) >> 8) & 7u) + 1u)
#define ICC_CTLR_A3V        (1u << 15)
#define ICC_CTLR_RSS        (1u << 18)
#define ICC_IGRPEN1_Enable  1u
#define ICC_IAR1_INTID      0xFFFFFFu
#define ICC_SGI1R_IRM       (1ull << 40)

/* ---- INTIDs, 2.2.1 ---- */
#define GIC_FIRST_PPI     16u
#define GIC_FIRST_SPI     32u
#define GIC_FIRST_SPECIAL 1020u /* 1020..1023: no interrupt to take here */
#define GIC_LAST_SPECIAL  1023u

#endif /* UMSI_GICV3_REGS_H */
