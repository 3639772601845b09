/* SPDX-License-Identifier: MIT */
/* The GICv3 driver's life: create in the order probe, memory, what the core knows, hardware; and back. */
#include "../../arch/sysreg.h"
#include "internal.h"

enum umsi_status umsi_gicv3_poll(struct umsi_gicv3 *gic, volatile void *base, uint32_t offset,
                                 uint32_t mask, uint32_t value, const char *what)
{
    struct umsi *u = gic->umsi;
    uint64_t start = umsi_now(u);

    for (;;) {
        /* The clock first: a CPU that was away for long still gets its last look. */
        bool expired = umsi_now(u) - start > GICV3_DEADLINE_US;
        if ((umsi_read32(u, base, offset) & mask) == value) {
            return UMSI_OK;
        }
        if (expired) {
            umsi_log(u, UMSI_LOG_ERROR, "GICv3: %s did not become %x", what, value);
            return UMSI_TIMEOUT;
        }
        umsi_relax(u);
    }
}

static size_t cpus_size(const struct umsi_gicv3 *gic)
{
    return gic->umsi->port.nr_cpus * sizeof(gic->cpus[0]);
}

static size_t irqs_size(const struct umsi_gicv3 *gic)
{
    return gic->nr_intids * sizeof(struct umsi_irq *);
}

static void free_all(struct umsi_gicv3 *gic)
{
    struct umsi *u = gic->umsi;

    umsi_free(u, gic->redists, gic->nr_redists * sizeof(gic->redists[0]));
    umsi_free(u, gic->cpus, cpus_size(gic));
    umsi_free(u, gic->irqs, irqs_size(gic));
    umsi_free(u, gic, sizeof(*gic));
}

static enum umsi_status get_memory(struct umsi_gicv3 *gic)
{
    gic->cpus = umsi_alloc(gic->umsi, cpus_size(gic));
    gic->irqs = umsi_alloc(gic->umsi, irqs_size(gic));
    return gic->cpus != NULL && gic->irqs != NULL ? UMSI_OK : UMSI_NOMEM;
}

/* Become a domain and the instance's receiver. Nothing arrives before a CPU interface is open. */
static enum umsi_status announce(struct umsi_gicv3 *gic)
{
    const struct umsi_domain_config domain = {
        .name = "GICv3",
        .ops = &umsi_gicv3_domain_ops,
        .chip = &umsi_gicv3_chip,
        .size = gic->nr_intids,
        .data = gic,
    };
    const struct umsi_receiver receiver = umsi_gicv3_receiver(gic);
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
        .lookup = umsi_gicv3_lookup,
        .silence = umsi_gicv3_silence,
        .arg = gic,
    };
    umsi_add_source(gic->umsi, &gic->source);
    return UMSI_OK;
}

/* BUSY, and nothing done, while an interrupt is mapped or lent. */
static enum umsi_status withdraw(struct umsi_gicv3 *gic)
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

static enum umsi_status bring_up(struct umsi_gicv3 *gic, const struct umsi_gicv3_config *config)
{
    enum umsi_status st = umsi_gicv3_dist_probe(gic);

    if (st == UMSI_OK) {
        st = get_memory(gic);
    }
    if (st == UMSI_OK) {
        st = umsi_gicv3_redist_walk(gic, config);
    }
    if (st == UMSI_OK) {
        st = announce(gic);
    }
    if (st != UMSI_OK) {
        return st;
    }
    st = umsi_gicv3_dist_init(gic);
    if (st != UMSI_OK) {
        (void)withdraw(gic);
    }
    return st;
}

static bool config_valid(const struct umsi_gicv3_config *config)
{
    if (config == NULL || config->gicd == NULL) {
        return false;
    }
    if (config->nr_regions != 0 && config->regions == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < config->nr_regions; i++) {
        const struct umsi_gicv3_region *r = &config->regions[i];
        bool stride_ok =
            r->stride == 0 || (r->stride >= 2 * GICR_FRAME && r->stride % GICR_FRAME == 0);
        if (r->base == NULL || !stride_ok) {
            return false;
        }
    }
    return true;
}

enum umsi_status umsi_gicv3_create(struct umsi *u, const struct umsi_gicv3_config *config,
                                   struct umsi_gicv3 **out_gic)
{
    struct umsi_gicv3 *gic;
    enum umsi_status st;

    if (u == NULL || out_gic == NULL || !config_valid(config)) {
        return UMSI_INVALID;
    }
    if (!umsi_sysreg_usable(u)) {
        umsi_log(u, UMSI_LOG_ERROR, "GICv3: no system registers here, and none from the port");
        return UMSI_UNSUPPORTED;
    }
    gic = umsi_alloc(u, sizeof(*gic));
    if (gic == NULL) {
        return UMSI_NOMEM;
    }
    gic->umsi = u;
    gic->gicd = config->gicd;
    gic->local_masked = UINT32_MAX;
    umsi_lock_init(u, &gic->lock);
    st = bring_up(gic, config);
    if (st != UMSI_OK) {
        free_all(gic);
        return st;
    }
    *out_gic = gic;
    return UMSI_OK;
}

enum umsi_status umsi_gicv3_destroy(struct umsi_gicv3 *gic)
{
    enum umsi_status st = withdraw(gic);

    if (st != UMSI_OK) {
        return st;
    }
    umsi_gicv3_cpu_offline(gic);
    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus; cpu++) {
        if (umsi_gicv3_online_cpu(gic, cpu) != NULL) {
            umsi_set_cpu_online(gic->umsi, cpu, false);
        }
    }
    umsi_gicv3_dist_stop(gic);
    free_all(gic);
    return UMSI_OK;
}

enum umsi_status umsi_gicv3_map(struct umsi_gicv3 *gic, uint32_t intid, bool level,
                                umsi_virq *out_virq)
{
    if (intid >= gic->nr_intids) {
        return UMSI_RANGE;
    }
    return umsi_domain_map(&gic->domain, intid, level && intid >= GIC_FIRST_PPI, out_virq);
}

void umsi_gicv3_unmap(struct umsi_gicv3 *gic, umsi_virq virq)
{
    umsi_domain_unmap(&gic->domain, virq);
}
