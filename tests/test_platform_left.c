/* SPDX-License-Identifier: MIT */
/* What umsi_platform_create() does with LPIs that were left on, and how it leaves them, on controllers that are not
 * there (platform_fake.h). */
#include "platform_fake.h"

static void *reserved(void *ctx, umsi_bus at, size_t size)
{
    (void)ctx;
    (void)at;
    (void)size;
    return NULL;
}

/* Any redistributor may be the one that is on; without `reserved` nobody is asked. */
static void left_on(void **state)
{
    struct umsi_platform p = machine_with(1);
    struct umsi_platform_ops with = ops;
    struct umsi_machine m;

    (void)state;
    script.left = 0x88000000f;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_int_equal(script.lpi.left, 0);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    with.reserved = reserved;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &with, &m), UMSI_OK);
    assert_int_equal(script.lpi.left, 0x88000000f);
    assert_ptr_equal(script.lpi.reserved, reserved);
    assert_ptr_equal(script.lpi.ctx, &lines);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    script.left = 0;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &with, &m), UMSI_OK);
    assert_null(script.lpi.reserved);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void handed_over(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_machine m;
    struct umsi_dma table[2];
    uint32_t n = 77;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_hand_over(NULL, table, 2, &n), UMSI_INVALID);
    assert_int_equal(umsi_platform_hand_over(&m, table, 1, &n), UMSI_NOSPACE);
    script.devices = 1;
    assert_int_equal(umsi_platform_hand_over(&m, table, 2, &n), UMSI_BUSY);
    script.devices = 0;
    assert_string_equal(script.calls, "");
    assert_int_equal(n, 77);
    assert_int_equal(umsi_platform_hand_over(&m, table, 2, &n), UMSI_OK);
    assert_string_equal(script.calls, "its-:1 its-:0 lpi> gic-");
    assert_int_equal(n, 2);
    assert_int_equal(script.mappings, 0);
}

/* Where it failed it goes on. */
static void each_step_can_fail(void **state)
{
    static const struct {
        const char *fail, *calls;
    } step[] = {
        { "its-:0", "its-:1 its-:0" },
        { "lpi>", "its-:1 its-:0 lpi>" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
        struct umsi_platform p = machine_with(2);
        struct umsi_machine m;
        struct umsi_dma table[2];
        uint32_t n = 77;

        fail_at(NULL, UMSI_OK);
        assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
        fail_at(step[i].fail, UMSI_BUSY);
        script.mappings = 5;
        assert_int_equal(umsi_platform_hand_over(&m, table, 2, &n), UMSI_BUSY);
        assert_string_equal(script.calls, step[i].calls);
        assert_int_equal(n, 77);
        fail_at(NULL, UMSI_OK);
        script.mappings = 5;
        assert_int_equal(umsi_platform_hand_over(&m, table, 2, &n), UMSI_OK);
        assert_int_equal(n, 2);
    }
}

/* Without LPIs there is nothing to hand over. */
static void nothing(void **state)
{
    struct umsi_platform p = machine_with(0);
    struct umsi_machine m;
    struct umsi_dma table[2];
    uint32_t n = 77;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_int_equal(umsi_platform_hand_over(&m, table, 0, &n), UMSI_OK);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(left_on, reset),
        cmocka_unit_test_setup(handed_over, reset),
        cmocka_unit_test_setup(each_step_can_fail, reset),
        cmocka_unit_test_setup(nothing, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
