/* SPDX-License-Identifier: MIT */
/*
 * The two ends of an interrupt, with the counter of instructions read right beside them: struct passage of
 * measure.h. The readings count for passage_in_own and passage_out_own in count.c.
 */
    .text
    .global passage_store
passage_store:
    mrs x3, pmevcntr0_el0       /* before */
    str w2, [x1]
    mrs x4, pmevcntr0_el0       /* after: the instruction that was interrupted */
    stp x3, x4, [x0]
    ret

    .global passage_handler
passage_handler:
    mrs x1, pmevcntr0_el0       /* entered */
    mrs x2, pmevcntr0_el0       /* leaving */
    stp x1, x2, [x0, #16]
    ret
