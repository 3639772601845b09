/* SPDX-License-Identifier: MIT */
/* One audit: a trace's items go in, findings come out. */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "../state/world.h"
#include "laws.h"

#define AUDIT_RESETS 64u
#define AUDIT_LINES  (AUDIT_MOMENTS + 4u) /* of history */

struct audit_finding {
    enum audit_check check;
    uint64_t line;
    uint64_t object; /* the ITS */
    uint32_t its;
    uint32_t device, event, intid; /* AUDIT_NONE: not about one */
    char *what;
    char *history[AUDIT_LINES];
    uint32_t nr_history;
};

struct audit_reset {
    uint64_t line;
    uint32_t devices, empty; /* mapped then; of them without an event, that had some */
    const char *how;
};

struct audit_options {
    uint32_t most;      /* findings kept per law; the rest is counted */
    bool shutdown;      /* nothing may be left at the end (L56) */
    bool keeps_devices; /* the kernel keeps a device mapped until its driver is gone */
    bool guest_errors;  /* whatever is no trace event is QEMU's complaint */
    bool timelines;
    /* A finding, as soon as it is made; or NULL. */
    void (*found)(void *ctx, const struct audit_finding *f);
    void *ctx;
};

struct audit {
    struct audit_options options;
    struct audit_world world;
    uint32_t has; /* enum audit_need */
    bool late;    /* the trace begins in the middle: what was mapped before is not known */
    bool
        refills; /* a device that was emptied, used again, and then unmapped: this kernel keeps devices mapped */
    uint64_t refills_line;
    uint32_t refills_device;
    uint64_t commands, line, first_us, last_us;
    uint64_t kept_empty; /* devices left mapped without an event, not judged as leaks */
    struct audit_finding *finding;
    uint32_t nr_findings, room;
    uint32_t kept[AUDIT_NR_LAWS + 1]; /* by law */
    uint64_t breaches[AUDIT_NR_CHECKS];
    struct audit_reset reset[AUDIT_RESETS];
    uint64_t nr_resets;
    bool records;        /* a trace of umsi's, not of QEMU's */
    bool prepares;       /* PREPARE is among them */
    uint64_t faults;     /* stalls and waits that failed: what the ITS did is not known */
    uint64_t fault_line; /* the first */
    uint64_t doubtful;   /* findings about devices in doubt, which do not count */
};

void audit_begin(struct audit *a, const struct audit_options *options);
void audit_take(struct audit *a, const struct audit_item *i);
void audit_end(struct audit *a);
void audit_free(struct audit *a);

/* Breaches at a level or above. */
uint64_t audit_breaches(const struct audit *a, enum audit_level from);
uint64_t audit_breaches_of(const struct audit *a, unsigned law, enum audit_level from);

/* "line" or "record" */
const char *audit_unit(const struct audit *a);

#endif /* AUDIT_AUDIT_H */
