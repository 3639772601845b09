/* SPDX-License-Identifier: MIT */
/*
 * A guest that starts anew. Registers tell for certain: Enabled reads 0, and nobody cleared it; or the ITS comes back
 * with other tables. Commands alone tell it like this: the collection that was mapped first is mapped once more, to the
 * same redistributor, and then a device, an INTID or an ITT is used as if it had never been. A CPU that goes offline
 * and comes back does the first without the second.
 */
#include "judge.h"

void judge_reset(struct audit *a, struct audit_its *its, uint64_t before, uint64_t line,
                 const char *how)
{
    struct audit_reset r = { .line = line, .how = how };
    for (const struct audit_device *d = its->all; d != NULL; d = d->next) {
        if (d->mapped && d->map_line < before) {
            r.devices++;
            r.empty += d->nr_events == 0 && d->emptied != 0;
        }
    }
    if (a->nr_resets < AUDIT_RESETS) {
        a->reset[a->nr_resets] = r;
    }
    a->nr_resets++;
    its->suspect_line = 0;
    audit_its_forget(&a->world, its, before, line);
}

void judge_suspect(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    (void)a;
    if (i->icid == its->first_icid && its->nr_mapped != 0) {
        its->suspect_line = i->line;
        its->suspect_maps = 0;
    }
}

static bool old(const struct audit_its *its, const struct audit_device *d)
{
    return d != NULL && d->mapped && d->map_line < its->suspect_line;
}

static bool as_if_new(const struct audit *a, const struct audit_its *its,
                      const struct audit_item *i)
{
    if (i->opcode == AUDIT_MAPD && i->valid) {
        const struct audit_range *r = audit_ranges_hit(&its->itts, i->itt, i->itt + 1);
        return old(its, audit_device_find(its, i->device)) || (r != NULL && old(its, r->owner));
    }
    const struct audit_event *e =
        i->opcode == AUDIT_MAPTI ? audit_map_get(&a->world.intids, i->intid) : NULL;
    return e != NULL && old(its, e->device) && !old(its, audit_device_find(its, i->device));
}

void judge_suspicion(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    if (as_if_new(a, its, i)) {
        judge_reset(a, its, its->suspect_line, its->suspect_line,
                    "the first collection is mapped again, then old devices anew");
    } else if (old(its, audit_device_find(its, i->device))) {
        its->suspect_line = 0;
    } else if (i->opcode == AUDIT_MAPD && i->valid) {
        its->suspect_maps++;
    }
}
