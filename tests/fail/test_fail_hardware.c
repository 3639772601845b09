/* SPDX-License-Identifier: MIT */
/*
 * Hardware that refuses a command, falls silent at one, or is pulled out, in every place of every operation. What it
 * may still use is quarantined, and comes back; what it cannot use is as before (L12, L22, L25). Giving back always
 * completes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"

static bool fail_here(const struct place *p, const char *why)
{
    place_say(p, why);
    fail();
    return false;
}

/* What the ITSes hold back: DeviceIDs whose mapping nobody knows, INTIDs that may still come. */
static bool held_back(struct stage *s)
{
    struct look now;
    world_look(&s->world, &now);
    return now.its[0].quarantined + now.its[1].quarantined + now.lpi.quarantined != 0;
}

/* Everything goes, whatever happened to it. */
static void detach_all(struct stage *s)
{
    for (uint32_t i = 0; i < GADGETS; i++) {
        gadget_detach(&s->world.gadget[i]);
    }
}

/* A device nobody heard of before works, next to whatever is held back. */
static void stranger(struct stage *s)
{
    struct gadget *g = &s->world.gadget[GADGETS - 1];
    if (s->world.u == NULL || world_parent(&s->world) == NULL) {
        return;
    }
    gadget_make(&s->world, g,
                &(struct gadget_config){
                    .kind = GADGET_MSI, .device_id = 0x4321, .events = 3, .maskable = true });
    assert_int_equal(gadget_attach(g), UMSI_OK);
    assert_int_equal(gadget_take(g, 3, 0), UMSI_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(gadget_request(g, i), UMSI_OK);
    }
    gadget_fire(g);
    gadget_detach(g);
    gadget_unmake(g);
}

/* ---- a command is refused ---- */

static uint8_t refused_opcode(struct world *w)
{
    for (uint32_t its = 0; its < w->config.model.nr_its; its++) {
        for (uint32_t i = model_its_log_size(w->m, its); i-- > 0;) {
            const struct model_its_logged *l = model_its_log_at(w->m, its, i);
            if (!l->executed) {
                return (uint8_t)l->dw[0];
            }
        }
    }
    return 0;
}

/* Not poisoned: as before, and it works now. */
static void as_before(struct stage *s, const struct place *p, const struct look *before,
                      enum umsi_status st)
{
    struct look after;
    if (st == UMSI_OK && p->op->undo == NULL) {
        return;
    }
    if (st == UMSI_OK) {
        assert_int_equal(p->op->undo(&s->world), UMSI_OK);
    }
    world_look(&s->world, &after);
    if (p->op->undo == NULL) { /* a collection that was mapped stays: nothing unmaps one */
        after.machine.collections = before->machine.collections;
    }
    world_same(before, &after, false);
    stage_succeed(s, p);
}

/* Poisoned: its own calls say so until it is detached; nobody else notices. */
static void poisoned(struct stage *s, const struct place *p)
{
    const enum umsi_status st = p->op->cannot_fail ? p->op->undo(&s->world) : p->op->run(&s->world);
    if (st != UMSI_OK && st != UMSI_HARDWARE) {
        place_say(p, umsi_status_string(st));
    }
    assert_true(st == UMSI_OK || st == UMSI_HARDWARE);
}

static bool refused(const struct place *p)
{
    static struct stage s;
    struct look before;
    enum umsi_status st;
    stage_begin(&s, p);
    world_look(&s.world, &before);
    const bool hit = stage_strike(&s, p, &st);
    world_run(&s.world);
    const bool held = held_back(&s);
    const uint8_t opcode = hit ? refused_opcode(&s.world) : 0;
    if (st != UMSI_OK && st != UMSI_HARDWARE) {
        fail_here(p, umsi_status_string(st));
    }
    /* Only where the ITS would not let go of an event or a device may something stay. */
    if (held && opcode != MODEL_DISCARD && opcode != MODEL_MAPD && opcode != MODEL_SYNC) {
        fail_here(p, "held back for no reason");
    }
    stranger(&s); /* who waits for the queue finds what a posted command left there */
    /* A DISCARD that was refused leaves an event behind for MAPD. */
    world_clean(&s.world, opcode == MODEL_DISCARD ? "L36" : NULL);
    if (held) {
        poisoned(&s, p);
    } else {
        as_before(&s, p, &before, st);
    }
    detach_all(&s);
    world_clean(&s.world, opcode == MODEL_DISCARD ? "L36" : NULL);
    stage_end(&s);
    return hit;
}

/* ---- the ITS falls silent, and speaks again later ---- */

static void resume(struct world *w)
{
    for (uint32_t i = 0; i < w->config.model.nr_its; i++) {
        model_its_stop(w->m, i, false, false);
    }
    world_run(w);
}

/* Others are told so while it lasts; nothing waits longer than its deadline. */
static void others_meanwhile(struct stage *s)
{
    struct gadget *g = &s->world.gadget[GADGETS - 2];
    const uint64_t before = model_now_ns(s->world.m);
    if (s->world.its[0] == NULL) {
        return;
    }
    gadget_make(&s->world, g,
                &(struct gadget_config){ .kind = GADGET_MSI, .device_id = 0x333, .events = 2 });
    const enum umsi_status st = gadget_attach(g);
    assert_true(st == UMSI_TIMEOUT || st == UMSI_OK);
    gadget_detach(g);
    gadget_unmake(g);
    assert_true(model_now_ns(s->world.m) - before < 20000000u);
}

/* All is given back: what was held for the silent one, too, with the next prepare. */
static void nothing_left(struct stage *s, const struct place *p)
{
    struct look now;
    detach_all(s);
    stranger(s);
    world_look(&s->world, &now);
    if (held_back(s) || now.machine.devices != 0 || now.machine.events != 0 || now.lpi.live != 0) {
        fail_here(p, "something is still held back");
    }
}

static bool silent(const struct place *p)
{
    static struct stage s;
    enum umsi_status st;
    stage_begin(&s, p);
    const bool hit = stage_strike(&s, p, &st);
    /* HARDWARE is what a DeviceID says that is held back, as a domain that was to be replaced is then. */
    if (st != UMSI_OK && st != UMSI_TIMEOUT && st != UMSI_HARDWARE) {
        fail_here(p, umsi_status_string(st));
    }
    if (hit) {
        others_meanwhile(&s);
    }
    resume(&s.world);
    nothing_left(&s, p);
    /* Where nobody knows what is mapped, MAPD V=0 has to take events along, or comes a second time. */
    world_clean(&s.world, hit ? "L36 L17" : NULL);
    stage_end(&s);
    return hit;
}

/* And never again: detaching while it is silent completes, and shutting down gives all back, as it quiesces. */
static bool silent_for_good(const struct place *p)
{
    static struct stage s;
    enum umsi_status st;
    stage_begin(&s, p);
    const bool hit = stage_strike(&s, p, &st);
    detach_all(&s);
    stage_end(&s);
    return hit;
}

/* ---- a function is pulled out ---- */

static bool gone(const struct place *p)
{
    static struct stage s;
    enum umsi_status st;
    stage_begin(&s, p);
    const bool hit = stage_strike(&s, p, &st);
    detach_all(&s);
    world_clean(&s.world, NULL);
    stranger(&s);
    stage_end(&s);
    return hit;
}

/* ---- all of them ---- */

static void every_place(enum model_fail what, enum where where, bool (*one)(const struct place *p))
{
    const struct op *op = NULL;
    uint32_t places = 0;
    while ((op = op_next(op, where)) != NULL) {
        struct place p = { .op = op, .where = where, .what = what };
        for (p.nth = 1; one(&p);) {
            p.nth++;
        }
        places += (uint32_t)p.nth - 1;
    }
    print_message("  %u places\n", places);
}

static void test_refused(void **state)
{
    (void)state;
    every_place(MODEL_FAIL_COMMAND, TO_ITS, refused);
}

static void test_silent(void **state)
{
    (void)state;
    every_place(MODEL_FAIL_SILENCE, TO_ITS, silent);
}

static void test_silent_for_good(void **state)
{
    (void)state;
    every_place(MODEL_FAIL_SILENCE, TO_ITS, silent_for_good);
}

static void test_gone(void **state)
{
    (void)state;
    every_place(MODEL_FAIL_GONE, TO_ITS, gone);
    every_place(MODEL_FAIL_GONE, TO_FRAME, gone);
    every_place(MODEL_FAIL_GONE, TO_FILES, gone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_refused, stage_teardown),
        cmocka_unit_test_teardown(test_silent, stage_teardown),
        cmocka_unit_test_teardown(test_silent_for_good, stage_teardown),
        cmocka_unit_test_teardown(test_gone, stage_teardown),
    };
    return cmocka_run_group_tests_name("hardware fails", tests, NULL, NULL);
}
