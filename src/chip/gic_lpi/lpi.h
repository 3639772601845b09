/* SPDX-License-Identifier: MIT */
/*
 * The LPI space, as its own files and the controllers that feed it see it. It depends on no such controller:
 * an ITS registers as a client and is told of CPUs and of bytes that changed.
 *
 * Locks: lpi->lock is a leaf; under it nothing but bitmaps, bytes and lists.
 */
#ifndef UMSI_LPI_H
#define UMSI_LPI_H

#include <umsi/chip/gic_lpi.h>

#include "../../core/irq.h"

/* What feeds LPIs to redistributors. */
struct lpi_client {
    /* EnableLPIs is set on `cpu`: make it a target (L27). Again after an error, and when the CPU comes back. */
    enum umsi_status (*cpu_online)(struct lpi_client *c, umsi_cpu cpu);
    /* Posted, never waits: the redistributor of `cpu` forgets what it read of the configuration table. False:
     * this client cannot have it done. */
    bool (*invalidate)(struct lpi_client *c, umsi_cpu cpu);
    struct lpi_client *next;
    uint32_t walkers; /* CPUs that are inside cpu_online() now */
};

enum lpi_cpu_state { LPI_CPU_OFF, LPI_CPU_STARTING, LPI_CPU_ENABLED, LPI_CPU_ONLINE };

struct lpi_cpu {
    volatile void *rd;
    umsi_phys rd_phys;
    uint32_t processor; /* GICR_TYPER.Processor_Number */
    uint32_t state;     /* atomic; enum lpi_cpu_state */
    bool direct;        /* GICR_INVLPIR is there */
    umsi_bus
        left; /* its pending table, when that was left behind; 0: umsi's own. Under lpi->lock */
};

/* irq->level[0].word; atomic */
#define LPI_NEEDS_INV 1u /* its byte changed since a redistributor could have read it (L29) */
#define LPI_HELD      2u /* the hardware may still send it: not to be reissued (L25) */

#define LPI_MAP_PAGE 512u /* INTIDs on one page of the map */

struct umsi_lpi {
    struct umsi_domain domain;
    struct umsi *umsi;
    uint32_t first, count; /* the INTIDs that are ours */
    uint32_t bits;         /* of an INTID, as PROPBASER.IDbits has it plus one */
    bool own_tables;
    uint32_t non_coherent;   /* atomic; once set, set */
    uint8_t byte;            /* of an LPI that is enabled */
    volatile uint8_t *table; /* of INTID 8192 */
    struct umsi_dma config;
    struct umsi_dma *pending; /* one per CPU */
    uint64_t left;            /* GICR_PROPBASER as it was found; 0: the tables are all umsi's */
    void *(*reserved)(void *ctx, umsi_bus at, size_t size);
    void *ctx;
    struct lpi_cpu *cpu;
    struct lpi_client *clients;
    struct umsi_source source;

    umsi_lock lock;
    uint64_t *used;  /* bit n: INTID first + n is taken */
    uint64_t *stale; /* bit n: a redistributor may have read another byte than is there now */
    uint32_t hint;   /* no free bit in words below */
    uint32_t taken, held;
    uintptr_t **map; /* pages of entries: a struct umsi_irq *, or a link of a held chain */
};

/* ---- lpi_ids.c: numbers, and the way from a number to its descriptor ---- */

bool umsi_lpi_ids_init(struct umsi_lpi *lpi);
void umsi_lpi_ids_exit(struct umsi_lpi *lpi);
/* Take a number for each of v[0..n-1]. All or none. */
enum umsi_status umsi_lpi_ids_take(struct umsi_lpi *lpi, struct umsi_irq *const *v, uint32_t n);
void umsi_lpi_ids_give(struct umsi_lpi *lpi, struct umsi_irq *irq);
void umsi_lpi_publish(struct umsi_lpi *lpi, struct umsi_irq *irq);
void umsi_lpi_unpublish(struct umsi_lpi *lpi, struct umsi_irq *irq);
/* The map's place for INTID first + n; NULL while there is none. It stays for good. */
static inline uintptr_t *umsi_lpi_slot(const struct umsi_lpi *lpi, uint32_t n)
{
    uintptr_t *page = __atomic_load_n(&lpi->map[n / LPI_MAP_PAGE], __ATOMIC_ACQUIRE);
    return page == NULL ? NULL : &page[n % LPI_MAP_PAGE];
}
/* What is in it; NULL: nobody's. */
static inline struct umsi_irq *umsi_lpi_in(const uintptr_t *slot)
{
    const uintptr_t value = slot == NULL ? 0 : __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    return (value & 1) != 0 ? NULL : (struct umsi_irq *)value;
}
/* NULL: nobody's. */
struct umsi_irq *umsi_lpi_lookup(const struct umsi_lpi *lpi, uint32_t intid);
/* Cut off a number nobody owns. False: it has an owner now. */
bool umsi_lpi_cut(struct umsi_lpi *lpi, uint32_t intid);

/* Quarantine an LPI that hardware may still send; *chain (0: empty) links those of one owner. Its domain's
 * free() then leaves it alone. */
void umsi_lpi_hold(struct umsi_lpi *lpi, struct umsi_irq *irq, uint32_t *chain);
/* The hardware cannot send them any more. */
void umsi_lpi_release(struct umsi_lpi *lpi, uint32_t *chain);

/* ---- lpi_table.c: configuration and pending tables ---- */

enum umsi_status umsi_lpi_tables_init(struct umsi_lpi *lpi);
size_t umsi_lpi_pending_bytes(const struct umsi_lpi *lpi);
/* Pending tables whose va is NULL, and the configuration table when asked, stay with the hardware. */
void umsi_lpi_tables_exit(struct umsi_lpi *lpi, bool keep_config);
/* Write one byte and make it visible; the caller invalidates. Context: any. */
void umsi_lpi_write_byte(struct umsi_lpi *lpi, uint32_t intid, uint8_t byte);
uint8_t umsi_lpi_read_byte(const struct umsi_lpi *lpi, uint32_t intid);
/* Enable or disable a vector's LPI; marks it LPI_NEEDS_INV. False: it was so already. Context: any. */
bool umsi_lpi_enable(struct umsi_lpi *lpi, struct umsi_irq *irq, bool on);

/* ---- lpi_takeover.c: tables that were left behind ---- */

/* How wide INTIDs are in them: at most `bits`. */
uint32_t umsi_lpi_left_bits(uint64_t left, uint32_t bits);
/* Use the configuration table that was left. STATE: it is not in memory that was reserved. */
enum umsi_status umsi_lpi_left_config(struct umsi_lpi *lpi);
/* Is the pending table that a CPU's redistributor uses one that was left, and nobody else's? It is the CPU's then. */
bool umsi_lpi_left_pending(struct umsi_lpi *lpi, umsi_cpu cpu, umsi_bus at);

/* ---- gic_lpi.c ---- */

/* Out of the instance: nobody finds it any more. BUSY while something hangs on it. */
enum umsi_status umsi_lpi_withdraw(struct umsi_lpi *lpi);
void umsi_lpi_release_memory(struct umsi_lpi *lpi);

/* ---- lpi_power.c: operations of the domain ---- */

enum umsi_status umsi_lpi_suspend(struct umsi_domain *d);
enum umsi_status umsi_lpi_resume(struct umsi_domain *d);

/* ---- lpi_cpu.c: redistributors ---- */

/* Show a redistributor its tables and set EnableLPIs. `keep`: what is in its pending table counts; else nothing is
 * pending. */
enum umsi_status umsi_lpi_cpu_start(struct umsi_lpi *lpi, umsi_cpu cpu, volatile void *rd,
                                    bool keep);

/* Clear EnableLPIs of a CPU. False: it cannot be, and the redistributor keeps using the tables (L32). */
bool umsi_lpi_cpu_stop(struct umsi_lpi *lpi, umsi_cpu cpu);
/* Make a redistributor read a byte again; posted. */
void umsi_lpi_invalidate(struct umsi_lpi *lpi, umsi_cpu cpu, uint32_t intid);
void umsi_lpi_add_client(struct umsi_lpi *lpi, struct lpi_client *c);
/* Returns when no CPU is inside it. */
void umsi_lpi_remove_client(struct umsi_lpi *lpi, struct lpi_client *c);

/* The redistributor of a CPU; NULL before its EnableLPIs was set, and while the CPU is offline. */
static inline const struct lpi_cpu *umsi_lpi_cpu(const struct umsi_lpi *lpi, umsi_cpu cpu)
{
    const struct lpi_cpu *c = &lpi->cpu[cpu];
    return __atomic_load_n(&c->state, __ATOMIC_ACQUIRE) >= LPI_CPU_ENABLED ? c : NULL;
}

/* Between umsi_lpi_cpu_online() and umsi_lpi_cpu_offline(). */
static inline bool umsi_lpi_cpu_is_online(const struct umsi_lpi *lpi, umsi_cpu cpu)
{
    return __atomic_load_n(&lpi->cpu[cpu].state, __ATOMIC_ACQUIRE) == LPI_CPU_ONLINE;
}

static inline uint32_t umsi_lpi_intid(const struct umsi_irq *irq)
{
    return irq->level[0].hwirq;
}

static inline void umsi_lpi_mark(struct umsi_irq *irq, uint32_t bits)
{
    __atomic_or_fetch(&irq->level[0].word, bits, __ATOMIC_RELAXED);
}

static inline bool umsi_lpi_marked(const struct umsi_irq *irq, uint32_t bit)
{
    return (__atomic_load_n(&irq->level[0].word, __ATOMIC_RELAXED) & bit) != 0;
}

/* Take a mark off; true when it was there. */
static inline bool umsi_lpi_unmark(struct umsi_irq *irq, uint32_t bit)
{
    return (__atomic_fetch_and(&irq->level[0].word, ~bit, __ATOMIC_RELAXED) & bit) != 0;
}

#endif /* UMSI_LPI_H */
