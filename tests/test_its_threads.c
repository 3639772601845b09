/* SPDX-License-Identifier: MIT */
/*
 * Four CPUs at once on one ITS with a small queue: devices of their own, and one DeviceID they share, so that
 * mapping and unmapping it meets newcomers. And a CPU that is away, at any moment of its work, while another
 * gives the ITS up and sees it come back. Run it with the thread sanitizer too.
 */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <umsi/chip/its.h>
#include <umsi/msi.h>

#include "fake_its.h"
#include "thread_port.h"

#define ROUNDS 150u
#define SHARED 50u

static struct fake_its f;
static struct umsi *u;
static struct umsi_lpi *lpi;
static struct umsi_its *its;

struct worker {
    pthread_t thread;
    umsi_cpu cpu;
    uint32_t failures;
};

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    (void)index;
    (void)m;
}

static void handler(void *arg)
{
    (void)arg;
}

static enum umsi_status attach(struct umsi_msi_device *dev, uint32_t id, uint32_t events,
                               uint32_t shared)
{
    const struct umsi_msi_config config = {
        .name = "t",
        .device_id = id,
        .nr_events = events,
        .shared_events = shared,
        .write_message = write_message,
    };
    return umsi_msi_attach(umsi_its_parent(its), &config, dev);
}

static uint32_t one_life(umsi_cpu cpu, uint32_t round, uint32_t id, uint32_t events,
                         uint32_t shared)
{
    struct umsi_msi_device dev = { 0 };
    struct umsi_cpumask to = { { UINT64_C(1) << ((cpu + round) % FAKE_CPUS) } };
    uint32_t failures = 0;
    if (attach(&dev, id, events, shared) != UMSI_OK) {
        return 1;
    }
    failures += umsi_msi_alloc(&dev, 0, events) != UMSI_OK;
    const umsi_virq virq = umsi_msi_virq(&dev, events / 2);
    failures += umsi_irq_request(u, virq, handler, NULL, "t") != UMSI_OK;
    failures += umsi_irq_set_affinity(u, virq, &to) != UMSI_OK;
    failures += umsi_irq_get_cpu(u, virq) != (cpu + round) % FAKE_CPUS;
    umsi_msi_free(&dev, events / 2, 1);
    failures += umsi_msi_alloc(&dev, events / 2, 1) != UMSI_OK;
    umsi_msi_detach(&dev);
    return failures;
}

static void *run(void *arg)
{
    struct worker *w = arg;
    thread_port_be(w->cpu);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        w->failures += one_life(w->cpu, i, w->cpu * 10 + i % 7, 1 + i % 60, 0);
        w->failures += one_life(w->cpu, i, SHARED, 8, 64);
    }
    return NULL;
}

static void four_cpus(void **state)
{
    (void)state;
    struct worker w[FAKE_CPUS];
    for (umsi_cpu i = 0; i < FAKE_CPUS; i++) {
        w[i] = (struct worker){ .cpu = i };
        assert_int_equal(pthread_create(&w[i].thread, NULL, run, &w[i]), 0);
    }
    for (umsi_cpu i = 0; i < FAKE_CPUS; i++) {
        assert_int_equal(pthread_join(w[i].thread, NULL), 0);
        assert_int_equal(w[i].failures, 0);
    }
    assert_int_equal(f.wrong, 0);
    struct umsi_lpi_counts lc;
    struct umsi_its_info info;
    umsi_lpi_get_counts(lpi, &lc);
    umsi_its_get_info(its, &info);
    assert_int_equal(lc.live + lc.quarantined, 0);
    assert_int_equal(info.devices + info.quarantined, 0);
    assert_int_equal(info.commands, f.commands);
}

static void start(void)
{
    const struct umsi_lpi_config lc = { 0 };
    const struct umsi_its_config ic = { .base = fake_its_base(),
                                        .phys = 0x8080000,
                                        .queue_bytes = 4096 };
    assert_int_equal(umsi_create(&f.port, &u), UMSI_OK);
    assert_int_equal(umsi_lpi_create(u, &lc, &lpi), UMSI_OK);
    assert_int_equal(umsi_its_create(lpi, &ic, &its), UMSI_OK);
    for (umsi_cpu cpu = 0; cpu < FAKE_CPUS; cpu++) {
        thread_port_be(cpu);
        assert_int_equal(umsi_lpi_cpu_online(lpi, cpu, fake_its_rd(cpu), 0x80a0000), UMSI_OK);
        assert_true((f.pendbaser[cpu] >> 62 & 1) != 0); /* PTZ: the table is zero */
    }
    thread_port_be(0);
}

static int setup(void **state)
{
    (void)state;
    fake_its_init(&f);
    start();
    assert_true(f.baser[2] >> 63 == 0); /* a table of a type that is not used describes nothing */
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(umsi_its_destroy(its), UMSI_OK);
    assert_int_equal(umsi_lpi_destroy(lpi), UMSI_OK);
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    assert_int_equal(f.outstanding, 0);
    return 0;
}

/* ---- away while the ITS is given up and comes back ---- */

static struct umsi_port plain;
static pthread_t other;
static sem_t other_waits, other_goes;
static uint64_t ticks;
static __thread uint32_t away_at, depth; /* at which lock from now; locks held */
static __thread bool is_other, has_waited;
static uint32_t relaxed;
static bool waited_first;

static void set_pace(uint32_t pace)
{
    pthread_mutex_lock(&f.mutex);
    f.pace = pace;
    pthread_mutex_unlock(&f.mutex);
}

/* The other CPU: its ITS stops, so that it gives it up; then it goes on, and is found to. */
static void *run_other(void *arg)
{
    static struct umsi_msi_device lost, dev;
    uint32_t *failures = arg;
    is_other = true;
    thread_port_be(1);
    *failures += attach(&lost, 60, 8, 0) != UMSI_TIMEOUT;
    set_pace(3);
    enum umsi_status st = UMSI_TIMEOUT;
    for (uint32_t i = 0; i < 100 && st == UMSI_TIMEOUT; i++) {
        st = attach(&dev, 61, 8, 0);
    }
    *failures += st != UMSI_OK;
    umsi_msi_detach(&dev);
    return NULL;
}

static void be_away(void)
{
    away_at = 0;
    sem_post(&other_goes);
    pthread_join(other, NULL);
}

static umsi_irqstate watched_lock(void *ctx, umsi_lock *l)
{
    if (away_at != 0 && depth == 0 && --away_at == 0) {
        be_away();
    }
    depth++;
    return plain.lock(ctx, l);
}

static void watched_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    plain.unlock(ctx, l, s);
    depth--;
}

static void watched_relax(void *ctx)
{
    if (is_other && !has_waited) {
        has_waited = true;
        sem_post(&other_waits);
        sem_wait(&other_goes);
    } else if (!is_other && away_at != 0) {
        waited_first = true;
        be_away();
    } else if (!is_other && relaxed++ > 100000) {
        fail_msg("it waits for ever");
    }
    plain.relax(ctx);
}

static uint64_t ticking_time(void *ctx)
{
    (void)ctx;
    return __atomic_add_fetch(&ticks, 10, __ATOMIC_RELAXED);
}

static void start_watched(void)
{
    fake_its_init(&f);
    plain = f.port;
    f.port.lock = watched_lock;
    f.port.unlock = watched_unlock;
    f.port.relax = watched_relax;
    f.port.time_us = ticking_time;
    relaxed = 0;
    waited_first = false;
    assert_int_equal(sem_init(&other_waits, 0, 0) + sem_init(&other_goes, 0, 0), 0);
    start();
}

/* The CPU is away just before it takes a lock for the nth time. False: its work waits before it comes to that. */
static bool away_at_lock(uint32_t nth)
{
    static struct umsi_msi_device dev;
    uint32_t failures = 0;
    start_watched();
    assert_int_equal(attach(&dev, 5, 20, 0), UMSI_OK);
    set_pace(0);
    assert_int_equal(pthread_create(&other, NULL, run_other, &failures), 0);
    sem_wait(&other_waits);
    away_at = nth;
    const enum umsi_status st = umsi_msi_alloc(&dev, 0, 20);
    assert_true(st == UMSI_OK || st == UMSI_TIMEOUT);
    assert_int_equal(away_at, 0);
    assert_int_equal(failures, 0);
    umsi_msi_detach(&dev);
    assert_int_equal(teardown(NULL), 0);
    return !waited_first;
}

static void away(void **state)
{
    (void)state;
    uint32_t n = 1;
    while (away_at_lock(n)) {
        n++;
    }
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(four_cpus, setup, teardown),
        cmocka_unit_test(away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
