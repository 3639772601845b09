/* SPDX-License-Identifier: MIT */
/*
 * Allocation and free on different devices, by one thread and by two: how much more two get done. Beside it, what two
 * get done on two instances, which share nothing but the machine: on that one no library does more.
 */
#include <pthread.h>

#include "bench.h"
#include "mock.h"

#define EACH  32u
#define TURNS 4096u
#define APART 16u /* devices that are no neighbours in memory, as a kernel's are not */

struct worker {
    pthread_t thread;
    umsi_cpu cpu;
    struct umsi_msi_device *dev;
    pthread_barrier_t *gate;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    bench_cpu = w->cpu;
    (void)pthread_barrier_wait(w->gate);
    for (uint32_t i = 0; i < TURNS; i++) {
        must(umsi_msi_alloc(w->dev, 0, EACH));
        umsi_msi_free(w->dev, 0, EACH);
    }
    (void)pthread_barrier_wait(w->gate);
    return NULL;
}

/* ns for each of n threads to do its TURNS. */
static double timed(struct umsi_msi_device *const *dev, uint32_t n)
{
    struct worker w[2];
    pthread_barrier_t gate;
    (void)pthread_barrier_init(&gate, NULL, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        w[i] = (struct worker){ .cpu = i, .dev = dev[i], .gate = &gate };
        bench_must(pthread_create(&w[i].thread, NULL, work, &w[i]) == 0 ? UMSI_OK : UMSI_NOMEM,
                   "a thread");
    }
    (void)pthread_barrier_wait(&gate);
    uint64_t began = bench_now_ns();
    (void)pthread_barrier_wait(&gate);
    uint64_t took = bench_now_ns() - began;
    for (uint32_t i = 0; i < n; i++) {
        (void)pthread_join(w[i].thread, NULL);
    }
    (void)pthread_barrier_destroy(&gate);
    return (double)took;
}

static void run(struct bench *b)
{
    struct bench_mock m, other;
    bench_mock_start(&m, 2, 2 * EACH);
    bench_mock_start(&other, 2, 2 * EACH);
    struct umsi_msi_device *dev = bench_mock_devices(&m, 2 * APART, EACH);
    struct umsi_msi_device *apart = bench_mock_devices(&other, 1, EACH);
    double one = timed((struct umsi_msi_device *[]){ &dev[0] }, 1);
    double two = timed((struct umsi_msi_device *[]){ &dev[0], &dev[APART] }, 2);
    double best = timed((struct umsi_msi_device *[]){ &dev[0], apart }, 2);
    bench_value(b, "allocate and free a vector, 1 thread", "ns", one / TURNS / EACH);
    bench_value(b, "the same, 2 threads, per vector of both", "ns", two / TURNS / EACH / 2);
    bench_value(b, "2 threads do so many times the work of 1", "times", 2 * one / two);
    bench_value(b, "and on two instances, all that the machine gives", "times", 2 * one / best);
    bench_mock_detach(dev, 2 * APART);
    bench_mock_detach(apart, 1);
    bench_mock_stop(&m);
    bench_mock_stop(&other);
}

const struct bench_case bench_parallel = { "parallel", "two threads on different devices", run };
