/* SPDX-License-Identifier: MIT */
/*
 * The distributor of a GICv2, IHI0048B 4.3. What belongs to INTIDs 0 to 31 is banked: a CPU reaches its own. With two
 * security states every access is Non-secure, and firmware has put all interrupts into Group 1.
 *
 * As on many GICs, SGIs cannot be disabled, and a CPU's interface has another number than the CPU.
 */
#include <string.h>

#include "machine.h"

#define BIT(n) (1u << (n))

static struct cpu *reader(struct model *m)
{
    return &m->cpu[m->self];
}

uint32_t gicv2_number(const struct cpu *c)
{
    return c->frame;
}

void gicv2_reset(struct model *m)
{
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        struct cpu *c = &m->cpu[i];
        for (uint32_t sgi = 0; sgi < 16; sgi++) {
            c->local[sgi].enabled = true;
        }
    }
}

void model_gicv2_power_off(struct model *m)
{
    model_gicd_power_off(m);
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        struct cpu *c = &m->cpu[i];
        for (uint32_t n = 0; n < 32; n++) {
            c->local[n] = (struct irq){ .edge = n < 16,
                                        .group1 = m->cfg.two_security_states,
                                        .line = c->local[n].line };
        }
        memset(c->sgi_senders, 0, sizeof(c->sgi_senders));
        cpuif_reset(&c->icc);
    }
    gicv2_reset(m);
}

/* Does the distributor forward interrupts of this one's group? Group 1 of a single state is nobody's here: without
 * GICC_CTLR.AckCtl it would come out as 1022. */
bool gicv2_forwards(const struct model *m, const struct irq *i)
{
    return (m->gicd_ctlr & 1) != 0 && i->group1 == m->cfg.two_security_states;
}

static void ctlr_write(struct model *m, uint32_t value)
{
    uint32_t known = m->cfg.two_security_states ? BIT(0) : BIT(0) | BIT(1);
    if ((value & ~known) != 0) {
        breach(m, "", "IHI0048B 4.3.1 GICD_CTLR", "reserved bits in %#x", value);
    }
    m->gicd_ctlr = value & known;
}

static uint32_t typer(const struct model *m)
{
    return m->cfg.nr_spis / 32 | (m->cfg.nr_cpus - 1) << 5 |
           (m->cfg.two_security_states ? BIT(10) : 0);
}

/* ---- a bit, a byte or two bits per interrupt ---- */

/* The interrupts a register of 32, 16 or 4 is about; NULL: the distributor has none of them. */
static struct irq *irqs_of(struct model *m, uint32_t first)
{
    if (first < 32) {
        return &reader(m)->local[first];
    }
    return first - 32 < m->cfg.nr_spis ? &m->spi[first - 32] : NULL;
}

/* SGIs are enabled for good, and become pending by registers of their own. */
static uint64_t without_sgis(uint64_t offset, uint64_t value)
{
    bool switches = offset >= 0x100 && offset < 0x300 && (offset % 0x80) == 0;
    return switches ? value & ~0xffffull : value;
}

static bool bits_access(struct model *m, uint64_t offset, const uint64_t *write, uint64_t *read)
{
    bool local = offset % 0x80 == 0;
    struct irq *irqs = local ? reader(m)->local : m->spi;
    uint32_t first = local ? 0 : 32, n = local ? 32 : m->cfg.nr_spis;
    if (write != NULL) {
        return irq_bank_write(m, irqs, first, n, offset, without_sgis(offset, *write));
    }
    return irq_bank_read(m, irqs, first, n, offset, read);
}

static void priority_access(struct model *m, uint64_t offset, const uint64_t *write, uint64_t *read)
{
    struct irq *i = irqs_of(m, (uint32_t)(offset - 0x400));
    *read = 0;
    for (uint32_t b = 0; i != NULL && b < 4; b++) {
        if (write != NULL) {
            i[b].priority = (uint8_t)(*write >> (8 * b)) & irq_priority_mask();
        }
        *read |= (uint64_t)i[b].priority << (8 * b);
    }
}

/* The first eight registers say who reads; with one CPU there are none (4.3.12). */
static void target_access(struct model *m, uint64_t offset, const uint64_t *write, uint64_t *read)
{
    struct irq *i = irqs_of(m, (uint32_t)(offset - 0x800));
    uint8_t all = (uint8_t)(BIT(m->cfg.nr_cpus) - 1);
    *read = 0;
    if (m->cfg.nr_cpus == 1 || i == NULL) {
        return;
    }
    if (offset < 0x820) {
        *read = BIT(gicv2_number(reader(m))) * 0x01010101ull;
        return;
    }
    for (uint32_t b = 0; b < 4; b++) {
        if (write != NULL) {
            i[b].targets = (uint8_t)(*write >> (8 * b)) & all;
        }
        *read |= (uint64_t)i[b].targets << (8 * b);
    }
}

static void set_trigger(struct model *m, struct irq *i, uint32_t intid, bool edge)
{
    if (intid < 16 || i->edge == edge) {
        return;
    }
    if (i->enabled) {
        breach(m, "", "IHI0048B 4.3.13 GICD_ICFGR", "trigger of INTID %u changed while enabled",
               intid);
    }
    i->edge = edge;
}

static void config_access(struct model *m, uint64_t offset, const uint64_t *write, uint64_t *read)
{
    uint32_t first = (uint32_t)(offset - 0xc00) * 4;
    struct irq *i = irqs_of(m, first);
    *read = 0;
    for (uint32_t b = 0; i != NULL && b < 16; b++) {
        if (write != NULL) {
            set_trigger(m, &i[b], first + b, (*write >> (2 * b + 1) & 1) != 0);
        }
        *read |= (uint64_t)(i[b].edge ? 2 : 0) << (2 * b);
    }
}

/* ---- SGIs ---- */

static void send_to(struct model *m, uint32_t targets, uint32_t sgi)
{
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        struct cpu *c = &m->cpu[i];
        if ((targets >> gicv2_number(c) & 1) != 0) {
            c->sgi_senders[sgi] |= (uint8_t)BIT(gicv2_number(reader(m)));
            c->local[sgi].pending = true;
        }
    }
}

static void sgir_write(struct model *m, uint32_t v)
{
    uint32_t all = BIT(m->cfg.nr_cpus) - 1, self = BIT(gicv2_number(reader(m)));
    uint32_t list = v >> 16 & 0xff, filter = v >> 24 & 3;
    if ((v & 0xfc007ff0u) != 0 || filter == 3 || (v & BIT(15)) != 0) {
        breach(m, "", "IHI0048B 4.3.15 GICD_SGIR", "reserved bits, filter or NSATT in %#x", v);
    }
    if (filter == 0 && (list == 0 || (list & ~all) != 0)) {
        breach(m, "", "IHI0048B 4.3.15 GICD_SGIR", "%#x reaches no CPU, or one that is not there",
               v);
    }
    send_to(m, filter == 0 ? list : filter == 1 ? all & ~self : self, v & 0xf);
}

/* CPENDSGIR, SPENDSGIR: of the reading CPU, four SGIs to a register, a bit per sender. */
static void sgi_pending(struct model *m, uint64_t offset, const uint64_t *write, uint64_t *read)
{
    bool set = offset >= 0xf20;
    uint32_t first = (uint32_t)(offset & 0xf);
    struct cpu *c = reader(m);
    *read = 0;
    for (uint32_t b = 0; b < 4; b++) {
        uint8_t *senders = &c->sgi_senders[first + b];
        uint8_t there = (uint8_t)(BIT(m->cfg.nr_cpus) - 1);
        uint8_t bits = (uint8_t)(write != NULL ? *write >> (8 * b) & there : 0);
        *senders = set ? (uint8_t)(*senders | bits) : (uint8_t)(*senders & ~bits);
        c->local[first + b].pending = *senders != 0;
        *read |= (uint64_t)*senders << (8 * b);
    }
}

/* ---- the frame ---- */

static bool array_access(struct model *m, uint64_t offset, const uint64_t *write, uint64_t *read)
{
    if (offset >= 0x80 && offset < 0x400) {
        return bits_access(m, offset, write, read);
    }
    if (offset >= 0x400 && offset < 0x800) {
        priority_access(m, offset, write, read);
    } else if (offset >= 0x800 && offset < 0xc00) {
        target_access(m, offset, write, read);
    } else if (offset >= 0xc00 && offset < 0xd00) {
        config_access(m, offset, write, read);
    } else if (offset >= 0xf10 && offset < 0xf30) {
        sgi_pending(m, offset, write, read);
    } else {
        return false;
    }
    return true;
}

uint64_t gicv2_dist_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    uint64_t value = 0;
    (void)device;
    if (width != 4) {
        mmio_bad(m, "GICD", offset, width, false);
        return 0;
    }
    switch (offset) {
    case 0x0:
        return m->gicd_ctlr;
    case 0x4:
        return typer(m);
    case 0x8:
        return 0x0200143b;
    case 0xfe8:
        return 0x2b; /* ICPIDR2: ArchRev 2 */
    default:
        return array_access(m, offset, NULL, &value) ? value : 0;
    }
}

void gicv2_dist_write(struct model *m, void *device, uint64_t offset, unsigned width,
                      uint64_t value)
{
    uint64_t ignored = 0;
    (void)device;
    if (width != 4) {
        mmio_bad(m, "GICD", offset, width, true);
    } else if (offset == 0) {
        ctlr_write(m, (uint32_t)value);
    } else if (offset == 0xf00) {
        sgir_write(m, (uint32_t)value);
    } else if (!array_access(m, offset, &value, &ignored)) {
        breach(m, "", "IHI0048B 4.1.2", "write to GICD offset %#llx, which has no register",
               (unsigned long long)offset);
    }
}
