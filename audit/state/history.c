/* SPDX-License-Identifier: MIT */
/* A ring of moments. */
#include <stddef.h>

#include "../read/item.h"
#include "history.h"

#define LOOK_BACK 4u

const struct audit_moment *audit_history_at(const struct audit_history *h, uint32_t n)
{
    return &h->moment[(h->next + AUDIT_MOMENTS - h->used + n) % AUDIT_MOMENTS];
}

/* A step that ends what came before: no moment is continued across it. */
static bool parts(const struct audit_moment *between, const struct audit_moment *m)
{
    if (between->opcode == AUDIT_MAPD) {
        return true;
    }
    return m->opcode == AUDIT_DISCARD ? between->opcode == AUDIT_MAPTI
                                      : between->opcode == AUDIT_DISCARD;
}

/* The moment this one is more of: drivers map and unmask one vector after the other. */
static struct audit_moment *continued(struct audit_history *h, const struct audit_moment *m)
{
    for (uint32_t n = 1; n <= LOOK_BACK && n <= h->used && m->opcode != AUDIT_MAPD; n++) {
        struct audit_moment *at = &h->moment[(h->next + AUDIT_MOMENTS - n) % AUDIT_MOMENTS];
        if (at->opcode == m->opcode) {
            return at;
        }
        if (parts(at, m)) {
            break;
        }
    }
    return NULL;
}

void audit_history_add(struct audit_history *h, const struct audit_moment *m)
{
    struct audit_moment *last = continued(h, m);
    if (last != NULL) {
        last->last = m->last;
        last->count++;
        last->from = m->from < last->from ? m->from : last->from;
        last->to = m->to > last->to ? m->to : last->to;
        last->extra = m->extra;
        return;
    }
    h->dropped += h->used == AUDIT_MOMENTS;
    h->used += h->used < AUDIT_MOMENTS;
    h->moment[h->next] = *m;
    h->moment[h->next].count = 1;
    h->next = (h->next + 1) % AUDIT_MOMENTS;
}

const struct audit_moment *audit_history_find(const struct audit_history *h, uint8_t opcode,
                                              uint32_t event)
{
    for (uint32_t n = h->used; n-- > 0;) {
        const struct audit_moment *m = audit_history_at(h, n);
        if (m->opcode == opcode && event >= m->from && event <= m->to) {
            return m;
        }
    }
    return NULL;
}
