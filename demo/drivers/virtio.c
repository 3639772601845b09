/* SPDX-License-Identifier: MIT */
/*
 * virtio: the modern PCI transport, for transitional devices too. One vector for configuration changes and one
 * per queue, fewer when fewer are granted. Sections are those of the Virtual I/O Device specification 1.1.
 */
#include "virtio.h"

/* Within a queue's ring page (2.6: alignments of 16, 2 and 4). */
#define AVAIL_OFFSET 64u
#define USED_OFFSET  128u

/* ---- registers ---- */

static uint32_t common(const struct virtio *d, uint32_t offset)
{
    return d->cap[VIRTIO_COMMON].offset + offset;
}

static uint16_t get16(const struct virtio *d, uint32_t offset)
{
    return bar_read16(d->f, d->cap[VIRTIO_COMMON].bar, common(d, offset));
}

static void put16(const struct virtio *d, uint32_t offset, uint32_t v)
{
    bar_write16(d->f, d->cap[VIRTIO_COMMON].bar, common(d, offset), (uint16_t)v);
}

static void put32(const struct virtio *d, uint32_t offset, uint32_t v)
{
    bar_write32(d->f, d->cap[VIRTIO_COMMON].bar, common(d, offset), v);
}

static void put64(const struct virtio *d, uint32_t offset, uint64_t v)
{
    put32(d, offset, (uint32_t)v);
    put32(d, offset + 4, (uint32_t)(v >> 32));
}

static uint8_t status(const struct virtio *d)
{
    return bar_read8(d->f, d->cap[VIRTIO_COMMON].bar, common(d, COMMON_DEVICE_STATUS));
}

static void put_status(const struct virtio *d, uint32_t v)
{
    bar_write8(d->f, d->cap[VIRTIO_COMMON].bar, common(d, COMMON_DEVICE_STATUS), (uint8_t)v);
}

uint32_t virtio_config(const struct virtio *d, uint32_t offset, unsigned width)
{
    uint8_t bar = d->cap[VIRTIO_DEVICE].bar;
    offset += d->cap[VIRTIO_DEVICE].offset;
    return width == 1   ? bar_read8(d->f, bar, offset)
           : width == 2 ? bar_read16(d->f, bar, offset)
                        : bar_read32(d->f, bar, offset);
}

/* ---- 4.1.4: where the structures are ---- */

static void note_cap(struct virtio *d, const struct pci_function *f, uint16_t at)
{
    uint32_t type = pci_read(f, (uint16_t)(at + VIRTIO_CAP_TYPE), 1);
    uint32_t bar = pci_read(f, (uint16_t)(at + VIRTIO_CAP_BAR), 1);
    /* The first of a type that the driver can reach is the one to use. */
    if (type >= VIRTIO_CAPS || bar > 5 || f->bar[bar].va == NULL || d->cap[type].present) {
        return;
    }
    d->cap[type].present = true;
    d->cap[type].bar = (uint8_t)bar;
    d->cap[type].offset = pci_read(f, (uint16_t)(at + VIRTIO_CAP_OFFSET), 4);
    if (type == VIRTIO_NOTIFY) {
        d->notify_mult = pci_read(f, (uint16_t)(at + VIRTIO_CAP_NOTIFY_MULT), 4);
    }
}

static bool find_caps(struct virtio *d, const struct pci_function *f)
{
    uint16_t at = (pci_read(f, 0x06, 2) & 0x10) != 0 ? (uint16_t)(pci_read(f, 0x34, 1) & 0xfc) : 0;
    for (unsigned left = 48; at >= 0x40 && left != 0; left--) { /* a looping list ends too */
        if (pci_read(f, at, 1) == 0x09) {
            note_cap(d, f, at);
        }
        at = (uint16_t)(pci_read(f, (uint16_t)(at + 1), 1) & 0xfc);
    }
    return d->cap[VIRTIO_COMMON].present && d->cap[VIRTIO_NOTIFY].present;
}

/* Transitional devices have their type in the subsystem ID (4.1.2.1). */
static uint32_t type_of(const struct pci_function *f)
{
    if (f->vendor != VIRTIO_VENDOR || f->device < 0x1000 || f->device > 0x107f) {
        return 0;
    }
    return f->device >= VIRTIO_FIRST_MODERN ? f->device - VIRTIO_FIRST_MODERN
                                            : pci_read(f, 0x2e, 2);
}

/* ---- 3.1: bringing it up ---- */

/* The device says it is done by reading back 0; no interrupt does. */
static bool reset(struct virtio *d)
{
    uint64_t end = time_us() + 2000000;
    put_status(d, 0);
    while (status(d) != 0) {
        if (time_us() > end) {
            return fail(d->f, -1, "device status stays 0x%x after reset", status(d));
        }
    }
    return true;
}

static uint64_t offered(const struct virtio *d)
{
    uint64_t v = 0;
    for (uint32_t half = 0; half < 2; half++) {
        put32(d, COMMON_DEVICE_FEATURE_SELECT, half);
        v |= (uint64_t)bar_read32(d->f, d->cap[VIRTIO_COMMON].bar, common(d, COMMON_DEVICE_FEATURE))
             << (32 * half);
    }
    return v;
}

static bool negotiate(struct virtio *d, uint64_t wanted)
{
    put_status(d, VIRTIO_ACKNOWLEDGE);
    put_status(d, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
    wanted |= VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM | VIRTIO_F_ORDER_PLATFORM;
    d->features = offered(d) & wanted;
    for (uint32_t half = 0; half < 2; half++) {
        put32(d, COMMON_DRIVER_FEATURE_SELECT, half);
        put32(d, COMMON_DRIVER_FEATURE, (uint32_t)(d->features >> (32 * half)));
    }
    put_status(d, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
    return ((d->features & VIRTIO_F_VERSION_1) != 0 && (status(d) & VIRTIO_FEATURES_OK) != 0) ||
           fail(d->f, -1, "features 0x%llx not accepted", (unsigned long long)d->features);
}

/* 4.1.4.5: reading the ISR status takes INTx back; 0: another function on the wire raised it. */
static void wire_irq(void *arg)
{
    struct virtio *d = arg;
    if (bar_read8(d->f, d->cap[VIRTIO_ISR].bar, d->cap[VIRTIO_ISR].offset) != 0) {
        event_raise(&d->v.event[0]);
    }
}

/* The one vector of all queues, and of configuration changes. */
static bool take_wire(struct virtio *d)
{
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = UMSI_INTX };
    enum umsi_status st = UMSI_NOTFOUND;
    (void)intx_allow(d->f, true);
    if (d->cap[VIRTIO_ISR].present) {
        st = umsi_pci_alloc_vectors(&d->f->msi, &want, &d->v.granted);
    }
    if (st == UMSI_OK) {
        st = umsi_pci_request(&d->f->msi, 0, wire_irq, d, "virtio");
    }
    return st == UMSI_OK || fail_status(d->f, -1, "INTx", st);
}

static bool take(struct virtio *d, const char *irq_name)
{
    const struct vectors_want want = { .min = 1,
                                       .max = 1 + d->queues,
                                       .kinds = UMSI_MSIX,
                                       .first = "virtio-config",
                                       .rest = irq_name };
    return d->f->by_message ? vectors_take(d->f, &d->v, &want) : take_wire(d);
}

static void give(struct virtio *d)
{
    if (!d->f->by_message) {
        (void)intx_allow(d->f, false);
    }
    vectors_give(d->f, &d->v);
}

/* 4.1.5.1.2.1: a device without room for a mapping says so by reading back NO_VECTOR. */
static bool map_vector(struct virtio *d, uint32_t offset, uint32_t vector)
{
    put16(d, offset, vector);
    return get16(d, offset) == vector ||
           fail(d->f, (int)vector, "device maps no vector: 0x%x reads back 0x%x", offset,
                get16(d, offset));
}

static void place_queue(struct virtio *d, uint32_t i)
{
    size_t at = (size_t)i * VIRTIO_QUEUE_PAGES * VIRTIO_PAGE;
    uint8_t *page = d->mem + at;
    d->q[i] = (struct virtq){
        .desc = (void *)page,
        .avail = (void *)(page + AVAIL_OFFSET),
        .used = (void *)(page + USED_OFFSET),
        .data = page + VIRTIO_PAGE,
        .data_phys = d->phys + at + VIRTIO_PAGE,
        .vector = d->v.granted == 1 ? 0 : 1 + i % (d->v.granted - 1),
        .notify = d->cap[VIRTIO_NOTIFY].offset + get16(d, COMMON_QUEUE_NOTIFY_OFF) * d->notify_mult,
    };
    uint64_t phys = d->phys + at;
    put64(d, COMMON_QUEUE_DESC, phys);
    put64(d, COMMON_QUEUE_DRIVER, phys + AVAIL_OFFSET);
    put64(d, COMMON_QUEUE_DEVICE, phys + USED_OFFSET);
}

static bool set_up_queue(struct virtio *d, uint32_t i)
{
    put16(d, COMMON_QUEUE_SELECT, i);
    if (get16(d, COMMON_QUEUE_SIZE) < VIRTQ_SIZE) {
        return fail(d->f, -1, "queue %u has %u entries", i, get16(d, COMMON_QUEUE_SIZE));
    }
    put16(d, COMMON_QUEUE_SIZE, VIRTQ_SIZE);
    place_queue(d, i);
    if (d->f->by_message && !map_vector(d, COMMON_QUEUE_MSIX_VECTOR, d->q[i].vector)) {
        return false;
    }
    put16(d, COMMON_QUEUE_ENABLE, 1);
    return true;
}

/* With a single vector the queues get it, and configuration changes go unheard. */
static bool set_up(struct virtio *d)
{
    if (d->v.granted > 1 && !map_vector(d, COMMON_MSIX_CONFIG, 0)) {
        return false;
    }
    for (uint32_t i = 0; i < d->queues; i++) {
        if (!set_up_queue(d, i)) {
            return false;
        }
    }
    put_status(d, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK);
    return true;
}

/* ---- requests ---- */

void virtio_begin(struct virtio *d)
{
    for (uint32_t i = 0; i < d->v.granted; i++) {
        event_reset(&d->v.event[i]);
    }
}

void virtio_submit(struct virtio *d, uint32_t qi, const struct virtio_piece *piece, uint32_t n)
{
    struct virtq *q = &d->q[qi];
    for (uint32_t i = 0; i < n; i++) {
        q->desc[i] = (struct virtq_desc){
            .addr = q->data_phys + piece[i].offset,
            .len = piece[i].len,
            .flags = (uint16_t)((i + 1 < n ? VIRTQ_DESC_NEXT : 0) |
                                (piece[i].device_writes ? VIRTQ_DESC_WRITE : 0)),
            .next = (uint16_t)(i + 1),
        };
    }
    q->avail->ring[q->done % VIRTQ_SIZE] = 0;
    __atomic_store_n(&q->avail->idx, (uint16_t)(q->done + 1), __ATOMIC_RELEASE);
    bar_write16(d->f, d->cap[VIRTIO_NOTIFY].bar, q->notify, (uint16_t)qi);
}

/* Queues may share a vector, so an interrupt need not be about this one: then another one follows. */
bool virtio_wait(struct virtio *d, uint32_t qi, uint32_t *out_len)
{
    struct virtq *q = &d->q[qi];
    for (uint32_t count = 1;; count++) {
        if (!event_wait(&d->v.event[q->vector], count)) {
            return fail(d->f, (int)q->vector, "no interrupt from queue %u", qi);
        }
        if (q->used->idx != q->done) {
            *out_len = q->used->ring[q->done % VIRTQ_SIZE].len;
            q->done++;
            return true;
        }
    }
}

/* ---- the driver ---- */

static uint32_t count_queues(const struct virtio *d, const struct virtio_device *device)
{
    uint32_t has = get16(d, COMMON_NUM_QUEUES);
    uint32_t max = device->max_queues < VIRTIO_QUEUES ? device->max_queues : VIRTIO_QUEUES;
    if (device->type == VIRTIO_BLK && (d->features & VIRTIO_BLK_F_MQ) == 0) {
        max = 1;
    }
    return has < max ? has : max;
}

static bool with_memory(struct virtio *d, const struct virtio_device *device)
{
    bool taken = take(d, device->irq_name);
    bool ok = taken && set_up(d) && device->work(d);
    bool stopped = reset(d);
    if (taken) {
        give(d);
    }
    if (stopped) { /* one that will not stop may still write: its memory is lost, not reused */
        dma_put(d->mem, (size_t)d->queues * VIRTIO_QUEUE_PAGES * VIRTIO_PAGE);
    }
    return ok && stopped;
}

static bool virtio_run(struct pci_function *f)
{
    const struct virtio_device *device = virtio_device(type_of(f));
    struct virtio d = { .f = f };
    if (vectors_none(f)) {
        return true;
    }
    if (!find_caps(&d, f) || !reset(&d)) {
        return false;
    }
    if (!negotiate(&d, device->wanted)) {
        (void)reset(&d);
        return false;
    }
    d.queues = count_queues(&d, device);
    d.mem = dma_get((size_t)d.queues * VIRTIO_QUEUE_PAGES * VIRTIO_PAGE, &d.phys);
    if (d.mem == NULL) {
        return fail(f, -1, "no memory");
    }
    return with_memory(&d, device);
}

static bool virtio_match(const struct pci_function *f)
{
    struct virtio d = { .f = NULL };
    return virtio_device(type_of(f)) != NULL && find_caps(&d, f);
}

const struct driver virtio_driver = {
    .name = "virtio", .match = virtio_match, .run = virtio_run, .by_wire = true
};
