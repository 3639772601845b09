/* SPDX-License-Identifier: MIT */
/*
 * No address translation here: every address is its own physical address, and firmware's physical memory attributes
 * tell devices from memory. What is a device is only noted.
 */
#ifndef DEMO_MMU_H
#define DEMO_MMU_H

#include <stdbool.h>
#include <stdint.h>

enum mmu_kind { MMU_DEVICE, MMU_MEMORY, MMU_CODE, MMU_CONSTANT };

static inline bool mmu_map(uint64_t phys, uint64_t size, enum mmu_kind kind)
{
    (void)kind;
    return phys + size > phys;
}

/* What firmware gave in a1, and the word that is there, big-endian as the magic number is. */
extern struct mmu_dtb_sought {
    uint64_t x0;
    uint32_t word;
} mmu_dtb_sought;

#endif /* DEMO_MMU_H */
