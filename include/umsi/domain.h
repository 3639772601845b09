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

/* Levels a descriptor has room for: a device, what makes messages of it, and a root. Whoever stacks more compiles the
 * library and the kernel with more; each costs 16 bytes in every descriptor. */
#ifndef UMSI_MAX_LEVELS
#define UMSI_MAX_LEVELS 3
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
    /* What an arrival by the short way reads and writes: 32 bytes, which are in one line of a cache. */
    uint32_t state; /* atomic: UMSI_IRQ_... bits of src/core */
    umsi_cpu home;  /* where it may go the short way; UMSI_NO_CPU: nowhere yet */
    umsi_handler handler;
    void *arg;
    uint32_t home_runs; /* of the handler there, by the short way, since it is the home */
    umsi_virq virq;
    struct umsi_domain *domain; /* the outermost level */
    const char *name;
    umsi_cpu cpu;      /* target now; UMSI_NO_CPU: none chosen */
    uint16_t last_cpu; /* where it arrived last by the long way; UINT16_MAX: nowhere */
    /* In the handler now, by the long way; UINT16_MAX: none, or on its way there. */
    uint16_t running_cpu;
    uint32_t index; /* within the outermost domain */
    uint32_t disable_depth;
    uint32_t
        late; /* arrivals that no handler run was for: merged with others, or held back until now */
    uint32_t held_at;    /* when this second began; in 1024 us */
    uint16_t held;       /* arrivals held back in it */
    uint16_t wanted;     /* the wanted set, by its number in src/core; 0: all CPUs */
    umsi_virq move_next; /* on the list of a CPU that must do something for its move */
    struct umsi_irq *next;
    struct umsi_message message; /* as last composed for the device (L47) */
    struct umsi_irq_level level[UMSI_MAX_LEVELS];
    /* uint32_t count[nr_cpus] follows: handler runs per CPU, without home_runs */
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
    /*
     * A message that reaches this interrupt while it moves, and differs from the old one and from the new one in one
     * 32-bit word each (address low, address high, data): on the way for a device that cannot be masked and would
     * else send half of each (L46). The same level as compose_message. Asked for between set_affinity and settle
     * only. NULL or false: there is none, and a move that needs one is refused. Context: any.
     */
    bool (*compose_between)(struct umsi_domain *d, const struct umsi_irq *irq,
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
    /*
     * Send them to `cpu`, which is online and differs from each v[i]->cpu. The core updates irq->cpu after the commit.
     * They may belong to different devices, and several calls may share a batch. After a commit that timed out it is
     * called once more with each descriptor and that batch, whose status says so: to note that nobody knows where
     * it goes. Any other failure leaves it where it was, or it is moved again to be sure.
     *
     * Below a parent whose messages move (UMSI_MESSAGE_MOVES) n is 1, and this takes a new place on `cpu` beside the
     * old one: both reach the interrupt from now on, and compose_message gives the new one's message. UMSI_OK: the
     * message may be written at once. UMSI_DEFERRED: not before cpu_work() has run on `cpu`, which the core sees to.
     * Any other status: nothing happened. Then the core writes the message, and one of these two follows:
     *
     * settle: on the old CPU, when the device has the new message and nothing can be sent to the old place any
     * more. What is pending on the old place is delivered (umsi_deliver()) or raised on the new one, and the old
     * place goes back. False: something may still arrive there (an APIC's IRR); it is called again.
     * Context: interrupt, from umsi_cpu_service() on that CPU; within a bracket, interrupts off.
     *
     * revert: the message could not be written: the new place goes back, and everything is as before set_affinity.
     * What needs `cpu` for that is left to cpu_work(). Context: any.
     *
     * A vector may be freed before it has settled: then neither comes, and free() gives back both places.
     */
    enum umsi_status (*set_affinity)(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     umsi_cpu cpu, struct umsi_batch *batch);
    bool (*settle)(struct umsi_domain *d, struct umsi_irq *irq);
    void (*revert)(struct umsi_domain *d, struct umsi_irq *irq);
    /*
     * What this level has to do on CPU `cpu` and only that CPU can, such as opening or closing places. It runs on it,
     * after umsi_cpu_ask() or a set_affinity that said UMSI_DEFERRED; perhaps once more than asked for.
     * Context: interrupt, interrupts off, within a bracket.
     */
    void (*cpu_work)(struct umsi_domain *d, umsi_cpu cpu);
    /* Outermost level, the core's: compose the message anew and put it into the device, such that at every step it
     * reaches the interrupt (L45, L46). On an error the device has the old one. Its lock is held. Context: any. */
    enum umsi_status (*rewrite)(struct umsi_domain *d, struct umsi_irq *irq);
    /* Tell the hardware of a batch this domain claimed, and wait until it is done. May sleep. */
    enum umsi_status (*commit)(struct umsi_domain *d, struct umsi_batch *batch);
    /*
     * System sleep, see umsi/power.h: no other CPU is online, interrupts are off. suspend lets go of the hardware.
     * resume sets it up again, whether it kept its registers or not; also after a suspend that failed, its own or
     * another level's, and again when it failed itself. What is masked may change in between. May sleep.
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
    uint32_t nr_irqs, nr_children; /* atomic; interrupts whose outermost level this is */
    bool suspended;                /* the core's */
    umsi_lock lock; /* the core's: masks and states of descriptors whose outermost level this is */
    struct umsi_domain *list_next, *list_prev; /* the core's: the tree, parents first */
    struct umsi_domain *last;                  /* of its subtree, itself when it has none below */
    struct umsi_domain *work_next;             /* the core's: those with a cpu_work */
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

/*
 * Have cpu_work() of every domain called on a CPU, soon: it is kicked, and calls umsi_cpu_service(). Without
 * cpu_kick it is done when that CPU calls umsi_cpu_service() by itself. Context: any.
 */
void umsi_cpu_ask(struct umsi *u, umsi_cpu cpu);

/* The CPU interface, for receiving ways (a) and (b). One per instance. */
struct umsi_receiver {
    uint32_t (*acknowledge)(void *arg); /* its number; UMSI_NO_HWIRQ: nothing is pending */
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
 * such as the wired inputs of a root controller. Context: task. Errors: NOMEM, NOSPACE (2^21 virqs are in use), or what
 * the domain says.
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
/* Can its device mask it? Else its message changes only in steps that each reach it (L46). Context: any. */
bool umsi_irq_is_maskable(const struct umsi_irq *irq);
/*
 * A managed vector's share of the CPUs, for controllers that set a place aside on each of them (L53); false: it is not
 * managed. Context: any, from the alloc operation on.
 */
bool umsi_irq_managed(const struct umsi_irq *irq, struct umsi_cpumask *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_DOMAIN_H */
