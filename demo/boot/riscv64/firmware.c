/* SPDX-License-Identifier: MIT */
/*
 * The counter's frequency, and the device that ends QEMU. SBI needs nothing from the devicetree.
 */
#include <libfdt.h>

#include "../../firmware.h"
#include "exit.h"
#include "timer.h"

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

void firmware_use(const void *fdt, const struct umsi_platform *hw)
{
    (void)hw;
    timer_use(timebase(fdt));
    exit_use(test_device(fdt));
}
