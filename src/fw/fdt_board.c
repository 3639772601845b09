/* SPDX-License-Identifier: MIT */
/*
 * Memory, CPUs and PSCI: what a kernel wants to know before it has interrupts. Devicetree Specification 0.4,
 * 3.4 and 3.8; bindings arm/cpus and arm/psci.
 */
#include "fdt_nodes.h"

#define MPIDR_AFFINITY 0xff00ffffffull /* Aff3, Aff2, Aff1, Aff0 of MPIDR_EL1 */

/* ---- memory ---- */

static bool overlaps_memory(const struct umsi_platform *p, struct umsi_range r)
{
    for (uint32_t i = 0; i < p->nr_memory; i++) {
        if (umsi_range_overlaps(r, p->memory[i])) {
            return true;
        }
    }
    return false;
}

bool umsi_fdt_read_memory(struct umsi_fdt_walk *w)
{
    struct umsi_platform *p = w->out;
    uint32_t count = umsi_fdt_reg_count(w);

    for (uint32_t i = 0; i < count; i++) {
        struct umsi_range r;

        if (!umsi_fdt_reg(w, i, &r)) {
            continue;
        }
        if (p->nr_memory == UMSI_PLATFORM_MAX_REGIONS) {
            umsi_fdt_say_entry(w, "reg", i, "and what follows are too many ranges, skipped");
            break;
        }
        if (overlaps_memory(p, r)) {
            umsi_fdt_say_entry(w, "reg", i, "overlaps other memory, skipped");
            continue;
        }
        p->memory[p->nr_memory++] = r;
    }
    return false;
}

/* ---- CPUs ---- */

/* 3.8.1: a "disabled" CPU is a quiescent one, which its enable-method can start; the others have failed. */
static bool cpu_can_run(const struct umsi_fdt_walk *w)
{
    return !umsi_fdt_has(w, "status") || umsi_fdt_is(w, "status", "okay") ||
           umsi_fdt_is(w, "status", "ok") ||
           (umsi_fdt_is(w, "status", "disabled") && umsi_fdt_has(w, "enable-method"));
}

static bool read_mpidr(struct umsi_fdt_walk *w, uint64_t *out)
{
    uint32_t cells = w->level[w->depth - 1].address_cells;
    struct umsi_fdt_prop reg;

    if (!umsi_fdt_get(w, "reg", &reg)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "missing, node skipped");
        return false;
    }
    if (cells < 1 || cells > 2 || reg.size != 4 * cells) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "does not fit #address-cells, node skipped");
        return false;
    }
    *out = umsi_fdt_cells(reg.data, cells);
    if (!umsi_fdt_compatible(w, "riscv") && (*out & ~MPIDR_AFFINITY) != 0) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "is not an MPIDR affinity, node skipped");
        return false;
    }
    return true;
}

static bool have_cpu(const struct umsi_platform *p, uint64_t mpidr)
{
    for (uint32_t i = 0; i < p->nr_cpus; i++) {
        if (p->cpu_mpidr[i] == mpidr) {
            return true;
        }
    }
    return false;
}

bool umsi_fdt_read_cpu(struct umsi_fdt_walk *w)
{
    struct umsi_platform *p = w->out;
    uint64_t mpidr = 0;

    if (!cpu_can_run(w)) {
        umsi_fdt_say(w, UMSI_LOG_INFO, "status", "this CPU cannot be started, skipped");
        return false;
    }
    if (!read_mpidr(w, &mpidr)) {
        return false;
    }
    if (have_cpu(p, mpidr)) {
        umsi_fdt_say(w, UMSI_LOG_WARN, "reg", "another CPU has this affinity, node skipped");
    } else if (p->nr_cpus == UMSI_MAX_CPUS) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "more CPUs than UMSI_MAX_CPUS, skipped");
    } else {
        p->cpu_mpidr[p->nr_cpus++] = mpidr;
    }
    return false;
}

/* ---- PSCI ---- */

bool umsi_fdt_read_psci(struct umsi_fdt_walk *w)
{
    struct umsi_platform *p = w->out;

    if (!umsi_fdt_compatible(w, "arm,psci-1.0") && !umsi_fdt_compatible(w, "arm,psci-0.2")) {
        umsi_fdt_say(w, UMSI_LOG_INFO, "compatible", "PSCI 0.1 has no fixed functions, skipped");
    } else if (p->psci_hvc || p->psci_smc) {
        umsi_fdt_say(w, UMSI_LOG_WARN, NULL, "a second PSCI, skipped");
    } else if (umsi_fdt_is(w, "method", "hvc")) {
        p->psci_hvc = true;
    } else if (umsi_fdt_is(w, "method", "smc")) {
        p->psci_smc = true;
    } else {
        umsi_fdt_say(w, UMSI_LOG_WARN, "method", "is neither \"hvc\" nor \"smc\", node skipped");
    }
    return false;
}
