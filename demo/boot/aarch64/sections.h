/* SPDX-License-Identifier: MIT */
/*
 * Constants that assembly, C and the linker script share.
 */
#ifndef DEMO_SECTIONS_H
#define DEMO_SECTIONS_H

#define RAM_BASE        0x40000000
#define LOAD_OFFSET     0x200000 /* the ELF's devicetree lies below: QEMU puts it at the start of RAM */
#define EARLY_UART      0x09000000 /* until the devicetree names one */
#define BOOT_STACK_SIZE 0x8000
#define SCTLR_EL1_OFF   0x30d00800 /* RES1 only: MMU and caches off */

/* struct frame of exception.h */
#define FRAME_SIZE 832
/* Where struct cpu has its member fp */
#define CPU_FP 16

#endif /* DEMO_SECTIONS_H */
