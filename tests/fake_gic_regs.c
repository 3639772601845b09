/* SPDX-License-Identifier: MIT */
/* The registers of the fake GIC's distributor and redistributors, with their side effects. IHI0069 12.9 to 12.11. */
#include "fake_gic_int.h"

/* ---- registers that distributor and redistributors share: offsets as in the distributor ---- */

static bool word_write(struct fake_gic *g, struct fake_bits *b, uint32_t offset, uint32_t v,
                       uint32_t implemented)
{
    v &= implemented;
    switch (offset & ~0x7Fu) {
    case 0x080:
        b->group = g->two_states && !g->group_writable ? 0 : v;
        return true;
    case 0x100:
        b->enabled |= v;
        return true;
    case 0x180:
        b->enabled &= ~v;
        return true;
    case 0x200:
        b->pending |= v;
        return true;
    case 0x280:
        b->pending &= ~v;
        return true;
    case 0x300:
        b->active |= v;
        return true;
    case 0x380:
        b->active &= ~v;
        return true;
    default:
        return false;
    }
}

static bool word_read(const struct fake_bits *b, uint32_t offset, uint32_t *out)
{
    switch (offset & ~0x7Fu) {
    case 0x080:
        *out = b->group;
        return true;
    case 0x100:
    case 0x180:
        *out = b->enabled;
        return true;
    case 0x200:
    case 0x280:
        *out = b->pending;
        return true;
    case 0x300:
    case 0x380:
        *out = b->active;
        return true;
    default:
        return false;
    }
}

static void priority_write(const struct fake_gic *g, uint8_t *four, uint32_t v)
{
    for (uint32_t i = 0; i < 4; i++) {
        four[i] = (uint8_t)(v >> (8 * i) & (0xFFu << (8 - g->priority_bits)));
    }
}

static uint32_t priority_read(const uint8_t *four)
{
    return four[0] | (uint32_t)four[1] << 8 | (uint32_t)four[2] << 16 | (uint32_t)four[3] << 24;
}

/* ---- distributor ---- */

uint32_t fake_gic_intids(const struct fake_gic *g)
{
    uint32_t n = 32 * (g->it_lines + 1);

    return n > 1020 ? 1020 : n;
}

static bool implemented(const struct fake_gic *g, uint32_t intid)
{
    return intid >= 32 && intid < fake_gic_intids(g) && (g->missing == 0 || intid != g->missing);
}

static uint32_t implemented_word(const struct fake_gic *g, uint32_t word)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < 32; i++) {
        bits |= implemented(g, word * 32 + i) ? 1u << i : 0;
    }
    return bits;
}

static void ctlr_write(struct fake_gic *g, uint32_t v)
{
    uint32_t writable = (g->two_states ? 0x13u : 0x93u) & ~(g->are_fixed_off ? 0x10u : 0u);
    uint32_t enables = 0x3u, are = 1u << 4;
    uint32_t next = (g->ctlr & ~writable) | (v & writable);

    if ((~g->ctlr & next & are) != 0 && (g->ctlr & enables) != 0) {
        fake_gic_violate(g, "ARE set while groups are enabled");
    }
    if ((g->ctlr & ~next & are) != 0) {
        fake_gic_violate(g, "ARE cleared");
    }
    if ((g->ctlr & ~next & enables) != 0 || ((g->ctlr ^ next) & are) != 0) {
        g->rwp_reads = g->rwp;
    }
    g->ctlr = next;
}

static void icfgr_write(struct fake_gic *g, uint32_t n, uint32_t v)
{
    uint32_t next = v & 0xAAAAAAAAu;

    for (uint32_t i = 0; i < 16; i++) {
        uint32_t intid = n * 16 + i, bit = 2u << (2 * i);
        if (!implemented(g, intid) || (g->edge_fixed != 0 && intid == g->edge_fixed)) {
            next &= ~bit;
        }
        if (((next ^ g->icfgr[n]) & bit) != 0 && fake_gic_enabled(g, intid)) {
            fake_gic_violate(g, "trigger of enabled SPI %u changed", intid);
        }
    }
    g->icfgr[n] = next;
}

void fake_gicd_write32(struct fake_gic *g, uint32_t offset, uint32_t v)
{
    if (offset == 0) {
        ctlr_write(g, v);
    } else if (offset >= 0x80 && offset < 0x400) {
        uint32_t word = (offset & 0x7F) / 4;
        if (word == 0) {
            fake_gic_violate(g, "write of a banked GICD register %x with affinity routing", offset);
        }
        (void)word_write(g, &g->bits[word], offset, v, implemented_word(g, word));
        if ((offset & ~0x7Fu) == 0x180) {
            g->rwp_reads = g->rwp;
        }
    } else if (offset >= 0x420 && offset < 0x800) {
        uint32_t intid = offset - 0x400;
        priority_write(g, &g->priority[intid], v);
        for (uint32_t i = 0; i < 4; i++) {
            g->priority[intid + i] = implemented(g, intid + i) ? g->priority[intid + i] : 0;
        }
    } else if (offset >= 0xC08 && offset < 0xD00) {
        icfgr_write(g, (offset - 0xC00) / 4, v);
    } else {
        fake_gic_violate(g, "write of GICD %x", offset);
    }
}

static uint32_t gicd_ctlr_read(struct fake_gic *g)
{
    uint32_t v = g->ctlr | (g->two_states || g->secure_view ? 0 : 1u << 6);

    if (g->rwp_reads != 0) {
        g->rwp_reads -= g->rwp_reads != FAKE_NEVER;
        v |= 1u << 31;
    }
    return v;
}

uint32_t fake_gicd_read32(struct fake_gic *g, uint32_t offset)
{
    uint32_t v = 0;

    if (offset == 0) {
        return gicd_ctlr_read(g);
    }
    if (offset == 4) {
        return g->it_lines | (g->a3v ? 1u << 24 : 0) | (g->gicd_rss ? 1u << 26 : 0);
    }
    if (offset == 0xFFE8) {
        return g->arch_rev << 4;
    }
    if (offset >= 0x80 && offset < 0x400 && word_read(&g->bits[(offset & 0x7F) / 4], offset, &v)) {
        return v;
    }
    if (offset >= 0x400 && offset < 0x800) {
        return priority_read(&g->priority[offset - 0x400]);
    }
    if (offset >= 0xC00 && offset < 0xD00) {
        return g->icfgr[(offset - 0xC00) / 4];
    }
    fake_gic_violate(g, "read of GICD %x", offset);
    return 0;
}

void fake_gicd_route(struct fake_gic *g, uint32_t offset, uint64_t v)
{
    uint32_t intid = (offset - 0x6000) / 8;

    if (offset < 0x6000 || offset >= 0x8000 || !implemented(g, intid)) {
        if (g->missing == 0 || intid != g->missing) {
            fake_gic_violate(g, "64-bit write of GICD %x", offset);
        }
        return;
    }
    if (fake_gic_enabled(g, intid) && g->irouter[intid] != v) {
        fake_gic_violate(g, "route of enabled SPI %u changed", intid);
    }
    if (g->rwp_reads != 0 && g->irouter[intid] != v && g->ctlr >> 1 & 1) {
        fake_gic_violate(g, "route of SPI %u changed before RWP was 0", intid);
    }
    g->irouter[intid] = v;
}

/* ---- redistributors ---- */

static uint32_t rd_ctlr_read(struct fake_rd *r)
{
    if (r->rwp_reads == 0) {
        return 0;
    }
    r->rwp_reads -= r->rwp_reads != FAKE_NEVER;
    return 1u << 3;
}

static uint32_t waker_read(struct fake_gic *g, struct fake_rd *r)
{
    bool asleep = (r->waker & 2) != 0;
    uint32_t *delay = asleep ? &r->asleep_in : &r->awake_in;

    if (g->two_states) {
        return 0;
    }
    if (*delay == 0) {
        r->waker = asleep ? r->waker | 4 : r->waker & ~4u;
    } else if (*delay != FAKE_NEVER) {
        --*delay;
    }
    return r->waker;
}

static void waker_write(struct fake_gic *g, struct fake_rd *r, uint32_t v)
{
    bool now = (r->waker & 2) != 0, next = (v & 2) != 0;

    if (g->two_states) {
        return;
    }
    if (now && !next && (r->waker & 4) == 0) {
        fake_gic_violate(g, "ProcessorSleep cleared before ChildrenAsleep is 1");
    }
    for (uint32_t i = 0; i < FAKE_CPUS && !now && next; i++) {
        if (fake_gic_rd_of(g, i) == r && g->cpu[i].igrpen1 != 0) {
            fake_gic_violate(g, "ProcessorSleep set while a group is enabled");
        }
    }
    r->waker = (r->waker & ~2u) | (v & 2);
}

void fake_rd_write32(struct fake_gic *g, struct fake_rd *r, uint32_t offset, uint32_t v)
{
    if (offset == 0x14) {
        waker_write(g, r, v);
    } else if (offset >= FAKE_FRAME + 0x400 && offset < FAKE_FRAME + 0x420) {
        priority_write(g, &r->priority[offset - FAKE_FRAME - 0x400], v);
    } else if (offset == FAKE_FRAME + 0xC04) {
        uint32_t next = g->ppi_trigger_fixed ? r->icfgr1 : v & 0xAAAAAAAAu;
        for (uint32_t i = 0; i < 16; i++) {
            if (((next ^ r->icfgr1) & 2u << (2 * i)) != 0 && (r->local.enabled >> (16 + i) & 1)) {
                fake_gic_violate(g, "trigger of enabled PPI %u changed", 16 + i);
            }
        }
        r->icfgr1 = next;
    } else if (offset < FAKE_FRAME ||
               !word_write(g, &r->local, offset - FAKE_FRAME, v, UINT32_MAX) ||
               ((offset - FAKE_FRAME) & 0x7F) != 0) {
        fake_gic_violate(g, "write of GICR %x", offset);
    }
    if (offset == FAKE_FRAME + 0x180) {
        r->rwp_reads = r->rwp;
    }
}

uint32_t fake_rd_read32(struct fake_gic *g, struct fake_rd *r, uint32_t offset)
{
    uint32_t v = 0;

    if (offset == 0) {
        return rd_ctlr_read(r);
    }
    if (offset == 0x14) {
        return waker_read(g, r);
    }
    if (offset == 0xFFE8) {
        return r->present ? g->arch_rev << 4 : 0;
    }
    if (offset >= FAKE_FRAME + 0x400 && offset < FAKE_FRAME + 0x420) {
        return priority_read(&r->priority[offset - FAKE_FRAME - 0x400]);
    }
    if (offset == FAKE_FRAME + 0xC04) {
        return r->icfgr1;
    }
    if (offset < FAKE_FRAME || !word_read(&r->local, offset - FAKE_FRAME, &v)) {
        fake_gic_violate(g, "read of GICR %x", offset);
    }
    return v;
}
