/* SPDX-License-Identifier: MIT */
/*
 * Descriptors from the inside: their state word, where they come from, and the hierarchy below them.
 *
 * The state word is atomic. RUNNING belongs to the CPU that set it. MASKED, CUT and DISABLED change under
 * the lock of the descriptor's outermost domain.
 */
#ifndef UMSI_CORE_IRQ_H
#define UMSI_CORE_IRQ_H

#include <umsi/msi_parent.h>

#include "core.h"

#define UMSI_IRQ_LIVE     0x001u /* allocated */
#define UMSI_IRQ_HANDLER  0x002u /* requested */
#define UMSI_IRQ_DISABLED 0x004u /* disable_depth > 0 */
#define UMSI_IRQ_RUNNING  0x008u /* a CPU is in the handler, or on its way */
#define UMSI_IRQ_AGAIN    0x010u /* arrived meanwhile: that CPU runs it once more (L58) */
#define UMSI_IRQ_PENDING  0x020u /* arrived while held back: run once later (L60) */
#define UMSI_IRQ_MASKED                                                                            \
    0x040u /* masked at the outermost level, in software where that has no mask */
#define UMSI_IRQ_CUT    0x080u /* stormed while held back: silenced at an inner level */
#define UMSI_IRQ_LEVEL  0x100u /* level-sensitive */
#define UMSI_IRQ_PERCPU 0x200u /* every CPU has its own */
#define UMSI_IRQ_MOVING                                                                            \
    0x400u /* somebody moves, allocates or frees it: target and place are theirs */
#define UMSI_IRQ_QUEUED  0x800u  /* on a CPU's list for umsi_cpu_service() */
#define UMSI_IRQ_SPARE   0x1000u /* rounds up a block; no vector of the driver's (L15) */
#define UMSI_IRQ_END     0x2000u /* its outermost chip has an `end` to call */
#define UMSI_IRQ_OPENING 0x4000u /* MOVING, and on the new CPU's list: it must open the new place */
#define UMSI_IRQ_SETTLING                                                                          \
    0x8000u /* on the old CPU's list: the old place is kept until it is clean (L54) */
#define UMSI_IRQ_MANAGED 0x10000u /* its wanted set is fixed */
#define UMSI_IRQ_SHUT    0x20000u /* managed, and no CPU of its set is a target (L53) */
#define UMSI_IRQ_COUNTED 0x40000u /* in the count of vectors of its target */

/* Held back: what arrives is remembered. */
#define UMSI_IRQ_HELD (UMSI_IRQ_DISABLED | UMSI_IRQ_SHUT)

#define UMSI_CHUNK 32u  /* descriptors an operation handles at a time; no block is larger */
#define UMSI_STORM 256u /* arrivals held back, or of one unknown number, before it is silenced */

static inline uint32_t umsi_irq_state(const struct umsi_irq *irq)
{
    return __atomic_load_n(&irq->state, __ATOMIC_ACQUIRE);
}

static inline void umsi_irq_set_bits(struct umsi_irq *irq, uint32_t bits)
{
    __atomic_or_fetch(&irq->state, bits, __ATOMIC_ACQ_REL);
}

static inline void umsi_irq_clear_bits(struct umsi_irq *irq, uint32_t bits)
{
    __atomic_and_fetch(&irq->state, ~bits, __ATOMIC_ACQ_REL);
}

/* Where it goes. Written by who holds MOVING. */
static inline umsi_cpu umsi_irq_cpu(const struct umsi_irq *irq)
{
    return __atomic_load_n(&irq->cpu, __ATOMIC_ACQUIRE);
}

/* ---- count.c: handler runs ---- */

/* One more on this CPU, by the long way. By who holds RUNNING, or of what every CPU has of its own. */
void umsi_irq_count_run(struct umsi_irq *irq, umsi_cpu cpu);
/* The short way leads to another CPU from now on, or nowhere: what was counted at home goes to the CPU that was it. */
void umsi_irq_set_home(struct umsi_irq *irq, umsi_cpu cpu);
void umsi_irq_clear_runs(const struct umsi *u, struct umsi_irq *irq);
/* Read while they change: a glimpse may be of fewer, never of more. Any. */
uint32_t umsi_irq_runs_on(const struct umsi_irq *irq, umsi_cpu cpu);
uint64_t umsi_irq_runs(const struct umsi *u, const struct umsi_irq *irq);

/* ---- irq_table.c: descriptors by virq ---- */

struct umsi_irq_table;
struct umsi_irq_table *umsi_irq_table_create(struct umsi *u);
void umsi_irq_table_destroy(struct umsi *u, struct umsi_irq_table *t);
/* Take n fresh descriptors, masked, MOVING and not yet LIVE: all or none. umsi_move_release() when done. Task.
 * Errors: NOMEM, NOSPACE (every virq is in use). */
enum umsi_status umsi_irq_take(struct umsi *u, struct umsi_irq **v, uint32_t n);
/* Give them back. The caller has waited with umsi_grace_wait(); what that could not wait for is kept aside. */
void umsi_irq_put(struct umsi *u, struct umsi_irq *const *v, uint32_t n, bool graced);
/* NULL: no such virq. */
struct umsi_irq *umsi_irq_find(struct umsi *u, umsi_virq virq);
/* The descriptor of that number, in whatever state; NULL: there are not that many. They begin at 1. */
struct umsi_irq *umsi_irq_at(struct umsi *u, umsi_virq virq);
/* Let `copy`, which must be short, look at a descriptor that cannot go meanwhile. False: no such virq. Any. */
bool umsi_irq_look(struct umsi *u, umsi_virq virq,
                   void (*copy)(struct umsi *u, struct umsi_irq *irq, void *arg), void *arg);
/* The same for the next one at or above *virq, spares too, which *virq then names. False: none. */
bool umsi_irq_next(struct umsi *u, umsi_virq *virq,
                   void (*copy)(struct umsi *u, struct umsi_irq *irq, void *arg), void *arg);
uint32_t umsi_irq_table_live(struct umsi *u);
uint32_t umsi_irq_table_waiting(struct umsi *u);

/* ---- grace.c: L59 ---- */

struct umsi_percpu {
    uint32_t seq;                   /* odd: inside a dispatch */
    uint32_t depth;                 /* of brackets, this CPU's own */
    umsi_cpu cpu;                   /* which it is */
    const struct umsi_irq *current; /* whose handler runs here by the short way; atomic */
    char pad1[64]; /* what other CPUs write is not in the line that a dispatch writes */
    uint32_t waiting_seq;
    struct umsi_irq *waiting; /* put from within a dispatch here; under the table's lock */
    struct umsi_irq *resend;  /* for umsi_cpu_service() */
    bool
        owes; /* umsi_acknowledge() gives out what is on it, and the kernel's to dispatch; atomic */
    umsi_virq moves,
        later;         /* likewise: to open or settle; settle once more; linked through move_next */
    uint32_t nr_moves; /* in both lists, or being worked on; atomic */
    uint32_t asked;    /* to call every cpu_work(); atomic */
    umsi_lock lock;    /* rank 3: the lists */
    umsi_lock pin;     /* a leaf: keeps its taker on the CPU it is on */
    umsi_lock
        inline_replay;   /* rank 0: keeps interrupts off around a handler; nobody waits for it */
    char pad2[64];       /* nor is what an allocation on this CPU writes: */
    umsi_lock kept_lock; /* rank 4, a leaf: the descriptors it keeps */
    struct umsi_irq *kept;
    uint32_t nr_kept;
    uint32_t nr_live; /* taken here less put here: all CPUs' together are those that live; atomic */
    uint32_t targets; /* vectors that go to this CPU; atomic */
    char pad3[64];    /* and two CPUs' are never in one line */
};
static inline struct umsi_percpu *umsi_this_cpu(struct umsi *u)
{
    return &u->percpu[umsi_cpu_self(u)];
}
/* umsi_enter() and umsi_leave() for those who know their CPU. The fence pairs with that of umsi_grace_wait(). */
static inline void umsi_bracket_open(struct umsi_percpu *pc)
{
    if (pc->depth++ == 0) {
        __atomic_store_n(&pc->seq, pc->seq + 1, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    }
}
static inline void umsi_bracket_close(struct umsi_percpu *pc)
{
    if (--pc->depth == 0) {
        __atomic_store_n(&pc->seq, pc->seq + 1, __ATOMIC_RELEASE);
    }
}
/* Wait until every CPU has left the dispatch it was in. False: this CPU is in one itself, which was not
 * waited for. Task, no lock held. */
bool umsi_grace_wait(struct umsi *u);
/* The CPU the caller runs on when it is within a dispatch, which it then cannot leave; else UMSI_NO_CPU. */
umsi_cpu umsi_dispatching_cpu(struct umsi *u);

/* ---- home.c: the short way ---- */

/* umsi_deliver() for those who know their CPU: the short way, when this CPU is its home and nothing stands in the way,
 * else the long one. */
void umsi_deliver_on(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq);
void umsi_deliver_long(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq);
/* After the short way without a bracket found that more is remembered. `slot` is where the descriptor was found. */
void umsi_home_again(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq,
                     const uintptr_t *slot);
/*
 * By a CPU that has just set RUNNING: be its home. False: the handler runs at its home by the short way now; RUNNING
 * is given back, and the home sees to what arrived.
 */
bool umsi_irq_come_home(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu);
/* Does the handler run, by either way, or is about to, on another CPU than `self`? */
bool umsi_irq_runs_but_on(struct umsi *u, const struct umsi_irq *irq, umsi_cpu self);
/* Does it run: the one that is requested, or one that was freed from within itself and has not returned? */
bool umsi_irq_is_in_handler(const struct umsi *u, const struct umsi_irq *irq);

/* ---- dispatch.c ---- */

/* Make this CPU, `cpu`, the one that runs it. False: it was remembered, merged or dropped. */
bool umsi_irq_begin(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu);
/* After a run: true when it must run once more. */
bool umsi_irq_finish(struct umsi_irq *irq, umsi_cpu cpu);

/* Become the one that runs what is remembered, if it still is and may. Within a bracket, interrupts off. */
bool umsi_irq_resume(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu);
/* And run it. Where the kernel dispatches it is raised again instead; false: no controller can, now. */
bool umsi_irq_run_remembered(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu);
/* It may run, and the kernel dispatches it. */
bool umsi_irq_is_the_kernels(const struct umsi_irq *irq);
/* An arrival of an interrupt that each CPU has of its own, and that may not run. */
void umsi_irq_hold_local(struct umsi_irq *irq);
/* May it be dispatched, as far as its driver is concerned? */
bool umsi_irq_may_run(const struct umsi_irq *irq);

/* ---- mask.c: under the outermost domain's lock ---- */

void umsi_irq_mask_locked(struct umsi_irq *irq);
void umsi_irq_unmask_locked(struct umsi_irq *irq);
/* An arrival was held back: stop the source when it storms, or at once when it is level-sensitive. */
void umsi_irq_hold(struct umsi *u, struct umsi_irq *irq);

/* ---- replay.c ---- */

/* Have the controller raise what is remembered. False: it is remembered still. Any context. */
bool umsi_irq_raise_again(struct umsi_irq *irq);
/* Run what was remembered. No lock held. Any context. */
void umsi_irq_replay(struct umsi *u, struct umsi_irq *irq);
/* Post it at the innermost level that can. */
enum umsi_status umsi_irq_raise(struct umsi_irq *irq);
/* Leave it to a CPU to run what is remembered, to the next one if that is offline, and kick it. Returns which;
 * UMSI_NO_CPU: it was freed meanwhile. */
umsi_cpu umsi_irq_leave_to(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu);
/* A CPU is offline now: what was left to it goes to others. */
void umsi_cpu_hand_on(struct umsi *u, umsi_cpu cpu);
/* The next on a CPU's list. Within a bracket: who frees it finds it on no list, and waits for that to close. */
struct umsi_irq *umsi_irq_next_queued(struct umsi *u, struct umsi_percpu *pc);
/* Take it off a CPU's list. */
void umsi_irq_unqueue(struct umsi *u, struct umsi_irq *irq);

/* ---- hierarchy.c: one operation over all levels ---- */

enum umsi_status umsi_levels_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                   const struct umsi_alloc_info *info, struct umsi_batch *b);
void umsi_levels_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                      struct umsi_batch *b);
enum umsi_status umsi_levels_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                      struct umsi_batch *b);
void umsi_levels_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                            struct umsi_batch *b);
/* Remembers the result in b->status for the free operations that follow. */
enum umsi_status umsi_batch_commit(struct umsi_batch *b);
/* Ask the innermost level that composes messages. False: none does. */
bool umsi_levels_compose(const struct umsi_irq *irq, struct umsi_message *out);
/* Ask it for a message on the way from the old one to the new one (L46). False: there is none. */
bool umsi_levels_compose_between(const struct umsi_irq *irq, struct umsi_message *out);

/* ---- target.c ---- */

/* Online, not leaving, and every level of `d` can send there: a CPU takes SGIs before it takes LPIs (L26, L27). */
bool umsi_is_target(struct umsi_domain *d, umsi_cpu cpu);
/* The target of a set (NULL: of all) with the fewest vectors, of equal ones the first at or after `from`;
 * UMSI_NO_CPU: none. */
umsi_cpu umsi_pick_cpu(struct umsi_domain *d, const struct umsi_cpumask *set, umsi_cpu from);
/* The first at or after `from`, round and round. */
umsi_cpu umsi_pick_next(struct umsi_domain *d, const struct umsi_cpumask *set, umsi_cpu from);
/* It goes there now; the counts of both CPUs follow. By who holds MOVING. */
void umsi_irq_set_target(struct umsi_irq *irq, umsi_cpu cpu);
/* So many vectors more go to a CPU; UINT32_MAX: one less. */
void umsi_target_count(struct umsi *u, umsi_cpu cpu, uint32_t more);
/* Count vectors of one instance at the CPUs they go to, or no longer; those that are COUNTED. */
void umsi_targets_add(struct umsi *u, struct umsi_irq *const *v, uint32_t n);
void umsi_targets_remove(struct umsi *u, struct umsi_irq *const *v, uint32_t n);

/* ---- cpuset.c: wanted sets by number ---- */

#define UMSI_CPUSET_ALL 0u
struct umsi_cpusets;
struct umsi_cpusets *umsi_cpusets_create(struct umsi *u);
void umsi_cpusets_destroy(struct umsi *u, struct umsi_cpusets *t);
/* The number of a set (NULL: all), with a reference. NOSPACE: too many are in use. Any. */
enum umsi_status umsi_cpuset_get(struct umsi *u, const struct umsi_cpumask *set, uint16_t *out);
void umsi_cpuset_put(struct umsi *u, uint16_t id);
/* Make room for a few more. Task. */
void umsi_cpuset_prepare(struct umsi *u);
/* Give a descriptor another set, whose reference becomes its own; the one it had is the caller's to put. */
uint16_t umsi_cpuset_swap(struct umsi *u, struct umsi_irq *irq, uint16_t id);
void umsi_cpuset_read(struct umsi *u, const struct umsi_irq *irq, struct umsi_cpumask *out);
bool umsi_cpuset_has(struct umsi *u, const struct umsi_irq *irq, umsi_cpu cpu);

/* ---- move.c: one vector at a time, by who holds MOVING ---- */

/*
 * Become the one who owns target and place; from now on a CPU that left is not chosen any more. BUSY: another one
 * does. DEFERRED: a move of it waits for a CPU. NOTFOUND: it is not live.
 */
enum umsi_status umsi_move_claim(struct umsi_irq *irq);
void umsi_move_release(struct umsi_irq *irq);
/* Wait for a move of this descriptor to end, or cut it short, and let none begin: it is about to be freed. Task. */
void umsi_irq_stop_moves(struct umsi *u, struct umsi_irq *irq);
/* The outermost level that can move it; NULL: its target is fixed. */
struct umsi_domain *umsi_mover(const struct umsi_irq *irq);
/* Its message changes with the target: it moves by itself, and what is left is done by its CPUs. */
bool umsi_moves_message(const struct umsi_irq *irq);
/*
 * Move one. On DEFERRED `cpu` goes on with it, and releases it; after any other status the caller does. Task.
 */
enum umsi_status umsi_move(struct umsi_irq *irq, umsi_cpu cpu);
/* It is where it should be: restart it if it was shut down for want of that. */
void umsi_move_arrived(struct umsi_irq *irq);
/* A managed vector has no CPU: hold it back (L53). */
void umsi_irq_shut(struct umsi_irq *irq);

/* ---- service.c ---- */

/* Leave a vector to a CPU, as `why` (OPENING or SETTLING) says, and kick that. */
void umsi_move_leave_to(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu, uint32_t why);
/* Take it back, if no CPU is at it yet. */
bool umsi_move_take_back(struct umsi *u, struct umsi_irq *irq);
/* Do what was left to this CPU: the requested work of all levels, places to open, places to settle. */
void umsi_moves_service(struct umsi *u);
/* On the new CPU: open the place, and go on. Within a bracket. */
void umsi_move_open(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu);

/* ---- request.c ---- */
/* In place of NULL, which says that the kernel dispatches. */
void umsi_irq_no_handler(void *arg);
void umsi_irq_release(struct umsi *u, struct umsi_irq *irq);
/* Let it through if nothing holds it back; true when something remembered must run. Domain's lock held. */
bool umsi_irq_open_locked(struct umsi_irq *irq);

/* ---- unknown.c ---- */
struct umsi_unknown_table *umsi_unknown_create(struct umsi *u);
void umsi_unknown_destroy(struct umsi *u, struct umsi_unknown_table *t);
uint64_t umsi_unknown_total(struct umsi *u);
uint64_t umsi_unknown_cut(struct umsi *u);
void umsi_count_cut(struct umsi *u);

#endif /* UMSI_CORE_IRQ_H */
