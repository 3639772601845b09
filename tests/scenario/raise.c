/* SPDX-License-Identifier: MIT */
/*
 * How QEMU's edu and e1000e raise their interrupts by themselves: edu through its interrupt raise register
 * (QEMU, docs/specs/edu), e1000e through Interrupt Cause Set (Intel 82574 datasheet, 10.2.4), e1000 the same way
 * (Intel 8254x manual, 13.4.17 to 13.4.20).
 */
#include "raise.h"

enum { EDU_RAISE = 0x60, EDU_ACK = 0x64 };
enum { ICR = 0xc0, ICS = 0xc8, IMS = 0xd0, IVAR = 0xe4 };

#define CAUSE_RXQ0 (1u << 20)
#define CAUSE_RXT0 (1u << 7) /* e1000's receive timer */
#define IVAR_VALID 8u
#define EDU_ANY    1u

static void raise_edu(enum machine_kind kind)
{
    machine_bar_write(kind, EDU_RAISE, EDU_ANY);
    machine_bar_write(kind, EDU_ACK, EDU_ANY);
}

/*
 * One cause, receive queue 0, sent to the vector that is wanted; with MSI there is only one. Other causes, a link
 * that comes up for one, lead nowhere. Throttling keeps its minimum.
 */
static void raise_e1000e(enum machine_kind kind, uint32_t index)
{
    machine_bar_write(kind, IVAR, IVAR_VALID | index);
    machine_bar_write(kind, IMS, CAUSE_RXQ0);
    machine_bar_write(kind, ICS, CAUSE_RXQ0);
    machine_bar_write(kind, ICR, CAUSE_RXQ0);
}

/* Reading the causes takes all of them back. */
static void ask_e1000(bool asks)
{
    if (asks) {
        machine_bar_write(E1000, IMS, CAUSE_RXT0);
        machine_bar_write(E1000, ICS, CAUSE_RXT0);
    } else {
        (void)machine_bar_read(E1000, ICR);
    }
}

void ask_by_registers(enum machine_kind kind, bool asks)
{
    if (kind == E1000) {
        ask_e1000(asks);
    } else {
        machine_bar_write(kind, asks ? EDU_RAISE : EDU_ACK, EDU_ANY);
    }
}

bool raise_by_registers(enum machine_kind kind, uint32_t index)
{
    switch (kind) {
    case EDU:
    case EDU_A:
    case EDU_B:
        raise_edu(kind);
        return true;
    case E1000E:
        raise_e1000e(kind, index);
        return true;
    default:
        return false;
    }
}
