/* SPDX-License-Identifier: MIT */
/* A small GICv3 behind a port of its own. */
#include "fake_gic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME 0x10000u

static void violate(struct fake_gic *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void violate(struct fake_gic *g, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(g->violation, sizeof(g->violation), format, args);
    va_end(args);
    g->violations++;
    fprintf(stderr, "fake GIC: %s\n", g->violation);
}

static uint32_t pack(uint64_t mpidr)
{
    return (uint32_t)(mpidr & 0xFFFFFF) | (uint32_t)(mpidr >> 32 & 0xFF) << 24;
}

struct fake_rd *fake_gic_rd_of(struct fake_gic *g, uint32_t cpu)
{
    for (uint32_t i = 0; i < g->nr_rd; i++) {
        if ((uint32_t)(g->rd[i].typer >> 32) == pack(g->cpu[cpu].mpidr)) {
            return &g->rd[i];
        }
    }
    return NULL;
}

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

static uint32_t nr_intids(const struct fake_gic *g)
{
    uint32_t n = 32 * (g->it_lines + 1);

    return n > 1020 ? 1020 : n;
}

static bool implemented(const struct fake_gic *g, uint32_t intid)
{
    return intid >= 32 && intid < nr_intids(g) && (g->missing == 0 || intid != g->missing);
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
        violate(g, "ARE set while groups are enabled");
    }
    if ((g->ctlr & ~next & are) != 0) {
        violate(g, "ARE cleared");
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
            violate(g, "trigger of enabled SPI %u changed", intid);
        }
    }
    g->icfgr[n] = next;
}

static void gicd_write32(struct fake_gic *g, uint32_t offset, uint32_t v)
{
    if (offset == 0) {
        ctlr_write(g, v);
    } else if (offset >= 0x80 && offset < 0x400) {
        uint32_t word = (offset & 0x7F) / 4;
        if (word == 0) {
            violate(g, "write of a banked GICD register %x with affinity routing", offset);
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
        violate(g, "write of GICD %x", offset);
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

static uint32_t gicd_read32(struct fake_gic *g, uint32_t offset)
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
    violate(g, "read of GICD %x", offset);
    return 0;
}

static void irouter_write(struct fake_gic *g, uint32_t offset, uint64_t v)
{
    uint32_t intid = (offset - 0x6000) / 8;

    if (offset < 0x6000 || offset >= 0x8000 || !implemented(g, intid)) {
        if (g->missing == 0 || intid != g->missing) {
            violate(g, "64-bit write of GICD %x", offset);
        }
        return;
    }
    if (fake_gic_enabled(g, intid) && g->irouter[intid] != v) {
        violate(g, "route of enabled SPI %u changed", intid);
    }
    if (g->rwp_reads != 0 && g->irouter[intid] != v && g->ctlr >> 1 & 1) {
        violate(g, "route of SPI %u changed before RWP was 0", intid);
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
        violate(g, "ProcessorSleep cleared before ChildrenAsleep is 1");
    }
    for (uint32_t i = 0; i < FAKE_CPUS && !now && next; i++) {
        if (fake_gic_rd_of(g, i) == r && g->cpu[i].igrpen1 != 0) {
            violate(g, "ProcessorSleep set while a group is enabled");
        }
    }
    r->waker = (r->waker & ~2u) | (v & 2);
}

static void rd_write32(struct fake_gic *g, struct fake_rd *r, uint32_t offset, uint32_t v)
{
    if (offset == 0x14) {
        waker_write(g, r, v);
    } else if (offset >= FRAME + 0x400 && offset < FRAME + 0x420) {
        priority_write(g, &r->priority[offset - FRAME - 0x400], v);
    } else if (offset == FRAME + 0xC04) {
        uint32_t next = g->ppi_trigger_fixed ? r->icfgr1 : v & 0xAAAAAAAAu;
        for (uint32_t i = 0; i < 16; i++) {
            if (((next ^ r->icfgr1) & 2u << (2 * i)) != 0 && (r->local.enabled >> (16 + i) & 1)) {
                violate(g, "trigger of enabled PPI %u changed", 16 + i);
            }
        }
        r->icfgr1 = next;
    } else if (offset < FRAME || !word_write(g, &r->local, offset - FRAME, v, UINT32_MAX) ||
               ((offset - FRAME) & 0x7F) != 0) {
        violate(g, "write of GICR %x", offset);
    }
    if (offset == FRAME + 0x180) {
        r->rwp_reads = r->rwp;
    }
}

static uint32_t rd_read32(struct fake_gic *g, struct fake_rd *r, uint32_t offset)
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
    if (offset >= FRAME + 0x400 && offset < FRAME + 0x420) {
        return priority_read(&r->priority[offset - FRAME - 0x400]);
    }
    if (offset == FRAME + 0xC04) {
        return r->icfgr1;
    }
    if (offset < FRAME || !word_read(&r->local, offset - FRAME, &v)) {
        violate(g, "read of GICR %x", offset);
    }
    return v;
}

/* ---- which frame an address is in ---- */

static bool in_gicd(const struct fake_gic *g, const volatile void *addr, uint32_t *out_offset)
{
    uintptr_t a = (uintptr_t)addr, b = (uintptr_t)g->gicd;

    *out_offset = (uint32_t)(a - b);
    return a >= b && a < b + FRAME;
}

static struct fake_rd *in_rd(struct fake_gic *g, const volatile void *addr, uint32_t *out_offset)
{
    uintptr_t a = (uintptr_t)addr;

    for (uint32_t i = 0; i < g->nr_rd; i++) {
        uintptr_t b = (uintptr_t)g->rd[i].frame;
        if (a >= b && a < b + 2 * FRAME) {
            *out_offset = (uint32_t)(a - b);
            return &g->rd[i];
        }
    }
    return NULL;
}

/* Memory of a region that is no redistributor reads 0. */
static bool in_region(struct fake_gic *g, const volatile void *addr)
{
    uintptr_t a = (uintptr_t)addr;

    for (uint32_t i = 0; i < g->nr_regions; i++) {
        uintptr_t b = (uintptr_t)g->region[i].base;
        if (a >= b && a < b + g->region[i].size) {
            return true;
        }
    }
    violate(g, "access outside of every region");
    return false;
}

static uint32_t mmio_read32(void *ctx, const volatile void *addr)
{
    struct fake_gic *g = ctx;
    uint32_t offset;
    struct fake_rd *r;

    if (in_gicd(g, addr, &offset)) {
        return gicd_read32(g, offset);
    }
    r = in_rd(g, addr, &offset);
    if (r != NULL) {
        return rd_read32(g, r, offset);
    }
    (void)in_region(g, addr);
    return 0;
}

static void mmio_write32(void *ctx, volatile void *addr, uint32_t v)
{
    struct fake_gic *g = ctx;
    uint32_t offset;
    struct fake_rd *r;

    if (in_gicd(g, addr, &offset)) {
        gicd_write32(g, offset, v);
        return;
    }
    r = in_rd(g, addr, &offset);
    if (r != NULL) {
        rd_write32(g, r, offset, v);
    } else {
        violate(g, "write of what is no frame");
    }
}

static uint64_t mmio_read64(void *ctx, const volatile void *addr)
{
    struct fake_gic *g = ctx;
    uint32_t offset;
    struct fake_rd *r;

    if (in_gicd(g, addr, &offset)) {
        return offset >= 0x6000 && offset < 0x8000 ? g->irouter[(offset - 0x6000) / 8] : 0;
    }
    r = in_rd(g, addr, &offset);
    if (r != NULL && offset == 8) {
        return r->typer;
    }
    violate(g, "64-bit read");
    return 0;
}

static void mmio_write64(void *ctx, volatile void *addr, uint64_t v)
{
    struct fake_gic *g = ctx;
    uint32_t offset;

    if (in_gicd(g, addr, &offset)) {
        irouter_write(g, offset, v);
    } else {
        violate(g, "64-bit write");
    }
}

/* ---- CPU interface ---- */

static bool deliverable(const struct fake_gic *g, const struct fake_cpu *c, uint8_t priority)
{
    bool group = (g->ctlr & 2) != 0 && c->igrpen1 != 0;

    return group && priority < c->pmr && c->nr_running == 0; /* one priority: nothing preempts */
}

/* The highest-priority pending one for a CPU; here: the lowest INTID. 1023: none. */
static uint32_t pick(struct fake_gic *g, uint32_t cpu)
{
    struct fake_cpu *c = &g->cpu[cpu];
    struct fake_rd *r = fake_gic_rd_of(g, cpu);

    for (uint32_t i = 0; r != NULL && i < 32; i++) {
        uint32_t bit = 1u << i;
        bool pending = ((r->local.pending | r->line) & bit) != 0 && (r->local.active & bit) == 0;
        if (pending && (r->local.enabled & bit) && deliverable(g, c, r->priority[i])) {
            return i;
        }
    }
    for (uint32_t i = 32; i < nr_intids(g); i++) {
        bool pending = (fake_gic_pending(g, i) || g->line[i]) && !fake_gic_active(g, i);
        if (pending && fake_gic_enabled(g, i) && g->irouter[i] == (c->mpidr & 0xFF00FFFFFF) &&
            deliverable(g, c, g->priority[i])) {
            return i;
        }
    }
    return c->lpi != 0 && deliverable(g, c, 0xA0) ? c->lpi : 1023;
}

static struct fake_bits *bits_of(struct fake_gic *g, uint32_t cpu, uint32_t intid)
{
    return intid < 32 ? &fake_gic_rd_of(g, cpu)->local : &g->bits[intid / 32];
}

static uint32_t acknowledge(struct fake_gic *g)
{
    struct fake_cpu *c = &g->cpu[g->self];
    uint32_t intid = pick(g, g->self);

    if (intid == 1023) {
        return intid;
    }
    if (intid < 1020) {
        bits_of(g, g->self, intid)->pending &= ~(1u << intid % 32);
        bits_of(g, g->self, intid)->active |= 1u << intid % 32;
    } else {
        c->lpi = 0;
    }
    c->running[c->nr_running++] = intid;
    return intid;
}

static void end(struct fake_gic *g, uint32_t intid)
{
    struct fake_cpu *c = &g->cpu[g->self];

    if (c->nr_running == 0 || c->running[c->nr_running - 1] != intid) {
        violate(g, "ICC_EOIR1_EL1 %u does not match the last acknowledge", intid);
        return;
    }
    c->nr_running--;
    if (intid < 1020) {
        bits_of(g, g->self, intid)->active &= ~(1u << intid % 32);
    }
}

static void send(struct fake_gic *g, uint64_t v)
{
    uint32_t sgi = (uint32_t)(v >> 24 & 0xF), rs = (uint32_t)(v >> 44 & 0xF);
    uint64_t cluster = (v >> 48 & 0xFF) << 32 | (v >> 32 & 0xFF) << 16 | (v >> 16 & 0xFF) << 8;

    g->last_sgi1r = v;
    if (rs != 0 && !(g->gicd_rss && g->icc_rss)) {
        violate(g, "ICC_SGI1R_EL1.RS without RSS");
    }
    for (uint32_t i = 0; i < FAKE_CPUS; i++) {
        uint64_t aff = g->cpu[i].mpidr & 0xFF00FFFFFF;
        bool listed = (v >> (aff & 0xF) & 1) != 0 && (aff >> 4 & 0xF) == rs;
        if ((aff & ~0xFFull) == cluster && listed && fake_gic_rd_of(g, i) != NULL) {
            fake_gic_rd_of(g, i)->local.pending |= 1u << sgi;
        }
    }
}

static void need_sre(struct fake_gic *g)
{
    if ((g->cpu[g->self].sre & 1) == 0) {
        violate(g, "ICC register without ICC_SRE_EL1.SRE");
    }
}

static bool apr_exists(const struct fake_gic *g, uint32_t n)
{
    return n == 0 || (n == 1 && g->priority_bits >= 6) || g->priority_bits >= 7;
}

static uint64_t sysreg_read(void *ctx, uint32_t reg)
{
    struct fake_gic *g = ctx;
    struct fake_cpu *c = &g->cpu[g->self];

    if (reg == UMSI_SYSREG(3, 0, 0, 0, 5)) {
        return c->mpidr;
    }
    if (reg == UMSI_SYSREG(3, 0, 12, 12, 5)) {
        return c->sre;
    }
    need_sre(g);
    switch (reg) {
    case UMSI_SYSREG(3, 0, 4, 6, 0):
        return c->pmr;
    case UMSI_SYSREG(3, 0, 12, 11, 3): /* RPR */
        return c->nr_running != 0 ? 0xA0 : 0xFF;
    case UMSI_SYSREG(3, 0, 12, 12, 0):
        return acknowledge(g);
    case UMSI_SYSREG(3, 0, 12, 12, 3):
        return c->bpr;
    case UMSI_SYSREG(3, 0, 12, 12, 4):
        return c->ctlr | (uint64_t)(g->priority_bits - 1) << 8 | (g->a3v ? 1u << 15 : 0) |
               (g->icc_rss ? 1u << 18 : 0);
    case UMSI_SYSREG(3, 0, 12, 12, 7):
        return c->igrpen1;
    default:
        violate(g, "read of system register %x", reg);
        return 0;
    }
}

static void sysreg_write(void *ctx, uint32_t reg, uint64_t v)
{
    struct fake_gic *g = ctx;
    struct fake_cpu *c = &g->cpu[g->self];
    uint32_t n = reg & 7;

    if (reg == UMSI_SYSREG(3, 0, 12, 12, 5)) {
        c->sre = g->sre_fixed_off ? c->sre : v & 7;
        return;
    }
    need_sre(g);
    switch (reg) {
    case UMSI_SYSREG(3, 0, 4, 6, 0):
        c->pmr = g->pmr_secure ? 0 : v & (0xFFu << (8 - g->priority_bits)) & 0xFF;
        break;
    case UMSI_SYSREG(3, 0, 12, 9, 0):
    case UMSI_SYSREG(3, 0, 12, 9, 1):
    case UMSI_SYSREG(3, 0, 12, 9, 2):
    case UMSI_SYSREG(3, 0, 12, 9, 3):
        if (!apr_exists(g, n)) {
            violate(g, "ICC_AP1R%u_EL1 is UNDEFINED here", n);
        }
        c->apr[n] = v;
        break;
    case UMSI_SYSREG(3, 0, 12, 11, 5):
        send(g, v);
        break;
    case UMSI_SYSREG(3, 0, 12, 12, 1):
        end(g, (uint32_t)v);
        break;
    case UMSI_SYSREG(3, 0, 12, 12, 3):
        c->bpr = v;
        break;
    case UMSI_SYSREG(3, 0, 12, 12, 4):
        c->ctlr = v & 0x43;
        break;
    case UMSI_SYSREG(3, 0, 12, 12, 7):
        c->igrpen1 = v & 1;
        break;
    default:
        violate(g, "write of system register %x", reg);
    }
}

/* ---- the rest of the port ---- */

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    struct fake_gic *g = ctx;

    if (g->no_alloc) {
        violate(g, "allocation where none is allowed");
    }
    if (g->locks_held != 0) {
        violate(g, "allocation with a lock held");
    }
    if (g->fail_alloc_at != 0 && --g->fail_alloc_at == 0) {
        return NULL;
    }
    g->allocs_live++;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void port_free(void *ctx, void *p, size_t size)
{
    struct fake_gic *g = ctx;

    (void)size;
    g->allocs_live--;
    free(p);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    (void)want;
    (void)out;
    return false;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    (void)mem;
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    (void)ctx;
    memset(l, 0, sizeof(*l));
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    struct fake_gic *g = ctx;

    if (l->word[0] != 0) {
        violate(g, "deadlock");
    }
    l->word[0] = 1;
    g->locks_held++;
    return 0;
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    struct fake_gic *g = ctx;

    (void)s;
    l->word[0] = 0;
    g->locks_held--;
}

static umsi_cpu port_cpu_self(void *ctx)
{
    return ((struct fake_gic *)ctx)->self;
}

static uint64_t port_time_us(void *ctx)
{
    return ((struct fake_gic *)ctx)->now;
}

static void port_relax(void *ctx)
{
    struct fake_gic *g = ctx;

    if (g->locks_held != 0) {
        violate(g, "wait with a lock held");
    }
    g->now += 1000;
}

static void port_log(void *ctx, enum umsi_log_level level, const char *line)
{
    struct fake_gic *g = ctx;

    (void)level;
    g->lines_logged++;
    snprintf(g->log, sizeof(g->log), "%s", line);
}

/* ---- building ---- */

void fake_gic_init(struct fake_gic *g)
{
    memset(g, 0, sizeof(*g));
    g->port = (struct umsi_port){
        .size = sizeof(g->port),
        .nr_cpus = FAKE_CPUS,
        .ctx = g,
        .alloc = port_alloc,
        .free = port_free,
        .dma_alloc = port_dma_alloc,
        .dma_free = port_dma_free,
        .lock_init = port_lock_init,
        .lock = port_lock,
        .unlock = port_unlock,
        .cpu_self = port_cpu_self,
        .time_us = port_time_us,
        .relax = port_relax,
        .log = port_log,
        .mmio_read32 = mmio_read32,
        .mmio_write32 = mmio_write32,
        .mmio_read64 = mmio_read64,
        .mmio_write64 = mmio_write64,
        .sysreg_read = sysreg_read,
        .sysreg_write = sysreg_write,
    };
    g->it_lines = 8;
    g->arch_rev = 3;
    g->priority_bits = 5;
    g->gicd = aligned_alloc(FRAME, FRAME);
    for (uint32_t i = 0; i < FAKE_CPUS; i++) {
        g->cpu[i].mpidr = 1u << 31 | i;
        g->cpu[i].apr[0] = 0x10; /* a former owner left a priority active */
        g->cpu[i].ctlr = 0x3;    /* and EOImode and CBPR set */
    }
}

void fake_gic_free(struct fake_gic *g)
{
    free(g->gicd);
    for (uint32_t i = 0; i < g->nr_regions; i++) {
        free(g->region[i].base);
    }
}

struct umsi_gicv3_region fake_gic_region(struct fake_gic *g, size_t size)
{
    uint32_t n = g->nr_regions++;

    g->region[n].base = aligned_alloc(FRAME, (size + FRAME - 1) / FRAME * FRAME);
    g->region[n].size = size;
    return (struct umsi_gicv3_region){ .base = g->region[n].base,
                                       .phys = 0x80A0000 + 0x1000000ull * n,
                                       .size = size };
}

struct fake_rd *fake_gic_redist(struct fake_gic *g, const struct umsi_gicv3_region *r,
                                size_t offset, uint32_t affinity, uint64_t typer_bits)
{
    struct fake_rd *rd = &g->rd[g->nr_rd++];

    memset(rd, 0, sizeof(*rd));
    rd->frame = (uint8_t *)(uintptr_t)r->base + offset;
    rd->typer = (uint64_t)affinity << 32 | typer_bits;
    rd->waker = g->two_states ? 0 : 6;
    rd->present = true;
    rd->local.enabled = 0xFFFF; /* firmware left SGIs on */
    rd->local.active = 0x20;
    return rd;
}

struct umsi_gicv3_region fake_gic_simple(struct fake_gic *g, uint32_t n)
{
    struct umsi_gicv3_region r = fake_gic_region(g, (size_t)n * 2 * FRAME);

    for (uint32_t i = 0; i < n; i++) {
        (void)fake_gic_redist(g, &r, (size_t)i * 2 * FRAME, i, i + 1 == n ? 1u << 4 : 0);
    }
    return r;
}

bool fake_gic_enabled(const struct fake_gic *g, uint32_t spi)
{
    return (g->bits[spi / 32].enabled >> spi % 32 & 1) != 0;
}

bool fake_gic_pending(const struct fake_gic *g, uint32_t spi)
{
    return (g->bits[spi / 32].pending >> spi % 32 & 1) != 0;
}

bool fake_gic_active(const struct fake_gic *g, uint32_t spi)
{
    return (g->bits[spi / 32].active >> spi % 32 & 1) != 0;
}

void fake_gic_pulse(struct fake_gic *g, uint32_t spi)
{
    g->bits[spi / 32].pending |= 1u << spi % 32;
}
