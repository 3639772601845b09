/* SPDX-License-Identifier: MIT */
/* ITS registers, as IHI0069 names them: 12.18 (control frame), 12.19 (translation frame). */
#ifndef UMSI_ITS_REGS_H
#define UMSI_ITS_REGS_H

#include <stdint.h>

#define GITS_CTLR           0x0000u
#define GITS_CTLR_ENABLED   (1u << 0)
#define GITS_CTLR_IMDE      (1u << 1)
#define GITS_CTLR_QUIESCENT (1u << 31)

#define GITS_TYPER              0x0008u
#define GITS_TYPER_PHYSICAL     (UINT64_C(1) << 0)
#define GITS_TYPER_ITT_ENTRY(v) ((uint32_t)((v) >> 4) & 0xfu)   /* bytes minus one */
#define GITS_TYPER_ID_BITS(v)   ((uint32_t)((v) >> 8) & 0x1fu)  /* minus one */
#define GITS_TYPER_DEVBITS(v)   ((uint32_t)((v) >> 13) & 0x1fu) /* minus one */
#define GITS_TYPER_PTA          (UINT64_C(1) << 19)
#define GITS_TYPER_HCC(v)       ((uint32_t)((v) >> 24) & 0xffu)
#define GITS_TYPER_CIDBITS(v)   ((uint32_t)((v) >> 32) & 0xfu) /* minus one, when CIL */
#define GITS_TYPER_CIL          (UINT64_C(1) << 36)

#define GITS_CBASER         0x0080u
#define GITS_CWRITER        0x0088u
#define GITS_CWRITER_RETRY  (UINT64_C(1) << 0)
#define GITS_CREADR         0x0090u
#define GITS_CREADR_STALLED (UINT64_C(1) << 0)
#define GITS_QUEUE_OFFSET   UINT64_C(0xfffe0) /* of CWRITER and CREADR */

#define GITS_BASER(n) (0x0100u + 8u * (n))
#define GITS_NR_BASER 8u

/* Common to CBASER and BASER<n>. */
#define GITS_BASE_VALID        (UINT64_C(1) << 63)
#define GITS_BASE_INNER_NC     (UINT64_C(1) << 59)
#define GITS_BASE_INNER_RAWAWB (UINT64_C(7) << 59)
#define GITS_BASE_SHAREABILITY (UINT64_C(3) << 10)
#define GITS_BASE_INNER_SHARE  (UINT64_C(1) << 10)

#define GITS_CBASER_ADDRESS UINT64_C(0x000ffffffffff000)
#define GITS_CBASER_ALIGN   0x10000u /* bits [15:12] nonzero is CONSTRAINED UNPREDICTABLE */

#define GITS_BASER_INDIRECT        (UINT64_C(1) << 62)
#define GITS_BASER_TYPE(v)         ((uint32_t)((v) >> 56) & 7u)
#define GITS_BASER_TYPE_DEVICE     1u
#define GITS_BASER_TYPE_COLLECTION 4u
#define GITS_BASER_ENTRY_SIZE(v)   ((uint32_t)((v) >> 48) & 0x1fu) /* bytes minus one */
#define GITS_BASER_PAGE_SIZE_SHIFT 8u
#define GITS_BASER_PAGE_SIZE(v)    ((uint32_t)((v) >> 8) & 3u) /* 4K, 16K, 64K */
#define GITS_BASER_MAX_PAGES       256u

/* A level 1 entry of a two-level table: IHI0069 5.2. */
#define GITS_L1_VALID       (UINT64_C(1) << 63)
#define GITS_L1_ENTRY_BYTES 8u

#define GITS_PIDR2            0xffe8u
#define GITS_PIDR2_ARCHREV(v) (((v) >> 4) & 0xfu) /* 3: GICv3, 4: GICv4 */

#define GITS_TRANSLATER_OFFSET 0x10040u /* from the first frame */

#define GITS_ITT_ALIGN 256u /* MAPD's ITT_addr has bits [51:8] */

#endif /* UMSI_ITS_REGS_H */
