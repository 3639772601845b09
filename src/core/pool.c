/* SPDX-License-Identifier: MIT */
/*
 * Small objects in slabs. A slab is one block from the port with its header in front; an object finds its
 * slab by the slab's alignment. The port's callbacks run outside the lock: a slab is made first and
 * installed after.
 */
#include "core.h"

#define SLAB_BYTES ((size_t)4096)

struct umsi_slab {
    struct umsi_slab *next, **link; /* among the slabs with room; link is NULL when it is full */
    void *free;                     /* objects, linked through their first word */
    uint32_t used, room;
};

/* A cache line, so that objects of whole lines share none: two devices' nodes are written by two CPUs. */
#define SLAB_HEADER ((size_t)64)
_Static_assert(sizeof(struct umsi_slab) <= SLAB_HEADER, "a slab's header is larger");

static const size_t class_size[UMSI_POOL_CLASSES] = { 16,  32,  48,  64,  96,  128,
                                                      192, 256, 288, 384, 512, 1024 };

static struct umsi_pool *pool_for(struct umsi *u, size_t size)
{
    for (uint32_t i = 0; i < UMSI_POOL_CLASSES; i++) {
        if (size <= class_size[i]) {
            return &u->pools.pool[i];
        }
    }
    return NULL;
}

static size_t whole_pages(size_t size)
{
    return (size + SLAB_BYTES - 1) & ~(SLAB_BYTES - 1);
}

static void *take_pages(struct umsi *u, size_t size)
{
    void *p = u->port.alloc(u->port.ctx, size, SLAB_BYTES);
    if (p != NULL) {
        __atomic_add_fetch(&u->pools.bytes, size, __ATOMIC_RELAXED);
    }
    return p;
}

static void give_pages(struct umsi *u, void *p, size_t size)
{
    __atomic_sub_fetch(&u->pools.bytes, size, __ATOMIC_RELAXED);
    u->port.free(u->port.ctx, p, size);
}

static void link_slab(struct umsi_pool *pool, struct umsi_slab *s)
{
    s->next = pool->partial;
    s->link = &pool->partial;
    if (s->next != NULL) {
        s->next->link = &s->next;
    }
    pool->partial = s;
}

static void unlink_slab(struct umsi_slab *s)
{
    *s->link = s->next;
    if (s->next != NULL) {
        s->next->link = s->link;
    }
    s->link = NULL;
}

static struct umsi_slab *make_slab(struct umsi *u, size_t object_size)
{
    struct umsi_slab *s = take_pages(u, SLAB_BYTES);
    if (s == NULL) {
        return NULL;
    }
    *s = (struct umsi_slab){ .room = (uint32_t)((SLAB_BYTES - SLAB_HEADER) / object_size) };
    for (uint32_t i = s->room; i-- > 0;) {
        void **object = (void **)(void *)((char *)s + SLAB_HEADER + i * object_size);
        *object = s->free;
        s->free = object;
    }
    return s;
}

static void *pop(struct umsi_slab *s)
{
    void **object = s->free;
    s->free = *object;
    if (++s->used == s->room) {
        unlink_slab(s);
    }
    return object;
}

static void *alloc_small(struct umsi *u, struct umsi_pool *pool)
{
    void *p = NULL;
    umsi_irqstate state = umsi_lock_take(u, &u->pools.lock);
    if (pool->partial == NULL) {
        umsi_lock_drop(u, &u->pools.lock, state);
        struct umsi_slab *s = make_slab(u, class_size[pool - u->pools.pool]);
        state = umsi_lock_take(u, &u->pools.lock);
        if (s != NULL) {
            link_slab(pool, s);
        }
    }
    if (pool->partial != NULL) {
        p = pop(pool->partial);
    }
    umsi_lock_drop(u, &u->pools.lock, state);
    return p;
}

void *umsi_alloc(struct umsi *u, size_t size)
{
    struct umsi_pool *pool = pool_for(u, size);
    void *p = pool != NULL ? alloc_small(u, pool) : take_pages(u, whole_pages(size));
    if (p != NULL) {
        memset(p, 0, size);
    }
    return p;
}

static void free_small(struct umsi *u, struct umsi_pool *pool, void *p)
{
    struct umsi_slab *s = (struct umsi_slab *)((uintptr_t)p & ~(uintptr_t)(SLAB_BYTES - 1));
    umsi_irqstate state = umsi_lock_take(u, &u->pools.lock);
    *(void **)p = s->free;
    s->free = p;
    if (s->link == NULL) {
        link_slab(pool, s);
    }
    bool empty = --s->used == 0;
    if (empty) {
        unlink_slab(s);
    }
    umsi_lock_drop(u, &u->pools.lock, state);
    if (empty) {
        give_pages(u, s, SLAB_BYTES);
    }
}

void umsi_free(struct umsi *u, void *p, size_t size)
{
    if (p == NULL) {
        return;
    }
    struct umsi_pool *pool = pool_for(u, size);
    if (pool != NULL) {
        free_small(u, pool, p);
    } else {
        give_pages(u, p, whole_pages(size));
    }
}
