/* SPDX-License-Identifier: MIT */
/*
 * Running what was remembered. The controller raises it again, so it comes on the CPU and in the context it
 * would have come. Where no controller can, the target CPU is kicked and runs it from umsi_cpu_service();
 * where it cannot be kicked either, it runs here. A CPU that goes offline hands on what was left to it.
 */
#include "irq.h"

enum umsi_status umsi_irq_raise(struct umsi_irq *irq)
{
    for (struct umsi_domain *d = irq->domain; d != NULL; d = d->parent) {
        if (d->chip != NULL && d->chip->set_state != NULL) {
            return d->chip->set_state(d, irq, UMSI_STATE_PENDING, true);
        }
    }
    return UMSI_UNSUPPORTED;
}

static bool is_online(const struct umsi *u, umsi_cpu cpu)
{
    return (__atomic_load_n(&u->online.bits[cpu / 64], __ATOMIC_ACQUIRE) >> (cpu % 64) & 1) != 0;
}

/* Under the list's lock: a CPU that is found online here has yet to hand its list on. False: it is not. */
static bool queue(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu, bool anyway)
{
    struct umsi_percpu *pc = &u->percpu[cpu];
    umsi_irqstate s = umsi_lock_take(u, &pc->lock);
    const bool there = anyway || is_online(u, cpu);
    if (there && (__atomic_fetch_or(&irq->state, UMSI_IRQ_QUEUED, __ATOMIC_ACQ_REL) &
                  UMSI_IRQ_QUEUED) == 0) {
        struct umsi_irq **end = &pc->resend;
        while (*end != NULL) {
            end = &(*end)->next;
        }
        irq->next = NULL;
        *end = irq;
    }
    umsi_lock_drop(u, &pc->lock, s);
    return there;
}

/* The first CPU online, beginning with `first`; that one, when none is. */
static umsi_cpu queue_from(struct umsi *u, struct umsi_irq *irq, umsi_cpu first)
{
    const uint32_t n = u->port.nr_cpus;
    for (uint32_t i = 0; i < n; i++) {
        const umsi_cpu cpu = (first + i) % n;
        if (queue(u, irq, cpu, false)) {
            return cpu;
        }
    }
    (void)queue(u, irq, first, true);
    return first;
}

void umsi_irq_unqueue(struct umsi *u, struct umsi_irq *irq)
{
    for (umsi_cpu cpu = 0; cpu < u->port.nr_cpus && (umsi_irq_state(irq) & UMSI_IRQ_QUEUED);
         cpu++) {
        struct umsi_percpu *pc = &u->percpu[cpu];
        umsi_irqstate s = umsi_lock_take(u, &pc->lock);
        for (struct umsi_irq **at = &pc->resend; *at != NULL; at = &(*at)->next) {
            if (*at == irq) {
                *at = irq->next;
                umsi_irq_clear_bits(irq, UMSI_IRQ_QUEUED);
                break;
            }
        }
        umsi_lock_drop(u, &pc->lock, s);
    }
}

struct umsi_irq *umsi_irq_next_queued(struct umsi *u, struct umsi_percpu *pc)
{
    umsi_irqstate s = umsi_lock_take(u, &pc->lock);
    struct umsi_irq *irq = pc->resend;
    if (irq != NULL) {
        pc->resend = irq->next;
        umsi_irq_clear_bits(irq, UMSI_IRQ_QUEUED);
    }
    umsi_lock_drop(u, &pc->lock, s);
    return irq;
}

static uint32_t count_queued(struct umsi *u, struct umsi_percpu *pc)
{
    uint32_t n = 0;
    umsi_irqstate s = umsi_lock_take(u, &pc->lock);
    for (const struct umsi_irq *irq = pc->resend; irq != NULL; irq = irq->next) {
        n++;
    }
    umsi_lock_drop(u, &pc->lock, s);
    return n;
}

/* What the kernel dispatches, and no controller raises now, is given out by the next umsi_acknowledge() here. */
static void run_or_owe(struct umsi *u, struct umsi_percpu *pc, struct umsi_irq *irq)
{
    if (umsi_irq_run_remembered(u, irq, pc->cpu)) {
        return;
    }
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    if (umsi_irq_state(irq) & UMSI_IRQ_HANDLER) { /* else it is being freed */
        (void)queue(u, irq, pc->cpu, true);
        __atomic_store_n(&pc->owes, true, __ATOMIC_RELAXED);
    }
    umsi_lock_drop(u, &irq->domain->lock, s);
}

/* Once through the list: what comes to it meanwhile comes with a kick. */
void umsi_cpu_service(struct umsi *u)
{
    struct umsi_percpu *pc = &u->percpu[umsi_cpu_self(u)];
    umsi_moves_service(u);
    for (uint32_t n = count_queued(u, pc); n > 0; n--) {
        umsi_enter(u);
        struct umsi_irq *irq = umsi_irq_next_queued(u, pc);
        if (irq != NULL) {
            run_or_owe(u, pc, irq);
        }
        umsi_leave(u);
    }
}

/* Here and now: with interrupts off, as a dispatch is. Within a dispatch they are off already. */
static void run_here(struct umsi *u, struct umsi_irq *irq)
{
    umsi_cpu cpu = umsi_dispatching_cpu(u);
    if (cpu != UMSI_NO_CPU) {
        umsi_enter(u); /* the short way has no bracket */
        run_or_owe(u, &u->percpu[cpu], irq);
        umsi_leave(u);
        return;
    }
    umsi_lock *lock = &u->percpu[umsi_cpu_self(u)].inline_replay;
    umsi_irqstate s = umsi_lock_take(u, lock);
    umsi_enter(u);
    run_or_owe(u, umsi_this_cpu(u), irq);
    umsi_leave(u);
    umsi_lock_drop(u, lock, s);
}

/* A descriptor without a handler gets on no list, and leaves it when freed. */
umsi_cpu umsi_irq_leave_to(struct umsi *u, struct umsi_irq *irq, umsi_cpu cpu)
{
    umsi_irqstate s = umsi_lock_take(u, &irq->domain->lock);
    const bool live = (umsi_irq_state(irq) & UMSI_IRQ_HANDLER) != 0;
    cpu = live ? queue_from(u, irq, cpu) : UMSI_NO_CPU;
    umsi_lock_drop(u, &irq->domain->lock, s);
    if (live) {
        u->port.cpu_kick(u->port.ctx, cpu);
    }
    return cpu;
}

/* False: the list is empty, or there is no CPU for it. */
static bool hand_on_one(struct umsi *u, umsi_cpu cpu)
{
    umsi_enter(u);
    struct umsi_irq *irq = umsi_irq_next_queued(u, &u->percpu[cpu]);
    const umsi_cpu to = irq != NULL ? umsi_irq_cpu(irq) : UMSI_NO_CPU;
    const bool more =
        irq != NULL && umsi_irq_leave_to(u, irq, to < u->port.nr_cpus ? to : cpu) != cpu;
    umsi_leave(u);
    return more;
}

void umsi_cpu_hand_on(struct umsi *u, umsi_cpu cpu)
{
    if (u->port.cpu_kick == NULL) { /* then the lists are empty */
        return;
    }
    umsi_lock *lock =
        &u->percpu[umsi_cpu_self(u)].inline_replay; /* a bracket needs interrupts off */
    umsi_irqstate s = umsi_lock_take(u, lock);
    while (hand_on_one(u, cpu)) {
    }
    umsi_lock_drop(u, lock, s);
}

bool umsi_irq_raise_again(struct umsi_irq *irq)
{
    uint32_t was = __atomic_fetch_and(&irq->state, ~(uint32_t)UMSI_IRQ_PENDING, __ATOMIC_ACQ_REL);
    if ((was & UMSI_IRQ_PENDING) == 0) {
        return true;
    }
    if (umsi_irq_raise(irq) == UMSI_OK) {
        __atomic_sub_fetch(&irq->late, 1, __ATOMIC_RELAXED); /* it will arrive once more */
        return true;
    }
    umsi_irq_set_bits(irq, UMSI_IRQ_PENDING);
    return false;
}

void umsi_irq_replay(struct umsi *u, struct umsi_irq *irq)
{
    if (umsi_irq_raise_again(irq)) {
        return;
    }
    umsi_cpu cpu = umsi_irq_cpu(irq);
    if (u->port.cpu_kick == NULL || cpu == UMSI_NO_CPU) {
        run_here(u, irq);
    } else {
        (void)umsi_irq_leave_to(u, irq, cpu);
    }
}
