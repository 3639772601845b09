/* SPDX-License-Identifier: MIT */
/*
 * What holds of every struct umsi_platform that umsi_fdt_read() hands out, whatever it was given: a kernel maps
 * and allocates by it without a further look. For the tests and the fuzzer.
 */
#ifndef UMSI_TESTS_FDT_SANE_H
#define UMSI_TESTS_FDT_SANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <umsi/fw/platform.h>

static inline bool sane_range(struct umsi_range r)
{
    return r.size != 0 && r.size - 1 <= UINT64_MAX - r.base;
}

static inline bool sane_apart(const struct umsi_range *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n; j++) {
            if (i != j && r[i].base <= r[j].base && r[j].base - r[i].base < r[i].size) {
                return false;
            }
        }
    }
    return true;
}

static inline bool sane_ranges(const struct umsi_range *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!sane_range(r[i])) {
            return false;
        }
    }
    return n <= UMSI_PLATFORM_MAX_REGIONS && sane_apart(r, n);
}

static inline const char *sane_frames(const struct umsi_platform *p)
{
    if (p->nr_v2m > UMSI_PLATFORM_MAX_V2M) {
        return "nr_v2m";
    }
    for (uint32_t i = 0; i < p->nr_v2m; i++) {
        if (!sane_range(p->v2m[i].reg) || p->v2m[i].phandle == UINT32_MAX) {
            return "a GICv2m frame";
        }
    }
    return NULL;
}

static inline const char *sane_gic(const struct umsi_platform *p)
{
    if (!p->has_gic) {
        return p->nr_redist == 0 && p->nr_its == 0 && p->nr_v2m == 0 && !p->gicv2
                   ? NULL
                   : "parts of a GIC that is not there";
    }
    if (p->gicv2) {
        const struct umsi_range both[] = { p->gicd, p->gicc };
        return p->nr_redist == 0 && p->nr_its == 0 && sane_ranges(both, 2) ? sane_frames(p)
                                                                           : "parts of a GICv2";
    }
    if (p->nr_redist == 0 || !sane_ranges(p->redist, p->nr_redist) || !sane_range(p->gicd)) {
        return "frames of the GIC";
    }
    if (p->redist_stride % 0x10000 != 0) {
        return "redist_stride";
    }
    if (p->nr_its > UMSI_PLATFORM_MAX_ITS) {
        return "nr_its";
    }
    for (uint32_t i = 0; i < p->nr_its; i++) {
        if (!sane_range(p->its[i].reg) || p->its[i].phandle == UINT32_MAX) {
            return "an ITS";
        }
    }
    return sane_frames(p);
}

static inline const char *sane_riscv(const struct umsi_platform *p)
{
    uint64_t bits = p->imsic.layout.hart_index_bits + p->imsic.layout.group_index_bits;

    if (!sane_ranges(p->imsic.reg, p->imsic.nr_reg) || p->imsic.nr_files > UMSI_MAX_CPUS ||
        (p->imsic.nr_reg != 0 && (p->imsic.nr_ids % 64 != 63 || p->imsic.nr_ids > 2047))) {
        return "interrupt files";
    }
    for (uint32_t i = 0; i < p->imsic.nr_files; i++) {
        if (p->imsic.file[i].index >> bits != 0) {
            return "an interrupt file's hart index";
        }
    }
    if (p->nr_aplic > UMSI_PLATFORM_MAX_APLIC || p->nr_aplic_harts > UMSI_MAX_CPUS) {
        return "nr_aplic";
    }
    for (uint32_t i = 0; i < p->nr_aplic; i++) {
        if (!sane_range(p->aplic[i].reg) || p->aplic[i].nr_sources == 0 ||
            p->aplic[i].nr_sources > 1023) {
            return "an APLIC";
        }
    }
    return NULL;
}

static inline const char *sane_intx(const struct umsi_platform_host *h)
{
    if (h->nr_intx > UMSI_PLATFORM_MAX_INTX) {
        return "nr_intx";
    }
    for (uint32_t i = 0; i < h->nr_intx; i++) {
        const struct umsi_pci_intx_entry *e = &h->intx[i];

        if (e->pin > 4 || e->line < 1 || e->line > 1023 || e->controller == 0 ||
            (e->address & ~h->intx_mask.address) != 0 || (e->pin & ~h->intx_mask.pin) != 0) {
            return "a row of interrupt-map";
        }
    }
    return NULL;
}

static inline const char *sane_host(const struct umsi_platform_host *h)
{
    uint64_t buses = (uint64_t)h->last_bus - h->first_bus + 1;

    if (h->first_bus > h->last_bus || !sane_range(h->ecam) || h->ecam.size != buses << 20) {
        return "ECAM or buses";
    }
    if (h->nr_windows > UMSI_PLATFORM_MAX_REGIONS || h->nr_msi_map > UMSI_PLATFORM_MAX_MSI_MAP) {
        return "counts of a host";
    }
    for (uint32_t i = 0; i < h->nr_windows; i++) {
        const struct umsi_window *win = &h->window[i];

        if (!sane_range((struct umsi_range){ win->cpu, win->size }) ||
            !sane_range((struct umsi_range){ win->bus, win->size }) ||
            (win->kind != UMSI_WINDOW_MEM64 && win->bus + (win->size - 1) > UINT32_MAX)) {
            return "a window";
        }
    }
    for (uint32_t i = 0; i < h->nr_msi_map; i++) {
        const struct umsi_pci_msi_map_entry *e = &h->msi_map[i];

        if (e->length == 0 || (uint64_t)e->rid_base + e->length > 0x10000 || e->controller == 0) {
            return "a row of msi-map";
        }
    }
    return sane_intx(h);
}

static inline const char *sane_hosts(const struct umsi_platform *p)
{
    if (p->nr_hosts > UMSI_PLATFORM_MAX_HOSTS) {
        return "nr_hosts";
    }
    for (uint32_t i = 0; i < p->nr_hosts; i++) {
        const char *wrong = sane_host(&p->host[i]);

        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}

static inline const char *sane_cpus(const struct umsi_platform *p)
{
    if (p->nr_cpus > UMSI_MAX_CPUS) {
        return "nr_cpus";
    }
    for (uint32_t i = 0; i < p->nr_cpus; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (p->cpu_mpidr[i] == p->cpu_mpidr[j]) {
                return "two CPUs with one affinity";
            }
        }
    }
    return p->psci_hvc && p->psci_smc ? "two ways to PSCI" : NULL;
}

/* What is wrong; NULL: nothing. */
static inline const char *sane_platform(const struct umsi_platform *p)
{
    const char *wrong = sane_gic(p);

    if (wrong == NULL) {
        wrong = sane_riscv(p);
    }
    if (wrong == NULL) {
        wrong = sane_hosts(p);
    }
    if (wrong == NULL) {
        wrong = sane_cpus(p);
    }
    if (wrong == NULL && !sane_ranges(p->memory, p->nr_memory)) {
        wrong = "memory";
    }
    return wrong;
}

#endif /* UMSI_TESTS_FDT_SANE_H */
