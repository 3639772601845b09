/* SPDX-License-Identifier: MIT */
/*
 * Address translation: every address is its own physical address; what was not asked for is not mapped.
 */
#ifndef DEMO_MMU_H
#define DEMO_MMU_H

#include <stdbool.h>
#include <stdint.h>

enum mmu_kind { MMU_DEVICE, MMU_MEMORY, MMU_CODE, MMU_CONSTANT };

/* Map whole pages around [phys, phys + size); false: out of table pages, or above 1 TiB. What is mapped
 * already stays as it is. Boot CPU only. */
bool mmu_map(uint64_t phys, uint64_t size, enum mmu_kind kind);

/* Where mmu_build() looked for the devicetree: in x0, or, where that is 0, at the start of RAM; and the word that
 * is there, big-endian as its magic number is. For the message when there is none. */
extern struct mmu_dtb_sought {
    uint64_t x0;
    uint32_t word;
} mmu_dtb_sought;

#endif /* DEMO_MMU_H */
