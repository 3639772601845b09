/* SPDX-License-Identifier: MIT */
/*
 * Every allocation, DMA allocation, mapping and configuration access fails once, one at a time, in every operation.
 * After it the world is as before (L8, L12), the same failure again adds nothing, and the same call then works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"

/* Run, and back. False: it was done, and there is no way back. */
static bool there_and_back(struct stage *s, const struct place *p, bool *out_hit)
{
    enum umsi_status st;
    *out_hit = stage_strike(s, p, &st);
    if (st == UMSI_OK && p->op->undo == NULL) {
        return false;
    }
    if (st != UMSI_OK && p->op->redo) {
        assert_int_equal(p->op->run(&s->world), UMSI_OK);
    } else if (st == UMSI_OK) {
        assert_int_equal(p->op->undo(&s->world), UMSI_OK);
    }
    return true;
}

/* Slabs and L2 pages that an attempt took make the Nth place of the next one another. In the end the same failure
 * repeats, and then adds nothing. */
static void repeat(struct stage *s, const struct place *p)
{
    struct look now, last;
    unsigned still = 0;
    bool hit;
    world_look(&s->world, &last);
    for (unsigned i = 0; i < 40 && still < 2; i++) {
        if (!there_and_back(s, p, &hit)) {
            return;
        }
        world_look(&s->world, &now);
        world_same(&last, &now, false);
        const bool same = now.machine.alloc_bytes == last.machine.alloc_bytes &&
                          now.machine.dma_bytes == last.machine.dma_bytes;
        still = same ? still + 1 : 0;
        last = now;
    }
    assert_int_equal(still, 2);
}

/* What success leaves in pools and L2 pages, a failure may leave too, and no more. */
static void most_of(const struct place *p, struct look *out)
{
    struct stage s;
    stage_begin(&s, p);
    assert_int_equal(p->op->run(&s.world), UMSI_OK);
    assert_int_equal(p->op->undo == NULL ? UMSI_OK : p->op->undo(&s.world), UMSI_OK);
    world_look(&s.world, out);
    stage_end(&s);
}

static void compare(struct stage *s, const struct look *before, const struct look *most, bool warm)
{
    struct look after;
    world_look(&s->world, &after);
    world_same(before, &after, warm);
    assert_true(after.machine.alloc_bytes <= most->machine.alloc_bytes);
    assert_true(after.machine.dma_bytes <= most->machine.dma_bytes);
    world_clean(&s->world, NULL);
    stage_fire(s);
}

/* With `warm` the operation ran before: then nothing at all may be added. */
static bool exact(const struct place *p, const struct look *most, bool warm)
{
    struct stage s;
    struct look before;
    bool hit;
    stage_begin(&s, p);
    if (warm) {
        assert_int_equal(p->op->run(&s.world), UMSI_OK);
        assert_int_equal(p->op->undo(&s.world), UMSI_OK);
    }
    world_look(&s.world, &before);
    if (there_and_back(&s, p, &hit)) {
        compare(&s, &before, most, warm);
        repeat(&s, p);
        stage_succeed(&s, p);
    }
    stage_end(&s);
    return hit;
}

static uint32_t every_nth(struct place p, bool warm)
{
    struct look most;
    most_of(&p, &most);
    for (p.nth = 1; exact(&p, &most, warm);) {
        p.nth++;
    }
    return (uint32_t)p.nth - 1;
}

static void every_place(enum model_fail what, enum where where)
{
    const struct op *op = NULL;
    uint32_t places = 0;
    while ((op = op_next(op, where)) != NULL) {
        const struct place p = { .op = op, .where = where, .what = what };
        places += every_nth(p, false);
        places += p.op->undo == NULL ? 0 : every_nth(p, true);
    }
    print_message("  %u places\n", places);
}

/* Every object is the first one its pool has no room for: with 0, 1, 2 there was room for. */
static void full_pools(enum where where)
{
    const struct op *op = NULL;
    uint32_t places = 0;
    while ((op = op_next(op, where)) != NULL) {
        struct place p = {
            .op = op, .where = where, .what = MODEL_FAIL_ALLOC, .alone = true, .squeeze = true
        };
        for (p.spare = 0; p.spare < 3; p.spare++) {
            places += every_nth(p, false);
        }
    }
    print_message("  %u with full pools\n", places);
}

#define FAIL_TEST(name, what, where)                                                               \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        every_place(what, where);                                                                  \
    }

FAIL_TEST(test_dma, MODEL_FAIL_DMA, TO_ITS)
FAIL_TEST(test_map, MODEL_FAIL_MAP, TO_ITS)
FAIL_TEST(test_config, MODEL_FAIL_CONFIG, TO_ITS)
FAIL_TEST(test_frame_map, MODEL_FAIL_MAP, TO_FRAME)
FAIL_TEST(test_frame_config, MODEL_FAIL_CONFIG, TO_FRAME_OF_GICV3)
FAIL_TEST(test_files_map, MODEL_FAIL_MAP, TO_FILES)
FAIL_TEST(test_files_config, MODEL_FAIL_CONFIG, TO_FILES)

static void test_alloc(void **state)
{
    (void)state;
    every_place(MODEL_FAIL_ALLOC, TO_ITS);
    full_pools(TO_ITS);
}

static void test_frame_alloc(void **state)
{
    (void)state;
    every_place(MODEL_FAIL_ALLOC, TO_FRAME);
    every_place(MODEL_FAIL_ALLOC, TO_FRAME_OF_GICV3);
    full_pools(TO_FRAME);
}

static void test_files_alloc(void **state)
{
    (void)state;
    every_place(MODEL_FAIL_ALLOC, TO_FILES);
    full_pools(TO_FILES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_alloc, stage_teardown),
        cmocka_unit_test_teardown(test_dma, stage_teardown),
        cmocka_unit_test_teardown(test_map, stage_teardown),
        cmocka_unit_test_teardown(test_config, stage_teardown),
        cmocka_unit_test_teardown(test_frame_alloc, stage_teardown),
        cmocka_unit_test_teardown(test_frame_map, stage_teardown),
        cmocka_unit_test_teardown(test_frame_config, stage_teardown),
        cmocka_unit_test_teardown(test_files_alloc, stage_teardown),
        cmocka_unit_test_teardown(test_files_map, stage_teardown),
        cmocka_unit_test_teardown(test_files_config, stage_teardown),
    };
    return cmocka_run_group_tests_name("fail", tests, NULL, NULL);
}
