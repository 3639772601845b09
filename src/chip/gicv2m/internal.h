/* SPDX-License-Identifier: MIT */
/* What the files of the GICv2m driver share: gicv2m.c creates, destroys and dispatches, domain.c is what the core
 * sees, ids.c knows which SPIs are in use. */
#ifndef UMSI_GICV2M_INTERNAL_H
#define UMSI_GICV2M_INTERNAL_H

#include <umsi/chip/gicv2m.h>
#include <umsi/msi_parent.h>

#include "../../core/core.h"
#include "../../core/irq.h"
#include "gicv2m_regs.h"

struct umsi_gicv2m {
    struct umsi_domain domain;
    struct umsi *umsi;
    struct umsi_gic_spis gic;
    umsi_phys phys;
    uint32_t first, count; /* INTIDs */
    uint32_t data_offset, iidr;

    struct umsi_irq **irqs; /* count; each atomic; who an SPI is delivered to while it is active */

    umsi_lock lock;    /* leaf: */
    uint32_t used[32]; /* bit per SPI, from the first */
    uint32_t live;
};

static inline struct umsi_gicv2m *umsi_gicv2m_of(struct umsi_domain *d)
{
    return UMSI_CONTAINER_OF(d, struct umsi_gicv2m, domain);
}

static inline uint32_t umsi_gicv2m_intid(const struct umsi_irq *irq)
{
    return irq->level[0].hwirq; /* it is a root */
}

/* ids.c. Into v[i]'s level: n SPIs, consecutive and with the message of the first a multiple of n where they are to be
 * a block. NOSPACE: not so many are left. */
enum umsi_status umsi_gicv2m_ids_take(struct umsi_gicv2m *v2m, struct umsi_irq *const *v,
                                      uint32_t n, bool block);
void umsi_gicv2m_ids_give(struct umsi_gicv2m *v2m, struct umsi_irq *const *v, uint32_t n);
/* Stop one that storms, unless it is somebody's by now. */
void umsi_gicv2m_ids_silence(struct umsi_gicv2m *v2m, uint32_t intid);

/* domain.c */
extern const struct umsi_domain_ops umsi_gicv2m_domain_ops;
extern const struct umsi_chip umsi_gicv2m_chip;
extern const struct umsi_msi_parent_ops umsi_gicv2m_msi_ops;
struct umsi_irq *umsi_gicv2m_lookup(const struct umsi_gicv2m *v2m, uint32_t intid);

#endif /* UMSI_GICV2M_INTERNAL_H */
