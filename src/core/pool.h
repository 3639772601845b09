/* SPDX-License-Identifier: MIT */
/*
 * Small objects out of the port's pages. Sizes are rounded up to one of a few classes; each class keeps
 * whole slabs, and gives a slab back when it is empty. Larger requests go to the port as they are.
 */
#ifndef UMSI_POOL_H
#define UMSI_POOL_H

#include <umsi/port.h>

struct umsi;

#define UMSI_POOL_CLASSES 12 /* 16 to 1024 bytes; 192 and 288: a node of a tree, a device domain */

struct umsi_pool {
    struct umsi_slab *partial; /* slabs with room */
};

struct umsi_pools {
    struct umsi_pool pool[UMSI_POOL_CLASSES];
    umsi_lock lock; /* rank 4: a leaf */
    size_t bytes;   /* taken from the port */
};

/* Zeroed memory, aligned to 16; NULL: none. Context: task, no umsi lock held. */
void *umsi_alloc(struct umsi *u, size_t size);
/* `size` as at umsi_alloc(); NULL is harmless. Context: task, no umsi lock held. */
void umsi_free(struct umsi *u, void *p, size_t size);

#endif /* UMSI_POOL_H */
