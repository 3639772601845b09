/* SPDX-License-Identifier: MIT */
/*
 * How this machine calls its firmware.
 */
#include "../../firmware.h"
#include "psci.h"

void firmware_use(const void *fdt, const struct umsi_platform *hw)
{
    (void)fdt;
    psci_use(hw->psci_hvc ? PSCI_HVC : hw->psci_smc ? PSCI_SMC : PSCI_NONE);
}
