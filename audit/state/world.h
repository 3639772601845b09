/* SPDX-License-Identifier: MIT */
/*
 * What the trace has built up so far: ITSs with their devices, events, collections and vPEs, INTIDs, redistributors.
 *
 * Nothing here judges. Memory is bounded by what is live, and by fixed limits for what is remembered of the dead:
 * AUDIT_DEAD_DEVICES unmapped devices, AUDIT_OWED numbers and tables waiting for a SYNC.
 */
#ifndef AUDIT_WORLD_H
#define AUDIT_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "../read/item.h"
#include "history.h"
#include "map.h"
#include "ranges.h"
#include "timeline.h"

#define AUDIT_DEAD_DEVICES 1024u
#define AUDIT_OWED         65536u
#define AUDIT_DIRTY        256u
#define AUDIT_BASERS       8u
#define AUDIT_TIMELINES    256u /* devices that are drawn */

/* Commands of a device, or of an ITS. */
struct audit_counts {
    uint64_t commands; /* with the SYNCs */
    uint64_t mapd, mapti, movi, inv, raise, discard, sync;
    uint64_t doorbells, waits;
    uint64_t best, best_sync,
        best_waits; /* commands the same work takes at least; report/economy.h */
};

struct audit_event {
    struct audit_device *device;
    uint32_t id, intid, icid, vpe; /* vpe: AUDIT_NONE for a physical one */
    uint64_t line, moved_line;     /* MAPTI's; the last MOVI's, or 0 */
    uint32_t moves;
    bool unsent; /* no SYNC since its MAPTI: in the ITS's list */
    bool owes;   /* its LPI byte changed, and no INV followed: in the world's list, of records */
    bool stale;  /* it changed before MAPTI */
    uint32_t owe_cpu;
    uint64_t owe_line;
    struct audit_event *next, **to_this;          /* of the device */
    struct audit_event *unsent_next, **unsent_to; /* of the ITS */
    struct audit_event *owe_next, **owe_to;
    uint32_t bar; /* of the timeline */
};

struct audit_device {
    struct audit_its *its;
    uint32_t id, serial;
    bool mapped;
    bool
        doubt; /* the ITS stalled, or a wait failed: until the next MAPD V=1 nobody knows what is mapped */
    uint8_t bits;
    uint32_t nr_events, peak; /* peak: of this map */
    uint32_t maps;            /* MAPD V=1 so far */
    uint64_t itt, map_line, unmap_line;
    uint64_t emptied; /* how often the last event of this map went */
    uint64_t emptied_first, emptied_last;
    uint64_t lives_ended_empty,
        last_life_line;               /* earlier maps undone when their last event had gone */
    uint64_t vectors, all_peak;       /* over all maps */
    uint64_t targets;                 /* of this round, for the economy */
    uint64_t live_prepares, prepared; /* from records */
    struct audit_event *events;
    struct audit_range range;
    struct audit_history history;
    struct audit_counts counts;
    struct audit_timeline *timeline;           /* NULL: none wanted */
    struct audit_device *next, **to_this;      /* of the ITS: all */
    struct audit_device *dead_next, **dead_to; /* and the unmapped, the longest so first */
};

struct audit_collection {
    uint32_t icid;
    bool mapped, invalidated, ready, told; /* INVALL seen; and a SYNC after it; L27 was reported */
    uint64_t rdbase, line;
    uint32_t nr_events;
};

struct audit_vpe {
    uint32_t id, nr_events;
    bool mapped;
    uint64_t line;
};

/* An ITT that was unmapped, or an INTID whose event went: usable again after a SYNC. */
struct audit_owed {
    struct audit_range range; /* of an ITT */
    uint64_t line, rdbase;
    uint32_t device, event, intid;
    bool passed; /* CREADR was seen behind it */
    struct audit_owed *next;
};

struct audit_rd {
    uint32_t affinity;
    bool known, enabled; /* whether EnableLPIs was seen; EnableLPIs */
    uint32_t processor;  /* AUDIT_NONE: GICR_TYPER was not read */
    uint64_t propbaser, pendbaser, enabled_line;
    bool has_propbaser, has_pendbaser;
};

struct audit_its {
    uint64_t object;
    uint32_t number;
    struct audit_map devices, events, collections, vpes;
    struct audit_device *all, *dead_first, **dead_end;
    uint32_t nr_devices, nr_mapped, nr_dead;
    struct audit_ranges itts, retired;
    struct audit_owed *retired_list, *freed_list;
    uint32_t nr_retired, nr_freed;
    struct audit_event *unsent;
    bool settling;                /* a collection waits for the SYNC after its INVALL */
    struct audit_device *charged; /* who pays for the next SYNC */
    struct audit_device *rung;    /* and for the next wait */
    bool waited;                  /* CREADR was read since the last doorbell */
    struct audit_counts counts;   /* of all commands */
    struct audit_counts dead;     /* of devices that were forgotten */
    uint64_t dead_devices, dead_vectors, dead_maps;
    uint32_t first_icid;   /* of the collection mapped first: where a restart shows */
    uint64_t suspect_line; /* it was mapped again; 0: no restart suspected */
    uint32_t suspect_maps; /* devices mapped since */
    uint64_t since_sync;   /* commands since the last SYNC */
    /* registers */
    bool has_typer, has_ctlr, has_cbaser, has_cwriter;
    bool enabled, was_enabled, quiescent, retry_owed, new_queue;
    uint64_t typer, baser[AUDIT_BASERS], baser_before[AUDIT_BASERS], cbaser, cwriter;
    uint8_t refusal;           /* opcode of a command whose table write is still to come */
    struct audit_item refused; /* it */
    bool last_was_unmap_vpe;
    struct audit_its *next;
};

/* A command about a redistributor no SYNC was sent to since, of records. */
struct audit_dirty {
    const struct audit_its *its;
    uint64_t line, rdbase;
    uint32_t cpu;
    uint8_t opcode;
};

struct audit_world {
    struct audit_its *its, **its_end;
    uint32_t nr_its;
    struct audit_map intids, freed; /* INTID -> event, -> owed */
    struct audit_map rds;           /* affinity -> rd */
    struct audit_map stale; /* INTIDs whose byte changed after their redistributor could read it */
    struct audit_dirty dirty[AUDIT_DIRTY];
    uint32_t nr_dirty;
    struct audit_event *owing;
    uint32_t serial;
    bool timelines;
};

void audit_world_free(struct audit_world *w);
struct audit_its *audit_its_of(struct audit_world *w, uint64_t object);

struct audit_device *audit_device_find(const struct audit_its *its, uint32_t id);
struct audit_device *audit_device_of(struct audit_world *w, struct audit_its *its, uint32_t id);
void audit_device_map(struct audit_device *d, const struct audit_item *i, uint64_t bytes);
/* Its events go with it. */
void audit_device_unmap(struct audit_world *w, struct audit_device *d, uint64_t line);

struct audit_event *audit_event_find(const struct audit_device *d, uint32_t id);
struct audit_event *audit_event_add(struct audit_world *w, struct audit_device *d,
                                    const struct audit_item *i);
void audit_event_remove(struct audit_world *w, struct audit_event *e, uint64_t line);
void audit_event_move(struct audit_event *e, const struct audit_item *i);
/* An INV is owed (L28, L29), or is not. */
void audit_event_owe(struct audit_world *w, struct audit_event *e, const struct audit_item *i,
                     bool stale);
void audit_event_paid(struct audit_event *e);

struct audit_collection *audit_collection_of(struct audit_its *its, uint32_t icid);
struct audit_vpe *audit_vpe_of(struct audit_its *its, uint32_t id);
struct audit_rd *audit_rd_of(struct audit_world *w, uint32_t affinity);
/* The one a collection's RDbase names, or NULL: by the processor number GICR_TYPER gave. */
struct audit_rd *audit_rd_at(const struct audit_world *w, uint64_t rdbase);

/* A SYNC: to one redistributor, or, with `all`, to whichever was meant. */
void audit_its_sync(struct audit_world *w, struct audit_its *its, uint64_t rdbase, bool all);
/* CREADR was seen behind all commands so far. */
void audit_its_passed(struct audit_its *its);
/* What was mapped before a line is gone since `line`: a reset. */
void audit_its_forget(struct audit_world *w, struct audit_its *its, uint64_t before, uint64_t line);
/* An ITT that may not be used again yet, or NULL. */
struct audit_owed *audit_its_retired(const struct audit_its *its, uint64_t start, uint64_t end);

#endif /* AUDIT_WORLD_H */
