/* SPDX-License-Identifier: MIT */
/* Two traces side by side: what each kernel breached, and what the same work cost it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char *name_of(const struct audit_result *r)
{
    const char *slash = strrchr(r->name, '/');
    return slash != NULL ? slash + 1 : r->name;
}

static void numbers(FILE *out, const char *what, uint64_t a, uint64_t b)
{
    fprintf(out, "  %-34s %14" PRIu64 " %14" PRIu64, what, a, b);
    if (a != 0 && b != 0) {
        fprintf(out, " %9.2f", (double)b / (double)a);
    }
    fprintf(out, "\n");
}

/* x per y; a dash where there is no y. */
static void ratio(FILE *out, const char *what, uint64_t xa, uint64_t ya, uint64_t xb, uint64_t yb)
{
    double a = ya != 0 ? (double)xa / (double)ya : 0, b = yb != 0 ? (double)xb / (double)yb : 0;
    char text[2][32];
    snprintf(text[0], sizeof(text[0]), ya != 0 ? "%.2f" : "-", a);
    snprintf(text[1], sizeof(text[1]), yb != 0 ? "%.2f" : "-", b);
    fprintf(out, "  %-34s %14s %14s", what, text[0], text[1]);
    if (a != 0 && b != 0) {
        fprintf(out, " %9.2f", b / a);
    }
    fprintf(out, "\n");
}

static void costs(FILE *out, const struct audit *a, const struct audit *b)
{
    struct audit_counts x = audit_total(a), y = audit_total(b);
    uint64_t va = audit_total_vectors(a), vb = audit_total_vectors(b), ma = audit_total_maps(a),
             mb = audit_total_maps(b);
    numbers(out, "maps of a device (MAPD V=1)", ma, mb);
    numbers(out, "vectors mapped (MAPTI)", va, vb);
    numbers(out, "commands", x.commands, y.commands);
    numbers(out, "  SYNC", x.sync, y.sync);
    numbers(out, "  INV", x.inv, y.inv);
    numbers(out, "  MOVI", x.movi, y.movi);
    numbers(out, "  INT and CLEAR", x.raise, y.raise);
    ratio(out, "commands per vector", x.commands, va, y.commands, vb);
    ratio(out, "SYNCs per vector", x.sync, va, y.sync, vb);
    ratio(out, "commands per map", x.commands, ma, y.commands, mb);
    ratio(out, "commands, best known is 1", x.commands, x.best, y.commands, y.best);
    if (audit_has_waits(a) && audit_has_waits(b)) {
        numbers(out, "doorbells", x.doorbells, y.doorbells);
        numbers(out, "waits", x.waits, y.waits);
        ratio(out, "waits per vector", x.waits, va, y.waits, vb);
    } else {
        fprintf(out, "  waits: both traces need gicv3_its_*, or to be umsi's records\n");
    }
}

static void breaches(FILE *out, const struct audit *a, const struct audit *b)
{
    numbers(out, "errors", audit_breaches(a, AUDIT_ERROR), audit_breaches(b, AUDIT_ERROR));
    numbers(out, "breaches of contract",
            audit_breaches(a, AUDIT_CONTRACT) - audit_breaches(a, AUDIT_ERROR),
            audit_breaches(b, AUDIT_CONTRACT) - audit_breaches(b, AUDIT_ERROR));
    numbers(out, "strict findings",
            audit_breaches(a, AUDIT_STRICT) - audit_breaches(a, AUDIT_CONTRACT),
            audit_breaches(b, AUDIT_STRICT) - audit_breaches(b, AUDIT_CONTRACT));
    for (unsigned c = 0; c < AUDIT_NR_CHECKS; c++) {
        const struct audit_check_info *info = audit_check_info((enum audit_check)c);
        char what[64];
        snprintf(what, sizeof(what), "  L%u %s", info->law, info->name);
        if (a->breaches[c] != 0 || b->breaches[c] != 0) {
            numbers(out, info->law != 0 ? what : "  QEMU's complaints", a->breaches[c],
                    b->breaches[c]);
        }
    }
}

/* DeviceIDs that both have: commands per vector. */
static void devices(FILE *out, const struct audit *a, const struct audit *b)
{
    uint32_t n, shown = 0;
    struct audit_device **all = audit_devices(a, &n);
    for (uint32_t k = 0; k < n && shown < 20 && b->world.its != NULL; k++) {
        const struct audit_device *d = all[k], *e = audit_device_find(b->world.its, d->id);
        char what[64];
        if (e == NULL || d->its->number != 0 || d->vectors == 0 || e->vectors == 0) {
            continue;
        }
        if (shown++ == 0) {
            fprintf(out, "commands per vector, of DeviceIDs that both have\n");
        }
        snprintf(what, sizeof(what), "0x%" PRIx32 " (%" PRIu64 " and %" PRIu64 " vectors)", d->id,
                 d->vectors, e->vectors);
        ratio(out, what, d->counts.commands, d->vectors, e->counts.commands, e->vectors);
    }
    free(all);
}

void audit_compare(FILE *out, const struct audit_result *a, const struct audit_result *b,
                   const struct audit_style *style)
{
    const char *bold = style->colour ? "\033[1m" : "", *plain = style->colour ? "\033[0m" : "";
    fprintf(out, "A: %s\nB: %s\n", a->name, b->name);
    fprintf(out, "%s  %-34s %14.14s %14.14s %9s%s\n", bold, "", name_of(a), name_of(b), "B/A",
            plain);
    breaches(out, &a->audit, &b->audit);
    costs(out, &a->audit, &b->audit);
    devices(out, &a->audit, &b->audit);
}
