/* SPDX-License-Identifier: MIT */
/* The library on the strict model: an ITS, for what the mock has not. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <umsi/chip/its.h>
#include <umsi/irq.h>
#include <umsi/msi.h>

#include "model.h"

struct bench_machine {
    struct model *m;
    struct umsi_port port; /* the model's */
    struct umsi *u;
    struct umsi_lpi *lpi;
    struct umsi_its *its;
};

/* The machine, the instance, the LPI space, its CPUs, the ITS. */
void bench_machine_start(struct bench_machine *x, uint32_t nr_cpus);
/* In two halves: without the ITS; and it. */
void bench_machine_open(struct bench_machine *x, uint32_t nr_cpus);
void bench_machine_add_its(struct bench_machine *x);
/* All of it away again. */
void bench_machine_stop(struct bench_machine *x);
struct umsi_msi_device *bench_machine_devices(struct bench_machine *x, uint32_t n, uint32_t each);

#endif /* BENCH_MACHINE_H */
