/* SPDX-License-Identifier: MIT */
/* A ring of moments. */
#include <stddef.h>

#include "../read/item.h"
#include "history.h"

const struct audit_moment *audit_history_at(const struct audit_history *h, uint32_t n)
{
    return &h->moment[(h->next + AUDIT_MOMENTS - h->used + n) % AUDIT_MOMENTS];
}

static bool continues(const struct audit_moment *last, const struct audit_moment *m)
{
    return last->opcode == m->opcode && m->opcode != AUDIT_MAPD;
}

void audit_history_add(struct audit_history *h, const struct audit_moment *m)
{
    struct audit_moment *last = &h->moment[(h->next + AUDIT_MOMENTS - 1) % AUDIT_MOMENTS];
    if (h->used != 0 && continues(last, m)) {
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
