/* SPDX-License-Identifier: MIT */
/*
 * The same as test_races.c on the strict model: a CPU is stopped at every register access and every lock of a move, a
 * free, a removal, a CPU that leaves, or in its handler, while another one does something else with the same vector. The
 * machine must find no law broken, no message may be lost (L35), and no handler run twice at once (L58).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/cpu.h>

#include "race.h"
#include "rig.h"

#define CPUS 3u

static struct rig r;
static struct unit f;
static struct race *race;
static struct model *machine;

static struct {
    uint32_t inside, runs, sent, seen;
    bool allowed;
} life;

static void on_cpu(void *arg, umsi_cpu cpu)
{
    (void)arg;
    model_set_cpu(machine, cpu);
}

static const struct umsi_port *between(struct model *m)
{
    machine = m;
    race = race_create(model_port(m), &(struct race_config){ on_cpu, NULL, NULL });
    return race_port(race);
}

static void handler(void *arg)
{
    (void)arg;
    assert_true(life.allowed);
    assert_int_equal(life.inside++, 0);
    life.seen = life.sent;
    race_point(race);
    life.runs++;
    life.inside--;
}

static void open_world(void)
{
    const struct umsi_vectors want = {
        .min = 3, .max = 3, .kinds = UMSI_MSIX, .cpus = &(struct umsi_cpumask){ { 1 } }
    };
    memset(&life, 0, sizeof(life));
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = CPUS }, .between = between });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 4 });
    assert_int_equal(umsi_pci_alloc_vectors(&f.pci, &want, &f.granted), UMSI_OK);
    life.allowed = true;
    assert_int_equal(umsi_pci_request(&f.pci, 0, handler, NULL, "raced"), UMSI_OK);
    rig_settled(&r);
}

static void close_world(void)
{
    rig_run(&r);
    rig_settled(&r);
    unit_detach(&f);
    rig_stop(&r);
    race_destroy(race);
}

/* ---- actors ---- */

/* On CPU 0, to which the vector goes first. */
static void raise_and_take(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 2; i++) {
        life.sent++;
        (void)model_pci_raise(f.hw, 0);
        model_drain(r.m);
        (void)model_run_cpu(r.m, 0);
        model_set_cpu(r.m, 0);
        race_point(race);
    }
}

static void move_there_and_back(void *arg)
{
    const struct umsi_cpumask there = { { 4 } }, back = { { 1 } };
    (void)arg;
    assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, 0), &there), UMSI_OK);
    race_point(race);
    assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, 0), &back), UMSI_OK);
}

static void move_there(void *arg)
{
    const struct umsi_cpumask there = { { 4 } };
    (void)arg;
    const enum umsi_status st = umsi_irq_set_affinity(r.u, unit_virq(&f, 0), &there);
    assert_true(st == UMSI_OK || st == UMSI_NOTFOUND || st == UMSI_BUSY);
}

static void free_all(void *arg)
{
    (void)arg;
    umsi_pci_free_vectors(&f.pci);
    life.allowed = false;
}

static void take_more(void *arg)
{
    uint32_t index;
    (void)arg;
    assert_int_equal(umsi_pci_alloc_at(&f.pci, 3, &index), UMSI_OK);
}

static void leave_0(void *arg)
{
    (void)arg;
    assert_int_equal(umsi_cpu_leave(r.u, 0, NULL), UMSI_OK);
}

/* ---- verdicts ---- */

static void all_came(void)
{
    rig_run(&r);
    assert_true(life.runs >= 1 && life.runs <= life.sent);
    assert_int_equal(life.seen, life.sent);
}

static void none_on_0(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t intid, icid;
        if (model_its_event(r.m, 0, 5, i, &intid, &icid)) {
            assert_int_not_equal(icid, 0);
            assert_int_equal(umsi_irq_get_cpu(r.u, unit_virq(&f, i)), icid);
        }
    }
}

static void came_and_none_on_0(void)
{
    all_came();
    none_on_0();
}

struct match {
    void (*run[2])(void *arg);
    void (*check)(void);
};

static bool play(const struct match *m, int stopped, unsigned nth)
{
    const struct race_actor actor[2] = { { 0, m->run[0] }, { 1, m->run[1] } };
    open_world();
    const bool reached = race_run(race, &actor[stopped], &actor[!stopped], nth, 0);
    if (m->check != NULL) {
        m->check();
    }
    close_world();
    return reached;
}

/* Most points are polls of a register, one like the other: the first ones each, then some. */
static void every_point(const struct match *m)
{
    unsigned points = 0;
    for (int stopped = 0; stopped < 2; stopped++) {
        for (unsigned nth = 1; play(m, stopped, nth); nth += nth < 60 ? 1 : 7) {
            points++;
        }
    }
    assert_in_range(points, 20, 5000);
}

static void test_move_against_dispatch(void **state) /* L35, L58 */
{
    (void)state;
    every_point(&(struct match){ { raise_and_take, move_there_and_back }, all_came });
}

static void test_move_against_free(void **state) /* L18, L23, L59 */
{
    (void)state;
    every_point(&(struct match){ { move_there, free_all }, NULL });
}

static void test_free_against_dispatch(void **state) /* L59 */
{
    (void)state;
    every_point(&(struct match){ { raise_and_take, free_all }, NULL });
}

static void test_leave_against_dispatch(void **state) /* L35, L38 */
{
    (void)state;
    every_point(&(struct match){ { raise_and_take, leave_0 }, came_and_none_on_0 });
}

static void test_leave_against_alloc(void **state) /* L38, L26 */
{
    (void)state;
    every_point(&(struct match){ { take_more, leave_0 }, none_on_0 });
}

static void test_leave_against_move_and_free(void **state) /* L38 */
{
    (void)state;
    every_point(&(struct match){ { move_there, leave_0 }, none_on_0 });
    every_point(&(struct match){ { free_all, leave_0 }, NULL });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_move_against_dispatch),
        cmocka_unit_test(test_move_against_free),
        cmocka_unit_test(test_free_against_dispatch),
        cmocka_unit_test(test_leave_against_dispatch),
        cmocka_unit_test(test_leave_against_alloc),
        cmocka_unit_test(test_leave_against_move_and_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
