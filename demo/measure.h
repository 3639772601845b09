/* SPDX-License-Identifier: MIT */
/*
 * Instructions of an interrupt, counted by the CPU itself: on measure=TIMES of the command line.
 */
#ifndef DEMO_MEASURE_H
#define DEMO_MEASURE_H

#include <umsi/fw/platform.h>

/* What goes wrong was noted for the last line. */
void measure_work(struct umsi *u, const struct umsi_platform *hw, uint32_t times);

/* ---- boot/ARCH/count.c and passage.S ---- */

/* Begin to count instructions on this CPU. False: it does not count them, or not each one. */
bool count_start(void);
uint64_t count_now(void);
/* Bits of the counter that count. */
extern const uint64_t count_mask;

/* Where the counter stood; passage.S knows the layout. */
struct passage {
    uint64_t before, after;    /* read around the store that makes the device raise its message */
    uint64_t entered, leaving; /* the handler's first instruction, and one of its last */
};
/* Instructions from `before` to `entered` and from `leaving` to `after` that are not the interrupt's: the readings
 * and the store; the reading, the handler's last stores, and its return. */
extern const unsigned passage_in_own, passage_out_own;

/* Store to a device's register. Interrupts on; the message comes before the next instruction, or is not counted. */
void passage_store(struct passage *p, volatile void *reg, uint32_t value);
/* A umsi_handler, for a struct passage. */
void passage_handler(void *passage);

#endif /* DEMO_MEASURE_H */
