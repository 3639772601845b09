/* SPDX-License-Identifier: MIT */
/*
 * From what firmware says to running controllers: the GIC, then what messages come through (the LPI space with each
 * ITS, GICv2m frames), then this CPU; back in reverse. It uses the public interface only, so it also shows a kernel
 * that brings its controllers up by hand what to do and in which order.
 */
#include <umsi/fw/platform.h>

#include "fw_line.h"
#include "platform_parts.h"

#define FRAME 0x10000u /* every register frame is 64 KiB; IHI0069, chapter 12 */

static const char *const its_name[UMSI_PLATFORM_MAX_ITS] = {
    "ITS0", "ITS1", "ITS2", "ITS3", "ITS4", "ITS5", "ITS6", "ITS7",
};

void umsi_platform_say(const struct umsi_machine *m, enum umsi_log_level level, const char *what,
                       umsi_phys phys, enum umsi_status st, const char *outcome)
{
    struct umsi_fw_line l;

    if (m->ops.log == NULL) {
        return;
    }
    umsi_fw_line_outcome(&l, what, phys, umsi_status_string(st), outcome);
    m->ops.log(m->ops.ctx, level, l.text);
}

/* ---- mappings, a stack ---- */

volatile void *umsi_platform_map_frame(struct umsi_machine *m, umsi_phys phys, uint64_t size)
{
    volatile void *va = m->ops.map(m->ops.ctx, phys, size);

    if (va != NULL) {
        m->mapping[m->nr_mappings].va = va;
        m->mapping[m->nr_mappings].size = size;
        m->nr_mappings++;
    }
    return va;
}

void umsi_platform_unmap_to(struct umsi_machine *m, uint32_t keep)
{
    while (m->nr_mappings > keep) {
        m->nr_mappings--;
        if (m->ops.unmap != NULL) {
            m->ops.unmap(m->ops.ctx, m->mapping[m->nr_mappings].va,
                         m->mapping[m->nr_mappings].size);
        }
    }
}

/* ---- up ---- */

static enum umsi_status make_gicv3(struct umsi_machine *m, const struct umsi_platform *p,
                                   volatile void **out_gicd)
{
    struct umsi_gicv3_region region[UMSI_PLATFORM_MAX_REGIONS];
    struct umsi_gicv3_config config = { .regions = region, .nr_regions = p->nr_redist };

    config.gicd = umsi_platform_map_frame(m, p->gicd.base, FRAME);
    if (config.gicd == NULL) {
        return UMSI_UNSUPPORTED;
    }
    for (uint32_t i = 0; i < p->nr_redist; i++) {
        region[i].base = umsi_platform_map_frame(m, p->redist[i].base, p->redist[i].size);
        region[i].phys = p->redist[i].base;
        region[i].size = p->redist[i].size;
        region[i].stride = p->redist_stride;
        if (region[i].base == NULL) {
            return UMSI_UNSUPPORTED;
        }
    }
    *out_gicd = config.gicd;
    return umsi_gicv3_create(m->umsi, &config, &m->gic);
}

static enum umsi_status make_its(struct umsi_machine *m, const struct umsi_platform *p, uint32_t i)
{
    struct umsi_its_config config = {
        .phys = p->its[i].reg.base,
        .name = p->nr_its > 1 ? its_name[i] : NULL,
        .device_bits = m->ops.device_bits,
        .non_coherent = p->its[i].non_coherent,
    };
    uint32_t mappings = m->nr_mappings;
    enum umsi_status st;

    config.base = umsi_platform_map_frame(m, config.phys, 2 * FRAME);
    if (config.base == NULL) {
        return UMSI_UNSUPPORTED;
    }
    st = umsi_its_create(m->lpi, &config, &m->its[i]);
    if (st != UMSI_OK) {
        umsi_platform_unmap_to(m, mappings);
        return st;
    }
    m->its_phandle[i] = p->its[i].phandle;
    return UMSI_OK;
}

/* One broken ITS does not take the others, nor wired interrupts, away. Returns how many came up. */
static uint32_t make_every_its(struct umsi_machine *m, const struct umsi_platform *p)
{
    uint32_t up = 0;

    for (uint32_t i = 0; i < p->nr_its; i++) {
        enum umsi_status st = make_its(m, p, i);

        if (st == UMSI_OK) {
            up++;
        } else {
            umsi_platform_say(m, UMSI_LOG_ERROR, "ITS", p->its[i].reg.base, st, "left out");
        }
    }
    return up;
}

/* LPIs come through an ITS here, so without one they are left off. */
static enum umsi_status make_msi(struct umsi_machine *m, const struct umsi_platform *p,
                                 volatile void *gicd)
{
    struct umsi_lpi_config config = { .gicd = gicd, .non_coherent = p->gic_non_coherent };
    enum umsi_status st;

    if (p->nr_its == 0 || p->gicv2) {
        return UMSI_OK;
    }
    umsi_platform_left(m, &config);
    st = umsi_lpi_create(m->umsi, &config, &m->lpi);
    if (st == UMSI_UNSUPPORTED) {
        umsi_platform_say(m, UMSI_LOG_WARN, "LPIs of the GIC", p->gicd.base, st, "no MSI");
        return UMSI_OK;
    }
    if (st != UMSI_OK || make_every_its(m, p) > 0) {
        return st;
    }
    st = umsi_lpi_destroy(m->lpi);
    if (st == UMSI_OK) {
        m->lpi = NULL;
    }
    return st;
}

enum umsi_status umsi_platform_cpu_online(struct umsi_machine *m, umsi_cpu cpu)
{
    volatile void *rd = NULL;
    umsi_phys rd_phys = 0;
    enum umsi_status st = m->gicv2 != NULL ? umsi_gicv2_cpu_online(m->gicv2, cpu)
                                           : umsi_gicv3_cpu_online(m->gic, cpu);

    if (st != UMSI_OK || m->lpi == NULL) {
        return st;
    }
    st = umsi_gicv3_redistributor(m->gic, cpu, &rd, &rd_phys);
    if (st == UMSI_OK) {
        st = umsi_lpi_cpu_online(m->lpi, cpu, rd, rd_phys);
    }
    if (st != UMSI_OK) {
        umsi_gicv3_cpu_offline(m->gic);
    }
    return st;
}

/* ---- down ---- */

void umsi_platform_cpu_offline(struct umsi_machine *m, umsi_cpu cpu)
{
    if (m->lpi != NULL) {
        umsi_lpi_cpu_offline(m->lpi, cpu);
    }
    if (m->gicv2 != NULL) {
        umsi_gicv2_cpu_offline(m->gicv2);
    } else {
        umsi_gicv3_cpu_offline(m->gic);
    }
}

enum umsi_status umsi_platform_drop_its(struct umsi_machine *m)
{
    enum umsi_status st = umsi_platform_drop_frames(m);

    for (uint32_t i = UMSI_PLATFORM_MAX_ITS; i-- > 0 && st == UMSI_OK;) {
        if (m->its[i] != NULL) {
            st = umsi_its_destroy(m->its[i]);
        }
        if (st == UMSI_OK) {
            m->its[i] = NULL;
        }
    }
    return st;
}

static enum umsi_status drop_msi(struct umsi_machine *m)
{
    enum umsi_status st = umsi_platform_drop_its(m);

    if (st == UMSI_OK && m->lpi != NULL) {
        st = umsi_lpi_destroy(m->lpi);
        if (st == UMSI_OK) {
            m->lpi = NULL;
        }
    }
    return st;
}

/* Frames stay mapped as long as a controller is left that looks at them. */
enum umsi_status umsi_platform_take_down(struct umsi_machine *m)
{
    enum umsi_status st = drop_msi(m);

    if (st == UMSI_OK && m->gic != NULL) {
        st = umsi_gicv3_destroy(m->gic);
    }
    if (st == UMSI_OK && m->gicv2 != NULL) {
        st = umsi_gicv2_destroy(m->gicv2);
    }
    if (st == UMSI_OK) {
        m->gic = NULL;
        m->gicv2 = NULL;
        umsi_platform_unmap_to(m, 0);
    }
    return st;
}

/* A device holds its ITS or frame: see that of all of them before the first is gone. */
bool umsi_platform_has_devices(struct umsi_machine *m)
{
    if (umsi_platform_frames_used(m)) {
        return true;
    }
    for (uint32_t i = 0; i < UMSI_PLATFORM_MAX_ITS; i++) {
        struct umsi_its_info info;

        if (m->its[i] == NULL) {
            continue;
        }
        umsi_its_get_info(m->its[i], &info);
        if (info.devices != 0) {
            return true;
        }
    }
    return false;
}

enum umsi_status umsi_platform_destroy(struct umsi_machine *m)
{
    if (m == NULL) {
        return UMSI_INVALID;
    }
    return umsi_platform_has_devices(m) ? UMSI_BUSY : umsi_platform_take_down(m);
}

/* ---- the whole ---- */

static enum umsi_status bring_up(struct umsi_machine *m, const struct umsi_platform *p)
{
    volatile void *gicd = NULL;
    enum umsi_status st = p->gicv2 ? umsi_platform_make_gicv2(m, p) : make_gicv3(m, p, &gicd);

    m->gic_phandle = p->gic_phandle;
    if (st == UMSI_OK) {
        st = make_msi(m, p, gicd);
    }
    if (st == UMSI_OK) {
        umsi_platform_make_frames(m, p);
    }
    return st == UMSI_OK ? umsi_platform_cpu_online(m, m->ops.boot_cpu) : st;
}

static enum umsi_status check(const struct umsi *u, const struct umsi_platform *p,
                              const struct umsi_platform_ops *ops, const struct umsi_machine *m)
{
    if (u == NULL || p == NULL || ops == NULL || ops->map == NULL || m == NULL ||
        p->nr_redist > UMSI_PLATFORM_MAX_REGIONS || p->nr_its > UMSI_PLATFORM_MAX_ITS ||
        p->nr_v2m > UMSI_PLATFORM_MAX_V2M) {
        return UMSI_INVALID;
    }
    return p->has_gic ? UMSI_OK : UMSI_NOTFOUND;
}

enum umsi_status umsi_platform_create(struct umsi *u, const struct umsi_platform *platform,
                                      const struct umsi_platform_ops *ops, struct umsi_machine *m)
{
    struct umsi_machine made;
    enum umsi_status undone, st = check(u, platform, ops, m);

    if (st != UMSI_OK) {
        return st;
    }
    made = (struct umsi_machine){ .umsi = u, .ops = *ops };
    st = bring_up(&made, platform);
    if (st == UMSI_OK) {
        *m = made;
        return UMSI_OK;
    }
    undone = umsi_platform_take_down(&made);
    if (undone != UMSI_OK) {
        umsi_platform_say(&made, UMSI_LOG_ERROR, "GIC", platform->gicd.base, undone,
                          "its memory is kept");
    }
    return st;
}

/* ---- looking ---- */

struct umsi_gicv3 *umsi_platform_gic(struct umsi_machine *m)
{
    return m->gic;
}

struct umsi_lpi *umsi_platform_lpi(struct umsi_machine *m)
{
    return m->lpi;
}

struct umsi_its *umsi_platform_its(struct umsi_machine *m, uint32_t i)
{
    return i < UMSI_PLATFORM_MAX_ITS ? m->its[i] : NULL;
}

static struct umsi_domain *parent_by_phandle(const struct umsi_machine *m, uint32_t phandle)
{
    for (uint32_t i = 0; i < UMSI_PLATFORM_MAX_ITS && phandle != 0; i++) {
        if (m->its[i] != NULL && m->its_phandle[i] == phandle) {
            return umsi_its_parent(m->its[i]);
        }
    }
    return phandle != 0 ? umsi_platform_frame_by_phandle(m, phandle) : NULL;
}

enum umsi_status umsi_platform_msi(struct umsi_machine *m, const struct umsi_platform_host *host,
                                   uint16_t rid, struct umsi_domain **out_parent,
                                   uint32_t *out_device_id)
{
    uint32_t controller = 0, device_id = 0;
    struct umsi_domain *parent;
    enum umsi_status st;

    if (host->nr_msi_map > UMSI_PLATFORM_MAX_MSI_MAP) {
        return UMSI_INVALID;
    }
    st = umsi_pci_msi_map(host->msi_map, host->nr_msi_map, host->msi_map_mask, host->msi_parent,
                          rid, &controller, &device_id);
    if (st != UMSI_OK) {
        return st;
    }
    parent = parent_by_phandle(m, controller);
    if (parent == NULL) {
        return UMSI_UNSUPPORTED;
    }
    *out_parent = parent;
    *out_device_id = device_id;
    return UMSI_OK;
}

enum umsi_status umsi_platform_intx(const struct umsi_machine *m,
                                    const struct umsi_platform_host *host, uint16_t bdf,
                                    uint32_t pin, uint32_t *out_intid)
{
    struct umsi_pci_intx_entry row;
    enum umsi_status st;

    if (host->nr_intx > UMSI_PLATFORM_MAX_INTX) {
        return UMSI_INVALID;
    }
    st = umsi_pci_intx_route(host->intx, host->nr_intx, &host->intx_mask, bdf, pin, &row);
    if (st != UMSI_OK) {
        return st;
    }
    if (row.controller != m->gic_phandle) {
        return UMSI_UNSUPPORTED;
    }
    *out_intid = row.line;
    return UMSI_OK;
}
