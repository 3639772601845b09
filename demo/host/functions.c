/* SPDX-License-Identifier: MIT */
/*
 * The PCI functions: the same in kind, and at the same places, as those of the machine dev/run boots. A root port
 * with a function behind it; a PCI Express to PCI bridge with two, whose writes arrive under one DeviceID.
 */
#include <stdio.h>

#include "../memory.h"
#include "host.h"

enum { ROOT, BEHIND_PORT, BEHIND_BRIDGE, BUSES };

#define SHARED_ID UMSI_PCI_BDF(BEHIND_BRIDGE, 0, 0)

/* Hardware: what it has, and the DeviceID its writes carry, which msi.c must find out by itself. */
static const struct slot {
    uint8_t bus, device;
    uint16_t vendor, id;
    uint32_t class_code;
    struct model_pci_config hw;
} slots[] = {
    { ROOT,
      1,
      0x1b36,
      0x0010,
      0x010802,
      { .msix_entries = 65, .table_offset = 0x2000, .pba_offset = 0x3000 } },
    { ROOT, 2, 0x1af4, 0x1042, 0x010000, { .msix_entries = 3, .table_bar = 1, .pba_bar = 1 } },
    { ROOT, 3, 0x1af4, 0x1044, 0x00ff00, { .msix_entries = 2, .table_bar = 1, .pba_bar = 1 } },
    { ROOT,
      4,
      0x8086,
      0x10d3,
      0x020000,
      { .msix_entries = 5,
        .table_bar = 3,
        .pba_bar = 3,
        .pba_offset = 0x2000,
        .msi_vectors = 1,
        .msi_64 = true } },
    { ROOT, 5, 0x1234, 0x11e8, 0x00ff00, { .msi_vectors = 1, .msi_64 = true } },
    { ROOT,
      6,
      0x1033,
      0x0194,
      0x0c0330,
      { .msix_entries = 16,
        .table_offset = 0x3000,
        .pba_offset = 0x3800,
        .msi_vectors = 16,
        .msi_64 = true } },
    { ROOT, 7, 0x1b36, 0x000c, 0x060400, { .msix_entries = 1 } },
    { ROOT,
      8,
      0x1b36,
      0x000e,
      0x060400,
      { .msi_vectors = 1, .msi_64 = true, .msi_maskable = true } },
    { BEHIND_PORT,
      0,
      0x1af4,
      0x1044,
      0x00ff00,
      { .msix_entries = 2, .table_bar = 1, .pba_bar = 1 } },
    { BEHIND_BRIDGE,
      1,
      0x1234,
      0x11e8,
      0x00ff00,
      { .device_id = SHARED_ID, .msi_vectors = 1, .msi_64 = true } },
    { BEHIND_BRIDGE,
      2,
      0x1234,
      0x11e8,
      0x00ff00,
      { .device_id = SHARED_ID, .msi_vectors = 1, .msi_64 = true } },
};
#define NR_SLOTS  (sizeof(slots) / sizeof(slots[0]))
#define PORT_AT   6u /* in that list: the root port, and the bridge */
#define BRIDGE_AT 7u

static struct model_pci *hardware[NR_SLOTS];
static struct pci_node nodes[NR_SLOTS];
static struct pci_bus buses[BUSES];

struct model_pci *host_pci(const struct pci_function *f)
{
    return hardware[(const struct pci_node *)f - nodes];
}

void host_pci_destroy_all(void)
{
    for (unsigned i = 0; i < NR_SLOTS; i++) {
        model_pci_destroy(hardware[i]);
    }
}

/* ---- configuration space, for the demo and for umsi ---- */

uint32_t pci_read(const struct pci_function *f, uint16_t offset, unsigned width)
{
    uint32_t value = UINT32_MAX;
    (void)model_pci_ops()->read(host_pci(f), offset, width, &value);
    return value;
}

void pci_write(const struct pci_function *f, uint16_t offset, unsigned width, uint32_t value)
{
    (void)model_pci_ops()->write(host_pci(f), offset, width, value);
}

static bool ops_read(void *dev, uint16_t offset, unsigned width, uint32_t *out)
{
    return model_pci_ops()->read(host_pci(dev), offset, width, out);
}

static bool ops_write(void *dev, uint16_t offset, unsigned width, uint32_t value)
{
    return model_pci_ops()->write(host_pci(dev), offset, width, value);
}

static volatile void *ops_map_bar(void *dev, unsigned bar, uint64_t offset, size_t size)
{
    return model_pci_ops()->map_bar(host_pci(dev), bar, offset, size);
}

static void ops_unmap_bar(void *dev, volatile void *va, size_t size)
{
    model_pci_ops()->unmap_bar(host_pci(dev), va, size);
}

const struct umsi_pci_ops pci_umsi_ops = { ops_read, ops_write, ops_map_bar, ops_unmap_bar };

/* ---- pci.h ---- */

static void connect(const struct umsi_platform_host *host)
{
    buses[ROOT] = (struct pci_bus){ .host = host, .express_path = true };
    buses[BEHIND_PORT] = (struct pci_bus){ .host = host,
                                           .bridge = &nodes[PORT_AT],
                                           .number = BEHIND_PORT,
                                           .last = BEHIND_PORT,
                                           .express_path = true };
    buses[BEHIND_BRIDGE] = (struct pci_bus){
        .host = host, .bridge = &nodes[BRIDGE_AT], .number = BEHIND_BRIDGE, .last = BEHIND_BRIDGE
    };
    nodes[PORT_AT].below = &buses[BEHIND_PORT];
    nodes[PORT_AT].kind = UMSI_PCI_BRIDGE_EXPRESS;
    nodes[BRIDGE_AT].below = &buses[BEHIND_BRIDGE];
    nodes[BRIDGE_AT].kind = UMSI_PCI_BRIDGE_TO_PCI;
    nodes[BRIDGE_AT].hotplug_below = true; /* as scan.c takes such a bridge */
}

static bool plug(unsigned i)
{
    const struct slot *s = &slots[i];
    struct pci_function *f = &nodes[i].f;
    struct model_pci_config hw = s->hw;
    hw.device_id = hw.device_id != 0 ? hw.device_id : UMSI_PCI_BDF(s->bus, s->device, 0);
    if (!model_pci_create(host_machine, &hw, &hardware[i])) {
        return false;
    }
    f->bdf = (uint16_t)UMSI_PCI_BDF(s->bus, s->device, 0);
    f->vendor = s->vendor;
    f->device = s->id;
    f->class_code = s->class_code;
    f->next = i + 1 < NR_SLOTS ? &nodes[i + 1].f : NULL;
    nodes[i].bus = &buses[s->bus];
    (void)snprintf(f->name, sizeof(f->name), "%02x:%02x.0", s->bus, s->device);
    return true;
}

bool pci_enumerate(const struct umsi_platform *hw, struct pci_function **out_list, unsigned *out_n)
{
    connect(&hw->host[0]);
    for (unsigned i = 0; i < NR_SLOTS; i++) {
        if (!plug(i)) {
            return false;
        }
    }
    *out_list = &nodes[0].f;
    *out_n = NR_SLOTS;
    return true;
}
