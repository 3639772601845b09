/* SPDX-License-Identifier: MIT */
/* One page that needs nothing else: no network, no script. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"
#include "xml.h"

#define DRAWN 48u /* devices */

static const char style_sheet[] =
    ":root{color-scheme:light dark;--bg:#fbfbf9;--fg:#1c1d1f;--soft:#5d6066;--line:#dcdcd6;--card:#ffffff;"
    "--life:#c4c7cc;--error:#c0262d;--contract:#b45309;--strict:#2563a8;--ok:#1a7f43;--leak:#c0262d}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e7e7e3;--soft:#a0a4ab;--line:#34373c;--card:#1d2024;"
    "--life:#4a4e55;--error:#ff7b72;--contract:#f0a04b;--strict:#79b8ff;--ok:#56d364;--leak:#ff7b72}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;background:var(--bg);color:var(--fg);margin:0 auto;max-width:1060px;padding:24px}\n"
    "h1{font-size:22px;margin:0 0 4px}h2{font-size:18px;margin:36px 0 4px;overflow-wrap:anywhere}h3{font-size:15px;margin:24px 0 6px}\n"
    "p{margin:4px 0}.note{color:var(--soft)}code,.history{font:13px/1.5 ui-monospace,monospace}\n"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 16px;margin:10px 0;overflow-x:auto}\n"
    ".finding{border-left:5px solid var(--line)}.finding.error{border-left-color:var(--error)}\n"
    ".finding.contract{border-left-color:var(--contract)}.finding.strict{border-left-color:var(--strict)}\n"
    ".tag{font-weight:600}.tag.error{color:var(--error)}.tag.contract{color:var(--contract)}.tag.strict{color:var(--strict)}\n"
    ".verdict{font-weight:600}.verdict.clean{color:var(--ok)}.verdict.breaches,.verdict.unreadable{color:var(--error)}\n"
    "details{margin:6px 0 0}summary{cursor:pointer;color:var(--soft)}.history{white-space:pre-wrap;margin:4px 0 0}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{padding:2px 10px;text-align:right;border-bottom:1px solid "
    "var(--line);white-space:nowrap}th:first-child,td:first-child{text-align:left}th{font-weight:600;color:var(--soft)}\n"
    "svg{display:block;width:100%;min-width:640px;height:auto}svg text{font:10px system-ui,sans-serif;fill:var(--soft)}\n"
    ".label{text-anchor:end}.life{fill:var(--life)}.grid{stroke:var(--line);stroke-width:.6}.move{fill:var(--fg)}\n"
    ".leak{fill:url(#hatch);stroke:var(--leak);stroke-width:1}svg .leaktext{fill:var(--leak);font-weight:600;font-size:11px}\n"
    ".hatch{stroke:var(--leak);stroke-width:2;opacity:.45}.curve{fill:#3b82c4;stroke:#3b82c4;opacity:.75}\n"
    ".mark.error{fill:var(--error)}.mark.contract{fill:var(--contract)}.mark.strict{fill:var(--strict)}\n"
    ".c0{fill:#3b82c4}.c1{fill:#d98324}.c2{fill:#3a9d6e}.c3{fill:#a463b0}.c4{fill:#8a8f2a}.c5{fill:#2a9da8}.c6{fill:#c0587c}.c7{fill:#7a6a58}\n";

static void finding(FILE *out, const struct audit *a, const struct audit_finding *f)
{
    const struct audit_check_info *info = audit_check_info(f->check);
    char label[64];
    const char *level = audit_level_name(info->level);
    fprintf(
        out,
        "<div class=\"card finding %s\" data-check=\"%s\"><p><span class=\"tag %s\">%s</span> <b>%s</b>, %s %" PRIu64,
        level, info->name, level, level, audit_check_label(f, label), audit_unit(a), f->line);
    if (f->device != AUDIT_NONE) {
        fprintf(out, ", DeviceID 0x%" PRIx32, f->device);
    }
    if (f->event != AUDIT_NONE) {
        fprintf(out, ", EventID %" PRIu32, f->event);
    }
    if (f->intid != AUDIT_NONE) {
        fprintf(out, ", INTID %" PRIu32, f->intid);
    }
    fprintf(out, "</p><p>");
    audit_xml(out, f->what);
    fprintf(out, "</p><p class=\"note\">Should: ");
    audit_xml(out, info->should);
    fprintf(out, "</p>");
    if (f->nr_history != 0) {
        fprintf(out, "<details><summary>history</summary><div class=\"history\">");
        for (uint32_t n = 0; n < f->nr_history; n++) {
            fprintf(out, n == 0 ? "" : "\n");
            audit_xml(out, f->history[n]);
        }
        fprintf(out, "</div></details>");
    }
    fprintf(out, "</div>\n");
}

static void findings(FILE *out, const struct audit_result *r, const struct audit_style *style)
{
    uint32_t shown = 0, below = 0;
    for (uint32_t n = 0; n < r->audit.nr_findings; n++) {
        bool show = audit_check_info(r->audit.finding[n].check)->level >= style->level;
        shown += show;
        below += !show;
    }
    fprintf(out, "<h3>Findings</h3>\n");
    for (uint32_t n = 0; n < r->audit.nr_findings; n++) {
        if (audit_check_info(r->audit.finding[n].check)->level >= style->level) {
            finding(out, &r->audit, &r->audit.finding[n]);
        }
    }
    if (shown == 0) {
        fprintf(out, "<p class=\"note\">None at the level %s or above.</p>\n",
                audit_level_name(style->level));
    }
    if (below != 0) {
        fprintf(out,
                "<p class=\"note\">%" PRIu32 " below that level; --level strict shows them.</p>\n",
                below);
    }
    for (unsigned law = 0; law <= AUDIT_NR_LAWS; law++) {
        uint64_t all = audit_breaches_of(&r->audit, law, AUDIT_STRICT);
        if (all > r->audit.kept[law]) {
            fprintf(out, "<p class=\"note\">L%u: %" PRIu64 " in all, %" PRIu32 " are kept.</p>\n",
                    law, all, r->audit.kept[law]);
        }
    }
}

/* Devices with breaches first, then those with the most commands. */
static int by_interest(const void *x, const void *y)
{
    const struct audit_device *a = *(struct audit_device *const *)x,
                              *b = *(struct audit_device *const *)y;
    uint32_t ma = a->timeline->marks, mb = b->timeline->marks;
    if ((ma != 0) != (mb != 0)) {
        return ma != 0 ? -1 : 1;
    }
    if (a->counts.commands != b->counts.commands) {
        return a->counts.commands < b->counts.commands ? 1 : -1;
    }
    return (a->id > b->id) - (a->id < b->id);
}

static void pictures(FILE *out, const struct audit_result *r)
{
    uint32_t all, n = 0;
    struct audit_device **d = audit_devices(&r->audit, &all);
    for (uint32_t k = 0; k < all; k++) {
        if (d[k]->timeline != NULL && d[k]->timeline->lives != 0) {
            d[n++] = d[k];
        }
    }
    qsort(d, n, sizeof(struct audit_device *), by_interest);
    fprintf(
        out,
        "<h3>Devices</h3>\n<p class=\"note\">From left to right the whole trace. Grey: mapped. Colours: the collection an event is "
        "in; a tick: a move; triangles: findings.</p>\n");
    for (uint32_t k = 0; k < n && k < DRAWN; k++) {
        fprintf(out, "<div class=\"card device\"><p><b>DeviceID 0x%" PRIx32 "</b>", d[k]->id);
        if (r->audit.world.nr_its > 1) {
            fprintf(out, " of ITS %" PRIu32, d[k]->its->number);
        }
        fprintf(out,
                " <span class=\"note\">%" PRIu32 " maps, %" PRIu64 " vectors, %" PRIu64
                " commands</span></p>\n",
                d[k]->maps, d[k]->vectors, d[k]->counts.commands);
        audit_picture(out, &r->audit, d[k], r->lines);
        fprintf(out, "</div>\n");
    }
    if (all > DRAWN) {
        fprintf(out, "<p class=\"note\">%" PRIu32 " more DeviceIDs are not drawn.</p>\n",
                all - DRAWN);
    }
    free(d);
}

static void cost_row(FILE *out, const struct audit *a, const char *name,
                     const struct audit_counts *c, uint64_t maps, uint64_t vectors)
{
    fprintf(out,
            "<tr><td>%s</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
            "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td>",
            name, maps, vectors, c->commands, c->sync, c->inv, c->movi);
    if (audit_has_waits(a)) {
        fprintf(out, "<td>%" PRIu64 "</td>", c->waits);
    } else {
        fprintf(out, "<td>-</td>");
    }
    fprintf(out, vectors != 0 ? "<td>%.2f</td>" : "<td>-</td>",
            vectors != 0 ? (double)c->commands / (double)vectors : 0.0);
    fprintf(out, c->best != 0 ? "<td>%.2f</td></tr>\n" : "<td>-</td></tr>\n",
            c->best != 0 ? (double)c->commands / (double)c->best : 0.0);
}

static void economy(FILE *out, const struct audit_result *r)
{
    const struct audit *a = &r->audit;
    uint32_t n;
    struct audit_counts total = audit_total(a);
    struct audit_device **all = audit_devices(a, &n);
    fprintf(
        out,
        "<h3>Economy</h3>\n<div class=\"card\"><table><tr><th>DeviceID</th><th>maps</th><th>vectors</th><th>commands</th>"
        "<th>SYNC</th><th>INV</th><th>MOVI</th><th>waits</th><th>per vector</th><th>of best</th></tr>\n");
    for (uint32_t k = 0; k < n && k < 200; k++) {
        char name[32];
        snprintf(name, sizeof(name), "0x%" PRIx32, all[k]->id);
        cost_row(out, a, name, &all[k]->counts, all[k]->maps, all[k]->vectors);
    }
    cost_row(out, a, "all", &total, audit_total_maps(a), audit_total_vectors(a));
    fprintf(out, "</table></div>\n");
    free(all);
}

static void laws(FILE *out, const struct audit *a)
{
    static const char *const sights[] = { "judged", "in part", "not by this trace",
                                          "by no trace of the ITS", "no occasion" };
    char lacking[160];
    fprintf(
        out,
        "<h3>Laws</h3>\n<details><summary>what this trace can show</summary><div class=\"card\"><table>\n");
    for (unsigned n = 1; n <= AUDIT_NR_LAWS; n++) {
        audit_lacking(n, a->has, lacking, sizeof(lacking));
        fprintf(out, "<tr><td title=\"");
        audit_xml(out, audit_law(n)->text);
        fprintf(out, "\">L%u</td><td>%s</td><td>%s</td><td>%" PRIu64 "</td></tr>\n", n,
                sights[audit_sight(n, a->has)], lacking, audit_breaches_of(a, n, AUDIT_STRICT));
    }
    fprintf(out, "</table></div></details>\n");
}

static void notes(FILE *out, const struct audit_result *r)
{
    const struct audit *a = &r->audit;
    const struct audit_skipped *s = &r->skipped;
    if (r->fault[0] != '\0') {
        fprintf(out, "<p>Not read to its end: ");
        audit_xml(out, r->fault);
        fprintf(out, "</p>\n");
    }
    if (a->late) {
        fprintf(
            out,
            "<p class=\"note\">It begins in the middle: what was mapped before is not judged.</p>\n");
    }
    for (uint64_t n = 0; n < a->nr_resets && n < AUDIT_RESETS; n++) {
        fprintf(out,
                "<p class=\"note\">The guest started anew in %s %" PRIu64 "; %" PRIu32
                " devices were mapped, no leaks.</p>\n",
                audit_unit(a), a->reset[n].line, a->reset[n].devices);
    }
    if (s->other + s->broken + s->bytes != 0) {
        fprintf(out,
                "<p class=\"note\">Skipped: %" PRIu64 " other lines (%" PRIu64
                " with binary bytes, %" PRIu64 " too long), %" PRIu64
                " that cannot be read, %" PRIu64 " bytes.</p>\n",
                s->other, s->binary, s->too_long, s->broken, s->bytes);
    }
}

static void trace(FILE *out, const struct audit_result *r, const struct audit_style *style)
{
    const struct audit *a = &r->audit;
    bool bad = audit_breaches(a, style->level) != 0;
    const char *status = r->fault[0] != '\0' ? "unreadable" : bad ? "breaches" : "clean";
    uint64_t errors = audit_breaches(a, AUDIT_ERROR),
             contracts = audit_breaches(a, AUDIT_CONTRACT) - errors;
    fprintf(out, "<section class=\"trace\" data-status=\"%s\">\n<h2>", status);
    audit_xml(out, r->name);
    fprintf(out,
            "</h2>\n<p><span class=\"verdict %s\">%s</span>: %" PRIu64 " errors, %" PRIu64
            " breaches of contract, %" PRIu64 " strict findings in %" PRIu64 " commands</p>\n",
            status, status, errors, contracts, audit_breaches(a, AUDIT_STRICT) - errors - contracts,
            a->commands);
    notes(out, r);
    if (!r->empty) {
        findings(out, r, style);
        pictures(out, r);
        economy(out, r);
        laws(out, a);
    }
    fprintf(out, "</section>\n");
}

void audit_html(FILE *out, const struct audit_result *r, size_t n, const struct audit_style *style)
{
    fprintf(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>umsi-audit</title>\n<style>\n%s</style>\n"
        "</head>\n<body>\n",
        style_sheet);
    /* One pattern for all drawings. */
    fprintf(
        out,
        "<svg width=\"0\" height=\"0\" style=\"position:absolute;min-width:0;width:0\" aria-hidden=\"true\"><defs><pattern id=\"hatch\" "
        "width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
        "<line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"7\" class=\"hatch\"/></pattern></defs></svg>\n");
    fprintf(
        out,
        "<h1>umsi-audit</h1>\n<p class=\"note\">version %s; findings from the level %s on; umsi-audit explain L17 says more "
        "about a law</p>\n",
        AUDIT_VERSION, audit_level_name(style->level));
    for (size_t k = 0; k < n; k++) {
        trace(out, &r[k], style);
    }
    fprintf(out, "</body>\n</html>\n");
}
