/* SPDX-License-Identifier: MIT */
/*
 * Which harts a RISC-V controller interrupts, and at which level: its `interrupts-extended`, a list of (a hart's
 * interrupt controller, interrupt) in the order of hart indices (bindings riscv,imsics and riscv,aplic).
 */
#ifndef UMSI_FDT_HARTS_H
#define UMSI_FDT_HARTS_H

#include "fdt_walk.h"

/* How many entries the list of `node` has; 0: none, or it is broken. */
uint32_t umsi_fdt_harts(const struct umsi_fdt_walk *w, int node);
/* Is it that of a supervisor-level controller? The first entry says. */
bool umsi_fdt_is_supervisor(const struct umsi_fdt_walk *w, int node);
/* The hart ID of an entry. False: it names no hart, or not its supervisor level. */
bool umsi_fdt_hart(const struct umsi_fdt_walk *w, int node, uint32_t entry, uint64_t *out);

#endif /* UMSI_FDT_HARTS_H */
