/* SPDX-License-Identifier: MIT */
/*
 * CPUs that go and come back. Both walk all descriptors and gather those that must go somewhere else into flocks,
 * which the controller gets as one batch each.
 *
 * Why none is overlooked: a CPU is first marked as left. Who chooses a CPU owns the descriptor (MOVING) from before
 * the choice until the target is written. So either it finds the mark, or the walk finds MOVING and waits for it. The
 * fences in umsi_move_claim() and umsi_irq_take() pair with the one in umsi_cpu_leave(). A CPU that joins is online
 * first, likewise: either the choice finds it, or the walk finds a managed vector that was shut for want of it.
 */
#include <umsi/cpu.h>

#include "irq.h"

#define DEADLINE_US 1000000u

/* A walk over all descriptors on behalf of one CPU. */
struct walk {
    struct umsi *u;
    umsi_cpu cpu;
    bool leaving;
    uint64_t start;
    struct umsi_irq *v[UMSI_CHUNK]; /* claimed, all of one mover */
    umsi_cpu to[UMSI_CHUNK];
    uint32_t n;
    uint32_t met;            /* how many had to go */
    enum umsi_status status; /* first failure */
};

static void note(struct walk *w, enum umsi_status st)
{
    if (w->status == UMSI_OK) {
        w->status = st;
    }
}

/* ---- a flock ---- */

static void moved(struct umsi_irq *irq, umsi_cpu to)
{
    umsi_irq_set_target(irq, to);
    umsi_move_arrived(irq);
    umsi_move_release(irq);
}

/* One by one: what failed as a batch, to learn which; and those whose message changes. */
static void move_singly(struct walk *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        const enum umsi_status st = umsi_move(w->v[i], w->to[i]);
        if (st == UMSI_DEFERRED) {
            continue; /* its new CPU goes on with it; the next round finds it */
        }
        if (st != UMSI_OK) {
            note(w, st);
            umsi_move_arrived(w->v[i]); /* not shut down, after all */
        }
        umsi_move_release(w->v[i]);
    }
}

/* Those of one target together: some controllers wait once for each call. */
static void sort(struct walk *w)
{
    for (uint32_t i = 1; i < w->n; i++) {
        struct umsi_irq *irq = w->v[i];
        const umsi_cpu to = w->to[i];
        uint32_t at = i;
        for (; at > 0 && w->to[at - 1] > to; at--) {
            w->v[at] = w->v[at - 1];
            w->to[at] = w->to[at - 1];
        }
        w->v[at] = irq;
        w->to[at] = to;
    }
}

/* As many at a time as have one target; all in one batch. */
static bool tell(struct umsi_domain *d, const struct walk *w, struct umsi_batch *b)
{
    enum umsi_status st = UMSI_OK;
    for (uint32_t i = 0, run; i < w->n && st == UMSI_OK; i += run) {
        for (run = 1; i + run < w->n && w->to[i + run] == w->to[i];) {
            run++;
        }
        st = d->ops->set_affinity(d, &w->v[i], run, w->to[i], b);
    }
    const enum umsi_status committed = umsi_batch_commit(b); /* what got into it must come out */
    for (uint32_t i = 0; i < w->n && committed == UMSI_TIMEOUT; i++) {
        (void)d->ops->set_affinity(d, &w->v[i], 1, w->to[i], b); /* nobody knows where it goes */
    }
    return st == UMSI_OK && committed == UMSI_OK;
}

static bool move_together(struct walk *w)
{
    struct umsi_batch b = { 0 };
    struct umsi_domain *d = umsi_mover(w->v[0]);
    if (d == NULL || umsi_moves_message(w->v[0]) || !tell(d, w, &b)) {
        return false;
    }
    for (uint32_t i = 0; i < w->n; i++) {
        moved(w->v[i], w->to[i]);
    }
    return true;
}

static void flush(struct walk *w)
{
    sort(w);
    if (w->n != 0 && !move_together(w)) {
        move_singly(w);
    }
    for (uint32_t i = 0; i < w->n; i++) {
        umsi_target_count(w->u, w->to[i], UINT32_MAX);
    }
    w->n = 0;
}

static void add(struct walk *w, struct umsi_irq *irq, umsi_cpu to)
{
    if (w->n != 0 && umsi_mover(w->v[0]) != umsi_mover(irq)) {
        flush(w);
    }
    w->v[w->n] = irq;
    w->to[w->n++] = to;
    umsi_target_count(w->u, to, 1); /* until it is there: the next one is to go elsewhere */
    w->met++;
    if (w->n == UMSI_CHUNK) {
        flush(w);
    }
}

/* ---- which, and where to ---- */

/* From a CPU that leaves: to another of the wanted set; a managed one has none, is shut down, and goes anywhere. */
static umsi_cpu way_out(struct walk *w, struct umsi_irq *irq)
{
    struct umsi_cpumask set;
    umsi_cpuset_read(w->u, irq, &set);
    umsi_cpu to = umsi_pick_cpu(irq->domain, &set, w->cpu);
    if (to == UMSI_NO_CPU) {
        if (umsi_irq_state(irq) & UMSI_IRQ_MANAGED) {
            umsi_irq_shut(irq);
        }
        to = umsi_pick_cpu(irq->domain, NULL, w->cpu);
    }
    return to;
}

/* To a CPU that came: what wants it, and is where it does not want to be. */
static bool wants_back(const struct walk *w, struct umsi_irq *irq)
{
    struct umsi_cpumask set;
    umsi_cpuset_read(w->u, irq, &set);
    return umsi_cpumask_test(&set, w->cpu) && !umsi_cpumask_test(&set, umsi_irq_cpu(irq));
}

/* Also of one that is not claimed, and may go meanwhile: its domain is not looked at. */
static bool must_go(const struct walk *w, struct umsi_irq *irq)
{
    return w->leaving ? umsi_irq_cpu(irq) == w->cpu : wants_back(w, irq);
}

/* Claimed. */
static void send(struct walk *w, struct umsi_irq *irq)
{
    const umsi_cpu to = w->leaving ? way_out(w, irq) : w->cpu;
    if (umsi_is_target(irq->domain, to)) {
        add(w, irq, to);
        return;
    }
    if (w->leaving) { /* no level can send it anywhere else */
        note(w, UMSI_UNSUPPORTED);
        umsi_move_arrived(irq);
    }
    umsi_move_release(irq);
}

/* ---- the walk ---- */

static bool late(const struct walk *w)
{
    return umsi_now(w->u) - w->start > DEADLINE_US;
}

static bool concerns(const struct umsi_irq *irq)
{
    const uint32_t state = umsi_irq_state(irq);
    return (state & (UMSI_IRQ_LIVE | UMSI_IRQ_MOVING)) != 0 && (state & UMSI_IRQ_PERCPU) == 0;
}

/*
 * Whoever moves, allocates or frees it now may have chosen the CPU before it left: wait for that. Nothing is
 * claimed meanwhile, since two walks would wait for each other. One that only settles is where it will be.
 */
static bool wait_for(struct walk *w, const struct umsi_irq *irq)
{
    flush(w);
    while (umsi_irq_state(irq) & UMSI_IRQ_MOVING) {
        if (late(w)) {
            note(w, UMSI_BUSY);
            return false;
        }
        umsi_relax(w->u);
    }
    return true;
}

/* Until it is known to be where it should, or on its way there. */
static void visit(struct walk *w, struct umsi_irq *irq)
{
    while (concerns(irq)) {
        if (umsi_irq_state(irq) & UMSI_IRQ_MOVING) {
            if (!wait_for(w, irq)) {
                return;
            }
        } else if (!must_go(w, irq)) {
            return;
        } else if (umsi_move_claim(irq) == UMSI_OK) {
            if (concerns(irq) && must_go(w, irq)) { /* it may be another one by now */
                send(w, irq);
            } else {
                umsi_move_release(irq);
            }
            return;
        } else if (late(w)) {
            note(w, UMSI_BUSY);
            return;
        } else {
            flush(w);
            umsi_relax(w->u);
        }
    }
}

static void visit_all(struct walk *w)
{
    struct umsi_irq *irq;
    w->met = 0;
    for (umsi_virq virq = 1; (irq = umsi_irq_at(w->u, virq)) != NULL; virq++) {
        visit(w, irq);
    }
    flush(w);
}

/* Again until a round meets none, as some are finished by their new CPU; each round has what the last one left. */
static void walk(struct walk *w)
{
    do {
        visit_all(w);
    } while (w->met != 0 && w->status == UMSI_OK && !late(w));
    if (w->met != 0) {
        note(w, UMSI_BUSY);
    }
}

/* ---- leave ---- */

static void set_left(struct umsi *u, umsi_cpu cpu, bool left)
{
    const uint64_t bit = (uint64_t)1 << (cpu % 64);
    if (left) {
        __atomic_or_fetch(&u->left.bits[cpu / 64], bit, __ATOMIC_SEQ_CST);
    } else {
        __atomic_and_fetch(&u->left.bits[cpu / 64], ~bit, __ATOMIC_SEQ_CST);
    }
}

static bool is_in(const struct umsi_cpumask *m, umsi_cpu cpu)
{
    return (__atomic_load_n(&m->bits[cpu / 64], __ATOMIC_ACQUIRE) >> (cpu % 64) & 1) != 0;
}

/* Is another CPU a target? Locked: of the last two only one leaves. */
static bool is_last(const struct umsi *u, umsi_cpu cpu)
{
    for (umsi_cpu other = 0; other < u->port.nr_cpus; other++) {
        if (other != cpu && is_in(&u->online, other) && !is_in(&u->left, other)) {
            return false;
        }
    }
    return true;
}

static bool mark_left(struct umsi *u, umsi_cpu cpu)
{
    umsi_irqstate s = umsi_lock_take(u, &u->lock);
    const bool ok = !is_last(u, cpu);
    if (ok) {
        set_left(u, cpu, true);
    }
    umsi_lock_drop(u, &u->lock, s);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* with those of who chooses a CPU */
    return ok;
}

/* Old places on the CPU are looked at by the CPU itself, from its interrupts. */
static void wait_settled(struct walk *w)
{
    const uint32_t *nr_moves = &w->u->percpu[w->cpu].nr_moves;
    while (__atomic_load_n(nr_moves, __ATOMIC_ACQUIRE) != 0) {
        if (late(w)) {
            note(w, UMSI_BUSY);
            return;
        }
        umsi_relax(w->u);
    }
}

/* It stays, after all: what wants it comes back. */
static void give_up(struct walk *w)
{
    struct walk back = { .u = w->u, .cpu = w->cpu, .start = umsi_now(w->u) };
    set_left(w->u, w->cpu, false);
    visit_all(&back);
    umsi_log(w->u, UMSI_LOG_ERROR, "CPU %u cannot leave: %s", w->cpu,
             umsi_status_string(w->status));
}

static uint32_t count_left(struct umsi *u, umsi_cpu cpu)
{
    uint32_t n = 0;
    struct umsi_irq *irq;
    for (umsi_virq virq = 1; (irq = umsi_irq_at(u, virq)) != NULL; virq++) {
        n += concerns(irq) && umsi_irq_cpu(irq) == cpu;
    }
    return n;
}

enum umsi_status umsi_cpu_leave(struct umsi *u, umsi_cpu cpu, uint32_t *out_left)
{
    struct walk w = { .u = u, .cpu = cpu, .leaving = true, .start = umsi_now(u) };
    if (cpu >= u->port.nr_cpus || !UMSI_WITH_MOVES) {
        return UMSI_WITH_MOVES ? UMSI_RANGE : UMSI_UNSUPPORTED;
    }
    if (!mark_left(u, cpu)) {
        return UMSI_STATE;
    }
    walk(&w);
    if (w.status == UMSI_OK) {
        wait_settled(&w);
    }
    if (w.status != UMSI_OK) {
        give_up(&w);
    }
    if (out_left != NULL) {
        *out_left = count_left(u, cpu);
    }
    return w.status;
}

/* ---- join ---- */

enum umsi_status umsi_cpu_join(struct umsi *u, umsi_cpu cpu)
{
    struct walk w = { .u = u, .cpu = cpu, .start = umsi_now(u) };
    if (cpu >= u->port.nr_cpus || !UMSI_WITH_MOVES) {
        return UMSI_WITH_MOVES ? UMSI_RANGE : UMSI_UNSUPPORTED;
    }
    if (!is_in(&u->online, cpu)) {
        return UMSI_STATE;
    }
    set_left(u, cpu, false);
    __atomic_thread_fence(
        __ATOMIC_SEQ_CST); /* with those of who chooses a CPU, as in umsi_cpu_leave() */
    visit_all(&w);
    return w.status;
}
