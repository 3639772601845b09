/* SPDX-License-Identifier: MIT */
/*
 * Exceptions other than interrupts: they end the run with the registers on the console.
 */
#include "../../console.h"
#include "../../end.h"
#include "cpu.h"
#include "exception.h"
#include "exit.h"

enum { VECTOR_SYNC = 4 };

#define ESR_EC(esr)   ((unsigned)((esr) >> 26) & 63)
#define EC_UNKNOWN    0x00
#define EC_INST_ABORT 0x21
#define EC_PC_ALIGN   0x22
#define EC_DATA_ABORT 0x25
#define EC_SP_ALIGN   0x26
#define EC_BRK        0x3c

void exception(unsigned vector, struct frame *f);

static const char *what(unsigned vector, uint64_t esr)
{
    static const char *const kind[4] = { "synchronous exception", "unexpected IRQ", "FIQ",
                                         "SError" };
    if ((vector & 3) != 0) {
        return kind[vector & 3];
    }
    switch (ESR_EC(esr)) {
    case EC_UNKNOWN:
        return "undefined instruction";
    case EC_INST_ABORT:
        return "instruction abort";
    case EC_PC_ALIGN:
        return "misaligned program counter";
    case EC_DATA_ABORT:
        return "data abort";
    case EC_SP_ALIGN:
        return "misaligned stack pointer";
    case EC_BRK:
        return "breakpoint";
    default:
        return kind[0];
    }
}

static void print_frame(const struct frame *f)
{
    for (unsigned i = 0; i < 30; i += 3) {
        print("  x%-2u %016lx  x%-2u %016lx  x%-2u %016lx\n", i, (unsigned long)f->x[i], i + 1,
              (unsigned long)f->x[i + 1], i + 2, (unsigned long)f->x[i + 2]);
    }
    print("  x30 %016lx  sp  %016lx  pc  %016lx\n", (unsigned long)f->x[30], (unsigned long)f->sp,
          (unsigned long)f->elr);
    print("  spsr %08lx esr %08lx far %016lx\n", (unsigned long)f->spsr, (unsigned long)f->esr,
          (unsigned long)f->far);
}

void exception(unsigned vector, struct frame *f)
{
    if (vector == VECTOR_SYNC && ESR_EC(f->esr) == EC_UNKNOWN && semihosting_refused(f->elr)) {
        f->elr += 4; /* no semihosting here: go on to the next way of ending */
        return;
    }
    if (end_claim()) {
        print("\nCPU %u: %s (vector %u)\n", this_cpu()->index, what(vector, f->esr), vector);
        print_frame(f);
    }
    end_with_failure("%s at %#lx, address %#lx", what(vector, f->esr), (unsigned long)f->elr,
                     (unsigned long)f->far);
}
