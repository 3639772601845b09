/* SPDX-License-Identifier: MIT */
/*
 * Where descriptors live. They come in slabs that are never given back while the instance lives, so a stale
 * pointer always points to a descriptor. A virq is the position: slab * PER_SLAB + place + 1, and finding
 * one takes no lock.
 *
 * Each CPU keeps some that are free, so that two of them that allocate and free share nothing. The table grows only
 * when all together have too few.
 */
#include "irq.h"

#define PER_SLAB 128u  /* of 160 bytes, as they are with two CPUs: whole pages */
#ifndef PER_BLOCK      /* a test of a full table has a small one */
#define PER_BLOCK 512u /* slab pointers in a block */
#define BLOCKS    64u
#endif
#define KEEP (2 * UMSI_CHUNK) /* free descriptors that a CPU keeps, at most */

struct block {
    char *slab[PER_BLOCK];
};

struct umsi_irq_table {
    struct block *block[BLOCKS];
    uint32_t nr_slabs;
    size_t irq_size;     /* a multiple of 32: what is hot in one is in one line of a cache */
    uint32_t nr_waiting; /* put from within a dispatch; atomic */
    const struct umsi_irq *looking; /* look() has it in its hands; atomic */
    bool gathering;                 /* somebody counts all that are free; atomic */
    char pad[64];          /* above is what every CPU reads, below what the lock's holder writes */
    struct umsi_irq *free; /* ready, linked through next */
    uint32_t nr_free;
    umsi_lock lock; /* rank 3 */
};

struct umsi_irq_table *umsi_irq_table_create(struct umsi *u)
{
    struct umsi_irq_table *t = umsi_alloc(u, sizeof(*t));
    if (t != NULL) {
        umsi_lock_init(u, &t->lock);
        t->irq_size =
            (sizeof(struct umsi_irq) + u->port.nr_cpus * sizeof(uint32_t) + 31) & ~(size_t)31;
    }
    return t;
}

void umsi_irq_table_destroy(struct umsi *u, struct umsi_irq_table *t)
{
    if (t == NULL) {
        return;
    }
    for (uint32_t i = 0; i < t->nr_slabs; i++) {
        umsi_free(u, t->block[i / PER_BLOCK]->slab[i % PER_BLOCK], PER_SLAB * t->irq_size);
    }
    for (uint32_t i = 0; i < BLOCKS; i++) {
        umsi_free(u, t->block[i], sizeof(struct block));
    }
    umsi_free(u, t, sizeof(*t));
}

static struct umsi_irq *irq_at(const struct umsi_irq_table *t, umsi_virq virq)
{
    uint32_t slab = (virq - 1) / PER_SLAB;
    const char *base = t->block[slab / PER_BLOCK]->slab[slab % PER_BLOCK];
    return (struct umsi_irq *)(void *)(uintptr_t)(base + (virq - 1) % PER_SLAB * t->irq_size);
}

struct umsi_irq *umsi_irq_at(struct umsi *u, umsi_virq virq)
{
    const struct umsi_irq_table *t = u->irqs;
    uint32_t nr = __atomic_load_n(&t->nr_slabs, __ATOMIC_ACQUIRE);
    return virq == UMSI_NO_VIRQ || (virq - 1) / PER_SLAB >= nr ? NULL : irq_at(t, virq);
}

static bool is_vector(const struct umsi_irq *irq)
{
    return (umsi_irq_state(irq) & (UMSI_IRQ_LIVE | UMSI_IRQ_SPARE)) == UMSI_IRQ_LIVE;
}

struct umsi_irq *umsi_irq_find(struct umsi *u, umsi_virq virq)
{
    struct umsi_irq *irq = umsi_irq_at(u, virq);
    return irq != NULL && is_vector(irq) ? irq : NULL;
}

/*
 * A descriptor that is LIVE after `looking` was set does not leave before it is cleared, and its domain goes after it:
 * see wait_for_look(). What is put from within a dispatch leaves under the lock.
 */
static bool look(struct umsi *u, struct umsi_irq *irq,
                 void (*copy)(struct umsi *u, struct umsi_irq *irq, void *arg), void *arg)
{
    struct umsi_irq_table *t = u->irqs;
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    __atomic_store_n(&t->looking, irq, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    bool live = (umsi_irq_state(irq) & UMSI_IRQ_LIVE) != 0;
    if (live) {
        copy(u, irq, arg);
    }
    __atomic_store_n(&t->looking, NULL, __ATOMIC_RELEASE);
    umsi_lock_drop(u, &t->lock, s);
    return live;
}

/* After descriptors lost LIVE: who found one of them alive is done with it. A look begun later finds it gone. */
static void wait_for_look(struct umsi *u, const struct umsi_irq_table *t)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    const struct umsi_irq *irq = __atomic_load_n(&t->looking, __ATOMIC_ACQUIRE);
    while (irq != NULL && __atomic_load_n(&t->looking, __ATOMIC_ACQUIRE) == irq) {
        umsi_relax(u);
    }
}

bool umsi_irq_look(struct umsi *u, umsi_virq virq,
                   void (*copy)(struct umsi *u, struct umsi_irq *irq, void *arg), void *arg)
{
    struct umsi_irq *irq = umsi_irq_find(u, virq);
    return irq != NULL && look(u, irq, copy, arg);
}

bool umsi_irq_next(struct umsi *u, umsi_virq *virq,
                   void (*copy)(struct umsi *u, struct umsi_irq *irq, void *arg), void *arg)
{
    const struct umsi_irq_table *t = u->irqs;
    uint32_t end = __atomic_load_n(&t->nr_slabs, __ATOMIC_ACQUIRE) * PER_SLAB;
    for (; *virq <= end; ++*virq) {
        bool live = (umsi_irq_state(irq_at(t, *virq)) & UMSI_IRQ_LIVE) != 0;
        if (live && look(u, irq_at(t, *virq), copy, arg)) {
            return true;
        }
    }
    return false;
}

static void push_slab(struct umsi_irq_table *t, char *slab)
{
    uint32_t index = t->nr_slabs;
    t->block[index / PER_BLOCK]->slab[index % PER_BLOCK] = slab;
    __atomic_store_n(&t->nr_slabs, index + 1, __ATOMIC_RELEASE);
    for (uint32_t i = PER_SLAB; i-- > 0;) {
        struct umsi_irq *irq = (struct umsi_irq *)(void *)(slab + i * t->irq_size);
        irq->virq = index * PER_SLAB + i + 1;
        irq->next = t->free;
        t->free = irq;
    }
    t->nr_free += PER_SLAB;
}

/* Add a slab. Its memory is taken outside the lock. Where another came first, there may be enough now: look again. */
static enum umsi_status add_slab(struct umsi *u, struct umsi_irq_table *t)
{
    const uint32_t nr = __atomic_load_n(&t->nr_slabs, __ATOMIC_ACQUIRE);
    const bool opens = nr % PER_BLOCK == 0;
    if (nr == BLOCKS * PER_BLOCK) {
        return UMSI_NOSPACE;
    }
    char *slab = umsi_alloc(u, PER_SLAB * t->irq_size);
    struct block *block = opens && slab != NULL ? umsi_alloc(u, sizeof(*block)) : NULL;
    const bool enough = slab != NULL && (block != NULL || !opens);
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    const bool other = t->nr_slabs != nr;
    const bool mine = enough && !other;
    if (mine) {
        if (opens) { /* else lookups read it now */
            t->block[nr / PER_BLOCK] = block;
        }
        push_slab(t, slab);
    }
    umsi_lock_drop(u, &t->lock, s);
    if (!mine) {
        umsi_free(u, block, sizeof(*block));
        umsi_free(u, slab, PER_SLAB * t->irq_size);
    }
    return enough || other ? UMSI_OK : UMSI_NOMEM;
}

/* Under the lock; others read it without. */
static void count(uint32_t *n, int32_t by)
{
    __atomic_store_n(n, *n + (uint32_t)by, __ATOMIC_RELAXED);
}

/* Has the bracket ended from within which a CPU put the last one? By the short way there is none. */
static bool is_over(const struct umsi_percpu *pc)
{
    const uint32_t seq = __atomic_load_n(&pc->seq, __ATOMIC_ACQUIRE);
    return (seq & 1) == 0 || seq != pc->waiting_seq;
}

/* What a CPU put from within a dispatch is free once that dispatch has ended; one whose handler still runs stays. */
static void reclaim_from(struct umsi_irq_table *t, struct umsi_percpu *pc)
{
    const struct umsi_irq *current = __atomic_load_n(&pc->current, __ATOMIC_ACQUIRE);
    for (struct umsi_irq **at = &pc->waiting; *at != NULL;) {
        struct umsi_irq *irq = *at;
        if (irq == current) {
            at = &irq->next;
            continue;
        }
        *at = irq->next;
        irq->next = t->free;
        t->free = irq;
        t->nr_free++;
        count(&t->nr_waiting, -1);
    }
}

static void reclaim(struct umsi *u, struct umsi_irq_table *t)
{
    for (umsi_cpu cpu = 0; t->nr_waiting != 0 && cpu < u->port.nr_cpus; cpu++) {
        struct umsi_percpu *pc = &u->percpu[cpu];
        if (is_over(pc)) {
            reclaim_from(t, pc);
        }
    }
}

/*
 * All but state and virq, and the wanted set, which was given back with it. Who looked the virq up before it was freed,
 * without a lock, may still read its target, its set and its counts: those are never half written.
 */
static void clear(const struct umsi *u, struct umsi_irq *irq)
{
    __atomic_store_n(&irq->home, UMSI_NO_CPU, __ATOMIC_RELAXED);
    irq->handler = NULL;
    irq->arg = NULL;
    irq->domain = NULL;
    irq->name = NULL;
    __atomic_store_n(&irq->cpu, UMSI_NO_CPU, __ATOMIC_RELAXED);
    __atomic_store_n(&irq->last_cpu, UINT16_MAX, __ATOMIC_RELAXED);
    __atomic_store_n(&irq->running_cpu, UINT16_MAX, __ATOMIC_RELAXED);
    memset(&irq->index, 0, offsetof(struct umsi_irq, wanted) - offsetof(struct umsi_irq, index));
    memset(&irq->move_next, 0, sizeof(*irq) - offsetof(struct umsi_irq, move_next));
    umsi_irq_clear_runs(u, irq);
}

static void pop(struct umsi_irq **list, struct umsi_irq **v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        v[i] = *list;
        *list = v[i]->next;
    }
}

static void push(struct umsi_irq **list, struct umsi_irq *const *v, uint32_t n)
{
    for (uint32_t i = n; i-- > 0;) {
        v[i]->next = *list;
        *list = v[i];
    }
}

/* ---- what a CPU keeps ---- */

/* All n from this CPU's, or none. The caller may be moved to another CPU meanwhile: the lock makes that harmless. */
static bool take_own(struct umsi *u, struct umsi_irq **v, uint32_t n)
{
    struct umsi_percpu *pc = umsi_this_cpu(u);
    umsi_irqstate s = umsi_lock_take(u, &pc->kept_lock);
    const bool enough = pc->nr_kept >= n;
    if (enough) {
        pop(&pc->kept, v, n);
        pc->nr_kept -= n;
    }
    umsi_lock_drop(u, &pc->kept_lock, s);
    return enough;
}

static bool put_own(struct umsi *u, const struct umsi_irq_table *t, struct umsi_irq *const *v,
                    uint32_t n)
{
    struct umsi_percpu *pc = umsi_this_cpu(u);
    umsi_irqstate s = umsi_lock_take(u, &pc->kept_lock);
    const bool room = pc->nr_kept + n <= KEEP && !__atomic_load_n(&t->gathering, __ATOMIC_RELAXED);
    if (room) {
        push(&pc->kept, v, n);
        pc->nr_kept += n;
    }
    umsi_lock_drop(u, &pc->kept_lock, s);
    return room;
}

/* Up to n of what a CPU keeps into the table, in their order. `v` is room for them. The table's lock is held. */
static void bring(struct umsi *u, struct umsi_irq_table *t, struct umsi_percpu *pc,
                  struct umsi_irq **v, uint32_t n)
{
    umsi_irqstate s = umsi_lock_take(u, &pc->kept_lock);
    const uint32_t k = pc->nr_kept < n ? pc->nr_kept : n;
    pop(&pc->kept, v, k);
    pc->nr_kept -= k;
    push(&t->free, v, k);
    t->nr_free += k;
    umsi_lock_drop(u, &pc->kept_lock, s);
}

/*
 * Bring n together in the table, under its lock, from what all CPUs keep. What is put meanwhile waits for the table, so
 * when there are too few in the end there is none on any list: `gathering` is set before each CPU's lock is taken.
 */
static void gather(struct umsi *u, struct umsi_irq_table *t, struct umsi_irq **v, uint32_t n)
{
    __atomic_store_n(&t->gathering, true, __ATOMIC_RELAXED);
    for (umsi_cpu cpu = 0; t->nr_free < n && cpu < u->port.nr_cpus; cpu++) {
        bring(u, t, &u->percpu[cpu], v, n - t->nr_free);
    }
    __atomic_store_n(&t->gathering, false, __ATOMIC_RELAXED);
}

/* While some wait for the end of a dispatch, all goes through the table, which looks whether it has come. */
static bool use_own(const struct umsi_irq_table *t)
{
    return __atomic_load_n(&t->nr_waiting, __ATOMIC_RELAXED) == 0;
}

/* A CPU's own number, which may be less than none. */
static void count_live(struct umsi *u, uint32_t more)
{
    __atomic_add_fetch(&umsi_this_cpu(u)->nr_live, more, __ATOMIC_RELAXED);
}

/* ---- taking and putting ---- */

/* Outside the lock: nobody else has them. LIVE comes when their taker has filled them in. */
static void make_fresh(struct umsi *u, struct umsi_irq *const *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        clear(u, v[i]);
        __atomic_store_n(&v[i]->state, UMSI_IRQ_MASKED | UMSI_IRQ_MOVING, __ATOMIC_RELEASE);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* MOVING before a CPU is chosen: umsi_cpu_leave() */
}

/* All n, or none. */
static bool take_from_all(struct umsi *u, struct umsi_irq_table *t, struct umsi_irq **v, uint32_t n)
{
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    reclaim(u, t);
    bring(u, t, umsi_this_cpu(u), v, n); /* what was freed last is used first */
    if (t->nr_free < n) {
        gather(u, t, v, n);
    }
    const bool enough = t->nr_free >= n;
    if (enough) {
        pop(&t->free, v, n);
        t->nr_free -= n;
    }
    umsi_lock_drop(u, &t->lock, s);
    return enough;
}

enum umsi_status umsi_irq_take(struct umsi *u, struct umsi_irq **v, uint32_t n)
{
    struct umsi_irq_table *t = u->irqs;
    bool taken = use_own(t) && take_own(u, v, n);
    while (!taken && !take_from_all(u, t, v, n)) {
        const enum umsi_status st = add_slab(u, t);
        if (st != UMSI_OK) {
            return st;
        }
    }
    count_live(u, n);
    make_fresh(u, v, n);
    return UMSI_OK;
}

/* For the next one, now. */
static void put_free(struct umsi *u, struct umsi_irq_table *t, struct umsi_irq *const *v,
                     uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        __atomic_store_n(&v[i]->state, 0, __ATOMIC_RELEASE);
    }
    wait_for_look(u, t);
    if (use_own(t) && put_own(u, t, v, n)) {
        return;
    }
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    reclaim(u, t);
    push(&t->free, v, n);
    t->nr_free += n;
    umsi_lock_drop(u, &t->lock, s);
}

/* For the next one when the dispatch that this is in has ended. */
static void put_waiting(struct umsi *u, struct umsi_irq_table *t, struct umsi_irq *const *v,
                        uint32_t n)
{
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    struct umsi_percpu *pc = &u->percpu[umsi_cpu_self(u)];
    reclaim(u, t);
    for (uint32_t i = 0; i < n; i++) {
        __atomic_store_n(&v[i]->state, 0, __ATOMIC_RELEASE);
    }
    push(&pc->waiting, v, n);
    count(&t->nr_waiting, (int32_t)n);
    pc->waiting_seq = pc->seq;
    umsi_lock_drop(u, &t->lock, s);
}

void umsi_irq_put(struct umsi *u, struct umsi_irq *const *v, uint32_t n, bool graced)
{
    struct umsi_irq_table *t = u->irqs;
    umsi_targets_remove(u, v, n);
    for (uint32_t i = 0; i < n; i++) {
        if (v[i]->wanted != UMSI_CPUSET_ALL) {
            umsi_cpuset_put(u, umsi_cpuset_swap(u, v[i], UMSI_CPUSET_ALL));
        }
    }
    count_live(u, 0 - n);
    if (graced) {
        put_free(u, t, v, n);
    } else {
        put_waiting(u, t, v, n);
    }
}

uint32_t umsi_irq_table_live(struct umsi *u)
{
    uint32_t sum = 0;
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        sum += __atomic_load_n(&u->percpu[cpu].nr_live, __ATOMIC_RELAXED);
    }
    return (int32_t)sum < 0 ? 0 : sum; /* beside others that take and put it may be off by theirs */
}

uint32_t umsi_irq_table_waiting(struct umsi *u)
{
    return __atomic_load_n(&u->irqs->nr_waiting, __ATOMIC_RELAXED);
}
