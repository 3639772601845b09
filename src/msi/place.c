/* SPDX-License-Identifier: MIT */
/*
 * Where new vectors go. Unspread ones go together to the CPU with the fewest; spread ones round and round; managed
 * ones each into their share, or, while none of that is there, held back to any CPU (L53).
 */
#include "msi_domain.h"

/* Is one of the set online, though it is no target: full? */
static bool any_online(const struct umsi *u, const struct umsi_cpumask *set)
{
    uint64_t there = 0;
    for (uint32_t i = 0; i < sizeof(u->online.bits) / sizeof(u->online.bits[0]); i++) {
        there |= __atomic_load_n(&u->online.bits[i], __ATOMIC_RELAXED) &
                 ~__atomic_load_n(&u->left.bits[i], __ATOMIC_RELAXED) &
                 (set != NULL ? set->bits[i] : UINT64_MAX);
    }
    return there != 0;
}

static enum umsi_status no_cpu(const struct umsi_msi_placing *p)
{
    const struct umsi_msi_device *dev = p->md->domain.data;
    const bool full = any_online(dev->umsi, p->want->cpus);
    umsi_log(dev->umsi, UMSI_LOG_ERROR,
             full ? "%s: each CPU it may use is full" : "%s: no CPU it may use is online",
             dev->name);
    return full ? UMSI_NOSPACE : UMSI_STATE;
}

static enum umsi_status choose_home(struct umsi_msi_placing *p)
{
    struct umsi_domain *d = &p->md->domain;
    const umsi_cpu self = umsi_cpu_self(d->umsi);
    p->home = umsi_pick_cpu(d, p->want->cpus, self);
    if (p->home == UMSI_NO_CPU && p->want->managed) {
        p->home = umsi_pick_cpu(d, NULL, self);
    }
    return p->home == UMSI_NO_CPU ? no_cpu(p) : UMSI_OK;
}

enum umsi_status umsi_msi_place_begin(struct umsi_msi_placing *p, struct umsi_msi_domain *md,
                                      const struct umsi_msi_want *want, uint32_t first)
{
    p->md = md;
    p->want = want;
    p->first = first;
    p->next = __atomic_load_n(&md->domain.umsi->spread_next, __ATOMIC_RELAXED);
    return choose_home(p);
}

/* Left out of spreading and managing. */
static bool is_reserved(const struct umsi_msi_want *w, uint32_t i)
{
    return i < w->reserve_front || i >= w->n || w->n - i <= w->reserve_back;
}

/* Who looked an earlier vector of this number up, without a lock, may still read it. */
static void send_to(struct umsi_irq *irq, umsi_cpu cpu)
{
    __atomic_store_n(&irq->cpu, cpu, __ATOMIC_RELAXED);
}

/* Of the i-th: its set, of which it takes a reference, and a CPU. */
static enum umsi_status place_managed(const struct umsi_msi_placing *p, struct umsi_irq *irq,
                                      uint32_t i)
{
    struct umsi *u = p->md->domain.umsi;
    const struct umsi_msi_want *w = p->want;
    struct umsi_cpumask share;
    if (!umsi_spread(w->n - w->reserve_front - w->reserve_back, i - w->reserve_front, w->cpus,
                     u->port.nr_cpus, &share)) {
        return no_cpu(p);
    }
    const umsi_cpu cpu = umsi_pick_cpu(&p->md->domain, &share, p->home);
    const uint32_t shut = cpu == UMSI_NO_CPU ? UMSI_IRQ_SHUT : 0;
    send_to(irq, shut != 0 ? p->home : cpu);
    umsi_irq_set_bits(irq, UMSI_IRQ_MANAGED | shut);
    return umsi_cpuset_get(u, &share, &irq->wanted);
}

static enum umsi_status place_free(struct umsi_msi_placing *p, struct umsi_irq *irq, uint32_t i)
{
    struct umsi *u = p->md->domain.umsi;
    umsi_cpu cpu = p->home;
    if (p->want->spread && !is_reserved(p->want, i)) {
        cpu = umsi_pick_next(&p->md->domain, p->want->cpus, p->next);
        p->next = (cpu + 1) % u->port.nr_cpus;
    }
    send_to(irq, cpu);
    return cpu == UMSI_NO_CPU ? no_cpu(p) : umsi_cpuset_get(u, p->want->cpus, &irq->wanted);
}

static enum umsi_status place(struct umsi_msi_placing *p, struct umsi_irq *irq, uint32_t i)
{
    irq->domain = &p->md->domain;
    irq->index = p->first + i;
    irq->level[p->md->domain.depth].hwirq = irq->index;
    return UMSI_WITH_MOVES && p->want->managed && !is_reserved(p->want, i)
               ? place_managed(p, irq, i)
               : place_free(p, irq, i);
}

enum umsi_status umsi_msi_place(struct umsi_msi_placing *p, struct umsi_irq *const *v, uint32_t i,
                                uint32_t n)
{
    struct umsi *u = p->md->domain.umsi;
    enum umsi_status st = UMSI_OK;
    umsi_cpuset_prepare(u);
    /* The descriptors are ours by now, so a CPU that is found here is not left without them being waited for. */
    if (!umsi_is_target(&p->md->domain, p->home)) {
        st = choose_home(p);
    }
    for (uint32_t k = 0; k < n && st == UMSI_OK; k++) {
        st = place(p, v[k], i + k);
    }
    if (st != UMSI_OK) {
        return st;
    }
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t spare = i + k < p->want->n ? 0 : UMSI_IRQ_SPARE;
        umsi_irq_set_bits(v[k], UMSI_IRQ_LIVE | UMSI_IRQ_COUNTED | spare);
    }
    umsi_targets_add(u, v, n);
    return UMSI_OK;
}

void umsi_msi_place_end(struct umsi_msi_placing *p)
{
    umsi_cpu *next = &p->md->domain.umsi->spread_next;
    if (__atomic_load_n(next, __ATOMIC_RELAXED) != p->next) { /* every CPU reads it */
        __atomic_store_n(next, p->next, __ATOMIC_RELAXED);
    }
}
