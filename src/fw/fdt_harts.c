/* SPDX-License-Identifier: MIT */
/* Harts of interrupts-extended, see fdt_harts.h. Each entry is two cells: harts' controllers have #interrupt-cells 1. */
#include "fdt_harts.h"

#include <libfdt.h>

#define ENTRY_BYTES         8u
#define SUPERVISOR_EXTERNAL 9u /* in a hart's interrupt numbers; 11 is machine level's */

static const uint8_t *list_of(const struct umsi_fdt_walk *w, int node, uint32_t *out_n)
{
    int size = 0;
    const uint8_t *data = fdt_getprop(w->fdt, node, "interrupts-extended", &size);

    *out_n = data != NULL && size > 0 && (uint32_t)size % ENTRY_BYTES == 0
                 ? (uint32_t)size / ENTRY_BYTES
                 : 0;
    return data;
}

uint32_t umsi_fdt_harts(const struct umsi_fdt_walk *w, int node)
{
    uint32_t n;

    (void)list_of(w, node, &n);
    return n;
}

static bool is_supervisor(const uint8_t *entry)
{
    return umsi_fdt_cells(entry + 4, 1) == SUPERVISOR_EXTERNAL;
}

bool umsi_fdt_is_supervisor(const struct umsi_fdt_walk *w, int node)
{
    uint32_t n;
    const uint8_t *list = list_of(w, node, &n);

    return n != 0 && is_supervisor(list);
}

/* `reg` of a node below /cpus is one number, of one or two cells (Devicetree Specification 0.4, 3.8). */
static bool hart_id_of(const struct umsi_fdt_walk *w, int cpu, uint64_t *out)
{
    int size = 0;
    const uint8_t *reg = fdt_getprop(w->fdt, cpu, "reg", &size);

    if (reg == NULL || (size != 4 && size != 8)) {
        return false;
    }
    *out = umsi_fdt_cells(reg, (uint32_t)size / 4);
    return true;
}

bool umsi_fdt_hart(const struct umsi_fdt_walk *w, int node, uint32_t entry, uint64_t *out)
{
    uint32_t n;
    const uint8_t *list = list_of(w, node, &n);
    int controller, cpu;

    if (entry >= n || !is_supervisor(list + entry * ENTRY_BYTES)) {
        return false;
    }
    controller =
        fdt_node_offset_by_phandle(w->fdt, (uint32_t)umsi_fdt_cells(list + entry * ENTRY_BYTES, 1));
    cpu = controller >= 0 ? fdt_parent_offset(w->fdt, controller) : -1;
    return cpu >= 0 && hart_id_of(w, cpu, out);
}
