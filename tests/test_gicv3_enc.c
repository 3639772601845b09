/* SPDX-License-Identifier: MIT */
/* Golden tests: GICv3 encoders against values worked out by hand from IHI0069. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <umsi/port.h>

#include "../src/chip/gicv3/gicv3_enc.h"
#include "../src/chip/gicv3/gicv3_regs.h"

/* MPIDR_EL1 with bit 31 RES1, U (30) and MT (24), which are no affinity. */
#define NOISE 0xC1000000ull

static void affinity_of_mpidr(void **state)
{
    (void)state;
    assert_int_equal(umsi_gicv3_mpidr_affinity(0x00000044C1332211ull), 0x4400332211ull);
    assert_int_equal(umsi_gicv3_mpidr_affinity(0xFFFFFF00FF000000ull), 0);
    assert_int_equal(umsi_gicv3_pack_affinity(0x00000044C1332211ull), 0x44332211u);
    assert_int_equal(umsi_gicv3_pack_affinity(NOISE | 0x07), 0x00000007u);
    assert_int_equal(umsi_gicv3_pack_affinity(NOISE | 0x0500), 0x00000500u);
    assert_int_equal(umsi_gicv3_pack_affinity(NOISE | 0x030000), 0x00030000u);
    assert_int_equal(umsi_gicv3_pack_affinity(NOISE | 0x0200000000ull), 0x02000000u);
}

/* Aff3 [55:48], RS [47:44], IRM [40], Aff2 [39:32], INTID [27:24], Aff1 [23:16], TargetList [15:0]. */
static void sgi1r_each_field(void **state)
{
    (void)state;
    assert_int_equal(umsi_gicv3_sgi1r(NOISE, 0), 0x0000000000000001ull);
    assert_int_equal(umsi_gicv3_sgi1r(NOISE, 15), 0x000000000F000001ull);
    assert_int_equal(umsi_gicv3_sgi1r(NOISE | 0x0F, 0), 0x0000000000008000ull);
    assert_int_equal(umsi_gicv3_sgi1r(NOISE | 0x10, 0), 0x0000100000000001ull);
    assert_int_equal(umsi_gicv3_sgi1r(NOISE | 0xFF, 0), 0x0000F00000008000ull);
    assert_int_equal(umsi_gicv3_sgi1r(NOISE | 0xAB00, 0), 0x0000000000AB0001ull);
    assert_int_equal(umsi_gicv3_sgi1r(NOISE | 0xCD0000, 0), 0x000000CD00000001ull);
    /* Aff3 has bits of its own: with those of Aff2 it would say 0x000000EF00000001. */
    assert_int_equal(umsi_gicv3_sgi1r(NOISE | 0xEF00000000ull, 0), 0x00EF000000000001ull);
}

static void sgi1r_all_fields(void **state)
{
    (void)state;
    /* 0x12.0x34.0x56.0x7A, SGI 9: RS 7, list bit 10 */
    assert_int_equal(umsi_gicv3_sgi1r(NOISE | 0x120034567Aull, 9), 0x0012703409560400ull);
    /* never IRM: "all but self" is nobody's wish here */
    assert_int_equal(umsi_gicv3_sgi1r(~0ull, 0xFF) & ICC_SGI1R_IRM, 0);
    assert_int_equal(umsi_gicv3_sgi1r(~0ull, 0xFF), 0x00FFF0FF0FFF8000ull);
}

/* Aff3 [39:32], IRM [31], Aff2 [23:16], Aff1 [15:8], Aff0 [7:0]. */
static void irouter(void **state)
{
    (void)state;
    assert_int_equal(umsi_gicv3_irouter(NOISE | 0x01), 0x01);
    assert_int_equal(umsi_gicv3_irouter(NOISE | 0x0200), 0x0200);
    assert_int_equal(umsi_gicv3_irouter(NOISE | 0x030000), 0x030000);
    assert_int_equal(umsi_gicv3_irouter(NOISE | 0x0400000000ull), 0x0400000000ull);
    assert_int_equal(umsi_gicv3_irouter(~0ull), 0xFF00FFFFFFull);
    assert_int_equal(umsi_gicv3_irouter_offset(32), 0x6100);
    assert_int_equal(umsi_gicv3_irouter_offset(1019), 0x7FD8);
}

static void check_field(uint32_t base, uint32_t bits, uint32_t intid, uint32_t offset,
                        uint32_t shift)
{
    struct umsi_gicv3_field f = umsi_gicv3_field(base, bits, intid);

    assert_int_equal(f.offset, offset);
    assert_int_equal(f.shift, shift);
}

static void fields_of_one_bit(void **state)
{
    (void)state;
    check_field(GICD_ISENABLER, 1, 0, 0x100, 0);
    check_field(GICD_ISENABLER, 1, 15, 0x100, 15);
    check_field(GICD_ISENABLER, 1, 16, 0x100, 16);
    check_field(GICD_ISENABLER, 1, 31, 0x100, 31);
    check_field(GICD_ISENABLER, 1, 32, 0x104, 0);
    check_field(GICD_ISENABLER, 1, 1019, 0x17C, 27);
    check_field(GICD_ICACTIVER, 1, 1019, 0x3FC, 27);
}

static void fields_of_more_bits(void **state)
{
    (void)state;
    check_field(GICD_ICFGR, 2, 0, 0xC00, 0);
    check_field(GICD_ICFGR, 2, 15, 0xC00, 30);
    check_field(GICD_ICFGR, 2, 16, 0xC04, 0);
    check_field(GICD_ICFGR, 2, 31, 0xC04, 30);
    check_field(GICD_ICFGR, 2, 32, 0xC08, 0);
    check_field(GICD_ICFGR, 2, 1019, 0xCFC, 22);
    check_field(GICD_IPRIORITYR, 8, 0, 0x400, 0);
    check_field(GICD_IPRIORITYR, 8, 15, 0x40C, 24);
    check_field(GICD_IPRIORITYR, 8, 16, 0x410, 0);
    check_field(GICD_IPRIORITYR, 8, 31, 0x41C, 24);
    check_field(GICD_IPRIORITYR, 8, 32, 0x420, 0);
    check_field(GICD_IPRIORITYR, 8, 1019, 0x7F8, 24);
}

static void sizes(void **state)
{
    (void)state;
    assert_int_equal(umsi_gicv3_redist_bytes(0), 128 * 1024);
    assert_int_equal(umsi_gicv3_redist_bytes(~2ull), 128 * 1024);
    assert_int_equal(umsi_gicv3_redist_bytes(2), 256 * 1024);
    assert_int_equal(umsi_gicv3_nr_intids(0), 32);
    assert_int_equal(umsi_gicv3_nr_intids(1), 64);
    assert_int_equal(umsi_gicv3_nr_intids(0xFFFFFFE8u), 288);
    assert_int_equal(umsi_gicv3_nr_intids(30), 992);
    assert_int_equal(umsi_gicv3_nr_intids(31), 1020); /* 1020..1023 are special */
}

/* S3_0_C12_C12_0 and so on: op0 [15:14], op1 [13:11], CRn [10:7], CRm [6:3], op2 [2:0]. */
static void system_registers(void **state)
{
    (void)state;
    assert_int_equal(UMSI_SYSREG(3, 0, 12, 12, 0), 0xC660);
    assert_int_equal(UMSI_SYSREG(3, 0, 12, 12, 1), 0xC661);
    assert_int_equal(UMSI_SYSREG(3, 0, 12, 11, 5), 0xC65D);
    assert_int_equal(UMSI_SYSREG(3, 0, 4, 6, 0), 0xC230);
    assert_int_equal(UMSI_SYSREG(3, 0, 0, 0, 5), 0xC005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(affinity_of_mpidr),
        cmocka_unit_test(sgi1r_each_field),
        cmocka_unit_test(sgi1r_all_fields),
        cmocka_unit_test(irouter),
        cmocka_unit_test(fields_of_one_bit),
        cmocka_unit_test(fields_of_more_bits),
        cmocka_unit_test(sizes),
        cmocka_unit_test(system_registers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
