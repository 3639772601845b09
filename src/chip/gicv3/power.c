/* SPDX-License-Identifier: MIT */
/*
 * The GIC over a sleep of the machine, and a CPU that sleeps for a moment. IHI0069, 12.9 and 12.11.
 *
 * The distributor is left as it is: an SPI may be what wakes the machine. At the resume every register is brought to
 * what umsi's own records say, whether it kept its contents or not. What has them still is written the same again, and
 * nothing that became pending meanwhile is cleared.
 */
#include "internal.h"

/* ---- what is pending, of what hardware does not make pending by itself ---- */

/* The SPIs of a word of registers that are mapped, and edge-triggered. */
static uint32_t edges(struct umsi_gicv3 *gic, uint32_t word)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < 32; i++) {
        const struct umsi_irq *irq = umsi_gicv3_lookup(gic, 32 * word + i);
        bits |= irq != NULL && !umsi_irq_is_level(irq) ? 1u << i : 0;
    }
    return bits;
}

/* SGIs, and PPIs by what hardware says of them: their trigger may be fixed. */
static uint32_t local_edges(struct umsi_gicv3 *gic, const volatile void *rd)
{
    uint32_t icfgr = umsi_read32(gic->umsi, rd, GICR_ICFGR1), bits = 0xFFFFu;

    for (uint32_t i = 0; i < 16; i++) {
        bits |= (icfgr >> (2 * i + 1) & 1u) << (GIC_FIRST_PPI + i);
    }
    return bits;
}

static void save_pending(struct umsi_gicv3 *gic)
{
    for (uint32_t word = 1; 32 * word < gic->nr_intids; word++) {
        gic->pending[word] =
            umsi_read32(gic->umsi, gic->gicd, GICD_ISPENDR + 4 * word) & edges(gic, word);
    }
}

static void save_local_pending(struct umsi_gicv3 *gic, const volatile void *rd)
{
    gic->pending[0] = umsi_read32(gic->umsi, rd, GICR_ISPENDR0) & local_edges(gic, rd);
}

/* ---- the distributor ---- */

static uint32_t read_word(struct umsi_gicv3 *gic, uint32_t base, uint32_t word)
{
    return umsi_read32(gic->umsi, gic->gicd, base + 4 * word);
}

static void write_word(struct umsi_gicv3 *gic, uint32_t base, uint32_t word, uint32_t bits)
{
    if (bits != 0) {
        umsi_write32(gic->umsi, gic->gicd, base + 4 * word, bits);
    }
}

/* What is on and not wanted. */
static enum umsi_status disable_strays(struct umsi_gicv3 *gic)
{
    for (uint32_t word = 1; 32 * word < gic->nr_intids; word++) {
        write_word(gic, GICD_ICENABLER, word,
                   read_word(gic, GICD_ISENABLER, word) & ~gic->wanted[word]);
    }
    return umsi_gicv3_dist_wait(gic);
}

static bool has_trigger(struct umsi_gicv3 *gic, uint32_t intid, bool level)
{
    struct umsi_gicv3_field f = umsi_gicv3_field(GICD_ICFGR, 2, intid);
    bool edge = (umsi_read32(gic->umsi, gic->gicd, f.offset) >> f.shift & 2u) != 0;

    return edge != level;
}

/* An SPI's trigger and route change while it is disabled only. */
static enum umsi_status restore_spi(struct umsi_gicv3 *gic, const struct umsi_irq *irq,
                                    uint32_t intid)
{
    uint64_t affinity = irq->cpu < gic->umsi->port.nr_cpus ? gic->cpus[irq->cpu].affinity : 0;
    uint64_t route = umsi_read64(gic->umsi, gic->gicd, umsi_gicv3_irouter_offset(intid));
    bool level = umsi_irq_is_level(irq);
    enum umsi_status st;

    if (has_trigger(gic, intid, level) && route == umsi_gicv3_irouter(affinity)) {
        return UMSI_OK;
    }
    umsi_gicv3_dist_bit(gic, GICD_ICENABLER, intid);
    st = umsi_gicv3_dist_wait(gic);
    if (st == UMSI_OK && !umsi_gicv3_dist_trigger(gic, intid, level)) {
        st = UMSI_HARDWARE;
    }
    if (st == UMSI_OK) {
        umsi_gicv3_dist_route(gic, intid, affinity);
    }
    return st;
}

static enum umsi_status restore_spis(struct umsi_gicv3 *gic)
{
    enum umsi_status st = UMSI_OK;

    umsi_gicv3_dist_fill(gic, GICD_IGROUPR, 1, UINT32_MAX);
    umsi_gicv3_dist_fill(gic, GICD_IPRIORITYR, 8, GICV3_PRIORITY * 0x01010101u);
    for (uint32_t intid = GIC_FIRST_SPI; intid < gic->nr_intids && st == UMSI_OK; intid++) {
        const struct umsi_irq *irq = umsi_gicv3_lookup(gic, intid);
        st = irq != NULL ? restore_spi(gic, irq, intid) : UMSI_OK;
    }
    return st;
}

/* Pending ones before enabled ones, so that none is taken twice. Once: a second resume finds them taken. */
static void restore_states(struct umsi_gicv3 *gic)
{
    for (uint32_t word = 1; 32 * word < gic->nr_intids; word++) {
        write_word(gic, GICD_ISPENDR, word, gic->pending[word]);
        gic->pending[word] = 0;
        write_word(gic, GICD_ISENABLER, word, gic->wanted[word]);
    }
}

static enum umsi_status restore_dist(struct umsi_gicv3 *gic)
{
    const uint32_t need = GICD_CTLR_ARE | GICD_CTLR_EnableGrp1;
    enum umsi_status st = UMSI_OK;

    if ((umsi_read32(gic->umsi, gic->gicd, GICD_CTLR) & need) != need) {
        st = umsi_gicv3_dist_route_by_affinity(gic);
    }
    if (st == UMSI_OK) {
        st = disable_strays(gic);
    }
    if (st == UMSI_OK) {
        st = restore_spis(gic);
    }
    if (st == UMSI_OK) {
        restore_states(gic);
        st = umsi_gicv3_dist_start(gic);
    }
    return st;
}

/* ---- this CPU's redistributor and interface ---- */

static uint32_t local_enabled(const struct umsi_gicv3 *gic, const struct umsi_gicv3_cpu *c)
{
    return c->local_wanted & ~gic->local_masked;
}

/* It has lost its registers when other SGIs and PPIs are enabled than should be. */
static enum umsi_status restore_local(struct umsi_gicv3 *gic, const struct umsi_gicv3_cpu *c)
{
    const uint32_t on = umsi_read32(gic->umsi, c->rd, GICR_ISENABLER0);
    enum umsi_status st = UMSI_OK;
    umsi_irqstate s;

    if (on != local_enabled(gic, c)) {
        st = umsi_gicv3_redist_quiet(gic, c->rd);
    }
    if (st != UMSI_OK) {
        return st;
    }
    umsi_gicv3_redist_group(gic, c->rd);
    s = umsi_lock_take(gic->umsi, &gic->lock);
    umsi_gicv3_local_triggers(gic, c->rd);
    umsi_write32(gic->umsi, c->rd, GICR_ISPENDR0, gic->pending[0]);
    gic->pending[0] = 0;
    umsi_write32(gic->umsi, c->rd, GICR_ISENABLER0, local_enabled(gic, c));
    umsi_lock_drop(gic->umsi, &gic->lock, s);
    return UMSI_OK;
}

static enum umsi_status open_interface(struct umsi_gicv3 *gic, const struct umsi_gicv3_cpu *c)
{
    enum umsi_status st = umsi_gicv3_cpu_if_claim(gic);

    return st == UMSI_OK ? umsi_gicv3_cpu_if_open(gic, c->affinity) : st;
}

static enum umsi_status close_interface(struct umsi_gicv3 *gic, const struct umsi_gicv3_cpu *c)
{
    umsi_gicv3_cpu_if_close(gic);
    return umsi_gicv3_redist_sleep(gic, c->rd);
}

static struct umsi_gicv3_cpu *this_cpu(struct umsi_gicv3 *gic)
{
    return umsi_gicv3_online_cpu(gic, umsi_cpu_self(gic->umsi));
}

/* ---- the machine sleeps ---- */

enum umsi_status umsi_gicv3_suspend(struct umsi_domain *d)
{
    struct umsi_gicv3 *gic = d->data;
    const struct umsi_gicv3_cpu *c = this_cpu(gic);

    save_pending(gic);
    if (c == NULL) {
        return UMSI_OK;
    }
    save_local_pending(gic, c->rd);
    return close_interface(gic, c);
}

enum umsi_status umsi_gicv3_resume(struct umsi_domain *d)
{
    struct umsi_gicv3 *gic = d->data;
    const struct umsi_gicv3_cpu *c = this_cpu(gic);
    enum umsi_status st = restore_dist(gic);

    if (st == UMSI_OK && c != NULL) {
        st = umsi_gicv3_redist_wake(gic, c->rd);
    }
    if (st == UMSI_OK && c != NULL) {
        st = restore_local(gic, c);
    }
    return st == UMSI_OK && c != NULL ? open_interface(gic, c) : st;
}

/* ---- a CPU sleeps ---- */

enum umsi_status umsi_gicv3_cpu_sleep(struct umsi_gicv3 *gic)
{
    const struct umsi_gicv3_cpu *c = this_cpu(gic);
    enum umsi_status st = c != NULL ? close_interface(gic, c) : UMSI_STATE;

    if (st != UMSI_OK && c != NULL) {
        umsi_ignore(umsi_gicv3_cpu_wake(gic)); /* the caller learns why it did not sleep */
    }
    return st;
}

enum umsi_status umsi_gicv3_cpu_wake(struct umsi_gicv3 *gic)
{
    const struct umsi_gicv3_cpu *c = this_cpu(gic);
    enum umsi_status st = c != NULL ? umsi_gicv3_redist_wake(gic, c->rd) : UMSI_STATE;

    return st == UMSI_OK ? open_interface(gic, c) : st;
}
