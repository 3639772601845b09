/* SPDX-License-Identifier: MIT */
/*
 * riscv,imsics at supervisor level: `reg` is one region per group of harts, with the files of its harts one behind
 * the other, each followed by those of its guests; interrupts-extended names the harts in the same order.
 */
#include <libfdt.h>

#include "fdt_harts.h"
#include "fdt_nodes.h"

#define PAGE_BITS 12u
#define MAX_INDEX 14u /* bits of a hart index, with those of its group */
#define MAX_GUEST 6u

/* What a cell says, or what the binding has where there is none. False: broken, which is logged. */
static bool read_or(struct umsi_fdt_walk *w, const char *name, uint32_t otherwise, uint32_t *out)
{
    *out = otherwise;
    return umsi_fdt_u32(w, name, out) != UMSI_FDT_BROKEN;
}

static uint32_t bits_for(uint32_t n)
{
    uint32_t bits = 0;

    while (bits < 32 && (uint64_t)1 << bits < n) {
        bits++;
    }
    return bits;
}

static bool fields_fit(const struct umsi_imsic_layout *l)
{
    if (l->guest_index_bits > MAX_GUEST || l->hart_index_bits > MAX_INDEX ||
        l->group_index_bits > MAX_INDEX - l->hart_index_bits) {
        return false;
    }
    return l->group_index_bits == 0 ||
           (l->group_index_shift >= PAGE_BITS + l->guest_index_bits + l->hart_index_bits &&
            l->group_index_shift <= 64 - l->group_index_bits);
}

static bool read_fields(struct umsi_fdt_walk *w, uint32_t harts, struct umsi_platform_imsic *out)
{
    struct umsi_imsic_layout *l = &out->layout;

    if (!read_or(w, "riscv,guest-index-bits", 0, &l->guest_index_bits) ||
        !read_or(w, "riscv,hart-index-bits", bits_for(harts), &l->hart_index_bits) ||
        !read_or(w, "riscv,group-index-bits", 0, &l->group_index_bits) ||
        !read_or(w, "riscv,group-index-shift", 2 * PAGE_BITS, &l->group_index_shift) ||
        !read_or(w, "riscv,num-ids", 0, &out->nr_ids)) {
        return false;
    }
    if (!fields_fit(l)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "its index fields do not fit, node skipped");
        return false;
    }
    if (out->nr_ids < 63 || out->nr_ids > UMSI_IMSIC_MAX_IDS || out->nr_ids % 64 != 63) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "riscv,num-ids",
                     "is not one less than a multiple of 64 up to 2048, node skipped");
        return false;
    }
    return true;
}

static bool overlaps(const struct umsi_platform_imsic *m, struct umsi_range r)
{
    for (uint32_t i = 0; i < m->nr_reg; i++) {
        if (umsi_range_overlaps(r, m->reg[i])) {
            return true;
        }
    }
    return false;
}

/* All or none: with a region left out the harts of the next ones would get its files. */
static bool read_regions(struct umsi_fdt_walk *w, struct umsi_platform_imsic *out)
{
    uint32_t n = umsi_fdt_reg_count(w);

    if (n > UMSI_PLATFORM_MAX_REGIONS) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "has too many entries, node skipped");
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct umsi_range r;
        if (!umsi_fdt_reg(w, i, &r)) {
            return false;
        }
        if (r.base % (1u << PAGE_BITS) != 0 || overlaps(out, r)) {
            umsi_fdt_say_entry(w, "reg", i, "is misaligned or overlaps another, node skipped");
            return false;
        }
        out->reg[out->nr_reg++] = r;
    }
    return n != 0;
}

/* The n-th file of all regions. False: there are not so many. */
static bool file_address(const struct umsi_platform_imsic *m, uint32_t n, uint64_t *out)
{
    uint32_t bits = PAGE_BITS + m->layout.guest_index_bits;

    for (uint32_t i = 0; i < m->nr_reg; i++) {
        uint64_t files = m->reg[i].size >> bits;
        if (n < files) {
            *out = m->reg[i].base + ((uint64_t)n << bits);
            return true;
        }
        n -= (uint32_t)files;
    }
    return false;
}

/* Where the file of hart 0 of group 0 is, or would be. */
static uint64_t base_of(const struct umsi_platform_imsic *m)
{
    const struct umsi_imsic_layout *l = &m->layout;
    uint64_t harts = (((uint64_t)1 << l->hart_index_bits) - 1) << (PAGE_BITS + l->guest_index_bits);
    uint64_t groups = 0;

    if (l->group_index_bits != 0) {
        groups = (((uint64_t)1 << l->group_index_bits) - 1) << l->group_index_shift;
    }
    return m->reg[0].base & ~(harts | groups);
}

static void read_files(struct umsi_fdt_walk *w, uint32_t harts, struct umsi_platform_imsic *out)
{
    for (uint32_t i = 0; i < harts; i++) {
        uint64_t address, hart_id;
        uint32_t index;

        if (!umsi_fdt_hart(w, umsi_fdt_node(w), i, &hart_id)) {
            umsi_fdt_say_entry(w, "interrupts-extended", i, "names no hart, skipped");
        } else if (!file_address(out, i, &address) ||
                   !umsi_imsic_hart(&out->layout, address, &index)) {
            umsi_fdt_say_entry(w, "interrupts-extended", i, "has no file in reg, skipped");
        } else {
            out->file[out->nr_files].hart_id = hart_id;
            out->file[out->nr_files++].index = index;
        }
    }
}

static bool read_imsic(struct umsi_fdt_walk *w, uint32_t harts, struct umsi_platform_imsic *out)
{
    if (!read_fields(w, harts, out) || !read_regions(w, out)) {
        return false;
    }
    out->layout.base = base_of(out);
    out->phandle = fdt_get_phandle(w->fdt, umsi_fdt_node(w));
    read_files(w, harts, out);
    if (out->nr_files == 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "no usable file, node skipped");
    }
    return out->nr_files != 0;
}

bool umsi_fdt_read_imsic(struct umsi_fdt_walk *w)
{
    struct umsi_platform_imsic *m = &w->out->imsic;
    uint32_t harts = umsi_fdt_harts(w, umsi_fdt_node(w));

    if (!umsi_fdt_is_supervisor(w, umsi_fdt_node(w))) {
        umsi_fdt_say(w, UMSI_LOG_INFO, NULL, "interrupt files of another level, skipped");
    } else if (m->nr_reg != 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "more interrupt files, skipped");
    } else if (harts > UMSI_MAX_CPUS) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "interrupts-extended",
                     "has more harts than UMSI_MAX_CPUS, node skipped");
    } else if (!read_imsic(w, harts, m)) {
        *m = (struct umsi_platform_imsic){ .nr_reg = 0 };
    }
    return false;
}
