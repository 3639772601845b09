/* SPDX-License-Identifier: MIT */
/* Golden values of the IMSIC's encoders, worked out by hand from AIA 1.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "chip/imsic/imsic_enc.h"
#include "chip/imsic/imsic_regs.h"

/* 3.6: g * 2^E + B + h * 2^D. */
static void test_addresses(void **state)
{
    const struct umsi_imsic_layout plain = { .base = 0x28000000, .hart_index_bits = 2 };
    const struct umsi_imsic_layout guests = { .base = 0x28000000,
                                              .guest_index_bits = 3,
                                              .hart_index_bits = 4 };
    const struct umsi_imsic_layout groups = { .base = 0x28000000,
                                              .guest_index_bits = 1,
                                              .hart_index_bits = 2,
                                              .group_index_bits = 3,
                                              .group_index_shift = 24 };
    (void)state;
    assert_int_equal(umsi_imsic_address(&plain, 0), 0x28000000);
    assert_int_equal(umsi_imsic_address(&plain, 3), 0x28003000);
    assert_int_equal(umsi_imsic_address(&guests, 1), 0x28008000); /* D is 15 */
    assert_int_equal(umsi_imsic_address(&guests, 15), 0x28078000);
    assert_int_equal(umsi_imsic_address(&groups, 3), 0x28006000);
    assert_int_equal(umsi_imsic_address(&groups, 4), 0x29000000); /* group 1, hart 0 */
    assert_int_equal(umsi_imsic_address(&groups, 31), 0x2f006000);
}

static void test_harts(void **state)
{
    const struct umsi_imsic_layout groups = { .base = 0x28000000,
                                              .guest_index_bits = 1,
                                              .hart_index_bits = 2,
                                              .group_index_bits = 3,
                                              .group_index_shift = 24 };
    uint32_t hart = 99;
    (void)state;
    assert_true(umsi_imsic_hart(&groups, 0x28000000, &hart));
    assert_int_equal(hart, 0);
    assert_true(umsi_imsic_hart(&groups, 0x29004000, &hart));
    assert_int_equal(hart, 4 + 2);
    hart = 99;
    assert_false(umsi_imsic_hart(&groups, 0x29005000, &hart)); /* a guest's file */
    assert_false(umsi_imsic_hart(&groups, 0x29004004, &hart)); /* seteipnum_be */
    assert_false(umsi_imsic_hart(&groups, 0x30000000, &hart)); /* group 8 */
    assert_false(umsi_imsic_hart(&groups, 0x27fff000, &hart)); /* below all */
    assert_int_equal(hart, 99);
}

static bool valid(uint32_t guest, uint32_t hart, uint32_t group, uint32_t shift, uint64_t base)
{
    const struct umsi_imsic_layout l = { base, guest, hart, group, shift };
    return umsi_imsic_layout_valid(&l);
}

static void test_layouts(void **state)
{
    (void)state;
    assert_true(valid(0, 0, 0, 0, 0x28000000));
    assert_true(valid(6, 14, 0, 0, 0));
    assert_false(valid(7, 0, 0, 0, 0));
    assert_false(valid(0, 15, 0, 0, 0));
    assert_true(valid(1, 2, 12, 24, 0));
    assert_false(valid(1, 2, 13, 24, 0)); /* an index of 15 bits */
    assert_true(valid(1, 2, 1, 15, 0));
    assert_false(valid(1, 2, 1, 14, 0)); /* the group lies within the hart */
    assert_true(valid(0, 2, 12, 52, 0));
    assert_false(valid(0, 2, 12, 53, 0)); /* and this one beyond the address */
    assert_false(valid(0, 0, 0, 0, 0x28000800));
}

/* 3.8.3: with 64-bit registers only the even ones exist. */
static void test_words(void **state)
{
    (void)state;
    assert_int_equal(umsi_imsic_word(1), 0);
    assert_int_equal(umsi_imsic_word(63), 0);
    assert_int_equal(umsi_imsic_word(64), 1);
    assert_int_equal(umsi_imsic_word(2047), 31);
    assert_int_equal(umsi_imsic_select(IMSIC_eip0, 0), 0x80);
    assert_int_equal(umsi_imsic_select(IMSIC_eip0, 31), 0xbe);
    assert_int_equal(umsi_imsic_select(IMSIC_eie0, 1), 0xc2);
    assert_int_equal(umsi_imsic_select(IMSIC_eie0, 31), 0xfe);
    assert_int_equal(umsi_imsic_bit(1), 2);
    assert_true(umsi_imsic_bit(127) == 0x8000000000000000ull);
}

static void test_places(void **state)
{
    const uint32_t last = umsi_imsic_place(255, 2047);
    (void)state;
    assert_int_equal(umsi_imsic_place(0, 1), 1);
    assert_int_equal(umsi_imsic_place_cpu(last), 255);
    assert_int_equal(umsi_imsic_place_id(last), 2047);
    assert_int_equal(umsi_imsic_place(3, 5), 3 * 2048 + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_harts),
        cmocka_unit_test(test_layouts),   cmocka_unit_test(test_words),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
