/* SPDX-License-Identifier: MIT */
/*
 * Collections: one for each CPU, its ICID the CPU's number, mapped when the CPU's EnableLPIs is set and never
 * unmapped while the ITS lives (L27, L57).
 */
#include "its.h"

umsi_cpu umsi_its_some_cpu(struct umsi_its *its)
{
    umsi_cpu cpu = umsi_cpu_self(its->umsi);
    for (uint32_t i = 0; i < its->umsi->port.nr_cpus; i++) {
        if (umsi_its_cpu_mapped(its, cpu)) {
            return cpu;
        }
        cpu = (cpu + 1) % its->umsi->port.nr_cpus;
    }
    return UMSI_NO_CPU;
}

static enum umsi_status send(struct umsi_its *its, const struct its_command *c, uint32_t n,
                             uint64_t *out_refused)
{
    struct umsi_batch batch = { 0 };
    const enum umsi_status st = umsi_its_batch_add(its, &batch, c, n, NULL, UMSI_NO_CPU);
    umsi_its_batch_finish(its, &batch);
    *out_refused = batch.priv[ITS_BATCH_REFUSED];
    return st != UMSI_OK ? st : batch.status;
}

/* The command and its SYNC. Where only the SYNC was refused the command is done, and not to be left so (L30). */
static enum umsi_status run(struct umsi_its *its, struct its_command c, struct its_rdbase rd)
{
    const struct its_command both[] = { c, umsi_its_sync(rd) };
    uint64_t refused = 0;
    const enum umsi_status st = send(its, both, 2, &refused);
    return st == UMSI_HARDWARE && refused == (uint64_t)1 << ITS_SYNC
               ? send(its, &both[1], 1, &refused)
               : st;
}

/* Did a restart come between? It maps again what was mapped, and not what is on its way to that (L39). */
static bool was_lost(const struct umsi_its *its, umsi_cpu cpu, uint32_t restarts)
{
    return UMSI_WITH_RESTART && cpu < its->hcc &&
           __atomic_load_n(&its->queue.restarts, __ATOMIC_RELAXED) != restarts;
}

/* One after the other: an INVALL must not follow a MAPC that was refused, or is lost. */
static enum umsi_status map_once(struct umsi_its *its, umsi_cpu cpu, struct its_rdbase rd,
                                 bool *out_lost)
{
    const uint32_t before = __atomic_load_n(&its->queue.restarts, __ATOMIC_RELAXED);
    enum umsi_status st = run(its, umsi_its_mapc(umsi_its_icid(cpu), rd, true), rd);
    if (st == UMSI_OK && !was_lost(its, cpu, before)) {
        st = run(its, umsi_its_invall(umsi_its_icid(cpu)), rd);
    }
    *out_lost = was_lost(its, cpu, before);
    return st;
}

static enum umsi_status map(struct umsi_its *its, umsi_cpu cpu, struct its_rdbase rd)
{
    bool lost = false;
    enum umsi_status st = map_once(its, cpu, rd, &lost);
    for (uint32_t again = 0; lost && st != UMSI_TIMEOUT && again < 2; again++) {
        st = map_once(its, cpu, rd, &lost);
    }
    return lost && st == UMSI_OK ? UMSI_HARDWARE : st;
}

/* Be the one that maps it; who comes second waits for the first. False: it is mapped. */
static bool claim(struct umsi_its *its, struct its_collection *c)
{
    for (;;) {
        uint32_t was = ITS_UNMAPPED;
        if (__atomic_compare_exchange_n(&c->state, &was, ITS_MAPPING_CPU, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE)) {
            return true;
        }
        if (was == ITS_MAPPED_CPU) {
            return false;
        }
        umsi_relax(its->umsi);
    }
}

enum umsi_status umsi_its_collection_online(struct lpi_client *client, umsi_cpu cpu)
{
    struct umsi_its *its = UMSI_CONTAINER_OF(client, struct umsi_its, client);
    struct its_collection *c = &its->collection[cpu];
    const struct lpi_cpu *r = umsi_lpi_cpu(its->lpi, cpu);
    if (cpu >= its->collections) {
        umsi_log(its->umsi, UMSI_LOG_WARN, "%s: cpu %u is no target: the ITS has %u collections",
                 its->name, cpu, its->collections);
        return UMSI_OK;
    }
    if (!claim(its, c)) { /* the CPU was offline, and its redistributor may have forgotten */
        return run(its, umsi_its_invall(umsi_its_icid(cpu)), c->rd);
    }
    c->rd = umsi_its_rdbase(its->pta, r->rd_phys, r->processor);
    const enum umsi_status st = map(its, cpu, c->rd);
    __atomic_store_n(&c->state, st == UMSI_OK ? ITS_MAPPED_CPU : ITS_UNMAPPED, __ATOMIC_RELEASE);
    return st;
}

enum umsi_status umsi_its_collections_map(struct umsi_its *its)
{
    enum umsi_status st = UMSI_OK;
    for (umsi_cpu cpu = 0; cpu < its->umsi->port.nr_cpus && st == UMSI_OK; cpu++) {
        if (umsi_lpi_cpu(its->lpi, cpu) != NULL) {
            st = umsi_its_collection_online(&its->client, cpu);
        }
    }
    return st;
}

void umsi_its_collections_lost(struct umsi_its *its)
{
    for (umsi_cpu cpu = 0; cpu < its->umsi->port.nr_cpus && cpu < its->hcc; cpu++) {
        __atomic_store_n(&its->collection[cpu].state, ITS_UNMAPPED, __ATOMIC_RELEASE);
    }
}

bool umsi_its_can_target(struct umsi_domain *parent, umsi_cpu cpu)
{
    const struct umsi_its *its = umsi_its_of(parent);
    return umsi_its_cpu_mapped(its, cpu) && umsi_lpi_cpu_is_online(its->lpi, cpu);
}

bool umsi_its_collection_invalidate(struct lpi_client *client, umsi_cpu cpu)
{
    return umsi_its_post_invall(UMSI_CONTAINER_OF(client, struct umsi_its, client), cpu);
}
