/* SPDX-License-Identifier: MIT */
/*
 * The list of capabilities in configuration space (Base Specification 5.0, 7.5.1.1.11).
 */
#include "pci.h"

uint16_t pci_find_capability(const struct pci_function *f, uint8_t id)
{
    if ((pci_read(f, PCI_STATUS, 2) & PCI_STATUS_CAPS) == 0) {
        return 0;
    }
    uint16_t at = pci_read(f, PCI_CAPABILITIES, 1) & 0xfc;
    for (unsigned hops = 0; at >= 0x40 && hops < 48; hops++) { /* a list that loops ends, too */
        if (pci_read(f, at, 1) == id) {
            return at;
        }
        at = pci_read(f, (uint16_t)(at + 1), 1) & 0xfc;
    }
    return 0;
}
