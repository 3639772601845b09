/* SPDX-License-Identifier: MIT */
/*
 * Batches: commands of one operation, one SYNC for each redistributor they touched, one doorbell, one wait
 * (L30). And posted commands, for contexts that must not wait. A CPU outside of a batch's window of CPUs moves
 * it, which costs the SYNCs owed so far.
 */
#include "its.h"

#define END         ITS_BATCH_END
#define WINDOW      ITS_BATCH_WINDOW
#define BITS        ITS_BATCH_BITS
#define WORDS       (10u - BITS)
#define WINDOW_CPUS (WORDS * 64u)

static struct its_command sync_of(const struct umsi_its *its, umsi_cpu cpu)
{
    return umsi_its_sync(its->collection[cpu].rd);
}

/* Add commands in one piece; `cpu` plays no part. */
static enum umsi_status put(struct umsi_its *its, struct umsi_batch *batch,
                            const struct its_command *c, uint32_t n, struct umsi_irq *irq)
{
    umsi_irqstate s;
    const enum umsi_status st = umsi_its_queue_open(its, n, &s);
    if (st != UMSI_OK) {
        return st;
    }
    for (uint32_t i = 0; i < n; i++) {
        umsi_its_queue_add(its, &c[i], irq, batch);
    }
    batch->priv[END] = its->queue.tail;
    umsi_its_queue_close(its, s);
    return UMSI_OK;
}

static enum umsi_status pay_syncs(struct umsi_its *its, struct umsi_batch *batch)
{
    enum umsi_status st = UMSI_OK;
    for (uint32_t word = 0; word < WORDS; word++) {
        umsi_cpu cpu = (umsi_cpu)batch->priv[WINDOW] + word * 64;
        for (uint64_t owed = batch->priv[BITS + word]; owed != 0 && st == UMSI_OK; owed >>= 1) {
            if ((owed & 1) != 0) {
                const struct its_command c = sync_of(its, cpu);
                st = put(its, batch, &c, 1, NULL);
            }
            cpu++;
        }
    }
    memset(&batch->priv[BITS], 0, WORDS * sizeof(batch->priv[0]));
    return st;
}

enum umsi_status umsi_its_batch_touch(struct umsi_its *its, struct umsi_batch *batch, umsi_cpu cpu)
{
    enum umsi_status st = UMSI_OK;
    if (cpu < batch->priv[WINDOW] || cpu - batch->priv[WINDOW] >= WINDOW_CPUS) {
        st = pay_syncs(its, batch);
        batch->priv[WINDOW] = cpu - cpu % WINDOW_CPUS;
    }
    const uint64_t bit = cpu - batch->priv[WINDOW];
    batch->priv[BITS + bit / 64] |= (uint64_t)1 << (bit % 64);
    return st;
}

enum umsi_status umsi_its_batch_add(struct umsi_its *its, struct umsi_batch *batch,
                                    const struct its_command *c, uint32_t n, struct umsi_irq *irq,
                                    umsi_cpu cpu)
{
    enum umsi_status st = put(its, batch, c, n, irq);
    if (st == UMSI_OK && cpu != UMSI_NO_CPU) {
        st = umsi_its_batch_touch(its, batch, cpu);
    }
    return st;
}

/* ---- INVALLs that found no room ---- */

static bool take_note(struct umsi_its *its, umsi_cpu *out_cpu)
{
    struct its_queue *q = &its->queue;
    const umsi_irqstate s = umsi_lock_take(its->umsi, &q->lock);
    bool found = false;
    for (umsi_cpu cpu = 0; q->noted && !found && cpu < its->umsi->port.nr_cpus; cpu++) {
        found = umsi_cpumask_test(&q->notes, cpu);
        if (found) {
            q->notes.bits[cpu / 64] &= ~((uint64_t)1 << (cpu % 64));
            *out_cpu = cpu;
        }
    }
    __atomic_store_n(&q->noted, found, __ATOMIC_RELAXED);
    umsi_lock_drop(its->umsi, &q->lock, s);
    return found;
}

static void note(struct umsi_its *its, umsi_cpu cpu)
{
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->queue.lock);
    umsi_cpumask_set(&its->queue.notes, cpu);
    __atomic_store_n(&its->queue.noted, true, __ATOMIC_RELAXED);
    umsi_lock_drop(its->umsi, &its->queue.lock, s);
}

static bool is_noted(const struct umsi_its *its)
{
    return __atomic_load_n(&its->queue.noted, __ATOMIC_RELAXED);
}

static enum umsi_status pay_notes(struct umsi_its *its, struct umsi_batch *batch)
{
    enum umsi_status st = UMSI_OK;
    umsi_cpu cpu;
    while (is_noted(its) && st == UMSI_OK && take_note(its, &cpu)) {
        const struct its_command c = umsi_its_invall(umsi_its_icid(cpu));
        st = umsi_its_batch_add(its, batch, &c, 1, NULL, cpu);
        if (st != UMSI_OK) {
            note(its, cpu);
        }
    }
    return st;
}

/* Show the ITS what is in the queue. Returns where the batch ends; 0: nothing of it is in the queue. */
static uint64_t ring(struct umsi_its *its, const struct umsi_batch *batch)
{
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->queue.lock);
    umsi_its_queue_ring(its);
    const uint64_t end = batch->priv[END];
    umsi_lock_drop(its->umsi, &its->queue.lock, s);
    return end;
}

void umsi_its_batch_finish(struct umsi_its *its, struct umsi_batch *batch)
{
    const uint64_t end = batch->commands != 0 ? ring(its, batch) : 0;
    if (end != 0) {
        umsi_ignore(umsi_its_queue_wait(its, end)); /* an ITS that dies fails each of its batches */
        batch->priv[END] = 0;
        batch->waits++;
    }
}

/* ---- posted ---- */

static enum umsi_status post(struct umsi_its *its, const struct its_command *c, umsi_cpu cpu)
{
    umsi_irqstate s;
    const struct its_command sync = sync_of(its, cpu);
    umsi_its_queue_look(its);
    const enum umsi_status st = umsi_its_queue_try(its, 2, &s);
    if (st == UMSI_OK) {
        umsi_its_queue_add(its, c, NULL, NULL);
        umsi_its_queue_add(its, &sync, NULL, NULL);
        umsi_its_queue_ring(its);
        umsi_its_queue_close(its, s);
    }
    return st;
}

/* As far as there is room now. */
static void pay_notes_posted(struct umsi_its *its)
{
    enum umsi_status st = UMSI_OK;
    umsi_cpu cpu;
    while (is_noted(its) && st == UMSI_OK && take_note(its, &cpu)) {
        const struct its_command c = umsi_its_invall(umsi_its_icid(cpu));
        st = post(its, &c, cpu);
        if (st != UMSI_OK) {
            note(its, cpu);
        }
    }
}

enum umsi_status umsi_its_post(struct umsi_its *its, const struct its_command *c, umsi_cpu cpu)
{
    const enum umsi_status st = post(its, c, cpu);
    if (st == UMSI_OK) {
        pay_notes_posted(its);
    }
    return st;
}

bool umsi_its_post_invall(struct umsi_its *its, umsi_cpu cpu)
{
    const struct its_command c = umsi_its_invall(umsi_its_icid(cpu));
    if (!umsi_its_cpu_mapped(its, cpu)) {
        return false;
    }
    const enum umsi_status st = umsi_its_post(its, &c, cpu);
    if (st != UMSI_OK) { /* also when the ITS is dead: it may come back */
        note(its, cpu);
    }
    return st == UMSI_OK || st == UMSI_BUSY;
}

/* ---- the end of a batch ---- */

/* The ITS refused a SYNC: what came before it is done, but not known to be. Once more, to everybody. */
static enum umsi_status sync_again(struct umsi_its *its, struct umsi_batch *batch)
{
    const uint64_t bit = (uint64_t)1 << ITS_SYNC;
    if ((batch->priv[ITS_BATCH_REFUSED] & bit) == 0 || batch->status == UMSI_TIMEOUT) {
        return UMSI_OK;
    }
    batch->priv[ITS_BATCH_REFUSED] &= ~bit;
    if (batch->priv[ITS_BATCH_REFUSED] == 0) {
        batch->status = UMSI_OK; /* if this one works, nothing was wrong */
    }
    enum umsi_status st = UMSI_OK;
    for (umsi_cpu cpu = 0; cpu < its->umsi->port.nr_cpus && st == UMSI_OK; cpu++) {
        st = umsi_its_cpu_mapped(its, cpu) ? umsi_its_batch_touch(its, batch, cpu) : UMSI_OK;
    }
    st = st != UMSI_OK ? st : pay_syncs(its, batch);
    umsi_its_batch_finish(its, batch);
    return st;
}

enum umsi_status umsi_its_batch_commit(struct umsi_its *its, struct umsi_batch *batch)
{
    enum umsi_status st = pay_notes(its, batch);
    st = st != UMSI_OK ? st : pay_syncs(its, batch);
    /* What is in the queue points to the batch: never leave before it is out. */
    umsi_its_batch_finish(its, batch);
    const enum umsi_status again = sync_again(its, batch);
    pay_notes_posted(its); /* those that came while it waited */
    st = st != UMSI_OK ? st : again;
    return batch->status != UMSI_OK ? batch->status : st;
}
