/* SPDX-License-Identifier: MIT */
/*
 * Virtio over PCI, as far as the demo needs it. Names and sections are those of the Virtual I/O Device
 * specification 1.1; structures are little-endian, as the demo's CPUs are.
 */
#ifndef DEMO_DRIVERS_VIRTIO_REGS_H
#define DEMO_DRIVERS_VIRTIO_REGS_H

#include <stdint.h>

/* 4.1.4 Virtio structure PCI capabilities */
#define VIRTIO_VENDOR          0x1af4u
#define VIRTIO_FIRST_MODERN    0x1040u /* PCI device ID, plus the device's type */
#define VIRTIO_CAP_TYPE        3u
#define VIRTIO_CAP_BAR         4u
#define VIRTIO_CAP_OFFSET      8u
#define VIRTIO_CAP_NOTIFY_MULT 16u

enum virtio_cap {
    VIRTIO_COMMON = 1,
    VIRTIO_NOTIFY = 2,
    VIRTIO_ISR = 3,
    VIRTIO_DEVICE = 4,
    VIRTIO_CAPS
};

/* 4.1.4.3 Common configuration; the number of bits is how wide a field must be accessed */
enum {
    COMMON_DEVICE_FEATURE_SELECT = 0x00, /* 32 */
    COMMON_DEVICE_FEATURE = 0x04,        /* 32 */
    COMMON_DRIVER_FEATURE_SELECT = 0x08, /* 32 */
    COMMON_DRIVER_FEATURE = 0x0c,        /* 32 */
    COMMON_MSIX_CONFIG = 0x10,           /* 16 */
    COMMON_NUM_QUEUES = 0x12,            /* 16 */
    COMMON_DEVICE_STATUS = 0x14,         /* 8 */
    COMMON_QUEUE_SELECT = 0x16,          /* 16 */
    COMMON_QUEUE_SIZE = 0x18,            /* 16 */
    COMMON_QUEUE_MSIX_VECTOR = 0x1a,     /* 16 */
    COMMON_QUEUE_ENABLE = 0x1c,          /* 16 */
    COMMON_QUEUE_NOTIFY_OFF = 0x1e,      /* 16 */
    COMMON_QUEUE_DESC = 0x20,            /* 64, as two of 32 */
    COMMON_QUEUE_DRIVER = 0x28,
    COMMON_QUEUE_DEVICE = 0x30,
};

#define VIRTIO_NO_VECTOR 0xffffu

/* 2.1 Device status */
#define VIRTIO_ACKNOWLEDGE 1u
#define VIRTIO_DRIVER      2u
#define VIRTIO_DRIVER_OK   4u
#define VIRTIO_FEATURES_OK 8u
#define VIRTIO_FAILED      128u

/* 6 Reserved feature bits */
#define VIRTIO_F_VERSION_1       ((uint64_t)1 << 32)
#define VIRTIO_F_ACCESS_PLATFORM ((uint64_t)1 << 33)
#define VIRTIO_F_ORDER_PLATFORM  ((uint64_t)1 << 36)

/* 2.6 Split virtqueues */
struct virtq_desc {
    uint64_t addr;
    uint32_t len;
    uint16_t flags, next;
};
#define VIRTQ_DESC_NEXT  1u
#define VIRTQ_DESC_WRITE 2u /* the device writes it */

struct virtq_avail {
    uint16_t flags, idx;
    uint16_t ring[];
};

struct virtq_used {
    uint16_t flags, idx;
    struct {
        uint32_t id, len;
    } ring[];
};

/* 5.1 Network, 5.2 Block, 5.4 Entropy */
enum virtio_type { VIRTIO_NET = 1, VIRTIO_BLK = 2, VIRTIO_RNG = 4 };

#define VIRTIO_NET_F_MAC  ((uint64_t)1 << 5)
#define VIRTIO_NET_HEADER 12u
#define VIRTIO_NET_TX     1u

#define VIRTIO_BLK_F_RO       ((uint64_t)1 << 5)
#define VIRTIO_BLK_F_BLK_SIZE ((uint64_t)1 << 6)
#define VIRTIO_BLK_F_MQ       ((uint64_t)1 << 12)

/* Device configuration of a block device */
#define VIRTIO_BLK_CAPACITY 0u /* in sectors of 512 bytes */
#define VIRTIO_BLK_BLK_SIZE 20u
#define VIRTIO_BLK_QUEUES   34u

#define VIRTIO_BLK_IN     0u
#define VIRTIO_BLK_OUT    1u
#define VIRTIO_BLK_GET_ID 8u
#define VIRTIO_BLK_ID_LEN 20u

struct virtio_blk_header {
    uint32_t type, reserved;
    uint64_t sector;
};

#endif /* DEMO_DRIVERS_VIRTIO_REGS_H */
