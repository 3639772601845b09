/* SPDX-License-Identifier: MIT */
/* Pieces of memory that should not overlap: which one lies in the way of another? */
#ifndef AUDIT_RANGES_H
#define AUDIT_RANGES_H

#include <stdint.h>

struct audit_range {
    uint64_t start, end; /* the first byte behind */
    void *owner;
    struct audit_range *left, *right;
    uint32_t priority;
};

struct audit_ranges {
    struct audit_range *root;
    uint32_t seed;
};

/* The range is the caller's, and stays where it is until it is removed. */
void audit_ranges_add(struct audit_ranges *all, struct audit_range *r);
void audit_ranges_remove(struct audit_ranges *all, struct audit_range *r);

/* One that overlaps [start, end), or NULL. Among those that overlap each other it may miss one. */
struct audit_range *audit_ranges_hit(const struct audit_ranges *all, uint64_t start, uint64_t end);

#endif /* AUDIT_RANGES_H */
