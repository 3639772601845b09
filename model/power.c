/* SPDX-License-Identifier: MIT */
/*
 * Power taken from parts of the machine, and what firmware or a kernel before this one left. What is reset to an
 * UNKNOWN value reads as something that hurts. IHI0069 5.1.2, 12.9, 12.11 (GICR_WAKER), 12.19.
 */
#include <string.h>

#include "machine.h"

#define BIT(n)      ((uint64_t)1 << (n))
#define BASER_FIXED ((7 * BIT(56)) | (0x1f * BIT(48)))
#define BASER_PLACE (BIT(63) | BIT(62) | (0xffffffffffffull & ~(3ull << 10)))
#define PEND_ADDR   (BIT(52) - BIT(16))

/* ---- what an ITS left in memory, when it was disabled ---- */

static uint64_t hash(struct model *m, uint64_t phys, uint64_t size)
{
    const uint8_t *p = memory_at(m, phys, size);
    uint64_t h = 0xcbf29ce484222325ull;
    for (uint64_t i = 0; p != NULL && i < size; i++) {
        h = (h ^ p[i]) * 0x100000001b3ull;
    }
    return p == NULL ? 0 : h;
}

void its_keep(struct its *its)
{
    for (unsigned n = 0; n < 8; n++) {
        its->kept[n].baser = its->baser[n];
        its->kept[n].hash = hash(its->m, table_baser_phys(its, n), table_baser_bytes(its, n));
    }
    for (uint32_t i = 0; i < its->nr_held; i++) {
        its->held[i].hash = hash(its->m, its->held[i].phys, its->held[i].size);
    }
}

bool its_kept_table(struct its *its, unsigned n)
{
    const uint64_t size = table_baser_bytes(its, n);
    return ((its->kept[n].baser ^ its->baser[n]) & BASER_PLACE) == 0 && size != 0 &&
           its->kept[n].hash == hash(its->m, table_baser_phys(its, n), size);
}

/* Pages and translation tables that the tables given lead to. */
void its_check_kept(struct its *its)
{
    for (uint32_t i = 0; i < its->nr_held; i++) {
        const struct held *h = &its->held[i];
        if (h->hash != hash(its->m, h->phys, h->size)) {
            breach(its->m, "L39", "IHI0069 5.2", "ITS %u: its %s at %#llx changed while it was off",
                   its->index, h->page ? "level 2 page" : "ITT", (unsigned long long)h->phys);
        }
    }
}

/* Collections inside the ITS that events are sent to: to be mapped again before anything else (L39). */
void its_owe_collections(struct its *its)
{
    for (uint32_t icid = 0; icid < its->cfg.hcc; icid++) {
        const bool used = its->collection_events[icid] != 0;
        its->owed[icid] = used && its->hcc[icid] != 0 ? its->hcc[icid] : its->owed[icid];
    }
}

void its_check_owed(struct its *its, const struct model_command *c)
{
    struct model *m = its->m;
    if (c->opcode == MODEL_MAPC && c->icid < its->cfg.hcc) {
        its->owed[c->icid] = 0;
    }
    if (c->opcode == MODEL_MAPC || c->opcode == MODEL_SYNC || c->opcode == MODEL_INVALL) {
        return;
    }
    for (uint32_t icid = 0; icid < its->cfg.hcc; icid++) {
        if (its->owed[icid] != 0 && gicr_lpis_on(&m->cpu[its->owed[icid] & 0xffff])) {
            breach(m, "L39", "IHI0069 5.2",
                   "%s before collection %u, which the ITS forgot, is mapped", c->name, icid);
            its->owed[icid] = 0;
        }
    }
}

/* ---- power ---- */

void model_its_power_off(struct model *m, uint32_t i)
{
    struct its *its = &m->its[i];
    if (!its_quiet(its)) {
        breach(m, "L39", "IHI0069 12.19 GITS_CTLR", "ITS %u loses its power, not quiescent", i);
    }
    its->ctlr = 0;
    its->cbaser = 0x5a5a5000;
    its->cwriter = its->creadr = 0x40;
    its->stalled = its->stall_done = false;
    for (unsigned n = 0; n < 8; n++) {
        const uint64_t fixed = its->baser[n] & BASER_FIXED;
        its->baser[n] = fixed == 0 ? 0 : fixed | 0x5a5a5007;
    }
    memset(its->hcc, 0, sizeof(its->hcc));
}

/* Nothing but the wire is still what it was. */
static void reset_irqs(struct irq *irqs, const struct irq *was, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        irqs[i].line = was[i].line;
    }
}

/* Pending LPIs that were not saved: the table still says what it said when EnableLPIs was set. */
static void lose_pending(struct model *m, struct cpu *c)
{
    const uint64_t limit = gicr_intid_limit(m, c);
    uint8_t *p = memory_at(m, c->pendbaser & PEND_ADDR, limit / 8);
    if (p != NULL) {
        memset(p + MODEL_LPI_BASE / 8, 0, (limit - MODEL_LPI_BASE) / 8);
    }
}

void model_gicr_power_off(struct model *m, umsi_cpu cpu, bool saved)
{
    struct cpu *c = &m->cpu[cpu];
    struct irq was[32];
    if (!m->cfg.two_security_states && (!c->sleep || m->now < c->awake_at)) {
        breach(m, "", "IHI0069 12.11 GICR_WAKER",
               "the redistributor of CPU %u loses its power before ChildrenAsleep is 1", cpu);
    }
    if (gicr_lpis_on(c)) {
        if (!saved) {
            lose_pending(m, c);
        }
        lpis_disable(m, c);
    }
    c->gicr_ctlr = 0;
    c->propbaser = c->pendbaser = 0;
    c->awake_at = c->rwp_until = c->lpis_off_at = m->now;
    memcpy(was, c->local, sizeof(was));
    gicr_reset(m, c);
    reset_irqs(c->local, was, 32);
}

void model_gicd_power_off(struct model *m)
{
    m->gicd_ctlr = 0;
    for (uint32_t i = 0; i < m->cfg.nr_spis; i++) {
        const struct irq was = m->spi[i];
        m->spi[i] = (struct irq){ .group1 = m->cfg.two_security_states };
        reset_irqs(&m->spi[i], &was, 1);
    }
}

void model_cpu_power_off(struct model *m, umsi_cpu cpu)
{
    cpuif_reset(&m->cpu[cpu].icc);
}

void model_power_off(struct model *m, bool saved)
{
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        model_its_power_off(m, i);
    }
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        model_gicr_power_off(m, i, saved);
        model_cpu_power_off(m, i);
    }
    model_gicd_power_off(m);
}

bool model_wake_request(struct model *m, umsi_cpu cpu)
{
    struct cpu *c = &m->cpu[cpu];
    return c->sleep && m->now >= c->awake_at && gicd_group1_on(m) &&
           cpuif_waiting(m, c) != MODEL_SPURIOUS;
}

/* ---- what was there before ---- */

void model_lpis_left(struct model *m, umsi_cpu cpu, const struct umsi_dma *config, uint32_t bits,
                     const struct umsi_dma *pending)
{
    struct cpu *c = &m->cpu[cpu];
    const uint64_t share = m->cfg.rd_not_shareable ? 0 : 7 * BIT(7) | BIT(10);
    c->propbaser = config->bus | share | (bits - 1);
    c->pendbaser = pending->bus | share;
    c->gicr_ctlr |= 1;
    lpis_enable(m, c);
}
