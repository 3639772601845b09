/* SPDX-License-Identifier: MIT */
/* Vectors of many devices allocated, and freed; and what a vector costs in memory. */
#include "bench.h"
#include "mock.h"

static void allocate(struct bench *b, struct umsi_msi_device *dev, uint32_t devices, uint32_t each,
                     const char *metric)
{
    bench_start(b);
    for (uint32_t i = 0; i < devices; i++) {
        must(umsi_msi_alloc(&dev[i], 0, each));
    }
    bench_stop(b, metric, (uint64_t)devices * each);
}

static void give_back(struct bench *b, struct umsi_msi_device *dev, uint32_t devices, uint32_t each,
                      const char *metric)
{
    bench_start(b);
    for (uint32_t i = 0; i < devices; i++) {
        umsi_msi_free(&dev[i], 0, each);
    }
    bench_stop(b, metric, (uint64_t)devices * each);
}

/* The first time takes memory from the port, which the machine has not touched before. */
static void vectors(struct bench *b, uint32_t devices, uint32_t each)
{
    struct bench_mock m;
    const uint64_t all = (uint64_t)devices * each;
    bench_mock_start(&m, 1, devices * each);
    const size_t before = bench_memory_now().bytes;
    struct umsi_msi_device *dev = bench_mock_devices(&m, devices, each);
    allocate(b, dev, devices, each, "allocate a vector, the first time");
    bench_value(b, "memory per vector", "bytes",
                (double)(bench_memory_now().bytes - before) / (double)all);
    bench_value(b, "and the caller's device, per vector", "bytes",
                (double)sizeof(struct umsi_msi_device) / (double)each);
    give_back(b, dev, devices, each, "free a vector, the first time");
    allocate(b, dev, devices, each, "allocate a vector");
    give_back(b, dev, devices, each, "free a vector");
    bench_mock_detach(dev, devices);
    bench_mock_stop(&m);
}

static void run_64x32(struct bench *b)
{
    vectors(b, 64, 32);
}

static void run_256x64(struct bench *b)
{
    vectors(b, 256, 64);
}

static void run_4096x16(struct bench *b)
{
    vectors(b, 4096, 16);
}

static void run_65536x16(struct bench *b)
{
    vectors(b, 65536, 16);
}

const struct bench_case bench_vectors_64x32 = { "vectors-64x32", "64 devices of 32 vectors",
                                                run_64x32 };
const struct bench_case bench_vectors_256x64 = { "vectors-256x64", "256 devices of 64 vectors",
                                                 run_256x64 };
const struct bench_case bench_vectors_4096x16 = { "vectors-4096x16", "4096 devices of 16 vectors",
                                                  run_4096x16 };
const struct bench_case bench_vectors_65536x16 = { "vectors-65536x16",
                                                   "65,536 devices of 16 vectors", run_65536x16 };
