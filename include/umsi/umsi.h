/* SPDX-License-Identifier: MIT */
/*
 * One instance of umsi: creation, receiving interrupts, and looking at what is there. An instance has no
 * mutable globals, so several live side by side.
 */
#ifndef UMSI_UMSI_H
#define UMSI_UMSI_H

#include <umsi/port.h>
#include <umsi/status.h>
#include <umsi/version.h>

#ifdef __cplusplus
extern "C" {
#endif

struct umsi;

/* The interrupt's number for its driver, unique in an instance. */
typedef uint32_t umsi_virq;
#define UMSI_NO_VIRQ 0u

#ifndef UMSI_MAX_CPUS
#define UMSI_MAX_CPUS 256
#endif

/* A set of CPUs. */
struct umsi_cpumask {
    uint64_t bits[(UMSI_MAX_CPUS + 63) / 64];
};

/* A CPU that cannot be, UMSI_NO_CPU for one, is not added. */
static inline void umsi_cpumask_set(struct umsi_cpumask *m, umsi_cpu cpu)
{
    if (cpu < UMSI_MAX_CPUS) {
        m->bits[cpu / 64] |= (uint64_t)1 << (cpu % 64);
    }
}

static inline bool umsi_cpumask_test(const struct umsi_cpumask *m, umsi_cpu cpu)
{
    return cpu < UMSI_MAX_CPUS && ((m->bits[cpu / 64] >> (cpu % 64)) & 1) != 0;
}

/*
 * Make an instance. The port is copied; port->ctx stays the caller's and must outlive the instance.
 * Context: task. Errors: UMSI_PORT (a required callback, or one of
 * those that belong together, is NULL), UMSI_INVALID (size, nr_cpus), UMSI_NOMEM.
 */
UMSI_MUST_CHECK enum umsi_status umsi_create(const struct umsi_port *port, struct umsi **out_umsi);

/*
 * Give everything back. Refused with UMSI_BUSY while a domain (a controller, a device) is left; then
 * nothing happened. Context: task, no interrupt of this instance may arrive any more.
 */
UMSI_MUST_CHECK enum umsi_status umsi_destroy(struct umsi *u);

/* ---- receiving (a): umsi does all ----
 * Acknowledge, dispatch and end every interrupt that is pending on this CPU. Needs a controller that owns
 * the CPU interface (umsi/chip/gicv3.h). Returns how many were taken. Context: interrupt, interrupts off.
 */
uint32_t umsi_handle_interrupts(struct umsi *u);

/* ---- receiving (b): acknowledge and end around the kernel's own dispatch ----
 *     struct umsi_taken t;
 *     while (umsi_acknowledge(u, &t)) {
 *         do { my_dispatch(t.virq); } while (umsi_end(u, &t));
 *     }
 * Between the two the vector counts as running, so that freeing it waits. What must not be dispatched now
 * (masked, unknown, running elsewhere) is dealt with inside and never comes out. umsi_end() returns true
 * when another arrival came meanwhile: dispatch once more. Vectors are requested with a NULL handler.
 * Context: interrupt, interrupts off.
 */
#define UMSI_NO_HWIRQ UINT32_MAX
struct umsi_taken {
    umsi_virq virq;
    /* The number at the root controller; UMSI_NO_HWIRQ: remembered while that was busy, and given out without it. */
    uint32_t hwirq;
    void *irq; /* umsi's own */
};
bool umsi_acknowledge(struct umsi *u, struct umsi_taken *out);
bool umsi_end(struct umsi *u, struct umsi_taken *t);

/* ---- receiving (c): the kernel acknowledges and ends, see umsi_lpi_handle() in umsi/chip/gic_lpi.h ---- */

/*
 * Run on this CPU what other CPUs left for it. The kernel calls it on a CPU after port->cpu_kick() named
 * that CPU. Context: interrupt, or task with interrupts off.
 */
void umsi_cpu_service(struct umsi *u);

/* ---- looking ---- */

/* Takes one finished line, without a line end. */
typedef void (*umsi_print)(void *arg, const char *line);

/* The domains as a tree with their devices and sizes. Context: task. */
void umsi_print_domains(struct umsi *u, umsi_print print, void *arg);
/* A table of all interrupts: device, index, virq, hwirq, state, target, counts per CPU, name. Context: task. */
void umsi_print_irqs(struct umsi *u, umsi_print print, void *arg);

struct umsi_counts {
    uint32_t live_irqs;    /* descriptors in use */
    uint32_t waiting_irqs; /* freed, not yet safe to reissue (L59) */
    uint32_t domains;
    uint64_t unknown; /* interrupts nobody owns, ended and counted (L60) */
    uint64_t cut_off; /* of those and of masked ones, how many were silenced for storming */
    size_t bytes;     /* taken from port->alloc */
    size_t dma_bytes; /* taken from port->dma_alloc */
};
/* Context: any. While others allocate or free, live_irqs may be off by theirs. */
void umsi_get_counts(struct umsi *u, struct umsi_counts *out);

#ifdef __cplusplus
}
#endif
#endif /* UMSI_UMSI_H */
