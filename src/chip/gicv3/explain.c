/* SPDX-License-Identifier: MIT */
/* What the GIC has to say about one interrupt: a line for each link, and the first that stops it. */
#include "../../arch/sysreg.h"
#include "internal.h"

/* Where the INTID's bits are: the distributor, or for SGIs and PPIs this CPU's redistributor. */
struct view {
    struct umsi_gicv3 *gic;
    const volatile void *base;
    uint32_t shift; /* from GICD to GICR_SGI_base offsets */
    uint32_t intid;
};

static bool bit(const struct view *v, uint32_t base)
{
    struct umsi_gicv3_field f = umsi_gicv3_field(base + v->shift, 1, v->intid);

    return (umsi_read32(v->gic->umsi, v->base, f.offset) >> f.shift & 1u) != 0;
}

static const char *distributor(struct umsi_gicv3 *gic, umsi_print print, void *arg)
{
    uint32_t ctlr = umsi_read32(gic->umsi, gic->gicd, GICD_CTLR);

    umsi_printf(print, arg, "  GICv3: GICD_CTLR %08x, %s", ctlr,
                gic->two_states ? "Non-secure of two Security states" : "one Security state");
    if ((ctlr & (GICD_CTLR_ARE | GICD_CTLR_EnableGrp1)) != (GICD_CTLR_ARE | GICD_CTLR_EnableGrp1)) {
        return "the distributor has Group 1 or affinity routing off";
    }
    return NULL;
}

static const char *state(const struct view *v, umsi_print print, void *arg)
{
    struct umsi_gicv3_field f = umsi_gicv3_field(GICD_IPRIORITYR + v->shift, 8, v->intid);
    uint32_t priority = umsi_read32(v->gic->umsi, v->base, f.offset) >> f.shift & 0xFFu;
    bool enabled = bit(v, GICD_ISENABLER), pending = bit(v, GICD_ISPENDR);
    bool active = bit(v, GICD_ISACTIVER);

    umsi_printf(print, arg, "  GICv3: INTID %u priority %02x%s%s%s", v->intid, priority,
                enabled ? ", enabled" : ", disabled", pending ? ", pending" : "",
                active ? ", active" : "");
    if (priority != GICV3_PRIORITY) {
        return "the GIC does not have the INTID, or it belongs to the Secure side";
    }
    if (!enabled) {
        return "the GIC has the INTID disabled";
    }
    return pending && active ? "the GIC waits for the last one to be ended" : NULL;
}

static const char *route(const struct view *v, umsi_print print, void *arg)
{
    struct umsi_gicv3 *gic = v->gic;
    uint64_t to = umsi_read64(gic->umsi, gic->gicd, umsi_gicv3_irouter_offset(v->intid));

    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus; cpu++) {
        const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, cpu);
        if (c != NULL && umsi_gicv3_irouter(c->affinity) == to) {
            umsi_printf(print, arg, "  GICv3: GICD_IROUTER%u %lx, CPU %u", v->intid, to, cpu);
            return NULL;
        }
    }
    umsi_printf(print, arg, "  GICv3: GICD_IROUTER%u %lx, no CPU that is online", v->intid, to);
    return "the GIC routes it to a CPU that is not online";
}

/* Of this CPU only: nobody can read another's. */
static const char *interface(struct umsi_gicv3 *gic, umsi_print print, void *arg)
{
    uint64_t pmr = umsi_sysreg_read(gic->umsi, UMSI_ICC_PMR_EL1);
    uint64_t enable = umsi_sysreg_read(gic->umsi, UMSI_ICC_IGRPEN1_EL1);

    umsi_printf(print, arg,
                "  GICv3: this CPU: ICC_PMR_EL1 %02lx, ICC_IGRPEN1_EL1 %lx, ICC_RPR_EL1 %02lx", pmr,
                enable, umsi_sysreg_read(gic->umsi, UMSI_ICC_RPR_EL1));
    if ((enable & ICC_IGRPEN1_Enable) == 0) {
        return "this CPU's interface has Group 1 off";
    }
    return pmr <= GICV3_PRIORITY ? "this CPU's priority mask blocks it" : NULL;
}

const char *umsi_gicv3_explain_intid(struct umsi_gicv3 *gic, uint32_t intid, umsi_print print,
                                     void *arg)
{
    struct view v = { gic, gic->gicd, 0, intid };
    const struct umsi_gicv3_cpu *self = umsi_gicv3_online_cpu(gic, umsi_cpu_self(gic->umsi));
    const char *why[4] = { distributor(gic, print, arg) };

    if (v.intid < GIC_FIRST_SPI) {
        if (self == NULL) {
            return "this CPU is not online";
        }
        v.base = self->rd;
        v.shift = GICR_SGI_base;
    } else {
        why[2] = route(&v, print, arg);
    }
    why[1] = state(&v, print, arg);
    why[3] = self != NULL ? interface(gic, print, arg) : NULL;
    for (uint32_t i = 0; i < 4; i++) {
        if (why[i] != NULL) {
            return why[i];
        }
    }
    return NULL;
}

const char *umsi_gicv3_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg)
{
    return umsi_gicv3_explain_intid(d->data, umsi_irq_level_of(irq, d->depth)->hwirq, print, arg);
}
