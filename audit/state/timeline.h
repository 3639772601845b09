/* SPDX-License-Identifier: MIT */
/*
 * What is drawn of a device, bounded however long the trace is: the first lives, events and moves one by one, and the
 * number of events over time, thinned out when there is too much of it. All functions take NULL: nothing is drawn.
 */
#ifndef AUDIT_TIMELINE_H
#define AUDIT_TIMELINE_H

#include <stdint.h>

#define AUDIT_LIVES  64u
#define AUDIT_BARS   256u
#define AUDIT_TICKS  256u
#define AUDIT_POINTS 512u
#define AUDIT_MARKS  32u

struct audit_life {
    uint64_t from, to; /* lines; to 0: still mapped */
};

struct audit_bar { /* an event from MAPTI to DISCARD */
    uint64_t from, to;
    uint32_t event, target;
};

struct audit_tick { /* a move */
    uint64_t line;
    uint32_t bar, target;
};

struct audit_point { /* from this line to the next point's */
    uint64_t line;
    uint32_t most, last; /* events */
};

struct audit_mark { /* a finding */
    uint64_t line;
    uint32_t level;
};

struct audit_timeline {
    struct audit_life life[AUDIT_LIVES];
    struct audit_bar bar[AUDIT_BARS];
    struct audit_tick tick[AUDIT_TICKS];
    struct audit_point point[AUDIT_POINTS];
    struct audit_mark mark[AUDIT_MARKS];
    uint32_t lives, bars, ticks, points,
        marks;     /* as many as there are; may exceed what is kept, apart from points */
    uint64_t step; /* points are at least this far apart */
};

void audit_timeline_map(struct audit_timeline *t, uint64_t line);
void audit_timeline_unmap(struct audit_timeline *t, uint64_t line);
/* The bar's number, for the calls below. `events`: how many there are now. */
uint32_t audit_timeline_event(struct audit_timeline *t, uint32_t event, uint64_t line,
                              uint32_t target, uint32_t events);
void audit_timeline_event_end(struct audit_timeline *t, uint32_t bar, uint64_t line,
                              uint32_t events);
void audit_timeline_move(struct audit_timeline *t, uint32_t bar, uint64_t line, uint32_t target);
void audit_timeline_mark(struct audit_timeline *t, uint64_t line, uint32_t level);

#endif /* AUDIT_TIMELINE_H */
