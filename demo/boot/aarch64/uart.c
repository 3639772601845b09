/* SPDX-License-Identifier: MIT */
/*
 * The console's UART, a PL011 (DDI0183).
 */
#include "../../uart.h"
#include "cpu.h"
#include "sections.h"

#define UART_DR       0x00
#define UART_FR       0x18
#define UART_LCRH     0x2c
#define UART_CR       0x30
#define FR_TXFF       (1u << 5)
#define LCRH_8N1_FIFO 0x70u
#define CR_TX_ENABLE  0x101u
#define SPINS         1000000 /* a transmitter that never drains must not hang the kernel */

const char uart_compatible[] = "arm,pl011";
static uintptr_t uart = EARLY_UART;

static volatile uint32_t *reg(uintptr_t base, unsigned offset)
{
    return (volatile uint32_t *)(base + offset);
}

/* The old one stays until the new one was reached, so that a fault there can be reported. */
void uart_use(uint64_t phys)
{
    *reg((uintptr_t)phys, UART_LCRH) = LCRH_8N1_FIFO;
    *reg((uintptr_t)phys, UART_CR) = CR_TX_ENABLE;
    __asm__ volatile("dsb sy" ::: "memory");
    uart = (uintptr_t)phys;
}

void uart_put(char c)
{
    for (unsigned i = 0; i < SPINS && (*reg(uart, UART_FR) & FR_TXFF) != 0; i++) {
        cpu_relax();
    }
    *reg(uart, UART_DR) = (uint8_t)c;
}
