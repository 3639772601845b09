/* SPDX-License-Identifier: MIT */
/* A hash table from 64-bit keys to pointers. It shrinks never, but is as large as what is in it at most. */
#ifndef AUDIT_MAP_H
#define AUDIT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit_slot {
    uint64_t key;
    void *value; /* NULL: empty */
};

struct audit_map {
    struct audit_slot *slot;
    size_t size, used; /* size: 0 or a power of two */
};

void *audit_map_get(const struct audit_map *m, uint64_t key);
/* Not NULL; replaces what is there. Ends the program when there is no memory. */
void audit_map_put(struct audit_map *m, uint64_t key, void *value);
/* What was there, or NULL. */
void *audit_map_take(struct audit_map *m, uint64_t key);
void audit_map_free(struct audit_map *m);

/* malloc() and realloc() that end the program, with exit status 2, when there is no memory. */
void *audit_alloc(size_t size); /* zeroed */
void *audit_grow(void *at, size_t size);

#endif /* AUDIT_MAP_H */
