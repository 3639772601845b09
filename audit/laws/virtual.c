/* SPDX-License-Identifier: MIT */
/* GICv4: L40 to L44, as far as QEMU prints it. VMAPTI is in event.c, with MAPTI. */
#include <inttypes.h>

#include "../state/cost.h"
#include "judge.h"

static void vmapp(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_vpe *v = audit_vpe_of(its, i->vpe);
    struct audit_about about = audit_about(its, NULL, i);
    about.intid = about.event = about.id = AUDIT_NONE;
    if (!i->valid && v->nr_events != 0) {
        audit_find(a, CHECK_VPE_IN_USE, &about,
                   "VMAPP V=0 of vPE %" PRIu32 ", which %" PRIu32 " vLPIs use", v->id,
                   v->nr_events);
    }
    v->mapped = i->valid;
    v->line = i->line;
}

static void vmovp(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_about about = audit_about(its, NULL, i);
    about.intid = about.event = about.id = AUDIT_NONE;
    if (!audit_vpe_of(its, i->vpe)->mapped && !a->late) {
        audit_find(a, CHECK_VMOVP_UNMAPPED, &about, "VMOVP of vPE %" PRIu32 ", which is not mapped",
                   i->vpe);
    }
}

static void vsync(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_about about = audit_about(its, NULL, i);
    about.intid = about.event = about.id = AUDIT_NONE;
    if (its->last_was_unmap_vpe && (a->has & AUDIT_V41) != 0) {
        audit_find(a, CHECK_VSYNC_UNMAPPED, &about, "VSYNC right after VMAPP V=0");
    }
}

/* IHI0069 5.3, VSGI: Enable [8], Clear [9], Group [10], Priority [23:20] of doubleword 0. */
static void vsgi(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_about about = audit_about(its, NULL, i);
    about.intid = about.event = about.id = AUDIT_NONE;
    if (i->full && (i->dw[0] & 0x200) != 0 && (i->dw[0] & 0xf00500) != 0) {
        audit_find(a, CHECK_VSGI_CLEAR, &about, "VSGI with Clear and a configuration: 0x%" PRIx64,
                   i->dw[0]);
    }
}

void judge_virtual(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    a->has |= AUDIT_V4;
    if (i->opcode == AUDIT_VMAPTI || i->opcode == AUDIT_VMAPI) {
        judge_mapti(a, its, i);
    } else if (i->opcode == AUDIT_VMOVI) {
        judge_event(a, its, i);
    } else {
        audit_cost_command(its, NULL, i);
    }
    if (i->opcode == AUDIT_VMAPP) {
        vmapp(a, its, i);
    } else if (i->opcode == AUDIT_VMOVP) {
        vmovp(a, its, i);
    } else if (i->opcode == AUDIT_VSYNC) {
        vsync(a, its, i);
    } else if (i->opcode == AUDIT_VSGI) {
        vsgi(a, its, i);
    }
    its->last_was_unmap_vpe = i->opcode == AUDIT_VMAPP && !i->valid;
}
