/* SPDX-License-Identifier: MIT */
/* The ITS's registers: L31 (CWRITER, Stalled), L32 (bases), L39 (resume), and resets. */
#include <inttypes.h>
#include <string.h>

#include "../state/cost.h"
#include "judge.h"

enum { CTLR = 0x00, TYPER = 0x08, CBASER = 0x80, CWRITER = 0x88, CREADR = 0x90, BASER = 0x100 };

#define ENABLED   UINT64_C(1)
#define QUIESCENT (UINT64_C(1) << 31)
#define STALLED   UINT64_C(1)
#define RETRY     UINT64_C(1)
#define OFFSET    UINT64_C(0xfffe0)
#define BASE                                                                                       \
    UINT64_C(                                                                                      \
        0x8000fffffffff7ff) /* Valid, address, page size and Size: what makes it another table */

uint64_t audit_merge(uint64_t was, const struct audit_item *i)
{
    unsigned shift = (unsigned)(i->offset & 4) * 8;
    if (i->bytes == 8) {
        return i->data;
    }
    return (was & ~(UINT64_C(0xffffffff) << shift)) | (i->data & UINT64_C(0xffffffff)) << shift;
}

static void check_base(struct audit *a, struct audit_its *its, const struct audit_item *i,
                       const char *name)
{
    struct audit_about about = audit_about(its, NULL, i);
    if (its->has_ctlr && its->enabled) {
        audit_find(a, CHECK_BASE_ENABLED, &about, "%s is written while GITS_CTLR.Enabled is 1",
                   name);
    } else if (its->was_enabled && !its->quiescent) {
        audit_find(
            a, CHECK_BASE_ENABLED, &about,
            "%s is written after GITS_CTLR.Enabled was cleared, and Quiescent was not seen 1",
            name);
    }
}

/* Enabled goes from 0 to 1. */
static void enable(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_about about = audit_about(its, NULL, i);
    if (its->has_cbaser && its->cbaser >> 63 == 0) {
        audit_find(a, CHECK_ENABLED_NO_QUEUE, &about,
                   "GITS_CTLR.Enabled is set, and GITS_CBASER is not valid");
    }
    if (its->was_enabled && its->nr_mapped != 0 &&
        memcmp(its->baser, its->baser_before, sizeof(its->baser)) != 0) {
        judge_reset(a, its, UINT64_MAX, i->line, "the ITS was given other tables");
    }
    its->was_enabled = true;
    its->quiescent = its->new_queue = false;
}

static void write_ctlr(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    bool on = (i->data & ENABLED) != 0;
    if (on && !its->enabled) {
        enable(a, its, i);
    } else if (!on && its->enabled) {
        memcpy(its->baser_before, its->baser, sizeof(its->baser));
    }
    its->enabled = on;
    its->has_ctlr = true;
}

static void write_cwriter(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_about about = audit_about(its, NULL, i);
    uint64_t was = its->cwriter, v = audit_merge(was, i), bytes = ((its->cbaser & 255) + 1) * 4096;
    its->cwriter = v & OFFSET;
    if ((v & ~(OFFSET | RETRY)) != 0 || (its->has_cbaser && (v & OFFSET) >= bytes)) {
        audit_find(a, CHECK_CWRITER_RANGE, &about,
                   "GITS_CWRITER is set to 0x%" PRIx64 "; the queue has 0x%" PRIx64 " bytes", v,
                   bytes);
    }
    if (its->has_ctlr && !its->enabled) {
        if (its->new_queue && its->was_enabled && (v & OFFSET) != 0 && (v & OFFSET) == was) {
            audit_find(a, CHECK_CWRITER_RESTORED, &about,
                       "GITS_CWRITER is put back to 0x%" PRIx64
                       " after GITS_CBASER was written, while the ITS is off",
                       v);
        }
        return;
    }
    if (its->retry_owed && (v & RETRY) == 0) {
        audit_find(a, CHECK_STALL_IGNORED, &about,
                   "GITS_CWRITER goes on without Retry; GITS_CREADR.Stalled was read as 1");
    }
    its->retry_owed = false;
    audit_cost_doorbell(its);
}

static void write_baser(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    static const char *const names[] = {
        "GITS_BASER0", "GITS_BASER1", "GITS_BASER2", "GITS_BASER3",
        "GITS_BASER4", "GITS_BASER5", "GITS_BASER6", "GITS_BASER7"
    };
    unsigned n = (unsigned)(i->offset - BASER) / 8;
    check_base(a, its, i, names[n]);
    its->baser[n] = audit_merge(its->baser[n], i) & BASE;
}

void judge_its_write(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    uint64_t at = i->offset & ~UINT64_C(7);
    a->has |= AUDIT_ITS_REGS;
    if (i->offset == CTLR) {
        write_ctlr(a, its, i);
    } else if (at == CBASER) {
        check_base(a, its, i, "GITS_CBASER");
        its->cbaser = audit_merge(its->cbaser, i);
        its->has_cbaser = true;
        its->new_queue = true;
    } else if (at == CWRITER && i->offset == CWRITER) {
        write_cwriter(a, its, i);
    } else if (at >= BASER && at < BASER + 8 * AUDIT_BASERS) {
        write_baser(a, its, i);
    }
}

static void read_typer(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    its->typer = audit_merge(its->typer, i);
    its->has_typer = its->has_typer || i->offset == TYPER;
    a->has |= i->offset == TYPER ? (uint32_t)AUDIT_TYPER : 0;
    /* VSGI [39] and SVPET [41:40] are of GICv4.1 */
    a->has |= (its->typer >> 39 & 7) != 0 ? (uint32_t)AUDIT_V41 : 0;
}

void judge_its_read(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    a->has |= AUDIT_ITS_REGS;
    if (i->offset == CTLR) {
        bool on = (i->data & ENABLED) != 0;
        if (its->has_ctlr && its->enabled && !on) {
            judge_reset(a, its, UINT64_MAX, i->line,
                        "GITS_CTLR.Enabled reads 0, and nobody cleared it");
            its->was_enabled = false;
            memset(its->baser, 0, sizeof(its->baser));
            its->cbaser = its->cwriter = 0;
        }
        its->enabled = on;
        its->has_ctlr = true;
        its->quiescent = !on && (i->data & QUIESCENT) != 0;
    } else if ((i->offset & ~UINT64_C(7)) == TYPER) {
        read_typer(a, its, i);
    } else if (i->offset == CREADR) {
        its->retry_owed = its->retry_owed || (i->data & STALLED) != 0;
        audit_cost_wait(its);
        audit_its_passed(its);
    }
}
