/* SPDX-License-Identifier: MIT */
/*
 * Which SPIs of a frame are in use. Single vectors take the lowest that are free, wherever they are. A block of
 * multi-MSI vectors is what one function is granted: it puts the vector's index into the low bits of the data it was
 * given (PCI Express 5.0, 6.1.4.1), so there they are zero.
 */
#include "internal.h"

/* ---- bits; v2m->lock is held ---- */

static bool is_used(const struct umsi_gicv2m *v2m, uint32_t i)
{
    return (v2m->used[i / 32] >> (i % 32) & 1u) != 0;
}

static void set_used(struct umsi_gicv2m *v2m, uint32_t i, bool used)
{
    uint32_t bit = 1u << (i % 32);

    v2m->used[i / 32] = used ? v2m->used[i / 32] | bit : v2m->used[i / 32] & ~bit;
    v2m->live = used ? v2m->live + 1 : v2m->live - 1;
}

static bool run_is_free(const struct umsi_gicv2m *v2m, uint32_t i, uint32_t n)
{
    for (uint32_t k = i; k < i + n; k++) {
        if (is_used(v2m, k)) {
            return false;
        }
    }
    return true;
}

static void assign(struct umsi_gicv2m *v2m, uint32_t i, struct umsi_irq *irq)
{
    set_used(v2m, i, true);
    irq->level[0] = (struct umsi_irq_level){ .hwirq = v2m->first + i };
}

static bool take_block(struct umsi_gicv2m *v2m, struct umsi_irq *const *v, uint32_t n)
{
    for (uint32_t i = 0; i + n <= v2m->count; i++) {
        bool aligned = ((v2m->first + i - v2m->data_offset) & (n - 1)) == 0;
        if (aligned && run_is_free(v2m, i, n)) {
            for (uint32_t k = 0; k < n; k++) {
                assign(v2m, i + k, v[k]);
            }
            return true;
        }
    }
    return false;
}

static bool take_any(struct umsi_gicv2m *v2m, struct umsi_irq *const *v, uint32_t n)
{
    uint32_t done = 0;

    if (v2m->count - v2m->live < n) {
        return false;
    }
    for (uint32_t i = 0; done < n; i++) {
        if (!is_used(v2m, i)) {
            assign(v2m, i, v[done++]);
        }
    }
    return true;
}

/* ---- */

enum umsi_status umsi_gicv2m_ids_take(struct umsi_gicv2m *v2m, struct umsi_irq *const *v,
                                      uint32_t n, bool block)
{
    umsi_irqstate s = umsi_lock_take(v2m->umsi, &v2m->lock);
    bool taken = block ? take_block(v2m, v, n) : take_any(v2m, v, n);

    umsi_lock_drop(v2m->umsi, &v2m->lock, s);
    return taken ? UMSI_OK : UMSI_NOSPACE;
}

void umsi_gicv2m_ids_give(struct umsi_gicv2m *v2m, struct umsi_irq *const *v, uint32_t n)
{
    umsi_irqstate s = umsi_lock_take(v2m->umsi, &v2m->lock);

    for (uint32_t i = 0; i < n; i++) {
        set_used(v2m, umsi_gicv2m_intid(v[i]) - v2m->first, false);
    }
    umsi_lock_drop(v2m->umsi, &v2m->lock, s);
}

/* Who takes it after this look enables it later. */
void umsi_gicv2m_ids_silence(struct umsi_gicv2m *v2m, uint32_t intid)
{
    umsi_irqstate s = umsi_lock_take(v2m->umsi, &v2m->lock);

    if (!is_used(v2m, intid - v2m->first)) {
        v2m->gic.enable(v2m->gic.gic, intid, false);
    }
    umsi_lock_drop(v2m->umsi, &v2m->lock, s);
}
