/* SPDX-License-Identifier: MIT */
/*
 * What `verbose` on the kernel's command line adds.
 */
#ifndef DEMO_DETAILS_H
#define DEMO_DETAILS_H

#include "devicetree.h"
#include "driver.h"

/* How the kernel was started, on what. */
void details_machine(const struct devicetree *tree, uint64_t exception_level);
/* Every function with its identity, where its messages go, and its BARs. */
void details_pci(struct pci_function *list);

#endif /* DEMO_DETAILS_H */
