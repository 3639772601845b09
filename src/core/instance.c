/* SPDX-License-Identifier: MIT */
/* Creating and destroying an instance. */
#include "irq.h"

static bool has_required(const struct umsi_port *p)
{
    return p->alloc != NULL && p->free != NULL && p->dma_alloc != NULL && p->dma_free != NULL &&
           p->lock_init != NULL && p->lock != NULL && p->unlock != NULL && p->cpu_self != NULL &&
           p->time_us != NULL;
}

static bool is_complete(const struct umsi_port *p)
{
    bool read32 = p->mmio_read32 != NULL, write32 = p->mmio_write32 != NULL;
    bool read64 = p->mmio_read64 != NULL, write64 = p->mmio_write64 != NULL;
    return has_required(p) && read32 == write32 && read32 == read64 && read32 == write64 &&
           (p->device_lock != NULL) == (p->device_unlock != NULL) &&
           (p->doorbell_map != NULL) == (p->doorbell_unmap != NULL) &&
           (p->sysreg_read != NULL) == (p->sysreg_write != NULL);
}

/* Fields that a caller compiled against an older header does not have are zero, which means NULL. */
static enum umsi_status copy_port(const struct umsi_port *port, struct umsi_port *out)
{
    if (port == NULL || port->size < offsetof(struct umsi_port, device_lock)) {
        return UMSI_INVALID;
    }
    memset(out, 0, sizeof(*out));
    memcpy(out, port, port->size < sizeof(*out) ? port->size : sizeof(*out));
    if (out->nr_cpus == 0 || out->nr_cpus > UMSI_MAX_CPUS) {
        return UMSI_INVALID;
    }
    return is_complete(out) ? UMSI_OK : UMSI_PORT;
}

static void give_back(struct umsi *u)
{
    struct umsi_port port = u->port;
    umsi_unknown_destroy(u, u->unknown);
    umsi_irq_table_destroy(u, u->irqs);
    umsi_cpusets_destroy(u, u->sets);
    umsi_free(u, u->percpu, port.nr_cpus * sizeof(*u->percpu));
    port.free(port.ctx, u, sizeof(*u));
}

/* Without a CPU interface nothing is ever pending. */
static uint32_t nothing(void *arg)
{
    (void)arg;
    return UMSI_NO_HWIRQ;
}

static const struct umsi_receiver no_receiver = { .acknowledge = nothing };

static bool fill_in(struct umsi *u)
{
    u->receiver = no_receiver;
    u->short_way = u->port.nr_cpus == 1 || u->port.cpu_kick != NULL;
    umsi_lock_init(u, &u->lock);
    umsi_lock_init(u, &u->pools.lock);
    u->percpu = umsi_alloc(u, u->port.nr_cpus * sizeof(*u->percpu));
    if (u->percpu == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < u->port.nr_cpus; i++) {
        u->percpu[i].cpu = i;
        umsi_lock_init(u, &u->percpu[i].lock);
        umsi_lock_init(u, &u->percpu[i].pin);
        umsi_lock_init(u, &u->percpu[i].kept_lock);
        umsi_lock_init(u, &u->percpu[i].inline_replay);
    }
    u->sets = UMSI_WITH_MOVES ? umsi_cpusets_create(u) : NULL;
    u->irqs = umsi_irq_table_create(u);
    u->unknown = umsi_unknown_create(u);
    return (u->sets != NULL || !UMSI_WITH_MOVES) && u->irqs != NULL && u->unknown != NULL;
}

enum umsi_status umsi_create(const struct umsi_port *port, struct umsi **out_umsi)
{
    struct umsi_port copy;
    enum umsi_status st = out_umsi == NULL ? UMSI_INVALID : copy_port(port, &copy);
    if (st != UMSI_OK) {
        return st;
    }
    struct umsi *u = copy.alloc(copy.ctx, sizeof(*u), 64);
    if (u == NULL) {
        return UMSI_NOMEM;
    }
    memset(u, 0, sizeof(*u));
    u->port = copy;
    if (!fill_in(u)) {
        give_back(u);
        return UMSI_NOMEM;
    }
    *out_umsi = u;
    return UMSI_OK;
}

enum umsi_status umsi_destroy(struct umsi *u)
{
    if (u == NULL) {
        return UMSI_INVALID;
    }
    if (u->domains != NULL || umsi_irq_table_live(u) != 0 || u->sources != NULL ||
        u->has_receiver) {
        return UMSI_BUSY;
    }
    give_back(u);
    return UMSI_OK;
}

void umsi_get_counts(struct umsi *u, struct umsi_counts *out)
{
    uint32_t domains = 0;
    umsi_irqstate s = umsi_lock_take(u, &u->lock);
    for (struct umsi_domain *d = u->domains; d != NULL; d = d->list_next) {
        domains++;
    }
    umsi_lock_drop(u, &u->lock, s);
    *out = (struct umsi_counts){
        .live_irqs = umsi_irq_table_live(u),
        .waiting_irqs = umsi_irq_table_waiting(u),
        .domains = domains,
        .unknown = umsi_unknown_total(u),
        .cut_off = umsi_unknown_cut(u),
        .bytes = sizeof(*u) + __atomic_load_n(&u->pools.bytes, __ATOMIC_RELAXED),
        .dma_bytes = (size_t)__atomic_load_n(&u->dma_bytes, __ATOMIC_RELAXED),
    };
}

void umsi_set_cpu_online(struct umsi *u, umsi_cpu cpu, bool online)
{
    uint64_t bit = (uint64_t)1 << (cpu % 64);
    if (cpu >= u->port.nr_cpus) {
        return;
    }
    if (online) {
        __atomic_or_fetch(&u->online.bits[cpu / 64], bit, __ATOMIC_RELEASE);
    } else {
        __atomic_and_fetch(&u->online.bits[cpu / 64], ~bit, __ATOMIC_RELEASE);
        umsi_cpu_hand_on(u, cpu);
    }
}

enum umsi_status umsi_set_receiver(struct umsi *u, const struct umsi_receiver *r)
{
    if (u->has_receiver) {
        return UMSI_EXISTS;
    }
    u->receiver = *r;
    u->has_receiver = true;
    return UMSI_OK;
}

void umsi_clear_receiver(struct umsi *u)
{
    u->has_receiver = false;
    u->receiver = no_receiver;
}

void umsi_add_source(struct umsi *u, struct umsi_source *s)
{
    umsi_irqstate state = umsi_lock_take(u, &u->lock);
    s->next = u->sources;
    __atomic_store_n(&u->sources, s, __ATOMIC_RELEASE);
    umsi_lock_drop(u, &u->lock, state);
}

void umsi_remove_source(struct umsi *u, struct umsi_source *s)
{
    umsi_irqstate state = umsi_lock_take(u, &u->lock);
    for (struct umsi_source **at = &u->sources; *at != NULL; at = &(*at)->next) {
        if (*at == s) {
            __atomic_store_n(at, s->next, __ATOMIC_RELEASE);
            break;
        }
    }
    umsi_lock_drop(u, &u->lock, state);
    (void)umsi_grace_wait(u);
}
