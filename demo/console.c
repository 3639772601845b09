/* SPDX-License-Identifier: MIT */
/*
 * The console on a PL011 UART (DDI0183), and picolibc's stdout on it.
 */
#include <stdio.h>

#include "boot/aarch64/sections.h"
#include "console.h"
#include "spinlock.h"

#define UART_DR       0x00
#define UART_FR       0x18
#define UART_LCRH     0x2c
#define UART_CR       0x30
#define FR_TXFF       (1u << 5)
#define LCRH_8N1_FIFO 0x70u
#define CR_TX_ENABLE  0x101u
#define SPINS         1000000 /* a transmitter that never drains must not hang the kernel */

static uintptr_t uart = EARLY_UART;
static struct spinlock lock;
static bool lock_broken;

static volatile uint32_t *reg(uintptr_t base, unsigned offset)
{
    return (volatile uint32_t *)(base + offset);
}

/* The old one stays until the new one was reached, so that a fault there can be reported. */
void console_use(uint64_t phys)
{
    *reg((uintptr_t)phys, UART_LCRH) = LCRH_8N1_FIFO;
    *reg((uintptr_t)phys, UART_CR) = CR_TX_ENABLE;
    __asm__ volatile("dsb sy" ::: "memory");
    uart = (uintptr_t)phys;
}

static void put_byte(char c)
{
    for (unsigned i = 0; i < SPINS && (*reg(uart, UART_FR) & FR_TXFF) != 0; i++) {
        cpu_relax();
    }
    *reg(uart, UART_DR) = (uint8_t)c;
}

static int put_char(char c, FILE *stream)
{
    (void)stream;
    if (c == '\n') {
        put_byte('\r');
    }
    put_byte(c);
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
