/* SPDX-License-Identifier: MIT */
/* Commands about one event: L18, L19, L23 to L26, L29, L34, L36. */
#include <inttypes.h>

#include "../state/cost.h"
#include "judge.h"

static void note(struct audit_device *d, const struct audit_item *i, uint32_t extra)
{
    audit_history_add(&d->history, &(struct audit_moment){ .first = i->line,
                                                           .last = i->line,
                                                           .from = i->event,
                                                           .to = i->event,
                                                           .extra = extra,
                                                           .opcode = i->opcode });
}

/* The device a command names, when it is mapped and has such an event. */
static struct audit_device *reach(struct audit *a, struct audit_its *its,
                                  const struct audit_item *i)
{
    struct audit_device *d = audit_device_find(its, i->device);
    const char *name = audit_opcode_name(i->opcode);
    struct audit_about about = audit_about(its, d, i);
    if (d == NULL || !d->mapped) {
        if (judge_unknown(a, d)) {
            return NULL;
        }
        if (d != NULL && d->maps != 0) {
            audit_find(a, CHECK_DEVICE_UNMAPPED, &about,
                       "%s for DeviceID 0x%" PRIx32 ", which was unmapped in %s %" PRIu64, name,
                       i->device, audit_unit(a), d->unmap_line);
        } else {
            audit_find(a, CHECK_DEVICE_UNMAPPED, &about,
                       "%s for DeviceID 0x%" PRIx32 ", which was never mapped", name, i->device);
        }
        return NULL;
    }
    if ((uint64_t)i->event >> d->bits != 0) {
        audit_find(a, CHECK_EVENT_RANGE, &about,
                   "%s for EventID %" PRIu32 " of DeviceID 0x%" PRIx32 ", whose MAPD in %s %" PRIu64
                   " has room for %" PRIu64,
                   name, i->event, i->device, audit_unit(a), d->map_line, UINT64_C(1) << d->bits);
        return NULL;
    }
    return d;
}

/* ---- MAPTI ---- */

static void check_number(struct audit *a, struct audit_its *its, struct audit_device *d,
                         const struct audit_item *i)
{
    struct audit_about about = audit_about(its, d, i);
    const struct audit_event *owner = audit_map_get(&a->world.intids, i->intid);
    const struct audit_owed *freed = audit_map_get(&a->world.freed, i->intid);
    if (i->intid < 8192) {
        audit_find(a, CHECK_INTID_LOW, &about,
                   "MAPTI of EventID %" PRIu32 " of DeviceID 0x%" PRIx32 " to INTID %" PRIu32
                   ", which is no LPI",
                   i->event, d->id, i->intid);
    }
    if (owner != NULL && (owner->device != d || owner->id != i->event)) {
        audit_find(
            a, CHECK_INTID_TWICE, &about,
            "INTID %" PRIu32 " is mapped to EventID %" PRIu32 " of DeviceID 0x%" PRIx32
            ", and is EventID %" PRIu32 "'s of DeviceID 0x%" PRIx32 " already, since %s %" PRIu64,
            i->intid, i->event, d->id, owner->id, owner->device->id, audit_unit(a), owner->line);
    } else if (freed != NULL) {
        audit_find(a, CHECK_INTID_EARLY, &about,
                   "INTID %" PRIu32 " is used again for EventID %" PRIu32 " of DeviceID 0x%" PRIx32
                   "; it was EventID %" PRIu32 "'s of DeviceID 0x%" PRIx32 " until %s %" PRIu64
                   ", and no SYNC followed",
                   i->intid, i->event, d->id, freed->event, freed->device, audit_unit(a),
                   freed->line);
    }
}

/* Beyond the table a redistributor was given. */
static void check_table(struct audit *a, struct audit_its *its, struct audit_device *d,
                        const struct audit_item *i)
{
    struct audit_about about = audit_about(its, d, i);
    for (size_t n = 0; n < a->world.rds.size; n++) {
        const struct audit_rd *rd = a->world.rds.slot[n].value;
        if (rd != NULL && rd->enabled && rd->has_propbaser &&
            (uint64_t)i->intid >> ((rd->propbaser & 31) + 1) != 0) {
            audit_find(a, CHECK_INTID_HIGH, &about,
                       "INTID %" PRIu32
                       " is beyond the %u bits of GICR_PROPBASER of redistributor 0x%" PRIx32,
                       i->intid, (unsigned)(rd->propbaser & 31) + 1, rd->affinity);
            return;
        }
    }
}

/* An event that is mapped already goes first. */
static void replace(struct audit *a, struct audit_device *d, struct audit_event *e,
                    const struct audit_item *i)
{
    struct audit_about about = audit_about(d->its, d, i);
    bool virtual = i->opcode == AUDIT_VMAPTI || i->opcode == AUDIT_VMAPI;
    bool changes = virtual != (e->vpe != AUDIT_NONE);
    audit_find(a, changes ? CHECK_VIRTUAL_PHYSICAL : CHECK_EVENT_MAPPED, &about,
               "%s for EventID %" PRIu32 " of DeviceID 0x%" PRIx32
               ", which is mapped%s since %s %" PRIu64 " to INTID %" PRIu32,
               audit_opcode_name(i->opcode), e->id, d->id,
               !changes               ? ""
               : e->vpe != AUDIT_NONE ? " as a virtual interrupt"
                                      : " as a physical interrupt",
               audit_unit(a), e->line, e->intid);
    audit_event_remove(&a->world, e, i->line);
}

static void check_vpe(struct audit *a, struct audit_its *its, struct audit_device *d,
                      const struct audit_item *i)
{
    struct audit_about about = audit_about(its, d, i);
    if (!audit_vpe_of(its, i->vpe)->mapped && !a->late) {
        audit_find(a, CHECK_VPE_UNMAPPED, &about,
                   "%s of EventID %" PRIu32 " of DeviceID 0x%" PRIx32 " to vPE %" PRIu32
                   ", which is not mapped",
                   audit_opcode_name(i->opcode), i->event, d->id, i->vpe);
    }
}

void judge_mapti(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    bool virtual = i->opcode == AUDIT_VMAPTI || i->opcode == AUDIT_VMAPI;
    struct audit_device *d = reach(a, its, i);
    audit_cost_command(its, d, i);
    if (d == NULL) {
        return;
    }
    struct audit_event *e = audit_event_find(d, i->event);
    if (e != NULL) {
        replace(a, d, e, i);
    }
    if (virtual) {
        check_vpe(a, its, d, i);
    } else {
        if (e == NULL) {
            check_number(a, its, d, i);
        }
        check_table(a, its, d, i);
        judge_target(a, its, d, i);
    }
    judge_prepared(a, d, i);
    bool stale = audit_map_take(&a->world.stale, i->intid) != NULL;
    e = audit_event_add(&a->world, d, i);
    if (stale && i->full) {
        audit_event_owe(&a->world, e, i, true);
    }
    judge_touch(a, e, i);
    note(d, i, i->intid);
}

/* ---- the others ---- */

static void move(struct audit *a, struct audit_its *its, struct audit_event *e,
                 const struct audit_item *i)
{
    struct audit_about about = audit_about(its, e->device, i);
    about.intid = e->intid;
    if (e->icid == i->icid) {
        audit_find(a, CHECK_MOVE_NOWHERE, &about,
                   "MOVI of EventID %" PRIu32 " of DeviceID 0x%" PRIx32 " to collection %" PRIu32
                   ", where it is since %s %" PRIu64,
                   e->id, e->device->id, e->icid, audit_unit(a),
                   e->moved_line != 0 ? e->moved_line : e->line);
    }
    judge_target(a, its, e->device, i);
    audit_event_move(e, i);
}

static void not_there(struct audit *a, struct audit_its *its, struct audit_device *d,
                      const struct audit_item *i)
{
    struct audit_about about = audit_about(its, d, i);
    const struct audit_moment *gone = audit_history_find(&d->history, AUDIT_DISCARD, i->event);
    const char *name = audit_opcode_name(i->opcode);
    if (a->late && d->maps == 0) {
        return;
    }
    if (gone != NULL && gone->first >= d->map_line) {
        audit_find(a, CHECK_EVENT_UNMAPPED, &about,
                   "%s for EventID %" PRIu32 " of DeviceID 0x%" PRIx32
                   ", which was discarded in %s %" PRIu64 "%s",
                   name, i->event, d->id, audit_unit(a), gone->last,
                   gone->first == gone->last ? "" : " or not long before");
    } else {
        audit_find(a, CHECK_EVENT_UNMAPPED, &about,
                   "%s for EventID %" PRIu32 " of DeviceID 0x%" PRIx32 ", which is not mapped",
                   name, i->event, d->id);
    }
}

void judge_event(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_device *d = reach(a, its, i);
    audit_cost_command(its, d, i);
    if (d == NULL) {
        return;
    }
    struct audit_event *e = audit_event_find(d, i->event);
    if (e == NULL) {
        not_there(a, its, d, i);
        note(d, i, AUDIT_NONE);
        return;
    }
    judge_touch(a, e, i);
    if (i->opcode == AUDIT_DISCARD) {
        audit_event_remove(&a->world, e, i->line);
    } else if (i->opcode == AUDIT_MOVI) {
        move(a, its, e, i);
    } else if (i->opcode == AUDIT_INV) {
        audit_event_paid(e);
    }
    note(d, i, i->icid);
}

/* What a device sends: only what is mapped, and only once that is known to be complete. */
void judge_message(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_device *d = audit_device_find(its, i->device);
    const struct audit_event *e = d != NULL && d->mapped ? audit_event_find(d, i->event) : NULL;
    struct audit_about about = audit_about(its, d, i);
    if (judge_unknown(a, d) || (its->has_ctlr && !its->enabled)) {
        return;
    }
    if (e == NULL) {
        audit_find(a, CHECK_MESSAGE_UNMAPPED, &about,
                   "DeviceID 0x%" PRIx32 " sent EventID %" PRIu32
                   ", which is not mapped: the message is lost",
                   i->device, i->event);
    } else if (e->unsent) {
        audit_find(a, CHECK_MESSAGE_EARLY, &about,
                   "DeviceID 0x%" PRIx32 " sent EventID %" PRIu32
                   ", and no SYNC followed its MAPTI in %s %" PRIu64,
                   i->device, i->event, audit_unit(a), e->line);
    }
}
