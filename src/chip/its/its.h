/* SPDX-License-Identifier: MIT */
/*
 * One ITS, as its own files see it.
 *
 * Locks, both leaves, never held across a wait, an allocation or each other: queue.lock (slots and positions;
 * may be taken with a domain's lock held and interrupts off) and lock (devices, tables, pieces of ITTs).
 */
#ifndef UMSI_ITS_H
#define UMSI_ITS_H

#include <umsi/chip/its.h>
#include <umsi/msi.h>

#include "../../core/core.h"
#include "../../core/irq.h"
#include "../gic_lpi/lpi.h"
#include "its_enc.h"
#include "its_regs.h"

/* ---- the queue: its_queue.c, its_stall.c ---- */

/* What the queue remembers of a command until the ITS has consumed it. */
struct its_slot {
    struct its_command command;
    struct umsi_irq *irq;     /* NULL: not about one, or posted */
    struct umsi_batch *batch; /* NULL: posted, nobody waits */
};

/*
 * Positions run for ever: done <= rung <= tail; a command at position p is in slot (p + shift) % slots. The
 * hardware owns [done, rung), and at most slots - 1 are outstanding, as CWRITER == CREADR means empty (L31).
 */
struct its_queue {
    umsi_lock lock;
    struct umsi_dma memory;
    struct its_slot *slot; /* by position % slots */
    uint32_t slots, shift;
    uint64_t tail, rung, done;
    uint64_t moved_at;     /* when CREADR was last seen to move, or work began; microseconds */
    uint64_t stalled_at;   /* since when it has been seen stalled at `done` */
    bool stalled, retried; /* at `done` */
    bool sticky;           /* Stalled stays set after a Retry that worked */
    bool restart;          /* Retry did not help */
    bool restarting;       /* somebody disables, quiesces and refills it now */
    bool dead;             /* its deadline expired; may come back */
    bool broken;           /* it could not be stopped or started: never comes back */
    bool revived;          /* it came back: what is held can be released */
    bool suspended;        /* nobody gets in: STATE */
    uint32_t restarts;     /* atomic */
    uint64_t commands, waits, stalls; /* waits: atomic */
    struct umsi_cpumask notes;        /* CPUs an INVALL is owed to, from when there was no room */
    bool noted;                       /* atomic */
};

/* ---- tables: its_table.c ---- */

struct its_page;

struct its_table {
    uint32_t index; /* of GITS_BASER<n>; GITS_NR_BASER: the hardware has none of this type */
    uint32_t entry_bytes, page_bytes;
    uint64_t capacity; /* ids it covers */
    uint64_t base;     /* what GITS_BASER<n> is to hold, but for the attributes; 0: nothing */
    bool two_level;
    struct umsi_dma memory; /* the flat table, or level 1 */
    struct its_page *pages; /* level 2, on demand; none is freed before the ITS is off */
};

/* ---- ITT memory: its_itt.c ---- */

struct its_chunk;

struct its_itt {
    struct umsi_dma memory;  /* when it has its own */
    struct its_chunk *chunk; /* else where it is cut from */
    uint32_t unit, units;
    umsi_bus bus;
};

/* ---- devices: its_device.c, its_device_map.c ---- */

enum its_device_state { ITS_MAPPING, ITS_MAPPED, ITS_UNMAPPING, ITS_HELD };

/* A domain's share of a DeviceID: EventIDs base .. base + size - 1. */
struct its_user {
    struct its_device *device;
    struct its_user *next; /* ascending by base */
    uint32_t base, size;   /* size is a power of two, base a multiple of it */
    uint32_t events;       /* as asked for */
};

struct its_device {
    struct its_devid id;
    uint32_t state; /* under its->lock */
    uint32_t bits;  /* of an EventID in its table */
    uint32_t
        tainted; /* atomic; what the hardware has mapped is not known: no new events, INTIDs are held */
    uint32_t held_intids; /* chain; see umsi_lpi_hold() */
    struct its_itt itt;
    struct its_user *users;
    struct its_device *child[2]; /* its_device_map.c */
    struct its_device *next_held;
};

/* ---- the ITS ---- */

enum its_collection_state { ITS_UNMAPPED, ITS_MAPPING_CPU, ITS_MAPPED_CPU };

struct its_collection {
    uint32_t state; /* atomic */
    struct its_rdbase rd;
};

struct umsi_its {
    struct umsi_domain domain;
    struct lpi_client client;
    struct umsi_lpi *lpi;
    struct umsi *umsi;
    volatile void *base;
    umsi_phys phys;
    const char *name;
    uint32_t device_bits, event_bits, itt_entry_bytes, hcc;
    uint32_t flat_bits;   /* device_bits of a table that cannot have two levels */
    uint32_t collections; /* ICIDs that can be mapped: 0 .. collections - 1 */
    bool pta, non_coherent;
    uint64_t deadline_us;
    struct its_queue queue;
    struct its_collection *collection; /* by CPU, which is the ICID too */

    umsi_lock lock;
    struct its_table devices, cpus;
    struct its_chunk *chunks; /* with room */
    struct its_device *map, *held;
    uint32_t nr_devices, nr_held;
};

/* irq->level[its->domain.depth].word; atomic */
#define ITS_EVENT_MAPPED 1u /* MAPTI is in the queue or done; DISCARD is not, or was refused */
#define ITS_EVENT_STUCK  2u /* may be mapped for all we know */

/* ---- its_queue.c ---- */

enum umsi_status umsi_its_queue_init(struct umsi_its *its, uint32_t bytes);
void umsi_its_queue_exit(struct umsi_its *its);
/* CBASER, CWRITER; with Enabled 0. */
enum umsi_status umsi_its_queue_program(struct umsi_its *its);
/* Empty, from slot 0 on, and in order again, as after umsi_its_queue_program(). Not locked: nobody else is there. */
void umsi_its_queue_rewind(struct umsi_its *its);

/*
 * Take the queue with room for `need` commands; waits for room without a lock. On UMSI_OK it is locked, and
 * the caller adds and closes.
 */
enum umsi_status umsi_its_queue_open(struct umsi_its *its, uint32_t need, umsi_irqstate *out_state);
/* The same without waiting: BUSY when there is no room now. Context: any. */
enum umsi_status umsi_its_queue_try(struct umsi_its *its, uint32_t need, umsi_irqstate *out_state);
/* How far is the ITS? For who posts, and has nothing to wait for. Context: any. */
void umsi_its_queue_look(struct umsi_its *its);
void umsi_its_queue_add(struct umsi_its *its, const struct its_command *c, struct umsi_irq *irq,
                        struct umsi_batch *batch);
/* Write CWRITER, when there is something new. Locked. */
void umsi_its_queue_ring(struct umsi_its *its);
void umsi_its_queue_close(struct umsi_its *its, umsi_irqstate state);
/* Until everything before `position` was consumed. TIMEOUT: the ITS is dead. */
enum umsi_status umsi_its_queue_wait(struct umsi_its *its, uint64_t position);
/* Write a command into its slot in memory. Locked, or restarting. */
void umsi_its_queue_write(struct umsi_its *its, uint32_t slot, const struct its_command *c);
/* Nothing outstanding is ours any more: the ITS does not answer. Locked. */
void umsi_its_queue_die(struct umsi_its *its, const char *why);
uint32_t umsi_its_queue_slot(const struct its_queue *q, uint64_t position);

/* ---- its_stall.c ---- */

/* CREADR is stalled at q->done. Locked. */
void umsi_its_stall(struct umsi_its *its, uint64_t creadr, uint64_t now);
/* Disable, quiesce, fill again, enable. q->restarting is the caller's; not locked. */
void umsi_its_restart(struct umsi_its *its);
/* A command was not carried out: with HARDWARE refused, with TIMEOUT perhaps it was. Locked. */
void umsi_its_fail(struct umsi_its *its, struct its_slot *slot, enum umsi_status why);

/* ---- its_batch.c ---- */

/*
 * batch->priv: the position after its last command; opcodes the ITS refused, a bit each; the first CPU of a
 * window; a bit for each CPU of the window that is owed a SYNC.
 */
enum { ITS_BATCH_END, ITS_BATCH_REFUSED, ITS_BATCH_WINDOW, ITS_BATCH_BITS };

/* Add commands about one interrupt, or none, of which `cpu`'s redistributor must finish (UMSI_NO_CPU: none). */
enum umsi_status umsi_its_batch_add(struct umsi_its *its, struct umsi_batch *batch,
                                    const struct its_command *c, uint32_t n, struct umsi_irq *irq,
                                    umsi_cpu cpu);
/* A SYNC to the redistributor of `cpu` is owed. */
enum umsi_status umsi_its_batch_touch(struct umsi_its *its, struct umsi_batch *batch, umsi_cpu cpu);
/* Doorbell and wait, for a batch that brought its SYNCs along; the result is in batch->status. */
void umsi_its_batch_finish(struct umsi_its *its, struct umsi_batch *batch);
/* SYNCs, doorbell, wait; a SYNC that is refused is tried once more. */
enum umsi_status umsi_its_batch_commit(struct umsi_its *its, struct umsi_batch *batch);
/* One command and a SYNC to `cpu`, not waited for. BUSY: no room. Context: any. */
enum umsi_status umsi_its_post(struct umsi_its *its, const struct its_command *c, umsi_cpu cpu);
/* Like that for INVALL of a CPU's collection; without room it is left to the next commit. False: this ITS
 * cannot do it. Context: any. */
bool umsi_its_post_invall(struct umsi_its *its, umsi_cpu cpu);

/* ---- its_collection.c ---- */

enum umsi_status umsi_its_collection_online(struct lpi_client *client, umsi_cpu cpu);
bool umsi_its_collection_invalidate(struct lpi_client *client, umsi_cpu cpu);
/* Those of the CPUs that are online; the others follow through the client. */
enum umsi_status umsi_its_collections_map(struct umsi_its *its);
/* The ITS was off: what it held of collections inside itself is gone (L39). */
void umsi_its_collections_lost(struct umsi_its *its);
/* A CPU whose collection is mapped, this one if it can be; UMSI_NO_CPU: none yet. */
umsi_cpu umsi_its_some_cpu(struct umsi_its *its);

/* Its messages arrive: mapped, and LPIs on (L26, L27). */
bool umsi_its_can_target(struct umsi_domain *parent, umsi_cpu cpu);

static inline bool umsi_its_cpu_mapped(const struct umsi_its *its, umsi_cpu cpu)
{
    return cpu < its->umsi->port.nr_cpus &&
           __atomic_load_n(&its->collection[cpu].state, __ATOMIC_ACQUIRE) == ITS_MAPPED_CPU;
}

/* ---- its_table.c ---- */

enum umsi_status umsi_its_tables_init(struct umsi_its *its);
void umsi_its_tables_exit(struct umsi_its *its);
/* Show the tables to an ITS that may have lost its registers; with Enabled 0. */
enum umsi_status umsi_its_tables_program(struct umsi_its *its);
/* Make the device table's entry for an id exist, visibly, before a MAPD names it (L20). */
enum umsi_status umsi_its_table_ensure(struct umsi_its *its, struct its_devid id);
/* Write a base register and keep what it made of it: false when it does not hold what was meant. */
bool umsi_its_write_base(struct umsi_its *its, uint32_t reg, uint64_t value, uint64_t check);

/* ---- its_itt.c ---- */

enum umsi_status umsi_its_itt_get(struct umsi_its *its, uint32_t bits, struct its_itt *out);
void umsi_its_itt_put(struct umsi_its *its, struct its_itt *itt);

/* ---- its_device_map.c; its->lock is held ---- */

struct its_device *umsi_its_map_find(struct umsi_its *its, uint32_t id);
void umsi_its_map_insert(struct umsi_its *its, struct its_device *d);
void umsi_its_map_remove(struct umsi_its *its, struct its_device *d);

/* ---- its_device.c ---- */

enum umsi_status umsi_its_prepare(struct umsi_domain *parent, struct umsi_msi_device *dev,
                                  uint32_t nr_events, struct umsi_alloc_info *out_info);
void umsi_its_teardown(struct umsi_domain *parent, struct umsi_msi_device *dev,
                       const struct umsi_alloc_info *info);
/* Try again to unmap devices that could not be; with `off` the ITS is quiescent and they simply end. */
void umsi_its_reclaim(struct umsi_its *its, bool off);

/* ---- its_domain.c ---- */

extern const struct umsi_domain_ops umsi_its_domain_ops;
extern const struct umsi_chip umsi_its_chip;
extern const struct umsi_msi_parent_ops umsi_its_msi_ops;

static inline struct umsi_its *umsi_its_of(struct umsi_domain *d)
{
    return UMSI_CONTAINER_OF(d, struct umsi_its, domain);
}

static inline struct umsi_irq_level *umsi_its_level(const struct umsi_its *its,
                                                    struct umsi_irq *irq)
{
    return umsi_irq_level_of(irq, its->domain.depth);
}

static inline struct its_icid umsi_its_icid(umsi_cpu cpu)
{
    return (struct its_icid){ (uint16_t)cpu };
}

/* ---- its_power.c: operations of the domain ---- */

enum umsi_status umsi_its_suspend(struct umsi_domain *d);
enum umsi_status umsi_its_resume(struct umsi_domain *d);

/* ---- its.c ---- */

/* Clear Enabled and wait for Quiescent. */
enum umsi_status umsi_its_quiesce(struct umsi_its *its);
void umsi_its_enable(struct umsi_its *its);

#endif /* UMSI_ITS_H */
