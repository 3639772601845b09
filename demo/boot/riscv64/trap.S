/* SPDX-License-Identifier: MIT */
/*
 * Traps, taken on the stack that is in use: what the C code may change is saved into a struct frame, and restored.
 */
#include "sections.h"

    .macro caller_saved op
    \op ra, 0(sp)
    \op t0, 8(sp)
    \op t1, 16(sp)
    \op t2, 24(sp)
    \op a0, 32(sp)
    \op a1, 40(sp)
    \op a2, 48(sp)
    \op a3, 56(sp)
    \op a4, 64(sp)
    \op a5, 72(sp)
    \op a6, 80(sp)
    \op a7, 88(sp)
    \op t3, 96(sp)
    \op t4, 104(sp)
    \op t5, 112(sp)
    \op t6, 120(sp)
    .endm

    .macro float_saved op
    \op ft0, 272(sp)
    \op ft1, 280(sp)
    \op ft2, 288(sp)
    \op ft3, 296(sp)
    \op ft4, 304(sp)
    \op ft5, 312(sp)
    \op ft6, 320(sp)
    \op ft7, 328(sp)
    \op ft8, 336(sp)
    \op ft9, 344(sp)
    \op ft10, 352(sp)
    \op ft11, 360(sp)
    \op fa0, 368(sp)
    \op fa1, 376(sp)
    \op fa2, 384(sp)
    \op fa3, 392(sp)
    \op fa4, 400(sp)
    \op fa5, 408(sp)
    \op fa6, 416(sp)
    \op fa7, 424(sp)
    .endm

    .text
    .balign 4
    .global trap_entry
trap_entry:
    addi sp, sp, -FRAME_SIZE
    caller_saved sd
    csrr t0, sepc
    csrr t1, sstatus
    frcsr t2
    sd t0, 128(sp)
    sd t1, 136(sp)
    sd t2, 432(sp)
    float_saved fsd
    csrr a0, scause
    bgez a0, fault
    call interrupt
back:
    float_saved fld
    ld t0, 128(sp)
    ld t1, 136(sp)
    ld t2, 432(sp)
    fscsr t2
    csrw sepc, t0
    csrw sstatus, t1
    caller_saved ld
    addi sp, sp, FRAME_SIZE
    sret

/* The rest of the registers, for the console. */
fault:
    csrr t0, stval
    sd t0, 144(sp)
    addi t0, sp, FRAME_SIZE
    sd t0, 152(sp)
    sd gp, 160(sp)
    sd tp, 168(sp)
    sd s0, 176(sp)
    sd s1, 184(sp)
    sd s2, 192(sp)
    sd s3, 200(sp)
    sd s4, 208(sp)
    sd s5, 216(sp)
    sd s6, 224(sp)
    sd s7, 232(sp)
    sd s8, 240(sp)
    sd s9, 248(sp)
    sd s10, 256(sp)
    sd s11, 264(sp)
    mv a1, sp
    call fault_at
    j back
