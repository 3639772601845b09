/* SPDX-License-Identifier: MIT */
/* A law in words: what it says, why, an example, where it went wrong, and what the audit checks of it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../laws/laws.h"
#include "explain.h"
#include "past.h"

#define WIDTH 92u

/* Words in lines, each behind four spaces. */
static void wrap(FILE *out, const char *text)
{
    size_t column = 0;
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        if (column != 0 && column + 1 + n > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        column += (size_t)fprintf(out, "%s%.*s", column == 0 ? "    " : " ", (int)n, text);
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void section(FILE *out, const char *title, const char *text)
{
    if (text[0] != '\0') {
        fprintf(out, "  %s\n", title);
        wrap(out, text);
    }
}

static void list_checks(FILE *out, unsigned number)
{
    char lacking[160];
    bool any = false;
    for (unsigned n = 0; n < AUDIT_NR_CHECKS; n++) {
        const struct audit_check_info *c = audit_check_info((enum audit_check)n);
        if (c->law == number) {
            fprintf(out, "%s    %s (%s): should be: %s\n", any ? "" : "  What is checked\n",
                    c->name, audit_level_name(c->level), c->should);
            any = true;
        }
    }
    if (!any) {
        fprintf(out, "  What is checked\n    nothing: no trace of the ITS shows it\n");
        return;
    }
    audit_lacking(number, AUDIT_COMMANDS, lacking, sizeof(lacking));
    if (lacking[0] != '\0') {
        fprintf(out, "    beyond gicv3_its_cmd_* some of it takes %s\n", lacking);
    }
}

static void explain(FILE *out, unsigned number)
{
    const struct audit_law *law = audit_law(number);
    const struct audit_past *past = audit_past(number);
    fprintf(out, "L%u (seen at %s; %s)\n", number, law->seen, audit_level_name(law->level));
    wrap(out, law->text);
    section(out, "Why", past->why);
    section(out, "Example of a breach", past->example);
    section(out, "Where it went wrong", past->past);
    list_checks(out, number);
}

static unsigned number_of(const char *name)
{
    char *end;
    for (unsigned n = 0; n < AUDIT_NR_CHECKS; n++) {
        const struct audit_check_info *c = audit_check_info((enum audit_check)n);
        if (strcmp(name, c->name) == 0) {
            return c->law;
        }
    }
    name += name[0] == 'L' || name[0] == 'l';
    unsigned long v = strtoul(name, &end, 10);
    return *name >= '0' && *name <= '9' && *end == '\0' && v >= 1 && v <= AUDIT_NR_LAWS
               ? (unsigned)v
               : 0;
}

static void list(FILE *out)
{
    for (unsigned n = 1; n <= AUDIT_NR_LAWS; n++) {
        const struct audit_law *law = audit_law(n);
        fprintf(out, "L%-3u %-8s %s\n", n, audit_level_name(law->level), law->text);
    }
}

int audit_explain(FILE *out, int n, char **laws)
{
    if (n == 0) {
        list(out);
    }
    for (int k = 0; k < n; k++) {
        unsigned number = number_of(laws[k]);
        if (number == 0) {
            fprintf(stderr, "umsi-audit: no law %s: L1 to L%u, or a check's name\n", laws[k],
                    AUDIT_NR_LAWS);
            return 2;
        }
        fprintf(out, k == 0 ? "" : "\n");
        explain(out, number);
    }
    return fflush(out) == 0 ? 0 : 2;
}
