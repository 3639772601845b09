/* SPDX-License-Identifier: MIT */
/*
 * arm,gic-v3 and its children arm,gic-v3-its (binding arm,gic-v3). `reg` of the GIC: the distributor, then
 * #redistributor-regions regions, then frames of GICv2 compatibility, which umsi does not use.
 */
#include <libfdt.h>

#include "fdt_nodes.h"

#define FRAME 0x10000u /* every register frame is 64 KiB; IHI0069, chapter 12 */
#define PAGE  0x1000u
#define MAX_REGION                                                                                 \
    0x40000000u /* 4096 redistributors of GICv4; more is not believed, as it would be mapped */
#define PHANDLE_BAD UINT32_MAX /* 2.3.3 */

bool umsi_fdt_frames(struct umsi_fdt_walk *w, uint32_t entry, uint32_t at_least,
                     struct umsi_range *out)
{
    struct umsi_range r;

    if (!umsi_fdt_reg(w, entry, &r)) {
        return false;
    }
    if (r.base % PAGE != 0 || r.size < at_least || r.size > MAX_REGION) {
        umsi_fdt_say_entry(w, "reg", entry, "is misaligned, too small or too large, skipped");
        return false;
    }
    *out = r;
    return true;
}

/* ---- GIC ---- */

struct gic {
    struct umsi_range gicd, redist[UMSI_PLATFORM_MAX_REGIONS];
    uint32_t nr_redist;
    uint64_t stride;
};

bool umsi_fdt_in_gic(const struct umsi_fdt_walk *w)
{
    return w->depth > 0 && w->level[w->depth - 1].node == w->gic;
}

static bool overlaps_any(struct umsi_range r, const struct umsi_range *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (umsi_range_overlaps(r, list[i])) {
            return true;
        }
    }
    return false;
}

static void read_region(struct umsi_fdt_walk *w, uint32_t entry, struct gic *g)
{
    struct umsi_range r;

    if (!umsi_fdt_frames(w, entry, 2 * FRAME, &r)) {
        return;
    }
    if (umsi_range_overlaps(r, g->gicd) || overlaps_any(r, g->redist, g->nr_redist)) {
        umsi_fdt_say_entry(w, "reg", entry, "overlaps another, skipped");
        return;
    }
    if (r.size < g->stride) {
        umsi_fdt_say_entry(w, "reg", entry, "is smaller than redistributor-stride, skipped");
        return;
    }
    if (g->nr_redist == UMSI_PLATFORM_MAX_REGIONS) {
        umsi_fdt_say_entry(w, "reg", entry, "is one redistributor region too many, skipped");
        return;
    }
    g->redist[g->nr_redist++] = r;
}

static bool read_regions(struct umsi_fdt_walk *w, struct gic *g)
{
    uint32_t count = umsi_fdt_reg_count(w);
    uint32_t regions = 1;

    if (count == 0 || umsi_fdt_u32(w, "#redistributor-regions", &regions) == UMSI_FDT_BROKEN) {
        return false;
    }
    if (regions == 0 || regions >= count) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "#redistributor-regions", "does not fit reg, node skipped");
        return false;
    }
    if (!umsi_fdt_frames(w, 0, FRAME, &g->gicd)) {
        return false;
    }
    for (uint32_t i = 1; i <= regions; i++) {
        read_region(w, i, g);
    }
    if (g->nr_redist == 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "no usable redistributor region, node skipped");
    }
    return g->nr_redist != 0;
}

/* With a wrong stride the frames would be looked for where there may be nothing: then better no GIC. */
static bool read_stride(struct umsi_fdt_walk *w, struct gic *g)
{
    struct umsi_fdt_prop p;

    if (!umsi_fdt_get(w, "redistributor-stride", &p)) {
        return true;
    }
    if (p.size == 4 || p.size == 8) {
        g->stride = umsi_fdt_cells(p.data, p.size / 4);
    }
    if (g->stride < 2 * FRAME || g->stride % FRAME != 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "redistributor-stride",
                     "is not a multiple of 64 KiB from 128 KiB up, node skipped");
        return false;
    }
    return true;
}

bool umsi_fdt_read_gic(struct umsi_fdt_walk *w)
{
    struct umsi_platform *p = w->out;
    struct gic g = { .nr_redist = 0, .stride = 0 };

    if (p->has_gic) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "a second GIC, skipped");
        return false;
    }
    if (!read_stride(w, &g) || !read_regions(w, &g)) {
        return false;
    }
    p->has_gic = true;
    p->gicd = g.gicd;
    for (uint32_t i = 0; i < g.nr_redist; i++) {
        p->redist[i] = g.redist[i];
    }
    p->nr_redist = g.nr_redist;
    p->redist_stride = g.stride;
    p->gic_non_coherent = umsi_fdt_has(w, "dma-noncoherent");
    p->gic_phandle = fdt_get_phandle(w->fdt, umsi_fdt_node(w));
    w->gic = umsi_fdt_node(w);
    return true;
}

/* ---- ITS ---- */

/* What keeps umsi from using this ITS at all; NULL: nothing. */
static const char *its_refusal(const struct umsi_fdt_walk *w)
{
    if (!umsi_fdt_in_gic(w)) {
        return "an ITS that is not a child of the GIC, skipped";
    }
    if (!umsi_fdt_has(w, "msi-controller")) {
        return "msi-controller: missing, node skipped";
    }
    if (umsi_fdt_has(w, "socionext,synquacer-pre-its")) {
        return "devices write to a bridge in front of this ITS, which umsi does not know, skipped";
    }
    if (w->out->nr_its == UMSI_PLATFORM_MAX_ITS) {
        return "one ITS too many, skipped";
    }
    return NULL;
}

static bool its_collides(const struct umsi_platform *p, const struct umsi_platform_its *its)
{
    for (uint32_t i = 0; i < p->nr_its; i++) {
        if (umsi_range_overlaps(its->reg, p->its[i].reg) ||
            (its->phandle != 0 && its->phandle == p->its[i].phandle)) {
            return true;
        }
    }
    return umsi_range_overlaps(its->reg, p->gicd) ||
           overlaps_any(its->reg, p->redist, p->nr_redist);
}

/* Some trees give the control frame only; GITS_TRANSLATER, in the second, is for devices. */
static bool read_its(struct umsi_fdt_walk *w, struct umsi_platform_its *its)
{
    if (umsi_fdt_reg_count(w) == 0 || !umsi_fdt_frames(w, 0, FRAME, &its->reg)) {
        return false;
    }
    its->phandle = fdt_get_phandle(w->fdt, umsi_fdt_node(w));
    if (its->phandle == PHANDLE_BAD) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "phandle", "is not a phandle, node skipped");
        return false;
    }
    if (its_collides(w->out, its)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL,
                     "shares its reg or phandle with another node, skipped");
        return false;
    }
    its->non_coherent = umsi_fdt_has(w, "dma-noncoherent");
    return true;
}

bool umsi_fdt_read_its(struct umsi_fdt_walk *w)
{
    struct umsi_platform_its its = { .phandle = 0 };
    const char *refusal = its_refusal(w);

    if (refusal != NULL) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, refusal);
    } else if (read_its(w, &its)) {
        w->out->its[w->out->nr_its++] = its;
    }
    return false;
}
