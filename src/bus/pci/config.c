/* SPDX-License-Identifier: MIT */
/* Configuration space of one function, and what its Command register allows. */
#include "pci_int.h"
#include "pci_regs.h"

bool umsi_pci_read(const struct umsi_pci *pci, uint32_t offset, unsigned width, uint32_t *out)
{
    return pci->ops->read(pci->handle, (uint16_t)offset, width, out);
}

bool umsi_pci_write(const struct umsi_pci *pci, uint32_t offset, unsigned width, uint32_t value)
{
    return pci->ops->write(pci->handle, (uint16_t)offset, width, value);
}

bool umsi_pci_read_command(const struct umsi_pci *pci, uint32_t *out)
{
    /* Not the Vendor ID: a virtual function reads all ones there (SR-IOV 1.1, 3.4.1.1), and is present. */
    return umsi_pci_read(pci, PCI_COMMAND, 4, out) && *out != UINT32_MAX;
}

enum umsi_status umsi_pci_present(const struct umsi_pci *pci)
{
    uint32_t command;
    return umsi_pci_read_command(pci, &command) ? UMSI_OK : UMSI_GONE;
}

/* A virtual function's own Memory Space Enable is hardwired to 0; the physical one's decides. */
static bool is_virtual(const struct umsi_pci *pci)
{
    uint32_t id;
    return umsi_pci_read(pci, PCI_ID, 4, &id) && id == UINT32_MAX;
}

enum umsi_status umsi_pci_memory_on(const struct umsi_pci *pci)
{
    uint32_t command;
    if (!umsi_pci_read_command(pci, &command)) {
        return UMSI_GONE;
    }
    if ((command & PCI_COMMAND_MEMORY) || is_virtual(pci)) {
        return UMSI_OK;
    }
    umsi_log(pci->msi.umsi, UMSI_LOG_ERROR,
             "%s: Memory Space Enable is off in Command: the MSI-X table cannot be reached",
             pci->msi.name);
    return UMSI_STATE;
}

void umsi_pci_warn_bus_master(const struct umsi_pci *pci)
{
    uint32_t command;
    if (UMSI_LOG_LEVELS > UMSI_LOG_WARN && umsi_pci_read_command(pci, &command) &&
        !(command & PCI_COMMAND_MASTER)) {
        umsi_log(pci->msi.umsi, UMSI_LOG_WARN,
                 "%s: Bus Master Enable is off in Command: no message can leave the function",
                 pci->msi.name);
    }
}
