/* SPDX-License-Identifier: MIT */
/* The scenarios with failures on interrupt files, and an APLIC: no commands, no tables in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios.h"

SCENARIOS_FAIL(test_alloc, MODEL_FAIL_ALLOC, TO_FILES)
SCENARIOS_FAIL(test_map, MODEL_FAIL_MAP, TO_FILES)
SCENARIOS_FAIL(test_config, MODEL_FAIL_CONFIG, TO_FILES)
SCENARIOS_FAIL(test_gone, MODEL_FAIL_GONE, TO_FILES)

/* Without failures, on an arena that is exactly as large as its macro says. */
static void test_arena(void **state)
{
    const struct umsi_arena_need need = {
        .cpus = 2, .devices = 5, .events = 2048, .vectors = 2112, .identities = 2047
    };
    (void)state;
    scenarios_on_arena(umsi_arena_size(&need), TO_FILES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIOS_TEST(test_alloc), SCENARIOS_TEST(test_map),   SCENARIOS_TEST(test_config),
        SCENARIOS_TEST(test_gone),  SCENARIOS_TEST(test_arena),
    };
    return cmocka_run_group_tests_name("scenarios fail, IMSIC", tests, NULL, NULL);
}
