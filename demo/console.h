/* SPDX-License-Identifier: MIT */
/*
 * The console, on the UART of uart.h.
 */
#ifndef DEMO_CONSOLE_H
#define DEMO_CONSOLE_H

#include <stdarg.h>

/* One piece of text, at most 255 characters, never mixed with another CPU's. Context: any. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_args(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
/* From now on one CPU prints, whoever holds the lock. */
void console_break_lock(void);

#endif /* DEMO_CONSOLE_H */
