/* SPDX-License-Identifier: MIT */
/* Devices and their events: mapped, moved, unmapped; the oldest of the unmapped are forgotten. */
#include <stdlib.h>

#include "cost.h"

struct audit_device *audit_device_find(const struct audit_its *its, uint32_t id)
{
    return audit_map_get(&its->devices, id);
}

static void join_dead(struct audit_device *d)
{
    struct audit_its *its = d->its;
    if (its->dead_end == NULL) {
        its->dead_end = &its->dead_first;
    }
    d->dead_next = NULL;
    d->dead_to = its->dead_end;
    *its->dead_end = d;
    its->dead_end = &d->dead_next;
    its->nr_dead++;
}

static void leave_dead(struct audit_device *d)
{
    struct audit_its *its = d->its;
    *d->dead_to = d->dead_next;
    if (d->dead_next != NULL) {
        d->dead_next->dead_to = d->dead_to;
    } else {
        its->dead_end = d->dead_to;
    }
    its->nr_dead--;
}

/* What it cost stays. */
static void forget_device(struct audit_device *d)
{
    struct audit_its *its = d->its;
    leave_dead(d);
    its->nr_devices--;
    its->dead_devices++;
    its->dead_vectors += d->vectors;
    its->dead_maps += d->maps;
    audit_cost_add(&its->dead, &d->counts);
    audit_map_take(&its->devices, d->id);
    *d->to_this = d->next;
    if (d->next != NULL) {
        d->next->to_this = d->to_this;
    }
    its->charged = its->charged == d ? NULL : its->charged;
    its->rung = its->rung == d ? NULL : its->rung;
    free(d->timeline);
    free(d);
}

struct audit_device *audit_device_of(struct audit_world *w, struct audit_its *its, uint32_t id)
{
    struct audit_device *d = audit_device_find(its, id);
    if (d != NULL) {
        return d;
    }
    if (its->nr_dead >= AUDIT_DEAD_DEVICES) {
        forget_device(its->dead_first);
    }
    d = audit_alloc(sizeof(*d));
    d->its = its;
    d->id = id;
    d->serial = ++w->serial;
    d->next = its->all;
    d->to_this = &its->all;
    if (d->next != NULL) {
        d->next->to_this = &d->next;
    }
    its->all = d;
    its->nr_devices++;
    join_dead(d);
    if (w->timelines && its->nr_devices <= AUDIT_TIMELINES) {
        d->timeline = audit_alloc(sizeof(*d->timeline));
    }
    audit_map_put(&its->devices, id, d);
    return d;
}

void audit_device_map(struct audit_device *d, const struct audit_item *i, uint64_t bytes)
{
    leave_dead(d);
    d->its->nr_mapped++;
    d->mapped = true;
    d->doubt = false;
    d->bits = i->bits;
    d->itt = i->itt;
    d->map_line = i->line;
    d->maps++;
    d->peak = 0;
    d->emptied = d->emptied_first = d->emptied_last = 0;
    d->range = (struct audit_range){ .start = i->itt, .end = i->itt + bytes, .owner = d };
    audit_ranges_add(&d->its->itts, &d->range);
    audit_timeline_map(d->timeline, i->line);
}

static void retire(struct audit_device *d, uint64_t line)
{
    struct audit_its *its = d->its;
    if (its->nr_retired >= AUDIT_OWED) {
        return; /* a kernel that never sends SYNC */
    }
    struct audit_owed *o = audit_alloc(sizeof(*o));
    *o = (struct audit_owed){ .line = line, .device = d->id, .next = its->retired_list };
    o->range = (struct audit_range){ .start = d->range.start, .end = d->range.end, .owner = o };
    its->retired_list = o;
    its->nr_retired++;
    audit_ranges_add(&its->retired, &o->range);
}

void audit_device_unmap(struct audit_world *w, struct audit_device *d, uint64_t line)
{
    bool empty = d->nr_events == 0 && d->emptied != 0;
    while (d->events != NULL) {
        audit_event_remove(w, d->events, line);
    }
    d->lives_ended_empty += empty && d->emptied == 1;
    d->last_life_line = empty ? line : d->last_life_line;
    audit_ranges_remove(&d->its->itts, &d->range);
    retire(d, line);
    d->mapped = false;
    d->unmap_line = line;
    d->its->nr_mapped--;
    join_dead(d);
    audit_timeline_unmap(d->timeline, line);
}

/* ---- events ---- */

static uint64_t key_of(const struct audit_device *d, uint32_t event)
{
    return (uint64_t)d->serial << 32 | event;
}

struct audit_event *audit_event_find(const struct audit_device *d, uint32_t id)
{
    return audit_map_get(&d->its->events, key_of(d, id));
}

static uint32_t *users(struct audit_event *e)
{
    struct audit_its *its = e->device->its;
    return e->vpe != AUDIT_NONE ? &audit_vpe_of(its, e->vpe)->nr_events
                                : &audit_collection_of(its, e->icid)->nr_events;
}

struct audit_event *audit_event_add(struct audit_world *w, struct audit_device *d,
                                    const struct audit_item *i)
{
    struct audit_event *e = audit_alloc(sizeof(*e));
    bool virtual = i->opcode == AUDIT_VMAPTI || i->opcode == AUDIT_VMAPI;
    *e = (struct audit_event){
        .device = d, .id = i->event, .intid = i->intid, .icid = i->icid, .line = i->line
    };
    e->vpe = virtual ? i->vpe : AUDIT_NONE;
    e->next = d->events;
    e->to_this = &d->events;
    if (e->next != NULL) {
        e->next->to_this = &e->next;
    }
    d->events = e;
    e->unsent = !virtual;
    if (e->unsent) {
        e->unsent_next = d->its->unsent;
        e->unsent_to = &d->its->unsent;
        if (e->unsent_next != NULL) {
            e->unsent_next->unsent_to = &e->unsent_next;
        }
        d->its->unsent = e;
        audit_map_put(&w->intids, e->intid, e);
    }
    d->nr_events++;
    d->vectors++;
    d->peak = d->nr_events > d->peak ? d->nr_events : d->peak;
    d->all_peak = d->peak > d->all_peak ? d->peak : d->all_peak;
    ++*users(e);
    audit_map_put(&d->its->events, key_of(d, e->id), e);
    e->bar =
        audit_timeline_event(d->timeline, e->id, i->line, virtual ? e->vpe : e->icid, d->nr_events);
    return e;
}

static void not_unsent(struct audit_event *e)
{
    if (e->unsent) {
        *e->unsent_to = e->unsent_next;
        if (e->unsent_next != NULL) {
            e->unsent_next->unsent_to = e->unsent_to;
        }
        e->unsent = false;
    }
}

void audit_event_owe(struct audit_world *w, struct audit_event *e, const struct audit_item *i,
                     bool stale)
{
    audit_event_paid(e);
    e->owes = true;
    e->stale = stale;
    e->owe_cpu = i->cpu;
    e->owe_line = i->line;
    e->owe_next = w->owing;
    e->owe_to = &w->owing;
    if (e->owe_next != NULL) {
        e->owe_next->owe_to = &e->owe_next;
    }
    w->owing = e;
}

void audit_event_paid(struct audit_event *e)
{
    if (e->owes) {
        *e->owe_to = e->owe_next;
        if (e->owe_next != NULL) {
            e->owe_next->owe_to = e->owe_to;
        }
        e->owes = false;
    }
}

/* Its INTID is free, but for the SYNC. */
static void free_intid(struct audit_world *w, struct audit_event *e, uint64_t line)
{
    struct audit_its *its = e->device->its;
    if (e->vpe != AUDIT_NONE || audit_map_get(&w->intids, e->intid) != e) {
        return;
    }
    audit_map_take(&w->intids, e->intid);
    if (its->nr_freed >= AUDIT_OWED || audit_map_get(&w->freed, e->intid) != NULL) {
        return;
    }
    struct audit_owed *o = audit_alloc(sizeof(*o));
    *o = (struct audit_owed){
        .line = line, .device = e->device->id, .event = e->id, .intid = e->intid
    };
    o->rdbase = audit_collection_of(its, e->icid)->rdbase;
    o->next = its->freed_list;
    its->freed_list = o;
    its->nr_freed++;
    audit_map_put(&w->freed, o->intid, o);
}

void audit_event_remove(struct audit_world *w, struct audit_event *e, uint64_t line)
{
    struct audit_device *d = e->device;
    free_intid(w, e, line);
    not_unsent(e);
    audit_event_paid(e);
    --*users(e);
    audit_map_take(&d->its->events, key_of(d, e->id));
    *e->to_this = e->next;
    if (e->next != NULL) {
        e->next->to_this = e->to_this;
    }
    d->nr_events--;
    audit_timeline_event_end(d->timeline, e->bar, line, d->nr_events);
    if (d->nr_events == 0) {
        d->emptied++;
        d->emptied_last = line;
        d->emptied_first = d->emptied_first == 0 ? line : d->emptied_first;
    }
    free(e);
}

void audit_event_move(struct audit_event *e, const struct audit_item *i)
{
    --*users(e);
    e->icid = i->icid;
    ++*users(e);
    e->moves++;
    e->moved_line = i->line;
    audit_timeline_move(e->device->timeline, e->bar, i->line, i->icid);
}

/* ---- SYNC ---- */

static bool concerns(const struct audit_event *e, uint64_t rdbase)
{
    return audit_collection_of(e->device->its, e->icid)->rdbase == rdbase;
}

static void sync_freed(struct audit_world *w, struct audit_its *its, uint64_t rdbase, bool all)
{
    struct audit_owed **at = &its->freed_list;
    while (*at != NULL) {
        struct audit_owed *o = *at;
        if (!all && o->rdbase != rdbase) {
            at = &o->next;
            continue;
        }
        *at = o->next;
        audit_map_take(&w->freed, o->intid);
        its->nr_freed--;
        free(o);
    }
}

static void sync_retired(struct audit_its *its)
{
    while (its->retired_list != NULL) {
        struct audit_owed *o = its->retired_list;
        its->retired_list = o->next;
        audit_ranges_remove(&its->retired, &o->range);
        free(o);
    }
    its->nr_retired = 0;
}

/* Collections whose INVALL is behind this SYNC. */
static void settle(struct audit_its *its, uint64_t rdbase, bool all)
{
    its->settling = false;
    for (size_t n = 0; n < its->collections.size; n++) {
        struct audit_collection *c = its->collections.slot[n].value;
        if (c != NULL && c->invalidated && (all || c->rdbase == rdbase)) {
            c->ready = true;
        }
        its->settling |= c != NULL && c->invalidated && !c->ready;
    }
}

void audit_its_sync(struct audit_world *w, struct audit_its *its, uint64_t rdbase, bool all)
{
    struct audit_event *next;
    for (struct audit_event *e = its->unsent; e != NULL; e = next) {
        next = e->unsent_next;
        if (all || concerns(e, rdbase)) {
            not_unsent(e);
        }
    }
    sync_freed(w, its, rdbase, all);
    sync_retired(its);
    if (its->settling) {
        settle(its, rdbase, all);
    }
}

void audit_its_passed(struct audit_its *its)
{
    for (struct audit_owed *o = its->retired_list; o != NULL && !o->passed; o = o->next) {
        o->passed = true;
    }
}

struct audit_owed *audit_its_retired(const struct audit_its *its, uint64_t start, uint64_t end)
{
    struct audit_range *r = audit_ranges_hit(&its->retired, start, end);
    return r != NULL ? r->owner : NULL;
}
