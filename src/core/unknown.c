/* SPDX-License-Identifier: MIT */
/* Interrupts nobody owns: counted, logged once per number, silenced when one storms (L60). */
#include "irq.h"

#define KNOWN 16u

struct umsi_unknown_table {
    struct {
        uint32_t hwirq, count;
    } entry[KNOWN];
    uint32_t used, beyond;
    uint64_t total, cut;
    umsi_lock lock; /* rank 3 */
};

struct umsi_unknown_table *umsi_unknown_create(struct umsi *u)
{
    struct umsi_unknown_table *t = umsi_alloc(u, sizeof(*t));
    if (t != NULL) {
        umsi_lock_init(u, &t->lock);
    }
    return t;
}

void umsi_unknown_destroy(struct umsi *u, struct umsi_unknown_table *t)
{
    umsi_free(u, t, sizeof(*t));
}

/* The entry of a number, or a free one; KNOWN: neither. */
static uint32_t entry_of(const struct umsi_unknown_table *t, uint32_t hwirq)
{
    uint32_t i = 0;
    while (i < t->used && t->entry[i].hwirq != hwirq) {
        i++;
    }
    return i;
}

/* One more arrival; how many there were of this number, or of all those beyond the table. Locked. */
static uint32_t count(struct umsi_unknown_table *t, uint32_t hwirq)
{
    uint32_t i = entry_of(t, hwirq);
    __atomic_store_n(&t->total, t->total + 1, __ATOMIC_RELAXED); /* read without the lock */
    if (i == KNOWN) {
        return ++t->beyond;
    }
    if (i == t->used) {
        t->entry[t->used++].hwirq = hwirq;
    }
    return ++t->entry[i].count;
}

bool umsi_unknown(struct umsi *u, uint32_t hwirq)
{
    struct umsi_unknown_table *t = u->unknown;
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    bool known = entry_of(t, hwirq) != KNOWN;
    uint32_t n = count(t, hwirq);
    umsi_lock_drop(u, &t->lock, s);
    /* Beyond the table numbers are not told apart: once they storm together, each that comes is silenced. */
    bool storm = known ? n % UMSI_STORM == 0 : n >= UMSI_STORM;
    if (storm) {
        umsi_count_cut(u);
    }
    if (n == 1 && known) {
        umsi_log(u, UMSI_LOG_WARN, "interrupt %u arrived, and nobody owns it", hwirq);
    } else if (n == 1) {
        umsi_log(u, UMSI_LOG_WARN, "more than %u unknown interrupts; further ones are only counted",
                 KNOWN);
    } else if (n == UMSI_STORM) {
        umsi_log(u, UMSI_LOG_WARN, "interrupt %u storms, and nobody owns it: silenced", hwirq);
    }
    return storm;
}

void umsi_count_cut(struct umsi *u)
{
    __atomic_add_fetch(&u->unknown->cut, 1, __ATOMIC_RELAXED);
}

uint64_t umsi_unknown_total(struct umsi *u)
{
    return __atomic_load_n(&u->unknown->total, __ATOMIC_RELAXED);
}

uint64_t umsi_unknown_cut(struct umsi *u)
{
    return __atomic_load_n(&u->unknown->cut, __ATOMIC_RELAXED);
}
