/* SPDX-License-Identifier: MIT */
/*
 * What happened to a device, for the reader of a finding. Commands of a kind, in a row or taking turns, are one moment; the latest
 * AUDIT_MOMENTS are kept, and the first of the current map.
 */
#ifndef AUDIT_HISTORY_H
#define AUDIT_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#define AUDIT_MOMENTS 12u

struct audit_moment {
    uint64_t first, last; /* lines */
    uint64_t itt;         /* of a map */
    uint32_t from, to;    /* EventIDs */
    uint32_t count;
    uint32_t
        extra; /* of a map: EventIDs there is room for; else the ICID of the last, or the INTID */
    uint8_t opcode;
    bool valid; /* of a map */
};

struct audit_history {
    struct audit_moment moment[AUDIT_MOMENTS];
    uint32_t next, used;
    uint64_t dropped;
};

void audit_history_add(struct audit_history *h, const struct audit_moment *m);
/* The latest in which an event had this command, or NULL. */
const struct audit_moment *audit_history_find(const struct audit_history *h, uint8_t opcode,
                                              uint32_t event);
/* The n-th, the oldest first. */
const struct audit_moment *audit_history_at(const struct audit_history *h, uint32_t n);

#endif /* AUDIT_HISTORY_H */
