/* SPDX-License-Identifier: MIT */
/*
 * From a 32-bit number to a pointer: a radix tree of 16-way nodes that grows with the largest number in it.
 * The owner serialises changes; umsi_radix_get() may run beside them only where nodes are not freed meanwhile.
 * Nodes of the lowest keys stay once they are there: who puts keys in and takes them out again needs no memory.
 */
#ifndef UMSI_RADIX_H
#define UMSI_RADIX_H

#include <stdbool.h>
#include <stdint.h>

struct umsi;
struct umsi_radix_node;

struct umsi_radix {
    struct umsi_radix_node *root; /* NULL: empty */
};

/* NULL when absent. */
void *umsi_radix_get(const struct umsi_radix *r, uint32_t key);
/* Make room for a key so that a following umsi_radix_set() cannot fail; false: no memory, nothing changed. */
bool umsi_radix_reserve(struct umsi *u, struct umsi_radix *r, uint32_t key);
/* Store under a key made room for; value is not NULL and the key is absent. */
void umsi_radix_set(struct umsi_radix *r, uint32_t key, void *value);
/* Take out a key and give back nodes that are empty now and do not stay, also those of a reserve that came to
 * nothing. */
void umsi_radix_clear(struct umsi *u, struct umsi_radix *r, uint32_t key);
/* The lowest key at or above `from` that is present; false: none. */
bool umsi_radix_next(const struct umsi_radix *r, uint32_t from, uint32_t *out_key,
                     void **out_value);
/* The lowest absent key at or above `from`. */
uint32_t umsi_radix_first_free(const struct umsi_radix *r, uint32_t from);
/* Give back what stayed of a tree without keys. */
void umsi_radix_destroy(struct umsi *u, struct umsi_radix *r);

#endif /* UMSI_RADIX_H */
