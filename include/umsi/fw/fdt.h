/* SPDX-License-Identifier: MIT */
/*
 * Reads a flattened devicetree (Devicetree Specification 0.4; bindings arm,gic-v3, arm,gic, pci-host-ecam-generic,
 * pci-msi) into struct umsi_platform. In the archive umsi_fw, which needs libfdt.
 */
#ifndef UMSI_FW_FDT_H
#define UMSI_FW_FDT_H

#include <umsi/fw/platform.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Read `size` bytes at `fdt`, which is aligned to 8. Unknown or broken nodes are named through `log` (may be
 * NULL) by their path and skipped, as is what exceeds the arrays of struct umsi_platform; what is missing
 * stays zero. A node whose status is not "okay" is left alone with all below it; of the CPUs, one that is
 * "disabled" and has an enable-method counts, as the specification has it (3.8.1). Hosts that firmware did
 * not give a segment get one. Allocates nothing. Context: any; about 1 KiB of stack.
 * Errors: CORRUPT (not a devicetree, truncated, wrong version; logged), INVALID.
 */
UMSI_MUST_CHECK enum umsi_status umsi_fdt_read(const void *fdt, size_t size,
                                               void (*log)(void *ctx, enum umsi_log_level level,
                                                           const char *line),
                                               void *ctx, struct umsi_platform *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_FW_FDT_H */
