/* SPDX-License-Identifier: MIT */
/* A treap, ordered by start; ranges with equal starts are ordered by where they are in memory. */
#include <stdbool.h>
#include <stddef.h>

#include "ranges.h"

static bool before(const struct audit_range *a, const struct audit_range *b)
{
    return a->start != b->start ? a->start < b->start : (uintptr_t)a < (uintptr_t)b;
}

/* All of `left` is before all of `right`. */
static struct audit_range *join(struct audit_range *left, struct audit_range *right)
{
    struct audit_range *root = NULL, **at = &root;
    while (left != NULL && right != NULL) {
        if (left->priority > right->priority) {
            *at = left;
            at = &left->right;
            left = left->right;
        } else {
            *at = right;
            at = &right->left;
            right = right->left;
        }
    }
    *at = left != NULL ? left : right;
    return root;
}

static void split(struct audit_range *all, const struct audit_range *where,
                  struct audit_range **out_left, struct audit_range **out_right)
{
    while (all != NULL) {
        if (before(all, where)) {
            *out_left = all;
            out_left = &all->right;
            all = all->right;
        } else {
            *out_right = all;
            out_right = &all->left;
            all = all->left;
        }
    }
    *out_left = *out_right = NULL;
}

void audit_ranges_add(struct audit_ranges *all, struct audit_range *r)
{
    struct audit_range **at = &all->root;
    all->seed = all->seed * 1664525u + 1013904223u;
    r->priority = all->seed;
    while (*at != NULL && (*at)->priority >= r->priority) {
        at = before(*at, r) ? &(*at)->right : &(*at)->left;
    }
    split(*at, r, &r->left, &r->right);
    *at = r;
}

void audit_ranges_remove(struct audit_ranges *all, struct audit_range *r)
{
    struct audit_range **at = &all->root;
    while (*at != NULL && *at != r) {
        at = before(*at, r) ? &(*at)->right : &(*at)->left;
    }
    if (*at == r) {
        *at = join(r->left, r->right);
    }
}

struct audit_range *audit_ranges_hit(const struct audit_ranges *all, uint64_t start, uint64_t end)
{
    struct audit_range *last = NULL;
    for (struct audit_range *at = all->root; at != NULL;) {
        if (at->start < end) {
            last = at; /* the one that starts last before `end` */
            at = at->right;
        } else {
            at = at->left;
        }
    }
    return last != NULL && last->end > start ? last : NULL;
}
