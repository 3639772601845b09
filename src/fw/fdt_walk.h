/* SPDX-License-Identifier: MIT */
/*
 * A walk over a devicetree that knows the way from the root to the node it stands on: properties read with
 * their lengths checked, addresses translated to the CPU's, and log lines that name the node.
 *
 * Section numbers are those of the Devicetree Specification 0.4.
 */
#ifndef UMSI_FDT_WALK_H
#define UMSI_FDT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <umsi/fw/platform.h>

#define UMSI_FDT_MAX_DEPTH 16   /* nodes deeper than this are not read */
#define UMSI_FDT_MAX_LINES 100u /* in the log; a hostile tree must not flood it */

/* One node on the way down, and how it counts the addresses of its children (2.3.5). */
struct umsi_fdt_level {
    int node;
    uint32_t address_cells, size_cells; /* UINT32_MAX: the property is broken */
};

struct umsi_fdt_walk {
    const void *fdt;
    void (*log)(void *ctx, enum umsi_log_level level, const char *line);
    void *ctx;
    uint32_t lines;
    int depth; /* of the current node; the root's is 0 */
    struct umsi_fdt_level level[UMSI_FDT_MAX_DEPTH];
    int gic;           /* the GIC in `out`, whose children may be ITSes or frames; -1: none yet */
    uint64_t numbered; /* hosts of `out` that have a linux,pci-domain, one bit each */
    struct umsi_platform *out;
};

struct umsi_fdt_prop {
    const uint8_t *data;
    uint32_t size; /* bytes */
};

enum umsi_fdt_found { UMSI_FDT_ABSENT, UMSI_FDT_OK, UMSI_FDT_BROKEN };

static inline int umsi_fdt_node(const struct umsi_fdt_walk *w)
{
    return w->level[w->depth].node;
}

/* ---- the log: "devicetree: PATH: PROPERTY: text"; `property` may be NULL ---- */

void umsi_fdt_say(struct umsi_fdt_walk *w, enum umsi_log_level level, const char *property,
                  const char *text);
/* "devicetree: PATH: PROPERTY: entry N text" */
void umsi_fdt_say_entry(struct umsi_fdt_walk *w, const char *property, uint32_t entry,
                        const char *text);

/* ---- properties of the current node ---- */

bool umsi_fdt_has(const struct umsi_fdt_walk *w, const char *name);
bool umsi_fdt_get(const struct umsi_fdt_walk *w, const char *name, struct umsi_fdt_prop *out);
/* Is the property one string, and this one? */
bool umsi_fdt_is(const struct umsi_fdt_walk *w, const char *name, const char *string);
bool umsi_fdt_compatible(const struct umsi_fdt_walk *w, const char *string);
/* Is the name of `node` this, up to an @? */
bool umsi_fdt_named(const struct umsi_fdt_walk *w, int node, const char *name);
/* One cell. A broken one is named in the log; *out is written for OK only. */
enum umsi_fdt_found umsi_fdt_u32(struct umsi_fdt_walk *w, const char *name, uint32_t *out);
/* A number of one or two cells. */
uint64_t umsi_fdt_cells(const uint8_t *data, uint32_t cells);

/* ---- addresses ---- */

/* How many entries `reg` has; 0 when it is missing or broken, which is logged. */
uint32_t umsi_fdt_reg_count(struct umsi_fdt_walk *w);
/* Entry `i` of a `reg` that has it, as the CPU addresses it. False: empty, or not reachable; logged. */
bool umsi_fdt_reg(struct umsi_fdt_walk *w, uint32_t i, struct umsi_range *out);
/* From the bus the current node sits on to the CPU (2.3.8). False: no bridge on the way passes all of it. */
bool umsi_fdt_translate(const struct umsi_fdt_walk *w, struct umsi_range *r);

/* Cells for addresses and sizes that umsi can read as one number. */
static inline bool umsi_fdt_cells_usable(uint32_t address_cells, uint32_t size_cells)
{
    return address_cells >= 1 && address_cells <= 2 && size_cells >= 1 && size_cells <= 2;
}

/* Is the last byte still a 64-bit address? */
static inline bool umsi_range_valid(uint64_t base, uint64_t size)
{
    return size != 0 && size - 1 <= UINT64_MAX - base;
}

/* Of two valid ranges. */
static inline bool umsi_range_overlaps(struct umsi_range a, struct umsi_range b)
{
    return a.base <= b.base + (b.size - 1) && b.base <= a.base + (a.size - 1);
}

#endif /* UMSI_FDT_WALK_H */
