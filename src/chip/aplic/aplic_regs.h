/* SPDX-License-Identifier: MIT */
/* The registers of an APLIC's interrupt domain, as AIA 1.0 names them (4.5) and those of an IDC structure (4.8.1). */
#ifndef UMSI_APLIC_REGS_H
#define UMSI_APLIC_REGS_H

#define APLIC_domaincfg 0x0000u
#define APLIC_sourcecfg 0x0000u /* + 4 * source */
#define APLIC_setip     0x1C00u /* + 4 * word */
#define APLIC_setipnum  0x1CDCu
#define APLIC_in_clrip  0x1D00u
#define APLIC_clripnum  0x1DDCu
#define APLIC_setie     0x1E00u
#define APLIC_setienum  0x1EDCu
#define APLIC_clrienum  0x1FDCu
#define APLIC_target    0x3000u /* + 4 * source */
#define APLIC_IDC       0x4000u /* + 32 * hart index */
#define APLIC_IDC_BYTES 32u

#define APLIC_domaincfg_MAGIC 0x80000000u /* bits 31:24 read 0x80 */
#define APLIC_domaincfg_IE    0x100u
#define APLIC_domaincfg_DM    0x004u
#define APLIC_domaincfg_BE    0x001u

#define APLIC_SM_Inactive 0u
#define APLIC_SM_Edge1    4u
#define APLIC_SM_Edge0    5u
#define APLIC_SM_Level1   6u
#define APLIC_SM_Level0   7u

#define APLIC_target_HART_SHIFT 18u

/* within an IDC structure */
#define IDC_idelivery  0x00u
#define IDC_iforce     0x04u
#define IDC_ithreshold 0x08u
#define IDC_claimi     0x1Cu

#define IDC_claimi_SOURCE_SHIFT 16u
#define IDC_claimi_SOURCE_MASK  0x3FFu

#endif /* UMSI_APLIC_REGS_H */
