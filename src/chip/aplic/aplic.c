/* SPDX-License-Identifier: MIT */
/* The APLIC driver's life: take the domain over, quiet and in its delivery mode; then a bridge, or a root. */
#include "internal.h"

/* ---- memory; most of it is for direct delivery mode ---- */

static size_t irq_size(const struct umsi_aplic *aplic)
{
    return (aplic->nr_sources + 1) * sizeof(struct umsi_irq *);
}

static size_t trigger_size(const struct umsi_aplic *aplic)
{
    return (aplic->nr_sources + 1) * sizeof(uint32_t);
}

static void free_all(struct umsi_aplic *aplic)
{
    struct umsi *u = aplic->umsi;

    umsi_free(u, aplic->irq, irq_size(aplic));
    umsi_free(u, aplic->trigger, trigger_size(aplic));
    umsi_free(u, aplic->hart, u->port.nr_cpus * sizeof(uint32_t));
    umsi_free(u, aplic->online, u->port.nr_cpus * sizeof(bool));
    umsi_free(u, aplic, sizeof(*aplic));
}

static enum umsi_status get_memory(struct umsi_aplic *aplic, const uint32_t *harts)
{
    struct umsi *u = aplic->umsi;

    aplic->trigger = umsi_alloc(u, trigger_size(aplic));
    if (aplic->trigger == NULL || aplic->with_messages) {
        return aplic->trigger != NULL ? UMSI_OK : UMSI_NOMEM;
    }
    aplic->irq = umsi_alloc(u, irq_size(aplic));
    aplic->hart = umsi_alloc(u, u->port.nr_cpus * sizeof(uint32_t));
    aplic->online = umsi_alloc(u, u->port.nr_cpus * sizeof(bool));
    if (aplic->irq == NULL || aplic->hart == NULL || aplic->online == NULL) {
        return UMSI_NOMEM;
    }
    memcpy(aplic->hart, harts, u->port.nr_cpus * sizeof(uint32_t));
    return UMSI_OK;
}

/* ---- hardware ---- */

/*
 * Bits 31:24 tell the byte order (4.5.1). In the other one a 0, which is the same in both, sets this one where
 * hardware knows both.
 */
static enum umsi_status probe(struct umsi_aplic *aplic)
{
    uint32_t cfg = umsi_aplic_read(aplic, APLIC_domaincfg);

    if (cfg >> 24 != 0x80 && (cfg & 0xFF) == 0x80) {
        umsi_aplic_write(aplic, APLIC_domaincfg, 0);
        cfg = umsi_aplic_read(aplic, APLIC_domaincfg);
    }
    if (cfg >> 24 == 0x80) {
        return UMSI_OK;
    }
    umsi_log(aplic->umsi, UMSI_LOG_ERROR, "%s: not an APLIC, or big-endian: domaincfg is %x",
             aplic->name, cfg);
    return UMSI_UNSUPPORTED;
}

/* Off or on, in its delivery mode: can it be? */
static enum umsi_status set_domain(struct umsi_aplic *aplic, bool on)
{
    uint32_t want = (aplic->with_messages ? APLIC_domaincfg_DM : 0) | (on ? APLIC_domaincfg_IE : 0);
    uint32_t cfg;

    umsi_aplic_write(aplic, APLIC_domaincfg, APLIC_domaincfg_MAGIC | want);
    cfg = umsi_aplic_read(aplic, APLIC_domaincfg);
    if ((cfg & (APLIC_domaincfg_IE | APLIC_domaincfg_DM)) == want) {
        return UMSI_OK;
    }
    umsi_log(aplic->umsi, UMSI_LOG_ERROR, "%s: it has no %s delivery mode", aplic->name,
             aplic->with_messages ? "MSI" : "direct");
    return UMSI_UNSUPPORTED;
}

/* Of a domain that is off and in its delivery mode. */
static void quiet(struct umsi_aplic *aplic)
{
    for (uint32_t source = 1; source <= aplic->nr_sources; source++) {
        umsi_aplic_write(aplic, umsi_aplic_sourcecfg(source), APLIC_SM_Inactive);
    }
    for (umsi_cpu cpu = 0; !aplic->with_messages && cpu < aplic->umsi->port.nr_cpus; cpu++) {
        if (aplic->hart[cpu] != UMSI_NO_HART) {
            umsi_aplic_write(aplic, umsi_aplic_idc(aplic->hart[cpu], IDC_idelivery), 0);
        }
    }
}

/* Whatever it was, all its sources are inactive then. */
static enum umsi_status take_over(struct umsi_aplic *aplic)
{
    enum umsi_status st = probe(aplic);

    if (st == UMSI_OK) {
        st = set_domain(aplic, false);
    }
    if (st == UMSI_OK) {
        quiet(aplic);
        st = set_domain(aplic, true);
    }
    return st;
}

static void let_go(struct umsi_aplic *aplic)
{
    if (set_domain(aplic, false) == UMSI_OK) {
        quiet(aplic);
    }
}

/* ---- the whole ---- */

static enum umsi_status announce(struct umsi_aplic *aplic, struct umsi_domain *parent)
{
    return aplic->with_messages ? umsi_aplic_bridge_attach(aplic, parent)
                                : umsi_aplic_direct_announce(aplic);
}

static enum umsi_status withdraw(struct umsi_aplic *aplic)
{
    if (!aplic->with_messages) {
        return umsi_aplic_direct_withdraw(aplic);
    }
    umsi_wired_detach(&aplic->bridge);
    return UMSI_OK;
}

static enum umsi_status bring_up(struct umsi_aplic *aplic, const struct umsi_aplic_config *config)
{
    enum umsi_status st = get_memory(aplic, config->harts);

    if (st == UMSI_OK) {
        st = take_over(aplic);
    }
    if (st != UMSI_OK) {
        return st;
    }
    st = announce(aplic, config->parent);
    if (st != UMSI_OK) {
        let_go(aplic);
    }
    return st;
}

static bool config_valid(const struct umsi_aplic_config *config)
{
    return config != NULL && config->base != NULL && config->nr_sources != 0 &&
           config->nr_sources <= UMSI_APLIC_MAX_SOURCES &&
           (config->parent != NULL || config->harts != NULL);
}

enum umsi_status umsi_aplic_create(struct umsi *u, const struct umsi_aplic_config *config,
                                   struct umsi_aplic **out_aplic)
{
    struct umsi_aplic *aplic;
    enum umsi_status st;

    if (u == NULL || out_aplic == NULL || !config_valid(config)) {
        return UMSI_INVALID;
    }
    aplic = umsi_alloc(u, sizeof(*aplic));
    if (aplic == NULL) {
        return UMSI_NOMEM;
    }
    aplic->umsi = u;
    aplic->base = config->base;
    aplic->name = config->name != NULL ? config->name : "APLIC";
    aplic->nr_sources = config->nr_sources;
    aplic->with_messages = config->parent != NULL;
    aplic->layout = config->layout;
    st = bring_up(aplic, config);
    if (st != UMSI_OK) {
        free_all(aplic);
        return st;
    }
    *out_aplic = aplic;
    return UMSI_OK;
}

enum umsi_status umsi_aplic_destroy(struct umsi_aplic *aplic)
{
    enum umsi_status st = withdraw(aplic);

    if (st != UMSI_OK) {
        return st;
    }
    let_go(aplic);
    for (umsi_cpu cpu = 0; !aplic->with_messages && cpu < aplic->umsi->port.nr_cpus; cpu++) {
        if (aplic->online[cpu]) {
            umsi_set_cpu_online(aplic->umsi, cpu, false);
        }
    }
    free_all(aplic);
    return UMSI_OK;
}

/* ---- harts, in direct delivery mode ---- */

static enum umsi_status check_cpu(const struct umsi_aplic *aplic, umsi_cpu cpu)
{
    if (cpu >= aplic->umsi->port.nr_cpus) {
        return UMSI_RANGE;
    }
    if (aplic->with_messages) {
        return UMSI_UNSUPPORTED;
    }
    if (cpu != umsi_cpu_self(aplic->umsi)) {
        return UMSI_INVALID;
    }
    if (aplic->hart[cpu] == UMSI_NO_HART) {
        return UMSI_NOTFOUND;
    }
    return aplic->online[cpu] ? UMSI_EXISTS : UMSI_OK;
}

static void set_online(struct umsi_aplic *aplic, umsi_cpu cpu, bool online)
{
    __atomic_store_n(&aplic->online[cpu], online, __ATOMIC_RELAXED);
    umsi_set_cpu_online(aplic->umsi, cpu, online);
}

bool umsi_aplic_open_idc(struct umsi_aplic *aplic, umsi_cpu cpu)
{
    uint32_t hart = aplic->hart[cpu];

    umsi_aplic_write(aplic, umsi_aplic_idc(hart, IDC_iforce), 0);
    umsi_aplic_write(aplic, umsi_aplic_idc(hart, IDC_ithreshold), 0);
    umsi_aplic_write(aplic, umsi_aplic_idc(hart, IDC_idelivery), 1);
    if (umsi_aplic_read(aplic, umsi_aplic_idc(hart, IDC_idelivery)) == 1) {
        return true;
    }
    umsi_log(aplic->umsi, UMSI_LOG_ERROR, "%s: CPU %u: nothing at hart index %u", aplic->name, cpu,
             hart);
    return false;
}

enum umsi_status umsi_aplic_cpu_online(struct umsi_aplic *aplic, umsi_cpu cpu)
{
    enum umsi_status st = check_cpu(aplic, cpu);

    if (st == UMSI_OK && !umsi_aplic_open_idc(aplic, cpu)) {
        st = UMSI_UNSUPPORTED;
    }
    if (st == UMSI_OK) {
        set_online(aplic, cpu, true);
    }
    return st;
}

void umsi_aplic_cpu_offline(struct umsi_aplic *aplic)
{
    umsi_cpu cpu = umsi_cpu_self(aplic->umsi);

    if (aplic->with_messages || !aplic->online[cpu]) {
        return;
    }
    set_online(aplic, cpu, false);
    umsi_aplic_write(aplic, umsi_aplic_idc(aplic->hart[cpu], IDC_idelivery), 0);
}

/* ---- sources ---- */

enum umsi_status umsi_aplic_map(struct umsi_aplic *aplic, uint32_t source,
                                enum umsi_trigger trigger, umsi_virq *out_virq)
{
    if (source == 0 || source > aplic->nr_sources) {
        return UMSI_RANGE;
    }
    if (umsi_aplic_mode(trigger) == APLIC_SM_Inactive) {
        return UMSI_INVALID;
    }
    return aplic->with_messages ? umsi_wired_map(&aplic->bridge, source, trigger, out_virq)
                                : umsi_aplic_direct_map(aplic, source, trigger, out_virq);
}

void umsi_aplic_unmap(struct umsi_aplic *aplic, uint32_t source)
{
    if (aplic->with_messages) {
        umsi_wired_unmap(&aplic->bridge, source);
    } else {
        umsi_aplic_direct_unmap(aplic, source);
    }
}

umsi_virq umsi_aplic_virq(struct umsi_aplic *aplic, uint32_t source)
{
    return aplic->with_messages ? umsi_wired_virq(&aplic->bridge, source)
                                : umsi_aplic_direct_virq(aplic, source);
}

enum umsi_status umsi_aplic_restore(struct umsi_aplic *aplic)
{
    enum umsi_status st = take_over(aplic);

    for (uint32_t source = 1; source <= aplic->nr_sources && st == UMSI_OK; source++) {
        uint32_t trigger = __atomic_load_n(&aplic->trigger[source], __ATOMIC_ACQUIRE);
        if (trigger != 0) {
            st = umsi_aplic_set_trigger(aplic, source, (enum umsi_trigger)trigger);
        }
    }
    if (st == UMSI_OK && aplic->with_messages) {
        return umsi_wired_restore(&aplic->bridge);
    }
    if (st == UMSI_OK) {
        umsi_aplic_direct_restore(aplic);
    }
    return st;
}
