/* SPDX-License-Identifier: MIT */
/* A finding in words, with the history of what it is about. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"

#define WHAT_BYTES 768

const char *audit_unit(const struct audit *a)
{
    return a->records ? "record" : "line";
}

struct audit_about audit_about(const struct audit_its *its, struct audit_device *d,
                               const struct audit_item *i)
{
    return (struct audit_about){ .line = i->line,
                                 .its = its,
                                 .device = d,
                                 .event = i->event,
                                 .intid = i->intid,
                                 .id = d != NULL ? d->id : i->device };
}

static void tell(struct audit_finding *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(struct audit_finding *f, const char *format, ...)
{
    char text[256];
    va_list args;
    if (f->nr_history == AUDIT_LINES) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    char *copy = audit_alloc(strlen(text) + 1);
    strcpy(copy, text);
    f->history[f->nr_history++] = copy;
}

static const char *lines_of(const struct audit *a, uint64_t first, uint64_t last, char out[64])
{
    if (first == last) {
        snprintf(out, 64, "%s %" PRIu64, audit_unit(a), first);
    } else {
        snprintf(out, 64, "%ss %" PRIu64 "-%" PRIu64, audit_unit(a), first, last);
    }
    return out;
}

static void tell_moment(const struct audit *a, struct audit_finding *f,
                        const struct audit_moment *m)
{
    char when[64], which[48];
    const char *name = audit_opcode_name(m->opcode);
    lines_of(a, m->first, m->last, when);
    if (m->opcode == AUDIT_MAPD && m->valid) {
        tell(f, "%s: MAPD V=1, room for %" PRIu32 " events, ITT 0x%" PRIx64, when, m->extra,
             m->itt);
        return;
    }
    if (m->opcode == AUDIT_MAPD) {
        tell(f, "%s: MAPD V=0", when);
        return;
    }
    if (m->from == m->to) {
        snprintf(which, sizeof(which), "EventID %" PRIu32, m->from);
    } else {
        snprintf(which, sizeof(which), "EventIDs %" PRIu32 " to %" PRIu32, m->from, m->to);
    }
    if (m->count == 1) {
        tell(f, "%s: %s %s", when, name, which);
    } else {
        tell(f, "%s: %" PRIu32 " x %s %s", when, m->count, name, which);
    }
}

static void tell_event(const struct audit *a, struct audit_finding *f, const struct audit_event *e)
{
    const char *unit = audit_unit(a);
    if (e->vpe != AUDIT_NONE) {
        tell(f,
             "EventID %" PRIu32 ": mapped in %s %" PRIu64 " to vINTID %" PRIu32 " of vPE %" PRIu32,
             e->id, unit, e->line, e->intid, e->vpe);
    } else if (e->moves != 0) {
        tell(f,
             "EventID %" PRIu32 ": mapped in %s %" PRIu64 " to INTID %" PRIu32 ", moved %" PRIu32
             " times, in %s %" PRIu64 " to collection %" PRIu32,
             e->id, unit, e->line, e->intid, e->moves, unit, e->moved_line, e->icid);
    } else {
        tell(f,
             "EventID %" PRIu32 ": mapped in %s %" PRIu64 " to INTID %" PRIu32
             " on collection %" PRIu32,
             e->id, unit, e->line, e->intid, e->icid);
    }
}

static void tell_device(const struct audit *a, struct audit_finding *f,
                        const struct audit_device *d)
{
    const struct audit_history *h = &d->history;
    if (d->mapped) {
        tell(f,
             "DeviceID 0x%" PRIx32 ": map %" PRIu32 " of it, since %s %" PRIu64 "; %" PRIu32
             " events now, %" PRIu32 " at most",
             d->id, d->maps, audit_unit(a), d->map_line, d->nr_events, d->peak);
    } else if (d->maps != 0) {
        tell(f, "DeviceID 0x%" PRIx32 ": mapped %" PRIu32 " times, unmapped since %s %" PRIu64,
             d->id, d->maps, audit_unit(a), d->unmap_line);
    } else {
        tell(f, "DeviceID 0x%" PRIx32 ": never mapped so far", d->id);
    }
    if (h->dropped != 0) {
        tell(f, "(%" PRIu64 " earlier steps are not kept)", h->dropped);
    }
    for (uint32_t n = 0; n < h->used; n++) {
        tell_moment(a, f, audit_history_at(h, n));
    }
}

static struct audit_finding *room(struct audit *a)
{
    if (a->nr_findings == a->room) {
        a->room = a->room == 0 ? 16 : a->room * 2;
        a->finding = audit_grow(a->finding, a->room * sizeof(*a->finding));
    }
    struct audit_finding *f = &a->finding[a->nr_findings++];
    memset(f, 0, sizeof(*f));
    return f;
}

void audit_find(struct audit *a, enum audit_check check, const struct audit_about *about,
                const char *format, ...)
{
    const struct audit_check_info *info = audit_check_info(check);
    char text[WHAT_BYTES];
    va_list args;
    if (about->device != NULL && about->device->doubt) {
        a->doubtful++;
        return;
    }
    a->breaches[check]++;
    if (about->device != NULL) {
        audit_timeline_mark(about->device->timeline, about->line, info->level);
    }
    if (a->kept[info->law] >= a->options.most) {
        return;
    }
    a->kept[info->law]++;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct audit_finding *f = room(a);
    f->check = check;
    f->line = about->line;
    f->its = about->its != NULL ? about->its->number : 0;
    f->object = about->its != NULL ? about->its->object : 0;
    f->device = about->id;
    f->event = about->event;
    f->intid = about->intid;
    f->what = audit_alloc(strlen(text) + 1);
    strcpy(f->what, text);
    if (about->device != NULL) {
        const struct audit_event *e =
            about->event != AUDIT_NONE ? audit_event_find(about->device, about->event) : NULL;
        tell_device(a, f, about->device);
        if (e != NULL) {
            tell_event(a, f, e);
        }
    }
    if (a->options.found != NULL) {
        a->options.found(a->options.ctx, f);
    }
}

void audit_findings_free(struct audit *a)
{
    for (uint32_t n = 0; n < a->nr_findings; n++) {
        free(a->finding[n].what);
        for (uint32_t k = 0; k < a->finding[n].nr_history; k++) {
            free(a->finding[n].history[k]);
        }
    }
    free(a->finding);
}

uint64_t audit_breaches_of(const struct audit *a, unsigned law, enum audit_level from)
{
    uint64_t n = 0;
    for (unsigned c = 0; c < AUDIT_NR_CHECKS; c++) {
        const struct audit_check_info *info = audit_check_info((enum audit_check)c);
        n += info->law == law && info->level >= from ? a->breaches[c] : 0;
    }
    return n;
}

uint64_t audit_breaches(const struct audit *a, enum audit_level from)
{
    uint64_t n = 0;
    for (unsigned law = 0; law <= AUDIT_NR_LAWS; law++) {
        n += audit_breaches_of(a, law, from);
    }
    return n;
}
