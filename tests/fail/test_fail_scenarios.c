/* SPDX-License-Identifier: MIT */
/* The scenarios with failures of the kernel and of the functions, on an ITS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios.h"

SCENARIOS_FAIL(test_alloc, MODEL_FAIL_ALLOC, TO_ITS)
SCENARIOS_FAIL(test_dma, MODEL_FAIL_DMA, TO_ITS)
SCENARIOS_FAIL(test_map, MODEL_FAIL_MAP, TO_ITS)
SCENARIOS_FAIL(test_config, MODEL_FAIL_CONFIG, TO_ITS)
SCENARIOS_FAIL(test_gone, MODEL_FAIL_GONE, TO_ITS)

/* Without failures, on an arena that is exactly as large as its macro says. */
static void test_arena(void **state)
{
    const struct umsi_arena_need need = {
        .cpus = 2, .devices = 4, .events = 2048, .vectors = 2112, .lpi_bits = 14
    };
    (void)state;
    scenarios_on_arena(umsi_arena_size(&need), TO_ITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIOS_TEST(test_alloc),  SCENARIOS_TEST(test_dma),  SCENARIOS_TEST(test_map),
        SCENARIOS_TEST(test_config), SCENARIOS_TEST(test_gone), SCENARIOS_TEST(test_arena),
    };
    return cmocka_run_group_tests_name("scenarios fail", tests, NULL, NULL);
}
