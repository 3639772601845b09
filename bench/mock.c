/* SPDX-License-Identifier: MIT */
/* The MSI parent that the benchmarks allocate from. */
#include "mock.h"

#include <stdlib.h>

#include "bench.h"

static enum umsi_status numbers_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                      const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    struct bench_mock *m = d->data;
    const umsi_cpu cpu = v[0]->cpu; /* the cases ask for vectors that go together */
    struct bench_numbers *of = &m->of[cpu];
    uint32_t i = 0;
    (void)info;
    (void)batch;
    umsi_irqstate s = m->port->lock(m->port->ctx, &of->lock);
    for (; i < n && of->first_free != m->limit; i++) {
        v[i]->level[0].hwirq = cpu * m->limit + of->first_free;
        of->irq[of->first_free] = v[i];
        of->first_free = of->next[of->first_free];
    }
    m->port->unlock(m->port->ctx, &of->lock, s);
    return i == n ? UMSI_OK : UMSI_BUG; /* the cases ask for no more than there is */
}

static void numbers_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                         struct umsi_batch *batch)
{
    struct bench_mock *m = d->data;
    (void)batch;
    struct bench_numbers *of = &m->of[v[0]->level[0].hwirq / m->limit];
    const uint32_t first = v[0]->level[0].hwirq / m->limit * m->limit;
    umsi_irqstate s = m->port->lock(m->port->ctx, &of->lock);
    for (uint32_t i = n; i-- > 0;) {
        const uint32_t number = v[i]->level[0].hwirq - first;
        of->irq[number] = NULL;
        of->next[number] = of->first_free;
        of->first_free = number;
    }
    m->port->unlock(m->port->ctx, &of->lock, s);
}

static const struct umsi_domain_ops numbers_ops = { .alloc = numbers_alloc, .free = numbers_free };

static enum umsi_status prepare(struct umsi_domain *parent, struct umsi_msi_device *dev,
                                uint32_t nr_events, struct umsi_alloc_info *info)
{
    return umsi_alloc_info_set(info, parent, dev->device_id, nr_events);
}

static enum umsi_status events_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                     const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    uint64_t id, size;
    (void)batch;
    if (!umsi_alloc_info_get(info, d, &id, &size)) {
        return UMSI_BUG;
    }
    for (uint32_t i = 0; i < n; i++) {
        v[i]->level[1].hwirq = v[i]->index;
        v[i]->level[1].word = (uint32_t)id;
    }
    return UMSI_OK;
}

static enum umsi_status claim(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                              struct umsi_batch *batch)
{
    (void)v;
    batch->commands += n;
    return umsi_batch_claim(batch, d) ? UMSI_OK : UMSI_BUG;
}

static void unclaim(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                    struct umsi_batch *batch)
{
    (void)v;
    batch->commands += n;
    (void)umsi_batch_claim(batch, d);
}

static enum umsi_status move(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                             umsi_cpu cpu, struct umsi_batch *batch)
{
    struct bench_mock *m = d->data;
    (void)cpu;
    m->moves += n;
    return claim(d, v, n, batch);
}

static enum umsi_status commit(struct umsi_domain *d, struct umsi_batch *batch)
{
    (void)d;
    batch->waits++;
    return UMSI_OK;
}

static const struct umsi_domain_ops parent_ops = {
    .alloc = events_alloc,
    .activate = claim,
    .deactivate = unclaim,
    .set_affinity = move,
    .commit = commit,
};

static void compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    (void)d;
    *out = (struct umsi_message){ 0x8090040, irq->level[1].hwirq };
}

static const struct umsi_chip parent_chip = { .name = "mock", .compose_message = compose };

static const struct umsi_msi_parent_ops msi_ops = {
    .name = "mock",
    .can = UMSI_MSI | UMSI_MSI_MULTI | UMSI_MSIX | UMSI_MSIX_DYNAMIC | UMSI_DEVICE_MSI,
    .message = UMSI_MESSAGE_IMMUTABLE,
    .prepare = prepare,
};

static void *need(void *p)
{
    bench_must(p == NULL ? UMSI_NOMEM : UMSI_OK, "memory of the benchmark");
    return p;
}

static void make_numbers(const struct bench_mock *m, struct bench_numbers *of)
{
    m->port->lock_init(m->port->ctx, &of->lock);
    of->next = need(malloc(m->limit * sizeof(*of->next)));
    of->irq = need(calloc(m->limit, sizeof(*of->irq)));
    for (uint32_t i = 0; i < m->limit; i++) {
        of->next[i] = i + 1;
    }
}

void bench_mock_start(struct bench_mock *m, uint32_t nr_cpus, uint32_t numbers)
{
    const struct umsi_domain_config low = {
        .name = "numbers", .ops = &numbers_ops, .size = nr_cpus * numbers, .data = m
    };
    *m = (struct bench_mock){ .port = bench_port(nr_cpus), .nr_cpus = nr_cpus, .limit = numbers };
    m->of = need(calloc(nr_cpus, sizeof(*m->of)));
    for (umsi_cpu cpu = 0; cpu < nr_cpus; cpu++) {
        make_numbers(m, &m->of[cpu]);
    }
    must(umsi_create(m->port, &m->u));
    must(umsi_domain_add(m->u, &m->numbers, &low));
    must(umsi_domain_add(m->u, &m->parent,
                         &(struct umsi_domain_config){ .name = "mock",
                                                       .ops = &parent_ops,
                                                       .chip = &parent_chip,
                                                       .parent = &m->numbers,
                                                       .data = m }));
    umsi_msi_parent_set(&m->parent, &msi_ops);
    for (umsi_cpu cpu = 0; cpu < nr_cpus; cpu++) {
        umsi_set_cpu_online(m->u, cpu, true);
    }
}

void bench_mock_stop(struct bench_mock *m)
{
    must(umsi_domain_remove(&m->parent));
    must(umsi_domain_remove(&m->numbers));
    must(umsi_destroy(m->u));
    for (umsi_cpu cpu = 0; cpu < m->nr_cpus; cpu++) {
        free(m->of[cpu].next);
        free(m->of[cpu].irq);
    }
    free(m->of);
}

static void write_nowhere(void *handle, uint32_t index, const struct umsi_message *message)
{
    (void)handle;
    (void)index;
    (void)message;
}

struct umsi_msi_device *bench_mock_devices(struct bench_mock *m, uint32_t n, uint32_t events)
{
    struct umsi_msi_device *dev = need(calloc(n, sizeof(*dev)));
    for (uint32_t i = 0; i < n; i++) {
        must(umsi_msi_attach(&m->parent,
                             &(struct umsi_msi_config){ .name = "device",
                                                        .device_id = i,
                                                        .nr_events = events,
                                                        .write_message = write_nowhere },
                             &dev[i]));
    }
    return dev;
}

void bench_mock_detach(struct umsi_msi_device *dev, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        umsi_msi_detach(&dev[i]);
    }
    free(dev);
}
