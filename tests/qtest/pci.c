/* SPDX-License-Identifier: MIT */
/*
 * Configuration space over ECAM, static places for what the command line below names. Slot n of bus 0 is a root
 * port or a bridge to bus n, or a function itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../scenario/wires.h"
#include "pci.h"
#include "qtest.h"

#define ECAM        0x4010000000ull
#define WINDOW      0x10000000ull /* of 32-bit memory; 2 MiB of it to a bus */
#define WINDOW_SIZE 0x200000ull
#define BARS        6u

#define COMMAND        0x04
#define HEADER_TYPE    0x0e
#define BAR0           0x10
#define BUS_NUMBERS    0x18
#define MEMORY_BASE    0x20
#define PREFETCH_BASE  0x24
#define BRIDGE_CONTROL 0x3e
#define INTERRUPT_PIN  0x3d
#define BUS_RESET      0x40u
#define DECODE         0x6u /* memory, bus master */
#define NO_INTX        0x400u
#define NO_WINDOW      0x0000fff0u

const char *const pci_arguments[] = { "-device", "ioh3420,id=p1,addr=1,chassis=1",
                                      "-device", "pcie-root-port,id=p2,addr=2,chassis=2",
                                      "-device", "e1000e,bus=p2,romfile=,netdev=net0",
                                      "-netdev", "hubport,id=net0,hubid=0",
                                      "-device", "pcie-root-port,id=p3,addr=3,chassis=3",
                                      "-device", "nec-usb-xhci,bus=p3",
                                      "-device", "pcie-root-port,id=p4,addr=4,chassis=4",
                                      "-device", "nvme,serial=narrow,bus=p4",
                                      "-device", "pcie-root-port,id=p5,addr=5,chassis=5",
                                      "-device", "nvme,serial=wide,bus=p5,msix_qsize=2048",
                                      "-device", "edu,addr=6",
                                      "-device", "pcie-pci-bridge,id=p7,addr=7",
                                      "-device", "edu,bus=p7,addr=1",
                                      "-device", "edu,bus=p7,addr=2",
                                      "-device", "e1000,addr=0xa,romfile=,netdev=net1",
                                      "-netdev", "hubport,id=net1,hubid=1",
                                      NULL };

struct place {
    const char *name;
    uint16_t bdf, shared_events;
    uint32_t id;  /* device and vendor, as they must be there */
    uint32_t rid; /* what its messages arrive under */
};

#define BDF(bus, device) UMSI_PCI_BDF(bus, device, 0)

static const struct place places[MACHINE_KINDS] = {
    [E1000E] = { "e1000e", BDF(2, 0), 0, 0x10d38086, BDF(2, 0) },
    [XHCI] = { "xhci", BDF(3, 0), 0, 0x01941033, BDF(3, 0) },
    [NVME] = { "nvme", BDF(4, 0), 0, 0x00101b36, BDF(4, 0) },
    [WIDE] = { "wide", BDF(5, 0), 0, 0x00101b36, BDF(5, 0) },
    [E1000] = { "e1000", BDF(0, 10), 0, 0x100e8086, BDF(0, 10) },
    [EDU] = { "edu", BDF(0, 6), 0, 0x11e81234, BDF(0, 6) },
    [EDU_A] = { "edu-a", BDF(7, 1), 256, 0x11e81234, BDF(7, 0) },
    [EDU_B] = { "edu-b", BDF(7, 2), 256, 0x11e81234, BDF(7, 0) },
    [PORT] = { "port", BDF(0, 1), 0, 0x34208086, BDF(0, 1) },
};

static struct function {
    uint16_t bdf;
    uint32_t bar[BARS];
    struct machine_function umsi;
} functions[MACHINE_KINDS];

static uint64_t next_address[8];

/* ---- configuration space ---- */

static uint64_t config_at(uint16_t bdf, uint32_t offset)
{
    return ECAM + ((uint64_t)bdf << 12) + offset;
}

static uint32_t config_read(uint16_t bdf, uint32_t offset, unsigned width)
{
    return (uint32_t)qtest_read(config_at(bdf, offset), width);
}

static void config_write(uint16_t bdf, uint32_t offset, unsigned width, uint32_t value)
{
    qtest_write(config_at(bdf, offset), width, value);
}

static bool ops_read(void *dev, uint16_t offset, unsigned width, uint32_t *out)
{
    *out = config_read(((struct function *)dev)->bdf, offset, width);
    return true;
}

static bool ops_write(void *dev, uint16_t offset, unsigned width, uint32_t value)
{
    config_write(((struct function *)dev)->bdf, offset, width, value);
    return true;
}

/* The port's mmio callbacks take physical addresses for pointers. */
static volatile void *ops_map_bar(void *dev, unsigned bar, uint64_t offset, size_t size)
{
    const struct function *f = dev;
    (void)size;
    return bar < BARS && f->bar[bar] != 0 ? (volatile void *)(uintptr_t)(f->bar[bar] + offset)
                                          : NULL;
}

static void ops_unmap_bar(void *dev, volatile void *va, size_t size)
{
    (void)dev;
    (void)va;
    (void)size;
}

static const struct umsi_pci_ops ops = { ops_read, ops_write, ops_map_bar, ops_unmap_bar };

/* ---- places ---- */

static uint32_t take_address(unsigned bus, uint32_t size)
{
    uint64_t at = (next_address[bus] + size - 1) & ~(uint64_t)(size - 1);
    next_address[bus] = at + size;
    if (next_address[bus] > WINDOW + (bus + 1) * WINDOW_SIZE) {
        fprintf(stderr, "qtest: no room on bus %u\n", bus);
        exit(1);
    }
    return (uint32_t)at;
}

/* All memory BARs of a function, or the two of a bridge; addresses below 4 GiB also for 64-bit ones. */
static void place_bars(uint16_t bdf, unsigned n, uint32_t *out)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t at = BAR0 + 4 * i;
        config_write(bdf, at, 4, UINT32_MAX);
        uint32_t mask = config_read(bdf, at, 4);
        bool wide = (mask & 6) == 4;
        config_write(bdf, at, 4, 0);
        if (mask == 0 || (mask & 1) != 0) {
            continue; /* none, or I/O */
        }
        out[i] = take_address(bdf >> 8, ~(mask & ~15u) + 1);
        config_write(bdf, at, 4, out[i]);
        if (wide) {
            config_write(bdf, at + 4, 4, 0);
            i++;
        }
    }
}

static void start_bridge(unsigned slot)
{
    uint16_t bdf = (uint16_t)BDF(0, slot);
    uint32_t bars[2] = { 0 }, base = (uint32_t)(WINDOW + slot * WINDOW_SIZE) >> 16;
    place_bars(bdf, 2, bars);
    config_write(bdf, BUS_NUMBERS, 4, slot << 16 | slot << 8);
    config_write(bdf, MEMORY_BASE, 4, (base + (uint32_t)(WINDOW_SIZE >> 16) - 16) << 16 | base);
    config_write(bdf, PREFETCH_BASE, 4, NO_WINDOW);
    config_write(bdf, COMMAND, 2, DECODE);
}

static void start_function(struct function *f, const struct place *p)
{
    uint32_t id = config_read(p->bdf, 0, 4);
    f->bdf = p->bdf;
    if (id != p->id) {
        fprintf(stderr, "qtest: %08x at %04x, where %s should be\n", id, p->bdf, p->name);
        exit(1);
    }
    if ((config_read(p->bdf, HEADER_TYPE, 1) & 0x7f) == 0) {
        place_bars(p->bdf, BARS, f->bar);
    }
    config_write(p->bdf, COMMAND, 2, DECODE | NO_INTX);
    f->umsi = (struct machine_function){ p->name, &ops, f, p->rid, p->shared_events, NULL };
}

void pci_start(void)
{
    for (unsigned bus = 0; bus < 8; bus++) {
        next_address[bus] = WINDOW + bus * WINDOW_SIZE;
    }
    for (unsigned slot = 1; slot < 8; slot++) {
        if (slot != 6) {
            start_bridge(slot);
        }
    }
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        if (places[k].name != NULL) {
            start_function(&functions[k], &places[k]);
        }
    }
}

/* What is not on bus 0 is behind the bridge in the slot of its bus's number. */
void pci_find_wires(void)
{
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        const struct place *p = &places[k];
        const uint8_t bus = (uint8_t)(p->bdf >> 8);
        const struct umsi_pci_bridge above = { (uint16_t)BDF(0, bus), bus,
                                               UMSI_PCI_BRIDGE_EXPRESS };
        uint32_t intid;
        if (p->name != NULL) {
            functions[k].umsi.wire = wires_find(config_read(p->bdf, INTERRUPT_PIN, 1), p->bdf,
                                                &above, bus != 0 ? 1 : 0, &intid);
        }
    }
}

void pci_allow_intx(enum machine_kind kind, bool allow)
{
    config_write(functions[kind].bdf, COMMAND, 2, allow ? DECODE : DECODE | NO_INTX);
}

const struct machine_function *pci_function(enum machine_kind kind)
{
    return places[kind].name != NULL ? &functions[kind].umsi : NULL;
}

uint64_t pci_bar0(enum machine_kind kind)
{
    return functions[kind].bar[0];
}

/* ---- reset ---- */

bool pci_can_reset(enum machine_kind kind)
{
    return places[kind].bdf >> 8 != 0;
}

static void put_header_back(const struct function *f)
{
    for (unsigned i = 0; i < BARS; i++) {
        if (f->bar[i] != 0) {
            config_write(f->bdf, BAR0 + 4 * i, 4, f->bar[i]);
        }
    }
    config_write(f->bdf, COMMAND, 2, DECODE | NO_INTX);
}

void pci_reset(enum machine_kind kind)
{
    unsigned bus = places[kind].bdf >> 8;
    uint16_t bridge = (uint16_t)BDF(0, bus);
    uint32_t control = config_read(bridge, BRIDGE_CONTROL, 2);
    config_write(bridge, BRIDGE_CONTROL, 2, control | BUS_RESET);
    config_write(bridge, BRIDGE_CONTROL, 2, control);
    for (unsigned k = 0; k < MACHINE_KINDS; k++) {
        if (places[k].name != NULL && places[k].bdf >> 8 == bus) {
            put_header_back(&functions[k]);
        }
    }
}
