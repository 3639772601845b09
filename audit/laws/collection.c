/* SPDX-License-Identifier: MIT */
/* Collections: L26 (mapped before they are named), L27 (ready before they are offered), L57 (empty when they go). */
#include <inttypes.h>

#include "../state/cost.h"
#include "judge.h"

void judge_mapc(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_collection *c = audit_collection_of(its, i->icid);
    const struct audit_rd *rd = audit_rd_at(&a->world, i->rdbase);
    struct audit_about about = audit_about(its, NULL, i);
    bool same = c->mapped && i->valid && c->rdbase == i->rdbase;
    audit_cost_command(its, NULL, i);
    if (i->valid && rd != NULL && rd->known && !rd->enabled) {
        audit_find(a, CHECK_MAPC_EARLY, &about,
                   "MAPC V=1 of collection %" PRIu32 " to redistributor 0x%" PRIx32
                   ", whose EnableLPIs is 0",
                   i->icid, rd->affinity);
    }
    if (c->nr_events != 0 && !i->valid) {
        audit_find(a, CHECK_MAPC_IN_USE, &about,
                   "MAPC V=0 of collection %" PRIu32 ", which %" PRIu32 " events use", i->icid,
                   c->nr_events);
    } else if (c->nr_events != 0 && c->mapped && !same) {
        audit_find(a, CHECK_MAPC_MOVED, &about,
                   "collection %" PRIu32 ", which %" PRIu32
                   " events use, is moved from RDbase 0x%" PRIx64 " to 0x%" PRIx64 " by MAPC",
                   i->icid, c->nr_events, c->rdbase, i->rdbase);
    }
    if (same) {
        judge_suspect(a, its, i);
    }
    c->mapped = i->valid;
    c->rdbase = i->rdbase;
    c->line = i->line;
    c->told = false;
    /* A CPU that comes back is as it was left. */
    c->invalidated = c->invalidated && same;
    c->ready = c->ready && same;
    its->first_icid = its->first_icid == AUDIT_NONE && i->valid ? i->icid : its->first_icid;
}

/* QEMU does not print which collection: the benefit of the doubt. */
void judge_invall(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_event *next;
    audit_cost_command(its, NULL, i);
    for (size_t n = 0; n < its->collections.size; n++) {
        struct audit_collection *c = its->collections.slot[n].value;
        if (c != NULL && c->mapped && !c->ready && (!i->full || c->icid == i->icid)) {
            c->invalidated = its->settling = true;
        }
    }
    for (struct audit_event *e = a->world.owing; e != NULL; e = next) {
        next = e->owe_next;
        if (e->device->its == its && (!i->full || e->icid == i->icid)) {
            audit_event_paid(e);
        }
    }
}

void judge_movall(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    (void)a;
    audit_cost_command(its, NULL, i);
}

void judge_sync(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    audit_cost_command(its, NULL, i);
    audit_its_sync(&a->world, its, i->rdbase, !i->full);
    its->since_sync = 0;
}

void judge_target(struct audit *a, struct audit_its *its, struct audit_device *d,
                  const struct audit_item *i)
{
    struct audit_collection *c = audit_collection_of(its, i->icid);
    struct audit_about about = audit_about(its, d, i);
    const char *name = audit_opcode_name(i->opcode);
    if (!c->mapped) {
        if (!a->late) {
            audit_find(a, CHECK_COLLECTION_UNMAPPED, &about,
                       "%s of EventID %" PRIu32 " of DeviceID 0x%" PRIx32
                       " names collection %" PRIu32 ", which is not mapped",
                       name, i->event, d->id, i->icid);
        }
        return;
    }
    const struct audit_rd *rd =
        (a->has & AUDIT_RD_REGS) != 0 ? audit_rd_at(&a->world, c->rdbase) : NULL;
    if (rd != NULL && rd->known && !rd->enabled) {
        audit_find(a, CHECK_TARGET_OFF, &about,
                   "%s of EventID %" PRIu32 " of DeviceID 0x%" PRIx32
                   " targets redistributor 0x%" PRIx32 ", whose EnableLPIs is 0",
                   name, i->event, d->id, rd->affinity);
    }
    if (!c->ready && !c->told) {
        c->told = true;
        audit_find(a, CHECK_OFFERED_EARLY, &about,
                   "%s of EventID %" PRIu32 " of DeviceID 0x%" PRIx32 " names collection %" PRIu32
                   ", mapped in %s %" PRIu64 "; %s",
                   name, i->event, d->id, i->icid, audit_unit(a), c->line,
                   c->invalidated ? "no SYNC followed its INVALL" : "no INVALL followed");
    }
}
