/* SPDX-License-Identifier: MIT */
/* How QEMU's edu, e1000e and e1000 raise their interrupts by themselves, through their own registers. */
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
/* A reason for INTx, or none any more: of edu and e1000. */
void ask_by_registers(enum machine_kind kind, bool asks);

#endif /* SCENARIO_RAISE_H */
