/* SPDX-License-Identifier: MIT */
/* The APLIC driver's own state, shared by its files. */
#ifndef UMSI_APLIC_INTERNAL_H
#define UMSI_APLIC_INTERNAL_H

#include <umsi/chip/aplic.h>

#include "../../core/irq.h"
#include "aplic_enc.h"

struct umsi_aplic {
    struct umsi *umsi;
    volatile void *base;
    const char *name;
    uint32_t nr_sources;
    bool with_messages;
    uint32_t *
        trigger; /* by source, nr_sources + 1 of them: enum umsi_trigger, atomic; 0: never mapped */

    /* MSI delivery mode: a bridge of nr_sources + 1 lines, of which the first is never mapped. */
    struct umsi_wired bridge;
    struct umsi_imsic_layout layout;

    /* Direct delivery mode: a root. */
    struct umsi_domain domain;
    struct umsi_source source;
    struct umsi_irq **irq; /* by source, nr_sources + 1 of them; atomic */
    uint32_t *hart;        /* by CPU */
    bool *online;          /* by CPU; atomic */
    uint32_t saved[32];    /* edges that were pending when the machine went to sleep */
};

static inline uint32_t umsi_aplic_read(const struct umsi_aplic *aplic, uint32_t offset)
{
    return umsi_read32(aplic->umsi, aplic->base, offset);
}

static inline void umsi_aplic_write(const struct umsi_aplic *aplic, uint32_t offset, uint32_t value)
{
    umsi_write32(aplic->umsi, aplic->base, offset, value);
}

/* source.c: one source's registers. Any context. */
enum umsi_status umsi_aplic_set_trigger(struct umsi_aplic *aplic, uint32_t source,
                                        enum umsi_trigger trigger);
void umsi_aplic_set_mask(struct umsi_aplic *aplic, uint32_t source, bool masked);
/* The rectified input (4.5.7): does the line ask, whatever its polarity? */
bool umsi_aplic_asks(struct umsi_aplic *aplic, uint32_t source);
void umsi_aplic_pend(struct umsi_aplic *aplic, uint32_t source, bool pending);

/* aplic.c: open a CPU's IDC structure. False: there is none. */
bool umsi_aplic_open_idc(struct umsi_aplic *aplic, umsi_cpu cpu);

/* bridge.c: MSI delivery mode. */
enum umsi_status umsi_aplic_bridge_attach(struct umsi_aplic *aplic, struct umsi_domain *parent);

/* direct.c: direct delivery mode. */
enum umsi_status umsi_aplic_direct_announce(struct umsi_aplic *aplic);
/* BUSY, and nothing done, while a source is mapped. */
enum umsi_status umsi_aplic_direct_withdraw(struct umsi_aplic *aplic);
enum umsi_status umsi_aplic_direct_map(struct umsi_aplic *aplic, uint32_t source,
                                       enum umsi_trigger trigger, umsi_virq *out_virq);
void umsi_aplic_direct_unmap(struct umsi_aplic *aplic, uint32_t source);
umsi_virq umsi_aplic_direct_virq(struct umsi_aplic *aplic, uint32_t source);
/* Targets and masks. */
void umsi_aplic_direct_restore(struct umsi_aplic *aplic);
const char *umsi_aplic_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg);

#endif /* UMSI_APLIC_INTERNAL_H */
