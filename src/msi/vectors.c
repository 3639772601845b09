/* SPDX-License-Identifier: MIT */
/* The calls of a device without a bus, and looking vectors up by index and back. */
#include "msi_domain.h"

static enum umsi_status alloc(struct umsi_msi_device *dev, uint32_t first, uint32_t n,
                              uint32_t *out_first)
{
    const struct umsi_msi_want want = { .first = first, .n = n };
    enum umsi_status st = umsi_msi_lock(dev);
    if (st != UMSI_OK) {
        return st;
    }
    bool late = dev->late_events != 0 && dev->slot[0] == NULL;
    if (late) {
        st = umsi_msi_base_create(dev, dev->late_events);
    }
    if (st == UMSI_OK) {
        st = umsi_msi_alloc_slot(dev, 0, &want, out_first);
        if (st != UMSI_OK && late) {                     /* a failed call changes nothing (L12) */
            umsi_ignore(umsi_msi_domain_remove(dev, 0)); /* empty */
        }
    }
    umsi_msi_unlock(dev);
    return st;
}

enum umsi_status umsi_msi_alloc(struct umsi_msi_device *dev, uint32_t first, uint32_t n)
{
    uint32_t unused;
    return first == UMSI_ANY_INDEX ? UMSI_INVALID : alloc(dev, first, n, &unused);
}

enum umsi_status umsi_msi_alloc_at(struct umsi_msi_device *dev, uint32_t index, uint32_t *out_index)
{
    return alloc(dev, index, 1, out_index);
}

struct umsi_irq *umsi_msi_irq_slot(struct umsi_msi_device *dev, uint32_t slot, uint32_t index)
{
    struct umsi_msi_domain *md = slot < UMSI_MSI_SLOTS ? dev->slot[slot] : NULL;
    struct umsi_irq *irq = md != NULL ? umsi_radix_get(&md->store, index) : NULL;
    return irq != NULL && (umsi_irq_state(irq) & UMSI_IRQ_SPARE) == 0 ? irq : NULL;
}

umsi_virq umsi_msi_virq_slot(struct umsi_msi_device *dev, uint32_t slot, uint32_t index)
{
    const struct umsi_irq *irq = umsi_msi_irq_slot(dev, slot, index);
    return irq != NULL ? irq->virq : UMSI_NO_VIRQ;
}

umsi_virq umsi_msi_virq(struct umsi_msi_device *dev, uint32_t index)
{
    return umsi_msi_virq_slot(dev, 0, index);
}

bool umsi_msi_index(struct umsi_msi_device *dev, umsi_virq virq, uint32_t *out_index)
{
    const struct umsi_irq *irq = dev->umsi != NULL ? umsi_irq_find(dev->umsi, virq) : NULL;
    for (uint32_t slot = 0; slot < UMSI_MSI_SLOTS && irq != NULL; slot++) {
        if (dev->slot[slot] != NULL && irq->domain == &dev->slot[slot]->domain) {
            *out_index = irq->index;
            return true;
        }
    }
    return false;
}

void umsi_msi_for_each(struct umsi_msi_device *dev,
                       bool (*visit)(void *arg, uint32_t index, umsi_virq virq), void *arg)
{
    uint32_t index = 0;
    void *value;
    while (dev->slot[0] != NULL && umsi_radix_next(&dev->slot[0]->store, index, &index, &value)) {
        const struct umsi_irq *irq = value;
        bool spare = (umsi_irq_state(irq) & UMSI_IRQ_SPARE) != 0;
        if (!spare && !visit(arg, index, irq->virq)) {
            return;
        }
        index++;
    }
}

bool umsi_msi_irq_masked(const struct umsi_irq *irq)
{
    return (umsi_irq_state(irq) & UMSI_IRQ_MASKED) != 0;
}

static enum umsi_status restore(struct umsi_msi_domain *md, struct umsi_irq *irq)
{
    const struct umsi_chip *chip = md->domain.chip;
    struct umsi *u = md->domain.umsi;
    enum umsi_status st = chip->write_message(&md->domain, irq);
    if (st != UMSI_OK || chip->mask == NULL) {
        return st;
    }
    umsi_irqstate s = umsi_lock_take(u, &md->domain.lock);
    if (umsi_msi_irq_masked(irq)) {
        chip->mask(&md->domain, irq);
    } else {
        chip->unmask(&md->domain, irq);
    }
    umsi_lock_drop(u, &md->domain.lock, s);
    return UMSI_OK;
}

enum umsi_status umsi_msi_restore_slot(struct umsi_msi_device *dev, uint32_t slot)
{
    struct umsi_msi_domain *md = slot < UMSI_MSI_SLOTS ? dev->slot[slot] : NULL;
    uint32_t index = 0;
    void *value;
    while (md != NULL && umsi_radix_next(&md->store, index, &index, &value)) {
        enum umsi_status st = restore(md, value);
        if (st != UMSI_OK) {
            return st;
        }
        index++;
    }
    return UMSI_OK;
}
