/* SPDX-License-Identifier: MIT */
/*
 * Interrupt files at supervisor level and the messages on their way to them. RISC-V Advanced Interrupt Architecture
 * 1.0 (AIA), chapters 2 and 3. Messages take time; those of one sender to one file keep their order, and what a
 * device is asked answers after what it had sent, as on PCI Express.
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define BASE 0x28000000ull

#define SISELECT 0x150u
#define SIREG    0x151u
#define STOPEI   0x15cu

#define EIDELIVERY  0x70u
#define EITHRESHOLD 0x72u
#define EIP         0x80u
#define EIE         0xc0u

/* ---- where files are ---- */

static uint32_t hart_of(const struct model *m, umsi_cpu cpu)
{
    const struct model_imsic_config *c = &m->imsic.cfg;
    uint32_t i = c->reverse ? m->cfg.nr_cpus - 1 - cpu : cpu;
    if (c->cpus_per_group == 0) {
        return i;
    }
    return (i / c->cpus_per_group) << c->hart_index_bits | i % c->cpus_per_group;
}

umsi_cpu imsic_cpu_of(struct model *m, uint32_t hart)
{
    for (umsi_cpu cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
        if (hart_of(m, cpu) == hart) {
            return cpu;
        }
    }
    return UMSI_NO_CPU;
}

/* AIA 3.6: g * 2^E + B + h * 2^D. */
static uint64_t phys_of(const struct model *m, umsi_cpu cpu)
{
    const struct model_imsic_config *c = &m->imsic.cfg;
    uint32_t hart = hart_of(m, cpu);
    uint64_t g = hart >> c->hart_index_bits, h = hart & ((1u << c->hart_index_bits) - 1);
    return BASE + (g << c->group_index_shift) + (h << (12 + c->guest_index_bits));
}

/* ---- messages ---- */

static uint64_t bit(uint32_t identity)
{
    return (uint64_t)1 << (identity % 64);
}

static void arrive(struct model *m, const struct flight *f)
{
    m->cpu[f->cpu].file.pending[f->identity / 64] |= bit(f->identity);
}

static void drop_flight(struct imsic *s, uint32_t i)
{
    s->nr_flights--;
    memmove(&s->flights[i], &s->flights[i + 1], (s->nr_flights - i) * sizeof(*s->flights));
}

void imsic_work(struct model *m)
{
    struct imsic *s = &m->imsic;
    for (uint32_t i = 0; i < s->nr_flights;) {
        if (s->flights[i].due <= m->now) {
            arrive(m, &s->flights[i]);
            drop_flight(s, i);
        } else {
            i++;
        }
    }
}

void imsic_flush(struct model *m, const void *from)
{
    struct imsic *s = &m->imsic;
    for (uint32_t i = 0; i < s->nr_flights;) {
        if (s->flights[i].from == from) {
            arrive(m, &s->flights[i]);
            drop_flight(s, i);
        } else {
            i++;
        }
    }
}

void imsic_send(struct model *m, const void *from, umsi_cpu cpu, uint32_t identity)
{
    struct imsic *s = &m->imsic;
    struct flight f = { m->now + s->cfg.message_ns, from, cpu, identity };
    if (s->cfg.message_ns == 0) {
        arrive(m, &f);
        return;
    }
    s->flights = grow(s->flights, s->nr_flights, sizeof(*s->flights));
    s->flights[s->nr_flights++] = f;
}

/* A write to a page, of a device or of a CPU. What hardware ignores is somebody's mistake all the same. */
static bool write_page(struct model *m, const void *from, umsi_cpu cpu, uint64_t offset,
                       uint32_t data)
{
    if (offset != 0) {
        breach(m, "", "AIA 3.5", "write to offset %#llx of CPU %u's interrupt file",
               (unsigned long long)offset, cpu);
        return false;
    }
    if (data == 0 || data > m->imsic.cfg.nr_ids) {
        breach(m, "L47", "AIA 3.5", "message with identity %u, of %u, to CPU %u", data,
               m->imsic.cfg.nr_ids, cpu);
        return false;
    }
    imsic_send(m, from, cpu, data);
    return true;
}

bool imsic_message(struct model *m, const void *from, uint64_t address, uint32_t data)
{
    for (umsi_cpu cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
        if (address - phys_of(m, cpu) < MODEL_PAGE) {
            return write_page(m, from, cpu, address - phys_of(m, cpu), data);
        }
    }
    breach(m, "L47", "AIA 3.6", "message to %#llx: no supervisor-level interrupt file is there",
           (unsigned long long)address);
    return false;
}

bool imsic_reaches(struct model *m, uint64_t address, uint32_t data)
{
    for (umsi_cpu cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
        if (address == phys_of(m, cpu)) {
            return data >= 1 && data <= m->imsic.cfg.nr_ids;
        }
    }
    return false;
}

/* It answers after what harts wrote to it before: device memory keeps the order. */
static uint64_t page_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    imsic_flush(m, device);
    if (width != 4) {
        mmio_bad(m, "an interrupt file", offset, width, false);
    }
    return 0;
}

static void page_write(struct model *m, void *device, uint64_t offset, unsigned width,
                       uint64_t value)
{
    const struct cpu *c = device;
    if (width != 4) {
        mmio_bad(m, "an interrupt file", offset, width, true);
        return;
    }
    (void)write_page(m, c, c->index, offset, (uint32_t)value);
}

/* ---- what the hart sees ---- */

/* AIA 3.9: of those that are pending and enabled, the lowest identity, if the threshold lets it through. */
static uint32_t top(const struct model *m, const struct file *f)
{
    for (uint32_t i = 1; i <= m->imsic.cfg.nr_ids; i++) {
        if ((f->pending[i / 64] & f->enabled[i / 64] & bit(i)) != 0) {
            return f->threshold == 0 || i < f->threshold ? i : 0;
        }
    }
    return 0;
}

bool imsic_signals(struct model *m, umsi_cpu cpu)
{
    const struct file *f = &m->cpu[cpu].file;
    return f->delivery == 1 && top(m, f) != 0;
}

/* Which bits of a word of eip and eie exist. */
static uint64_t implemented(const struct model *m, uint32_t word)
{
    uint64_t all = word <= m->imsic.cfg.nr_ids / 64 ? UINT64_MAX : 0;
    return word == 0 ? all & ~(uint64_t)1 : all;
}

static void check_change(struct model *m, const struct cpu *c, uint32_t select, uint64_t value)
{
    if (!c->masked) {
        breach(m, "", "AIA 2.1", "CPU %u writes sireg with interrupts on: siselect may change",
               c->index);
    }
    if (select >= EIP && (value & ~implemented(m, (select & 0x3f) / 2)) != 0) {
        breach(m, "", "AIA 3.8", "CPU %u sets bits of %#x that do not exist: %#llx", c->index,
               select, (unsigned long long)value);
    }
}

/* The register that siselect selects; NULL: none that can be accessed. */
static uint64_t *selected(struct model *m, struct cpu *c)
{
    uint32_t select = (uint32_t)c->file.select;
    if (select == EIDELIVERY) {
        return &c->file.delivery;
    }
    if (select == EITHRESHOLD) {
        return &c->file.threshold;
    }
    if (select >= EIP && select <= 0xff && (select & 1) == 0) {
        uint64_t *array = select < EIE ? c->file.pending : c->file.enabled;
        return &array[(select & 0x3f) / 2];
    }
    breach(m, "", "AIA 3.7, 3.8", "CPU %u accesses sireg with siselect %#x: reserved, or not there",
           c->index, select);
    return NULL;
}

/* What a register becomes that is written. */
static uint64_t legal(struct model *m, struct cpu *c, uint64_t value)
{
    uint32_t select = (uint32_t)c->file.select;
    check_change(m, c, select, value);
    if (select == EIDELIVERY) {
        if (value > 1) {
            breach(m, "", "AIA 3.8.1", "CPU %u sets eidelivery to %#llx", c->index,
                   (unsigned long long)value);
        }
        return m->imsic.cfg.no_delivery ? 0 : value & 1;
    }
    if (select == EITHRESHOLD) {
        if (value > m->imsic.cfg.nr_ids) {
            breach(m, "", "AIA 3.8.2", "CPU %u sets eithreshold to %llu", c->index,
                   (unsigned long long)value);
        }
        return value;
    }
    return value & implemented(m, (select & 0x3f) / 2);
}

static uint64_t claim(struct model *m, struct cpu *c)
{
    uint32_t identity = top(m, &c->file);
    c->icc.acknowledged++;
    c->file.pending[identity / 64] &= ~(identity != 0 ? bit(identity) : 0);
    return (uint64_t)identity << 16 | identity;
}

static struct cpu *hart(struct model *m)
{
    model_step(m, m->cfg.access_ns / 2);
    return &m->cpu[m->self];
}

uint64_t csr_read(void *ctx, uint32_t reg)
{
    struct model *m = ctx;
    struct cpu *c = hart(m);
    const uint64_t *r;
    switch (reg) {
    case SISELECT:
        return c->file.select;
    case SIREG:
        r = selected(m, c);
        return r != NULL ? *r : 0;
    case STOPEI:
        return (uint64_t)top(m, &c->file) << 16 | top(m, &c->file);
    default:
        breach(m, "", "AIA 2.1", "read of CSR %#x, which the machine has not", reg);
        return 0;
    }
}

uint64_t csr_modify(void *ctx, uint32_t reg, uint64_t clear, uint64_t set)
{
    struct model *m = ctx;
    struct cpu *c = hart(m);
    uint64_t old = 0, *r;
    switch (reg) {
    case SISELECT:
        old = c->file.select;
        c->file.select = (old & ~clear) | set;
        return old;
    case SIREG:
        r = selected(m, c);
        if (r != NULL) {
            old = *r;
            *r = legal(m, c, (old & ~clear) | set);
        }
        return old;
    case STOPEI:
        return claim(m, c);
    default:
        breach(m, "", "AIA 2.1", "write of CSR %#x, which the machine has not", reg);
        return 0;
    }
}

void csr_write(void *ctx, uint32_t reg, uint64_t value)
{
    struct model *m = ctx;
    uint32_t select = (uint32_t)m->cpu[m->self].file.select;
    if (reg == STOPEI) {
        breach(m, "L60", "AIA 3.9", "CPU %u writes stopei without reading it: which one it was?",
               m->self);
    }
    if (reg == SIREG && select >= EIP && select < EIE) {
        breach(m, "L60", "AIA 3.8.3", "CPU %u overwrites pending bits: a message is lost", m->self);
    }
    (void)csr_modify(ctx, reg, UINT64_MAX, value);
}

/* ---- the whole ---- */

static void fill_defaults(struct model *m)
{
    struct model_imsic_config *c = &m->imsic.cfg;
    uint32_t in_group = c->cpus_per_group != 0 ? c->cpus_per_group : m->cfg.nr_cpus;
    c->nr_ids = c->nr_ids == 0 ? 255 : c->nr_ids;
    c->group_index_shift = c->group_index_shift == 0 ? 24 : c->group_index_shift;
    while (c->hart_index_bits < 14 && 1u << c->hart_index_bits < in_group) {
        c->hart_index_bits++;
    }
}

/* After reset everything but eidelivery may be anything (AIA 3.4). */
static void reset(struct model *m, struct file *f)
{
    for (uint32_t word = 0; word < MODEL_IDENTITIES / 64; word++) {
        f->pending[word] = f->enabled[word] = 0x5a5a5a5a5a5a5a5aull & implemented(m, word);
    }
    f->threshold = 3;
    f->delivery = m->imsic.cfg.found_open && !m->imsic.cfg.no_delivery;
    f->select = EIDELIVERY;
}

bool imsic_init(struct model *m)
{
    if (m->cfg.imsic == NULL) {
        return true;
    }
    m->imsic.cfg = *m->cfg.imsic;
    fill_defaults(m);
    for (umsi_cpu cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
        struct file *f = &m->cpu[cpu].file;
        reset(m, f);
        f->va = mmio_open(m, &(struct window){ .size = MODEL_PAGE,
                                               .name = "interrupt file",
                                               .device = &m->cpu[cpu],
                                               .read = page_read,
                                               .write = page_write });
        if (f->va == 0) {
            return false;
        }
    }
    return true;
}

void imsic_exit(struct model *m)
{
    free(m->imsic.flights);
}

volatile void *model_imsic_page(struct model *m, umsi_cpu cpu, uint64_t *out_phys,
                                uint32_t *out_hart)
{
    if (out_phys != NULL) {
        *out_phys = phys_of(m, cpu);
    }
    if (out_hart != NULL) {
        *out_hart = hart_of(m, cpu);
    }
    return (volatile void *)m->cpu[cpu].file.va;
}

const struct model_imsic_config *model_imsic(struct model *m, uint64_t *out_base)
{
    *out_base = BASE;
    return &m->imsic.cfg;
}

bool model_imsic_pending(struct model *m, umsi_cpu cpu, uint32_t identity)
{
    return (m->cpu[cpu].file.pending[identity / 64] & bit(identity)) != 0;
}

bool model_imsic_enabled(struct model *m, umsi_cpu cpu, uint32_t identity)
{
    return (m->cpu[cpu].file.enabled[identity / 64] & bit(identity)) != 0;
}

/* The power was away: as after reset, but what was in it is really gone. */
void model_imsic_power_off(struct model *m, umsi_cpu cpu)
{
    uintptr_t va = m->cpu[cpu].file.va;
    m->cpu[cpu].file = (struct file){ .va = va };
    reset(m, &m->cpu[cpu].file);
}

void imsic_count(struct model *m, struct model_counts *out)
{
    for (umsi_cpu cpu = 0; m->cfg.imsic != NULL && cpu < m->cfg.nr_cpus; cpu++) {
        for (uint32_t i = 1; i <= m->imsic.cfg.nr_ids && m->cpu[cpu].file.delivery != 0; i++) {
            bool enabled = model_imsic_enabled(m, cpu, i);
            out->events += enabled;
            out->mapping += enabled ? ((uint64_t)cpu << 32 | i) * 0x9e3779b97f4a7c15ull : 0;
            out->pending_lpis += model_imsic_pending(m, cpu, i);
        }
    }
}

void imsic_check_shutdown(struct model *m)
{
    for (umsi_cpu cpu = 0; m->cfg.imsic != NULL && cpu < m->cfg.nr_cpus; cpu++) {
        const struct file *f = &m->cpu[cpu].file;
        if (f->delivery != 0) {
            breach(m, "L56", "AIA 3.8.1", "CPU %u's interrupt file is left open", cpu);
        }
    }
}
