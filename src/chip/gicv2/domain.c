/* SPDX-License-Identifier: MIT */
/*
 * What the core sees of the GIC: a root domain whose numbers are INTIDs, a chip that masks SPIs one by one,
 * and the table from INTID to descriptor.
 *
 * An SPI that was disabled may still be on its way to a CPU, and nothing tells when that has ended. So its entry in
 * the table is gone before the core waits for dispatches (L59), while the INTID itself stays taken until after.
 */
#include "../../arch/barrier.h"
#include "../../core/irq.h"
#include "internal.h"

static struct umsi_gicv2 *gic_of(const struct umsi_domain *d)
{
    return d->data;
}

static bool local(uint32_t intid)
{
    return intid < GIC_FIRST_SPI;
}

/* ---- lookup ---- */

struct umsi_irq *umsi_gicv2_lookup(void *arg, uint32_t hwirq)
{
    struct umsi_gicv2 *gic = arg;

    return hwirq < gic->nr_intids ? __atomic_load_n(&gic->irqs[hwirq], __ATOMIC_ACQUIRE) : NULL;
}

void umsi_gicv2_publish(struct umsi_gicv2 *gic, uint32_t intid, struct umsi_irq *irq)
{
    __atomic_store_n(&gic->irqs[intid], irq, __ATOMIC_RELEASE);
}

/* ---- whose an INTID is ---- */

/* Of two that map one INTID at the same time, one gets it. */
static bool claim(struct umsi_gicv2 *gic, uint32_t intid)
{
    uint32_t bit = 1u << (intid % 32);
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);
    bool mine = (gic->taken[intid / 32] & bit) == 0;

    gic->taken[intid / 32] |= bit;
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    return mine;
}

void umsi_gicv2_give(struct umsi_gicv2 *gic, uint32_t intid)
{
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    umsi_gicv2_publish(gic, intid, NULL);
    gic->taken[intid / 32] &= ~(1u << (intid % 32));
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

/* Nothing but the claim is undone on failure: the trigger of an INTID nobody has does not matter. */
static enum umsi_status configure_spi(struct umsi_gicv2 *gic, uint32_t intid, bool level)
{
    if (!umsi_gicv2_dist_owns(gic, intid)) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR,
                 "GICv2: INTID %u is not implemented, or the Secure side's", intid);
        return UMSI_RANGE;
    }
    if (!umsi_gicv2_dist_trigger(gic, intid, level)) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR, "GICv2: INTID %u cannot be %s", intid,
                 level ? "level-sensitive" : "edge-triggered");
        return UMSI_UNSUPPORTED;
    }
    umsi_gicv2_dist_bit(gic, GICD_ICPENDR, intid); /* what came before is nobody's */
    return UMSI_OK;
}

enum umsi_status umsi_gicv2_take(struct umsi_gicv2 *gic, uint32_t intid, bool level)
{
    enum umsi_status st = UMSI_OK;

    if (intid >= gic->nr_intids) {
        return UMSI_RANGE;
    }
    if (!claim(gic, intid)) {
        return UMSI_EXISTS;
    }
    if (local(intid)) {
        umsi_gicv2_local_adopt(gic, intid, level);
    } else {
        st = configure_spi(gic, intid, level);
    }
    if (st != UMSI_OK) {
        umsi_gicv2_give(gic, intid);
    }
    return st;
}

/* Off, out of the table, and nothing left behind for the next owner. SGIs and PPIs the core has masked. */
void umsi_gicv2_retire(struct umsi_gicv2 *gic, uint32_t intid)
{
    if (!local(intid)) {
        umsi_gicv2_dist_disable(gic, intid);
        umsi_gicv2_dist_bit(gic, GICD_ICPENDR, intid);
    }
    umsi_gicv2_publish(gic, intid, NULL);
}

/* ---- the chip ---- */

static void gic_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    uint32_t intid = umsi_irq_level_of(irq, d->depth)->hwirq;

    if (local(intid)) {
        umsi_gicv2_local_mask(gic_of(d), intid, true);
    } else {
        umsi_gicv2_dist_enable(gic_of(d), intid, false);
    }
}

static void gic_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    uint32_t intid = umsi_irq_level_of(irq, d->depth)->hwirq;

    if (local(intid)) {
        umsi_gicv2_local_mask(gic_of(d), intid, false);
    } else {
        umsi_gicv2_dist_enable(gic_of(d), intid, true);
    }
}

/* Not if it was mapped since it arrived (L60): who has taken it may enable it, and an SGI or PPI is one CPU's. */
void umsi_gicv2_silence(void *arg, uint32_t hwirq)
{
    struct umsi_gicv2 *gic = arg;
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    if ((gic->taken[hwirq / 32] >> (hwirq % 32) & 1u) == 0) {
        if (local(hwirq)) {
            umsi_gicv2_local_silence(gic, hwirq);
        } else {
            umsi_gicv2_dist_want(gic, hwirq, false);
        }
    }
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

static enum umsi_status gic_set_state(struct umsi_domain *d, struct umsi_irq *irq,
                                      enum umsi_irq_what what, bool value)
{
    uint32_t intid = umsi_irq_level_of(irq, d->depth)->hwirq;

    if (what != UMSI_STATE_PENDING) {
        return UMSI_UNSUPPORTED;
    }
    if (local(intid)) {
        return umsi_gicv2_local_pend(gic_of(d), intid, value);
    }
    umsi_wmb();
    umsi_gicv2_dist_bit(gic_of(d), value ? GICD_ISPENDR : GICD_ICPENDR, intid);
    return UMSI_OK;
}

static const char *gic_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg)
{
    return umsi_gicv2_explain_intid(gic_of(d), umsi_irq_level_of(irq, d->depth)->hwirq, print, arg);
}

const struct umsi_chip umsi_gicv2_chip = {
    .name = "GICv2",
    .mask = gic_mask,
    .unmask = gic_unmask,
    .set_state = gic_set_state,
    .explain = UMSI_IF_EXPLAIN(gic_explain),
};

/* ---- operations ---- */

static enum umsi_status gic_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                  const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    uint32_t intid = v[0]->index;
    enum umsi_status st = umsi_gicv2_take(gic_of(d), intid, umsi_irq_is_level(v[0]));

    (void)n; /* 1: umsi_domain_map() is the only way here */
    (void)info;
    (void)batch;
    if (st != UMSI_OK) {
        return st;
    }
    umsi_irq_level_of(v[0], d->depth)->hwirq = intid;
    if (local(intid)) {
        umsi_irq_set_percpu(v[0]);
    }
    return UMSI_OK;
}

static void gic_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                     struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        umsi_gicv2_give(gic_of(d), umsi_irq_level_of(v[i], d->depth)->hwirq);
    }
}

/* The CPU the core chose; when none is online yet, the one that asks, whose interface opens later. */
static uint32_t target_of(struct umsi_gicv2 *gic, struct umsi_irq *irq)
{
    const struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, irq->cpu);

    if (c != NULL) {
        return c->target;
    }
    umsi_irq_set_target(irq, umsi_cpu_self(gic->umsi));
    return umsi_gicv2_dist_self(gic);
}

static enum umsi_status gic_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     struct umsi_batch *batch)
{
    struct umsi_gicv2 *gic = gic_of(d);

    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t intid = umsi_irq_level_of(v[i], d->depth)->hwirq;
        umsi_gicv2_publish(gic, intid, v[i]);
        if (!local(intid)) {
            umsi_gicv2_dist_route(gic, intid, target_of(gic, v[i]));
        }
    }
    return UMSI_OK;
}

static void gic_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                           struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        umsi_gicv2_retire(gic_of(d), umsi_irq_level_of(v[i], d->depth)->hwirq);
    }
}

/* What becomes pending stays so in the distributor, and goes to the new CPU (L35). What each CPU has for itself is
 * not moved: the core does not ask for it. */
static enum umsi_status gic_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                         uint32_t n, umsi_cpu cpu, struct umsi_batch *batch)
{
    struct umsi_gicv2 *gic = gic_of(d);
    const struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, cpu);

    (void)batch;
    if (c == NULL) {
        return UMSI_INVALID;
    }
    for (uint32_t i = 0; i < n; i++) {
        umsi_gicv2_dist_route(gic, umsi_irq_level_of(v[i], d->depth)->hwirq, c->target);
    }
    return UMSI_OK;
}

const struct umsi_domain_ops umsi_gicv2_domain_ops = {
    .alloc = gic_alloc,
    .free = gic_free,
    .activate = gic_activate,
    .deactivate = gic_deactivate,
    .set_affinity = UMSI_IF_MOVES(gic_set_affinity),
    .suspend = UMSI_IF_SLEEP(umsi_gicv2_suspend),
    .resume = UMSI_IF_SLEEP(umsi_gicv2_resume),
};
