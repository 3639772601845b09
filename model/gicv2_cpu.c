/* SPDX-License-Identifier: MIT */
/*
 * The CPU interface of a GICv2: one frame, behind which each CPU finds its own. IHI0048B 3.2 and 4.4. An SGI's sender
 * is part of its name: it comes out of GICC_IAR, and must go back into GICC_EOIR.
 */
#include "machine.h"

#define MIN_BPR 3u
#define IDLE    0xffu

/* ---- what is pending ---- */

struct best {
    uint32_t intid;
    uint8_t priority;
};

static void consider(struct model *m, struct best *b, uint32_t intid, const struct irq *i)
{
    bool pending = i->pending || (i->line && !i->edge);
    if (i->enabled && pending && !i->active && gicv2_forwards(m, i) && i->priority < b->priority) {
        *b = (struct best){ intid, i->priority };
    }
}

static uint8_t running_priority(const struct cpuif *icc)
{
    return icc->depth == 0 ? IDLE : icc->running[icc->depth - 1].priority;
}

uint32_t gicv2_highest(struct model *m, struct cpu *c)
{
    struct best b = { MODEL_SPURIOUS, IDLE };
    uint8_t group = (uint8_t)(0xffu << c->icc.bpr1);
    for (uint32_t n = 0; n < 32; n++) {
        consider(m, &b, n, &c->local[n]);
    }
    for (uint32_t n = 0; n < m->cfg.nr_spis; n++) {
        if (m->cfg.nr_cpus == 1 || (m->spi[n].targets >> gicv2_number(c) & 1) != 0) {
            consider(m, &b, 32 + n, &m->spi[n]);
        }
    }
    bool signalled =
        (c->icc.ctlr & 1) != 0 && b.priority < c->icc.pmr &&
        (c->icc.depth == 0 || (b.priority & group) < (running_priority(&c->icc) & group));
    return signalled ? b.intid : MODEL_SPURIOUS;
}

/* ---- acknowledge and end ---- */

static struct irq *irq_of(struct model *m, struct cpu *c, uint32_t intid)
{
    return intid < 32 ? &c->local[intid] : &m->spi[intid - 32];
}

/* Of several senders of one SGI the one with the highest number goes first; the others stay. */
static uint32_t take_sgi(struct cpu *c, uint32_t sgi)
{
    uint32_t sender = 7;
    while ((c->sgi_senders[sgi] >> sender & 1) == 0) {
        sender--;
    }
    c->sgi_senders[sgi] &= (uint8_t) ~(1u << sender);
    c->local[sgi].pending = c->sgi_senders[sgi] != 0;
    return sender << 10 | sgi;
}

static uint32_t acknowledge(struct model *m, struct cpu *c)
{
    uint32_t intid = gicv2_highest(m, c), iar = intid;
    c->icc.acknowledged++;
    if (intid == MODEL_SPURIOUS || c->icc.depth == 64) {
        return MODEL_SPURIOUS;
    }
    struct irq *i = irq_of(m, c, intid);
    if (intid < 16) {
        iar = take_sgi(c, intid);
    } else {
        i->pending = false;
    }
    i->active = true;
    c->icc.running[c->icc.depth].priority = i->priority;
    c->icc.running[c->icc.depth++].intid = iar;
    return iar;
}

static void end(struct model *m, struct cpu *c, uint32_t value)
{
    struct cpuif *icc = &c->icc;
    if ((value & 0x3ff) >= 1020) {
        return; /* special INTIDs are ignored */
    }
    if (icc->depth == 0 || icc->running[icc->depth - 1].intid != value) {
        breach(m, "", "IHI0048B 4.4.5 GICC_EOIR", "CPU %u ends %#x, the last acknowledged is %d",
               c->index, value, icc->depth == 0 ? -1 : (int)icc->running[icc->depth - 1].intid);
        return;
    }
    icc->depth--;
    if ((icc->ctlr & 0x200) == 0) { /* EOImode 0 */
        irq_of(m, c, value & 0x3ff)->active = false;
    }
}

/* ---- registers ---- */

static void ctlr_write(struct model *m, struct cpu *c, uint32_t value)
{
    uint32_t known = m->cfg.two_security_states ? 0x261 : 0x7ff;
    if ((value & ~known) != 0) {
        breach(m, "", "IHI0048B 4.4.1 GICC_CTLR", "reserved bits in %#x", value);
    }
    c->icc.ctlr = value & known;
}

/* Priorities that a former owner left active may be dropped, while the interface is off. */
static void apr_write(struct model *m, struct cpu *c, uint32_t value)
{
    if (value != 0 || (c->icc.depth != 0 && (c->icc.ctlr & 1) != 0)) {
        breach(m, "", "IHI0048B 4.4.13 GICC_APR", "CPU %u writes %#x with %u interrupts active",
               c->index, value, c->icc.depth);
        return;
    }
    c->icc.depth = 0;
}

uint64_t gicv2_cpu_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    struct cpu *c = &m->cpu[m->self];
    (void)device;
    if (width != 4) {
        mmio_bad(m, "GICC", offset, width, false);
        return 0;
    }
    switch (offset) {
    case 0x0:
        return c->icc.ctlr;
    case 0x4:
        return c->icc.pmr;
    case 0x8:
        return c->icc.bpr1;
    case 0xc:
        return acknowledge(m, c);
    case 0x14:
        return running_priority(&c->icc);
    case 0x18:
        return gicv2_highest(m, c);
    case 0xfc:
        return 0x0202143b;
    default:
        return 0;
    }
}

void gicv2_cpu_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t v)
{
    struct cpu *c = &m->cpu[m->self];
    uint32_t value = (uint32_t)v;
    (void)device;
    if (width != 4) {
        mmio_bad(m, "GICC", offset, width, true);
    } else if (offset == 0x0) {
        ctlr_write(m, c, value);
    } else if (offset == 0x4) {
        c->icc.pmr = value & irq_priority_mask();
    } else if (offset == 0x8) {
        c->icc.bpr1 = (value & 7) < MIN_BPR ? MIN_BPR : value & 7;
    } else if (offset == 0x10) {
        end(m, c, value);
    } else if (offset >= 0xd0 && offset < 0xe0) {
        apr_write(m, c, value);
    } else {
        breach(m, "", "IHI0048B 4.1.3", "write to GICC offset %#llx, which umsi has no use for",
               (unsigned long long)offset);
    }
}
