/* SPDX-License-Identifier: MIT */
/* The scenarios with failures on GICv2m frames, of either GIC: without an ITS there are no commands and no tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios.h"

SCENARIOS_FAIL(test_alloc, MODEL_FAIL_ALLOC, TO_FRAME)
SCENARIOS_FAIL(test_map, MODEL_FAIL_MAP, TO_FRAME)
SCENARIOS_FAIL(test_config, MODEL_FAIL_CONFIG, TO_FRAME)
SCENARIOS_FAIL(test_gone, MODEL_FAIL_GONE, TO_FRAME)
SCENARIOS_FAIL(test_alloc_gicv3, MODEL_FAIL_ALLOC, TO_FRAME_OF_GICV3)
SCENARIOS_FAIL(test_map_gicv3, MODEL_FAIL_MAP, TO_FRAME_OF_GICV3)
SCENARIOS_FAIL(test_config_gicv3, MODEL_FAIL_CONFIG, TO_FRAME_OF_GICV3)
SCENARIOS_FAIL(test_gone_gicv3, MODEL_FAIL_GONE, TO_FRAME_OF_GICV3)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIOS_TEST(test_alloc),        SCENARIOS_TEST(test_map),
        SCENARIOS_TEST(test_config),       SCENARIOS_TEST(test_gone),
        SCENARIOS_TEST(test_alloc_gicv3),  SCENARIOS_TEST(test_map_gicv3),
        SCENARIOS_TEST(test_config_gicv3), SCENARIOS_TEST(test_gone_gicv3),
    };
    return cmocka_run_group_tests_name("scenarios fail, GICv2m", tests, NULL, NULL);
}
