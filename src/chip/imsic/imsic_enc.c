/* SPDX-License-Identifier: MIT */
/* Does a layout of interrupt files make sense (AIA 1.0, 3.6)? */
#include "imsic_enc.h"

#define PAGE_BITS 12u
#define MAX_INDEX_BITS                                                                             \
    14u /* of a hart index in an APLIC's target register (4.5.16); more no machine can name */
#define MAX_GUEST_BITS 6u /* GEILEN is at most 63 */

static uint64_t ones(uint32_t bits)
{
    return ((uint64_t)1 << bits) - 1;
}

/* That the base is aligned to all fields is only a "should" (3.6), and addresses are sums here. */
bool umsi_imsic_layout_valid(const struct umsi_imsic_layout *layout)
{
    uint32_t low = PAGE_BITS + layout->guest_index_bits + layout->hart_index_bits;

    if (layout->guest_index_bits > MAX_GUEST_BITS || layout->hart_index_bits > MAX_INDEX_BITS ||
        layout->group_index_bits > MAX_INDEX_BITS - layout->hart_index_bits) {
        return false;
    }
    if (layout->group_index_bits != 0 &&
        (layout->group_index_shift < low ||
         layout->group_index_shift > 64 - layout->group_index_bits)) {
        return false;
    }
    return (layout->base & ones(PAGE_BITS)) == 0;
}
