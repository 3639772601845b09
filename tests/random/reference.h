/* SPDX-License-Identifier: MIT */
/*
 * What umsi should do, in as few lines as possible: devices, vectors, who may run, what is remembered. Every call
 * says what umsi's should say, and on UMSI_OK, and only then, changes the state.
 */
#ifndef RANDOM_REFERENCE_H
#define RANDOM_REFERENCE_H

#include "world.h"

#define REF_DEVICES 9u

struct ref_vector {
    bool live, spare, requested;
    bool held;       /* arrived while closed: umsi remembers it (L60) */
    bool pending[2]; /* the device does: of MSI or of anything else, and of MSI-X */
    uint32_t depth, hits;
    umsi_cpu cpu;
};

struct ref_device {
    struct gadget_config config;
    bool attached, domain;
    uint32_t
        kind; /* UMSI_MSI, UMSI_MSIX of a PCI function in use; UMSI_DEVICE_MSI of others; 0: no vectors */
    struct ref_vector v[VECTORS];
};

struct ref {
    struct ref_device device[REF_DEVICES];
    uint64_t online;
    bool one_address; /* a block of MSI has one, so it stays on its CPU */
};

enum umsi_status ref_attach(struct ref_device *d);
void ref_detach(struct ref_device *d);
/* PCI: vectors 0..n-1 of a kind; others: first .. first+n-1. */
enum umsi_status ref_take(struct ref_device *d, uint32_t first, uint32_t n, uint32_t kind);
enum umsi_status ref_take_at(struct ref_device *d, uint32_t index, uint32_t *out_index);
/* Where its fresh vectors go, all of a call to one: to the CPU with the fewest, the first of them. */
void ref_place(const struct ref *r, struct ref_device *d);
void ref_drop_at(struct ref_device *d, uint32_t index);
void ref_drop(struct ref_device *d);
enum umsi_status ref_request(struct ref_device *d, uint32_t index);
void ref_release(struct ref_device *d, uint32_t index);
void ref_disable(struct ref_device *d, uint32_t index);
void ref_enable(struct ref_device *d, uint32_t index);
void ref_raise(struct ref_device *d, uint32_t index);
enum umsi_status ref_move(const struct ref *r, struct ref_device *d, uint32_t index, uint64_t cpus);

/* A vector of the driver's, which is there. */
static inline bool ref_has(const struct ref_device *d, uint32_t index)
{
    return index < VECTORS && d->v[index].live && !d->v[index].spare;
}

/* Does the device itself hold back what its driver has closed? */
bool ref_masks(const struct ref_device *d);
/* Vectors, spares included. */
uint32_t ref_live(const struct ref *r);
/* DeviceIDs that are mapped. */
uint32_t ref_mapped(const struct ref *r);

#endif /* RANDOM_REFERENCE_H */
