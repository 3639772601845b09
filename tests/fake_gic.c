/* SPDX-License-Identifier: MIT */
/* A small GICv3 behind a port of its own: building it, its frames, and the rest of the port. */
#include "fake_gic_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fake_gic_violate(struct fake_gic *g, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(g->violation, sizeof(g->violation), format, args);
    va_end(args);
    g->violations++;
    fprintf(stderr, "fake GIC: %s\n", g->violation);
}

static uint32_t pack(uint64_t mpidr)
{
    return (uint32_t)(mpidr & 0xFFFFFF) | (uint32_t)(mpidr >> 32 & 0xFF) << 24;
}

struct fake_rd *fake_gic_rd_of(struct fake_gic *g, uint32_t cpu)
{
    for (uint32_t i = 0; i < g->nr_rd; i++) {
        if ((uint32_t)(g->rd[i].typer >> 32) == pack(g->cpu[cpu].mpidr)) {
            return &g->rd[i];
        }
    }
    return NULL;
}

/* ---- which frame an address is in ---- */

static bool in_gicd(const struct fake_gic *g, const volatile void *addr, uint32_t *out_offset)
{
    uintptr_t a = (uintptr_t)addr, b = (uintptr_t)g->gicd;

    *out_offset = (uint32_t)(a - b);
    return a >= b && a < b + FAKE_FRAME;
}

static struct fake_rd *in_rd(struct fake_gic *g, const volatile void *addr, uint32_t *out_offset)
{
    uintptr_t a = (uintptr_t)addr;

    for (uint32_t i = 0; i < g->nr_rd; i++) {
        uintptr_t b = (uintptr_t)g->rd[i].frame;
        if (a >= b && a < b + 2 * FAKE_FRAME) {
            *out_offset = (uint32_t)(a - b);
            return &g->rd[i];
        }
    }
    return NULL;
}

/* Memory of a region that is no redistributor reads 0. */
static bool in_region(struct fake_gic *g, const volatile void *addr)
{
    uintptr_t a = (uintptr_t)addr;

    for (uint32_t i = 0; i < g->nr_regions; i++) {
        uintptr_t b = (uintptr_t)g->region[i].base;
        if (a >= b && a < b + g->region[i].size) {
            return true;
        }
    }
    fake_gic_violate(g, "access outside of every region");
    return false;
}

static uint32_t mmio_read32(void *ctx, const volatile void *addr)
{
    struct fake_gic *g = ctx;
    uint32_t offset;
    struct fake_rd *r;

    if (in_gicd(g, addr, &offset)) {
        return fake_gicd_read32(g, offset);
    }
    r = in_rd(g, addr, &offset);
    if (r != NULL) {
        return fake_rd_read32(g, r, offset);
    }
    (void)in_region(g, addr);
    return 0;
}

static void mmio_write32(void *ctx, volatile void *addr, uint32_t v)
{
    struct fake_gic *g = ctx;
    uint32_t offset;
    struct fake_rd *r;

    if (in_gicd(g, addr, &offset)) {
        fake_gicd_write32(g, offset, v);
        return;
    }
    r = in_rd(g, addr, &offset);
    if (r != NULL) {
        fake_rd_write32(g, r, offset, v);
    } else {
        fake_gic_violate(g, "write of what is no frame");
    }
}

static uint64_t mmio_read64(void *ctx, const volatile void *addr)
{
    struct fake_gic *g = ctx;
    uint32_t offset;
    struct fake_rd *r;

    if (in_gicd(g, addr, &offset)) {
        return offset >= 0x6000 && offset < 0x8000 ? g->irouter[(offset - 0x6000) / 8] : 0;
    }
    r = in_rd(g, addr, &offset);
    if (r != NULL && offset == 8) {
        return r->typer;
    }
    fake_gic_violate(g, "64-bit read");
    return 0;
}

static void mmio_write64(void *ctx, volatile void *addr, uint64_t v)
{
    struct fake_gic *g = ctx;
    uint32_t offset;

    if (in_gicd(g, addr, &offset)) {
        fake_gicd_route(g, offset, v);
    } else {
        fake_gic_violate(g, "64-bit write");
    }
}

/* ---- the rest of the port ---- */

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    struct fake_gic *g = ctx;

    if (g->no_alloc) {
        fake_gic_violate(g, "allocation where none is allowed");
    }
    if (g->locks_held != 0) {
        fake_gic_violate(g, "allocation with a lock held");
    }
    if (g->fail_alloc_at != 0 && --g->fail_alloc_at == 0) {
        return NULL;
    }
    g->allocs_live++;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void port_free(void *ctx, void *p, size_t size)
{
    struct fake_gic *g = ctx;

    (void)size;
    g->allocs_live--;
    free(p);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    (void)want;
    (void)out;
    return false;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    (void)mem;
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    (void)ctx;
    memset(l, 0, sizeof(*l));
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    struct fake_gic *g = ctx;

    if (l->word[0] != 0) {
        fake_gic_violate(g, "deadlock");
    }
    l->word[0] = 1;
    g->locks_held++;
    return 0;
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    struct fake_gic *g = ctx;

    (void)s;
    l->word[0] = 0;
    g->locks_held--;
}

static umsi_cpu port_cpu_self(void *ctx)
{
    return ((struct fake_gic *)ctx)->self;
}

static uint64_t port_time_us(void *ctx)
{
    return ((struct fake_gic *)ctx)->now;
}

static void port_relax(void *ctx)
{
    struct fake_gic *g = ctx;

    if (g->locks_held != 0) {
        fake_gic_violate(g, "wait with a lock held");
    }
    g->now += 1000;
}

static void port_log(void *ctx, enum umsi_log_level level, const char *line)
{
    struct fake_gic *g = ctx;

    (void)level;
    g->lines_logged++;
    snprintf(g->log, sizeof(g->log), "%s", line);
}

/* ---- building ---- */

void fake_gic_init(struct fake_gic *g)
{
    memset(g, 0, sizeof(*g));
    g->port = (struct umsi_port){
        .size = sizeof(g->port),
        .nr_cpus = FAKE_CPUS,
        .ctx = g,
        .alloc = port_alloc,
        .free = port_free,
        .dma_alloc = port_dma_alloc,
        .dma_free = port_dma_free,
        .lock_init = port_lock_init,
        .lock = port_lock,
        .unlock = port_unlock,
        .cpu_self = port_cpu_self,
        .time_us = port_time_us,
        .relax = port_relax,
        .log = port_log,
        .mmio_read32 = mmio_read32,
        .mmio_write32 = mmio_write32,
        .mmio_read64 = mmio_read64,
        .mmio_write64 = mmio_write64,
        .sysreg_read = fake_gic_sysreg_read,
        .sysreg_write = fake_gic_sysreg_write,
    };
    g->it_lines = 8;
    g->arch_rev = 3;
    g->priority_bits = 5;
    g->gicd = aligned_alloc(FAKE_FRAME, FAKE_FRAME);
    for (uint32_t i = 0; i < FAKE_CPUS; i++) {
        g->cpu[i].mpidr = 1u << 31 | i;
        g->cpu[i].apr[0] = 0x10; /* a former owner left a priority active */
        g->cpu[i].ctlr = 0x3;    /* and EOImode and CBPR set */
    }
}

void fake_gic_free(struct fake_gic *g)
{
    free(g->gicd);
    for (uint32_t i = 0; i < g->nr_regions; i++) {
        free(g->region[i].base);
    }
}

struct umsi_gicv3_region fake_gic_region(struct fake_gic *g, size_t size)
{
    uint32_t n = g->nr_regions++;

    g->region[n].base =
        aligned_alloc(FAKE_FRAME, (size + FAKE_FRAME - 1) / FAKE_FRAME * FAKE_FRAME);
    g->region[n].size = size;
    return (struct umsi_gicv3_region){ .base = g->region[n].base,
                                       .phys = 0x80A0000 + 0x1000000ull * n,
                                       .size = size };
}

struct fake_rd *fake_gic_redist(struct fake_gic *g, const struct umsi_gicv3_region *r,
                                size_t offset, uint32_t affinity, uint64_t typer_bits)
{
    struct fake_rd *rd = &g->rd[g->nr_rd++];

    memset(rd, 0, sizeof(*rd));
    rd->frame = (uint8_t *)(uintptr_t)r->base + offset;
    rd->typer = (uint64_t)affinity << 32 | typer_bits;
    rd->waker = g->two_states ? 0 : 6;
    rd->present = true;
    rd->local.enabled = 0xFFFF; /* firmware left SGIs on */
    rd->local.active = 0x20;
    return rd;
}

struct umsi_gicv3_region fake_gic_simple(struct fake_gic *g, uint32_t n)
{
    struct umsi_gicv3_region r = fake_gic_region(g, (size_t)n * 2 * FAKE_FRAME);

    for (uint32_t i = 0; i < n; i++) {
        (void)fake_gic_redist(g, &r, (size_t)i * 2 * FAKE_FRAME, i, i + 1 == n ? 1u << 4 : 0);
    }
    return r;
}

bool fake_gic_enabled(const struct fake_gic *g, uint32_t spi)
{
    return (g->bits[spi / 32].enabled >> spi % 32 & 1) != 0;
}

bool fake_gic_pending(const struct fake_gic *g, uint32_t spi)
{
    return (g->bits[spi / 32].pending >> spi % 32 & 1) != 0;
}

bool fake_gic_active(const struct fake_gic *g, uint32_t spi)
{
    return (g->bits[spi / 32].active >> spi % 32 & 1) != 0;
}

void fake_gic_pulse(struct fake_gic *g, uint32_t spi)
{
    g->bits[spi / 32].pending |= 1u << spi % 32;
}
