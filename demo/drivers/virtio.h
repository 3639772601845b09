/* SPDX-License-Identifier: MIT */
/*
 * A virtio device as its drivers see it: a started transport with queues, and one request at a time per
 * queue, answered by interrupt. virtio.c is the transport, virtio_devices.c what is done with it.
 */
#ifndef DEMO_DRIVERS_VIRTIO_H
#define DEMO_DRIVERS_VIRTIO_H

#include "common.h"
#include "virtio_regs.h"

#define VIRTIO_QUEUES 8u
#define VIRTQ_SIZE    4u

struct virtq {
    struct virtq_desc *desc;
    struct virtq_avail *avail;
    volatile struct virtq_used *used;
    uint8_t *data; /* its buffers */
    uint64_t data_phys;
    uint16_t done; /* requests answered */
    uint32_t vector, notify;
};

struct virtio {
    struct pci_function *f;
    struct vectors v;
    struct {
        bool present;
        uint8_t bar;
        uint32_t offset;
    } cap[VIRTIO_CAPS];
    uint32_t notify_mult;
    uint64_t features;
    struct virtq q[VIRTIO_QUEUES];
    uint32_t queues;
    uint8_t *mem;
    uint64_t phys;
};

/* A queue's memory: one page for the rings, four for data. */
#define VIRTIO_PAGE        4096u
#define VIRTIO_QUEUE_PAGES 5u

struct virtio_piece {
    uint32_t offset, len; /* in the queue's data */
    bool device_writes;
};

/* Before requests are submitted, on one queue or on many: forget interrupts that came. */
void virtio_begin(struct virtio *d);
/* Make a request of up to VIRTQ_SIZE pieces available, and notify the device. One at a time per queue. */
void virtio_submit(struct virtio *d, uint32_t q, const struct virtio_piece *piece, uint32_t n);
/* Wait for its interrupt; *out_len is how much the device wrote. False: fail() was called. */
bool virtio_wait(struct virtio *d, uint32_t q, uint32_t *out_len);

/* Device configuration, each field as wide as it is. */
uint32_t virtio_config(const struct virtio *d, uint32_t offset, unsigned width);

/* What is done with a device of a type. */
struct virtio_device {
    enum virtio_type type;
    uint64_t wanted;     /* features, taken when offered */
    uint32_t max_queues; /* to set up, as far as the device has them */
    const char *irq_name;
    bool (*work)(struct virtio *d);
};
const struct virtio_device *virtio_device(uint32_t type); /* NULL: nothing is */

#endif /* DEMO_DRIVERS_VIRTIO_H */
