/* SPDX-License-Identifier: MIT */
/*
 * The PCI functions of the QEMU that qtest_machine.c starts: found where its command line puts them, bus numbers
 * and BARs given here, as firmware would.
 */
#ifndef QTEST_PCI_H
#define QTEST_PCI_H

#include "../scenario/machine.h"

extern const char *const pci_arguments[]; /* for QEMU; NULL at the end */

void pci_start(void);
const struct machine_function *pci_function(enum machine_kind kind);
/* Give each its wire of INTx. */
void pci_find_wires(void);
void pci_allow_intx(enum machine_kind kind, bool allow);
/* Where its BAR 0 is. */
uint64_t pci_bar0(enum machine_kind kind);
/* Secondary bus reset of the bridge above it, and its header put back. */
bool pci_can_reset(enum machine_kind kind);
void pci_reset(enum machine_kind kind);

#endif /* QTEST_PCI_H */
