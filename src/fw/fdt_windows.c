/* SPDX-License-Identifier: MIT */
/*
 * The `ranges` of a PCI host bridge: windows through which the CPU reaches I/O and memory space. A row is the
 * PCI address (three cells: a space code, then 64 bits), the address on the host's own bus, the size.
 * IEEE 1275 PCI bus binding 2.1, 2.2.1.1.
 */
#include "fdt_nodes.h"

#define PCI_ADDRESS_CELLS 3u
#define PCI_SIZE_CELLS    2u

#define SPACE(hi)        (((hi) >> 24) & 3) /* ss */
#define SPACE_CONFIG     0u
#define SPACE_IO         1u
#define SPACE_MEM32      2u
#define PREFETCHABLE(hi) (((hi) >> 30) & 1) /* p */

/* Does the whole window lie where this kind of space can be? */
static bool window_fits(const struct umsi_window *win)
{
    if (!umsi_range_valid(win->bus, win->size)) {
        return false;
    }
    return win->kind == UMSI_WINDOW_MEM64 || win->bus + (win->size - 1) <= UINT32_MAX;
}

static bool same_space(const struct umsi_window *a, const struct umsi_window *b)
{
    return (a->kind == UMSI_WINDOW_IO) == (b->kind == UMSI_WINDOW_IO);
}

static struct umsi_range cpu_range(const struct umsi_window *win)
{
    return (struct umsi_range){ .base = win->cpu, .size = win->size };
}

static struct umsi_range bus_range(const struct umsi_window *win)
{
    return (struct umsi_range){ .base = win->bus, .size = win->size };
}

/* A CPU address belongs to one window of one host, a PCI address to one of its host. */
static bool overlaps_known(const struct umsi_platform *p, const struct umsi_platform_host *host,
                           const struct umsi_window *win)
{
    for (uint32_t h = 0; h <= p->nr_hosts; h++) { /* `host` is the one after the last */
        const struct umsi_platform_host *other = &p->host[h];

        if (umsi_range_overlaps(cpu_range(win), other->ecam)) {
            return true;
        }
        for (uint32_t i = 0; i < other->nr_windows; i++) {
            const struct umsi_window *o = &other->window[i];

            if (umsi_range_overlaps(cpu_range(win), cpu_range(o)) ||
                (other == host && same_space(win, o) &&
                 umsi_range_overlaps(bus_range(win), bus_range(o)))) {
                return true;
            }
        }
    }
    return false;
}

/* Read one row; what keeps it from being used, or NULL. */
static const char *read_row(const struct umsi_fdt_walk *w, const uint8_t *row,
                            uint32_t parent_cells, struct umsi_window *win)
{
    uint32_t hi = (uint32_t)umsi_fdt_cells(row, 1);
    const uint8_t *parent = row + 4 * PCI_ADDRESS_CELLS;
    struct umsi_range r;

    if (SPACE(hi) == SPACE_CONFIG) {
        return "is configuration space, skipped";
    }
    win->kind = SPACE(hi) == SPACE_IO      ? UMSI_WINDOW_IO
                : SPACE(hi) == SPACE_MEM32 ? UMSI_WINDOW_MEM32
                                           : UMSI_WINDOW_MEM64;
    win->prefetchable = PREFETCHABLE(hi) != 0;
    win->bus = umsi_fdt_cells(row + 4, 2);
    win->size = umsi_fdt_cells(parent + 4 * (size_t)parent_cells, PCI_SIZE_CELLS);
    r.base = umsi_fdt_cells(parent, parent_cells);
    r.size = win->size;
    if (!window_fits(win) || !umsi_range_valid(r.base, r.size)) {
        return "is empty or leaves its address space, skipped";
    }
    if (!umsi_fdt_translate(w, &r)) {
        return "is not reachable through the ranges above it, skipped";
    }
    win->cpu = r.base;
    return NULL;
}

static const char *add_row(struct umsi_fdt_walk *w, struct umsi_platform_host *host,
                           const uint8_t *row, uint32_t parent_cells)
{
    struct umsi_window win = { .kind = UMSI_WINDOW_IO };
    const char *refusal = read_row(w, row, parent_cells, &win);

    if (refusal != NULL) {
        return refusal;
    }
    if (overlaps_known(w->out, host, &win)) {
        return "overlaps another window, skipped";
    }
    host->window[host->nr_windows++] = win;
    return NULL;
}

static bool usable_cells(const struct umsi_fdt_walk *w, uint32_t parent_cells)
{
    return w->level[w->depth].address_cells == PCI_ADDRESS_CELLS &&
           w->level[w->depth].size_cells == PCI_SIZE_CELLS && parent_cells >= 1 &&
           parent_cells <= 2;
}

void umsi_fdt_read_windows(struct umsi_fdt_walk *w, struct umsi_platform_host *host)
{
    uint32_t parent_cells = w->level[w->depth - 1].address_cells;
    uint32_t row_bytes = 4 * (PCI_ADDRESS_CELLS + parent_cells + PCI_SIZE_CELLS);
    struct umsi_fdt_prop p;

    if (!umsi_fdt_get(w, "ranges", &p)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "ranges", "missing: this host has no windows");
        return;
    }
    if (!usable_cells(w, parent_cells) || p.size == 0 || p.size % row_bytes != 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "ranges",
                     "does not fit #address-cells and #size-cells, skipped");
        return;
    }
    for (uint32_t i = 0; i < p.size / row_bytes; i++) {
        const char *refusal;

        if (host->nr_windows == UMSI_PLATFORM_MAX_REGIONS) {
            umsi_fdt_say_entry(w, "ranges", i, "and what follows are too many windows, skipped");
            return;
        }
        refusal = add_row(w, host, p.data + (size_t)i * row_bytes, parent_cells);
        if (refusal != NULL) {
            umsi_fdt_say_entry(w, "ranges", i, refusal);
        }
    }
}
