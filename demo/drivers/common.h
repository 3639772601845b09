/* SPDX-License-Identifier: MIT */
/*
 * What every driver of the demo does alike: take vectors with one event behind each, wait for one of them,
 * give them back, and see a reset through to its end.
 */
#ifndef DEMO_DRIVERS_COMMON_H
#define DEMO_DRIVERS_COMMON_H

#include "driver.h"

/* The kernel brings these; a freestanding compiler brings no string.h. */
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#define MAX_VECTORS 16u

struct vectors {
    struct event event[MAX_VECTORS];
    uint32_t granted;
};

/* What to take. Vector 0 often has a part of its own (administration, configuration), so it has a name of its
 * own, and is left out of the spreading over CPUs when there are others. */
struct vectors_want {
    uint32_t kinds, min, max;
    const char *first, *rest; /* handler names */
};

/* A function may have neither MSI nor MSI-X (QEMU's properties can turn both off): says so, no failure. */
bool vectors_none(const struct pci_function *f);
/* Allocate and request all; after false, fail() was called and nothing is held. */
bool vectors_take(struct pci_function *f, struct vectors *v, const struct vectors_want *want);
void vectors_give(struct pci_function *f, struct vectors *v);
/* fail(), with what umsi says. */
bool fail_status(const struct pci_function *f, int vector, const char *what, enum umsi_status st);

/* Let INTx out of the function, or keep it back: the bit of Command is the driver's business. Was it kept back? */
bool intx_allow(const struct pci_function *f, bool allow);

/* Wait for the n-th interrupt of a vector since event_reset(); false: fail() was called. */
bool vectors_wait(const struct pci_function *f, struct vectors *v, uint32_t vector, uint32_t n);

/* Wait until (register & mask) == value: the end of a reset, which no interrupt announces. */
bool settled(const struct pci_function *f, unsigned bar, uint32_t offset, uint32_t mask,
             uint32_t value, uint32_t limit_ms);

#endif /* DEMO_DRIVERS_COMMON_H */
