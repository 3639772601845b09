/* SPDX-License-Identifier: MIT */
/*
 * The command queue: IHI0069 5.3.1. Commands are put into slots under a short lock; one doorbell shows them
 * to the ITS; whoever must know waits, with no lock held, until the running position of CREADR has passed its
 * last command. A deadline starts anew whenever CREADR moves; when it expires the ITS is dead, and callers
 * get TIMEOUT at once, until CREADR turns out to have caught up after all.
 */
#include "its.h"

#include "../../arch/barrier.h"

enum umsi_status umsi_its_queue_init(struct umsi_its *its, uint32_t bytes)
{
    struct its_queue *q = &its->queue;
    umsi_lock_init(its->umsi, &q->lock);
    q->slots = bytes / ITS_COMMAND_BYTES;
    q->slot = umsi_alloc(its->umsi, q->slots * sizeof(*q->slot));
    if (q->slot == NULL || !umsi_dma_get(its->umsi, bytes, GITS_CBASER_ALIGN, &q->memory)) {
        return UMSI_NOMEM;
    }
    return UMSI_OK;
}

void umsi_its_queue_exit(struct umsi_its *its)
{
    struct its_queue *q = &its->queue;
    umsi_free(its->umsi, q->slot, q->slots * sizeof(*q->slot));
    umsi_dma_put(its->umsi, &q->memory);
}

enum umsi_status umsi_its_queue_program(struct umsi_its *its)
{
    const struct its_queue *q = &its->queue;
    const uint64_t pages = q->slots * ITS_COMMAND_BYTES / 4096;
    const uint64_t value = q->memory.bus | GITS_BASE_VALID | (pages - 1);
    const bool ok = umsi_its_write_base(its, GITS_CBASER, value, GITS_CBASER_ADDRESS | 0xff);
    umsi_write64(its->umsi, its->base, GITS_CWRITER, 0);
    /* Writing CBASER puts CREADR to zero: IHI0069 12.18, GITS_CREADR. */
    return ok && umsi_read64(its->umsi, its->base, GITS_CREADR) == 0 ? UMSI_OK : UMSI_HARDWARE;
}

void umsi_its_queue_rewind(struct umsi_its *its)
{
    struct its_queue *q = &its->queue;
    q->done = q->rung = q->tail; /* of one that was given up; else they are equal */
    q->shift = (uint32_t)((q->slots - q->done % q->slots) % q->slots);
    q->stalled = q->retried = q->restart = false;
    q->revived = q->revived || q->dead;
    q->dead = q->broken = false;
    q->moved_at = umsi_now(its->umsi);
    memset(&q->notes, 0, sizeof(q->notes)); /* each collection gets an INVALL with its CPU */
    __atomic_store_n(&q->noted, false, __ATOMIC_RELAXED);
}

uint32_t umsi_its_queue_slot(const struct its_queue *q, uint64_t position)
{
    return (uint32_t)((position + q->shift) % q->slots);
}

void umsi_its_queue_write(struct umsi_its *its, uint32_t slot, const struct its_command *c)
{
    uint64_t *at = (uint64_t *)its->queue.memory.va + (size_t)slot * 4;
    for (unsigned i = 0; i < 4; i++) {
        at[i] = umsi_its_le64(c->dw[i]);
    }
    if (its->non_coherent) {
        umsi_clean(its->umsi, at, ITS_COMMAND_BYTES);
    }
}

void umsi_its_queue_add(struct umsi_its *its, const struct its_command *c, struct umsi_irq *irq,
                        struct umsi_batch *batch)
{
    struct its_queue *q = &its->queue;
    q->slot[q->tail % q->slots] = (struct its_slot){ *c, irq, batch };
    umsi_its_queue_write(its, umsi_its_queue_slot(q, q->tail), c);
    q->tail++;
    q->commands++;
    if (batch != NULL) {
        batch->commands++;
    }
    umsi_trace(its->umsi, UMSI_TRACE_ITS_COMMAND, its, c->dw[0], c->dw[1], c->dw[2], c->dw[3]);
}

void umsi_its_queue_ring(struct umsi_its *its)
{
    struct its_queue *q = &its->queue;
    if (q->rung == q->tail || q->restarting) {
        return;
    }
    if (q->done == q->rung) {
        q->moved_at = umsi_now(its->umsi);
    }
    const uint64_t cwriter = (uint64_t)umsi_its_queue_slot(q, q->tail) * ITS_COMMAND_BYTES;
    umsi_wmb(); /* the slots before the doorbell */
    umsi_write64(its->umsi, its->base, GITS_CWRITER, cwriter);
    q->rung = q->tail;
    umsi_trace(its->umsi, UMSI_TRACE_ITS_DOORBELL, its, cwriter, 0, 0, 0);
}

void umsi_its_queue_die(struct umsi_its *its, const char *why)
{
    struct its_queue *q = &its->queue;
    umsi_log(its->umsi, UMSI_LOG_ERROR, "%s: %s with %lu commands outstanding, CREADR 0x%lx",
             its->name, why, q->tail - q->done, umsi_read64(its->umsi, its->base, GITS_CREADR));
    for (uint64_t p = q->done; p != q->tail; p++) {
        umsi_its_fail(its, &q->slot[p % q->slots], UMSI_TIMEOUT);
    }
    q->tail = q->rung; /* what the ITS was not shown, it will not see */
    q->dead = true;
}

/* It was given up, and has done all the same what it was told. Locked. */
static void revive(struct umsi_its *its)
{
    its->queue.dead = false;
    its->queue.revived = true;
    umsi_log(its->umsi, UMSI_LOG_WARN, "%s: answers again", its->name);
}

/* Account for CREADR. What makes no sense does not count as progress. Locked. */
static uint64_t read_creadr(struct umsi_its *its, uint64_t now)
{
    struct its_queue *q = &its->queue;
    const uint64_t creadr = umsi_read64(its->umsi, its->base, GITS_CREADR);
    const uint32_t slot = (uint32_t)(creadr & GITS_QUEUE_OFFSET) / ITS_COMMAND_BYTES;
    const uint32_t was = umsi_its_queue_slot(q, q->done);
    const uint64_t moved = slot >= was ? slot - was : slot + q->slots - was;
    if (slot < q->slots && moved != 0 && moved <= q->rung - q->done) {
        q->done += moved;
        q->sticky =
            q->sticky || (q->retried && q->done == q->rung && (creadr & GITS_CREADR_STALLED));
        q->moved_at = now;
        q->stalled = false;
        q->retried = false;
        q->restart = false;
    }
    return creadr;
}

/* Look how far it is. Locked, not restarting. */
static void poll(struct umsi_its *its)
{
    struct its_queue *q = &its->queue;
    const uint64_t now = umsi_now(its->umsi);
    const uint64_t creadr = read_creadr(its, now);
    if (q->done == q->rung) {
        if (q->dead && !q->broken) {
            revive(its);
        }
        return;
    }
    if ((creadr & GITS_CREADR_STALLED) != 0) {
        umsi_its_stall(its, creadr, now); /* ends in progress, or in a restart */
        return;
    }
    q->stalled = false;
    if (!q->dead && now - q->moved_at > its->deadline_us) {
        umsi_its_queue_die(its, "no progress");
    }
}

static bool has_room(const struct its_queue *q, uint32_t need)
{
    return q->tail - q->done + need <= q->slots - 1;
}

/* A stall that Retry did not end: whoever sees it first, in a context that may wait, restarts. */
static bool take_restart(struct umsi_its *its)
{
    struct its_queue *q = &its->queue;
    const umsi_irqstate s = umsi_lock_take(its->umsi, &q->lock);
    const bool mine = q->restart && !q->restarting && !q->dead;
    q->restarting = q->restarting || mine;
    umsi_lock_drop(its->umsi, &q->lock, s);
    return mine;
}

enum umsi_status umsi_its_queue_try(struct umsi_its *its, uint32_t need, umsi_irqstate *out_state)
{
    struct its_queue *q = &its->queue;
    enum umsi_status st = UMSI_BUSY;
    const umsi_irqstate s = umsi_lock_take(its->umsi, &q->lock);
    if (UMSI_WITH_SLEEP && q->suspended) {
        st = UMSI_STATE;
    } else if (!q->restarting) {
        if (q->dead || !has_room(q, need)) {
            umsi_its_queue_ring(its);
            poll(its);
        }
        st = q->dead ? UMSI_TIMEOUT : has_room(q, need) ? UMSI_OK : UMSI_BUSY;
    }
    if (st == UMSI_OK) {
        *out_state = s;
    } else {
        umsi_lock_drop(its->umsi, &q->lock, s);
    }
    return st;
}

/* Who posts waits for nothing. So that a refused command does not hold up those behind it until somebody does. */
void umsi_its_queue_look(struct umsi_its *its)
{
    struct its_queue *q = &its->queue;
    const umsi_irqstate s = umsi_lock_take(its->umsi, &q->lock);
    if (q->done != q->rung && !q->restarting && !q->suspended) {
        poll(its);
    }
    umsi_lock_drop(its->umsi, &q->lock, s);
}

/* One more step of a wait that is over no lock: restart the queue when it is needed, else relax. */
static void step(struct umsi_its *its)
{
    if (UMSI_WITH_RESTART && take_restart(its)) {
        umsi_its_restart(its);
    } else {
        umsi_relax(its->umsi);
    }
}

enum umsi_status umsi_its_queue_open(struct umsi_its *its, uint32_t need, umsi_irqstate *out_state)
{
    enum umsi_status st = umsi_its_queue_try(its, need, out_state);
    if (st == UMSI_BUSY) { /* until there is room for many, not for one at a time */
        need = need < its->queue.slots / 2 ? its->queue.slots / 2 : need;
        __atomic_add_fetch(&its->queue.waits, 1, __ATOMIC_RELAXED);
    }
    while (st == UMSI_BUSY) {
        step(its);
        st = umsi_its_queue_try(its, need, out_state);
    }
    return st;
}

void umsi_its_queue_close(struct umsi_its *its, umsi_irqstate state)
{
    umsi_lock_drop(its->umsi, &its->queue.lock, state);
}

/* BUSY: not yet. A position beyond the tail was cut off when the ITS was given up, and will not come again. */
static enum umsi_status look(struct umsi_its *its, uint64_t position)
{
    struct its_queue *q = &its->queue;
    enum umsi_status st = UMSI_BUSY;
    const umsi_irqstate s = umsi_lock_take(its->umsi, &q->lock);
    if (!q->restarting) {
        if (q->done < position) {
            poll(its);
        }
        const bool lost = q->dead || position > q->tail;
        st = q->done >= position ? UMSI_OK : lost ? UMSI_TIMEOUT : UMSI_BUSY;
    }
    umsi_lock_drop(its->umsi, &q->lock, s);
    return st;
}

enum umsi_status umsi_its_queue_wait(struct umsi_its *its, uint64_t position)
{
    enum umsi_status st = look(its, position);
    __atomic_add_fetch(&its->queue.waits, 1, __ATOMIC_RELAXED);
    while (st == UMSI_BUSY) {
        step(its);
        st = look(its, position);
    }
    if (its->umsi->port.trace != NULL) {
        umsi_trace(its->umsi, UMSI_TRACE_ITS_DONE, its,
                   umsi_read64(its->umsi, its->base, GITS_CREADR), (uint64_t)st, 0, 0);
    }
    return st;
}
