/* SPDX-License-Identifier: MIT */
/*
 * Page tables: 4 KiB granule, 40 bits of address, one to one. Entries only ever go from invalid to valid, so
 * nothing has to be invalidated. Arm ARM (DDI0487) D8.3.
 *
 * mmu_build() runs with the caches off, before the C library may be used.
 */
#include <stddef.h>

#include "../../memory.h"
#include "cpu.h"
#include "mmu.h"
#include "sections.h"

#define ADDRESS_BITS 40
#define DESC_VALID   1ull
#define DESC_TABLE   2ull /* a page in the last level */
#define DESC_ADDRESS 0x0000fffffffff000ull
#define DESC_AF      (1ull << 10)
#define DESC_SH      (3ull << 8) /* inner shareable */
#define DESC_RO      (2ull << 6)
#define DESC_XN      (3ull << 53)
#define ATTR_DEVICE  (0ull << 2) /* index into MAIR_EL1 */
#define ATTR_NORMAL  (1ull << 2)
#define EARLY_TABLES 16
#define DTB_SPAN     0x200000ull
#define FDT_MAGIC    0xedfe0dd0u /* big-endian 0xd00dfeed as it is read here */

struct mmu_registers {
    uint64_t mair, tcr, ttbr;
};

extern char __image_start[], __text_end[], __rodata_end[], __image_end[];
struct mmu_registers mmu_registers;
struct mmu_dtb_sought mmu_dtb_sought;
static uint64_t early_table[EARLY_TABLES][512] __attribute__((aligned(4096)));
static unsigned early_used;
uint64_t mmu_build(uint64_t dtb);

static uint64_t attributes(enum mmu_kind kind)
{
    switch (kind) {
    case MMU_MEMORY:
        return ATTR_NORMAL | DESC_SH | DESC_AF | DESC_XN;
    case MMU_CODE:
        return ATTR_NORMAL | DESC_SH | DESC_AF | DESC_RO;
    case MMU_CONSTANT:
        return ATTR_NORMAL | DESC_SH | DESC_AF | DESC_RO | DESC_XN;
    case MMU_DEVICE:
    default:
        return ATTR_DEVICE | DESC_AF | DESC_XN;
    }
}

static uint64_t *new_table(void)
{
    if (early_used < EARLY_TABLES) {
        return early_table[early_used++];
    }
    return memory_get_table();
}

/* Map one block or page at `at`, the largest that fits before `end`; returns where to go on, 0 on failure. */
static uint64_t map_one(uint64_t at, uint64_t end, uint64_t attr)
{
    uint64_t *table = early_table[0];
    for (unsigned shift = 39;; shift -= 9) {
        uint64_t *entry = &table[(at >> shift) & 511], span = 1ull << shift;
        if ((*entry & DESC_VALID) != 0 && (shift == 12 || (*entry & DESC_TABLE) == 0)) {
            return (at & ~(span - 1)) + span; /* mapped before */
        }
        bool fits = shift < 39 && (at & (span - 1)) == 0 && end - at >= span;
        if ((*entry & DESC_VALID) == 0 && fits) {
            *entry = at | attr | DESC_VALID | (shift == 12 ? DESC_TABLE : 0);
            return at + span;
        }
        if ((*entry & DESC_VALID) == 0) {
            uint64_t *below = new_table();
            if (below == NULL) {
                return 0;
            }
            __asm__ volatile("dsb ishst" ::: "memory"); /* zeroed before a walk can see it */
            *entry = (uintptr_t)below | DESC_TABLE | DESC_VALID;
        }
        table = (uint64_t *)(uintptr_t)(*entry & DESC_ADDRESS);
    }
}

bool mmu_map(uint64_t phys, uint64_t size, enum mmu_kind kind)
{
    uint64_t at = phys & ~4095ull, end = (phys + size + 4095) & ~4095ull;
    if (end < at || end > 1ull << ADDRESS_BITS) {
        return false;
    }
    while (at < end) {
        at = map_one(at, end, attributes(kind));
        if (at == 0) {
            return false;
        }
    }
    __asm__ volatile("dsb ishst\n\tisb" ::: "memory");
    return true;
}

/* An Image gets the devicetree in x0; an ELF finds it at the start of RAM. 0: nowhere. */
static uint64_t find_dtb(uint64_t x0)
{
    uint64_t at = x0 != 0 ? x0 : RAM_BASE;
    bool sane = (at & 7) == 0 && at < 1ull << ADDRESS_BITS;
    uint32_t word = sane ? *(const volatile uint32_t *)(uintptr_t)at : 0;
    mmu_dtb_sought = (struct mmu_dtb_sought){ .x0 = x0, .word = __builtin_bswap32(word) };
    return word == FDT_MAGIC ? at : 0;
}

static void map_image(void)
{
    uintptr_t image = (uintptr_t)__image_start, text_end = (uintptr_t)__text_end;
    uintptr_t rodata_end = (uintptr_t)__rodata_end, end = (uintptr_t)__image_end;
    (void)mmu_map(image, text_end - image, MMU_CODE);
    (void)mmu_map(text_end, rodata_end - text_end, MMU_CONSTANT);
    (void)mmu_map(rodata_end, end - rodata_end, MMU_MEMORY);
}

uint64_t mmu_build(uint64_t dtb)
{
    uint64_t range = READ_SYSREG(id_aa64mmfr0_el1) & 15; /* PARange, the encoding of TCR_EL1.IPS */
    early_used = 1;                                      /* [0] is the root */
    dtb = find_dtb(dtb);
    map_image();
    (void)mmu_map(EARLY_UART, 4096, MMU_DEVICE);
    if (dtb != 0) {
        (void)mmu_map(dtb, DTB_SPAN, MMU_MEMORY);
    }
    mmu_registers.mair = 0xff04; /* 0: device nGnRE; 1: normal, write-back, allocating */
    mmu_registers.tcr = (64 - ADDRESS_BITS) | (1u << 8) | (1u << 10) | (3u << 12) | (1u << 23) |
                        ((range < 5 ? range : 5) << 32);
    mmu_registers.ttbr = (uintptr_t)early_table[0];
    return dtb;
}
