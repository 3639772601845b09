/* SPDX-License-Identifier: MIT */
/* Open addressing, linear probing, entries moved back when one is taken: no tombstones. */
#include <stdio.h>
#include <stdlib.h>

#include "map.h"

void *audit_grow(void *at, size_t size)
{
    void *grown = realloc(at, size);
    if (grown == NULL) {
        fputs("umsi-audit: no memory\n", stderr);
        exit(2);
    }
    return grown;
}

void *audit_alloc(size_t size)
{
    void *p = calloc(1, size);
    return p != NULL ? p : audit_grow(NULL, SIZE_MAX / 2);
}

static size_t place(const struct audit_map *m, uint64_t key)
{
    key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
    return (size_t)(key ^ key >> 31) & (m->size - 1);
}

/* Where it is, or would be. */
static size_t find(const struct audit_map *m, uint64_t key)
{
    size_t i = place(m, key);
    while (m->slot[i].value != NULL && m->slot[i].key != key) {
        i = (i + 1) & (m->size - 1);
    }
    return i;
}

void *audit_map_get(const struct audit_map *m, uint64_t key)
{
    return m->size == 0 ? NULL : m->slot[find(m, key)].value;
}

static void enlarge(struct audit_map *m)
{
    struct audit_map old = *m;
    m->size = old.size == 0 ? 64 : old.size * 2;
    m->slot = audit_alloc(m->size * sizeof(*m->slot));
    for (size_t i = 0; i < old.size; i++) {
        if (old.slot[i].value != NULL) {
            m->slot[find(m, old.slot[i].key)] = old.slot[i];
        }
    }
    free(old.slot);
}

void audit_map_put(struct audit_map *m, uint64_t key, void *value)
{
    if (m->used * 4 >= m->size * 3) {
        enlarge(m);
    }
    struct audit_slot *s = &m->slot[find(m, key)];
    m->used += s->value == NULL;
    *s = (struct audit_slot){ key, value };
}

void *audit_map_take(struct audit_map *m, uint64_t key)
{
    if (m->size == 0) {
        return NULL;
    }
    size_t hole = find(m, key), i = hole;
    void *value = m->slot[hole].value;
    if (value == NULL) {
        return NULL;
    }
    for (;;) {
        i = (i + 1) & (m->size - 1);
        if (m->slot[i].value == NULL) {
            break;
        }
        size_t home = place(m, m->slot[i].key);
        if (((i - home) & (m->size - 1)) >= ((i - hole) & (m->size - 1))) {
            m->slot[hole] = m->slot[i];
            hole = i;
        }
    }
    m->slot[hole].value = NULL;
    m->used--;
    return value;
}

void audit_map_free(struct audit_map *m)
{
    free(m->slot);
    *m = (struct audit_map){ 0 };
}
