/* SPDX-License-Identifier: MIT */
/* MSI devices at their edges: arguments that make no sense, devices that are not attached, a template that
 * nobody may write in, and a level above the parent that fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mock_parent.h"
#include "test_port.h"

#include "../src/core/core.h"
#include "../src/msi/msi_domain.h"

static struct test_port t;
static struct umsi *u;
static struct mock_parent mock;
static struct umsi_msi_device dev;
static uint32_t messages, masked, opened;

static void write_message(void *handle, uint32_t index, const struct umsi_message *m)
{
    (void)handle;
    (void)index;
    (void)m;
    messages++;
}

static void set_mask(void *handle, uint32_t index, bool on)
{
    (void)handle;
    (void)index;
    masked += on;
    opened += !on;
}

static const struct umsi_msi_config good = {
    .name = "dev",
    .device_id = 7,
    .nr_events = 32,
    .write_message = write_message,
    .set_mask = set_mask,
};

static void start(void)
{
    test_port_init(&t, 2);
    assert_int_equal(umsi_create(&t.port, &u), UMSI_OK);
    mock_parent_add(&mock, u, UMSI_DEVICE_MSI);
    memset(&dev, 0, sizeof(dev));
    assert_int_equal(umsi_msi_attach(&mock.msi, &good, &dev), UMSI_OK);
}

static void stop(void)
{
    umsi_msi_detach(&dev);
    mock_parent_remove(&mock);
    assert_int_equal(umsi_destroy(u), UMSI_OK);
    test_port_check_empty(&t);
}

static void test_attach_arguments(void **state)
{
    struct umsi_msi_config c = good;
    struct umsi_msi_device d = { 0 };
    (void)state;
    start();
    assert_int_equal(umsi_msi_attach(NULL, &good, &d), UMSI_INVALID);
    assert_int_equal(umsi_msi_attach(&mock.msi, NULL, &d), UMSI_INVALID);
    assert_int_equal(umsi_msi_attach(&mock.msi, &good, NULL), UMSI_INVALID);
    c.name = NULL;
    assert_int_equal(umsi_msi_attach(&mock.msi, &c, &d), UMSI_INVALID);
    c = good;
    c.nr_events = 0;
    assert_int_equal(umsi_msi_attach(&mock.msi, &c, &d), UMSI_INVALID);
    c = good;
    c.write_message = NULL;
    assert_int_equal(umsi_msi_attach(&mock.msi, &c, &d), UMSI_INVALID);
    assert_int_equal(umsi_msi_attach(&mock.root, &good, &d), UMSI_UNSUPPORTED); /* no MSI parent */
    assert_null(d.umsi);
    assert_int_equal(umsi_msi_device_init(&mock.msi, &good, NULL), UMSI_INVALID);
    assert_int_equal(umsi_msi_device_init(&mock.msi, NULL, &d), UMSI_INVALID);
    stop();
}

static bool stop_at_first(void *arg, uint32_t index, umsi_virq virq)
{
    (void)index;
    (void)virq;
    (*(uint32_t *)arg)++;
    return false;
}

static void test_not_attached(void **state)
{
    struct umsi_msi_device d = { 0 };
    uint32_t index = 77, seen = 0;
    (void)state;
    start();
    assert_int_equal(umsi_msi_alloc(&d, 0, 1), UMSI_STATE);
    umsi_msi_free(&d, 0, 1);
    umsi_msi_detach(&d);
    assert_int_equal(umsi_msi_virq(&d, 0), UMSI_NO_VIRQ);
    assert_false(umsi_msi_index(&d, 1, &index));
    umsi_msi_for_each(&d, stop_at_first, &seen);
    assert_int_equal(seen, 0);
    assert_int_equal(umsi_msi_alloc(&dev, 0, 2), UMSI_OK);
    umsi_msi_for_each(&dev, stop_at_first, &seen);
    assert_int_equal(seen, 1);
    assert_false(umsi_msi_index(&dev, 5000, &index));
    assert_int_equal(index, 77);
    stop();
}

static void test_alloc_arguments(void **state) /* L10 */
{
    const struct umsi_msi_want any_two = { .first = UMSI_ANY_INDEX, .n = 2 };
    const struct umsi_msi_want block = { .first = 0, .n = 4, .block = true };
    const struct umsi_msi_want odd = { .first = 2, .n = 4, .block = true };
    uint32_t first = 77;
    (void)state;
    start();
    assert_int_equal(umsi_msi_alloc(&dev, 0, 0), UMSI_INVALID);
    assert_int_equal(umsi_msi_alloc(&dev, 0, UMSI_MAX_EVENTS + 1), UMSI_INVALID);
    assert_int_equal(umsi_msi_alloc(&dev, UMSI_ANY_INDEX, 1), UMSI_INVALID);
    assert_int_equal(umsi_msi_alloc(&dev, 32, 1), UMSI_RANGE);
    assert_int_equal(umsi_msi_alloc(&dev, 31, 2), UMSI_RANGE);
    assert_int_equal(umsi_msi_alloc_slot(&dev, 0, &any_two, &first), UMSI_INVALID);
    assert_int_equal(umsi_msi_alloc_slot(&dev, 1, &block, &first), UMSI_STATE);
    assert_int_equal(umsi_msi_alloc_slot(&dev, UMSI_MSI_SLOTS, &block, &first), UMSI_STATE);
    assert_int_equal(umsi_msi_alloc_slot(&dev, 0, &odd, &first), UMSI_RANGE);
    assert_int_equal(first, 77);
    assert_int_equal(umsi_msi_alloc(&dev, 31, 1), UMSI_OK);
    umsi_msi_free(&dev, 32, 1); /* nothing there */
    umsi_msi_free(&dev, 0, 31);
    assert_int_not_equal(umsi_msi_virq(&dev, 31), UMSI_NO_VIRQ);
    stop();
}

static void test_slots(void **state) /* L6 */
{
    uint32_t size = 77;
    (void)state;
    start();
    const struct umsi_msi_template *template = umsi_msi_domain_template(&dev, 0, &size);
    assert_non_null(template);
    assert_int_equal(size, 32);
    assert_null(umsi_msi_domain_template(&dev, UMSI_MSI_SLOTS, &size));
    assert_int_equal(size, 0);
    assert_int_equal(umsi_msi_domain_create(&dev, 0, template, 8), UMSI_EXISTS);
    assert_int_equal(umsi_msi_domain_create(&dev, UMSI_MSI_SLOTS, template, 8), UMSI_INVALID);
    assert_int_equal(umsi_msi_domain_create(&dev, 1, template, 0), UMSI_INVALID);
    assert_int_equal(umsi_msi_domain_remove(&dev, UMSI_MSI_SLOTS), UMSI_OK);
    assert_int_equal(umsi_msi_domain_remove(&dev, 1), UMSI_OK);
    assert_int_equal(umsi_msi_virq_slot(&dev, UMSI_MSI_SLOTS, 0), UMSI_NO_VIRQ);
    umsi_msi_free_slot(&dev, UMSI_MSI_SLOTS, 0, 1);
    assert_int_equal(umsi_msi_restore_slot(&dev, UMSI_MSI_SLOTS), UMSI_OK);
    stop();
}

/* ---- what prepare() left stays as it was (L5) ---- */

static uint32_t last_block;
static enum umsi_status (*inner)(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                 const struct umsi_alloc_info *info, struct umsi_batch *b);

static enum umsi_status spy(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                            const struct umsi_alloc_info *info, struct umsi_batch *b)
{
    last_block = info->nr_block;
    return inner(d, v, n, info, b);
}

static void test_template_is_immutable(void **state)
{
    const struct umsi_msi_want block = { .first = 0, .n = 3, .block = true };
    uint32_t first;
    (void)state;
    start();
    const struct umsi_domain_ops *was = mock.msi.ops;
    struct umsi_domain_ops ops = *was;
    inner = ops.alloc;
    ops.alloc = spy;
    mock.msi.ops = &ops;
    assert_int_equal(umsi_msi_alloc_slot(&dev, 0, &block, &first), UMSI_OK);
    assert_int_equal(last_block, 4);
    assert_int_equal(umsi_msi_alloc(&dev, 8, 1), UMSI_OK);
    assert_int_equal(last_block, 0); /* nothing of the block before */
    mock.msi.ops = was;
    stop();
}

/* ---- a level above the parent that fails (L12) ---- */

static uint32_t to_fail;

static enum umsi_status failing(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                                struct umsi_batch *b)
{
    (void)d;
    (void)v;
    (void)n;
    (void)b;
    return to_fail != 0 && --to_fail == 0 ? UMSI_HARDWARE : UMSI_OK;
}

static void test_outer_level_fails(void **state)
{
    static const struct umsi_domain_ops ops = { .activate = failing };
    static struct umsi_domain outer;
    const struct umsi_domain_config c = { .name = "outer", .ops = &ops, .parent = &mock.root };
    struct umsi_counts before, after;
    umsi_virq virq;
    (void)state;
    start();
    umsi_get_counts(u, &before);
    static struct umsi_domain top;
    assert_int_equal(umsi_domain_add(u, &outer, &c), UMSI_OK);
    struct umsi_domain_config over = { .name = "top", .ops = &ops, .parent = &outer };
    assert_int_equal(umsi_domain_add(u, &top, &over), UMSI_OK);
    for (uint32_t n = 1; n <= 2; n++) {
        to_fail = n;
        assert_int_equal(umsi_domain_map(&top, 1, false, &virq), UMSI_HARDWARE);
        umsi_get_counts(u, &after);
        assert_int_equal(after.live_irqs, before.live_irqs);
    }
    assert_int_equal(umsi_domain_remove(&top), UMSI_OK);
    assert_int_equal(umsi_domain_remove(&outer), UMSI_OK);
    stop();
}

/* The same with devices: the parent's vectors were active, and are no longer. */
static void test_device_level_fails(void **state)
{
    static struct umsi_domain_ops ops;
    (void)state;
    start();
    assert_int_equal(umsi_msi_alloc(&dev, 0, 1), UMSI_OK);
    struct umsi_domain *d = &dev.slot[0]->domain;
    const struct umsi_domain_ops *was = d->ops;
    ops = *was;
    ops.activate = failing;
    d->ops = &ops;
    to_fail = 1;
    assert_int_equal(umsi_msi_alloc(&dev, 4, 4), UMSI_HARDWARE); /* L13 */
    assert_int_equal(mock.active, 1);
    assert_int_equal(mock.live, 1);
    assert_int_equal(umsi_msi_alloc(&dev, 4, 4), UMSI_OK);
    d->ops = was;
    stop();
}

static uint32_t commits_at_free;
static void (*inner_free)(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                          struct umsi_batch *b);

static void spy_free(struct umsi_domain *d, struct umsi_irq *const *v, uint32_t n,
                     struct umsi_batch *b)
{
    commits_at_free = mock.commits;
    inner_free(d, v, n, b);
}

/* L25: what was undone is done before its numbers go. */
static void test_undone_before_freed(void **state)
{
    static struct umsi_domain_ops outer, parent;
    (void)state;
    start();
    struct umsi_domain *d = &dev.slot[0]->domain;
    const struct umsi_domain_ops *was = d->ops, *was_parent = mock.msi.ops;
    outer = *was;
    outer.activate = failing;
    parent = *was_parent;
    inner_free = parent.free;
    parent.free = spy_free;
    d->ops = &outer;
    mock.msi.ops = &parent;
    const uint32_t commits = mock.commits;
    to_fail = 1;
    assert_int_equal(umsi_msi_alloc(&dev, 4, 4), UMSI_HARDWARE);
    assert_int_equal(commits_at_free, commits + 1);
    d->ops = was;
    mock.msi.ops = was_parent;
    stop();
}

static uint32_t relaxes;

static void leave_soon(struct test_port *port)
{
    if (++relaxes == 3) {
        port->self = 1;
        umsi_leave(u);
        port->self = 0;
    }
}

/* L59: another CPU, in a dispatch, may hold a descriptor that an allocation which fails gives back. */
static void test_given_back_after_dispatch(void **state)
{
    (void)state;
    start();
    t.self = 1;
    umsi_enter(u);
    t.self = 0;
    relaxes = 0;
    t.on_relax = leave_soon;
    mock.status = UMSI_NOSPACE;
    mock.fail_alloc = 1;
    assert_int_equal(umsi_msi_alloc(&dev, 4, 4), UMSI_NOSPACE);
    assert_int_equal(relaxes, 3);
    t.on_relax = NULL;
    stop();
}

/* L12: vectors that no CPU can be found for leave nothing behind under their index. */
static void test_no_cpu(void **state)
{
    const struct umsi_cpumask none = { { 0 } };
    struct umsi_msi_want want = { .first = 4, .n = 2, .cpus = &none, .managed = true };
    uint32_t first = 77;
    (void)state;
    start();
    for (uint32_t i = 0; i < 3; i++) { /* managed, spread, and neither */
        want.managed = i == 0;
        want.spread = i == 1;
        assert_int_equal(umsi_msi_alloc_slot(&dev, 0, &want, &first), UMSI_STATE);
        assert_int_equal(umsi_msi_virq(&dev, 4), UMSI_NO_VIRQ);
    }
    umsi_set_cpu_online(u, 0, false);
    umsi_set_cpu_online(u, 1, false);
    want = (struct umsi_msi_want){ .first = 4, .n = 2, .managed = true };
    assert_int_equal(umsi_msi_alloc_slot(&dev, 0, &want, &first), UMSI_STATE);
    assert_int_equal(first, 77);
    umsi_set_cpu_online(u, 0, true);
    assert_int_equal(umsi_msi_alloc(&dev, 4, 2), UMSI_OK);
    stop();
}

static uint32_t reachable;

static bool not_for_long(struct umsi_domain *d, umsi_cpu cpu)
{
    (void)d;
    (void)cpu;
    reachable -= reachable != 0;
    return reachable != 0;
}

/* The same when the last CPU has no more room while they are placed, whichever of them it is. */
static void test_no_cpu_any_more(void **state)
{
    const struct umsi_msi_want want = { .first = 4, .n = 4, .spread = true };
    enum umsi_status st = UMSI_NOSPACE;
    uint32_t first = 77;
    (void)state;
    start();
    mock.ops.can_target = not_for_long;
    for (uint32_t looks = 1; st != UMSI_OK; looks++) {
        assert_int_equal(st, UMSI_NOSPACE);
        assert_int_equal(umsi_msi_virq(&dev, 4), UMSI_NO_VIRQ);
        assert_true(looks < 50);
        reachable = looks;
        st = umsi_msi_alloc_slot(&dev, 0, &want, &first);
    }
    mock.ops.can_target = NULL;
    assert_int_equal(first, 4);
    stop();
}

static const struct umsi_chip *chip_inside;
static uint32_t refused;

static enum umsi_status refuse_first(struct umsi_domain *d, struct umsi_irq *irq)
{
    return refused++ == 0 ? UMSI_GONE : chip_inside->write_message(d, irq);
}

static void do_nothing(void *arg)
{
    (void)arg;
}

/* L51: after a reset each vector is masked or open as it was; and the first error is told. */
static void test_restore(void **state)
{
    struct umsi_chip chip;
    (void)state;
    start();
    assert_int_equal(umsi_msi_alloc(&dev, 0, 3), UMSI_OK);
    assert_int_equal(umsi_irq_request(u, umsi_msi_virq(&dev, 1), do_nothing, NULL, "x"), UMSI_OK);
    masked = messages = opened = 0;
    assert_int_equal(umsi_msi_restore_slot(&dev, 0), UMSI_OK);
    assert_int_equal(messages, 3);
    assert_int_equal(masked, 2);
    assert_int_equal(opened, 1);
    struct umsi_domain *d = &dev.slot[0]->domain;
    chip_inside = d->chip;
    chip = *chip_inside;
    chip.write_message = refuse_first;
    d->chip = &chip;
    assert_int_equal(umsi_msi_restore_slot(&dev, 0), UMSI_GONE);
    assert_int_equal(refused, 1);
    d->chip = chip_inside;
    umsi_irq_free(u, umsi_msi_virq(&dev, 1));
    stop();
}

/* Nobody composes a message. */
static void test_no_message(void **state)
{
    (void)state;
    start();
    const struct umsi_chip *was = mock.msi.chip;
    const struct umsi_chip mute = { .name = "mute" };
    mock.msi.chip = &mute;
    assert_int_equal(umsi_msi_alloc(&dev, 0, 2), UMSI_UNSUPPORTED);
    assert_true(test_port_logged(&t, "no controller composes a message"));
    assert_int_equal(mock.live, 0);
    mock.msi.chip = was;
    assert_int_equal(umsi_msi_alloc(&dev, 0, 2), UMSI_OK);
    stop();
}

/* A second caller waits, with the port's lock dropped in between, until the first is done. */
static void let_go(struct test_port *port)
{
    (void)port;
    __atomic_store_n(&dev.busy, 0, __ATOMIC_RELEASE);
    t.on_relax = NULL;
}

static void test_busy(void **state)
{
    (void)state;
    start();
    assert_int_equal(umsi_msi_alloc(&dev, 0, 2), UMSI_OK);
    assert_int_equal(umsi_msi_lock(&dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&dev, 2, 1), UMSI_BUSY);
    t.on_relax = let_go;
    umsi_msi_free(&dev, 0, 2); /* freeing cannot fail: it waits */
    assert_int_equal(mock.live, 0);
    stop();
}

/* L8: a device that could not be attached is not attached; whatever the reason, nothing was prepared. */
static void test_attach_fails(void **state)
{
    struct umsi_msi_config late = good;
    struct umsi_msi_device d = { 0 };
    (void)state;
    start();
    const uint32_t prepares = mock.prepares, depth = mock.msi.depth;
    mock.status = UMSI_NOSPACE;
    mock.fail_prepare = 1;
    assert_int_equal(umsi_msi_attach(&mock.msi, &good, &d), UMSI_NOSPACE);
    assert_null(d.umsi);
    assert_int_equal(umsi_msi_alloc(&d, 0, 1), UMSI_STATE);
    umsi_msi_detach(&d);
    mock.msi.depth = UMSI_MAX_LEVELS - 1;
    assert_int_equal(umsi_msi_attach(&mock.msi, &good, &d), UMSI_RANGE);
    mock.msi.depth = depth;
    assert_int_equal(mock.prepares, prepares);
    late.late_prepare = true;
    assert_int_equal(umsi_msi_attach(&mock.root, &late, &d), UMSI_UNSUPPORTED);
    assert_int_equal(d.late_events, 0);
    stop();
}

static int32_t held;
static uint32_t taken;

static void count_lock(void *ctx, void *handle)
{
    (void)ctx;
    (void)handle;
    held++;
    taken++;
}

static void count_unlock(void *ctx, void *handle)
{
    (void)ctx;
    (void)handle;
    held--;
}

/* L55: the port's lock is dropped as often as it is taken, by a call that finds the device busy too. */
static void test_lock_is_balanced(void **state)
{
    (void)state;
    start();
    u->port.device_lock = count_lock;
    u->port.device_unlock = count_unlock;
    held = 0;
    assert_int_equal(umsi_msi_lock(&dev), UMSI_OK);
    assert_int_equal(held, 1);
    assert_int_equal(umsi_msi_alloc(&dev, 0, 1), UMSI_BUSY);
    assert_int_equal(held, 1);
    umsi_msi_unlock(&dev);
    assert_int_equal(umsi_msi_alloc(&dev, 0, 1), UMSI_OK);
    taken = 0;
    umsi_msi_free(&dev, 0, 1);
    assert_int_equal(taken, 1);
    assert_int_equal(held, 0);
    stop();
    assert_int_equal(held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attach_arguments),
        cmocka_unit_test(test_not_attached),
        cmocka_unit_test(test_alloc_arguments),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_template_is_immutable),
        cmocka_unit_test(test_outer_level_fails),
        cmocka_unit_test(test_device_level_fails),
        cmocka_unit_test(test_undone_before_freed),
        cmocka_unit_test(test_given_back_after_dispatch),
        cmocka_unit_test(test_no_cpu),
        cmocka_unit_test(test_no_cpu_any_more),
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_no_message),
        cmocka_unit_test(test_attach_fails),
        cmocka_unit_test(test_lock_is_balanced),
        cmocka_unit_test(test_busy),
    };
    return cmocka_run_group_tests_name("edges of MSI devices", tests, NULL, NULL);
}
