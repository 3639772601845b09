/* SPDX-License-Identifier: MIT */
/*
 * The parts of the stress, as stress.c puts them together. Each *_step() is one piece of work, run to its end on the
 * CPU that calls it, at the same time as others; when something is wrong it calls stress_fail(), which ends all.
 */
#ifndef DEMO_STRESS_PARTS_H
#define DEMO_STRESS_PARTS_H

#include "../driver.h"
#include "../subject.h"
#include "dice.h"
#include "stress.h"

/* ---- verdict.c: what was done, handlers that are watched, what it all comes to ---- */

enum tally {
    TALLY_COMMANDS, /* NVMe commands completed by their interrupt */
    TALLY_COMPARED, /* blocks read back */
    TALLY_MOVES,
    TALLY_MOVES_REFUSED, /* freed, fixed, moved by another CPU just then, or no CPU of the set there */
    TALLY_RAISES,        /* by command */
    TALLY_OFF,           /* a CPU powered off, and powered on */
    TALLY_ON,
    TALLY_STAYED, /* a CPU could not go: a block of MSI was on it, which cannot move here */
    TALLY_RUNS,   /* of a driver, from binding to reset */
    TALLY_LIVES,  /* vectors taken, raised and freed */
    TALLY_BINDS,  /* function detached and attached */
    TALLIES
};
/* For this CPU. Context: task. */
void tally(enum tally what, uint32_t n);

/* A vector whose handler tells when it runs twice at once, or after it was taken away. */
struct watched {
    uint32_t inside;  /* handlers running now; atomic */
    uint32_t wrong;   /* how often that was not 0 before; atomic */
    uint32_t runs;    /* not atomic: they are alone (L58) */
    struct event ran; /* as often as this */
};
/* At the start and at the end of the handler. */
void watched_enter(struct watched *w);
void watched_leave(struct watched *w);
/* No handler is running, none has ever met another, and umsi has counted as many; *out_info is what it says. */
bool watched_verify(struct pci_function *f, uint32_t index, const struct watched *w,
                    struct umsi_irq_info *out_info);

void verdict_print(struct umsi *u, const struct stress_plan *plan);

/* Note why; everybody stops. Returns false. */
bool stress_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* For an interrupt that does not come: where its way ends. */
void stress_explain(struct pci_function *f, uint32_t index);

/* ---- io.c: NVMe, a queue pair for each CPU ---- */

bool io_open(struct pci_function *f);
/* `lane`: the number of the CPU among those that were started. Lanes beyond the queues do nothing. */
void io_step(uint32_t lane, struct dice *d);
/* The vector of some lane; and to raise one. */
umsi_virq io_virq(struct dice *d);
void io_raise(struct dice *d);
/* All lanes are at rest: does what was counted agree? */
void io_verify(void);
bool io_close(void);

/* ---- movers.c: affinity, extra arrivals, questions, of vectors that may be going just then ---- */

void movers_step(struct umsi *u, struct dice *d);
/* Some number near those in use: perhaps a vector's, perhaps not. */
umsi_virq movers_guess(struct umsi *u, struct dice *d);

/* ---- hotplug.c: a CPU leaves and is powered off; it is powered on and joins ---- */

void hotplug_step(struct umsi *u, struct dice *d);
/* All that are off come back, and nobody goes any more. By the CPU that never goes: the boot CPU. */
void hotplug_finish(struct umsi *u);

/* ---- churn.c: functions bound, vectors allocated, raised and freed, functions unbound ---- */

/* All functions of the list but one. */
void churn_open(struct umsi *u, struct subject *list, const struct pci_function *but);
void churn_step(struct dice *d);

#endif /* DEMO_STRESS_PARTS_H */
