/* SPDX-License-Identifier: MIT */
/* The GICv2 driver's life: create in the order probe, memory, what the core knows, hardware; and back. */
#include "internal.h"

static size_t cpus_size(const struct umsi_gicv2 *gic)
{
    return gic->umsi->port.nr_cpus * sizeof(gic->cpus[0]);
}

static size_t irqs_size(const struct umsi_gicv2 *gic)
{
    return gic->nr_intids * sizeof(struct umsi_irq *);
}

static void free_all(struct umsi_gicv2 *gic)
{
    struct umsi *u = gic->umsi;

    umsi_free(u, gic->cpus, cpus_size(gic));
    umsi_free(u, gic->irqs, irqs_size(gic));
    umsi_free(u, gic, sizeof(*gic));
}

static enum umsi_status get_memory(struct umsi_gicv2 *gic)
{
    gic->cpus = umsi_alloc(gic->umsi, cpus_size(gic));
    gic->irqs = umsi_alloc(gic->umsi, irqs_size(gic));
    return gic->cpus != NULL && gic->irqs != NULL ? UMSI_OK : UMSI_NOMEM;
}

/* Become a domain and the instance's receiver. Nothing arrives before a CPU interface is open. */
static enum umsi_status announce(struct umsi_gicv2 *gic)
{
    const struct umsi_domain_config domain = {
        .name = "GICv2",
        .ops = &umsi_gicv2_domain_ops,
        .chip = &umsi_gicv2_chip,
        .size = gic->nr_intids,
        .data = gic,
    };
    const struct umsi_receiver receiver = umsi_gicv2_receiver(gic);
    enum umsi_status st = umsi_set_receiver(gic->umsi, &receiver);

    if (st != UMSI_OK) {
        return st;
    }
    st = umsi_domain_add(gic->umsi, &gic->domain, &domain);
    if (st != UMSI_OK) {
        umsi_clear_receiver(gic->umsi);
        return st;
    }
    gic->source = (struct umsi_source){
        .count = gic->nr_intids,
        .lookup = umsi_gicv2_lookup,
        .silence = umsi_gicv2_silence,
        .arg = gic,
    };
    umsi_add_source(gic->umsi, &gic->source);
    return UMSI_OK;
}

/* BUSY, and nothing done, while an interrupt is mapped or lent. */
static enum umsi_status withdraw(struct umsi_gicv2 *gic)
{
    enum umsi_status st = UMSI_BUSY;

    if (__atomic_load_n(&gic->lent, __ATOMIC_RELAXED) == 0) {
        st = umsi_domain_remove(&gic->domain);
    }
    if (st == UMSI_OK) {
        umsi_remove_source(gic->umsi, &gic->source);
        umsi_clear_receiver(gic->umsi);
    }
    return st;
}

static enum umsi_status bring_up(struct umsi_gicv2 *gic)
{
    enum umsi_status st = umsi_gicv2_dist_probe(gic);

    if (st == UMSI_OK) {
        st = get_memory(gic);
    }
    if (st == UMSI_OK) {
        st = announce(gic);
    }
    if (st != UMSI_OK) {
        return st;
    }
    st = umsi_gicv2_dist_init(gic);
    if (st != UMSI_OK) {
        (void)withdraw(gic);
    }
    return st;
}

enum umsi_status umsi_gicv2_create(struct umsi *u, const struct umsi_gicv2_config *config,
                                   struct umsi_gicv2 **out_gic)
{
    struct umsi_gicv2 *gic;
    enum umsi_status st;

    if (u == NULL || out_gic == NULL || config == NULL || config->gicd == NULL ||
        config->gicc == NULL) {
        return UMSI_INVALID;
    }
    gic = umsi_alloc(u, sizeof(*gic));
    if (gic == NULL) {
        return UMSI_NOMEM;
    }
    gic->umsi = u;
    gic->gicd = config->gicd;
    gic->gicc = config->gicc;
    gic->local_masked = UINT32_MAX;
    umsi_lock_init(u, &gic->lock);
    st = bring_up(gic);
    if (st != UMSI_OK) {
        free_all(gic);
        return st;
    }
    *out_gic = gic;
    return UMSI_OK;
}

enum umsi_status umsi_gicv2_destroy(struct umsi_gicv2 *gic)
{
    enum umsi_status st = withdraw(gic);

    if (st != UMSI_OK) {
        return st;
    }
    umsi_gicv2_cpu_offline(gic);
    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus; cpu++) {
        if (umsi_gicv2_online_cpu(gic, cpu) != NULL) {
            umsi_set_cpu_online(gic->umsi, cpu, false);
        }
    }
    umsi_gicv2_dist_stop(gic);
    free_all(gic);
    return UMSI_OK;
}

enum umsi_status umsi_gicv2_map(struct umsi_gicv2 *gic, uint32_t intid, bool level,
                                umsi_virq *out_virq)
{
    return umsi_domain_map(&gic->domain, intid, level && intid >= GIC_FIRST_PPI, out_virq);
}

void umsi_gicv2_unmap(struct umsi_gicv2 *gic, umsi_virq virq)
{
    umsi_domain_unmap(&gic->domain, virq);
}
