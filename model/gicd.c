/* SPDX-License-Identifier: MIT */
/*
 * The distributor with affinity routing, and the per-interrupt registers it shares with SGI_base.
 * IHI0069 12.8, 12.9. With two security states every access is Non-secure, and firmware has put all
 * interrupts into Non-secure Group 1.
 */
#include "machine.h"

#define BIT(n) (1u << (n))

/* ---- what GICD and SGI_base have in common ---- */

enum bank {
    BANK_GROUP,
    BANK_ENABLE,
    BANK_DISABLE,
    BANK_PEND,
    BANK_UNPEND,
    BANK_ACTIVE,
    BANK_INACTIVE
};
#define BANK_FIRST 0x80u
#define BANK_END   0x400u

uint8_t irq_priority_mask(void)
{
    return 0xf8; /* five bits of priority are implemented */
}

static bool bank_bit(const struct irq *i, enum bank bank)
{
    switch (bank) {
    case BANK_GROUP:
        return i->group1;
    case BANK_ENABLE:
    case BANK_DISABLE:
        return i->enabled;
    case BANK_PEND:
    case BANK_UNPEND:
        return i->pending || (i->line && !i->edge);
    default:
        return i->active;
    }
}

static void bank_set(struct model *m, struct irq *i, enum bank bank, bool one)
{
    if (bank == BANK_GROUP) {
        i->group1 = m->cfg.two_security_states ? i->group1 : one; /* RAZ/WI to Non-secure */
    } else if (one) {
        bool *field = bank <= BANK_DISABLE  ? &i->enabled
                      : bank <= BANK_UNPEND ? &i->pending
                                            : &i->active;
        *field = bank == BANK_ENABLE || bank == BANK_PEND || bank == BANK_ACTIVE;
    }
}

/* 0x080..0x3ff: seven banks of 32 words each, a bit per interrupt. */
static bool bits_access(struct model *m, struct irq *irqs, uint32_t first, uint32_t n,
                        uint64_t offset, const uint64_t *write, uint64_t *read)
{
    enum bank bank = (enum bank)((offset - BANK_FIRST) / 0x80);
    uint32_t base = (uint32_t)((offset % 0x80) / 4) * 32;
    uint64_t value = 0;
    for (uint32_t b = 0; b < 32; b++) {
        if (base + b < first || base + b >= first + n) {
            continue;
        }
        struct irq *i = &irqs[base + b - first];
        if (write != NULL) {
            bank_set(m, i, bank, (*write >> b) & 1);
        }
        bool seen = bank_bit(i, bank) && !(bank == BANK_GROUP && m->cfg.two_security_states);
        value |= (uint64_t)seen << b;
    }
    *read = value;
    return true;
}

/* Not while it is enabled: that is UNPREDICTABLE. */
static void set_trigger(struct model *m, struct irq *i, uint32_t intid, bool edge)
{
    if (edge != i->edge && i->enabled) {
        breach(m, "", "IHI0069 12.9 GICD_ICFGR", "trigger of INTID %u changed while it is enabled",
               intid);
    }
    i->edge = edge;
}

/* 0xc00..0xcff: two bits per interrupt, of which the upper says edge. SGIs are always edge. */
static void config_access(struct model *m, struct irq *irqs, uint32_t first, uint32_t n,
                          uint64_t offset, const uint64_t *write, uint64_t *read)
{
    uint32_t base = (uint32_t)((offset - 0xc00) / 4) * 16;
    uint64_t value = 0;
    for (uint32_t b = 0; b < 16; b++) {
        if (base + b < first || base + b >= first + n) {
            continue;
        }
        struct irq *i = &irqs[base + b - first];
        if (write != NULL && base + b >= 16) {
            set_trigger(m, i, base + b, (*write >> (2 * b + 1)) & 1);
        }
        value |= (uint64_t)(i->edge ? 2 : 0) << (2 * b);
    }
    *read = value;
}

static void priority_access(struct irq *irqs, uint32_t first, uint32_t n, uint64_t offset,
                            const uint64_t *write, uint64_t *read)
{
    uint32_t base = (uint32_t)(offset - 0x400);
    uint64_t value = 0;
    for (uint32_t b = 0; b < 4; b++) {
        if (base + b < first || base + b >= first + n) {
            continue;
        }
        struct irq *i = &irqs[base + b - first];
        if (write != NULL) {
            i->priority = (uint8_t)(*write >> (8 * b)) & irq_priority_mask();
        }
        value |= (uint64_t)i->priority << (8 * b);
    }
    *read = value;
}

static bool bank_access(struct model *m, struct irq *irqs, uint32_t first, uint32_t n,
                        uint64_t offset, const uint64_t *write, uint64_t *read)
{
    if (offset >= BANK_FIRST && offset < BANK_END) {
        return bits_access(m, irqs, first, n, offset, write, read);
    }
    if (offset >= 0x400 && offset < 0x800) {
        priority_access(irqs, first, n, offset, write, read);
        return true;
    }
    if (offset >= 0xc00 && offset < 0xd00) {
        config_access(m, irqs, first, n, offset, write, read);
        return true;
    }
    *read = 0;
    return offset >= 0xd00 && offset < 0xd80; /* IGRPMODR: RAZ/WI here */
}

bool irq_bank_read(struct model *m, struct irq *irqs, uint32_t first, uint32_t n, uint64_t offset,
                   uint64_t *out)
{
    return bank_access(m, irqs, first, n, offset, NULL, out);
}

bool irq_bank_write(struct model *m, struct irq *irqs, uint32_t first, uint32_t n, uint64_t offset,
                    uint64_t value)
{
    uint64_t ignored;
    return bank_access(m, irqs, first, n, offset, &value, &ignored);
}

/* ---- GICD itself ---- */

#define CTLR_RWP BIT(31)

/* Bits of GICD_CTLR as this security state sees them: DS=1: EnableGrp0, EnableGrp1, ARE, DS, E1NWF.
 * DS=0, Non-secure: EnableGrp1, EnableGrp1A, ARE_NS. */
static uint32_t ctlr_writable(const struct model *m)
{
    return m->cfg.two_security_states ? BIT(0) | BIT(1) | BIT(4)
                                      : BIT(0) | BIT(1) | BIT(4) | BIT(7);
}

/* Both views have Group 1 with affinity routing in bit 1. */
bool gicd_group1_on(const struct model *m)
{
    return (m->gicd_ctlr & (BIT(1) | BIT(4))) == (BIT(1) | BIT(4));
}

static void ctlr_write(struct model *m, uint32_t value)
{
    uint32_t now = value & ctlr_writable(m);
    if (((now ^ m->gicd_ctlr) & BIT(4)) != 0 && (m->gicd_ctlr & 3) != 0) {
        breach(m, "", "IHI0069 12.9 GICD_CTLR", "ARE changed while a group is enabled");
    }
    if ((m->gicd_ctlr & BIT(4)) != 0 && (now & BIT(4)) == 0) {
        breach(m, "", "IHI0069 12.9 GICD_CTLR", "ARE cleared once it was set");
    }
    m->gicd_ctlr = now;
    m->gicd_rwp_until = m->now + m->cfg.rwp_ns;
}

static uint32_t ctlr_read(const struct model *m)
{
    uint32_t ds = m->cfg.two_security_states ? 0 : BIT(6);
    return m->gicd_ctlr | ds | (m->now < m->gicd_rwp_until ? CTLR_RWP : 0);
}

static uint32_t typer(const struct model *m)
{
    uint32_t v = m->cfg.nr_spis / 32;
    v |= m->cfg.two_security_states ? BIT(10) : 0;
    v |= m->cfg.num_lpis << 11;
    v |= m->cfg.no_lpis ? 0 : BIT(17);
    v |= (m->cfg.id_bits - 1) << 19;
    return v | BIT(24); /* A3V */
}

/* IROUTER<n>, 64 bits each, from INTID 32. */
static bool router(struct model *m, uint64_t offset, unsigned width, const uint64_t *write,
                   uint64_t *read)
{
    uint64_t n = (offset - 0x6000) / 8;
    if (offset < 0x6100 || n - 32 >= m->cfg.nr_spis) {
        return false;
    }
    struct irq *i = &m->spi[n - 32];
    uint64_t reg = i->affinity | (i->any_cpu ? BIT(31) : 0);
    if (write != NULL) {
        reg = mmio_merge(reg, offset, width, *write);
        i->affinity = reg & 0xff00ffffffull;
        i->any_cpu = (reg & BIT(31)) != 0;
    }
    *read = mmio_part(reg, offset, width);
    return true;
}

uint64_t gicd_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    uint64_t value;
    (void)device;
    if (router(m, offset, width, NULL, &value)) {
        return value;
    }
    if (width != 4) {
        mmio_bad(m, "GICD", offset, width, false);
        return 0;
    }
    switch (offset) {
    case 0x0:
        return ctlr_read(m);
    case 0x4:
        return typer(m);
    case 0x8:
        return 0x43b;
    case 0xffe8:
        return 0x3b; /* PIDR2: ArchRev 3 */
    default:
        return irq_bank_read(m, m->spi, 32, m->cfg.nr_spis, offset, &value) ? value : 0;
    }
}

void gicd_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value)
{
    uint64_t ignored;
    (void)device;
    if (router(m, offset, width, &value, &ignored)) {
        return;
    }
    if (width != 4) {
        mmio_bad(m, "GICD", offset, width, true);
    } else if (offset == 0) {
        ctlr_write(m, (uint32_t)value);
    } else if (irq_bank_write(m, m->spi, 32, m->cfg.nr_spis, offset, value)) {
        if (offset >= 0x180 && offset < 0x200) {
            m->gicd_rwp_until = m->now + m->cfg.rwp_ns; /* ICENABLER */
        }
    } else {
        breach(m, "", "IHI0069 12.8", "write to GICD offset %#llx, which has no register",
               (unsigned long long)offset);
    }
}
