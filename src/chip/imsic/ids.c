/* SPDX-License-Identifier: MIT */
/*
 * Identities of each file: free, live, or retiring, which is given back and not yet closed by the hart (L37). A free
 * one is closed and not pending, so who takes it need not wait for the hart.
 */
#include "internal.h"

/* Locked. What is set aside is not for everybody. */
static bool spare(const struct imsic_file *f, uint32_t n)
{
    return f->free >= f->aside && f->free - f->aside >= n;
}

/* Of identity 0 and those beyond the last the bits are set for good. */
static bool is_free(const struct imsic_file *f, uint32_t id)
{
    return (f->used[umsi_imsic_word(id)] & umsi_imsic_bit(id)) == 0;
}

/* Locked. */
static void mark(struct imsic_file *f, uint32_t id)
{
    f->used[umsi_imsic_word(id)] |= umsi_imsic_bit(id);
    f->free--;
}

/* The lowest free one at or above `id`; 0: none. Whole words that are taken are passed by. */
static uint32_t next_free(const struct umsi_imsic *imsic, const struct imsic_file *f, uint32_t id)
{
    while (id <= imsic->nr_ids) {
        if (f->used[umsi_imsic_word(id)] == UINT64_MAX) {
            id = (id | 63) + 1;
        } else if (is_free(f, id)) {
            return id;
        } else {
            id++;
        }
    }
    return 0;
}

static uint32_t take_locked(const struct umsi_imsic *imsic, struct imsic_file *f, uint32_t id)
{
    if (!spare(f, 1)) {
        return 0;
    }
    if (id == IMSIC_ANY_ID) {
        id = next_free(imsic, f, 1);
    } else if (!is_free(f, id)) {
        id = 0;
    }
    if (id != 0) {
        mark(f, id);
    }
    return id;
}

uint32_t umsi_imsic_take(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t id)
{
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);

    id = take_locked(imsic, f, id);
    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return id;
}

static bool run_free(const struct imsic_file *f, uint32_t first, uint32_t n)
{
    uint32_t i = 0;

    while (i < n && is_free(f, first + i)) {
        i++;
    }
    return i == n;
}

static uint32_t take_run(const struct umsi_imsic *imsic, struct imsic_file *f, uint32_t n)
{
    for (uint32_t first = n; first + n - 1 <= imsic->nr_ids && spare(f, n); first += n) {
        if (!run_free(f, first, n)) {
            continue;
        }
        for (uint32_t i = 0; i < n; i++) {
            mark(f, first + i);
        }
        return first;
    }
    return 0;
}

uint32_t umsi_imsic_take_block(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t n)
{
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);
    uint32_t first = take_run(imsic, f, n);

    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return first;
}

static uint32_t find_free(struct umsi_imsic *imsic, struct imsic_file *f, uint32_t id)
{
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);

    id = next_free(imsic, f, id);
    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return id;
}

/* Locks of one rank are not taken one within the other, so either may be lost to somebody else meanwhile. */
uint32_t umsi_imsic_take_twin(struct umsi_imsic *imsic, struct imsic_file *f,
                              struct imsic_file *twin)
{
    for (uint32_t id = find_free(imsic, f, 1); id != 0; id = find_free(imsic, f, id + 1)) {
        if (umsi_imsic_take(imsic, twin, id) == 0) {
            continue;
        }
        if (umsi_imsic_take(imsic, f, id) != 0) {
            return id;
        }
        umsi_imsic_give_back(imsic, umsi_imsic_place(twin->cpu, id));
    }
    return 0;
}

/* Locked. */
static void retire(struct imsic_file *f, uint32_t id)
{
    uint32_t word = umsi_imsic_word(id);

    f->want[word] &= ~umsi_imsic_bit(id);
    f->retire[word] |= umsi_imsic_bit(id);
    f->retiring++;
}

void umsi_imsic_give_back(struct umsi_imsic *imsic, uint32_t place)
{
    struct imsic_file *f = umsi_imsic_file_of(imsic, place);
    uint32_t id = umsi_imsic_place_id(place);
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);

    retire(f, id);
    umsi_imsic_touch(imsic, f, umsi_imsic_word(id));
    umsi_lock_drop(imsic->umsi, &f->lock, s);
}

/* A mask may come with a place that has just been given back, and is somebody else's by now. */
void umsi_imsic_open(struct umsi_imsic *imsic, uint32_t place, const struct umsi_irq *irq,
                     bool open)
{
    struct imsic_file *f = umsi_imsic_file_of(imsic, place);
    uint32_t id = umsi_imsic_place_id(place), word = umsi_imsic_word(id);
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);

    if (__atomic_load_n(&f->irq[id], __ATOMIC_RELAXED) == irq) {
        f->want[word] =
            open ? f->want[word] | umsi_imsic_bit(id) : f->want[word] & ~umsi_imsic_bit(id);
        umsi_imsic_touch(imsic, f, word);
    }
    umsi_lock_drop(imsic->umsi, &f->lock, s);
}

bool umsi_imsic_is_open(struct umsi_imsic *imsic, uint32_t place)
{
    struct imsic_file *f = umsi_imsic_file_of(imsic, place);
    uint32_t id = umsi_imsic_place_id(place);
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);
    bool open = (f->want[umsi_imsic_word(id)] & umsi_imsic_bit(id)) != 0;

    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return open;
}

bool umsi_imsic_close_here(struct umsi_imsic *imsic, uint32_t place)
{
    struct imsic_file *f = umsi_imsic_file_of(imsic, place);
    uint32_t id = umsi_imsic_place_id(place), word = umsi_imsic_word(id);
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);
    bool pending;

    f->want[word] &= ~umsi_imsic_bit(id);
    umsi_imsic_touch(imsic, f, word);
    pending = umsi_imsic_take_pending(imsic, id);
    f->used[word] &= ~umsi_imsic_bit(id);
    f->free++;
    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return pending;
}

bool umsi_imsic_set_aside(struct umsi_imsic *imsic, struct imsic_file *f)
{
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);
    bool ok = spare(f, 1);

    f->aside += ok;
    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return ok;
}

/* For what goes back at the same time, or comes: no more are set aside than there will be free. */
void umsi_imsic_keep(struct umsi_imsic *imsic, struct imsic_file *f, bool keep)
{
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);

    f->aside = keep ? f->aside + 1 : f->aside - 1;
    umsi_lock_drop(imsic->umsi, &f->lock, s);
}

bool umsi_imsic_has_room(struct umsi_imsic *imsic, struct imsic_file *f)
{
    umsi_irqstate s = umsi_lock_take(imsic->umsi, &f->lock);
    bool room = f->online && f->free != 0; /* perhaps set aside for this very vector */

    umsi_lock_drop(imsic->umsi, &f->lock, s);
    return room;
}

void umsi_imsic_get_counts(struct umsi_imsic *imsic, umsi_cpu cpu, struct umsi_imsic_counts *out)
{
    *out = (struct umsi_imsic_counts){ 0 };
    for (umsi_cpu i = 0; i < imsic->umsi->port.nr_cpus; i++) {
        struct imsic_file *f = umsi_imsic_file(imsic, i);
        umsi_irqstate s;

        if (f == NULL || (cpu != UMSI_NO_CPU && cpu != i)) {
            continue;
        }
        s = umsi_lock_take(imsic->umsi, &f->lock);
        out->total += imsic->nr_ids - imsic->nr_ipis;
        out->quarantined += f->retiring;
        out->live += imsic->nr_ids - imsic->nr_ipis - f->free - f->retiring;
        umsi_lock_drop(imsic->umsi, &f->lock, s);
    }
}
