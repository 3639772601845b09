/* SPDX-License-Identifier: MIT */
/* Pure encoders of the GICv2: where an INTID's field is, and values made of CPU interfaces and INTIDs. */
#ifndef UMSI_GICV2_ENC_H
#define UMSI_GICV2_ENC_H

#include <stdint.h>

/* Where the field of one INTID is: byte offset of the 32-bit register, and the field's lowest bit. */
struct umsi_gicv2_field {
    uint32_t offset, shift;
};

/* `bits` wide (1, 2 or 8), in the array of registers that begins at `base`. */
struct umsi_gicv2_field umsi_gicv2_field(uint32_t base, uint32_t bits, uint32_t intid);

/* How many INTIDs from 0 up the distributor has, 32 .. 1020. */
uint32_t umsi_gicv2_nr_intids(uint32_t typer);

/* A word of GICD_ITARGETSR0..7, 4.3.12: whichever of the four are implemented say the same. */
uint32_t umsi_gicv2_own_target(uint32_t word);

/* GICD_SGIR, 4.3.15: `sgi` to the CPU interfaces in `targets`, a bit each; NSATT 0. */
uint32_t umsi_gicv2_sgir(uint32_t targets, uint32_t sgi);

/* GICC_IAR, 4.4.4, and what goes into GICC_EOIR: of an SGI the sender is part of its name. */
uint32_t umsi_gicv2_iar_intid(uint32_t iar);
uint32_t umsi_gicv2_iar_sender(uint32_t iar);
uint32_t umsi_gicv2_eoir(uint32_t intid, uint32_t sender);

#endif /* UMSI_GICV2_ENC_H */
