/* SPDX-License-Identifier: MIT */
/* A controller without hardware whose messages move, and a device that sends them. */
#include "mock_places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void point(const struct mock_places *m)
{
    if (m->point != NULL) {
        m->point(m->arg);
    }
}

/* ---- places; level 0 has: hwirq, the id; word, the CPU; data, the mock_place it had before ---- */

static struct umsi_irq_level *level(struct umsi_irq *irq)
{
    return umsi_irq_level_of(irq, 0);
}

static struct mock_place *place_of(struct mock_places *m, struct umsi_irq *irq)
{
    return &m->place[level(irq)->word][level(irq)->hwirq];
}

static bool free_on(const struct mock_places *m, umsi_cpu cpu, uint32_t id)
{
    return cpu == UMSI_NO_CPU || m->place[cpu][id].irq == NULL;
}

/* An id that is free on one CPU, or on two; PLACES_IDS: none. */
static uint32_t find(const struct mock_places *m, umsi_cpu a, umsi_cpu b, uint32_t not )
{
    uint32_t id = 0;
    while (id < PLACES_IDS && (id == not || !free_on(m, a, id) || !free_on(m, b, id))) {
        id++;
    }
    return id;
}

static void take(struct mock_places *m, umsi_cpu cpu, uint32_t id, struct umsi_irq *irq, bool open)
{
    assert_null(m->place[cpu][id].irq);
    m->place[cpu][id] = (struct mock_place){ irq, open, false };
}

static void give_back(struct mock_place *p, const struct umsi_irq *irq)
{
    if (p->irq == irq) {
        *p = (struct mock_place){ 0 };
    }
}

/* Whatever it has, wherever: also what had not settled. */
static void release(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                    struct umsi_batch *b)
{
    struct mock_places *m = d->data;
    (void)b;
    for (uint32_t i = 0; i < PLACES_CPUS * PLACES_IDS * n; i++) {
        const uint32_t at = i % (PLACES_CPUS * PLACES_IDS);
        give_back(&m->place[at / PLACES_IDS][at % PLACES_IDS], v[i / (PLACES_CPUS * PLACES_IDS)]);
    }
    for (uint32_t i = 0; i < n; i++) {
        level(v[i])->data = NULL; /* nothing is left to settle */
    }
}

static enum umsi_status alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                              const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    struct mock_places *m = d->data;
    (void)info;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t id = find(m, v[i]->cpu, UMSI_NO_CPU, PLACES_IDS);
        if (id == PLACES_IDS) {
            release(d, v, i, b);
            return UMSI_NOSPACE;
        }
        take(m, v[i]->cpu, id, v[i], true);
        *level(v[i]) = (struct umsi_irq_level){ id, v[i]->cpu, NULL };
    }
    return UMSI_OK;
}

/* ---- moves ---- */

/* Also the place between: the new id on the old CPU. */
static enum umsi_status set_affinity(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     umsi_cpu cpu, struct umsi_batch *b)
{
    struct mock_places *m = d->data;
    struct umsi_irq *irq = v[0];
    const umsi_cpu old = level(irq)->word;
    (void)b;
    assert_int_equal(n, 1);
    assert_int_equal(old, irq->cpu);
    assert_int_not_equal(old, cpu); /* L34 */
    assert_null(level(irq)->data);  /* the last one has settled */
    uint32_t id = level(irq)->hwirq;
    if (m->other_ids || !free_on(m, cpu, id)) {
        id = find(m, cpu, old, id);
    }
    if (id == PLACES_IDS) {
        return UMSI_NOSPACE;
    }
    m->moves++;
    level(irq)->data = place_of(m, irq);
    take(m, cpu, id, irq, !m->defer);
    if (id != level(irq)->hwirq) {
        take(m, old, id, irq, true);
    }
    level(irq)->hwirq = id;
    level(irq)->word = cpu;
    point(m);
    return m->defer ? UMSI_DEFERRED : UMSI_OK;
}

static void revert(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct mock_places *m = d->data;
    struct mock_place *old = level(irq)->data;
    const uint32_t at = (uint32_t)(old - &m->place[0][0]), id = level(irq)->hwirq;
    m->reverts++;
    assert_non_null(old);
    give_back(place_of(m, irq), irq);
    if (id != at % PLACES_IDS) {
        give_back(&m->place[at / PLACES_IDS][id], irq);
    }
    *level(irq) = (struct umsi_irq_level){ at % PLACES_IDS, at / PLACES_IDS, NULL };
}

static void deliver_from(struct mock_places *m, struct mock_place *p)
{
    struct umsi_irq *irq = p->irq;
    if (irq != NULL && p->pending && p->open) {
        p->pending = false;
        umsi_deliver(m->domain.umsi, irq);
    }
}

static bool settle(struct umsi_domain *d, struct umsi_irq *irq)
{
    struct mock_places *m = d->data;
    struct mock_place *old = level(irq)->data;
    assert_non_null(old);
    const uint32_t at = (uint32_t)(old - &m->place[0][0]), cpu = at / PLACES_IDS;
    m->settles++;
    if (m->refuse != 0) {
        m->refuse--;
        return false;
    }
    for (uint32_t id = 0; id < PLACES_IDS; id++) { /* the old place, and the one between */
        struct mock_place *p = &m->place[cpu][id];
        if (p->irq == irq) {
            deliver_from(m, p);
            point(m);
            assert_false(p->pending); /* nothing is sent there any more */
            give_back(p, irq);
        }
    }
    level(irq)->data = NULL;
    return true;
}

static void cpu_work(struct umsi_domain *d, umsi_cpu cpu)
{
    struct mock_places *m = d->data;
    m->works++;
    for (uint32_t id = 0; id < PLACES_IDS; id++) {
        m->place[cpu][id].open = m->place[cpu][id].irq != NULL;
    }
}

static const struct umsi_domain_ops domain_ops = {
    .alloc = alloc,
    .free = release,
    .set_affinity = set_affinity,
    .settle = settle,
    .revert = revert,
    .cpu_work = cpu_work,
};

/* ---- messages ---- */

static void compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    const struct umsi_irq_level *l = &irq->level[0];
    (void)d;
    *out = (struct umsi_message){ PLACES_BASE + l->word * 0x1000, l->hwirq };
}

static bool compose_between(struct umsi_domain *d, const struct umsi_irq *irq,
                            struct umsi_message *out)
{
    const struct mock_places *m = d->data;
    const struct mock_place *old = irq->level[0].data;
    const uint32_t cpu = (uint32_t)(old - &m->place[0][0]) / PLACES_IDS;
    *out = (struct umsi_message){ PLACES_BASE + cpu * 0x1000, irq->level[0].hwirq };
    return !m->no_way;
}

static const struct umsi_chip chip = {
    .name = "places",
    .compose_message = compose,
    .compose_between = compose_between,
};

static void arrive(struct mock_places *m, uint32_t address, uint32_t data)
{
    const uint32_t cpu = (address - PLACES_BASE) / 0x1000;
    if (cpu >= PLACES_CPUS || data >= PLACES_IDS || m->place[cpu][data].irq == NULL) {
        m->strays++;
        return;
    }
    m->place[cpu][data].pending = true;
}

void mock_places_take(struct mock_places *m, umsi_cpu cpu)
{
    for (uint32_t id = 0; id < PLACES_IDS; id++) {
        umsi_enter(m->domain.umsi);
        deliver_from(m, &m->place[cpu][id]);
        umsi_leave(m->domain.umsi);
    }
}

uint32_t mock_places_used(const struct mock_places *m, umsi_cpu cpu)
{
    uint32_t n = 0;
    for (uint32_t id = 0; id < PLACES_IDS; id++) {
        n += m->place[cpu][id].irq != NULL;
    }
    return n;
}

void mock_places_add(struct mock_places *m, struct umsi *u)
{
    const struct umsi_domain_config config = {
        .name = "places", .ops = &domain_ops, .chip = &chip, .data = m
    };
    memset(m, 0, sizeof(*m));
    m->ops = (struct umsi_msi_parent_ops){
        .name = "places",
        .can = UMSI_DEVICE_MSI,
        .message = UMSI_MESSAGE_MOVES,
    };
    assert_int_equal(umsi_domain_add(u, &m->domain, &config), UMSI_OK);
    umsi_msi_parent_set(&m->domain, &m->ops);
    for (umsi_cpu cpu = 0; cpu < PLACES_CPUS; cpu++) {
        umsi_set_cpu_online(u, cpu, true);
    }
}

void mock_places_remove(struct mock_places *m)
{
    for (umsi_cpu cpu = 0; cpu < PLACES_CPUS; cpu++) {
        assert_int_equal(mock_places_used(m, cpu), 0);
    }
    assert_int_equal(umsi_domain_remove(&m->domain), UMSI_OK);
}

/* ---- the device ---- */

static void send(struct mock_sender *s, uint32_t index)
{
    s->owed[index] = false;
    arrive(s->places, s->address[index], s->data[index]);
}

void mock_sender_raise(struct mock_sender *s, uint32_t index)
{
    if (s->masked[index]) {
        s->owed[index] = true;
    } else {
        send(s, index);
    }
}

static void put(struct mock_sender *s, uint32_t *word, uint32_t value)
{
    if (*word != value) {
        *word = value;
        s->writes++;
        point(s->places);
    }
}

/* Word by word; between two of them it may send. */
static void write_message(void *handle, uint32_t index, const struct umsi_message *message)
{
    struct mock_sender *s = handle;
    put(s, &s->address[index], (uint32_t)message->address);
    put(s, &s->data[index], message->data);
}

static void set_mask(void *handle, uint32_t index, bool masked)
{
    struct mock_sender *s = handle;
    s->masked[index] = masked;
    if (!masked && s->owed[index]) {
        send(s, index);
    }
    point(s->places);
}

void mock_sender_attach(struct mock_sender *s, struct mock_places *m, bool maskable)
{
    memset(s, 0, sizeof(*s));
    s->places = m;
    const struct umsi_msi_config config = {
        .name = "sender",
        .handle = s,
        .nr_events = PLACES_VECTORS,
        .write_message = write_message,
        .set_mask = maskable ? set_mask : NULL,
    };
    assert_int_equal(umsi_msi_attach(&m->domain, &config, &s->dev), UMSI_OK);
}
