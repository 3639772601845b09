/* SPDX-License-Identifier: MIT */
/*
 * From an INTID the kernel acknowledged to the driver's handler: umsi_lpi_handle(), on vectors of an ITS of the
 * model; beside the least that any dispatch does: a load, a fence, an indirect call.
 */
#include <stdlib.h>

#include "bench.h"
#include "machine.h"

#define DEVICES 49u
#define EACH    2048u
#define VECTORS (DEVICES * EACH) /* 100,352 */
#define HOT     1000000u

static void handler(void *arg)
{
    ++*(volatile uint32_t *)arg;
}

static struct bench_machine machine;
static struct umsi_msi_device *devices;
static uint32_t *intid, runs;

/* Taking 100,000 vectors on the model takes longer than what is measured: once for all rounds. */
static void prepare(void)
{
    if (devices != NULL) {
        return;
    }
    bench_machine_start(&machine, 1);
    devices = bench_machine_devices(&machine, DEVICES, EACH);
    intid = calloc(VECTORS, sizeof(*intid));
    bench_must(intid == NULL ? UMSI_NOMEM : UMSI_OK, "memory of the benchmark");
    for (uint32_t i = 0; i < VECTORS; i++) {
        struct umsi_irq_info info;
        umsi_virq virq = umsi_msi_virq(&devices[i / EACH], i % EACH);
        must(umsi_irq_request(machine.u, virq, handler, &runs, "bench"));
        must(umsi_irq_get_info(machine.u, virq, &info));
        intid[i] = info.hwirq;
    }
}

static void check(uint32_t before, uint32_t n)
{
    bench_must(runs - before == n ? UMSI_OK : UMSI_BUG, "every dispatch runs its handler");
}

static void floor_loop(struct bench *b)
{
    void (*volatile call)(void *) = handler;
    uint32_t before = runs;
    bench_start(b);
    for (uint32_t i = 0; i < HOT; i++) {
        void (*f)(void *) = call;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        f(&runs);
    }
    bench_stop(b, "floor: a load, a fence, an indirect call", HOT);
    check(before, HOT);
}

static void run_hot(struct bench *b)
{
    prepare();
    floor_loop(b);
    uint32_t before = runs, one = intid[VECTORS / 2];
    bench_start(b);
    for (uint32_t i = 0; i < HOT; i++) {
        (void)umsi_lpi_handle(machine.lpi, one);
    }
    bench_stop(b, "dispatch one vector, hot", HOT);
    check(before, HOT);
}

static void shuffle(void)
{
    uint64_t seed = 1;
    for (uint32_t i = VECTORS - 1; i > 0; i--) {
        uint32_t k = bench_random(&seed) % (i + 1), swap = intid[i];
        intid[i] = intid[k];
        intid[k] = swap;
    }
}

static void run_random(struct bench *b)
{
    prepare();
    shuffle();
    uint32_t before = runs;
    bench_start(b);
    for (uint32_t i = 0; i < VECTORS; i++) {
        (void)umsi_lpi_handle(machine.lpi, intid[i]);
    }
    bench_stop(b, "dispatch 100,352 vectors at random", VECTORS);
    check(before, VECTORS);
}

const struct bench_case bench_dispatch_hot = { "dispatch-hot", "one vector, again and again",
                                               run_hot };
const struct bench_case bench_dispatch_random = { "dispatch-random",
                                                  "100,352 vectors in random order", run_random };
