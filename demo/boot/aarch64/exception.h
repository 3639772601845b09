/* SPDX-License-Identifier: MIT */
/*
 * What vectors.S saves.
 */
#ifndef DEMO_EXCEPTION_H
#define DEMO_EXCEPTION_H

#include <stdint.h>

#include "sections.h"

struct frame {
    uint64_t x[31], sp, elr, spsr, esr, far, cpacr, fpsr, fpcr, none;
    uint64_t q[64];
};
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "vectors.S knows this layout");

#endif /* DEMO_EXCEPTION_H */
