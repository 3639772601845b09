/* SPDX-License-Identifier: MIT */
/* An MSI parent without hardware. */
#include "mock_parent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FIRST_ID 100u

static bool spoil(uint32_t *countdown)
{
    return *countdown != 0 && --*countdown == 0;
}

/* ---- level 0: numbers ---- */

static void root_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                      struct umsi_batch *b)
{
    struct mock_parent *m = d->data;
    (void)b;
    for (uint32_t i = 0; i < n; i++) {
        assert_ptr_equal(m->irq[v[i]->level[0].hwirq - FIRST_ID], v[i]);
        m->irq[v[i]->level[0].hwirq - FIRST_ID] = NULL;
    }
}

static enum umsi_status root_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                   const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    struct mock_parent *m = d->data;
    uint32_t id = 0;
    (void)info;
    if (spoil(&m->fail_root_alloc)) {
        return m->status;
    }
    for (uint32_t i = 0; i < n; i++) {
        while (id < m->limit && m->irq[id] != NULL) {
            id++;
        }
        if (id == m->limit) {
            root_free(d, v, i, b);
            return UMSI_NOSPACE;
        }
        m->irq[id] = v[i];
        v[i]->level[0].hwirq = FIRST_ID + id;
    }
    return UMSI_OK;
}

static const struct umsi_domain_ops root_ops = { .alloc = root_alloc, .free = root_free };

/* ---- level 1: the parent ---- */

static uint64_t token(const struct umsi_msi_device *dev)
{
    return (uint64_t)(uintptr_t)dev;
}

static enum umsi_status prepare(struct umsi_domain *parent, struct umsi_msi_device *dev,
                                uint32_t nr_events, struct umsi_alloc_info *info)
{
    struct mock_parent *m = parent->data;
    assert_true(nr_events >= 1); /* L4 */
    if (spoil(&m->fail_prepare)) {
        m->failed_prepares++;
        return m->status;
    }
    m->prepares++;
    m->last_prepared = nr_events;
    return umsi_alloc_info_set(info, parent, token(dev), nr_events);
}

static void teardown(struct umsi_domain *parent, struct umsi_msi_device *dev,
                     const struct umsi_alloc_info *info)
{
    struct mock_parent *m = parent->data;
    uint64_t who, size;
    assert_true(
        umsi_alloc_info_get(info, parent, &who, &size)); /* the template, as prepare left it (L5) */
    assert_int_equal(who, token(dev));
    m->teardowns++;
    assert_true(m->teardowns <= m->prepares); /* L2 */
}

static enum umsi_status msi_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                  const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    struct mock_parent *m = d->data;
    uint64_t who, size;
    (void)b;
    assert_true(umsi_alloc_info_get(info, d, &who, &size)); /* prepared before (L3) */
    if (spoil(&m->fail_alloc)) {
        return m->status;
    }
    for (uint32_t i = 0; i < n; i++) {
        assert_true(v[i]->index < size); /* L4 */
        assert_int_not_equal(v[i]->cpu, UMSI_NO_CPU);
        v[i]->level[1].hwirq = v[i]->index;
    }
    m->live += n;
    return UMSI_OK;
}

static void msi_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                     struct umsi_batch *b)
{
    struct mock_parent *m = d->data;
    (void)v;
    (void)b;
    m->live -= n;
}

static enum umsi_status msi_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     struct umsi_batch *b)
{
    struct mock_parent *m = d->data;
    (void)v;
    if (spoil(&m->fail_activate)) {
        return m->status;
    }
    assert_true(umsi_batch_claim(b, d));
    b->commands += n;
    m->active += n;
    return UMSI_OK;
}

static void msi_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                           struct umsi_batch *b)
{
    struct mock_parent *m = d->data;
    (void)v;
    assert_true(umsi_batch_claim(b, d));
    b->commands += n;
    m->active -= n;
}

static enum umsi_status msi_set_affinity(struct umsi_domain *d, struct umsi_irq *const *v,
                                         uint32_t n, umsi_cpu cpu, struct umsi_batch *b)
{
    struct mock_parent *m = d->data;
    for (uint32_t i = 0; i < n; i++) {
        assert_int_not_equal(v[i]->cpu, cpu); /* L34 */
    }
    if (spoil(&m->fail_move)) {
        m->fail_move = m->fail_again != 0;
        m->fail_again -= m->fail_again != 0;
        return m->status;
    }
    assert_true(umsi_batch_claim(b, d));
    m->moves += n;
    return UMSI_OK;
}

static enum umsi_status msi_commit(struct umsi_domain *d, struct umsi_batch *b)
{
    struct mock_parent *m = d->data;
    m->commits++;
    b->waits++;
    return spoil(&m->fail_commit) ? m->status : UMSI_OK;
}

static const struct umsi_domain_ops msi_ops = {
    .alloc = msi_alloc,
    .free = msi_free,
    .activate = msi_activate,
    .deactivate = msi_deactivate,
    .set_affinity = msi_set_affinity,
    .commit = msi_commit,
};

static void compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    (void)d;
    *out = (struct umsi_message){ MOCK_DOORBELL, irq->level[1].hwirq };
}

static enum umsi_status set_state(struct umsi_domain *d, struct umsi_irq *irq,
                                  enum umsi_irq_what what, bool value)
{
    struct mock_parent *m = d->data;
    assert_int_equal(what, UMSI_STATE_PENDING);
    assert_true(value);
    m->raised++;
    if (m->refuse != UMSI_OK) {
        return m->refuse;
    }
    if (m->deliver) {
        mock_parent_arrive(m, irq->level[0].hwirq);
    }
    return UMSI_OK;
}

static const struct umsi_chip msi_chip = {
    .name = "mock",
    .compose_message = compose,
    .set_state = set_state,
};

void mock_parent_add(struct mock_parent *m, struct umsi *u, uint32_t can)
{
    struct umsi_domain_config root = {
        .name = "numbers", .ops = &root_ops, .size = MOCK_IDS, .data = m
    };
    struct umsi_domain_config msi = {
        .name = "mock",
        .ops = &msi_ops,
        .chip = &msi_chip,
        .parent = &m->root,
        .data = m,
    };
    memset(m, 0, sizeof(*m));
    m->ops = (struct umsi_msi_parent_ops){
        .name = "mock",
        .can = can,
        .prepare = prepare,
        .teardown = teardown,
    };
    m->deliver = true;
    m->limit = MOCK_IDS;
    assert_int_equal(umsi_domain_add(u, &m->root, &root), UMSI_OK);
    assert_int_equal(umsi_domain_add(u, &m->msi, &msi), UMSI_OK);
    umsi_msi_parent_set(&m->msi, &m->ops);
    for (umsi_cpu cpu = 0; cpu < UMSI_MAX_CPUS; cpu++) {
        umsi_set_cpu_online(u, cpu, true); /* beyond nr_cpus it does nothing */
    }
}

void mock_parent_remove(struct mock_parent *m)
{
    assert_int_equal(m->live, 0);
    assert_int_equal(m->active, 0);
    assert_int_equal(m->prepares, m->teardowns);
    assert_int_equal(umsi_domain_remove(&m->msi), UMSI_OK);
    assert_int_equal(umsi_domain_remove(&m->root), UMSI_OK);
}

bool mock_parent_arrive(struct mock_parent *m, uint32_t hwirq)
{
    struct umsi *u = m->root.umsi;
    umsi_enter(u);
    struct umsi_irq *irq = hwirq - FIRST_ID < MOCK_IDS ? m->irq[hwirq - FIRST_ID] : NULL;
    if (irq != NULL) {
        umsi_deliver(u, irq);
    }
    umsi_leave(u);
    return irq != NULL;
}
