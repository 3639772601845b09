/* SPDX-License-Identifier: MIT */
/*
 * Wanted sets. A descriptor has no room for a set of CPUs, and a change of affinity must not allocate, so sets
 * are kept once for all that want the same: a descriptor holds a number. All CPUs and a single CPU are numbers by
 * themselves; other sets are counted entries of a table, which grows when vectors are allocated, ahead of need.
 */
#include "irq.h"

#define ONE       0x8000u /* | cpu */
#define PER_CHUNK 32u
#define CHUNKS    64u

_Static_assert(UMSI_MAX_CPUS <= ONE, "a CPU does not fit into the number of a set");

struct entry {
    uint32_t users; /* 0: free */
    uint32_t hash;
    uint64_t bits[]; /* as many words as nr_cpus needs */
};

struct umsi_cpusets {
    char *chunk[CHUNKS];
    uint32_t nr_chunks, nr_free, words;
    umsi_lock lock; /* rank 3 */
};

static size_t entry_size(const struct umsi_cpusets *t)
{
    return sizeof(struct entry) + t->words * sizeof(uint64_t);
}

static struct entry *entry_at(const struct umsi_cpusets *t, uint32_t i)
{
    return (struct entry *)(void *)(t->chunk[i / PER_CHUNK] + i % PER_CHUNK * entry_size(t));
}

/* Written with the lock held. */
static uint32_t nr_free(const struct umsi_cpusets *t)
{
    return __atomic_load_n(&t->nr_free, __ATOMIC_RELAXED);
}

static void free_more(struct umsi_cpusets *t, uint32_t n)
{
    __atomic_store_n(&t->nr_free, t->nr_free + n, __ATOMIC_RELAXED);
}

static void add_chunk(struct umsi *u, struct umsi_cpusets *t)
{
    char *chunk = umsi_alloc(u, PER_CHUNK * entry_size(t));
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    if (chunk != NULL && t->nr_chunks < CHUNKS) {
        t->chunk[t->nr_chunks++] = chunk;
        free_more(t, PER_CHUNK);
        chunk = NULL;
    }
    umsi_lock_drop(u, &t->lock, s);
    umsi_free(u, chunk, PER_CHUNK * entry_size(t));
}

struct umsi_cpusets *umsi_cpusets_create(struct umsi *u)
{
    struct umsi_cpusets *t = umsi_alloc(u, sizeof(*t));
    if (t == NULL) {
        return NULL;
    }
    umsi_lock_init(u, &t->lock);
    t->words = (u->port.nr_cpus + 63) / 64;
    add_chunk(u, t);
    if (t->nr_chunks == 0) {
        umsi_free(u, t, sizeof(*t));
        return NULL;
    }
    return t;
}

void umsi_cpusets_destroy(struct umsi *u, struct umsi_cpusets *t)
{
    if (t == NULL || !UMSI_WITH_MOVES) {
        return;
    }
    for (uint32_t i = 0; i < t->nr_chunks; i++) {
        umsi_free(u, t->chunk[i], PER_CHUNK * entry_size(t));
    }
    umsi_free(u, t, sizeof(*t));
}

void umsi_cpuset_prepare(struct umsi *u)
{
    struct umsi_cpusets *t = u->sets;
    /* What an allocation may need, and as many for changes of affinity. */
    for (uint32_t i = 0; UMSI_WITH_MOVES && i < 2 && nr_free(t) < 2 * UMSI_CHUNK; i++) {
        add_chunk(u, t);
    }
}

/* ---- numbers ---- */

static void fill_all(const struct umsi *u, struct umsi_cpumask *out)
{
    memset(out, 0, sizeof(*out));
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        umsi_cpumask_set(out, cpu);
    }
}

/* Only the CPUs there can be; how many they are, and the last of them. */
static uint32_t trim(const struct umsi *u, const struct umsi_cpumask *set, struct umsi_cpumask *out,
                     umsi_cpu *last)
{
    uint32_t n = 0;
    memset(out, 0, sizeof(*out));
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus; cpu++) {
        if (umsi_cpumask_test(set, cpu)) {
            umsi_cpumask_set(out, cpu);
            *last = cpu;
            n++;
        }
    }
    return n;
}

static uint32_t hash_of(const struct umsi_cpusets *t, const uint64_t *bits)
{
    uint32_t h = 0;
    for (uint32_t i = 0; i < t->words; i++) {
        h = (h ^ (uint32_t)bits[i]) * 0x9e3779b1u;
        h = (h ^ (uint32_t)(bits[i] >> 32)) * 0x9e3779b1u;
    }
    return h;
}

/* The entry of a set, a free one when it has none; UINT32_MAX: neither. Locked. */
static uint32_t entry_for(const struct umsi_cpusets *t, const uint64_t *bits, uint32_t hash)
{
    uint32_t unused = UINT32_MAX;
    for (uint32_t i = 0; i < t->nr_chunks * PER_CHUNK; i++) {
        const struct entry *e = entry_at(t, i);
        if (e->users == 0) {
            unused = unused == UINT32_MAX ? i : unused;
        } else if (e->hash == hash && memcmp(e->bits, bits, t->words * sizeof(*bits)) == 0) {
            return i;
        }
    }
    return unused;
}

static enum umsi_status intern(struct umsi *u, const uint64_t *bits, uint16_t *out)
{
    struct umsi_cpusets *t = u->sets;
    const uint32_t hash = hash_of(t, bits);
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    const uint32_t i = entry_for(t, bits, hash);
    if (i != UINT32_MAX) {
        struct entry *e = entry_at(t, i);
        free_more(t, e->users++ == 0 ? UINT32_MAX : 0);
        e->hash = hash;
        memcpy(e->bits, bits, t->words * sizeof(*bits));
        *out = (uint16_t)(i + 1);
    }
    umsi_lock_drop(u, &t->lock, s);
    return i != UINT32_MAX ? UMSI_OK : UMSI_NOSPACE;
}

enum umsi_status umsi_cpuset_get(struct umsi *u, const struct umsi_cpumask *set, uint16_t *out)
{
    struct umsi_cpumask m;
    umsi_cpu last = 0;
    const uint32_t n = set == NULL || !UMSI_WITH_MOVES ? u->port.nr_cpus : trim(u, set, &m, &last);
    if (n == u->port.nr_cpus) {
        *out = UMSI_CPUSET_ALL;
        return UMSI_OK;
    }
    if (n == 1) {
        *out = (uint16_t)(ONE | last);
        return UMSI_OK;
    }
    return intern(u, m.bits, out);
}

static bool is_entry(uint16_t id)
{
    return UMSI_WITH_MOVES && id != UMSI_CPUSET_ALL && (id & ONE) == 0;
}

void umsi_cpuset_put(struct umsi *u, uint16_t id)
{
    if (!is_entry(id)) {
        return;
    }
    struct umsi_cpusets *t = u->sets;
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    free_more(t, --entry_at(t, id - 1u)->users == 0);
    umsi_lock_drop(u, &t->lock, s);
}

uint16_t umsi_cpuset_swap(struct umsi *u, struct umsi_irq *irq, uint16_t id)
{
    struct umsi_cpusets *t = u->sets;
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    const uint16_t was = irq->wanted;
    irq->wanted = id;
    umsi_lock_drop(u, &t->lock, s);
    return was;
}

void umsi_cpuset_read(struct umsi *u, const struct umsi_irq *irq, struct umsi_cpumask *out)
{
    struct umsi_cpusets *t = u->sets;
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    const uint16_t id = irq->wanted;
    memset(out, 0, sizeof(*out));
    if (is_entry(id)) {
        memcpy(out->bits, entry_at(t, id - 1u)->bits, t->words * sizeof(uint64_t));
    } else if (id & ONE) {
        umsi_cpumask_set(out, id & ~ONE);
    } else {
        fill_all(u, out);
    }
    umsi_lock_drop(u, &t->lock, s);
}

bool umsi_cpuset_has(struct umsi *u, const struct umsi_irq *irq, umsi_cpu cpu)
{
    struct umsi_cpumask set;
    umsi_cpuset_read(u, irq, &set);
    return umsi_cpumask_test(&set, cpu);
}
