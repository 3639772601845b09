/* SPDX-License-Identifier: MIT */
/* A radix tree with 16 children a node. Nodes know which children are there and which are full. */
#include "core.h"
#include "radix.h"

#define BITS 4u
#define WAYS 16u
#define STAY                                                                                       \
    64u /* a node whose first key is below stays: as many vectors as most devices have, 5 nodes at most */

struct umsi_radix_node {
    uint32_t shift; /* of the key's digit this node looks at; 0: children are values */
    uint16_t there; /* children that hold a value or a node */
    uint16_t full;  /* children with no absent key below */
    void *child[WAYS];
};

static uint32_t digit(const struct umsi_radix_node *n, uint32_t key)
{
    return (key >> n->shift) & (WAYS - 1);
}

/* Is `key` below a root of this height? */
static bool covers(const struct umsi_radix_node *root, uint32_t key)
{
    return root->shift + BITS >= 32 || key >> (root->shift + BITS) == 0;
}

static struct umsi_radix_node *new_node(struct umsi *u, uint32_t shift)
{
    struct umsi_radix_node *n = umsi_alloc(u, sizeof(*n));
    if (n != NULL) {
        n->shift = shift;
    }
    return n;
}

void *umsi_radix_get(const struct umsi_radix *r, uint32_t key)
{
    const struct umsi_radix_node *n = __atomic_load_n(&r->root, __ATOMIC_ACQUIRE);
    if (n == NULL || !covers(n, key)) {
        return NULL;
    }
    while (n != NULL && n->shift != 0) {
        n = __atomic_load_n(&n->child[digit(n, key)], __ATOMIC_ACQUIRE);
    }
    return n == NULL ? NULL : __atomic_load_n(&n->child[digit(n, key)], __ATOMIC_ACQUIRE);
}

/* Put a node above the root until it covers the key. */
static bool grow(struct umsi *u, struct umsi_radix *r, uint32_t key)
{
    if (r->root == NULL) {
        r->root = new_node(u, 0);
    }
    while (r->root != NULL && !covers(r->root, key)) {
        struct umsi_radix_node *top = new_node(u, r->root->shift + BITS);
        if (top == NULL) {
            return false;
        }
        top->child[0] = r->root;
        top->there = 1;
        top->full = r->root->full == UINT16_MAX;
        __atomic_store_n(&r->root, top, __ATOMIC_RELEASE);
    }
    return r->root != NULL;
}

bool umsi_radix_reserve(struct umsi *u, struct umsi_radix *r, uint32_t key)
{
    bool ok = grow(u, r, key);
    for (struct umsi_radix_node *n = r->root; ok && n->shift != 0; n = n->child[digit(n, key)]) {
        uint32_t i = digit(n, key);
        if (n->child[i] == NULL) {
            struct umsi_radix_node *below = new_node(u, n->shift - BITS);
            __atomic_store_n(&n->child[i], below, __ATOMIC_RELEASE);
            ok = below != NULL;
            n->there |= (uint16_t)((uint32_t)ok << i);
        }
        if (!ok) {
            break;
        }
    }
    if (!ok) {
        umsi_radix_clear(u, r, key);
    }
    return ok;
}

/* The leaf of a key is full: so may be those above. */
static void fill(struct umsi_radix *r, uint32_t key)
{
    struct umsi_radix_node *path[32 / BITS];
    uint32_t depth = 0;
    struct umsi_radix_node *n = r->root;
    for (; n->shift != 0; n = n->child[digit(n, key)]) {
        path[depth++] = n;
    }
    while (depth > 0 && n->full == UINT16_MAX) {
        n = path[--depth];
        n->full |= (uint16_t)(1u << digit(n, key));
    }
}

void umsi_radix_set(struct umsi_radix *r, uint32_t key, void *value)
{
    struct umsi_radix_node *n = r->root;
    while (n->shift != 0) {
        n = n->child[digit(n, key)];
    }
    const uint16_t bit = (uint16_t)(1u << digit(n, key));
    n->there |= bit;
    n->full |= bit;
    __atomic_store_n(&n->child[digit(n, key)], value, __ATOMIC_RELEASE);
    if (n->full == UINT16_MAX) {
        fill(r, key);
    }
}

static bool stays(const struct umsi_radix_node *n, uint32_t key)
{
    return ((key >> n->shift) & ~(WAYS - 1)) << n->shift < STAY;
}

/* Drop nodes at the top that have only the low child, or none. */
static void shrink(struct umsi *u, struct umsi_radix *r)
{
    while (r->root != NULL && r->root->shift != 0 && r->root->there == 1) {
        struct umsi_radix_node *top = r->root;
        r->root = top->child[0];
        umsi_free(u, top, sizeof(*top));
    }
    if (r->root != NULL && r->root->shift != 0 && r->root->there == 0) {
        umsi_radix_destroy(u, r);
    }
}

void umsi_radix_destroy(struct umsi *u, struct umsi_radix *r)
{
    struct umsi_radix_node *root = r->root;
    for (uint32_t i = 0; root != NULL && root->shift != 0 && i < WAYS; i++) {
        umsi_free(u, root->child[i], sizeof(*root)); /* leaves: without keys it is no higher */
    }
    umsi_free(u, root, sizeof(*root));
    r->root = NULL;
}

void umsi_radix_clear(struct umsi *u, struct umsi_radix *r, uint32_t key)
{
    struct umsi_radix_node *path[32 / BITS];
    uint32_t depth = 0;
    struct umsi_radix_node *n = r->root;
    while (n != NULL && covers(r->root, key)) {
        path[depth++] = n;
        n = n->shift == 0 ? NULL : n->child[digit(n, key)];
    }
    if (depth == 0) { /* a root that did not grow far enough */
        shrink(u, r);
        return;
    }
    bool empty = path[depth - 1]->shift == 0, leaf = empty, was_full;
    do { /* up to where nothing changes any more */
        n = path[--depth];
        const uint16_t bit = (uint16_t)(1u << digit(n, key));
        was_full = n->full == UINT16_MAX;
        n->full &= (uint16_t)~bit;
        if (empty) {
            if (!leaf) {
                umsi_free(u, n->child[digit(n, key)], sizeof(*n));
            }
            n->child[digit(n, key)] = NULL;
            n->there &= (uint16_t)~bit;
        }
        empty = n->there == 0 && !stays(n, key);
        leaf = false;
    } while (depth > 0 && (empty || was_full));
    shrink(u, r);
}

/* Nothing is below the key's child: the first key of the next child, or, when this was the last, of the next node. Apart,
 * so that who finds a key has a short way. */
static __attribute__((noinline)) uint64_t behind(const struct umsi_radix_node *n, uint32_t key)
{
    const bool last = n->there >> digit(n, key) <= 1;
    const uint32_t step = last ? n->shift + BITS : n->shift;
    return (((uint64_t)key >> step) + 1) << step;
}

bool umsi_radix_next(const struct umsi_radix *r, uint32_t from, uint32_t *out_key, void **out_value)
{
    uint64_t key = from;
    while (r->root != NULL && key <= UINT32_MAX && covers(r->root, (uint32_t)key)) {
        const struct umsi_radix_node *n = r->root;
        while (n->shift != 0 && n->child[digit(n, (uint32_t)key)] != NULL) {
            n = n->child[digit(n, (uint32_t)key)];
        }
        void *value = n->child[digit(n, (uint32_t)key)];
        if (n->shift == 0 && value != NULL) {
            *out_key = (uint32_t)key;
            *out_value = value;
            return true;
        }
        key = behind(n, (uint32_t)key);
    }
    return false;
}

uint32_t umsi_radix_first_free(const struct umsi_radix *r, uint32_t from)
{
    uint64_t key = from;
    while (r->root != NULL && key <= UINT32_MAX && covers(r->root, (uint32_t)key)) {
        const struct umsi_radix_node *n = r->root;
        bool full = (n->full >> digit(n, (uint32_t)key)) & 1;
        while (n->shift != 0 && !full && n->child[digit(n, (uint32_t)key)] != NULL) {
            n = n->child[digit(n, (uint32_t)key)];
            full = (n->full >> digit(n, (uint32_t)key)) & 1;
        }
        if (!full) {
            return (uint32_t)key;
        }
        key = ((key >> n->shift) + 1) << n->shift;
    }
    return (uint32_t)key;
}
