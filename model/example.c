/* SPDX-License-Identifier: MIT */
/* The model testing a driver that is not umsi's: here start() and command(), a few register writes. It takes a
 * device's interrupt, and then makes a mistake that real hardware keeps to itself. */
#include <stdio.h>
#include <string.h>

#include "model.h"

#define VALID ((uint64_t)1 << 63)

static struct model *m;
static const struct umsi_port *p;
static volatile uint8_t *its;
static struct umsi_dma queue;
static uint32_t slot, taken;

static void told(void *arg, const char *line)
{
    (void)arg;
    printf("breach: %s\n", line);
}

static void vector(void *arg, umsi_cpu cpu)
{
    uint64_t intid = p->sysreg_read(p->ctx, UMSI_SYSREG(3, 0, 12, 12, 0)); /* ICC_IAR1_EL1 */
    (void)arg;
    p->sysreg_write(p->ctx, UMSI_SYSREG(3, 0, 12, 12, 1), intid); /* ICC_EOIR1_EL1 */
    printf("CPU %u takes LPI %u, its interrupt %u\n", cpu, (unsigned)intid, ++taken);
}

static struct umsi_dma memory(size_t size)
{
    struct umsi_dma mem = { 0 };
    (void)!p->dma_alloc(p->ctx, &(struct umsi_dma_want){ size, 65536, UINT64_MAX, 1 }, &mem);
    return mem;
}

static void write64(volatile void *base, uint32_t offset, uint64_t value)
{
    p->mmio_write64(p->ctx, (volatile uint8_t *)base + offset, value);
}

static void start(void)
{
    volatile void *rd = model_gicr_of(m, 0, NULL);
    struct umsi_dma config = memory(65536), pending = memory(65536);
    memset(config.va, 0xa1, config.size);
    p->mmio_write32(p->ctx, model_gicd(m), 0x10);                /* GICD_CTLR: ARE, then */
    p->mmio_write32(p->ctx, model_gicd(m), 0x12);                /* Group 1 */
    p->mmio_write32(p->ctx, (volatile uint8_t *)rd + 0x14, 0);   /* GICR_WAKER */
    write64(rd, 0x70, config.phys | 0x78f);                      /* GICR_PROPBASER */
    write64(rd, 0x78, pending.phys | 0x780 | (uint64_t)1 << 62); /* GICR_PENDBASER */
    p->mmio_write32(p->ctx, rd, 1);                              /* EnableLPIs */
    model_pass(m, 10000);                                        /* until it is awake */
    p->sysreg_write(p->ctx, UMSI_SYSREG(3, 0, 12, 12, 5), 7);    /* ICC_SRE_EL1 */
    p->sysreg_write(p->ctx, UMSI_SYSREG(3, 0, 4, 6, 0), 0xf0);   /* ICC_PMR_EL1 */
    p->sysreg_write(p->ctx, UMSI_SYSREG(3, 0, 12, 12, 7), 1);    /* ICC_IGRPEN1_EL1 */
    queue = memory(4096);
    write64(its, 0x80, VALID | queue.phys);               /* GITS_CBASER */
    write64(its, 0x88, 0);                                /* GITS_CWRITER */
    write64(its, 0x100, VALID | memory(65536).phys | 15); /* GITS_BASER0: devices */
    write64(its, 0x108, VALID | memory(65536).phys | 15); /* GITS_BASER1: collections */
    p->mmio_write32(p->ctx, its, 1);                      /* GITS_CTLR.Enabled */
}

static void command(uint64_t d0, uint64_t d1, uint64_t d2)
{
    const uint64_t dw[4] = { d0, d1, d2, 0 };
    memcpy((uint8_t *)queue.va + (slot++ * 32), dw, sizeof(dw));
    write64(its, 0x88, slot * 32);
    model_drain(m);
}

int main(void)
{
    if (!model_create(&(struct model_config){ .nr_cpus = 1, .nr_its = 1, .on_breach = told }, &m)) {
        return 1;
    }
    p = model_port(m);
    its = model_its_base(m, 0);
    model_set_vectors(m, &(struct model_vectors){ .irq = vector });
    start();
    command(0x09, 0, VALID); /* MAPC: collection 0 to CPU 0 */
    command(0x0d, 0, 0);     /* INVALL */
    command(0x05, 0, 0);     /* SYNC */
    command((uint64_t)5 << 32 | 0x08, 1, VALID | memory(4096).phys); /* MAPD: device 5, 4 events */
    command((uint64_t)5 << 32 | 0x0a, (uint64_t)8192 << 32, 0); /* MAPTI: event 0 is LPI 8192 */
    command(0x05, 0, 0);                                        /* SYNC */
    model_msi_write(m, 5, model_its_phys(m, 0) + 0x10040, 0);   /* the device writes event 0 */
    model_run(m);
    model_check_settled(m);
    bool good = taken == 1 && model_breaches(m) == 0;
    command((uint64_t)5 << 32 | 0x0f, 0, 0); /* DISCARD, and no SYNC: */
    model_check_settled(m);                  /* the interrupt may still come */
    good = good && model_breaches(m) == 1 && model_breaches_of(m, "L30") == 1;
    model_destroy(m);
    return good ? 0 : 1;
}
