/* SPDX-License-Identifier: MIT */
/* JSON, as docs/audit.schema.json describes it. What is added later does not change AUDIT_SCHEMA; what changes does. */
#include <inttypes.h>
#include <stdlib.h>

#include "report.h"

/* Length of the UTF-8 character at `s`, 0 when it is none: names of files are any bytes. */
static unsigned utf8(const unsigned char *s)
{
    unsigned n = s[0] < 0x80                   ? 1
                 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
                 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
                 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                               : 0;
    for (unsigned k = 1; k < n; k++) {
        if ((s[k] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) {
        return 0;
    }
    return n;
}

static void string(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    fputc('"', out);
    while (*s != '\0') {
        unsigned n = utf8(s);
        if (*s == '"' || *s == '\\') {
            fprintf(out, "\\%c", *s);
        } else if (*s < ' ' || *s == 0x7f) {
            fprintf(out, "\\u%04x", *s);
        } else if (n == 0) {
            fputs("\\ufffd", out);
        } else {
            fwrite(s, 1, n, out);
        }
        s += n == 0 ? 1 : n;
    }
    fputc('"', out);
}

static void text(FILE *out, const char *name, const char *value)
{
    fprintf(out, "\"%s\": ", name);
    string(out, value);
}

static void count(FILE *out, const char *name, uint64_t v)
{
    fprintf(out, "\"%s\": %" PRIu64, name, v);
}

/* A number, or null. */
static void maybe(FILE *out, const char *name, uint32_t v)
{
    if (v == AUDIT_NONE) {
        fprintf(out, "\"%s\": null", name);
    } else {
        count(out, name, v);
    }
}

static void breaches(FILE *out, uint64_t errors, uint64_t contracts, uint64_t all)
{
    fprintf(out, "{ \"error\": %" PRIu64 ", \"contract\": %" PRIu64 ", \"strict\": %" PRIu64 " }",
            errors, contracts - errors, all - contracts);
}

static void finding(FILE *out, const struct audit_finding *f)
{
    const struct audit_check_info *info = audit_check_info(f->check);
    fprintf(out, "        { ");
    maybe(out, "law", info->law != 0 ? info->law : AUDIT_NONE);
    fprintf(out, ", \"check\": \"%s\", \"level\": \"%s\", ", info->name,
            audit_level_name(info->level));
    count(out, "line", f->line);
    fprintf(out, ", ");
    count(out, "its", f->its);
    fprintf(out, ", ");
    maybe(out, "device", f->device);
    fprintf(out, ", ");
    maybe(out, "event", f->event);
    fprintf(out, ", ");
    maybe(out, "intid", f->intid);
    fprintf(out, ",\n          ");
    text(out, "what", f->what);
    fprintf(out, ",\n          ");
    text(out, "should", info->should);
    fprintf(out, ",\n          \"history\": [");
    for (uint32_t n = 0; n < f->nr_history; n++) {
        fprintf(out, n == 0 ? "\n            " : ",\n            ");
        string(out, f->history[n]);
    }
    fprintf(out, "] }");
}

static void findings(FILE *out, const struct audit *a)
{
    fprintf(out, "      \"findings\": [");
    for (uint32_t n = 0; n < a->nr_findings; n++) {
        fprintf(out, n == 0 ? "\n" : ",\n");
        finding(out, &a->finding[n]);
    }
    fprintf(out, "],\n");
}

static void laws(FILE *out, const struct audit *a)
{
    static const char *const sights[] = { "judged", "partly", "unseen", "never", "no-occasion" };
    char lacking[160];
    fprintf(out, "      \"laws\": [");
    for (unsigned n = 1; n <= AUDIT_NR_LAWS; n++) {
        const struct audit_law *law = audit_law(n);
        audit_lacking(n, a->has, lacking, sizeof(lacking));
        fprintf(out, "%s        { \"law\": %u, \"level\": \"%s\", \"sight\": \"%s\", ",
                n == 1 ? "\n" : ",\n", n, audit_level_name(law->level),
                sights[audit_sight(n, a->has)]);
        text(out, "lacking", lacking);
        fprintf(out, ", \"breaches\": ");
        breaches(out, audit_breaches_of(a, n, AUDIT_ERROR), audit_breaches_of(a, n, AUDIT_CONTRACT),
                 audit_breaches_of(a, n, AUDIT_STRICT));
        fprintf(out, " }");
    }
    fprintf(out, "],\n");
}

static void counts(FILE *out, const struct audit_counts *c, bool waits)
{
    fprintf(out,
            "\"commands\": %" PRIu64 ", \"MAPD\": %" PRIu64 ", \"MAPTI\": %" PRIu64
            ", \"MOVI\": %" PRIu64 ", \"INV\": %" PRIu64 ", \"INT_CLEAR\": %" PRIu64
            ", \"DISCARD\": %" PRIu64 ", \"SYNC\": %" PRIu64 ", ",
            c->commands, c->mapd, c->mapti, c->movi, c->inv, c->raise, c->discard, c->sync);
    if (waits) {
        fprintf(out, "\"doorbells\": %" PRIu64 ", \"waits\": %" PRIu64 ", ", c->doorbells,
                c->waits);
    } else {
        fprintf(out, "\"doorbells\": null, \"waits\": null, ");
    }
    fprintf(out,
            "\"best\": { \"commands\": %" PRIu64 ", \"SYNC\": %" PRIu64 ", \"waits\": %" PRIu64
            " }",
            c->best, c->best_sync, c->best_waits);
}

static void economy(FILE *out, const struct audit *a)
{
    uint32_t n;
    uint64_t forgotten = 0;
    struct audit_counts total = audit_total(a);
    struct audit_device **all = audit_devices(a, &n);
    fprintf(out, "      \"economy\": {\n        \"total\": { ");
    fprintf(out, "\"maps\": %" PRIu64 ", \"vectors\": %" PRIu64 ", ", audit_total_maps(a),
            audit_total_vectors(a));
    counts(out, &total, audit_has_waits(a));
    fprintf(out, " },\n        \"devices\": [");
    for (uint32_t k = 0; k < n; k++) {
        const struct audit_device *d = all[k];
        fprintf(out,
                "%s          { \"device\": %" PRIu32 ", \"its\": %" PRIu32 ", \"maps\": %" PRIu32
                ", \"mapped\": %s, \"events\": %" PRIu32 ", \"peak\": %" PRIu64
                ", \"vectors\": %" PRIu64 ", ",
                k == 0 ? "\n" : ",\n", d->id, d->its->number, d->maps, d->mapped ? "true" : "false",
                d->nr_events, d->all_peak, d->vectors);
        counts(out, &d->counts, audit_has_waits(a));
        fprintf(out, " }");
    }
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        forgotten += its->dead_devices;
    }
    fprintf(out, "],\n        \"forgotten_devices\": %" PRIu64 "\n      }\n", forgotten);
    free(all);
}

static void skipped(FILE *out, const struct audit_result *r)
{
    const struct audit_skipped *s = &r->skipped;
    fprintf(out,
            "      \"skipped\": { \"other\": %" PRIu64 ", \"broken\": %" PRIu64
            ", \"binary\": %" PRIu64 ", \"too_long\": %" PRIu64 ", \"bytes\": %" PRIu64
            ", \"first_broken\": ",
            s->other, s->broken, s->binary, s->too_long, s->bytes);
    if (s->broken == 0) {
        fprintf(out, "null },\n");
        return;
    }
    fprintf(out, "{ \"line\": %" PRIu64 ", ", s->broken_line);
    text(out, "text", s->broken_text);
    fprintf(out, " } },\n");
}

static void resets(FILE *out, const struct audit *a)
{
    fprintf(out, "      \"nr_resets\": %" PRIu64 ",\n      \"resets\": [", a->nr_resets);
    for (uint64_t n = 0; n < a->nr_resets && n < AUDIT_RESETS; n++) {
        fprintf(out,
                "%s{ \"line\": %" PRIu64 ", \"devices\": %" PRIu32 ", \"empty\": %" PRIu32 ", ",
                n == 0 ? "" : ", ", a->reset[n].line, a->reset[n].devices, a->reset[n].empty);
        text(out, "how", a->reset[n].how);
        fprintf(out, " }");
    }
    fprintf(out, "],\n");
}

static void trace(FILE *out, const struct audit_result *r, const struct audit_style *style)
{
    const struct audit *a = &r->audit;
    bool bad = audit_breaches(a, style->level) != 0;
    fprintf(out, "    {\n      ");
    text(out, "name", r->name);
    fprintf(out, ",\n      \"format\": \"%s\", \"packing\": \"%s\", ", r->records ? "umsi" : "qemu",
            r->packing);
    fprintf(out, "\"status\": \"%s\", ",
            r->fault[0] != '\0' ? "unreadable"
            : bad               ? "breaches"
                                : "clean");
    if (r->fault[0] != '\0') {
        text(out, "fault", r->fault);
    } else {
        fprintf(out, "\"fault\": null");
    }
    fprintf(out,
            ",\n      \"lines\": %" PRIu64 ", \"commands\": %" PRIu64
            ", \"cut\": %s, \"begins_late\": %s,\n",
            r->lines, a->commands, r->cut ? "true" : "false", a->late ? "true" : "false");
    fprintf(out,
            "      \"left_empty\": %" PRIu64 ", \"faults\": %" PRIu64 ", \"doubtful\": %" PRIu64
            ",\n      \"breaches\": ",
            a->kept_empty, a->faults, a->doubtful);
    breaches(out, audit_breaches(a, AUDIT_ERROR), audit_breaches(a, AUDIT_CONTRACT),
             audit_breaches(a, AUDIT_STRICT));
    fprintf(out, ",\n");
    skipped(out, r);
    resets(out, a);
    findings(out, a);
    laws(out, a);
    economy(out, a);
    fprintf(out, "    }");
}

void audit_json(FILE *out, const struct audit_result *r, size_t n, const struct audit_style *style)
{
    fprintf(
        out,
        "{\n  \"schema\": \"%s\",\n  \"version\": \"%s\",\n  \"level\": \"%s\",\n  \"traces\": [",
        AUDIT_SCHEMA, AUDIT_VERSION, audit_level_name(style->level));
    for (size_t k = 0; k < n; k++) {
        fprintf(out, k == 0 ? "\n" : ",\n");
        trace(out, &r[k], style);
    }
    fprintf(out, "\n  ]\n}\n");
}
