/* SPDX-License-Identifier: MIT */
/* The whole library on the strict model: a machine brought up, PCI functions on it, and their verdicts. */
#ifndef RIG_H
#define RIG_H

#include <umsi/chip/gicv3.h>
#include <umsi/chip/its.h>
#include <umsi/irq.h>
#include <umsi/pci.h>

#include "model.h"

#define RIG_MAX_VECTORS 2048u

struct rig_config {
    struct model_config model;       /* nr_cpus 0: 2; nr_its 0: 1, as `its` says */
    struct model_its_config its;     /* where model.nr_its is 0 */
    struct umsi_lpi_config lpi;      /* gicd is filled in */
    struct umsi_its_config umsi_its; /* of each; base and phys are filled in */
    uint32_t home;                   /* the ITS of units that name none */
    /* What stands between the library and the model's port, made when the machine is there; NULL: nothing. */
    const struct umsi_port *(*between)(struct model *m);
};

struct rig {
    struct model *m;
    struct umsi *u;
    struct umsi_gicv3 *gic;
    struct umsi_lpi *lpi;
    struct umsi_its *its;      /* the first */
    struct umsi_its *every[8]; /* with it, all of them */
    uint32_t nr_cpus, nr_its, home;
};

struct unit;

struct unit_vector {
    struct unit *unit;
    uint32_t index, hits;
    umsi_cpu cpu; /* of the last hit */
};

struct unit {
    struct rig *rig;
    struct model_pci *hw;
    struct umsi_pci pci;
    uint32_t its; /* its parent; set between plug and attach */
    uint32_t granted;
    struct unit_vector *vector; /* RIG_MAX_VECTORS of them */
};

/* Bring up what the configuration says; the test fails when it does not come up without a breach. */
void rig_start(struct rig *r, const struct rig_config *config);
/* The same, but the status comes back, and on an error nothing is left. */
enum umsi_status rig_try(struct rig *r, const struct rig_config *config);
/* Take all down; the machine must be empty and have no breach to tell of. */
void rig_stop(struct rig *r);
/* The library only; the machine stays. */
void rig_take_down(struct rig *r);
/* The same, without a word on what the machine looks like at the end. */
void rig_abandon(struct rig *r);
/* No breach so far, and the machine is settled. */
void rig_settled(struct rig *r);
void rig_show(struct rig *r);
/* Let the hardware finish what it was told, and all CPUs take what is pending. */
void rig_run(struct rig *r);

void unit_plug(struct unit *f, struct rig *r, const struct model_pci_config *hw);
enum umsi_status unit_try_attach(struct unit *f, uint32_t shared_events);
void unit_attach(struct unit *f, struct rig *r, const struct model_pci_config *hw);
void unit_detach(struct unit *f);
void unit_unplug(struct unit *f);
enum umsi_status unit_try_take(struct unit *f, uint32_t min, uint32_t max, uint32_t kinds);
/* Exactly n vectors, a handler for each. */
void unit_take(struct unit *f, uint32_t n, uint32_t kinds);
void unit_request(struct unit *f, uint32_t index);
void unit_drop(struct unit *f);
/* Raise a vector and let it be taken: its handler must have run once more. */
void unit_fire(struct unit *f, uint32_t index);
void unit_fire_all(struct unit *f);
umsi_virq unit_virq(struct unit *f, uint32_t index);

#endif /* RIG_H */
