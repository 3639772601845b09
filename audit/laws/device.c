/* SPDX-License-Identifier: MIT */
/* MAPD: L17 (alternates), L19 to L22 (size, DeviceID, ITT), L36 (empty when it goes), and the end: L17, L56. */
#include <inttypes.h>
#include <stdio.h>

#include "../state/cost.h"
#include "judge.h"

#define QEMU_ITT_ENTRY 12u /* bytes, when GITS_TYPER was not seen: all versions of QEMU */

bool judge_unknown(const struct audit *a, const struct audit_device *d)
{
    return a->late && (d == NULL || d->maps == 0);
}

static uint64_t itt_bytes(const struct audit *a, const struct audit_its *its,
                          const struct audit_item *i)
{
    uint64_t entry = its->has_typer ? (its->typer >> 4 & 15) + 1 : a->records ? 1 : QEMU_ITT_ENTRY;
    return entry << i->bits;
}

static void note(struct audit_device *d, const struct audit_item *i)
{
    audit_history_add(&d->history,
                      &(struct audit_moment){ .first = i->line,
                                              .last = i->line,
                                              .itt = i->itt,
                                              .extra = (uint32_t)(UINT64_C(1) << i->bits),
                                              .opcode = AUDIT_MAPD,
                                              .valid = i->valid });
}

static void check_limits(struct audit *a, struct audit_its *its, struct audit_device *d,
                         const struct audit_item *i)
{
    struct audit_about about = audit_about(its, d, i);
    if (!its->has_typer) {
        return;
    }
    unsigned event_bits = (its->typer >> 8 & 31) + 1, device_bits = (its->typer >> 13 & 31) + 1;
    if (i->bits > event_bits) {
        audit_find(a, CHECK_SIZE_RANGE, &about,
                   "MAPD of DeviceID 0x%" PRIx32 " wants %u EventID bits; GITS_TYPER has %u", d->id,
                   i->bits, event_bits);
    }
    if (device_bits < 32 && i->device >> device_bits != 0) {
        audit_find(a, CHECK_DEVICE_RANGE, &about,
                   "DeviceID 0x%" PRIx32 " has more than the %u bits GITS_TYPER gives", d->id,
                   device_bits);
    }
}

/* The tables whose registers were seen. */
static bool in_table(const struct audit *a, const struct audit_its *its, uint64_t start,
                     uint64_t end, const char **out)
{
    static const char *const names[] = {
        "GITS_BASER0", "GITS_BASER1", "GITS_BASER2", "GITS_BASER3",
        "GITS_BASER4", "GITS_BASER5", "GITS_BASER6", "GITS_BASER7"
    };
    static const uint64_t page[] = { 4096, 16384, 65536, 65536 };
    const uint64_t address = UINT64_C(0xfffffffff000);
    for (unsigned n = 0; n < AUDIT_BASERS; n++) {
        uint64_t b = its->baser[n], from = b & address,
                 to = from + ((b & 255) + 1) * page[b >> 8 & 3];
        if (b >> 63 != 0 && start < to && from < end) {
            *out = names[n];
            return true;
        }
    }
    uint64_t queue = its->cbaser & address;
    *out = "GITS_CBASER";
    if (its->cbaser >> 63 != 0 && start < queue + ((its->cbaser & 255) + 1) * 4096 && queue < end) {
        return true;
    }
    for (size_t n = 0; n < a->world.rds.size; n++) {
        const struct audit_rd *rd = a->world.rds.slot[n].value;
        if (rd == NULL || !rd->enabled || !rd->has_propbaser) {
            continue;
        }
        uint64_t prop = rd->propbaser & address, bytes = UINT64_C(2) << (rd->propbaser & 31);
        *out = "GICR_PROPBASER";
        if (start < prop + bytes - 8192 && prop < end) {
            return true;
        }
    }
    return false;
}

static void check_itt(struct audit *a, struct audit_its *its, struct audit_device *d,
                      const struct audit_item *i)
{
    struct audit_about about = audit_about(its, d, i);
    uint64_t start = i->itt, end = start + itt_bytes(a, its, i);
    const struct audit_range *hit = audit_ranges_hit(&its->itts, start, end);
    const struct audit_owed *owed = audit_its_retired(its, start, end);
    const struct audit_device *before = owed != NULL ? audit_device_find(its, owed->device) : NULL;
    const char *table;
    if ((before != NULL && before->doubt) ||
        (hit != NULL && ((const struct audit_device *)hit->owner)->doubt)) {
        a->doubtful++;
    } else if (hit != NULL) {
        const struct audit_device *other = hit->owner;
        audit_find(a, CHECK_ITT_OVERLAP, &about,
                   "the ITT of DeviceID 0x%" PRIx32 " at 0x%" PRIx64
                   " overlaps that of DeviceID 0x%" PRIx32 " at 0x%" PRIx64
                   ", mapped since %s %" PRIu64,
                   d->id, start, other->id, other->itt, audit_unit(a), other->map_line);
    } else if (owed != NULL) {
        bool waits = (a->has & (AUDIT_ITS_REGS | AUDIT_RECORDS)) != 0;
        enum audit_check check = waits && !owed->passed ? CHECK_ITT_EARLY : CHECK_ITT_UNSYNCED;
        audit_find(a, check, &about,
                   "the ITT of DeviceID 0x%" PRIx32 " at 0x%" PRIx64 " was DeviceID 0x%" PRIx32
                   "'s until MAPD V=0 in %s %" PRIu64 "; no SYNC%s since",
                   d->id, start, owed->device, audit_unit(a), owed->line,
                   check == CHECK_ITT_EARLY ? " and no look at CREADR" : "");
    }
    if (in_table(a, its, start, end, &table)) {
        audit_find(a, CHECK_ITT_TABLE, &about,
                   "the ITT of DeviceID 0x%" PRIx32 " at 0x%" PRIx64 " lies in the memory of %s",
                   d->id, start, table);
    }
}

static void map(struct audit *a, struct audit_its *its, struct audit_device *d,
                const struct audit_item *i)
{
    struct audit_about about = audit_about(its, d, i);
    if (d->mapped) {
        audit_find(a, CHECK_MAPD_TWICE, &about,
                   "DeviceID 0x%" PRIx32 " is mapped again: MAPD V=1 in %s %" PRIu64
                   " was never undone, %" PRIu32 " events are mapped",
                   d->id, audit_unit(a), d->map_line, d->nr_events);
        audit_device_unmap(&a->world, d,
                           i->line); /* its events are not in the table that counts now */
    }
    check_limits(a, its, d, i);
    check_itt(a, its, d, i);
    audit_device_map(d, i, itt_bytes(a, its, i));
}

static const struct audit_event *lowest(const struct audit_device *d)
{
    const struct audit_event *low = d->events;
    for (const struct audit_event *e = d->events; e != NULL; e = e->next) {
        low = e->id < low->id ? e : low;
    }
    return low;
}

static void unmap(struct audit *a, struct audit_its *its, struct audit_device *d,
                  const struct audit_item *i)
{
    struct audit_about about = audit_about(its, d, i);
    if (!d->mapped) {
        if (!judge_unknown(a, d)) {
            audit_find(a, CHECK_MAPD_UNMAPPED, &about,
                       "MAPD V=0 for DeviceID 0x%" PRIx32 ", which is not mapped", d->id);
        }
        return;
    }
    if (d->nr_events != 0) {
        const struct audit_event *e = lowest(d);
        audit_find(a, CHECK_UNMAP_IN_USE, &about,
                   "DeviceID 0x%" PRIx32 " is unmapped with %" PRIu32
                   " events still mapped, the lowest of them EventID %" PRIu32 " since %s %" PRIu64,
                   d->id, d->nr_events, e->id, audit_unit(a), e->line);
    }
    if (i->itt != d->itt || i->bits != d->bits) {
        audit_find(a, CHECK_UNMAP_DIFFERS, &about,
                   "MAPD V=0 of DeviceID 0x%" PRIx32 " has Size %u and ITT 0x%" PRIx64
                   "; V=1 in %s %" PRIu64 " had Size %u and ITT 0x%" PRIx64,
                   d->id, i->bits - 1u, i->itt, audit_unit(a), d->map_line, d->bits - 1u, d->itt);
    }
    if (d->emptied > 1 && !a->refills) {
        a->refills = true;
        a->refills_line = i->line;
        a->refills_device = d->id;
    }
    audit_device_unmap(&a->world, d, i->line);
}

void judge_mapd(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_device *d = audit_device_of(&a->world, its, i->device);
    audit_cost_command(its, d, i);
    if (i->valid) {
        map(a, its, d, i);
    } else {
        unmap(a, its, d, i);
    }
    note(d, i);
}

/* ---- the end ---- */

static void leak(struct audit *a, struct audit_device *d)
{
    struct audit_about about = { d->map_line, d->its, d, AUDIT_NONE, AUDIT_NONE, d->id };
    char again[160] = "", before[160] = "";
    const char *unit = audit_unit(a);
    if (d->emptied > 1) {
        snprintf(again, sizeof(again),
                 " It had been empty before, first in %s %" PRIu64 ", and was used again %" PRIu64
                 " times.",
                 unit, d->emptied_first, d->emptied - 1);
    }
    if (d->lives_ended_empty != 0) {
        snprintf(before, sizeof(before),
                 " Of its %" PRIu32 " earlier maps %" PRIu64
                 " were undone when their last event had gone, the latest in %s %" PRIu64 ".",
                 d->maps - 1, d->lives_ended_empty, unit, d->last_life_line);
    }
    audit_find(a, CHECK_MAPD_LEAK, &about,
               "DeviceID 0x%" PRIx32
               " is left mapped with no event: it was never unmapped after its last event went. "
               "Map %" PRIu32 " of it, MAPD V=1 in %s %" PRIu64 ", made room for %" PRIu64
               " events; at most %" PRIu32
               " were used at a time, the last was discarded in %s %" PRIu64
               ", and no MAPD V=0 follows.%s%s",
               d->id, d->maps, unit, d->map_line, UINT64_C(1) << d->bits, d->peak, unit,
               d->emptied_last, again, before);
}

void judge_device_end(struct audit *a, struct audit_device *d)
{
    struct audit_about about = { a->line, d->its, d, AUDIT_NONE, AUDIT_NONE, d->id };
    if (!d->mapped) {
        return;
    }
    if (a->options.shutdown) {
        audit_find(a, CHECK_LEFT_BEHIND, &about,
                   "DeviceID 0x%" PRIx32 " is still mapped at shutdown, with %" PRIu32
                   " events, since %s %" PRIu64,
                   d->id, d->nr_events, audit_unit(a), d->map_line);
    } else if (d->nr_events == 0 && d->emptied != 0) {
        if (a->options.keeps_devices || a->refills) {
            a->kept_empty++;
        } else {
            leak(a, d);
        }
    }
}
