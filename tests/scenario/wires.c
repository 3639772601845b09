/* SPDX-License-Identifier: MIT */
/* The wires of INTx, for the machines that bring up umsi's GIC themselves. */
#include "wires.h"

#define ROWS   16u
#define DEVICE 11u /* its shift in an interrupt-map's address */
#define PARENT 1u  /* phandle */

static struct umsi_pci_intx wires[WIRES];
static const struct umsi_pci_intx_mask mask = { 3u << DEVICE, 7 };

static enum umsi_status map(const struct wires_end *to, uint32_t number, umsi_virq *out_virq)
{
    if (to->aplic != NULL) {
        return umsi_aplic_map(to->aplic, number, UMSI_LEVEL_HIGH, out_virq);
    }
    return to->gicv3 != NULL ? umsi_gicv3_map(to->gicv3, number, true, out_virq)
                             : umsi_gicv2_map(to->gicv2, number, true, out_virq);
}

static void unmap(const struct wires_end *to, uint32_t number, umsi_virq virq)
{
    if (to->aplic != NULL) {
        umsi_aplic_unmap(to->aplic, number);
    } else if (to->gicv3 != NULL) {
        umsi_gicv3_unmap(to->gicv3, virq);
    } else {
        umsi_gicv2_unmap(to->gicv2, virq);
    }
}

bool wires_start(struct umsi *u, const struct wires_end *to)
{
    for (uint32_t i = 0; i < WIRES; i++) {
        umsi_virq virq = UMSI_NO_VIRQ;
        if (map(to, WIRES_FIRST + i, &virq) != UMSI_OK ||
            umsi_pci_intx_add(u, virq, "INTx", &wires[i]) != UMSI_OK) {
            return false;
        }
    }
    return true;
}

bool wires_stop(const struct wires_end *to)
{
    for (uint32_t i = 0; i < WIRES; i++) {
        umsi_virq virq = wires[i].virq;
        if (umsi_pci_intx_remove(&wires[i]) != UMSI_OK) {
            return false;
        }
        unmap(to, WIRES_FIRST + i, virq);
    }
    return true;
}

/* Devices next to each other begin with the next wire. */
static void make_map(struct umsi_pci_intx_entry *map)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t device = i / 4, pin = i % 4 + 1;
        map[i] = (struct umsi_pci_intx_entry){ device << DEVICE, pin, PARENT,
                                               WIRES_FIRST + (device + pin - 1) % WIRES };
    }
}

struct umsi_pci_intx *wires_find(uint32_t pin, uint16_t bdf, const struct umsi_pci_bridge *path,
                                 uint32_t n, uint32_t *out_intid)
{
    struct umsi_pci_intx_entry map[ROWS], row;
    uint16_t at = 0;
    make_map(map);
    pin = umsi_pci_intx_swizzle(pin, bdf, path, n, &at);
    if (pin == 0 || umsi_pci_intx_route(map, ROWS, &mask, at, pin, &row) != UMSI_OK) {
        return NULL;
    }
    *out_intid = row.line;
    return &wires[row.line - WIRES_FIRST];
}
