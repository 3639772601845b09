/* SPDX-License-Identifier: MIT */
/*
 * umsi_platform_create() and its reverse, on controllers that are not there (platform_fake.h): every step can
 * fail, and the order of what follows is seen.
 */
#include "platform_fake.h"

static void everything_works(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_string_equal(script.calls, "gic+ lpi+ its+:a000000 its+:a100000 cpu+:2 rd:2 lpicpu+:2");
    assert_int_equal(script.mappings, 5);
    assert_ptr_equal(umsi_platform_gic(&m), the_gic);
    assert_ptr_equal(umsi_platform_lpi(&m), the_lpi);
    assert_ptr_equal(umsi_platform_its(&m, 0), &its_object[0]);
    assert_ptr_equal(umsi_platform_its(&m, 1), &its_object[1]);
    assert_null(umsi_platform_its(&m, 2));
    assert_null(umsi_platform_its(&m, UINT32_MAX));
    assert_int_equal(lines.n, 0);

    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_string_equal(script.calls, "its-:1 its-:0 lpi- gic-");
    assert_int_equal(script.mappings, 0);
}

static void chips_get_what_firmware_said(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_int_equal((uintptr_t)script.gic.gicd, 0x8000001);
    assert_int_equal(script.gic.nr_regions, 2);
    assert_int_equal((uintptr_t)script.region[1].base, 0x90a0001);
    assert_int_equal(script.region[1].phys, 0x90a0000);
    assert_int_equal(script.region[1].size, 0x80000);
    assert_int_equal(script.region[1].stride, 0x20000);
    assert_ptr_equal(script.lpi.gicd, script.gic.gicd);
    assert_true(script.lpi.non_coherent);
    assert_null(script.lpi.table);
    assert_int_equal((uintptr_t)script.its[1].base, 0xa100001);
    assert_int_equal(script.its[1].phys, 0xa100000);
    assert_false(script.its[0].non_coherent);
    assert_true(script.its[1].non_coherent);
    assert_string_equal(script.its[0].name, "ITS0");
    assert_string_equal(script.its[1].name, "ITS1");
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

/* Each step fails in turn: its status comes back, what was made is unmade, in reverse, and nothing else. */
static void each_step_can_fail(void **state)
{
    static const struct {
        const char *fail;
        enum umsi_status status;
        const char *calls;
    } step[] = {
        { "map:8000000", UMSI_UNSUPPORTED, "" },
        { "map:90a0000", UMSI_UNSUPPORTED, "" },
        { "gic+", UMSI_TIMEOUT, "gic+" },
        { "lpi+", UMSI_NOMEM, "gic+ lpi+ gic-" },
        { "cpu+:2", UMSI_NOTFOUND,
          "gic+ lpi+ its+:a000000 its+:a100000 cpu+:2 its-:1 its-:0 lpi- gic-" },
        { "rd:2", UMSI_NOTFOUND,
          "gic+ lpi+ its+:a000000 its+:a100000 cpu+:2 rd:2 cpu- its-:1 its-:0 lpi- gic-" },
        { "lpicpu+:2", UMSI_STATE,
          "gic+ lpi+ its+:a000000 its+:a100000 cpu+:2 rd:2 lpicpu+:2 cpu- its-:1 its-:0 lpi- gic-" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
        struct umsi_platform p = machine_with(2);
        struct umsi_machine m, before;

        memset(&m, 0xa5, sizeof(m));
        before = m;
        fail_at(step[i].fail, step[i].status);
        assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), step[i].status);
        assert_string_equal(script.calls, step[i].calls);
        assert_int_equal(script.mappings, 0);
        assert_memory_equal(&m, &before, sizeof(m));
    }
}

static void broken_its_is_left_out(void **state)
{
    struct umsi_platform p = machine_with(3);
    struct umsi_machine m;

    (void)state;
    fail_at("its+:a100000", UMSI_HARDWARE);
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_ptr_equal(umsi_platform_its(&m, 0), &its_object[0]);
    assert_null(umsi_platform_its(&m, 1));
    assert_ptr_equal(umsi_platform_its(&m, 2), &its_object[2]);
    assert_true(log_has(&lines, "platform: ITS at 0xa100000: status 11", "left out"));
    assert_int_equal(script.mappings, 5);

    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_string_equal(script.calls, "its-:2 its-:0 lpi- gic-");
    assert_int_equal(script.mappings, 0);
}

static void unmappable_its_is_left_out(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_machine m;

    (void)state;
    fail_at("map:a000000", UMSI_OK);
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_null(umsi_platform_its(&m, 0));
    assert_non_null(umsi_platform_its(&m, 1));
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void no_its_no_lpis(void **state)
{
    struct umsi_platform p = machine_with(0);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_string_equal(script.calls, "gic+ cpu+:2");
    assert_null(umsi_platform_lpi(&m));
    assert_null(umsi_platform_its(&m, 0));
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_string_equal(script.calls, "gic+ cpu+:2 gic-");
}

static void no_its_works(void **state)
{
    struct umsi_platform p = machine_with(1);
    struct umsi_machine m;

    (void)state;
    fail_at("its+:a000000", UMSI_TIMEOUT);
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_string_equal(script.calls, "gic+ lpi+ its+:a000000 lpi- cpu+:2");
    assert_null(umsi_platform_lpi(&m));
    assert_null(script.its[0].name); /* one alone has the usual name */
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void gic_without_lpis(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_machine m;

    (void)state;
    fail_at("lpi+", UMSI_UNSUPPORTED);
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_string_equal(script.calls, "gic+ lpi+ cpu+:2");
    assert_null(umsi_platform_lpi(&m));
    assert_true(log_has(&lines, "LPIs of the GIC at 0x8000000", "no MSI"));
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void further_cpus(void **state)
{
    struct umsi_platform p = machine_with(1);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    script.calls[0] = '\0';
    assert_int_equal(umsi_platform_cpu_online(&m, 5), UMSI_OK);
    assert_string_equal(script.calls, "cpu+:5 rd:5 lpicpu+:5");
    fail_at("lpicpu+:6", UMSI_TIMEOUT);
    assert_int_equal(umsi_platform_cpu_online(&m, 6), UMSI_TIMEOUT);
    assert_string_equal(script.calls, "cpu+:6 rd:6 lpicpu+:6 cpu-");
    fail_at("cpu+:7", UMSI_NOTFOUND);
    assert_int_equal(umsi_platform_cpu_online(&m, 7), UMSI_NOTFOUND);
    assert_string_equal(script.calls, "cpu+:7");
}

static void cpus_go_and_come_back(void **state)
{
    struct umsi_platform with_its = machine_with(1), without = machine_with(0);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &with_its, &ops, &m), UMSI_OK);
    script.calls[0] = '\0';
    umsi_platform_cpu_offline(&m, 5);
    assert_int_equal(umsi_platform_cpu_online(&m, 5), UMSI_OK);
    assert_string_equal(script.calls, "lpicpu-:5 cpu- cpu+:5 rd:5 lpicpu+:5");
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_int_equal(umsi_platform_create(the_umsi, &without, &ops, &m), UMSI_OK);
    script.calls[0] = '\0';
    umsi_platform_cpu_offline(&m, 5);
    assert_string_equal(script.calls, "cpu-");
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void device_bits_of_every_its(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_platform_ops wide = ops;
    struct umsi_machine m;

    (void)state;
    wide.device_bits = 22;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &wide, &m), UMSI_OK);
    assert_int_equal(script.its[0].device_bits, 22);
    assert_int_equal(script.its[1].device_bits, 22);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void wrong_arguments(void **state)
{
    struct umsi_platform p = machine_with(1);
    struct umsi_platform_ops none = ops;
    struct umsi_machine m;

    (void)state;
    none.map = NULL;
    assert_int_equal(umsi_platform_create(NULL, &p, &ops, &m), UMSI_INVALID);
    assert_int_equal(umsi_platform_create(the_umsi, NULL, &ops, &m), UMSI_INVALID);
    assert_int_equal(umsi_platform_create(the_umsi, &p, NULL, &m), UMSI_INVALID);
    assert_int_equal(umsi_platform_create(the_umsi, &p, &none, &m), UMSI_INVALID);
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, NULL), UMSI_INVALID);
    assert_int_equal(umsi_platform_destroy(NULL), UMSI_INVALID);
    p.nr_its = UMSI_PLATFORM_MAX_ITS + 1;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_INVALID);
    p = machine_with(1);
    p.nr_redist = UMSI_PLATFORM_MAX_REGIONS + 1;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_INVALID);
    p = machine_with(1);
    p.has_gic = false;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_NOTFOUND);
    assert_string_equal(script.calls, "");
}

/* ---- destroy that is refused ---- */

static void devices_refuse_it_whole(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    script.calls[0] = '\0';
    script.devices = 1; /* of ITS0: ITS1 would already be gone when it refuses */
    assert_int_equal(umsi_platform_destroy(&m), UMSI_BUSY);
    assert_string_equal(script.calls, "");
    script.devices = 0;
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void its_that_stays(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    fail_at("its-:0", UMSI_BUSY);
    script.mappings = 5;
    assert_int_equal(umsi_platform_destroy(&m), UMSI_BUSY);
    assert_string_equal(script.calls, "its-:1 its-:0");
    assert_int_equal(script.mappings, 5);
    assert_non_null(umsi_platform_its(&m, 0));
    assert_null(umsi_platform_its(&m, 1));
    fail_at(NULL, UMSI_OK);
    script.mappings = 5;
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK); /* goes on where it stopped */
    assert_string_equal(script.calls, "its-:0 lpi- gic-");
    assert_int_equal(script.mappings, 0);
}

/* A wired interrupt is still mapped. */
static void gic_that_stays(void **state)
{
    struct umsi_platform p = machine_with(0);
    struct umsi_machine m;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    fail_at("gic-", UMSI_BUSY);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_BUSY);
    assert_string_equal(script.calls, "gic-");
    assert_ptr_equal(umsi_platform_gic(&m), the_gic);
    fail_at(NULL, UMSI_OK);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_string_equal(script.calls, "gic-");
}

/* The undo of a create can fail, too: frames a controller looks at stay mapped, and the log says so. */
static void undo_that_fails(void **state)
{
    struct umsi_platform p = machine_with(1);
    struct umsi_machine m;

    (void)state;
    fail_at("lpi-", UMSI_TIMEOUT);
    script.also_fails = "lpicpu+:2";
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_TIMEOUT);
    assert_string_equal(script.calls,
                        "gic+ lpi+ its+:a000000 cpu+:2 rd:2 lpicpu+:2 cpu- its-:0 lpi-");
    assert_int_equal(script.mappings, 4);
    assert_true(log_has(&lines, "platform: GIC at 0x8000000: status 7", "kept"));
}

/* What is optional may be left out. */
static void without_unmap_and_log(void **state)
{
    struct umsi_platform p = machine_with(1);
    const struct umsi_platform_ops few = { .map = map };
    struct umsi_machine m;

    (void)state;
    fail_at("its+:a000000", UMSI_HARDWARE);
    assert_int_equal(umsi_platform_create(the_umsi, &p, &few, &m), UMSI_OK);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
    assert_string_equal(script.calls, "gic+ lpi+ its+:a000000 lpi- cpu+:0 gic-");
}

/* ---- where messages go ---- */

static void msi_of_a_function(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_platform_host host = { .msi_map = { { 0, 0x101, 0x4000, 0x10000 } },
                                       .nr_msi_map = 1,
                                       .msi_map_mask = 0xffff };
    struct umsi_domain *parent = NULL;
    struct umsi_machine m;
    uint32_t id = 7;

    (void)state;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_int_equal(umsi_platform_msi(&m, &host, 0x108, &parent, &id), UMSI_OK);
    assert_int_equal((uintptr_t)parent, 0x5001);
    assert_int_equal(id, 0x4108);
    host.nr_msi_map = 0;
    host.msi_parent = 0x100;
    assert_int_equal(umsi_platform_msi(&m, &host, 0x208, &parent, &id), UMSI_OK);
    assert_int_equal((uintptr_t)parent, 0x5000);
    assert_int_equal(id, 0x208);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

static void msi_that_goes_nowhere(void **state)
{
    struct umsi_platform p = machine_with(2);
    struct umsi_platform_host host = { .msi_parent = 0x102, .msi_map_mask = 0xffff };
    struct umsi_domain *parent = NULL;
    struct umsi_machine m;
    uint32_t id = 7;

    (void)state;
    p.its[1].phandle = 0; /* nobody can name it */
    script.fail = "its+:a000000";
    script.status = UMSI_HARDWARE;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_int_equal(umsi_platform_msi(&m, &host, 8, &parent, &id), UMSI_UNSUPPORTED);
    host.msi_parent = 0x100; /* could not be brought up */
    assert_int_equal(umsi_platform_msi(&m, &host, 8, &parent, &id), UMSI_UNSUPPORTED);
    host.nr_msi_map = 1; /* a row of zeros: controller 0 */
    assert_int_equal(umsi_platform_msi(&m, &host, 8, &parent, &id), UMSI_UNSUPPORTED);
    host.nr_msi_map = UMSI_PLATFORM_MAX_MSI_MAP + 1;
    assert_int_equal(umsi_platform_msi(&m, &host, 8, &parent, &id), UMSI_INVALID);
    host = (struct umsi_platform_host){ .nr_msi_map = 0 };
    assert_int_equal(umsi_platform_msi(&m, &host, 8, &parent, &id), UMSI_UNSUPPORTED);
    assert_null(parent);
    assert_int_equal(id, 7);
}

/* ---- where wires go ---- */

static void intx_of_a_function(void **state)
{
    struct umsi_platform p = machine_with(1);
    struct umsi_platform_host host = { .intx = { { 0, 1, 0x200, 35 } }, .nr_intx = 1 };
    struct umsi_machine m;
    uint32_t intid = 7;

    (void)state;
    p.gic_phandle = 0x200;
    assert_int_equal(umsi_platform_create(the_umsi, &p, &ops, &m), UMSI_OK);
    assert_int_equal(umsi_platform_intx(&m, &host, 8, 1, &intid), UMSI_OK);
    assert_int_equal(intid, 35);
    intid = 7;
    assert_int_equal(umsi_platform_intx(&m, &host, 8, 0, &intid), UMSI_INVALID);
    host.intx[0].controller = 0x201;
    assert_int_equal(umsi_platform_intx(&m, &host, 8, 1, &intid), UMSI_UNSUPPORTED);
    host.nr_intx = UMSI_PLATFORM_MAX_INTX + 1;
    assert_int_equal(umsi_platform_intx(&m, &host, 8, 1, &intid), UMSI_INVALID);
    host.nr_intx = 0;
    assert_int_equal(umsi_platform_intx(&m, &host, 8, 1, &intid), UMSI_NOTFOUND);
    assert_int_equal(intid, 7);
    assert_int_equal(umsi_platform_destroy(&m), UMSI_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(everything_works, reset),
        cmocka_unit_test_setup(chips_get_what_firmware_said, reset),
        cmocka_unit_test_setup(each_step_can_fail, reset),
        cmocka_unit_test_setup(broken_its_is_left_out, reset),
        cmocka_unit_test_setup(unmappable_its_is_left_out, reset),
        cmocka_unit_test_setup(no_its_no_lpis, reset),
        cmocka_unit_test_setup(no_its_works, reset),
        cmocka_unit_test_setup(gic_without_lpis, reset),
        cmocka_unit_test_setup(further_cpus, reset),
        cmocka_unit_test_setup(cpus_go_and_come_back, reset),
        cmocka_unit_test_setup(device_bits_of_every_its, reset),
        cmocka_unit_test_setup(wrong_arguments, reset),
        cmocka_unit_test_setup(devices_refuse_it_whole, reset),
        cmocka_unit_test_setup(its_that_stays, reset),
        cmocka_unit_test_setup(gic_that_stays, reset),
        cmocka_unit_test_setup(undo_that_fails, reset),
        cmocka_unit_test_setup(without_unmap_and_log, reset),
        cmocka_unit_test_setup(msi_of_a_function, reset),
        cmocka_unit_test_setup(msi_that_goes_nowhere, reset),
        cmocka_unit_test_setup(intx_of_a_function, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
