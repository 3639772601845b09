/* SPDX-License-Identifier: MIT */
/* Platform devices with their messages in registers: the base MSI device with a ready-made message writer. */
#include <umsi/platdev.h>

#include "../../core/core.h"

/* The low half goes last, so that a device that acts on it sees the rest. */
static void write_message(const struct umsi_platdev *dev, uint32_t index,
                          const struct umsi_message *m)
{
    const struct umsi_platdev_layout *l = &dev->layout;
    struct umsi *u = dev->msi.umsi;
    const uint32_t at = index * l->stride;
    umsi_write32(u, dev->regs, l->data + at, m->data);
    if (l->address_64) {
        umsi_write64(u, dev->regs, l->address_lo + at, m->address);
        return;
    }
    if (!l->address_32) {
        umsi_write32(u, dev->regs, l->address_hi + at, (uint32_t)(m->address >> 32));
    }
    umsi_write32(u, dev->regs, l->address_lo + at, (uint32_t)m->address);
}

static enum umsi_status chip_write(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct umsi_msi_device *msi = d->data;
    write_message(UMSI_CONTAINER_OF(msi, struct umsi_platdev, msi), irq->index, &irq->message);
    return UMSI_OK;
}

static void set_mask(const struct umsi_domain *d, const struct umsi_irq *irq, bool masked)
{
    struct umsi_msi_device *msi = d->data;
    const struct umsi_platdev *dev = UMSI_CONTAINER_OF(msi, struct umsi_platdev, msi);
    dev->set_mask(dev->handle, irq->index, masked);
}

static void chip_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    set_mask(d, irq, true);
}

static void chip_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    set_mask(d, irq, false);
}

static const struct umsi_chip maskable = {
    .name = "platform",
    .mask = chip_mask,
    .unmask = chip_unmask,
    .write_message = chip_write,
};
static const struct umsi_chip plain = { .name = "platform", .write_message = chip_write };

/* By what the device can do: mask or not, reach all memory or 4 GiB. */
static const struct umsi_msi_template templates[2][2] = {
    { { "plat", UMSI_DEVICE_MSI, &plain, UINT64_MAX },
      { "plat", UMSI_DEVICE_MSI, &plain, UINT32_MAX } },
    { { "plat", UMSI_DEVICE_MSI, &maskable, UINT64_MAX },
      { "plat", UMSI_DEVICE_MSI, &maskable, UINT32_MAX } },
};

static enum umsi_status build(struct umsi_domain *parent, const struct umsi_platdev_config *config,
                              struct umsi_platdev *dev)
{
    const struct umsi_msi_config base = {
        .name = config->name,
        .handle = config->handle,
        .device_id = config->device_id,
        .shared_events = config->shared_events,
    };
    enum umsi_status st = umsi_msi_device_init(parent, &base, &dev->msi);
    if (st != UMSI_OK) {
        return st;
    }
    dev->regs = config->regs;
    dev->layout = config->layout;
    dev->handle = config->handle;
    dev->set_mask = config->set_mask;
    return umsi_msi_domain_create(&dev->msi, 0,
                                  &templates[config->set_mask != NULL][config->layout.address_32],
                                  config->nr_events);
}

static bool sound(const struct umsi_platdev_config *config)
{
    return config != NULL && config->regs != NULL &&
           !(config->layout.address_32 && config->layout.address_64);
}

/* Nothing is read from the caller's storage: it may never have been written. */
enum umsi_status umsi_platdev_attach(struct umsi_domain *parent,
                                     const struct umsi_platdev_config *config,
                                     struct umsi_platdev *dev)
{
    if (dev == NULL) {
        return UMSI_INVALID;
    }
    enum umsi_status st = sound(config) ? build(parent, config, dev) : UMSI_INVALID;
    if (st != UMSI_OK) {
        dev->msi.umsi = NULL; /* not attached */
    }
    return st;
}

void umsi_platdev_detach(struct umsi_platdev *dev)
{
    umsi_msi_detach(&dev->msi);
}

enum umsi_status umsi_platdev_restore(struct umsi_platdev *dev)
{
    enum umsi_status st = umsi_msi_lock(&dev->msi);
    if (st == UMSI_OK) {
        st = umsi_msi_restore_slot(&dev->msi, 0);
        umsi_msi_unlock(&dev->msi);
    }
    return st;
}
