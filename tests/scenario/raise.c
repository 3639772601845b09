/* SPDX-License-Identifier: MIT */
/*
 * How QEMU's edu and e1000e raise their interrupts by themselves: edu through its interrupt raise register
 * (QEMU, docs/specs/edu), e1000e through Interrupt Cause Set (Intel 82574 datasheet, 10.2.4).
 */
#include "raise.h"

enum { EDU_RAISE = 0x60, EDU_ACK = 0x64 };
enum { ICR = 0xc0, ITR = 0xc4, ICS = 0xc8, IMS = 0xd0, IVAR = 0xe4, EITR = 0xe8 };

#define CAUSE_RXT0  (1u << 7)
#define CAUSE_RXQ0  (1u << 20) /* and the four after it: with MSI-X, one to a vector */
#define MSIX_CAUSES 5u
#define IVAR_VALID  8u
#define ALL_CAUSES  (((1u << MSIX_CAUSES) - 1) * CAUSE_RXQ0 | CAUSE_RXT0)
#define ONE_BY_ONE  0x43210u
#define ALL_VALID   (IVAR_VALID * 0x11111u)
#define EDU_ANY     1u

static void raise_edu(enum machine_kind kind)
{
    machine_bar_write(kind, EDU_RAISE, EDU_ANY);
    machine_bar_write(kind, EDU_ACK, EDU_ANY);
}

/* With MSI the cause of any vector will do: there is one message. Throttling keeps its minimum. */
static void raise_e1000e(enum machine_kind kind, uint32_t index)
{
    uint32_t cause = CAUSE_RXQ0 << index;
    machine_bar_write(kind, IVAR, ONE_BY_ONE | ALL_VALID);
    machine_bar_write(kind, IMS, ALL_CAUSES);
    machine_bar_write(kind, ICS, cause);
    machine_bar_write(kind, ICR, cause);
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
