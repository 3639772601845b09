/* SPDX-License-Identifier: MIT */
/*
 * Allocating vectors. Descriptors are made a chunk at a time, each allocated and activated in all levels; the
 * hardware is told of all chunks at once; then the messages are written. What fails, wherever it fails, is
 * undone as far as it had come (L12), and says why in the words of the level that failed (L13).
 */
#include "msi_domain.h"

struct job {
    struct umsi_msi_device *dev;
    struct umsi_msi_domain *md;
    const struct umsi_msi_want *want;
    uint32_t first, total; /* total: with the spares that round up a block */
    struct umsi_msi_placing placing;
    struct umsi_batch batch;
};

static uint32_t round_up_pow2(uint32_t n)
{
    uint32_t p = 1;
    while (p < n) {
        p *= 2;
    }
    return p;
}

static enum umsi_status check_range(struct job *j)
{
    const struct umsi_msi_want *w = j->want;
    uint32_t key;
    void *value;
    if (w->n == 0 || w->n > UMSI_MAX_EVENTS || (w->first == UMSI_ANY_INDEX && w->n != 1)) {
        return UMSI_INVALID;
    }
    if (w->managed && !UMSI_WITH_MOVES) { /* there is nobody to shut it down */
        return UMSI_UNSUPPORTED;
    }
    j->total = w->block ? round_up_pow2(w->n) : w->n;
    if (w->first == UMSI_ANY_INDEX) {
        j->first = umsi_radix_first_free(&j->md->store, 0);
        if (j->first >= j->md->nr_events) {
            return UMSI_NOSPACE;
        }
    } else {
        j->first = w->first;
    }
    if (j->first >= j->md->nr_events || j->total > j->md->nr_events - j->first) {
        return UMSI_RANGE;
    }
    if (w->block && (j->total > UMSI_CHUNK || j->first % j->total != 0)) {
        return UMSI_RANGE;
    }
    if (umsi_radix_next(&j->md->store, j->first, &key, &value) && key - j->first < j->total) {
        return UMSI_EXISTS;
    }
    return UMSI_OK;
}

static void unstore(struct job *j, struct umsi_irq *const *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        umsi_radix_clear(j->dev->umsi, &j->md->store, v[i]->index);
    }
}

static bool store(struct job *j, struct umsi_irq *const *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!umsi_radix_reserve(j->dev->umsi, &j->md->store, v[i]->index)) {
            unstore(j, v, i);
            return false;
        }
        umsi_radix_set(&j->md->store, v[i]->index, v[i]);
    }
    return true;
}

static enum umsi_status start(struct job *j, struct umsi_irq *const *v, uint32_t n)
{
    struct umsi_alloc_info info = j->md->info; /* a private copy (L5) */
    info.nr_block = j->want->block ? j->total : 0;
    enum umsi_status st = umsi_levels_alloc(&j->md->domain, v, n, &info, &j->batch);
    if (st == UMSI_OK) {
        st = umsi_levels_activate(&j->md->domain, v, n, &j->batch);
        if (st != UMSI_OK) {
            (void)umsi_batch_commit(
                &j->batch); /* what was undone is done before its numbers go (L25) */
            umsi_levels_free(&j->md->domain, v, n, &j->batch);
        }
    }
    return st;
}

/* Vectors i .. i+n-1 of the job, from nothing to activated; or nothing. */
static enum umsi_status add_chunk(struct job *j, uint32_t i, uint32_t n)
{
    struct umsi *u = j->dev->umsi;
    struct umsi_irq *v[UMSI_CHUNK];
    enum umsi_status st = umsi_irq_take(u, v, n);
    if (st != UMSI_OK) {
        return st;
    }
    st = umsi_msi_place(&j->placing, v, i, n);
    if (st == UMSI_OK && !store(j, v, n)) {
        st = UMSI_NOMEM;
    } else if (st == UMSI_OK) {
        st = start(j, v, n);
        if (st == UMSI_OK) {
            return UMSI_OK;
        }
        unstore(j, v, n);
    }
    umsi_irq_put(u, v, n, umsi_grace_wait(u));
    return st;
}

void umsi_msi_translate(const struct umsi_msi_domain *md, struct umsi_message *m)
{
    if (md->mapped) {
        m->address = m->address - md->doorbell + md->doorbell_bus;
    }
}

enum umsi_status umsi_msi_compose(const struct umsi_msi_domain *md, const struct umsi_irq *irq,
                                  struct umsi_message *out)
{
    const struct umsi_msi_device *dev = md->domain.data;
    if (!umsi_levels_compose(irq, out)) {
        umsi_log(dev->umsi, UMSI_LOG_ERROR, "%s: no controller composes a message", dev->name);
        return UMSI_UNSUPPORTED;
    }
    umsi_msi_translate(md, out);
    if (out->address > md->template->max_address || out->address > dev->max_address) {
        umsi_log(dev->umsi, UMSI_LOG_ERROR,
                 "%s: vector %u: doorbell 0x%lx is above what it can address", dev->name,
                 irq->index, (uint64_t)out->address);
        return UMSI_RANGE;
    }
    return UMSI_OK;
}

/* A fresh vector is masked in the core's eyes; a device without a bus may have come up with its open, and would send
 * half a message. Buses mask their own before. */
static void mask_first(const struct umsi_msi_domain *md, struct umsi_irq *irq)
{
    const struct umsi_chip *chip = md->domain.chip;
    if (md->template->kind == UMSI_DEVICE_MSI && chip->mask != NULL) {
        chip->mask(irq->domain, irq);
    }
}

static enum umsi_status write_messages(struct job *j)
{
    struct umsi_irq *v[UMSI_CHUNK];
    uint32_t n, from = j->first, end = j->first + j->total;
    while ((n = umsi_msi_gather(j->md, &from, end, v)) != 0) {
        for (uint32_t i = 0; i < n; i++) {
            enum umsi_status st = umsi_msi_compose(j->md, v[i], &v[i]->message);
            if (st == UMSI_OK) {
                mask_first(j->md, v[i]);
                st = j->md->domain.chip->write_message(&j->md->domain, v[i]);
            }
            if (st != UMSI_OK) {
                return st;
            }
        }
    }
    return UMSI_OK;
}

/* They are where they are: whoever wants to move or free them now may. */
static void let_go(struct job *j, uint32_t n_vectors)
{
    struct umsi_irq *v[UMSI_CHUNK];
    uint32_t n, from = j->first, end = j->first + n_vectors;
    while ((n = umsi_msi_gather(j->md, &from, end, v)) != 0) {
        for (uint32_t i = 0; i < n; i++) {
            umsi_move_release(v[i]);
        }
    }
}

static enum umsi_status run(struct job *j)
{
    uint32_t done = 0;
    enum umsi_status st = UMSI_OK, committed;
    while (done < j->total && st == UMSI_OK) {
        uint32_t n = j->total - done < UMSI_CHUNK ? j->total - done : UMSI_CHUNK;
        st = add_chunk(j, done, n);
        done += st == UMSI_OK ? n : 0;
    }
    committed = umsi_batch_commit(&j->batch);
    umsi_msi_charge(j->dev, j->batch.commands, j->batch.waits);
    j->dev->stats.live += done;
    j->dev->stats.reserved += done > j->want->n ? done - j->want->n : 0;
    st = st == UMSI_OK ? committed : st;
    if (st == UMSI_OK) {
        st = write_messages(j);
    }
    let_go(j, done);
    if (st != UMSI_OK && done != 0) {
        umsi_msi_drop(j->dev, j->md, j->first, done);
    }
    return st;
}

enum umsi_status umsi_msi_alloc_slot(struct umsi_msi_device *dev, uint32_t slot,
                                     const struct umsi_msi_want *want, uint32_t *out_first)
{
    struct job j = { .dev = dev, .want = want };
    if (slot >= UMSI_MSI_SLOTS || dev->slot[slot] == NULL) {
        return UMSI_STATE;
    }
    j.md = dev->slot[slot];
    enum umsi_status st = check_range(&j);
    if (st == UMSI_OK) {
        st = umsi_msi_place_begin(&j.placing, j.md, want, j.first);
    }
    if (st == UMSI_OK) {
        st = run(&j);
    }
    if (st == UMSI_OK) {
        umsi_msi_place_end(&j.placing);
        *out_first = j.first;
    }
    return st;
}
