/* SPDX-License-Identifier: MIT */
/*
 * The state of an NVMe controller, shared by nvme.c, which brings it up and makes its queues, and those who read
 * and write on them: nvme_io.c and stress/io.c. What a queue's owner touches is in the queue, so that each CPU may
 * work on one of its own.
 */
#ifndef DEMO_DRIVERS_NVME_H
#define DEMO_DRIVERS_NVME_H

#include "common.h"
#include "nvme_regs.h"

#define PAGE      4096u
#define IO_QUEUES 8u
#define ENTRIES   16u
#define MAX_BLOCK (2 * PAGE) /* what PRP1 and PRP2 reach without a list */

struct nvme_queue {
    struct nvme_command *sq;
    volatile struct nvme_completion *cq;
    uint64_t sq_phys, cq_phys;
    uint16_t tail, head, phase;
    uint16_t status, cid; /* of the last completion */
    uint32_t dw0;         /* and its first dword */
    uint32_t vector;
};

/* One block as an I/O queue handles it. */
enum buffer { SAVED, OUT, IN, BUFFERS };

struct nvme {
    struct pci_function *f;
    struct vectors v;
    struct nvme_queue q[1 + IO_QUEUES]; /* 0: admin */
    uint32_t io_queues, entries, dstrd, ready_ms;
    uint32_t nsid, block; /* nsid 0: no namespace to read and write */
    uint64_t blocks;
    uint8_t *mem;
    uint64_t phys;
    uint32_t bad; /* the I/O queue that had an error in the last round of commands; 0: none */
};

/* Memory: two pages per queue, one to identify into, one for metadata per queue, then the buffers. */
#define QUEUE_PAGE(q)     (2 * (q))
#define IDENTIFY_PAGE     QUEUE_PAGE(1 + IO_QUEUES)
#define METADATA_PAGE(q)  (IDENTIFY_PAGE + (q))
#define BUFFER_PAGE(q, b) (METADATA_PAGE(1 + IO_QUEUES) + 2 * (((q)-1) * BUFFERS + (b)))
#define MEM_SIZE          (BUFFER_PAGE(1 + IO_QUEUES, 0) * (size_t)PAGE)

static inline uint64_t page_phys(const struct nvme *n, uint32_t page)
{
    return n->phys + (uint64_t)page * PAGE;
}

static inline void *page_va(const struct nvme *n, uint32_t page)
{
    return n->mem + page * (size_t)PAGE;
}

/* Bring a controller up: enabled, its namespace found, a handler (event_raise) behind each vector, I/O queues made.
 * False: fail() was called, and nothing is held. */
bool nvme_open(struct nvme *n, struct pci_function *f);
/* The way back; false: fail() was called. */
bool nvme_close(struct nvme *n);

/* Put a command on queue `id`; the caller has reset the event of its vector. It is number q[id].tail, as `cid` will
 * say. */
void nvme_submit(struct nvme *n, uint32_t id, const struct nvme_command *command);
/* Take the next completion of a queue, if there is one: status, cid and dw0 are of it. */
bool nvme_reap(struct nvme *n, uint32_t id);
/* Wait for the queue's interrupt, and take the completion. False: fail() was called. */
bool nvme_complete(struct nvme *n, uint32_t id);

/* Use every I/O queue; *out_did says how, for the report. */
bool nvme_transfer(struct nvme *n, const char **out_did);

#endif /* DEMO_DRIVERS_NVME_H */
