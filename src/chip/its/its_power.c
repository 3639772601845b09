/* SPDX-License-Identifier: MIT */
/*
 * An ITS over a sleep of the machine: IHI0069 5.2, 12.18. Its tables are in memory and stay there; quiescent, it has
 * written back what it keeps of them. It comes back one way, whether it lost its registers or not (L39): CBASER,
 * CWRITER and CREADR 0, the BASERs, Enabled, MAPC for collections it held inside itself, then anything else. A CWRITER
 * from before would have old commands run once more.
 */
#include "its.h"

/* What was posted is done. An INVALL that is owed comes with the resume; one that was given up has nothing under way. */
static void drain(struct umsi_its *its)
{
    umsi_irqstate s;
    if (umsi_its_queue_open(its, 0, &s) != UMSI_OK) {
        return;
    }
    const uint64_t end = its->queue.tail;
    umsi_its_queue_close(its, s);
    umsi_ignore(umsi_its_queue_wait(its, end)); /* else it is dead now, and the log says so */
}

static void set_suspended(struct umsi_its *its, bool suspended)
{
    const umsi_irqstate s = umsi_lock_take(its->umsi, &its->queue.lock);
    its->queue.suspended = suspended;
    umsi_lock_drop(its->umsi, &its->queue.lock, s);
}

enum umsi_status umsi_its_suspend(struct umsi_domain *d)
{
    struct umsi_its *its = umsi_its_of(d);
    const bool was_dead = its->queue.dead;
    drain(its);
    set_suspended(its, true);
    const enum umsi_status st = umsi_its_quiesce(its);
    if (st != UMSI_OK && was_dead) {
        umsi_log(its->umsi, UMSI_LOG_WARN, "%s: was dead before, and is left alone", its->name);
        return UMSI_OK;
    }
    return st;
}

/* Also where it kept its registers: what is in its queue is of before. */
static enum umsi_status set_up(struct umsi_its *its)
{
    enum umsi_status st = umsi_its_quiesce(its);
    st = st != UMSI_OK ? st : umsi_its_queue_program(its);
    st = st != UMSI_OK ? st : umsi_its_tables_program(its);
    if (st == UMSI_OK) {
        umsi_its_queue_rewind(its);
        umsi_its_enable(its);
        umsi_its_collections_lost(its);
    }
    return st;
}

enum umsi_status umsi_its_resume(struct umsi_domain *d)
{
    struct umsi_its *its = umsi_its_of(d);
    enum umsi_status st = set_up(its);
    if (st != UMSI_OK) {
        return st;
    }
    set_suspended(its, false);
    st = umsi_its_collections_map(its);
    return st == UMSI_HARDWARE ? umsi_its_collections_map(its)
                               : st; /* one refusal may be an accident */
}
