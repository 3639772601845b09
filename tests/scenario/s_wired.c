/* SPDX-License-Identifier: MIT */
/*
 * A bridge that turns lines into messages: one prepare for all its lines, each line's vector taken when the line
 * is first mapped, in any order. This is the case that broke Linux.
 */
#include <umsi/wired.h>

#include "scene.h"

#define LINES 96u

static struct {
    struct umsi_wired wired;
    struct umsi_message message[LINES];
    bool masked[LINES], level[LINES], high[LINES];
    struct vector vector[LINES];
} bridge;

static void send(uint32_t line)
{
    if (!bridge.masked[line]) {
        machine_send(bridge.message[line].address, bridge.message[line].data);
    }
}

static void write_message(void *handle, uint32_t line, const struct umsi_message *m)
{
    (void)handle;
    bridge.message[line] = *m;
}

static void set_mask(void *handle, uint32_t line, bool masked)
{
    (void)handle;
    bridge.masked[line] = masked;
}

static enum umsi_status set_trigger(void *handle, uint32_t line, enum umsi_trigger trigger)
{
    (void)handle;
    bridge.level[line] = trigger == UMSI_LEVEL_HIGH || trigger == UMSI_LEVEL_LOW;
    return UMSI_OK;
}

static void resend(void *handle, uint32_t line)
{
    (void)handle;
    if (bridge.level[line] && bridge.high[line]) {
        send(line);
    }
}

static const struct umsi_wired_ops ops = { write_message, set_mask, set_trigger, resend };

/* A level stands until the handler has run three times for it. */
static void on_level(void *vector)
{
    struct vector *v = vector;
    uint32_t line = (uint32_t)(v - bridge.vector);
    vector_hit(v);
    bridge.high[line] = vector_hits(v) % 3 != 0;
}

static void attach(void)
{
    const struct umsi_wired_config config = {
        .name = "bridge", .ops = &ops, .device_id = MACHINE_DEVICE_ID, .nr_lines = LINES
    };
    vector_reset(bridge.vector, LINES);
    for (uint32_t i = 0; i < LINES; i++) {
        bridge.masked[i] = true;
        bridge.high[i] = false;
    }
    CHECK_OK(umsi_wired_attach(scene_parent(), &config, &bridge.wired));
}

static void map(uint32_t line, enum umsi_trigger trigger, umsi_handler handler)
{
    umsi_virq virq = UMSI_NO_VIRQ;
    CHECK_OK(umsi_wired_map(&bridge.wired, line, trigger, &virq));
    CHECK_OK(umsi_irq_request(machine_umsi(), virq, handler, &bridge.vector[line], "line"));
}

static void fire(uint32_t line)
{
    uint32_t before = vector_hits(&bridge.vector[line]);
    send(line);
    CHECK(vector_await(&bridge.vector[line], before + 1));
}

static void one_by_one(void)
{
    static const uint32_t order[] = { 31, 0, 95, 64, 1, 32 };
    umsi_virq virq;
    attach();
    scene_result("%u prepares before the first line", (unsigned)bridge.wired.msi.stats.prepares);
    for (unsigned i = 0; i < 6; i++) {
        map(order[i], UMSI_EDGE_RISING, vector_hit);
        for (unsigned k = 0; k <= i; k++) {
            fire(order[k]);
        }
    }
    CHECK(umsi_wired_map(&bridge.wired, 0, UMSI_EDGE_RISING, &virq) == UMSI_EXISTS);
    CHECK(umsi_wired_map(&bridge.wired, LINES, UMSI_EDGE_RISING, &virq) == UMSI_RANGE);
    umsi_wired_unmap(&bridge.wired, 95);
    fire(31);
    map(95, UMSI_EDGE_RISING, vector_hit);
    fire(95);
    CHECK_OK(umsi_wired_restore(&bridge.wired));
    fire(95);
    scene_result("%u prepares, %u lines live", (unsigned)bridge.wired.msi.stats.prepares,
                 (unsigned)bridge.wired.msi.stats.live);
    umsi_wired_detach(&bridge.wired);
    CHECK(bridge.wired.msi.stats.teardowns == 1);
}

static void level(void)
{
    attach();
    map(5, UMSI_LEVEL_HIGH, on_level);
    for (uint32_t round = 1; round <= 2; round++) {
        bridge.high[5] = true;
        send(5);
        CHECK(vector_await(&bridge.vector[5], 3 * round));
    }
    scene_result("a level ran %u times", (unsigned)vector_hits(&bridge.vector[5]));
    umsi_wired_detach(&bridge.wired);
}

const struct scenario s_wired = { "wired lines one by one", one_by_one, 0, false };
const struct scenario s_wired_level = { "wired level", level, 0, false };
