/* SPDX-License-Identifier: MIT */
/*
 * Where vectors go: shares, the least loaded CPU, wanted sets and how many there can be; and on the model what an ITS
 * and a distributor are told when vectors move and CPUs go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/cpu.h>

#include "mock_parent.h"
#include "rig.h"
#include "test_port.h"

#include "../src/core/irq.h"

/* ---- shares ---- */

static uint64_t share(uint32_t n, uint32_t i, const struct umsi_cpumask *cpus, uint32_t nr)
{
    struct umsi_cpumask out = { { 0 } };
    assert_true(umsi_spread(n, i, cpus, nr, &out));
    return out.bits[0];
}

static void test_shares(void **state)
{
    const struct umsi_cpumask odd = { { 0xaa } };
    (void)state;
    assert_int_equal(share(1, 0, NULL, 8), 0xff);
    assert_int_equal(share(3, 0, NULL, 8), 0x07); /* 3, 3, 2 */
    assert_int_equal(share(3, 1, NULL, 8), 0x38);
    assert_int_equal(share(3, 2, NULL, 8), 0xc0);
    assert_int_equal(share(8, 5, NULL, 8), 0x20);
    assert_int_equal(share(11, 9, NULL, 8), 0x02); /* round and round */
    assert_int_equal(share(2, 0, &odd, 8), 0x0a);
    assert_int_equal(share(2, 1, &odd, 8), 0xa0);
    assert_int_equal(share(2, 1, &odd, 6), 0x20); /* only those there can be */
}

/* Every CPU is in a share, none is empty, and they are of about one size, whatever the numbers. */
static void test_shares_cover_all(void **state)
{
    (void)state;
    for (uint32_t nr = 1; nr <= 16; nr++) {
        for (uint32_t n = 1; n <= 20; n++) {
            uint64_t all = 0;
            for (uint32_t i = 0; i < n; i++) {
                const uint64_t s = share(n, i, NULL, nr);
                assert_int_not_equal(s, 0);
                assert_true(n > nr || (all & s) == 0);
                assert_in_range(__builtin_popcountll(s), n < nr ? nr / n : 1,
                                n < nr ? nr / n + 1 : 1);
                all |= s;
            }
            assert_int_equal(all, ((uint64_t)1 << nr) - 1);
        }
    }
}

static void test_no_share(void **state)
{
    const struct umsi_cpumask none = { { 0 } };
    struct umsi_cpumask out = { { 7 } };
    (void)state;
    assert_false(umsi_spread(2, 2, NULL, 4, &out));
    assert_false(umsi_spread(2, 0, &none, 4, &out));
    assert_false(umsi_spread(0, 0, NULL, 4, &out));
    assert_int_equal(out.bits[0], 7);
}

/* ---- over a mock ---- */

struct world {
    struct test_port t;
    struct umsi *u;
    struct mock_parent mock;
    struct umsi_msi_device dev;
};

static struct world w;

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    (void)index;
    (void)m;
}

static void open_world(uint32_t cpus)
{
    const struct umsi_msi_config config = { .name = "dev",
                                            .nr_events = 256,
                                            .write_message = write_message };
    memset(&w, 0, sizeof(w));
    test_port_init(&w.t, cpus);
    assert_int_equal(umsi_create(&w.t.port, &w.u), UMSI_OK);
    mock_parent_add(&w.mock, w.u, UMSI_DEVICE_MSI);
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &config, &w.dev), UMSI_OK);
}

static void close_world(void)
{
    umsi_msi_detach(&w.dev);
    for (umsi_cpu cpu = 0; cpu < w.t.port.nr_cpus; cpu++) {
        assert_int_equal(w.u->percpu[cpu].targets, 0); /* what was counted is counted off */
    }
    mock_parent_remove(&w.mock);
    assert_int_equal(umsi_destroy(w.u), UMSI_OK);
    test_port_check_empty(&w.t);
}

static umsi_cpu cpu_of(uint32_t index)
{
    return umsi_irq_get_cpu(w.u, umsi_msi_virq(&w.dev, index));
}

static enum umsi_status set(uint32_t index, const struct umsi_cpumask *cpus)
{
    return umsi_irq_set_affinity(w.u, umsi_msi_virq(&w.dev, index), cpus);
}

static void test_to_the_cpu_with_the_fewest(void **state)
{
    (void)state;
    open_world(4);
    w.t.self = 2;
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 3), UMSI_OK);
    assert_int_equal(cpu_of(0), 2); /* of equal ones the caller's, */
    assert_int_equal(cpu_of(2), 2); /* and a call's vectors together */
    assert_int_equal(umsi_msi_alloc(&w.dev, 3, 1), UMSI_OK);
    assert_int_equal(cpu_of(3), 3);
    assert_int_equal(umsi_msi_alloc(&w.dev, 4, 2), UMSI_OK);
    assert_int_equal(cpu_of(4), 0);
    umsi_msi_free(&w.dev, 0, 3);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 1), UMSI_OK);
    assert_int_equal(cpu_of(0), 2);
    const struct umsi_cpumask some = { { 0xb } }; /* 0 has two, 1 none, 3 one */
    assert_int_equal(set(0, &some), UMSI_OK);
    assert_int_equal(cpu_of(0), 1);
    assert_int_equal(set(0, NULL), UMSI_OK); /* all: it stays */
    assert_int_equal(cpu_of(0), 1);
    close_world();
}

static uint64_t wanted_of(uint32_t index)
{
    struct umsi_cpumask m;
    assert_int_equal(umsi_irq_get_wanted(w.u, umsi_msi_virq(&w.dev, index), &m), UMSI_OK);
    return m.bits[0];
}

static void test_wanted_is_kept(void **state)
{
    struct umsi_cpumask out;
    (void)state;
    open_world(4);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 2), UMSI_OK);
    assert_int_equal(wanted_of(0), 0xf);
    assert_int_equal(set(0, &(struct umsi_cpumask){ { 0x6 } }), UMSI_OK);
    assert_int_equal(wanted_of(0), 0x6);
    assert_int_equal(set(0, &(struct umsi_cpumask){ { 0x8 } }), UMSI_OK);
    assert_int_equal(wanted_of(0), 0x8);
    assert_int_equal(set(0, &(struct umsi_cpumask){ { 0xf0 } }), UMSI_INVALID);
    w.mock.fail_move = 1;
    w.mock.status = UMSI_HARDWARE;
    assert_int_equal(set(0, &(struct umsi_cpumask){ { 0x3 } }), UMSI_HARDWARE);
    assert_int_equal(wanted_of(0), 0x8);
    assert_int_equal(wanted_of(1), 0xf);
    assert_int_equal(umsi_irq_get_wanted(w.u, 777, &out), UMSI_NOTFOUND);
    close_world();
}

/* Spread vectors go round and round, from one call to the next. */
static void test_round_and_round(void **state)
{
    uint32_t first;
    (void)state;
    open_world(4);
    for (uint32_t i = 0; i < 6; i += 2) {
        const struct umsi_msi_want want = { .first = i, .n = 2, .spread = true };
        assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_OK);
    }
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(cpu_of(i), i % 4);
    }
    close_world();
}

static enum umsi_status (*alloc_inside)(struct umsi_domain *d, struct umsi_irq *const *v,
                                        uint32_t n, const struct umsi_alloc_info *info,
                                        struct umsi_batch *b);

static enum umsi_status then_0_goes(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                    const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    const enum umsi_status st = alloc_inside(d, v, n, info, b);
    umsi_set_cpu_online(w.u, 0, false);
    return st;
}

/* L38: the CPU that was chosen goes while a long call is at it: no more vectors are sent there. */
static void test_home_goes_meanwhile(void **state)
{
    struct umsi_domain_ops ops;
    (void)state;
    open_world(2);
    const struct umsi_domain_ops *was = w.mock.msi.ops;
    ops = *was;
    alloc_inside = ops.alloc;
    ops.alloc = then_0_goes;
    w.mock.msi.ops = &ops;
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, UMSI_CHUNK + 1), UMSI_OK);
    assert_int_equal(cpu_of(0), 0);
    assert_int_equal(cpu_of(UMSI_CHUNK), 1);
    w.mock.msi.ops = was;
    close_world();
}

/* The i-th set of two of 64 CPUs. */
static struct umsi_cpumask pair(uint32_t i)
{
    struct umsi_cpumask m = { { 0 } };
    umsi_cpumask_set(&m, i % 64);
    umsi_cpumask_set(&m, (i % 64 + 1 + i / 64) % 64);
    return m;
}

/* A change of affinity allocates nothing: it lives on what allocations left. Sets that are shared cost nothing. */
static void test_as_many_sets_as_there_is_room_for(void **state)
{
    enum umsi_status st = UMSI_OK;
    uint32_t n = 0;
    (void)state;
    open_world(64);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 200), UMSI_OK);
    const size_t bytes = w.t.heap_bytes;
    while (n < 200 && st == UMSI_OK) {
        const struct umsi_cpumask m = pair(n);
        st = set(n, &m);
        n += st == UMSI_OK;
    }
    assert_int_equal(st, UMSI_NOSPACE);
    assert_true(n >= 64);
    assert_int_equal(w.t.heap_bytes, bytes);
    assert_int_equal(umsi_irq_get_cpu(w.u, umsi_msi_virq(&w.dev, n)),
                     cpu_of(n + 1)); /* unchanged */
    const struct umsi_cpumask shared = pair(0), one = { { 1 } };
    assert_int_equal(set(n, &shared), UMSI_OK);
    assert_int_equal(set(n + 1, &one), UMSI_OK);
    assert_int_equal(set(1, &one), UMSI_OK); /* frees one */
    const struct umsi_cpumask more = pair(n);
    assert_int_equal(set(n + 2, &more), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev, 200, 1), UMSI_OK); /* makes room */
    const struct umsi_cpumask another = pair(n + 1);
    assert_int_equal(set(n + 3, &another), UMSI_OK);
    for (uint32_t i = 2; i < n; i++) {
        assert_true(wanted_of(i) == pair(i).bits[0]);
    }
    close_world();
}

#define SET_CHUNK 512u /* bytes for as many sets as are made at a time, of 64 CPUs */

static void *no_alloc(void *ctx, size_t size, size_t align)
{
    (void)ctx;
    (void)size;
    (void)align;
    return NULL;
}

/* L12, L13: no room for the set of the first vector; that the second needs none does not help. */
static void test_no_room_for_a_set(void **state)
{
    const struct umsi_msi_want want = {
        .first = 198, .n = 2, .managed = true, .cpus = &(struct umsi_cpumask){ { 0x2220 } }
    };
    uint32_t n = 0, first;
    (void)state;
    open_world(64);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 200), UMSI_OK);
    umsi_msi_free(&w.dev, 198, 2);
    struct umsi_cpumask m = pair(0);
    while (set(n, &m) == UMSI_OK) {
        m = pair(++n);
    }
    assert_true(n < 198);
    const struct umsi_port was = w.u->port;
    w.u->port.alloc = no_alloc;
    void *taken[64];
    uint32_t nr_taken = 0;
    while ((taken[nr_taken] = umsi_alloc(w.u, SET_CHUNK)) != NULL) {
        assert_true(++nr_taken < 64);
    }
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_NOSPACE);
    w.u->port = was;
    while (nr_taken != 0) {
        umsi_free(w.u, taken[--nr_taken], SET_CHUNK);
    }
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_OK);
    assert_int_equal(wanted_of(198), 0x220);
    assert_int_equal(wanted_of(199), 0x2000);
    close_world();
}

static void test_many_managed_sets(void **state) /* L53 */
{
    uint32_t first;
    (void)state;
    open_world(128);
    const struct umsi_msi_want want = { .first = 0, .n = 64, .managed = true };
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_OK);
    for (uint32_t i = 0; i < 64; i++) {
        assert_int_equal(cpu_of(i) / 2, i);
    }
    umsi_msi_free(&w.dev, 0, 64);
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_OK);
    close_world();
}

/* ---- on the model ---- */

#define MOVI 0x01
#define SYNC 0x05

static uint32_t commands(struct rig *r, uint8_t opcode)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < model_its_log_size(r->m, 0); i++) {
        n += (model_its_log_at(r->m, 0, i)->dw[0] & 0xff) == opcode;
    }
    return n;
}

static void take_all_on(struct unit *f, uint32_t n, const struct umsi_cpumask *cpus)
{
    const struct umsi_vectors want = { .min = n, .max = n, .kinds = UMSI_MSIX, .cpus = cpus };
    assert_int_equal(umsi_pci_alloc_vectors(&f->pci, &want, &f->granted), UMSI_OK);
    for (uint32_t i = 0; i < n; i++) {
        unit_request(f, i);
    }
}

static void test_a_move_is_one_movi_and_one_sync(void **state) /* L34, L30 */
{
    const struct umsi_cpumask one = { { 2 } };
    struct rig r;
    struct unit f;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 3 } });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 4 });
    take_all_on(&f, 2, &(struct umsi_cpumask){ { 1 } });
    model_its_log_clear(r.m, 0);
    assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, 0), &one), UMSI_OK);
    assert_int_equal(umsi_irq_set_affinity(r.u, unit_virq(&f, 0), &one), UMSI_OK);
    assert_int_equal(model_its_log_size(r.m, 0), 2);
    assert_int_equal(commands(&r, MOVI), 1);
    assert_int_equal(commands(&r, SYNC), 1);
    unit_fire_all(&f);
    assert_int_equal(f.vector[0].cpu, 1);
    unit_detach(&f);
    rig_stop(&r);
}

/* With interrupts of all vectors pending on the CPU that goes: none is lost, and one SYNC ends each batch. */
static void test_leaving_an_its(void **state) /* L38, L35, L57, L30 */
{
    struct rig r;
    struct unit f;
    struct model_its_stats before, after;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 4 } });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 40 });
    take_all_on(&f, 40, &(struct umsi_cpumask){ { 2 } });
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(model_pci_raise(f.hw, i), MODEL_SENT);
    }
    model_drain(r.m);
    model_its_log_clear(r.m, 0);
    model_its_get_stats(r.m, 0, &before);
    assert_int_equal(umsi_cpu_leave(r.u, 1, NULL), UMSI_OK);
    model_its_get_stats(r.m, 0, &after);
    assert_int_equal(commands(&r, MOVI), 40);
    assert_int_equal(commands(&r, SYNC), 2);
    assert_int_equal(model_its_log_size(r.m, 0), 42); /* and no MAPC */
    assert_int_equal(after.waits - before.waits, 2);
    rig_settled(&r);
    model_set_cpu(r.m, 1);
    umsi_gicv3_cpu_offline(r.gic);
    umsi_lpi_cpu_offline(r.lpi, 1);
    model_set_cpu(r.m, 0);
    rig_run(&r);
    for (uint32_t i = 0; i < 40; i++) {
        uint32_t intid, icid;
        assert_int_equal(f.vector[i].hits, 1);
        assert_true(model_its_event(r.m, 0, 5, i, &intid, &icid));
        assert_int_not_equal(icid, 1);
    }
    unit_fire_all(&f);
    unit_detach(&f);
    rig_stop(&r);
}

/*
 * The ITS dies under the batch: the CPU does not leave, nobody knows where its vectors go, and their INTIDs are kept
 * back, though the ITS goes on, until the device is unmapped.
 */
static void test_an_its_that_dies_under_a_leave(void **state) /* L25, L37 */
{
    struct rig r;
    struct unit f;
    struct umsi_lpi_counts lpis;
    uint32_t left = 0;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 3 } });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 3 });
    take_all_on(&f, 3, &(struct umsi_cpumask){ { 2 } });
    model_fail_at(r.m, MODEL_FAIL_SILENCE, 4); /* the SYNC after the MOVIs, which are done */
    assert_int_equal(umsi_cpu_leave(r.u, 1, &left), UMSI_TIMEOUT);
    assert_true(model_failed(r.m, MODEL_FAIL_SILENCE));
    assert_int_equal(left, 3);
    model_its_stop(r.m, 0, false, false);
    model_drain(r.m);
    umsi_pci_free_vectors(&f.pci);
    umsi_lpi_get_counts(r.lpi, &lpis);
    assert_int_equal(lpis.live, 0);
    assert_int_equal(lpis.quarantined, 3);
    umsi_pci_detach(&f.pci);
    umsi_lpi_get_counts(r.lpi, &lpis);
    assert_int_equal(lpis.quarantined, 0);
    unit_unplug(&f);
    rig_abandon(&r);
}

static void on_spi(void *arg)
{
    ++*(uint32_t *)arg;
}

/* An SPI that is pending where it was goes along. */
static void test_leaving_a_distributor(void **state) /* L38, L35 */
{
    struct rig r;
    umsi_virq virq;
    uint32_t runs = 0;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 3 } });
    assert_int_equal(umsi_gicv3_map(r.gic, 40, false, &virq), UMSI_OK);
    assert_int_equal(umsi_irq_request(r.u, virq, on_spi, &runs, "spi"), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(r.u, virq), 0);
    model_spi_set(r.m, 40, true);
    model_spi_set(r.m, 40, false);
    assert_int_equal(umsi_cpu_leave(r.u, 0, NULL), UMSI_OK);
    assert_int_not_equal(umsi_irq_get_cpu(r.u, virq), 0);
    rig_run(&r);
    assert_int_equal(runs, 1);
    assert_int_equal(umsi_irq_count(r.u, virq, 0), 0);
    umsi_gicv3_unmap(r.gic, virq);
    assert_int_equal(umsi_cpu_join(r.u, 0), UMSI_OK);
    rig_stop(&r);
}

/* Managed, with its CPU gone and a message on its way: remembered, and run when the CPU is back. */
static void test_managed_over_an_its(void **state) /* L53, L60 */
{
    const struct umsi_vectors want = { .min = 3, .max = 3, .kinds = UMSI_MSIX, .managed = true };
    struct rig r;
    struct unit f;
    struct umsi_irq_info info;
    (void)state;
    rig_start(&r, &(struct rig_config){ .model = { .nr_cpus = 3 } });
    unit_attach(&f, &r, &(struct model_pci_config){ .device_id = 5, .msix_entries = 3 });
    assert_int_equal(umsi_pci_alloc_vectors(&f.pci, &want, &f.granted), UMSI_OK);
    for (uint32_t i = 0; i < 3; i++) {
        unit_request(&f, i);
        assert_int_equal(umsi_irq_get_cpu(r.u, unit_virq(&f, i)), i);
    }
    unit_fire_all(&f);
    assert_int_equal(model_pci_raise(f.hw, 1), MODEL_SENT);
    model_drain(r.m);
    assert_int_equal(umsi_cpu_leave(r.u, 1, NULL), UMSI_OK);
    rig_run(&r);
    assert_int_equal(umsi_irq_get_info(r.u, unit_virq(&f, 1), &info), UMSI_OK);
    assert_true(info.shut && info.pending && info.cpu == UMSI_NO_CPU);
    assert_int_equal(f.vector[1].hits, 1);
    rig_settled(&r);
    assert_int_equal(umsi_cpu_join(r.u, 1), UMSI_OK);
    rig_run(&r);
    assert_int_equal(f.vector[1].hits, 2);
    assert_int_equal(f.vector[1].cpu, 1);
    unit_fire_all(&f);
    unit_detach(&f);
    rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_shares_cover_all),
        cmocka_unit_test(test_no_share),
        cmocka_unit_test(test_to_the_cpu_with_the_fewest),
        cmocka_unit_test(test_wanted_is_kept),
        cmocka_unit_test(test_as_many_sets_as_there_is_room_for),
        cmocka_unit_test(test_round_and_round),
        cmocka_unit_test(test_home_goes_meanwhile),
        cmocka_unit_test(test_no_room_for_a_set),
        cmocka_unit_test(test_many_managed_sets),
        cmocka_unit_test(test_a_move_is_one_movi_and_one_sync),
        cmocka_unit_test(test_leaving_an_its),
        cmocka_unit_test(test_an_its_that_dies_under_a_leave),
        cmocka_unit_test(test_leaving_a_distributor),
        cmocka_unit_test(test_managed_over_an_its),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
