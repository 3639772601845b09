/* SPDX-License-Identifier: MIT */
/*
 * Between a command and its SYNC, and the translation of a device's write. Commands see the tables as
 * earlier commands left them. Translations do not: until a SYNC names the redistributor concerned, they go
 * on with what was there before, as hardware may. IHI0069 5.2.2, 5.3 SYNC.
 */
#include <stdlib.h>

#include "machine.h"

void stale_add(struct its *its, const struct stale *s)
{
    its->stale = grow(its->stale, its->nr_stale, sizeof(*its->stale));
    its->stale[its->nr_stale++] = *s;
}

/* The value a translation uses: the oldest one that is not yet certain to be gone. */
static uint64_t as_translated(struct its *its, enum stale_kind kind, uint32_t device,
                              uint32_t event, uint64_t now)
{
    for (uint32_t i = 0; i < its->nr_stale; i++) {
        const struct stale *s = &its->stale[i];
        if (s->kind == kind && s->device == device && s->event == event) {
            return s->old;
        }
    }
    return now;
}

static void invalidate_everywhere(struct model *m, uint32_t intid)
{
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        if (gicr_lpis_on(&m->cpu[i])) {
            lpi_invalidate(m, &m->cpu[i], intid);
        }
    }
}

static void make_certain(struct its *its, const struct stale *s)
{
    struct model *m = its->m;
    struct cpu *c = s->cpu == UMSI_NO_CPU ? NULL : &m->cpu[s->cpu];
    switch (s->kind) {
    case STALE_CONFIG:
        invalidate_everywhere(m, s->event);
        break;
    case STALE_ALL_CONFIG:
        if (gicr_lpis_on(c)) {
            lpi_invalidate_all(m, c);
        }
        its->collection_ready[s->event] |= 4;
        break;
    case STALE_EVENT:
        if (s->old_intid != 0 && gicr_lpis_on(c)) {
            lpi_set_pending(m, c, s->old_intid, false);
        }
        break;
    default:
        break;
    }
}

void its_sync(struct its *its, uint32_t cpu)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < its->nr_stale; i++) {
        const struct stale s = its->stale[i];
        if (s.cpu == cpu || s.cpu == UMSI_NO_CPU || cpu == UMSI_NO_CPU) {
            make_certain(its, &s);
        } else {
            its->stale[kept++] = s;
        }
    }
    its->nr_stale = kept;
    held_release_unmapped(its);
}

/* ---- translation: IHI0069 5.2.2; what does not translate is dropped ---- */

bool its_translate(struct its *its, uint32_t device, uint32_t event)
{
    uint64_t dte, ite = 0, cte;
    if (table_device(its, device, &dte) != ENTRY_OK) {
        return false;
    }
    dte = as_translated(its, STALE_DEVICE, device, 0, dte);
    if ((dte & ENTRY_VALID) == 0 || !table_event(its, dte, event, &ite)) {
        return false;
    }
    ite = as_translated(its, STALE_EVENT, device, event, ite);
    uint32_t icid = table_ite_icid(ite), intid = table_ite_intid(ite);
    if ((ite & ENTRY_VALID) == 0 || table_collection(its, icid, &cte) != ENTRY_OK) {
        return false;
    }
    cte = as_translated(its, STALE_COLLECTION, 0, icid, cte);
    if ((cte & ENTRY_VALID) == 0) {
        return false;
    }
    struct cpu *cpu = &its->m->cpu[cte & 0xffff];
    if (!gicr_lpis_on(cpu) || intid < MODEL_LPI_BASE || intid >= gicr_intid_limit(its->m, cpu)) {
        return false;
    }
    lpi_set_pending(its->m, cpu, intid, true);
    return true;
}
