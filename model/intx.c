/* SPDX-License-Identifier: MIT */
/*
 * INTx: what a function asks for, what keeps that from its wire, and the SPI, or the APLIC's source, the wire ends at.
 * A wire is a level that stands as long as one of the functions on it asks. PCI Express Base Specification 5.0, 2.2.8.1 (the four
 * wires, and how bridges exchange them), 6.1.4, 7.5.1.1.3 and 7.5.1.1.4 (Interrupt Disable, Interrupt Status).
 */
#include "pci.h"

#define NO_INTX    0x0400u /* Command: Interrupt Disable */
#define STATUS     0x06u
#define ASKS       0x0008u /* Status: Interrupt Status */
#define PIN        0x3du
#define RID_DEVICE 3u /* shift */

/* ---- the way ---- */

static uint32_t device_of(uint16_t rid)
{
    return (uint32_t)(rid >> RID_DEVICE) & 31;
}

/* The pin one bus up: each bridge moves it on by the device number below it. */
static uint32_t swizzled(uint32_t pin, uint16_t rid)
{
    return (pin - 1 + device_of(rid)) % 4 + 1;
}

/* Before the path and the maps are forgotten: they are the caller's. */
void pci_find_wire(struct model_pci *f)
{
    const struct model_pci_config *c = &f->cfg;
    uint32_t pin = c->pin;
    uint16_t rid = c->bdf;
    for (uint32_t i = 0; pin != 0 && i < c->nr_path; i++) {
        pin = swizzled(pin, rid);
        rid = c->path[i].bdf;
    }
    f->wire = 0;
    for (uint32_t i = 0; c->intx != NULL && i < c->nr_intx && f->wire == 0; i++) {
        const struct model_intx_map *row = &c->intx[i];
        f->wire = pin == row->pin && (rid & row->rid_mask) == row->rid ? row->intid : 0;
    }
    f->cfg.intx = NULL;
}

void model_intx_swizzled(struct model_intx_map rows[MODEL_INTX_ROWS], uint32_t intid)
{
    for (uint32_t i = 0; i < MODEL_INTX_ROWS; i++) {
        uint32_t device = i / 4, pin = i % 4 + 1;
        rows[i] = (struct model_intx_map){ .rid = (uint16_t)(device << RID_DEVICE),
                                           .rid_mask = 3u << RID_DEVICE,
                                           .pin = (uint8_t)pin,
                                           .intid = intid + (device + pin - 1) % 4 };
    }
}

/* ---- the level ---- */

static bool may_ask(const struct model_pci *f)
{
    return f->wire != 0 && !f->gone && !pci_msi_on(f) && !pci_msix_on(f);
}

static bool disabled(const struct model_pci *f)
{
    return (pci_get(f, MODEL_COMMAND, 2) & NO_INTX) != 0;
}

void pci_intx_update(struct model_pci *f)
{
    bool up = f->asks && may_ask(f) && !disabled(f);
    uint32_t status = pci_get(f, STATUS, 2) & ~ASKS;
    pci_put(f, STATUS, 2, status | (f->asks ? ASKS : 0));
    if (up != f->asserted) {
        f->asserted = up;
        (f->m->cfg.aplic != NULL ? aplic_hold : spi_hold)(f->m, f->wire, up);
    }
}

/* As after power-on: it asks for nothing, and Interrupt Disable is clear. */
void pci_intx_reset(struct model_pci *f)
{
    f->asks = false;
    pci_put(f, PIN, 1, f->cfg.pin);
    pci_intx_update(f);
}

/* ---- what tests do to it ---- */

enum model_raised model_pci_intx(struct model_pci *f, bool asks)
{
    f->asks = asks && !f->gone;
    pci_intx_update(f);
    if (f->asserted) {
        return MODEL_SENT;
    }
    return f->asks && may_ask(f) ? MODEL_PENDING : MODEL_NOT_SENT;
}

bool model_pci_asserted(const struct model_pci *f)
{
    return f->asserted;
}

uint32_t model_pci_intx_spi(const struct model_pci *f)
{
    return f->wire;
}

void model_pci_set_command(struct model_pci *f, uint16_t command)
{
    if (!f->gone) {
        pci_put(f, MODEL_COMMAND, 2, command);
        pci_intx_update(f);
        pci_flush_pending(f);
    }
}
