/* SPDX-License-Identifier: MIT */
/*
 * The CPU interface, in memory: opening and closing it on this CPU, and the hot path, acknowledge and end.
 * IHI0048B 3.2 and 4.4.
 *
 * Everything has one priority, so until an interrupt is ended the running priority blocks the next one, and a CPU
 * has never more than one acknowledged. EOImode is 0: one write to GICC_EOIR drops the priority and deactivates.
 */
#include "../../arch/barrier.h"
#include "internal.h"

static uint32_t read(struct umsi_gicv2 *gic, uint32_t offset)
{
    return umsi_read32(gic->umsi, gic->gicc, offset);
}

static void write(struct umsi_gicv2 *gic, uint32_t offset, uint32_t value)
{
    umsi_write32(gic->umsi, gic->gicc, offset, value);
}

/* While firmware keeps GICC_PMR in the Secure half, Non-secure writes are ignored and it reads 0 (4.4.2). */
static enum umsi_status set_mask(struct umsi_gicv2 *gic)
{
    uint32_t pmr;

    write(gic, GICC_PMR, GICV2_PMR);
    pmr = read(gic, GICC_PMR);
    if (pmr > GICV2_PRIORITY) {
        return UMSI_OK;
    }
    umsi_log(gic->umsi, UMSI_LOG_ERROR,
             "GICv2: GICC_PMR stays %x: firmware keeps the priority mask", pmr);
    return UMSI_UNSUPPORTED;
}

/* Active priorities a former owner left would block ours for ever. Of the four registers those that are not
 * implemented ignore writes. */
enum umsi_status umsi_gicv2_cpu_if_open(struct umsi_gicv2 *gic)
{
    uint32_t bypass = read(gic, GICC_CTLR) & GICC_CTLR_Bypass;
    enum umsi_status st;

    write(gic, GICC_CTLR, bypass);
    st = set_mask(gic);
    if (st != UMSI_OK) {
        return st;
    }
    write(gic, GICC_BPR, 0); /* becomes the lowest that is implemented */
    for (uint32_t i = 0; i < 4; i++) {
        write(gic, GICC_APR + 4 * i, 0);
    }
    write(gic, GICC_CTLR, bypass | GICC_CTLR_Enable);
    return UMSI_OK;
}

void umsi_gicv2_cpu_if_close(struct umsi_gicv2 *gic)
{
    write(gic, GICC_CTLR, read(gic, GICC_CTLR) & GICC_CTLR_Bypass);
    (void)read(gic, GICC_CTLR);
    umsi_mb(); /* nothing is signalled to this CPU from here on */
}

/* ---- the hot path ---- */

/* Who sent it is part of an SGI's name (4.4.4, 4.4.5). Many GICs cannot disable SGIs: one this CPU does not want
 * is ended here. */
static bool admit_sgi(struct umsi_gicv2 *gic, uint32_t iar)
{
    uint32_t sgi = umsi_gicv2_iar_intid(iar);
    struct umsi_gicv2_cpu *c = &gic->cpus[umsi_cpu_self(gic->umsi)];

    if (umsi_gicv2_local_admits(gic, c, sgi)) {
        c->sgi_sender = umsi_gicv2_iar_sender(iar);
        return true;
    }
    write(gic, GICC_EOIR, umsi_gicv2_eoir(sgi, umsi_gicv2_iar_sender(iar)));
    return false;
}

/* The barrier makes the acknowledge known to the distributor, so that a device the handler quiets is not seen
 * pending again, and keeps the handler's loads from running ahead of it. */
static uint32_t acknowledge(void *arg)
{
    struct umsi_gicv2 *gic = arg;
    uint32_t iar, intid;

    if (__atomic_load_n(&gic->local_stale, __ATOMIC_RELAXED) != 0) {
        umsi_gicv2_local_refresh(gic);
    }
    do {
        iar = read(gic, GICC_IAR);
        intid = umsi_gicv2_iar_intid(iar);
        if (intid >= GIC_FIRST_SPECIAL) {
            return UMSI_NO_HWIRQ; /* nothing, or another group's: never ended */
        }
    } while (intid < GIC_FIRST_PPI && !admit_sgi(gic, iar));
    umsi_mb();
    return intid;
}

static void end(void *arg, uint32_t hwirq)
{
    struct umsi_gicv2 *gic = arg;
    uint32_t sender = 0;

    if (hwirq < GIC_FIRST_PPI) {
        sender = gic->cpus[umsi_cpu_self(gic->umsi)].sgi_sender;
    }
    write(gic, GICC_EOIR, umsi_gicv2_eoir(hwirq, sender));
}

struct umsi_receiver umsi_gicv2_receiver(struct umsi_gicv2 *gic)
{
    return (struct umsi_receiver){ acknowledge, end, gic };
}
