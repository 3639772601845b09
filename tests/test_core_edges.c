/* SPDX-License-Identifier: MIT */
/* The core at its edges: ports with a hole in them, numbers nobody has, domains without operations, moves
 * within moves, what is freed within a dispatch, and interrupts that cannot be raised again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/msi_parent.h>

#include "mock_parent.h"
#include "test_port.h"

#include "../src/core/core.h"

static struct test_port t;
static struct umsi *u;

static void start(uint32_t nr_cpus)
{
    test_port_init(&t, nr_cpus);
    assert_int_equal(umsi_create(&t.port, &u), UMSI_OK);
    for (umsi_cpu cpu = 0; cpu < nr_cpus; cpu++) {
        umsi_set_cpu_online(u, cpu, true);
    }
}

static void stop(void)
{
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    test_port_check_empty(&t);
}

/* ---- ports ---- */

static const size_t needed[] = {
    offsetof(struct umsi_port, alloc),     offsetof(struct umsi_port, free),
    offsetof(struct umsi_port, dma_alloc), offsetof(struct umsi_port, dma_free),
    offsetof(struct umsi_port, lock_init), offsetof(struct umsi_port, lock),
    offsetof(struct umsi_port, unlock),    offsetof(struct umsi_port, cpu_self),
    offsetof(struct umsi_port, time_us),
};

/* Callbacks that are of no use without another: a port with one of them only. */
static const size_t paired[] = {
    offsetof(struct umsi_port, mmio_read32),  offsetof(struct umsi_port, mmio_write32),
    offsetof(struct umsi_port, mmio_read64),  offsetof(struct umsi_port, mmio_write64),
    offsetof(struct umsi_port, device_lock),  offsetof(struct umsi_port, device_unlock),
    offsetof(struct umsi_port, doorbell_map), offsetof(struct umsi_port, doorbell_unmap),
    offsetof(struct umsi_port, sysreg_read),  offsetof(struct umsi_port, sysreg_write),
};

static void put_callback(struct umsi_port *p, size_t offset, void (*f)(void))
{
    memcpy((char *)p + offset, &f, sizeof(f));
}

static void nothing(void)
{
}

static void refused_port(void)
{
    struct umsi *none = NULL;
    const char *what = NULL;
    assert_int_equal(umsi_create(&t.port, &none), UMSI_PORT);
    assert_null(none);
    assert_int_equal(umsi_port_check(&t.port, &what), UMSI_PORT);
    assert_non_null(what);
}

static void test_ports(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        test_port_init(&t, 1);
        put_callback(&t.port, needed[i], NULL);
        refused_port();
    }
    for (size_t i = 0; i < sizeof(paired) / sizeof(paired[0]); i++) {
        test_port_init(&t, 1);
        put_callback(&t.port, paired[i], nothing);
        refused_port();
    }
}

static void test_port_numbers(void **state)
{
    struct umsi *none = NULL;
    (void)state;
    test_port_init(&t, UMSI_MAX_CPUS + 1);
    assert_int_equal(umsi_create(&t.port, &none), UMSI_INVALID);
    assert_int_equal(umsi_port_check(&t.port, NULL), UMSI_INVALID);
    test_port_init(&t, 0);
    assert_int_equal(umsi_port_check(&t.port, NULL), UMSI_INVALID);
    test_port_init(&t, 1);
    assert_int_equal(umsi_create(&t.port, NULL), UMSI_INVALID);
    assert_int_equal(umsi_port_check(NULL, NULL), UMSI_INVALID);
    assert_int_equal(umsi_destroy(NULL), UMSI_INVALID);
}

/* Without callbacks a register is memory. */
static void test_plain_registers(void **state)
{
    static uint64_t word;
    (void)state;
    start(1);
    umsi_write64(u, &word, 0, UINT64_C(0x1122334455667788));
    assert_true(umsi_read64(u, &word, 0) == UINT64_C(0x1122334455667788));
    umsi_write32(u, &word, 0, 7);
    assert_int_equal(umsi_read32(u, &word, 0), 7);
    stop();
}

/* ---- memory for hardware that is not what was asked for ---- */

static struct umsi_dma crooked;
static uint32_t gave_back;

static bool crooked_alloc(void *ctx, const struct umsi_dma_want *want, struct umsi_dma *out)
{
    (void)ctx;
    (void)want;
    *out = crooked;
    return true;
}

static void crooked_free(void *ctx, const struct umsi_dma *mem)
{
    (void)ctx;
    (void)mem;
    gave_back++;
}

static void test_crooked_dma(void **state)
{
    static char memory[64];
    const struct umsi_dma wrong[] = {
        { NULL, 0x1000, 0x1000, 4096 },
        { memory, 0x1000, 0x1000, 2048 },
        { memory, 0x1010, 0x1010, 4096 },
        { memory, UINT64_MAX - 0xfff, 0, 0x2000 },
    };
    struct umsi_dma got = { memory, 1, 1, 1 };
    (void)state;
    start(1);
    u->port.dma_alloc = crooked_alloc;
    u->port.dma_free = crooked_free;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        crooked = wrong[i];
        assert_false(umsi_dma_get(u, i == 3 ? 0x2000 : 4096, 4096, &got));
        assert_int_equal(gave_back, i + 1);
        assert_int_equal(got.size, 1); /* untouched */
    }
    assert_true(test_port_logged(&t, "dma_alloc gave"));
    u->port.dma_alloc = t.port.dma_alloc;
    u->port.dma_free = t.port.dma_free;
    stop();
}

/* ---- numbers nobody has ---- */

static void print_nothing(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

static void runs(void *arg)
{
    (*(uint32_t *)arg)++;
}

static void test_no_such_virq(void **state)
{
    struct umsi_irq_info info;
    struct umsi_irq_test test;
    const char *why = "as before";
    (void)state;
    start(2);
    for (umsi_virq virq = 0; virq < 200; virq += 199) {
        umsi_irq_disable(u, virq);
        umsi_irq_enable(u, virq);
        umsi_irq_free(u, virq);
        umsi_irq_synchronize(u, virq);
        assert_int_equal(umsi_irq_request(u, virq, runs, NULL, NULL), UMSI_NOTFOUND);
        assert_int_equal(umsi_irq_set_affinity(u, virq, NULL), UMSI_NOTFOUND);
        assert_int_equal(umsi_irq_get_cpu(u, virq), UMSI_NO_CPU);
        assert_int_equal(umsi_irq_count(u, virq, 0), 0);
        assert_int_equal(umsi_irq_retrigger(u, virq), UMSI_NOTFOUND);
        assert_int_equal(umsi_irq_get_info(u, virq, &info), UMSI_NOTFOUND);
        assert_int_equal(umsi_irq_test(u, virq, &test), UMSI_NOTFOUND);
        assert_int_equal(umsi_explain(u, virq, print_nothing, NULL, &why), UMSI_NOTFOUND);
    }
    assert_string_equal(why, "as before");
    assert_true(test_port_logged(&t, "irq_disable: no virq 199"));
    assert_true(test_port_logged(&t, "irq_enable: no virq 199"));
    stop();
}

/* ---- a root of our own ---- */

struct root {
    struct umsi_domain domain;
    struct umsi_irq *irq;
    enum umsi_status activate, commit, move;
    uint32_t active, allocated, commits;
    bool percpu;
    umsi_virq busy; /* moved again while it moves */
    enum umsi_status inner;
    umsi_cpu kicked;
};

static struct root root;
static uint32_t hits;

static enum umsi_status root_alloc(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                   const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    struct root *r = d->data;
    (void)info;
    (void)b;
    r->allocated += n;
    r->irq = v[0];
    if (r->percpu) {
        umsi_irq_set_percpu(v[0]);
    }
    return UMSI_OK;
}

static void root_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                      struct umsi_batch *b)
{
    (void)v;
    (void)b;
    ((struct root *)d->data)->allocated -= n;
}

static enum umsi_status root_activate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                      struct umsi_batch *b)
{
    struct root *r = d->data;
    (void)v;
    if (r->activate != UMSI_OK) {
        return r->activate;
    }
    assert_true(umsi_batch_claim(b, d));
    r->active += n;
    return UMSI_OK;
}

static void root_deactivate(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                            struct umsi_batch *b)
{
    (void)v;
    assert_true(umsi_batch_claim(b, d));
    ((struct root *)d->data)->active -= n;
}

static enum umsi_status root_move(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                  umsi_cpu cpu, struct umsi_batch *b)
{
    struct root *r = d->data;
    struct umsi_cpumask set = { 0 };
    (void)n;
    (void)b;
    umsi_cpumask_set(&set, cpu);
    if (r->busy != UMSI_NO_VIRQ) {
        r->inner = umsi_irq_set_affinity(d->umsi, v[0]->virq, &set);
    }
    return r->move;
}

static enum umsi_status root_commit(struct umsi_domain *d, struct umsi_batch *b)
{
    struct root *r = d->data;
    (void)b;
    r->commits++;
    return r->commit;
}

static const struct umsi_domain_ops root_ops = {
    .alloc = root_alloc,
    .free = root_free,
    .activate = root_activate,
    .deactivate = root_deactivate,
    .set_affinity = root_move,
    .commit = root_commit,
};

static void add_root(void)
{
    const struct umsi_domain_config c = { .name = "root", .ops = &root_ops, .data = &root };
    memset(&root, 0, sizeof(root));
    hits = 0;
    assert_int_equal(umsi_domain_add(u, &root.domain, &c), UMSI_OK);
}

static void remove_root(void)
{
    assert_int_equal(root.allocated, 0);
    assert_int_equal(root.active, 0);
    assert_int_equal(umsi_domain_remove(&root.domain), UMSI_OK);
    assert_int_equal(umsi_domain_remove(&root.domain), UMSI_OK); /* harmless (L7) */
}

static void arrive(umsi_cpu cpu)
{
    t.self = cpu;
    umsi_enter(u);
    umsi_deliver(u, root.irq);
    umsi_leave(u);
    t.self = 0;
}

static void test_map_fails(void **state) /* L12 */
{
    umsi_virq virq = 99;
    struct umsi_counts counts;
    (void)state;
    start(2);
    add_root();
    root.activate = UMSI_NOSPACE;
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_NOSPACE);
    root.activate = UMSI_OK;
    root.commit = UMSI_TIMEOUT;
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_TIMEOUT);
    assert_int_equal(root.active, 0);
    assert_int_equal(root.allocated, 0);
    assert_int_equal(virq, 99);
    umsi_get_counts(u, &counts);
    assert_int_equal(counts.live_irqs, 0);
    root.commit = UMSI_OK;
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_OK);
    assert_int_equal(umsi_destroy(u), UMSI_BUSY);
    struct umsi_domain other = { .umsi = u };
    umsi_domain_unmap(&other, virq); /* not its own */
    umsi_domain_unmap(&root.domain, virq + 1000);
    assert_int_equal(root.allocated, 1);
    assert_int_equal(umsi_domain_remove(&root.domain), UMSI_BUSY);
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

static void test_too_deep(void **state)
{
    static struct umsi_domain d[UMSI_MAX_LEVELS + 1];
    struct umsi_domain_config c = { .name = NULL };
    (void)state;
    start(1);
    for (uint32_t i = 0; i < UMSI_MAX_LEVELS; i++) {
        assert_int_equal(umsi_domain_add(u, &d[i], &c), UMSI_OK);
        assert_string_equal(d[i].name, i == 0 ? "?" : "level");
        c = (struct umsi_domain_config){ .name = "level", .parent = &d[i] };
    }
    assert_int_equal(umsi_domain_add(u, &d[UMSI_MAX_LEVELS], &c), UMSI_RANGE);
    assert_int_equal(umsi_domain_remove(&d[0]), UMSI_BUSY);
    for (uint32_t i = UMSI_MAX_LEVELS; i-- > 0;) {
        assert_int_equal(umsi_domain_remove(&d[i]), UMSI_OK);
    }
    stop();
}

/* ---- moves ---- */

static void test_move_within_move(void **state)
{
    struct umsi_cpumask set = { 0 };
    umsi_virq virq;
    (void)state;
    start(2);
    add_root();
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_OK);
    umsi_cpumask_set(&set, 1);
    root.busy = virq;
    assert_int_equal(umsi_irq_set_affinity(u, virq, &set), UMSI_OK);
    assert_int_equal(root.inner, UMSI_BUSY);
    assert_int_equal(umsi_irq_get_cpu(u, virq), 1);
    root.busy = UMSI_NO_VIRQ;
    root.move = UMSI_HARDWARE;
    set = (struct umsi_cpumask){ 0 };
    umsi_cpumask_set(&set, 0);
    assert_int_equal(umsi_irq_set_affinity(u, virq, &set), UMSI_HARDWARE);
    assert_int_equal(umsi_irq_get_cpu(u, virq), 1); /* L34 */
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

/* A CPU that goes while nobody else is there leaves vectors without a target; the next one may take them. */
static void test_without_target(void **state)
{
    umsi_virq virq;
    const char *why = NULL;
    (void)state;
    start(2);
    add_root();
    umsi_set_cpu_online(u, 0, false);
    umsi_set_cpu_online(u, 1, false);
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(u, virq), UMSI_NO_CPU);
    umsi_print_irqs(u, print_nothing, NULL);
    assert_int_equal(umsi_explain(u, virq, print_nothing, NULL, &why), UMSI_STATE);
    assert_string_equal(why, "it has no target CPU");
    assert_int_equal(umsi_explain(u, virq, print_nothing, NULL, NULL), UMSI_STATE);
    umsi_set_cpu_online(u, 1, true);
    assert_int_equal(umsi_irq_set_affinity(u, virq, NULL), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(u, virq), 1);
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

/* ---- remembered, and nobody to raise it again (L60) ---- */

static void kick(void *ctx, umsi_cpu cpu)
{
    (void)ctx;
    root.kicked = cpu;
}

static void remember(umsi_virq *virq)
{
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(u, *virq, runs, &hits, NULL), UMSI_OK);
    assert_int_equal(umsi_irq_retrigger(u, *virq), UMSI_UNSUPPORTED);
    umsi_irq_disable(u, *virq);
    arrive(0);
    arrive(0);
    assert_int_equal(hits, 0);
}

static void test_replay_here(void **state)
{
    struct umsi_irq_test test;
    umsi_virq virq;
    (void)state;
    start(2);
    add_root();
    remember(&virq);
    assert_int_equal(umsi_irq_test(u, virq, &test), UMSI_UNSUPPORTED);
    umsi_irq_enable(u, virq);
    assert_int_equal(hits, 1);
    umsi_irq_disable(u, virq);
    arrive(0);
    umsi_enter(u); /* within a dispatch: interrupts are off already */
    umsi_irq_enable(u, virq);
    umsi_leave(u);
    assert_int_equal(hits, 2);
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

static void test_replay_there(void **state)
{
    umsi_virq virq;
    (void)state;
    test_port_init(&t, 2);
    t.port.cpu_kick = kick;
    assert_int_equal(umsi_create(&t.port, &u), UMSI_OK);
    umsi_set_cpu_online(u, 1, true);
    add_root();
    remember(&virq);
    umsi_irq_enable(u, virq);
    assert_int_equal(root.kicked, 1);
    umsi_irq_disable(u, virq);
    umsi_irq_enable(u, virq); /* queued once */
    umsi_cpu_service(u);
    assert_int_equal(hits, 0); /* not this CPU's */
    t.self = 1;
    umsi_cpu_service(u);
    assert_int_equal(hits, 1);
    t.self = 0;
    umsi_irq_disable(u, virq);
    arrive(1);
    umsi_irq_enable(u, virq);
    umsi_irq_free(u, virq); /* what is queued goes with its handler */
    t.self = 1;
    umsi_cpu_service(u);
    t.self = 0;
    assert_int_equal(hits, 1);
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

/* ---- kinds of interrupt ---- */

static void test_level_and_percpu(void **state)
{
    umsi_virq virq;
    (void)state;
    start(3);
    add_root();
    assert_int_equal(umsi_domain_map(&root.domain, 5, true, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(u, virq, runs, &hits, "line"), UMSI_OK);
    umsi_irq_disable(u, virq);
    arrive(0);
    umsi_irq_enable(u, virq);
    assert_int_equal(hits, 0); /* its line would still stand; there is nothing to remember */
    umsi_domain_unmap(&root.domain, virq);
    root.percpu = true;
    assert_int_equal(umsi_domain_map(&root.domain, 6, false, &virq), UMSI_OK);
    arrive(2); /* no handler: counted, not run */
    assert_int_equal(umsi_irq_request(u, virq, runs, &hits, NULL), UMSI_OK);
    arrive(2);
    arrive(1);
    assert_int_equal(hits, 2);
    assert_int_equal(umsi_irq_count(u, virq, 1), 1);
    assert_int_equal(umsi_irq_count(u, virq, 3), 0);
    assert_int_equal(umsi_irq_set_affinity(u, virq, NULL), UMSI_UNSUPPORTED);
    umsi_print_irqs(u, print_nothing, NULL);
    umsi_irq_synchronize(u, virq);
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

/* A storm at a domain below which nobody can mask is counted on, and ends with the handler. */
static void test_storm_without_mask(void **state)
{
    umsi_virq virq;
    struct umsi_counts counts;
    (void)state;
    start(1);
    add_root();
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_OK);
    for (uint32_t i = 0; i < 20000; i++) {
        arrive(0);
    }
    umsi_get_counts(u, &counts);
    assert_int_equal(counts.cut_off, 0);
    assert_int_equal(umsi_irq_request(u, virq, runs, &hits, NULL), UMSI_OK);
    assert_int_equal(hits, 1);
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

/* ---- freed within a dispatch: reissued only when that is over (L59) ---- */

static umsi_virq victim;

static void unmap_another(void *arg)
{
    (void)arg;
    umsi_domain_unmap(&root.domain, victim);
}

static void test_free_within_dispatch(void **state)
{
    umsi_virq virq, later[200];
    struct umsi_counts counts;
    (void)state;
    start(2);
    add_root();
    assert_int_equal(umsi_domain_map(&root.domain, 6, false, &victim), UMSI_OK);
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(u, virq, unmap_another, NULL, NULL), UMSI_OK);
    arrive(0);
    umsi_get_counts(u, &counts);
    assert_int_equal(counts.waiting_irqs, 1);
    assert_int_equal(counts.live_irqs, 1);
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(umsi_domain_map(&root.domain, 10 + i, false, &later[i]), UMSI_OK);
    }
    umsi_get_counts(u, &counts);
    assert_int_equal(counts.waiting_irqs, 0); /* the dispatch was over, and it was needed */
    for (uint32_t i = 0; i < 200; i++) {
        umsi_domain_unmap(&root.domain, later[i]);
    }
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

/* ---- receiving way (b) ---- */

static uint32_t queue[8], queued, ended;
static uint32_t silenced;

static uint32_t acknowledge(void *arg)
{
    (void)arg;
    return queued == 0 ? UMSI_NO_HWIRQ : queue[--queued];
}

static void end(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
    ended++;
}

static struct umsi_irq *lookup(void *arg, uint32_t hwirq)
{
    (void)arg;
    return hwirq == 5 ? root.irq : NULL;
}

static void silence(void *arg, uint32_t hwirq)
{
    (void)arg;
    (void)hwirq;
    silenced++;
}

static void test_way_b(void **state)
{
    const struct umsi_receiver r = { .acknowledge = acknowledge, .end = end };
    struct umsi_source low = { .first = 5, .count = 1, .lookup = lookup };
    struct umsi_source high = { .first = 50, .count = 2, .lookup = lookup, .silence = silence };
    struct umsi_taken taken;
    umsi_virq virq;
    (void)state;
    start(2);
    assert_int_equal(umsi_handle_interrupts(u), 0);
    assert_false(umsi_acknowledge(u, &taken));
    add_root();
    assert_int_equal(umsi_set_receiver(u, &r), UMSI_OK);
    assert_int_equal(umsi_set_receiver(u, &r), UMSI_EXISTS);
    umsi_add_source(u, &low);
    umsi_add_source(u, &high);
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(u, virq, NULL, NULL, "ours"), UMSI_OK);
    queue[queued++] = 5;
    queue[queued++] = 50; /* nobody's */
    queue[queued++] = 7;  /* in no range */
    assert_true(umsi_acknowledge(u, &taken));
    assert_int_equal(taken.virq, virq);
    assert_int_equal(ended, 2);
    umsi_deliver(u, root.irq); /* another one, meanwhile, on another CPU (L58) */
    assert_true(umsi_end(u, &taken));
    assert_false(umsi_end(u, &taken));
    assert_int_equal(ended, 3);
    assert_false(umsi_acknowledge(u, &taken));
    for (uint32_t i = 0; i < 20000; i++) { /* storms: one can be silenced, one cannot */
        queue[queued++] = i % 2 == 0 ? 51 : 8;
        assert_int_equal(umsi_handle_interrupts(u), 1);
    }
    assert_int_not_equal(silenced, 0);
    umsi_domain_unmap(&root.domain, virq);
    umsi_remove_source(u, &high);
    assert_int_equal(umsi_destroy(u), UMSI_BUSY);
    umsi_remove_source(u, &low);
    umsi_remove_source(u, &low); /* harmless */
    remove_root();
    assert_int_equal(umsi_destroy(u), UMSI_BUSY); /* its receiver may still call */
    umsi_clear_receiver(u);
    stop();
}

/* More CPUs than a line has columns. */
static void count_lines(void *arg, const char *line)
{
    (void)line;
    (*(uint32_t *)arg)++;
}

static void test_many_cpus(void **state)
{
    umsi_virq virq;
    uint32_t lines = 0;
    (void)state;
    start(64);
    add_root();
    assert_int_equal(umsi_domain_map(&root.domain, 5, false, &virq), UMSI_OK);
    umsi_print_irqs(u, count_lines, &lines);
    assert_int_equal(lines, 3); /* a header, the interrupt, and what is not shown */
    umsi_domain_unmap(&root.domain, virq);
    remove_root();
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_port_numbers),
        cmocka_unit_test(test_plain_registers),
        cmocka_unit_test(test_crooked_dma),
        cmocka_unit_test(test_no_such_virq),
        cmocka_unit_test(test_map_fails),
        cmocka_unit_test(test_too_deep),
        cmocka_unit_test(test_move_within_move),
        cmocka_unit_test(test_without_target),
        cmocka_unit_test(test_replay_here),
        cmocka_unit_test(test_replay_there),
        cmocka_unit_test(test_level_and_percpu),
        cmocka_unit_test(test_storm_without_mask),
        cmocka_unit_test(test_free_within_dispatch),
        cmocka_unit_test(test_way_b),
        cmocka_unit_test(test_many_cpus),
    };
    return cmocka_run_group_tests_name("edges of the core", tests, NULL, NULL);
}
