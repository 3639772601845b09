/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that are free: each CPU keeps some, and yet all of them are there for whoever asks. The table grows, or
 * says that it cannot, only when all CPUs together have too few (L12, L14). Who looks at one holds up who puts it.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../src/core/irq.h"
#include "thread_port.h"

#define CPUS 4u
#define SLAB 128u             /* the table grows by so many */
#define KEEP (2 * UMSI_CHUNK) /* a CPU keeps no more */
#define EACH (SLAB / CPUS)    /* when each CPU has as many as the others */

/* ---- the port for threads, without memory when a test says so, and counted ---- */

static struct umsi_port plain;
static bool no_memory;     /* from now on; atomic */
static uint32_t waited;    /* calls of relax(); atomic */
static uint32_t refused;   /* requests for memory that was not there; atomic */
static uint32_t blocked;   /* who found a lock taken; atomic */
static umsi_lock *stop_at; /* who takes this lock next calls: */
static void (*at_stop)(void);
static size_t held;

static void *ending_alloc(void *ctx, size_t size, size_t align)
{
    if (__atomic_load_n(&no_memory, __ATOMIC_RELAXED)) {
        (void)__atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
        return NULL;
    }
    (void)__atomic_add_fetch(&held, size, __ATOMIC_RELAXED);
    return plain.alloc(ctx, size, align);
}

static void counted_free(void *ctx, void *p, size_t size)
{
    (void)__atomic_sub_fetch(&held, size, __ATOMIC_RELAXED);
    plain.free(ctx, p, size);
}

static umsi_irqstate stopping_lock(void *ctx, umsi_lock *l)
{
    if (l == __atomic_load_n(&stop_at, __ATOMIC_ACQUIRE)) {
        __atomic_store_n(&stop_at, NULL, __ATOMIC_RELEASE);
        at_stop();
    }
    if (__atomic_load_n(&l->word[0], __ATOMIC_RELAXED) != 0) {
        (void)__atomic_add_fetch(&blocked, 1, __ATOMIC_RELEASE);
    }
    return plain.lock(ctx, l);
}

static void counted_relax(void *ctx)
{
    (void)__atomic_add_fetch(&waited, 1, __ATOMIC_RELEASE);
    plain.relax(ctx);
}

static struct umsi_port watched_port(void)
{
    struct umsi_port port = plain = thread_port(CPUS);
    port.alloc = ending_alloc;
    port.free = counted_free;
    port.lock = stopping_lock;
    port.relax = counted_relax;
    return port;
}

static struct umsi *u;

/* ---- the world: one slab of descriptors, and no memory for another ---- */

static void start(void)
{
    const struct umsi_port port = watched_port();
    struct umsi_irq *one;
    thread_port_be(0);
    no_memory = false;
    assert_int_equal(umsi_create(&port, &u), UMSI_OK);
    assert_int_equal(umsi_irq_take(u, &one, 1), UMSI_OK);
    umsi_irq_put(u, &one, 1, true);
    no_memory = true;
    refused = 0;
}

static void stop(void)
{
    assert_int_equal(umsi_irq_table_live(u), 0);
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    assert_int_equal(held, 0);
}

static void take(umsi_cpu cpu, struct umsi_irq **v, uint32_t n)
{
    thread_port_be(cpu);
    assert_int_equal(umsi_irq_take(u, v, n), UMSI_OK);
}

static void put(umsi_cpu cpu, struct umsi_irq *const *v, uint32_t n)
{
    thread_port_be(cpu);
    umsi_irq_put(u, v, n, true);
}

/* Not one too many, which is said after all CPUs were asked; and nothing is taken or lost by it. */
static void refuse(umsi_cpu cpu, uint32_t n)
{
    struct umsi_irq *v[SLAB + 1];
    const uint32_t live = umsi_irq_table_live(u), before = refused;
    thread_port_be(cpu);
    assert_int_equal(umsi_irq_take(u, v, n), UMSI_NOMEM);
    assert_int_equal(refused, before + 1);
    assert_int_equal(umsi_irq_table_live(u), live);
}

static void all_differ(struct umsi_irq *const *v, uint32_t n)
{
    bool seen[SLAB + 1] = { false };
    for (uint32_t i = 0; i < n; i++) {
        assert_in_range(v[i]->virq, 1, SLAB);
        assert_false(seen[v[i]->virq]);
        seen[v[i]->virq] = true;
    }
}

static void test_all_are_there_for_each(void **state) /* L11, L12, L14 */
{
    (void)state;
    for (umsi_cpu asks = 0; asks < CPUS; asks++) {
        struct umsi_irq *v[SLAB];
        start();
        take(0, v, SLAB);
        for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
            put(cpu, &v[cpu * EACH], EACH);
        }
        refuse(asks, SLAB + 1);
        for (uint32_t i = 0; i < SLAB; i += UMSI_CHUNK) {
            take(asks, &v[i], UMSI_CHUNK);
        }
        all_differ(v, SLAB);
        assert_int_equal(refused, 1); /* no memory was asked for as long as there were some */
        refuse(asks, 1);
        put(asks, v, SLAB);
        stop();
    }
}

/* What is on several lists, and is enough only together. */
static void test_pieces_make_a_whole(void **state) /* L12, L14 */
{
    struct umsi_irq *v[SLAB], *w[SLAB];
    (void)state;
    start();
    take(0, v, SLAB);
    put(0, v, 20);
    put(1, v + 20, 13);
    put(2, v + 33, 7);
    refuse(3, 41);
    take(3, w, 30);
    take(0, w + 30, 9);
    refuse(1, 2);
    take(2, w + 39, 1);
    all_differ(w, 40);
    assert_int_equal(refused, 2);
    put(1, w, 40);
    put(1, v + 40, SLAB - 40);
    stop();
}

/* A CPU that frees and frees does not hoard. */
static void test_a_cpu_keeps_few(void **state)
{
    struct umsi_irq *v[SLAB];
    (void)state;
    start();
    take(0, v, SLAB);
    for (uint32_t i = 0; i < SLAB; i += 16) {
        put(1, &v[i], 16);
        assert_in_range(u->percpu[1].nr_kept, 1, KEEP);
    }
    take(1, v, SLAB);
    assert_int_equal(refused, 0);
    put(1, v, SLAB);
    stop();
}

/* ---- threads ---- */

#define TURNS 20000u

static uint32_t failures; /* atomic */

/* Each wants its share at most, so there are always enough, wherever they are. */
static void *take_and_put(void *arg)
{
    const umsi_cpu *cpu = arg;
    struct umsi_irq *v[EACH];
    uint32_t random = *cpu;
    thread_port_be(*cpu);
    for (uint32_t i = 0; i < TURNS; i++) {
        random = random * 1664525u + 1013904223u;
        const uint32_t n = 1 + (random >> 16) % EACH;
        if (umsi_irq_take(u, v, n) != UMSI_OK) {
            (void)__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
            continue;
        }
        for (uint32_t k = 0; k < n; k++) { /* nobody else's */
            v[k]->index = *cpu;
        }
        for (uint32_t k = 0; k < n; k++) {
            (void)__atomic_add_fetch(&failures, v[k]->index != *cpu, __ATOMIC_RELAXED);
        }
        thread_port_be((random >> 8) % 8 == 0 ? (random >> 4) % CPUS : *cpu); /* it was moved */
        umsi_irq_put(u, v, n, true);
        thread_port_be(*cpu);
    }
    return NULL;
}

static void test_enough_for_all_at_once(void **state) /* L11, L14 */
{
    pthread_t thread[CPUS];
    umsi_cpu cpu[CPUS];
    struct umsi_irq *v[SLAB];
    (void)state;
    start();
    failures = 0;
    for (umsi_cpu i = 0; i < CPUS; i++) {
        cpu[i] = i;
        assert_int_equal(pthread_create(&thread[i], NULL, take_and_put, &cpu[i]), 0);
    }
    for (umsi_cpu i = 0; i < CPUS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    }
    assert_int_equal(failures, 0);
    assert_int_equal(refused, 0);
    take(0, v, SLAB);
    all_differ(v, SLAB);
    put(0, v, SLAB);
    stop();
}

static struct umsi_irq *mine[UMSI_CHUNK], *next[UMSI_CHUNK];
static bool may_go, done; /* atomic */

/* Gives as many as it takes: there are enough for the other one before, after, and in between. */
static void *put_and_take(void *arg)
{
    bool *right = arg;
    while (!__atomic_load_n(&may_go, __ATOMIC_ACQUIRE)) {
        sched_yield();
    }
    put(0, mine, UMSI_CHUNK);
    thread_port_be(2);
    *right = umsi_irq_take(u, next, UMSI_CHUNK) == UMSI_OK;
    __atomic_store_n(&done, true, __ATOMIC_RELEASE);
    return NULL;
}

static void let_it_go(void)
{
    blocked = 0;
    __atomic_store_n(&may_go, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE) &&
           __atomic_load_n(&blocked, __ATOMIC_ACQUIRE) == 0) {
        sched_yield();
    }
}

/* Who counts what all CPUs keep has looked at CPU 0, and is about to look at CPU 2. */
static void test_counting_is_not_fooled(void **state) /* L14 */
{
    bool right = false;
    pthread_t thread;
    struct umsi_irq *v[SLAB];
    (void)state;
    start();
    take(0, v, SLAB);
    put(2, v, UMSI_CHUNK);
    memcpy(mine, v + UMSI_CHUNK, sizeof(mine));
    may_go = done = false;
    assert_int_equal(pthread_create(&thread, NULL, put_and_take, &right), 0);
    at_stop = let_it_go;
    __atomic_store_n(&stop_at, &u->percpu[2].kept_lock, __ATOMIC_RELEASE);
    take(3, v, UMSI_CHUNK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(right);
    assert_int_equal(refused, 0);
    put(3, v, UMSI_CHUNK);
    put(2, next, UMSI_CHUNK);
    put(1, v + 2 * UMSI_CHUNK, SLAB - 2 * UMSI_CHUNK);
    stop();
}

static struct umsi_irq *looked_at;
static bool inside, looked, gone; /* atomic */

static void copy(struct umsi *unused, struct umsi_irq *irq, void *arg)
{
    bool *right = arg;
    (void)unused;
    __atomic_store_n(&inside, true, __ATOMIC_RELEASE);
    while (__atomic_load_n(&waited, __ATOMIC_ACQUIRE) == 0 &&
           !__atomic_load_n(&gone, __ATOMIC_ACQUIRE)) {
        sched_yield();
    }
    *right = irq == looked_at && !__atomic_load_n(&gone, __ATOMIC_ACQUIRE);
    __atomic_store_n(&looked, true, __ATOMIC_RELEASE);
}

static void *put_it(void *arg)
{
    bool *right = arg;
    thread_port_be(1);
    while (!__atomic_load_n(&inside, __ATOMIC_ACQUIRE)) {
        sched_yield();
    }
    umsi_irq_put(u, &looked_at, 1, true);
    *right = __atomic_load_n(&looked, __ATOMIC_ACQUIRE);
    __atomic_store_n(&gone, true, __ATOMIC_RELEASE);
    return NULL;
}

/* Who puts a descriptor goes on, and perhaps frees what it pointed to, when who looks at it is done. */
static void test_a_look_holds_it(void **state)
{
    bool copied = false, late = false;
    pthread_t thread;
    (void)state;
    start();
    take(0, &looked_at, 1);
    const umsi_virq virq = looked_at->virq;
    umsi_irq_set_bits(looked_at, UMSI_IRQ_LIVE);
    inside = looked = gone = false;
    waited = 0;
    assert_int_equal(pthread_create(&thread, NULL, put_it, &late), 0);
    assert_true(umsi_irq_look(u, virq, copy, &copied));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(copied);
    assert_true(late);
    assert_true(waited != 0);
    assert_false(umsi_irq_look(u, virq, copy, &copied)); /* it is gone */
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_there_for_each),
        cmocka_unit_test(test_pieces_make_a_whole),
        cmocka_unit_test(test_a_cpu_keeps_few),
        cmocka_unit_test(test_enough_for_all_at_once),
        cmocka_unit_test(test_a_look_holds_it),
        cmocka_unit_test(test_counting_is_not_fooled),
    };
    return cmocka_run_group_tests_name("free descriptors", tests, NULL, NULL);
}
