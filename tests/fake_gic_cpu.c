/* SPDX-License-Identifier: MIT */
/* The CPU interface of the fake GIC: what it acknowledges and ends, SGIs, system registers. IHI0069 12.2. */
#include "fake_gic_int.h"

static bool deliverable(const struct fake_gic *g, const struct fake_cpu *c, uint8_t priority)
{
    bool group = (g->ctlr & 2) != 0 && c->igrpen1 != 0;

    return group && priority < c->pmr && c->nr_running == 0; /* one priority: nothing preempts */
}

/* The highest-priority pending one for a CPU; here: the lowest INTID. 1023: none. */
static uint32_t pick(struct fake_gic *g, uint32_t cpu)
{
    struct fake_cpu *c = &g->cpu[cpu];
    struct fake_rd *r = fake_gic_rd_of(g, cpu);

    for (uint32_t i = 0; r != NULL && i < 32; i++) {
        uint32_t bit = 1u << i;
        bool pending = ((r->local.pending | r->line) & bit) != 0 && (r->local.active & bit) == 0;
        if (pending && (r->local.enabled & bit) && deliverable(g, c, r->priority[i])) {
            return i;
        }
    }
    for (uint32_t i = 32; i < fake_gic_intids(g); i++) {
        bool pending = (fake_gic_pending(g, i) || g->line[i]) && !fake_gic_active(g, i);
        if (pending && fake_gic_enabled(g, i) && g->irouter[i] == (c->mpidr & 0xFF00FFFFFF) &&
            deliverable(g, c, g->priority[i])) {
            return i;
        }
    }
    return c->lpi != 0 && deliverable(g, c, 0xA0) ? c->lpi : 1023;
}

static struct fake_bits *bits_of(struct fake_gic *g, uint32_t cpu, uint32_t intid)
{
    return intid < 32 ? &fake_gic_rd_of(g, cpu)->local : &g->bits[intid / 32];
}

static uint32_t acknowledge(struct fake_gic *g)
{
    struct fake_cpu *c = &g->cpu[g->self];
    uint32_t intid = pick(g, g->self);

    if (intid == 1023) {
        return intid;
    }
    if (intid < 1020) {
        bits_of(g, g->self, intid)->pending &= ~(1u << intid % 32);
        bits_of(g, g->self, intid)->active |= 1u << intid % 32;
    } else {
        c->lpi = 0;
    }
    c->running[c->nr_running++] = intid;
    return intid;
}

static void end(struct fake_gic *g, uint32_t intid)
{
    struct fake_cpu *c = &g->cpu[g->self];

    if (c->nr_running == 0 || c->running[c->nr_running - 1] != intid) {
        fake_gic_violate(g, "ICC_EOIR1_EL1 %u does not match the last acknowledge", intid);
        return;
    }
    c->nr_running--;
    if (intid < 1020) {
        bits_of(g, g->self, intid)->active &= ~(1u << intid % 32);
    }
}

static void send(struct fake_gic *g, uint64_t v)
{
    uint32_t sgi = (uint32_t)(v >> 24 & 0xF), rs = (uint32_t)(v >> 44 & 0xF);
    uint64_t cluster = (v >> 48 & 0xFF) << 32 | (v >> 32 & 0xFF) << 16 | (v >> 16 & 0xFF) << 8;

    g->last_sgi1r = v;
    if (rs != 0 && !(g->gicd_rss && g->icc_rss)) {
        fake_gic_violate(g, "ICC_SGI1R_EL1.RS without RSS");
    }
    for (uint32_t i = 0; i < FAKE_CPUS; i++) {
        uint64_t aff = g->cpu[i].mpidr & 0xFF00FFFFFF;
        bool listed = (v >> (aff & 0xF) & 1) != 0 && (aff >> 4 & 0xF) == rs;
        if ((aff & ~0xFFull) == cluster && listed && fake_gic_rd_of(g, i) != NULL) {
            fake_gic_rd_of(g, i)->local.pending |= 1u << sgi;
        }
    }
}

static void need_sre(struct fake_gic *g)
{
    if ((g->cpu[g->self].sre & 1) == 0) {
        fake_gic_violate(g, "ICC register without ICC_SRE_EL1.SRE");
    }
}

static bool apr_exists(const struct fake_gic *g, uint32_t n)
{
    return n == 0 || (n == 1 && g->priority_bits >= 6) || g->priority_bits >= 7;
}

uint64_t fake_gic_sysreg_read(void *ctx, uint32_t reg)
{
    struct fake_gic *g = ctx;
    struct fake_cpu *c = &g->cpu[g->self];

    if (reg == UMSI_SYSREG(3, 0, 0, 0, 5)) {
        return c->mpidr;
    }
    if (reg == UMSI_SYSREG(3, 0, 12, 12, 5)) {
        return c->sre;
    }
    need_sre(g);
    switch (reg) {
    case UMSI_SYSREG(3, 0, 4, 6, 0):
        return c->pmr;
    case UMSI_SYSREG(3, 0, 12, 11, 3): /* RPR */
        return c->nr_running != 0 ? 0xA0 : 0xFF;
    case UMSI_SYSREG(3, 0, 12, 12, 0):
        return acknowledge(g);
    case UMSI_SYSREG(3, 0, 12, 12, 3):
        return c->bpr;
    case UMSI_SYSREG(3, 0, 12, 12, 4):
        return c->ctlr | (uint64_t)(g->priority_bits - 1) << 8 | (g->a3v ? 1u << 15 : 0) |
               (g->icc_rss ? 1u << 18 : 0);
    case UMSI_SYSREG(3, 0, 12, 12, 7):
        return c->igrpen1;
    default:
        fake_gic_violate(g, "read of system register %x", reg);
        return 0;
    }
}

void fake_gic_sysreg_write(void *ctx, uint32_t reg, uint64_t v)
{
    struct fake_gic *g = ctx;
    struct fake_cpu *c = &g->cpu[g->self];
    uint32_t n = reg & 7;

    if (reg == UMSI_SYSREG(3, 0, 12, 12, 5)) {
        c->sre = g->sre_fixed_off ? c->sre : v & 7;
        return;
    }
    need_sre(g);
    switch (reg) {
    case UMSI_SYSREG(3, 0, 4, 6, 0):
        c->pmr = g->pmr_secure ? 0 : v & (0xFFu << (8 - g->priority_bits)) & 0xFF;
        break;
    case UMSI_SYSREG(3, 0, 12, 9, 0):
    case UMSI_SYSREG(3, 0, 12, 9, 1):
    case UMSI_SYSREG(3, 0, 12, 9, 2):
    case UMSI_SYSREG(3, 0, 12, 9, 3):
        if (!apr_exists(g, n)) {
            fake_gic_violate(g, "ICC_AP1R%u_EL1 is UNDEFINED here", n);
        }
        c->apr[n] = v;
        break;
    case UMSI_SYSREG(3, 0, 12, 11, 5):
        send(g, v);
        break;
    case UMSI_SYSREG(3, 0, 12, 12, 1):
        end(g, (uint32_t)v);
        break;
    case UMSI_SYSREG(3, 0, 12, 12, 3):
        c->bpr = v;
        break;
    case UMSI_SYSREG(3, 0, 12, 12, 4):
        c->ctlr = v & 0x43;
        break;
    case UMSI_SYSREG(3, 0, 12, 12, 7):
        c->igrpen1 = v & 1;
        break;
    default:
        fake_gic_violate(g, "write of system register %x", reg);
    }
}
