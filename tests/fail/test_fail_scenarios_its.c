/* SPDX-License-Identifier: MIT */
/* The scenarios with an ITS that refuses commands, or falls silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios.h"

SCENARIOS_FAIL(test_command, MODEL_FAIL_COMMAND, TO_ITS)
SCENARIOS_FAIL(test_silence, MODEL_FAIL_SILENCE, TO_ITS)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIOS_TEST(test_command),
        SCENARIOS_TEST(test_silence),
    };
    return cmocka_run_group_tests_name("scenarios fail, the ITS", tests, NULL, NULL);
}
