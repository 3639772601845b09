/* SPDX-License-Identifier: MIT */
/*
 * From what firmware says to running controllers of RISC-V harts: interrupt files, or an APLIC that delivers by
 * itself, then the APLICs that send messages, then this CPU; back in reverse. It uses the public interface only.
 */
#include <umsi/fw/riscv.h>

#include "fw_line.h"

static const char *const aplic_name[UMSI_PLATFORM_MAX_APLIC] = { "APLIC0", "APLIC1", "APLIC2",
                                                                 "APLIC3" };

static void say(const struct umsi_riscv *m, enum umsi_log_level level, const char *what,
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

static volatile void *map(struct umsi_riscv *m, struct umsi_range r)
{
    volatile void *va = m->ops.map(m->ops.ctx, r.base, r.size);

    if (va != NULL) {
        m->mapping[m->nr_mappings].va = va;
        m->mapping[m->nr_mappings].size = r.size;
        m->nr_mappings++;
    }
    return va;
}

static void unmap_to(struct umsi_riscv *m, uint32_t keep)
{
    while (m->nr_mappings > keep) {
        m->nr_mappings--;
        if (m->ops.unmap != NULL) {
            m->ops.unmap(m->ops.ctx, m->mapping[m->nr_mappings].va,
                         m->mapping[m->nr_mappings].size);
        }
    }
}

/* ---- interrupt files ---- */

/* The CPU with a hart ID; UMSI_NO_CPU: none. */
static umsi_cpu cpu_of(const struct umsi_platform *p, uint64_t hart_id)
{
    for (umsi_cpu cpu = 0; cpu < p->nr_cpus; cpu++) {
        if (p->cpu_mpidr[cpu] == hart_id) {
            return cpu;
        }
    }
    return UMSI_NO_CPU;
}

/* The page of a hart index, in the regions that were mapped, which are the first mappings. */
static volatile void *page_of(const struct umsi_riscv *m, const struct umsi_platform_imsic *p,
                              uint32_t index)
{
    umsi_phys at = umsi_imsic_address(&p->layout, index);

    for (uint32_t i = 0; i < p->nr_reg; i++) {
        if (at - p->reg[i].base < p->reg[i].size) {
            return (volatile uint8_t *)m->mapping[i].va + (at - p->reg[i].base);
        }
    }
    return NULL;
}

/* CPUs that firmware gave no file stay without, and are no targets. */
static void fill_files(const struct umsi_riscv *m, const struct umsi_platform *p, uint32_t nr_cpus,
                       struct umsi_imsic_file *files)
{
    for (uint32_t i = 0; i < p->imsic.nr_files; i++) {
        umsi_cpu cpu = cpu_of(p, p->imsic.file[i].hart_id);

        if (cpu < nr_cpus) {
            files[cpu].hart = p->imsic.file[i].index;
            files[cpu].page = page_of(m, &p->imsic, p->imsic.file[i].index);
        }
    }
}

static enum umsi_status make_imsic(struct umsi_riscv *m, const struct umsi_platform *p)
{
    struct umsi_imsic_file files[UMSI_MAX_CPUS] = { { NULL, 0 } };
    const struct umsi_imsic_config config = {
        .layout = p->imsic.layout,
        .files = files,
        .nr_ids = p->imsic.nr_ids,
        .nr_ipis = m->ops.nr_ipis,
    };

    for (uint32_t i = 0; i < p->imsic.nr_reg; i++) {
        if (map(m, p->imsic.reg[i]) == NULL) {
            return UMSI_UNSUPPORTED;
        }
    }
    fill_files(m, p, UMSI_MAX_CPUS, files);
    m->imsic_phandle = p->imsic.phandle;
    return umsi_imsic_create(m->umsi, &config, &m->imsic);
}

/* ---- APLICs ---- */

static void fill_harts(const struct umsi_platform *p, uint32_t *harts)
{
    for (umsi_cpu cpu = 0; cpu < UMSI_MAX_CPUS; cpu++) {
        harts[cpu] = UMSI_NO_HART;
    }
    for (uint32_t i = 0; i < p->nr_aplic_harts; i++) {
        umsi_cpu cpu = cpu_of(p, p->aplic_hart_id[i]);

        if (cpu < UMSI_MAX_CPUS) {
            harts[cpu] = i;
        }
    }
}

static enum umsi_status make_aplic(struct umsi_riscv *m, const struct umsi_platform *p, uint32_t i)
{
    uint32_t harts[UMSI_MAX_CPUS];
    struct umsi_aplic_config config = {
        .nr_sources = p->aplic[i].nr_sources,
        .name = p->nr_aplic > 1 ? aplic_name[i] : NULL,
        .layout = p->imsic.layout,
        .harts = harts,
    };
    uint32_t mappings = m->nr_mappings;
    enum umsi_status st;

    config.base = map(m, p->aplic[i].reg);
    if (config.base == NULL) {
        return UMSI_UNSUPPORTED;
    }
    if (p->aplic[i].msi_parent != 0) {
        config.parent = umsi_imsic_parent(m->imsic);
    }
    fill_harts(p, harts);
    st = umsi_aplic_create(m->umsi, &config, &m->aplic[i]);
    if (st != UMSI_OK) {
        unmap_to(m, mappings);
        return st;
    }
    m->aplic_phandle[i] = p->aplic[i].phandle;
    return UMSI_OK;
}

/* With files there are messages, and one broken bridge does not take the others away. */
static void make_bridges(struct umsi_riscv *m, const struct umsi_platform *p)
{
    for (uint32_t i = 0; i < p->nr_aplic; i++) {
        enum umsi_status st = UMSI_NOTFOUND;

        if (p->aplic[i].msi_parent != 0 && p->aplic[i].msi_parent == p->imsic.phandle) {
            st = make_aplic(m, p, i);
        }
        if (st != UMSI_OK) {
            say(m, UMSI_LOG_ERROR, "APLIC", p->aplic[i].reg.base, st, "left out");
        }
    }
}

/* Without files the harts take interrupts from an APLIC, and there is no MSI. */
static enum umsi_status make_direct(struct umsi_riscv *m, const struct umsi_platform *p)
{
    enum umsi_status st = UMSI_NOTFOUND;

    for (uint32_t i = 0; i < p->nr_aplic && st == UMSI_NOTFOUND; i++) {
        if (p->aplic[i].msi_parent == 0) {
            st = make_aplic(m, p, i);
            m->direct = m->aplic[i];
        }
    }
    if (st == UMSI_OK) {
        say(m, UMSI_LOG_WARN, "APLIC", p->aplic[0].reg.base, UMSI_OK,
            "delivers by itself: harts have no interrupt files, so there is no MSI");
    }
    return st;
}

/* ---- CPUs ---- */

enum umsi_status umsi_riscv_cpu_online(struct umsi_riscv *m, umsi_cpu cpu)
{
    return m->imsic != NULL ? umsi_imsic_cpu_online(m->imsic, cpu)
                            : umsi_aplic_cpu_online(m->direct, cpu);
}

void umsi_riscv_cpu_offline(struct umsi_riscv *m)
{
    if (m->imsic != NULL) {
        umsi_imsic_cpu_offline(m->imsic);
    } else if (m->direct != NULL) {
        umsi_aplic_cpu_offline(m->direct);
    }
}

/* ---- the whole ---- */

static enum umsi_status drop_aplics(struct umsi_riscv *m)
{
    enum umsi_status st = UMSI_OK;

    for (uint32_t i = UMSI_PLATFORM_MAX_APLIC; i-- > 0 && st == UMSI_OK;) {
        if (m->aplic[i] != NULL) {
            st = umsi_aplic_destroy(m->aplic[i]);
        }
        if (st == UMSI_OK) {
            m->direct = m->direct == m->aplic[i] ? NULL : m->direct;
            m->aplic[i] = NULL;
        }
    }
    return st;
}

/* Registers stay mapped as long as a controller is left that looks at them. */
enum umsi_status umsi_riscv_destroy(struct umsi_riscv *m)
{
    enum umsi_status st = m == NULL ? UMSI_INVALID : drop_aplics(m);

    if (st == UMSI_OK && m->imsic != NULL) {
        st = umsi_imsic_destroy(m->imsic);
    }
    if (st == UMSI_OK) {
        m->imsic = NULL;
        unmap_to(m, 0);
    }
    return st;
}

static enum umsi_status bring_up(struct umsi_riscv *m, const struct umsi_platform *p)
{
    enum umsi_status st = p->imsic.nr_reg != 0 ? make_imsic(m, p) : make_direct(m, p);

    if (st == UMSI_OK && m->imsic != NULL) {
        make_bridges(m, p);
    }
    return st == UMSI_OK ? umsi_riscv_cpu_online(m, m->ops.boot_cpu) : st;
}

static bool platform_valid(const struct umsi_platform *p)
{
    return p->imsic.nr_reg <= UMSI_PLATFORM_MAX_REGIONS && p->imsic.nr_files <= UMSI_MAX_CPUS &&
           p->nr_aplic <= UMSI_PLATFORM_MAX_APLIC && p->nr_aplic_harts <= UMSI_MAX_CPUS &&
           p->nr_cpus <= UMSI_MAX_CPUS;
}

enum umsi_status umsi_riscv_create(struct umsi *u, const struct umsi_platform *platform,
                                   const struct umsi_platform_ops *ops, struct umsi_riscv *m)
{
    struct umsi_riscv made;
    enum umsi_status undone, st;

    if (u == NULL || platform == NULL || ops == NULL || ops->map == NULL || m == NULL ||
        !platform_valid(platform)) {
        return UMSI_INVALID;
    }
    made = (struct umsi_riscv){ .umsi = u, .ops = *ops };
    st = bring_up(&made, platform);
    if (st == UMSI_OK) {
        *m = made;
        return UMSI_OK;
    }
    undone = umsi_riscv_destroy(&made);
    if (undone != UMSI_OK) {
        say(&made, UMSI_LOG_ERROR, "what was made", platform->imsic.reg[0].base, undone, "kept");
    }
    return st;
}

/* ---- looking ---- */

struct umsi_imsic *umsi_riscv_imsic(struct umsi_riscv *m)
{
    return m->imsic;
}

struct umsi_aplic *umsi_riscv_aplic(struct umsi_riscv *m, uint32_t i)
{
    return i < UMSI_PLATFORM_MAX_APLIC ? m->aplic[i] : NULL;
}

struct umsi_aplic *umsi_riscv_aplic_by_phandle(struct umsi_riscv *m, uint32_t phandle)
{
    for (uint32_t i = 0; i < UMSI_PLATFORM_MAX_APLIC; i++) {
        if (m->aplic[i] != NULL && phandle != 0 && m->aplic_phandle[i] == phandle) {
            return m->aplic[i];
        }
    }
    return NULL;
}

enum umsi_status umsi_riscv_msi(struct umsi_riscv *m, const struct umsi_platform_host *host,
                                uint16_t rid, struct umsi_domain **out_parent,
                                uint32_t *out_device_id)
{
    uint32_t controller = 0, device_id = 0;
    enum umsi_status st;

    if (host->nr_msi_map > UMSI_PLATFORM_MAX_MSI_MAP) {
        return UMSI_INVALID;
    }
    st = umsi_pci_msi_map(host->msi_map, host->nr_msi_map, host->msi_map_mask, host->msi_parent,
                          rid, &controller, &device_id);
    if (st != UMSI_OK) {
        return m->imsic == NULL ? UMSI_UNSUPPORTED : st;
    }
    if (m->imsic == NULL || controller == 0 || controller != m->imsic_phandle) {
        return UMSI_UNSUPPORTED;
    }
    *out_parent = umsi_imsic_parent(m->imsic);
    *out_device_id = device_id;
    return UMSI_OK;
}

enum umsi_status umsi_riscv_intx(struct umsi_riscv *m, const struct umsi_platform_host *host,
                                 uint16_t bdf, uint32_t pin, struct umsi_aplic **out_aplic,
                                 uint32_t *out_source)
{
    struct umsi_pci_intx_entry row;
    struct umsi_aplic *aplic;
    enum umsi_status st;

    if (host->nr_intx > UMSI_PLATFORM_MAX_INTX) {
        return UMSI_INVALID;
    }
    st = umsi_pci_intx_route(host->intx, host->nr_intx, &host->intx_mask, bdf, pin, &row);
    if (st != UMSI_OK) {
        return st;
    }
    aplic = umsi_riscv_aplic_by_phandle(m, row.controller);
    if (aplic == NULL) {
        return UMSI_UNSUPPORTED;
    }
    *out_aplic = aplic;
    *out_source = row.line;
    return UMSI_OK;
}
