/* SPDX-License-Identifier: MIT */
/* SPIs lent to what turns messages into them: struct umsi_gic_spis. */
#include "../../arch/barrier.h"
#include "internal.h"

static enum umsi_status take(void *arg, uint32_t intid, struct umsi_irq *irq)
{
    struct umsi_gicv2 *gic = arg;
    enum umsi_status st = intid < GIC_FIRST_SPI ? UMSI_RANGE : umsi_gicv2_take(gic, intid, false);

    if (st == UMSI_OK) {
        umsi_gicv2_publish(gic, intid, irq);
        __atomic_add_fetch(&gic->lent, 1, __ATOMIC_RELAXED);
    }
    return st;
}

static void give(void *arg, uint32_t intid)
{
    struct umsi_gicv2 *gic = arg;

    umsi_gicv2_give(gic, intid);
    __atomic_sub_fetch(&gic->lent, 1, __ATOMIC_RELAXED);
}

static void enable(void *arg, uint32_t intid, bool on)
{
    umsi_gicv2_dist_enable(arg, intid, on);
}

static enum umsi_status route(void *arg, uint32_t intid, umsi_cpu cpu)
{
    const struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(arg, cpu);

    if (c == NULL) {
        return UMSI_INVALID;
    }
    umsi_gicv2_dist_route(arg, intid, c->target);
    return UMSI_OK;
}

static enum umsi_status start(void *arg, uint32_t intid, umsi_cpu cpu)
{
    enum umsi_status st = route(arg, intid, cpu);

    if (st == UMSI_OK) {
        enable(arg, intid, true);
    }
    return st;
}

static void stop(void *arg, uint32_t intid)
{
    umsi_gicv2_retire(arg, intid);
}

static enum umsi_status set_pending(void *arg, uint32_t intid, bool pending)
{
    umsi_wmb();
    umsi_gicv2_dist_bit(arg, pending ? GICD_ISPENDR : GICD_ICPENDR, intid);
    return UMSI_OK;
}

static const char *explain(void *gic, uint32_t intid, umsi_print print, void *arg)
{
    return umsi_gicv2_explain_intid(gic, intid, print, arg);
}

void umsi_gicv2_spis(struct umsi_gicv2 *gic, struct umsi_gic_spis *out)
{
    *out =
        (struct umsi_gic_spis){ take, start, stop, give, enable, route, set_pending, explain, gic };
}
