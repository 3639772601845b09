/* SPDX-License-Identifier: MIT */
/*
 * What the C library and Debian's libfdt expect of a system: stack protector, exit. Nothing else of it is used.
 */
#include <stdint.h>

#include "end.h"

extern const uintptr_t __stack_chk_guard;
const uintptr_t __stack_chk_guard = 0x00ff0a0dd15ea5edull; /* with the bytes that end strings */
_Noreturn void __stack_chk_fail(void);
_Noreturn void _exit(int status);

void __stack_chk_fail(void)
{
    end_with_failure("a stack was overwritten");
}

void _exit(int status)
{
    end_with_failure("the C library ended the run (%d)", status);
}
