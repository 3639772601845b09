/* SPDX-License-Identifier: MIT */
/*
 * The wires at the APLICs: those of INTx, made when a function first wants one, and the UART's.
 */
#ifndef DEMO_UMSI_AIA_WIRES_H
#define DEMO_UMSI_AIA_WIRES_H

#include <umsi/fw/riscv.h>

/* Controllers are up: platform_wire() and platform_wired_work() may be called. */
void wires_use(struct umsi *u, struct umsi_riscv *machine);
/* How many there are now: of INTx, as long as no function gives one back. */
uint32_t wires_count(void);
/* Give them back; the controllers go next. */
enum umsi_status wires_drop(void);

#endif /* DEMO_UMSI_AIA_WIRES_H */
