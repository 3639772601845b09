/* SPDX-License-Identifier: MIT */
/* What the world holds, and comparing what is with what was. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static uint64_t mix(uint64_t hash, const void *p, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ ((const uint8_t *)p)[i]) * 0x100000001b3u;
    }
    return hash;
}

static uint64_t mix_word(uint64_t hash, uint64_t v)
{
    return mix(hash, &v, sizeof(v));
}

/* A message that is not enabled may be anything: two control words and the mask bits are what counts. An IOMMU may
 * put the doorbell's page elsewhere each time. */
static uint64_t mix_config(uint64_t hash, struct model_pci *hw)
{
    const uint8_t *space = model_pci_space(hw);
    const uint32_t msi = model_pci_msi_cap(hw), msix = model_pci_msix_cap(hw);
    hash = msix == 0 ? hash : mix(hash, space + msix, 12);
    if (msi == 0) {
        return hash;
    }
    hash = mix(hash, space + msi + 2, 2);
    hash = (space[msi + 3] & 1) == 0 ? hash : mix(hash, space + msi + 16, 4);
    return (space[msi + 2] & 1) == 0 ? hash : mix(hash, space + msi + 12, 2);
}

/* Every entry's control word, and the messages of those with a vector. */
static uint64_t mix_table(uint64_t hash, struct gadget *g)
{
    const struct umsi_port *p = model_port(g->world->m);
    const uint32_t n = g->config.pci.msix_entries;
    if (n == 0) {
        return hash;
    }
    volatile char *t = model_pci_ops()->map_bar(g->hw, 0, 0, n * 16);
    for (uint32_t i = 0; i < n; i++) {
        hash = mix_word(hash, p->mmio_read32(p->ctx, t + 16 * i + 12));
        if (g->attached && gadget_virq(g, i) != UMSI_NO_VIRQ && !g->world->elsewhere) {
            hash = mix_word(hash, p->mmio_read32(p->ctx, t + 16 * i) & 0xfff);
            hash = mix_word(hash, p->mmio_read32(p->ctx, t + 16 * i + 8));
        }
    }
    model_pci_ops()->unmap_bar(g->hw, t, n * 16);
    return hash;
}

static uint64_t mix_vector(uint64_t hash, struct gadget *g, uint32_t index)
{
    struct umsi_irq_info i;
    const umsi_virq virq = gadget_virq(g, index);
    hash = mix_word(hash, virq);
    if (virq != UMSI_NO_VIRQ && umsi_irq_get_info(g->world->u, virq, &i) == UMSI_OK) {
        hash = mix_word(hash, g->world->elsewhere ? 0 : i.hwirq);
        hash = mix_word(hash, i.cpu);
        hash = mix_word(hash, i.masked);
        hash = mix_word(hash, i.disable_depth);
    }
    return hash;
}

static uint64_t mix_gadget(uint64_t hash, struct gadget *g)
{
    uint32_t size = 0;
    if (g->hw != NULL) {
        hash = mix_table(mix_config(hash, g->hw), g);
    }
    if (!g->attached) {
        return mix_word(hash, 0);
    }
    const struct umsi_msi_device *d = gadget_msi(g);
    hash = mix_word(hash, (uintptr_t)umsi_msi_domain_template(d, 0, &size));
    hash = mix_word(hash, size);
    hash = mix_word(hash, d->stats.live);
    hash = mix_word(hash, d->stats.reserved);
    for (uint32_t i = 0; i < VECTORS; i++) {
        hash = mix_vector(hash, g, i);
    }
    return g->config.kind == GADGET_PCI ? mix_word(hash, g->u.pci.kind) : hash;
}

void world_look(struct world *w, struct look *out)
{
    memset(out, 0, sizeof(*out));
    if (w->imsic != NULL) { /* harts were asked to close what was given back */
        world_run(w);
    }
    model_get_counts(w->m, &out->machine);
    out->machine.mapping = w->elsewhere ? 0 : out->machine.mapping;
    if (w->u != NULL) {
        umsi_get_counts(w->u, &out->umsi);
    }
    if (w->lpi != NULL) {
        umsi_lpi_get_counts(w->lpi, &out->lpi);
    }
    if (w->v2m != NULL) {
        struct umsi_gicv2m_info info;
        umsi_gicv2m_get_info(w->v2m, &info);
        out->lpi.live = info.live;
    }
    if (w->imsic != NULL) {
        struct umsi_imsic_counts counts;
        umsi_imsic_get_counts(w->imsic, UMSI_NO_CPU, &counts);
        out->lpi.live = counts.live;
        out->lpi.quarantined = counts.quarantined;
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (w->its[i] != NULL) {
            umsi_its_get_info(w->its[i], &out->its[i]);
        }
    }
    out->devices = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < GADGETS; i++) {
        out->devices = mix_gadget(out->devices, &w->gadget[i]);
    }
}

void world_same(const struct look *a, const struct look *b, bool memory)
{
    assert_int_equal(a->machine.devices, b->machine.devices);
    assert_int_equal(a->machine.events, b->machine.events);
    assert_true(a->machine.mapping == b->machine.mapping);
    assert_int_equal(a->machine.collections, b->machine.collections);
    assert_int_equal(a->machine.doorbells_mapped, b->machine.doorbells_mapped);
    assert_int_equal(a->machine.pending_lpis, b->machine.pending_lpis);
    assert_int_equal(a->machine.locks_held, b->machine.locks_held);
    assert_int_equal(a->umsi.live_irqs, b->umsi.live_irqs);
    assert_int_equal(a->umsi.waiting_irqs, b->umsi.waiting_irqs);
    assert_int_equal(a->umsi.domains, b->umsi.domains);
    assert_int_equal(a->umsi.unknown, b->umsi.unknown);
    assert_int_equal(a->lpi.live, b->lpi.live);
    assert_int_equal(a->lpi.quarantined, b->lpi.quarantined);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(a->its[i].devices, b->its[i].devices);
        assert_int_equal(a->its[i].quarantined, b->its[i].quarantined);
        assert_int_equal(a->its[i].dead, b->its[i].dead);
    }
    assert_true(a->devices == b->devices);
    if (memory) {
        assert_int_equal(a->machine.allocs, b->machine.allocs);
        assert_int_equal(a->machine.alloc_bytes, b->machine.alloc_bytes);
        assert_int_equal(a->machine.dma_blocks, b->machine.dma_blocks);
        assert_int_equal(a->machine.dma_bytes, b->machine.dma_bytes);
        assert_int_equal(a->umsi.bytes, b->umsi.bytes);
        assert_int_equal(a->umsi.dma_bytes, b->umsi.dma_bytes);
    }
}
