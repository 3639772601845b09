/* SPDX-License-Identifier: MIT */
/*
 * The two ends of an interrupt, with the counter of instructions read right beside them: struct passage of
 * measure.h. The readings count for passage_in_own and passage_out_own in count.c.
 */
    .text
    .balign 4
    .global passage_store
passage_store:
    rdinstret a3                /* before */
    sw a2, 0(a1)
    rdinstret a4                /* after: the instruction that was interrupted */
    sd a3, 0(a0)
    sd a4, 8(a0)
    ret

    .balign 4
    .global passage_handler
passage_handler:
    rdinstret a1                /* entered */
    rdinstret a2                /* leaving */
    sd a1, 16(a0)
    sd a2, 24(a0)
    ret
