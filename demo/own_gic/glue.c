/* SPDX-License-Identifier: MIT */
/*
 * All that a kernel which has a GICv3 driver, an interrupt vector and a PCI layer of its own writes to get LPIs,
 * the ITS and MSI from umsi: the port, the bring-up, a line in the vector, the way back.
 */
#include <umsi/umsi.h>

#include "cpu.h"
#include "timer.h"
#include "../console.h"
#include "../memory.h"
#include "../platform.h"
#include "../spinlock.h"
#include "glue.h"
#include "gicv3.h"

struct glue glue;

/* ---- the port: this kernel's memory, locks, clock, console and IPI ---- */

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    return memory_get(size, align, UINT64_MAX);
}

static void port_free(void *ctx, void *p, size_t size)
{
    memory_put(p, size);
}

/* Zeroed by memory_get(); the GIC snoops on this machine, and no IOMMU stands in front of it. */
static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    void *va = memory_get(want->size, want->align, want->max_phys);
    *out = (struct umsi_dma){ va, (uintptr_t)va, (uintptr_t)va, want->size };
    return va != NULL;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    memory_put(mem->va, mem->size);
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    *l = (umsi_lock){ { 0, 0 } };
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    return spin_lock((struct spinlock *)l->word);
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    spin_unlock((struct spinlock *)l->word, s);
}

static umsi_cpu port_cpu_self(void *ctx)
{
    return this_cpu()->index;
}

static uint64_t port_time_us(void *ctx)
{
    return time_us();
}

static void port_log(void *ctx, enum umsi_log_level level, const char *line)
{
    if (level <= platform_log_level) {
        print("  umsi: %s\n", line);
    }
}

static void port_cpu_kick(void *ctx, umsi_cpu cpu)
{
    platform_kick(cpu); /* an SGI, whose handler calls umsi_cpu_service() */
}

static struct umsi_port port = {
    .size = sizeof(struct umsi_port),
    .alloc = port_alloc,
    .free = port_free,
    .dma_alloc = port_dma_alloc,
    .dma_free = port_dma_free,
    .lock_init = port_lock_init,
    .lock = port_lock,
    .unlock = port_unlock,
    .cpu_self = port_cpu_self,
    .time_us = port_time_us,
    .log = port_log,
    .cpu_kick = port_cpu_kick,
};

/* ---- bring-up: instance, LPIs, ITSes, then this CPU and, as they boot, the others ---- */

enum umsi_status glue_start(const struct umsi_platform *hw)
{
    port.nr_cpus = hw->nr_cpus;
    enum umsi_status st = umsi_port_check(&port, &glue.step);
    if (st == UMSI_OK) {
        glue.step = "creating the instance";
        st = umsi_create(&port, &glue.umsi);
    }
    if (st == UMSI_OK) {
        const struct umsi_lpi_config config = { .gicd = (volatile void *)(uintptr_t)hw->gicd.base };
        glue.step = "creating the LPI space";
        st = umsi_lpi_create(glue.umsi, &config, &glue.lpi);
    }
    for (uint32_t i = 0; i < hw->nr_its && st == UMSI_OK; i++) {
        volatile void *base = (volatile void *)(uintptr_t)hw->its[i].reg.base;
        const struct umsi_its_config config = { .base = base, .phys = hw->its[i].reg.base };
        glue.step = "bringing up an ITS and this CPU";
        st = umsi_its_create(glue.lpi, &config, &glue.its[i]);
    }
    return st == UMSI_OK ? glue_cpu_online(this_cpu()->index) : st;
}

enum umsi_status glue_cpu_online(unsigned cpu)
{
    volatile void *rd = gic_redistributor(cpu);
    return umsi_lpi_cpu_online(glue.lpi, cpu, rd, (uintptr_t)rd);
}

/* ---- the vector: acknowledge and end stay the kernel's ---- */

void glue_interrupt(void)
{
    uint32_t intid = gic_acknowledge();
    if (intid != GIC_NONE) {
        if (!umsi_lpi_handle(glue.lpi, intid)) {
            gic_dispatch(intid);
        }
        gic_end(intid);
    }
}

/* The way back, in reverse. */
enum umsi_status glue_stop(void)
{
    enum umsi_status st = UMSI_OK;
    for (unsigned i = 0; i < UMSI_PLATFORM_MAX_ITS && st == UMSI_OK; i++) {
        st = glue.its[i] != NULL ? umsi_its_destroy(glue.its[i]) : UMSI_OK;
    }
    st = st == UMSI_OK ? umsi_lpi_destroy(glue.lpi) : st;
    return st == UMSI_OK ? umsi_destroy(glue.umsi) : st;
}
