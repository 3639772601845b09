/* SPDX-License-Identifier: MIT */
/* A driver of a few lines for the model alone: register values written out, no check, no mercy. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "raw_its.h"

#define VALID ((uint64_t)1 << 63)
/* Inner shareable, normal write-back memory, at the places each register has them. */
#define ITS_WB ((uint64_t)7 << 59 | (uint64_t)1 << 10)
#define RD_WB  ((uint64_t)7 << 7 | (uint64_t)1 << 10)

uint32_t raw_read(struct raw *r, volatile void *base, uint32_t offset)
{
    return r->p->mmio_read32(r->p->ctx, (volatile uint8_t *)base + offset);
}

void raw_write(struct raw *r, volatile void *base, uint32_t offset, uint32_t value)
{
    r->p->mmio_write32(r->p->ctx, (volatile uint8_t *)base + offset, value);
}

uint64_t raw_read64(struct raw *r, volatile void *base, uint32_t offset)
{
    return r->p->mmio_read64(r->p->ctx, (volatile uint8_t *)base + offset);
}

void raw_write64(struct raw *r, volatile void *base, uint32_t offset, uint64_t value)
{
    r->p->mmio_write64(r->p->ctx, (volatile uint8_t *)base + offset, value);
}

struct umsi_dma raw_dma(struct raw *r, size_t size, size_t align)
{
    const struct umsi_dma_want want = { size, align, UINT64_MAX, UINT32_MAX };
    struct umsi_dma mem;
    assert_true(r->p->dma_alloc(r->p->ctx, &want, &mem));
    return mem;
}

static void clean(struct raw *r, void *va, size_t size)
{
    if (r->p->cache_clean != NULL) {
        r->p->cache_clean(r->p->ctx, va, size);
    }
}

/* ---- bring-up ---- */

static void vector(void *arg, umsi_cpu cpu)
{
    struct raw *r = arg;
    uint32_t iar = (uint32_t)r->p->sysreg_read(r->p->ctx, UMSI_SYSREG(3, 0, 12, 12, 0));
    if (iar != 1023) {
        r->taken[cpu]++;
        r->last[cpu] = iar;
        r->p->sysreg_write(r->p->ctx, UMSI_SYSREG(3, 0, 12, 12, 1), iar);
    }
}

void raw_create(struct raw *r, const struct model_config *config)
{
    memset(r, 0, sizeof(*r));
    assert_true(model_create(config, &r->m));
    r->p = model_port(r->m);
    r->nr_cpus = config->nr_cpus;
    r->its = config->nr_its != 0 ? model_its_base(r->m, 0) : NULL;
    model_set_vectors(r->m, &(struct model_vectors){ .irq = vector, .arg = r });
}

static void interface_start(struct raw *r, umsi_cpu cpu)
{
    volatile void *rd = model_gicr_of(r->m, cpu, NULL);
    model_set_cpu(r->m, cpu);
    raw_write(r, rd, 0x14, 0);
    while ((raw_read(r, rd, 0x14) & 4) != 0) {
        r->p->relax(r->p->ctx);
    }
    r->p->sysreg_write(r->p->ctx, UMSI_SYSREG(3, 0, 12, 12, 5), 7);
    r->p->sysreg_write(r->p->ctx, UMSI_SYSREG(3, 0, 4, 6, 0), 0xf0);
    r->p->sysreg_write(r->p->ctx, UMSI_SYSREG(3, 0, 12, 12, 7), 1);
    model_set_cpu(r->m, 0);
}

void raw_lpis_start(struct raw *r)
{
    r->config = raw_dma(r, 65536 - 8192, 4096);
    memset(r->config.va, 0xa1, r->config.size);
    clean(r, r->config.va, r->config.size);
    raw_write(r, model_gicd(r->m), 0, 0x10);
    raw_write(r, model_gicd(r->m), 0, 0x12);
    for (umsi_cpu cpu = 0; cpu < r->nr_cpus; cpu++) {
        volatile void *rd = model_gicr_of(r->m, cpu, NULL);
        interface_start(r, cpu);
        r->pending[cpu] = raw_dma(r, 8192, 65536);
        raw_write64(r, rd, 0x70, r->config.phys | RD_WB | 15);
        raw_write64(r, rd, 0x78, r->pending[cpu].phys | RD_WB | (uint64_t)1 << 62);
        raw_write(r, rd, 0, 1);
    }
}

void raw_its_start(struct raw *r)
{
    r->queue = raw_dma(r, 4096, 65536);
    r->devices = raw_dma(r, 65536, 65536);
    r->collections = raw_dma(r, 65536, 65536);
    raw_write64(r, r->its, 0x80, VALID | ITS_WB | r->queue.phys);
    raw_write64(r, r->its, 0x88, 0);
    /* 64 KiB as sixteen 4 KiB pages: 8192 flat entries, or 8192 level 1 entries of 512. */
    raw_write64(r, r->its, 0x100,
                VALID | ITS_WB | r->devices.phys | 15 | (uint64_t)r->two_level << 62);
    raw_write64(r, r->its, 0x108, VALID | ITS_WB | r->collections.phys | 15);
    raw_write(r, r->its, 0, 1);
    r->slot = 0;
}

void raw_collections(struct raw *r)
{
    for (umsi_cpu cpu = 0; cpu < r->nr_cpus; cpu++) {
        raw_mapc(r, cpu, cpu, true);
        raw_invall(r, cpu);
        raw_sync(r, cpu);
    }
    raw_done(r);
}

void raw_start(struct raw *r, const struct model_config *config)
{
    raw_create(r, config);
    raw_lpis_start(r);
    raw_its_start(r);
    raw_collections(r);
    raw_expect_none(r);
}

void raw_stop(struct raw *r)
{
    raw_write(r, r->its, 0, 0);
    while ((raw_read(r, r->its, 0) >> 31) == 0) {
        r->p->relax(r->p->ctx);
    }
    for (umsi_cpu cpu = 0; cpu < r->nr_cpus; cpu++) {
        volatile void *rd = model_gicr_of(r->m, cpu, NULL);
        raw_write(r, rd, 0, 0);
        while ((raw_read(r, rd, 0) & 8) != 0) {
            r->p->relax(r->p->ctx);
        }
        r->p->dma_free(r->p->ctx, &r->pending[cpu]);
    }
    r->p->dma_free(r->p->ctx, &r->config);
    r->p->dma_free(r->p->ctx, &r->queue);
    r->p->dma_free(r->p->ctx, &r->devices);
    r->p->dma_free(r->p->ctx, &r->collections);
    model_destroy(r->m);
}

/* ---- commands ---- */

void raw_command(struct raw *r, uint64_t d0, uint64_t d1, uint64_t d2, uint64_t d3)
{
    const uint64_t dw[4] = { d0, d1, d2, d3 };
    uint8_t *at = (uint8_t *)r->queue.va + r->slot * 32;
    memcpy(at, dw, sizeof(dw));
    clean(r, at, sizeof(dw));
    r->slot = (r->slot + 1) % 128;
    raw_write64(r, r->its, 0x88, r->slot * 32);
}

static uint64_t device_word(uint8_t opcode, uint32_t device)
{
    return (uint64_t)device << 32 | opcode;
}

/* RDbase of a CPU where PTA is 0. */
static uint64_t rdbase(struct raw *r, umsi_cpu cpu)
{
    volatile void *rd = model_gicr_of(r->m, cpu, NULL);
    return ((raw_read64(r, rd, 8) >> 8) & 0xffff) << 16;
}

void raw_mapd(struct raw *r, uint32_t device, uint32_t bits, uint64_t itt, bool valid)
{
    raw_command(r, device_word(0x08, device), bits - 1, itt | (valid ? VALID : 0), 0);
}

void raw_mapc(struct raw *r, uint32_t icid, umsi_cpu cpu, bool valid)
{
    raw_command(r, 0x09, 0, rdbase(r, cpu) | icid | (valid ? VALID : 0), 0);
}

void raw_mapti(struct raw *r, uint32_t device, uint32_t event, uint32_t intid, uint32_t icid)
{
    raw_command(r, device_word(0x0a, device), (uint64_t)intid << 32 | event, icid, 0);
}

void raw_movi(struct raw *r, uint32_t device, uint32_t event, uint32_t icid)
{
    raw_command(r, device_word(0x01, device), event, icid, 0);
}

void raw_event(struct raw *r, uint8_t opcode, uint32_t device, uint32_t event)
{
    raw_command(r, device_word(opcode, device), event, 0, 0);
}

void raw_invall(struct raw *r, uint32_t icid)
{
    raw_command(r, 0x0d, 0, icid, 0);
}

void raw_sync(struct raw *r, umsi_cpu cpu)
{
    raw_command(r, 0x05, 0, rdbase(r, cpu), 0);
}

void raw_done(struct raw *r)
{
    model_drain(r->m);
}

struct umsi_dma raw_device(struct raw *r, uint32_t device, uint32_t bits, uint32_t n, umsi_cpu cpu)
{
    struct umsi_dma itt = raw_dma(r, (size_t)8 << bits, 256);
    raw_mapd(r, device, bits, itt.phys, true);
    for (uint32_t i = 0; i < n; i++) {
        raw_mapti(r, device, i, 8192 + i, cpu);
    }
    raw_sync(r, cpu);
    raw_done(r);
    return itt;
}

void raw_device_gone(struct raw *r, uint32_t device, uint32_t bits, uint32_t n, umsi_cpu cpu,
                     const struct umsi_dma *itt)
{
    for (uint32_t i = 0; i < n; i++) {
        raw_event(r, 0x0f, device, i);
    }
    raw_mapd(r, device, bits, itt->phys, false);
    raw_sync(r, cpu);
    raw_done(r);
    r->p->dma_free(r->p->ctx, itt);
}

void raw_config(struct raw *r, uint32_t intid, uint8_t byte)
{
    uint8_t *at = (uint8_t *)r->config.va + (intid - 8192);
    *at = byte;
    clean(r, at, 1);
}

bool raw_msi(struct raw *r, uint32_t device, uint32_t event)
{
    return model_msi_write(r->m, device, model_its_phys(r->m, 0) + 0x10040, event);
}

/* ---- verdicts ---- */

static void show(struct raw *r)
{
    for (uint32_t i = 0; i < model_breaches(r->m); i++) {
        const struct model_breach *b = model_breach_at(r->m, i);
        print_message("  %s [%s] %s\n", b->law, b->section, b->text);
    }
}

void raw_expect_first(struct raw *r, const char *law)
{
    if (model_breaches(r->m) == 0 || strcmp(model_breach_at(r->m, 0)->law, law) != 0) {
        print_message("expected %s first, got %u:\n", law, model_breaches(r->m));
        show(r);
        fail();
    }
    model_breach_clear(r->m);
}

void raw_expect(struct raw *r, const char *law)
{
    if (model_breaches(r->m) != 1) {
        print_message("expected one %s, got %u:\n", law, model_breaches(r->m));
        show(r);
        fail();
    }
    raw_expect_first(r, law);
}

void raw_expect_none(struct raw *r)
{
    if (model_breaches(r->m) != 0) {
        print_message("expected no breach, got:\n");
        show(r);
        fail();
    }
}
