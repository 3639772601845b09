/* SPDX-License-Identifier: MIT */
/* Devices of every kind behind one face: PCI functions, devices without a bus, platform devices, wire bridges. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

/* ---- devices that are no PCI functions ---- */

static struct umsi_message message_of(struct gadget *g, uint32_t index)
{
    if (g->config.kind != GADGET_PLATDEV) {
        return g->vector[index].message;
    }
    const uint32_t *r = &g->regs[index * 4];
    return (struct umsi_message){ (uint64_t)r[1] << 32 | r[0], r[2] };
}

static umsi_bus doorbell_of(struct world *w)
{
    return w->v2m != NULL ? model_v2m_phys(w->m, 0) + 0x40 : model_its_phys(w->m, 0) + 0x10040;
}

static bool send(struct gadget *g, uint32_t index)
{
    const struct umsi_message m = message_of(g, index);
    g->vector[index].pending = false;
    /* An IOMMU keeps the offset within a page; that the page is mapped the counts of doorbells tell. */
    const umsi_bus doorbell = g->world->config.model.iommu ? doorbell_of(g->world) : m.address;
    const bool reached = ((m.address ^ doorbell) & 0xfff) == 0;
    return model_msi_write(g->world->m, g->config.device_id, reached ? doorbell : m.address,
                           m.data);
}

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    struct gadget *g = handle;
    if (index < VECTORS) {
        g->vector[index].message = *m;
    }
}

static void set_mask(void *handle, uint32_t index, bool masked)
{
    struct gadget *g = handle;
    if (index >= VECTORS) {
        return;
    }
    g->vector[index].masked = masked;
    if (!masked && g->vector[index].pending) {
        (void)send(g, index);
    }
}

static void resend(void *handle, uint32_t line)
{
    (void)handle;
    (void)line;
}

static const struct umsi_wired_ops wired_ops = { write_message, set_mask, NULL, resend };
static const struct umsi_wired_ops wired_plain_ops = { write_message, NULL, NULL, resend };

/* ---- coming and going ---- */

void gadget_make(struct world *w, struct gadget *g, const struct gadget_config *config)
{
    memset(g, 0, sizeof(*g));
    g->world = w;
    g->config = *config;
    g->config.pci.device_id = config->device_id;
    if (config->kind == GADGET_PCI) {
        assert_true(model_pci_create(w->m, &g->config.pci, &g->hw));
    }
    for (uint32_t i = 0; i < VECTORS; i++) {
        g->vector[i].gadget = g;
        g->vector[i].cpu = UMSI_NO_CPU;
    }
}

void gadget_unmake(struct gadget *g)
{
    if (g->hw != NULL) {
        model_pci_destroy(g->hw);
    }
    memset(g, 0, sizeof(*g));
}

static enum umsi_status attach_pci(struct gadget *g, struct umsi_domain *parent)
{
    const struct umsi_pci_config c = { .ops = model_pci_ops(),
                                       .handle = g->hw,
                                       .name = "pci",
                                       .device_id = g->config.device_id,
                                       .shared_events = g->config.shared_events };
    return umsi_pci_attach(parent, &c, &g->u.pci);
}

static enum umsi_status attach_msi(struct gadget *g, struct umsi_domain *parent)
{
    const struct umsi_msi_config c = { .name = "msi",
                                       .handle = g,
                                       .device_id = g->config.device_id,
                                       .nr_events = g->config.events,
                                       .shared_events = g->config.shared_events,
                                       .write_message = write_message,
                                       .set_mask = g->config.maskable ? set_mask : NULL,
                                       .late_prepare = g->config.late };
    return umsi_msi_attach(parent, &c, &g->u.msi);
}

static enum umsi_status attach_platdev(struct gadget *g, struct umsi_domain *parent)
{
    const struct umsi_platdev_config c = { .name = "platdev",
                                           .handle = g,
                                           .regs = g->regs,
                                           .layout = { 0, 4, 8, 16, false, false },
                                           .device_id = g->config.device_id,
                                           .nr_events = g->config.events,
                                           .set_mask = g->config.maskable ? set_mask : NULL };
    return umsi_platdev_attach(parent, &c, &g->u.platdev);
}

static enum umsi_status attach_wired(struct gadget *g, struct umsi_domain *parent)
{
    const struct umsi_wired_config c = { .name = "wired",
                                         .handle = g,
                                         .ops = g->config.maskable ? &wired_ops : &wired_plain_ops,
                                         .device_id = g->config.device_id,
                                         .nr_lines = g->config.events };
    return umsi_wired_attach(parent, &c, &g->u.wired);
}

enum umsi_status gadget_attach(struct gadget *g)
{
    struct umsi_domain *parent = world_parent(g->world);
    enum umsi_status st = g->config.kind == GADGET_PCI       ? attach_pci(g, parent)
                          : g->config.kind == GADGET_MSI     ? attach_msi(g, parent)
                          : g->config.kind == GADGET_PLATDEV ? attach_platdev(g, parent)
                                                             : attach_wired(g, parent);
    g->attached = st == UMSI_OK;
    return st;
}

void gadget_detach(struct gadget *g)
{
    if (!g->attached) {
        return;
    }
    if (g->config.kind == GADGET_PCI) {
        umsi_pci_detach(&g->u.pci);
    } else if (g->config.kind == GADGET_MSI) {
        umsi_msi_detach(&g->u.msi);
    } else if (g->config.kind == GADGET_PLATDEV) {
        umsi_platdev_detach(&g->u.platdev);
    } else {
        umsi_wired_detach(&g->u.wired);
    }
    g->attached = false;
    for (uint32_t i = 0; i < VECTORS; i++) {
        g->vector[i].pending = false;
    }
}

struct umsi_msi_device *gadget_msi(struct gadget *g)
{
    return g->config.kind == GADGET_PCI       ? &g->u.pci.msi
           : g->config.kind == GADGET_MSI     ? &g->u.msi
           : g->config.kind == GADGET_PLATDEV ? &g->u.platdev.msi
                                              : &g->u.wired.msi;
}

/* ---- vectors ---- */

/* A line at a time, as a bridge does; all or nothing here, so that the harness can compare. */
static enum umsi_status map_lines(struct gadget *g, uint32_t n)
{
    enum umsi_status st = UMSI_OK;
    umsi_virq virq;
    uint32_t i = 0;
    while (i < n && (st = umsi_wired_map(&g->u.wired, i, UMSI_EDGE_RISING, &virq)) == UMSI_OK) {
        i++;
    }
    while (st != UMSI_OK && i-- > 0) {
        umsi_wired_unmap(&g->u.wired, i);
    }
    return st;
}

enum umsi_status gadget_take(struct gadget *g, uint32_t n, uint32_t kinds)
{
    const struct umsi_vectors want = { .min = n, .max = n, .kinds = kinds };
    uint32_t granted;
    return g->config.kind == GADGET_PCI     ? umsi_pci_alloc_vectors(&g->u.pci, &want, &granted)
           : g->config.kind == GADGET_WIRED ? map_lines(g, n)
                                            : umsi_msi_alloc(gadget_msi(g), 0, n);
}

enum umsi_status gadget_take_at(struct gadget *g, uint32_t index, uint32_t *out_index)
{
    umsi_virq virq;
    if (g->config.kind == GADGET_WIRED) {
        *out_index = index;
        return umsi_wired_map(&g->u.wired, index, UMSI_EDGE_RISING, &virq);
    }
    return g->config.kind == GADGET_PCI ? umsi_pci_alloc_at(&g->u.pci, index, out_index)
                                        : umsi_msi_alloc_at(gadget_msi(g), index, out_index);
}

/* What a device remembered for a vector that is no more must not come out in the next one's life. */
static void forget(struct gadget *g, uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < VECTORS && i - first < n; i++) {
        g->vector[i].pending = false;
    }
}

void gadget_drop_at(struct gadget *g, uint32_t index)
{
    if (g->config.kind == GADGET_PCI) {
        umsi_pci_free_at(&g->u.pci, index);
    } else if (g->config.kind == GADGET_WIRED) {
        umsi_wired_unmap(&g->u.wired, index);
    } else {
        umsi_msi_free(gadget_msi(g), index, 1);
    }
    forget(g, index, 1);
}

void gadget_drop(struct gadget *g)
{
    if (g->config.kind == GADGET_PCI) {
        umsi_pci_free_vectors(&g->u.pci);
    } else {
        umsi_msi_free(gadget_msi(g), 0, UMSI_MAX_EVENTS);
    }
    forget(g, 0, VECTORS);
}

umsi_virq gadget_virq(struct gadget *g, uint32_t index)
{
    return g->config.kind == GADGET_PCI ? umsi_pci_virq(&g->u.pci, index)
                                        : umsi_msi_virq(gadget_msi(g), index);
}

static void on_interrupt(void *arg)
{
    struct gadget_vector *v = arg;
    const struct umsi_port *p = &v->gadget->world->port;
    v->hits++;
    v->cpu = p->cpu_self(p->ctx);
}

enum umsi_status gadget_request(struct gadget *g, uint32_t index)
{
    return umsi_irq_request(g->world->u, gadget_virq(g, index), on_interrupt, &g->vector[index],
                            "gadget");
}

bool gadget_raise(struct gadget *g, uint32_t index)
{
    if (g->config.kind == GADGET_PCI) {
        const enum model_raised r = model_pci_raise(g->hw, index);
        return r == MODEL_SENT || r == MODEL_PENDING;
    }
    if (g->vector[index].masked) {
        g->vector[index].pending = true;
        return true;
    }
    return send(g, index);
}

void gadget_fire(struct gadget *g)
{
    struct umsi_irq_info info;
    for (uint32_t i = 0; i < VECTORS && g->attached; i++) {
        const umsi_virq virq = gadget_virq(g, i);
        if (virq == UMSI_NO_VIRQ || umsi_irq_get_info(g->world->u, virq, &info) != UMSI_OK ||
            info.name == NULL) {
            continue;
        }
        const uint32_t before = g->vector[i].hits;
        assert_true(gadget_raise(g, i));
        world_run(g->world);
        assert_int_equal(g->vector[i].hits, before + 1);
        assert_int_equal(g->vector[i].cpu, umsi_irq_get_cpu(g->world->u, virq));
    }
}
