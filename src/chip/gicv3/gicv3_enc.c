/* SPDX-License-Identifier: MIT */
/* Pure encoders of the GICv3. */
#include "gicv3_enc.h"
#include "gicv3_regs.h"

struct umsi_gicv3_field umsi_gicv3_field(uint32_t base, uint32_t bits, uint32_t intid)
{
    uint32_t per_register = 32 / bits;
    struct umsi_gicv3_field f = {
        .offset = base + intid / per_register * 4,
        .shift = intid % per_register * bits,
    };

    return f;
}

uint64_t umsi_gicv3_mpidr_affinity(uint64_t mpidr)
{
    return mpidr & 0xFF00FFFFFFull;
}

uint32_t umsi_gicv3_pack_affinity(uint64_t mpidr)
{
    return (uint32_t)(mpidr & 0xFFFFFFu) | (uint32_t)((mpidr >> 32) & 0xFFu) << 24;
}

uint64_t umsi_gicv3_irouter(uint64_t mpidr)
{
    return umsi_gicv3_mpidr_affinity(mpidr); /* the same places; IRM is bit 31 */
}

uint32_t umsi_gicv3_irouter_offset(uint32_t intid)
{
    return GICD_IROUTER + intid * 8;
}

uint64_t umsi_gicv3_sgi1r(uint64_t mpidr, uint32_t sgi)
{
    uint64_t aff0 = mpidr & 0xFFu;
    uint64_t aff1 = (mpidr >> 8) & 0xFFu;
    uint64_t aff2 = (mpidr >> 16) & 0xFFu;
    uint64_t aff3 = (mpidr >> 32) & 0xFFu;
    uint64_t target_list = 1ull << (aff0 & 0xFu);
    uint64_t rs = aff0 >> 4;

    return aff3 << 48 | rs << 44 | aff2 << 32 | (uint64_t)(sgi & 0xFu) << 24 | aff1 << 16 |
           target_list;
}

uint64_t umsi_gicv3_redist_bytes(uint64_t typer)
{
    return (typer & GICR_TYPER_VLPIS) != 0 ? 4ull * GICR_FRAME : 2ull * GICR_FRAME;
}

uint32_t umsi_gicv3_nr_intids(uint32_t typer)
{
    uint32_t n = 32 * (GICD_TYPER_ITLinesNumber(typer) + 1);

    return n > GIC_FIRST_SPECIAL ? GIC_FIRST_SPECIAL : n;
}
