/* SPDX-License-Identifier: MIT */
/* SPIs lent to what turns messages into them: struct umsi_gic_spis. */
#include "../../arch/barrier.h"
#include "internal.h"

static enum umsi_status take(void *arg, uint32_t intid, struct umsi_irq *irq)
{
    struct umsi_gicv3 *gic = arg;
    enum umsi_status st;

    if (intid < GIC_FIRST_SPI || intid >= gic->nr_intids) {
        return UMSI_RANGE;
    }
    if (!umsi_gicv3_claim(gic, intid, irq)) {
        return UMSI_EXISTS;
    }
    st = umsi_gicv3_configure_spi(gic, intid, false);
    if (st != UMSI_OK) {
        umsi_gicv3_release(gic, intid);
        return st;
    }
    __atomic_add_fetch(&gic->lent, 1, __ATOMIC_RELAXED);
    return UMSI_OK;
}

static void give(void *arg, uint32_t intid)
{
    struct umsi_gicv3 *gic = arg;

    umsi_gicv3_release(gic, intid);
    __atomic_sub_fetch(&gic->lent, 1, __ATOMIC_RELAXED);
}

static void enable(void *arg, uint32_t intid, bool on)
{
    struct umsi_gicv3 *gic = arg;

    umsi_gicv3_change(gic, gic->wanted, intid, on);
}

/* Disabled while it moves, as any SPI: what becomes pending meanwhile waits in the distributor (L35). */
static enum umsi_status route(void *arg, uint32_t intid, umsi_cpu cpu)
{
    struct umsi_gicv3 *gic = arg;
    const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, cpu);
    enum umsi_status st;

    if (c == NULL) {
        return UMSI_INVALID;
    }
    umsi_gicv3_change(gic, gic->moving, intid, true);
    st = umsi_gicv3_dist_wait(gic);
    if (st == UMSI_OK) {
        umsi_gicv3_dist_route(gic, intid, c->affinity);
    }
    umsi_gicv3_change(gic, gic->moving, intid, false);
    return st;
}

static enum umsi_status start(void *arg, uint32_t intid, umsi_cpu cpu)
{
    enum umsi_status st = route(arg, intid, cpu);

    if (st == UMSI_OK) {
        enable(arg, intid, true);
    }
    return st;
}

/* Off, known to be off, and nothing left behind for the next owner. */
static void stop(void *arg, uint32_t intid)
{
    enable(arg, intid, false);
    (void)umsi_gicv3_dist_wait(arg); /* logged */
    umsi_gicv3_dist_bit(arg, GICD_ICPENDR, intid);
}

static enum umsi_status set_pending(void *arg, uint32_t intid, bool pending)
{
    umsi_wmb();
    umsi_gicv3_dist_bit(arg, pending ? GICD_ISPENDR : GICD_ICPENDR, intid);
    return UMSI_OK;
}

static const char *explain(void *gic, uint32_t intid, umsi_print print, void *arg)
{
    return umsi_gicv3_explain_intid(gic, intid, print, arg);
}

void umsi_gicv3_spis(struct umsi_gicv3 *gic, struct umsi_gic_spis *out)
{
    *out =
        (struct umsi_gic_spis){ take, start, stop, give, enable, route, set_pending, explain, gic };
}
