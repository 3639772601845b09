/* SPDX-License-Identifier: MIT */
/*
 * Reading a flattened devicetree: the blob is checked as a whole first, then walked once, from the root
 * down, each node going to the reader of its kind. After the check nothing fails; nodes are only skipped.
 */
#include <umsi/fw/fdt.h>

#include <string.h>

#include <libfdt.h>

#include "fdt_nodes.h"
#include "fw_line.h"

/* ---- the blob ---- */

/*
 * libfdt loads whole cells from the structure block and 64-bit words from the memory reservations: where the
 * compiler or the MMU wants aligned loads, a header that puts them elsewhere would fault (5.2, 5.6).
 */
static int check_alignment(const void *fdt)
{
    if (fdt_off_dt_struct(fdt) % 4 != 0 || fdt_off_mem_rsvmap(fdt) % 8 != 0) {
        return -FDT_ERR_ALIGNMENT;
    }
    return 0;
}

/*
 * libfdt up to 1.6.1 adds up lengths in 32 bits: a property whose length is -12 ends where it begins, and
 * fdt_check_full() never does. So lengths are looked at before, one tag after the other.
 */
static int check_lengths(const void *fdt)
{
    int offset, next = 0, size = 0;
    uint32_t tag;

    do {
        offset = next;
        tag = fdt_next_tag(fdt, offset, &next);
        if (next < 0) {
            return next;
        }
        if (tag == FDT_PROP &&
            (fdt_get_property_by_offset(fdt, offset, &size) == NULL || size < 0)) {
            return -FDT_ERR_BADSTRUCTURE;
        }
    } while (tag != FDT_END);
    return 0;
}

static int check_blob(const void *fdt, size_t size)
{
    int err;

    if (size < sizeof(struct fdt_header)) {
        return -FDT_ERR_TRUNCATED;
    }
    if (fdt_magic(fdt) != FDT_MAGIC) {
        return -FDT_ERR_BADMAGIC;
    }
    if (fdt_version(fdt) < 16) { /* older ones store names and values differently */
        return -FDT_ERR_BADVERSION;
    }
    err = check_alignment(fdt);
    if (err == 0) {
        err = fdt_check_header(fdt);
    }
    if (err == 0 && fdt_totalsize(fdt) > size) {
        err = -FDT_ERR_TRUNCATED;
    }
    if (err == 0) {
        err = check_lengths(fdt);
    }
    return err != 0 ? err : fdt_check_full(fdt, size);
}

static void say_unusable(const struct umsi_fdt_walk *w, int err)
{
    struct umsi_fw_line l;

    if (w->log == NULL) {
        return;
    }
    umsi_fw_line_start(&l);
    umsi_fw_line_text(&l, "devicetree: not usable: ");
    umsi_fw_line_text(&l, fdt_strerror(err));
    w->log(w->ctx, UMSI_LOG_ERROR, l.text);
}

/* ---- kinds of node ---- */

static bool is_gic(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_compatible(w, "arm,gic-v3");
}

static bool is_its(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_compatible(w, "arm,gic-v3-its");
}

static bool is_gicv2(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_is_gicv2(w->fdt, umsi_fdt_node(w));
}

static bool is_v2m(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_compatible(w, "arm,gic-v2m-frame");
}

static bool is_imsic(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_compatible(w, "riscv,imsics");
}

static bool is_aplic(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_compatible(w, "riscv,aplic");
}

static bool is_host(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_compatible(w, "pci-host-ecam-generic");
}

static bool is_psci(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_compatible(w, "arm,psci-1.0") || umsi_fdt_compatible(w, "arm,psci-0.2") ||
           umsi_fdt_compatible(w, "arm,psci");
}

/* 3.4: a child of the root. */
static bool is_memory(const struct umsi_fdt_walk *w)
{
    return w->depth == 1 && umsi_fdt_is(w, "device_type", "memory");
}

/* 3.8: a child of /cpus. */
static bool is_cpu(const struct umsi_fdt_walk *w)
{
    return w->depth == 2 && umsi_fdt_named(w, w->level[1].node, "cpus") &&
           (umsi_fdt_is(w, "device_type", "cpu") || umsi_fdt_named(w, umsi_fdt_node(w), "cpu"));
}

static bool is_other_host(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_is(w, "device_type", "pci");
}

static bool is_other_msi(const struct umsi_fdt_walk *w)
{
    return umsi_fdt_has(w, "msi-controller");
}

/* Below an unknown host bridge are PCI functions, not devices of the board. */
static bool read_other_host(struct umsi_fdt_walk *w)
{
    umsi_fdt_say(w, UMSI_LOG_INFO, NULL, "a PCI host bridge of an unknown kind, skipped");
    return false;
}

static bool read_other_msi(struct umsi_fdt_walk *w)
{
    umsi_fdt_say(w, UMSI_LOG_INFO, NULL, "an MSI controller of an unknown kind, skipped");
    return true;
}

static const struct {
    bool (*matches)(const struct umsi_fdt_walk *w);
    bool (*read)(struct umsi_fdt_walk *w);
} kinds[] = {
    { is_gic, umsi_fdt_read_gic },     { is_its, umsi_fdt_read_its },
    { is_gicv2, umsi_fdt_read_gicv2 }, { is_v2m, umsi_fdt_read_v2m },
    { is_imsic, umsi_fdt_read_imsic }, { is_aplic, umsi_fdt_read_aplic },
    { is_host, umsi_fdt_read_host },   { is_memory, umsi_fdt_read_memory },
    { is_psci, umsi_fdt_read_psci },   { is_other_host, read_other_host },
    { is_other_msi, read_other_msi },
};

/* ---- the walk ---- */

/* 2.3.4: anything but "okay", of which "ok" is an old spelling, means: leave it alone. */
static bool is_available(const struct umsi_fdt_walk *w)
{
    return !umsi_fdt_has(w, "status") || umsi_fdt_is(w, "status", "okay") ||
           umsi_fdt_is(w, "status", "ok");
}

/* Returns whether to go on with the children. */
static bool visit(struct umsi_fdt_walk *w)
{
    if (is_cpu(w)) {
        return umsi_fdt_read_cpu(w); /* status means something else there (3.8.1) */
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!kinds[i].matches(w)) {
            continue;
        }
        if (!is_available(w)) {
            umsi_fdt_say(w, UMSI_LOG_INFO, "status", "is not \"okay\", node skipped");
            return false;
        }
        return kinds[i].read(w);
    }
    return is_available(w);
}

/* 2.3.5: not inherited; 2 and 1 where the node does not say. */
static uint32_t cells_of(struct umsi_fdt_walk *w, const char *name, uint32_t otherwise)
{
    uint32_t cells = otherwise;

    return umsi_fdt_u32(w, name, &cells) == UMSI_FDT_BROKEN ? UINT32_MAX : cells;
}

static void enter(struct umsi_fdt_walk *w, int node, int depth)
{
    w->depth = depth;
    w->level[depth].node = node;
    w->level[depth].address_cells = cells_of(w, "#address-cells", 2);
    w->level[depth].size_cells = cells_of(w, "#size-cells", 1);
}

static void walk(struct umsi_fdt_walk *w)
{
    int depth = -1, skip_below = UMSI_FDT_MAX_DEPTH; /* that: nothing is being skipped */
    int node = fdt_next_node(w->fdt, -1, &depth);

    for (; node >= 0 && depth >= 0; node = fdt_next_node(w->fdt, node, &depth)) {
        if (depth > skip_below) {
            continue;
        }
        skip_below = UMSI_FDT_MAX_DEPTH;
        if (depth >= UMSI_FDT_MAX_DEPTH) {
            umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "the nodes below are nested too deep, skipped");
            skip_below = UMSI_FDT_MAX_DEPTH - 1;
            continue;
        }
        enter(w, node, depth);
        if (!visit(w)) {
            skip_below = depth;
        }
    }
}

static void say_missing_riscv(struct umsi_fdt_walk *w)
{
    if (w->out->imsic.nr_reg == 0) {
        umsi_fdt_say(w, UMSI_LOG_INFO, NULL, "no usable riscv,imsics: no MSI");
    }
    if (w->out->nr_aplic == 0) {
        umsi_fdt_say(w, UMSI_LOG_INFO, NULL, "no usable riscv,aplic: no wired interrupts");
    }
}

static void say_missing(struct umsi_fdt_walk *w)
{
    w->depth = 0;
    if (w->out->imsic.nr_reg != 0 || w->out->nr_aplic != 0) {
        say_missing_riscv(w);
    } else if (!w->out->has_gic) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "no usable GIC, riscv,imsics or riscv,aplic");
    } else if (w->out->nr_its == 0 && w->out->nr_v2m == 0) {
        umsi_fdt_say(w, UMSI_LOG_INFO, NULL,
                     "no usable arm,gic-v3-its or arm,gic-v2m-frame: no MSI");
    }
    if (w->out->nr_hosts == 0) {
        umsi_fdt_say(w, UMSI_LOG_INFO, NULL, "no usable PCI host bridge");
    }
    if (w->out->nr_memory == 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "no usable memory node");
    }
    if (w->out->nr_cpus == 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "no usable CPU");
    }
}

enum umsi_status umsi_fdt_read(const void *fdt, size_t size,
                               void (*log)(void *ctx, enum umsi_log_level level, const char *line),
                               void *ctx, struct umsi_platform *out)
{
    struct umsi_fdt_walk w = { .fdt = fdt, .log = log, .ctx = ctx, .gic = -1, .out = out };
    int err;

    if (fdt == NULL || out == NULL || (uintptr_t)fdt % 8 != 0) {
        return UMSI_INVALID;
    }
    err = check_blob(fdt, size);
    if (err != 0) {
        say_unusable(&w, err);
        return UMSI_CORRUPT;
    }
    memset(out, 0, sizeof(*out));
    walk(&w);
    umsi_fdt_number_hosts(&w);
    say_missing(&w);
    return UMSI_OK;
}
