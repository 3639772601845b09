/* SPDX-License-Identifier: MIT */
/*
 * The demo as one program on the host: the strict model stands for the machine. main.c runs it, kernel.c is the
 * little of a kernel that the work needs, platform.c brings umsi up, functions.c has the PCI functions,
 * drivers.c what drives them.
 */
#ifndef DEMO_HOST_H
#define DEMO_HOST_H

#include "../pci/pci.h"
#include "model.h"

extern struct model *host_machine;
extern unsigned host_cpus;

/* The hardware of a function. */
struct model_pci *host_pci(const struct pci_function *f);
void host_pci_destroy_all(void);

/* Let the hardware finish what it was told, and all CPUs take what is pending. */
void host_run(void);
/* A rule of a specification was broken: the first that was is noted. */
bool host_no_breach(void);

#endif /* DEMO_HOST_H */
