/* SPDX-License-Identifier: MIT */
/* The IMSIC driver's own state, shared by its files. */
#ifndef UMSI_IMSIC_INTERNAL_H
#define UMSI_IMSIC_INTERNAL_H

#include <umsi/chip/imsic.h>
#include <umsi/msi_parent.h>

#include "../../core/irq.h"
#include "imsic_enc.h"
#include "imsic_regs.h"

#define IMSIC_WORDS     ((UMSI_IMSIC_MAX_IDS + 1) / 64)
#define IMSIC_FIRST_IPI 1u /* identity; the lowest ones are the most urgent */

/*
 * One CPU's interrupt file. What is wanted of it is noted here by any CPU, under the lock; what the hart has done is
 * in `open` and in its registers, which nobody but the hart can reach. `changed` says where the two differ.
 */
struct imsic_file {
    umsi_lock lock;        /* rank 3 */
    volatile void *page;   /* NULL: the CPU has no file */
    struct umsi_irq **irq; /* by identity, nr_ids + 1 of them; atomic */
    umsi_cpu cpu;
    uint32_t hart;
    bool online;
    bool known;                   /* it was brought up once */
    bool ask;                     /* the hart is to be asked to look; by who set it */
    uint32_t changed;             /* words, a bit each */
    uint32_t free;                /* identities; not more than this are taken: */
    uint32_t aside;               /* of those, kept for managed vectors that may come here (L53) */
    uint32_t retiring;            /* given back, not yet closed */
    uint32_t ipis_held;           /* atomic: IPIs that came while they were masked (L60) */
    uint64_t used[IMSIC_WORDS];   /* live, retiring, or for IPIs */
    uint64_t want[IMSIC_WORDS];   /* to be enabled */
    uint64_t open[IMSIC_WORDS];   /* what eie holds */
    uint64_t retire[IMSIC_WORDS]; /* to be closed and given back by the hart */
    uint64_t saved[IMSIC_WORDS];  /* what was pending when the machine went to sleep */
};

struct umsi_imsic {
    struct umsi *umsi;
    struct umsi_domain domain;
    struct umsi_source source;
    struct umsi_imsic_layout layout;
    uint32_t nr_ids, nr_ipis, nr_words;
    uint32_t ipis_masked;     /* atomic: by the core, for all CPUs at once */
    struct umsi_irq nobody;   /* never live: what a retiring identity delivers to */
    struct imsic_file *files; /* nr_cpus of them */
};

/* file.c: the hart's side. Locked, on the file's own CPU unless said otherwise. */

/* Bring the registers to what is wanted. */
void umsi_imsic_apply(struct umsi_imsic *imsic, struct imsic_file *f);
/* Something changed in a word: done at once on the file's own CPU, else noted. Locked, on any CPU. */
void umsi_imsic_touch(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t word);
/* Kick the CPU, once, if what was noted calls for it. Not locked, any CPU. */
void umsi_imsic_ask(struct umsi_imsic *imsic, struct imsic_file *f);
void umsi_imsic_cpu_work(struct umsi_domain *d, umsi_cpu cpu);
enum umsi_status umsi_imsic_suspend(struct umsi_domain *d);
enum umsi_status umsi_imsic_resume(struct umsi_domain *d);
/* Was the identity pending? It is not any more. */
bool umsi_imsic_take_pending(struct umsi_imsic *imsic, uint32_t id);

/* ids.c: which identities are whose. */

#define IMSIC_ANY_ID 0u
/* Take `id`, or any; 0: not free. Counted in live. */
uint32_t umsi_imsic_take(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t id);
/* Take n, a power of two, in a row and aligned to n; the first, or 0. */
uint32_t umsi_imsic_take_block(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t n);
/* Take one that is free in both files, in both; 0: none. */
uint32_t umsi_imsic_take_twin(struct umsi_imsic *imsic, struct imsic_file *f,
                              struct imsic_file *twin);
/* A place goes back, when its hart has closed it. Nobody finds anything by it any more. */
void umsi_imsic_give_back(struct umsi_imsic *imsic, uint32_t place);
/* On its own CPU, where nothing can arrive on it any more: closed and given back at once. Was it pending? */
bool umsi_imsic_close_here(struct umsi_imsic *imsic, uint32_t place);
/* Set one aside for a managed vector that may come. False: there is none to spare. */
bool umsi_imsic_set_aside(struct umsi_imsic *imsic, struct imsic_file *f);
/* One more, or one less, is set aside. */
void umsi_imsic_keep(struct umsi_imsic *imsic, struct imsic_file *f, bool keep);
/* Can a vector come here now? */
bool umsi_imsic_has_room(struct umsi_imsic *imsic, struct imsic_file *f);
/* Open a place, or close it, if it is this vector's; posted, see umsi_imsic_ask(). */
void umsi_imsic_open(struct umsi_imsic *imsic, uint32_t place, const struct umsi_irq *irq,
                     bool open);
/* Is it, or will it be? A vector that storms is not. */
bool umsi_imsic_is_open(struct umsi_imsic *imsic, uint32_t place);

static inline struct imsic_file *umsi_imsic_file_of(struct umsi_imsic *imsic, uint32_t place)
{
    return &imsic->files[umsi_imsic_place_cpu(place)];
}

/* Nothing when the CPU is beyond all, or has no file. */
static inline struct imsic_file *umsi_imsic_file(struct umsi_imsic *imsic, umsi_cpu cpu)
{
    bool there = cpu < imsic->umsi->port.nr_cpus && imsic->files[cpu].page != NULL;

    return there ? &imsic->files[cpu] : NULL;
}

/* Whom an identity of a file belongs to; NULL: nobody. */
static inline void umsi_imsic_publish(struct umsi_imsic *imsic, uint32_t place,
                                      struct umsi_irq *irq)
{
    struct imsic_file *f = umsi_imsic_file_of(imsic, place);

    __atomic_store_n(&f->irq[umsi_imsic_place_id(place)], irq, __ATOMIC_RELEASE);
}

/* domain.c, explain.c, receive.c, ipi.c: what the core sees */
extern const struct umsi_domain_ops umsi_imsic_domain_ops;
extern const struct umsi_chip umsi_imsic_chip;
extern const struct umsi_msi_parent_ops umsi_imsic_parent_ops;
const char *umsi_imsic_explain(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                               void *arg);
struct umsi_receiver umsi_imsic_receiver(struct umsi_imsic *imsic);
struct umsi_irq *umsi_imsic_lookup(void *arg, uint32_t hwirq);
/* Make an identity pending in a file, by a message of our own. */
void umsi_imsic_pend(struct umsi_imsic *imsic, const struct imsic_file *f, uint32_t id);
void umsi_imsic_pend_now(struct umsi_imsic *imsic, const struct imsic_file *f, uint32_t id);

/* IPIs are vectors of the domain itself. */
static inline bool umsi_imsic_is_ipi(const struct umsi_domain *d, const struct umsi_irq *irq)
{
    return irq->domain == d;
}
enum umsi_status umsi_imsic_ipi_alloc(struct umsi_imsic *imsic, struct umsi_irq *irq);
void umsi_imsic_ipi_retire(struct umsi_imsic *imsic, const struct umsi_irq *irq);
void umsi_imsic_ipi_free(struct umsi_imsic *imsic, const struct umsi_irq *irq);
void umsi_imsic_ipi_open(struct umsi_imsic *imsic, const struct umsi_irq *irq, bool open);
void umsi_imsic_ipi_mask(struct umsi_imsic *imsic, const struct umsi_irq *irq, bool mask);
enum umsi_status umsi_imsic_ipi_pend(struct umsi_imsic *imsic, const struct umsi_irq *irq);

#endif /* UMSI_IMSIC_INTERNAL_H */
