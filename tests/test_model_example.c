/* SPDX-License-Identifier: MIT */
/* The example that model/README.md shows works as it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int example(void);
#define main example
#include "../model/example.c"
#undef main

static void test_example(void **state)
{
    (void)state;
    assert_int_equal(example(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_example) };
    return cmocka_run_group_tests_name("the model's example", tests, NULL, NULL);
}
