/* SPDX-License-Identifier: MIT */
/*
 * How the functions below a host bridge reach an MSI controller: msi-map, msi-map-mask, msi-parent (binding
 * pci-msi). Where an msi-map is present but unusable the functions get no MSI: guessing would give them the
 * DeviceID of another device.
 */
#include <libfdt.h>

#include "fdt_nodes.h"

#define ROW_BYTES 16u      /* rid-base, controller, msi-base, length */
#define RIDS      0x10000u /* requester IDs are 16 bits */

/* libfdt knows that 0 and all ones name no node. */
static bool phandle_exists(const struct umsi_fdt_walk *w, uint32_t phandle)
{
    return fdt_node_offset_by_phandle(w->fdt, phandle) >= 0;
}

static bool overlaps_rows(const struct umsi_platform_host *host,
                          const struct umsi_pci_msi_map_entry *e)
{
    for (uint32_t i = 0; i < host->nr_msi_map; i++) {
        const struct umsi_pci_msi_map_entry *o = &host->msi_map[i];

        if (umsi_range_overlaps((struct umsi_range){ e->rid_base, e->length },
                                (struct umsi_range){ o->rid_base, o->length })) {
            return true;
        }
    }
    return false;
}

/* What keeps the row from being used, or NULL. */
static const char *row_refusal(const struct umsi_fdt_walk *w, const struct umsi_platform_host *host,
                               const struct umsi_pci_msi_map_entry *e)
{
    if (e->length == 0 || e->rid_base >= RIDS || e->length > RIDS - e->rid_base) {
        return "is empty or leaves the requester IDs, skipped";
    }
    if ((e->rid_base & ~host->msi_map_mask) != 0) {
        return "begins with a requester ID outside msi-map-mask, skipped";
    }
    if (e->length - 1 > UINT32_MAX - e->msi_base) {
        return "leaves the DeviceIDs, skipped";
    }
    if (overlaps_rows(host, e)) {
        return "overlaps an earlier one, skipped";
    }
    return phandle_exists(w, e->controller) ? NULL : "names no node, skipped";
}

static void read_row(const uint8_t *row, struct umsi_pci_msi_map_entry *e)
{
    e->rid_base = (uint32_t)umsi_fdt_cells(row, 1);
    e->controller = (uint32_t)umsi_fdt_cells(row + 4, 1);
    e->msi_base = (uint32_t)umsi_fdt_cells(row + 8, 1);
    e->length = (uint32_t)umsi_fdt_cells(row + 12, 1);
}

static void read_map(struct umsi_fdt_walk *w, struct umsi_platform_host *host,
                     struct umsi_fdt_prop p)
{
    uint32_t rows = p.size / ROW_BYTES;

    if (rows == 0 || p.size % ROW_BYTES != 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "msi-map", "is not a whole number of rows, skipped");
        return;
    }
    if (umsi_fdt_u32(w, "msi-map-mask", &host->msi_map_mask) == UMSI_FDT_BROKEN) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "msi-map", "cannot be used without its mask, skipped");
        return;
    }
    if (rows > UMSI_PLATFORM_MAX_MSI_MAP) {
        umsi_fdt_say_entry(w, "msi-map", UMSI_PLATFORM_MAX_MSI_MAP,
                           "and what follows are too many, skipped");
        rows = UMSI_PLATFORM_MAX_MSI_MAP;
    }
    for (uint32_t i = 0; i < rows; i++) {
        struct umsi_pci_msi_map_entry *e = &host->msi_map[host->nr_msi_map];
        const char *refusal;

        read_row(p.data + (size_t)i * ROW_BYTES, e);
        refusal = row_refusal(w, host, e);
        if (refusal == NULL) {
            host->nr_msi_map++;
        } else {
            *e = (struct umsi_pci_msi_map_entry){ .rid_base = 0 };
            umsi_fdt_say_entry(w, "msi-map", i, refusal);
        }
    }
}

/* The first cell names the controller. What may follow is its #msi-cells specifier, which PCI functions do
 * not use (theirs is the requester ID), or further controllers. */
static void read_parent(struct umsi_fdt_walk *w, struct umsi_platform_host *host,
                        struct umsi_fdt_prop p)
{
    uint32_t phandle;

    if (p.size < 4 || p.size % 4 != 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "msi-parent", "is not a phandle, skipped");
        return;
    }
    phandle = (uint32_t)umsi_fdt_cells(p.data, 1);
    if (!phandle_exists(w, phandle)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "msi-parent", "names no node, skipped");
        return;
    }
    if (p.size > 8) {
        umsi_fdt_say(w, UMSI_LOG_INFO, "msi-parent", "only the first controller is used");
    }
    host->msi_parent = phandle;
}

void umsi_fdt_read_msi(struct umsi_fdt_walk *w, struct umsi_platform_host *host)
{
    struct umsi_fdt_prop p;

    host->msi_map_mask = RIDS - 1;
    if (umsi_fdt_get(w, "msi-map", &p)) {
        read_map(w, host, p);
        if (host->nr_msi_map == 0) {
            umsi_fdt_say(w, UMSI_LOG_WARN, "msi-map", "no usable row: no MSI below this host");
        }
    } else if (umsi_fdt_get(w, "msi-parent", &p)) {
        read_parent(w, host, p);
    } else {
        umsi_fdt_say(w, UMSI_LOG_INFO, NULL,
                     "neither msi-map nor msi-parent: no MSI below this host");
    }
}
