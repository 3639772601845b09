/* SPDX-License-Identifier: MIT */
/* Registers of a GICv2m frame, named as the Server Base System Architecture names them. */
#ifndef UMSI_GICV2M_REGS_H
#define UMSI_GICV2M_REGS_H

#include <stdint.h>

#define V2M_MSI_TYPER     0x008u /* [25:16] the first SPI's INTID, [9:0] how many */
#define V2M_MSI_SETSPI_NS 0x040u /* [9:0] an INTID: that SPI becomes pending */
#define V2M_MSI_IIDR      0xFCCu

#define V2M_MSI_TYPER_first(t) ((t) >> 16 & 0x3FFu)
#define V2M_MSI_TYPER_count(t) ((t)&0x3FFu)

#define GIC_FIRST_SPI 32u
#define GIC_LAST_SPI  1019u

/* unconfirmed: as others report them; these two want their data counted from another number than 0. */
#define V2M_IIDR_XGENE1 0x06000170u
#define V2M_IIDR_NS2    0x0000013Fu

#endif /* UMSI_GICV2M_REGS_H */
