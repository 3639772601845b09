/* SPDX-License-Identifier: MIT */
/*
 * Pure encoders of the GICv3: affinities in their three forms, register values made of them, and where an
 * INTID's field is. No state, no hardware.
 */
#ifndef UMSI_GICV3_ENC_H
#define UMSI_GICV3_ENC_H

#include <stdint.h>

/* Where the field of one INTID is: byte offset of the 32-bit register, and the field's lowest bit. */
struct umsi_gicv3_field {
    uint32_t offset, shift;
};

/* `bits` wide (1, 2 or 8), in the array of registers that begins at `base`. */
struct umsi_gicv3_field umsi_gicv3_field(uint32_t base, uint32_t bits, uint32_t intid);

/* MPIDR_EL1 without what is not affinity: Aff3 [39:32], Aff2 [23:16], Aff1 [15:8], Aff0 [7:0]. */
uint64_t umsi_gicv3_mpidr_affinity(uint64_t mpidr);
/* The same in 32 bits, Aff3 [31:24], as GICR_TYPER.Affinity_Value has it. */
uint32_t umsi_gicv3_pack_affinity(uint64_t mpidr);

/* GICD_IROUTER<n>, 12.9: to one CPU, IRM 0. */
uint64_t umsi_gicv3_irouter(uint64_t mpidr);
uint32_t umsi_gicv3_irouter_offset(uint32_t intid);

/* ICC_SGI1R_EL1, 12.2: `sgi` to one CPU. Aff0 of 16 and more goes into RS, which needs RSS. */
uint64_t umsi_gicv3_sgi1r(uint64_t mpidr, uint32_t sgi);

/* Bytes of one redistributor: two frames, or four with virtual LPIs (12.10). */
uint64_t umsi_gicv3_redist_bytes(uint64_t typer);

/* How many INTIDs from 0 up the distributor has, 32 .. 1020. */
uint32_t umsi_gicv3_nr_intids(uint32_t typer);

#endif /* UMSI_GICV3_ENC_H */
