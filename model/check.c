/* SPDX-License-Identifier: MIT */
/* Looking at the machine from outside: is it settled, is it empty, what is mapped, what did it cost. */
#include <stdio.h>
#include <string.h>

#include "machine.h"

/* ---- settled: nothing under way, nothing half known ---- */

static void check_configs(struct model *m)
{
    for (uint32_t i = MODEL_LPI_BASE; i < 1u << m->cfg.id_bits; i++) {
        const struct owner *o = &m->owners[i];
        uint32_t intid, icid;
        umsi_cpu cpu;
        if (o->its == 0 || !model_its_event(m, o->its - 1, o->device, o->event, &intid, &icid) ||
            !model_its_collection(m, o->its - 1, icid, &cpu) || !gicr_lpis_on(&m->cpu[cpu])) {
            continue;
        }
        if (!lpi_config_current(m, &m->cpu[cpu], i)) {
            breach(m, m->cfg.non_coherent ? "L33" : "L28", "IHI0069 5.1.1",
                   "CPU %u does not act upon the byte of LPI %u as the driver wrote it", cpu, i);
        }
    }
}

static void name_stale(char *text, size_t size, const struct stale *s)
{
    switch (s->kind) {
    case STALE_DEVICE:
        (void)snprintf(text, size, "device %#x", s->device);
        break;
    case STALE_EVENT:
        (void)snprintf(text, size, "device %#x, event %u", s->device, s->event);
        break;
    case STALE_COLLECTION:
        (void)snprintf(text, size, "collection %u", s->event);
        break;
    case STALE_CONFIG:
        (void)snprintf(text, size, "configuration of LPI %u", s->event);
        break;
    case STALE_ALL_CONFIG:
        (void)snprintf(text, size, "configuration of all LPIs of CPU %u", s->cpu);
        break;
    }
}

static void check_queue(struct model *m, struct its *its)
{
    if ((its->ctlr & 1) == 0) {
        return;
    }
    if (its_has_work(its)) {
        breach(m, "L30", "IHI0069 5.2.8", "ITS %u: commands are outstanding", its->index);
    }
    if (its->stalled) {
        breach(m, "L31", "IHI0069 12.19 GITS_CREADR", "ITS %u is left stalled", its->index);
    }
    if (its->nr_stale != 0 && !its->stopped) {
        char what[64];
        name_stale(what, sizeof(what), &its->stale[0]);
        breach(m, "L30", "IHI0069 5.3 SYNC", "ITS %u: %u effects without a SYNC, the first: %s",
               its->index, its->nr_stale, what);
    }
}

void model_check_settled(struct model *m)
{
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        check_queue(m, &m->its[i]);
    }
    check_configs(m);
    if (m->locks_held != 0) {
        breach(m, "L55", "umsi/port.h", "%u locks are held", m->locks_held);
    }
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        if (m->cpu[i].icc.depth != 0) {
            breach(m, "L60", "IHI0069 4.1", "CPU %u has INTID %u not ended", i,
                   m->cpu[i].icc.running[m->cpu[i].icc.depth - 1].intid);
        }
    }
}

/* ---- shut down ---- */

/* Tables of redistributors that cannot be stopped may stay. */
static uint32_t tables_that_stay(struct model *m)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        n += gicr_lpis_on(&m->cpu[i]) && m->cfg.lpis_stay_enabled;
    }
    return n == 0 ? 0 : n + 1;
}

static void check_memory(struct model *m)
{
    struct model_counts c;
    model_get_counts(m, &c);
    uint32_t may_stay = tables_that_stay(m);
    if (c.devices != 0 || c.events != 0) {
        breach(m, "L36", "docs/LAWS.md", "%u devices and %u events are mapped at the end",
               c.devices, c.events);
    }
    if (c.allocs != 0 || (c.dma_blocks != 0 && c.dma_blocks > may_stay)) {
        breach(m, "L56", "docs/LAWS.md", "%u allocations and %u DMA blocks are left, %u may",
               c.allocs, c.dma_blocks, may_stay);
    }
    if (c.doorbells_mapped != 0) {
        breach(m, "L49", "docs/LAWS.md", "%u doorbells are left mapped", c.doorbells_mapped);
    }
}

void model_check_shutdown(struct model *m)
{
    model_check_settled(m);
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        if ((m->its[i].ctlr & 1) != 0) {
            breach(m, "L56", "docs/LAWS.md", "ITS %u is left enabled", i);
        }
    }
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        if (gicr_lpis_on(&m->cpu[i]) && !m->cfg.lpis_stay_enabled) {
            breach(m, "L56", "docs/LAWS.md", "EnableLPIs of CPU %u is left set", i);
        }
    }
    if (m->cfg.gicv2 && m->gicd_ctlr != 0) {
        breach(m, "L56", "docs/LAWS.md", "the distributor is left enabled");
    }
    imsic_check_shutdown(m);
    aplic_check_shutdown(m);
    check_memory(m);
}

/* ---- what the tables say ---- */

bool model_its_device(struct model *m, uint32_t its, uint32_t device, uint32_t *out_event_bits,
                      uint64_t *out_itt)
{
    uint64_t dte;
    if (table_device(&m->its[its], device, &dte) != ENTRY_OK || (dte & ENTRY_VALID) == 0) {
        return false;
    }
    *out_event_bits = table_dte_bits(dte);
    *out_itt = table_dte_itt(dte);
    return true;
}

bool model_its_event(struct model *m, uint32_t its, uint32_t device, uint32_t event,
                     uint32_t *out_intid, uint32_t *out_icid)
{
    uint64_t dte, ite;
    if (table_device(&m->its[its], device, &dte) != ENTRY_OK || (dte & ENTRY_VALID) == 0 ||
        !table_event(&m->its[its], dte, event, &ite) || (ite & ENTRY_VALID) == 0) {
        return false;
    }
    *out_intid = table_ite_intid(ite);
    *out_icid = table_ite_icid(ite);
    return true;
}

bool model_its_collection(struct model *m, uint32_t its, uint32_t icid, umsi_cpu *out_cpu)
{
    uint64_t cte;
    if (table_collection(&m->its[its], icid, &cte) != ENTRY_OK || (cte & ENTRY_VALID) == 0) {
        return false;
    }
    *out_cpu = (umsi_cpu)(cte & 0xffff);
    return true;
}

/* ---- counts ---- */

/* The order of events does not matter, their number and content do. */
static uint64_t mix(uint64_t v)
{
    v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9ull;
    v = (v ^ (v >> 27)) * 0x94d049bb133111ebull;
    return v ^ (v >> 31);
}

static void count_events(struct model *m, struct model_counts *out)
{
    for (uint32_t i = MODEL_LPI_BASE; i < 1u << m->cfg.id_bits; i++) {
        const struct owner *o = &m->owners[i];
        uint32_t intid, icid = 0;
        if (o->its != 0 && model_its_event(m, o->its - 1, o->device, o->event, &intid, &icid)) {
            out->events++;
            out->mapping += mix(mix(((uint64_t)o->device << 32) + o->event) +
                                ((uint64_t)icid << 32) + i + ((uint64_t)o->its << 56));
        }
    }
}

static void count_devices(const struct its *its, struct model_counts *out)
{
    for (uint32_t i = 0; i < its->nr_held; i++) {
        out->devices += !its->held[i].page && !its->held[i].unmapped;
    }
}

static void count_collections(struct model *m, uint32_t its, struct model_counts *out)
{
    umsi_cpu cpu;
    for (uint32_t icid = 0; icid < m->cfg.nr_cpus + 16; icid++) {
        out->collections += model_its_collection(m, its, icid, &cpu);
    }
}

void model_get_counts(struct model *m, struct model_counts *out)
{
    *out = (struct model_counts){ .allocs = m->mem.nr_chunks,
                                  .dma_blocks = m->mem.live_blocks,
                                  .alloc_bytes = m->mem.chunk_bytes,
                                  .dma_bytes = m->mem.dma_bytes,
                                  .locks_held = m->locks_held,
                                  .doorbells_mapped = m->nr_doorbells };
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        if (!its_quiet(&m->its[i])) {
            count_devices(&m->its[i], out);
            count_collections(m, i, out);
        }
    }
    count_events(m, out);
    v2m_count(m, out);
    imsic_count(m, out);
    aplic_count(m, out);
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        out->pending_lpis += m->cpu[i].lpis.nr_pending;
    }
}

void model_its_get_stats(struct model *m, uint32_t its, struct model_its_stats *out)
{
    const struct its *i = &m->its[its];
    *out = i->stats;
    out->enabled = (i->ctlr & 1) != 0;
    out->quiescent = its_quiet(i);
    out->stalled = i->stalled;
}

uint32_t model_its_log_size(struct model *m, uint32_t its)
{
    return m->its[its].nr_log;
}

const struct model_its_logged *model_its_log_at(struct model *m, uint32_t its, uint32_t i)
{
    return i < m->its[its].nr_log ? &m->its[its].log[i] : NULL;
}

void model_its_log_clear(struct model *m, uint32_t its)
{
    m->its[its].nr_log = 0;
}

void model_its_stall(struct model *m, uint32_t its, uint8_t opcode, uint32_t nth, bool for_good)
{
    struct its *i = &m->its[its];
    i->stall_opcode = opcode;
    i->stall_nth = nth;
    i->stall_more = 0;
    i->stall_for_good = for_good;
    i->stall_done = false;
}

void model_its_refuse(struct model *m, uint32_t its, uint8_t opcode, uint32_t nth, uint32_t times)
{
    model_its_stall(m, its, opcode, times == 0 ? 0 : nth, false);
    m->its[its].stall_more = times == 0 ? 0 : times - 1;
}

void model_its_stop(struct model *m, uint32_t its, bool stopped, bool never_quiet)
{
    struct its *i = &m->its[its];
    i->stopped = stopped;
    i->never_quiet = never_quiet;
    if (!stopped) {
        i->ready_at = m->now;
        its_work(i);
    }
}
