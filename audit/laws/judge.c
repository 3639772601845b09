/* SPDX-License-Identifier: MIT */
/* Items in, findings out: who judges what. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../state/cost.h"
#include "judge.h"

#define TAIL 64u /* commands: a trace that is cut may lack the SYNC of the last ones */

void audit_begin(struct audit *a, const struct audit_options *options)
{
    memset(a, 0, sizeof(*a));
    a->options = *options;
    a->world.timelines = options->timelines;
}

/* Where the trace has the ITS's table writes: a command that led to none was refused. */
static void refused(struct audit *a, struct audit_its *its)
{
    const struct audit_item *i = &its->refused;
    struct audit_device *d = audit_device_find(its, i->device);
    struct audit_about about = audit_about(its, d, i);
    bool mapd = its->refusal == AUDIT_MAPD;
    its->refusal = 0;
    if ((a->has & AUDIT_TABLES) == 0) {
        return;
    }
    audit_find(a, mapd ? CHECK_DEVICE_REFUSED : CHECK_EVENT_REFUSED, &about,
               "QEMU's ITS wrote no table entry for %s of DeviceID 0x%" PRIx32
               ": it refused the command",
               audit_opcode_name(i->opcode), i->device);
}

static bool writes_entry(const struct audit_item *i)
{
    return i->opcode == AUDIT_MAPD || i->opcode == AUDIT_MAPTI || i->opcode == AUDIT_MAPI;
}

/* A breach that was found of this command says why; otherwise wait for the table entry. */
static void expect_entry(struct audit *a, struct audit_its *its, const struct audit_item *i,
                         uint64_t before)
{
    if (!i->full && (a->has & AUDIT_TABLES) != 0 && writes_entry(i) &&
        audit_breaches(a, AUDIT_ERROR) == before) {
        its->refusal = i->opcode;
        its->refused = *i;
        its->refused.text = "";
        its->refused.length = 0;
    }
}

static void dispatch(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    switch (i->opcode) {
    case AUDIT_MAPD:
        judge_mapd(a, its, i);
        break;
    case AUDIT_MAPTI:
    case AUDIT_MAPI:
        judge_mapti(a, its, i);
        break;
    case AUDIT_DISCARD:
    case AUDIT_INV:
    case AUDIT_MOVI:
    case AUDIT_INT:
    case AUDIT_CLEAR:
        judge_event(a, its, i);
        break;
    case AUDIT_SYNC:
        judge_sync(a, its, i);
        break;
    case AUDIT_MAPC:
        judge_mapc(a, its, i);
        break;
    case AUDIT_INVALL:
        judge_invall(a, its, i);
        break;
    case AUDIT_MOVALL:
        judge_movall(a, its, i);
        break;
    default:
        judge_virtual(a, its, i);
        break;
    }
}

static void command(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    bool tables = (a->has & AUDIT_TABLES) != 0;
    uint64_t before = tables ? audit_breaches(a, AUDIT_ERROR) : 0;
    if (a->commands++ == 0) {
        /* A kernel's first command maps a collection, or a device. */
        a->late = !i->valid ||
                  (i->opcode != AUDIT_MAPC && i->opcode != AUDIT_MAPD && i->opcode != AUDIT_VMAPP);
    }
    a->has |= AUDIT_COMMANDS;
    its->since_sync++;
    if (its->refusal != 0) {
        refused(a, its);
    }
    if (i->full) {
        judge_recorded_command(a, its, i);
    }
    if (its->suspect_line != 0 && i->device != AUDIT_NONE && i->opcode != AUDIT_MAPC &&
        i->opcode != AUDIT_SYNC && i->opcode != AUDIT_INVALL) {
        judge_suspicion(a, its, i);
    }
    dispatch(a, its, i);
    if (tables) {
        expect_entry(a, its, i, before);
    }
}

static void unknown(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    struct audit_about about = audit_about(its, NULL, i);
    about.id = about.event = about.intid = AUDIT_NONE;
    audit_find(a, CHECK_UNKNOWN_COMMAND, &about, "a command 0x%x, which the ITS does not know",
               i->opcode);
}

static void complaint(struct audit *a, const struct audit_item *i)
{
    struct audit_about about = audit_about(NULL, NULL, i);
    char text[200];
    size_t n = 0;
    for (; n < i->length && n < sizeof(text) - 1; n++) {
        text[n] = i->text[n] >= ' ' && i->text[n] <= '~' ? i->text[n] : '?';
    }
    text[n] = '\0';
    audit_find(a, CHECK_GUEST_ERROR, &about, "QEMU complains: %s", text);
}

static bool blank(const struct audit_item *i)
{
    for (size_t n = 0; n < i->length; n++) {
        if (i->text[n] != ' ' && i->text[n] != '\t' && i->text[n] != '\r') {
            return false;
        }
    }
    return true;
}

/* "1234@1700000000.123456:" in front of an event. */
static size_t prefix(const struct audit_item *i)
{
    size_t n = 0;
    while (n < i->length && strchr("0123456789@.", i->text[n]) != NULL && i->text[n] != '\0') {
        n++;
    }
    return n != 0 && n < i->length && i->text[n] == ':' ? n + 1 : 0;
}

/* "some_event text": a trace event. A complaint is "function: text". */
static bool is_event(const struct audit_item *i)
{
    size_t n = prefix(i);
    bool underscore = false;
    for (; n < i->length && (isalnum((unsigned char)i->text[n]) || i->text[n] == '_'); n++) {
        underscore = underscore || i->text[n] == '_';
    }
    return underscore && n < i->length && i->text[n] == ' ';
}

/* A line with no event of the GIC's: any other event, a console's output, or, if told so, QEMU's complaint. */
static void other(struct audit *a, const struct audit_item *i)
{
    if (a->options.guest_errors && i->text != NULL && !is_event(i) && !blank(i)) {
        complaint(a, i);
    }
}

static void registers(struct audit *a, struct audit_its *its, const struct audit_item *i)
{
    switch (i->kind) {
    case AUDIT_ITS_READ:
        judge_its_read(a, its, i);
        break;
    case AUDIT_ITS_WRITE:
        judge_its_write(a, its, i);
        break;
    case AUDIT_RD_READ:
        judge_rd_read(a, i);
        break;
    case AUDIT_RD_WRITE:
        judge_rd_write(a, i);
        break;
    case AUDIT_MESSAGE:
        a->has |= AUDIT_MESSAGES;
        judge_message(a, its, i);
        break;
    default:
        break;
    }
}

void audit_take(struct audit *a, const struct audit_item *i)
{
    struct audit_its *its;
    a->line = i->line;
    if (i->time_us != 0) {
        a->first_us = a->first_us == 0 ? i->time_us : a->first_us;
        a->last_us = i->time_us;
    }
    if (i->kind == AUDIT_OTHER || i->kind == AUDIT_BROKEN) {
        other(a, i);
        return;
    }
    if (i->kind == AUDIT_GUEST_ERROR) {
        complaint(a, i);
        return;
    }
    if (i->full || i->kind >= AUDIT_DOORBELL) {
        a->has |= AUDIT_RECORDS;
    }
    its = audit_its_of(&a->world, i->object);
    if (i->kind == AUDIT_COMMAND) {
        command(a, its, i);
    } else if (i->kind == AUDIT_UNKNOWN) {
        unknown(a, its, i);
    } else if (i->kind == AUDIT_TABLE) {
        a->has |= AUDIT_TABLES;
        its->refusal = 0;
    } else if (i->kind >= AUDIT_DOORBELL) {
        judge_record(a, its, i);
    } else {
        registers(a, its, i);
    }
}

/* ---- the end ---- */

/* Events whose MAPTI no SYNC followed: a breach, unless the trace just ends too soon. */
static void check_unsent(struct audit *a, struct audit_its *its)
{
    bool soon = its->since_sync <= TAIL;
    for (struct audit_event *e = its->unsent; e != NULL; e = e->unsent_next) {
        struct audit_about about = { e->line, its, e->device, e->id, e->intid, e->device->id };
        if (!soon) {
            audit_find(a, CHECK_NEVER_SYNCED, &about,
                       "no SYNC followed the MAPTI of EventID %" PRIu32 " of DeviceID 0x%" PRIx32,
                       e->id, e->device->id);
        }
    }
    if (its->since_sync != 0) {
        struct audit_about about = { a->line, its, NULL, AUDIT_NONE, AUDIT_NONE, AUDIT_NONE };
        audit_find(a, CHECK_OUTSTANDING, &about, "%" PRIu64 " commands follow the last SYNC",
                   its->since_sync);
    }
}

static int by_line(const void *x, const void *y)
{
    const struct audit_device *a = *(struct audit_device *const *)x,
                              *b = *(struct audit_device *const *)y;
    return (a->map_line > b->map_line) - (a->map_line < b->map_line);
}

static void end_of_its(struct audit *a, struct audit_its *its)
{
    uint32_t n = 0;
    struct audit_device **all = audit_alloc((its->nr_mapped + 1) * sizeof(struct audit_device *));
    if (its->refusal != 0) {
        refused(a, its);
    }
    if (its->suspect_line != 0 && its->suspect_maps != 0) {
        judge_reset(a, its, its->suspect_line, its->suspect_line,
                    "the first collection is mapped again, then new devices");
    }
    check_unsent(a, its);
    for (struct audit_device *d = its->all; d != NULL; d = d->next) {
        if (d->mapped) {
            all[n++] = d;
        }
    }
    qsort(all, n, sizeof(struct audit_device *), by_line);
    for (uint32_t k = 0; k < n; k++) {
        judge_device_end(a, all[k]);
    }
    free(all);
}

void audit_end(struct audit *a)
{
    for (struct audit_its *its = a->world.its; its != NULL; its = its->next) {
        end_of_its(a, its);
    }
    judge_records_end(a);
}

void audit_free(struct audit *a)
{
    audit_findings_free(a);
    audit_world_free(&a->world);
}
