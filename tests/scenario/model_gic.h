/* SPDX-License-Identifier: MIT */
/* The controllers of a model machine: GICv3, LPIs and an ITS; a GICv2m frame on a GICv2 or on a GICv3; or IMSICs with an
 * APLIC. */
#ifndef SCENARIO_MODEL_GIC_H
#define SCENARIO_MODEL_GIC_H

#include <umsi/chip/aplic.h>
#include <umsi/chip/gicv2.h>
#include <umsi/chip/gicv2m.h>
#include <umsi/chip/gicv3.h>
#include <umsi/chip/imsic.h>
#include <umsi/chip/its.h>

#include "model.h"

struct model_gic {
    struct umsi_gicv3 *gicv3; /* one of these two */
    struct umsi_gicv2 *gicv2;
    struct umsi_lpi *lpi; /* with an ITS */
    struct umsi_its *its; /* one of these two */
    struct umsi_gicv2m *v2m;
    struct umsi_imsic *imsic; /* or this one, and */
    struct umsi_aplic *aplic;
};

/* With all CPUs online. NULL, or what failed. */
const char *model_gic_start(struct model *m, struct umsi *u, uint32_t nr_cpus, bool gicv2, bool v2m,
                            struct model_gic *out);
/* The same with interrupt files, and an APLIC that sends to them. */
const char *model_imsic_start(struct model *m, struct umsi *u, uint32_t nr_cpus,
                              struct model_gic *out);
const char *model_gic_stop(struct model *m, uint32_t nr_cpus, struct model_gic *g);

#endif /* SCENARIO_MODEL_GIC_H */
