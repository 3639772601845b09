/* SPDX-License-Identifier: MIT */
/*
 * A bench for tests of the GICv2 and of GICv2m frames: the strict model with a GICv2 or a GICv3, CPUs that take
 * interrupts, and registers that can be made to read something else.
 */
#ifndef TEST_GIC_RIG_H
#define TEST_GIC_RIG_H

#include <umsi/chip/gicv2.h>
#include <umsi/chip/gicv2m.h>
#include <umsi/chip/gicv3.h>
#include <umsi/irq.h>

#include "model.h"

#define GIC_RIG_CPUS 8u

struct gic_rig {
    struct model *m;
    struct umsi *u;
    struct umsi_port port; /* the model's, watched */
    struct umsi_gicv2 *gicv2;
    struct umsi_gicv3 *gicv3;
    bool v3;
    /* What the vector does in place of umsi_handle_interrupts(). */
    void (*vector)(struct gic_rig *r, umsi_cpu cpu);

    /* A register that reads something else than it holds; NULL: none. And one that ignores writes. */
    const volatile void *fake, *deaf;
    uint32_t fake_value;
    void (*written)(volatile void *addr); /* called before each write to a register */
    uint32_t kicks[GIC_RIG_CPUS];
    bool no_kick; /* cpu_kick goes nowhere */
    /* Called in the next lock that is taken with none held, the nth from now; 0: never. */
    void (*meanwhile)(void);
    uint32_t meanwhile_at;
};

/* A machine and an instance, no GIC yet. */
void gic_rig_machine(struct gic_rig *r, const struct model_config *config);
/* The GIC the machine has. */
enum umsi_status gic_rig_create(struct gic_rig *r);
enum umsi_status gic_rig_online(struct gic_rig *r, umsi_cpu cpu);
void gic_rig_offline(struct gic_rig *r, umsi_cpu cpu);
/* All of it: machine, GIC, all CPUs. */
void gic_rig_start(struct gic_rig *r, const struct model_config *config);
/* Everything away again: no breach, nothing left. */
void gic_rig_stop(struct gic_rig *r);

/* Registers of the distributor and of a CPU's interface, as that CPU sees them. */
uint32_t gic_rig_read(struct gic_rig *r, umsi_cpu cpu, volatile void *base, uint32_t offset);
void gic_rig_write(struct gic_rig *r, umsi_cpu cpu, volatile void *base, uint32_t offset,
                   uint32_t value);
volatile char *gic_rig_gicd(struct gic_rig *r);
volatile char *gic_rig_gicc(struct gic_rig *r);

#endif /* TEST_GIC_RIG_H */
