/* SPDX-License-Identifier: MIT */
/*
 * What the files of the GICv3 driver share. gicv3.c creates and destroys; dist.c is the distributor,
 * redist.c finds and prepares redistributors, cpu_if.c is the CPU interface, cpu.c brings CPUs up and down,
 * sgi.c sends, local.c is SGIs and PPIs across CPUs, domain.c is what the core sees, spis.c what GICv2m sees, power.c is
 * sleep, explain.c tells people.
 */
#ifndef UMSI_GICV3_INTERNAL_H
#define UMSI_GICV3_INTERNAL_H

#include <umsi/chip/gicv3.h>

#include "../../core/core.h"
#include "gicv3_enc.h"
#include "gicv3_regs.h"

/*
 * One priority for everything, so no interrupt preempts another, even if a handler enables interrupts. In
 * the Non-secure view of two Security states hardware stores 0x80 | 0xa0 >> 1 (IHI0069, 4.8.1). LPIs get
 * the same (umsi_lpi_config.priority).
 */
#define GICV3_PRIORITY 0xA0u
#define GICV3_PMR      0xFFu /* lets every priority through; unimplemented low bits stay 0 */

#define GICV3_DEADLINE_US 1000000u

/* A redistributor that the walk found. */
struct umsi_gicv3_redist {
    volatile void *rd;
    umsi_phys phys;
    uint32_t affinity; /* packed */
};

struct umsi_gicv3_cpu {
    volatile void *rd; /* NULL: not known yet */
    umsi_phys phys;
    uint64_t affinity;     /* as in MPIDR_EL1 */
    uint32_t online;       /* atomic: 0 or 1; release-published after what is above */
    uint32_t local_wanted; /* SGIs and PPIs this CPU enabled; under gic->lock */
};

struct umsi_gicv3 {
    struct umsi_domain domain;
    struct umsi *umsi;
    volatile void *gicd;
    uint32_t typer; /* GICD_TYPER */
    uint32_t nr_intids;
    bool two_states; /* GICD_CTLR.DS is 0: this is the Non-secure view of two Security states */
    uint32_t lent;   /* atomic: SPIs that are a message's */

    struct umsi_gicv3_cpu *cpus; /* port.nr_cpus */
    struct umsi_gicv3_redist *redists;
    uint32_t nr_redists;

    /* From INTID to descriptor: written by alloc and free, read by dispatch without a lock. */
    struct umsi_irq **irqs; /* nr_intids; each atomic */
    struct umsi_source source;

    /* Leaf lock: registers that several INTIDs share, and these bits. No waiting under it (L55). */
    umsi_lock lock;
    uint32_t wanted[32];   /* bit per SPI: unmasked */
    uint32_t moving[32];   /* bit per SPI: kept disabled while its route changes */
    uint32_t local_masked; /* bit per SGI and PPI: masked on all CPUs, whatever they want */
    uint32_t local_edge;   /* bit per SGI and PPI: edge-triggered */

    uint32_t pending[32]; /* bit per edge-triggered INTID: pending when the machine went to sleep */
};

static inline struct umsi_gicv3_cpu *umsi_gicv3_online_cpu(struct umsi_gicv3 *gic, umsi_cpu cpu)
{
    struct umsi_gicv3_cpu *c;

    if (cpu >= gic->umsi->port.nr_cpus) {
        return NULL;
    }
    c = &gic->cpus[cpu];
    return __atomic_load_n(&c->online, __ATOMIC_ACQUIRE) != 0 ? c : NULL;
}

/* gicv3.c: poll until (register & mask) == value, or the deadline (then TIMEOUT, and `what` in the log). */
enum umsi_status umsi_gicv3_poll(struct umsi_gicv3 *gic, volatile void *base, uint32_t offset,
                                 uint32_t mask, uint32_t value, const char *what);

/* dist.c */
enum umsi_status umsi_gicv3_dist_probe(struct umsi_gicv3 *gic);
enum umsi_status umsi_gicv3_dist_init(struct umsi_gicv3 *gic);
enum umsi_status umsi_gicv3_dist_route_by_affinity(struct umsi_gicv3 *gic);
void umsi_gicv3_dist_fill(struct umsi_gicv3 *gic, uint32_t base, uint32_t bits, uint32_t value);
enum umsi_status umsi_gicv3_dist_start(struct umsi_gicv3 *gic);
void umsi_gicv3_dist_stop(struct umsi_gicv3 *gic);
enum umsi_status umsi_gicv3_dist_wait(struct umsi_gicv3 *gic);
bool umsi_gicv3_dist_owns(struct umsi_gicv3 *gic, uint32_t intid);
bool umsi_gicv3_dist_trigger(struct umsi_gicv3 *gic, uint32_t intid, bool level);
void umsi_gicv3_dist_bit(struct umsi_gicv3 *gic, uint32_t base, uint32_t intid);
void umsi_gicv3_dist_route(struct umsi_gicv3 *gic, uint32_t intid, uint64_t affinity);

/* redist.c */
enum umsi_status umsi_gicv3_redist_walk(struct umsi_gicv3 *gic,
                                        const struct umsi_gicv3_config *config);
const struct umsi_gicv3_redist *umsi_gicv3_redist_find(const struct umsi_gicv3 *gic,
                                                       uint32_t affinity);
bool umsi_gicv3_redist_valid(struct umsi_gicv3 *gic, const volatile void *rd);
enum umsi_status umsi_gicv3_redist_wake(struct umsi_gicv3 *gic, volatile void *rd);
enum umsi_status umsi_gicv3_redist_sleep(struct umsi_gicv3 *gic, volatile void *rd);
enum umsi_status umsi_gicv3_redist_init(struct umsi_gicv3 *gic, volatile void *rd);
void umsi_gicv3_redist_group(struct umsi_gicv3 *gic, volatile void *rd);
enum umsi_status umsi_gicv3_redist_wait(struct umsi_gicv3 *gic, volatile void *rd);
enum umsi_status umsi_gicv3_redist_quiet(struct umsi_gicv3 *gic, volatile void *rd);

/* cpu_if.c */
enum umsi_status umsi_gicv3_cpu_if_claim(struct umsi_gicv3 *gic);
enum umsi_status umsi_gicv3_cpu_if_open(struct umsi_gicv3 *gic, uint64_t affinity);
void umsi_gicv3_cpu_if_close(struct umsi_gicv3 *gic);
struct umsi_receiver umsi_gicv3_receiver(struct umsi_gicv3 *gic);

/* local.c */
void umsi_gicv3_local_triggers(struct umsi_gicv3 *gic, volatile void *rd);
void umsi_gicv3_local_adopt(struct umsi_gicv3 *gic, uint32_t intid, bool level);
void umsi_gicv3_local_drop(struct umsi_gicv3 *gic, uint32_t intid);
void umsi_gicv3_local_mask(struct umsi_gicv3 *gic, uint32_t intid, bool mask);
void umsi_gicv3_local_silence(struct umsi_gicv3 *gic, uint32_t intid);
enum umsi_status umsi_gicv3_local_pend(struct umsi_gicv3 *gic, uint32_t intid, bool pending);

/* domain.c */
extern const struct umsi_domain_ops umsi_gicv3_domain_ops;
extern const struct umsi_chip umsi_gicv3_chip;
struct umsi_irq *umsi_gicv3_lookup(void *arg, uint32_t hwirq);
void umsi_gicv3_silence(void *arg, uint32_t hwirq);
/* Of two that want an INTID at the same time, one gets it. */
bool umsi_gicv3_claim(struct umsi_gicv3 *gic, uint32_t intid, struct umsi_irq *irq);
void umsi_gicv3_release(struct umsi_gicv3 *gic, uint32_t intid);
enum umsi_status umsi_gicv3_configure_spi(struct umsi_gicv3 *gic, uint32_t intid, bool level);
/* Set an SPI's bit of gic->wanted or gic->moving, and enable it or not accordingly. */
void umsi_gicv3_change(struct umsi_gicv3 *gic, uint32_t *bits, uint32_t intid, bool value);

/* power.c */
enum umsi_status umsi_gicv3_suspend(struct umsi_domain *d);
enum umsi_status umsi_gicv3_resume(struct umsi_domain *d);

/* explain.c */
const char *umsi_gicv3_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg);
const char *umsi_gicv3_explain_intid(struct umsi_gicv3 *gic, uint32_t intid, umsi_print print,
                                     void *arg);

#endif /* UMSI_GICV3_INTERNAL_H */
