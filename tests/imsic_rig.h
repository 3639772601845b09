/* SPDX-License-Identifier: MIT */
/*
 * The library on the model's RISC-V harts: IMSIC, an APLIC where there is one, a PCI function. Between the library
 * and the model every access can be counted, and at the Nth of them something can happen.
 */
#ifndef IMSIC_RIG_H
#define IMSIC_RIG_H

#include <umsi/chip/aplic.h>
#include <umsi/chip/imsic.h>
#include <umsi/cpu.h>
#include <umsi/pci.h>

#include "model.h"

#define IRIG_MAX_CPUS    8u
#define IRIG_MAX_VECTORS 300u

struct irig_config {
    struct model_config model; /* nr_cpus 0: 2 */
    struct model_imsic_config imsic;
    struct model_aplic_config aplic;
    bool has_aplic, direct; /* direct: no interrupt files */
    uint32_t nr_ipis;
    uint32_t offline; /* CPUs that do not come online at first, a bit each */
    uint32_t no_idc;  /* likewise those an APLIC cannot reach */
    uint32_t no_file; /* likewise those without an interrupt file */
};

struct irig_vector {
    struct irig *rig;
    uint32_t hits;
    umsi_cpu cpu; /* of the last */
};

struct irig {
    struct model *m;
    struct umsi_port port; /* the model's, with a counter before each access */
    struct umsi *u;
    struct umsi_imsic *imsic;
    struct umsi_aplic *aplic;
    uint32_t nr_cpus, nr_sources;
    uint32_t deaf; /* CPUs that do not answer a kick yet, a bit each */

    uint32_t accesses, trigger_at; /* 0: never */
    void (*trigger)(struct irig *r);
    void (*meanwhile)(struct irig *r); /* at the nth lock that is taken with none held */
    uint32_t locks, meanwhile_at;      /* 0: never */
    uint32_t runs_while;               /* handler runs, of all vectors */
    const volatile void *lie_at;       /* a register that reads as `lie` */
    uint32_t lie;

    struct model_pci *hw;
    struct umsi_pci pci;
    struct irig_vector vector[IRIG_MAX_VECTORS];
};

enum umsi_status irig_try(struct irig *r, const struct irig_config *c);
void irig_start(struct irig *r, const struct irig_config *c);
/* All away; the machine must be empty, and have no breach to tell of. */
void irig_stop(struct irig *r);
void irig_take_down(struct irig *r);
void irig_settled(struct irig *r);
/* Its IMSIC, and its APLIC, by itself. */
enum umsi_status irig_imsic(struct irig *r, const struct irig_config *c);
enum umsi_status irig_aplic(struct irig *r, const struct irig_config *c);
enum umsi_status irig_cpu_online(struct irig *r, umsi_cpu cpu);
void irig_cpu_offline(struct irig *r, umsi_cpu cpu);
/* Messages arrive, and CPUs take what is pending. */
void irig_run(struct irig *r);

/* A function with MSI-X or MSI, and n vectors of it, a handler for each. */
void irig_plug(struct irig *r, const struct model_pci_config *hw);
enum umsi_status irig_take(struct irig *r, uint32_t n, uint32_t kinds);
void irig_unplug(struct irig *r);
void irig_handler(void *vector);
umsi_virq irig_virq(struct irig *r, uint32_t index);
/* Raise, and it must have run once more, on this CPU (UMSI_NO_CPU: any). */
void irig_fire(struct irig *r, uint32_t index, umsi_cpu cpu);
enum umsi_status irig_move(struct irig *r, umsi_virq virq, umsi_cpu cpu);
/* What the function would write. */
struct umsi_message irig_message(struct irig *r, uint32_t index);
struct umsi_imsic_counts irig_counts(struct irig *r, umsi_cpu cpu);

#endif /* IMSIC_RIG_H */
