/* SPDX-License-Identifier: MIT */
/*
 * What the files of the GICv2 driver share. gicv2.c creates and destroys; dist.c is the distributor, cpu_if.c the
 * CPU interface with the hot path, cpu.c brings CPUs up and down, local.c is SGIs and PPIs, of which each CPU
 * reaches its own only, domain.c is what the core sees, spis.c what GICv2m sees, power.c is sleep, explain.c tells
 * people.
 */
#ifndef UMSI_GICV2_INTERNAL_H
#define UMSI_GICV2_INTERNAL_H

#include <umsi/chip/gicv2.h>

#include "../../core/core.h"
#include "gicv2_enc.h"
#include "gicv2_regs.h"

/* One priority for everything, so no interrupt preempts another. A GIC has at least the upper four bits, of which
 * the Non-secure side sees the upper three and one more (IHI0048B 3.3, 3.5). */
#define GICV2_PRIORITY 0xA0u
#define GICV2_PMR      0xFFu /* lets every priority through; unimplemented low bits stay 0 */

struct umsi_gicv2_cpu {
    uint32_t target;       /* its CPU interface, as its one bit in GICD_ITARGETSR */
    uint32_t online;       /* atomic: 0 or 1; release-published after what is above */
    uint32_t local_wanted; /* SGIs and PPIs this CPU enabled; under gic->lock */
    uint32_t edge;         /* as gic->local_edge, as far as this CPU's registers have it */
    uint32_t sgi_held;     /* SGIs that came while they were not to; under gic->lock */
    uint32_t sgi_sender;   /* of the SGI it has acknowledged and not ended; this CPU's own */
};

struct umsi_gicv2 {
    struct umsi_domain domain;
    struct umsi *umsi;
    volatile void *gicd, *gicc;
    uint32_t typer; /* GICD_TYPER */
    uint32_t nr_intids;
    bool two_states; /* this is the Non-secure side of two Security states */
    uint32_t lent;   /* atomic: SPIs that are a message's */

    struct umsi_gicv2_cpu *cpus; /* port.nr_cpus */

    /* From INTID to descriptor while it is active: read by dispatch without a lock. */
    struct umsi_irq **irqs; /* nr_intids; each atomic */
    struct umsi_source source;

    /* Atomic: a bit for each CPU interface whose CPU has yet to take over local_masked or local_edge. */
    uint32_t local_stale;

    /* Leaf lock: registers that several INTIDs share, and these bits. No waiting under it (L55). */
    umsi_lock lock;
    uint32_t wanted[32]; /* bit per SPI: enabled */
    uint32_t taken[32];  /* bit per INTID: allocated (L59: from before it is active until after) */
    uint32_t local_masked; /* bit per SGI and PPI: masked on all CPUs, whatever they want */
    uint32_t local_edge;   /* bit per SGI and PPI: edge-triggered */

    /* Over a sleep of the machine: what was pending and edge-triggered, and who sent the SGIs, four in a word. */
    uint32_t pending[32], senders[4];
};

static inline struct umsi_gicv2_cpu *umsi_gicv2_online_cpu(struct umsi_gicv2 *gic, umsi_cpu cpu)
{
    struct umsi_gicv2_cpu *c;

    if (cpu >= gic->umsi->port.nr_cpus) {
        return NULL;
    }
    c = &gic->cpus[cpu];
    return __atomic_load_n(&c->online, __ATOMIC_ACQUIRE) != 0 ? c : NULL;
}

/* dist.c */
enum umsi_status umsi_gicv2_dist_probe(struct umsi_gicv2 *gic);
enum umsi_status umsi_gicv2_dist_init(struct umsi_gicv2 *gic);
void umsi_gicv2_dist_stop(struct umsi_gicv2 *gic);
/* Which CPU interface the calling CPU has; 0: none that can be told. */
uint32_t umsi_gicv2_dist_self(struct umsi_gicv2 *gic);
bool umsi_gicv2_dist_owns(struct umsi_gicv2 *gic, uint32_t intid);
bool umsi_gicv2_dist_trigger(struct umsi_gicv2 *gic, uint32_t intid, bool level);
void umsi_gicv2_dist_bit(struct umsi_gicv2 *gic, uint32_t base, uint32_t intid);
void umsi_gicv2_dist_route(struct umsi_gicv2 *gic, uint32_t intid, uint32_t target);
/* Write a register of every 32, 16 or 4 SPIs. */
void umsi_gicv2_dist_fill(struct umsi_gicv2 *gic, uint32_t base, uint32_t bits, uint32_t value);
/* Let an SPI in or not, now and after a sleep; the same with gic->lock held. */
void umsi_gicv2_dist_enable(struct umsi_gicv2 *gic, uint32_t intid, bool on);
void umsi_gicv2_dist_want(struct umsi_gicv2 *gic, uint32_t intid, bool on);
/* Disable an SPI, and return when the distributor has it. */
void umsi_gicv2_dist_disable(struct umsi_gicv2 *gic, uint32_t intid);

/* cpu_if.c */
enum umsi_status umsi_gicv2_cpu_if_open(struct umsi_gicv2 *gic);
void umsi_gicv2_cpu_if_close(struct umsi_gicv2 *gic);
struct umsi_receiver umsi_gicv2_receiver(struct umsi_gicv2 *gic);

/* local.c; of the calling CPU but where it says otherwise */
void umsi_gicv2_local_init(struct umsi_gicv2 *gic);
/* Of our priority and group. */
void umsi_gicv2_local_group(struct umsi_gicv2 *gic);
/* Everything as the bits say it; gic->lock is held. */
void umsi_gicv2_local_apply(struct umsi_gicv2 *gic, struct umsi_gicv2_cpu *c);
/* Take over what other CPUs changed. */
void umsi_gicv2_local_refresh(struct umsi_gicv2 *gic);
/* True: this CPU wants the SGI. Else it is kept until it does. */
bool umsi_gicv2_local_admits(struct umsi_gicv2 *gic, struct umsi_gicv2_cpu *c, uint32_t sgi);
void umsi_gicv2_local_adopt(struct umsi_gicv2 *gic, uint32_t intid, bool level); /* all CPUs */
void umsi_gicv2_local_mask(struct umsi_gicv2 *gic, uint32_t intid, bool mask);   /* all CPUs */
void umsi_gicv2_local_silence(struct umsi_gicv2 *gic, uint32_t intid); /* gic->lock is held */
enum umsi_status umsi_gicv2_local_pend(struct umsi_gicv2 *gic, uint32_t intid, bool pending);

/* domain.c */
extern const struct umsi_domain_ops umsi_gicv2_domain_ops;
extern const struct umsi_chip umsi_gicv2_chip;
struct umsi_irq *umsi_gicv2_lookup(void *arg, uint32_t hwirq);
void umsi_gicv2_silence(void *arg, uint32_t hwirq);
/* Make an SPI somebody's, disabled and idle; and nobody's. */
enum umsi_status umsi_gicv2_take(struct umsi_gicv2 *gic, uint32_t intid, bool level);
void umsi_gicv2_give(struct umsi_gicv2 *gic, uint32_t intid);
void umsi_gicv2_publish(struct umsi_gicv2 *gic, uint32_t intid, struct umsi_irq *irq);
void umsi_gicv2_retire(struct umsi_gicv2 *gic, uint32_t intid);

/* power.c */
enum umsi_status umsi_gicv2_suspend(struct umsi_domain *d);
enum umsi_status umsi_gicv2_resume(struct umsi_domain *d);

/* explain.c */
const char *umsi_gicv2_explain_intid(struct umsi_gicv2 *gic, uint32_t intid, umsi_print print,
                                     void *arg);

#endif /* UMSI_GICV2_INTERNAL_H */
