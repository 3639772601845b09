/* SPDX-License-Identifier: MIT */
/*
 * Direct delivery mode: a root domain whose numbers are sources, one IDC structure per hart to claim them from.
 * Sources have one priority; of several that are pending the lowest number comes first. A claim takes an edge's
 * pending bit away and leaves a level's, which is the line itself (4.7); there is nothing to end.
 */
#include "../../arch/barrier.h"
#include "../../core/irq.h"
#include "internal.h"

#define PRIORITY 1u /* the highest; 0 is not one */

static struct umsi_aplic *aplic_of(const struct umsi_domain *d)
{
    return d->data;
}

static uint32_t source_of(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return irq->level[d->depth].hwirq;
}

/* ---- receiving ---- */

static struct umsi_irq *lookup(void *arg, uint32_t hwirq)
{
    struct umsi_aplic *aplic = arg;

    return hwirq <= aplic->nr_sources ? __atomic_load_n(&aplic->irq[hwirq], __ATOMIC_ACQUIRE)
                                      : NULL;
}

/* Who maps it after this look enables it later. */
static void silence(void *arg, uint32_t hwirq)
{
    if (lookup(arg, hwirq) == NULL) {
        umsi_aplic_set_mask(arg, hwirq, true);
    }
}

static uint32_t acknowledge(void *arg)
{
    struct umsi_aplic *aplic = arg;
    uint32_t hart = aplic->hart[umsi_cpu_self(aplic->umsi)];
    uint32_t claimi, source;

    if (hart == UMSI_NO_HART) {
        return UMSI_NO_HWIRQ;
    }
    claimi = umsi_aplic_read(aplic, umsi_aplic_idc(hart, IDC_claimi));
    source = claimi >> IDC_claimi_SOURCE_SHIFT & IDC_claimi_SOURCE_MASK;
    umsi_rmb(); /* what the device wrote before is there when the handler looks */
    return source != 0 ? source : UMSI_NO_HWIRQ;
}

static void end(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
}

/* ---- operations ---- */

static void direct_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    umsi_aplic_set_mask(aplic_of(d), source_of(d, irq), true);
}

static void direct_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    umsi_aplic_set_mask(aplic_of(d), source_of(d, irq), false);
}

/* A level's pending bit is the line: nobody can set it (4.7). */
static enum umsi_status direct_set_state(struct umsi_domain *d, struct umsi_irq *irq,
                                         enum umsi_irq_what what, bool value)
{
    if (what != UMSI_STATE_PENDING || umsi_irq_is_level(irq)) {
        return UMSI_UNSUPPORTED;
    }
    umsi_aplic_pend(aplic_of(d), source_of(d, irq), value);
    return UMSI_OK;
}

static const struct umsi_chip direct_chip = {
    .name = "APLIC",
    .mask = direct_mask,
    .unmask = direct_unmask,
    .set_state = direct_set_state,
    .explain = UMSI_IF_EXPLAIN(umsi_aplic_explain),
};

static enum umsi_status direct_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    struct umsi_aplic *aplic = aplic_of(d);
    uint32_t source = v[0]->index;
    enum umsi_trigger trigger = (enum umsi_trigger)aplic->trigger[source];
    enum umsi_status st;

    (void)n; /* 1: umsi_domain_map() is the only way here */
    (void)info;
    (void)batch;
    st = umsi_aplic_set_trigger(aplic, source, trigger); /* it was inactive: disabled (4.5.2) */
    if (st == UMSI_OK) {
        v[0]->level[d->depth].hwirq = source;
        __atomic_store_n(&aplic->irq[source], v[0], __ATOMIC_RELEASE);
    }
    return st;
}

/* The core has masked it: nothing was delivered since (L59). */
static void direct_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                        struct umsi_batch *batch)
{
    struct umsi_aplic *aplic = aplic_of(d);
    uint32_t source = source_of(d, v[0]);

    (void)n;
    (void)batch;
    umsi_aplic_write(aplic, umsi_aplic_sourcecfg(source), APLIC_SM_Inactive);
    __atomic_store_n(&aplic->irq[source], NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&aplic->trigger[source], 0, __ATOMIC_RELEASE);
}

static bool route(struct umsi_aplic *aplic, uint32_t source, umsi_cpu cpu)
{
    uint32_t hart = cpu < aplic->umsi->port.nr_cpus ? aplic->hart[cpu] : UMSI_NO_HART;

    if (hart != UMSI_NO_HART) {
        umsi_aplic_write(aplic, umsi_aplic_target(source), umsi_aplic_to_hart(hart, PRIORITY));
    }
    return hart != UMSI_NO_HART;
}

/* The CPU the core chose; when none is online yet, the one that asks, whose IDC structure opens later. */
static enum umsi_status direct_activate(struct umsi_domain *d, struct umsi_irq *const *v,
                                        uint32_t n, struct umsi_batch *batch)
{
    struct umsi_aplic *aplic = aplic_of(d);

    (void)n;
    (void)batch;
    if (v[0]->cpu == UMSI_NO_CPU) {
        umsi_irq_set_target(v[0], umsi_cpu_self(aplic->umsi));
    }
    return route(aplic, source_of(d, v[0]), v[0]->cpu) ? UMSI_OK : UMSI_STATE;
}

/* One write: what is pending stays so in the APLIC, and is signalled to the new hart (L35). The old one may find its
 * claim empty. */
static enum umsi_status direct_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                            uint32_t n, umsi_cpu cpu, struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        if (!route(aplic_of(d), source_of(d, v[i]), cpu)) {
            return UMSI_INVALID; /* no vector of them: it is the CPU that is wrong */
        }
    }
    return UMSI_OK;
}

/* ---- sleep ---- */

static void restore_one(struct umsi_aplic *aplic, const struct umsi_irq *irq, uint32_t source)
{
    (void)route(aplic, source, irq->cpu); /* it was, before */
    if ((aplic->saved[source / 32] >> (source % 32) & 1) != 0) {
        umsi_aplic_pend(aplic, source, true);
    }
    if ((umsi_irq_state(irq) & UMSI_IRQ_MASKED) == 0) {
        umsi_aplic_set_mask(aplic, source, false);
    }
}

void umsi_aplic_direct_restore(struct umsi_aplic *aplic)
{
    for (uint32_t source = 1; source <= aplic->nr_sources; source++) {
        const struct umsi_irq *irq = lookup(aplic, source);
        if (irq != NULL) {
            restore_one(aplic, irq, source);
        }
    }
    for (umsi_cpu cpu = 0; cpu < aplic->umsi->port.nr_cpus; cpu++) {
        if (aplic->online[cpu]) {
            (void)umsi_aplic_open_idc(aplic, cpu); /* logged */
        }
    }
}

/* Levels speak for themselves. */
static enum umsi_status direct_suspend(struct umsi_domain *d)
{
    struct umsi_aplic *aplic = aplic_of(d);

    umsi_aplic_write(aplic, APLIC_domaincfg, APLIC_domaincfg_MAGIC);
    for (uint32_t word = 0; word <= aplic->nr_sources / 32; word++) {
        aplic->saved[word] = umsi_aplic_read(aplic, APLIC_setip + 4 * word);
    }
    return UMSI_OK;
}

static enum umsi_status direct_resume(struct umsi_domain *d)
{
    return umsi_aplic_restore(aplic_of(d));
}

static const struct umsi_domain_ops direct_ops = {
    .alloc = direct_alloc,
    .free = direct_free,
    .activate = direct_activate,
    .set_affinity = UMSI_IF_MOVES(direct_set_affinity),
    .suspend = UMSI_IF_SLEEP(direct_suspend),
    .resume = UMSI_IF_SLEEP(direct_resume),
};

/* ---- for aplic.c ---- */

enum umsi_status umsi_aplic_direct_announce(struct umsi_aplic *aplic)
{
    const struct umsi_domain_config domain = {
        .name = aplic->name,
        .ops = &direct_ops,
        .chip = &direct_chip,
        .size = aplic->nr_sources + 1,
        .data = aplic,
    };
    const struct umsi_receiver receiver = { acknowledge, end, aplic };
    enum umsi_status st = umsi_set_receiver(aplic->umsi, &receiver);

    if (st != UMSI_OK) {
        return st;
    }
    st = umsi_domain_add(aplic->umsi, &aplic->domain, &domain);
    if (st != UMSI_OK) {
        umsi_clear_receiver(aplic->umsi);
        return st;
    }
    aplic->source = (struct umsi_source){
        .count = aplic->nr_sources + 1,
        .lookup = lookup,
        .silence = silence,
        .arg = aplic,
    };
    umsi_add_source(aplic->umsi, &aplic->source);
    return UMSI_OK;
}

enum umsi_status umsi_aplic_direct_withdraw(struct umsi_aplic *aplic)
{
    enum umsi_status st = umsi_domain_remove(&aplic->domain);

    if (st == UMSI_OK) {
        umsi_remove_source(aplic->umsi, &aplic->source);
        umsi_clear_receiver(aplic->umsi);
    }
    return st;
}

/* Of two that map a source at the same time, one gets it: who sets its trigger. */
enum umsi_status umsi_aplic_direct_map(struct umsi_aplic *aplic, uint32_t source,
                                       enum umsi_trigger trigger, umsi_virq *out_virq)
{
    bool level = trigger == UMSI_LEVEL_HIGH || trigger == UMSI_LEVEL_LOW;
    uint32_t none = 0;
    enum umsi_status st;

    if (!__atomic_compare_exchange_n(&aplic->trigger[source], &none, (uint32_t)trigger, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
        return UMSI_EXISTS;
    }
    st = umsi_domain_map(&aplic->domain, source, level, out_virq);
    if (st != UMSI_OK) {
        __atomic_store_n(&aplic->trigger[source], 0, __ATOMIC_RELEASE);
    }
    return st;
}

void umsi_aplic_direct_unmap(struct umsi_aplic *aplic, uint32_t source)
{
    const struct umsi_irq *irq = lookup(aplic, source);

    if (irq != NULL) {
        umsi_domain_unmap(&aplic->domain, irq->virq);
    }
}

umsi_virq umsi_aplic_direct_virq(struct umsi_aplic *aplic, uint32_t source)
{
    const struct umsi_irq *irq = lookup(aplic, source);

    return irq != NULL ? irq->virq : UMSI_NO_VIRQ;
}
