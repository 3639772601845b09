/* SPDX-License-Identifier: MIT */
/*
 * Races, without chance: two actors, each a CPU, of which exactly one runs at any time. One of them is stopped at a
 * chosen point, the other runs until it is done, waits, or comes to a chosen point of its own, then the first goes on;
 * and so for every pair of points there is. A point is any call of the port by which an actor that holds no lock could be
 * overtaken: a lock, cpu_self, the clock, a wait, a register, a kick; and race_point(), for tests' own callbacks.
 *
 * It stands between the library and any other port: that of tests/test_port.h, or the model's.
 */
#ifndef RACE_H
#define RACE_H

#include <umsi/umsi.h>

struct race;

struct race_actor {
    umsi_cpu cpu;
    void (*run)(void *arg);
};

struct race_config {
    void (*on_cpu)(void *arg, umsi_cpu cpu); /* from now on `cpu` executes */
    /* A CPU was kicked, by the library or with race_kick(), and is free to do what it was kicked for: on_cpu() says which.
     * CPUs without an actor do it while an actor waits, those with one when it waits. May be NULL. */
    void (*on_kick)(void *arg);
    void *arg;
};

/* `inner` must outlive it. */
struct race *race_create(const struct umsi_port *inner, const struct race_config *config);
void race_destroy(struct race *r);
/* The port for umsi_create(). */
const struct umsi_port *race_port(struct race *r);

/*
 * Run both: `first` up to its `nth` point, from 1, then `second` up to its point `back` (0: to its end), then `first`
 * to its end, and what is left of `second`. Who waits lets the other one run. False: the first has not that many points.
 */
bool race_run(struct race *r, const struct race_actor *first, const struct race_actor *second,
              unsigned nth, unsigned back);
/* Did the second come to its point in the last run? */
bool race_came_back(const struct race *r);
/* A point by which the running actor may be overtaken; none outside of race_run(). */
void race_point(struct race *r);
void race_kick(struct race *r, umsi_cpu cpu);
/* Serve the kicks that are left, outside of race_run(). */
void race_settle(struct race *r);
/* How often an actor waited for the other in the last run. */
unsigned race_waits(const struct race *r);

#endif /* RACE_H */
