/* SPDX-License-Identifier: MIT */
/*
 * The console's UART, a 16550A as the virt machine has it: 8 data bits, no parity, as firmware left it.
 */
#include "../../uart.h"
#include "cpu.h"
#include "sections.h"

#define THR      0 /* transmit holding register */
#define LSR      5 /* line status register */
#define LSR_THRE 0x20u
#define SPINS    1000000 /* a transmitter that never drains must not hang the kernel */

const char uart_compatible[] = "ns16550a";
static uintptr_t uart = EARLY_UART;

void uart_use(uint64_t phys)
{
    uart = (uintptr_t)phys;
}

void uart_put(char c)
{
    volatile uint8_t *reg = (volatile uint8_t *)uart;
    for (unsigned i = 0; i < SPINS && (reg[LSR] & LSR_THRE) == 0; i++) {
        cpu_relax();
    }
    reg[THR] = (uint8_t)c;
}
