/* SPDX-License-Identifier: MIT */
/*
 * What of the devicetree concerns the firmware and the architecture: boot/ has it for each.
 */
#ifndef DEMO_FIRMWARE_H
#define DEMO_FIRMWARE_H

#include <umsi/fw/platform.h>

/* Before CPUs are started. The tree has been read without an error. */
void firmware_use(const void *fdt, const struct umsi_platform *hw);

#endif /* DEMO_FIRMWARE_H */
