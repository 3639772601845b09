/* SPDX-License-Identifier: MIT */
/*
 * Redistributors: each CPU, as it boots, shows its own the tables and sets EnableLPIs, then has every client
 * make it a target. One that goes offline leaves all that as it is, for when it comes back (L57). IHI0069 12.11.
 * Nothing is allocated here.
 */
#include "lpi.h"

#include "../../arch/barrier.h"
#include "gic_lpi_regs.h"

#define RWP_DEADLINE_US 1000000u

static bool wait_rwp(struct umsi *u, volatile void *rd)
{
    const uint64_t start = umsi_now(u);
    while ((umsi_read32(u, rd, GICR_CTLR) & GICR_CTLR_RWP) != 0) {
        if (umsi_now(u) - start > RWP_DEADLINE_US) {
            return false;
        }
        umsi_relax(u);
    }
    return true;
}

static void found_non_coherent(struct umsi_lpi *lpi)
{
    __atomic_store_n(&lpi->non_coherent, 1, __ATOMIC_RELAXED);
}

/*
 * Offer Inner Shareable, write-back; where that reads back as Non-shareable, the redistributor does not snoop:
 * say non-cacheable, and clean what it reads from now on (L33). Returns what the register reads then.
 */
static uint64_t set_base(struct umsi_lpi *lpi, volatile void *rd, uint32_t reg, uint64_t value)
{
    struct umsi *u = lpi->umsi;
    if (__atomic_load_n(&lpi->non_coherent, __ATOMIC_RELAXED) == 0) {
        umsi_write64(u, rd, reg, value | GICR_BASER_INNER_RAWAWB | GICR_BASER_INNER_SHARE);
        const uint64_t got = umsi_read64(u, rd, reg);
        if ((got & GICR_BASER_SHAREABILITY) != 0) {
            return got;
        }
        found_non_coherent(lpi);
    }
    umsi_write64(u, rd, reg, value | GICR_BASER_INNER_NC);
    return umsi_read64(u, rd, reg);
}

/* What was pending when a redistributor lost its power is old, and PTZ promises zeroes. It does not look now. */
static void clear_pending(struct umsi_lpi *lpi, umsi_cpu cpu)
{
    const struct umsi_dma *table = &lpi->pending[cpu];
    memset(table->va, 0, table->size);
    umsi_clean(lpi->umsi, table->va, table->size);
}

/* All that share it must have one value, whoever chose that (12.11 GICR_PROPBASER). */
static uint64_t set_config(struct umsi_lpi *lpi, volatile void *rd, uint64_t value)
{
    if (!UMSI_WITH_SLEEP || lpi->left == 0) {
        return set_base(lpi, rd, GICR_PROPBASER, value);
    }
    umsi_write64(lpi->umsi, rd, GICR_PROPBASER, lpi->left);
    return umsi_read64(lpi->umsi, rd, GICR_PROPBASER);
}

/* A table that was left is used until its redistributor lets it go. */
static umsi_bus pending_of(struct umsi_lpi *lpi, umsi_cpu cpu, bool keep)
{
    struct lpi_cpu *c = &lpi->cpu[cpu];
    if (!UMSI_WITH_SLEEP) { /* nor are there such tables */
        return lpi->pending[cpu].bus;
    }
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    c->left = keep ? c->left : 0;
    const umsi_bus at = c->left != 0 ? c->left : lpi->pending[cpu].bus;
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
    return at;
}

static enum umsi_status show_tables(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd,
                                    bool keep)
{
    const uint64_t ptz = keep ? 0 : GICR_PENDBASER_PTZ;
    const uint64_t config = lpi->config.bus | (lpi->bits - 1);
    if (!wait_rwp(lpi->umsi, rd)) {
        return UMSI_TIMEOUT;
    }
    if (lpi->cpu[cpu].rd != NULL && !keep) { /* it was online before */
        clear_pending(lpi, cpu);
    }
    const umsi_bus pending = pending_of(lpi, cpu, keep);
    const uint64_t prop = set_config(lpi, rd, config);
    const uint64_t pend = set_base(lpi, rd, GICR_PENDBASER, pending | ptz);
    if (((prop ^ config) & GICR_PROPBASER_ADDRESS) != 0 ||
        ((pend ^ pending) & GICR_PENDBASER_ADDRESS) != 0) {
        umsi_log(
            lpi->umsi, UMSI_LOG_ERROR,
            "lpi: cpu %u: GICR_PROPBASER 0x%lx, GICR_PENDBASER 0x%lx do not hold what was written",
            cpu, prop, pend);
        return UMSI_HARDWARE;
    }
    return UMSI_OK;
}

/* EnableLPIs is set already: fine when the redistributor looks at our own tables, as after CPU offline, or at those that
 * were left for us. */
static bool has_our_tables(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd)
{
    const uint64_t prop = umsi_read64(lpi->umsi, rd, GICR_PROPBASER);
    const uint64_t pend = umsi_read64(lpi->umsi, rd, GICR_PENDBASER);
    const umsi_bus at = pend & GICR_PENDBASER_ADDRESS;
    return (prop & GICR_PROPBASER_ADDRESS) == lpi->config.bus &&
           (at == lpi->pending[cpu].bus ||
            (UMSI_WITH_SLEEP && umsi_lpi_left_pending(lpi, cpu, at)));
}

static enum umsi_status enable(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd, uint32_t ctlr,
                               bool keep)
{
    const enum umsi_status st = show_tables(lpi, cpu, rd, keep);
    if (st != UMSI_OK) {
        return st;
    }
    umsi_mb(); /* the tables' contents before EnableLPIs */
    umsi_write32(lpi->umsi, rd, GICR_CTLR, ctlr | GICR_CTLR_ENABLE_LPIS);
    umsi_mb();
    const bool on = (umsi_read32(lpi->umsi, rd, GICR_CTLR) & GICR_CTLR_ENABLE_LPIS) != 0;
    return on ? UMSI_OK : UMSI_HARDWARE;
}

/* The kernel programmed the redistributor; it only remains to see whether it snoops. */
static enum umsi_status look(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd, bool on)
{
    if (!on) {
        umsi_log(lpi->umsi, UMSI_LOG_ERROR,
                 "lpi: cpu %u: EnableLPIs is 0, but the tables are the kernel's to set up", cpu);
        return UMSI_STATE;
    }
    if ((umsi_read64(lpi->umsi, rd, GICR_PROPBASER) & GICR_BASER_SHAREABILITY) == 0) {
        found_non_coherent(lpi);
    }
    return UMSI_OK;
}

enum umsi_status umsi_lpi_cpu_start(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd,
                                    bool keep)
{
    const uint32_t ctlr = umsi_read32(lpi->umsi, rd, GICR_CTLR);
    const bool on = (ctlr & GICR_CTLR_ENABLE_LPIS) != 0;
    if (!lpi->own_tables) {
        return look(lpi, cpu, rd, on);
    }
    if (!on) {
        return enable(lpi, cpu, rd, ctlr, keep);
    }
    if (!has_our_tables(lpi, cpu, rd)) {
        umsi_log(
            lpi->umsi, UMSI_LOG_ERROR,
            "lpi: cpu %u: EnableLPIs is already 1, GICR_PROPBASER 0x%lx, GICR_PENDBASER 0x%lx: "
            "reserve and hand over these tables, or boot with LPIs off",
            cpu, umsi_read64(lpi->umsi, rd, GICR_PROPBASER),
            umsi_read64(lpi->umsi, rd, GICR_PENDBASER));
        return UMSI_STATE;
    }
    return UMSI_OK;
}

/* ---- clients ---- */

void umsi_lpi_add_client(struct umsi_lpi *lpi, struct lpi_client *c)
{
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    struct lpi_client **at = &lpi->clients;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    c->next = NULL;
    *at = c;
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
}

static bool try_remove(struct umsi_lpi *lpi, struct lpi_client *c)
{
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    const bool idle = c->walkers == 0;
    struct lpi_client **at = &lpi->clients;
    while (idle && *at != NULL && *at != c) {
        at = &(*at)->next;
    }
    if (idle && *at == c) {
        *at = c->next;
    }
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
    return idle;
}

void umsi_lpi_remove_client(struct umsi_lpi *lpi, struct lpi_client *c)
{
    while (!try_remove(lpi, c)) {
        umsi_relax(lpi->umsi);
    }
}

/* The client after `c`, held; NULL starts, or says there is none. A held client stays in the list. */
static struct lpi_client *walk(struct umsi_lpi *lpi, struct lpi_client *c)
{
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    struct lpi_client *next = c == NULL ? lpi->clients : c->next;
    if (c != NULL) {
        c->walkers--;
    }
    if (next != NULL) {
        next->walkers++;
    }
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
    return next;
}

static void leave(struct umsi_lpi *lpi, struct lpi_client *c)
{
    const umsi_irqstate s = umsi_lock_take(lpi->umsi, &lpi->lock);
    c->walkers--;
    umsi_lock_drop(lpi->umsi, &lpi->lock, s);
}

static enum umsi_status tell_clients(struct umsi_lpi *lpi, umsi_cpu cpu)
{
    enum umsi_status st = UMSI_OK;
    for (struct lpi_client *c = walk(lpi, NULL); c != NULL; c = walk(lpi, c)) {
        const enum umsi_status one = c->cpu_online(c, cpu);
        if (st == UMSI_OK) {
            st = one;
        }
    }
    return st;
}

/* ---- a CPU's life ---- */

static enum umsi_status claim(struct umsi_lpi *lpi, umsi_cpu cpu)
{
    uint32_t off = LPI_CPU_OFF;
    const bool mine = __atomic_compare_exchange_n(&lpi->cpu[cpu].state, &off, LPI_CPU_STARTING,
                                                  false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return mine ? UMSI_OK : UMSI_EXISTS;
}

static enum umsi_status bring_up(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd,
                                 umsi_phys rd_phys)
{
    struct lpi_cpu *c = &lpi->cpu[cpu];
    const uint64_t typer = umsi_read64(lpi->umsi, rd, GICR_TYPER);
    if (c->rd != NULL && (c->rd_phys != rd_phys || c->processor != GICR_TYPER_PROCESSOR(typer))) {
        umsi_log(lpi->umsi, UMSI_LOG_ERROR, "lpi: cpu %u: another redistributor than before", cpu);
        return UMSI_INVALID; /* its collections name that one */
    }
    if ((typer & GICR_TYPER_PLPIS) == 0) {
        return UMSI_UNSUPPORTED;
    }
    const enum umsi_status st = umsi_lpi_cpu_start(lpi, cpu, rd, false);
    if (st != UMSI_OK) {
        return st;
    }
    c->rd = rd;
    c->rd_phys = rd_phys;
    c->processor = GICR_TYPER_PROCESSOR(typer);
    c->direct = (typer & GICR_TYPER_DIRECT_LPI) != 0 ||
                (umsi_read32(lpi->umsi, rd, GICR_CTLR) & GICR_CTLR_IR) != 0;
    __atomic_store_n(&c->state, LPI_CPU_ENABLED, __ATOMIC_RELEASE);
    return tell_clients(lpi, cpu);
}

enum umsi_status umsi_lpi_cpu_online(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd,
                                     umsi_phys rd_phys)
{
    if (lpi == NULL || rd == NULL || (rd_phys & 0xffff) != 0) {
        return UMSI_INVALID;
    }
    if (cpu >= lpi->umsi->port.nr_cpus) {
        return UMSI_RANGE;
    }
    enum umsi_status st = claim(lpi, cpu);
    if (st != UMSI_OK) {
        return st;
    }
    st = bring_up(lpi, cpu, rd, rd_phys);
    __atomic_store_n(&lpi->cpu[cpu].state, st == UMSI_OK ? LPI_CPU_ONLINE : LPI_CPU_OFF,
                     __ATOMIC_RELEASE);
    if (st == UMSI_OK) {
        umsi_set_cpu_online(lpi->umsi, cpu, true);
    }
    return st;
}

void umsi_lpi_cpu_offline(struct umsi_lpi *lpi, umsi_cpu cpu)
{
    uint32_t online = LPI_CPU_ONLINE;
    if (cpu >= lpi->umsi->port.nr_cpus ||
        !__atomic_compare_exchange_n(&lpi->cpu[cpu].state, &online, LPI_CPU_OFF, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        return;
    }
    if (!lpi->umsi->has_receiver) {
        umsi_set_cpu_online(lpi->umsi, cpu, false); /* else that is the GIC driver's to say */
    }
}

bool umsi_lpi_cpu_stop(struct umsi_lpi *lpi, umsi_cpu cpu)
{
    struct umsi *u = lpi->umsi;
    volatile void *rd = lpi->cpu[cpu].rd;
    if (rd == NULL) {
        return true;
    }
    const uint32_t ctlr = umsi_read32(u, rd, GICR_CTLR);
    umsi_write32(u, rd, GICR_CTLR, ctlr & ~GICR_CTLR_ENABLE_LPIS);
    umsi_mb();
    return wait_rwp(u, rd) && (umsi_read32(u, rd, GICR_CTLR) & GICR_CTLR_ENABLE_LPIS) == 0;
}

void umsi_lpi_invalidate(struct umsi_lpi *lpi, umsi_cpu cpu, uint32_t intid)
{
    const struct lpi_cpu *c = umsi_lpi_cpu(lpi, cpu);
    if (c == NULL) {
        return;
    }
    if (c->direct) {
        umsi_wmb(); /* the byte before the order to read it */
        umsi_write64(lpi->umsi, c->rd, GICR_INVLPIR, intid);
        return;
    }
    struct lpi_client *client = walk(lpi, NULL);
    while (client != NULL && !client->invalidate(client, cpu)) { /* one that can is enough */
        client = walk(lpi, client);
    }
    if (client != NULL) {
        leave(lpi, client);
    }
}
