/* SPDX-License-Identifier: MIT */
/*
 * The exception vectors: every general, SIMD and floating-point register is saved into a struct frame, because
 * handlers may use all of them, and restored.
 */
#include "sections.h"

    .macro vector kind
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
    vector 0                    /* from EL1 with SP_EL0: sync, IRQ, FIQ, SError */
    vector 1
    vector 2
    vector 3
    vector 4                    /* from EL1 with SP_EL1: where the kernel runs */
    vector 5
    vector 6
    vector 7
    vector 8                    /* from EL0, AArch64 and AArch32: nobody is there */
    vector 9
    vector 10
    vector 11
    vector 12
    vector 13
    vector 14
    vector 15

    .macro pairs op
    \op x2, x3, [sp, #16]
    \op x4, x5, [sp, #32]
    \op x6, x7, [sp, #48]
    \op x8, x9, [sp, #64]
    \op x10, x11, [sp, #80]
    \op x12, x13, [sp, #96]
    \op x14, x15, [sp, #112]
    \op x16, x17, [sp, #128]
    \op x18, x19, [sp, #144]
    \op x20, x21, [sp, #160]
    \op x22, x23, [sp, #176]
    \op x24, x25, [sp, #192]
    \op x26, x27, [sp, #208]
    \op x28, x29, [sp, #224]
    .endm

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

save_and_call:
    pairs stp
    add x1, sp, #FRAME_SIZE
    stp x30, x1, [sp, #240]     /* x30, SP */
    mrs x2, elr_el1
    mrs x3, spsr_el1
    stp x2, x3, [sp, #256]
    mrs x2, esr_el1
    mrs x3, far_el1
    stp x2, x3, [sp, #272]
    mrs x2, fpsr
    mrs x3, fpcr
    stp x2, x3, [sp, #288]
    add x2, sp, #304
    quads stp, x2
    mov x1, sp
    mov x29, xzr                /* a backtrace ends here */
    bl exception
    add x2, sp, #304
    quads ldp, x2
    ldp x2, x3, [sp, #288]
    msr fpsr, x2
    msr fpcr, x3
    ldp x2, x3, [sp, #256]
    msr elr_el1, x2
    msr spsr_el1, x3
    ldr x30, [sp, #240]
    pairs ldp
    ldp x0, x1, [sp]
    add sp, sp, #FRAME_SIZE
    eret
