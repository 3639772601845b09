/* SPDX-License-Identifier: MIT */
/* What umsi-audit was asked for, and the ways to do it. Each returns the exit status. */
#ifndef AUDIT_MAIN_H
#define AUDIT_MAIN_H

#include "explain/explain.h"
#include "report/report.h"

struct audit_plan {
    struct audit_options options;
    struct audit_style style;
    const char **trace;
    size_t nr_traces;
    const char *json, *junit, *html; /* files, or NULL */
};

int audit_files(struct audit_plan *p);
int audit_two(struct audit_plan *p);
int audit_run(struct audit_plan *p, char **qemu);

/* One trace, read to its end; with a bar on standard error where that is a terminal. The caller frees the audit. */
void audit_one(const struct audit_plan *p, struct audit_source *source, const char *name,
               struct audit_result *out);
/* The reports that were asked for; the exit status. */
int audit_tell(const struct audit_plan *p, struct audit_result *results, size_t n);

#endif /* AUDIT_MAIN_H */
