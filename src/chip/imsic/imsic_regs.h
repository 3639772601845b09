/* SPDX-License-Identifier: MIT */
/* An interrupt file's registers, as AIA 1.0 names them: its page (3.5), and what siselect selects (3.7, 3.8). */
#ifndef UMSI_IMSIC_REGS_H
#define UMSI_IMSIC_REGS_H

#define IMSIC_PAGE         0x1000u
#define IMSIC_seteipnum_le 0x000u

/* values of siselect */
#define IMSIC_eidelivery  0x70u
#define IMSIC_eithreshold 0x72u
#define IMSIC_eip0        0x80u /* with 64-bit registers the odd ones do not exist */
#define IMSIC_eie0        0xC0u

#define IMSIC_DELIVERY_OFF 0u
#define IMSIC_DELIVERY_ON  1u

#define IMSIC_STOPEI_SHIFT 16u /* the identity, in bits 26:16 (3.9) */
#define IMSIC_STOPEI_MASK  0x7FFu

#endif /* UMSI_IMSIC_REGS_H */
