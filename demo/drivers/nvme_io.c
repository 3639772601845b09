/* SPDX-License-Identifier: MIT */
/*
 * nvme's I/O: the same command on all queues at the same time, each for a block of its own. Sections are those
 * of the NVM Express Base Specification 1.4.
 */
#include "nvme.h"

/* Of the last round: 0, or of a queue that had an error. */
static uint16_t status_of(const struct nvme *n)
{
    return n->bad != 0 ? n->q[n->bad].status : 0;
}

/* One command on every I/O queue, all under way at once. Queue q handles block q - 1. */
static bool round_of(struct nvme *n, uint8_t opcode, enum buffer b)
{
    for (uint32_t i = 0; i < n->v.granted; i++) {
        event_reset(&n->v.event[i]);
    }
    for (uint32_t q = 1; q <= n->io_queues; q++) {
        struct nvme_command c = { .opcode = opcode, .nsid = NVME_NSID_ALL };
        if (opcode != NVME_FLUSH) {
            c.nsid = n->nsid;
            c.mptr = page_phys(n, METADATA_PAGE(q));
            c.prp1 = page_phys(n, BUFFER_PAGE(q, (uint32_t)b));
            c.prp2 = n->block > PAGE ? c.prp1 + PAGE : 0;
            c.cdw10 = q - 1;
        }
        nvme_submit(n, q, &c);
    }
    n->bad = 0;
    for (uint32_t q = 1; q <= n->io_queues; q++) {
        if (!nvme_complete(n, q)) {
            return false;
        }
        n->bad = n->q[q].status != 0 ? q : n->bad;
    }
    return true;
}

static bool fail_io(const struct nvme *n, const char *what)
{
    return fail(n->f, (int)n->q[n->bad].vector, "queue %u: %s: status 0x%x", n->bad, what,
                status_of(n));
}

static bool read_all(struct nvme *n, enum buffer b)
{
    return round_of(n, NVME_READ, b) && (status_of(n) == 0 || fail_io(n, "read"));
}

/* Media that cannot be written, and zones that cannot be written again, are no fault. */
static bool write_all(struct nvme *n, enum buffer b, bool *out_written)
{
    if (!round_of(n, NVME_WRITE, b)) {
        return false;
    }
    *out_written = status_of(n) == 0;
    return *out_written || status_of(n) == NVME_WRITE_PROTECTED ||
           status_of(n) == NVME_WRITE_FAULT || status_of(n) == NVME_ZONE_INVALID_WRITE ||
           fail_io(n, "write");
}

static void fill(struct nvme *n)
{
    for (uint32_t q = 1; q <= n->io_queues; q++) {
        uint8_t *p = page_va(n, BUFFER_PAGE(q, OUT));
        for (uint32_t i = 0; i < n->block; i++) {
            p[i] = (uint8_t)(q * 0x35 + (q - 1) * 0x11 + i + (i >> 8) + 1);
        }
    }
}

static bool equal(struct nvme *n, enum buffer sent)
{
    for (uint32_t q = 1; q <= n->io_queues; q++) {
        if (memcmp(page_va(n, BUFFER_PAGE(q, (uint32_t)sent)), page_va(n, BUFFER_PAGE(q, IN)),
                   n->block) != 0) {
            return fail(n->f, (int)n->q[q].vector, "queue %u: block %u reads back different", q,
                        q - 1);
        }
    }
    return true;
}

/* Without a namespace any answer is an answer: what counts is that each queue's vector brings it. */
bool nvme_transfer(struct nvme *n, const char **out_did)
{
    *out_did = "a flush, without a usable namespace";
    if (n->nsid == 0) {
        return round_of(n, NVME_FLUSH, OUT);
    }
    bool written, restored;
    fill(n);
    if (!read_all(n, SAVED) || !write_all(n, OUT, &written) || !read_all(n, IN)) {
        return false;
    }
    *out_did =
        written ? "a block written, read back, equal" : "a block read twice, equal, not writable";
    bool ok = equal(n, written ? OUT : SAVED);
    return (!written || write_all(n, SAVED, &restored)) && ok;
}
