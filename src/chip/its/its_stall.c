/* SPDX-License-Identifier: MIT */
/*
 * A command the ITS will not carry out: GITS_CREADR.Stalled, IHI0069 5.3.1 and 12.18. CREADR names the slot.
 * Its batch fails, the slot becomes a SYNC, and CWRITER.Retry asks the ITS to go on. If that does not help,
 * the ITS is disabled, quiesced and its queue filled again without that command.
 */
#include "its.h"

#include "../../arch/barrier.h"

/*
 * Some implementations leave Stalled set after a Retry that worked. So it counts only when CREADR has stood
 * still as well; and for longer where that was seen to happen, lest a slow command is taken for a refused one.
 */
static uint64_t confirm_us(const struct umsi_its *its)
{
    return its->queue.sticky ? its->deadline_us / 4 : 20;
}

static void event_failed(struct umsi_its *its, struct umsi_irq *irq, enum its_opcode op,
                         enum umsi_status why)
{
    struct umsi_irq_level *level = umsi_its_level(its, irq);
    struct its_device *d = level->data;
    const bool refused = why == UMSI_HARDWARE;
    if (op == ITS_MAPTI && refused) {
        __atomic_and_fetch(&level->word, ~ITS_EVENT_MAPPED, __ATOMIC_RELAXED);
    } else if (op == ITS_DISCARD && refused) { /* its_free() tries again */
        __atomic_or_fetch(&level->word, ITS_EVENT_MAPPED, __ATOMIC_RELAXED);
    } else if (op == ITS_MAPTI || op == ITS_DISCARD || (op == ITS_MOVI && !refused)) {
        __atomic_or_fetch(&level->word, ITS_EVENT_STUCK, __ATOMIC_RELAXED);
        __atomic_store_n(&d->tainted, 1, __ATOMIC_RELAXED);
    } else if (op == ITS_INV) {
        umsi_lpi_mark(irq, LPI_NEEDS_INV);
    }
}

void umsi_its_fail(struct umsi_its *its, struct its_slot *slot, enum umsi_status why)
{
    struct umsi_batch *b = slot->batch;
    if (b != NULL) {
        b->status = b->status == UMSI_OK ? why : b->status;
    }
    if (b != NULL && why == UMSI_HARDWARE) {
        b->priv[ITS_BATCH_REFUSED] |= (uint64_t)1 << umsi_its_opcode(&slot->command);
    }
    if (slot->irq != NULL) {
        event_failed(its, slot->irq, umsi_its_opcode(&slot->command), why);
    }
    slot->batch = NULL;
    slot->irq = NULL;
}

/*
 * A redistributor for the SYNC that stands in for a refused command: of any CPU whose LPIs are on, with a collection
 * or on its way to one. Without any there is no command that would certainly do nothing.
 */
static bool some_redistributor(const struct umsi_its *its, struct its_rdbase *out)
{
    for (umsi_cpu cpu = 0; cpu < its->umsi->port.nr_cpus; cpu++) {
        const struct lpi_cpu *r = umsi_lpi_cpu(its->lpi, cpu);
        if (r != NULL) {
            *out = umsi_its_rdbase(its->pta, r->rd_phys, r->processor);
            return true;
        }
    }
    return false;
}

/* The command at a position fails, and becomes a SYNC. */
static void replace(struct umsi_its *its, uint64_t position, struct its_rdbase rd)
{
    struct its_queue *q = &its->queue;
    struct its_slot *slot = &q->slot[position % q->slots];
    umsi_its_fail(its, slot, UMSI_HARDWARE);
    slot->command = umsi_its_sync(rd);
    umsi_its_queue_write(its, umsi_its_queue_slot(q, position), &slot->command);
}

/* Is the command after the one that stalled an INV of the same event? It must not follow a refused MAPTI. */
static bool inv_follows(const struct its_queue *q)
{
    const struct its_slot *a = &q->slot[q->done % q->slots],
                          *b = &q->slot[(q->done + 1) % q->slots];
    return q->done + 1 < q->tail && a->irq != NULL && a->irq == b->irq &&
           umsi_its_opcode(&a->command) == ITS_MAPTI && umsi_its_opcode(&b->command) == ITS_INV;
}

/* Nothing else brings it on. */
static void ask_restart(struct umsi_its *its)
{
    its->queue.restart = true;
    if (!UMSI_WITH_RESTART && !its->queue.dead) {
        umsi_its_queue_die(its, "does not go on");
    }
}

static void replace_and_retry(struct umsi_its *its, uint64_t creadr, uint64_t now)
{
    struct its_queue *q = &its->queue;
    const struct its_command c = q->slot[q->done % q->slots].command;
    struct its_rdbase rd;
    q->stalls++;
    umsi_trace(its->umsi, UMSI_TRACE_ITS_STALL, its, creadr, c.dw[0], c.dw[1], c.dw[2]);
    umsi_log(its->umsi, UMSI_LOG_ERROR, "%s: stalled at command 0x%02x of DeviceID %u, 0x%lx 0x%lx",
             its->name, (uint32_t)umsi_its_opcode(&c), (uint32_t)(c.dw[0] >> 32), c.dw[1], c.dw[2]);
    if (!some_redistributor(its, &rd)) { /* nor is there an event that could miss a message */
        umsi_its_fail(its, &q->slot[q->done % q->slots], UMSI_HARDWARE);
        ask_restart(its);
        return;
    }
    if (inv_follows(q)) {
        replace(its, q->done + 1, rd);
    }
    replace(its, q->done, rd);
    umsi_wmb();
    umsi_write64(its->umsi, its->base, GITS_CWRITER,
                 (uint64_t)umsi_its_queue_slot(q, q->rung) * ITS_COMMAND_BYTES |
                     GITS_CWRITER_RETRY);
    q->retried = true;
    q->stalled_at = now;
    q->moved_at = now;
}

void umsi_its_stall(struct umsi_its *its, uint64_t creadr, uint64_t now)
{
    struct its_queue *q = &its->queue;
    if (!q->stalled) {
        q->stalled = true;
        q->stalled_at = now;
    } else if (!q->retried && !q->restart && now - q->stalled_at > confirm_us(its)) {
        replace_and_retry(its, creadr, now);
    } else if (q->retried && now - q->stalled_at > its->deadline_us / 8) {
        ask_restart(its);
    }
}

/* ---- restart; nobody else touches the queue meanwhile ---- */

/* Show the ITS slots up to `end` and wait until it has consumed them. */
static bool run_to(struct umsi_its *its, uint32_t end)
{
    const uint64_t want = (uint64_t)end * ITS_COMMAND_BYTES, start = umsi_now(its->umsi);
    umsi_wmb();
    umsi_write64(its->umsi, its->base, GITS_CWRITER, want);
    while ((umsi_read64(its->umsi, its->base, GITS_CREADR) & GITS_QUEUE_OFFSET) != want) {
        if (umsi_now(its->umsi) - start > its->deadline_us) {
            return false;
        }
        umsi_relax(its->umsi);
    }
    return true;
}

static uint32_t put(struct umsi_its *its, uint32_t slot, struct its_command c)
{
    umsi_its_queue_write(its, slot, &c);
    umsi_trace(its->umsi, UMSI_TRACE_ITS_COMMAND, its, c.dw[0], c.dw[1], c.dw[2], c.dw[3]);
    its->queue.commands++;
    return (slot + 1) % its->queue.slots;
}

/* Collections below GITS_TYPER.HCC live in the ITS itself and are gone when it was off (L39). */
static bool map_again(struct umsi_its *its, uint32_t *slot)
{
    for (umsi_cpu cpu = 0; cpu < its->umsi->port.nr_cpus && cpu < its->hcc; cpu++) {
        const struct its_rdbase rd = its->collection[cpu].rd;
        if (!umsi_its_cpu_mapped(its, cpu)) {
            continue;
        }
        *slot = put(its, *slot, umsi_its_mapc(umsi_its_icid(cpu), rd, true));
        *slot = put(its, *slot, umsi_its_sync(rd));
        *slot = put(its, *slot, umsi_its_invall(umsi_its_icid(cpu)));
        *slot = put(its, *slot, umsi_its_sync(rd));
        if (!run_to(its, *slot)) {
            return false;
        }
    }
    return true;
}

/* Put what is left behind what has run, without the command that stalled. Locked. */
static void refill(struct umsi_its *its, uint32_t slot)
{
    struct its_queue *q = &its->queue;
    q->done++;
    q->shift = (uint32_t)((slot + q->slots - q->done % q->slots) % q->slots);
    for (uint64_t p = q->done; p != q->tail; p++) {
        umsi_its_queue_write(its, umsi_its_queue_slot(q, p), &q->slot[p % q->slots].command);
    }
    q->rung = q->done;
    q->moved_at = umsi_now(its->umsi);
    q->stalled = false;
    q->retried = false;
}

void umsi_its_restart(struct umsi_its *its)
{
    struct its_queue *q = &its->queue;
    uint32_t slot = 0;
    umsi_log(its->umsi, UMSI_LOG_WARN,
             "%s: restarting the queue: messages of devices are lost meanwhile", its->name);
    bool ok = umsi_its_quiesce(its) == UMSI_OK && umsi_its_queue_program(its) == UMSI_OK;
    if (ok) {
        umsi_its_enable(its);
        ok = map_again(its, &slot);
    }
    const umsi_irqstate s = umsi_lock_take(its->umsi, &q->lock);
    q->restart = false;
    q->restarting = false;
    __atomic_add_fetch(&q->restarts, 1, __ATOMIC_RELAXED);
    if (ok) {
        refill(its, slot);
        umsi_its_queue_ring(its);
    } else {
        q->broken = true;
        umsi_its_queue_die(its, "cannot be restarted");
    }
    umsi_lock_drop(its->umsi, &q->lock, s);
}
