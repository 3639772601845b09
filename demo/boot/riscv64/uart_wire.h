/* SPDX-License-Identifier: MIT */
/*
 * The interrupt of the console's UART: the wire the devicetree names, and the transmitter, which raises it as long as
 * it is empty and asked to say so.
 */
#ifndef DEMO_UART_WIRE_H
#define DEMO_UART_WIRE_H

#include <stdbool.h>
#include <stdint.h>

/* Of the node's `interrupts`, two cells as an APLIC has them; source 0: there is none. */
struct uart_wire {
    uint32_t controller, source,
        trigger; /* phandle; number there; as in devicetrees, 4: level, high */
};
extern struct uart_wire uart_wire;

/* Have the wire raised while the transmitter is empty, or not. */
void uart_raise(bool on);
/* Is it the transmitter that raised it? */
bool uart_raised(void);

#endif /* DEMO_UART_WIRE_H */
