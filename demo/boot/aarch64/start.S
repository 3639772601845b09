/* SPDX-License-Identifier: MIT */
/*
 * The first instructions: an arm64 Image header in front (so that the flat binary gets the devicetree in x0,
 * and the ELF finds it at the start of RAM), down to EL1, page tables, caches on, C.
 */
#include "sections.h"

    .section .head, "ax"
    .global _start
_start:
    b boot                      /* code0 */
    .long 0                     /* code1 */
    .quad LOAD_OFFSET           /* text_offset from the start of RAM */
    .quad __image_size
    .quad 2                     /* little endian, 4 KiB pages, near the start of RAM */
    .quad 0, 0, 0
    .ascii "ARM\x64"
    .long 0

    .section .text.boot, "ax"
boot:
    msr daifset, #15
    mov x19, x0                 /* the devicetree, 0 for an ELF */
    bl to_el1
    mov x20, x0
    adr x1, early_vectors       /* RAM may end before the kernel does */
    msr vbar_el1, x1
    isb
    ldr x0, =__bss_start
    ldr x1, =__bss_end
1:  stp xzr, xzr, [x0], #16
    cmp x0, x1
    b.lo 1b
    ldr x0, =vectors
    msr vbar_el1, x0
    isb
    ldr x0, =boot_stack_top
    mov sp, x0
    mov x0, x19
    bl mmu_build                /* x0: where the devicetree is */
    mov x19, x0
    bl mmu_forget_stale_lines
    bl mmu_on
    mov x0, x19
    mov x1, x20
    bl kernel_main
    b .

/* Where PSCI starts the other CPUs; x0: their struct cpu, whose first words are the stack and its index. */
    .global secondary_start
secondary_start:
    msr daifset, #15
    mov x19, x0
    bl to_el1
    bl mmu_on
    ldr x0, [x19]
    mov sp, x0
    mov x0, x19
    bl secondary_main
    b .

/* To EL1, from wherever this CPU started; x0: the exception level it started at. */
to_el1:
    mrs x0, CurrentEL
    lsr x0, x0, #2
    cmp x0, #2
    b.eq from_el2
    b.hi from_el3
    b el1_setup

from_el3:                       /* the kernel says so and ends: the GIC is not set up for the Non-secure world */
    mov x1, #0x531              /* SCR_EL3: NS, RES1, HCE, RW */
    msr scr_el3, x1
    msr cptr_el3, xzr
    mrs x1, id_aa64pfr0_el1
    ubfx x1, x1, #8, #4         /* is there an EL2? */
    cbz x1, 1f
    mov x1, #(1 << 31)
    msr hcr_el2, x1
    mov x1, #0x33ff
    msr cptr_el2, x1
    msr cntvoff_el2, xzr
1:  mov x1, #0x3c5              /* EL1h, all masked */
    msr spsr_el3, x1
    adr x1, el1_setup
    msr elr_el3, x1
    ldr x1, =SCTLR_EL1_OFF
    msr sctlr_el1, x1
    eret

from_el2:
    mov x1, #(1 << 31)          /* HCR_EL2.RW: EL1 is AArch64, nothing trapped */
    msr hcr_el2, x1
    mov x1, #3                  /* CNTHCTL_EL2: EL1 has the counter and the timer */
    msr cnthctl_el2, x1
    msr cntvoff_el2, xzr
    mov x1, #0x33ff             /* CPTR_EL2: RES1 only */
    msr cptr_el2, x1
    msr hstr_el2, xzr
    msr vttbr_el2, xzr
    mrs x1, midr_el1
    msr vpidr_el2, x1
    mrs x1, mpidr_el1
    msr vmpidr_el2, x1
    mrs x1, id_aa64pfr0_el1
    ubfx x1, x1, #24, #4        /* GIC system registers */
    cbz x1, 1f
    mrs x1, S3_4_C12_C9_5       /* ICC_SRE_EL2: SRE, and Enable, so that EL1 may set its own */
    mov x2, #9
    orr x1, x1, x2
    msr S3_4_C12_C9_5, x1
    isb
    msr S3_4_C12_C11_0, xzr     /* ICH_HCR_EL2 */
1:  ldr x1, =SCTLR_EL1_OFF
    msr sctlr_el1, x1
    mov x1, #0x3c5
    msr spsr_el2, x1
    adr x1, el1_setup
    msr elr_el2, x1
    eret

el1_setup:
    ldr x1, =SCTLR_EL1_OFF
    msr sctlr_el1, x1
    mov x1, #(3 << 20)          /* CPACR_EL1.FPEN: the C library uses SIMD registers */
    msr cpacr_el1, x1
    ldr x1, =vectors
    msr vbar_el1, x1
    isb
    ret

/* What was written with the caches off went to memory; drop what a cache may hold of it. */
mmu_forget_stale_lines:
    mrs x2, ctr_el0
    ubfx x2, x2, #16, #4
    mov x3, #4
    lsl x3, x3, x2              /* smallest data cache line, bytes */
    ldr x0, =__bss_start
    ldr x1, =__bss_end
    sub x2, x3, #1
    bic x0, x0, x2
1:  dc ivac, x0
    add x0, x0, x3
    cmp x0, x1
    b.lo 1b
    dsb sy
    ret

/* Same registers on every CPU. */
mmu_on:
    ldr x0, =mmu_registers
    ldp x1, x2, [x0]            /* MAIR_EL1, TCR_EL1 */
    ldr x3, [x0, #16]           /* TTBR0_EL1 */
    msr mair_el1, x1
    msr tcr_el1, x2
    msr ttbr0_el1, x3
    tlbi vmalle1
    dsb nsh
    ic iallu
    dsb nsh
    isb
    mrs x1, sctlr_el1
    mov x2, #0x1005             /* I, C, M */
    orr x1, x1, x2
    msr sctlr_el1, x1
    isb
    ret

/* An exception while the kernel's own memory is cleared: there is none. Said without a stack. */
    .balign 2048
early_vectors:
    .rept 16
    b early_fault
    .balign 128
    .endr

early_fault:
    msr vbar_el1, xzr           /* not twice */
    mov x1, #EARLY_UART
    adr x2, early_text
1:  ldrb w3, [x2], #1
    cbz w3, 3f
2:  ldr w4, [x1, #0x18]         /* UARTFR.TXFF */
    tbnz w4, #5, 2b
    str w3, [x1]
    b 1b
3:  mov x0, #0x20               /* semihosting: SYS_EXIT_EXTENDED */
    adr x1, early_exit
    hlt #0xf000
    b .
early_text:
    .asciz "umsi: FAIL (too little memory: RAM ends within the kernel)\r\n"
    .balign 8
early_exit:
    .quad 0x20026, 1            /* ADP_Stopped_ApplicationExit, status */
    .ltorg

    .section .stack, "aw", @nobits
    .balign 4096
boot_stack:
    .space BOOT_STACK_SIZE
boot_stack_top:
