/* SPDX-License-Identifier: MIT */
/*
 * Who a function is to the MSI controller: its requester ID behind bridges, the controller and DeviceID that
 * firmware maps it to, and the room that functions with one DeviceID need; and the wire its INTx arrives on.
 * Pure: numbers in, numbers out.
 */
#include "pci_int.h"

uint16_t umsi_pci_requester_id(uint16_t bdf, const struct umsi_pci_bridge *path, uint32_t n)
{
    uint16_t id = bdf;
    for (uint32_t i = 0; i < n; i++) {
        if (path[i].kind == UMSI_PCI_BRIDGE_TO_PCI) {
            id = UMSI_PCI_BDF(path[i].secondary_bus, 0, 0);
        } else if (path[i].kind == UMSI_PCI_BRIDGE_PCI) {
            id = path[i].bdf;
        }
    }
    return id;
}

/* The room behind a slot that may get more functions later (DESIGN section 1). */
#define HOTPLUG_EVENTS 256u

uint32_t umsi_pci_shared_events(const uint32_t *counts, uint32_t n, bool hotplug)
{
    uint64_t sum = 0;
    uint32_t users = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (counts[i] != 0) {
            sum += (uint64_t)1 << umsi_pci_log2_up(counts[i]);
            users++;
        }
    }
    if (hotplug && sum < HOTPLUG_EVENTS) {
        return HOTPLUG_EVENTS;
    }
    if (!hotplug && users < 2) {
        return 0;
    }
    return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

enum umsi_status umsi_pci_msi_map(const struct umsi_pci_msi_map_entry *map, uint32_t n,
                                  uint32_t mask, uint32_t msi_parent, uint16_t rid,
                                  uint32_t *out_controller, uint32_t *out_device_id)
{
    const uint32_t id = rid & mask;
    if (n == 0) {
        if (msi_parent == 0) {
            return UMSI_UNSUPPORTED;
        }
        *out_controller = msi_parent;
        *out_device_id = rid;
        return UMSI_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (id >= map[i].rid_base && id - map[i].rid_base < map[i].length) {
            *out_controller = map[i].controller;
            *out_device_id = map[i].msi_base + (id - map[i].rid_base);
            return UMSI_OK;
        }
    }
    return UMSI_NOTFOUND;
}

/* ---- INTx ---- */

#define INTX_PINS 4u

static bool is_pin(uint32_t pin)
{
    return pin >= 1 && pin <= INTX_PINS;
}

static uint32_t device_number(uint16_t bdf)
{
    return (bdf >> 3) & 0x1fu;
}

uint32_t umsi_pci_intx_swizzle(uint32_t pin, uint16_t bdf, const struct umsi_pci_bridge *path,
                               uint32_t n, uint16_t *out_bdf)
{
    if (!is_pin(pin)) {
        return 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        pin = (pin - 1 + device_number(bdf)) % INTX_PINS + 1;
        bdf = path[i].bdf;
    }
    *out_bdf = bdf;
    return pin;
}

enum umsi_status umsi_pci_intx_route(const struct umsi_pci_intx_entry *map, uint32_t n,
                                     const struct umsi_pci_intx_mask *mask, uint16_t bdf,
                                     uint32_t pin, struct umsi_pci_intx_entry *out_row)
{
    const uint32_t address = ((uint32_t)bdf << 8) & mask->address;
    if (!is_pin(pin)) {
        return UMSI_INVALID;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (map[i].address == address && map[i].pin == (pin & mask->pin)) {
            *out_row = map[i];
            return UMSI_OK;
        }
    }
    return UMSI_NOTFOUND;
}
