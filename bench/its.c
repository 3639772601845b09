/* SPDX-License-Identifier: MIT */
/* What an ITS is told, how often it is waited for, and what memory it takes: from its coming to its going, and
 * over the life of a device's vectors. Counts, not times: the model's. */
#include <stdlib.h>

#include "bench.h"
#include "machine.h"

static double commands(struct bench_machine *x)
{
    struct model_its_stats s;
    model_its_get_stats(x->m, 0, &s);
    return (double)s.commands;
}

static double waits(struct bench_machine *x)
{
    struct model_its_stats s;
    model_its_get_stats(x->m, 0, &s);
    return (double)s.waits;
}

static void run_up_and_down(struct bench *b)
{
    struct bench_machine x = { 0 };
    struct umsi_counts before, after;
    bench_machine_open(&x, 1);
    umsi_get_counts(x.u, &before);
    bench_start(b);
    bench_machine_add_its(&x);
    bench_stop(b, "bring up, the model's time included", 1);
    umsi_get_counts(x.u, &after);
    bench_value(b, "commands to bring up", "commands", commands(&x));
    bench_value(b, "waits to bring up", "waits", waits(&x));
    bench_value(b, "memory it may touch", "bytes", (double)(after.dma_bytes - before.dma_bytes));
    bench_value(b, "other memory", "bytes", (double)(after.bytes - before.bytes));
    bench_start(b);
    must(umsi_its_destroy(x.its));
    bench_stop(b, "take down, the model's time included", 1);
    x.its = NULL;
    bench_machine_stop(&x);
}

static void life(struct bench *b, uint32_t n, const char *told, const char *waited)
{
    struct bench_machine x = { 0 };
    bench_machine_start(&x, 1);
    double c = commands(&x), w = waits(&x);
    struct umsi_msi_device *dev = bench_machine_devices(&x, 1, n);
    umsi_msi_free(dev, 0, n);
    umsi_msi_detach(dev);
    bench_value(b, told, "commands", commands(&x) - c);
    bench_value(b, waited, "waits", waits(&x) - w);
    free(dev);
    bench_machine_stop(&x);
}

static void run_life(struct bench *b)
{
    life(b, 1, "commands, life of 1 vector", "waits, life of 1 vector");
    life(b, 32, "commands, life of 32 vectors", "waits, life of 32 vectors");
    life(b, 2048, "commands, life of 2048 vectors", "waits, life of 2048 vectors");
}

const struct bench_case bench_its = { "its", "an ITS of the model brought up and taken down",
                                      run_up_and_down };
const struct bench_case bench_its_life = { "its-life", "commands and waits over a device's life",
                                           run_life };
