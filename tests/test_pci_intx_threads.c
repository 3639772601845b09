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
#include <string.h>

#include <cmocka.h>

#include <umsi/domain.h>
#include <umsi/pci.h>

#define CPUS   4u
#define TAKERS 2u
#define ROUNDS 400u

static struct umsi *u;
static struct umsi_domain wires;
static struct umsi_irq *_Atomic line;
static struct umsi_pci_intx wire;
static bool stop; /* atomic */
static _Thread_local umsi_cpu self;

/* ---- a port of threads ---- */

static void *port_alloc(void *ctx, size_t size, size_t align)
{
    (void)ctx;
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void port_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    (void)size;
    free(p);
}

static bool port_dma_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    (void)want;
    (void)out;
    return false;
}

static void port_dma_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    (void)mem;
}

static void port_lock_init(void *ctx, umsi_lock *l)
{
    (void)ctx;
    memset(l, 0, sizeof(*l));
}

static umsi_irqstate port_lock(void *ctx, umsi_lock *l)
{
    (void)ctx;
    while (__atomic_exchange_n(&l->word[0], 1, __ATOMIC_ACQUIRE) != 0) {
        sched_yield();
    }
    return 0;
}

static void port_unlock(void *ctx, umsi_lock *l, umsi_irqstate s)
{
    (void)ctx;
    (void)s;
    __atomic_store_n(&l->word[0], 0, __ATOMIC_RELEASE);
}

static umsi_cpu port_cpu_self(void *ctx)
{
    (void)ctx;
    return self;
}

static uint64_t port_time(void *ctx)
{
    static uint64_t now;
    (void)ctx;
    return __atomic_add_fetch(&now, 1, __ATOMIC_RELAXED);
}

static void port_relax(void *ctx)
{
    (void)ctx;
    sched_yield();
}

static const struct umsi_port port = {
    .size = sizeof(struct umsi_port),
    .nr_cpus = CPUS,
    .alloc = port_alloc,
    .free = port_free,
    .dma_alloc = port_dma_alloc,
    .dma_free = port_dma_free,
    .lock_init = port_lock_init,
    .lock = port_lock,
    .unlock = port_unlock,
    .cpu_self = port_cpu_self,
    .time_us = port_time,
    .relax = port_relax,
};

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
    self = *(const umsi_cpu *)arg;
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
    self = w->cpu;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        w->failures += one_life(i);
    }
    return NULL;
}

static void set_up(umsi_virq *out_virq)
{
    const struct umsi_domain_config config = { .name = "wires", .ops = &wires_ops, .size = 1 };
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
