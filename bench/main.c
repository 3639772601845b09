/* SPDX-License-Identifier: MIT */
/*
 * The program of the benchmarks: runs the cases named, several rounds each, and prints medians.
 *
 *     umsi-bench [--rounds N] [--no-locks] [--list] [CASE...]
 *
 * Under callgrind each bracket leaves a profile of its own, named by its metric and its number of operations.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <valgrind/callgrind.h>

#include "bench.h"

#define METRICS 16u
#define ROUNDS  101u

struct metric {
    const char *name, *unit; /* unit NULL: ns per operation */
    uint64_t ops;
    uint32_t n;
    double sample[ROUNDS];
};

struct bench {
    struct metric metric[METRICS];
    uint32_t nr;
    uint64_t began;
};

static const struct bench_case *const cases[] = {
    &bench_vectors_64x32,
    &bench_vectors_256x64,
    &bench_vectors_4096x16,
    &bench_vectors_65536x16,
    &bench_domain,
    &bench_dynamic,
    &bench_affinity,
    &bench_dispatch_hot,
    &bench_dispatch_random,
    &bench_lookup,
    &bench_its,
    &bench_its_life,
    &bench_parallel,
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

uint64_t bench_now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint32_t bench_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

void bench_must(enum umsi_status st, const char *what)
{
    if (st != UMSI_OK) {
        fprintf(stderr, "umsi-bench: %s: %s\n", what, umsi_status_string(st));
        exit(1);
    }
}

static struct metric *metric(struct bench *b, const char *name)
{
    for (uint32_t i = 0; i < b->nr; i++) {
        if (strcmp(b->metric[i].name, name) == 0) {
            return &b->metric[i];
        }
    }
    if (b->nr == METRICS) {
        fprintf(stderr, "umsi-bench: too many metrics\n");
        exit(1);
    }
    b->metric[b->nr].name = name;
    return &b->metric[b->nr++];
}

static void add(struct metric *m, double value)
{
    if (m->n < ROUNDS) {
        m->sample[m->n++] = value;
    }
}

void bench_start(struct bench *b)
{
    CALLGRIND_ZERO_STATS;
    CALLGRIND_START_INSTRUMENTATION;
    b->began = bench_now_ns();
}

void bench_stop(struct bench *b, const char *name, uint64_t ops)
{
    uint64_t took = bench_now_ns() - b->began;
    char profile[96];
    (void)snprintf(profile, sizeof(profile), "%s %llu", name, (unsigned long long)ops);
    CALLGRIND_STOP_INSTRUMENTATION;
    CALLGRIND_DUMP_STATS_AT(profile);
    struct metric *m = metric(b, name);
    m->ops = ops;
    add(m, (double)took / (double)ops);
}

void bench_value(struct bench *b, const char *name, const char *unit, double value)
{
    struct metric *m = metric(b, name);
    m->unit = unit;
    add(m, value);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Half of the rounds lie between low and high. */
static void print_metric(const char *name, struct metric *m)
{
    qsort(m->sample, m->n, sizeof(m->sample[0]), by_value);
    printf(
        "{\"case\": \"%s\", \"metric\": \"%s\", \"unit\": \"%s\", \"ops\": %llu, \"rounds\": %u, "
        "\"median\": %.4f, \"low\": %.4f, \"high\": %.4f}\n",
        name, m->name, m->unit == NULL ? "ns" : m->unit, (unsigned long long)m->ops, m->n,
        m->sample[m->n / 2], m->sample[m->n / 4], m->sample[m->n - 1 - m->n / 4]);
    (void)fflush(stdout);
}

static void run(const struct bench_case *c, uint32_t rounds)
{
    static struct bench b;
    b = (struct bench){ .nr = 0 };
    for (uint32_t i = 0; i < rounds; i++) {
        c->run(&b);
        fprintf(stderr, "%s %u/%u\n", c->name, i + 1, rounds);
    }
    for (uint32_t i = 0; i < b.nr; i++) {
        print_metric(c->name, &b.metric[i]);
    }
}

static bool run_named(const char *name, uint32_t rounds)
{
    bool found = false;
    for (size_t i = 0; i < CASES; i++) {
        if (name == NULL || strcmp(cases[i]->name, name) == 0) {
            run(cases[i], rounds);
            found = true;
        }
    }
    return found;
}

int main(int argc, char **argv)
{
    uint32_t rounds = 9;
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--list") == 0) {
            for (size_t k = 0; k < CASES; k++) {
                printf("%s\t%s\n", cases[k]->name, cases[k]->what);
            }
            return 0;
        } else if (strcmp(argv[i], "--no-locks") == 0) {
            bench_real_locks = false;
        } else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
            rounds = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else {
            fprintf(stderr, "umsi-bench: what is %s?\n", argv[i]);
            return 2;
        }
    }
    if (rounds == 0 || rounds > ROUNDS) {
        fprintf(stderr, "umsi-bench: --rounds takes 1 to %u\n", ROUNDS);
        return 2;
    }
    if (i == argc) {
        return run_named(NULL, rounds) ? 0 : 1;
    }
    for (; i < argc; i++) {
        if (!run_named(argv[i], rounds)) {
            fprintf(stderr, "umsi-bench: no case %s\n", argv[i]);
            return 2;
        }
    }
    return 0;
}
