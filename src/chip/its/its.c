/* SPDX-License-Identifier: MIT */
/*
 * An ITS's life: probe, quiesce, tables, queue, enable; and back. IHI0069 5.2, 12.18. Whatever state it is
 * found in, it is quiescent before a base register is written (L32).
 */
#include "its.h"

#include "../../arch/barrier.h"
#include "../../core/irq.h"

#define DEFAULT_QUEUE_BYTES 16384u
#define MOST_QUEUE_BYTES    0x100000u
#define DEFAULT_FLAT_BITS   16u
#define DEFAULT_DEVICE_BITS 24u /* in two levels: at most 1 MiB for level 1, mostly 16 KiB */
#define DEFAULT_DEADLINE_US 1000000u

/* ---- on and off ---- */

enum umsi_status umsi_its_quiesce(struct umsi_its *its)
{
    struct umsi *u = its->umsi;
    const uint64_t start = umsi_now(u);
    uint32_t ctlr = umsi_read32(u, its->base, GITS_CTLR);
    umsi_write32(u, its->base, GITS_CTLR, ctlr & ~(GITS_CTLR_ENABLED | GITS_CTLR_IMDE));
    umsi_mb();
    for (;;) {
        ctlr = umsi_read32(u, its->base, GITS_CTLR);
        if ((ctlr & GITS_CTLR_QUIESCENT) != 0 && (ctlr & GITS_CTLR_ENABLED) == 0) {
            return UMSI_OK;
        }
        if (umsi_now(u) - start > its->deadline_us) {
            umsi_log(u, UMSI_LOG_ERROR, "%s: does not quiesce, GITS_CTLR 0x%x", its->name, ctlr);
            return UMSI_TIMEOUT;
        }
        umsi_relax(u);
    }
}

void umsi_its_enable(struct umsi_its *its)
{
    const uint32_t ctlr = umsi_read32(its->umsi, its->base, GITS_CTLR);
    umsi_mb(); /* tables and registers before it may look */
    umsi_write32(its->umsi, its->base, GITS_CTLR,
                 (ctlr & ~GITS_CTLR_QUIESCENT) | GITS_CTLR_ENABLED);
}

/* ---- probe ---- */

static enum umsi_status check_config(const struct umsi_its_config *config)
{
    const uint32_t bytes = config->queue_bytes;
    const bool queue_ok = bytes % 4096 == 0 && bytes <= MOST_QUEUE_BYTES;
    return config->base == NULL || (config->phys & 0xffff) != 0 || !queue_ok ||
                   config->device_bits > 32
               ? UMSI_INVALID
               : UMSI_OK;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void read_typer(struct umsi_its *its, uint64_t typer, uint32_t want_bits)
{
    const uint32_t nr_cpus = its->umsi->port.nr_cpus;
    const uint32_t hardware = GITS_TYPER_DEVBITS(typer) + 1;
    const uint32_t icid_bits = (typer & GITS_TYPER_CIL) != 0 ? GITS_TYPER_CIDBITS(typer) + 1 : 16;
    its->device_bits = least(want_bits != 0 ? want_bits : DEFAULT_DEVICE_BITS, hardware);
    its->flat_bits = least(want_bits != 0 ? want_bits : DEFAULT_FLAT_BITS, hardware);
    its->event_bits = GITS_TYPER_ID_BITS(typer) + 1;
    its->itt_entry_bytes = GITS_TYPER_ITT_ENTRY(typer) + 1;
    its->pta = (typer & GITS_TYPER_PTA) != 0;
    its->hcc = GITS_TYPER_HCC(typer);
    its->collections = least(nr_cpus, (uint32_t)1 << icid_bits);
}

static enum umsi_status probe(struct umsi_its *its, uint32_t want_bits)
{
    const uint32_t pidr2 = umsi_read32(its->umsi, its->base, GITS_PIDR2);
    const uint32_t arch = GITS_PIDR2_ARCHREV(pidr2);
    const uint64_t typer = umsi_read64(its->umsi, its->base, GITS_TYPER);
    if ((arch != 3 && arch != 4) || (typer & GITS_TYPER_PHYSICAL) == 0) {
        umsi_log(its->umsi, UMSI_LOG_ERROR,
                 "%s: no ITS at 0x%lx: GITS_PIDR2 0x%x, GITS_TYPER 0x%lx", its->name, its->phys,
                 pidr2, typer);
        return UMSI_UNSUPPORTED;
    }
    read_typer(its, typer, want_bits);
    return umsi_its_quiesce(its);
}

/* ---- creation ---- */

static enum umsi_status make(struct umsi_its *its, const struct umsi_its_config *config)
{
    const uint32_t bytes = config->queue_bytes == 0 ? DEFAULT_QUEUE_BYTES : config->queue_bytes;
    its->collection = umsi_alloc(its->umsi, its->umsi->port.nr_cpus * sizeof(*its->collection));
    enum umsi_status st = its->collection == NULL ? UMSI_NOMEM : umsi_its_queue_init(its, bytes);
    st = st != UMSI_OK ? st : umsi_its_tables_init(its);
    return st != UMSI_OK ? st : umsi_its_queue_program(its);
}

static enum umsi_status join(struct umsi_its *its)
{
    const struct umsi_domain_config config = {
        .name = its->name,
        .ops = &umsi_its_domain_ops,
        .chip = &umsi_its_chip,
        .parent = &its->lpi->domain,
    };
    const enum umsi_status st = umsi_domain_add(its->umsi, &its->domain, &config);
    if (st == UMSI_OK) {
        umsi_msi_parent_set(&its->domain, &umsi_its_msi_ops);
    }
    return st;
}

/* CPUs that are online already; the others come through the client. Each is mapped once, however they meet. */
static enum umsi_status map_cpus(struct umsi_its *its)
{
    umsi_lpi_add_client(its->lpi, &its->client);
    const enum umsi_status st = umsi_its_collections_map(its);
    if (st != UMSI_OK) {
        umsi_lpi_remove_client(its->lpi, &its->client);
    }
    return st;
}

static enum umsi_status start(struct umsi_its *its)
{
    enum umsi_status st = join(its);
    if (st != UMSI_OK) {
        return st;
    }
    umsi_its_enable(its);
    st = map_cpus(its);
    if (st != UMSI_OK && umsi_domain_remove(&its->domain) != UMSI_OK) {
        return UMSI_BUG;
    }
    return st;
}

/* Off, and all memory back; what an ITS that does not stop may still use stays where it is (L22). */
static void release(struct umsi_its *its)
{
    struct umsi *u = its->umsi;
    if (umsi_its_quiesce(its) != UMSI_OK) {
        umsi_log(u, UMSI_LOG_ERROR,
                 "%s: its tables, its queue and %u translation tables stay in use", its->name,
                 its->nr_held);
        return;
    }
    umsi_its_reclaim(its, true);
    umsi_its_queue_exit(its);
    umsi_its_tables_exit(its);
    umsi_free(u, its->collection, u->port.nr_cpus * sizeof(*its->collection));
    umsi_free(u, its, sizeof(*its));
}

static struct umsi_its *new_its(struct umsi_lpi *lpi, const struct umsi_its_config *config)
{
    struct umsi_its *its = umsi_alloc(lpi->umsi, sizeof(*its));
    if (its != NULL) {
        its->lpi = lpi;
        its->umsi = lpi->umsi;
        its->base = config->base;
        its->phys = config->phys;
        its->name = config->name != NULL ? config->name : "ITS";
        its->non_coherent = config->non_coherent;
        its->deadline_us = config->deadline_us != 0 ? config->deadline_us : DEFAULT_DEADLINE_US;
        its->client.cpu_online = umsi_its_collection_online;
        its->client.invalidate = umsi_its_collection_invalidate;
        umsi_lock_init(its->umsi, &its->lock);
    }
    return its;
}

enum umsi_status umsi_its_create(struct umsi_lpi *lpi, const struct umsi_its_config *config,
                                 struct umsi_its **out_its)
{
    if (lpi == NULL || config == NULL || out_its == NULL || check_config(config) != UMSI_OK) {
        return UMSI_INVALID;
    }
    struct umsi_its *its = new_its(lpi, config);
    if (its == NULL) {
        return UMSI_NOMEM;
    }
    enum umsi_status st = probe(its, config->device_bits);
    if (st != UMSI_OK) { /* not an ITS, or not ours to touch further */
        umsi_free(lpi->umsi, its, sizeof(*its));
        return st;
    }
    st = make(its, config);
    st = st != UMSI_OK ? st : start(its);
    if (st != UMSI_OK) {
        release(its);
        return st;
    }
    umsi_log(its->umsi, UMSI_LOG_INFO,
             "%s: %u DeviceID bits (%s), %u EventID bits, %u-byte entries, %u collections, %s",
             its->name, its->device_bits, its->devices.two_level ? "two-level" : "flat",
             its->event_bits, its->itt_entry_bytes, its->collections,
             its->non_coherent ? "not coherent" : "coherent");
    *out_its = its;
    return UMSI_OK;
}

enum umsi_status umsi_its_destroy(struct umsi_its *its)
{
    if (its == NULL) {
        return UMSI_INVALID;
    }
    const enum umsi_status st = umsi_domain_remove(&its->domain);
    if (st != UMSI_OK) {
        return st;
    }
    umsi_lpi_remove_client(its->lpi, &its->client);
    release(its);
    return UMSI_OK;
}

/* ---- looking, and the odd command ---- */

struct umsi_domain *umsi_its_parent(struct umsi_its *its)
{
    return &its->domain;
}

void umsi_its_get_info(struct umsi_its *its, struct umsi_its_info *out)
{
    const uint64_t typer = umsi_read64(its->umsi, its->base, GITS_TYPER);
    *out = (struct umsi_its_info){
        .device_bits = GITS_TYPER_DEVBITS(typer) + 1,
        .event_bits = its->event_bits,
        .itt_entry_size = its->itt_entry_bytes,
        .device_table_bits = its->device_bits,
        .device_table_two_level = its->devices.two_level,
        .pta = its->pta,
        .coherent = !its->non_coherent,
        .dead = its->queue.dead,
        .devices = its->nr_devices,
        .quarantined = its->nr_held,
        .commands = its->queue.commands,
        .waits = __atomic_load_n(&its->queue.waits, __ATOMIC_RELAXED),
        .stalls = its->queue.stalls,
    };
}

enum umsi_status umsi_its_clear(struct umsi_its *its, umsi_virq virq)
{
    struct umsi_batch batch = { 0 };
    struct umsi_irq *irq = umsi_irq_find(its->umsi, virq);
    if (irq == NULL || irq->domain->parent != &its->domain ||
        (umsi_its_level(its, irq)->word & ITS_EVENT_MAPPED) == 0) {
        return UMSI_NOTFOUND;
    }
    const struct umsi_irq_level *level = umsi_its_level(its, irq);
    const struct its_device *d = level->data;
    const struct its_command c =
        umsi_its_event(ITS_CLEAR, d->id, (struct its_eventid){ level->hwirq });
    const enum umsi_status st = umsi_its_batch_add(its, &batch, &c, 1, NULL, irq->cpu);
    const enum umsi_status done = umsi_its_batch_commit(its, &batch);
    return st != UMSI_OK ? st : done;
}
