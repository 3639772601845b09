/* SPDX-License-Identifier: MIT */
/* JUnit XML: a suite per trace, a case per law; a law the trace cannot show is skipped. */
#include <inttypes.h>

#include "report.h"
#include "xml.h"

static bool judged(const struct audit *a, unsigned law)
{
    enum audit_sight sight = law == 0 ? AUDIT_JUDGED : audit_sight(law, a->has);
    return sight == AUDIT_JUDGED || sight == AUDIT_PARTLY;
}

static void failure(FILE *out, const struct audit *a, unsigned law, const struct audit_style *style)
{
    uint64_t all = audit_breaches_of(a, law, style->level);
    fprintf(out, "      <failure type=\"%s\" message=\"%" PRIu64 " breaches\">",
            law == 0 ? "guest-error" : "breach", all);
    for (uint32_t n = 0; n < a->nr_findings; n++) {
        const struct audit_finding *f = &a->finding[n];
        const struct audit_check_info *info = audit_check_info(f->check);
        if (info->law == law && info->level >= style->level) {
            fprintf(out, "%s %s, %s %" PRIu64 ": ", audit_level_name(info->level), info->name,
                    audit_unit(a), f->line);
            audit_xml(out, f->what);
            fprintf(out, "\nshould: ");
            audit_xml(out, info->should);
            for (uint32_t k = 0; k < f->nr_history; k++) {
                fprintf(out, "\n  ");
                audit_xml(out, f->history[k]);
            }
            fprintf(out, "\n");
        }
    }
    fprintf(out, "</failure>\n");
}

static void skip(FILE *out, const struct audit *a, unsigned law)
{
    char lacking[160];
    audit_lacking(law, a->has, lacking, sizeof(lacking));
    enum audit_sight sight = audit_sight(law, a->has);
    fprintf(out, "      <skipped message=\"");
    if (sight == AUDIT_NEVER) {
        fprintf(out, "no trace of the ITS shows it");
    } else if (sight == AUDIT_NOTHING) {
        fprintf(out, "no occasion in this trace");
    } else {
        fprintf(out, "this trace cannot show it; it takes ");
        audit_xml(out, lacking);
    }
    fprintf(out, "\"/>\n");
}

static void law_case(FILE *out, const struct audit_result *r, unsigned law,
                     const struct audit_style *style)
{
    fprintf(out, "    <testcase classname=\"umsi-audit\" name=\"");
    if (law == 0) {
        fprintf(out, "QEMU does not complain");
    } else {
        fprintf(out, "L%u ", law);
        audit_xml(out, audit_law(law)->text);
    }
    fprintf(out, "\">\n");
    if (audit_breaches_of(&r->audit, law, style->level) != 0) {
        failure(out, &r->audit, law, style);
    } else if (!judged(&r->audit, law)) {
        skip(out, &r->audit, law);
    }
    fprintf(out, "    </testcase>\n");
}

static void suite(FILE *out, const struct audit_result *r, const struct audit_style *style)
{
    unsigned failures = 0, skipped = 0;
    bool unreadable = r->fault[0] != '\0';
    for (unsigned law = 0; law <= AUDIT_NR_LAWS; law++) {
        bool bad = audit_breaches_of(&r->audit, law, style->level) != 0;
        failures += bad;
        skipped += !bad && !judged(&r->audit, law);
    }
    fprintf(out, "  <testsuite name=\"");
    audit_xml(out, r->name);
    fprintf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\">\n",
            AUDIT_NR_LAWS + 1 + unreadable, failures, unreadable, skipped);
    if (unreadable) {
        fprintf(
            out,
            "    <testcase classname=\"umsi-audit\" name=\"the trace can be read\"><error message=\"");
        audit_xml(out, r->fault);
        fprintf(out, "\"/></testcase>\n");
    }
    for (unsigned law = 0; law <= AUDIT_NR_LAWS; law++) {
        law_case(out, r, law, style);
    }
    fprintf(out, "  </testsuite>\n");
}

void audit_junit(FILE *out, const struct audit_result *r, size_t n, const struct audit_style *style)
{
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"umsi-audit\">\n");
    for (size_t k = 0; k < n; k++) {
        suite(out, &r[k], style);
    }
    fprintf(out, "</testsuites>\n");
}
