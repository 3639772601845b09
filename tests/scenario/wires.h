/* SPDX-License-Identifier: MIT */
/* The four wires of INTx of a host bridge like QEMU's: SPIs of umsi's own GIC or sources of its APLIC, and its
 * interrupt-map. */
#ifndef SCENARIO_WIRES_H
#define SCENARIO_WIRES_H

#include <umsi/chip/aplic.h>
#include <umsi/chip/gicv2.h>
#include <umsi/chip/gicv3.h>
#include <umsi/pci.h>

#define WIRES       4u
#define WIRES_FIRST 35u /* INTID, SPIs 3 to 6 of the virt machine; or source */

/* Where they end: one of these. */
struct wires_end {
    struct umsi_gicv3 *gicv3;
    struct umsi_gicv2 *gicv2;
    struct umsi_aplic *aplic;
};

/* False: one could not be made. */
bool wires_start(struct umsi *u, const struct wires_end *to);
/* No function may be attached with one. */
bool wires_stop(const struct wires_end *to);
/* The wire of a function's pin, and its INTID or source; NULL: none. */
struct umsi_pci_intx *wires_find(uint32_t pin, uint16_t bdf, const struct umsi_pci_bridge *path,
                                 uint32_t n, uint32_t *out_intid);

#endif /* SCENARIO_WIRES_H */
