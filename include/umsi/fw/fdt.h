/* SPDX-License-Identifier: MIT */
/*
 * Reads a flattened devicetree (Devicetree Specification 0.4; bindings arm,gic-v3, pci-host-ecam-generic,
 * pci-msi) into struct umsi_platform. In the archive umsi_fw, which needs libfdt.
 */
#ifndef UMSI_FW_FDT_H
#define UMSI_FW_FDT_H

#include <umsi/fw/platform.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Read `size` bytes at `fdt`. Unknown or broken nodes are named through `log` (may be NULL) and skipped; what
 * is missing stays zero. Allocates nothing. Context: any; about 1 KiB of stack.
 * Errors: CORRUPT (not a devicetree, truncated, wrong version), INVALID.
 */
UMSI_MUST_CHECK enum umsi_status umsi_fdt_read(const void *fdt, size_t size,
                                               void (*log)(void *ctx, enum umsi_log_level level,
                                                           const char *line),
                                               void *ctx, struct umsi_platform *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_FW_FDT_H */
