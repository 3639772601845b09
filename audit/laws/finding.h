/* SPDX-License-Identifier: MIT */
/* Findings: made by the checks, kept up to a number per law, counted beyond. */
#ifndef AUDIT_FINDING_H
#define AUDIT_FINDING_H

#include "audit.h"

struct audit_about {
    uint64_t line;
    const struct audit_its *its;
    struct audit_device *device; /* NULL: none; its history is added */
    uint32_t event, intid;       /* AUDIT_NONE */
    uint32_t id;                 /* a DeviceID without a device, or AUDIT_NONE */
};

void audit_find(struct audit *a, enum audit_check check, const struct audit_about *about,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* About an item: its line, and its DeviceID, EventID and INTID where it has them. */
struct audit_about audit_about(const struct audit_its *its, struct audit_device *d,
                               const struct audit_item *i);

void audit_findings_free(struct audit *a);

#endif /* AUDIT_FINDING_H */
