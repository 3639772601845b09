/* SPDX-License-Identifier: MIT */
/*
 * Freeing vectors: handlers out, hardware told once for all, every CPU past the dispatch it was in, and only
 * then the numbers go back (L25, L59). Nothing here can fail: a controller that does not answer keeps its
 * numbers to itself.
 */
#include "msi_domain.h"

uint32_t umsi_msi_gather(const struct umsi_msi_domain *md, uint32_t *from, uint32_t end,
                         struct umsi_irq **v)
{
    uint32_t n = 0, key;
    void *value;
    while (n < UMSI_CHUNK && *from < end && umsi_radix_next(&md->store, *from, &key, &value) &&
           key < end) {
        v[n++] = value;
        *from = key + 1;
    }
    return n;
}

static void stop(struct umsi_msi_device *dev, struct umsi_msi_domain *md, uint32_t first,
                 uint32_t end, struct umsi_batch *b)
{
    struct umsi_irq *v[UMSI_CHUNK];
    uint32_t n;
    while ((n = umsi_msi_gather(md, &first, end, v)) != 0) {
        for (uint32_t i = 0; i < n; i++) {
            umsi_irq_stop_moves(dev->umsi, v[i]);
            umsi_irq_release(dev->umsi, v[i]);
        }
        umsi_levels_deactivate(&md->domain, v, n, b);
    }
    (void)umsi_batch_commit(b); /* the free operations see b->status */
    umsi_msi_charge(dev, b->commands, b->waits);
}

static void forget(struct umsi_msi_device *dev, struct umsi_msi_domain *md,
                   struct umsi_irq *const *v, uint32_t n, struct umsi_batch *b, bool graced)
{
    umsi_levels_free(&md->domain, v, n, b);
    dev->stats.live -= n;
    for (uint32_t i = 0; i < n; i++) {
        dev->stats.reserved -= (umsi_irq_state(v[i]) & UMSI_IRQ_SPARE) != 0;
        umsi_radix_clear(dev->umsi, &md->store, v[i]->index);
    }
    umsi_irq_put(dev->umsi, v, n, graced);
}

void umsi_msi_drop(struct umsi_msi_device *dev, struct umsi_msi_domain *md, uint32_t first,
                   uint32_t n)
{
    struct umsi_irq *v[UMSI_CHUNK];
    struct umsi_batch b = { 0 };
    uint32_t end = first + n, from = first, found;
    stop(dev, md, first, end, &b);
    bool graced = umsi_grace_wait(dev->umsi);
    while ((found = umsi_msi_gather(md, &from, end, v)) != 0) {
        forget(dev, md, v, found, &b, graced);
    }
}

/* The end of a range, moved past the spares of a block that ends with it (L15). */
static uint32_t with_spares(const struct umsi_msi_domain *md, uint32_t end)
{
    for (; end < md->nr_events; end++) {
        const struct umsi_irq *irq = umsi_radix_get(&md->store, end);
        if (irq == NULL || (umsi_irq_state(irq) & UMSI_IRQ_SPARE) == 0) {
            break;
        }
    }
    return end;
}

void umsi_msi_free_slot(struct umsi_msi_device *dev, uint32_t slot, uint32_t first, uint32_t n)
{
    struct umsi_msi_domain *md = slot < UMSI_MSI_SLOTS ? dev->slot[slot] : NULL;
    uint32_t key;
    void *value;
    if (md == NULL || first >= md->nr_events) {
        return;
    }
    uint32_t end = n > md->nr_events - first ? md->nr_events : first + n;
    end = with_spares(md, end);
    if (umsi_radix_next(&md->store, first, &key, &value) && key < end) {
        umsi_msi_drop(dev, md, first, end - first);
    }
}

void umsi_msi_free(struct umsi_msi_device *dev, uint32_t first, uint32_t n)
{
    if (dev->umsi == NULL) {
        return;
    }
    umsi_msi_lock_wait(dev);
    umsi_msi_free_slot(dev, 0, first, n);
    umsi_msi_unlock(dev);
}
