/* SPDX-License-Identifier: MIT */
/*
 * From top to bottom: the device's maps as bars, a leak hatched behind the last; its events, one lane per EventID, in
 * the colour of the collection they are in, each move a tick; or, when there are too many, how many there are over
 * time; findings as triangles; line numbers.
 */
#include <inttypes.h>

#include "picture.h"

#define LEFT    92.0
#define WIDTH   960.0
#define RIGHT   12.0
#define LANE    14.0
#define TOP     16.0
#define LANES   32u
#define CURVE   72.0
#define COLOURS 8u

struct picture {
    FILE *out;
    const struct audit *a;
    const struct audit_device *d;
    const struct audit_timeline *t;
    uint64_t lines;
    uint32_t lane[LANES]; /* EventIDs, ascending */
    uint32_t lanes;
    bool crowded; /* a curve instead of lanes */
    double height;
};

static double x_of(const struct picture *p, uint64_t line)
{
    double span = p->lines > 1 ? (double)(p->lines - 1) : 1.0,
           at = line > 0 ? (double)(line - 1) : 0.0;
    return LEFT + (at > span ? span : at) / span * (WIDTH - LEFT - RIGHT);
}

/* `to` 0: until the end. */
static double end_of(const struct picture *p, uint64_t to)
{
    return to == 0 ? WIDTH - RIGHT : x_of(p, to);
}

static void rect(const struct picture *p, double from, double to, double y, double h,
                 const char *class)
{
    double w = to - from < 1.5 ? 1.5 : to - from;
    fprintf(p->out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" class=\"%s\">",
            from, y, w, h, class);
}

static void label(const struct picture *p, double y, const char *format, uint64_t v)
{
    fprintf(p->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"label\">", LEFT - 8, y);
    fprintf(p->out, format, v);
    fprintf(p->out, "</text>\n");
}

/* ---- lanes ---- */

static uint32_t lane_of(const struct picture *p, uint32_t event)
{
    uint32_t n = 0;
    while (n < p->lanes && p->lane[n] < event) {
        n++;
    }
    return n;
}

static void add_lane(struct picture *p, uint32_t event)
{
    uint32_t n = lane_of(p, event);
    if (n < p->lanes && p->lane[n] == event) {
        return;
    }
    if (p->lanes == LANES) {
        p->crowded = true;
        return;
    }
    for (uint32_t k = p->lanes++; k > n; k--) {
        p->lane[k] = p->lane[k - 1];
    }
    p->lane[n] = event;
}

static void plan(struct picture *p)
{
    p->crowded = p->t->bars > AUDIT_BARS;
    for (uint32_t n = 0; n < p->t->bars && n < AUDIT_BARS && !p->crowded; n++) {
        add_lane(p, p->t->bar[n].event);
    }
    p->height = TOP + LANE + 4 + (p->crowded ? CURVE : LANE * p->lanes) + 30;
}

/* ---- what is drawn ---- */

static bool leaks(const struct picture *p)
{
    for (uint32_t n = 0; n < p->a->nr_findings; n++) {
        const struct audit_finding *f = &p->a->finding[n];
        if (f->check == CHECK_MAPD_LEAK && f->device == p->d->id && f->its == p->d->its->number) {
            return true;
        }
    }
    return false;
}

static void maps(const struct picture *p, bool leak)
{
    uint32_t n = p->t->lives < AUDIT_LIVES ? p->t->lives : AUDIT_LIVES;
    label(p, TOP + 10, "mapped", 0);
    for (uint32_t k = 0; k < n; k++) {
        const struct audit_life *l = &p->t->life[k];
        rect(p, x_of(p, l->from), end_of(p, l->to), TOP, LANE - 3, "life");
        fprintf(p->out, "<title>map %" PRIu32 ": MAPD V=1 in %s %" PRIu64, k + 1, audit_unit(p->a),
                l->from);
        if (l->to != 0) {
            fprintf(p->out, ", V=0 in %s %" PRIu64, audit_unit(p->a), l->to);
        } else {
            fprintf(p->out, ", still mapped");
        }
        fprintf(p->out, "</title></rect>\n");
    }
    if (leak) {
        double from = x_of(p, p->d->emptied_last);
        rect(p, from, WIDTH - RIGHT, TOP - 1, p->height - TOP - 28, "leak");
        fprintf(p->out, "<title>mapped with no event since %s %" PRIu64 "</title></rect>\n",
                audit_unit(p->a), p->d->emptied_last);
        fprintf(
            p->out,
            "<text x=\"%.1f\" y=\"%.1f\" class=\"leaktext\" text-anchor=\"end\">leak: mapped with no event since %s %" PRIu64
            "</text>\n",
            WIDTH - RIGHT - 2, TOP - 4, audit_unit(p->a), p->d->emptied_last);
    }
}

static void segment(const struct picture *p, const struct audit_bar *b, uint64_t from, uint64_t to,
                    uint32_t target)
{
    char class[16];
    snprintf(class, sizeof(class), "bar c%" PRIu32, target % COLOURS);
    double y = TOP + LANE + 4 + LANE * lane_of(p, b->event);
    rect(p, x_of(p, from), end_of(p, to), y, LANE - 3, class);
    fprintf(p->out, "<title>EventID %" PRIu32 " on collection %" PRIu32 ", from %s %" PRIu64,
            b->event, target, audit_unit(p->a), from);
    if (to != 0) {
        fprintf(p->out, " to %" PRIu64, to);
    }
    fprintf(p->out, "</title></rect>\n");
}

/* An event, in pieces between its moves. */
static void event(const struct picture *p, uint32_t bar)
{
    const struct audit_bar *b = &p->t->bar[bar];
    uint64_t from = b->from;
    uint32_t target = b->target;
    double y = TOP + LANE + 4 + LANE * lane_of(p, b->event);
    for (uint32_t n = 0; n < p->t->ticks && n < AUDIT_TICKS; n++) {
        const struct audit_tick *t = &p->t->tick[n];
        if (t->bar != bar) {
            continue;
        }
        segment(p, b, from, t->line, target);
        from = t->line;
        target = t->target;
    }
    segment(p, b, from, b->to, target);
    for (uint32_t n = 0; n < p->t->ticks && n < AUDIT_TICKS; n++) {
        const struct audit_tick *t = &p->t->tick[n];
        if (t->bar == bar) {
            rect(p, x_of(p, t->line) - 1, x_of(p, t->line) + 1, y - 2, LANE + 1, "move");
            fprintf(p->out,
                    "<title>EventID %" PRIu32 " moved to collection %" PRIu32 " in %s %" PRIu64
                    "</title></rect>\n",
                    b->event, t->target, audit_unit(p->a), t->line);
        }
    }
}

static void lanes(const struct picture *p)
{
    for (uint32_t n = 0; n < p->lanes; n++) {
        double y = TOP + LANE + 4 + LANE * n;
        label(p, y + 10, "event %" PRIu64, p->lane[n]);
        fprintf(p->out, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>\n",
                LEFT, WIDTH - RIGHT, y + LANE - 2, y + LANE - 2);
    }
    for (uint32_t n = 0; n < p->t->bars && n < AUDIT_BARS; n++) {
        event(p, n);
    }
}

static void curve(const struct picture *p)
{
    uint32_t most = 1;
    double bottom = TOP + LANE + 4 + CURVE - 4;
    for (uint32_t n = 0; n < p->t->points; n++) {
        most = p->t->point[n].most > most ? p->t->point[n].most : most;
    }
    double scale = (CURVE - 10) / most;
    label(p, TOP + LANE + 14, "%" PRIu64 " events", most);
    label(p, bottom, "0", 0);
    fprintf(p->out, "<path class=\"curve\" d=\"M%.1f %.1f",
            p->t->points != 0 ? x_of(p, p->t->point[0].line) : LEFT, bottom);
    for (uint32_t n = 0; n < p->t->points; n++) {
        const struct audit_point *at = &p->t->point[n];
        fprintf(p->out, " H%.1f V%.1f V%.1f", x_of(p, at->line), bottom - at->most * scale,
                bottom - at->last * scale);
    }
    fprintf(p->out, " H%.1f V%.1f Z\"/>\n",
            p->d->mapped || p->t->points == 0 ? WIDTH - RIGHT
                                              : x_of(p, p->t->point[p->t->points - 1].line),
            bottom);
}

static void marks(const struct picture *p)
{
    static const char *const classes[] = { "strict", "contract", "error" };
    for (uint32_t n = 0; n < p->t->marks && n < AUDIT_MARKS; n++) {
        double x = x_of(p, p->t->mark[n].line), y = p->height - 26;
        fprintf(
            p->out,
            "<path d=\"M%.1f %.1f l5 8 h-10 Z\" class=\"mark %s\"><title>%s finding, %s %" PRIu64
            "</title></path>\n",
            x, y, classes[p->t->mark[n].level], classes[p->t->mark[n].level], audit_unit(p->a),
            p->t->mark[n].line);
    }
}

static void axis(const struct picture *p)
{
    for (unsigned n = 0; n <= 4; n++) {
        uint64_t line = 1 + (p->lines > 1 ? p->lines - 1 : 0) * n / 4;
        fprintf(p->out,
                "<text x=\"%.1f\" y=\"%.1f\" class=\"axis\" text-anchor=\"%s\">%" PRIu64
                "</text>\n",
                x_of(p, line), p->height - 4,
                n == 0   ? "start"
                : n == 4 ? "end"
                         : "middle",
                line);
    }
    label(p, p->height - 4, p->a->records ? "record" : "line", 0);
}

void audit_picture(FILE *out, const struct audit *a, const struct audit_device *d, uint64_t lines)
{
    struct picture p = { .out = out, .a = a, .d = d, .t = d->timeline, .lines = lines };
    plan(&p);
    bool leak = leaks(&p);
    fprintf(out,
            "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"DeviceID 0x%" PRIx32
            " over the trace\" data-device=\"0x%" PRIx32 "\" data-leak=\"%s\">\n",
            WIDTH, p.height, d->id, d->id, leak ? "yes" : "no");
    maps(&p, leak);
    if (p.crowded) {
        curve(&p);
    } else {
        lanes(&p);
    }
    marks(&p);
    axis(&p);
    fprintf(out, "</svg>\n");
    if (p.crowded) {
        fprintf(out,
                "<p class=\"note\">Too many events to draw each, with %" PRIu32
                " moves: this is how many are mapped over time.</p>\n",
                d->timeline->ticks);
    } else if (d->timeline->ticks > AUDIT_TICKS) {
        fprintf(out, "<p class=\"note\">The first %u of %" PRIu32 " moves are drawn.</p>\n",
                AUDIT_TICKS, d->timeline->ticks);
    }
    if (d->timeline->lives > AUDIT_LIVES) {
        fprintf(out, "<p class=\"note\">The first %u of %" PRIu32 " maps are drawn.</p>\n",
                AUDIT_LIVES, d->timeline->lives);
    }
}
