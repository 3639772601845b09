/* SPDX-License-Identifier: MIT */
/* Interrupts nobody owns: counted, logged once per number, silenced when one storms (L60). */
#include "irq.h"

#define KNOWN 16u

struct umsi_unknown_table {
    struct {
        uint32_t hwirq, count;
    } entry[KNOWN];
    uint32_t used;
    bool overflow_logged;
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

/* The entry of a number; the one used longest ago makes room for a new one. Sets *out_new. */
static uint32_t entry_of(struct umsi_unknown_table *t, uint32_t hwirq, bool *out_new)
{
    uint32_t nr = t->used < KNOWN ? t->used : KNOWN;
    for (uint32_t i = 0; i < nr; i++) {
        if (t->entry[i].hwirq == hwirq) {
            *out_new = false;
            return i;
        }
    }
    uint32_t i = t->used++ % KNOWN;
    t->entry[i].hwirq = hwirq;
    t->entry[i].count = 0;
    *out_new = true;
    return i;
}

bool umsi_unknown(struct umsi *u, uint32_t hwirq)
{
    struct umsi_unknown_table *t = u->unknown;
    bool new, more = false;
    umsi_irqstate s = umsi_lock_take(u, &t->lock);
    uint32_t i = entry_of(t, hwirq, &new);
    uint32_t count = ++t->entry[i].count;
    t->total++;
    bool storm = count % UMSI_STORM == 0;
    if (storm) {
        umsi_count_cut(u);
    }
    if (new && t->used > KNOWN) {
        more = !t->overflow_logged;
        t->overflow_logged = true;
        new = false;
    }
    umsi_lock_drop(u, &t->lock, s);
    if (new) {
        umsi_log(u, UMSI_LOG_WARN, "interrupt %u arrived, and nobody owns it", hwirq);
    }
    if (more) {
        umsi_log(u, UMSI_LOG_WARN, "more than %u unknown interrupts; further ones are only counted",
                 KNOWN);
    }
    if (storm) {
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
