/* SPDX-License-Identifier: MIT */
/*
 * nvme: an admin queue and up to eight I/O queues, each completion queue with a vector of its own as far as
 * there are enough. Every I/O queue writes a pattern to a block of its own, reads it back, compares, and puts
 * back what was there. Sections are those of the NVM Express Base Specification 1.4.
 */
#include "nvme.h"

/* ---- queues ---- */

static void queue_init(struct nvme *n, uint32_t id, uint32_t vector)
{
    uint32_t page = QUEUE_PAGE(id);
    n->q[id] = (struct nvme_queue){
        .sq = page_va(n, page),
        .cq = page_va(n, page + 1),
        .sq_phys = page_phys(n, page),
        .cq_phys = page_phys(n, page + 1),
        .phase = 1,
        .vector = vector,
    };
}

void nvme_submit(struct nvme *n, uint32_t id, const struct nvme_command *command)
{
    struct nvme_queue *q = &n->q[id];
    q->sq[q->tail] = *command;
    q->sq[q->tail].cid = q->tail;
    q->tail = (uint16_t)((q->tail + 1u) % n->entries);
    bar_write32(n->f, 0, NVME_SQ_TAIL(id, n->dstrd), q->tail);
}

bool nvme_reap(struct nvme *n, uint32_t id)
{
    struct nvme_queue *q = &n->q[id];
    const volatile struct nvme_completion *c = &q->cq[q->head];
    if ((c->status & 1) != q->phase) {
        return false;
    }
    __atomic_thread_fence(__ATOMIC_ACQUIRE); /* the phase first, then what it vouches for */
    q->status = NVME_STATUS(c->status);
    q->cid = c->cid;
    q->dw0 = c->dw0;
    q->head = (uint16_t)((q->head + 1u) % n->entries);
    q->phase ^= q->head == 0;
    bar_write32(n->f, 0, NVME_CQ_HEAD(id, n->dstrd), q->head);
    return true;
}

/* Queues may share a vector, so an interrupt need not be about this one: then another one follows. */
bool nvme_complete(struct nvme *n, uint32_t id)
{
    struct nvme_queue *q = &n->q[id];
    for (uint32_t count = 1;; count++) {
        if (!event_wait(&n->v.event[q->vector], count)) {
            return fail(n->f, (int)q->vector, "no interrupt from queue %u", id);
        }
        if (nvme_reap(n, id)) {
            return true;
        }
    }
}

static bool admin(struct nvme *n, const struct nvme_command *command)
{
    event_reset(&n->v.event[0]);
    nvme_submit(n, 0, command);
    return nvme_complete(n, 0);
}

static bool admin_ok(struct nvme *n, const struct nvme_command *command, const char *what)
{
    return admin(n, command) &&
           (n->q[0].status == 0 || fail(n->f, 0, "%s: status 0x%x", what, n->q[0].status));
}

/* ---- the controller ---- */

static bool disable(struct nvme *n)
{
    bar_write32(n->f, 0, NVME_CC, bar_read32(n->f, 0, NVME_CC) & ~NVME_CC_EN);
    return settled(n->f, 0, NVME_CSTS, NVME_CSTS_RDY, 0, n->ready_ms) ||
           fail(n->f, -1, "CSTS.RDY stays set");
}

/* 7.6.1 Initialization */
static bool enable(struct nvme *n)
{
    const struct nvme_queue *q = &n->q[0];
    bar_write32(n->f, 0, NVME_AQA, (n->entries - 1) << 16 | (n->entries - 1));
    bar_write64(n->f, 0, NVME_ASQ, q->sq_phys);
    bar_write64(n->f, 0, NVME_ACQ, q->cq_phys);
    bar_write32(n->f, 0, NVME_CC, NVME_CC_IOSQES | NVME_CC_IOCQES | NVME_CC_EN);
    return settled(n->f, 0, NVME_CSTS, NVME_CSTS_RDY, NVME_CSTS_RDY, n->ready_ms) ||
           fail(n->f, -1, "not ready: CSTS 0x%x", bar_read32(n->f, 0, NVME_CSTS));
}

static bool read_capabilities(struct nvme *n)
{
    uint64_t cap = bar_read64(n->f, 0, NVME_CAP);
    n->entries = NVME_CAP_MQES(cap) + 1 < ENTRIES ? NVME_CAP_MQES(cap) + 1 : ENTRIES;
    n->dstrd = NVME_CAP_DSTRD(cap);
    n->ready_ms = (NVME_CAP_TO(cap) + 1) * 500;
    if (cap == UINT64_MAX || n->entries < 2 || NVME_CAP_MPSMIN(cap) != 0) {
        return fail(n->f, -1, "CAP 0x%llx is not for this driver", (unsigned long long)cap);
    }
    return true;
}

/* 7.6.2 Shutdown: the end of it is a register, no completion. */
static bool shut_down(struct nvme *n)
{
    uint32_t cc = bar_read32(n->f, 0, NVME_CC) & ~NVME_CC_SHN_MASK;
    bar_write32(n->f, 0, NVME_CC, cc | NVME_CC_SHN_NORMAL);
    return settled(n->f, 0, NVME_CSTS, NVME_CSTS_SHST_MASK, NVME_CSTS_SHST_COMPLETE, 5000) ||
           fail(n->f, -1, "shutdown does not complete");
}

static bool identify(struct nvme *n, uint32_t cns, uint32_t nsid)
{
    const struct nvme_command c = { .opcode = NVME_ADMIN_IDENTIFY,
                                    .nsid = nsid,
                                    .prp1 = page_phys(n, IDENTIFY_PAGE),
                                    .cdw10 = cns };
    memset(page_va(n, IDENTIFY_PAGE), 0, PAGE);
    return admin(n, &c);
}

static uint32_t identified32(const struct nvme *n, uint32_t offset)
{
    uint32_t v;
    memcpy(&v, (uint8_t *)page_va(n, IDENTIFY_PAGE) + offset, sizeof(v));
    return v;
}

/* Can the identified namespace give every queue a block? */
static bool usable(struct nvme *n)
{
    uint64_t blocks =
        identified32(n, NVME_ID_NS_NSZE) | (uint64_t)identified32(n, NVME_ID_NS_NSZE + 4) << 32;
    uint8_t flbas = (uint8_t)(identified32(n, NVME_ID_NS_FLBAS & ~3u) >> 16);
    uint32_t format = identified32(n, NVME_ID_NS_LBAF + 4u * (flbas & NVME_FLBAS_FORMAT));
    uint32_t shift = (format >> 16) & 0xff;
    if (blocks < IO_QUEUES || shift < 9 || shift > 13) {
        return false;
    }
    n->blocks = blocks;
    n->block = (1u << shift) + ((flbas & NVME_FLBAS_INLINE) != 0 ? format & 0xffff : 0);
    return n->block <= MAX_BLOCK;
}

/* The first namespace that can be read and written, if there is one. */
static bool find_namespace(struct nvme *n)
{
    uint32_t ids[8] = { 1 };
    if (!identify(n, NVME_CNS_ACTIVE_LIST, 0)) {
        return false;
    }
    for (uint32_t i = 0; n->q[0].status == 0 && i < 8; i++) {
        ids[i] = identified32(n, 4 * i);
    }
    for (uint32_t i = 0; i < 8 && ids[i] != 0 && n->nsid == 0; i++) {
        if (!identify(n, NVME_CNS_NAMESPACE, ids[i])) {
            return false;
        }
        n->nsid = n->q[0].status == 0 && usable(n) ? ids[i] : 0;
    }
    return true;
}

/* 5.21.1.7: the controller says how many it has; both numbers are one less than meant. */
static bool count_queues(struct nvme *n)
{
    uint32_t want = n->v.granted > 2 ? n->v.granted - 1 : 2;
    const struct nvme_command c = { .opcode = NVME_ADMIN_SET_FEATURES,
                                    .cdw10 = NVME_FEATURE_QUEUES,
                                    .cdw11 = (want - 1) << 16 | (want - 1) };
    if (!admin_ok(n, &c, "set number of queues")) {
        return false;
    }
    uint32_t sqs = (n->q[0].dw0 & 0xffff) + 1, cqs = (n->q[0].dw0 >> 16) + 1,
             has = sqs < cqs ? sqs : cqs;
    n->io_queues = has < want ? has : want;
    return true;
}

static bool create_queue(struct nvme *n, uint32_t id)
{
    uint32_t vector = n->v.granted == 1 ? 0 : 1 + (id - 1) % (n->v.granted - 1);
    uint32_t size = (n->entries - 1) << 16 | id;
    queue_init(n, id, vector);
    const struct nvme_command cq = { .opcode = NVME_ADMIN_CREATE_CQ,
                                     .prp1 = n->q[id].cq_phys,
                                     .cdw10 = size,
                                     .cdw11 = vector << 16 | NVME_CQ_INTERRUPTS |
                                              NVME_QUEUE_CONTIGUOUS };
    const struct nvme_command sq = { .opcode = NVME_ADMIN_CREATE_SQ,
                                     .prp1 = n->q[id].sq_phys,
                                     .cdw10 = size,
                                     .cdw11 = id << 16 | NVME_QUEUE_CONTIGUOUS };
    return admin_ok(n, &cq, "create completion queue") &&
           admin_ok(n, &sq, "create submission queue");
}

static bool delete_queue(struct nvme *n, uint32_t id)
{
    const struct nvme_command sq = { .opcode = NVME_ADMIN_DELETE_SQ, .cdw10 = id };
    const struct nvme_command cq = { .opcode = NVME_ADMIN_DELETE_CQ, .cdw10 = id };
    return admin_ok(n, &sq, "delete submission queue") &&
           admin_ok(n, &cq, "delete completion queue");
}

static bool each_queue(struct nvme *n, bool (*what)(struct nvme *n, uint32_t id))
{
    uint32_t id = 1;
    while (id <= n->io_queues && what(n, id)) {
        id++;
    }
    return id > n->io_queues;
}

/* ---- up, down, and what is done in between ---- */

static void give_memory(struct nvme *n)
{
    /* A controller that will not stop may still write: its memory is lost, not reused. */
    if ((bar_read32(n->f, 0, NVME_CSTS) & NVME_CSTS_RDY) == 0) {
        dma_put(n->mem, MEM_SIZE);
    }
}

static bool start(struct nvme *n)
{
    const struct vectors_want want = { .min = 1,
                                       .max = 1 + IO_QUEUES,
                                       .kinds = UMSI_MSIX | UMSI_MSI,
                                       .first = "nvme-admin",
                                       .rest = "nvme-io" };
    if (!read_capabilities(n) || !disable(n) || !vectors_take(n->f, &n->v, &want)) {
        return false;
    }
    queue_init(n, 0, 0);
    if (enable(n) && find_namespace(n) && count_queues(n) && each_queue(n, create_queue)) {
        return true;
    }
    (void)disable(n);
    vectors_give(n->f, &n->v);
    return false;
}

bool nvme_open(struct nvme *n, struct pci_function *f)
{
    *n = (struct nvme){ .f = f };
    if (f->bar[0].va == NULL) {
        return fail(f, -1, "no BAR 0");
    }
    n->mem = dma_get(MEM_SIZE, &n->phys);
    if (n->mem == NULL) {
        return fail(f, -1, "no memory");
    }
    if (!start(n)) {
        give_memory(n);
        return false;
    }
    return true;
}

bool nvme_close(struct nvme *n)
{
    bool ok = each_queue(n, delete_queue) && shut_down(n);
    ok = disable(n) && ok;
    vectors_give(n->f, &n->v);
    give_memory(n);
    return ok;
}

static bool nvme_run(struct pci_function *f)
{
    const char *did;
    struct nvme n;
    if (vectors_none(f)) {
        return true;
    }
    if (!nvme_open(&n, f)) {
        return false;
    }
    bool ok = nvme_transfer(&n, &did);
    if (ok) {
        say(f, "vectors %u, I/O queues %u, on each %s", n.v.granted, n.io_queues, did);
    }
    return nvme_close(&n) && ok;
}

static bool nvme_match(const struct pci_function *f)
{
    return f->class_code == 0x010802;
}

const struct driver nvme_driver = { .name = "nvme", .match = nvme_match, .run = nvme_run };
