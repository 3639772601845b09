/* SPDX-License-Identifier: MIT */
/*
 * Four CPUs at once on one ITS with a small queue: devices of their own, and one DeviceID they share, so that
 * mapping and unmapping it meets newcomers. Run it with the thread sanitizer too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <umsi/chip/its.h>
#include <umsi/msi.h>

#include "fake_its.h"

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
    fake_its_set_cpu(w->cpu);
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

static int setup(void **state)
{
    (void)state;
    const struct umsi_lpi_config lc = { 0 };
    const struct umsi_its_config ic = { .base = fake_its_base(),
                                        .phys = 0x8080000,
                                        .queue_bytes = 4096 };
    fake_its_init(&f);
    assert_int_equal(umsi_create(&f.port, &u), UMSI_OK);
    assert_int_equal(umsi_lpi_create(u, &lc, &lpi), UMSI_OK);
    assert_int_equal(umsi_its_create(lpi, &ic, &its), UMSI_OK);
    for (umsi_cpu cpu = 0; cpu < FAKE_CPUS; cpu++) {
        fake_its_set_cpu(cpu);
        assert_int_equal(umsi_lpi_cpu_online(lpi, cpu, fake_its_rd(cpu), 0x80a0000), UMSI_OK);
        assert_true((f.pendbaser[cpu] >> 62 & 1) != 0); /* PTZ: the table is zero */
    }
    fake_its_set_cpu(0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(four_cpus, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
