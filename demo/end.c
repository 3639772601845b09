/* SPDX-License-Identifier: MIT */
/*
 * The last line of a run and the exit status. Several CPUs may fail at once: one speaks, the others stop.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "cpu.h"
#include "exit.h"
#include "console.h"
#include "end.h"
#include "spinlock.h"

#define NOBODY UINT32_MAX

static struct spinlock lock;
static char reason[160];
static uint32_t owner = NOBODY;
static unsigned depth;

static void note(const char *format, va_list args)
{
    uint64_t state = spin_lock(&lock);
    if (reason[0] == '\0') {
        (void)vsnprintf(reason, sizeof(reason), format, args);
    }
    spin_unlock(&lock, state);
}

void end_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    note(format, args);
    va_end(args);
}

bool end_noted(void)
{
    return reason[0] != '\0';
}

bool end_claim(void)
{
    uint32_t nobody = NOBODY, self = this_cpu()->index;
    (void)interrupts_off();
    if (__atomic_compare_exchange_n(&owner, &nobody, self, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
        console_break_lock();
        return true;
    }
    while (nobody != self) {
        wait_for_interrupt();
    }
    return false;
}

static _Noreturn void last_line(void)
{
    if (end_noted()) {
        print("umsi: FAIL (%s)\n", reason);
    } else {
        print("umsi: PASS\n");
    }
    machine_exit(end_noted() ? 1 : 0);
}

void end_run(void)
{
    (void)end_claim();
    last_line();
}

void end_with_failure(const char *format, ...)
{
    va_list args;
    (void)end_claim();
    if (++depth > 1) { /* failed while failing */
        machine_exit(1);
    }
    va_start(args, format);
    note(format, args);
    va_end(args);
    last_line();
}
