/* SPDX-License-Identifier: MIT */
/*
 * What a driver of the demo sees: its PCI function, memory a device can reach, and a way to sleep until an
 * interrupt came. Drivers never poll a device for completion: they wait for a handler to have run.
 */
#ifndef DEMO_DRIVER_H
#define DEMO_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <umsi/pci.h>

struct bar {
    volatile void *va; /* mapped as device memory; NULL: no memory BAR here */
    uint64_t phys, size;
};

struct pci_function {
    struct umsi *umsi;
    struct umsi_pci msi;
    bool by_message; /* something takes its messages; else it has its wire only */
    char name[24];   /* "00:03.0 nvme" */
    uint16_t segment, bdf;
    uint16_t vendor, device;
    uint32_t class_code; /* 24 bits: class, subclass, interface */
    uint8_t header_type; /* bits 6:0 */
    struct bar bar[6];
    volatile uint8_t *config; /* its 4 KiB in the ECAM window */
    struct pci_function *next;
};

uint32_t pci_read(const struct pci_function *f, uint16_t offset, unsigned width);
void pci_write(const struct pci_function *f, uint16_t offset, unsigned width, uint32_t value);

/* Registers in a BAR, each access exactly as wide as it says. A write comes after the memory writes before it
 * in program order, as a device sees them: first the descriptor, then the doorbell. */
uint8_t bar_read8(const struct pci_function *f, unsigned bar, uint32_t offset);
void bar_write8(const struct pci_function *f, unsigned bar, uint32_t offset, uint8_t value);
uint16_t bar_read16(const struct pci_function *f, unsigned bar, uint32_t offset);
void bar_write16(const struct pci_function *f, unsigned bar, uint32_t offset, uint16_t value);
uint32_t bar_read32(const struct pci_function *f, unsigned bar, uint32_t offset);
void bar_write32(const struct pci_function *f, unsigned bar, uint32_t offset, uint32_t value);
uint64_t bar_read64(const struct pci_function *f, unsigned bar, uint32_t offset);
void bar_write64(const struct pci_function *f, unsigned bar, uint32_t offset, uint64_t value);

/* Zeroed memory a device may read and write, cache coherent, page aligned; NULL: none left. */
void *dma_get(size_t size, uint64_t *out_phys);
void dma_put(void *va, size_t size);

/* A flag a handler raises. `raise` from the handler, on any CPU; `wait` from the driver, on one: it sleeps in wfi
 * until the flag was raised at least `n` times since event_reset(), and is false after two seconds without. What
 * the device wrote to memory before its interrupt can be read after it. */
struct event {
    volatile uint32_t count;
    uint32_t waiter; /* index of the CPU that waits for it, plus 1; 0: none; atomic */
};
void event_reset(struct event *e);
void event_raise(void *event); /* a umsi_handler */
bool event_wait(struct event *e, uint32_t n);

/* Microseconds, monotonic. For the end of a reset, which no interrupt announces. */
uint64_t time_us(void);
/* Sleep in wfi for at least this long. For what a device does on its own time; never for a completion. */
void rest_us(uint64_t us);

/* Say why a driver failed: kept as the report's last line, "00:03.0 nvme vector 2: no interrupt". Returns
 * false, so that a driver can write `return fail(...)`. */
bool fail(const struct pci_function *f, int vector, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A line of the report under the function's name: what real work was done. */
void say(const struct pci_function *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Leave those lines out from now on: the drivers run many times. */
void say_no_more(void);

struct driver {
    const char *name;
    bool (*match)(const struct pci_function *f);
    /* Take vectors, do real work by interrupt, give all back. Bus mastering and memory decoding are on. On
     * return the function is reset or quiet and holds no vectors. */
    bool (*run)(struct pci_function *f);
    bool by_wire; /* it can do its work with INTx only */
};

extern const struct driver nvme_driver, virtio_driver, e1000e_driver, edu_driver, xhci_driver;

#endif /* DEMO_DRIVER_H */
