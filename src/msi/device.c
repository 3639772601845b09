/* SPDX-License-Identifier: MIT */
/* The base MSI device: attach, detach, one call at a time, and the device level for a device without a bus. */
#include "msi_domain.h"

static enum umsi_status base_write(struct umsi_domain *d, struct umsi_irq *irq)
{
    const struct umsi_msi_device *dev = d->data;
    dev->write_message(dev->handle, irq->index, &irq->message);
    return UMSI_OK;
}

static void base_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    const struct umsi_msi_device *dev = d->data;
    dev->set_mask(dev->handle, irq->index, true);
}

static void base_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    const struct umsi_msi_device *dev = d->data;
    dev->set_mask(dev->handle, irq->index, false);
}

static const struct umsi_chip plain_chip = { .name = "device", .write_message = base_write };
static const struct umsi_chip maskable_chip = {
    .name = "device",
    .mask = base_mask,
    .unmask = base_unmask,
    .write_message = base_write,
};

static const struct umsi_msi_template plain = { "dev", UMSI_DEVICE_MSI, &plain_chip, UINT64_MAX };
static const struct umsi_msi_template maskable = { "dev", UMSI_DEVICE_MSI, &maskable_chip,
                                                   UINT64_MAX };

enum umsi_status umsi_msi_base_create(struct umsi_msi_device *dev, uint32_t nr_events)
{
    return umsi_msi_domain_create(dev, 0, dev->set_mask != NULL ? &maskable : &plain, nr_events);
}

enum umsi_status umsi_msi_device_init(struct umsi_domain *parent,
                                      const struct umsi_msi_config *config,
                                      struct umsi_msi_device *dev)
{
    if (parent == NULL || config == NULL || dev == NULL || config->name == NULL) {
        return UMSI_INVALID;
    }
    if (parent->msi == NULL) {
        umsi_log(parent->umsi, UMSI_LOG_ERROR, "%s: %s is no MSI parent", config->name,
                 parent->name);
        return UMSI_UNSUPPORTED;
    }
    *dev = (struct umsi_msi_device){
        .umsi = parent->umsi,
        .parent = parent,
        .name = config->name,
        .handle = config->handle,
        .device_id = config->device_id,
        .shared_events = config->shared_events,
        .max_address = config->max_address != 0 ? config->max_address : UINT64_MAX,
        .write_message = config->write_message,
        .set_mask = config->set_mask,
    };
    return UMSI_OK;
}

enum umsi_status umsi_msi_attach(struct umsi_domain *parent, const struct umsi_msi_config *config,
                                 struct umsi_msi_device *dev)
{
    if (config == NULL || dev == NULL || config->write_message == NULL || config->nr_events == 0) {
        return UMSI_INVALID;
    }
    dev->umsi = NULL; /* until it is attached */
    enum umsi_status st = umsi_msi_device_init(parent, config, dev);
    if (st == UMSI_OK && config->late_prepare) {
        dev->late_events = config->nr_events;
    } else if (st == UMSI_OK) {
        st = umsi_msi_base_create(dev, config->nr_events);
    }
    if (st != UMSI_OK) {
        dev->umsi = NULL;
    }
    return st;
}

void umsi_msi_detach(struct umsi_msi_device *dev)
{
    if (dev->umsi == NULL) {
        return;
    }
    umsi_msi_lock_wait(dev);
    for (uint32_t slot = UMSI_MSI_SLOTS; slot-- > 0;) {
        umsi_msi_free_slot(dev, slot, 0, UMSI_MAX_EVENTS);
        umsi_ignore(umsi_msi_domain_remove(dev, slot)); /* empty now: cannot be refused */
    }
    umsi_msi_unlock(dev);
    dev->umsi = NULL;
}

/* ---- one call at a time ---- */

static bool try_enter(struct umsi_msi_device *dev)
{
    uint32_t idle = 0;
    return __atomic_compare_exchange_n(&dev->busy, &idle, 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static void port_lock(const struct umsi_msi_device *dev)
{
    const struct umsi_port *port = &dev->umsi->port;
    if (port->device_lock != NULL) {
        port->device_lock(port->ctx, dev->handle);
    }
}

static void port_unlock(const struct umsi_msi_device *dev)
{
    const struct umsi_port *port = &dev->umsi->port;
    if (port->device_unlock != NULL) {
        port->device_unlock(port->ctx, dev->handle);
    }
}

enum umsi_status umsi_msi_lock(struct umsi_msi_device *dev)
{
    if (dev->umsi == NULL) {
        return UMSI_STATE;
    }
    port_lock(dev);
    if (!try_enter(dev)) {
        port_unlock(dev);
        return UMSI_BUSY;
    }
    return UMSI_OK;
}

void umsi_msi_lock_wait(struct umsi_msi_device *dev)
{
    port_lock(dev);
    while (!try_enter(dev)) {
        umsi_relax(dev->umsi);
    }
}

void umsi_msi_unlock(struct umsi_msi_device *dev)
{
    __atomic_store_n(&dev->busy, 0, __ATOMIC_RELEASE);
    port_unlock(dev);
}

void umsi_msi_charge(struct umsi_msi_device *dev, uint32_t commands, uint32_t waits)
{
    dev->stats.commands += commands;
    dev->stats.waits += waits;
}
