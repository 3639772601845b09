/* SPDX-License-Identifier: MIT */
/*
 * Redistributors: RD_base and SGI_base of each CPU, in one region of frames. IHI0069 12.10, 12.11.
 * Frames follow Processor_Number, which by default is not the CPU's index.
 */
#include "machine.h"

#define BIT(n)     ((uint64_t)1 << (n))
#define FRAME      0x10000ull
#define ENABLE_LPI BIT(0)
#define CTLR_CES   BIT(1)
#define CTLR_IR    BIT(2)
#define CTLR_RWP   BIT(3)

/* PROPBASER: OuterCache 58:56, address 51:12, shareability 11:10, InnerCache 9:7, IDbits 4:0. */
#define PROP_USED (PROP_ADDR | SHARE | 0x1f)
#define PROP_ADDR (BIT(52) - BIT(12))
/* PENDBASER: PTZ 62, OuterCache, address 51:16, shareability, InnerCache. */
#define PEND_USED (BIT(62) | PEND_ADDR | SHARE)
#define PEND_ADDR (BIT(52) - BIT(16))
#define SHARE     ((7 * BIT(56)) | (3 * BIT(10)) | (7 * BIT(7)))

uint64_t gicr_stride(const struct model *m)
{
    return m->cfg.gicv4_frames ? 4 * FRAME : 2 * FRAME;
}

uint64_t gicr_phys(const struct model *m, const struct cpu *c)
{
    return GICR_PHYS + c->frame * gicr_stride(m);
}

bool gicr_awake(const struct model *m, const struct cpu *c)
{
    return !c->sleep && m->now >= c->awake_at;
}

bool gicr_lpis_on(const struct cpu *c)
{
    return (c->gicr_ctlr & ENABLE_LPI) != 0;
}

/* EnableLPIs was cleared, and the redistributor may still write its tables. */
bool gicr_busy(const struct model *m, const struct cpu *c)
{
    return m->now < c->lpis_off_at;
}

uint64_t gicr_intid_limit(const struct model *m, const struct cpu *c)
{
    uint32_t bits = (uint32_t)(c->propbaser & 0x1f) + 1;
    uint64_t limit = BIT(bits < m->cfg.id_bits ? bits : m->cfg.id_bits);
    uint64_t few = MODEL_LPI_BASE + BIT(m->cfg.num_lpis + 1);
    return m->cfg.num_lpis != 0 && few < limit ? few : limit;
}

void gicr_reset(struct model *m, struct cpu *c)
{
    for (uint32_t i = 0; i < 32; i++) {
        c->local[i] = (struct irq){ .edge = i < 16,
                                    .enabled = i < 16 && m->cfg.two_security_states,
                                    .group1 = m->cfg.two_security_states };
    }
    c->sleep = !m->cfg.two_security_states; /* firmware woke it, where WAKER is not ours */
}

/* ---- tables ---- */

static uint64_t prop_bytes(const struct model *m, const struct cpu *c)
{
    uint32_t bits = (uint32_t)(c->propbaser & 0x1f) + 1;
    bits = bits > m->cfg.id_bits ? m->cfg.id_bits : bits;
    return bits <= 13 ? 0 : BIT(bits) - MODEL_LPI_BASE;
}

static uint64_t pend_bytes(const struct model *m, const struct cpu *c)
{
    uint32_t bits = (uint32_t)(c->propbaser & 0x1f) + 1;
    return BIT(bits > m->cfg.id_bits ? m->cfg.id_bits : bits) / 8;
}

static bool overlaps(uint64_t a, uint64_t na, uint64_t b, uint64_t nb)
{
    return a < b + nb && b < a + na;
}

const char *gicr_holds(struct model *m, const struct cpu *c, uint64_t phys, uint64_t size)
{
    if (!gicr_lpis_on(c) && !gicr_busy(m, c)) {
        return NULL;
    }
    if (overlaps(c->propbaser & PROP_ADDR, prop_bytes(m, c), phys, size)) {
        return "LPI configuration table";
    }
    return overlaps(c->pendbaser & PEND_ADDR, pend_bytes(m, c), phys, size) ? "LPI pending table"
                                                                            : NULL;
}

static void base_write(struct model *m, struct cpu *c, uint64_t *reg, const char *name,
                       uint64_t value, uint64_t used)
{
    if (gicr_lpis_on(c) || gicr_busy(m, c)) {
        breach(m, "L32", "IHI0069 12.11", "%s of CPU %u written with EnableLPIs=%d RWP=%d", name,
               c->index, gicr_lpis_on(c), gicr_busy(m, c));
        return;
    }
    if ((value & ~used) != 0) {
        breach(m, "L32", "IHI0069 12.11", "%s: reserved bits %#llx are set (or a misaligned table)",
               name, (unsigned long long)(value & ~used));
    }
    *reg = value & used & (m->cfg.rd_not_shareable ? ~SHARE : UINT64_MAX);
}

/* One PROPBASER value for all that share it: GICR_TYPER.CommonLPIAff is 0 here, that is everybody. */
static void check_common(struct model *m, const struct cpu *c)
{
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        const struct cpu *o = &m->cpu[i];
        if (o != c && gicr_lpis_on(o) && o->propbaser != c->propbaser) {
            breach(m, "L32", "IHI0069 12.11 GICR_PROPBASER",
                   "CPU %u has %#llx, CPU %u %#llx: they must be the same", c->index,
                   (unsigned long long)c->propbaser, o->index, (unsigned long long)o->propbaser);
            return;
        }
    }
}

static void check_tables(struct model *m, const struct cpu *c)
{
    uint64_t prop = c->propbaser & PROP_ADDR, pend = c->pendbaser & PEND_ADDR;
    if ((c->propbaser & 0x1f) < 13) {
        breach(m, "L32", "IHI0069 12.11 GICR_PROPBASER", "IDbits %u: no LPI at all",
               (unsigned)(c->propbaser & 0x1f));
    } else if (!memory_valid(m, prop, prop_bytes(m, c))) {
        breach(m, "L21", "IHI0069 5.1.1", "configuration table of CPU %u is not all allocated",
               c->index);
    } else if (!memory_clean_at(m, prop, prop_bytes(m, c))) {
        breach(m, "L33", "IHI0069 5.1.1", "configuration table of CPU %u was not cleaned",
               c->index);
    }
    if (!memory_valid(m, pend, pend_bytes(m, c))) {
        breach(m, "L21", "IHI0069 5.1.2", "pending table of CPU %u is not all allocated", c->index);
    } else if ((c->pendbaser & BIT(62)) != 0 && !memory_zero_at(m, pend, pend_bytes(m, c))) {
        breach(m, "L21", "IHI0069 5.1.2", "pending table of CPU %u: PTZ is set, and it is not zero",
               c->index);
    }
    for (uint32_t i = 0; i < m->cfg.nr_cpus; i++) {
        const struct cpu *o = &m->cpu[i];
        if (o != c && gicr_lpis_on(o) &&
            overlaps(o->pendbaser & PEND_ADDR, pend_bytes(m, o), pend, pend_bytes(m, c))) {
            breach(m, "L21", "IHI0069 5.1.2", "CPUs %u and %u share a pending table", c->index, i);
        }
    }
}

static void ctlr_write(struct model *m, struct cpu *c, uint64_t value)
{
    bool on = (value & ENABLE_LPI) != 0 && !m->cfg.no_lpis;
    if (on == gicr_lpis_on(c) || (!on && m->cfg.lpis_stay_enabled)) {
        return;
    }
    if (on) {
        if (gicr_busy(m, c)) {
            breach(m, "L32", "IHI0069 12.11 GICR_CTLR", "EnableLPIs set while RWP is 1");
        }
        check_tables(m, c);
        check_common(m, c);
        c->gicr_ctlr |= (uint32_t)ENABLE_LPI;
        lpis_enable(m, c);
    } else {
        lpis_disable(m, c);
        c->gicr_ctlr &= ~(uint32_t)ENABLE_LPI;
        c->lpis_off_at = c->rwp_until = m->now + m->cfg.rwp_ns;
    }
}

static uint64_t ctlr_read(const struct model *m, const struct cpu *c)
{
    uint64_t v = c->gicr_ctlr & ENABLE_LPI;
    v |= m->cfg.lpis_stay_enabled ? 0 : CTLR_CES;
    v |= m->cfg.direct_lpi ? CTLR_IR : 0;
    return v | (m->now < c->rwp_until ? CTLR_RWP : 0);
}

static uint64_t typer(const struct model *m, const struct cpu *c)
{
    uint64_t v = m->cfg.no_lpis ? 0 : BIT(0);
    v |= m->cfg.gicv4_frames ? BIT(1) : 0;
    v |= m->cfg.direct_lpi ? BIT(3) : 0;
    v |= c->frame == m->cfg.nr_cpus - 1 ? BIT(4) : 0;
    v |= (uint64_t)c->frame << 8;
    uint64_t aff = (c->affinity & 0xffffff) | ((c->affinity >> 8) & 0xff000000);
    return v | (aff << 32);
}

/* ---- WAKER: RAZ/WI to Non-secure when there are two security states ---- */

static uint64_t waker_read(const struct model *m, const struct cpu *c)
{
    if (m->cfg.two_security_states) {
        return 0;
    }
    const bool changing = m->now < c->awake_at;
    return (c->sleep ? BIT(1) : 0) | (c->sleep != changing ? BIT(2) : 0);
}

static void waker_write(struct model *m, struct cpu *c, uint64_t value)
{
    bool sleep = (value & BIT(1)) != 0;
    if (m->cfg.two_security_states || sleep == c->sleep) {
        return;
    }
    if (m->now < c->awake_at) {
        breach(m, "", "IHI0069 12.11 GICR_WAKER", "changed while a change is under way");
    }
    if (sleep && c->icc.igrpen1 != 0) {
        breach(m, "", "IHI0069 12.11 GICR_WAKER",
               "ProcessorSleep set while CPU %u has its interface open", c->index);
    }
    c->sleep = sleep;
    c->awake_at = m->now + m->cfg.wake_ns;
}

/* ---- RD_base ---- */

/* 64-bit registers; false: none there. */
static bool read_wide(const struct model *m, const struct cpu *c, uint64_t offset, uint64_t *out)
{
    switch (offset & ~7ull) {
    case 0x8:
        *out = typer(m, c);
        return true;
    case 0x70:
        *out = c->propbaser;
        return true;
    case 0x78:
        *out = c->pendbaser & ~BIT(62); /* PTZ reads as 0 */
        return true;
    default:
        return false;
    }
}

static uint64_t rd_read(struct model *m, struct cpu *c, uint64_t offset, unsigned width)
{
    uint64_t wide;
    if (read_wide(m, c, offset, &wide)) {
        return mmio_part(wide, offset, width);
    }
    if (width != 4) {
        mmio_bad(m, "GICR", offset, width, false);
        return 0;
    }
    switch (offset) {
    case 0x0:
        return ctlr_read(m, c);
    case 0x4:
        return 0x43b;
    case 0x14:
        return waker_read(m, c);
    case 0xc0:
        return m->now < c->direct_until; /* SYNCR */
    case 0xffe8:
        return m->cfg.gicv4_frames ? 0x4b : 0x3b;
    default:
        return 0;
    }
}

/* SETLPIR, CLRLPIR, INVLPIR, INVALLR: with GICR_TYPER.DirectLPI, or the last two with CTLR.IR. */
static bool rd_direct(struct model *m, struct cpu *c, uint64_t offset, uint64_t value)
{
    uint32_t intid = (uint32_t)value;
    if (offset != 0x40 && offset != 0x48 && offset != 0xa0 && offset != 0xb0) {
        return false;
    }
    if (!m->cfg.direct_lpi || !gicr_lpis_on(c)) {
        breach(m, "L28", "IHI0069 12.11", "GICR offset %#llx written: DirectLPI=%d EnableLPIs=%d",
               (unsigned long long)offset, m->cfg.direct_lpi, gicr_lpis_on(c));
    } else if (offset == 0xb0) {
        lpi_invalidate_all(m, c);
    } else if (intid < MODEL_LPI_BASE || intid >= gicr_intid_limit(m, c)) {
        breach(m, "L24", "IHI0069 12.11", "LPI %u written to GICR offset %#llx: out of range",
               intid, (unsigned long long)offset);
    } else if (offset == 0xa0) {
        lpi_invalidate(m, c, intid);
    } else {
        lpi_set_pending(m, c, intid, offset == 0x40);
    }
    c->direct_until = m->now + m->cfg.rwp_ns;
    return true;
}

static void rd_write(struct model *m, struct cpu *c, uint64_t offset, unsigned width,
                     uint64_t value)
{
    uint64_t at = offset & ~7ull;
    if (at == 0x70) {
        base_write(m, c, &c->propbaser, "GICR_PROPBASER",
                   mmio_merge(c->propbaser, offset, width, value), PROP_USED);
    } else if (at == 0x78) {
        base_write(m, c, &c->pendbaser, "GICR_PENDBASER",
                   mmio_merge(c->pendbaser, offset, width, value), PEND_USED);
    } else if (rd_direct(m, c, offset, value)) {
        return;
    } else if (width != 4) {
        mmio_bad(m, "GICR", offset, width, true);
    } else if (offset == 0) {
        ctlr_write(m, c, value);
    } else if (offset == 0x14) {
        waker_write(m, c, value);
    } else {
        breach(m, "", "IHI0069 12.10", "write to GICR offset %#llx, which has no register",
               (unsigned long long)offset);
    }
}

static void sgi_write(struct model *m, struct cpu *c, uint64_t offset, unsigned width,
                      uint64_t value)
{
    if (width != 4) {
        mmio_bad(m, "SGI_base", offset, width, true);
    } else if (!irq_bank_write(m, c->local, 0, 32, offset, value)) {
        breach(m, "", "IHI0069 12.10", "write to SGI_base offset %#llx, which has no register",
               (unsigned long long)offset);
    } else if (offset >= 0x180 && offset < 0x200) {
        c->rwp_until = m->now + m->cfg.rwp_ns; /* ICENABLER0 */
    }
}

uint64_t gicr_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    (void)device;
    struct cpu *c = model_cpu_by_frame(m, offset / gicr_stride(m));
    uint64_t in = offset % gicr_stride(m), value = 0;
    if (in < FRAME) {
        return rd_read(m, c, in, width);
    }
    if (in < 2 * FRAME) {
        irq_bank_read(m, c->local, 0, 32, in - FRAME, &value);
    }
    return value;
}

void gicr_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value)
{
    (void)device;
    struct cpu *c = model_cpu_by_frame(m, offset / gicr_stride(m));
    uint64_t in = offset % gicr_stride(m);
    if (in < FRAME) {
        rd_write(m, c, in, width, value);
    } else if (in < 2 * FRAME) {
        sgi_write(m, c, in - FRAME, width, value);
    } else {
        breach(m, "", "IHI0069 12.10", "write to a virtual LPI frame");
    }
}
