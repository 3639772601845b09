/* SPDX-License-Identifier: MIT */
/*
 * A vector's places: the current one in level.word, which is read without a lock; what a move has left behind in
 * level.data, which only who moves or frees the vector changes.
 */
#ifndef UMSI_IMSIC_PLACE_H
#define UMSI_IMSIC_PLACE_H

#include "internal.h"

#define IMSIC_BLOCK (1u << 31) /* in word: of a block, which stays */
#define IMSIC_TWIN  (1u << 31) /* in data: the new identity is taken on the old CPU, too */

static inline struct umsi_imsic *umsi_imsic_of(const struct umsi_domain *d)
{
    return d->data;
}

static inline uint32_t umsi_imsic_place_of(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return __atomic_load_n(&irq->level[d->depth].word, __ATOMIC_ACQUIRE) & ~IMSIC_BLOCK;
}

static inline void umsi_imsic_set_place(const struct umsi_domain *d, struct umsi_irq *irq,
                                        uint32_t place)
{
    irq->level[d->depth].hwirq = umsi_imsic_place_id(place);
    __atomic_store_n(&irq->level[d->depth].word, place, __ATOMIC_RELEASE);
}

static inline bool umsi_imsic_is_block(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return (irq->level[d->depth].word & IMSIC_BLOCK) != 0;
}

/* What a move has left behind on the old CPU: the old place, and perhaps the new identity there; 0: nothing. */
static inline uint32_t umsi_imsic_old_word(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return (uint32_t)(uintptr_t)__atomic_load_n(&irq->level[d->depth].data, __ATOMIC_ACQUIRE);
}

static inline void umsi_imsic_set_old(const struct umsi_domain *d, struct umsi_irq *irq,
                                      uint32_t word)
{
    __atomic_store_n(&irq->level[d->depth].data, (void *)(uintptr_t)word, __ATOMIC_RELEASE);
}

static inline uint32_t umsi_imsic_old_place(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return umsi_imsic_old_word(d, irq) & ~IMSIC_TWIN;
}

/* The new identity on the old CPU; 0: it is not taken there. */
static inline uint32_t umsi_imsic_twin_place(const struct umsi_domain *d,
                                             const struct umsi_irq *irq)
{
    if ((umsi_imsic_old_word(d, irq) & IMSIC_TWIN) == 0) {
        return 0;
    }
    return umsi_imsic_place(umsi_imsic_place_cpu(umsi_imsic_old_place(d, irq)),
                            umsi_imsic_place_id(umsi_imsic_place_of(d, irq)));
}

/* An identity is set aside for a managed vector on a CPU where it is not, or no more (L53). Nothing where it is not
 * managed. In domain.c. */
void umsi_imsic_keep_one(struct umsi_imsic *imsic, const struct umsi_irq *irq, umsi_cpu cpu,
                         bool keep);

/* move.c */
enum umsi_status umsi_imsic_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                         uint32_t n, umsi_cpu cpu, struct umsi_batch *batch);
bool umsi_imsic_settle(struct umsi_domain *d, struct umsi_irq *irq);
void umsi_imsic_revert(struct umsi_domain *d, struct umsi_irq *irq);
void umsi_imsic_compose(struct umsi_domain *d, const struct umsi_irq *irq,
                        struct umsi_message *out);
bool umsi_imsic_compose_between(struct umsi_domain *d, const struct umsi_irq *irq,
                                struct umsi_message *out);

#endif /* UMSI_IMSIC_PLACE_H */
