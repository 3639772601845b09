/* SPDX-License-Identifier: MIT */
/*
 * Measuring: what every benchmark has of the others. A case prepares, and brackets what is to be measured with
 * bench_start() and bench_stop(); it runs several times, and the medians are printed, one JSON object a line, for
 * dev/bench to show. Under callgrind the same brackets count instructions.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <umsi/port.h>

struct bench;

/* Time goes from start to stop, for `ops` operations of the metric `name`, a constant string. */
void bench_start(struct bench *b);
void bench_stop(struct bench *b, const char *name, uint64_t ops);
/* A figure that is no time: the same in each round, or the last one counts. */
void bench_value(struct bench *b, const char *name, const char *unit, double value);
/* How many threads, in the case `parallel`; see main.c's options. */
uint64_t bench_now_ns(void);

struct bench_case {
    const char *name;
    const char *what;
    void (*run)(struct bench *b);
};

extern const struct bench_case bench_vectors_64x32, bench_vectors_256x64, bench_vectors_4096x16,
    bench_vectors_65536x16, bench_domain, bench_dynamic, bench_affinity, bench_dispatch_hot,
    bench_dispatch_random, bench_lookup, bench_its, bench_its_life, bench_parallel;

/* End the program when umsi says no: nothing is measured then. */
#define must(call) bench_must((call), #call)
void bench_must(enum umsi_status st, const char *what);

/* ---- port.c: a port on the C library that counts what it gives ---- */

struct bench_memory {
    size_t bytes; /* held now */
    size_t most;  /* ever */
};
/* `real_locks`: a test-and-set lock; false: none at all, as a kernel for one CPU has it. */
extern bool bench_real_locks;
const struct umsi_port *bench_port(uint32_t nr_cpus);
struct bench_memory bench_memory_now(void);
/* Which CPU this thread is. */
extern _Thread_local umsi_cpu bench_cpu;

/* A generator of numbers, the same in each run. */
uint32_t bench_random(uint64_t *state);

#endif /* BENCH_H */
