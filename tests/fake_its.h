/* SPDX-License-Identifier: MIT */
/*
 * A small ITS for tests with threads, which the strict model is not made for: its registers are guarded by one
 * mutex, and each look at CREADR lets it do a few commands, so that the queue fills and waits overlap. It
 * counts what must not happen.
 */
#ifndef TEST_FAKE_ITS_H
#define TEST_FAKE_ITS_H

#include <pthread.h>

#include <umsi/port.h>

#define FAKE_CPUS    4u
#define FAKE_DEVICES 64u
#define FAKE_EVENTS  64u
#define FAKE_LPIS    8192u

struct fake_its {
    struct umsi_port port;
    pthread_mutex_t mutex;
    uint64_t cbaser, cwriter, creadr, baser[8], propbaser[FAKE_CPUS], pendbaser[FAKE_CPUS];
    uint32_t ctlr, rd_ctlr[FAKE_CPUS];
    uint32_t pace;                             /* commands at each look */
    uint32_t table[FAKE_DEVICES][FAKE_EVENTS]; /* INTID, 0: not mapped */
    bool mapped[FAKE_DEVICES];
    uint32_t owners[FAKE_LPIS];
    bool unsynced[FAKE_LPIS]; /* discarded, and no SYNC since */
    uint32_t wrong, commands; /* what must not happen */
    size_t outstanding;       /* allocations */
};

void fake_its_init(struct fake_its *f);
/* Register frames: opaque addresses. */
volatile void *fake_its_base(void);
volatile void *fake_its_rd(umsi_cpu cpu);

#endif /* TEST_FAKE_ITS_H */
