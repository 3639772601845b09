/* SPDX-License-Identifier: MIT */
/* The registers and bytes LPIs live in, as IHI0069 names them: 12.9 (GICD), 12.11 (GICR), 5.1 (tables). */
#ifndef UMSI_GIC_LPI_REGS_H
#define UMSI_GIC_LPI_REGS_H

#include <stdint.h>

#define GICD_TYPER             0x0004u
#define GICD_TYPER_NUM_LPIS(v) (((v) >> 11) & 0x1fu) /* 0: as IDbits says; else 2^(n+1) LPIs */
#define GICD_TYPER_LPIS        (1u << 17)
#define GICD_TYPER_IDBITS(v)   (((v) >> 19) & 0x1fu) /* minus one */

#define GICR_CTLR             0x0000u
#define GICR_CTLR_ENABLE_LPIS (1u << 0)
#define GICR_CTLR_CES         (1u << 1) /* EnableLPIs may be cleared again */
#define GICR_CTLR_IR          (1u << 2) /* GICR_INVLPIR works also without DirectLPI */
#define GICR_CTLR_RWP         (1u << 3)

#define GICR_TYPER              0x0008u
#define GICR_TYPER_PLPIS        (UINT64_C(1) << 0)
#define GICR_TYPER_DIRECT_LPI   (UINT64_C(1) << 3)
#define GICR_TYPER_PROCESSOR(v) ((uint32_t)((v) >> 8) & 0xffffu)

#define GICR_PROPBASER 0x0070u
#define GICR_PENDBASER 0x0078u
#define GICR_INVLPIR   0x00a0u

/* Common to GICR_PROPBASER and GICR_PENDBASER. */
#define GICR_BASER_INNER_NC      (UINT64_C(1) << 7)
#define GICR_BASER_INNER_RAWAWB  (UINT64_C(7) << 7)
#define GICR_BASER_SHAREABILITY  (UINT64_C(3) << 10)
#define GICR_BASER_INNER_SHARE   (UINT64_C(1) << 10)
#define GICR_PROPBASER_ADDRESS   UINT64_C(0x000ffffffffff000)
#define GICR_PROPBASER_IDBITS(v) ((uint32_t)(v)&0x1fu) /* minus one */
#define GICR_PENDBASER_ADDRESS   UINT64_C(0x000fffffffff0000)
#define GICR_PENDBASER_PTZ       (UINT64_C(1) << 62)

/* A byte of the LPI Configuration table: Priority[7:2], RES1, Enable. */
#define GIC_LPI_BYTE_ENABLE   0x01u
#define GIC_LPI_BYTE_RES1     0x02u
#define GIC_LPI_BYTE_PRIORITY 0xfcu

/* Tables: IHI0069 5.1.1, 5.1.2. */
#define GIC_LPI_PENDING_ALIGN 0x10000u
#define GIC_LPI_CONFIG_ALIGN  0x1000u

#endif /* UMSI_GIC_LPI_REGS_H */
