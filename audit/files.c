/* SPDX-License-Identifier: MIT */
/* Traces read, audited, reported. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "main.h"

/* ---- a bar, where somebody looks ---- */

static void bar(const struct audit_source *s, const struct audit *a)
{
    uint64_t size = audit_source_size(s), taken = audit_source_taken(s);
    unsigned done = size != 0 ? (unsigned)(taken * 40 / size) : 0;
    if (size != 0) {
        fprintf(stderr, "\r[%.*s%*s] %3u%%", (int)(done < 40 ? done : 40),
                "########################################", 40 - (int)done, "",
                (unsigned)(taken * 100 / size));
    } else {
        fprintf(stderr, "\r%" PRIu64 " MiB", taken >> 20);
    }
    fprintf(stderr, " %" PRIu64 " commands, %" PRIu64 " breaches ", a->commands,
            audit_breaches(a, AUDIT_CONTRACT));
}

static void no_bar(void)
{
    fprintf(stderr, "\r%78s\r", "");
}

/* ---- one trace ---- */

static void read_all(struct audit_trace *t, struct audit *a)
{
    struct audit_item i;
    bool shown = isatty(STDERR_FILENO) != 0;
    uint64_t next = 1u << 18;
    memset(&i, 0, sizeof(i));
    while (audit_trace_next(t, &i)) {
        audit_take(a, &i);
        if (shown && t->lines >= next) {
            next += 1u << 18;
            bar(t->source, a);
        }
    }
    if (shown && next > 1u << 18) {
        no_bar();
    }
}

void audit_one(const struct audit_plan *p, struct audit_source *source, const char *name,
               struct audit_result *out)
{
    struct audit_trace t;
    struct audit_options options = p->options;
    memset(out, 0, sizeof(*out));
    out->name = name;
    out->packing = "";
    out->empty = true;
    options.timelines = p->html != NULL;
    audit_begin(&out->audit, &options);
    if (source == NULL) {
        snprintf(out->fault, sizeof(out->fault), "%s", strerror(errno));
        return;
    }
    if (!audit_trace_open(&t, source)) {
        snprintf(out->fault, sizeof(out->fault), "no memory");
        return;
    }
    out->audit.records = t.records;
    read_all(&t, &out->audit);
    audit_end(&out->audit);
    out->lines = t.lines;
    out->records = t.records;
    out->cut = t.cut;
    out->skipped = t.skipped;
    out->packing = audit_source_packing(t.source);
    out->empty = out->audit.commands == 0;
    const char *fault = audit_source_fault(t.source);
    if (fault != NULL) {
        snprintf(out->fault, sizeof(out->fault), "%s", fault);
    } else if (out->empty) {
        snprintf(out->fault, sizeof(out->fault),
                 "there is no ITS command in it; was QEMU started with -trace 'gicv3_its_cmd_*'?");
    }
    audit_trace_close(&t);
}

/* ---- reports ---- */

static bool write_to(const char *path,
                     void (*report)(FILE *, const struct audit_result *, size_t,
                                    const struct audit_style *),
                     const struct audit_plan *p, const struct audit_result *r, size_t n)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *out = standard ? stdout : fopen(path, "w");
    if (out == NULL) {
        fprintf(stderr, "umsi-audit: %s: %s\n", path, strerror(errno));
        return false;
    }
    report(out, r, n, &p->style);
    bool bad = ferror(out) != 0;
    bad = (standard ? fflush(out) : fclose(out)) != 0 || bad;
    if (bad) {
        fprintf(stderr, "umsi-audit: %s: could not be written\n", path);
    }
    return !bad;
}

static bool is_standard(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

int audit_tell(const struct audit_plan *p, struct audit_result *results, size_t n)
{
    int status = 0;
    bool text = !is_standard(p->json) && !is_standard(p->junit) && !is_standard(p->html);
    for (size_t k = 0; k < n; k++) {
        if (results[k].fault[0] != '\0') {
            fprintf(stderr, "umsi-audit: %s: %s\n", results[k].name, results[k].fault);
            status = 2;
        } else if (status == 0 && audit_breaches(&results[k].audit, p->style.level) != 0) {
            status = 1;
        }
        if (text) {
            audit_text(stdout, &results[k], &p->style);
        }
    }
    bool ok = p->json == NULL || write_to(p->json, audit_json, p, results, n);
    ok = (p->junit == NULL || write_to(p->junit, audit_junit, p, results, n)) && ok;
    ok = (p->html == NULL || write_to(p->html, audit_html, p, results, n)) && ok;
    return ok && fflush(stdout) == 0 ? status : 2;
}

int audit_files(struct audit_plan *p)
{
    struct audit_result *results = audit_alloc(p->nr_traces * sizeof(*results));
    for (size_t k = 0; k < p->nr_traces; k++) {
        audit_one(p, audit_source_open(p->trace[k]), p->trace[k], &results[k]);
    }
    int status = audit_tell(p, results, p->nr_traces);
    for (size_t k = 0; k < p->nr_traces; k++) {
        audit_free(&results[k].audit);
    }
    free(results);
    return status;
}

int audit_two(struct audit_plan *p)
{
    struct audit_result r[2];
    int status = 0;
    for (size_t k = 0; k < 2; k++) {
        audit_one(p, audit_source_open(p->trace[k]), p->trace[k], &r[k]);
        if (r[k].fault[0] != '\0') {
            fprintf(stderr, "umsi-audit: %s: %s\n", r[k].name, r[k].fault);
            status = 2;
        } else if (status == 0 && audit_breaches(&r[k].audit, p->style.level) != 0) {
            status = 1;
        }
    }
    audit_compare(stdout, &r[0], &r[1], &p->style);
    audit_free(&r[0].audit);
    audit_free(&r[1].audit);
    return fflush(stdout) == 0 ? status : 2;
}
