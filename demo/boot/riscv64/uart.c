/* SPDX-License-Identifier: MIT */
/*
 * The console's UART, a 16550A as the virt machine has it: 8 data bits, no parity, as firmware left it.
 */
#include "../../uart.h"
#include "cpu.h"
#include "sections.h"
#include "uart_wire.h"

#define THR      0 /* transmit holding register */
#define IER      1 /* interrupt enable register */
#define IIR      2 /* interrupt identification register */
#define LSR      5 /* line status register */
#define IER_THRE 0x02u
#define IIR_ID   0x0fu
#define IIR_THRE 0x02u
#define LSR_THRE 0x20u
#define SPINS    1000000 /* a transmitter that never drains must not hang the kernel */

const char uart_compatible[] = "ns16550a";
struct uart_wire uart_wire;
static uintptr_t uart = EARLY_UART;

void uart_use(uint64_t phys)
{
    uart = (uintptr_t)phys;
}

void uart_raise(bool on)
{
    ((volatile uint8_t *)uart)[IER] = on ? IER_THRE : 0;
}

bool uart_raised(void)
{
    return (((volatile uint8_t *)uart)[IIR] & IIR_ID) == IIR_THRE;
}

void uart_put(char c)
{
    volatile uint8_t *reg = (volatile uint8_t *)uart;
    for (unsigned i = 0; i < SPINS && (reg[LSR] & LSR_THRE) == 0; i++) {
        cpu_relax();
    }
    reg[THR] = (uint8_t)c;
}
