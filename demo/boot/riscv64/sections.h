/* SPDX-License-Identifier: MIT */
/*
 * Constants that assembly, C and the linker script share.
 */
#ifndef DEMO_SECTIONS_H
#define DEMO_SECTIONS_H

#define EARLY_UART      0x10000000 /* until the devicetree names one */
#define BOOT_STACK_SIZE 0x8000

/* struct frame of trap.h */
#define FRAME_SIZE 448

#endif /* DEMO_SECTIONS_H */
