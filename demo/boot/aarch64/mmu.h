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

#endif /* DEMO_MMU_H */
