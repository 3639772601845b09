/* SPDX-License-Identifier: MIT */
/* What happens to one device: its domain made and removed, vectors at random places, moves. */
#include <stdlib.h>

#include <umsi/irq.h>

#include "bench.h"
#include "mock.h"

#define DEVICES 1024u

static void run_domain(struct bench *b)
{
    struct bench_mock m;
    bench_mock_start(&m, 1, 1);
    bench_start(b);
    struct umsi_msi_device *dev = bench_mock_devices(&m, DEVICES, 32);
    bench_stop(b, "create a device's domain", DEVICES);
    bench_start(b);
    bench_mock_detach(dev, DEVICES);
    bench_stop(b, "remove it", DEVICES);
    bench_mock_stop(&m);
}

#define ENTRIES 2048u
#define LIVE    256u
#define SWAPS   65536u

/* A driver with a queue per connection: of 2048 entries 256 are in use, and each time one is given back, and one
 * taken at another place. */
static void run_dynamic(struct bench *b)
{
    struct bench_mock m;
    uint32_t at[LIVE], index;
    uint64_t seed = 1;
    bench_mock_start(&m, 1, ENTRIES);
    struct umsi_msi_device *dev = bench_mock_devices(&m, 1, ENTRIES);
    for (uint32_t i = 0; i < LIVE; i++) {
        at[i] = i * (ENTRIES / LIVE);
        must(umsi_msi_alloc_at(dev, at[i], &index));
    }
    bench_start(b);
    for (uint32_t i = 0; i < SWAPS; i++) {
        uint32_t *place = &at[bench_random(&seed) % LIVE];
        umsi_msi_free(dev, *place, 1);
        do {
            *place = bench_random(&seed) % ENTRIES;
        } while (umsi_msi_alloc_at(dev, *place, &index) != UMSI_OK);
    }
    bench_stop(b, "free one, allocate one elsewhere", SWAPS);
    bench_mock_detach(dev, 1);
    bench_mock_stop(&m);
}

#define CPUS  8u
#define MOVES 65536u

static void run_affinity(struct bench *b)
{
    struct bench_mock m;
    bench_mock_start(&m, CPUS, ENTRIES);
    struct umsi_msi_device *dev = bench_mock_devices(&m, 1, ENTRIES);
    must(umsi_msi_alloc(dev, 0, ENTRIES));
    bench_start(b);
    for (uint32_t i = 0; i < MOVES; i++) {
        struct umsi_cpumask one = { { 0 } };
        umsi_cpumask_set(&one, 1 + i / ENTRIES % (CPUS - 1));
        must(umsi_irq_set_affinity(m.u, umsi_msi_virq(dev, i % ENTRIES), &one));
    }
    bench_stop(b, "move a vector", MOVES);
    bench_mock_detach(dev, 1);
    bench_mock_stop(&m);
}

static void run_lookup(struct bench *b)
{
    struct bench_mock m;
    uint64_t seed = 1;
    uint32_t sum = 0;
    bench_mock_start(&m, 1, ENTRIES);
    struct umsi_msi_device *dev = bench_mock_devices(&m, 1, ENTRIES);
    must(umsi_msi_alloc(dev, 0, ENTRIES));
    bench_start(b);
    for (uint32_t i = 0; i < MOVES; i++) {
        sum += umsi_msi_virq(dev, bench_random(&seed) % ENTRIES);
    }
    bench_stop(b, "from an index to its virq", MOVES);
    umsi_virq first = umsi_msi_virq(dev, 0);
    bench_start(b);
    for (uint32_t i = 0; i < MOVES; i++) {
        uint32_t index;
        sum += umsi_msi_index(dev, first + bench_random(&seed) % ENTRIES, &index) ? index : 1;
    }
    bench_stop(b, "from a virq to its index", MOVES);
    bench_must(sum == 0 ? UMSI_BUG : UMSI_OK, "lookups");
    bench_mock_detach(dev, 1);
    bench_mock_stop(&m);
}

const struct bench_case bench_domain = { "domain", "a device's domain made and removed",
                                         run_domain };
const struct bench_case bench_dynamic = { "dynamic", "vectors at random places of 2048",
                                          run_dynamic };
const struct bench_case bench_affinity = { "affinity", "moves between 8 CPUs", run_affinity };
const struct bench_case bench_lookup = { "lookup", "virqs and indices of a device", run_lookup };
