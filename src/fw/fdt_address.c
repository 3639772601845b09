/* SPDX-License-Identifier: MIT */
/*
 * Addresses of a devicetree: `reg` entries counted in the cells of the bus a node sits on, and carried to
 * the CPU through the `ranges` of every bridge on the way. Devicetree Specification 0.4, 2.3.5, 2.3.6, 2.3.8.
 */
#include "fdt_walk.h"

#include <libfdt.h>

/* The bus the current node sits on; the root, which sits on none, has itself. */
static const struct umsi_fdt_level *bus_of(const struct umsi_fdt_walk *w)
{
    return &w->level[w->depth > 0 ? w->depth - 1 : 0];
}

static uint32_t entry_bytes(const struct umsi_fdt_level *bus)
{
    return 4 * (bus->address_cells + bus->size_cells);
}

uint32_t umsi_fdt_reg_count(struct umsi_fdt_walk *w)
{
    const struct umsi_fdt_level *bus = bus_of(w);
    struct umsi_fdt_prop reg;

    if (!umsi_fdt_get(w, "reg", &reg) || reg.size == 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "missing, node skipped");
        return 0;
    }
    if (!umsi_fdt_cells_usable(bus->address_cells, bus->size_cells)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg",
                     "the parent's #address-cells or #size-cells are not 1 or 2, node skipped");
        return 0;
    }
    if (reg.size % entry_bytes(bus) != 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "is not a whole number of entries, node skipped");
        return 0;
    }
    return reg.size / entry_bytes(bus);
}

bool umsi_fdt_reg(struct umsi_fdt_walk *w, uint32_t i, struct umsi_range *out)
{
    const struct umsi_fdt_level *bus = bus_of(w);
    struct umsi_fdt_prop reg;
    struct umsi_range r;

    if (!umsi_fdt_get(w, "reg", &reg) || i >= reg.size / entry_bytes(bus)) {
        return false;
    }
    reg.data += (size_t)i * entry_bytes(bus);
    r.base = umsi_fdt_cells(reg.data, bus->address_cells);
    r.size = umsi_fdt_cells(reg.data + 4 * (size_t)bus->address_cells, bus->size_cells);
    if (!umsi_range_valid(r.base, r.size)) {
        umsi_fdt_say_entry(w, "reg", i, "is empty or leaves the address space, skipped");
        return false;
    }
    if (!umsi_fdt_translate(w, &r)) {
        umsi_fdt_say_entry(w, "reg", i, "is not reachable through the ranges above it, skipped");
        return false;
    }
    *out = r;
    return true;
}

/* Does this row of a bridge's ranges pass all of `r`? Then `r` becomes the parent's. */
static bool translate_row(const uint8_t *row, const struct umsi_fdt_level *bridge,
                          uint32_t parent_cells, struct umsi_range *r)
{
    const uint8_t *parent = row + 4 * (size_t)bridge->address_cells;
    uint64_t from = umsi_fdt_cells(row, bridge->address_cells);
    uint64_t to = umsi_fdt_cells(parent, parent_cells);
    uint64_t size = umsi_fdt_cells(parent + 4 * (size_t)parent_cells, bridge->size_cells);

    if (r->base < from || r->size > size || r->base - from > size - r->size) {
        return false;
    }
    if (r->base - from > UINT64_MAX - to || !umsi_range_valid(to + (r->base - from), r->size)) {
        return false;
    }
    r->base = to + (r->base - from);
    return true;
}

/* One bridge up: from the children of `bridge` to the bus it sits on. */
static bool translate_step(const struct umsi_fdt_walk *w, const struct umsi_fdt_level *bridge,
                           uint32_t parent_cells, struct umsi_range *r)
{
    int size = 0;
    const uint8_t *row = fdt_getprop(w->fdt, bridge->node, "ranges", &size);
    uint32_t row_bytes;

    if (row == NULL || size < 0) {
        return false; /* no ranges: its children are on a bus of their own (2.3.8) */
    }
    if (size == 0) {
        return true;
    }
    if (!umsi_fdt_cells_usable(bridge->address_cells, bridge->size_cells) || parent_cells < 1 ||
        parent_cells > 2) {
        return false;
    }
    row_bytes = entry_bytes(bridge) + 4 * parent_cells;
    for (uint32_t left = (uint32_t)size; left >= row_bytes; left -= row_bytes) {
        if (translate_row(row, bridge, parent_cells, r)) {
            return true;
        }
        row += row_bytes;
    }
    return false;
}

bool umsi_fdt_translate(const struct umsi_fdt_walk *w, struct umsi_range *r)
{
    for (int d = w->depth - 1; d >= 1; d--) {
        if (!translate_step(w, &w->level[d], w->level[d - 1].address_cells, r)) {
            return false;
        }
    }
    return true;
}
