/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "its_rig.h"

#define ICC_PMR     UMSI_SYSREG(3, 0, 4, 6, 0)
#define ICC_IAR1    UMSI_SYSREG(3, 0, 12, 12, 0)
#define ICC_EOIR1   UMSI_SYSREG(3, 0, 12, 12, 1)
#define ICC_SRE     UMSI_SYSREG(3, 0, 12, 12, 5)
#define ICC_IGRPEN1 UMSI_SYSREG(3, 0, 12, 12, 7)

static const struct umsi_port *port(struct rig *r)
{
    return model_port(r->m);
}

static void write32(struct rig *r, volatile void *base, uint32_t offset, uint32_t v)
{
    port(r)->mmio_write32(port(r)->ctx, (volatile char *)base + offset, v);
}

static uint32_t read32(struct rig *r, volatile void *base, uint32_t offset)
{
    return port(r)->mmio_read32(port(r)->ctx, (volatile char *)base + offset);
}

static void take(void *arg, umsi_cpu cpu)
{
    struct rig *r = arg;
    const uint32_t intid = (uint32_t)port(r)->sysreg_read(port(r)->ctx, ICC_IAR1);
    (void)cpu;
    if (intid >= 1020 && intid <= 1023) {
        return;
    }
    r->foreign += !umsi_lpi_handle(r->lpi, intid);
    port(r)->sysreg_write(port(r)->ctx, ICC_EOIR1, intid);
}

static void on_breach(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "breach: %s\n", line);
}

static void on_log(void *arg, enum umsi_log_level level, const char *line)
{
    (void)arg;
    if (level < UMSI_LOG_INFO) {
        fprintf(stderr, "  log: %s\n", line);
    }
}

uint32_t its_rig_fake_pidr2, its_rig_fake_gicd_typer;
void (*its_rig_relax)(void);
size_t its_rig_lose_clean;
uint64_t its_rig_phys_offset;
uint32_t its_rig_stale_reads;
static uint64_t phys_offset; /* of this machine */
static uint64_t stale_creadr;
static struct rig *current;

static uint32_t faked_read32(void *ctx, const volatile void *addr)
{
    struct model *m = current->m;
    const volatile char *at = addr;
    if (its_rig_fake_pidr2 != 0 && at == (volatile char *)model_its_base(m, 0) + 0xffe8) {
        return its_rig_fake_pidr2;
    }
    if (its_rig_fake_gicd_typer != 0 && at == (volatile char *)model_gicd(m) + 4) {
        return its_rig_fake_gicd_typer;
    }
    return model_port(m)->mmio_read32(ctx, addr);
}

static const volatile void *creadr(struct model *m)
{
    return (const volatile char *)model_its_base(m, 0) + 0x90;
}

static uint64_t lagging_read64(void *ctx, const volatile void *addr)
{
    struct model *m = current->m;
    if (its_rig_stale_reads != 0 && addr == creadr(m)) {
        its_rig_stale_reads--;
        return stale_creadr;
    }
    return model_port(m)->mmio_read64(ctx, addr);
}

void its_rig_creadr_lags(struct rig *r)
{
    stale_creadr = model_port(r->m)->mmio_read64(model_port(r->m)->ctx, creadr(r->m));
    its_rig_stale_reads = 1;
}

static void watched_relax(void *ctx)
{
    if (its_rig_relax != NULL) {
        its_rig_relax();
    }
    model_port(current->m)->relax(ctx);
}

static void unreliable_clean(void *ctx, const void *va, size_t size)
{
    if (size == its_rig_lose_clean) {
        its_rig_lose_clean = 0;
        return;
    }
    model_port(current->m)->cache_clean(ctx, va, size);
}

/* The model's physical addresses are what its devices see. */
static bool moved_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    const bool ok = model_port(current->m)->dma_alloc(ctx, want, out);
    out->phys += ok ? phys_offset : 0;
    return ok;
}

static void moved_dma_free(void *ctx, const struct umsi_dma *mem)
{
    struct umsi_dma as_given = *mem;
    as_given.phys -= phys_offset;
    model_port(current->m)->dma_free(ctx, &as_given);
}

/* The model's port, and between it and the library what a test wants to happen. */
static struct umsi_port make_port(const struct rig *r)
{
    struct umsi_port p = *model_port(r->m);
    p.mmio_read32 = faked_read32;
    p.mmio_read64 = lagging_read64;
    p.relax = watched_relax;
    p.cache_clean = p.cache_clean != NULL ? unreliable_clean : NULL;
    p.dma_alloc = moved_dma_alloc;
    p.dma_free = moved_dma_free;
    its_rig_fake_pidr2 = 0;
    its_rig_fake_gicd_typer = 0;
    its_rig_relax = NULL;
    its_rig_lose_clean = 0;
    its_rig_stale_reads = 0;
    phys_offset = its_rig_phys_offset;
    its_rig_phys_offset = 0;
    return p;
}

void its_rig_machine(struct rig *r, const struct model_config *config)
{
    struct model_config c = *config;
    memset(r, 0, sizeof(*r));
    c.nr_cpus = c.nr_cpus != 0 ? c.nr_cpus : 2;
    c.nr_its = c.nr_its != 0 ? c.nr_its : 1;
    c.on_breach = on_breach;
    c.on_log = on_log;
    assert_true(model_create(&c, &r->m));
    const struct model_vectors vectors = { .irq = take, .arg = r };
    model_set_vectors(r->m, &vectors);
    const struct umsi_port p = make_port(r);
    current = r;
    assert_int_equal(umsi_create(&p, &r->u), UMSI_OK);
    write32(r, model_gicd(r->m), 0, 0x12); /* GICD_CTLR: ARE, EnableGrp1 */
}

void its_rig_cpu_interface(struct rig *r, umsi_cpu cpu)
{
    uint64_t phys;
    volatile void *rd = model_gicr_of(r->m, cpu, &phys);
    model_set_cpu(r->m, cpu);
    write32(r, rd, 0x14, 0); /* GICR_WAKER */
    while ((read32(r, rd, 0x14) & 4) != 0) {
    }
    port(r)->sysreg_write(port(r)->ctx, ICC_SRE, 7);
    port(r)->sysreg_write(port(r)->ctx, ICC_PMR, 0xf0);
    port(r)->sysreg_write(port(r)->ctx, ICC_IGRPEN1, 1);
}

enum umsi_status its_rig_cpu_online(struct rig *r, umsi_cpu cpu)
{
    uint64_t phys;
    volatile void *rd = model_gicr_of(r->m, cpu, &phys);
    its_rig_cpu_interface(r, cpu);
    const enum umsi_status st = umsi_lpi_cpu_online(r->lpi, cpu, rd, phys);
    model_set_cpu(r->m, 0);
    return st;
}

void its_rig_start_its(struct rig *r, const struct model_config *config,
                       const struct umsi_its_config *its)
{
    its_rig_machine(r, config);
    const struct umsi_lpi_config lc = { .gicd = model_gicd(r->m) };
    assert_int_equal(umsi_lpi_create(r->u, &lc, &r->lpi), UMSI_OK);
    for (umsi_cpu cpu = 0; cpu < model_port(r->m)->nr_cpus; cpu++) {
        assert_int_equal(its_rig_cpu_online(r, cpu), UMSI_OK);
    }
    struct umsi_its_config c = *its;
    c.base = model_its_base(r->m, 0);
    c.phys = model_its_phys(r->m, 0);
    assert_int_equal(umsi_its_create(r->lpi, &c, &r->its), UMSI_OK);
    model_check_settled(r->m);
    model_its_log_clear(r->m, 0);
}

void its_rig_start(struct rig *r, const struct model_config *config)
{
    const struct umsi_its_config its = { .deadline_us =
                                             20000 }; /* one that dies is given up soon */
    its_rig_start_its(r, config, &its);
}

void its_rig_stop(struct rig *r)
{
    if (r->its != NULL) {
        assert_int_equal(umsi_its_destroy(r->its), UMSI_OK);
    }
    if (r->lpi != NULL) {
        assert_int_equal(umsi_lpi_destroy(r->lpi), UMSI_OK);
    }
    assert_int_equal(umsi_destroy(r->u), UMSI_OK);
    model_check_shutdown(r->m);
    assert_int_equal(model_breaches(r->m), 0);
    model_destroy(r->m);
}

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    struct rig_device *d = handle;
    d->message[index] = *m;
}

static void set_mask(void *handle, uint32_t index, bool masked)
{
    struct rig_device *d = handle;
    d->masked[index] = masked;
}

enum umsi_status its_rig_attach(struct rig *r, struct rig_device *d, uint32_t id, uint32_t events,
                                uint32_t shared, bool maskable)
{
    memset(d, 0, sizeof(*d));
    d->rig = r;
    const struct umsi_msi_config config = {
        .name = "dev",
        .handle = d,
        .device_id = id,
        .nr_events = events,
        .shared_events = shared,
        .write_message = write_message,
        .set_mask = maskable ? set_mask : NULL,
    };
    return umsi_msi_attach(umsi_its_parent(r->its), &config, &d->dev);
}

static void handler(void *arg)
{
    uint32_t *runs = arg;
    (*runs)++;
}

void its_rig_request(struct rig_device *d, uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < first + n; i++) {
        const umsi_virq virq = umsi_msi_virq(&d->dev, i);
        assert_int_equal(umsi_irq_request(d->rig->u, virq, handler, &d->runs[i], "test"), UMSI_OK);
    }
}

bool its_rig_raise(struct rig_device *d, uint32_t index)
{
    return model_msi_write(d->rig->m, d->dev.device_id, d->message[index].address,
                           d->message[index].data);
}

uint32_t its_rig_count(struct rig *r, uint8_t opcode)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < model_its_log_size(r->m, 0); i++) {
        n += (model_its_log_at(r->m, 0, i)->dw[0] & 0xff) == opcode;
    }
    return n;
}
