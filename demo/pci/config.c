/* SPDX-License-Identifier: MIT */
/*
 * Configuration space and BARs of a function, for drivers and for umsi.
 */
#include "cpu.h"
#include "pci.h"

#define CONFIG_SIZE 4096u

uint32_t pci_read(const struct pci_function *f, uint16_t offset, unsigned width)
{
    const volatile uint8_t *at = f->config + offset;
    switch (width) {
    case 1:
        return *at;
    case 2:
        return *(const volatile uint16_t *)at;
    default:
        return *(const volatile uint32_t *)at;
    }
}

void pci_write(const struct pci_function *f, uint16_t offset, unsigned width, uint32_t value)
{
    volatile uint8_t *at = f->config + offset;
    switch (width) {
    case 1:
        *at = (uint8_t)value;
        break;
    case 2:
        *(volatile uint16_t *)at = (uint16_t)value;
        break;
    default:
        *(volatile uint32_t *)at = value;
        break;
    }
}

static volatile uint8_t *bar_at(const struct pci_function *f, unsigned bar, uint32_t offset)
{
    return (volatile uint8_t *)f->bar[bar].va + offset;
}

uint8_t bar_read8(const struct pci_function *f, unsigned bar, uint32_t offset)
{
    uint8_t value = *(const volatile uint8_t *)bar_at(f, bar, offset);
    device_read_done();
    return value;
}

void bar_write8(const struct pci_function *f, unsigned bar, uint32_t offset, uint8_t value)
{
    device_write_soon();
    *(volatile uint8_t *)bar_at(f, bar, offset) = value;
}

uint16_t bar_read16(const struct pci_function *f, unsigned bar, uint32_t offset)
{
    uint16_t value = *(const volatile uint16_t *)bar_at(f, bar, offset);
    device_read_done();
    return value;
}

void bar_write16(const struct pci_function *f, unsigned bar, uint32_t offset, uint16_t value)
{
    device_write_soon();
    *(volatile uint16_t *)bar_at(f, bar, offset) = value;
}

uint32_t bar_read32(const struct pci_function *f, unsigned bar, uint32_t offset)
{
    uint32_t value = *(const volatile uint32_t *)bar_at(f, bar, offset);
    device_read_done();
    return value;
}

void bar_write32(const struct pci_function *f, unsigned bar, uint32_t offset, uint32_t value)
{
    device_write_soon();
    *(volatile uint32_t *)bar_at(f, bar, offset) = value;
}

uint64_t bar_read64(const struct pci_function *f, unsigned bar, uint32_t offset)
{
    uint64_t value = *(const volatile uint64_t *)bar_at(f, bar, offset);
    device_read_done();
    return value;
}

void bar_write64(const struct pci_function *f, unsigned bar, uint32_t offset, uint64_t value)
{
    device_write_soon();
    *(volatile uint64_t *)bar_at(f, bar, offset) = value;
}

/* ---- for umsi: the handle is the function ---- */

static bool ops_read(void *dev, uint16_t offset, unsigned width, uint32_t *out)
{
    if (offset + width > CONFIG_SIZE) {
        return false;
    }
    *out = pci_read(dev, offset, width);
    return true;
}

static bool ops_write(void *dev, uint16_t offset, unsigned width, uint32_t value)
{
    if (offset + width > CONFIG_SIZE) {
        return false;
    }
    pci_write(dev, offset, width, value);
    return true;
}

static volatile void *ops_map_bar(void *dev, unsigned bar, uint64_t offset, size_t size)
{
    const struct pci_function *f = dev;
    if (bar >= 6 || f->bar[bar].va == NULL || offset > f->bar[bar].size ||
        size > f->bar[bar].size - offset) {
        return NULL;
    }
    return (volatile uint8_t *)f->bar[bar].va + offset;
}

static void ops_unmap_bar(void *dev, volatile void *va, size_t size)
{
    (void)dev; /* BARs stay mapped */
    (void)va;
    (void)size;
}

const struct umsi_pci_ops pci_umsi_ops = {
    .read = ops_read,
    .write = ops_write,
    .map_bar = ops_map_bar,
    .unmap_bar = ops_unmap_bar,
};
