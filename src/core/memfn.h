/* SPDX-License-Identifier: MIT */
/* The four functions the library needs from its environment. A freestanding compiler brings no string.h. */
#ifndef UMSI_MEMFN_H
#define UMSI_MEMFN_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *p, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif /* UMSI_MEMFN_H */
