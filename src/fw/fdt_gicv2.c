/* SPDX-License-Identifier: MIT */
/*
 * GICv2 and its children arm,gic-v2m-frame (binding arm,gic). `reg` of the GIC: the distributor, the CPU interface,
 * then what its virtualization extensions have, which umsi does not use.
 */
#include <libfdt.h>

#include "fdt_nodes.h"

#define PAGE        0x1000u    /* each of these frames is 4 KiB, whatever `reg` says */
#define PHANDLE_BAD UINT32_MAX /* 2.3.3 */

static const char *const gicv2[] = { "arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic" };

bool umsi_fdt_is_gicv2(const void *fdt, int node)
{
    for (size_t i = 0; i < sizeof(gicv2) / sizeof(gicv2[0]); i++) {
        if (fdt_node_check_compatible(fdt, node, gicv2[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool umsi_fdt_read_gicv2(struct umsi_fdt_walk *w)
{
    struct umsi_platform *p = w->out;
    struct umsi_range gicd, gicc;

    if (p->has_gic) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "a second GIC, skipped");
        return false;
    }
    if (umsi_fdt_reg_count(w) < 2) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "has no CPU interface, node skipped");
        return false;
    }
    if (!umsi_fdt_frames(w, 0, PAGE, &gicd) || !umsi_fdt_frames(w, 1, PAGE, &gicc)) {
        return false;
    }
    if (umsi_range_overlaps(gicd, gicc)) {
        umsi_fdt_say_entry(w, "reg", 1, "overlaps another, node skipped");
        return false;
    }
    p->has_gic = p->gicv2 = true;
    p->gicd = gicd;
    p->gicc = gicc;
    p->gic_phandle = fdt_get_phandle(w->fdt, umsi_fdt_node(w));
    w->gic = umsi_fdt_node(w);
    return true;
}

/* ---- GICv2m ---- */

static bool overlaps_gic(const struct umsi_platform *p, struct umsi_range r)
{
    for (uint32_t i = 0; i < p->nr_redist; i++) {
        if (umsi_range_overlaps(r, p->redist[i])) {
            return true;
        }
    }
    return umsi_range_overlaps(r, p->gicd) || (p->gicv2 && umsi_range_overlaps(r, p->gicc));
}

static bool collides(const struct umsi_platform *p, const struct umsi_platform_v2m *v2m)
{
    for (uint32_t i = 0; i < p->nr_v2m; i++) {
        if (umsi_range_overlaps(v2m->reg, p->v2m[i].reg) ||
            (v2m->phandle != 0 && v2m->phandle == p->v2m[i].phandle)) {
            return true;
        }
    }
    return overlaps_gic(p, v2m->reg);
}

/* Both, or neither: one of them says nothing without the other. */
static void read_spis(struct umsi_fdt_walk *w, struct umsi_platform_v2m *v2m)
{
    uint32_t first = 0, count = 0;
    enum umsi_fdt_found a = umsi_fdt_u32(w, "arm,msi-base-spi", &first);
    enum umsi_fdt_found b = umsi_fdt_u32(w, "arm,msi-num-spis", &count);

    if (a == UMSI_FDT_OK && b == UMSI_FDT_OK) {
        v2m->first_spi = first;
        v2m->nr_spis = count;
    } else if (a != UMSI_FDT_ABSENT || b != UMSI_FDT_ABSENT) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "arm,msi-base-spi",
                     "is of use with arm,msi-num-spis only, both skipped");
    }
}

static bool read_frame(struct umsi_fdt_walk *w, struct umsi_platform_v2m *v2m)
{
    if (umsi_fdt_reg_count(w) == 0 || !umsi_fdt_frames(w, 0, PAGE, &v2m->reg)) {
        return false;
    }
    v2m->phandle = fdt_get_phandle(w->fdt, umsi_fdt_node(w));
    if (v2m->phandle == PHANDLE_BAD) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "phandle", "is not a phandle, node skipped");
        return false;
    }
    if (collides(w->out, v2m)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL,
                     "shares its reg or phandle with another node, skipped");
        return false;
    }
    read_spis(w, v2m);
    return true;
}

/* What keeps umsi from using this frame at all; NULL: nothing. */
static const char *refusal(const struct umsi_fdt_walk *w)
{
    if (!umsi_fdt_in_gic(w)) {
        return "a GICv2m frame that is not a child of the GIC, skipped";
    }
    if (!umsi_fdt_has(w, "msi-controller")) {
        return "msi-controller: missing, node skipped";
    }
    return w->out->nr_v2m == UMSI_PLATFORM_MAX_V2M ? "one GICv2m frame too many, skipped" : NULL;
}

bool umsi_fdt_read_v2m(struct umsi_fdt_walk *w)
{
    struct umsi_platform_v2m v2m = { .phandle = 0 };
    const char *why = refusal(w);

    if (why != NULL) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, why);
    } else if (read_frame(w, &v2m)) {
        w->out->v2m[w->out->nr_v2m++] = v2m;
    }
    return false;
}
