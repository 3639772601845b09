/* SPDX-License-Identifier: MIT */
/* Domains in a tree, and interrupts of domains that have no devices: the wired inputs of a root. */
#include "irq.h"

static const struct umsi_domain_ops no_ops;
static const struct umsi_chip no_chip = { .name = "-" };

/*
 * The list is the tree, parents before children and siblings in the order of their creation. A domain goes
 * behind the last one of its parent's subtree, a root behind all.
 */
static void link_domain(struct umsi *u, struct umsi_domain *d)
{
    struct umsi_domain *before = d->parent != NULL ? d->parent->last : u->last_domain;
    d->last = d;
    d->list_prev = before;
    d->list_next = before != NULL ? before->list_next : NULL;
    *(before != NULL ? &before->list_next : &u->domains) = d;
    *(d->list_next != NULL ? &d->list_next->list_prev : &u->last_domain) = d;
    for (struct umsi_domain *up = d->parent; up != NULL && up->last == before; up = up->parent) {
        up->last = d;
    }
}

/* Of a domain without children. Who walks the list and stands on it moves on. */
static void unlink_domain(struct umsi *u, struct umsi_domain *d)
{
    for (struct umsi_walk *w = u->walks; w != NULL; w = w->next) {
        w->at = w->at == d ? d->list_next : w->at;
    }
    for (struct umsi_domain *up = d->parent; up != NULL && up->last == d; up = up->parent) {
        up->last = d->list_prev;
    }
    *(d->list_prev != NULL ? &d->list_prev->list_next : &u->domains) = d->list_next;
    *(d->list_next != NULL ? &d->list_next->list_prev : &u->last_domain) = d->list_prev;
}

/* Those with work for CPUs are in a list that umsi_cpu_service() walks without a lock. */
static void link_worker(struct umsi *u, struct umsi_domain *d)
{
    if (d->ops->cpu_work != NULL) {
        d->work_next = u->workers;
        __atomic_store_n(&u->workers, d, __ATOMIC_RELEASE);
    }
}

static void unlink_worker(struct umsi *u, struct umsi_domain *d)
{
    struct umsi_domain **at = &u->workers;
    while (*at != NULL && *at != d) {
        at = &(*at)->work_next;
    }
    if (*at == d) {
        __atomic_store_n(at, d->work_next, __ATOMIC_RELEASE);
    }
}

enum umsi_status umsi_domain_add(struct umsi *u, struct umsi_domain *d,
                                 const struct umsi_domain_config *config)
{
    uint32_t depth = config->parent != NULL ? config->parent->depth + 1 : 0;
    if (depth >= UMSI_MAX_LEVELS) {
        umsi_log(u, UMSI_LOG_ERROR, "%s: more than %u levels of domains", config->name,
                 UMSI_MAX_LEVELS);
        return UMSI_RANGE;
    }
    memset(d, 0, sizeof(*d));
    (void)umsi_append(d->name, sizeof(d->name), 0, config->name != NULL ? config->name : "?");
    d->ops = config->ops != NULL ? config->ops : &no_ops;
    d->chip = config->chip != NULL ? config->chip : &no_chip;
    d->parent = config->parent;
    d->umsi = u;
    d->data = config->data;
    d->depth = depth;
    d->size = config->size;
    umsi_lock_init(u, &d->lock);
    umsi_irqstate s = umsi_lock_take(u, &u->lock);
    if (d->parent != NULL) {
        d->parent->nr_children++;
    }
    link_domain(u, d);
    link_worker(u, d);
    umsi_lock_drop(u, &u->lock, s);
    return UMSI_OK;
}

enum umsi_status umsi_domain_remove(struct umsi_domain *d)
{
    struct umsi *u = d->umsi;
    enum umsi_status st = UMSI_OK;
    if (u == NULL) {
        return UMSI_OK;
    }
    umsi_irqstate s = umsi_lock_take(u, &u->lock);
    if (d->nr_children != 0 || __atomic_load_n(&d->nr_irqs, __ATOMIC_RELAXED) != 0) {
        st = UMSI_BUSY;
    } else {
        unlink_domain(u, d);
        unlink_worker(u, d);
        if (d->parent != NULL) {
            d->parent->nr_children--;
        }
        d->umsi = NULL;
    }
    umsi_lock_drop(u, &u->lock, s);
    if (st == UMSI_OK && d->ops->cpu_work != NULL) {
        (void)umsi_grace_wait(u); /* a CPU may be in its cpu_work() */
    }
    return st;
}

void umsi_msi_parent_set(struct umsi_domain *d, const struct umsi_msi_parent_ops *ops)
{
    d->msi = ops;
}

void umsi_irq_set_percpu(struct umsi_irq *irq)
{
    umsi_targets_remove(irq->domain->umsi, &irq, 1);
    umsi_irq_clear_bits(irq, UMSI_IRQ_COUNTED);
    umsi_irq_set_bits(irq, UMSI_IRQ_PERCPU);
}

void umsi_irq_set_end(struct umsi_irq *irq)
{
    umsi_irq_set_bits(irq, UMSI_IRQ_END);
}

bool umsi_irq_is_level(const struct umsi_irq *irq)
{
    return (umsi_irq_state(irq) & UMSI_IRQ_LEVEL) != 0;
}

/* Bring a fresh descriptor to life in all levels; what succeeded is undone when a later step fails. */
static enum umsi_status start(struct umsi_domain *d, struct umsi_irq *irq)
{
    const struct umsi_alloc_info none = { 0 };
    struct umsi_batch b = { 0 };
    enum umsi_status st = umsi_levels_alloc(d, &irq, 1, &none, &b);
    if (st != UMSI_OK) {
        return st;
    }
    st = umsi_levels_activate(d, &irq, 1, &b);
    bool active = st == UMSI_OK;
    enum umsi_status committed = umsi_batch_commit(&b); /* whatever got into it must come out */
    st = active ? committed : st;
    if (st != UMSI_OK) {
        struct umsi_batch undo = { 0 };
        if (active) {
            umsi_levels_deactivate(d, &irq, 1, &undo);
            (void)umsi_batch_commit(&undo);
        }
        umsi_levels_free(d, &irq, 1, &undo);
    }
    return st;
}

enum umsi_status umsi_domain_map(struct umsi_domain *d, uint32_t hwirq, bool level,
                                 umsi_virq *out_virq)
{
    struct umsi *u = d->umsi;
    struct umsi_irq *irq;
    enum umsi_status st = umsi_irq_take(u, &irq, 1);
    if (st != UMSI_OK) {
        return st;
    }
    irq->domain = d;
    irq->index = hwirq;
    irq->level[d->depth].hwirq = hwirq;
    /* As a kernel expects of a wire: the first CPU. */
    __atomic_store_n(&irq->cpu, umsi_pick_next(d, NULL, 0), __ATOMIC_RELAXED);
    umsi_irq_set_bits(irq, UMSI_IRQ_LIVE | UMSI_IRQ_COUNTED | (level ? UMSI_IRQ_LEVEL : 0));
    umsi_targets_add(u, &irq, 1);
    st = start(d, irq);
    if (st != UMSI_OK) {
        umsi_irq_put(u, &irq, 1, umsi_grace_wait(u));
        return st;
    }
    *out_virq = irq->virq;
    umsi_move_release(irq);
    return UMSI_OK;
}

void umsi_domain_unmap(struct umsi_domain *d, umsi_virq virq)
{
    struct umsi *u = d->umsi;
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    struct umsi_batch b = { 0 };
    if (irq == NULL || irq->domain != d) {
        return;
    }
    umsi_irq_stop_moves(u, irq);
    umsi_irq_release(u, irq);
    umsi_levels_deactivate(d, &irq, 1, &b);
    (void)umsi_batch_commit(&b);
    bool graced = umsi_grace_wait(u);
    umsi_levels_free(d, &irq, 1, &b);
    umsi_irq_put(u, &irq, 1, graced);
}
