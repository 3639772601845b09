/* SPDX-License-Identifier: MIT */
/* The controllers of the world, up in parts and down. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

void world_kind(struct world_config *c, enum where where)
{
    static const struct model_v2m_config frame = { .first_spi = 64, .nr_spis = 400 };
    static const struct model_imsic_config files = { .nr_ids = 2047, .message_ns = 300 };
    static const struct model_aplic_config sources = { .nr_sources = 96 };
    const bool frames = where == TO_FRAME || where == TO_FRAME_OF_GICV3;
    c->model.gicv2 = where == TO_FRAME;
    c->model.nr_v2m = frames ? 1 : 0;
    c->model.v2m = &frame;
    c->model.nr_spis = frames ? 480 : 0;
    c->model.imsic = where == TO_FILES ? &files : NULL;
    c->model.aplic = where == TO_FILES ? &sources : NULL;
    c->nr_ipis = where == TO_FILES ? 2 : 0;
}

/* ---- up, in parts ---- */

enum umsi_status world_umsi(struct world *w)
{
    return umsi_create(&w->port, &w->u);
}

enum umsi_status world_gic(struct world *w)
{
    struct umsi_gicv3_region region = { 0 };
    const struct umsi_gicv2_config two = { model_gicd(w->m), model_gicc(w->m) };
    if (w->config.model.gicv2) {
        return umsi_gicv2_create(w->u, &two, &w->gicv2);
    }
    region.base = model_gicr(w->m, &region.phys, &region.size);
    const struct umsi_gicv3_config c = { model_gicd(w->m), &region, 1 };
    return umsi_gicv3_create(w->u, &c, &w->gic);
}

enum umsi_status world_lpi(struct world *w)
{
    const struct umsi_lpi_config c = { .gicd = model_gicd(w->m) };
    return umsi_lpi_create(w->u, &c, &w->lpi);
}

enum umsi_status world_its(struct world *w, uint32_t n)
{
    struct umsi_its_config c = w->config.umsi_its;
    c.base = model_its_base(w->m, n);
    c.phys = model_its_phys(w->m, n);
    return umsi_its_create(w->lpi, &c, &w->its[n]);
}

static enum umsi_status online(struct world *w, umsi_cpu cpu)
{
    if (w->imsic != NULL) {
        return umsi_imsic_cpu_online(w->imsic, cpu);
    }
    return w->gicv2 != NULL ? umsi_gicv2_cpu_online(w->gicv2, cpu)
                            : umsi_gicv3_cpu_online(w->gic, cpu);
}

enum umsi_status world_cpu_gic(struct world *w, umsi_cpu cpu)
{
    model_set_cpu(w->m, cpu);
    model_mask_cpu(w->m, cpu, true);
    const enum umsi_status st = online(w, cpu);
    model_mask_cpu(w->m, cpu, false);
    model_set_cpu(w->m, 0);
    return st;
}

enum umsi_status world_cpu(struct world *w, umsi_cpu cpu)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    enum umsi_status st = umsi_gicv3_redistributor(w->gic, cpu, &rd, &phys);
    model_set_cpu(w->m, cpu);
    st = st != UMSI_OK ? st : umsi_lpi_cpu_online(w->lpi, cpu, rd, phys);
    model_set_cpu(w->m, 0);
    return st;
}

enum umsi_status world_v2m(struct world *w)
{
    struct umsi_gic_spis spis;
    const struct umsi_gicv2m_config c = { .base = model_v2m_base(w->m, 0),
                                          .phys = model_v2m_phys(w->m, 0),
                                          .gic = &spis };
    if (w->gicv2 != NULL) {
        umsi_gicv2_spis(w->gicv2, &spis);
    } else {
        umsi_gicv3_spis(w->gic, &spis);
    }
    return umsi_gicv2m_create(w->u, &c, &w->v2m);
}

static struct umsi_imsic_layout layout_of(struct world *w)
{
    struct umsi_imsic_layout l = { 0 };
    l.hart_index_bits = model_imsic(w->m, &l.base)->hart_index_bits;
    return l;
}

enum umsi_status world_imsic(struct world *w)
{
    struct umsi_imsic_file files[WORLD_CPUS] = { { NULL, 0 } };
    uint64_t base;
    const struct umsi_imsic_config c = { .layout = layout_of(w),
                                         .files = files,
                                         .nr_ids = model_imsic(w->m, &base)->nr_ids,
                                         .nr_ipis = w->config.nr_ipis };
    for (umsi_cpu cpu = 0; cpu < w->config.model.nr_cpus; cpu++) {
        files[cpu].page = model_imsic_page(w->m, cpu, NULL, &files[cpu].hart);
    }
    return umsi_imsic_create(w->u, &c, &w->imsic);
}

enum umsi_status world_aplic(struct world *w)
{
    const struct umsi_aplic_config c = { .base = model_aplic_base(w->m),
                                         .nr_sources = w->config.model.aplic->nr_sources,
                                         .parent = umsi_imsic_parent(w->imsic),
                                         .layout = layout_of(w) };
    return umsi_aplic_create(w->u, &c, &w->aplic);
}

enum umsi_status world_map_wire(struct world *w)
{
    if (w->aplic != NULL) {
        return umsi_aplic_map(w->aplic, 40, UMSI_EDGE_RISING, &w->wire);
    }
    return w->gicv2 != NULL ? umsi_gicv2_map(w->gicv2, 40, true, &w->wire)
                            : umsi_gicv3_map(w->gic, 40, true, &w->wire);
}

void world_unmap_wire(struct world *w)
{
    if (w->aplic != NULL) {
        umsi_aplic_unmap(w->aplic, 40);
    } else if (w->gicv2 != NULL) {
        umsi_gicv2_unmap(w->gicv2, w->wire);
    } else {
        umsi_gicv3_unmap(w->gic, w->wire);
    }
    w->wire = UMSI_NO_VIRQ;
}

struct umsi_domain *world_parent(struct world *w)
{
    if (w->imsic != NULL) {
        return umsi_imsic_parent(w->imsic);
    }
    if (w->v2m != NULL) {
        return umsi_gicv2m_parent(w->v2m);
    }
    return w->its[0] != NULL ? umsi_its_parent(w->its[0]) : NULL;
}

static enum umsi_status all_online(struct world *w)
{
    const uint32_t online = w->config.online == 0 ? w->config.model.nr_cpus : w->config.online;
    enum umsi_status st = UMSI_OK;
    for (umsi_cpu cpu = 0; cpu < online && st == UMSI_OK; cpu++) {
        st = world_cpu_gic(w, cpu);
        st = st != UMSI_OK || w->lpi == NULL ? st : world_cpu(w, cpu);
    }
    return st;
}

static enum umsi_status up_riscv(struct world *w)
{
    enum umsi_status st = world_imsic(w);
    st = st != UMSI_OK ? st : all_online(w);
    return st != UMSI_OK || w->config.model.aplic == NULL ? st : world_aplic(w);
}

static enum umsi_status up_arm(struct world *w)
{
    const bool v2m = w->config.model.nr_v2m != 0;
    enum umsi_status st = world_gic(w);
    st = st != UMSI_OK || v2m ? st : world_lpi(w);
    st = st != UMSI_OK ? st : all_online(w);
    st = st != UMSI_OK || !v2m ? st : world_v2m(w);
    for (uint32_t i = 0; i < w->config.model.nr_its && st == UMSI_OK; i++) {
        st = world_its(w, i);
    }
    return st;
}

static enum umsi_status up(struct world *w)
{
    const enum umsi_status st = world_umsi(w);
    return st != UMSI_OK ? st : w->config.model.imsic != NULL ? up_riscv(w) : up_arm(w);
}

enum umsi_status world_up(struct world *w)
{
    const enum umsi_status st = up(w);
    if (st != UMSI_OK) {
        world_down(w);
    }
    return st;
}

void world_start(struct world *w, const struct world_config *config)
{
    world_machine(w, config);
    assert_int_equal(world_up(w), UMSI_OK);
    world_clean(w, NULL);
}

/* ---- down ---- */

static void cpu_down(struct world *w, umsi_cpu cpu)
{
    model_set_cpu(w->m, cpu);
    model_mask_cpu(w->m, cpu, true);
    if (w->gic != NULL) {
        umsi_gicv3_cpu_offline(w->gic);
    }
    if (w->gicv2 != NULL) {
        umsi_gicv2_cpu_offline(w->gicv2);
    }
    if (w->imsic != NULL) {
        umsi_imsic_cpu_offline(w->imsic);
    }
    model_mask_cpu(w->m, cpu, false);
}

static void devices_down(struct world *w)
{
    for (uint32_t i = 0; i < GADGETS; i++) {
        gadget_detach(&w->gadget[i]);
        gadget_unmake(&w->gadget[i]);
    }
    if (w->wire != UMSI_NO_VIRQ) {
        world_unmap_wire(w);
    }
    if (w->ipi != UMSI_NO_VIRQ) {
        umsi_imsic_unmap_ipi(w->imsic, w->ipi);
        w->ipi = UMSI_NO_VIRQ;
    }
}

static void gone(enum umsi_status st)
{
    assert_int_equal(st, UMSI_OK);
}

void world_down(struct world *w)
{
    devices_down(w);
    for (uint32_t i = 2; i-- > 0;) {
        gone(w->its[i] == NULL ? UMSI_OK : umsi_its_destroy(w->its[i]));
        w->its[i] = NULL;
    }
    gone(w->lpi == NULL ? UMSI_OK : umsi_lpi_destroy(w->lpi));
    gone(w->v2m == NULL ? UMSI_OK : umsi_gicv2m_destroy(w->v2m));
    gone(w->aplic == NULL ? UMSI_OK : umsi_aplic_destroy(w->aplic));
    for (umsi_cpu cpu = w->config.model.nr_cpus; cpu-- > 0;) {
        cpu_down(w, cpu);
    }
    gone(w->gic == NULL ? UMSI_OK : umsi_gicv3_destroy(w->gic));
    gone(w->gicv2 == NULL ? UMSI_OK : umsi_gicv2_destroy(w->gicv2));
    gone(w->imsic == NULL ? UMSI_OK : umsi_imsic_destroy(w->imsic));
    gone(w->u == NULL ? UMSI_OK : umsi_destroy(w->u));
    w->lpi = NULL;
    w->gic = NULL;
    w->gicv2 = NULL;
    w->v2m = NULL;
    w->aplic = NULL;
    w->imsic = NULL;
    w->u = NULL;
}
