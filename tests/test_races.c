/* SPDX-License-Identifier: MIT */
/*
 * Two CPUs, one stopped at every point there is while the other one runs past it: moves, frees, dispatch, allocation,
 * requests, and CPUs that leave. After each of these runs nothing is lost, twice, or left over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/cpu.h>

#include "mock_places.h"
#include "race.h"
#include "test_port.h"

#include "../src/core/irq.h"

struct world {
    struct test_port t;
    struct race *race;
    struct umsi *u;
    struct mock_places places;
    struct mock_sender sender;
    uint32_t locks[PLACES_CPUS];
    uint32_t inside, runs, sent, seen; /* seen: how many were sent when the last handler began */
    bool allowed;                      /* a handler may run */
    umsi_virq virq;
};

static struct world w;

/* ---- the world; vector 0 is the one that is raced for, and begins on CPU 0 ---- */

static void on_cpu(void *arg, umsi_cpu cpu)
{
    (void)arg;
    w.t.self = cpu;
}

static void serve(void *arg)
{
    (void)arg;
    umsi_cpu_service(w.u);
}

static void point(void *arg)
{
    (void)arg;
    race_point(w.race);
}

static void handler(void *arg)
{
    (void)arg;
    assert_true(w.allowed);          /* not after its free returned */
    assert_int_equal(w.inside++, 0); /* L58 */
    w.seen = w.sent;
    race_point(w.race);
    w.runs++;
    assert_int_equal(--w.inside, 0);
}

static void open_world(bool maskable, bool defer)
{
    memset(&w, 0, sizeof(w));
    test_port_init(&w.t, PLACES_CPUS);
    w.race = race_create(&w.t.port, &(struct race_config){ on_cpu, serve, NULL });
    assert_int_equal(umsi_create(race_port(w.race), &w.u), UMSI_OK);
    mock_places_add(&w.places, w.u);
    w.places.defer = defer;
    w.places.point = point;
    mock_sender_attach(&w.sender, &w.places, maskable);
    assert_int_equal(umsi_msi_alloc(&w.sender.dev, 0, 1), UMSI_OK);
    w.virq = umsi_msi_virq(&w.sender.dev, 0);
    assert_int_equal(umsi_irq_get_cpu(w.u, w.virq), 0);
    w.allowed = true;
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, NULL, "raced"), UMSI_OK);
}

static void take_everywhere(void)
{
    for (umsi_cpu cpu = 0; cpu < PLACES_CPUS; cpu++) {
        w.t.self = cpu;
        mock_places_take(&w.places, cpu);
    }
    w.t.self = 0;
}

static void close_world(void)
{
    umsi_msi_detach(&w.sender.dev);
    for (umsi_cpu cpu = 0; cpu < PLACES_CPUS; cpu++) {
        assert_int_equal(w.u->percpu[cpu].nr_moves, 0);
        assert_int_equal(w.u->percpu[cpu].targets, 0);
    }
    mock_places_remove(&w.places);
    assert_int_equal(umsi_destroy(w.u), UMSI_OK);
    race_destroy(w.race);
    test_port_check_empty(&w.t);
}

static struct umsi_irq_info info(void)
{
    struct umsi_irq_info i;
    assert_int_equal(umsi_irq_get_info(w.u, w.virq, &i), UMSI_OK);
    return i;
}

/* ---- what actors do ---- */

static void move_to(umsi_cpu cpu)
{
    struct umsi_cpumask set = { { 0 } };
    umsi_cpumask_set(&set, cpu);
    const enum umsi_status st = umsi_irq_set_affinity(w.u, w.virq, &set);
    assert_true(st == UMSI_OK || st == UMSI_BUSY || st == UMSI_NOTFOUND || st == UMSI_INVALID);
}

static void move_2(void *arg)
{
    (void)arg;
    move_to(2);
}

static void move_3(void *arg)
{
    (void)arg;
    move_to(3);
}

/* The device sends, and the CPU that this actor is takes what came to it. */
static void raise_and_take(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 2; i++) {
        w.sent++;
        mock_sender_raise(&w.sender, 0);
        mock_places_take(&w.places, w.t.self);
        race_point(w.race);
    }
}

static void free_vector(void *arg)
{
    (void)arg;
    umsi_msi_free(&w.sender.dev, 0, 1);
    w.allowed = false;
    assert_int_equal(w.inside, 0);
}

static void free_handler(void *arg)
{
    (void)arg;
    umsi_irq_free(w.u, w.virq);
    w.allowed = false;
    assert_int_equal(w.inside, 0);
}

static void request_again(void *arg)
{
    (void)arg;
    assert_int_equal(umsi_irq_request(w.u, w.virq, handler, NULL, "raced"), UMSI_OK);
}

static void alloc_spread(void *arg)
{
    uint32_t first;
    const struct umsi_msi_want want = { .first = 1, .n = 4, .spread = true };
    (void)arg;
    assert_int_equal(umsi_msi_alloc_slot(&w.sender.dev, 0, &want, &first), UMSI_OK);
}

static void leave_0(void *arg)
{
    uint32_t left;
    (void)arg;
    assert_int_equal(umsi_cpu_leave(w.u, 0, &left), UMSI_OK);
    assert_int_equal(left, 0);
    assert_int_equal(mock_places_used(&w.places, 0), 0); /* from now on (L38) */
}

static void leave_2(void *arg)
{
    (void)arg;
    assert_int_equal(umsi_cpu_leave(w.u, 2, NULL), UMSI_OK);
    assert_int_equal(mock_places_used(&w.places, 2), 0);
}

static void join_0(void *arg)
{
    (void)arg;
    assert_int_equal(umsi_cpu_join(w.u, 0), UMSI_OK);
}

static void detach(void *arg)
{
    free_vector(arg);
    umsi_msi_detach(&w.sender.dev);
}

/* ---- each against each ---- */

struct match {
    umsi_cpu cpu[2];
    void (*run[2])(void *arg);
    void (*prepare)(void);
    void (*check)(void);
};

/* What of it happened: was the first stopped, and then the second? */
struct outcome {
    bool stopped, came_back;
};

static struct outcome play(const struct match *m, unsigned kind, unsigned nth, unsigned back)
{
    const int stopped = kind & 1;
    const struct race_actor a = { m->cpu[stopped], m->run[stopped] },
                            b = { m->cpu[!stopped], m->run[!stopped] };
    open_world((kind & 2) != 0, (kind & 4) != 0);
    if (m->prepare != NULL) {
        m->prepare();
    }
    struct outcome o = { .stopped = race_run(w.race, &a, &b, nth, back) };
    o.came_back = race_came_back(w.race);
    w.places.point = NULL;
    race_settle(w.race);
    if (m->check != NULL) {
        m->check();
    }
    close_world();
    return o;
}

static void every_point(const struct match *m)
{
    unsigned runs = 0;
    for (unsigned kind = 0; kind < 8; kind++) {
        struct outcome o = { true, true };
        for (unsigned nth = 1; o.stopped; nth++) {
            o.came_back = true;
            for (unsigned back = 1; o.stopped && o.came_back; back++) {
                o = play(m, kind, nth, back);
                runs++;
            }
        }
    }
    assert_in_range(runs, 100, 100000); /* it did stop, and in many places */
}

/* After every message a handler started, and never two (L35, L58). Some arrivals merge. */
static void all_came(void)
{
    take_everywhere();
    assert_false(info().settling);
    const struct umsi_irq_info i = info();
    assert_int_equal(w.places.strays, 0);
    assert_true(w.runs >= 1 && w.runs <= w.sent);
    assert_int_equal(w.seen, w.sent); /* one began after the last message */
    assert_int_equal(i.handled, w.runs);
    assert_int_equal(mock_places_used(&w.places, i.cpu), 1);
    mock_sender_raise(&w.sender, 0);
    const uint32_t before = w.runs;
    take_everywhere();
    assert_int_equal(w.runs, before + 1);
}

static void move_2_and_take(void *arg)
{
    move_2(arg);
    raise_and_take(arg);
}

static void test_move_against_dispatch(void **state) /* L35, L54, L58 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { raise_and_take, move_2 }, NULL, all_came });
    every_point(&(struct match){ { 2, 1 }, { raise_and_take, move_2 }, NULL, all_came });
    every_point(&(struct match){ { 0, 2 }, { raise_and_take, move_2_and_take }, NULL, all_came });
}

static void one_place(void)
{
    const struct umsi_irq_info i = info();
    assert_false(i.settling);
    assert_true(i.cpu == 2 || i.cpu == 3);
    for (umsi_cpu cpu = 0; cpu < PLACES_CPUS; cpu++) {
        assert_int_equal(mock_places_used(&w.places, cpu), cpu == i.cpu);
    }
    w.sent = 1;
    mock_sender_raise(&w.sender, 0);
    take_everywhere();
    assert_int_equal(w.runs, 1);
}

static void test_move_against_move(void **state)
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { move_2, move_3 }, NULL, one_place });
}

static void half_moved(void)
{
    move_to(2); /* and nobody was there yet to open or settle it */
}

static void test_settle_against_second_move(void **state) /* L54 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { serve, move_3 }, half_moved, one_place });
    every_point(&(struct match){ { 2, 1 }, { serve, move_3 }, half_moved, one_place });
}

static void nothing_left(void)
{
    for (umsi_cpu cpu = 0; cpu < PLACES_CPUS; cpu++) {
        assert_int_equal(mock_places_used(&w.places, cpu), 0);
    }
    assert_int_equal(umsi_msi_alloc(&w.sender.dev, 0, 1), UMSI_OK);
    assert_int_equal(mock_places_used(&w.places, 0), 1);
}

static void test_move_against_free(void **state) /* L59 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { free_vector, move_2 }, NULL, nothing_left });
}

static void test_settle_against_free(void **state) /* L54, L59 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { serve, free_vector }, half_moved, nothing_left });
    every_point(&(struct match){ { 2, 1 }, { serve, free_vector }, half_moved, nothing_left });
}

/* A message may come for what is free: then nobody gets it. */
static void test_free_against_dispatch(void **state) /* L58, L59 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { raise_and_take, free_vector }, NULL, nothing_left });
    every_point(&(struct match){ { 0, 1 }, { raise_and_take, free_handler }, NULL, NULL });
}

static void sent_before(void)
{
    w.sent++;
    mock_sender_raise(&w.sender, 0);
}

static void take_0(void *arg)
{
    (void)arg;
    mock_places_take(&w.places, 0);
}

static void not_mine(void *arg)
{
    (void)arg;
    assert_true(false); /* nobody sent anything since it was requested */
}

/* The same descriptor, number and place, for somebody else. */
static void reissue(void *arg)
{
    const umsi_virq was = w.virq;
    free_vector(arg);
    assert_int_equal(umsi_msi_alloc(&w.sender.dev, 0, 1), UMSI_OK);
    w.virq = umsi_msi_virq(&w.sender.dev, 0);
    assert_int_equal(w.virq, was);
    assert_int_equal(umsi_irq_request(w.u, w.virq, not_mine, NULL, "next"), UMSI_OK);
}

static void test_reissue_against_dispatch(void **state) /* L59 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { take_0, reissue }, sent_before, NULL });
}

static const struct umsi_cpumask share = { { 0x3 } };

static void reissue_managed(void *arg)
{
    const struct umsi_msi_want want = { .n = 1, .cpus = &share, .managed = true };
    uint32_t first;
    free_vector(arg);
    assert_int_equal(umsi_msi_alloc_slot(&w.sender.dev, 0, &want, &first), UMSI_OK);
    assert_int_equal(umsi_msi_virq(&w.sender.dev, 0), w.virq);
}

static void move_former(void *arg)
{
    (void)arg;
    const struct umsi_cpumask set = { { 0x4 } };
    const enum umsi_status st = umsi_irq_set_affinity(w.u, w.virq, &set);
    assert_true(st == UMSI_OK || st == UMSI_BUSY || st == UMSI_NOTFOUND || st == UMSI_UNSUPPORTED);
}

static void share_is_kept(void)
{
    struct umsi_cpumask wanted;
    assert_int_equal(umsi_irq_get_wanted(w.u, w.virq, &wanted), UMSI_OK);
    assert_memory_equal(&wanted, &share, sizeof(share));
    assert_true(umsi_cpumask_test(&share, info().cpu));
}

/* A move that began with the number's former owner does not change what is managed now. */
static void test_reissue_managed_against_move(void **state) /* L53, L59 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { reissue_managed, move_former }, NULL, share_is_kept });
}

static struct mock_sender other;

static void attach_other(void)
{
    mock_sender_attach(&other, &w.places, true);
}

/* The place, number or descriptor that the one gives back may be the other's next. */
static void alloc_elsewhere(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(umsi_msi_alloc(&other.dev, i, 1), UMSI_OK);
        assert_int_not_equal(umsi_msi_virq(&other.dev, i), UMSI_NO_VIRQ);
    }
}

static void both_are_right(void)
{
    struct umsi_counts counts;
    umsi_get_counts(w.u, &counts);
    assert_int_equal(counts.live_irqs, 2);
    assert_int_equal(umsi_msi_virq(&w.sender.dev, 0), UMSI_NO_VIRQ);
    assert_int_not_equal(umsi_msi_virq(&other.dev, 0), umsi_msi_virq(&other.dev, 1));
    umsi_msi_detach(&other.dev);
}

static void test_free_against_alloc_elsewhere(void **state) /* L11, L59 */
{
    (void)state;
    every_point(&(struct match){
        { 0, 1 }, { free_vector, alloc_elsewhere }, attach_other, both_are_right });
}

/* Freeing what is free does nothing, whatever became of its number. */
static void test_free_twice(void **state) /* L11 */
{
    (void)state;
    open_world(true, false);
    free_handler(NULL);
    free_handler(NULL);
    free_vector(NULL);
    free_vector(NULL);
    umsi_irq_free(w.u, w.virq);
    attach_other();
    assert_int_equal(umsi_msi_alloc(&other.dev, 0, 1), UMSI_OK);
    assert_int_equal(umsi_msi_virq(&other.dev, 0), w.virq);
    free_vector(NULL); /* not the other's, which has the number now */
    assert_int_equal(umsi_msi_virq(&other.dev, 0), w.virq);
    umsi_msi_detach(&other.dev);
    umsi_msi_detach(&other.dev);
    close_world();
}

static void test_device_goes_while_it_sends(void **state) /* L59, L7 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { raise_and_take, detach }, NULL, NULL });
}

static void no_handler(void)
{
    umsi_irq_free(w.u, w.virq);
}

static void test_request_against_arrival(void **state) /* L60 */
{
    (void)state;
    every_point(
        &(struct match){ { 0, 1 }, { raise_and_take, request_again }, no_handler, all_came });
}

static void test_leave_against_dispatch(void **state) /* L35, L38 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { raise_and_take, leave_0 }, NULL, all_came });
    every_point(&(struct match){ { 1, 0 }, { raise_and_take, leave_0 }, NULL, all_came });
}

/* Whichever comes first: none is on the CPU that left. */
static void none_on_0(void)
{
    assert_int_equal(mock_places_used(&w.places, 0), 0);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_not_equal(umsi_irq_get_cpu(w.u, umsi_msi_virq(&w.sender.dev, i)), 0);
    }
}

static void test_leave_against_alloc(void **state) /* L38 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { alloc_spread, leave_0 }, NULL, none_on_0 });
}

static void none_on_2(void)
{
    assert_int_equal(mock_places_used(&w.places, 2), 0);
    assert_int_not_equal(info().cpu, 2);
}

static void test_leave_against_move(void **state) /* L38 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { move_2, leave_2 }, NULL, none_on_2 });
}

static void two_left(void)
{
    const struct umsi_irq_info i = info();
    assert_true(i.cpu == 1 || i.cpu == 3);
    assert_int_equal(mock_places_used(&w.places, i.cpu), 1);
}

static void test_two_leave(void **state) /* L38 */
{
    (void)state;
    every_point(&(struct match){ { 0, 1 }, { leave_0, leave_2 }, NULL, two_left });
}

static void test_leave_against_free(void **state) /* L38, L59 */
{
    (void)state;
    every_point(&(struct match){ { 1, 2 }, { leave_0, free_vector }, NULL, NULL });
}

static void only_0(void)
{
    assert_int_equal(umsi_irq_set_affinity(w.u, w.virq, &(struct umsi_cpumask){ { 1 } }), UMSI_OK);
    assert_int_equal(umsi_cpu_leave(w.u, 0, NULL), UMSI_OK);
}

static void test_join_against_dispatch_and_free(void **state) /* L35 */
{
    (void)state;
    every_point(&(struct match){ { 1, 0 }, { raise_and_take, join_0 }, only_0, all_came });
    every_point(&(struct match){ { 1, 2 }, { join_0, free_vector }, only_0, NULL });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_move_against_dispatch),
        cmocka_unit_test(test_move_against_move),
        cmocka_unit_test(test_settle_against_second_move),
        cmocka_unit_test(test_move_against_free),
        cmocka_unit_test(test_settle_against_free),
        cmocka_unit_test(test_free_against_dispatch),
        cmocka_unit_test(test_reissue_against_dispatch),
        cmocka_unit_test(test_reissue_managed_against_move),
        cmocka_unit_test(test_free_against_alloc_elsewhere),
        cmocka_unit_test(test_free_twice),
        cmocka_unit_test(test_device_goes_while_it_sends),
        cmocka_unit_test(test_request_against_arrival),
        cmocka_unit_test(test_leave_against_dispatch),
        cmocka_unit_test(test_leave_against_alloc),
        cmocka_unit_test(test_leave_against_move),
        cmocka_unit_test(test_two_leave),
        cmocka_unit_test(test_leave_against_free),
        cmocka_unit_test(test_join_against_dispatch_and_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
