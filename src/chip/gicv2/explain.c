/* SPDX-License-Identifier: MIT */
/* What the GIC has to say about one interrupt: a line for each link, and the first that stops it. Of SGIs and PPIs,
 * and of the CPU interface, what the calling CPU sees. */
#include "internal.h"

static uint32_t field(struct umsi_gicv2 *gic, uint32_t base, uint32_t bits, uint32_t intid)
{
    struct umsi_gicv2_field f = umsi_gicv2_field(base, bits, intid);

    return umsi_read32(gic->umsi, gic->gicd, f.offset) >> f.shift & ((1u << bits) - 1);
}

static const char *distributor(struct umsi_gicv2 *gic, umsi_print print, void *arg)
{
    uint32_t ctlr = umsi_read32(gic->umsi, gic->gicd, GICD_CTLR);

    umsi_printf(print, arg, "  GICv2: GICD_CTLR %08x, %s", ctlr,
                gic->two_states ? "Non-secure of two Security states" : "one Security state");
    return (ctlr & GICD_CTLR_Enable) == 0 ? "the distributor is off" : NULL;
}

static const char *state(struct umsi_gicv2 *gic, uint32_t intid, umsi_print print, void *arg)
{
    uint32_t priority = field(gic, GICD_IPRIORITYR, 8, intid);
    bool enabled = field(gic, GICD_ISENABLER, 1, intid) != 0;
    bool pending = field(gic, GICD_ISPENDR, 1, intid) != 0;
    bool active = field(gic, GICD_ISACTIVER, 1, intid) != 0;

    umsi_printf(print, arg, "  GICv2: INTID %u priority %02x%s%s%s", intid, priority,
                enabled ? ", enabled" : ", disabled", pending ? ", pending" : "",
                active ? ", active" : "");
    if (priority != GICV2_PRIORITY) {
        return "the GIC does not have the INTID, or it belongs to the Secure side";
    }
    if (!enabled) {
        return "the GIC has the INTID disabled";
    }
    return pending && active ? "the GIC waits for the last one to be ended" : NULL;
}

static const char *route(struct umsi_gicv2 *gic, uint32_t intid, umsi_print print, void *arg)
{
    uint32_t to = field(gic, GICD_ITARGETSR, 8, intid);

    if (GICD_TYPER_CPUNumber(gic->typer) == 0) {
        return NULL; /* there is one CPU, and no field */
    }
    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus; cpu++) {
        const struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, cpu);
        if (c != NULL && c->target == to) {
            umsi_printf(print, arg, "  GICv2: GICD_ITARGETSR of INTID %u %02x, CPU %u", intid, to,
                        cpu);
            return NULL;
        }
    }
    umsi_printf(print, arg, "  GICv2: GICD_ITARGETSR of INTID %u %02x, no CPU that is online",
                intid, to);
    return "the GIC routes it to a CPU that is not online";
}

static const char *interface(struct umsi_gicv2 *gic, umsi_print print, void *arg)
{
    uint32_t ctlr = umsi_read32(gic->umsi, gic->gicc, GICC_CTLR);
    uint32_t pmr = umsi_read32(gic->umsi, gic->gicc, GICC_PMR);

    umsi_printf(print, arg, "  GICv2: this CPU: GICC_CTLR %x, GICC_PMR %02x, GICC_RPR %02x", ctlr,
                pmr, umsi_read32(gic->umsi, gic->gicc, GICC_RPR));
    if ((ctlr & GICC_CTLR_Enable) == 0) {
        return "this CPU's interface is off";
    }
    return pmr <= GICV2_PRIORITY ? "this CPU's priority mask blocks it" : NULL;
}

const char *umsi_gicv2_explain_intid(struct umsi_gicv2 *gic, uint32_t intid, umsi_print print,
                                     void *arg)
{
    const char *why[4] = { distributor(gic, print, arg), state(gic, intid, print, arg) };

    if (intid >= GIC_FIRST_SPI) {
        why[2] = route(gic, intid, print, arg);
    }
    if (umsi_gicv2_online_cpu(gic, umsi_cpu_self(gic->umsi)) != NULL) {
        why[3] = interface(gic, print, arg);
    } else if (intid < GIC_FIRST_SPI) {
        why[3] = "this CPU is not online";
    }
    for (uint32_t i = 0; i < 4; i++) {
        if (why[i] != NULL) {
            return why[i];
        }
    }
    return NULL;
}
