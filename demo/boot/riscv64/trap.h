/* SPDX-License-Identifier: MIT */
/*
 * What trap.S saves.
 */
#ifndef DEMO_TRAP_H
#define DEMO_TRAP_H

#include <stdint.h>

#include "sections.h"

struct frame {
    uint64_t ra, t[3], a[8], t3[4], sepc, sstatus;
    uint64_t stval, sp, gp, tp, s[12]; /* of a fault only */
    uint64_t f[20], fcsr, pad;
};
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "trap.S knows this layout");

#endif /* DEMO_TRAP_H */
