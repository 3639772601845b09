/* SPDX-License-Identifier: MIT */
/*
 * Traps: external interrupts go to the platform, the timer's to its tick; everything else ends the run with the
 * registers on the console. Privileged Architecture 1.12, 4.1.8 (scause).
 */
#include "../../console.h"
#include "../../end.h"
#include "../../event.h"
#include "../../platform.h"
#include "cpu.h"
#include "trap.h"

#define INTERRUPT      (UINT64_C(1) << 63)
#define CAUSE_SOFTWARE 1u
#define CAUSE_TIMER    5u
#define CAUSE_EXTERNAL 9u

void interrupt(uint64_t cause);
void fault_at(uint64_t cause, struct frame *f);

void interrupt(uint64_t cause)
{
    switch (cause & ~INTERRUPT) {
    case CAUSE_EXTERNAL:
        platform_interrupt();
        return;
    case CAUSE_SOFTWARE:
        CLEAR_CSR(sip, SIE_SOFTWARE);
        platform_kicked();
        return;
    case CAUSE_TIMER:
        event_tick(); /* which sets the next one, and with that takes this one back */
        platform_ticked();
        return;
    default:
        end_with_failure("unexpected interrupt, cause %u", (unsigned)(cause & 0xff));
    }
}

static const char *what(uint64_t cause)
{
    static const char *const name[16] = {
        "misaligned program counter",
        "instruction access fault",
        "illegal instruction",
        "breakpoint",
        "misaligned load",
        "load access fault",
        "misaligned store",
        "store access fault",
        "call from user mode",
        "call from supervisor mode",
        "exception 10",
        "exception 11",
        "instruction page fault",
        "load page fault",
        "exception 14",
        "store page fault",
    };
    return cause < 16 ? name[cause] : "exception";
}

static void print_frame(const struct frame *f)
{
    print("  ra %016lx sp %016lx gp %016lx tp %016lx\n", (unsigned long)f->ra, (unsigned long)f->sp,
          (unsigned long)f->gp, (unsigned long)f->tp);
    for (unsigned i = 0; i < 8; i += 4) {
        print("  a%u %016lx %016lx %016lx %016lx\n", i, (unsigned long)f->a[i],
              (unsigned long)f->a[i + 1], (unsigned long)f->a[i + 2], (unsigned long)f->a[i + 3]);
    }
    for (unsigned i = 0; i < 12; i += 4) {
        print("  s%-2u %016lx %016lx %016lx %016lx\n", i, (unsigned long)f->s[i],
              (unsigned long)f->s[i + 1], (unsigned long)f->s[i + 2], (unsigned long)f->s[i + 3]);
    }
}

void fault_at(uint64_t cause, struct frame *f)
{
    if (end_claim()) {
        print("\nCPU %u: %s\n", this_cpu()->index, what(cause));
        print_frame(f);
    }
    end_with_failure("%s at %#lx, address %#lx", what(cause), (unsigned long)f->sepc,
                     (unsigned long)f->stval);
}
