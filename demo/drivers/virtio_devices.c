/* SPDX-License-Identifier: MIT */
/* What the demo does with virtio's block, entropy and network devices. */
#include "virtio.h"

/* ---- 5.2 block: every queue has a block of its own, and all are under way at once ---- */

enum { SAVED = 1, OUT, IN }; /* pages of a queue's data; page 0 has header and status */
#define STATUS_OFFSET 64u

static uint32_t blk_size(const struct virtio *d)
{
    return (d->features & VIRTIO_BLK_F_BLK_SIZE) != 0 ? virtio_config(d, VIRTIO_BLK_BLK_SIZE, 4)
                                                      : 512;
}

static uint8_t *blk_page(const struct virtio *d, uint32_t q, uint32_t page)
{
    return d->q[q].data + page * VIRTIO_PAGE;
}

static void blk_submit(struct virtio *d, uint32_t q, uint32_t type, uint32_t page, uint32_t len)
{
    const struct virtio_piece piece[] = {
        { 0, sizeof(struct virtio_blk_header), false },
        { page * VIRTIO_PAGE, len, type != VIRTIO_BLK_OUT },
        { STATUS_OFFSET, 1, true },
    };
    struct virtio_blk_header header = { .type = type };
    if (type != VIRTIO_BLK_GET_ID) {
        header.sector = (uint64_t)q * (len / 512);
    }
    memcpy(d->q[q].data, &header, sizeof(header));
    d->q[q].data[STATUS_OFFSET] = 0xff;
    virtio_submit(d, q, piece, 3);
}

/* The same request on every queue. */
static bool blk_all(struct virtio *d, uint32_t type, uint32_t page, uint32_t len)
{
    uint32_t wrote;
    virtio_begin(d);
    for (uint32_t q = 0; q < d->queues; q++) {
        blk_submit(d, q, type, page, len);
    }
    for (uint32_t q = 0; q < d->queues; q++) {
        if (!virtio_wait(d, q, &wrote)) {
            return false;
        }
        volatile uint8_t *status = &d->q[q].data[STATUS_OFFSET];
        if (*status != 0) {
            return fail(d->f, (int)d->q[q].vector, "queue %u: request %u has status %u", q, type,
                        *status);
        }
    }
    return true;
}

static bool blk_equal(struct virtio *d, uint32_t page, uint32_t len)
{
    for (uint32_t q = 0; q < d->queues; q++) {
        if (memcmp(blk_page(d, q, page), blk_page(d, q, IN), len) != 0) {
            return fail(d->f, (int)d->q[q].vector, "queue %u: its block reads back different", q);
        }
    }
    return true;
}

static void blk_fill(struct virtio *d, uint32_t len)
{
    for (uint32_t q = 0; q < d->queues; q++) {
        for (uint32_t i = 0; i < len; i++) {
            blk_page(d, q, OUT)[i] = (uint8_t)(q * 0x3b + i + (i >> 8) + 1);
        }
    }
}

/* Write, read back, compare, and put back what was there. */
static bool blk_write(struct virtio *d, uint32_t len)
{
    blk_fill(d, len);
    if (!blk_all(d, VIRTIO_BLK_IN, SAVED, len) || !blk_all(d, VIRTIO_BLK_OUT, OUT, len)) {
        return false;
    }
    bool ok = blk_all(d, VIRTIO_BLK_IN, IN, len) && blk_equal(d, OUT, len);
    return blk_all(d, VIRTIO_BLK_OUT, SAVED, len) && ok;
}

static bool blk_read(struct virtio *d, uint32_t len)
{
    return blk_all(d, VIRTIO_BLK_IN, SAVED, len) && blk_all(d, VIRTIO_BLK_IN, IN, len) &&
           blk_equal(d, SAVED, len);
}

static bool blk_work(struct virtio *d)
{
    uint32_t len = blk_size(d);
    uint64_t capacity = virtio_config(d, VIRTIO_BLK_CAPACITY, 4) |
                        (uint64_t)virtio_config(d, VIRTIO_BLK_CAPACITY + 4, 4) << 32;
    const char *did = "the identity read";
    bool ok;
    if (len < 512 || len > VIRTIO_PAGE || capacity * 512 < (uint64_t)len * d->queues) {
        ok = blk_all(d, VIRTIO_BLK_GET_ID, SAVED, VIRTIO_BLK_ID_LEN);
    } else if ((d->features & VIRTIO_BLK_F_RO) != 0) {
        did = "a block read twice, equal";
        ok = blk_all(d, VIRTIO_BLK_GET_ID, SAVED, VIRTIO_BLK_ID_LEN) && blk_read(d, len);
    } else {
        did = "a block written, read back, equal";
        ok = blk_write(d, len);
    }
    if (ok) {
        say(d->f, "block: vectors %u, queues %u, on each %s", d->v.granted, d->queues, did);
    }
    return ok;
}

/* ---- 5.4 entropy ---- */

#define RNG_LEN 32u

static bool rng_get(struct virtio *d, uint32_t page, uint32_t *out_len)
{
    const struct virtio_piece piece = { page * VIRTIO_PAGE, RNG_LEN, true };
    virtio_begin(d);
    virtio_submit(d, 0, &piece, 1);
    return virtio_wait(d, 0, out_len) &&
           ((*out_len != 0 && *out_len <= RNG_LEN) ||
            fail(d->f, (int)d->q[0].vector, "%u bytes of %u", *out_len, RNG_LEN));
}

static bool rng_work(struct virtio *d)
{
    uint32_t a, b;
    if (!rng_get(d, 0, &a) || !rng_get(d, 1, &b)) {
        return false;
    }
    uint32_t both = a < b ? a : b;
    /* Eight equal bytes are no accident; fewer might be. */
    if (both >= 8 && memcmp(d->q[0].data, d->q[0].data + VIRTIO_PAGE, both) == 0) {
        return fail(d->f, (int)d->q[0].vector, "the same %u bytes twice", both);
    }
    say(d->f, "entropy: vectors %u, %u and %u random bytes", d->v.granted, a, b);
    return true;
}

/* ---- 5.1 network: a frame to itself, of an experimental type, that nobody else takes up ---- */

#define FRAME_LEN 60u

static bool net_work(struct virtio *d)
{
    static const uint8_t spare_mac[6] = { 0x02, 0, 0, 0, 0, 1 };
    const struct virtio_piece piece = { 0, VIRTIO_NET_HEADER + FRAME_LEN, false };
    uint8_t *frame = d->q[VIRTIO_NET_TX].data + VIRTIO_NET_HEADER;
    uint32_t len;
    for (uint32_t i = 0; i < 6; i++) {
        bool has = (d->features & VIRTIO_NET_F_MAC) != 0;
        frame[i] = frame[6 + i] = has ? (uint8_t)virtio_config(d, i, 1) : spare_mac[i];
    }
    frame[12] = 0x88; /* IEEE 802: local experimental EtherType 1 */
    frame[13] = 0xb5;
    virtio_begin(d);
    virtio_submit(d, VIRTIO_NET_TX, &piece, 1);
    if (!virtio_wait(d, VIRTIO_NET_TX, &len)) {
        return false;
    }
    say(d->f, "network: vectors %u, a frame sent", d->v.granted);
    return true;
}

const struct virtio_device *virtio_device(uint32_t type)
{
    static const struct virtio_device device[] = {
        { VIRTIO_NET, VIRTIO_NET_F_MAC, 2, "virtio-net", net_work },
        { VIRTIO_BLK, VIRTIO_BLK_F_RO | VIRTIO_BLK_F_BLK_SIZE | VIRTIO_BLK_F_MQ, VIRTIO_QUEUES,
          "virtio-blk", blk_work },
        { VIRTIO_RNG, 0, 1, "virtio-rng", rng_work },
    };
    for (size_t i = 0; i < sizeof(device) / sizeof(device[0]); i++) {
        if ((uint32_t)device[i].type == type) {
            return &device[i];
        }
    }
    return NULL;
}
