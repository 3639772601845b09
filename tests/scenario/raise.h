/* SPDX-License-Identifier: MIT */
/* How QEMU's edu and e1000e raise their interrupts by themselves, through their own registers. */
#ifndef SCENARIO_RAISE_H
#define SCENARIO_RAISE_H

#include "machine.h"

/* Does hardware of this kind raise by itself? */
static inline bool raise_has(enum machine_kind kind)
{
    return kind == E1000E || kind == EDU || kind == EDU_A || kind == EDU_B;
}

/* False: it has no way to. With machine_bar_read() and machine_bar_write(). */
bool raise_by_registers(enum machine_kind kind, uint32_t index);

#endif /* SCENARIO_RAISE_H */
