/* SPDX-License-Identifier: MIT */
/*
 * Counting instructions with instret. Under QEMU with -icount shift=0 it counts each instruction; else it counts
 * the host's time, and nothing tells the two apart but that a reading comes right behind another.
 */
#include "../../measure.h"
#include "cpu.h"

const uint64_t count_mask = UINT64_MAX;
const unsigned passage_in_own = 2, passage_out_own = 4;

uint64_t count_now(void)
{
    uint64_t count;
    __asm__ volatile("rdinstret %0" : "=r"(count)::"memory");
    return count;
}

bool count_start(void)
{
    uint64_t first, second;
    __asm__ volatile("rdinstret %0\n\trdinstret %1" : "=&r"(first), "=r"(second)::"memory");
    return second - first == 1;
}
