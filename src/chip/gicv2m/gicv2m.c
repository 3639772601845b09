/* SPDX-License-Identifier: MIT */
/* A GICv2m frame's life, and dispatch for a GIC of the kernel's own. */
#include "internal.h"

static bool config_valid(const struct umsi_gicv2m_config *config)
{
    const struct umsi_gic_spis *gic = config != NULL ? config->gic : NULL;

    return gic != NULL && config->base != NULL && gic->take != NULL && gic->start != NULL &&
           gic->stop != NULL && gic->give != NULL && gic->enable != NULL && gic->route != NULL;
}

/* What the frame says, or what firmware says in its place. */
static enum umsi_status find_spis(struct umsi_gicv2m *v2m, const struct umsi_gicv2m_config *config)
{
    uint32_t typer = umsi_read32(v2m->umsi, config->base, V2M_MSI_TYPER);
    bool overridden = config->nr_spis != 0;

    v2m->first = overridden ? config->first_spi : V2M_MSI_TYPER_first(typer);
    v2m->count = overridden ? config->nr_spis : V2M_MSI_TYPER_count(typer);
    if (v2m->count == 0 || v2m->first < GIC_FIRST_SPI || v2m->first > GIC_LAST_SPI ||
        v2m->count > GIC_LAST_SPI + 1 - v2m->first || config->data_offset > v2m->first) {
        umsi_log(v2m->umsi, UMSI_LOG_ERROR,
                 "GICv2m at %lx: %u SPIs from %u, data from %u (V2M_MSI_TYPER %x)", config->phys,
                 v2m->count, v2m->first, config->data_offset, typer);
        return UMSI_RANGE;
    }
    v2m->data_offset = config->data_offset;
    return UMSI_OK;
}

static void name_oddities(struct umsi_gicv2m *v2m)
{
    if (v2m->data_offset == 0 && (v2m->iidr == V2M_IIDR_XGENE1 || v2m->iidr == V2M_IIDR_NS2)) {
        umsi_log(v2m->umsi, UMSI_LOG_WARN,
                 "GICv2m at %lx: V2M_MSI_IIDR %08x: it may want data_offset %u", v2m->phys,
                 v2m->iidr, v2m->iidr == V2M_IIDR_NS2 ? GIC_FIRST_SPI : v2m->first);
    }
}

static size_t irqs_size(const struct umsi_gicv2m *v2m)
{
    return v2m->count * sizeof(v2m->irqs[0]);
}

static void free_all(struct umsi_gicv2m *v2m)
{
    struct umsi *u = v2m->umsi;

    umsi_free(u, v2m->irqs, irqs_size(v2m));
    umsi_free(u, v2m, sizeof(*v2m));
}

static enum umsi_status join(struct umsi_gicv2m *v2m, const char *name)
{
    const struct umsi_domain_config domain = {
        .name = name != NULL ? name : "GICv2m",
        .ops = &umsi_gicv2m_domain_ops,
        .chip = &umsi_gicv2m_chip,
        .size = v2m->count,
    };
    enum umsi_status st = umsi_domain_add(v2m->umsi, &v2m->domain, &domain);

    if (st == UMSI_OK) {
        umsi_msi_parent_set(&v2m->domain, &umsi_gicv2m_msi_ops);
    }
    return st;
}

static enum umsi_status bring_up(struct umsi_gicv2m *v2m, const struct umsi_gicv2m_config *config)
{
    enum umsi_status st = find_spis(v2m, config);

    if (st != UMSI_OK) {
        return st;
    }
    v2m->iidr = umsi_read32(v2m->umsi, config->base, V2M_MSI_IIDR);
    name_oddities(v2m);
    v2m->irqs = umsi_alloc(v2m->umsi, irqs_size(v2m));
    return v2m->irqs != NULL ? join(v2m, config->name) : UMSI_NOMEM;
}

enum umsi_status umsi_gicv2m_create(struct umsi *u, const struct umsi_gicv2m_config *config,
                                    struct umsi_gicv2m **out_v2m)
{
    struct umsi_gicv2m *v2m;
    enum umsi_status st;

    if (u == NULL || out_v2m == NULL || !config_valid(config)) {
        return UMSI_INVALID;
    }
    v2m = umsi_alloc(u, sizeof(*v2m));
    if (v2m == NULL) {
        return UMSI_NOMEM;
    }
    v2m->umsi = u;
    v2m->phys = config->phys;
    v2m->gic = *config->gic;
    umsi_lock_init(u, &v2m->lock);
    st = bring_up(v2m, config);
    if (st != UMSI_OK) {
        free_all(v2m);
        return st;
    }
    *out_v2m = v2m;
    return UMSI_OK;
}

enum umsi_status umsi_gicv2m_destroy(struct umsi_gicv2m *v2m)
{
    enum umsi_status st = umsi_domain_remove(&v2m->domain);

    if (st == UMSI_OK) {
        free_all(v2m);
    }
    return st;
}

struct umsi_domain *umsi_gicv2m_parent(struct umsi_gicv2m *v2m)
{
    return &v2m->domain;
}

bool umsi_gicv2m_handle(struct umsi_gicv2m *v2m, uint32_t intid)
{
    struct umsi *u = v2m->umsi;
    struct umsi_irq *irq;

    if (intid < v2m->first || intid - v2m->first >= v2m->count) {
        return false;
    }
    umsi_enter(u);
    irq = umsi_gicv2m_lookup(v2m, intid);
    if (irq != NULL) {
        umsi_deliver(u, irq);
    } else if (umsi_unknown(u, intid)) {
        umsi_gicv2m_ids_silence(v2m, intid);
    }
    umsi_leave(u);
    return true;
}

void umsi_gicv2m_get_info(struct umsi_gicv2m *v2m, struct umsi_gicv2m_info *out)
{
    umsi_irqstate s = umsi_lock_take(v2m->umsi, &v2m->lock);

    *out = (struct umsi_gicv2m_info){ v2m->first, v2m->count, v2m->live, v2m->iidr };
    umsi_lock_drop(v2m->umsi, &v2m->lock, s);
}
