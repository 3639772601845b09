/* SPDX-License-Identifier: MIT */
/* The distributor: what it is, a clean start, and the fields of single SPIs. IHI0048B, 4.3. */
#include "../../arch/barrier.h"
#include "internal.h"

static uint32_t read(struct umsi_gicv2 *gic, uint32_t offset)
{
    return umsi_read32(gic->umsi, gic->gicd, offset);
}

static void write(struct umsi_gicv2 *gic, uint32_t offset, uint32_t value)
{
    umsi_write32(gic->umsi, gic->gicd, offset, value);
}

/* Hypervisors leave out the one identification register, some emulators the other. */
static bool is_gicv2(struct umsi_gicv2 *gic)
{
    uint32_t pidr2 = read(gic, GICD_ICPIDR2), iidr = umsi_read32(gic->umsi, gic->gicc, GICC_IIDR);

    if (GICD_ICPIDR2_ArchRev(pidr2) == GIC_ArchRev_v2 ||
        (GICD_ICPIDR2_ArchRev(pidr2) == 0 && GICC_IIDR_Architecture(iidr) == GIC_ArchRev_v2)) {
        return true;
    }
    umsi_log(gic->umsi, UMSI_LOG_ERROR, "GICv2: not one: GICD_ICPIDR2 %x, GICC_IIDR %x", pidr2,
             iidr);
    return false;
}

enum umsi_status umsi_gicv2_dist_probe(struct umsi_gicv2 *gic)
{
    if (!is_gicv2(gic)) {
        return UMSI_UNSUPPORTED;
    }
    gic->typer = read(gic, GICD_TYPER);
    gic->two_states = (gic->typer & GICD_TYPER_SecurityExtn) != 0;
    gic->nr_intids = umsi_gicv2_nr_intids(gic->typer);
    return UMSI_OK;
}

/* Write a register of every 32, 16 or 4 SPIs. */
void umsi_gicv2_dist_fill(struct umsi_gicv2 *gic, uint32_t base, uint32_t bits, uint32_t value)
{
    for (uint32_t intid = GIC_FIRST_SPI; intid < gic->nr_intids; intid += 32 / bits) {
        write(gic, umsi_gicv2_field(base, bits, intid).offset, value);
    }
}

/*
 * With two Security states GICD_IGROUPR is the Secure side's, and reads as zero here (4.3.4). Where it does not,
 * this is the Secure side, whose SPIs are shared with a system that umsi must not take them from.
 */
static bool secure_side(struct umsi_gicv2 *gic)
{
    uint32_t groups;

    if (!gic->two_states || gic->nr_intids == GIC_FIRST_SPI) {
        return false;
    }
    groups = read(gic, GICD_IGROUPR + 4);
    write(gic, GICD_IGROUPR + 4, ~groups);
    if (read(gic, GICD_IGROUPR + 4) == 0 && groups == 0) {
        return false;
    }
    write(gic, GICD_IGROUPR + 4, groups);
    umsi_log(gic->umsi, UMSI_LOG_ERROR, "GICv2: the Secure side is not supported");
    return true;
}

/* Disabled SPIs: idle, level-sensitive, in the group that GICD_CTLR_Enable is about, to this CPU. */
static void settle_spis(struct umsi_gicv2 *gic)
{
    umsi_gicv2_dist_fill(gic, GICD_ICENABLER, 1, UINT32_MAX);
    umsi_gicv2_dist_fill(gic, GICD_ICFGR, 2, 0);
    umsi_gicv2_dist_fill(gic, GICD_IGROUPR, 1, 0);
    umsi_gicv2_dist_fill(gic, GICD_IPRIORITYR, 8, GICV2_PRIORITY * 0x01010101u);
    umsi_gicv2_dist_fill(gic, GICD_ITARGETSR, 8, umsi_gicv2_dist_self(gic) * 0x01010101u);
    umsi_gicv2_dist_fill(gic, GICD_ICPENDR, 1, UINT32_MAX);
    umsi_gicv2_dist_fill(gic, GICD_ICACTIVER, 1, UINT32_MAX);
}

/* Off before anything else: one that firmware or a crashed kernel left running is quiesced by it. */
enum umsi_status umsi_gicv2_dist_init(struct umsi_gicv2 *gic)
{
    if (secure_side(gic)) {
        return UMSI_UNSUPPORTED;
    }
    write(gic, GICD_CTLR, 0);
    settle_spis(gic);
    write(gic, GICD_CTLR, GICD_CTLR_Enable);
    return UMSI_OK;
}

void umsi_gicv2_dist_stop(struct umsi_gicv2 *gic)
{
    write(gic, GICD_CTLR, 0);
}

/* Each of the first 32 fields of GICD_ITARGETSR is either zero or the one bit of who reads it (4.3.12); a GIC with
 * one CPU interface has none. */
uint32_t umsi_gicv2_dist_self(struct umsi_gicv2 *gic)
{
    uint32_t target = 0;

    if (GICD_TYPER_CPUNumber(gic->typer) == 0) {
        return 1;
    }
    for (uint32_t intid = 0; intid < GIC_FIRST_SPI && target == 0; intid += 4) {
        target = umsi_gicv2_own_target(read(gic, GICD_ITARGETSR + intid));
    }
    return (target & (target - 1)) == 0 ? target : 0;
}

/* Of an INTID that is not implemented or belongs to the Secure side every field reads 0; of ours the priority
 * reads back, as 0xa0 needs only bits that every GIC has. */
bool umsi_gicv2_dist_owns(struct umsi_gicv2 *gic, uint32_t intid)
{
    struct umsi_gicv2_field f = umsi_gicv2_field(GICD_IPRIORITYR, 8, intid);

    return (read(gic, f.offset) >> f.shift & 0xFFu) == GICV2_PRIORITY;
}

/* While the SPI is disabled: changing it otherwise is UNPREDICTABLE (4.3.13). False: it does not stick. */
bool umsi_gicv2_dist_trigger(struct umsi_gicv2 *gic, uint32_t intid, bool level)
{
    struct umsi_gicv2_field f = umsi_gicv2_field(GICD_ICFGR, 2, intid);
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
void umsi_gicv2_dist_bit(struct umsi_gicv2 *gic, uint32_t base, uint32_t intid)
{
    struct umsi_gicv2_field f = umsi_gicv2_field(base, 1, intid);

    write(gic, f.offset, 1u << f.shift);
}

/* At any time: what is pending goes where the field says now, what is active stays where it is (4.3.12). */
void umsi_gicv2_dist_route(struct umsi_gicv2 *gic, uint32_t intid, uint32_t target)
{
    struct umsi_gicv2_field f = umsi_gicv2_field(GICD_ITARGETSR, 8, intid);
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    write(gic, f.offset, (read(gic, f.offset) & ~(0xFFu << f.shift)) | target << f.shift);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

void umsi_gicv2_dist_want(struct umsi_gicv2 *gic, uint32_t intid, bool on)
{
    uint32_t bit = 1u << (intid % 32), *word = &gic->wanted[intid / 32];

    *word = on ? *word | bit : *word & ~bit;
    umsi_wmb(); /* a handler that is let in finds what was written before */
    umsi_gicv2_dist_bit(gic, on ? GICD_ISENABLER : GICD_ICENABLER, intid);
}

void umsi_gicv2_dist_enable(struct umsi_gicv2 *gic, uint32_t intid, bool on)
{
    umsi_irqstate s = umsi_lock_take(gic->umsi, &gic->lock);

    umsi_gicv2_dist_want(gic, intid, on);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

void umsi_gicv2_dist_disable(struct umsi_gicv2 *gic, uint32_t intid)
{
    struct umsi_gicv2_field f = umsi_gicv2_field(GICD_ICENABLER, 1, intid);

    umsi_gicv2_dist_enable(gic, intid, false);
    (void)read(gic,
               f.offset); /* there is nothing to poll; the write has arrived when this returns */
    umsi_mb();
}
