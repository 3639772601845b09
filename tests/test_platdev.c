/* SPDX-License-Identifier: MIT */
/* Platform devices: messages land in the registers the layout names. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <umsi/platdev.h>

#include "mock_parent.h"
#include "test_port.h"

struct world {
    struct test_port t;
    struct umsi *u;
    struct mock_parent mock;
    struct umsi_platdev dev;
    struct umsi_platdev_config config;
    uint64_t regs[64];
    bool masked[8];
};

static void set_mask(void *handle, uint32_t index, bool masked)
{
    ((struct world *)handle)->masked[index] = masked;
}

static void open_world(struct world *w)
{
    memset(w, 0, sizeof(*w));
    test_port_init(&w->t, 1);
    assert_int_equal(umsi_create(&w->t.port, &w->u), UMSI_OK);
    mock_parent_add(&w->mock, w->u, UMSI_DEVICE_MSI);
    w->config = (struct umsi_platdev_config){
        .name = "smmu",
        .handle = w,
        .regs = w->regs,
        .layout = { .address_lo = 0x10, .address_hi = 0x14, .data = 0x18, .stride = 0x20 },
        .device_id = 3,
        .nr_events = 8,
        .set_mask = set_mask,
    };
}

static void close_world(struct world *w)
{
    umsi_platdev_detach(&w->dev);
    umsi_platdev_detach(&w->dev);
    mock_parent_remove(&w->mock);
    assert_int_equal(umsi_destroy(w->u), UMSI_OK);
    test_port_check_empty(&w->t);
}

static uint32_t reg32(const struct world *w, uint32_t offset)
{
    uint32_t v;
    memcpy(&v, (const char *)w->regs + offset, sizeof(v));
    return v;
}

static void handler(void *arg)
{
    (void)arg;
}

static void test_split_address(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    memset(w.regs, 0xff, sizeof(w.regs));
    assert_int_equal(umsi_platdev_attach(&w.mock.msi, &w.config, &w.dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev.msi, 2, 1), UMSI_OK);
    assert_int_equal(reg32(&w, 0x50), MOCK_DOORBELL);
    assert_int_equal(reg32(&w, 0x54), 0);
    assert_int_equal(reg32(&w, 0x58), 2);
    assert_int_equal(reg32(&w, 0x10), 0xffffffff); /* its neighbours are untouched */
    assert_int_equal(reg32(&w, 0x5c), 0xffffffff);
    memset(w.regs, 0, sizeof(w.regs));
    assert_int_equal(umsi_irq_request(w.u, umsi_msi_virq(&w.dev.msi, 2), handler, &w, "evtq"),
                     UMSI_OK);
    assert_false(w.masked[2]);
    w.masked[2] = true;
    assert_int_equal(umsi_platdev_restore(&w.dev), UMSI_OK); /* L47 */
    assert_int_equal(reg32(&w, 0x50), MOCK_DOORBELL);
    assert_int_equal(reg32(&w, 0x58), 2);
    assert_false(w.masked[2]);
    close_world(&w);
}

static void test_one_register_address(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    w.config.layout = (struct umsi_platdev_layout){
        .address_lo = 8, .data = 0, .stride = 16, .address_64 = true
    };
    w.config.set_mask = NULL;
    assert_int_equal(umsi_platdev_attach(&w.mock.msi, &w.config, &w.dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev.msi, 0, 8), UMSI_OK);
    assert_int_equal(w.regs[15], MOCK_DOORBELL);
    assert_int_equal(reg32(&w, 7 * 16), 7);
    close_world(&w);
}

static void test_refusals(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    w.config.regs = NULL;
    assert_int_equal(umsi_platdev_attach(&w.mock.msi, &w.config, &w.dev), UMSI_INVALID);
    w.config.regs = w.regs;
    w.config.layout.address_32 = w.config.layout.address_64 = true;
    assert_int_equal(umsi_platdev_attach(&w.mock.msi, &w.config, &w.dev), UMSI_INVALID);
    w.config.layout.address_64 = false;
    w.mock.fail_prepare = 1;
    w.mock.status = UMSI_NOSPACE;
    assert_int_equal(umsi_platdev_attach(&w.mock.msi, &w.config, &w.dev), UMSI_NOSPACE);
    assert_int_equal(umsi_platdev_attach(&w.mock.msi, &w.config, &w.dev), UMSI_OK);
    assert_int_equal(umsi_msi_alloc(&w.dev.msi, 0, 1), UMSI_OK); /* below 4 GiB */
    close_world(&w);
}

/* The storage was never written; after an error it is a device that is not attached, whatever failed. */
static void test_failed_attach_leaves_none(void **state)
{
    struct world w;
    (void)state;
    open_world(&w);
    for (uint32_t i = 0; i < 4; i++) {
        memset(&w.dev, 0xa5, sizeof(w.dev));
        w.config.regs = i == 0 ? NULL : w.regs;
        w.config.nr_events = i == 2 ? 0 : 8;
        w.mock.fail_prepare = i == 3;
        w.mock.status = UMSI_NOSPACE;
        assert_int_not_equal(
            umsi_platdev_attach(i == 1 ? &w.mock.root : &w.mock.msi, &w.config, &w.dev), UMSI_OK);
        assert_null(w.dev.msi.umsi);
        umsi_platdev_detach(&w.dev);
        assert_int_equal(umsi_platdev_restore(&w.dev), UMSI_STATE);
    }
    assert_int_equal(umsi_platdev_attach(&w.mock.msi, &w.config, &w.dev), UMSI_OK);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_address),
        cmocka_unit_test(test_one_register_address),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_failed_attach_leaves_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
