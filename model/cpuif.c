/* SPDX-License-Identifier: MIT */
/*
 * The CPU interface, through system registers: acknowledge, priorities, end, SGIs. IHI0069 4.1, 4.8, 12.2.
 * Group 1 only: Group 0 interrupts never come out of ICC_IAR1_EL1.
 */
#include "machine.h"

#define MPIDR   UMSI_SYSREG(3, 0, 0, 0, 5)
#define PFR0    UMSI_SYSREG(3, 0, 0, 4, 0)
#define PMR     UMSI_SYSREG(3, 0, 4, 6, 0)
#define DIR     UMSI_SYSREG(3, 0, 12, 11, 1)
#define RPR     UMSI_SYSREG(3, 0, 12, 11, 3)
#define SGI1R   UMSI_SYSREG(3, 0, 12, 11, 5)
#define IAR1    UMSI_SYSREG(3, 0, 12, 12, 0)
#define EOIR1   UMSI_SYSREG(3, 0, 12, 12, 1)
#define HPPIR1  UMSI_SYSREG(3, 0, 12, 12, 2)
#define BPR1    UMSI_SYSREG(3, 0, 12, 12, 3)
#define CTLR    UMSI_SYSREG(3, 0, 12, 12, 4)
#define SRE     UMSI_SYSREG(3, 0, 12, 12, 5)
#define IGRPEN0 UMSI_SYSREG(3, 0, 12, 12, 6)
#define IGRPEN1 UMSI_SYSREG(3, 0, 12, 12, 7)
#define AP0R0   UMSI_SYSREG(3, 0, 12, 8, 4)
#define AP1R0   UMSI_SYSREG(3, 0, 12, 9, 0)

#define MIN_BPR 3u /* five bits of group priority */
#define IDLE    0xffu

void cpuif_reset(struct cpuif *icc)
{
    *icc = (struct cpuif){ .bpr1 = MIN_BPR };
}

/* ---- what is pending ---- */

struct best {
    uint32_t intid;
    uint8_t priority;
};

static void consider(struct best *b, uint32_t intid, const struct irq *i)
{
    bool pending = i->pending || (i->line && !i->edge);
    if (i->enabled && i->group1 && pending && !i->active && i->priority < b->priority) {
        *b = (struct best){ intid, i->priority };
    }
}

static void consider_spis(struct model *m, const struct cpu *c, struct best *b)
{
    for (uint32_t n = 0; n < m->cfg.nr_spis; n++) {
        const struct irq *i = &m->spi[n];
        if (i->any_cpu || i->affinity == c->affinity) {
            consider(b, 32 + n, i);
        }
    }
}

static struct best best_of(struct model *m, struct cpu *c)
{
    struct best b = { MODEL_SPURIOUS, IDLE };
    uint32_t intid;
    uint8_t priority;
    for (uint32_t n = 0; n < 32; n++) {
        consider(&b, n, &c->local[n]);
    }
    consider_spis(m, c, &b);
    if (gicr_lpis_on(c) && lpi_best(m, c, &intid, &priority) && priority < b.priority) {
        b = (struct best){ intid, priority };
    }
    return b;
}

static uint8_t running_priority(const struct cpuif *icc)
{
    return icc->depth == 0 ? IDLE : icc->running[icc->depth - 1].priority;
}

/* Is it high enough to be signalled? IHI0069 4.8.3, 4.8.4. */
static bool signalled(const struct cpuif *icc, const struct best *b)
{
    uint8_t group = (uint8_t)(0xffu << icc->bpr1);
    return b->intid != MODEL_SPURIOUS && icc->igrpen1 != 0 && b->priority < icc->pmr &&
           (icc->depth == 0 || (b->priority & group) < (running_priority(icc) & group));
}

uint32_t cpuif_highest(struct model *m, struct cpu *c)
{
    if (m->cfg.gicv2) {
        return gicv2_highest(m, c);
    }
    if (!gicd_group1_on(m) || !gicr_awake(m, c) || c->icc.igrpen1 == 0) {
        return MODEL_SPURIOUS;
    }
    struct best b = best_of(m, c);
    return signalled(&c->icc, &b) ? b.intid : MODEL_SPURIOUS;
}

uint32_t cpuif_waiting(struct model *m, struct cpu *c)
{
    return best_of(m, c).intid;
}

/* ---- acknowledge and end ---- */

static struct irq *irq_of(struct model *m, struct cpu *c, uint32_t intid)
{
    if (intid < 32) {
        return &c->local[intid];
    }
    return intid - 32 < m->cfg.nr_spis ? &m->spi[intid - 32] : NULL;
}

static uint8_t take(struct model *m, struct cpu *c, uint32_t intid)
{
    struct irq *i = irq_of(m, c, intid);
    if (i == NULL) { /* an LPI: pending goes, and there is no active state */
        uint8_t priority = lpi_config_of(m, c, intid) & irq_priority_mask();
        lpi_set_pending(m, c, intid, false);
        return priority;
    }
    i->pending = false;
    i->active = true;
    return i->priority;
}

static uint64_t acknowledge(struct model *m, struct cpu *c)
{
    struct cpuif *icc = &c->icc;
    uint32_t intid = cpuif_highest(m, c);
    icc->acknowledged++;
    if (intid == MODEL_SPURIOUS || icc->depth == 64) {
        return MODEL_SPURIOUS;
    }
    icc->running[icc->depth].priority = take(m, c, intid);
    icc->running[icc->depth++].intid = intid;
    return intid;
}

static void deactivate(struct model *m, struct cpu *c, uint32_t intid)
{
    struct irq *i = irq_of(m, c, intid);
    if (i != NULL) {
        i->active = false;
    }
}

static void end(struct model *m, struct cpu *c, uint32_t intid)
{
    struct cpuif *icc = &c->icc;
    if (intid >= 1020 && intid <= 1023) {
        return; /* special INTIDs are ignored */
    }
    if (icc->depth == 0 || icc->running[icc->depth - 1].intid != intid) {
        breach(m, "", "IHI0069 12.2 ICC_EOIR1_EL1", "CPU %u ends %u, the last acknowledged is %d",
               c->index, intid, icc->depth == 0 ? -1 : (int)icc->running[icc->depth - 1].intid);
        return;
    }
    icc->depth--;
    if ((icc->ctlr & 2) == 0) { /* EOImode 0 */
        deactivate(m, c, intid);
    }
}

/* ---- SGIs ---- */

static void send_sgi(struct model *m, struct cpu *from, uint64_t v)
{
    uint32_t intid = (uint32_t)(v >> 24) & 0xf;
    bool all = ((v >> 40) & 1) != 0, any = false;
    uint64_t cluster =
        ((v >> 48) & 0xff) << 32 | ((v >> 32) & 0xff) << 16 | ((v >> 16) & 0xff) << 8;
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        struct cpu *c = &m->cpu[i];
        uint32_t aff0 = (uint32_t)c->affinity & 0xff;
        bool listed = (c->affinity & ~0xffull) == cluster && aff0 / 16 == ((v >> 44) & 0xf) &&
                      ((v >> (aff0 % 16)) & 1) != 0;
        if (all ? c != from : listed) {
            c->local[intid].pending = true;
            any = true;
        }
    }
    if (!any && !all) {
        breach(m, "", "IHI0069 12.2 ICC_SGI1R_EL1", "%#llx reaches no CPU", (unsigned long long)v);
    }
}

/* ---- registers ---- */

/* Every ICC register but SRE is UNDEFINED while SRE is 0. */
static struct cpu *interface(struct model *m, uint32_t reg)
{
    struct cpu *c = &m->cpu[m->self];
    model_step(m, m->cfg.access_ns / 2);
    if ((c->icc.sre & 1) == 0 && reg != SRE && reg != MPIDR && reg != PFR0) {
        breach(m, "", "IHI0069 12.2", "CPU %u accesses system register %#x with SRE 0", c->index,
               reg);
    }
    return c;
}

static uint64_t mpidr_of(const struct cpu *c)
{
    return c->affinity | (uint64_t)1 << 31;
}

uint64_t cpuif_read(void *ctx, uint32_t reg)
{
    struct model *m = ctx;
    struct cpu *c = interface(m, reg);
    switch (reg) {
    case MPIDR:
        return mpidr_of(c);
    case PFR0:
        return (uint64_t)1 << 24;
    case PMR:
        return c->icc.pmr;
    case RPR:
        return running_priority(&c->icc);
    case IAR1:
        return acknowledge(m, c);
    case HPPIR1:
        return cpuif_highest(m, c);
    case BPR1:
        return c->icc.bpr1;
    case CTLR:
        return c->icc.ctlr | (4u << 8) | (m->cfg.id_bits > 16 ? 1u << 11 : 0) | 1u << 15;
    case SRE:
        return c->icc.sre;
    case IGRPEN1:
        return c->icc.igrpen1;
    case IGRPEN0:
    case AP0R0:
    case AP1R0:
        return 0;
    default:
        breach(m, "", "IHI0069 12.2", "read of system register %#x, which the machine has not",
               reg);
        return 0;
    }
}

void cpuif_write(void *ctx, uint32_t reg, uint64_t value)
{
    struct model *m = ctx;
    struct cpu *c = interface(m, reg);
    switch (reg) {
    case PMR:
        c->icc.pmr = (uint32_t)value & irq_priority_mask();
        break;
    case EOIR1:
        end(m, c, (uint32_t)value & 0xffffff);
        break;
    case DIR:
        deactivate(m, c, (uint32_t)value & 0xffffff);
        break;
    case SGI1R:
        send_sgi(m, c, value);
        break;
    case BPR1:
        c->icc.bpr1 = (value & 7) < MIN_BPR ? MIN_BPR : (uint32_t)value & 7;
        break;
    case CTLR:
        c->icc.ctlr = (uint32_t)value & 3;
        break;
    case SRE:
        c->icc.sre = (uint32_t)value & 7;
        break;
    case IGRPEN1:
        c->icc.igrpen1 = (uint32_t)value & 1;
        break;
    case IGRPEN0:
    case AP0R0:
    case AP1R0:
        break;
    default:
        breach(m, "", "IHI0069 12.2", "write of system register %#x, which the machine has not",
               reg);
        break;
    }
}
