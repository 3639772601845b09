/* SPDX-License-Identifier: MIT */
/*
 * NVMe from all CPUs at once: each has a queue pair and a range of blocks of its own, its lane. It writes blocks with
 * content that says which block it is and how often it was written, reads blocks, and compares. A completion is
 * taken by the handler and by nobody else: one that lies in the queue while nobody comes for it is a lost interrupt.
 */
#include <string.h>

#include "../console.h"
#include "../drivers/nvme.h"
#include "../smp.h"
#include "parts.h"

#define REST_US 50000u
#define DEPTH   8u   /* commands under way on a lane */
#define BLOCKS  128u /* of a lane; a power of two */

struct command {
    uint32_t block, version;
    uint16_t status;
    bool write;
};

struct lane {
    uint32_t id; /* of its queue pair */
    struct watched watched;
    struct event done; /* completions of this batch */
    uint32_t raised;   /* by command; atomic */
    struct command command[ENTRIES];
    uint32_t version[BLOCKS]; /* how often each block was written; 0: its content is not known */
    uint8_t *buffer;          /* MAX_BLOCK for each command */
    uint64_t phys;
};

#define BUFFER_BYTES (ENTRIES * (size_t)MAX_BLOCK)

static struct nvme nvme;
static struct lane lanes[IO_QUEUES];
static uint32_t nr_lanes, depth;

/* ---- in the handler ---- */

static void completed(void *arg)
{
    struct lane *l = arg;
    watched_enter(&l->watched);
    while (nvme_reap(&nvme, l->id)) {
        const struct nvme_queue *q = &nvme.q[l->id];
        l->command[q->cid % ENTRIES].status = q->status;
        event_raise(&l->done);
    }
    watched_leave(&l->watched);
}

/* ---- one batch ---- */

static uint32_t word_of(const struct lane *l, const struct command *c, uint32_t i)
{
    return (l->id << 24 ^ c->block << 12 ^ c->version) * 0x9e3779b1u + i;
}

static uint32_t *buffer_of(const struct lane *l, uint32_t cid)
{
    return (uint32_t *)(void *)(l->buffer + cid * (size_t)MAX_BLOCK);
}

static void fill(const struct lane *l, uint32_t cid)
{
    uint32_t *word = buffer_of(l, cid);
    for (uint32_t i = 0; i < nvme.block / 4; i++) {
        word[i] = word_of(l, &l->command[cid], i);
    }
}

static bool compare(const struct lane *l, uint32_t cid)
{
    const struct command *c = &l->command[cid];
    const uint32_t *word = buffer_of(l, cid);
    for (uint32_t i = 0; i < nvme.block / 4 && c->version != 0; i++) {
        if (word[i] != word_of(l, c, i)) {
            return fail(nvme.f, (int)nvme.q[l->id].vector,
                        "queue %u: block %u, written %u times, reads back different at byte %u",
                        (unsigned)l->id, (unsigned)c->block, (unsigned)c->version,
                        (unsigned)(4 * i));
        }
    }
    tally(TALLY_COMPARED, c->version != 0);
    return true;
}

static void submit(struct lane *l, uint32_t block, bool write)
{
    uint32_t cid = nvme.q[l->id].tail;
    uint64_t phys = l->phys + cid * (uint64_t)MAX_BLOCK;
    const struct nvme_command c = {
        .opcode = write ? NVME_WRITE : NVME_READ,
        .nsid = nvme.nsid,
        .mptr = page_phys(&nvme, METADATA_PAGE(l->id)),
        .prp1 = phys,
        .prp2 = nvme.block > PAGE ? phys + PAGE : 0,
        .cdw10 = (l->id - 1) * BLOCKS + block,
    };
    l->version[block] += write;
    l->command[cid] =
        (struct command){ .block = block, .version = l->version[block], .write = write };
    if (write) {
        fill(l, cid);
    } else {
        memset(buffer_of(l, cid), 0xee, nvme.block);
    }
    nvme_submit(&nvme, l->id, &c);
}

/* Nothing came: was nothing done, or was it done and not told? */
static void lost(struct lane *l, uint32_t n)
{
    uint32_t vector = nvme.q[l->id].vector, told = l->done.count;
    bool lies_there = nvme_reap(&nvme, l->id);
    stress_explain(nvme.f, vector);
    (void)fail(nvme.f, (int)vector, "queue %u: %u completions of %u; the next %s", (unsigned)l->id,
               (unsigned)told, (unsigned)n,
               lies_there ? "lies there without an interrupt (L35)" : "is not there either");
}

static bool check(const struct lane *l, uint32_t first, uint32_t n)
{
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++) {
        uint32_t cid = (first + i) % nvme.entries;
        const struct command *c = &l->command[cid];
        if (c->status != 0) {
            ok = fail(nvme.f, (int)nvme.q[l->id].vector, "queue %u: %s of block %u: status 0x%x",
                      (unsigned)l->id, c->write ? "write" : "read", (unsigned)c->block, c->status);
        } else if (!c->write) {
            ok = compare(l, cid);
        }
    }
    return ok;
}

/* False: not now. */
static bool raise(struct lane *l)
{
    uint32_t vector = nvme.q[l->id].vector;
    enum umsi_status st = umsi_irq_retrigger(nvme.f->umsi, umsi_pci_virq(&nvme.f->msi, vector));
    if (st == UMSI_OK) {
        (void)__atomic_fetch_add(&l->raised, 1, __ATOMIC_RELAXED);
        tally(TALLY_RAISES, 1);
    } else if (st != UMSI_BUSY) { /* its queue is full now */
        (void)fail(nvme.f, (int)vector, "raise: %s", umsi_status_string(st));
    }
    return st == UMSI_OK;
}

/* Raised by command, which passes by the device's mask, while the vector is disabled: it is remembered, and its handler
 * runs when it is enabled (L60). */
static void hold(struct lane *l)
{
    uint32_t vector = nvme.q[l->id].vector;
    umsi_virq virq = umsi_pci_virq(&nvme.f->msi, vector);
    event_reset(&l->watched.ran);
    umsi_irq_disable(nvme.f->umsi, virq);
    bool raised = raise(l);
    umsi_irq_enable(nvme.f->umsi, virq);
    if (raised && !event_wait(&l->watched.ran, 1)) {
        stress_explain(nvme.f, vector);
        (void)fail(nvme.f, (int)vector, "raised while it was disabled, and forgotten (L60)");
    }
}

/* Distinct blocks, since nothing says in which order commands under way at once are done: an odd stride over a power
 * of two. Sometimes the vector is disabled meanwhile, and what comes is remembered (L60). */
void io_step(uint32_t lane, struct dice *d)
{
    if (lane >= nr_lanes) {
        return;
    }
    struct lane *l = &lanes[lane];
    if (dice_once_in(d, 8)) {
        hold(l);
        return;
    }
    uint32_t n = 1 + dice_roll(d, depth), block = dice_roll(d, BLOCKS);
    uint32_t stride = 1 + 2 * dice_roll(d, BLOCKS / 2), first = nvme.q[l->id].tail;
    umsi_virq disabled =
        dice_once_in(d, 8) ? umsi_pci_virq(&nvme.f->msi, nvme.q[l->id].vector) : UMSI_NO_VIRQ;
    event_reset(&l->done);
    if (disabled != UMSI_NO_VIRQ) {
        umsi_irq_disable(nvme.f->umsi, disabled);
    }
    for (uint32_t i = 0; i < n; i++) {
        submit(l, (block + i * stride) % BLOCKS, dice_once_in(d, 2));
    }
    if (disabled != UMSI_NO_VIRQ) {
        umsi_irq_enable(nvme.f->umsi, disabled);
    }
    if (!event_wait(&l->done, n)) {
        lost(l, n);
    } else if (check(l, first, n)) {
        tally(TALLY_COMMANDS, n);
    }
}

umsi_virq io_virq(struct dice *d)
{
    return umsi_pci_virq(&nvme.f->msi, nvme.q[1 + dice_roll(d, nr_lanes)].vector);
}

/* An arrival for nothing, or together with a completion. Only vectors that are not freed before the end are raised so:
 * of another, nobody could say what came of it. */
void io_raise(struct dice *d)
{
    (void)raise(&lanes[dice_roll(d, nr_lanes)]);
}

/* ---- before and after ---- */

/* In place of the driver's own handler. */
static bool open_lane(uint32_t i)
{
    struct lane *l = &lanes[i];
    uint32_t vector = nvme.q[i + 1].vector;
    l->id = i + 1;
    l->buffer = dma_get(BUFFER_BYTES, &l->phys);
    if (l->buffer == NULL) {
        return fail(nvme.f, -1, "no memory for queue %u", (unsigned)l->id);
    }
    umsi_pci_release(&nvme.f->msi, vector);
    enum umsi_status st = umsi_pci_request(&nvme.f->msi, vector, completed, l, "nvme-stress");
    return st == UMSI_OK || fail_status(nvme.f, (int)vector, "no handler", st);
}

/* A lane's queue has its vector for itself. */
static bool count_lanes(void)
{
    uint32_t most = nvme.v.granted - 1 < nvme.io_queues ? nvme.v.granted - 1 : nvme.io_queues;
    nr_lanes = most < smp_online_count() ? most : smp_online_count();
    depth = nvme.entries - 1 < DEPTH ? nvme.entries - 1 : DEPTH;
    if (nr_lanes == 0 || nvme.nsid == 0 || nvme.blocks < (uint64_t)nr_lanes * BLOCKS) {
        return fail(nvme.f, -1, "%u queues with a vector, %u blocks: too little",
                    (unsigned)nr_lanes, (unsigned)nvme.blocks);
    }
    return true;
}

bool io_open(struct pci_function *f)
{
    if (vectors_none(f) || !nvme_open(&nvme, f)) {
        return stress_fail("%s does not come up", f->name);
    }
    bool ok = count_lanes();
    for (uint32_t i = 0; i < nr_lanes && ok; i++) {
        ok = open_lane(i);
    }
    return ok;
}

void io_verify(void)
{
    rest_us(REST_US); /* for an extra arrival that somebody ordered last */
    for (uint32_t i = 0; i < nr_lanes; i++) {
        const struct lane *l = &lanes[i];
        struct umsi_irq_info info;
        uint32_t vector = nvme.q[l->id].vector;
        if (watched_verify(nvme.f, vector, &l->watched, &info)) {
            print("stress: lpi %u, vector %u: %lu arrivals, %lu handler runs, %u raised\n",
                  (unsigned)info.hwirq, (unsigned)vector, (unsigned long)info.arrived,
                  (unsigned long)info.handled, (unsigned)l->raised);
        }
    }
}

bool io_close(void)
{
    bool ok = nvme_close(&nvme);
    for (uint32_t i = 0; i < nr_lanes; i++) {
        dma_put(lanes[i].buffer, BUFFER_BYTES);
    }
    return ok;
}
