/* SPDX-License-Identifier: MIT */
/*
 * Reading the devicetree. It comes from outside, so its own size field is believed only as far as it is mapped;
 * umsi_fdt_read() checks the rest.
 */
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include <umsi/fw/fdt.h>

#include "console.h"
#include "devicetree.h"
#include "end.h"
#include "firmware.h"
#include "mmu.h"
#include "uart.h"

#define MAPPED 0x200000u /* from its start, by mmu_build() */

static void log_line(void *ctx, enum umsi_log_level level, const char *line)
{
    (void)ctx;
    if (level <= UMSI_LOG_WARN) {
        print("  %s\n", line);
    }
}

/* Is `word` one of the words of `text`, with or without dashes in front? */
static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; *at != '\0'; at += strcspn(at, " ")) {
        at += strspn(at, " -");
        if (strncmp(at, word, n) == 0 && (at[n] == ' ' || at[n] == '\0')) {
            return true;
        }
    }
    return false;
}

/* The number behind `word` and its "=", or 0. */
static uint64_t value_of(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; *at != '\0'; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strncmp(at, word, n) == 0 && at[n] == '=') {
            return strtoull(at + n + 1, NULL, 0);
        }
    }
    return 0;
}

static void read_chosen(const void *fdt, struct devicetree *out)
{
    int node = fdt_path_offset(fdt, "/chosen"), length = 0;
    const char *args = node < 0 ? NULL : fdt_getprop(fdt, node, "bootargs", &length);
    if (args != NULL && length > 0 && args[length - 1] == '\0') {
        out->verbose = has_word(args, "verbose");
        out->scenarios = has_word(args, "scenarios");
        out->power = has_word(args, "power");
        out->measure = (uint32_t)value_of(args, "measure");
        out->stress = (struct stress_plan){ .seconds = (uint32_t)value_of(args, "stress"),
                                            .seed = value_of(args, "seed") };
    }
}

static bool reserve(struct devicetree *out, uint64_t base, uint64_t size)
{
    if (size == 0) {
        return true;
    }
    if (out->nr_reserved == MEMORY_MAX_RESERVED) {
        end_note("more than %u reserved ranges of memory", MEMORY_MAX_RESERVED);
        return false;
    }
    out->reserved[out->nr_reserved++] = (struct umsi_range){ base, size };
    return true;
}

/* What firmware keeps for itself: /memreserve/ and the children of /reserved-memory that have a place (Devicetree
 * Specification 0.4, 3.5), with two cells each as /memory has them. */
static bool find_reserved(const void *fdt, struct devicetree *out)
{
    bool ok = reserve(out, out->phys, out->size);
    for (int i = 0; i < fdt_num_mem_rsv(fdt) && ok; i++) {
        uint64_t base = 0, size = 0;
        ok = fdt_get_mem_rsv(fdt, i, &base, &size) == 0 && reserve(out, base, size);
    }
    int parent = fdt_path_offset(fdt, "/reserved-memory"), node;
    if (parent < 0 || !ok) {
        return ok;
    }
    fdt_for_each_subnode(node, fdt, parent)
    {
        int length = 0;
        const fdt64_t *reg = fdt_getprop(fdt, node, "reg", &length);
        for (int i = 0; reg != NULL && i + 1 < length / 8 && ok; i += 2) {
            ok = reserve(out, fdt64_to_cpu(reg[i]), fdt64_to_cpu(reg[i + 1]));
        }
    }
    return ok;
}

/* The first UART of the kind this architecture has. */
static void find_console(const void *fdt)
{
    int node = fdt_node_offset_by_compatible(fdt, -1, uart_compatible), length = 0;
    const fdt64_t *reg = node < 0 ? NULL : fdt_getprop(fdt, node, "reg", &length);
    if (reg == NULL || length < 16) {
        return;
    }
    uint64_t phys = fdt64_to_cpu(reg[0]);
    if (mmu_map(phys, 4096, MMU_DEVICE)) {
        uart_use(phys);
    }
}

/* There is none; or there is something, and it is not one. QEMU makes room for twice the size of a -dtb, and leaves
 * out, without a word, what then does not fit below an ELF kernel, which is 2 MiB into RAM. */
static bool explain_none(void)
{
    const struct mmu_dtb_sought *at = &mmu_dtb_sought;
    if (at->x0 != 0) {
        end_note("no devicetree where x0 points to, 0x%llx: it begins with %08x, not d00dfeed",
                 (unsigned long long)at->x0, (unsigned)at->word);
    } else if (at->word != 0) {
        end_note(
            "what is at the start of RAM is no devicetree, or corrupt: it begins with %08x, not d00dfeed",
            (unsigned)at->word);
    } else {
        end_note("no devicetree: neither in x0 nor at the start of RAM "
                 "(QEMU leaves out a -dtb of 1 MiB, as dumpdtb makes them)");
    }
    return false;
}

bool devicetree_read(uint64_t phys, struct devicetree *out)
{
    const void *fdt = (const void *)(uintptr_t)phys;
    if (phys == 0) {
        return explain_none();
    }
    size_t size = fdt_totalsize(fdt);
    if (size > MAPPED) {
        end_note("the devicetree says it has %zu bytes: it cannot have more than %u", size, MAPPED);
        return false;
    }
    enum umsi_status st = umsi_fdt_read(fdt, size, log_line, out, &out->hw);
    if (st != UMSI_OK) {
        end_note("the devicetree cannot be read: %s", umsi_status_string(st));
        return false;
    }
    read_chosen(fdt, out); /* sound as far as libfdt's own walks go, now that it was read */
    find_console(fdt);
    firmware_use(fdt, &out->hw);
    out->phys = phys;
    out->size = size;
    return find_reserved(fdt, out);
}
