/* SPDX-License-Identifier: MIT */
/* Pure encoders of the GICv2. */
#include "gicv2_enc.h"
#include "gicv2_regs.h"

struct umsi_gicv2_field umsi_gicv2_field(uint32_t base, uint32_t bits, uint32_t intid)
{
    uint32_t per_register = 32 / bits;
    struct umsi_gicv2_field f = {
        .offset = base + intid / per_register * 4,
        .shift = intid % per_register * bits,
    };

    return f;
}

uint32_t umsi_gicv2_nr_intids(uint32_t typer)
{
    uint32_t n = 32 * (GICD_TYPER_ITLinesNumber(typer) + 1);

    return n > GIC_FIRST_SPECIAL ? GIC_FIRST_SPECIAL : n;
}

uint32_t umsi_gicv2_own_target(uint32_t word)
{
    word |= word >> 16;
    word |= word >> 8;
    return word & 0xFFu;
}

uint32_t umsi_gicv2_sgir(uint32_t targets, uint32_t sgi)
{
    return (targets & 0xFFu) << 16 | (sgi & 0xFu);
}

uint32_t umsi_gicv2_iar_intid(uint32_t iar)
{
    return iar & 0x3FFu;
}

uint32_t umsi_gicv2_iar_sender(uint32_t iar)
{
    return iar >> 10 & 7u;
}

uint32_t umsi_gicv2_eoir(uint32_t intid, uint32_t sender)
{
    return sender << 10 | intid;
}
