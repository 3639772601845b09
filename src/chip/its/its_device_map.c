/* SPDX-License-Identifier: MIT */
/*
 * From a DeviceID to its device: a digital search tree. Level n of it looks at bit n of the DeviceID, so it
 * is at most 32 deep, and as deep as log2 for ids that are dense in their low bits, as PCI's are. The links
 * are in the devices: an insertion needs no memory, and so can be done under the lock.
 */
#include "its.h"

/* Where a device with this id is linked, or would be. */
static struct its_device **find(struct umsi_its *its, uint32_t id)
{
    struct its_device **at = &its->map;
    for (uint32_t bit = 0; *at != NULL && (*at)->id.v != id; bit++) {
        at = &(*at)->child[(id >> bit) & 1];
    }
    return at;
}

struct its_device *umsi_its_map_find(struct umsi_its *its, uint32_t id)
{
    return *find(its, id);
}

void umsi_its_map_insert(struct umsi_its *its, struct its_device *d)
{
    d->child[0] = NULL;
    d->child[1] = NULL;
    *find(its, d->id.v) = d;
}

/* A leaf below a node may stand anywhere on its own way, so it can take the node's place. */
static struct its_device *take_leaf(struct its_device **at)
{
    while ((*at)->child[0] != NULL || (*at)->child[1] != NULL) {
        at = &(*at)->child[(*at)->child[0] == NULL];
    }
    struct its_device *leaf = *at;
    *at = NULL;
    return leaf;
}

void umsi_its_map_remove(struct umsi_its *its, struct its_device *d)
{
    struct its_device **at = find(its, d->id.v);
    struct its_device *leaf = take_leaf(at);
    if (leaf != d) {
        leaf->child[0] = d->child[0];
        leaf->child[1] = d->child[1];
        *at = leaf;
    }
}
