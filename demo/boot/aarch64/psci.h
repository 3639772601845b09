/* SPDX-License-Identifier: MIT */
/*
 * PSCI (DEN0022): starting CPUs, stopping them, powering off.
 */
#ifndef DEMO_PSCI_H
#define DEMO_PSCI_H

#include <stdbool.h>
#include <stdint.h>

enum psci_conduit { PSCI_NONE, PSCI_HVC, PSCI_SMC };

/* As the devicetree says; until then psci_system_off() does nothing. */
void psci_use(enum psci_conduit conduit);
/* 0, or PSCI's negative error. */
int32_t psci_cpu_on(uint64_t mpidr, uint64_t entry, uint64_t context);
void psci_cpu_off(void);
/* 0: on, 1: off, 2: on its way; or PSCI's negative error. */
#define PSCI_IS_OFF 1
int32_t psci_affinity_info(uint64_t mpidr);
void psci_system_off(void);

#endif /* DEMO_PSCI_H */
