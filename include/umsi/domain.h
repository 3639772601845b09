/* SPDX-License-Identifier: MIT */
/*
 * For controller authors: interrupt domains. A domain is one level between a device and a CPU: the LPI
 * space of a GIC is one, an ITS on top of it another, the MSI domain of one device the outermost. A
 * descriptor, struct umsi_irq, has an entry for each level.
 *
 * The author never takes a lock, never counts references for the core, and never unwinds another level:
 * every level that allocated is released by the core through its own `free` (L12).
 */
#ifndef UMSI_DOMAIN_H
#define UMSI_DOMAIN_H

#include <umsi/irq.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef UMSI_MAX_LEVELS
#define UMSI_MAX_LEVELS 4
#endif

struct umsi_domain;
struct umsi_alloc_info;

/* What a device writes to raise an interrupt. */
struct umsi_message {
    umsi_bus address;
    uint32_t data;
};

/* A level's own words in a descriptor. */
struct umsi_irq_level {
    uint32_t hwirq; /* the number at this level: an INTID, an EventID, a vector's index */
    uint32_t word;  /* free for the level */
    void *data;     /* free for the level */
};

/*
 * One interrupt. Type-stable: memory of a descriptor is never anything else while its instance lives, so a
 * lookup without a lock never touches freed memory; a virq, and a level's number, is reissued only after
 * every CPU has passed a point where no dispatch can hold it (L59). Levels use `level`, `index`, `cpu`;
 * the rest is the core's.
 */
struct umsi_irq {
    uint32_t state; /* atomic: UMSI_IRQ_... bits of src/core */
    umsi_virq virq;
    struct umsi_domain *domain; /* the outermost level */
    umsi_handler handler;
    void *arg;
    const char *name;
    umsi_cpu cpu;         /* target now; UMSI_NO_CPU: none chosen */
    umsi_cpu last_cpu;    /* where it arrived last */
    umsi_cpu running_cpu; /* in the handler now; UMSI_NO_CPU: none, or on its way there */
    uint32_t index;       /* within the outermost domain */
    uint32_t disable_depth;
    uint32_t late;    /* arrivals that were not run at once: merged, or held back */
    uint32_t rerun;   /* handler runs for arrivals that had been counted as late */
    uint32_t held;    /* arrivals held back in this second */
    uint32_t held_at; /* when it began; in 1024 us */
    struct umsi_irq *next;
    struct umsi_message message; /* as last composed for the device (L47) */
    struct umsi_irq_level level[UMSI_MAX_LEVELS];
    /* uint32_t count[nr_cpus] follows: handler runs per CPU */
};

static inline struct umsi_irq_level *umsi_irq_level_of(struct umsi_irq *irq, uint32_t depth)
{
    return &irq->level[depth];
}

/*
 * Work on several descriptors that the hardware is told of at once. Levels add to it; the core commits it
 * once, through the `commit` of the one domain that claimed it. `priv` is the claimant's.
 */
struct umsi_batch {
    struct umsi_domain *owner; /* who commits; NULL: nothing to commit */
    enum umsi_status status;   /* first failure of a level that could not say so at once */
    uint32_t commands, waits;  /* what it cost, for the statistics */
    uint64_t priv[10];
};

/* Claim a batch for a domain: true when it is (or already was) this domain's. */
static inline bool umsi_batch_claim(struct umsi_batch *b, struct umsi_domain *d)
{
    if (b->owner == NULL) {
        b->owner = d;
    }
    return b->owner == d;
}

enum umsi_irq_what { UMSI_STATE_PENDING };

/*
 * One level's way to act on a single interrupt. All of them: context any, a umsi lock may be held, short,
 * no waiting. NULL: this level has nothing to do there.
 */
struct umsi_chip {
    const char *name;
    /* Idempotent (L51). At the outermost level NULL says: this device cannot be masked; then the core masks
     * in software and uses the next level's mask only against a storm. */
    void (*mask)(struct umsi_domain *d, struct umsi_irq *irq);
    void (*unmask)(struct umsi_domain *d, struct umsi_irq *irq);
    /* Outermost level, after each run of the handler and before the next: a bridge that turned a level into a
     * message looks whether its line still stands, and sends another. Asked for with umsi_irq_set_end(). */
    void (*end)(struct umsi_domain *d, struct umsi_irq *irq);
    /* Where a message goes to, and what it says: the innermost level that has one composes it. */
    void (*compose_message)(struct umsi_domain *d, const struct umsi_irq *irq,
                            struct umsi_message *out);
    /* Outermost level: put irq->message into the device. */
    enum umsi_status (*write_message)(struct umsi_domain *d, struct umsi_irq *irq);
    /* Make it (not) pending; posted, not awaited. */
    enum umsi_status (*set_state)(struct umsi_domain *d, struct umsi_irq *irq,
                                  enum umsi_irq_what what, bool value);
    /* Print a line on this link of the way; NULL when it lets the interrupt through, else a constant string
     * that says what stops it. Context: task. */
    const char *(*explain)(struct umsi_domain *d, struct umsi_irq *irq, umsi_print print,
                           void *arg);
};

/*
 * Operations of a level on n descriptors, contiguous or not, of which `index` and `cpu` are set. Context:
 * task, no umsi lock held. Each is all or nothing for its own level. `info` is a private copy of what
 * prepare() left (L5). NULL: nothing to do at this level.
 */
struct umsi_domain_ops {
    enum umsi_status (*alloc)(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                              const struct umsi_alloc_info *info, struct umsi_batch *batch);
    void (*free)(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                 struct umsi_batch *batch);
    /* Hardware on and off; inner levels are activated first and deactivated last. */
    enum umsi_status (*activate)(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                 struct umsi_batch *batch);
    void (*deactivate)(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                       struct umsi_batch *batch);
    /* Send them to `cpu`, which is online and differs from v[i]->cpu. The core updates irq->cpu after. */
    enum umsi_status (*set_affinity)(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     umsi_cpu cpu, struct umsi_batch *batch);
    /* Tell the hardware of a batch this domain claimed, and wait until it is done. May sleep. */
    enum umsi_status (*commit)(struct umsi_domain *d, struct umsi_batch *batch);
    /*
     * System sleep, see umsi/power.h: no other CPU is online, interrupts are off. suspend lets go of the hardware,
     * or changes nothing and fails. resume sets it up again, whether it kept its registers or not; also after a
     * suspend of another level failed, and again after it failed itself. Masks may change in between.
     */
    enum umsi_status (*suspend)(struct umsi_domain *d);
    enum umsi_status (*resume)(struct umsi_domain *d);
};

struct umsi_domain_config {
    const char *name; /* copied, cut at 31 characters */
    const struct umsi_domain_ops *ops;
    const struct umsi_chip *chip;
    struct umsi_domain *parent; /* NULL: a root */
    uint32_t size;              /* numbers it has; 0: does not say */
    void *data;                 /* the author's */
};

struct umsi_msi_parent_ops;

/* Storage is the author's, usually the first member of the author's own struct. */
struct umsi_domain {
    char name[32];
    const struct umsi_domain_ops *ops;
    const struct umsi_chip *chip;
    const struct umsi_msi_parent_ops
        *msi; /* see umsi/msi_parent.h; NULL: devices cannot hang below */
    struct umsi_domain *parent;
    struct umsi *umsi;
    void *data;
    uint32_t depth; /* 0 for a root; the index into umsi_irq.level */
    uint32_t size;
    uint32_t nr_irqs, nr_children; /* atomic */
    bool suspended;
    umsi_lock lock; /* the core's: masks and states of descriptors whose outermost level this is */
    struct umsi_domain *list_next, *list_prev; /* the core's: the tree, parents first */
    struct umsi_domain *last;                  /* of its subtree, itself when it has none below */
};

/* Put a domain into the tree. Context: task. Errors: RANGE (UMSI_MAX_LEVELS). */
UMSI_MUST_CHECK enum umsi_status umsi_domain_add(struct umsi *u, struct umsi_domain *d,
                                                 const struct umsi_domain_config *config);
/* Take it out. Context: task. BUSY while it has children or interrupts (L7); twice is harmless. */
UMSI_MUST_CHECK enum umsi_status umsi_domain_remove(struct umsi_domain *d);

/* ---- for root controllers: from a hardware number to a descriptor, and to the handler ---- */

/*
 * A dispatch brackets what it does with descriptors: between enter and leave none it can find is reissued.
 * They nest. Context: interrupt, interrupts off.
 */
void umsi_enter(struct umsi *u);
void umsi_leave(struct umsi *u);
/* Deliver an arrival to a descriptor, within a bracket. Context: interrupt, interrupts off. */
void umsi_deliver(struct umsi *u, struct umsi_irq *irq);
/*
 * An arrival nobody owns: counted, logged once per number. Returns true when the number storms and the
 * controller should silence it. Context: interrupt, interrupts off.
 */
bool umsi_unknown(struct umsi *u, uint32_t hwirq);

/* A CPU takes interrupts from now on, or no longer. Called by root controllers. Context: any. */
void umsi_set_cpu_online(struct umsi *u, umsi_cpu cpu, bool online);

/* The CPU interface, for receiving ways (a) and (b). One per instance. */
struct umsi_receiver {
    bool (*acknowledge)(void *arg, uint32_t *out_hwirq); /* false: nothing pending */
    void (*end)(void *arg, uint32_t hwirq);
    void *arg;
};
/* Context: task. Errors: EXISTS. */
UMSI_MUST_CHECK enum umsi_status umsi_set_receiver(struct umsi *u, const struct umsi_receiver *r);
void umsi_clear_receiver(struct umsi *u);

/* Who knows the descriptors of a range of hardware numbers, for receiving ways (a) and (b). */
struct umsi_source {
    uint32_t first, count;
    /* NULL: not (or no longer) anybody's. Within a bracket, interrupts off. */
    struct umsi_irq *(*lookup)(void *arg, uint32_t hwirq);
    /* Stop a number that storms and has no descriptor. May be NULL. */
    void (*silence)(void *arg, uint32_t hwirq);
    void *arg;
    struct umsi_source *next; /* the core's */
};
/* Storage is the caller's until removed. Context: task. */
void umsi_add_source(struct umsi *u, struct umsi_source *s);
void umsi_remove_source(struct umsi *u, struct umsi_source *s);

/*
 * Allocate, activate and write messages of n descriptors at the given indices of a domain without a device,
 * such as the wired inputs of a root controller. Context: task.
 */
UMSI_MUST_CHECK enum umsi_status umsi_domain_map(struct umsi_domain *d, uint32_t hwirq, bool level,
                                                 umsi_virq *out_virq);
void umsi_domain_unmap(struct umsi_domain *d, umsi_virq virq);

/*
 * Mark a descriptor of which every CPU has its own interrupt, SGIs and PPIs: its handler may run on several
 * CPUs at once (L58 holds for each CPU by itself). Context: within the alloc operation of a domain.
 */
void umsi_irq_set_percpu(struct umsi_irq *irq);
/* Mark a descriptor whose outermost chip wants its `end` called. Context: task, before it is requested. */
void umsi_irq_set_end(struct umsi_irq *irq);
/* The trigger umsi_domain_map() was given, for the operations of a domain. Context: any. */
bool umsi_irq_is_level(const struct umsi_irq *irq);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_DOMAIN_H */
