/* SPDX-License-Identifier: MIT */
/*
 * The console: picolibc's stdout on the UART, a line at a time.
 */
#include <stdio.h>

#include "console.h"
#include "spinlock.h"
#include "uart.h"

static struct spinlock lock;
static bool lock_broken;

static int put_char(char c, FILE *stream)
{
    (void)stream;
    if (c == '\n') {
        uart_put('\r');
    }
    uart_put(c);
    return (unsigned char)c;
}

static FILE uart_file = FDEV_SETUP_STREAM(put_char, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &uart_file;
FILE *const stderr = &uart_file;
FILE *const stdin = &uart_file;

void console_break_lock(void)
{
    __atomic_store_n(&lock_broken, true, __ATOMIC_RELAXED);
}

void print_args(const char *format, va_list args)
{
    char text[256];
    (void)vsnprintf(text, sizeof(text), format, args);
    bool locked = !__atomic_load_n(&lock_broken, __ATOMIC_RELAXED);
    uint64_t state = locked ? spin_lock(&lock) : 0;
    for (const char *c = text; *c != '\0'; c++) {
        (void)put_char(*c, NULL);
    }
    if (locked) {
        spin_unlock(&lock, state);
    }
}

void print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_args(format, args);
    va_end(args);
}
