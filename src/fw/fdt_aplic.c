/* SPDX-License-Identifier: MIT */
/*
 * riscv,aplic: one interrupt domain. Those at supervisor level are umsi's: with an msi-parent at that level, or with
 * interrupts-extended to it. Machine-level ones have delegated their sources to them, and are firmware's.
 */
#include <libfdt.h>

#include "fdt_harts.h"
#include "fdt_nodes.h"

#define REGISTERS 0x4000u /* without IDC structures; AIA 1.0, 4.5 */
#define IDC_BYTES 32u
#define PAGE      0x1000u

/* The node that its messages go to; negative: there is none. */
static int message_parent(struct umsi_fdt_walk *w, uint32_t *out_phandle)
{
    struct umsi_fdt_prop p;

    if (!umsi_fdt_get(w, "msi-parent", &p) || p.size < 4) {
        return -1;
    }
    *out_phandle = (uint32_t)umsi_fdt_cells(p.data, 1);
    return fdt_node_offset_by_phandle(w->fdt, *out_phandle);
}

static bool read_sources(struct umsi_fdt_walk *w, struct umsi_platform_aplic *out)
{
    if (umsi_fdt_u32(w, "riscv,num-sources", &out->nr_sources) != UMSI_FDT_OK ||
        out->nr_sources == 0 || out->nr_sources > UMSI_APLIC_MAX_SOURCES) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "riscv,num-sources", "is not 1 .. 1023, node skipped");
        return false;
    }
    return true;
}

static bool collides(const struct umsi_platform *p, const struct umsi_platform_aplic *aplic)
{
    for (uint32_t i = 0; i < p->nr_aplic; i++) {
        if (umsi_range_overlaps(aplic->reg, p->aplic[i].reg) ||
            (aplic->phandle != 0 && aplic->phandle == p->aplic[i].phandle)) {
            return true;
        }
    }
    return false;
}

static bool read_common(struct umsi_fdt_walk *w, uint64_t at_least, struct umsi_platform_aplic *out)
{
    if (!read_sources(w, out) || umsi_fdt_reg_count(w) == 0 || !umsi_fdt_reg(w, 0, &out->reg)) {
        return false;
    }
    if (out->reg.base % PAGE != 0 || out->reg.size < at_least) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "is misaligned or too small, node skipped");
        return false;
    }
    out->phandle = fdt_get_phandle(w->fdt, umsi_fdt_node(w));
    if (out->phandle == UINT32_MAX || collides(w->out, out)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL,
                     "shares its reg or phandle with another node, skipped");
        return false;
    }
    return true;
}

static bool read_bridge(struct umsi_fdt_walk *w, int parent, struct umsi_platform_aplic *out)
{
    if (!umsi_fdt_is_supervisor(w, parent)) {
        umsi_fdt_say(w, UMSI_LOG_INFO, NULL, "an APLIC domain of another level, skipped");
        return false;
    }
    return read_common(w, REGISTERS, out);
}

/* An index whose entry names no hart stays an index: its ID is none that a CPU has. */
static void read_harts(struct umsi_fdt_walk *w, uint32_t harts)
{
    struct umsi_platform *p = w->out;

    for (uint32_t i = 0; i < harts; i++) {
        if (!umsi_fdt_hart(w, umsi_fdt_node(w), i, &p->aplic_hart_id[i])) {
            umsi_fdt_say_entry(w, "interrupts-extended", i, "names no hart, skipped");
            p->aplic_hart_id[i] = UINT64_MAX;
        }
    }
    p->nr_aplic_harts = harts;
}

static bool read_direct(struct umsi_fdt_walk *w, struct umsi_platform_aplic *out)
{
    uint32_t harts = umsi_fdt_harts(w, umsi_fdt_node(w));

    if (!umsi_fdt_is_supervisor(w, umsi_fdt_node(w))) {
        umsi_fdt_say(w, UMSI_LOG_INFO, NULL, "an APLIC domain of another level, skipped");
        return false;
    }
    if (w->out->nr_aplic_harts != 0 || harts > UMSI_MAX_CPUS) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "interrupts-extended",
                     "a second APLIC for the same harts, or too many harts, node skipped");
        return false;
    }
    if (!read_common(w, REGISTERS + (uint64_t)harts * IDC_BYTES, out)) {
        return false;
    }
    read_harts(w, harts);
    return true;
}

bool umsi_fdt_read_aplic(struct umsi_fdt_walk *w)
{
    struct umsi_platform_aplic aplic = { .phandle = 0 };
    int parent = message_parent(w, &aplic.msi_parent);

    if (w->out->nr_aplic == UMSI_PLATFORM_MAX_APLIC) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "one APLIC too many, skipped");
    } else if (umsi_fdt_has(w, "msi-parent") ? read_bridge(w, parent, &aplic)
                                             : read_direct(w, &aplic)) {
        w->out->aplic[w->out->nr_aplic++] = aplic;
    }
    return false;
}
