/* SPDX-License-Identifier: MIT */
/*
 * What only umsi's records show: prepare and teardown (L2 to L4), configuration bytes (L28, L29), which redistributor
 * a SYNC names (L30), reserved bits (L31).
 */
#include <inttypes.h>

#include "../state/cost.h"
#include "judge.h"

#define EVENT UINT64_C(0xffffffff)
#define ICID  UINT64_C(0xffff)
#define RD    UINT64_C(0x000fffffffff0000)
#define V     (UINT64_C(1) << 63)

/* ---- commands ---- */

/* Bits that are not reserved, in doublewords 1 to 3; IHI0069 5.3. In doubleword 0 it is the opcode and the DeviceID. */
static const struct {
    uint8_t opcode;
    bool device;
    uint64_t dw[3];
} layout[] = {
    { AUDIT_MAPD, true, { 0x1f, V | UINT64_C(0x000fffffffffff00), 0 } },
    { AUDIT_MAPC, false, { 0, V | RD | ICID, 0 } },
    { AUDIT_MAPTI, true, { UINT64_MAX, ICID, 0 } },
    { AUDIT_MAPI, true, { EVENT, ICID, 0 } },
    { AUDIT_MOVI, true, { EVENT, ICID, 0 } },
    { AUDIT_INV, true, { EVENT, 0, 0 } },
    { AUDIT_INT, true, { EVENT, 0, 0 } },
    { AUDIT_CLEAR, true, { EVENT, 0, 0 } },
    { AUDIT_DISCARD, true, { EVENT, 0, 0 } },
    { AUDIT_INVALL, false, { 0, ICID, 0 } },
    { AUDIT_SYNC, false, { 0, RD, 0 } },
    { AUDIT_MOVALL, false, { 0, RD, RD } },
};

static bool is_sync_of(const struct audit_dirty *d, const struct audit_its *its,
                       const struct audit_item *i)
{
    return d->its == its && d->rdbase == i->rdbase;
}

/* A SYNC is behind whatever any CPU sent to that redistributor before. */
static void clean(struct audit_world *w, const struct audit_its *its, const struct audit_item *i)
{
    uint32_t kept = 0;
    for (uint32_t n = 0; n < w->nr_dirty; n++) {
        if (!is_sync_of(&w->dirty[n], its, i)) {
            w->dirty[kept++] = w->dirty[n];
        }
    }
    w->nr_dirty = kept;
}

void judge_recorded_command(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_about about = audit_about(its, NULL, i);
    for (size_t n = 0; n < sizeof(layout) / sizeof(layout[0]); n++) {
        if (layout[n].opcode != i->opcode) {
            continue;
        }
        uint64_t odd = i->dw[0] & ~(UINT64_C(0xff) | (layout[n].device ? EVENT << 32 : 0));
        for (unsigned k = 0; k < 3; k++) {
            odd |= i->dw[k + 1] & ~layout[n].dw[k];
        }
        if (odd != 0) {
            audit_find(a, CHECK_RESERVED_BITS, &about,
                       "%s with reserved bits set: %016" PRIx64 " %016" PRIx64 " %016" PRIx64
                       " %016" PRIx64,
                       audit_opcode_name(i->opcode), i->dw[0], i->dw[1], i->dw[2], i->dw[3]);
        }
    }
    if (i->opcode == AUDIT_SYNC) {
        clean(&a->world, its, i);
    }
}

void judge_touch(struct audit *a, const struct audit_event *e, const struct audit_item *i)
{
    struct audit_world *w = &a->world;
    struct audit_its *its = e->device->its;
    uint64_t rdbase;
    if (!i->full || e->vpe != AUDIT_NONE) {
        return;
    }
    rdbase = audit_collection_of(its, e->icid)->rdbase;
    for (uint32_t n = 0; n < w->nr_dirty; n++) {
        if (w->dirty[n].its == its && w->dirty[n].rdbase == rdbase && w->dirty[n].cpu == i->cpu) {
            return;
        }
    }
    if (w->nr_dirty < AUDIT_DIRTY) {
        w->dirty[w->nr_dirty++] = (struct audit_dirty){ its, i->line, rdbase, i->cpu, i->opcode };
    }
}

/* ---- a batch is done ---- */

static void check_syncs(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_world *w = &a->world;
    struct audit_about about = audit_about(its, NULL, i);
    uint32_t kept = 0;
    for (uint32_t n = 0; n < w->nr_dirty; n++) {
        struct audit_dirty d = w->dirty[n];
        if (d.its != its || d.cpu != i->cpu) {
            w->dirty[kept++] = d;
            continue;
        }
        audit_find(a, CHECK_SYNC_MISSING, &about,
                   "CPU %" PRIu32 " waited, and %s in record %" PRIu64
                   " was followed by no SYNC to its redistributor, RDbase 0x%" PRIx64,
                   i->cpu, audit_opcode_name(d.opcode), d.line, d.rdbase);
    }
    w->nr_dirty = kept;
}

static void owed(struct audit *a, struct audit_event *e, const struct audit_item *i)
{
    struct audit_about about = audit_about(e->device->its, e->device, i);
    about.event = e->id;
    about.intid = e->intid;
    audit_find(a, e->stale ? CHECK_STALE_NO_INV : CHECK_BYTE_NO_INV, &about,
               "the configuration byte of INTID %" PRIu32 " changed%s in record %" PRIu64
               ", and no INV of EventID %" PRIu32 " of DeviceID 0x%" PRIx32 " followed",
               e->intid, e->stale ? " before it was mapped" : "", e->owe_line, e->id,
               e->device->id);
    audit_event_paid(e);
}

static void check_bytes(struct audit *a, const struct audit_item *i)
{
    struct audit_event *next;
    for (struct audit_event *e = a->world.owing; e != NULL; e = next) {
        next = e->owe_next;
        if (e->owe_cpu == i->cpu) {
            owed(a, e, i);
        }
    }
}

/* Which of the commands under way had their effect is not in the trace. */
static void fault(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    a->fault_line = a->faults++ == 0 ? i->line : a->fault_line;
    for (struct audit_device *d = its->all; d != NULL; d = d->next) {
        d->doubt = true;
    }
    a->world.nr_dirty = 0;
}

static void done(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    its->waited = false; /* each wait is a record */
    audit_cost_wait(its);
    if (i->status != 0) {
        fault(a, its, i);
        return;
    }
    audit_its_passed(its);
    check_syncs(a, its, i);
    check_bytes(a, i);
}

/* ---- the others ---- */

static void lpi_byte(struct audit *a, const struct audit_item *i)
{
    struct audit_event *e = audit_map_get(&a->world.intids, i->intid);
    if (e != NULL) {
        audit_event_owe(&a->world, e, i, false);
    } else if (a->world.stale.used < AUDIT_OWED) {
        audit_map_put(&a->world.stale, i->intid, a);
    }
}

/* A prepare's record names the domain, a command's the ITS: the DeviceID brings them together. */
static uint64_t live_prepares(const struct audit *a, uint32_t id)
{
    uint64_t n = 0;
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        const struct audit_device *d = audit_device_find(its, id);
        n += d != NULL ? d->live_prepares : 0;
    }
    return n;
}

void judge_prepared(struct audit *a, struct audit_device *d, const struct audit_item *i)
{
    struct audit_about about = audit_about(d->its, d, i);
    if (i->full && a->prepares && !a->late && live_prepares(a, d->id) == 0) {
        audit_find(a, CHECK_UNPREPARED, &about,
                   "EventID %" PRIu32 " of DeviceID 0x%" PRIx32
                   " is mapped, and the device is not prepared",
                   i->event, d->id);
    }
}

static void prepare(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_device *d = audit_device_of(&a->world, its, i->device);
    struct audit_about about = audit_about(its, d, i);
    a->prepares = true;
    if (i->status != 0) {
        return;
    }
    if (i->data == 0) {
        audit_find(a, CHECK_PREPARE_EMPTY, &about,
                   "DeviceID 0x%" PRIx32 " is prepared for no event", d->id);
    }
    d->prepared++;
    d->live_prepares++;
}

static void check_torn_down(struct audit *a, uint32_t id, const struct audit_item *i)
{
    for (struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        struct audit_device *d = audit_device_find(its, id);
        struct audit_about about = audit_about(its, d, i);
        if (d != NULL && d->mapped && d->nr_events != 0) {
            audit_find(a, CHECK_TEARDOWN_LIVE, &about,
                       "DeviceID 0x%" PRIx32 " is torn down with %" PRIu32 " events mapped", id,
                       d->nr_events);
        }
    }
}

static void teardown(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_device *d = audit_device_of(&a->world, its, i->device);
    struct audit_about about = audit_about(its, d, i);
    if (d->live_prepares == 0) {
        if (!a->late) {
            audit_find(a, CHECK_UNPAIRED, &about,
                       "DeviceID 0x%" PRIx32 " is torn down without a prepare", d->id);
        }
        return;
    }
    d->live_prepares--;
    if (live_prepares(a, d->id) == 0) {
        check_torn_down(a, d->id, i);
    }
}

void judge_record(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    switch (i->kind) {
    case AUDIT_DOORBELL:
        audit_cost_doorbell(its);
        break;
    case AUDIT_DONE:
        done(a, its, i);
        break;
    case AUDIT_STALL:
        fault(a, its, i);
        break;
    case AUDIT_LPI_BYTE:
        lpi_byte(a, i);
        break;
    case AUDIT_PREPARE:
        prepare(a, its, i);
        break;
    case AUDIT_TEARDOWN:
        teardown(a, its, i);
        break;
    default:
        break;
    }
}

void judge_records_end(struct audit *a)
{
    for (struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        for (struct audit_device *d = its->all; d != NULL; d = d->next) {
            struct audit_about about = { a->line, its, d, AUDIT_NONE, AUDIT_NONE, d->id };
            if (d->live_prepares != 0 && a->options.shutdown) {
                audit_find(a, CHECK_UNPAIRED, &about,
                           "DeviceID 0x%" PRIx32 " was prepared %" PRIu64
                           " times, and torn down %" PRIu64 " times",
                           d->id, d->prepared, d->prepared - d->live_prepares);
            }
        }
    }
}
