/* SPDX-License-Identifier: MIT */
/* A stage for one operation: a fresh world, its pools as full as ordered, the failure, and whether all works after. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"

static const char *const names[MODEL_FAIL_KINDS] = {
    [MODEL_FAIL_ALLOC] = "alloc",     [MODEL_FAIL_DMA] = "dma_alloc",
    [MODEL_FAIL_MAP] = "map",         [MODEL_FAIL_CONFIG] = "config",
    [MODEL_FAIL_COMMAND] = "command", [MODEL_FAIL_SILENCE] = "silence",
    [MODEL_FAIL_GONE] = "gone",
};

static const char *const machines[] = {
    [TO_ITS] = "",
    [TO_FRAME] = " on a frame of a GICv2",
    [TO_FRAME_OF_GICV3] = " on a frame of a GICv3",
    [TO_FILES] = " on interrupt files",
};

void place_say(const struct place *p, const char *problem)
{
    print_message("  %s%s, %s %u%s%s: %s\n", p->op->name, machines[p->where], names[p->what],
                  (unsigned)p->nth, p->alone ? ", alone" : "", p->squeeze ? ", squeezed" : "",
                  problem);
}

/* ---- the stage ---- */

static const struct place *now; /* NULL: no stage is up */

int stage_teardown(void **state)
{
    (void)state;
    if (now != NULL) {
        place_say(now, "here");
    }
    now = NULL;
    return 0;
}

void stage_begin(struct stage *s, const struct place *p)
{
    struct world_config c = {
        .model = { .iommu = p->where != TO_FILES, .nr_its = p->op->nr_its },
        .umsi_its = { .deadline_us = 2000 },
        .online = p->op->online,
        .expects_breaches = p->what == MODEL_FAIL_COMMAND || p->what == MODEL_FAIL_SILENCE,
    };
    static struct place here;
    world_kind(&c, p->where);
    here = *p;
    now = &here;
    memset(&s->pools, 0, sizeof(s->pools));
    world_machine(&s->world, &c);
    s->world.alone = p->alone;
    s->world.elsewhere = p->op->cannot_fail && p->where == TO_FILES;
    if (!p->op->bare) {
        assert_int_equal(world_up(&s->world), UMSI_OK);
    }
    p->op->set_up(&s->world);
    if (p->squeeze && s->world.u != NULL) {
        pools_squeeze(&s->pools, s->world.u, s->world.m, p->spare);
    }
    world_clean(&s->world, NULL);
}

void stage_end(struct stage *s)
{
    pools_let_go(&s->pools);
    world_stop(&s->world);
    now = NULL;
}

bool stage_strike(struct stage *s, const struct place *p, enum umsi_status *out_st)
{
    model_fail_at(s->world.m, p->what, p->nth);
    *out_st = p->op->run(&s->world);
    const bool hit = model_failed(s->world.m, p->what);
    model_fail_at(s->world.m, p->what, 0);
    if (*out_st != UMSI_OK && (!hit || p->op->cannot_fail)) {
        place_say(p, umsi_status_string(*out_st));
        fail();
    }
    return hit;
}

void stage_fire(struct stage *s)
{
    for (uint32_t i = 0; i < GADGETS; i++) {
        gadget_fire(&s->world.gadget[i]);
    }
}

void stage_succeed(struct stage *s, const struct place *p)
{
    const enum umsi_status st = p->op->run(&s->world);
    if (st != UMSI_OK) {
        place_say(p, umsi_status_string(st));
    }
    assert_int_equal(st, UMSI_OK);
    world_clean(&s->world, NULL);
    stage_fire(s);
    assert_int_equal(p->op->undo == NULL ? UMSI_OK : p->op->undo(&s->world), UMSI_OK);
}
