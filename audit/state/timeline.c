/* SPDX-License-Identifier: MIT */
/* What is drawn of a device: collected. */
#include <stddef.h>

#include "timeline.h"

void audit_timeline_map(struct audit_timeline *t, uint64_t line)
{
    if (t != NULL && t->lives++ < AUDIT_LIVES) {
        t->life[t->lives - 1] = (struct audit_life){ line, 0 };
    }
}

void audit_timeline_unmap(struct audit_timeline *t, uint64_t line)
{
    if (t != NULL && t->lives != 0 && t->lives <= AUDIT_LIVES) {
        t->life[t->lives - 1].to = line;
    }
}

static struct audit_point both(struct audit_point a, struct audit_point b)
{
    return (struct audit_point){ a.line, a.most > b.most ? a.most : b.most, b.last };
}

static void thin_out(struct audit_timeline *t)
{
    for (uint32_t n = 0; n < AUDIT_POINTS / 2; n++) {
        t->point[n] = both(t->point[2 * n], t->point[2 * n + 1]);
    }
    t->points = AUDIT_POINTS / 2;
    t->step = (t->point[t->points - 1].line - t->point[0].line) / (AUDIT_POINTS / 4);
}

static void count(struct audit_timeline *t, uint64_t line, uint32_t events)
{
    struct audit_point p = { line, events, events };
    struct audit_point *last = t->points != 0 ? &t->point[t->points - 1] : NULL;
    if (last != NULL && line - last->line < t->step) {
        *last = both(*last, p);
        return;
    }
    if (t->points == AUDIT_POINTS) {
        thin_out(t);
    }
    t->point[t->points++] = p;
}

uint32_t audit_timeline_event(struct audit_timeline *t, uint32_t event, uint64_t line,
                              uint32_t target, uint32_t events)
{
    if (t == NULL) {
        return 0;
    }
    count(t, line, events);
    if (t->bars < AUDIT_BARS) {
        t->bar[t->bars] = (struct audit_bar){ line, 0, event, target };
    }
    return t->bars++;
}

void audit_timeline_event_end(struct audit_timeline *t, uint32_t bar, uint64_t line,
                              uint32_t events)
{
    if (t == NULL) {
        return;
    }
    count(t, line, events);
    if (bar < AUDIT_BARS) {
        t->bar[bar].to = line;
    }
}

void audit_timeline_move(struct audit_timeline *t, uint32_t bar, uint64_t line, uint32_t target)
{
    if (t != NULL && t->ticks++ < AUDIT_TICKS) {
        t->tick[t->ticks - 1] = (struct audit_tick){ line, bar, target };
    }
}

void audit_timeline_mark(struct audit_timeline *t, uint64_t line, uint32_t level)
{
    if (t != NULL && t->marks++ < AUDIT_MARKS) {
        t->mark[t->marks - 1] = (struct audit_mark){ line, level };
    }
}
