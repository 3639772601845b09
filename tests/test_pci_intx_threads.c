/* SPDX-License-Identifier: MIT */
/*
 * One wire, four CPUs: two take its interrupts without a pause, two attach functions, request, release and detach
 * them, whose memory is given back each time. No handler runs on two CPUs at once, or after its release. Run it
 * with the thread sanitizer too.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <umsi/domain.h>
#include <umsi/pci.h>

#include "thread_port.h"

#define CPUS   4u
#define TAKERS 2u
#define ROUNDS 400u

static struct umsi *u;
static struct umsi_domain wires;
static struct umsi_irq *_Atomic line;
static struct umsi_pci_intx wire;
static bool stop; /* atomic */

/* ---- the wire's controller ---- */

static enum umsi_status wires_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                    const struct umsi_alloc_info *info, struct umsi_batch *batch)
{
    (void)d;
    (void)n;
    (void)info;
    (void)batch;
    line = v[0];
    return UMSI_OK;
}

static const struct umsi_domain_ops wires_ops = { .alloc = wires_alloc };

static void *take(void *arg)
{
    thread_port_be(*(const umsi_cpu *)arg);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        umsi_enter(u);
        umsi_deliver(u, line);
        umsi_leave(u);
        sched_yield();
    }
    return NULL;
}

/* ---- functions that come and go ---- */

struct function {
    struct umsi_pci pci;
    uint32_t running, runs, failures; /* atomic */
    bool released;                    /* atomic */
};

static bool config_read(void *dev, uint16_t offset, unsigned width, uint32_t *out)
{
    (void)dev;
    (void)width;
    *out = offset == 0x3d ? 1 : offset == 0 ? 0x11e81234 : 0; /* Interrupt Pin INTA */
    return true;
}

static bool config_write(void *dev, uint16_t offset, unsigned width, uint32_t value)
{
    (void)dev;
    (void)offset;
    (void)width;
    (void)value;
    return true;
}

static const struct umsi_pci_ops ops = { .read = config_read, .write = config_write };

static void handler(void *arg)
{
    struct function *f = arg;
    uint32_t others = __atomic_fetch_add(&f->running, 1, __ATOMIC_ACQ_REL);
    bool late = __atomic_load_n(&f->released, __ATOMIC_ACQUIRE);
    __atomic_add_fetch(&f->failures, (others != 0) + late, __ATOMIC_RELAXED);
    __atomic_add_fetch(&f->runs, 1, __ATOMIC_RELAXED);
    sched_yield();
    __atomic_sub_fetch(&f->running, 1, __ATOMIC_ACQ_REL);
}

static void wait_run(const struct function *f, uint32_t runs)
{
    while (__atomic_load_n(&f->runs, __ATOMIC_RELAXED) < runs) {
        sched_yield();
    }
}

/* Nothing of it may be touched once it is freed, which the address sanitizer sees. */
static uint32_t one_life(uint32_t round)
{
    const struct umsi_pci_config config = { .ops = &ops, .name = "f", .intx = &wire };
    const struct umsi_vectors want = { .min = 1, .max = 1, .kinds = UMSI_INTX };
    struct function *f = calloc(1, sizeof(*f));
    uint32_t failures = 0, granted = 0;
    failures += umsi_pci_attach(NULL, &config, &f->pci) != UMSI_OK;
    failures += umsi_pci_alloc_vectors(&f->pci, &want, &granted) != UMSI_OK;
    failures += umsi_pci_request(&f->pci, 0, handler, f, "f") != UMSI_OK;
    if (round % 4 == 0) {
        wait_run(f, 1); /* it does run */
        umsi_pci_release(&f->pci, 0);
        __atomic_store_n(&f->released, true, __ATOMIC_RELEASE);
        sched_yield();
        __atomic_store_n(&f->released, false, __ATOMIC_RELEASE);
        failures += umsi_pci_request(&f->pci, 0, handler, f, "f") != UMSI_OK;
    }
    umsi_pci_detach(&f->pci);
    failures += f->failures;
    free(f);
    return failures;
}

struct worker {
    pthread_t thread;
    umsi_cpu cpu;
    uint32_t failures;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    thread_port_be(w->cpu);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        w->failures += one_life(i);
    }
    return NULL;
}

static void set_up(umsi_virq *out_virq)
{
    const struct umsi_domain_config config = { .name = "wires", .ops = &wires_ops, .size = 1 };
    const struct umsi_port port = thread_port(CPUS);
    assert_int_equal(umsi_create(&port, &u), UMSI_OK);
    assert_int_equal(umsi_domain_add(u, &wires, &config), UMSI_OK);
    assert_int_equal(umsi_domain_map(&wires, 0, true, out_virq), UMSI_OK);
    assert_int_equal(umsi_pci_intx_add(u, *out_virq, "INTA", &wire), UMSI_OK);
}

static void come_and_go(void **state)
{
    struct worker w[CPUS];
    umsi_virq virq;
    (void)state;
    set_up(&virq);
    for (umsi_cpu i = 0; i < CPUS; i++) {
        w[i] = (struct worker){ .cpu = i };
        void *(*job)(void *) = i < TAKERS ? take : work;
        void *arg = i < TAKERS ? (void *)&w[i].cpu : &w[i];
        assert_int_equal(pthread_create(&w[i].thread, NULL, job, arg), 0);
    }
    for (umsi_cpu i = CPUS; i-- > 0;) { /* the takers last */
        if (i == TAKERS - 1) {
            __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
        }
        assert_int_equal(pthread_join(w[i].thread, NULL), 0);
        assert_int_equal(w[i].failures, 0);
    }
    assert_int_equal(wire.handlers, 0);
    assert_int_equal(wire.functions, 0);
    assert_int_equal(umsi_pci_intx_remove(&wire), UMSI_OK);
    umsi_domain_unmap(&wires, virq);
    assert_int_equal(umsi_domain_remove(&wires), UMSI_OK);
    assert_int_equal(umsi_destroy(u), UMSI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(come_and_go) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
