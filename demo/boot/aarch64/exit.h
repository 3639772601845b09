/* SPDX-License-Identifier: MIT */
/*
 * Leaving: tell the host an exit status, or at least power off.
 */
#ifndef DEMO_EXIT_H
#define DEMO_EXIT_H

#include <stdbool.h>
#include <stdint.h>

_Noreturn void machine_exit(unsigned status);
/* Is this undefined instruction the semihosting call? */
bool semihosting_refused(uint64_t pc);

#endif /* DEMO_EXIT_H */
