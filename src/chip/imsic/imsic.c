/* SPDX-License-Identifier: MIT */
/* The IMSIC driver's life: create in the order check, memory, what the core knows; harts bring their files up. */
#include "../../arch/csr.h"
#include "internal.h"

static uint32_t nr_cpus(const struct umsi_imsic *imsic)
{
    return imsic->umsi->port.nr_cpus;
}

static size_t table_size(const struct umsi_imsic *imsic)
{
    return (imsic->nr_ids + 1) * sizeof(struct umsi_irq *);
}

static void free_all(struct umsi_imsic *imsic)
{
    struct umsi *u = imsic->umsi;

    for (umsi_cpu cpu = 0; imsic->files != NULL && cpu < nr_cpus(imsic); cpu++) {
        umsi_free(u, imsic->files[cpu].irq, table_size(imsic));
    }
    umsi_free(u, imsic->files, nr_cpus(imsic) * sizeof(imsic->files[0]));
    umsi_free(u, imsic, sizeof(*imsic));
}

/* ---- files ---- */

/* Those that do not exist, or are for IPIs, are nobody's to take: identity 0 first of all. */
static void block_ids(const struct umsi_imsic *imsic, struct imsic_file *f)
{
    for (uint32_t id = 0; id <= imsic->nr_ipis; id++) {
        f->used[umsi_imsic_word(id)] |= umsi_imsic_bit(id);
    }
    for (uint32_t word = imsic->nr_words; word < IMSIC_WORDS; word++) {
        f->used[word] = UINT64_MAX;
    }
    f->free = imsic->nr_ids - imsic->nr_ipis;
}

static enum umsi_status make_file(struct umsi_imsic *imsic, umsi_cpu cpu,
                                  const struct umsi_imsic_file *config)
{
    struct imsic_file *f = &imsic->files[cpu];

    f->cpu = cpu;
    f->hart = config->hart;
    umsi_lock_init(imsic->umsi, &f->lock);
    if (config->page == NULL) {
        return UMSI_OK;
    }
    block_ids(imsic, f);
    f->irq = umsi_alloc(imsic->umsi, table_size(imsic));
    if (f->irq == NULL) {
        return UMSI_NOMEM;
    }
    f->page = config->page;
    return UMSI_OK;
}

static enum umsi_status make_files(struct umsi_imsic *imsic, const struct umsi_imsic_config *config)
{
    enum umsi_status st = UMSI_OK;

    imsic->files = umsi_alloc(imsic->umsi, nr_cpus(imsic) * sizeof(imsic->files[0]));
    if (imsic->files == NULL) {
        return UMSI_NOMEM;
    }
    for (umsi_cpu cpu = 0; cpu < nr_cpus(imsic) && st == UMSI_OK; cpu++) {
        st = make_file(imsic, cpu, &config->files[cpu]);
    }
    return st;
}

/* ---- what the core knows ---- */

static enum umsi_status announce(struct umsi_imsic *imsic)
{
    const struct umsi_domain_config domain = {
        .name = "IMSIC",
        .ops = &umsi_imsic_domain_ops,
        .chip = &umsi_imsic_chip,
        .size = imsic->nr_ids + 1,
        .data = imsic,
    };
    const struct umsi_receiver receiver = umsi_imsic_receiver(imsic);
    enum umsi_status st = umsi_set_receiver(imsic->umsi, &receiver);

    if (st != UMSI_OK) {
        return st;
    }
    st = umsi_domain_add(imsic->umsi, &imsic->domain, &domain);
    if (st != UMSI_OK) {
        umsi_clear_receiver(imsic->umsi);
        return st;
    }
    umsi_msi_parent_set(&imsic->domain, &umsi_imsic_parent_ops);
    imsic->source = (struct umsi_source){
        .count = imsic->nr_ids + 1,
        .lookup = umsi_imsic_lookup,
        .arg = imsic,
    };
    umsi_add_source(imsic->umsi, &imsic->source);
    return UMSI_OK;
}

/* ---- what was given ---- */

/* A hart index beyond the layout, or twice the same: messages would go to another CPU. */
static bool harts_valid(const struct umsi *u, const struct umsi_imsic_config *config)
{
    const struct umsi_imsic_layout *l = &config->layout;

    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        const struct umsi_imsic_file *f = &config->files[cpu];
        if (f->page == NULL) {
            continue;
        }
        if (f->hart >> (l->hart_index_bits + l->group_index_bits) != 0) {
            return false;
        }
        for (umsi_cpu other = 0; other < cpu; other++) {
            if (config->files[other].page != NULL && config->files[other].hart == f->hart) {
                return false;
            }
        }
    }
    return true;
}

static bool any_file(const struct umsi *u, const struct umsi_imsic_config *config)
{
    umsi_cpu cpu = 0;

    while (cpu < u->port.nr_cpus && config->files[cpu].page == NULL) {
        cpu++;
    }
    return cpu < u->port.nr_cpus;
}

static enum umsi_status check(struct umsi *u, const struct umsi_imsic_config *config)
{
    if (config->files == NULL || config->nr_ids < 63 || config->nr_ids > UMSI_IMSIC_MAX_IDS ||
        config->nr_ids % 64 != 63 || config->nr_ipis > UMSI_IMSIC_MAX_IPIS ||
        !umsi_imsic_layout_valid(&config->layout) || !any_file(u, config)) {
        return UMSI_INVALID;
    }
    if (!harts_valid(u, config)) {
        umsi_log(u, UMSI_LOG_ERROR, "IMSIC: a hart index is beyond the layout, or given twice");
        return UMSI_RANGE;
    }
    if (!umsi_csr_usable(u)) {
        umsi_log(u, UMSI_LOG_ERROR, "IMSIC: no CSRs here, and none from the port");
        return UMSI_UNSUPPORTED;
    }
    if (u->port.nr_cpus > 1 && u->port.cpu_kick == NULL) {
        umsi_log(u, UMSI_LOG_ERROR,
                 "IMSIC: a hart's file is its own, and the port has no cpu_kick");
        return UMSI_UNSUPPORTED;
    }
    return UMSI_OK;
}

/* ---- the whole ---- */

enum umsi_status umsi_imsic_create(struct umsi *u, const struct umsi_imsic_config *config,
                                   struct umsi_imsic **out_imsic)
{
    struct umsi_imsic *imsic;
    enum umsi_status st =
        u == NULL || config == NULL || out_imsic == NULL ? UMSI_INVALID : check(u, config);

    if (st != UMSI_OK) {
        return st;
    }
    imsic = umsi_alloc(u, sizeof(*imsic));
    if (imsic == NULL) {
        return UMSI_NOMEM;
    }
    imsic->umsi = u;
    imsic->layout = config->layout;
    imsic->nr_ids = config->nr_ids;
    imsic->nr_ipis = config->nr_ipis;
    imsic->nr_words = (config->nr_ids + 1) / 64;
    st = make_files(imsic, config);
    if (st == UMSI_OK) {
        st = announce(imsic);
    }
    if (st != UMSI_OK) {
        free_all(imsic);
        return st;
    }
    *out_imsic = imsic;
    return UMSI_OK;
}

enum umsi_status umsi_imsic_destroy(struct umsi_imsic *imsic)
{
    enum umsi_status st = umsi_domain_remove(&imsic->domain);

    if (st != UMSI_OK) {
        return st;
    }
    umsi_remove_source(imsic->umsi, &imsic->source);
    umsi_clear_receiver(imsic->umsi);
    umsi_imsic_cpu_offline(imsic);
    for (umsi_cpu cpu = 0; cpu < nr_cpus(imsic); cpu++) {
        if (imsic->files[cpu].online) {
            umsi_set_cpu_online(imsic->umsi, cpu, false);
        }
    }
    free_all(imsic);
    return UMSI_OK;
}

struct umsi_domain *umsi_imsic_parent(struct umsi_imsic *imsic)
{
    return &imsic->domain;
}
