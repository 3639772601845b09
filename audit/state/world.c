/* SPDX-License-Identifier: MIT */
/* ITSs, redistributors, collections: found, made, forgotten. */
#include <stdlib.h>

#include "world.h"

struct audit_its *audit_its_of(struct audit_world *w, uint64_t object)
{
    for (struct audit_its *its = w->its; its != NULL; its = its->next) {
        if (its->object == object) {
            return its;
        }
    }
    struct audit_its *its = audit_alloc(sizeof(*its));
    its->object = object;
    its->number = w->nr_its++;
    its->first_icid = AUDIT_NONE;
    if (w->its_end == NULL) {
        w->its_end = &w->its;
    }
    *w->its_end = its;
    w->its_end = &its->next;
    return its;
}

struct audit_collection *audit_collection_of(struct audit_its *its, uint32_t icid)
{
    struct audit_collection *c = audit_map_get(&its->collections, icid);
    if (c == NULL) {
        c = audit_alloc(sizeof(*c));
        c->icid = icid;
        audit_map_put(&its->collections, icid, c);
    }
    return c;
}

struct audit_vpe *audit_vpe_of(struct audit_its *its, uint32_t id)
{
    struct audit_vpe *v = audit_map_get(&its->vpes, id);
    if (v == NULL) {
        v = audit_alloc(sizeof(*v));
        v->id = id;
        audit_map_put(&its->vpes, id, v);
    }
    return v;
}

struct audit_rd *audit_rd_of(struct audit_world *w, uint32_t affinity)
{
    struct audit_rd *rd = audit_map_get(&w->rds, affinity);
    if (rd == NULL) {
        rd = audit_alloc(sizeof(*rd));
        rd->affinity = affinity;
        rd->processor = AUDIT_NONE;
        audit_map_put(&w->rds, affinity, rd);
    }
    return rd;
}

struct audit_rd *audit_rd_at(const struct audit_world *w, uint64_t rdbase)
{
    for (size_t n = 0; n < w->rds.size; n++) {
        struct audit_rd *rd = w->rds.slot[n].value;
        if (rd != NULL && rd->processor == rdbase) {
            return rd;
        }
    }
    return NULL;
}

static void free_values(struct audit_map *m)
{
    for (size_t n = 0; n < m->size; n++) {
        free(m->slot[n].value);
    }
    audit_map_free(m);
}

static void free_its(struct audit_world *w, struct audit_its *its)
{
    audit_its_forget(w, its, UINT64_MAX, 0);
    while (its->all != NULL) {
        struct audit_device *d = its->all;
        its->all = d->next;
        free(d->timeline);
        free(d);
    }
    free_values(&its->collections);
    free_values(&its->vpes);
    audit_map_free(&its->devices);
    audit_map_free(&its->events);
    free(its);
}

void audit_world_free(struct audit_world *w)
{
    while (w->its != NULL) {
        struct audit_its *its = w->its;
        w->its = its->next;
        free_its(w, its);
    }
    free_values(&w->rds);
    audit_map_free(&w->intids);
    audit_map_free(&w->freed);
    audit_map_free(&w->stale);
}

void audit_its_forget(struct audit_world *w, struct audit_its *its, uint64_t before, uint64_t line)
{
    for (struct audit_device *d = its->all; d != NULL; d = d->next) {
        if (d->mapped && d->map_line < before) {
            audit_device_unmap(w, d, line);
        }
    }
    audit_its_passed(its);
    audit_its_sync(w, its, 0, true);
    for (size_t n = 0; n < its->collections.size; n++) {
        struct audit_collection *c = its->collections.slot[n].value;
        if (c != NULL && c->line < before) {
            *c = (struct audit_collection){ .icid = c->icid };
        }
    }
    for (size_t n = 0; n < its->vpes.size; n++) {
        struct audit_vpe *v = its->vpes.slot[n].value;
        if (v != NULL && v->line < before) {
            *v = (struct audit_vpe){ .id = v->id };
        }
    }
    its->charged = its->rung = NULL;
    its->first_icid = before == UINT64_MAX ? AUDIT_NONE : its->first_icid;
    its->suspect_line = 0;
    its->refusal = 0;
}
