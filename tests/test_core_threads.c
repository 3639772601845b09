/* SPDX-License-Identifier: MIT */
/*
 * The core with real threads as CPUs: two deliver the same interrupt, others disable, enable, free, request,
 * allocate and free. Never two handlers at once (L58), none after free returned, nothing held back lost (L60),
 * no stale descriptor (L59).
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/msi.h>

#include "thread_port.h"

#define CPUS     4u
#define VECTORS  4u
#define ARRIVALS 60000u

/* ---- a root that gives out its slots, and can be told of arrivals ---- */

static struct umsi *u;
static struct umsi_domain root;
static struct umsi_irq *slot[VECTORS]; /* by index; atomic */
static uint32_t pended[VECTORS];       /* raised by command, for any CPU to deliver; atomic */

static enum umsi_status root_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                   const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    (void)d;
    (void)info;
    (void)b;
    for (uint32_t i = 0; i < n; i++) {
        v[i]->level[0].hwirq = v[i]->index;
        __atomic_store_n(&slot[v[i]->index], v[i], __ATOMIC_RELEASE);
    }
    return UMSI_OK;
}

static void root_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                            struct umsi_batch *b)
{
    (void)d;
    (void)b;
    for (uint32_t i = 0; i < n; i++) {
        __atomic_store_n(&slot[v[i]->index], NULL, __ATOMIC_RELEASE);
    }
}

static void compose(struct umsi_domain *d, const struct umsi_irq *irq, struct umsi_message *out)
{
    (void)d;
    *out = (struct umsi_message){ 0x1000, irq->index };
}

static enum umsi_status set_state(struct umsi_domain *d, struct umsi_irq *irq,
                                  enum umsi_irq_what what, bool value)
{
    (void)d;
    (void)what;
    (void)value;
    __atomic_store_n(&pended[irq->index], 1, __ATOMIC_RELEASE);
    return UMSI_OK;
}

static const struct umsi_domain_ops root_ops = { .alloc = root_alloc,
                                                 .deactivate = root_deactivate };
static const struct umsi_chip root_chip = { .name = "root",
                                            .compose_message = compose,
                                            .set_state = set_state };
static const struct umsi_msi_parent_ops root_msi = { .name = "root", .can = UMSI_DEVICE_MSI };

static void arrive(uint32_t index)
{
    umsi_enter(u);
    struct umsi_irq *irq = __atomic_load_n(&slot[index], __ATOMIC_ACQUIRE);
    if (irq != NULL) {
        umsi_deliver(u, irq);
    }
    umsi_leave(u);
}

static void arrive_pended(uint32_t index)
{
    if (__atomic_exchange_n(&pended[index], 0, __ATOMIC_ACQ_REL) != 0) {
        arrive(index);
    }
}

/* Left for a CPU to do; its thread looks now and then, as an interrupt from another CPU would make it. */
static uint32_t kicked[CPUS]; /* atomic */

static void port_cpu_kick(void *ctx, umsi_cpu cpu)
{
    (void)ctx;
    __atomic_store_n(&kicked[cpu], 1, __ATOMIC_RELEASE);
}

static void serve(void)
{
    if (__atomic_exchange_n(&kicked[thread_port_self()], 0, __ATOMIC_ACQ_REL) != 0) {
        umsi_cpu_service(u);
    }
}

/* ---- the device and its handler ---- */

static struct umsi_msi_device dev;

static struct life {
    uint32_t inside;  /* handlers running now; atomic */
    uint32_t allowed; /* between request and the return of free; atomic */
    uint32_t runs, bad;
    uint32_t work; /* written before each arrival; what the handler saw of it */
    uint32_t seen;
} life[VECTORS];

static void handler(void *arg)
{
    struct life *l = arg;
    bool alone = __atomic_add_fetch(&l->inside, 1, __ATOMIC_ACQ_REL) == 1;
    bool allowed = __atomic_load_n(&l->allowed, __ATOMIC_ACQUIRE) != 0;
    if (!alone || !allowed) {
        __atomic_add_fetch(&l->bad, 1, __ATOMIC_RELAXED);
    }
    l->runs++; /* not atomic: it is alone */
    __atomic_store_n(&l->seen, __atomic_load_n(&l->work, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
    __atomic_sub_fetch(&l->inside, 1, __ATOMIC_ACQ_REL);
}

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    (void)index;
    (void)m;
}

static bool stop;
static uint32_t
    burst; /* arrivals of one vector in a row: from the second on it comes to its home */

static void *deliverer(void *arg)
{
    thread_port_be((umsi_cpu)(uintptr_t)arg);
    for (uint32_t i = 0; i < ARRIVALS; i++) {
        uint32_t index = i / burst % VECTORS;
        __atomic_add_fetch(&life[index].work, 1, __ATOMIC_ACQ_REL);
        arrive(index);
        arrive_pended(index);
        serve();
    }
    return NULL;
}

static void request(uint32_t index)
{
    __atomic_store_n(&life[index].allowed, 1, __ATOMIC_RELEASE);
    assert_int_equal(umsi_irq_request(u, umsi_msi_virq(&dev, index), handler, &life[index], "x"),
                     UMSI_OK);
}

static void release(uint32_t index)
{
    umsi_irq_free(u, umsi_msi_virq(&dev, index));
    __atomic_store_n(&life[index].allowed, 0, __ATOMIC_RELEASE);
    if (__atomic_load_n(&life[index].inside, __ATOMIC_ACQUIRE) != 0) {
        __atomic_add_fetch(&life[index].bad, 1, __ATOMIC_RELAXED);
    }
}

/* Vector 0: disabled and enabled. 1: freed and requested. 2: freed, allocated, requested. 3: left alone. */
static void *changer(void *arg)
{
    thread_port_be((umsi_cpu)(uintptr_t)arg);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        umsi_irq_disable(u, umsi_msi_virq(&dev, 0));
        umsi_irq_enable(u, umsi_msi_virq(&dev, 0));
        release(1);
        request(1);
        release(2);
        umsi_msi_free(&dev, 2, 1);
        assert_int_equal(umsi_msi_alloc(&dev, 2, 1), UMSI_OK);
        request(2);
    }
    return NULL;
}

static void set_up(bool kick)
{
    struct umsi_port port = thread_port(CPUS);
    port.cpu_kick = kick ? port_cpu_kick : NULL; /* without one there is no short way */
    const struct umsi_domain_config domain = { .name = "root",
                                               .ops = &root_ops,
                                               .chip = &root_chip };
    const struct umsi_msi_config config = {
        .name = "dev",
        .nr_events = VECTORS,
        .write_message = write_message,
    };
    assert_int_equal(umsi_create(&port, &u), UMSI_OK);
    assert_int_equal(umsi_domain_add(u, &root, &domain), UMSI_OK);
    umsi_msi_parent_set(&root, &root_msi);
    for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
        umsi_set_cpu_online(u, cpu, true);
    }
    assert_int_equal(umsi_msi_attach(&root, &config, &dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&dev, 0, VECTORS), UMSI_OK);
}

static void tear_down(void)
{
    umsi_msi_detach(&dev);
    assert_int_equal(umsi_domain_remove(&root), UMSI_OK);
    assert_int_equal(umsi_destroy(u), UMSI_OK);
}

static void race(bool kick)
{
    pthread_t thread[3];
    set_up(kick);
    memset(life, 0, sizeof(life));
    stop = false;
    for (uint32_t i = 0; i < VECTORS; i++) {
        request(i);
    }
    for (uintptr_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, deliverer, (void *)(i + 1)), 0);
    }
    assert_int_equal(pthread_create(&thread[2], NULL, changer, (void *)(uintptr_t)3), 0);
    pthread_join(thread[0], NULL);
    pthread_join(thread[1], NULL);
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    pthread_join(thread[2], NULL);
    for (umsi_cpu cpu = 0; cpu < CPUS; cpu++) {
        thread_port_be(cpu);
        serve();
    }
    thread_port_be(0);
    for (uint32_t i = 0; i < VECTORS; i++) {
        arrive_pended(i);       /* what an enable or a request replayed last */
        if (i == 1 || i == 2) { /* they may have been away all the time */
            arrive(i);
        }
        assert_int_equal(life[i].bad, 0);
        assert_true(life[i].runs > 0);
    }
    /* After every message a handler started: those never freed have seen the last of it (L35, L60). */
    assert_int_equal(life[0].seen, life[0].work);
    assert_int_equal(life[3].seen, life[3].work);
    for (uint32_t i = 0; i < VECTORS; i++) {
        release(i);
    }
    tear_down();
}

static void test_threads(void **state)
{
    (void)state;
    burst = 1;
    race(false);
}

static void test_threads_at_home(void **state)
{
    (void)state;
    burst = 8;
    race(true);
}

static void test_threads_far_from_home(void **state)
{
    (void)state;
    burst = 1;
    race(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_threads_at_home),
        cmocka_unit_test(test_threads_far_from_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
