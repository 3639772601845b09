/* SPDX-License-Identifier: MIT */
/*
 * SGIs and PPIs: one descriptor, and a bit in every redistributor. A CPU's bit is enabled when that CPU
 * wants it (umsi_gicv3_enable_local()) and the core does not mask the descriptor, which is for all CPUs at
 * once. Redistributors of other CPUs are written from here: the frames are shared registers, and a CPU
 * that is not online starts with everything disabled.
 */
#include "../../arch/barrier.h"
#include "internal.h"

static void write_bit(struct umsi_gicv3 *gic, const struct umsi_gicv3_cpu *c, uint32_t offset,
                      uint32_t bit)
{
    umsi_write32(gic->umsi, c->rd, offset, bit);
}

/* Locked. */
static void apply(struct umsi_gicv3 *gic, const struct umsi_gicv3_cpu *c, uint32_t bit)
{
    bool enable = (c->local_wanted & ~gic->local_masked & bit) != 0;

    write_bit(gic, c, enable ? GICR_ISENABLER0 : GICR_ICENABLER0, bit);
}

static void apply_all(struct umsi_gicv3 *gic, uint32_t bit)
{
    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus; cpu++) {
        const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, cpu);
        if (c != NULL) {
            apply(gic, c, bit);
        }
    }
}

/*
 * Bit 2n+1 of GICR_ICFGR1 for PPI 16+n. Whether a PPI's trigger can be changed is IMPLEMENTATION DEFINED
 * (12.11); where not, hardware knows its wires better, and the write is ignored. Locked.
 */
void umsi_gicv3_local_triggers(struct umsi_gicv3 *gic, volatile void *rd)
{
    uint32_t icfgr = 0;

    for (uint32_t intid = GIC_FIRST_PPI; intid < GIC_FIRST_SPI; intid++) {
        uint32_t edge = gic->local_edge >> intid & 1u;
        icfgr |= edge << (2 * (intid - GIC_FIRST_PPI) + 1);
    }
    umsi_write32(gic->umsi, rd, GICR_ICFGR1, icfgr);
}

/* All CPUs have it disabled, as a change of the trigger demands: it was masked while nobody had it mapped. */
void umsi_gicv3_local_adopt(struct umsi_gicv3 *gic, uint32_t intid, bool level)
{
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    gic->local_edge = (gic->local_edge & ~(1u << intid)) | (level ? 0u : 1u << intid);
    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus && intid >= GIC_FIRST_PPI; cpu++) {
        const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, cpu);
        if (c != NULL) {
            umsi_gicv3_local_triggers(gic, c->rd);
        }
    }
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

/* Off on all CPUs, and known everywhere to be off. Task. */
void umsi_gicv3_local_drop(struct umsi_gicv3 *gic, uint32_t intid)
{
    umsi_gicv3_local_mask(gic, intid, true);
    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus; cpu++) {
        const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, cpu);
        if (c != NULL) {
            (void)umsi_gicv3_redist_wait(gic, c->rd); /* logged */
        }
    }
}

void umsi_gicv3_local_mask(struct umsi_gicv3 *gic, uint32_t intid, bool mask)
{
    uint32_t bit = 1u << intid;
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    gic->local_masked = (gic->local_masked & ~bit) | (mask ? bit : 0u);
    umsi_wmb();
    apply_all(gic, bit);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

/* What this CPU wants. Locked. */
static void want(struct umsi_gicv3 *gic, struct umsi_gicv3_cpu *c, uint32_t bit, bool enable)
{
    c->local_wanted = (c->local_wanted & ~bit) | (enable ? bit : 0u);
    umsi_wmb();
    apply(gic, c, bit);
}

enum umsi_status umsi_gicv3_enable_local(struct umsi_gicv3 *gic, uint32_t intid, bool enable)
{
    struct umsi_gicv3_cpu *c;
    umsi_irqstate s;

    if (intid >= GIC_FIRST_SPI) {
        return UMSI_RANGE;
    }
    c = umsi_gicv3_online_cpu(gic, umsi_cpu_self(gic->umsi));
    if (c == NULL) {
        return UMSI_STATE;
    }
    s = umsi_lock_take(gic->umsi, &gic->lock);
    want(gic, c, 1u << intid, enable);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    return UMSI_OK;
}

/* A storm of one that nobody owns: this CPU no longer wants it. Locked. */
void umsi_gicv3_local_silence(struct umsi_gicv3 *gic, uint32_t intid)
{
    struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, umsi_cpu_self(gic->umsi));

    if (c != NULL) {
        want(gic, c, 1u << intid, false);
    }
}

/* On this CPU: an SGI or PPI made pending by another's hand has no meaning to that CPU. */
enum umsi_status umsi_gicv3_local_pend(struct umsi_gicv3 *gic, uint32_t intid, bool pending)
{
    const struct umsi_gicv3_cpu *c = umsi_gicv3_online_cpu(gic, umsi_cpu_self(gic->umsi));

    if (c == NULL) {
        return UMSI_STATE;
    }
    umsi_wmb();
    write_bit(gic, c, pending ? GICR_ISPENDR0 : GICR_ICPENDR0, 1u << intid);
    return UMSI_OK;
}
