/* SPDX-License-Identifier: MIT */
/* MSI devices on a parent without hardware: the contract of prepare and teardown, indices, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mock_parent.h"
#include "test_port.h"

struct world {
    struct test_port t;
    struct umsi *u;
    struct mock_parent mock;
    struct umsi_msi_device dev;
    uint32_t messages;
    uint32_t runs;
};

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    struct world *w = handle;
    (void)index;
    (void)m;
    w->messages++;
}

static void handler(void *arg)
{
    ((struct world *)arg)->runs++;
}

static struct umsi_msi_config config(struct world *w, uint32_t nr_events)
{
    return (struct umsi_msi_config){
        .name = "dev",
        .handle = w,
        .device_id = 7,
        .nr_events = nr_events,
        .write_message = write_message,
    };
}

static void open_world(struct world *w)
{
    memset(w, 0, sizeof(*w));
    test_port_init(&w->t, 4);
    assert_int_equal(umsi_create(&w->t.port, &w->u), UMSI_OK);
    mock_parent_add(&w->mock, w->u, UMSI_DEVICE_MSI | UMSI_MSI);
}

static void open_device(struct world *w, uint32_t nr_events)
{
    open_world(w);
    const struct umsi_msi_config c = config(w, nr_events);
    assert_int_equal(umsi_msi_attach(&w->mock.msi, &c, &w->dev), UMSI_OK);
}

static void close_world(struct world *w)
{
    umsi_msi_detach(&w->dev);
    mock_parent_remove(&w->mock);
    assert_int_equal(umsi_destroy(w->u), UMSI_OK);
    test_port_check_empty(&w->t);
}

/* ---- prepare and teardown ---- */

static void test_prepare_once_teardown_once(void **state) /* L1, L2, L3, L4 */
{
    struct world w;
    uint32_t index;
    (void)state;
    open_device(&w, 2048);
    assert_int_equal(w.mock.prepares, 1);
    assert_int_equal(w.mock.last_prepared, 2048);
    for (uint32_t round = 0; round < 3;
         round++) { /* the pattern that broke Linux: 1, free, 1 + 3, free */
        assert_int_equal(umsi_msi_alloc(&w.dev, 0, 1), UMSI_OK);
        umsi_msi_free(&w.dev, 0, 1);
        assert_int_equal(umsi_msi_alloc_at(&w.dev, UMSI_ANY_INDEX, &index), UMSI_OK);
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(umsi_msi_alloc_at(&w.dev, UMSI_ANY_INDEX, &index), UMSI_OK);
        }
        umsi_msi_free(&w.dev, 0, 2048);
        assert_int_equal(w.mock.prepares, 1);
        assert_int_equal(w.mock.teardowns, 0);
    }
    umsi_msi_detach(&w.dev);
    assert_int_equal(w.mock.teardowns, 1);
    umsi_msi_detach(&w.dev);
    assert_int_equal(w.mock.teardowns, 1);
    close_world(&w);
}

static void test_late_prepare_is_still_once(void **state) /* L1, L2: a driver of the global kind */
{
    struct world w;
    (void)state;
    open_world(&w);
    struct umsi_msi_config c = config(&w, 32);
    c.late_prepare = true;
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_OK);
    assert_int_equal(w.mock.prepares, 0);
    w.mock.fail_prepare = 1;
    w.mock.status = UMSI_NOSPACE;
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 1), UMSI_NOSPACE);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 33), UMSI_RANGE); /* changes nothing (L12) */
    assert_int_equal(w.mock.prepares, w.mock.teardowns);
    w.mock.prepares = w.mock.teardowns = 0;
    for (uint32_t round = 0; round < 3; round++) {
        assert_int_equal(umsi_msi_alloc(&w.dev, 0, 1), UMSI_OK);
        assert_int_equal(umsi_msi_alloc(&w.dev, 1, 31), UMSI_OK);
        umsi_msi_free(&w.dev, 0, 32);
        assert_int_equal(w.mock.prepares, 1);
        assert_int_equal(w.mock.last_prepared, 32);
        assert_int_equal(w.mock.teardowns, 0);
    }
    umsi_msi_detach(&w.dev);
    assert_int_equal(w.mock.teardowns, 1);
    /* Never used, never prepared. */
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_OK);
    umsi_msi_detach(&w.dev);
    assert_int_equal(w.mock.prepares, 1);
    close_world(&w);
}

static void test_failed_prepare_leaves_nothing(void **state) /* L2, L8, L13 */
{
    struct world w;
    struct umsi_counts before, after;
    (void)state;
    open_world(&w);
    const struct umsi_msi_config c = config(&w, 8);
    memset(&w.dev, 0x5a, sizeof(w.dev)); /* storage nobody cleared */
    umsi_get_counts(w.u, &before);
    w.mock.fail_prepare = 1;
    w.mock.status = UMSI_HARDWARE;
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_HARDWARE);
    umsi_get_counts(w.u, &after);
    assert_int_equal(before.bytes, after.bytes);
    assert_int_equal(before.domains, after.domains);
    assert_int_equal(before.live_irqs, after.live_irqs);
    umsi_msi_detach(&w.dev); /* not attached: nothing */
    assert_int_equal(w.mock.teardowns, 0);
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_OK);
    close_world(&w);
}

static void test_attach_refuses_nonsense(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    struct umsi_msi_config c = config(&w, 0);
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_INVALID);
    c = config(&w, UMSI_MAX_EVENTS + 1);
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_RANGE);
    c = config(&w, 8);
    assert_int_equal(umsi_msi_attach(&w.mock.root, &c, &w.dev), UMSI_UNSUPPORTED);
    c.write_message = NULL;
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_INVALID);
    c = config(&w, 8);
    w.mock.ops.can = UMSI_MSIX;
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_UNSUPPORTED);
    assert_true(test_port_logged(&w.t, "dev: mock cannot serve dev"));
    assert_int_equal(w.mock.prepares, 0);
    close_world(&w);
}

static enum umsi_status chip_write(struct umsi_domain *d, struct umsi_irq *irq)
{
    (void)d;
    (void)irq;
    return UMSI_OK;
}

static const struct umsi_chip chip = { .name = "second", .write_message = chip_write };
static const struct umsi_msi_template second = { "ims", UMSI_MSI, &chip, UINT64_MAX };
static const struct umsi_msi_template narrow = { "narrow", UMSI_MSI, &chip, 0xffff };

static void test_two_slots(void **state) /* L6, L7 */
{
    struct world w;
    uint32_t first, size;
    const struct umsi_msi_want want = { .first = 2, .n = 2 };
    (void)state;
    open_device(&w, 8);
    assert_int_equal(umsi_msi_domain_create(&w.dev, 0, &second, 4), UMSI_EXISTS);
    assert_int_equal(umsi_msi_domain_create(&w.dev, 2, &second, 4), UMSI_INVALID);
    assert_int_equal(umsi_msi_domain_create(&w.dev, 1, &second, 4), UMSI_OK);
    assert_int_equal(w.mock.prepares, 2);
    assert_ptr_equal(umsi_msi_domain_template(&w.dev, 1, &size), &second);
    assert_int_equal(size, 4);
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 1, &want, &first), UMSI_OK);
    assert_int_equal(umsi_msi_domain_remove(&w.dev, 1), UMSI_BUSY);
    assert_int_equal(w.mock.teardowns, 0);
    assert_int_not_equal(umsi_msi_virq_slot(&w.dev, 1, 2), UMSI_NO_VIRQ);
    umsi_msi_free_slot(&w.dev, 1, 0, 4);
    assert_int_equal(umsi_msi_domain_remove(&w.dev, 1), UMSI_OK);
    assert_int_equal(umsi_msi_domain_remove(&w.dev, 1), UMSI_OK);
    assert_int_equal(w.mock.teardowns, 1);
    close_world(&w);
}

/* ---- indices ---- */

static void test_indices(void **state) /* L10, L11 */
{
    struct world w;
    uint32_t index = 99;
    (void)state;
    open_device(&w, 8);
    assert_int_equal(umsi_msi_alloc(&w.dev, 7, 2), UMSI_RANGE);
    assert_int_equal(umsi_msi_alloc(&w.dev, 8, 1), UMSI_RANGE);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 0), UMSI_INVALID);
    assert_int_equal(umsi_msi_alloc_at(&w.dev, 5, &index), UMSI_OK);
    assert_int_equal(index, 5);
    assert_int_equal(umsi_msi_alloc_at(&w.dev, 5, &index), UMSI_EXISTS);
    assert_int_equal(umsi_msi_alloc(&w.dev, 4, 3), UMSI_EXISTS);
    assert_int_equal(umsi_msi_virq(&w.dev, 4), UMSI_NO_VIRQ);
    assert_int_not_equal(umsi_msi_virq(&w.dev, 5),
                         UMSI_NO_VIRQ); /* the live one is untouched (L12) */
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(umsi_msi_alloc_at(&w.dev, UMSI_ANY_INDEX, &index), UMSI_OK);
        assert_int_equal(index, i < 5 ? i : i + 1);
    }
    index = 99;
    assert_int_equal(umsi_msi_alloc_at(&w.dev, UMSI_ANY_INDEX, &index), UMSI_NOSPACE);
    assert_int_equal(index, 99);
    umsi_msi_free(&w.dev, 3, 1);
    assert_int_equal(umsi_msi_alloc_at(&w.dev, UMSI_ANY_INDEX, &index), UMSI_OK);
    assert_int_equal(index, 3);
    for (uint32_t i = 0; i < 8; i++) {
        assert_true(umsi_msi_index(&w.dev, umsi_msi_virq(&w.dev, i), &index));
        assert_int_equal(index, i);
        for (uint32_t k = 0; k < i; k++) {
            assert_int_not_equal(umsi_msi_virq(&w.dev, i), umsi_msi_virq(&w.dev, k));
        }
    }
    assert_false(umsi_msi_index(&w.dev, 5000, &index));
    close_world(&w);
}

struct visits {
    struct world *w;
    uint32_t seen[16], n;
};

static bool visit(void *arg, uint32_t index, umsi_virq virq)
{
    struct visits *v = arg;
    assert_int_equal(umsi_msi_virq(&v->w->dev, index), virq);
    v->seen[v->n++] = index;
    umsi_msi_free(&v->w->dev, index, 1); /* the current one may go (L16) */
    return v->n < 3;
}

static void test_iteration(void **state) /* L16 */
{
    struct world w;
    struct visits v = { .w = &w };
    (void)state;
    open_device(&w, 300);
    assert_int_equal(umsi_msi_alloc(&w.dev, 250, 2), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev, 3, 1), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev, 17, 1), UMSI_OK);
    umsi_msi_for_each(&w.dev, visit, &v);
    assert_int_equal(v.n, 3);
    assert_int_equal(v.seen[0], 3);
    assert_int_equal(v.seen[1], 17);
    assert_int_equal(v.seen[2], 250);
    assert_int_equal(w.dev.stats.live, 1);
    close_world(&w);
}

/* ---- blocks ---- */

static void test_block_of_three_gives_back_four(void **state) /* L15 */
{
    struct world w;
    uint32_t first;
    struct umsi_msi_want want = { .first = 0, .n = 3, .block = true };
    (void)state;
    open_device(&w, 16);
    for (uint32_t round = 0; round < 4; round++) {
        assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_OK);
        assert_int_equal(w.mock.live, 4);
        assert_int_equal(w.dev.stats.live, 4);
        assert_int_equal(w.dev.stats.reserved, 1);
        assert_int_equal(umsi_msi_virq(&w.dev, 3), UMSI_NO_VIRQ);
        assert_int_equal(umsi_msi_alloc(&w.dev, 3, 1), UMSI_EXISTS); /* reserved, not free */
        assert_true(mock_parent_arrive(&w.mock, 103)); /* it is counted, and nothing runs */
        umsi_msi_free_slot(&w.dev, 0, 0, 3);
        assert_int_equal(w.mock.live, 0);
        assert_int_equal(w.dev.stats.reserved, 0);
    }
    want.first = 2;
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_RANGE); /* not aligned */
    want = (struct umsi_msi_want){ .first = 0, .n = 17, .block = true };
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_RANGE);
    close_world(&w);
}

/* ---- targets ---- */

static void test_spread(void **state)
{
    struct world w;
    uint32_t first, per_cpu[4] = { 0 };
    const struct umsi_msi_want want = {
        .first = 0,
        .n = 10,
        .spread = true,
        .reserve_front = 1,
        .reserve_back = 1,
    };
    (void)state;
    open_device(&w, 16);
    w.t.self = 2;
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_OK);
    assert_int_equal(umsi_irq_get_cpu(w.u, umsi_msi_virq(&w.dev, 0)), 2);
    assert_int_equal(umsi_irq_get_cpu(w.u, umsi_msi_virq(&w.dev, 9)), 2);
    for (uint32_t i = 1; i < 9; i++) {
        per_cpu[umsi_irq_get_cpu(w.u, umsi_msi_virq(&w.dev, i))]++;
    }
    for (uint32_t cpu = 0; cpu < 4; cpu++) {
        assert_int_equal(per_cpu[cpu], 2);
    }
    close_world(&w);
}

static void test_only_some_cpus(void **state)
{
    struct world w;
    uint32_t first;
    struct umsi_cpumask cpus = { { 0 } };
    const struct umsi_msi_want want = { .first = 0, .n = 4, .spread = true, .cpus = &cpus };
    (void)state;
    open_device(&w, 16);
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_STATE);
    assert_int_equal(w.mock.live, 0);
    umsi_cpumask_set(&cpus, 1);
    umsi_cpumask_set(&cpus, 3);
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 0, &want, &first), UMSI_OK);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(umsi_irq_get_cpu(w.u, umsi_msi_virq(&w.dev, i)) % 2, 1);
    }
    close_world(&w);
}

/* ---- failures ---- */

/* Every count of the world, so that two can be compared. Bytes are not among them: pools may keep a slab
 * after a failure (L12). */
struct snapshot {
    uint32_t irqs, domains, live, active, stats_live, reserved;
};

static struct snapshot snap(struct world *w)
{
    struct umsi_counts counts;
    umsi_get_counts(w->u, &counts);
    return (struct snapshot){
        counts.live_irqs, counts.domains,    w->mock.live,
        w->mock.active,   w->dev.stats.live, w->dev.stats.reserved,
    };
}

static void test_each_level_fails(void **state) /* L12, L13 */
{
    struct world w;
    (void)state;
    open_device(&w, 2048);
    assert_int_equal(umsi_msi_alloc(&w.dev, 100, 1), UMSI_OK);
    assert_int_equal(umsi_irq_request(w.u, umsi_msi_virq(&w.dev, 100), handler, &w, "live"),
                     UMSI_OK);
    const struct snapshot before = snap(&w);
    uint32_t *const knob[] = { &w.mock.fail_root_alloc, &w.mock.fail_alloc, &w.mock.fail_activate,
                               &w.mock.fail_commit };
    const enum umsi_status why[] = { UMSI_NOSPACE, UMSI_UNSUPPORTED, UMSI_HARDWARE, UMSI_TIMEOUT };
    for (uint32_t k = 0; k < 4; k++) {
        for (uint32_t nth = 1; nth <= (k == 3 ? 1 : 3);
             nth++) { /* in the first chunk, and in later ones */
            w.mock.status = why[k];
            *knob[k] = nth;
            assert_int_equal(umsi_msi_alloc(&w.dev, 200, 80), why[k]);
            *knob[k] = 0;
            const struct snapshot after = snap(&w);
            assert_memory_equal(&before, &after, sizeof(before));
        }
    }
    assert_int_equal(umsi_irq_retrigger(w.u, umsi_msi_virq(&w.dev, 100)), UMSI_OK);
    assert_int_equal(w.runs, 1); /* the one that was live still is */
    assert_int_equal(umsi_msi_alloc(&w.dev, 200, 80), UMSI_OK);
    close_world(&w);
}

static void test_every_memory_failure(void **state) /* L12 */
{
    struct world w;
    uint32_t failures = 0;
    (void)state;
    open_device(&w, 65536);
    const struct snapshot before = snap(&w);
    for (uint32_t n = 1;; n++) {
        w.t.fail_alloc = n;
        enum umsi_status st = umsi_msi_alloc(&w.dev, 60000, 500);
        w.t.fail_alloc = 0;
        if (st == UMSI_OK) {
            break;
        }
        assert_int_equal(st, UMSI_NOMEM);
        const struct snapshot after = snap(&w);
        assert_memory_equal(&before, &after, sizeof(before));
        failures++;
    }
    assert_true(failures >= 1);
    close_world(&w);
}

static void test_exhaustion_is_the_levels_own_error(void **state) /* L13, L37 */
{
    struct world w;
    (void)state;
    open_device(&w, 2048);
    w.mock.limit = 100;
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 60), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev, 60, 60), UMSI_NOSPACE);
    assert_int_equal(w.mock.live, 60);
    assert_int_equal(umsi_msi_alloc(&w.dev, 60, 40), UMSI_OK);
    close_world(&w);
}

static void test_message_beyond_the_device(void **state) /* L48 */
{
    struct world w;
    uint32_t first;
    const struct umsi_msi_want want = { .first = 0, .n = 1 };
    (void)state;
    open_device(&w, 8);
    assert_int_equal(umsi_msi_domain_create(&w.dev, 1, &narrow, 4), UMSI_OK);
    assert_int_equal(umsi_msi_alloc_slot(&w.dev, 1, &want, &first), UMSI_RANGE);
    assert_true(test_port_logged(&w.t, "above what it can address"));
    assert_int_equal(w.mock.live, 0);
    close_world(&w);
}

static void *locked_handle;

static void device_lock(void *ctx, void *handle)
{
    (void)ctx;
    assert_null(locked_handle);
    locked_handle = handle;
}

static void device_unlock(void *ctx, void *handle)
{
    (void)ctx;
    assert_ptr_equal(locked_handle, handle);
    locked_handle = NULL;
}

static void test_one_call_at_a_time(void **state)
{
    struct world w;
    (void)state;
    open_device(&w, 8);
    assert_int_equal(umsi_msi_lock(&w.dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 1), UMSI_BUSY);
    umsi_msi_unlock(&w.dev);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 1), UMSI_OK);
    close_world(&w);
    /* With a lock of the port's the device is locked around each call. */
    memset(&w, 0, sizeof(w));
    test_port_init(&w.t, 4);
    w.t.port.device_lock = device_lock;
    w.t.port.device_unlock = device_unlock;
    assert_int_equal(umsi_create(&w.t.port, &w.u), UMSI_OK);
    mock_parent_add(&w.mock, w.u, UMSI_DEVICE_MSI);
    const struct umsi_msi_config c = config(&w, 8);
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 1), UMSI_OK);
    assert_null(locked_handle);
    close_world(&w);
    assert_null(locked_handle);
}

static void test_restore_writes_messages_again(void **state) /* L47 */
{
    struct world w;
    (void)state;
    open_device(&w, 8);
    assert_int_equal(umsi_msi_alloc(&w.dev, 1, 3), UMSI_OK);
    assert_int_equal(w.messages, 3);
    assert_int_equal(umsi_msi_restore_slot(&w.dev, 0), UMSI_OK);
    assert_int_equal(w.messages, 6);
    assert_int_equal(w.mock.commits, 1); /* the controller has nothing to do with it */
    close_world(&w);
}

static umsi_phys doorbell(struct umsi_domain *parent)
{
    (void)parent;
    return MOCK_DOORBELL;
}

static uint32_t mapped;
static bool refuse;

static bool doorbell_map(void *ctx, void *handle, umsi_phys phys, umsi_bus *out)
{
    (void)ctx;
    (void)handle;
    assert_int_equal(phys, MOCK_DOORBELL);
    *out = 0xfee00040;
    mapped += !refuse;
    return !refuse;
}

static void doorbell_unmap(void *ctx, void *handle, umsi_bus bus)
{
    (void)ctx;
    (void)handle;
    assert_int_equal(bus, 0xfee00040);
    mapped--;
}

static umsi_bus seen_address;

static void keep_address(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    (void)index;
    seen_address = m->address;
}

static void test_doorbell_behind_an_iommu(void **state) /* L49 */
{
    struct world w;
    (void)state;
    memset(&w, 0, sizeof(w));
    test_port_init(&w.t, 1);
    w.t.port.doorbell_map = doorbell_map;
    w.t.port.doorbell_unmap = doorbell_unmap;
    assert_int_equal(umsi_create(&w.t.port, &w.u), UMSI_OK);
    mock_parent_add(&w.mock, w.u, UMSI_DEVICE_MSI);
    w.mock.ops.doorbell = doorbell;
    struct umsi_msi_config c = config(&w, 8);
    c.write_message = keep_address;
    refuse = true;
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_PORT);
    assert_true(test_port_logged(&w.t, "cannot be mapped"));
    assert_int_equal(w.mock.prepares, 0);
    refuse = false;
    w.mock.fail_prepare = 1;
    w.mock.status = UMSI_NOSPACE;
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_NOSPACE);
    assert_int_equal(mapped, 0);
    assert_int_equal(umsi_msi_attach(&w.mock.msi, &c, &w.dev), UMSI_OK);
    assert_int_equal(mapped, 1);
    assert_int_equal(umsi_msi_alloc(&w.dev, 0, 1), UMSI_OK);
    assert_int_equal(seen_address, 0xfee00040);
    close_world(&w);
    assert_int_equal(mapped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prepare_once_teardown_once),
        cmocka_unit_test(test_late_prepare_is_still_once),
        cmocka_unit_test(test_failed_prepare_leaves_nothing),
        cmocka_unit_test(test_attach_refuses_nonsense),
        cmocka_unit_test(test_two_slots),
        cmocka_unit_test(test_indices),
        cmocka_unit_test(test_iteration),
        cmocka_unit_test(test_block_of_three_gives_back_four),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_only_some_cpus),
        cmocka_unit_test(test_each_level_fails),
        cmocka_unit_test(test_every_memory_failure),
        cmocka_unit_test(test_exhaustion_is_the_levels_own_error),
        cmocka_unit_test(test_message_beyond_the_device),
        cmocka_unit_test(test_one_call_at_a_time),
        cmocka_unit_test(test_restore_writes_messages_again),
        cmocka_unit_test(test_doorbell_behind_an_iommu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
