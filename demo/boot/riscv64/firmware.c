/* SPDX-License-Identifier: MIT */
/*
 * The counter's frequency, the UART's wire, and the device that ends QEMU. SBI needs nothing from the devicetree.
 */
#include <libfdt.h>

#include "../../firmware.h"
#include "../../uart.h"
#include "exit.h"
#include "timer.h"
#include "uart_wire.h"

static uint64_t timebase(const void *fdt)
{
    int length = 0, node = fdt_path_offset(fdt, "/cpus");
    const fdt32_t *hz = node < 0 ? NULL : fdt_getprop(fdt, node, "timebase-frequency", &length);
    return hz != NULL && length == 4 ? fdt32_to_cpu(*hz) : 0;
}

static uint64_t test_device(const void *fdt)
{
    int length = 0, node = fdt_node_offset_by_compatible(fdt, -1, "sifive,test1");
    const fdt64_t *reg = node < 0 ? NULL : fdt_getprop(fdt, node, "reg", &length);
    return reg != NULL && length >= 16 ? fdt64_to_cpu(reg[0]) : 0;
}

static uint32_t first_cell(const void *fdt, int node, const char *name)
{
    int length = 0;
    const fdt32_t *cell = fdt_getprop(fdt, node, name, &length);
    return cell != NULL && length >= 4 ? fdt32_to_cpu(*cell) : 0;
}

/* interrupt-parent is the node's own, or that of the nearest above that has one (Devicetree Specification 0.4,
 * 2.4.1). */
static void find_uart_wire(const void *fdt)
{
    int node = fdt_node_offset_by_compatible(fdt, -1, uart_compatible), length = 0;
    const fdt32_t *cells = node < 0 ? NULL : fdt_getprop(fdt, node, "interrupts", &length);
    if (cells == NULL || length != 8) {
        return;
    }
    uart_wire.source = fdt32_to_cpu(cells[0]);
    uart_wire.trigger = fdt32_to_cpu(cells[1]);
    for (; node >= 0 && uart_wire.controller == 0; node = fdt_parent_offset(fdt, node)) {
        uart_wire.controller = first_cell(fdt, node, "interrupt-parent");
    }
}

void firmware_use(const void *fdt, const struct umsi_platform *hw)
{
    (void)hw;
    timer_use(timebase(fdt));
    exit_use(test_device(fdt));
    find_uart_wire(fdt);
}
