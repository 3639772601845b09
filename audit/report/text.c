/* SPDX-License-Identifier: MIT */
/* For people. */
#include <inttypes.h>
#include <string.h>

#include "report.h"

static const char *bold(const struct audit_style *s)
{
    return s->colour ? "\033[1m" : "";
}

static const char *plain(const struct audit_style *s)
{
    return s->colour ? "\033[0m" : "";
}

static const char *colour_of(const struct audit_style *s, enum audit_level level)
{
    static const char *const colours[] = { "\033[36m", "\033[33m", "\033[31m" };
    return s->colour ? colours[level] : "";
}

const char *audit_check_label(const struct audit_finding *f, char out[64])
{
    const struct audit_check_info *info = audit_check_info(f->check);
    if (info->law == 0) {
        snprintf(out, 64, "QEMU %s", info->name);
    } else {
        snprintf(out, 64, "L%u %s", info->law, info->name);
    }
    return out;
}

void audit_text_finding(FILE *out, const struct audit *a, const struct audit_finding *f,
                        const struct audit_style *style)
{
    const struct audit_check_info *info = audit_check_info(f->check);
    char label[64];
    fprintf(out, "%s%s%s %s%s%s, %s %" PRIu64 ":", colour_of(style, info->level),
            audit_level_name(info->level), plain(style), bold(style), audit_check_label(f, label),
            plain(style), audit_unit(a), f->line);
    if (a->world.nr_its > 1) {
        fprintf(out, " ITS %" PRIu32, f->its);
    }
    if (f->device != AUDIT_NONE) {
        fprintf(out, " DeviceID 0x%" PRIx32, f->device);
    }
    if (f->event != AUDIT_NONE) {
        fprintf(out, " EventID %" PRIu32, f->event);
    }
    if (f->intid != AUDIT_NONE) {
        fprintf(out, " INTID %" PRIu32, f->intid);
    }
    fprintf(out, "\n    %s\n    should: %s\n", f->what, info->should);
    for (uint32_t n = 0; n < f->nr_history; n++) {
        fprintf(out, "    %s %s\n", n == 0 ? "history:" : "        ", f->history[n]);
    }
}

static void head(FILE *out, const struct audit_result *r, const struct audit_style *s)
{
    const struct audit *a = &r->audit;
    uint32_t devices = 0, mapped = 0;
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        devices += its->nr_devices + (uint32_t)its->dead_devices;
        mapped += its->nr_mapped;
    }
    fprintf(out,
            "%s%s%s: %" PRIu64 " %ss, %" PRIu64 " commands, %" PRIu32 " DeviceID%s, %" PRIu32
            " of them mapped at the end",
            bold(s), r->name, plain(s), r->lines, audit_unit(a), a->commands, devices,
            devices == 1 ? "" : "s", mapped);
    if (r->packing[0] != '\0') {
        fprintf(out, " (%s)", r->packing);
    }
    fprintf(out, "\n");
}

static void note_resets(FILE *out, const struct audit *a)
{
    for (uint64_t n = 0; n < a->nr_resets && n < AUDIT_RESETS; n++) {
        const struct audit_reset *r = &a->reset[n];
        fprintf(out,
                "  the guest started anew in %s %" PRIu64 " (%s): %" PRIu32
                " devices were mapped, %" PRIu32 " of them without an event; not judged as leaks\n",
                audit_unit(a), r->line, r->how, r->devices, r->empty);
    }
    if (a->nr_resets > AUDIT_RESETS) {
        fprintf(out, "  and %" PRIu64 " more restarts\n", a->nr_resets - AUDIT_RESETS);
    }
}

static void note_kept(FILE *out, const struct audit *a)
{
    if (a->kept_empty == 0) {
        return;
    }
    fprintf(out, "  %" PRIu64 " devices are left mapped with no event; not judged as leaks, as ",
            a->kept_empty);
    if (a->refills) {
        fprintf(out,
                "this kernel keeps devices mapped: DeviceID 0x%" PRIx32
                " was emptied and used again before it was unmapped in %s %" PRIu64 "\n",
                a->refills_device, audit_unit(a), a->refills_line);
    } else {
        fprintf(out, "--keeps-devices says\n");
    }
}

static void note_skipped(FILE *out, const struct audit_skipped *s, const char *unit)
{
    if (s->other != 0) {
        fprintf(out, "  skipped %" PRIu64 " other %ss", s->other, unit);
        if (s->binary != 0 || s->too_long != 0) {
            fprintf(out, " (%" PRIu64 " with binary bytes, %" PRIu64 " too long)", s->binary,
                    s->too_long);
        }
        fprintf(out, "\n");
    }
    if (s->broken != 0) {
        fprintf(out,
                "  skipped %" PRIu64 " %ss that cannot be read, the first is %" PRIu64
                ": \"%s\"; what is found behind it may be a "
                "consequence\n",
                s->broken, unit, s->broken_line, s->broken_text);
    }
    if (s->bytes != 0) {
        fprintf(out, "  skipped %" PRIu64 " bytes that are no record\n", s->bytes);
    }
}

static void notes(FILE *out, const struct audit_result *r)
{
    const struct audit *a = &r->audit;
    const char *unit = audit_unit(a);
    if (r->fault[0] != '\0') {
        fprintf(out, "  not read to its end: %s\n", r->fault);
    }
    if (a->late) {
        fprintf(out,
                "  it begins in the middle: what was mapped before is not known, and not judged\n");
    }
    note_resets(out, a);
    if (a->faults != 0) {
        fprintf(out,
                "  the ITS stalled, or a wait failed, %" PRIu64 " times, first in %s %" PRIu64
                ": what it did with the commands then "
                "is not known; devices are not judged until they are mapped anew (%" PRIu64
                " findings do not count)\n",
                a->faults, unit, a->fault_line, a->doubtful);
    }
    note_kept(out, a);
    note_skipped(out, &r->skipped, unit);
    if (r->cut) {
        fprintf(out, "  its last %s is cut\n", unit);
    }
}

static void findings(FILE *out, const struct audit_result *r, const struct audit_style *s)
{
    const struct audit *a = &r->audit;
    for (uint32_t n = 0; n < a->nr_findings; n++) {
        if (audit_check_info(a->finding[n].check)->level >= s->level) {
            fprintf(out, "\n");
            audit_text_finding(out, a, &a->finding[n], s);
        }
    }
    for (unsigned law = 0; law <= AUDIT_NR_LAWS; law++) {
        if (audit_breaches_of(a, law, AUDIT_STRICT) > a->kept[law]) {
            fprintf(out, "\nL%u: %" PRIu64 " findings in all, %" PRIu32 " are shown\n", law,
                    audit_breaches_of(a, law, AUDIT_STRICT), a->kept[law]);
        }
    }
}

static void list_laws(FILE *out, const struct audit *a, enum audit_sight sight, const char *title,
                      bool why)
{
    char lacking[160];
    bool any = false;
    unsigned column = 0;
    for (unsigned law = 1; law <= AUDIT_NR_LAWS; law++) {
        if (audit_sight(law, a->has) != sight) {
            continue;
        }
        column += (unsigned)fprintf(out, "%s", any ? ", " : title);
        any = true;
        column += (unsigned)fprintf(out, "L%u", law);
        if (why) {
            audit_lacking(law, a->has, lacking, sizeof(lacking));
            column += (unsigned)fprintf(out, " (%s)", lacking);
        }
        if (column > 100) {
            fprintf(out, "\n   ");
            column = 4;
        }
    }
    if (any) {
        fprintf(out, "\n");
    }
}

static void sights(FILE *out, const struct audit *a, const struct audit_style *s)
{
    fprintf(out, "\n%swhat this trace can show%s\n", bold(s), plain(s));
    list_laws(out, a, AUDIT_JUDGED, "  judged: ", false);
    list_laws(out, a, AUDIT_PARTLY, "  in part, and more with: ", true);
    list_laws(out, a, AUDIT_UNSEEN, "  not, but with: ", true);
    list_laws(out, a, AUDIT_NOTHING, "  no occasion (no command of GICv4): ", false);
    list_laws(out, a, AUDIT_NEVER, "  no trace of the ITS shows: ", false);
}

static void verdict(FILE *out, const struct audit_result *r, const struct audit_style *s)
{
    const struct audit *a = &r->audit;
    uint64_t errors = audit_breaches(a, AUDIT_ERROR),
             contracts = audit_breaches(a, AUDIT_CONTRACT) - errors;
    uint64_t stricts = audit_breaches(a, AUDIT_STRICT) - errors - contracts,
             counted = audit_breaches(a, s->level);
    const char *colour = !s->colour ? "" : counted != 0 ? "\033[1;31m" : "\033[1;32m";
    fprintf(out,
            "%s%s: %s%s: %" PRIu64 " errors, %" PRIu64 " breaches of contract, %" PRIu64
            " strict findings%s\n",
            colour, r->name, counted != 0 ? "BREACHES" : "clean", plain(s), errors, contracts,
            stricts, stricts != 0 && s->level > AUDIT_STRICT ? " (--level strict shows them)" : "");
}

void audit_text(FILE *out, const struct audit_result *r, const struct audit_style *style)
{
    head(out, r, style);
    notes(out, r);
    if (r->empty) {
        return;
    }
    findings(out, r, style);
    if (!style->quiet) {
        fprintf(out, "\n");
        audit_text_economy(out, r, style);
        sights(out, &r->audit, style);
        fprintf(out, "\n");
    }
    verdict(out, r, style);
}
