/* SPDX-License-Identifier: MIT */
/*
 * An MSI parent without hardware, of two levels as an LPI space and an ITS are: numbers below, an event per
 * vector above. Its own work is as little as it can be, so that what is measured is the library's: each
 * CPU has numbers of its own, as the vectors of x86 and the identities of an IMSIC are. A controller with one space for
 * all CPUs has a lock there, once for a chunk of vectors.
 */
#ifndef BENCH_MOCK_H
#define BENCH_MOCK_H

#include <umsi/msi.h>

/* Those of the vectors that were sent to one CPU when they were allocated. */
struct bench_numbers {
    umsi_lock lock;
    uint32_t first_free;
    uint32_t *next;        /* of a number that is free: the next one */
    struct umsi_irq **irq; /* of a number */
    char pad[64];          /* no two CPUs' in one cache line */
};

struct bench_mock {
    struct umsi *u;
    struct umsi_domain numbers, parent;
    const struct umsi_port *port;
    struct bench_numbers *of;       /* by CPU */
    uint32_t nr_cpus, limit, moves; /* numbers of each CPU */
};

/* `numbers` for each CPU. */
void bench_mock_start(struct bench_mock *m, uint32_t nr_cpus, uint32_t numbers);
void bench_mock_stop(struct bench_mock *m);

/* n devices of `events` events each, attached; devices without masks, whose messages go nowhere. */
struct umsi_msi_device *bench_mock_devices(struct bench_mock *m, uint32_t n, uint32_t events);
void bench_mock_detach(struct umsi_msi_device *dev, uint32_t n);

#endif /* BENCH_MOCK_H */
