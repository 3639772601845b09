/* SPDX-License-Identifier: MIT */
/* A device's MSI domain from the inside: what msi's own files share. */
#ifndef UMSI_MSI_DOMAIN_H
#define UMSI_MSI_DOMAIN_H

#include <umsi/cpu.h>
#include <umsi/msi.h>

#include "../core/irq.h"
#include "../core/radix.h"

struct umsi_msi_domain {
    struct umsi_domain domain; /* data: the struct umsi_msi_device */
    const struct umsi_msi_template *template;
    struct umsi_alloc_info info; /* what prepare() left; never changes after (L5) */
    struct umsi_radix store;     /* index -> struct umsi_irq, spares of blocks included */
    uint32_t nr_events;
    bool mapped; /* the port mapped the doorbell: */
    umsi_phys doorbell;
    umsi_bus doorbell_bus;
};

/* ---- place.c: where new vectors go ---- */

struct umsi_msi_placing {
    struct umsi_msi_domain *md;
    const struct umsi_msi_want *want;
    uint32_t first;      /* index of vector 0 of the call */
    umsi_cpu home, next; /* where unspread vectors go; where the next spread one goes */
};

enum umsi_status umsi_msi_place_begin(struct umsi_msi_placing *p, struct umsi_msi_domain *md,
                                      const struct umsi_msi_want *want, uint32_t first);
/* Make fresh descriptors vectors i .. i+n-1 of the call, each with its set and target; LIVE, or none is. */
enum umsi_status umsi_msi_place(struct umsi_msi_placing *p, struct umsi_irq *const *v, uint32_t i,
                                uint32_t n);
/* The next call goes on where this one ended. */
void umsi_msi_place_end(struct umsi_msi_placing *p);

/* ---- */

/* The domain of a device without a bus. */
enum umsi_status umsi_msi_base_create(struct umsi_msi_device *dev, uint32_t nr_events);

/* Release handlers, unmap and forget every vector in [first, first + n). Cannot fail. */
void umsi_msi_drop(struct umsi_msi_device *dev, struct umsi_msi_domain *md, uint32_t first,
                   uint32_t n);

/* Compose a vector's message as its device must write it, and check that it can (L48). */
enum umsi_status umsi_msi_compose(const struct umsi_msi_domain *md, const struct umsi_irq *irq,
                                  struct umsi_message *out);

/* What the controller composed, as the device writes it: through its IOMMU. */
void umsi_msi_translate(const struct umsi_msi_domain *md, struct umsi_message *m);
/* struct umsi_domain_ops.rewrite of a device's domain. */
enum umsi_status umsi_msi_rewrite(struct umsi_domain *d, struct umsi_irq *irq);

/* Collect up to UMSI_CHUNK vectors of [*from, end), and move *from behind the last. */
uint32_t umsi_msi_gather(const struct umsi_msi_domain *md, uint32_t *from, uint32_t end,
                         struct umsi_irq **v);

#endif /* UMSI_MSI_DOMAIN_H */
