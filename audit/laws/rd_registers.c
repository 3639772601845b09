/* SPDX-License-Identifier: MIT */
/* The redistributors' registers: L32 (tables while EnableLPIs), L38 (nothing targets a CPU that goes). */
#include <inttypes.h>

#include "judge.h"

enum { CTLR = 0x00, TYPER = 0x08, PROPBASER = 0x70, PENDBASER = 0x78 };

#define TABLE UINT64_C(0x000ffffffffff01f) /* address and IDbits */

static void check_group(struct audit *a, const struct audit_rd *rd, const struct audit_item *i)
{
    struct audit_about about = audit_about(NULL, NULL, i);
    about.event = about.intid = AUDIT_NONE;
    for (size_t n = 0; n < a->world.rds.size && rd->has_propbaser; n++) {
        const struct audit_rd *other = a->world.rds.slot[n].value;
        if (other == NULL || other == rd || !other->enabled || !other->has_propbaser) {
            continue;
        }
        if (((other->propbaser ^ rd->propbaser) & TABLE) != 0) {
            audit_find(a, CHECK_PROPBASER_DIFFERS, &about,
                       "EnableLPIs is set on redistributor 0x%" PRIx32
                       " with GICR_PROPBASER 0x%" PRIx64 "; that of 0x%" PRIx32 " is 0x%" PRIx64,
                       rd->affinity, rd->propbaser, other->affinity, other->propbaser);
            return;
        }
    }
}

static void check_users(struct audit *a, const struct audit_rd *rd, const struct audit_item *i)
{
    struct audit_about about = audit_about(NULL, NULL, i);
    for (const struct audit_its *its = a->world.its; its != NULL && rd->processor != AUDIT_NONE;
         its = its->next) {
        about.its = its;
        for (size_t n = 0; n < its->collections.size && (its->enabled || !its->has_ctlr); n++) {
            const struct audit_collection *c = its->collections.slot[n].value;
            if (c != NULL && c->mapped && c->rdbase == rd->processor && c->nr_events != 0) {
                audit_find(a, CHECK_LPIS_OFF_IN_USE, &about,
                           "EnableLPIs of redistributor 0x%" PRIx32 " is cleared; %" PRIu32
                           " events of collection %" PRIu32 " target it",
                           rd->affinity, c->nr_events, c->icid);
            }
        }
    }
}

static void set_enabled(struct audit *a, struct audit_rd *rd, const struct audit_item *i, bool on)
{
    if (on && !rd->enabled) {
        check_group(a, rd, i);
    } else if (!on && rd->enabled && i->kind == AUDIT_RD_WRITE) {
        check_users(a, rd, i);
    }
    rd->enabled = on;
    rd->known = true;
}

static void write_base(struct audit *a, struct audit_rd *rd, const struct audit_item *i, bool prop)
{
    struct audit_about about = audit_about(NULL, NULL, i);
    uint64_t *base = prop ? &rd->propbaser : &rd->pendbaser;
    if (rd->known && rd->enabled) {
        audit_find(a, CHECK_LPI_BASE_ENABLED, &about,
                   "%s of redistributor 0x%" PRIx32 " is written while EnableLPIs is 1",
                   prop ? "GICR_PROPBASER" : "GICR_PENDBASER", rd->affinity);
    }
    *base = audit_merge(*base, i);
    rd->has_propbaser = rd->has_propbaser || prop;
    rd->has_pendbaser = rd->has_pendbaser || !prop;
}

void judge_rd_write(struct audit *a, const struct audit_item *i)
{
    struct audit_rd *rd = audit_rd_of(&a->world, i->rd);
    uint64_t at = i->offset & ~UINT64_C(7);
    a->has |= AUDIT_RD_REGS;
    if (i->offset == CTLR) {
        set_enabled(a, rd, i, (i->data & 1) != 0);
    } else if (at == PROPBASER || at == PENDBASER) {
        write_base(a, rd, i, at == PROPBASER);
    }
}

void judge_rd_read(struct audit *a, const struct audit_item *i)
{
    struct audit_rd *rd = audit_rd_of(&a->world, i->rd);
    a->has |= AUDIT_RD_REGS;
    if (i->offset == CTLR) {
        set_enabled(a, rd, i, (i->data & 1) != 0);
    } else if (i->offset == TYPER) {
        rd->processor = (uint32_t)(i->data >> 8 & 0xffff);
    } else if ((i->offset & ~UINT64_C(7)) == PROPBASER) {
        rd->propbaser = audit_merge(rd->propbaser, i); /* as it stuck */
    }
}
