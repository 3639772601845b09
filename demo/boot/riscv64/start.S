/* SPDX-License-Identifier: MIT */
/*
 * The first instructions in supervisor mode, where OpenSBI jumps to with the hart's ID in a0 and the devicetree in a1
 * (on whichever hart it chose), and where it starts the other harts. Address translation stays off.
 */
#include "sections.h"

    .section .head, "ax"
    .global _start
_start:
    csrw sie, zero
    csrci sstatus, 2            /* SIE */
    li t0, 1 << 13              /* FS: the C library is compiled for floating point */
    csrs sstatus, t0
    mv s0, a0
    mv s1, a1
    la t0, __bss_start
    la t1, __bss_end
1:  sd zero, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, 1b
    la t0, trap_entry
    csrw stvec, t0
    la sp, boot_stack_top
    la t0, boot_hart_id
    sd s0, 0(t0)
    mv a0, s1
    call mmu_build              /* a0: where the devicetree is */
    li a1, 1                    /* not the privilege of firmware */
    call kernel_main
2:  wfi
    j 2b

/* a0: the hart's ID, a1: its struct cpu, whose first word is the stack. */
    .global secondary_start
secondary_start:
    csrw sie, zero
    csrci sstatus, 2
    li t0, 1 << 13
    csrs sstatus, t0
    la t0, trap_entry
    csrw stvec, t0
    ld sp, 0(a1)
    mv a0, a1
    call secondary_main
3:  wfi
    j 3b

    .section .stack, "aw", @nobits
    .balign 4096
boot_stack:
    .space BOOT_STACK_SIZE
boot_stack_top:
