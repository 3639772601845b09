/* SPDX-License-Identifier: MIT */
/*
 * What the core sees of the GIC: a root domain whose numbers are INTIDs, a chip that masks SPIs one by one,
 * and the table from INTID to descriptor.
 */
#include "../../arch/barrier.h"
#include "../../arch/sysreg.h"
#include "../../core/irq.h"
#include "internal.h"

static struct umsi_gicv3 *gic_of(const struct umsi_domain *d)
{
    return d->data;
}

static bool local(uint32_t intid)
{
    return intid < GIC_FIRST_SPI;
}

/* ---- lookup ---- */

struct umsi_irq *umsi_gicv3_lookup(void *arg, uint32_t hwirq)
{
    struct umsi_gicv3 *gic = arg;

    return hwirq < gic->nr_intids ? __atomic_load_n(&gic->irqs[hwirq], __ATOMIC_ACQUIRE) : NULL;
}

bool umsi_gicv3_claim(struct umsi_gicv3 *gic, uint32_t intid, struct umsi_irq *irq)
{
    struct umsi_irq *none = NULL;

    return __atomic_compare_exchange_n(&gic->irqs[intid], &none, irq, false, __ATOMIC_RELEASE,
                                       __ATOMIC_RELAXED);
}

void umsi_gicv3_release(struct umsi_gicv3 *gic, uint32_t intid)
{
    __atomic_store_n(&gic->irqs[intid], NULL, __ATOMIC_RELEASE);
}

/* ---- SPIs: enabled when wanted and not moving; both bits under gic->lock ---- */

static bool bit_of(const uint32_t *bits, uint32_t intid)
{
    return (bits[intid / 32] >> (intid % 32) & 1u) != 0;
}

static void set_bit(uint32_t *bits, uint32_t intid, bool value)
{
    uint32_t bit = 1u << (intid % 32);

    bits[intid / 32] = value ? bits[intid / 32] | bit : bits[intid / 32] & ~bit;
}

/* Locked. */
static void apply(struct umsi_gicv3 *gic, uint32_t intid)
{
    bool enable = bit_of(gic->wanted, intid) && !bit_of(gic->moving, intid);

    umsi_gicv3_dist_bit(gic, enable ? GICD_ISENABLER : GICD_ICENABLER, intid);
}

void umsi_gicv3_change(struct umsi_gicv3 *gic, uint32_t *bits, uint32_t intid, bool value)
{
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    set_bit(bits, intid, value);
    umsi_wmb(); /* a handler that is let in finds what was written before */
    apply(gic, intid);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

static void gic_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    uint32_t intid = umsi_irq_level_of(irq, d->depth)->hwirq;

    if (local(intid)) {
        umsi_gicv3_local_mask(gic_of(d), intid, true);
    } else {
        umsi_gicv3_change(gic_of(d), gic_of(d)->wanted, intid, false);
    }
}

static void gic_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    uint32_t intid = umsi_irq_level_of(irq, d->depth)->hwirq;

    if (local(intid)) {
        umsi_gicv3_local_mask(gic_of(d), intid, false);
    } else {
        umsi_gicv3_change(gic_of(d), gic_of(d)->wanted, intid, true);
    }
}

/* Not if it was mapped since it arrived (L60). Who maps it after this look enables it later, under the same lock. */
void umsi_gicv3_silence(void *arg, uint32_t hwirq)
{
    struct umsi_gicv3 *gic = arg;
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    if (umsi_gicv3_lookup(gic, hwirq) == NULL && local(hwirq)) {
        umsi_gicv3_local_silence(gic, hwirq);
    } else if (umsi_gicv3_lookup(gic, hwirq) == NULL) {
        set_bit(gic->wanted, hwirq, false);
        apply(gic, hwirq);
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
        return umsi_gicv3_local_pend(gic_of(d), intid, value);
    }
    umsi_wmb();
    umsi_gicv3_dist_bit(gic_of(d), value ? GICD_ISPENDR : GICD_ICPENDR, intid);
    return UMSI_OK;
}

const struct umsi_chip umsi_gicv3_chip = {
    .name = "GICv3",
    .mask = gic_mask,
    .unmask = gic_unmask,
    .set_state = gic_set_state,
    .explain = UMSI_IF_EXPLAIN(umsi_gicv3_explain),
};

/* ---- operations ---- */

/* Nothing is undone on failure: the trigger of an INTID nobody has does not matter. */
enum umsi_status umsi_gicv3_configure_spi(struct umsi_gicv3 *gic, uint32_t intid, bool level)
{
    if (!umsi_gicv3_dist_owns(gic, intid)) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR,
                 "GICv3: INTID %u is not implemented, or the Secure side's", intid);
        return UMSI_RANGE;
    }
    if (!umsi_gicv3_dist_trigger(gic, intid, level)) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR, "GICv3: INTID %u cannot be %s", intid,
                 level ? "level-sensitive" : "edge-triggered");
        return UMSI_UNSUPPORTED;
    }
    umsi_gicv3_dist_bit(gic, GICD_ICPENDR, intid); /* what came before is nobody's */
    return UMSI_OK;
}

static enum umsi_status configure(struct umsi_gicv3 *gic, struct umsi_irq *irq, uint32_t intid)
{
    if (!local(intid)) {
        return umsi_gicv3_configure_spi(gic, intid, umsi_irq_is_level(irq));
    }
    umsi_irq_set_percpu(irq);
    umsi_gicv3_local_adopt(gic, intid, umsi_irq_is_level(irq));
    return UMSI_OK;
}

static enum umsi_status adopt(struct umsi_gicv3 *gic, struct umsi_irq *irq, uint32_t intid)
{
    enum umsi_status st;

    if (intid >= gic->nr_intids) {
        return UMSI_RANGE;
    }
    if (!umsi_gicv3_claim(gic, intid, irq)) {
        return UMSI_EXISTS;
    }
    st = configure(gic, irq, intid);
    if (st != UMSI_OK) {
        umsi_gicv3_release(gic, intid);
    }
    return st;
}

static enum umsi_status gic_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                  const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    struct umsi_gicv3 *gic = gic_of(d);

    (void)info;
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        enum umsi_status st = adopt(gic, v[i], v[i]->index);
        if (st != UMSI_OK) {
            while (i-- > 0) {
                umsi_gicv3_release(gic, v[i]->index);
            }
            return st;
        }
        umsi_irq_level_of(v[i], d->depth)->hwirq = v[i]->index;
    }
    return UMSI_OK;
}

static void gic_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                     struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        umsi_gicv3_release(gic_of(d), umsi_irq_level_of(v[i], d->depth)->hwirq);
    }
}

/* The CPU the core chose; when none is online yet, the one that asks, whose interface opens later. */
static uint64_t target_of(struct umsi_gicv3 *gic, struct umsi_irq *irq)
{
    const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, umsi_irq_cpu(irq));

    if (c != NULL) {
        return c->affinity;
    }
    umsi_irq_set_target(irq, umsi_cpu_self(gic->umsi));
    return umsi_sysreg_read(gic->umsi, UMSI_MPIDR_EL1);
}

static enum umsi_status gic_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     struct umsi_batch *batch)
{
    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t intid = umsi_irq_level_of(v[i], d->depth)->hwirq;
        if (!local(intid)) {
            umsi_gicv3_dist_route(gic_of(d), intid, target_of(gic_of(d), v[i]));
        }
    }
    return UMSI_OK;
}

/* Off, known everywhere to be off, and nothing left behind for the next owner. */
static void gic_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                           struct umsi_batch *batch)
{
    struct umsi_gicv3 *gic = gic_of(d);

    (void)batch;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t intid = umsi_irq_level_of(v[i], d->depth)->hwirq;
        if (local(intid)) {
            umsi_gicv3_local_drop(gic, intid);
        } else {
            umsi_gicv3_change(gic, gic->wanted, intid, false);
        }
    }
    (void)umsi_gicv3_dist_wait(gic); /* logged */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t intid = umsi_irq_level_of(v[i], d->depth)->hwirq;
        if (!local(intid)) {
            umsi_gicv3_dist_bit(gic, GICD_ICPENDR, intid);
        }
    }
}

/*
 * An SPI changes its route while it is disabled, so that no CPU takes it half moved; what becomes pending
 * meanwhile stays so in the distributor, and goes to the new CPU (L35). A mask or unmask of the core in
 * between is remembered in `wanted`.
 */
static enum umsi_status gic_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                         uint32_t n, umsi_cpu cpu, struct umsi_batch *batch)
{
    struct umsi_gicv3 *gic = gic_of(d);
    const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, cpu);
    enum umsi_status st;

    (void)batch;
    if (c == NULL) {
        return UMSI_INVALID;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (local(umsi_irq_level_of(v[i], d->depth)->hwirq)) {
            return UMSI_UNSUPPORTED;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        umsi_gicv3_change(gic, gic->moving, umsi_irq_level_of(v[i], d->depth)->hwirq, true);
    }
    st = umsi_gicv3_dist_wait(gic);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t intid = umsi_irq_level_of(v[i], d->depth)->hwirq;
        if (st == UMSI_OK) {
            umsi_gicv3_dist_route(gic, intid, c->affinity);
        }
        umsi_gicv3_change(gic, gic->moving, intid, false);
    }
    return st;
}

const struct umsi_domain_ops umsi_gicv3_domain_ops = {
    .alloc = gic_alloc,
    .free = gic_free,
    .activate = gic_activate,
    .deactivate = gic_deactivate,
    .set_affinity = UMSI_IF_MOVES(gic_set_affinity),
    .suspend = UMSI_IF_SLEEP(umsi_gicv3_suspend),
    .resume = UMSI_IF_SLEEP(umsi_gicv3_resume),
};
