/* SPDX-License-Identifier: MIT */
/* The kernel's side of the world: machine, port, bring-up in parts, and comparing what is with what was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct world *current; /* the port's callbacks have the model as their context */

/* ---- port ---- */

static void vector(void *arg, umsi_cpu cpu)
{
    struct world *w = arg;
    (void)cpu;
    (void)umsi_handle_interrupts(w->u);
}

static void service(void *arg, umsi_cpu cpu)
{
    struct world *w = arg;
    (void)cpu;
    umsi_cpu_service(w->u);
}

/* Registers of platform devices are the only memory that is reached as registers and is no window. */
static bool is_platdev(const volatile void *addr)
{
    for (uint32_t i = 0; i < GADGETS; i++) {
        const struct gadget *g = &current->gadget[i];
        uintptr_t offset = (uintptr_t)addr - (uintptr_t)g->regs;
        if (offset < sizeof(g->regs)) {
            return true;
        }
    }
    return false;
}

static void write32(void *ctx, volatile void *addr, uint32_t value)
{
    if (is_platdev(addr)) {
        *(volatile uint32_t *)addr = value;
    } else {
        model_port(current->m)->mmio_write32(ctx, addr, value);
    }
}

static uint32_t read32(void *ctx, const volatile void *addr)
{
    return is_platdev(addr) ? *(const volatile uint32_t *)addr
                            : model_port(current->m)->mmio_read32(ctx, addr);
}

static void *arena_alloc(void *ctx, size_t size, size_t align)
{
    (void)ctx;
    return umsi_arena_alloc(&current->arena, size, align);
}

static void arena_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    umsi_arena_free(&current->arena, p, size);
}

static bool arena_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    return umsi_arena_dma_alloc(&current->arena, want, out);
}

static void arena_dma_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    umsi_arena_dma_free(&current->arena, mem);
}

/* The arena is one block of the model's memory, so that its tables are where controllers can see them. */
static void make_arena(struct world *w)
{
    const struct umsi_port *p = model_port(w->m);
    const struct umsi_dma_want want = { w->config.arena, UMSI_ARENA_ALIGN, UINT64_MAX, UINT32_MAX };
    assert_true(p->dma_alloc(p->ctx, &want, &w->arena_memory));
    const struct umsi_arena_config c = { w->arena_memory.va, w->arena_memory.size,
                                         w->arena_memory.phys, p };
    assert_int_equal(umsi_arena_init(&w->arena, &c), UMSI_OK);
    w->port.alloc = arena_alloc;
    w->port.free = arena_free;
    w->port.dma_alloc = arena_dma_alloc;
    w->port.dma_free = arena_dma_free;
}

static void on_breach(void *arg, const char *line)
{
    const struct world *w = arg;
    if (!w->config.expects_breaches || getenv("WORLD_VERBOSE") != NULL) {
        print_message("  breach: %s\n", line);
    }
}

static void on_log(void *arg, enum umsi_log_level level, const char *line)
{
    (void)arg;
    if (getenv("WORLD_VERBOSE") != NULL) {
        print_message("  <%d> %s\n", (int)level, line);
    }
}

void world_machine(struct world *w, const struct world_config *config)
{
    memset(w, 0, sizeof(*w));
    w->config = *config;
    struct model_config *m = &w->config.model;
    m->nr_cpus = m->nr_cpus == 0 ? 3 : m->nr_cpus;
    m->memory_bytes = m->memory_bytes == 0 ? (size_t)4 << 20 : m->memory_bytes;
    m->memory_bytes += w->config.arena;
    m->id_bits = m->id_bits == 0 ? 14 : m->id_bits;
    if (m->nr_its == 0 && m->nr_v2m == 0) {
        m->nr_its = 1;
        m->its = &w->config.its;
    }
    m->on_breach = on_breach;
    m->on_log = on_log;
    m->arg = w;
    assert_true(model_create(m, &w->m));
    model_set_vectors(w->m, &(struct model_vectors){ vector, service, w });
    current = w;
    w->port = *model_port(w->m);
    w->port.mmio_write32 = write32;
    w->port.mmio_read32 = read32;
    if (w->config.arena != 0) {
        make_arena(w);
    }
}

/* ---- up, in parts ---- */

enum umsi_status world_umsi(struct world *w)
{
    return umsi_create(&w->port, &w->u);
}

enum umsi_status world_gic(struct world *w)
{
    struct umsi_gicv3_region region = { 0 };
    const struct umsi_gicv2_config two = { model_gicd(w->m), model_gicc(w->m) };
    if (w->config.model.gicv2) {
        return umsi_gicv2_create(w->u, &two, &w->gicv2);
    }
    region.base = model_gicr(w->m, &region.phys, &region.size);
    const struct umsi_gicv3_config c = { model_gicd(w->m), &region, 1 };
    return umsi_gicv3_create(w->u, &c, &w->gic);
}

enum umsi_status world_lpi(struct world *w)
{
    const struct umsi_lpi_config c = { .gicd = model_gicd(w->m) };
    return umsi_lpi_create(w->u, &c, &w->lpi);
}

enum umsi_status world_its(struct world *w, uint32_t n)
{
    struct umsi_its_config c = w->config.umsi_its;
    c.base = model_its_base(w->m, n);
    c.phys = model_its_phys(w->m, n);
    return umsi_its_create(w->lpi, &c, &w->its[n]);
}

enum umsi_status world_cpu_gic(struct world *w, umsi_cpu cpu)
{
    model_set_cpu(w->m, cpu);
    const enum umsi_status st = w->gicv2 != NULL ? umsi_gicv2_cpu_online(w->gicv2, cpu)
                                                 : umsi_gicv3_cpu_online(w->gic, cpu);
    model_set_cpu(w->m, 0);
    return st;
}

enum umsi_status world_cpu(struct world *w, umsi_cpu cpu)
{
    volatile void *rd = NULL;
    umsi_phys phys = 0;
    enum umsi_status st = umsi_gicv3_redistributor(w->gic, cpu, &rd, &phys);
    model_set_cpu(w->m, cpu);
    st = st != UMSI_OK ? st : umsi_lpi_cpu_online(w->lpi, cpu, rd, phys);
    model_set_cpu(w->m, 0);
    return st;
}

static enum umsi_status world_v2m(struct world *w)
{
    struct umsi_gic_spis spis;
    const struct umsi_gicv2m_config c = { .base = model_v2m_base(w->m, 0),
                                          .phys = model_v2m_phys(w->m, 0),
                                          .gic = &spis };
    if (w->gicv2 != NULL) {
        umsi_gicv2_spis(w->gicv2, &spis);
    } else {
        umsi_gicv3_spis(w->gic, &spis);
    }
    return umsi_gicv2m_create(w->u, &c, &w->v2m);
}

struct umsi_domain *world_parent(struct world *w)
{
    return w->v2m != NULL ? umsi_gicv2m_parent(w->v2m) : umsi_its_parent(w->its[0]);
}

static enum umsi_status up(struct world *w)
{
    const uint32_t online = w->config.online == 0 ? w->config.model.nr_cpus : w->config.online;
    enum umsi_status st = world_umsi(w);
    st = st != UMSI_OK ? st : world_gic(w);
    const bool v2m = w->config.model.nr_v2m != 0;
    st = st != UMSI_OK || v2m ? st : world_lpi(w);
    for (umsi_cpu cpu = 0; cpu < online && st == UMSI_OK; cpu++) {
        st = world_cpu_gic(w, cpu);
        st = st != UMSI_OK || v2m ? st : world_cpu(w, cpu);
    }
    st = st != UMSI_OK || !v2m ? st : world_v2m(w);
    for (uint32_t i = 0; i < w->config.model.nr_its && st == UMSI_OK; i++) {
        st = world_its(w, i);
    }
    return st;
}

enum umsi_status world_up(struct world *w)
{
    const enum umsi_status st = up(w);
    if (st != UMSI_OK) {
        world_down(w);
    }
    return st;
}

void world_start(struct world *w, const struct world_config *config)
{
    world_machine(w, config);
    assert_int_equal(world_up(w), UMSI_OK);
    world_clean(w, NULL);
}

/* ---- down ---- */

void world_down(struct world *w)
{
    for (uint32_t i = 0; i < GADGETS; i++) {
        gadget_detach(&w->gadget[i]);
        gadget_unmake(&w->gadget[i]);
    }
    if (w->spi != UMSI_NO_VIRQ) {
        umsi_gicv3_unmap(w->gic, w->spi);
        w->spi = UMSI_NO_VIRQ;
    }
    for (uint32_t i = 2; i-- > 0;) {
        assert_int_equal(w->its[i] == NULL ? UMSI_OK : umsi_its_destroy(w->its[i]), UMSI_OK);
        w->its[i] = NULL;
    }
    assert_int_equal(w->lpi == NULL ? UMSI_OK : umsi_lpi_destroy(w->lpi), UMSI_OK);
    assert_int_equal(w->v2m == NULL ? UMSI_OK : umsi_gicv2m_destroy(w->v2m), UMSI_OK);
    for (umsi_cpu cpu = w->config.model.nr_cpus; cpu-- > 0;) {
        model_set_cpu(w->m, cpu);
        if (w->gic != NULL) {
            umsi_gicv3_cpu_offline(w->gic);
        }
        if (w->gicv2 != NULL) {
            umsi_gicv2_cpu_offline(w->gicv2);
        }
    }
    assert_int_equal(w->gic == NULL ? UMSI_OK : umsi_gicv3_destroy(w->gic), UMSI_OK);
    assert_int_equal(w->gicv2 == NULL ? UMSI_OK : umsi_gicv2_destroy(w->gicv2), UMSI_OK);
    assert_int_equal(w->u == NULL ? UMSI_OK : umsi_destroy(w->u), UMSI_OK);
    w->lpi = NULL;
    w->gic = NULL;
    w->gicv2 = NULL;
    w->v2m = NULL;
    w->u = NULL;
}

void world_stop(struct world *w)
{
    world_down(w);
    if (w->config.arena != 0) {
        struct umsi_arena_counts c;
        umsi_arena_get_counts(&w->arena, &c);
        assert_int_equal(c.used, 0);
        model_port(w->m)->dma_free(w->m, &w->arena_memory);
    }
    model_check_shutdown(w->m);
    world_clean(w, NULL);
    model_destroy(w->m);
    current = NULL;
}

void world_run(struct world *w)
{
    model_drain(w->m);
    (void)model_run(w->m);
}

void world_clean(struct world *w, const char *but)
{
    uint32_t bad = 0;
    model_check_settled(w->m);
    for (uint32_t i = 0; i < model_breaches(w->m); i++) {
        const struct model_breach *b = model_breach_at(w->m, i);
        if (but == NULL || b->law[0] == 0 || strstr(but, b->law) == NULL) {
            print_message("  %s [%s] %s\n", b->law, b->section, b->text);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
    model_breach_clear(w->m);
}

/* ---- looking ---- */

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
        if (g->attached && gadget_virq(g, i) != UMSI_NO_VIRQ) {
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
        hash = mix_word(hash, i.hwirq);
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
    model_get_counts(w->m, &out->machine);
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
