/* SPDX-License-Identifier: MIT */
/* The controllers of a model machine, up in the order in which they build on each other, and down. */
#include "model_gic.h"

/* ---- each of them ---- */

static enum umsi_status make_gic(struct model *m, struct umsi *u, bool gicv2, struct model_gic *g)
{
    struct umsi_gicv3_region region = { 0 };
    const struct umsi_gicv2_config two = { model_gicd(m), model_gicc(m) };
    if (gicv2) {
        return umsi_gicv2_create(u, &two, &g->gicv2);
    }
    region.base = model_gicr(m, &region.phys, &region.size);
    const struct umsi_gicv3_config three = { model_gicd(m), &region, 1 };
    return umsi_gicv3_create(u, &three, &g->gicv3);
}

static enum umsi_status make_v2m(struct model *m, struct umsi *u, struct model_gic *g)
{
    struct umsi_gic_spis spis;
    if (g->gicv2 != NULL) {
        umsi_gicv2_spis(g->gicv2, &spis);
    } else {
        umsi_gicv3_spis(g->gicv3, &spis);
    }
    const struct umsi_gicv2m_config c = { .base = model_v2m_base(m, 0),
                                          .phys = model_v2m_phys(m, 0),
                                          .gic = &spis };
    return umsi_gicv2m_create(u, &c, &g->v2m);
}

static enum umsi_status make_its(struct model *m, struct model_gic *g)
{
    const struct umsi_its_config c = { .base = model_its_base(m, 0), .phys = model_its_phys(m, 0) };
    return umsi_its_create(g->lpi, &c, &g->its);
}

static enum umsi_status start_cpu(struct model_gic *g, umsi_cpu cpu)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    if (g->gicv2 != NULL) {
        return umsi_gicv2_cpu_online(g->gicv2, cpu);
    }
    enum umsi_status st = umsi_gicv3_cpu_online(g->gicv3, cpu);
    if (st == UMSI_OK && g->lpi != NULL) {
        st = umsi_gicv3_redistributor(g->gicv3, cpu, &rd, &phys);
        return st == UMSI_OK ? umsi_lpi_cpu_online(g->lpi, cpu, rd, phys) : st;
    }
    return st;
}

static bool start_cpus(struct model *m, uint32_t nr_cpus, struct model_gic *g)
{
    bool ok = true;
    for (umsi_cpu cpu = 0; cpu < nr_cpus; cpu++) {
        model_set_cpu(m, cpu);
        ok = start_cpu(g, cpu) == UMSI_OK && ok;
    }
    model_set_cpu(m, 0);
    return ok;
}

/* ---- all ---- */

const char *model_gic_start(struct model *m, struct umsi *u, uint32_t nr_cpus, bool gicv2, bool v2m,
                            struct model_gic *out)
{
    const struct umsi_lpi_config lpi = { .gicd = model_gicd(m) };
    if (make_gic(m, u, gicv2, out) != UMSI_OK) {
        return "the GIC";
    }
    if (!v2m && umsi_lpi_create(u, &lpi, &out->lpi) != UMSI_OK) {
        return "umsi_lpi_create";
    }
    if (!start_cpus(m, nr_cpus, out)) {
        return "a CPU";
    }
    if (v2m) {
        return make_v2m(m, u, out) == UMSI_OK ? NULL : "umsi_gicv2m_create";
    }
    return make_its(m, out) == UMSI_OK ? NULL : "umsi_its_create";
}

static enum umsi_status make_aplic(struct model *m, struct umsi *u,
                                   const struct umsi_imsic_layout *layout, struct model_gic *g)
{
    const struct umsi_aplic_config c = { .base = model_aplic_base(m),
                                         .nr_sources = 96,
                                         .parent = umsi_imsic_parent(g->imsic),
                                         .layout = *layout };
    return umsi_aplic_create(u, &c, &g->aplic);
}

const char *model_imsic_start(struct model *m, struct umsi *u, uint32_t nr_cpus,
                              struct model_gic *out)
{
    struct umsi_imsic_file files[8] = { { NULL, 0 } };
    struct umsi_imsic_config c = { .files = files };
    const struct model_imsic_config *hw = model_imsic(m, &c.layout.base);
    c.layout.hart_index_bits = hw->hart_index_bits;
    c.nr_ids = hw->nr_ids;
    for (umsi_cpu cpu = 0; cpu < nr_cpus; cpu++) {
        files[cpu].page = model_imsic_page(m, cpu, NULL, &files[cpu].hart);
    }
    bool ok = umsi_imsic_create(u, &c, &out->imsic) == UMSI_OK;
    for (umsi_cpu cpu = 0; cpu < nr_cpus && ok; cpu++) {
        model_set_cpu(m, cpu);
        model_mask_cpu(m, cpu, true);
        ok = umsi_imsic_cpu_online(out->imsic, cpu) == UMSI_OK;
        model_mask_cpu(m, cpu, false);
    }
    model_set_cpu(m, 0);
    if (!ok) {
        return "the interrupt files";
    }
    return make_aplic(m, u, &c.layout, out) == UMSI_OK ? NULL : "umsi_aplic_create";
}

static const char *imsic_stop(struct model *m, uint32_t nr_cpus, struct model_gic *g)
{
    if (umsi_aplic_destroy(g->aplic) != UMSI_OK) {
        return "umsi_aplic_destroy";
    }
    for (umsi_cpu cpu = nr_cpus; cpu-- > 0;) {
        model_set_cpu(m, cpu);
        model_mask_cpu(m, cpu, true);
        umsi_imsic_cpu_offline(g->imsic);
        model_mask_cpu(m, cpu, false);
    }
    return umsi_imsic_destroy(g->imsic) == UMSI_OK ? NULL : "umsi_imsic_destroy";
}

static void stop_cpus(struct model *m, uint32_t nr_cpus, struct model_gic *g)
{
    for (umsi_cpu cpu = nr_cpus; cpu-- > 0;) {
        model_set_cpu(m, cpu);
        if (g->gicv2 != NULL) {
            umsi_gicv2_cpu_offline(g->gicv2);
        } else {
            umsi_gicv3_cpu_offline(g->gicv3);
        }
    }
}

const char *model_gic_stop(struct model *m, uint32_t nr_cpus, struct model_gic *g)
{
    if (g->imsic != NULL) {
        return imsic_stop(m, nr_cpus, g);
    }
    if (g->v2m != NULL && umsi_gicv2m_destroy(g->v2m) != UMSI_OK) {
        return "umsi_gicv2m_destroy";
    }
    if (g->its != NULL && umsi_its_destroy(g->its) != UMSI_OK) {
        return "umsi_its_destroy";
    }
    if (g->lpi != NULL && umsi_lpi_destroy(g->lpi) != UMSI_OK) {
        return "umsi_lpi_destroy";
    }
    stop_cpus(m, nr_cpus, g);
    enum umsi_status st =
        g->gicv2 != NULL ? umsi_gicv2_destroy(g->gicv2) : umsi_gicv3_destroy(g->gicv3);
    return st == UMSI_OK ? NULL : "destroying the GIC";
}
