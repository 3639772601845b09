/* SPDX-License-Identifier: MIT */
/* The GICv2 driver's life on the strict model: probe, a clean start, CPUs that come and go, the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chip/gicv2/gicv2_enc.h"
#include "chip/gicv2/gicv2_regs.h"
#include "core/core.h"

#include "gic_rig.h"

static struct gic_rig r;

static const struct model_config plain = { .nr_cpus = 4, .gicv2 = true };

/* ---- encoders, values worked out from IHI0048B ---- */

static void fields(void **state)
{
    (void)state;
    struct umsi_gicv2_field f = umsi_gicv2_field(GICD_ISENABLER, 1, 70);
    assert_int_equal(f.offset, 0x108);
    assert_int_equal(f.shift, 6);
    f = umsi_gicv2_field(GICD_ICFGR, 2, 70);
    assert_int_equal(f.offset, 0xC10);
    assert_int_equal(f.shift, 12);
    f = umsi_gicv2_field(GICD_ITARGETSR, 8, 70);
    assert_int_equal(f.offset, 0x844);
    assert_int_equal(f.shift, 16);
    f = umsi_gicv2_field(GICD_SPENDSGIR, 8, 6);
    assert_int_equal(f.offset, 0xF24);
    assert_int_equal(f.shift, 16);
}

static void values(void **state)
{
    (void)state;
    assert_int_equal(umsi_gicv2_nr_intids(0xFC60), 32);
    assert_int_equal(umsi_gicv2_nr_intids(0x03), 128);
    assert_int_equal(umsi_gicv2_nr_intids(0x1F), 1020); /* 1020 to 1023 are special */
    assert_int_equal(umsi_gicv2_sgir(0x04, 9), 0x00040009);
    assert_int_equal(umsi_gicv2_sgir(0x80, 15), 0x0080000F);
    assert_int_equal(umsi_gicv2_iar_intid(0x1C05), 5); /* SGI 5, from CPU interface 7 */
    assert_int_equal(umsi_gicv2_iar_sender(0x1C05), 7);
    assert_int_equal(umsi_gicv2_eoir(5, 7), 0x1C05);
    assert_int_equal(umsi_gicv2_eoir(40, 0), 40);
    assert_int_equal(umsi_gicv2_own_target(0x08080808), 0x08);
    assert_int_equal(umsi_gicv2_own_target(0x00040000), 0x04);
    assert_int_equal(umsi_gicv2_own_target(0), 0);
}

/* ---- creation ---- */

static void arguments(void **state)
{
    struct umsi_gicv2_config c;
    struct umsi_gicv2 *gic = NULL;

    (void)state;
    gic_rig_machine(&r, &plain);
    c = (struct umsi_gicv2_config){ model_gicd(r.m), model_gicc(r.m) };
    assert_int_equal(umsi_gicv2_create(NULL, &c, &gic), UMSI_INVALID);
    assert_int_equal(umsi_gicv2_create(r.u, NULL, &gic), UMSI_INVALID);
    assert_int_equal(umsi_gicv2_create(r.u, &c, NULL), UMSI_INVALID);
    c.gicd = NULL;
    assert_int_equal(umsi_gicv2_create(r.u, &c, &gic), UMSI_INVALID);
    c = (struct umsi_gicv2_config){ model_gicd(r.m), NULL };
    assert_int_equal(umsi_gicv2_create(r.u, &c, &gic), UMSI_INVALID);
    assert_null(gic);
    gic_rig_stop(&r);
}

/* What firmware, or a kernel that crashed, left behind. */
static void dirty(void)
{
    volatile char *gicd = gic_rig_gicd(&r), *gicc = gic_rig_gicc(&r);

    gic_rig_write(&r, 0, gicd, 0x000, 1);
    gic_rig_write(&r, 0, gicd, 0x088, 0xFFFFFFFF);
    gic_rig_write(&r, 0, gicd, 0x844, 0x01020408);
    gic_rig_write(&r, 0, gicd, 0xC10, 0xAAAAAAAA);
    gic_rig_write(&r, 0, gicd, 0x444, 0x10203040);
    gic_rig_write(&r, 0, gicd, 0x108, 0xFFFF);
    gic_rig_write(&r, 0, gicd, 0x208, 0xFF);
    gic_rig_write(&r, 0, gicd, 0x308, 0xF0);
    for (umsi_cpu cpu = 0; cpu < 4; cpu++) {
        gic_rig_write(&r, cpu, gicd, 0x100, 0xFFFF0000);
        gic_rig_write(&r, cpu, gicd, 0x200, 0x00FF0000);
        gic_rig_write(&r, cpu, gicd, 0xF20, 0x01010101);
        gic_rig_write(&r, cpu, gicc, 0x000, 0x61);
        gic_rig_write(&r, cpu, gicc, 0x008, 7);
    }
}

static void clean_start(void **state)
{
    volatile char *gicd, *gicc;

    (void)state;
    gic_rig_machine(&r, &plain);
    gicd = gic_rig_gicd(&r);
    gicc = gic_rig_gicc(&r);
    dirty();
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    assert_int_equal(gic_rig_read(&r, 0, gicd, 0x000), 1);
    assert_int_equal(gic_rig_read(&r, 0, gicd, 0x088), 0);
    assert_int_equal(gic_rig_read(&r, 0, gicd, 0x844), 0x08080808); /* CPU 0 has interface 3 */
    assert_int_equal(gic_rig_read(&r, 0, gicd, 0xC10), 0);
    assert_int_equal(gic_rig_read(&r, 0, gicd, 0x444), 0xA0A0A0A0);
    assert_int_equal(gic_rig_read(&r, 0, gicd, 0x108), 0);
    assert_int_equal(gic_rig_read(&r, 0, gicd, 0x208), 0);
    assert_int_equal(gic_rig_read(&r, 0, gicd, 0x308), 0);
    for (umsi_cpu cpu = 0; cpu < 4; cpu++) {
        assert_int_equal(gic_rig_online(&r, cpu), UMSI_OK);
        assert_int_equal(gic_rig_read(&r, cpu, gicd, 0x100), 0xFFFF);
        assert_int_equal(gic_rig_read(&r, cpu, gicd, 0x200), 0);
        assert_int_equal(gic_rig_read(&r, cpu, gicd, 0xF20), 0);
        assert_int_equal(gic_rig_read(&r, cpu, gicd, 0x400), 0xA0A0A0A0);
        assert_int_equal(gic_rig_read(&r, cpu, gicc, 0x004), 0xF8);
        assert_int_equal(gic_rig_read(&r, cpu, gicc, 0x008), 3);    /* the lowest there is */
        assert_int_equal(gic_rig_read(&r, cpu, gicc, 0x000), 0x61); /* the bypass bits are kept */
    }
    gic_rig_stop(&r);
}

static void two_security_states(void **state)
{
    struct model_config c = plain;

    (void)state;
    c.two_security_states = true;
    gic_rig_start(&r, &c);
    assert_int_equal(gic_rig_read(&r, 0, gic_rig_gicd(&r), 0x000), 1);
    gic_rig_stop(&r);
}

/* GICD_IGROUPR answers the Secure side only. */
static void secure_side_is_refused(void **state)
{
    struct model_config c = plain;

    (void)state;
    c.two_security_states = true;
    gic_rig_machine(&r, &c);
    r.fake = gic_rig_gicd(&r) + 0x84;
    r.fake_value = 0xFF;
    assert_int_equal(gic_rig_create(&r), UMSI_UNSUPPORTED);
    assert_true(model_log_has(r.m, "Secure side"));
    gic_rig_stop(&r);
}

static void identification(void **state)
{
    static const struct {
        uint32_t pidr2;
        enum umsi_status st;
    } cases[] = {
        { 0x3B, UMSI_UNSUPPORTED }, /* GICv3 */
        { 0x1B, UMSI_UNSUPPORTED }, /* GICv1 */
        { 0, UMSI_OK },             /* a hypervisor without it: GICC_IIDR says the version */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gic_rig_machine(&r, &plain);
        r.fake = gic_rig_gicd(&r) + 0xFE8;
        r.fake_value = cases[i].pidr2;
        assert_int_equal(gic_rig_create(&r), cases[i].st);
        gic_rig_stop(&r);
    }
    gic_rig_machine(&r, &plain); /* an emulator without that one */
    r.fake = gic_rig_gicc(&r) + 0xFC;
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    gic_rig_stop(&r);
}

static void two_drivers(void **state)
{
    struct umsi_gicv2_config c;
    struct umsi_gicv2 *second = NULL;

    (void)state;
    gic_rig_start(&r, &plain);
    c = (struct umsi_gicv2_config){ model_gicd(r.m), model_gicc(r.m) };
    assert_int_equal(umsi_gicv2_create(r.u, &c, &second), UMSI_EXISTS);
    assert_int_equal(gic_rig_read(&r, 0, gic_rig_gicd(&r), 0), 1); /* the first was not touched */
    gic_rig_stop(&r);
}

/* What the pools still have, of every size. */
static const size_t sizes[] = { 16, 32, 48, 64, 96, 128, 192, 256, 288, 384, 512, 1024 };
static void *hog[sizeof(sizes) / sizeof(sizes[0])][256];

static void use_up(void)
{
    for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint32_t n = 0;
        do {
            model_fail_at(r.m, MODEL_FAIL_ALLOC, 1);
            hog[i][n] = umsi_alloc(r.u, sizes[i]);
        } while (hog[i][n++] != NULL);
    }
    model_fail_at(r.m, MODEL_FAIL_ALLOC, 0);
}

static void give_back(void)
{
    for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (uint32_t n = 0; hog[i][n] != NULL; n++) {
            umsi_free(r.u, hog[i][n], sizes[i]);
        }
    }
}

static void out_of_memory(void **state)
{
    (void)state;
    gic_rig_machine(&r, &plain);
    use_up();
    model_fail_at(r.m, MODEL_FAIL_ALLOC, 1);
    assert_int_equal(gic_rig_create(&r), UMSI_NOMEM); /* not even for itself */
    give_back();
    for (uint64_t nth = 1;; nth++) {
        model_fail_at(r.m, MODEL_FAIL_ALLOC, nth);
        enum umsi_status st = gic_rig_create(&r);
        model_fail_at(r.m, MODEL_FAIL_ALLOC, 0);
        if (st == UMSI_OK) {
            assert_true(nth > 1);
            break;
        }
        assert_int_equal(st, UMSI_NOMEM);
    }
    gic_rig_stop(&r); /* where what a failed one left would show */
}

/* ---- CPUs ---- */

static void wrong_calls(void **state)
{
    (void)state;
    gic_rig_machine(&r, &plain);
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    assert_int_equal(umsi_gicv2_cpu_online(r.gicv2, 4), UMSI_RANGE);
    assert_int_equal(umsi_gicv2_cpu_online(r.gicv2, 1), UMSI_INVALID); /* on CPU 0 */
    assert_int_equal(gic_rig_online(&r, 0), UMSI_OK);
    assert_int_equal(gic_rig_online(&r, 0), UMSI_EXISTS);
    assert_int_equal(umsi_gicv2_enable_local(r.gicv2, 32, true), UMSI_RANGE);
    model_set_cpu(r.m, 1);
    assert_int_equal(umsi_gicv2_enable_local(r.gicv2, 27, true), UMSI_STATE);
    umsi_gicv2_cpu_offline(r.gicv2); /* it was not online */
    model_set_cpu(r.m, 0);
    assert_int_equal(umsi_gicv2_send_sgi(r.gicv2, 1, 0), UMSI_STATE);
    assert_int_equal(umsi_gicv2_send_sgi(r.gicv2, 9, 0), UMSI_RANGE);
    assert_int_equal(umsi_gicv2_send_sgi(r.gicv2, 0, 16), UMSI_RANGE);
    gic_rig_stop(&r);
}

static void firmware_keeps_the_mask(void **state)
{
    (void)state;
    gic_rig_machine(&r, &plain);
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    r.fake = gic_rig_gicc(&r) + 4;
    assert_int_equal(gic_rig_online(&r, 0), UMSI_UNSUPPORTED);
    assert_int_equal(gic_rig_read(&r, 0, gic_rig_gicc(&r), 0), 0); /* and it was not opened */
    assert_true(model_log_has(r.m, "priority mask"));
    r.fake = NULL;
    assert_int_equal(gic_rig_online(&r, 0), UMSI_OK);
    gic_rig_stop(&r);
}

/* The fields of GICD_ITARGETSR0 may be those of another INTID than 0, or all zero, which tells nothing. */
static void which_interface(void **state)
{
    (void)state;
    gic_rig_machine(&r, &plain);
    assert_int_equal(gic_rig_create(&r), UMSI_OK);
    r.fake = gic_rig_gicd(&r) + 0x800;
    r.fake_value = 0;
    assert_int_equal(gic_rig_online(&r, 0), UMSI_OK); /* the next register says it */
    r.fake_value = 0x03030303;
    assert_int_equal(gic_rig_online(&r, 1), UMSI_UNSUPPORTED);
    r.fake_value = 0x08080808; /* that of CPU 0 */
    assert_int_equal(gic_rig_online(&r, 1), UMSI_EXISTS);
    r.fake = NULL;
    assert_int_equal(gic_rig_online(&r, 1), UMSI_OK);
    gic_rig_stop(&r);
}

static void one_cpu(void **state)
{
    struct model_config c = plain;

    (void)state;
    c.nr_cpus = 1; /* GICD_ITARGETSR reads as zero */
    gic_rig_start(&r, &c);
    gic_rig_stop(&r);
}

static void down_and_up_again(void **state)
{
    (void)state;
    gic_rig_start(&r, &plain);
    gic_rig_offline(&r, 2);
    assert_int_equal(gic_rig_read(&r, 2, gic_rig_gicc(&r), 0), 0);
    assert_int_equal(umsi_gicv2_send_sgi(r.gicv2, 2, 0), UMSI_STATE);
    assert_int_equal(gic_rig_online(&r, 2), UMSI_OK);
    assert_int_equal(umsi_gicv2_send_sgi(r.gicv2, 2, 0), UMSI_OK);
    gic_rig_stop(&r);
}

static void destroy_stops_the_distributor(void **state)
{
    (void)state;
    gic_rig_start(&r, &plain);
    for (umsi_cpu cpu = 4; cpu-- > 0;) {
        gic_rig_offline(&r, cpu);
    }
    assert_int_equal(umsi_gicv2_destroy(r.gicv2), UMSI_OK);
    r.gicv2 = NULL;
    assert_int_equal(gic_rig_read(&r, 0, gic_rig_gicd(&r), 0), 0);
    gic_rig_stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields),
        cmocka_unit_test(values),
        cmocka_unit_test(arguments),
        cmocka_unit_test(clean_start),
        cmocka_unit_test(two_security_states),
        cmocka_unit_test(secure_side_is_refused),
        cmocka_unit_test(identification),
        cmocka_unit_test(two_drivers),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(wrong_calls),
        cmocka_unit_test(firmware_keeps_the_mask),
        cmocka_unit_test(which_interface),
        cmocka_unit_test(one_cpu),
        cmocka_unit_test(down_and_up_again),
        cmocka_unit_test(destroy_stops_the_distributor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
