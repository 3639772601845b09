/* SPDX-License-Identifier: MIT */
/* Wires turned into messages: one MSI device per bridge, one vector per line, each taken at its first use. */
#include <umsi/wired.h>

#include "../../arch/barrier.h"
#include "../../core/irq.h"

static struct umsi_wired *bridge_of(const struct umsi_domain *d)
{
    struct umsi_msi_device *dev = d->data;
    return UMSI_CONTAINER_OF(dev, struct umsi_wired, msi);
}

/*
 * Does the level of the line still stand? Then the bridge sends again. Not while the vector is masked: nobody would
 * hear it, or the bridge would drop it; the unmask looks. Between the two nothing is lost: who finds the vector
 * masked here comes before that unmask, which looks later.
 */
static void look_again(const struct umsi_wired *bridge, const struct umsi_irq *irq)
{
    if ((umsi_irq_state(irq) & UMSI_IRQ_END) && !umsi_msi_irq_masked(irq)) {
        bridge->ops->resend(bridge->handle, irq->index);
    }
}

static void wired_end(struct umsi_domain *d, struct umsi_irq *irq)
{
    look_again(bridge_of(d), irq);
}

static void wired_mask(struct umsi_domain *d, struct umsi_irq *irq)
{
    bridge_of(d)->ops->set_mask(bridge_of(d)->handle, irq->index, true);
}

/*
 * A level that rose or was left standing while the vector was masked sends no message of its own: its edge is past.
 * What came and was remembered is run by the core after the unmask, and its end looks.
 */
static void wired_unmask(struct umsi_domain *d, struct umsi_irq *irq)
{
    const struct umsi_wired *bridge = bridge_of(d);
    if (bridge->ops->set_mask != NULL) {
        bridge->ops->set_mask(bridge->handle, irq->index, false);
    }
    umsi_mb(); /* an end that still finds it masked comes before the look */
    if ((umsi_irq_state(irq) & UMSI_IRQ_PENDING) == 0) {
        look_again(bridge, irq);
    }
}

static enum umsi_status wired_write(struct umsi_domain *d, struct umsi_irq *irq)
{
    bridge_of(d)->ops->write_message(bridge_of(d)->handle, irq->index, &irq->message);
    return UMSI_OK;
}

static const struct umsi_chip maskable_chip = {
    .name = "wired",
    .mask = wired_mask,
    .unmask = wired_unmask,
    .write_message = wired_write,
    .end = wired_end,
};
static const struct umsi_chip plain_chip = {
    .name = "wired",
    .unmask = wired_unmask,
    .write_message = wired_write,
    .end = wired_end,
};
static const struct umsi_msi_template maskable = { "wired", UMSI_WIRED, &maskable_chip,
                                                   UINT64_MAX };
static const struct umsi_msi_template plain = { "wired", UMSI_WIRED, &plain_chip, UINT64_MAX };

static enum umsi_status build(struct umsi_domain *parent, const struct umsi_wired_config *config,
                              struct umsi_wired *bridge)
{
    const struct umsi_msi_config base = {
        .name = config->name,
        .handle = config->handle,
        .device_id = config->device_id,
        .shared_events = config->shared_events,
    };
    enum umsi_status st = umsi_msi_device_init(parent, &base, &bridge->msi);
    if (st != UMSI_OK) {
        return st;
    }
    bridge->ops = config->ops;
    bridge->handle = config->handle;
    return umsi_msi_domain_create(
        &bridge->msi, 0, config->ops->set_mask != NULL ? &maskable : &plain, config->nr_lines);
}

/* Nothing is read from the caller's storage: it may never have been written. */
enum umsi_status umsi_wired_attach(struct umsi_domain *parent,
                                   const struct umsi_wired_config *config,
                                   struct umsi_wired *bridge)
{
    enum umsi_status st = UMSI_INVALID;
    if (bridge == NULL) {
        return st;
    }
    if (config != NULL && config->ops != NULL && config->ops->write_message != NULL) {
        st = build(parent, config, bridge);
    }
    if (st != UMSI_OK) {
        bridge->msi.umsi = NULL; /* not attached */
    }
    return st;
}

void umsi_wired_detach(struct umsi_wired *bridge)
{
    umsi_msi_detach(&bridge->msi);
}

static bool is_level(enum umsi_trigger trigger)
{
    return trigger == UMSI_LEVEL_HIGH || trigger == UMSI_LEVEL_LOW;
}

/* The line is quiet before its trigger changes: a change can look like an edge. */
static enum umsi_status set_up_line(const struct umsi_wired *bridge, uint32_t line,
                                    enum umsi_trigger trigger)
{
    if (is_level(trigger) && bridge->ops->resend == NULL) {
        umsi_log(bridge->msi.umsi, UMSI_LOG_ERROR, "%s: line %u: it has no level-triggered lines",
                 bridge->msi.name, line);
        return UMSI_UNSUPPORTED;
    }
    if (bridge->ops->set_mask != NULL) {
        bridge->ops->set_mask(bridge->handle, line, true);
    }
    return bridge->ops->set_trigger != NULL
               ? bridge->ops->set_trigger(bridge->handle, line, trigger)
               : UMSI_OK;
}

static enum umsi_status map_line(struct umsi_wired *bridge, uint32_t line,
                                 enum umsi_trigger trigger, umsi_virq *out_virq)
{
    const struct umsi_msi_want want = { .first = line, .n = 1 };
    uint32_t nr_lines, first;
    if (umsi_msi_domain_template(&bridge->msi, 0, &nr_lines) == NULL || line >= nr_lines) {
        return UMSI_RANGE;
    }
    if (umsi_msi_irq_slot(&bridge->msi, 0, line) != NULL) {
        return UMSI_EXISTS;
    }
    enum umsi_status st = set_up_line(bridge, line, trigger);
    if (st == UMSI_OK) {
        st = umsi_msi_alloc_slot(&bridge->msi, 0, &want, &first);
    }
    if (st == UMSI_OK) {
        struct umsi_irq *irq = umsi_msi_irq_slot(&bridge->msi, 0, line);
        if (is_level(trigger)) {
            umsi_irq_set_end(irq);
        }
        *out_virq = irq->virq;
    }
    return st;
}

enum umsi_status umsi_wired_map(struct umsi_wired *bridge, uint32_t line, enum umsi_trigger trigger,
                                umsi_virq *out_virq)
{
    if (trigger != UMSI_EDGE_RISING && trigger != UMSI_EDGE_FALLING && !is_level(trigger)) {
        return UMSI_INVALID;
    }
    enum umsi_status st = umsi_msi_lock(&bridge->msi);
    if (st == UMSI_OK) {
        st = map_line(bridge, line, trigger, out_virq);
        umsi_msi_unlock(&bridge->msi);
    }
    return st;
}

void umsi_wired_unmap(struct umsi_wired *bridge, uint32_t line)
{
    umsi_msi_free(&bridge->msi, line, 1);
}

umsi_virq umsi_wired_virq(struct umsi_wired *bridge, uint32_t line)
{
    return umsi_msi_virq(&bridge->msi, line);
}

/* A bridge that cannot mask: its lines are looked at here, as the unmask of a restore does for others. */
static void look_at_lines(struct umsi_wired *bridge)
{
    uint32_t nr_lines;
    (void)umsi_msi_domain_template(&bridge->msi, 0, &nr_lines);
    for (uint32_t line = 0; line < nr_lines; line++) {
        const struct umsi_irq *irq = umsi_msi_irq_slot(&bridge->msi, 0, line);
        if (irq != NULL) {
            look_again(bridge, irq);
        }
    }
}

enum umsi_status umsi_wired_restore(struct umsi_wired *bridge)
{
    enum umsi_status st = umsi_msi_lock(&bridge->msi);
    if (st != UMSI_OK) {
        return st;
    }
    st = umsi_msi_restore_slot(&bridge->msi, 0);
    if (st == UMSI_OK && bridge->ops->set_mask == NULL) {
        look_at_lines(bridge);
    }
    umsi_msi_unlock(&bridge->msi);
    return st;
}
