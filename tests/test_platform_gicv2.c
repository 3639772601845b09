/* SPDX-License-Identifier: MIT */
/*
 * umsi_platform_create() with a GICv2, and with GICv2m frames beside either GIC, on controllers that are not there.
 */
#include "platform_fake.h"

static struct umsi_platform gicv2_with(uint32_t frames)
{
    struct umsi_platform p = { .has_gic = true,
                               .gicv2 = true,
                               .gicd = { 0x8000000, 0x10000 },
                               .gicc = { 0x8010000, 0x10000 },
                               .nr_v2m = frames };

    for (uint32_t i = 0; i < frames; i++) {
        p.v2m[i].reg = (struct umsi_range){ 0x8020000 + 0x10000 * (uint64_t)i, 0x1000 };
        p.v2m[i].phandle = 0x300 + i;
    }
    return p;
}

static void everything_works(void **state)
{
    struct umsi_platform p = gicv2_with(2);
    struct umsi_machine m;

    (void)state;
    p.v2m[1].first_spi = 80;
    p.v2m[1].nr_spis = 32;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_string_equal(script.calls, "gicv2+ v2m+:8020000 v2m+:8030000 v2cpu+:2");
    assert_int_equal((uintptr_t)script.gicv2.gicd, 0x8000001);
    assert_int_equal((uintptr_t)script.gicv2.gicc, 0x8010001);
    assert_int_equal((uintptr_t)script.v2m[0].base, 0x8020001);
    assert_int_equal(script.v2m[0].nr_spis, 0);
    assert_int_equal(script.v2m[1].first_spi, 80);
    assert_int_equal(script.v2m[1].nr_spis, 32);
    assert_string_equal(script.v2m[1].name, "GICv2m1");
    assert_ptr_equal(script.spis_of[0], the_gicv2);
    assert_int_equal(script.mappings, 4);
    assert_ptr_equal(umsi_platform_gicv2(&m), the_gicv2);
    assert_null(umsi_platform_gic(&m));
    assert_null(umsi_platform_lpi(&m));
    assert_ptr_equal(umsi_platform_v2m(&m, 1), &frame_object[3]);
    assert_null(umsi_platform_v2m(&m, 2));
    assert_null(umsi_platform_v2m(&m, UINT32_MAX));

    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_string_equal(script.calls, "v2m-:3 v2m-:2 gicv2-");
    assert_int_equal(script.mappings, 0);
}

static void each_step_can_fail(void **state)
{
    static const struct {
        const char *fail;
        enum umsi_status status;
        const char *calls;
    } step[] = {
        { "map:8000000", UMSI_UNSUPPORTED, "" },
        { "map:8010000", UMSI_UNSUPPORTED, "" },
        { "gicv2+", UMSI_EXISTS, "gicv2+" },
        { "v2cpu+:2", UMSI_UNSUPPORTED, "gicv2+ v2m+:8020000 v2cpu+:2 v2m-:2 gicv2-" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
        struct umsi_platform p = gicv2_with(1);
        struct umsi_machine m;

        fail_at(step[i].fail, step[i].status);
        assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), step[i].status);
        assert_string_equal(script.calls, step[i].calls);
        assert_int_equal(script.mappings, 0);
    }
}

static void broken_frame_is_left_out(void **state)
{
    static const char *const fail[] = { "v2m+:8020000", "map:8020000" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct umsi_platform p = gicv2_with(2);
        struct umsi_machine m;

        fail_at(fail[i], UMSI_RANGE);
        memset(&lines, 0, sizeof(lines));
        assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
        assert_null(umsi_platform_v2m(&m, 0));
        assert_non_null(umsi_platform_v2m(&m, 1));
        assert_true(log_has(&lines, "platform: GICv2m at 0x8020000: status", "left out"));
        assert_int_equal(script.mappings, 3);
        assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
        assert_int_equal(script.mappings, 0);
    }
}

static void frames_beside_a_gicv3(void **state)
{
    struct umsi_platform p = machine_with(1);
    struct umsi_machine m;

    (void)state;
    p.nr_v2m = 1;
    p.v2m[0] = (struct umsi_platform_v2m){ .reg = { 0x8020000, 0x1000 }, .phandle = 0x300 };
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_string_equal(script.calls, "gic+ lpi+ its+:a000000 v2m+:8020000 cpu+:2 rd:2 lpicpu+:2");
    assert_ptr_equal(script.spis_of[0], the_gic);
    assert_null(script.v2m[0].name); /* one alone has the usual name */
    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_string_equal(script.calls, "v2m-:2 its-:0 lpi- gic-");
}

/* Nothing is taken down while a device hangs on a frame. */
static void devices_refuse_it_whole(void **state)
{
    struct umsi_platform p = gicv2_with(2);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    frame_object[2].nr_children = 1;
    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_destroy(&m), UMSI_BUSY);
    assert_string_equal(script.calls, "");
    frame_object[2].nr_children = 0;
    script.fail = "v2m-:2";
    script.status = UMSI_BUSY;
    assert_int_equal(umsi_platform_destroy(&m), UMSI_BUSY);
    assert_string_equal(script.calls, "v2m-:3 v2m-:2");
    script.fail = NULL;
    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_string_equal(script.calls, "v2m-:2 gicv2-");
}

static void too_many_frames(void **state)
{
    struct umsi_platform p = gicv2_with(1);
    struct umsi_machine m;

    (void)state;
    p.nr_v2m = UMSI_PLATFORM_MAX_V2M + 1;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_INVALID);
}

static void msi_of_a_function(void **state)
{
    struct umsi_platform p = gicv2_with(2);
    struct umsi_platform_host host = { .msi_parent = 0x301 };
    struct umsi_domain *parent = NULL;
    struct umsi_machine m;
    uint32_t id = 7;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_int_equal(umsi_platform_msi(&m, &host, 8, &parent, &id), UMSI_OK);
    assert_ptr_equal(parent, &frame_object[3]);
    host.msi_parent = 0x305;
    assert_int_equal(umsi_platform_msi(&m, &host, 8, &parent, &id), UMSI_UNSUPPORTED);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void cpus_come_and_go(void **state)
{
    struct umsi_platform p = gicv2_with(0);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_cpu_online(&m, 3), UMSI_OK);
    umsi_platform_cpu_offline(&m, 3);
    assert_string_equal(script.calls, "v2cpu+:3 v2cpu-");
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

/* The same calls, whichever GIC it is. */
static void what_every_gic_has(void **state)
{
    struct umsi_platform two = gicv2_with(0), three = machine_with(0);
    const struct umsi_platform *both[] = { &two, &three };
    static const char *const calls[] = {
        "v2map v2unmap:41 v2on:27 v2off:27 v2sgi:35",
        "map unmap:41 on:27 off:27 sgi:35",
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct umsi_machine m;
        umsi_virq virq = 0;

        assert_int_equal(umsi_platform_create(the_umsi, both[i], &ops, &m), UMSI_OK);
        script.calls[0] = '\0';
        assert_int_equal(umsi_platform_map(&m, 0x40, true, &virq), UMSI_OK);
        assert_int_equal(virq, 0x41);
        umsi_platform_unmap(&m, virq);
        assert_int_equal(umsi_platform_enable_local(&m, 0x27, true), UMSI_OK);
        assert_int_equal(umsi_platform_enable_local(&m, 0x27, false), UMSI_OK);
        assert_int_equal(umsi_platform_send_sgi(&m, 3, 5), UMSI_OK);
        assert_string_equal(script.calls, calls[i]);
        assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(everything_works, reset),
        cmocka_unit_test_setup(each_step_can_fail, reset),
        cmocka_unit_test_setup(broken_frame_is_left_out, reset),
        cmocka_unit_test_setup(frames_beside_a_gicv3, reset),
        cmocka_unit_test_setup(devices_refuse_it_whole, reset),
        cmocka_unit_test_setup(too_many_frames, reset),
        cmocka_unit_test_setup(msi_of_a_function, reset),
        cmocka_unit_test_setup(cpus_come_and_go, reset),
        cmocka_unit_test_setup(what_every_gic_has, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
