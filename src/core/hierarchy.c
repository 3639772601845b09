/* SPDX-License-Identifier: MIT */
/*
 * One operation over all levels of a domain. Inner levels come first on the way in, last on the way out. A
 * level that fails has done nothing; those that had succeeded are released here, each by its own operation,
 * and the error is that of the level that failed (L12, L13).
 */
#include "irq.h"

struct chain {
    struct umsi_domain *level[UMSI_MAX_LEVELS]; /* the root first */
    uint32_t n;
};

static struct chain chain_of(struct umsi_domain *d)
{
    struct chain c = { .n = d->depth + 1 };
    for (; d != NULL; d = d->parent) {
        c.level[d->depth] = d;
    }
    return c;
}

static void free_from(const struct chain *c, uint32_t n_levels, struct umsi_irq *const *v,
                      uint32_t n, struct umsi_batch *b)
{
    while (n_levels-- > 0) {
        struct umsi_domain *d = c->level[n_levels];
        if (d->ops->free != NULL) {
            d->ops->free(d, v, n, b);
        }
    }
}

enum umsi_status umsi_levels_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                   const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    const struct chain c = chain_of(d);
    for (uint32_t i = 0; i < c.n; i++) {
        enum umsi_status st = UMSI_OK;
        if (c.level[i]->ops->alloc != NULL) {
            st = c.level[i]->ops->alloc(c.level[i], v, n, info, b);
        }
        if (st != UMSI_OK) {
            free_from(&c, i, v, n, b);
            return st;
        }
    }
    __atomic_add_fetch(&d->nr_irqs, n, __ATOMIC_RELAXED);
    return UMSI_OK;
}

void umsi_levels_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                      struct umsi_batch *b)
{
    const struct chain c = chain_of(d);
    free_from(&c, c.n, v, n, b);
    __atomic_sub_fetch(&d->nr_irqs, n, __ATOMIC_RELAXED);
}

static void deactivate_from(const struct chain *c, uint32_t n_levels, struct umsi_irq *const *v,
                            uint32_t n, struct umsi_batch *b)
{
    while (n_levels-- > 0) {
        struct umsi_domain *d = c->level[n_levels];
        if (d->ops->deactivate != NULL) {
            d->ops->deactivate(d, v, n, b);
        }
    }
}

enum umsi_status umsi_levels_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                      struct umsi_batch *b)
{
    const struct chain c = chain_of(d);
    for (uint32_t i = 0; i < c.n; i++) {
        enum umsi_status st = UMSI_OK;
        if (c.level[i]->ops->activate != NULL) {
            st = c.level[i]->ops->activate(c.level[i], v, n, b);
        }
        if (st != UMSI_OK) {
            deactivate_from(&c, i, v, n, b);
            return st;
        }
    }
    return UMSI_OK;
}

void umsi_levels_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                            struct umsi_batch *b)
{
    const struct chain c = chain_of(d);
    deactivate_from(&c, c.n, v, n, b);
}

enum umsi_status umsi_batch_commit(struct umsi_batch *b)
{
    if (b->owner != NULL && b->owner->ops->commit != NULL) {
        enum umsi_status st = b->owner->ops->commit(b->owner, b);
        if (b->status == UMSI_OK) {
            b->status = st;
        }
    }
    return b->status;
}

/* The innermost level that does. */
static struct umsi_domain *composer(const struct umsi_irq *irq)
{
    struct umsi_domain *found = NULL;
    for (struct umsi_domain *d = irq->domain; d != NULL; d = d->parent) {
        if (d->chip != NULL && d->chip->compose_message != NULL) {
            found = d;
        }
    }
    return found;
}

bool umsi_levels_compose_between(const struct umsi_irq *irq, struct umsi_message *out)
{
    struct umsi_domain *d = composer(irq);
    return d != NULL && d->chip->compose_between != NULL && d->chip->compose_between(d, irq, out);
}

bool umsi_levels_compose(const struct umsi_irq *irq, struct umsi_message *out)
{
    struct umsi_domain *found = composer(irq);
    if (found != NULL) {
        found->chip->compose_message(found, irq, out);
    }
    return found != NULL;
}

bool umsi_alloc_info_get(const struct umsi_alloc_info *info, const struct umsi_domain *d,
                         uint64_t *out_v0, uint64_t *out_v1)
{
    const struct umsi_alloc_slot *slot = &info->slot[d->depth];
    if (slot->owner != d) {
        return false;
    }
    *out_v0 = slot->value[0];
    *out_v1 = slot->value[1];
    return true;
}

enum umsi_status umsi_alloc_info_set(struct umsi_alloc_info *info, const struct umsi_domain *d,
                                     uint64_t v0, uint64_t v1)
{
    struct umsi_alloc_slot *slot = &info->slot[d->depth];
    if (slot->owner != NULL && slot->owner != d) {
        return UMSI_BUG;
    }
    *slot = (struct umsi_alloc_slot){ d, { v0, v1 } };
    return UMSI_OK;
}
