/* SPDX-License-Identifier: MIT */
/* What an audit found, in the forms there are. */
#ifndef AUDIT_REPORT_H
#define AUDIT_REPORT_H

#include <stdio.h>

#include "../laws/audit.h"
#include "../read/trace.h"

#define AUDIT_SCHEMA "umsi-audit/1" /* docs/audit.schema.json */

struct audit_result {
    const char *name; /* of the trace */
    struct audit audit;
    uint64_t lines;
    bool records, cut;
    struct audit_skipped skipped;
    const char *packing;
    char fault[160]; /* why it could not be read, or not to its end; "": it was */
    bool empty;      /* no command in it */
};

struct audit_style {
    bool colour, quiet, verbose;
    enum audit_level level; /* from which findings are shown, and counted */
};

void audit_text(FILE *out, const struct audit_result *r, const struct audit_style *style);
void audit_text_finding(FILE *out, const struct audit *a, const struct audit_finding *f,
                        const struct audit_style *style);
void audit_text_economy(FILE *out, const struct audit_result *r, const struct audit_style *style);
void audit_json(FILE *out, const struct audit_result *r, size_t n, const struct audit_style *style);
void audit_junit(FILE *out, const struct audit_result *r, size_t n,
                 const struct audit_style *style);
void audit_html(FILE *out, const struct audit_result *r, size_t n, const struct audit_style *style);
void audit_compare(FILE *out, const struct audit_result *a, const struct audit_result *b,
                   const struct audit_style *style);

/* "L17 mapd-leak" */
const char *audit_check_label(const struct audit_finding *f, char out[64]);
/* Devices of all ITSs, by number of commands, most first. The caller frees it. */
struct audit_device **audit_devices(const struct audit *a, uint32_t *out_n);
/* Of all ITSs. */
struct audit_counts audit_total(const struct audit *a);
uint64_t audit_total_vectors(const struct audit *a);
uint64_t audit_total_maps(const struct audit *a);
bool audit_has_waits(const struct audit *a);

#endif /* AUDIT_REPORT_H */
