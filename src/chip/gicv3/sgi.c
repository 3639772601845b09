/* SPDX-License-Identifier: MIT */
/* Software-generated interrupts from this CPU to another. IHI0069, 4.4 and ICC_SGI1R_EL1 in 12.2. */
#include "../../arch/barrier.h"
#include "../../arch/sysreg.h"
#include "internal.h"

/* Aff0 of 16 and more takes the range selector, which this CPU and the distributor must both know. */
static bool reachable(struct umsi_gicv3 *gic, uint64_t affinity)
{
    if ((affinity & 0xFFu) < 16) {
        return true;
    }
    return (gic->typer & GICD_TYPER_RSS) != 0 &&
           (umsi_sysreg_read(gic->umsi, UMSI_ICC_CTLR_EL1) & ICC_CTLR_RSS) != 0;
}

enum umsi_status umsi_gicv3_send_sgi(struct umsi_gicv3 *gic, umsi_cpu cpu, uint32_t sgi)
{
    const struct umsi_gicv3_cpu *c;

    if (sgi >= GIC_FIRST_PPI || cpu >= gic->umsi->port.nr_cpus) {
        return UMSI_RANGE;
    }
    c = umsi_gicv3_online_cpu(gic, cpu);
    if (c == NULL) {
        return UMSI_STATE;
    }
    if (!reachable(gic, c->affinity)) {
        return UMSI_UNSUPPORTED;
    }
    umsi_wmb(); /* what was stored before is there when the handler looks */
    umsi_sysreg_write(gic->umsi, UMSI_ICC_SGI1R_EL1, umsi_gicv3_sgi1r(c->affinity, sgi));
    umsi_isb();
    return UMSI_OK;
}
