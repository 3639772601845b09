/* SPDX-License-Identifier: MIT */
/*
 * The end: semihosting's SYS_EXIT_EXTENDED gives QEMU's process an exit status; without semihosting the
 * instruction is undefined, and PSCI powers the machine off.
 */
#include "cpu.h"
#include "exit.h"
#include "psci.h"

#define SYS_EXIT_EXTENDED            0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

extern const char semihosting_call[];

__attribute__((noinline)) static void semihosting_exit(unsigned status)
{
    const uint64_t block[2] = { ADP_STOPPED_APPLICATION_EXIT, status };
    register uint64_t x0 __asm__("x0") = SYS_EXIT_EXTENDED;
    register const uint64_t *x1 __asm__("x1") = block;
    __asm__ volatile(".global semihosting_call\nsemihosting_call:\n\thlt #0xf000"
                     : "+r"(x0)
                     : "r"(x1)
                     : "memory");
}

bool semihosting_refused(uint64_t pc)
{
    return pc == (uintptr_t)semihosting_call;
}

void machine_exit(unsigned status)
{
    (void)interrupts_off();
    semihosting_exit(status);
    psci_system_off();
    for (;;) {
        wait_for_interrupt();
    }
}
