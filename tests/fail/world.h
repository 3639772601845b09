/* SPDX-License-Identifier: MIT */
/*
 * A kernel on the strict model, with devices of every kind, for tests that order failures: whatever a call says, the
 * world can be looked at, compared with what it was, and taken down. Its ordinary and its DMA memory may come from
 * a fixed arena.
 */
#ifndef FAIL_WORLD_H
#define FAIL_WORLD_H

#include <umsi/arena.h>
#include <umsi/chip/aplic.h>
#include <umsi/chip/gicv2.h>
#include <umsi/chip/gicv2m.h>
#include <umsi/chip/gicv3.h>
#include <umsi/chip/imsic.h>
#include <umsi/chip/its.h>
#include <umsi/pci.h>
#include <umsi/platdev.h>
#include <umsi/wired.h>

#include "model.h"

#define GADGETS    12u
#define WORLD_CPUS 8u  /* at most, with interrupt files */
#define VECTORS    64u /* that a test looks at, of each gadget */

/* Where messages go: an ITS; a GICv2m frame, on either GIC; the harts' files, with an APLIC for the wires. */
enum where { TO_ITS, TO_FRAME, TO_FRAME_OF_GICV3, TO_FILES };

struct world_config {
    struct model_config
        model; /* memory_bytes 0: 4 MiB; id_bits 0: 14; nr_v2m 1, or imsic: no ITS, no LPIs */
    uint32_t nr_ipis; /* of an IMSIC */
    struct model_its_config its;
    struct umsi_its_config umsi_its;
    uint32_t online;       /* CPUs that come online; 0: all */
    size_t arena;          /* bytes; 0: the model's own memory */
    bool expects_breaches; /* they are looked at by the test */
};

/* ---- devices ---- */

enum gadget_kind { GADGET_PCI, GADGET_MSI, GADGET_PLATDEV, GADGET_WIRED };

struct gadget_config {
    enum gadget_kind kind;
    struct model_pci_config pci; /* its device_id is filled in */
    uint32_t device_id, events, shared_events;
    bool maskable, late;
};

struct gadget;

struct gadget_vector {
    struct gadget *gadget;
    uint32_t hits;
    umsi_cpu cpu; /* of the last */
    struct umsi_message message;
    bool masked, pending; /* as the device has them; PCI functions keep their own */
};

struct gadget {
    struct world *world;
    struct gadget_config config;
    bool attached;
    struct model_pci *hw;
    union {
        struct umsi_pci pci;
        struct umsi_msi_device msi;
        struct umsi_platdev platdev;
        struct umsi_wired wired;
    } u;
    struct gadget_vector vector[VECTORS];
    uint32_t regs[VECTORS * 4]; /* of a platform device: address, upper half, data */
};

struct world {
    struct model *m;
    struct umsi_port port;
    struct umsi *u;
    struct umsi_gicv3 *gic;
    struct umsi_gicv2 *gicv2; /* in its place */
    struct umsi_gicv2m *v2m;  /* in place of LPIs and ITSes */
    struct umsi_imsic *imsic; /* in place of all of these */
    struct umsi_aplic *aplic; /* with it, or NULL */
    struct umsi_lpi *lpi;
    struct umsi_its *its[2];
    umsi_virq wire; /* a wired interrupt that is mapped; UMSI_NO_VIRQ: none */
    umsi_virq ipi;  /* of an IMSIC, likewise */
    struct world_config config;
    struct umsi_arena arena;
    struct umsi_dma arena_memory;
    bool alone; /* no device is live but those an operation is about */
    bool
        elsewhere; /* a vector that went and came back may have another identity: none is compared */
    struct gadget gadget[GADGETS];
};

/* What a machine of that kind has, in a configuration that says nothing else about it. */
void world_kind(struct world_config *c, enum where where);
/* The machine alone; then the library on it, part by part. One world at a time. */
void world_machine(struct world *w, const struct world_config *config);
enum umsi_status world_up(struct world *w);
enum umsi_status world_umsi(struct world *w);
enum umsi_status world_gic(struct world *w);
enum umsi_status world_lpi(struct world *w);
enum umsi_status world_its(struct world *w, uint32_t n);
enum umsi_status world_v2m(struct world *w);
enum umsi_status world_imsic(struct world *w);
enum umsi_status world_aplic(struct world *w);
enum umsi_status world_cpu_gic(struct world *w, umsi_cpu cpu);
enum umsi_status world_cpu(struct world *w, umsi_cpu cpu);
void world_start(struct world *w, const struct world_config *config);
enum umsi_status world_map_wire(struct world *w);
void world_unmap_wire(struct world *w);
/* The MSI parent of all devices; NULL: there is none yet. */
struct umsi_domain *world_parent(struct world *w);
/* Down: what does not go fails the test. The machine stays. */
void world_down(struct world *w);
/* And no breach, nothing left, the machine gone. */
void world_stop(struct world *w);
void world_run(struct world *w);
/* Fails the test, and says which, when there is a breach of a law that `but` does not name (NULL: it names none). */
void world_clean(struct world *w, const char *but);

void gadget_make(struct world *w, struct gadget *g, const struct gadget_config *config);
void gadget_unmake(struct gadget *g);
enum umsi_status gadget_attach(struct gadget *g);
void gadget_detach(struct gadget *g);
struct umsi_msi_device *gadget_msi(struct gadget *g);
/* `kinds` matters for PCI functions only. */
enum umsi_status gadget_take(struct gadget *g, uint32_t n, uint32_t kinds);
enum umsi_status gadget_take_at(struct gadget *g, uint32_t index, uint32_t *out_index);
void gadget_drop_at(struct gadget *g, uint32_t index);
void gadget_drop(struct gadget *g);
umsi_virq gadget_virq(struct gadget *g, uint32_t index);
enum umsi_status gadget_request(struct gadget *g, uint32_t index);
/* The device raises a vector: now, or when it is unmasked. False: its message was lost. */
bool gadget_raise(struct gadget *g, uint32_t index);
/* Raise all that are requested; each handler must have run once more. */
void gadget_fire(struct gadget *g);

/* ---- looking ---- */

struct look {
    struct model_counts machine;
    struct umsi_counts umsi;
    struct umsi_lpi_counts lpi; /* or what is live and held back where there are no LPIs */
    struct umsi_its_info its[2];
    uint64_t
        devices; /* a hash of what the gadgets' hardware holds, and of what umsi holds about them */
};
void world_look(struct world *w, struct look *out);
/* Fails the test where two looks differ; memory is compared when `memory` is set. */
void world_same(const struct look *a, const struct look *b, bool memory);

#endif /* FAIL_WORLD_H */
