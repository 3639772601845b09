/* SPDX-License-Identifier: MIT */
/*
 * An ITS: its registers, and the queue that is worked off as time passes. IHI0069 5.2.8 (command
 * interface), 12.18, 12.19.
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define BIT(n)      ((uint64_t)1 << (n))
#define BITS(h, l)  ((UINT64_MAX >> (63 - (h))) & (UINT64_MAX << (l)))
#define SLOT        32u
#define CTLR_ON     1u
#define QUEUE_SHARE (BITS(61, 59) | BITS(55, 53) | BITS(11, 10))
#define QUEUE_USED  (BIT(63) | QUEUE_SHARE | BITS(51, 12) | BITS(7, 0))
#define BASER_FIXED (BITS(58, 56) | BITS(52, 48))
#define OFFSET      BITS(19, 5)

/* ---- set-up ---- */

static uint64_t or_default(uint64_t value, uint64_t fallback)
{
    return value == 0 ? fallback : value == MODEL_AT_ONCE ? 0 : value;
}

static void fill_defaults(struct model_its_config *c)
{
    c->device_bits = (uint32_t)or_default(c->device_bits, 16);
    c->event_bits = (uint32_t)or_default(c->event_bits, 16);
    c->itt_entry_size = (uint32_t)or_default(c->itt_entry_size, 8);
    c->device_entry_size = (uint32_t)or_default(c->device_entry_size, 8);
    c->page_sizes = (uint32_t)or_default(c->page_sizes, 7);
    c->command_ns = or_default(c->command_ns, 200);
    c->quiesce_ns = or_default(c->quiesce_ns, 2000);
    if (c->device_baser == 0 && c->collection_baser == 0) {
        c->collection_baser = 1;
    }
}

/* What a boot loader may leave: running, with tables in memory the machine does not call its own. */
static void left_by_firmware(struct its *its)
{
    its->ctlr = CTLR_ON;
    its->cbaser = BIT(63) | 0x40000000;
    its->cwriter = its->creadr = 2 * SLOT;
    its->baser[its->cfg.device_baser] |= BIT(63) | 0x40100000;
}

bool its_init(struct model *m, uint32_t index)
{
    struct its *its = &m->its[index];
    its->m = m;
    its->index = index;
    its->cfg = m->cfg.its != NULL ? m->cfg.its[index] : (struct model_its_config){ 0 };
    fill_defaults(&its->cfg);
    its->phys = ITS_PHYS + index * ITS_SIZE;
    its->baser[its->cfg.device_baser] = BIT(56) | (uint64_t)(its->cfg.device_entry_size - 1) << 48;
    if (!its->cfg.no_collection_table) {
        its->baser[its->cfg.collection_baser] = (uint64_t)4 << 56 | (uint64_t)7 << 48;
    }
    its->waited = true;
    if (its->cfg.found_enabled) {
        left_by_firmware(its);
    }
    its->collection_events = calloc(65536, sizeof(*its->collection_events));
    its->collection_ready = calloc(65536, 1);
    its->va = mmio_open(m, &(struct window){ .size = ITS_SIZE,
                                             .name = "GITS",
                                             .device = its,
                                             .read = its_read,
                                             .write = its_write });
    return its->va != 0 && its->collection_events != NULL && its->collection_ready != NULL;
}

void its_exit(struct its *its)
{
    free(its->collection_events);
    free(its->collection_ready);
    free(its->held);
    free(its->stale);
    free(its->log);
}

/* ---- the queue ---- */

uint64_t its_queue_bytes(const struct its *its)
{
    return (its->cbaser & BIT(63)) == 0 ? 0 : ((its->cbaser & 0xff) + 1) * MODEL_PAGE;
}

bool its_quiet(const struct its *its)
{
    return (its->ctlr & CTLR_ON) == 0 && its->m->now >= its->quiet_at && !its->never_quiet;
}

bool its_has_work(const struct its *its)
{
    return (its->ctlr & CTLR_ON) != 0 && !its->stopped && !its->stalled && !its->cwriter_bad &&
           its->creadr != its->cwriter;
}

static void log_command(struct its *its, const uint64_t dw[4], bool executed)
{
    its->log = grow(its->log, its->nr_log, sizeof(*its->log));
    struct model_its_logged *l = &its->log[its->nr_log++];
    memcpy(l->dw, dw, sizeof(l->dw));
    l->time_ns = its->m->now;
    l->executed = executed;
}

static void stall(struct its *its, const uint64_t dw[4])
{
    its->stalled = true;
    its->stats.stalls++;
    log_command(its, dw, false);
}

/* Is this command to stall, as the test ordered? */
static bool ordered_to_stall(struct its *its, const struct model_command *c)
{
    if (its->stall_done) {
        return its->stall_slot == its->creadr; /* for good: Retry finds it again */
    }
    if (fail_now(its->m, MODEL_FAIL_COMMAND)) {
        return true;
    }
    if (its->stall_nth == 0 || (its->stall_opcode != 0 && its->stall_opcode != c->opcode) ||
        --its->stall_nth != 0) {
        return false;
    }
    its->stall_nth = its->stall_more != 0;
    its->stall_more -= its->stall_nth;
    its->stall_done = its->stall_for_good;
    its->stall_slot = its->creadr;
    return true;
}

static void check_reserved(struct its *its, const struct model_command *c)
{
    struct model *m = its->m;
    if (c->opcode == MODEL_MAPD && (c->reserved[2] & 0xff) != 0) {
        breach(m, "L21", "IHI0069 5.3 MAPD", "ITT address of device %#x is not 256-byte aligned",
               c->device);
    }
    for (unsigned i = 0; i < 4; i++) {
        uint64_t bad = c->reserved[i] & ~(c->opcode == MODEL_MAPD && i == 2 ? 0xffull : 0);
        if (bad != 0) {
            breach(m, "L31", "IHI0069 5.3", "%s: reserved bits %#llx of doubleword %u are set",
                   c->name, (unsigned long long)bad, i);
        }
    }
}

static bool fetch(struct its *its, uint64_t dw[4])
{
    struct model *m = its->m;
    uint64_t at = (its->cbaser & BITS(51, 12)) + its->creadr;
    const uint8_t *p = memory_at(m, at, SLOT);
    if (p == NULL) {
        breach(m, "L31", "IHI0069 12.19 GITS_CBASER", "command queue is not all allocated");
        memset(dw, 0, SLOT);
        return false;
    }
    if (!memory_clean_at(m, at, SLOT)) {
        breach(m, "L33", "IHI0069 5.2.8", "command slot at %#llx was not cleaned",
               (unsigned long long)its->creadr);
    }
    memcpy(dw, p, SLOT);
    return true;
}

static void consume(struct its *its)
{
    uint64_t dw[4];
    struct model_command c;
    if (fail_now(its->m, MODEL_FAIL_SILENCE)) {
        its->stopped = true;
        return;
    }
    bool there = fetch(its, dw);
    model_command_decode(dw, &c);
    if (!there || ordered_to_stall(its, &c)) {
        stall(its, dw);
        return;
    }
    check_reserved(its, &c);
    its_check_owed(its, &c);
    bool done = its_execute(its, &c);
    if (!done && !its->cfg.ignore_illegal) {
        stall(its, dw);
        return;
    }
    log_command(its, dw, done);
    its->stats.commands++;
    its->creadr = (its->creadr + SLOT) % its_queue_bytes(its);
}

void its_work(struct its *its)
{
    while (its_has_work(its) && its->ready_at <= its->m->now) {
        consume(its);
        its->ready_at += its->cfg.command_ns;
    }
    if (its->nr_stale != 0 && its_quiet(its)) {
        its_sync(its, UMSI_NO_CPU);
    }
}

/* ---- registers ---- */

static uint64_t typer(const struct its *its)
{
    const struct model_its_config *c = &its->cfg;
    uint64_t v = BIT(0);
    v |= (uint64_t)(c->itt_entry_size - 1) << 4;
    v |= (uint64_t)(c->event_bits - 1) << 8;
    v |= (uint64_t)(c->device_bits - 1) << 13;
    v |= c->pta ? BIT(19) : 0;
    v |= (uint64_t)c->hcc << 24;
    if (c->collection_bits != 0) {
        v |= BIT(36) | (uint64_t)(c->collection_bits - 1) << 32;
    }
    return v;
}

/* Tables and queue may change only while the ITS is disabled and quiescent. */
static bool may_configure(struct its *its, const char *name)
{
    if (its_quiet(its)) {
        return true;
    }
    breach(its->m, "L32", "IHI0069 12.19", "%s of ITS %u written with Enabled=%d Quiescent=0", name,
           its->index, (its->ctlr & CTLR_ON) != 0);
    return false;
}

static void cbaser_write(struct its *its, uint64_t value)
{
    if (!may_configure(its, "GITS_CBASER")) {
        return;
    }
    if ((value & ~QUEUE_USED) != 0) {
        breach(its->m, "L32", "IHI0069 12.19 GITS_CBASER", "reserved bits %#llx are set",
               (unsigned long long)(value & ~QUEUE_USED));
    }
    its->cbaser = value & QUEUE_USED & (its->cfg.not_shareable ? ~QUEUE_SHARE : UINT64_MAX);
    its->creadr = 0;
    its->stalled = its->stall_done = false;
    its->queue_given = true;
}

/* The nearest page size the register can hold; a single one reads as it is. */
static uint64_t fix_page_size(const struct its *its, uint64_t value)
{
    uint64_t code = (value >> 8) & 3;
    while (code > 2 || ((its->cfg.page_sizes >> code) & 1) == 0) {
        code = (code + 1) % 3;
    }
    return (value & ~BITS(9, 8)) | code << 8;
}

static void baser_write(struct its *its, unsigned n, uint64_t value)
{
    uint64_t fixed = its->baser[n] & BASER_FIXED;
    if (!may_configure(its, "GITS_BASER") || fixed == 0) {
        return; /* Type 0: the register is RES0 */
    }
    value = fix_page_size(its, value);
    if (its->cfg.no_indirect) {
        value &= ~BIT(62);
    }
    if (its->cfg.not_shareable) {
        value &= ~(BITS(61, 59) | BITS(55, 53) | BITS(11, 10));
    }
    its->baser[n] = (value & ~BASER_FIXED) | fixed;
    its->fresh[n] = true;
}

static void doorbell(struct its *its, uint64_t offset)
{
    uint64_t size = its_queue_bytes(its);
    uint64_t before = (its->cwriter + size - its->creadr) % size;
    uint64_t more = (offset + size - its->cwriter) % size;
    if (before + more >= size) {
        breach(its->m, "L31", "IHI0069 5.2.8", "CWRITER passes CREADR: more than the queue holds");
    }
    if (!its_has_work(its)) {
        its->ready_at = its->m->now + its->cfg.command_ns;
    }
    if (more != 0) {
        its->stats.doorbells++;
        its->waited = false;
    }
    its->cwriter = offset;
}

static void cwriter_write(struct its *its, uint64_t value)
{
    uint64_t offset = value & OFFSET;
    if ((value & ~(OFFSET | 1)) != 0 ||
        (its_queue_bytes(its) != 0 && offset >= its_queue_bytes(its))) {
        breach(its->m, "L31", "IHI0069 12.19 GITS_CWRITER", "%#llx is not in the queue",
               (unsigned long long)value);
        its->cwriter_bad = true;
        return;
    }
    its->cwriter_bad = false;
    if ((its->ctlr & CTLR_ON) == 0 || its_queue_bytes(its) == 0) {
        its->cwriter = offset;
        return;
    }
    doorbell(its, offset);
    if ((value & 1) != 0 && its->stalled) {
        its->stalled = false;
        its->ready_at = its->m->now + its->cfg.command_ns;
    }
    its_work(its);
}

static void check_enable(struct its *its)
{
    struct model *m = its->m;
    uint64_t size = its_queue_bytes(its);
    if (!its_quiet(its)) {
        breach(m, "L32", "IHI0069 12.19 GITS_CTLR", "enabled before it was quiescent");
    }
    if (size == 0 || !memory_valid(m, its->cbaser & BITS(51, 12), size)) {
        breach(m, "L39", "IHI0069 12.19 GITS_CBASER", "enabled without a command queue");
    } else if (its->queue_given && its->cwriter != 0) {
        breach(m, "L39", "IHI0069 12.19 GITS_CBASER", "new queue, but CWRITER is %#llx, not 0",
               (unsigned long long)its->cwriter);
    }
    for (unsigned n = 0; n < 8; n++) {
        if (table_baser_bytes(its, n) != 0 && its->fresh[n] && !table_empty(its, n) &&
            !its_kept_table(its, n)) {
            breach(m, "L20", "IHI0069 12.19 GITS_BASER",
                   "table %u is not allocated, was not cleaned, or is neither zero nor the one "
                   "it had, unchanged",
                   n);
        }
    }
}

/* What an ITS keeps in itself it need not keep while it is off (L39). */
static void forget_collections(struct its *its)
{
    memset(its->hcc, 0, sizeof(its->hcc));
    memset(its->collection_ready, 0, its->cfg.hcc);
}

static void ctlr_write(struct its *its, uint64_t value)
{
    bool on = (value & CTLR_ON) != 0, was = (its->ctlr & CTLR_ON) != 0;
    if (on && !was) {
        check_enable(its);
        its_owe_collections(its);
        forget_collections(its);
        held_restart(its);
        its_check_kept(its);
        its->queue_given = false;
        memset(its->fresh, 0, sizeof(its->fresh));
        its->ready_at = its->m->now + its->cfg.command_ns;
    } else if (!on && was) {
        its->quiet_at = its->m->now + its->cfg.quiesce_ns;
        its_keep(its);
    }
    its->ctlr = (uint32_t)value & CTLR_ON;
}

static uint64_t creadr_read(struct its *its)
{
    its->stats.polls++;
    its->stats.waits += its->waited ? 0 : 1;
    its->waited = true;
    return its->creadr | (its->stalled ? 1 : 0);
}

/* 64-bit registers; false: none there. */
static bool read_wide(struct its *its, uint64_t at, uint64_t *out)
{
    if (at >= 0x100 && at < 0x140) {
        *out = its->baser[(at - 0x100) / 8];
    } else if (at == 0x8) {
        *out = typer(its);
    } else if (at == 0x80) {
        *out = its->cbaser;
    } else if (at == 0x88) {
        *out = its->cwriter;
    } else if (at == 0x90) {
        *out = creadr_read(its);
    } else {
        return false;
    }
    return true;
}

uint64_t its_read(struct model *m, void *device, uint64_t offset, unsigned width)
{
    struct its *its = device;
    uint64_t wide;
    if (read_wide(its, offset & ~7ull, &wide)) {
        return mmio_part(wide, offset, width);
    }
    if (width != 4) {
        mmio_bad(m, "GITS", offset, width, false);
        return 0;
    }
    switch (offset) {
    case 0x0:
        return its->ctlr | (its_quiet(its) ? BIT(31) : 0);
    case 0x4:
        return 0x43b;
    case 0xffe8:
        return 0x3b; /* PIDR2: ArchRev 3 */
    default:
        return 0;
    }
}

void its_write(struct model *m, void *device, uint64_t offset, unsigned width, uint64_t value)
{
    struct its *its = device;
    uint64_t at = offset & ~7ull;
    if (at >= 0x100 && at < 0x140) {
        unsigned n = (unsigned)(at - 0x100) / 8;
        baser_write(its, n, mmio_merge(its->baser[n], offset, width, value));
    } else if (at == 0x80) {
        cbaser_write(its, mmio_merge(its->cbaser, offset, width, value));
    } else if (at == 0x88) {
        cwriter_write(its, mmio_merge(its->cwriter, offset, width, value));
    } else if (offset == 0 && width == 4) {
        ctlr_write(its, value);
    } else {
        breach(m, "", "IHI0069 12.18", "write of %u bytes to GITS offset %#llx: no such register",
               width, (unsigned long long)offset);
    }
}
