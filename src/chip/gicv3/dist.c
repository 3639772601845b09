/* SPDX-License-Identifier: MIT */
/*
 * The distributor: what it is, a clean start with affinity routing, and the fields of single SPIs.
 * IHI0069, 4.3 (routing), 12.9 (registers). Extended SPIs (GICD_TYPER.ESPI) are not used.
 */
#include "../../arch/barrier.h"
#include "../../arch/sysreg.h"
#include "internal.h"

static uint32_t read(struct umsi_gicv3 *gic, uint32_t offset)
{
    return umsi_read32(gic->umsi, gic->gicd, offset);
}

static void write(struct umsi_gicv3 *gic, uint32_t offset, uint32_t value)
{
    umsi_write32(gic->umsi, gic->gicd, offset, value);
}

/* RWP covers group enables going to 0, ARE, and GICD_ICENABLER<n> (12.9, GICD_CTLR.RWP). */
enum umsi_status umsi_gicv3_dist_wait(struct umsi_gicv3 *gic)
{
    return umsi_gicv3_poll(gic, gic->gicd, GICD_CTLR, GICD_CTLR_RWP, 0, "GICD_CTLR.RWP");
}

/*
 * The Secure side of two Security states has other bits, and its SPIs are shared with a Non-secure system
 * that umsi must not take them from. It shows itself by ARE_NS or EnableGrp1S where others read 0.
 */
static bool secure_view(uint32_t ctlr)
{
    return (ctlr & GICD_CTLR_DS) == 0 && (ctlr & (GICD_CTLR_ARE_NS_S | GICD_CTLR_EnableGrp1S)) != 0;
}

enum umsi_status umsi_gicv3_dist_probe(struct umsi_gicv3 *gic)
{
    uint32_t rev = GIC_PIDR2_ArchRev(read(gic, GIC_PIDR2));
    uint32_t ctlr;

    if (rev != GIC_ArchRev_v3 && rev != GIC_ArchRev_v4) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR, "GICv3: GICD_PIDR2.ArchRev is %u, not 3 or 4", rev);
        return UMSI_UNSUPPORTED;
    }
    ctlr = read(gic, GICD_CTLR);
    if (secure_view(ctlr)) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR, "GICv3: GICD_CTLR %x: the Secure side is not supported",
                 ctlr);
        return UMSI_UNSUPPORTED;
    }
    gic->two_states = (ctlr & GICD_CTLR_DS) == 0;
    gic->typer = read(gic, GICD_TYPER);
    gic->nr_intids = umsi_gicv3_nr_intids(gic->typer);
    return UMSI_OK;
}

/*
 * Groups off before anything else: ARE may only go from 0 to 1 while they are, and a distributor that
 * firmware or a crashed kernel left running is quiesced by it.
 */
enum umsi_status umsi_gicv3_dist_route_by_affinity(struct umsi_gicv3 *gic)
{
    uint32_t ctlr = read(gic, GICD_CTLR) & ~(GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1);
    enum umsi_status st;

    write(gic, GICD_CTLR, ctlr);
    st = umsi_gicv3_dist_wait(gic);
    if (st != UMSI_OK) {
        return st;
    }
    write(gic, GICD_CTLR, ctlr | GICD_CTLR_ARE);
    st = umsi_gicv3_dist_wait(gic);
    if (st == UMSI_OK && (read(gic, GICD_CTLR) & GICD_CTLR_ARE) == 0) {
        umsi_log(gic->umsi, UMSI_LOG_ERROR,
                 "GICv3: affinity routing (GICD_CTLR.ARE) cannot be set");
        return UMSI_UNSUPPORTED;
    }
    return st;
}

/* Write a register of every 32, 16 or 4 SPIs. */
void umsi_gicv3_dist_fill(struct umsi_gicv3 *gic, uint32_t base, uint32_t bits, uint32_t value)
{
    for (uint32_t intid = GIC_FIRST_SPI; intid < gic->nr_intids; intid += 32 / bits) {
        write(gic, umsi_gicv3_field(base, bits, intid).offset, value);
    }
}

/* Disabled SPIs: idle, Group 1 (with two states IGROUPR is the Secure side's, and ignores this),
 * level-sensitive, to this CPU. */
static void settle_spis(struct umsi_gicv3 *gic)
{
    uint64_t self = umsi_sysreg_read(gic->umsi, UMSI_MPIDR_EL1);

    umsi_gicv3_dist_fill(gic, GICD_ICFGR, 2, 0);
    umsi_gicv3_dist_fill(gic, GICD_IGROUPR, 1, UINT32_MAX);
    umsi_gicv3_dist_fill(gic, GICD_IPRIORITYR, 8, GICV3_PRIORITY * 0x01010101u);
    umsi_gicv3_dist_fill(gic, GICD_ICPENDR, 1, UINT32_MAX);
    umsi_gicv3_dist_fill(gic, GICD_ICACTIVER, 1, UINT32_MAX);
    for (uint32_t intid = GIC_FIRST_SPI; intid < gic->nr_intids; intid++) {
        umsi_gicv3_dist_route(gic, intid, self);
    }
}

/* With DS 0 the Non-secure side reads IGROUPR as 0 (12.9); what took the write is the Secure side's. */
static void warn_if_secure(struct umsi_gicv3 *gic)
{
    uint32_t offset = umsi_gicv3_field(GICD_IGROUPR, 1, GIC_FIRST_SPI).offset;

    if (gic->two_states && gic->nr_intids > GIC_FIRST_SPI && read(gic, offset) != 0) {
        umsi_log(gic->umsi, UMSI_LOG_WARN,
                 "GICv3: GICD_IGROUPR1 can be written though DS is 0: is this the Secure side?");
    }
}

enum umsi_status umsi_gicv3_dist_start(struct umsi_gicv3 *gic)
{
    write(gic, GICD_CTLR, read(gic, GICD_CTLR) | GICD_CTLR_ARE | GICD_CTLR_EnableGrp1);
    return umsi_gicv3_dist_wait(gic);
}

enum umsi_status umsi_gicv3_dist_init(struct umsi_gicv3 *gic)
{
    enum umsi_status st = umsi_gicv3_dist_route_by_affinity(gic);

    if (st != UMSI_OK) {
        return st;
    }
    umsi_gicv3_dist_fill(gic, GICD_ICENABLER, 1, UINT32_MAX);
    st = umsi_gicv3_dist_wait(gic);
    if (st != UMSI_OK) {
        return st;
    }
    settle_spis(gic);
    warn_if_secure(gic);
    return umsi_gicv3_dist_start(gic);
}

void umsi_gicv3_dist_stop(struct umsi_gicv3 *gic)
{
    write(gic, GICD_CTLR, read(gic, GICD_CTLR) & ~GICD_CTLR_EnableGrp1);
    (void)umsi_gicv3_dist_wait(gic); /* logged; nobody is told of an interrupt any more */
}

/*
 * Is the SPI there, and ours? Of an INTID that is not implemented or belongs to the Secure side every field
 * reads 0; of ours the priority reads back, as 0xa0 needs only bits that every GIC has (4.8).
 */
bool umsi_gicv3_dist_owns(struct umsi_gicv3 *gic, uint32_t intid)
{
    struct umsi_gicv3_field f = umsi_gicv3_field(GICD_IPRIORITYR, 8, intid);

    return (read(gic, f.offset) >> f.shift & 0xFFu) == GICV3_PRIORITY;
}

/* While the SPI is disabled: changing it otherwise is UNPREDICTABLE. False: it does not stick. */
bool umsi_gicv3_dist_trigger(struct umsi_gicv3 *gic, uint32_t intid, bool level)
{
    struct umsi_gicv3_field f = umsi_gicv3_field(GICD_ICFGR, 2, intid);
    uint32_t edge = 2u << f.shift;
    uint32_t want = level ? 0 : edge;
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);
    uint32_t have;

    write(gic, f.offset, (read(gic, f.offset) & ~edge) | want);
    have = read(gic, f.offset) & edge;
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    return have == want;
}

/* Write one to the bit of an SPI in a set or clear register. */
void umsi_gicv3_dist_bit(struct umsi_gicv3 *gic, uint32_t base, uint32_t intid)
{
    struct umsi_gicv3_field f = umsi_gicv3_field(base, 1, intid);

    write(gic, f.offset, 1u << f.shift);
}

void umsi_gicv3_dist_route(struct umsi_gicv3 *gic, uint32_t intid, uint64_t affinity)
{
    umsi_write64(gic->umsi, gic->gicd, umsi_gicv3_irouter_offset(intid),
                 umsi_gicv3_irouter(affinity));
}
