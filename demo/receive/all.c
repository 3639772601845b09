/* SPDX-License-Identifier: MIT */
/* Receiving way (a): umsi does all. */
#include <umsi/umsi.h>

#include "../platform.h"

void platform_interrupt(void)
{
    (void)umsi_handle_interrupts(platform_umsi);
}
