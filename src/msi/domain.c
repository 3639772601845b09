/* SPDX-License-Identifier: MIT */
/*
 * A device's MSI domain comes and goes. This file is the only one that calls prepare() and teardown(): once
 * each, between them the domain (L1, L2, L3). What allocates finds the domain made, or has it made first.
 */
#include "msi_domain.h"

static const struct umsi_domain_ops device_ops = { .rewrite = UMSI_IF_MOVES(umsi_msi_rewrite) };

/* What a debug build stops at: as many domains as prepares without a teardown. */
static void check_pairs(const struct umsi_msi_device *dev)
{
    uint32_t domains = 0;
    for (uint32_t i = 0; i < UMSI_MSI_SLOTS; i++) {
        domains += dev->slot[i] != NULL;
    }
    if (dev->stats.prepares - dev->stats.teardowns == domains) {
        return;
    }
    umsi_log(dev->umsi, UMSI_LOG_ERROR, "%s: %u prepares, %u teardowns, %u domains", dev->name,
             dev->stats.prepares, dev->stats.teardowns, domains);
#ifdef UMSI_DEBUG
    __builtin_trap();
#endif
}

static enum umsi_status check_want(const struct umsi_msi_device *dev, uint32_t slot,
                                   const struct umsi_msi_template *t, uint32_t nr_events)
{
    const struct umsi_msi_parent_ops *ops = dev->parent->msi;
    const struct umsi_msi_domain_want want = { dev, t->kind, nr_events };
    uint32_t most = ops->max_events != 0 ? ops->max_events : UMSI_MAX_EVENTS;
    if (slot >= UMSI_MSI_SLOTS || nr_events == 0) {
        return UMSI_INVALID;
    }
    if (dev->slot[slot] != NULL) {
        return UMSI_EXISTS;
    }
    if ((ops->can & t->kind) == 0) {
        umsi_log(dev->umsi, UMSI_LOG_ERROR, "%s: %s cannot serve %s", dev->name, dev->parent->name,
                 t->name);
        return UMSI_UNSUPPORTED;
    }
    if (nr_events > most) {
        umsi_log(dev->umsi, UMSI_LOG_ERROR, "%s: %u events, %s has at most %u", dev->name,
                 nr_events, dev->parent->name, most);
        return UMSI_RANGE;
    }
    return ops->init_device_domain != NULL ? ops->init_device_domain(dev->parent, &want) : UMSI_OK;
}

static enum umsi_status map_doorbell(struct umsi_msi_device *dev, struct umsi_msi_domain *md)
{
    const struct umsi_port *port = &dev->umsi->port;
    const struct umsi_msi_parent_ops *ops = dev->parent->msi;
    if (port->doorbell_map == NULL || ops->doorbell == NULL) {
        return UMSI_OK;
    }
    md->doorbell = ops->doorbell(dev->parent);
    md->mapped = port->doorbell_map(port->ctx, dev->handle, md->doorbell, &md->doorbell_bus);
    if (!md->mapped) {
        umsi_log(dev->umsi, UMSI_LOG_ERROR, "%s: the doorbell 0x%lx cannot be mapped", dev->name,
                 (uint64_t)md->doorbell);
    }
    return md->mapped ? UMSI_OK : UMSI_PORT;
}

static void unmap_doorbell(struct umsi_msi_device *dev, const struct umsi_msi_domain *md)
{
    if (md->mapped) {
        dev->umsi->port.doorbell_unmap(dev->umsi->port.ctx, dev->handle, md->doorbell_bus);
    }
}

static enum umsi_status prepare(struct umsi_msi_device *dev, struct umsi_msi_domain *md)
{
    const struct umsi_msi_parent_ops *ops = dev->parent->msi;
    enum umsi_status st = UMSI_OK;
    if (ops->prepare != NULL) {
        st = ops->prepare(dev->parent, dev, md->nr_events, &md->info);
    }
    umsi_trace(dev->umsi, UMSI_TRACE_PREPARE, dev->parent, dev->device_id, md->nr_events,
               (uint64_t)st, 0);
    dev->stats.prepares += st == UMSI_OK;
    return st;
}

static void teardown(struct umsi_msi_device *dev, struct umsi_msi_domain *md)
{
    const struct umsi_msi_parent_ops *ops = dev->parent->msi;
    if (ops->teardown != NULL) {
        ops->teardown(dev->parent, dev, &md->info);
    }
    umsi_trace(dev->umsi, UMSI_TRACE_TEARDOWN, dev->parent, dev->device_id, 0, 0, 0);
    dev->stats.teardowns++;
}

static enum umsi_status add_domain(struct umsi_msi_device *dev, struct umsi_msi_domain *md)
{
    char name[sizeof(md->domain.name)];
    const struct umsi_domain_config config = {
        .name = name,
        .ops = &device_ops,
        .chip = md->template->chip,
        .parent = dev->parent,
        .size = md->nr_events,
        .data = dev,
    };
    size_t at = umsi_append(name, sizeof(name), 0, dev->name);
    at = umsi_append(name, sizeof(name), at, "/");
    (void)umsi_append(name, sizeof(name), at, md->template->name);
    return umsi_domain_add(dev->umsi, &md->domain, &config);
}

/* Each step that succeeded is undone when a later one fails, so a failed create leaves no trace (L8). */
static enum umsi_status bring_up(struct umsi_msi_device *dev, struct umsi_msi_domain *md)
{
    enum umsi_status st = add_domain(dev, md);
    if (st != UMSI_OK) {
        return st;
    }
    st = map_doorbell(dev, md);
    if (st == UMSI_OK) {
        st = prepare(dev, md);
    }
    if (st != UMSI_OK) {
        unmap_doorbell(dev, md);
        umsi_ignore(umsi_domain_remove(&md->domain)); /* new and empty */
    }
    return st;
}

enum umsi_status umsi_msi_domain_create(struct umsi_msi_device *dev, uint32_t slot,
                                        const struct umsi_msi_template *t, uint32_t nr_events)
{
    enum umsi_status st =
        dev->umsi == NULL ? UMSI_STATE : check_want(dev, slot, t, nr_events); /* it is detached */
    if (st != UMSI_OK) {
        return st;
    }
    struct umsi_msi_domain *md = umsi_alloc(dev->umsi, sizeof(*md));
    if (md == NULL) {
        return UMSI_NOMEM;
    }
    md->template = t;
    md->nr_events = nr_events;
    st = bring_up(dev, md);
    if (st != UMSI_OK) {
        umsi_free(dev->umsi, md, sizeof(*md));
        return st;
    }
    dev->slot[slot] = md;
    check_pairs(dev);
    return UMSI_OK;
}

enum umsi_status umsi_msi_domain_remove(struct umsi_msi_device *dev, uint32_t slot)
{
    if (slot >= UMSI_MSI_SLOTS || dev->slot[slot] == NULL) {
        return UMSI_OK;
    }
    struct umsi_msi_domain *md = dev->slot[slot];
    enum umsi_status st = umsi_domain_remove(&md->domain);
    if (st != UMSI_OK) {
        umsi_log(dev->umsi, UMSI_LOG_ERROR, "%s: domain %s is in use", dev->name, md->domain.name);
        return st;
    }
    dev->slot[slot] = NULL;
    umsi_radix_destroy(dev->umsi, &md->store);
    teardown(dev, md);
    unmap_doorbell(dev, md);
    umsi_free(dev->umsi, md, sizeof(*md));
    check_pairs(dev);
    return UMSI_OK;
}

const struct umsi_msi_template *umsi_msi_domain_template(const struct umsi_msi_device *dev,
                                                         uint32_t slot, uint32_t *out_nr_events)
{
    const struct umsi_msi_domain *md = slot < UMSI_MSI_SLOTS ? dev->slot[slot] : NULL;
    *out_nr_events = md != NULL ? md->nr_events : 0;
    return md != NULL ? md->template : NULL;
}
