/* SPDX-License-Identifier: MIT */
/* struct umsi_port of the machine: locks, time, log, doorbells; memory, registers from their own files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

/* ---- locks: taken once, released by who took them, never held while something sleeps (L55) ---- */

#define LOCK_FREE ((uintptr_t)0x10cced00)
#define LOCK_HELD ((uintptr_t)0x10cced01)

static void lock_init(void *ctx, umsi_lock *l)
{
    (void)ctx;
    l->word[0] = LOCK_FREE;
    l->word[1] = 0;
}

static umsi_irqstate lock_take(void *ctx, umsi_lock *l)
{
    struct model *m = ctx;
    struct cpu *c = &m->cpu[m->self];
    umsi_irqstate was = c->masked;
    if (l->word[0] != LOCK_FREE) {
        breach(m, "L55", "umsi/port.h", "lock %p taken %s", (void *)l,
               l->word[0] == LOCK_HELD ? "twice" : "and never initialised");
    }
    c->masked = true;
    l->word[0] = LOCK_HELD;
    l->word[1] = m->self;
    m->locks_held++;
    return was;
}

static void lock_drop(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    struct model *m = ctx;
    if (l->word[0] != LOCK_HELD || l->word[1] != m->self) {
        breach(m, "L55", "umsi/port.h", "lock %p released by who does not hold it", (void *)l);
        return;
    }
    l->word[0] = LOCK_FREE;
    m->locks_held--;
    m->cpu[m->self].masked = s != 0;
}

/* ---- CPUs and time ---- */

static umsi_cpu cpu_self(void *ctx)
{
    return ((struct model *)ctx)->self;
}

/* The clock moves a little whenever somebody looks: no loop on it can last for ever. */
static uint64_t time_us(void *ctx)
{
    struct model *m = ctx;
    model_step(m, 10);
    return m->now / 1000;
}

/* Time passes, and whatever is idle takes its interrupts: the caller waits for something. */
static void relax(void *ctx)
{
    struct model *m = ctx;
    model_step(m, m->cfg.relax_ns);
    if (m->locks_held != 0) {
        breach(m, "L55", "umsi/port.h", "relax with %u umsi locks held", m->locks_held);
        return;
    }
    if (m->vectors.irq != NULL && !m->delivering) {
        model_run(m);
    }
}

static void cpu_kick(void *ctx, umsi_cpu cpu)
{
    struct model *m = ctx;
    if (cpu >= m->cfg.nr_cpus) {
        breach(m, "", "umsi/port.h", "cpu_kick of CPU %u of %u", cpu, m->cfg.nr_cpus);
        return;
    }
    m->cpu[cpu].kicked = true;
}

/* ---- log and trace ---- */

static void log_line(void *ctx, enum umsi_log_level level, const char *line)
{
    struct model *m = ctx;
    snprintf(m->log[m->nr_log++ % 64], sizeof(m->log[0]), "%s", line);
    if (m->cfg.on_log != NULL) {
        m->cfg.on_log(m->cfg.arg, level, line);
    }
}

static void trace(void *ctx, const void *record, size_t size)
{
    struct model *m = ctx;
    if (m->cfg.on_trace != NULL) {
        m->cfg.on_trace(m->cfg.arg, record, size);
    }
}

bool model_log_has(struct model *m, const char *part)
{
    for (uint32_t i = 0; i < 64 && i < m->nr_log; i++) {
        if (strstr(m->log[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

void model_log_clear(struct model *m)
{
    m->nr_log = 0;
}

/* ---- an IOMMU in front of the doorbells (L49) ---- */

static bool doorbell_map(void *ctx, void *handle, umsi_phys doorbell, umsi_bus *out)
{
    struct model *m = ctx;
    if (m->locks_held != 0) {
        breach(m, "L55", "umsi/port.h", "doorbell_map with a umsi lock held");
    }
    if (fail_now(m, MODEL_FAIL_MAP)) {
        return false;
    }
    m->doorbells = grow(m->doorbells, m->nr_doorbells, sizeof(*m->doorbells));
    uint64_t bus = 0xfe000000u + (uint64_t)(m->next_doorbell++ % 0x1000) * MODEL_PAGE;
    bus |= doorbell & (MODEL_PAGE - 1);
    m->doorbells[m->nr_doorbells++] = (struct doorbell){ handle, doorbell, bus };
    *out = bus;
    return true;
}

static void doorbell_unmap(void *ctx, void *handle, umsi_bus doorbell)
{
    struct model *m = ctx;
    for (uint32_t i = 0; i < m->nr_doorbells; i++) {
        struct doorbell *d = &m->doorbells[i];
        if (d->handle == handle && d->bus == doorbell) {
            *d = m->doorbells[--m->nr_doorbells];
            return;
        }
    }
    breach(m, "L49", "umsi/port.h", "doorbell_unmap of %#llx, which is not mapped",
           (unsigned long long)doorbell);
}

void port_init(struct model *m)
{
    m->port = (struct umsi_port){
        .size = sizeof(struct umsi_port),
        .nr_cpus = m->cfg.nr_cpus,
        .ctx = m,
        .alloc = memory_alloc,
        .free = memory_free,
        .dma_alloc = memory_dma_alloc,
        .dma_free = memory_dma_free,
        .lock_init = lock_init,
        .lock = lock_take,
        .unlock = lock_drop,
        .cpu_self = cpu_self,
        .time_us = time_us,
        .relax = relax,
        .doorbell_map = m->cfg.iommu ? doorbell_map : NULL,
        .doorbell_unmap = m->cfg.iommu ? doorbell_unmap : NULL,
        .log = log_line,
        .trace = trace,
        .cache_clean = m->cfg.non_coherent ? memory_clean : NULL,
        .cpu_kick = cpu_kick,
        .mmio_read32 = mmio_read32,
        .mmio_write32 = mmio_write32,
        .mmio_read64 = mmio_read64,
        .mmio_write64 = mmio_write64,
        .sysreg_read = cpuif_read,
        .sysreg_write = cpuif_write,
    };
    if (m->cfg.imsic != NULL) {
        m->port.sysreg_read = csr_read;
        m->port.sysreg_write = csr_write;
        m->port.sysreg_modify = csr_modify;
    }
}

const struct umsi_port *model_port(struct model *m)
{
    return &m->port;
}
