/* SPDX-License-Identifier: MIT */
/* Names of domains are put together without format.c, which a kernel without a log then need not have. */
#include "core.h"

size_t umsi_append(char *buffer, size_t size, size_t at, const char *text)
{
    for (; *text != '\0' && at + 1 < size; text++) {
        buffer[at++] = *text;
    }
    buffer[at] = '\0';
    return at;
}
