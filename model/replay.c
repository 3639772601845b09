/* SPDX-License-Identifier: MIT */
/* A log of commands run on a machine of its own: the set-up it does not show, each command, the verdict. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define VALID     ((uint64_t)1 << 63)
#define SLOTS     128u
#define ROOM      ((uint64_t)16 << 20) /* for the tables, below the ITTs */
#define MAX_SPAN  ((uint64_t)1 << 30)
#define MAX_CPUS  64u
#define NO_DEVICE UINT32_MAX

struct run {
    struct model *m;
    const struct umsi_port *p;
    struct model_its_config its;
    struct model_replay_report *out;
    uint32_t nr_cpus;
    struct umsi_dma queue, guest;
    uint32_t slot;
    uint32_t line, judged;            /* of the model's breaches */
    uint16_t mapped_last;             /* ICID */
    uint64_t owed;                    /* a SYNC, to these CPUs */
    struct model_replay_device *used; /* all DeviceIDs so far; `line` 0: not mapped */
    uint32_t nr_used;
};

/* ---- findings ---- */

static void find(struct run *r, const char *law, uint32_t line, uint32_t device, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));

static void find(struct run *r, const char *law, uint32_t line, uint32_t device, const char *format,
                 ...)
{
    va_list args;
    uint32_t n = r->out->nr_findings++;
    if (n >= MODEL_REPLAY_MAX) {
        return;
    }
    struct model_replay_finding *f = &r->out->finding[n];
    *f = (struct model_replay_finding){ .law = law, .line = line, .device = device };
    va_start(args, format);
    vsnprintf(f->text, sizeof(f->text), format, args);
    va_end(args);
}

/* What the model has found since the last time. */
static void judge(struct run *r, uint32_t device)
{
    for (; r->judged < model_breaches(r->m); r->judged++) {
        const struct model_breach *b = model_breach_at(r->m, r->judged);
        find(r, b->law, r->line, device, "%s [%s]", b->text, b->section);
    }
}

/* ---- the machine ---- */

static void put(struct run *r, volatile void *base, uint32_t offset, uint64_t value)
{
    r->p->mmio_write64(r->p->ctx, (volatile uint8_t *)base + offset, value);
}

static bool memory(struct run *r, size_t size, struct umsi_dma *out)
{
    const struct umsi_dma_want want = { size, size < 65536 ? 4096 : 65536, UINT64_MAX, UINT32_MAX };
    return r->p->dma_alloc(r->p->ctx, &want, out);
}

static bool start_lpis(struct run *r)
{
    struct umsi_dma config, pending;
    bool ok = memory(r, 65536, &config);
    r->p->mmio_write32(r->p->ctx, model_gicd(r->m), 0x10); /* affinity routing, then Group 1 */
    r->p->mmio_write32(r->p->ctx, model_gicd(r->m), 0x12);
    for (umsi_cpu cpu = 0; ok && cpu < r->nr_cpus; cpu++) {
        volatile void *rd = model_gicr_of(r->m, cpu, NULL);
        ok = memory(r, 65536, &pending);
        if (ok) {
            put(r, rd, 0x70, config.phys | 15);                 /* GICR_PROPBASER, 16 bits */
            put(r, rd, 0x78, pending.phys | (uint64_t)1 << 62); /* GICR_PENDBASER, zeroed */
            r->p->mmio_write32(r->p->ctx, rd, 1);               /* EnableLPIs */
        }
    }
    return ok;
}

/* Flat tables in 64 KiB pages, for all DeviceIDs and 8192 collections. */
static bool start_its(struct run *r)
{
    volatile void *its = model_its_base(r->m, 0);
    struct umsi_dma devices, collections;
    uint64_t bytes =
        ((uint64_t)8 << r->its.device_bits) < 65536 ? 65536 : (uint64_t)8 << r->its.device_bits;
    if (!memory(r, bytes, &devices) || !memory(r, 65536, &collections) ||
        !memory(r, SLOTS * 32, &r->queue)) {
        return false;
    }
    put(r, its, 0x80, VALID | r->queue.phys);
    put(r, its, 0x88, 0);
    put(r, its, 0x100, VALID | devices.phys | 2 << 8 | (bytes / 65536 - 1));
    put(r, its, 0x108, VALID | collections.phys | 2 << 8);
    r->p->mmio_write32(r->p->ctx, its, 1);
    return true;
}

/* What is left of the arena is the kernel's memory. */
static bool start_guest(struct run *r, uint64_t end)
{
    uint64_t from = (r->queue.phys + r->queue.size + 65535) & ~(uint64_t)65535;
    return memory(r, (size_t)(end - from), &r->guest) && r->guest.phys == from;
}

/* The ITTs of a log: from the lowest to past the highest. */
static void span(const char *log, uint64_t *out_low, uint64_t *out_high)
{
    *out_low = UINT64_MAX;
    *out_high = 0;
    for (const char *at = log; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
        struct model_command c;
        if (model_trace_read(at, &c) == MODEL_TRACE_COMMAND && c.opcode == MODEL_MAPD && c.valid) {
            uint64_t end = c.itt + ((uint64_t)16 << c.event_bits);
            *out_low = c.itt < *out_low ? c.itt : *out_low;
            *out_high = end > *out_high ? end : *out_high;
        }
    }
    if (*out_high == 0) {
        *out_low = *out_high = 0x40000000;
    }
}

static bool start(struct run *r, const char *log)
{
    uint64_t low, high;
    span(log, &low, &high);
    if (high - low > MAX_SPAN || low < ROOM || r->nr_cpus > MAX_CPUS) {
        return false;
    }
    low = (low - ROOM) & ~(uint64_t)0xffff;
    high = (high + 0xffff) & ~(uint64_t)0xffff;
    const struct model_config config = { .nr_cpus = r->nr_cpus,
                                         .in_order = true,
                                         .memory_phys = low,
                                         .memory_bytes = (size_t)(high - low),
                                         .nr_its = 1,
                                         .its = &r->its };
    if (!model_create(&config, &r->m)) {
        return false;
    }
    r->p = model_port(r->m);
    bool ok = start_lpis(r) && start_its(r) && start_guest(r, high);
    judge(r, NO_DEVICE);
    return ok;
}

/* ---- what QEMU does not print ---- */

static void owe(struct run *r, uint32_t icid)
{
    umsi_cpu cpu;
    if (model_its_collection(r->m, 0, icid, &cpu)) {
        r->owed |= (uint64_t)1 << cpu;
    }
}

/* Before the command: an event that goes or moves concerns the redistributor it was at (L30). */
static void complete(struct run *r, struct model_command *c)
{
    uint32_t intid, icid;
    if (c->opcode == MODEL_SYNC) {
        c->rdbase = r->owed == 0 ? 0 : (uint64_t)__builtin_ctzll(r->owed);
        r->owed &= r->owed - (r->owed != 0);
    } else if (c->opcode == MODEL_INVALL) {
        c->icid = r->mapped_last;
        owe(r, c->icid);
    } else if (c->opcode == MODEL_MAPTI || c->opcode == MODEL_MAPI) {
        owe(r, c->icid);
    } else if (c->opcode == MODEL_MAPC) {
        r->mapped_last = c->icid;
        r->owed |= c->rdbase < r->nr_cpus ? (uint64_t)1 << c->rdbase : 0;
    } else if (c->opcode != MODEL_MAPD &&
               model_its_event(r->m, 0, c->device, c->event, &intid, &icid)) {
        owe(r, icid);
    }
}

/* The kernel cleared the table before it handed it over; where it did not, the log does not tell. */
static void clear_itt(struct run *r, const struct model_command *c)
{
    uint64_t bytes = (uint64_t)r->its.itt_entry_size << c->event_bits;
    if (c->itt >= r->guest.phys && c->itt + bytes <= r->guest.phys + r->guest.size) {
        memset((uint8_t *)r->guest.va + (c->itt - r->guest.phys), 0, bytes);
    }
}

/* ---- devices ---- */

static struct model_replay_device *device_of(struct run *r, uint32_t device)
{
    for (uint32_t i = 0; i < r->nr_used; i++) {
        if (r->used[i].device == device) {
            return &r->used[i];
        }
    }
    struct model_replay_device *grown = realloc(r->used, (r->nr_used + 1) * sizeof(*grown));
    if (grown == NULL) {
        abort(); /* a host program without memory */
    }
    r->used = grown;
    r->used[r->nr_used] = (struct model_replay_device){ .device = device };
    return &r->used[r->nr_used++];
}

static void lost_event(struct run *r, struct model_replay_device *d)
{
    d->events--;
    if (d->events == 0) {
        d->emptied++;
        d->emptied_last_line = r->line;
        d->emptied_first_line = d->emptied_first_line == 0 ? r->line : d->emptied_first_line;
    }
}

/* After a command that was carried out. */
static void follow(struct run *r, const struct model_command *c)
{
    struct model_replay_device *d;
    switch (c->opcode) {
    case MODEL_MAPD:
        d = device_of(r, c->device);
        *d = (struct model_replay_device){ .device = c->device,
                                           .line = c->valid ? r->line : 0,
                                           .room = 1u << c->event_bits };
        break;
    case MODEL_MAPTI:
    case MODEL_MAPI:
        d = device_of(r, c->device);
        d->events++;
        d->peak = d->events > d->peak ? d->events : d->peak;
        break;
    case MODEL_DISCARD:
        lost_event(r, device_of(r, c->device));
        break;
    default:
        break;
    }
}

static void leaked(struct run *r, const struct model_replay_device *d)
{
    char again[96] = "";
    if (d->emptied > 1) {
        snprintf(again, sizeof(again),
                 " It had been empty before, first in line %u, and was used again %u times.",
                 d->emptied_first_line, d->emptied - 1);
    }
    find(
        r, "L17", d->line, d->device,
        "DeviceID %#x is left mapped with no event: MAPD V=1 in line %u made room for %u, at most %u were used at "
        "a time, the last was discarded in line %u, and no MAPD V=0 follows.%s",
        d->device, d->line, d->room, d->peak, d->emptied_last_line, again);
}

static int by_line(const void *a, const void *b)
{
    const struct model_replay_device *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

static void finish(struct run *r)
{
    model_check_settled(r->m);
    judge(r, NO_DEVICE);
    if (r->nr_used != 0) {
        qsort(r->used, r->nr_used, sizeof(*r->used), by_line);
    }
    for (uint32_t i = 0; i < r->nr_used; i++) {
        const struct model_replay_device *d = &r->used[i];
        if (d->line != 0 && d->events == 0 && d->emptied != 0) {
            leaked(r, d);
        } else if (d->line != 0 && r->out->nr_live < MODEL_REPLAY_MAX) {
            r->out->live[r->out->nr_live++] = *d;
        }
    }
}

/* ---- the log ---- */

static void send(struct run *r, struct model_command *c)
{
    uint64_t dw[4];
    complete(r, c);
    if (c->opcode == MODEL_MAPD && c->valid) {
        clear_itt(r, c);
    }
    model_command_encode(c, dw);
    memcpy((uint8_t *)r->queue.va + (size_t)r->slot * 32, dw, sizeof(dw));
    r->slot = (r->slot + 1) % SLOTS;
    put(r, model_its_base(r->m, 0), 0x88, (uint64_t)r->slot * 32);
    model_drain(r->m);
    uint32_t n = model_its_log_size(r->m, 0);
    if (n != 0 && model_its_log_at(r->m, 0, n - 1)->executed) {
        follow(r, c);
    }
    model_its_log_clear(r->m, 0);
    r->out->commands++;
}

static void take_line(struct run *r, const char *line)
{
    struct model_command c;
    switch (model_trace_read(line, &c)) {
    case MODEL_TRACE_COMMAND:
        send(r, &c);
        judge(r, c.opcode == MODEL_MAPC || c.opcode == MODEL_SYNC || c.opcode == MODEL_INVALL ||
                         c.opcode == MODEL_MOVALL
                     ? NO_DEVICE
                     : c.device);
        break;
    case MODEL_TRACE_BROKEN:
        find(r, "", r->line, NO_DEVICE, "cannot be read: %.*s", (int)strcspn(line, "\n"), line);
        break;
    default:
        break;
    }
}

bool model_replay(const struct model_replay_config *config, const char *log,
                  struct model_replay_report *out)
{
    static const struct model_its_config like_qemu = {
        .itt_entry_size = 12, .collection_bits = 16, .mapd_at_once = true, .ignore_illegal = true
    };
    struct run r = { .out = out, .its = like_qemu, .nr_cpus = 2 };
    memset(out, 0, sizeof(*out));
    if (config != NULL) {
        r.its = config->its != NULL ? *config->its : r.its;
        r.nr_cpus = config->nr_cpus != 0 ? config->nr_cpus : r.nr_cpus;
    }
    r.its.device_bits = r.its.device_bits == 0 ? 16 : r.its.device_bits;
    r.its.itt_entry_size = r.its.itt_entry_size == 0 ? 8 : r.its.itt_entry_size;
    bool ok = start(&r, log);
    for (const char *at = log; ok && *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
        r.line = ++out->lines;
        take_line(&r, at);
    }
    if (ok) {
        finish(&r);
    }
    if (r.m != NULL) {
        model_destroy(r.m);
    }
    free(r.used);
    return ok;
}
