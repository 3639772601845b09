/* SPDX-License-Identifier: MIT */
/* What ITS commands do, and what they must not be asked to do. IHI0069 5.3. */
#include <stdlib.h>

#include "machine.h"

#define BIT(n) ((uint64_t)1 << (n))

static bool illegal(struct its *its, const struct model_command *c, const char *law,
                    const char *why)
{
    char line[96];
    static const char *const section = "IHI0069 5.3";
    model_command_print(c, line, sizeof(line));
    breach(its->m, law, section, "%s: %s", line, why);
    return false;
}

/* Against a contract, not against the specification: recorded and done. */
static void unwise(struct its *its, const struct model_command *c, const char *law, const char *why)
{
    (void)illegal(its, c, law, why);
}

/* ---- what commands have in common ---- */

static struct cpu *target(struct its *its, uint64_t rdbase)
{
    struct model *m = its->m;
    if (!its->cfg.pta) {
        return model_cpu_by_frame(m, rdbase);
    }
    uint64_t phys = rdbase << 16;
    if (phys < GICR_PHYS || (phys - GICR_PHYS) % gicr_stride(m) != 0) {
        return NULL;
    }
    return model_cpu_by_frame(m, (phys - GICR_PHYS) / gicr_stride(m));
}

static struct cpu *cpu_of_collection(struct its *its, uint32_t icid)
{
    uint64_t cte;
    if (table_collection(its, icid, &cte) != ENTRY_OK || (cte & ENTRY_VALID) == 0) {
        return NULL;
    }
    return &its->m->cpu[cte & 0xffff];
}

static bool find_device(struct its *its, const struct model_command *c, uint64_t *out_dte)
{
    switch (table_device(its, c->device, out_dte)) {
    case ENTRY_OK:
        return true;
    case ENTRY_RANGE:
        return illegal(its, c, "L20", "DeviceID out of range (_DEVICE_OOR)");
    case ENTRY_NO_PAGE:
        return illegal(its, c, "L20", "no level 2 page for this DeviceID");
    default:
        return illegal(its, c, "L20", "no device table");
    }
}

/* DeviceID mapped, EventID within its ITT; *out_ite is what is there. */
static bool find_event(struct its *its, const struct model_command *c, uint64_t *out_dte,
                       uint64_t *out_ite)
{
    if (!find_device(its, c, out_dte)) {
        return false;
    }
    if ((*out_dte & ENTRY_VALID) == 0) {
        return illegal(its, c, "L18", "DeviceID is not mapped (_UNMAPPED_DEVICE)");
    }
    if (c->event >= BIT(table_dte_bits(*out_dte))) {
        return illegal(its, c, "L19", "EventID does not fit MAPD's Size (_ID_OOR)");
    }
    if (!table_event(its, *out_dte, c->event, out_ite)) {
        return illegal(its, c, "L22", "ITT is in memory that is not allocated");
    }
    return true;
}

static bool find_mapped(struct its *its, const struct model_command *c, uint64_t *out_dte,
                        uint64_t *out_ite)
{
    if (!find_event(its, c, out_dte, out_ite)) {
        return false;
    }
    if ((*out_ite & ENTRY_VALID) == 0) {
        return illegal(its, c, "L23", "EventID is not mapped (_UNMAPPED_INTERRUPT)");
    }
    return true;
}

/* The collection an event is to be sent to. */
static bool check_collection(struct its *its, const struct model_command *c)
{
    uint64_t cte;
    if (table_collection(its, c->icid, &cte) != ENTRY_OK) {
        return illegal(its, c, "L26",
                       "ICID out of range, or no collection table (_COLLECTION_OOR)");
    }
    if ((cte & ENTRY_VALID) == 0) {
        unwise(its, c, "L26", "collection is not mapped");
    } else if (!gicr_lpis_on(&its->m->cpu[cte & 0xffff])) {
        unwise(its, c, "L26", "its CPU has not enabled LPIs");
    } else if (its->collection_ready[c->icid] != 7) {
        unwise(its, c, "L27", "no INVALL and SYNC since the collection was mapped");
    }
    return true;
}

/* ---- devices ---- */

static bool check_itt(struct its *its, const struct model_command *c, uint64_t bytes)
{
    struct model *m = its->m;
    for (uint32_t i = 0; i < m->cfg.nr_its; i++) {
        const char *what = its_quiet(&m->its[i]) ? NULL : held_overlap(&m->its[i], c->itt, bytes);
        if (what != NULL) {
            breach(m, "L21", "IHI0069 5.3 MAPD", "ITT of device %#x overlaps a %s", c->device,
                   what);
            return false;
        }
    }
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        if (gicr_holds(m, &m->cpu[i], c->itt, bytes) != NULL) {
            return illegal(its, c, "L21", "ITT overlaps an LPI table");
        }
    }
    if (!memory_valid(m, c->itt, bytes)) {
        return illegal(its, c, "L21", "ITT is not all allocated");
    }
    if (!memory_zero_at(m, c->itt, bytes)) {
        return illegal(its, c, "L21", "ITT is not zero, or was not cleaned");
    }
    return true;
}

/* The entry a DeviceID had is used until a SYNC, and with it the ITT; or not. */
static void device_changes(struct its *its, uint32_t device, uint64_t dte)
{
    if (its->cfg.mapd_at_once) {
        held_release_unmapped(its);
    } else {
        stale_add(its, &(struct stale){ STALE_DEVICE, device, 0, dte, UMSI_NO_CPU, 0 });
    }
}

static bool map_device(struct its *its, const struct model_command *c)
{
    uint64_t dte, bytes = BIT(c->event_bits) * its->cfg.itt_entry_size;
    if (!find_device(its, c, &dte)) {
        return false;
    }
    if (c->event_bits > its->cfg.event_bits) {
        return illegal(its, c, "L19", "Size exceeds GITS_TYPER.ID_bits (MAPD_ITTSIZE_OOR)");
    }
    if ((dte & ENTRY_VALID) != 0) {
        return illegal(its, c, "L17", "DeviceID is mapped already");
    }
    if (!check_itt(its, c, bytes)) {
        return false;
    }
    uint64_t now = table_dte(c->itt, c->event_bits);
    device_changes(its, c->device, dte);
    held_add(its, &(struct held){ .device = c->device, .phys = c->itt, .size = bytes, .dte = now });
    return table_device_set(its, c->device, now) == ENTRY_OK;
}

static void forget_event(struct its *its, uint64_t ite)
{
    its->m->owners[table_ite_intid(ite)] = (struct owner){ 0, 0, 0 };
    its->collection_events[table_ite_icid(ite)]--;
}

void its_forget_events(struct its *its, uint64_t dte)
{
    for (uint64_t e = 0; e < BIT(table_dte_bits(dte)); e++) {
        uint64_t ite;
        if (table_event(its, dte, (uint32_t)e, &ite) && (ite & ENTRY_VALID) != 0) {
            forget_event(its, ite);
        }
    }
}

static bool unmap_device(struct its *its, const struct model_command *c)
{
    uint64_t dte;
    if (!find_device(its, c, &dte)) {
        return false;
    }
    struct held *h = held_device(its, c->device);
    if ((dte & ENTRY_VALID) == 0 || h == NULL) {
        unwise(its, c, "L17", "DeviceID is not mapped"); /* no command error: 5.3 MAPD lists none */
        return true;
    }
    if (table_dte(c->itt, c->event_bits) != dte) {
        unwise(its, c, "L22", "Size and ITT address are not those of MAPD V=1");
    }
    if (h->events != 0) {
        unwise(its, c, "L36", "events of the device are still mapped");
        its_forget_events(its, dte);
    }
    h->unmapped = true;
    device_changes(its, c->device, dte);
    return table_device_set(its, c->device, 0) == ENTRY_OK;
}

/* ---- collections ---- */

static bool map_collection(struct its *its, const struct model_command *c)
{
    uint64_t cte;
    struct cpu *cpu = target(its, c->rdbase);
    if (table_collection(its, c->icid, &cte) != ENTRY_OK) {
        return illegal(its, c, "L26",
                       "ICID out of range, or no collection table (MAPC_COLLECTION_OOR)");
    }
    if (c->valid && cpu == NULL) {
        return illegal(its, c, "L27", "RDbase names no redistributor (MAPC_PROCNUM_OOR)");
    }
    if (c->valid && !gicr_lpis_on(cpu)) {
        unwise(its, c, "L27", "EnableLPIs is 0 at that redistributor");
    }
    if (!c->valid && its->collection_events[c->icid] != 0) {
        return illegal(its, c, "L57", "events use the collection");
    }
    if (!c->valid && (cte & ENTRY_VALID) == 0) {
        unwise(its, c, "L57", "collection is not mapped");
    }
    uint32_t sync = c->valid ? cpu->index : (uint32_t)(cte & 0xffff);
    stale_add(its, &(struct stale){ STALE_COLLECTION, 0, c->icid, cte, sync, 0 });
    its->collection_ready[c->icid] = c->valid ? 1 : 0;
    return table_collection_set(its, c->icid, c->valid ? ENTRY_VALID | cpu->index : 0) == ENTRY_OK;
}

static bool invalidate_collection(struct its *its, const struct model_command *c)
{
    struct cpu *cpu = cpu_of_collection(its, c->icid);
    if (cpu == NULL) {
        return illegal(its, c, "L27", "collection is not mapped (INVALL_UNMAPPED_COLLECTION)");
    }
    its->collection_ready[c->icid] |= 2;
    stale_add(its, &(struct stale){ STALE_ALL_CONFIG, 0, c->icid, 0, cpu->index, 0 });
    return true;
}

static bool sync(struct its *its, const struct model_command *c)
{
    struct cpu *cpu = target(its, c->rdbase);
    if (cpu == NULL) {
        return illegal(its, c, "L30", "RDbase names no redistributor (SYNC_PROCNUM_OOR)");
    }
    its_sync(its, cpu->index);
    return true;
}

static bool move_all(struct its *its, const struct model_command *c)
{
    struct model *m = its->m;
    struct cpu *from = target(its, c->rdbase), *to = target(its, c->rdbase2);
    if (from == NULL || to == NULL || !gicr_lpis_on(from) || !gicr_lpis_on(to)) {
        return illegal(its, c, "L30", "a redistributor does not exist or has no LPIs enabled");
    }
    for (uint32_t i = MODEL_LPI_BASE; i < 1u << m->cfg.id_bits; i++) {
        if (lpi_is_pending(from, i)) {
            lpi_set_pending(m, from, i, false);
            lpi_set_pending(m, to, i, true);
        }
    }
    return true;
}

/* ---- events ---- */

static bool check_intid(struct its *its, const struct model_command *c)
{
    struct model *m = its->m;
    const struct cpu *cpu = cpu_of_collection(its, c->icid);
    uint64_t limit =
        cpu != NULL && gicr_lpis_on(cpu) ? gicr_intid_limit(m, cpu) : BIT(m->cfg.id_bits);
    if (c->intid < MODEL_LPI_BASE || c->intid >= limit) {
        return illegal(its, c, "L24", "INTID out of range (MAPTI_PHYSICALID_OOR)");
    }
    const struct owner *o = &m->owners[c->intid];
    if (o->its != 0) {
        return illegal(its, c, "L24", "INTID is mapped to another event");
    }
    for (uint32_t i = 0; i < its->nr_stale; i++) {
        if (its->stale[i].old_intid == c->intid) {
            unwise(its, c, "L25", "INTID reused before its DISCARD was synchronised");
        }
    }
    return true;
}

static bool map_event(struct its *its, const struct model_command *c)
{
    uint64_t dte, ite;
    if (!find_event(its, c, &dte, &ite)) {
        return false;
    }
    if ((ite & ENTRY_VALID) != 0) {
        return illegal(its, c, "L23", "EventID is mapped already");
    }
    if (!check_collection(its, c) || !check_intid(its, c)) {
        return false;
    }
    const struct cpu *cpu = cpu_of_collection(its, c->icid);
    uint32_t wait = cpu == NULL ? UMSI_NO_CPU : cpu->index;
    stale_add(its, &(struct stale){ STALE_EVENT, c->device, c->event, ite, wait, 0 });
    its->m->owners[c->intid] = (struct owner){ its->index + 1, c->device, c->event };
    its->collection_events[c->icid]++;
    held_device(its, c->device)->events++;
    return table_event_set(its, dte, c->event, table_ite(c->intid, c->icid));
}

static bool discard(struct its *its, const struct model_command *c)
{
    uint64_t dte, ite;
    if (!find_mapped(its, c, &dte, &ite)) {
        return false;
    }
    uint32_t intid = table_ite_intid(ite);
    struct cpu *cpu = cpu_of_collection(its, table_ite_icid(ite));
    struct stale s = { STALE_EVENT, c->device, c->event, ite, UMSI_NO_CPU, 0 };
    if (cpu != NULL) {
        s.cpu = cpu->index;
        s.old_intid = intid;
        if (gicr_lpis_on(cpu)) {
            lpi_set_pending(its->m, cpu, intid, false);
        }
    }
    stale_add(its, &s);
    forget_event(its, ite);
    held_device(its, c->device)->events--;
    return table_event_set(its, dte, c->event, 0);
}

/* Pending goes along (L35); what the new redistributor knew of the LPI's configuration does not count. */
static void move_pending(struct its *its, const struct model_command *c, struct cpu *from,
                         struct cpu *to, uint32_t intid)
{
    struct model *m = its->m;
    bool pending = gicr_lpis_on(from) && lpi_is_pending(from, intid);
    if (!gicr_lpis_on(to)) {
        if (pending) {
            unwise(its, c, "L35", "a pending interrupt is lost: its new CPU has not enabled LPIs");
        }
        return;
    }
    lpi_invalidate(m, to, intid);
    if (pending) {
        lpi_set_pending(m, from, intid, false);
        lpi_set_pending(m, to, intid, true);
    }
}

static bool move_event(struct its *its, const struct model_command *c)
{
    uint64_t dte, ite;
    if (!find_mapped(its, c, &dte, &ite) || !check_collection(its, c)) {
        return false;
    }
    uint32_t intid = table_ite_intid(ite), old = table_ite_icid(ite);
    struct cpu *from = cpu_of_collection(its, old), *to = cpu_of_collection(its, c->icid);
    if (old == c->icid) {
        unwise(its, c, "L34", "the target does not change");
    }
    if (from != NULL && to != NULL && from != to) {
        move_pending(its, c, from, to, intid);
    }
    /* L30: the redistributor that held it is the one to SYNC. */
    uint32_t wait = from == NULL ? UMSI_NO_CPU : from->index;
    stale_add(its, &(struct stale){ STALE_EVENT, c->device, c->event, ite, wait, 0 });
    its->collection_events[old]--;
    its->collection_events[c->icid]++;
    return table_event_set(its, dte, c->event, table_ite(intid, c->icid));
}

/* INV, INT, CLEAR. */
static bool touch_event(struct its *its, const struct model_command *c)
{
    uint64_t dte, ite;
    if (!find_mapped(its, c, &dte, &ite)) {
        return false;
    }
    uint32_t intid = table_ite_intid(ite);
    struct cpu *cpu = cpu_of_collection(its, table_ite_icid(ite));
    if (cpu == NULL || !gicr_lpis_on(cpu)) {
        return illegal(its, c, "L26",
                       "the event's collection is not mapped, or LPIs are off there");
    }
    if (c->opcode == MODEL_INV) {
        stale_add(its, &(struct stale){ STALE_CONFIG, 0, intid, 0, cpu->index, 0 });
    } else {
        lpi_set_pending(its->m, cpu, intid, c->opcode == MODEL_INT);
    }
    return true;
}

bool its_execute(struct its *its, const struct model_command *c)
{
    switch (c->opcode) {
    case MODEL_MAPD:
        return c->valid ? map_device(its, c) : unmap_device(its, c);
    case MODEL_MAPC:
        return map_collection(its, c);
    case MODEL_MAPTI:
    case MODEL_MAPI:
        return map_event(its, c);
    case MODEL_DISCARD:
        return discard(its, c);
    case MODEL_MOVI:
        return move_event(its, c);
    case MODEL_INV:
    case MODEL_INT:
    case MODEL_CLEAR:
        return touch_event(its, c);
    case MODEL_INVALL:
        return invalidate_collection(its, c);
    case MODEL_SYNC:
        return sync(its, c);
    case MODEL_MOVALL:
        return move_all(its, c);
    default:
        return illegal(its, c, "L31", "no such command");
    }
}
