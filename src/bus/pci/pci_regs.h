/* SPDX-License-Identifier: MIT */
/*
 * Configuration space, the MSI and MSI-X capabilities and the MSI-X table, as the PCI Express Base
 * Specification 5.0 names them: 7.5.1 (headers), 7.7.1 (MSI), 7.7.2 (MSI-X).
 */
#ifndef UMSI_PCI_REGS_H
#define UMSI_PCI_REGS_H

/* 7.5.1.1: the header. Command and Status are read together, as one dword. */
#define PCI_ID             0x00u
#define PCI_COMMAND        0x04u
#define PCI_COMMAND_MEMORY 0x00000002u /* Memory Space Enable */
#define PCI_COMMAND_MASTER 0x00000004u /* Bus Master Enable */
#define PCI_COMMAND_NOINTX 0x00000400u /* Interrupt Disable */
#define PCI_STATUS_CAPS    0x00100000u /* Status bit 4: Capabilities List */
#define PCI_HEADER_TYPE    0x0eu
#define PCI_HEADER_LAYOUT  0x7fu /* bit 7 says multi-function */
#define PCI_HEADER_NORMAL  0u
#define PCI_HEADER_BRIDGE  1u
#define PCI_HEADER_CARDBUS 2u
#define PCI_CAP_POINTER    0x34u
#define PCI_CAP_POINTER_CB 0x14u /* the same of a CardBus bridge */
#define PCI_CAP_FIRST      0x40u /* capabilities live behind the header */
#define PCI_INTERRUPT_PIN  0x3du /* 1 to 4: INTA to INTD; 0: none */
#define PCI_CONFIG_SIZE    0x100u
#define PCI_CAP_ID_MSI     0x05u
#define PCI_CAP_ID_MSIX    0x11u

/* 7.7.1: MSI. The layout depends on two bits of Message Control. */
#define MSI_CONTROL        0x02u
#define MSI_CONTROL_ENABLE 0x0001u
#define MSI_CONTROL_MMC    0x000eu /* Multiple Message Capable: log2 of the vectors it has */
#define MSI_CONTROL_MME    0x0070u /* Multiple Message Enable: log2 of the vectors it may use */
#define MSI_CONTROL_64     0x0080u
#define MSI_CONTROL_MASK   0x0100u /* Per-Vector Masking Capable */
#define MSI_CONTROL_EXT    0x0400u /* Extended Message Data Enable; never set here */
#define MSI_MMC_SHIFT      1
#define MSI_MME_SHIFT      4
#define MSI_MMC_MAX        5u /* 6 and 7 are reserved */
#define MSI_ADDRESS        0x04u
#define MSI_ADDRESS_UPPER  0x08u /* with MSI_CONTROL_64 */
#define MSI_DATA_32        0x08u
#define MSI_DATA_64        0x0cu
#define MSI_MASK_32        0x0cu /* Mask Bits; Pending Bits follow */
#define MSI_MASK_64        0x10u
#define MSI_SIZE_32        0x0au
#define MSI_SIZE_64        0x0eu
#define MSI_SIZE_MASK_32   0x14u
#define MSI_SIZE_MASK_64   0x18u

/* 7.7.2: MSI-X. */
#define MSIX_CONTROL        0x02u
#define MSIX_CONTROL_ENABLE 0x8000u
#define MSIX_CONTROL_FMASK  0x4000u /* Function Mask */
#define MSIX_CONTROL_SIZE   0x07ffu /* entries - 1 */
#define MSIX_TABLE          0x04u
#define MSIX_TABLE_BIR      0x7u
#define MSIX_SIZE           0x0cu

/* 7.7.2.5 to 7.7.2.9: a table entry. */
#define MSIX_ENTRY_SIZE    16u
#define MSIX_ENTRY_ADDRESS 0x0u
#define MSIX_ENTRY_UPPER   0x4u
#define MSIX_ENTRY_DATA    0x8u
#define MSIX_ENTRY_CONTROL 0xcu /* Vector Control; bits 31:16 may hold a TPH steering tag */
#define MSIX_ENTRY_MASK    0x1u

#endif /* UMSI_PCI_REGS_H */
