/* SPDX-License-Identifier: MIT */
/*
 * What one life of a function's vectors costs at the ITS: all allocated in one call, on one CPU, requested, freed,
 * with nothing moved or raised. Then the drivers, with real work.
 */
#include "event.h"
#include "subject.h"

#define MSI_PER_VECTOR_MASKING 0x100u /* Message Control; Base Specification 5.0, 7.7.1.2 */

static bool measure(struct subject *s)
{
    const struct umsi_msi_stats before = s->f->msi.msi.stats, *now = &s->f->msi.msi.stats;
    uint32_t kind = subject_first_kind(s);
    if (!subject_take(s, kind)) {
        return false;
    }
    s->life.vectors = now->live;
    s->life.maskable = kind == UMSI_MSIX || (s->f->msi.msi_control & MSI_PER_VECTOR_MASKING) != 0;
    subject_give(s);
    s->life.commands = now->commands - before.commands;
    s->life.waits = now->waits - before.waits;
    return true;
}

bool measure_lives(struct subject *list)
{
    bool ok = true;
    for (struct subject *s = list; s != NULL; s = s->next) {
        watchdog_feed(s->f->name);
        ok = (!s->attached || s->kinds == 0 || measure(s)) && ok;
    }
    return ok;
}

static bool run_driver(const struct subject *s)
{
    if (s->f->by_message || s->driver->by_wire) {
        return s->driver->run(s->f);
    }
    say(s->f, "its driver works with messages only, skipped");
    return true;
}

bool run_drivers(struct subject *list)
{
    bool ok = true;
    for (struct subject *s = list; s != NULL; s = s->next) {
        if (s->attached && s->driver != NULL) {
            watchdog_feed(s->f->name);
            ok = run_driver(s) && ok;
        }
    }
    return ok;
}
