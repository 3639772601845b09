/* SPDX-License-Identifier: MIT */
/*
 * pci-host-ecam-generic: a PCI host bridge whose configuration space is memory. `reg` is that space, 1 MiB per
 * bus, beginning with the first bus of `bus-range` (binding host-generic-pci; PCI Express 5.0, 7.2.2).
 */
#include "fdt_nodes.h"

#define ECAM_BUS  0x100000u
#define ECAM_PAGE 0x1000u

static bool read_bus_range(struct umsi_fdt_walk *w, struct umsi_platform_host *host)
{
    struct umsi_fdt_prop p;
    uint64_t first, last;

    host->first_bus = 0;
    host->last_bus = 255;
    if (!umsi_fdt_get(w, "bus-range", &p)) {
        return true;
    }
    if (p.size != 8) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "bus-range", "is not two cells, node skipped");
        return false;
    }
    first = umsi_fdt_cells(p.data, 1);
    last = umsi_fdt_cells(p.data + 4, 1);
    if (first > last || last > 255) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "bus-range", "is not a range in 0 .. 255, node skipped");
        return false;
    }
    host->first_bus = (uint8_t)first;
    host->last_bus = (uint8_t)last;
    return true;
}

/* Buses the space has no room for do not exist; space beyond the last bus is nobody's. */
static void fit_buses(struct umsi_fdt_walk *w, struct umsi_platform_host *host)
{
    uint64_t room = host->ecam.size / ECAM_BUS;
    uint64_t buses = (uint64_t)host->last_bus - host->first_bus + 1;

    if (room < buses) {
        if (umsi_fdt_has(w, "bus-range")) {
            umsi_fdt_say(w, UMSI_LOG_WARN, "bus-range", "has more buses than reg has room, cut");
        }
        host->last_bus = (uint8_t)(host->first_bus + room - 1);
        buses = room;
    }
    host->ecam.size = buses * ECAM_BUS;
}

static bool read_ecam(struct umsi_fdt_walk *w, struct umsi_platform_host *host)
{
    if (umsi_fdt_reg_count(w) == 0 || !umsi_fdt_reg(w, 0, &host->ecam)) {
        return false;
    }
    if (host->ecam.size < ECAM_BUS || host->ecam.base % ECAM_PAGE != 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg",
                     "is misaligned or smaller than one bus, node skipped");
        return false;
    }
    if (!read_bus_range(w, host)) {
        return false;
    }
    fit_buses(w, host);
    for (uint32_t i = 0; i < w->out->nr_hosts; i++) {
        if (umsi_range_overlaps(host->ecam, w->out->host[i].ecam)) {
            umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "overlaps that of another host, node skipped");
            return false;
        }
    }
    return true;
}

/* ---- segments ---- */

static bool is_numbered(const struct umsi_fdt_walk *w, uint32_t host)
{
    return ((w->numbered >> host) & 1) != 0;
}

/* The same buses of the same segment cannot be below two hosts. */
static bool segment_taken(const struct umsi_fdt_walk *w, const struct umsi_platform_host *host)
{
    for (uint32_t i = 0; i < w->out->nr_hosts; i++) {
        const struct umsi_platform_host *other = &w->out->host[i];

        if (is_numbered(w, i) && other->segment == host->segment &&
            other->first_bus <= host->last_bus && host->first_bus <= other->last_bus) {
            return true;
        }
    }
    return false;
}

static bool read_segment(struct umsi_fdt_walk *w, struct umsi_platform_host *host)
{
    if (umsi_fdt_u32(w, "linux,pci-domain", &host->segment) != UMSI_FDT_OK) {
        return true; /* numbered when all are known */
    }
    if (segment_taken(w, host)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "linux,pci-domain",
                     "another host has these buses of this domain, node skipped");
        return false;
    }
    w->numbered |= (uint64_t)1 << w->out->nr_hosts;
    return true;
}

static bool segment_used(const struct umsi_fdt_walk *w, uint32_t segment)
{
    for (uint32_t i = 0; i < w->out->nr_hosts; i++) {
        if (is_numbered(w, i) && w->out->host[i].segment == segment) {
            return true;
        }
    }
    return false;
}

void umsi_fdt_number_hosts(struct umsi_fdt_walk *w)
{
    uint32_t segment = 0;

    for (uint32_t i = 0; i < w->out->nr_hosts; i++) {
        if (is_numbered(w, i)) {
            continue;
        }
        while (segment_used(w, segment)) {
            segment++;
        }
        w->out->host[i].segment = segment;
        w->numbered |= (uint64_t)1 << i;
    }
}

/* ---- the node ---- */

bool umsi_fdt_read_host(struct umsi_fdt_walk *w)
{
    struct umsi_platform *p = w->out;
    struct umsi_platform_host *host = &p->host[p->nr_hosts];

    if (p->nr_hosts == UMSI_PLATFORM_MAX_HOSTS) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "one PCI host bridge too many, skipped");
        return false;
    }
    if (!umsi_fdt_is(w, "device_type", "pci")) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "device_type",
                     "is not \"pci\", taken for a host bridge all the same");
    }
    if (!read_ecam(w, host) || !read_segment(w, host)) {
        *host = (struct umsi_platform_host){ .nr_windows = 0 };
        return false;
    }
    umsi_fdt_read_windows(w, host);
    umsi_fdt_read_msi(w, host);
    umsi_fdt_read_intx(w, host);
    p->nr_hosts++;
    return false; /* its children are PCI functions */
}
