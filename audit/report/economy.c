/* SPDX-License-Identifier: MIT */
/* What the work cost: commands, SYNCs and waits, per device and per vector, against the best known (state/cost.h). */
#include <inttypes.h>
#include <stdlib.h>

#include "../state/cost.h"
#include "report.h"

#define ROWS 40u

static int by_commands(const void *x, const void *y)
{
    const struct audit_device *a = *(struct audit_device *const *)x,
                              *b = *(struct audit_device *const *)y;
    if (a->counts.commands != b->counts.commands) {
        return a->counts.commands < b->counts.commands ? 1 : -1;
    }
    return (a->id > b->id) - (a->id < b->id);
}

struct audit_device **audit_devices(const struct audit *a, uint32_t *out_n)
{
    uint32_t n = 0;
    struct audit_device **all;
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        n += its->nr_devices;
    }
    all = audit_alloc((n + 1) * sizeof(struct audit_device *));
    n = 0;
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        for (struct audit_device *d = its->all; d != NULL; d = d->next) {
            if (d->counts.commands != 0) {
                all[n++] = d;
            }
        }
    }
    qsort(all, n, sizeof(struct audit_device *), by_commands);
    *out_n = n;
    return all;
}

struct audit_counts audit_total(const struct audit *a)
{
    struct audit_counts total = { 0 };
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        struct audit_counts best = its->dead;
        audit_cost_add(&total, &its->counts);
        for (const struct audit_device *d = its->all; d != NULL; d = d->next) {
            audit_cost_add(&best, &d->counts);
        }
        /* What is no device's (MAPC, INVALL and their SYNCs) is taken as it is. */
        total.best += best.best + (its->counts.commands - best.commands);
        total.best_sync += best.best_sync + (its->counts.sync - best.sync);
        total.best_waits += best.best_waits + (its->counts.waits - best.waits);
    }
    return total;
}

uint64_t audit_total_vectors(const struct audit *a)
{
    uint64_t n = 0;
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        n += its->dead_vectors;
        for (const struct audit_device *d = its->all; d != NULL; d = d->next) {
            n += d->vectors;
        }
    }
    return n;
}

uint64_t audit_total_maps(const struct audit *a)
{
    uint64_t n = 0;
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        n += its->dead_maps;
        for (const struct audit_device *d = its->all; d != NULL; d = d->next) {
            n += d->maps;
        }
    }
    return n;
}

bool audit_has_waits(const struct audit *a)
{
    return (a->has & (AUDIT_ITS_REGS | AUDIT_RECORDS)) != 0;
}

static void row(FILE *out, const struct audit *a, const char *name, const struct audit_counts *c,
                uint64_t maps, uint64_t peak, uint64_t vectors)
{
    fprintf(out,
            "  %-12s %5" PRIu64 " %6" PRIu64 " %8" PRIu64 " %9" PRIu64 " %7" PRIu64 " %6" PRIu64
            " %6" PRIu64,
            name, maps, peak, vectors, c->commands, c->sync, c->inv, c->movi);
    if (audit_has_waits(a)) {
        fprintf(out, " %7" PRIu64, c->waits);
    } else {
        fprintf(out, " %7s", "-");
    }
    if (vectors != 0) {
        fprintf(out, " %8.2f", (double)c->commands / (double)vectors);
    } else {
        fprintf(out, " %8s", "-");
    }
    fprintf(out, " %9" PRIu64, c->best);
    if (c->best != 0) {
        fprintf(out, " %7.2f", (double)c->commands / (double)c->best);
    }
    fprintf(out, "\n");
}

void audit_text_economy(FILE *out, const struct audit_result *r, const struct audit_style *style)
{
    const struct audit *a = &r->audit;
    struct audit_counts total = audit_total(a);
    uint32_t n, shown;
    struct audit_device **all = audit_devices(a, &n);
    shown = n > ROWS && !style->verbose ? ROWS : n;
    fprintf(out, "%seconomy%s\n", style->colour ? "\033[1m" : "", style->colour ? "\033[0m" : "");
    fprintf(out, "  %-12s %5s %6s %8s %9s %7s %6s %6s %7s %8s %9s %7s\n", "DeviceID", "maps",
            "peak", "vectors", "commands", "SYNC", "INV", "MOVI", "waits", "/vector", "best",
            "ratio");
    for (uint32_t k = 0; k < shown; k++) {
        char name[32];
        snprintf(name, sizeof(name),
                 a->world.nr_its > 1 ? "0x%" PRIx32 " ITS %" PRIu32 : "0x%" PRIx32, all[k]->id,
                 all[k]->its->number);
        row(out, a, name, &all[k]->counts, all[k]->maps, all[k]->all_peak, all[k]->vectors);
    }
    if (shown < n) {
        fprintf(out, "  (%" PRIu32 " more DeviceIDs)\n", n - shown);
    }
    for (const struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        if (its->dead_devices != 0) {
            fprintf(out,
                    "  (%" PRIu64 " DeviceIDs that were unmapped long ago are only in the total)\n",
                    its->dead_devices);
        }
    }
    row(out, a, "all", &total, audit_total_maps(a), 0, audit_total_vectors(a));
    free(all);
}
