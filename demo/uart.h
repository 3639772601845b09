/* SPDX-License-Identifier: MIT */
/*
 * The one device that the console needs: boot/ has it for each architecture.
 */
#ifndef DEMO_UART_H
#define DEMO_UART_H

#include <stdint.h>

/* How the devicetree calls it. */
extern const char uart_compatible[];
/* Use the one at this address from now on. */
void uart_use(uint64_t phys);
void uart_put(char c);

#endif /* DEMO_UART_H */
