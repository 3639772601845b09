/* SPDX-License-Identifier: MIT */
/*
 * NVMe registers, commands and completions, as far as the demo needs them. Names and sections are those of
 * the NVM Express Base Specification 1.4; memory structures are little-endian, as the demo's CPUs are.
 */
#ifndef DEMO_DRIVERS_NVME_REGS_H
#define DEMO_DRIVERS_NVME_REGS_H

#include <stdint.h>

/* 3.1 Register definition */
#define NVME_CAP  0x00u
#define NVME_VS   0x08u
#define NVME_CC   0x14u
#define NVME_CSTS 0x1cu
#define NVME_AQA  0x24u
#define NVME_ASQ  0x28u
#define NVME_ACQ  0x30u

#define NVME_CAP_MQES(cap)   ((uint32_t)(cap)&0xffffu)         /* entries per queue, less one */
#define NVME_CAP_TO(cap)     ((uint32_t)((cap) >> 24) & 0xffu) /* in 500 ms */
#define NVME_CAP_DSTRD(cap)  ((uint32_t)((cap) >> 32) & 0xfu)
#define NVME_CAP_MPSMIN(cap) ((uint32_t)((cap) >> 48) & 0xfu)

#define NVME_CC_EN         0x1u
#define NVME_CC_SHN_MASK   (3u << 14)
#define NVME_CC_SHN_NORMAL (1u << 14)
#define NVME_CC_IOSQES     (6u << 16) /* 2^6 bytes */
#define NVME_CC_IOCQES     (4u << 20) /* 2^4 bytes */

#define NVME_CSTS_RDY           0x1u
#define NVME_CSTS_SHST_MASK     (3u << 2)
#define NVME_CSTS_SHST_COMPLETE (2u << 2)

/* 3.1.24, 3.1.25: doorbells of queue `id` */
#define NVME_SQ_TAIL(id, dstrd) (0x1000u + (2u * (id)) * (4u << (dstrd)))
#define NVME_CQ_HEAD(id, dstrd) (0x1000u + (2u * (id) + 1u) * (4u << (dstrd)))

/* 4.2 Submission queue entry */
struct nvme_command {
    uint8_t opcode, flags;
    uint16_t cid;
    uint32_t nsid;
    uint32_t reserved[2];
    uint64_t mptr, prp1, prp2;
    uint32_t cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
};

/* 4.6 Completion queue entry */
struct nvme_completion {
    uint32_t dw0, dw1;
    uint16_t sq_head, sq_id;
    uint16_t cid;
    uint16_t status; /* bit 0: phase tag */
};

/* 5 Admin commands */
#define NVME_ADMIN_DELETE_SQ    0x00u
#define NVME_ADMIN_CREATE_SQ    0x01u
#define NVME_ADMIN_DELETE_CQ    0x04u
#define NVME_ADMIN_CREATE_CQ    0x05u
#define NVME_ADMIN_IDENTIFY     0x06u
#define NVME_ADMIN_SET_FEATURES 0x09u

#define NVME_FEATURE_QUEUES 0x07u

#define NVME_QUEUE_CONTIGUOUS 0x1u /* PC, in both creates */
#define NVME_CQ_INTERRUPTS    0x2u /* IEN */

/* 5.15 Identify: what to return, and where in it */
#define NVME_CNS_NAMESPACE   0u
#define NVME_CNS_ACTIVE_LIST 2u

#define NVME_ID_NS_NSZE   0u
#define NVME_ID_NS_FLBAS  26u
#define NVME_ID_NS_LBAF   128u
#define NVME_FLBAS_FORMAT 0x0fu
#define NVME_FLBAS_INLINE 0x10u /* metadata follows the data of each block */

/* 6 NVM commands */
#define NVME_FLUSH 0x00u
#define NVME_WRITE 0x01u
#define NVME_READ  0x02u

#define NVME_NSID_ALL UINT32_MAX

/* 4.6.1.2 Status: code type in bits 10:8, code in bits 7:0 */
#define NVME_STATUS(field)      ((uint16_t)((field) >> 1 & 0x7ffu))
#define NVME_WRITE_PROTECTED    0x020u
#define NVME_ZONE_INVALID_WRITE 0x1bcu
#define NVME_WRITE_FAULT        0x280u

#endif /* DEMO_DRIVERS_NVME_REGS_H */
