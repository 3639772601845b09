/* SPDX-License-Identifier: MIT */
/*
 * Is there a devicetree where firmware says?
 */
#include "mmu.h"

#define FDT_MAGIC 0xedfe0dd0u /* big-endian 0xd00dfeed as it is read here */

struct mmu_dtb_sought mmu_dtb_sought;
uint64_t mmu_build(uint64_t dtb);

uint64_t mmu_build(uint64_t dtb)
{
    uint32_t word = dtb != 0 && dtb % 4 == 0 ? *(const volatile uint32_t *)(uintptr_t)dtb : 0;
    mmu_dtb_sought = (struct mmu_dtb_sought){ dtb, __builtin_bswap32(word) };
    return word == FDT_MAGIC ? dtb : 0;
}
