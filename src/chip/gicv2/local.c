/* SPDX-License-Identifier: MIT */
/*
 * SGIs and PPIs: one descriptor, and a bit in the registers of every CPU, which only that CPU reaches (IHI0048B
 * 4.1.2, banking). A bit is enabled when its CPU wants it (umsi_gicv2_enable_local()) and the core does not mask the
 * descriptor, which is for all CPUs at once. What one CPU changes for all, the others take over when they take their
 * next interrupt: before that nothing is delivered to them. One that lacks an interrupt it wants gets a kick.
 *
 * SGIs are always enabled on many GICs (4.3.5): what comes for a CPU that does not want it, or while it is masked, is
 * remembered in software, and sent again when it may come.
 */
#include "../../arch/barrier.h"
#include "internal.h"

static void write(struct umsi_gicv2 *gic, uint32_t offset, uint32_t value)
{
    umsi_write32(gic->umsi, gic->gicd, offset, value);
}

void umsi_gicv2_local_group(struct umsi_gicv2 *gic)
{
    write(gic, GICD_IGROUPR, 0);
    for (uint32_t intid = 0; intid < GIC_FIRST_SPI; intid += 4) {
        write(gic, GICD_IPRIORITYR + intid, GICV2_PRIORITY * 0x01010101u);
    }
}

/* All off, idle, level-sensitive, of our priority and group. */
void umsi_gicv2_local_init(struct umsi_gicv2 *gic)
{
    write(gic, GICD_ICENABLER, UINT32_MAX);
    write(gic, GICD_ICFGR + 4, 0);
    umsi_gicv2_local_group(gic);
    write(gic, GICD_ICACTIVER, UINT32_MAX);
    write(gic, GICD_ICPENDR, UINT32_MAX);
    for (uint32_t sgi = 0; sgi < GIC_FIRST_PPI; sgi += 4) {
        write(gic, GICD_CPENDSGIR + sgi, UINT32_MAX);
    }
}

/* This CPU sends itself an SGI. */
static void resend(struct umsi_gicv2 *gic, const struct umsi_gicv2_cpu *c, uint32_t sgi)
{
    write(gic, umsi_gicv2_field(GICD_SPENDSGIR, 8, sgi).offset,
          c->target << umsi_gicv2_field(GICD_SPENDSGIR, 8, sgi).shift);
}

/* Bit 2n+1 of GICD_ICFGR1 for PPI 16+n. Whether it can be changed is IMPLEMENTATION DEFINED (4.3.13); where not,
 * hardware knows its wires better, and the write is ignored. */
static void set_triggers(struct umsi_gicv2 *gic, struct umsi_gicv2_cpu *c)
{
    uint32_t icfgr = 0;

    for (uint32_t intid = GIC_FIRST_PPI; intid < GIC_FIRST_SPI; intid++) {
        uint32_t edge = gic->local_edge >> intid & 1u;
        icfgr |= edge << (2 * (intid - GIC_FIRST_PPI) + 1);
    }
    write(gic, GICD_ICFGR + 4, icfgr);
    c->edge = gic->local_edge;
}

/* A trigger changes while its PPI is disabled here, whatever became of it elsewhere. Locked. */
void umsi_gicv2_local_apply(struct umsi_gicv2 *gic, struct umsi_gicv2_cpu *c)
{
    uint32_t on = c->local_wanted & ~gic->local_masked;
    uint32_t changed = c->edge ^ gic->local_edge, again = c->sgi_held & on;

    __atomic_and_fetch(&gic->local_stale, ~c->target, __ATOMIC_RELAXED);
    umsi_wmb(); /* a handler that is let in finds what was written before */
    write(gic, GICD_ICENABLER, ~on | changed);
    if (changed != 0) {
        set_triggers(gic, c);
    }
    write(gic, GICD_ISENABLER, on);
    c->sgi_held &= ~again;
    for (uint32_t sgi = 0; sgi < GIC_FIRST_PPI; sgi++) {
        if ((again >> sgi & 1u) != 0) {
            resend(gic, c, sgi);
        }
    }
}

void umsi_gicv2_local_refresh(struct umsi_gicv2 *gic)
{
    struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, umsi_cpu_self(gic->umsi));
    umsi_irqstate s;

    if (c == NULL || (__atomic_load_n(&gic->local_stale, __ATOMIC_RELAXED) & c->target) == 0) {
        return;
    }
    s = umsi_lock_take(gic->umsi, &gic->lock);
    umsi_gicv2_local_apply(gic, c);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

bool umsi_gicv2_local_admits(struct umsi_gicv2 *gic, struct umsi_gicv2_cpu *c, uint32_t sgi)
{
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);
    bool wanted = (c->local_wanted >> sgi & 1u) != 0;

    c->sgi_held |= wanted ? 0u : 1u << sgi;
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    return wanted;
}

/* ---- for all CPUs ---- */

/* This CPU now, the others later. Returns the interfaces of those that lack what they want. Locked. */
static uint32_t apply_all(struct umsi_gicv2 *gic, uint32_t bit)
{
    uint32_t lacking = 0;

    for (umsi_cpu cpu = 0; cpu < gic->umsi->port.nr_cpus; cpu++) {
        struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, cpu);
        if (c == NULL) {
            continue;
        }
        if (cpu == umsi_cpu_self(gic->umsi)) {
            umsi_gicv2_local_apply(gic, c);
        } else {
            __atomic_or_fetch(&gic->local_stale, c->target, __ATOMIC_RELAXED);
            lacking |= (c->local_wanted & ~gic->local_masked & bit) != 0 ? c->target : 0;
        }
    }
    return lacking;
}

static void kick(struct umsi_gicv2 *gic, uint32_t targets)
{
    const struct umsi_port *port = &gic->umsi->port;

    for (umsi_cpu cpu = 0; cpu < port->nr_cpus && port->cpu_kick != NULL && targets != 0; cpu++) {
        const struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, cpu);
        if (c != NULL && (c->target & targets) != 0) {
            port->cpu_kick(port->ctx, cpu);
        }
    }
}

/* Written by the unmask, which comes before anything is enabled. */
void umsi_gicv2_local_adopt(struct umsi_gicv2 *gic, uint32_t intid, bool level)
{
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    gic->local_edge = (gic->local_edge & ~(1u << intid)) | (level ? 0u : 1u << intid);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

void umsi_gicv2_local_mask(struct umsi_gicv2 *gic, uint32_t intid, bool mask)
{
    uint32_t bit = 1u << intid, lacking;
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    gic->local_masked = (gic->local_masked & ~bit) | (mask ? bit : 0u);
    lacking = apply_all(gic, bit);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    kick(gic, lacking);
}

/* ---- for this CPU ---- */

/* Locked. */
static void want(struct umsi_gicv2 *gic, struct umsi_gicv2_cpu *c, uint32_t bit, bool enable)
{
    c->local_wanted = (c->local_wanted & ~bit) | (enable ? bit : 0u);
    umsi_gicv2_local_apply(gic, c);
}

enum umsi_status umsi_gicv2_enable_local(struct umsi_gicv2 *gic, uint32_t intid, bool enable)
{
    struct umsi_gicv2_cpu *c;
    umsi_irqstate s;

    if (intid >= GIC_FIRST_SPI) {
        return UMSI_RANGE;
    }
    c = umsi_gicv2_online_cpu(gic, umsi_cpu_self(gic->umsi));
    if (c == NULL) {
        return UMSI_STATE;
    }
    s = umsi_lock_take(gic->umsi, &gic->lock);
    want(gic, c, 1u << intid, enable);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    return UMSI_OK;
}

/* A storm of one that nobody owns: this CPU no longer wants it. */
void umsi_gicv2_local_silence(struct umsi_gicv2 *gic, uint32_t intid)
{
    struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, umsi_cpu_self(gic->umsi));

    if (c != NULL) {
        want(gic, c, 1u << intid, false);
    }
}

/* GICD_ISPENDR is read-only for SGIs; one that must not come now is only remembered. Locked. */
static void pend_sgi(struct umsi_gicv2 *gic, struct umsi_gicv2_cpu *c, uint32_t sgi, bool pending)
{
    uint32_t bit = 1u << sgi;

    c->sgi_held = (c->sgi_held & ~bit) | (pending ? bit : 0u);
    if (pending) {
        umsi_gicv2_local_apply(gic, c);
    } else {
        struct umsi_gicv2_field f = umsi_gicv2_field(GICD_CPENDSGIR, 8, sgi);
        write(gic, f.offset, 0xFFu << f.shift);
    }
}

/* Of this CPU: an SGI or PPI made pending by another's hand has no meaning to that CPU. */
enum umsi_status umsi_gicv2_local_pend(struct umsi_gicv2 *gic, uint32_t intid, bool pending)
{
    struct umsi_gicv2_cpu *c = umsi_gicv2_online_cpu(gic, umsi_cpu_self(gic->umsi));
    umsi_irqstate s;

    if (c == NULL) {
        return UMSI_STATE;
    }
    s = umsi_lock_take(gic->umsi, &gic->lock);
    if (intid < GIC_FIRST_PPI) {
        pend_sgi(gic, c, intid, pending);
    } else {
        write(gic, pending ? GICD_ISPENDR : GICD_ICPENDR, 1u << intid);
    }
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    return UMSI_OK;
}
