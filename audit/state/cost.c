/* SPDX-License-Identifier: MIT */
/* Commands, SYNCs, doorbells and waits, per device and per ITS. */
#include "cost.h"

static void count(struct audit_counts *c, const struct audit_item *i)
{
    c->commands++;
    switch (i->opcode) {
    case AUDIT_MAPD:
        c->mapd++;
        break;
    case AUDIT_MAPTI:
    case AUDIT_MAPI:
    case AUDIT_VMAPTI:
    case AUDIT_VMAPI:
        c->mapti++;
        break;
    case AUDIT_MOVI:
    case AUDIT_VMOVI:
        c->movi++;
        break;
    case AUDIT_INV:
        c->inv++;
        break;
    case AUDIT_INT:
    case AUDIT_CLEAR:
        c->raise++;
        break;
    case AUDIT_DISCARD:
        c->discard++;
        break;
    case AUDIT_SYNC:
    case AUDIT_VSYNC:
        c->sync++;
        break;
    default:
        break;
    }
}

static void best(struct audit_counts *c, uint64_t commands, uint64_t syncs, uint64_t waits)
{
    c->best += commands + syncs;
    c->best_sync += syncs;
    c->best_waits += waits;
}

static uint64_t bits_of(uint64_t v)
{
    uint64_t n = 0;
    for (; v != 0; v &= v - 1) {
        n++;
    }
    return n;
}

static void best_map(struct audit_device *d, struct audit_its *its, const struct audit_item *i)
{
    const struct audit_collection *c = audit_map_get(&its->collections, i->icid);
    uint64_t target = (uint64_t)1 << ((c != NULL ? c->rdbase : 0) & 63);
    best(&d->counts, 1, (d->targets & target) == 0, d->targets == 0);
    d->targets |= target;
}

static void best_discard(struct audit_device *d)
{
    bool last = d->nr_events <= 1;
    best(&d->counts, 1, last ? bits_of(d->targets) : 0, last);
    d->targets = last ? 0 : d->targets;
}

static void best_of(struct audit_device *d, struct audit_its *its, const struct audit_item *i)
{
    switch (i->opcode) {
    case AUDIT_MAPD:
        best(&d->counts, 1, !i->valid, 1);
        break;
    case AUDIT_MAPTI:
    case AUDIT_MAPI:
    case AUDIT_VMAPTI:
    case AUDIT_VMAPI:
        best_map(d, its, i);
        break;
    case AUDIT_DISCARD:
        best_discard(d);
        break;
    case AUDIT_INV:
        break;
    default: /* MOVI, INT, CLEAR */
        best(&d->counts, 1, 1, 1);
        break;
    }
}

void audit_cost_command(struct audit_its *its, struct audit_device *d, const struct audit_item *i)
{
    bool sync = i->opcode == AUDIT_SYNC || i->opcode == AUDIT_VSYNC;
    count(&its->counts, i);
    if (sync) {
        d = its->charged;
    } else {
        its->charged = its->rung = d;
    }
    if (d != NULL) {
        count(&d->counts, i);
    }
    if (d != NULL && !sync) {
        best_of(d, its, i);
    }
}

void audit_cost_doorbell(struct audit_its *its)
{
    its->counts.doorbells++;
    its->waited = false;
    if (its->rung != NULL) {
        its->rung->counts.doorbells++;
    }
}

void audit_cost_wait(struct audit_its *its)
{
    if (its->waited) {
        return;
    }
    its->waited = true;
    its->counts.waits++;
    if (its->rung != NULL) {
        its->rung->counts.waits++;
    }
}

void audit_cost_add(struct audit_counts *to, const struct audit_counts *c)
{
    to->commands += c->commands;
    to->mapd += c->mapd;
    to->mapti += c->mapti;
    to->movi += c->movi;
    to->inv += c->inv;
    to->raise += c->raise;
    to->discard += c->discard;
    to->sync += c->sync;
    to->doorbells += c->doorbells;
    to->waits += c->waits;
    to->best += c->best;
    to->best_sync += c->best_sync;
    to->best_waits += c->best_waits;
}
