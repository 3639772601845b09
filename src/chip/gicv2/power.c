/* SPDX-License-Identifier: MIT */
/*
 * The GIC over a sleep of the machine. The distributor is left as it is: an SPI may be what wakes it. At the resume
 * every register is brought to what umsi's own records say, whether it kept its contents or not, and nothing that
 * became pending meanwhile is cleared. IHI0048B 4.3.
 */
#include "../../core/irq.h"
#include "internal.h"

static uint32_t read(struct umsi_gicv2 *gic, uint32_t offset)
{
    return umsi_read32(gic->umsi, gic->gicd, offset);
}

static void write(struct umsi_gicv2 *gic, uint32_t offset, uint32_t bits)
{
    if (bits != 0) {
        umsi_write32(gic->umsi, gic->gicd, offset, bits);
    }
}

/* ---- what is pending, of what hardware does not make pending by itself ---- */

/* The SPIs of a word of registers that are mapped, and edge-triggered. */
static uint32_t edges(struct umsi_gicv2 *gic, uint32_t word)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < 32; i++) {
        const struct umsi_irq *irq = umsi_gicv2_lookup(gic, 32 * word + i);
        bits |= irq != NULL && !umsi_irq_is_level(irq) ? 1u << i : 0;
    }
    return bits;
}

/* PPIs by what hardware says of them: their trigger may be fixed (4.3.13). */
static uint32_t local_edges(struct umsi_gicv2 *gic)
{
    uint32_t icfgr = read(gic, GICD_ICFGR + 4), bits = 0;

    for (uint32_t i = 0; i < 16; i++) {
        bits |= (icfgr >> (2 * i + 1) & 1u) << (GIC_FIRST_PPI + i);
    }
    return bits;
}

/* SGIs have registers of their own, which say who sent them (4.3.17). */
static void save_pending(struct umsi_gicv2 *gic)
{
    gic->pending[0] = read(gic, GICD_ISPENDR) & local_edges(gic);
    for (uint32_t word = 1; 32 * word < gic->nr_intids; word++) {
        gic->pending[word] = read(gic, GICD_ISPENDR + 4 * word) & edges(gic, word);
    }
    for (uint32_t i = 0; i < 4; i++) {
        gic->senders[i] = read(gic, GICD_SPENDSGIR + 4 * i);
    }
}

static void restore_pending(struct umsi_gicv2 *gic)
{
    for (uint32_t word = 0; 32 * word < gic->nr_intids; word++) {
        write(gic, GICD_ISPENDR + 4 * word, gic->pending[word]);
    }
    for (uint32_t i = 0; i < 4; i++) {
        write(gic, GICD_SPENDSGIR + 4 * i, gic->senders[i]);
    }
}

/* ---- SPIs ---- */

/* What is on and not wanted. */
static void disable_strays(struct umsi_gicv2 *gic)
{
    for (uint32_t word = 1; 32 * word < gic->nr_intids; word++) {
        write(gic, GICD_ICENABLER + 4 * word,
              read(gic, GICD_ISENABLER + 4 * word) & ~gic->wanted[word]);
    }
}

static bool has_trigger(struct umsi_gicv2 *gic, uint32_t intid, bool level)
{
    struct umsi_gicv2_field f = umsi_gicv2_field(GICD_ICFGR, 2, intid);
    bool edge = (read(gic, f.offset) >> f.shift & 2u) != 0;

    return edge != level;
}

/* A trigger changes while its SPI is disabled only (4.3.13). */
static enum umsi_status restore_spi(struct umsi_gicv2 *gic, const struct umsi_irq *irq,
                                    uint32_t intid)
{
    umsi_cpu cpu = umsi_irq_cpu(irq);
    uint32_t target = cpu < gic->umsi->port.nr_cpus ? gic->cpus[cpu].target : 0;
    bool level = umsi_irq_is_level(irq);

    if (!has_trigger(gic, intid, level)) {
        umsi_gicv2_dist_bit(gic, GICD_ICENABLER, intid);
        if (!umsi_gicv2_dist_trigger(gic, intid, level)) {
            return UMSI_HARDWARE;
        }
    }
    umsi_gicv2_dist_route(gic, intid, target != 0 ? target : umsi_gicv2_dist_self(gic));
    return UMSI_OK;
}

static enum umsi_status restore_spis(struct umsi_gicv2 *gic)
{
    enum umsi_status st = UMSI_OK;

    disable_strays(gic);
    umsi_gicv2_dist_fill(gic, GICD_IGROUPR, 1, 0);
    umsi_gicv2_dist_fill(gic, GICD_IPRIORITYR, 8, GICV2_PRIORITY * 0x01010101u);
    for (uint32_t intid = GIC_FIRST_SPI; intid < gic->nr_intids && st == UMSI_OK; intid++) {
        const struct umsi_irq *irq = umsi_gicv2_lookup(gic, intid);
        st = irq != NULL ? restore_spi(gic, irq, intid) : UMSI_OK;
    }
    return st;
}

static void enable_spis(struct umsi_gicv2 *gic)
{
    for (uint32_t word = 1; 32 * word < gic->nr_intids; word++) {
        write(gic, GICD_ISENABLER + 4 * word, gic->wanted[word]);
    }
    write(gic, GICD_CTLR, GICD_CTLR_Enable);
}

/* ---- this CPU ---- */

static struct umsi_gicv2_cpu *this_cpu(struct umsi_gicv2 *gic)
{
    return umsi_gicv2_online_cpu(gic, umsi_cpu_self(gic->umsi));
}

/* Its triggers are written again: what its registers hold is not known. */
static void restore_local(struct umsi_gicv2 *gic, struct umsi_gicv2_cpu *c)
{
    umsi_irqstate s;

    umsi_gicv2_local_group(gic);
    s = umsi_lock_take(gic->umsi, &gic->lock);
    c->edge = ~gic->local_edge;
    umsi_gicv2_local_apply(gic, c);
    umsi_lock_drop(gic->umsi, &gic->lock, s);
}

/* ---- the machine sleeps ---- */

enum umsi_status umsi_gicv2_suspend(struct umsi_domain *d)
{
    struct umsi_gicv2 *gic = d->data;

    save_pending(gic);
    if (this_cpu(gic) != NULL) {
        umsi_gicv2_cpu_if_close(gic);
    }
    return UMSI_OK;
}

/* What was pending comes back before the CPU interface opens: with its trigger, and once. */
enum umsi_status umsi_gicv2_resume(struct umsi_domain *d)
{
    struct umsi_gicv2 *gic = d->data;
    struct umsi_gicv2_cpu *c = this_cpu(gic);
    enum umsi_status st = restore_spis(gic);

    if (st != UMSI_OK) {
        return st;
    }
    if (c != NULL) {
        restore_local(gic, c);
    }
    restore_pending(gic);
    enable_spis(gic);
    return c != NULL ? umsi_gicv2_cpu_if_open(gic) : UMSI_OK;
}
