/* SPDX-License-Identifier: MIT */
/*
 * The instance, as the library's own files see it: the port with the meaning of NULL filled in, registers,
 * memory, locks, log lines.
 */
#ifndef UMSI_CORE_H
#define UMSI_CORE_H

#include <stdarg.h>

#include <umsi/domain.h>
#include <umsi/parts.h>
#include <umsi/port.h>
#include <umsi/trace.h>
#include <umsi/umsi.h>

#include "memfn.h"
#include "pool.h"

#define UMSI_CONTAINER_OF(ptr, type, member)                                                       \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

struct umsi_percpu;
struct umsi_unknown_table;
struct umsi_cpusets;

/* Somebody who walks the list of domains and lets go of the lock between two steps. */
struct umsi_walk {
    struct umsi_domain *at; /* the next to look at */
    struct umsi_walk *next;
};

struct umsi {
    /* What every CPU reads all the time, and hardly anything writes. */
    struct umsi_port port;      /* a copy; fields beyond the caller's size are zero */
    struct umsi_percpu *percpu; /* nr_cpus of them */
    struct umsi_irq_table *irqs;
    struct umsi_cpusets *sets;
    struct umsi_unknown_table *unknown;
    struct umsi_receiver receiver;
    bool has_receiver;
    bool short_way; /* of home.c: a CPU can be kicked, or there is no other */
    bool suspended; /* between umsi_suspend() and umsi_resume() */
    struct umsi_source *sources;
    struct umsi_domain *workers; /* domains with a cpu_work */
    struct umsi_cpumask online;  /* atomic; takes interrupts */
    struct umsi_cpumask left;    /* atomic; no target, since umsi_cpu_leave() */
    char pad[64];                /* what is written is in other cache lines */
    struct umsi_pools pools;
    struct umsi_domain *domains, *last_domain; /* a list in the order of the tree */
    struct umsi_walk *walks;
    umsi_lock lock;       /* rank 2: the lists; see docs/CONCURRENCY.md */
    uint32_t spread_next; /* where the next spread starts */
    uint64_t dma_bytes;
};

/* What a table of operations has of a part that can be left out: see umsi/parts.h. */
#define UMSI_IF_EXPLAIN(f) (UMSI_WITH_EXPLAIN ? (f) : NULL)
#define UMSI_IF_SLEEP(f)   (UMSI_WITH_SLEEP ? (f) : NULL)
#define UMSI_IF_MOVES(f)   (UMSI_WITH_MOVES ? (f) : NULL)

/* For a status that does not matter, or that cannot be other than UMSI_OK; the caller's comment says which. */
static inline void umsi_ignore(enum umsi_status st)
{
    (void)st;
}

/* ---- locks: irq-saving spin locks of the port ---- */

static inline void umsi_lock_init(struct umsi *u, umsi_lock *l)
{
    u->port.lock_init(u->port.ctx, l);
}

static inline umsi_irqstate umsi_lock_take(struct umsi *u, umsi_lock *l)
{
    return u->port.lock(u->port.ctx, l);
}

static inline void umsi_lock_drop(struct umsi *u, umsi_lock *l, umsi_irqstate s)
{
    u->port.unlock(u->port.ctx, l, s);
}

static inline umsi_cpu umsi_cpu_self(struct umsi *u)
{
    return u->port.cpu_self(u->port.ctx);
}

/* ---- time: every wait is `while (!done) if (umsi_expired(...)) fail; else umsi_relax(u)` ---- */

static inline uint64_t umsi_now(struct umsi *u)
{
    return u->port.time_us(u->port.ctx);
}

static inline void umsi_relax(struct umsi *u)
{
    if (u->port.relax != NULL) {
        u->port.relax(u->port.ctx);
    }
}

/* ---- registers: through the port where it wants to, else one load or store with a plain base register,
 * which hypervisors can emulate ---- */

uint32_t umsi_read32(struct umsi *u, const volatile void *base, uint32_t offset);
void umsi_write32(struct umsi *u, volatile void *base, uint32_t offset, uint32_t value);
uint64_t umsi_read64(struct umsi *u, const volatile void *base, uint32_t offset);
void umsi_write64(struct umsi *u, volatile void *base, uint32_t offset, uint64_t value);

/* ---- memory that hardware shares ---- */

/* Zeroed; false: the port has none, or what it gave breaks its contract (logged). May sleep. */
bool umsi_dma_get(struct umsi *u, size_t size, size_t align, struct umsi_dma *out);
void umsi_dma_put(struct umsi *u, struct umsi_dma *mem); /* harmless when mem->va is NULL */

/* Write back [va, va + size) to where non-coherent hardware reads it; orders it before later stores. */
static inline void umsi_clean(struct umsi *u, const void *va, size_t size)
{
    if (u->port.cache_clean != NULL) {
        u->port.cache_clean(u->port.ctx, va, size);
    }
}

/* ---- log and trace ---- */

/*
 * One line through the port's log. The format knows %s %c %d %u %x %%, and %lu %lx for uint64_t; widths
 * (%-10s, %04x) and nothing else. Lines are cut at 159 characters.
 */
#define umsi_log(u, level, ...)                                                                    \
    ((int)(level) < UMSI_LOG_LEVELS ? umsi_log_line(u, level, __VA_ARGS__) : (void)0)
void umsi_log_line(struct umsi *u, enum umsi_log_level level, const char *format, ...)
#if defined(__GNUC__) && defined(__LP64__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
/* The same into a buffer of `size` bytes, always terminated; returns the length. */
size_t umsi_format(char *buffer, size_t size, const char *format, ...)
#if defined(__GNUC__) && defined(__LP64__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
size_t umsi_vformat(char *buffer, size_t size, const char *format, va_list args);
/* Text at buffer[at], cut so that a terminator fits; returns where it ends. */
size_t umsi_append(char *buffer, size_t size, size_t at, const char *text);
/* One line through a print callback of the caller's. */
void umsi_printf(umsi_print print, void *arg, const char *format, ...)
#if defined(__GNUC__) && defined(__LP64__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* A record through port->trace; nothing when there is none. */
#define umsi_trace(u, ...) (UMSI_WITH_EXPLAIN ? umsi_trace_record(u, __VA_ARGS__) : (void)0)
void umsi_trace_record(struct umsi *u, enum umsi_trace_kind kind, const void *object, uint64_t a0,
                       uint64_t a1, uint64_t a2, uint64_t a3);

#endif /* UMSI_CORE_H */
