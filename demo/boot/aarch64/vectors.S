/* SPDX-License-Identifier: MIT */
/*
 * The exception vectors. An interrupt saves what C code may change and goes to platform_interrupt(). Only the C
 * library uses SIMD and floating-point registers: they are switched off meanwhile, and the first instruction in an
 * interrupt that wants one traps and saves them all. Interrupts do not nest here, so one place per CPU will do:
 * struct cpu.fp. Everything else is a fault; it saves every register into a struct frame.
 */
#include "sections.h"

#define IRQ_FRAME  176
#define FPEN       (3 << 20)    /* CPACR_EL1 */
#define EC_FP_TRAP 0x07         /* ESR_EL1.EC: an access that CPACR_EL1 traps */

    .macro quads op, base
    \op q0, q1, [\base, #0]
    \op q2, q3, [\base, #32]
    \op q4, q5, [\base, #64]
    \op q6, q7, [\base, #96]
    \op q8, q9, [\base, #128]
    \op q10, q11, [\base, #160]
    \op q12, q13, [\base, #192]
    \op q14, q15, [\base, #224]
    \op q16, q17, [\base, #256]
    \op q18, q19, [\base, #288]
    \op q20, q21, [\base, #320]
    \op q22, q23, [\base, #352]
    \op q24, q25, [\base, #384]
    \op q26, q27, [\base, #416]
    \op q28, q29, [\base, #448]
    \op q30, q31, [\base, #480]
    .endm

    .macro caller_saved op          /* but x0, x1, x18 and x30 */
    \op x2, x3, [sp, #16]
    \op x4, x5, [sp, #32]
    \op x6, x7, [sp, #48]
    \op x8, x9, [sp, #64]
    \op x10, x11, [sp, #80]
    \op x12, x13, [sp, #96]
    \op x14, x15, [sp, #112]
    \op x16, x17, [sp, #128]
    .endm

    .macro callee_saved op
    \op x18, x19, [sp, #144]
    \op x20, x21, [sp, #160]
    \op x22, x23, [sp, #176]
    \op x24, x25, [sp, #192]
    \op x26, x27, [sp, #208]
    \op x28, x29, [sp, #224]
    .endm

    .macro fault kind
    .balign 128
    sub sp, sp, #FRAME_SIZE
    stp x0, x1, [sp]
    mov x0, #\kind
    b save_and_call
    .endm

    .text
    .balign 2048
    .global vectors
vectors:
    fault 0                     /* from EL1 with SP_EL0: sync, IRQ, FIQ, SError */
    fault 1
    fault 2
    fault 3

    .balign 128                 /* from EL1 with SP_EL1, where the kernel runs: sync */
    sub sp, sp, #FRAME_SIZE
    stp x0, x1, [sp]
    mrs x0, esr_el1
    lsr x0, x0, #26
    cmp x0, #EC_FP_TRAP
    b.eq fp_wanted
    mov x0, #4
    b save_and_call

    .balign 128                 /* IRQ */
    stp x0, x1, [sp, #-IRQ_FRAME]!
    caller_saved stp
    mrs x0, elr_el1
    mrs x1, spsr_el1
    stp x18, x30, [sp, #144]
    stp x0, x1, [sp, #160]
    msr cpacr_el1, xzr
    isb
    bl platform_interrupt
    b leave_interrupt

    fault 6                     /* FIQ, SError */
    fault 7
    fault 8                     /* from EL0, AArch64 and AArch32: nobody is there */
    fault 9
    fault 10
    fault 11
    fault 12
    fault 13
    fault 14
    fault 15

leave_interrupt:
    mrs x0, cpacr_el1
    cbnz x0, fp_back
    mov x0, #FPEN               /* in effect after the eret */
    msr cpacr_el1, x0
fp_done:
    ldp x0, x1, [sp, #160]
    ldp x18, x30, [sp, #144]
    msr elr_el1, x0
    msr spsr_el1, x1
    caller_saved ldp
    ldp x0, x1, [sp], #IRQ_FRAME
    eret

    /* The interrupted code's registers, where fp_wanted left them. */
fp_back:
    mrs x1, tpidr_el1
    add x1, x1, #CPU_FP
    quads ldp, x1
    ldr x0, [x1, #512]
    msr fpsr, x0
    ldr x0, [x1, #520]
    msr fpcr, x0
    b fp_done

    /* In an interrupt, for the first time: save them, and do the instruction again. */
fp_wanted:
    mov x0, #FPEN
    msr cpacr_el1, x0
    isb
    mrs x1, tpidr_el1
    add x1, x1, #CPU_FP
    quads stp, x1
    mrs x0, fpsr
    str x0, [x1, #512]
    mrs x0, fpcr
    str x0, [x1, #520]
    ldp x0, x1, [sp]
    add sp, sp, #FRAME_SIZE
    eret

save_and_call:
    caller_saved stp
    callee_saved stp
    add x1, sp, #FRAME_SIZE
    stp x30, x1, [sp, #240]     /* x30, SP */
    mrs x2, elr_el1
    mrs x3, spsr_el1
    stp x2, x3, [sp, #256]
    mrs x2, esr_el1
    mrs x3, far_el1
    stp x2, x3, [sp, #272]
    mrs x2, cpacr_el1
    mov x3, #FPEN
    msr cpacr_el1, x3
    isb
    mrs x3, fpsr
    stp x2, x3, [sp, #288]
    mrs x2, fpcr
    str x2, [sp, #304]
    add x2, sp, #320
    quads stp, x2
    mov x1, sp
    mov x29, xzr                /* a backtrace ends here */
    bl exception
    add x2, sp, #320
    quads ldp, x2
    ldr x2, [sp, #304]
    msr fpcr, x2
    ldp x2, x3, [sp, #288]
    msr fpsr, x3
    msr cpacr_el1, x2
    ldp x2, x3, [sp, #256]
    msr elr_el1, x2
    msr spsr_el1, x3
    ldr x30, [sp, #240]
    callee_saved ldp
    caller_saved ldp
    ldp x0, x1, [sp]
    add sp, sp, #FRAME_SIZE
    eret
