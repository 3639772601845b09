/* SPDX-License-Identifier: MIT */
/*
 * QEMU's trace events gicv3_its_* and gicv3_redist_*, as version 7.2 prints them, and its messages about guest errors.
 * One event is a name, some prose, and pairs of a field's name and a number. 7.2 calls VMAPTI "VMAPI" in the prose:
 * only the event's name counts.
 */
#include <string.h>

#include "qemu.h"

enum field {
    F_DEVICE = 1u << 0,
    F_EVENT = 1u << 1,
    F_ICID = 1u << 2,
    F_INTID = 1u << 3,
    F_SIZE = 1u << 4,
    F_ITT = 1u << 5,
    F_RD = 1u << 6,
    F_RD2 = 1u << 7,
    F_V = 1u << 8,
    F_VPE = 1u << 9,
    F_OFFSET = 1u << 10,
    F_DATA = 1u << 11,
    F_BYTES = 1u << 12,
    F_REDIST = 1u << 13,
    F_COMMAND = 1u << 14
};

struct text {
    const char *at, *end;
};

#define MAPPED (F_DEVICE | F_EVENT)
#define ACCESS (F_OFFSET | F_DATA)

static const struct form {
    const char *name; /* behind "gicv3_" */
    enum audit_kind kind;
    uint8_t opcode; /* or the table's letter */
    unsigned fields;
} forms[] = {
    { "its_cmd_mapti", AUDIT_COMMAND, AUDIT_MAPTI, MAPPED | F_ICID | F_INTID },
    { "its_cmd_sync", AUDIT_COMMAND, AUDIT_SYNC, 0 },
    { "its_cmd_discard", AUDIT_COMMAND, AUDIT_DISCARD, MAPPED },
    { "its_cmd_inv", AUDIT_COMMAND, AUDIT_INV, MAPPED },
    { "its_cmd_mapd", AUDIT_COMMAND, AUDIT_MAPD, F_DEVICE | F_SIZE | F_ITT | F_V },
    { "its_cmd_movi", AUDIT_COMMAND, AUDIT_MOVI, MAPPED | F_ICID },
    { "its_cmd_int", AUDIT_COMMAND, AUDIT_INT, MAPPED },
    { "its_cmd_clear", AUDIT_COMMAND, AUDIT_CLEAR, MAPPED },
    { "its_cmd_mapc", AUDIT_COMMAND, AUDIT_MAPC, F_ICID | F_RD | F_V },
    { "its_cmd_mapi", AUDIT_COMMAND, AUDIT_MAPI, MAPPED | F_ICID },
    { "its_cmd_invall", AUDIT_COMMAND, AUDIT_INVALL, 0 },
    { "its_cmd_movall", AUDIT_COMMAND, AUDIT_MOVALL, F_RD | F_RD2 },
    { "its_cmd_vmapti", AUDIT_COMMAND, AUDIT_VMAPTI, MAPPED | F_VPE | F_INTID },
    { "its_cmd_vmapi", AUDIT_COMMAND, AUDIT_VMAPI, MAPPED | F_VPE },
    { "its_cmd_vmapp", AUDIT_COMMAND, AUDIT_VMAPP, F_VPE | F_RD | F_V },
    { "its_cmd_vmovi", AUDIT_COMMAND, AUDIT_VMOVI, MAPPED | F_VPE },
    { "its_cmd_vmovp", AUDIT_COMMAND, AUDIT_VMOVP, F_VPE | F_RD },
    { "its_cmd_vinvall", AUDIT_COMMAND, AUDIT_VINVALL, F_VPE },
    { "its_cmd_vsync", AUDIT_COMMAND, AUDIT_VSYNC, 0 },
    { "its_cmd_unknown", AUDIT_UNKNOWN, 0, F_COMMAND },
    { "its_process_command", AUDIT_FETCH, 0, F_OFFSET },
    { "its_write", AUDIT_ITS_WRITE, 0, ACCESS },
    { "its_read", AUDIT_ITS_READ, 0, ACCESS },
    { "its_translation_write", AUDIT_MESSAGE, 0, ACCESS | F_DEVICE },
    { "its_ite_write", AUDIT_TABLE, 'i', F_EVENT },
    { "its_dte_write", AUDIT_TABLE, 'd', F_DEVICE },
    { "its_cte_write", AUDIT_TABLE, 'c', F_ICID },
    { "its_vte_write", AUDIT_TABLE, 'v', F_VPE },
    { "redist_write", AUDIT_RD_WRITE, 0, ACCESS | F_REDIST },
    { "redist_read", AUDIT_RD_READ, 0, ACCESS | F_REDIST },
    { "its_badread", AUDIT_GUEST_ERROR, 0, 0 },
    { "its_badwrite", AUDIT_GUEST_ERROR, 0, 0 },
    { "redist_badread", AUDIT_GUEST_ERROR, 0, 0 },
    { "redist_badwrite", AUDIT_GUEST_ERROR, 0, 0 },
};

static bool is(const struct text *word, const char *what)
{
    size_t n = strlen(what);
    return (size_t)(word->end - word->at) == n && memcmp(word->at, what, n) == 0;
}

static bool ends_word(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of `rest`, which moves behind it; without a colon at its end. False: none. */
static bool next_word(struct text *rest, struct text *out)
{
    const char *at = rest->at;
    while (at < rest->end && ends_word(*at)) {
        at++;
    }
    out->at = at;
    while (at < rest->end && !ends_word(*at)) {
        at++;
    }
    rest->at = at;
    out->end = at > out->at && at[-1] == ':' ? at - 1 : at;
    return at > out->at;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* A whole word as a number, decimal or 0x; false: it is none, or needs more than 64 bits. */
static bool number(const struct text *word, uint64_t *out)
{
    const char *at = word->at;
    unsigned base = 10;
    uint64_t v = 0;
    if (word->end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        base = 16;
        at += 2;
    }
    if (at == word->end) {
        return false;
    }
    for (; at < word->end; at++) {
        unsigned d = (unsigned)digit(*at);
        if (d >= base || v > (UINT64_MAX - d) / base) {
            return false;
        }
        v = v * base + d;
    }
    *out = v;
    return true;
}

/* QEMU's names for the fields of IHI0069 5.3, and of register accesses. */
static unsigned field_of(const struct text *w)
{
    static const struct {
        const char *name;
        unsigned field;
    } names[] = {
        { "DeviceID", F_DEVICE },     { "EventID", F_EVENT }, { "ICID", F_ICID },
        { "pINTID", F_INTID },        { "vINTID", F_INTID },  { "Size", F_SIZE },
        { "ITT_addr", F_ITT },        { "RDbase", F_RD },     { "RDbase1", F_RD },
        { "RDbase2", F_RD2 },         { "V", F_V },           { "vPEID", F_VPE },
        { "offset", F_OFFSET },       { "data", F_DATA },     { "size", F_BYTES },
        { "command", F_COMMAND },     { "valid", F_V },       { "redistributor", F_REDIST },
        { "requester_id", F_DEVICE },
    };
    if (w->end - w->at < 1 || w->at[0] == 'G' || w->at[0] == '0') {
        return 0;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (w->at[0] == names[i].name[0] && is(w, names[i].name)) {
            return names[i].field;
        }
    }
    return 0;
}

/* False: the value is none a field of this kind can have. */
static bool set(struct audit_item *i, unsigned field, uint64_t v)
{
    uint32_t low = (uint32_t)v;
    bool narrow = low == v;
    switch (field) {
    case F_DEVICE:
        i->device = low;
        return narrow;
    case F_EVENT:
        i->event = low;
        return narrow;
    case F_ICID:
        i->icid = low;
        return v <= UINT16_MAX;
    case F_INTID:
        i->intid = low;
        return narrow;
    case F_SIZE:
        i->bits = (uint8_t)(v + 1);
        return v <= 31;
    case F_ITT:
        i->itt = v << 8;
        return v < (uint64_t)1 << 48;
    case F_RD:
        i->rdbase = v;
        return true;
    case F_RD2:
        i->rdbase2 = v;
        return true;
    case F_V:
        i->valid = v != 0;
        return v <= 1;
    case F_VPE:
        i->vpe = low;
        return v <= UINT16_MAX;
    case F_OFFSET:
        i->offset = v;
        return true;
    case F_DATA:
        i->data = v;
        return true;
    case F_BYTES:
        i->bytes = (uint8_t)v;
        return v <= 255;
    case F_REDIST:
        i->rd = low;
        return narrow;
    default: /* prose, in a command's own event */
        i->opcode = i->kind == AUDIT_COMMAND ? i->opcode : (uint8_t)v;
        return v <= 255;
    }
}

/* The fields that follow, into `out`; false: one has no value, or not enough of them are there. */
static bool read_fields(struct text rest, unsigned wanted, struct audit_item *out)
{
    struct text word, value;
    unsigned found = 0;
    while (next_word(&rest, &word)) {
        unsigned field = field_of(&word);
        uint64_t v;
        struct text after = rest;
        if (field == 0 || !next_word(&after, &value)) {
            continue;
        }
        if (!number(&value, &v)) {
            /* "command MAPD", "Device Table write for DeviceID": prose */
            if ((field & wanted) != 0 && field != F_COMMAND && field != F_OFFSET) {
                return false;
            }
            continue;
        }
        bool sound = set(out, field, v);
        /* A field twice is two lines that lost what stood between them. */
        if ((field & wanted) != 0 && (!sound || (found & field) != 0)) {
            return false;
        }
        found |= field;
        rest = after;
    }
    return (found & wanted) == wanted;
}

static const struct form *form_of(const struct text *name)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (is(name, forms[i].name)) {
            return &forms[i];
        }
    }
    return NULL;
}

/* "1234@1700000000.123456:" right before `at`: when it was. */
static uint64_t time_before(const char *line, const char *at)
{
    uint64_t v[2] = { 0, 0 }, scale = 1;
    int part = 1;
    const char *p = at - 1;
    if (p < line || *p != ':') {
        return 0;
    }
    while (--p >= line && *p != '@') {
        if (*p == '.' && part == 1) {
            part = 0;
            scale = 1;
        } else if (*p >= '0' && *p <= '9' && scale < UINT64_MAX / 100) {
            v[part] += (uint64_t)(*p - '0') * scale;
            scale *= 10;
        } else {
            return 0;
        }
    }
    return p >= line && part == 0 && v[0] < UINT64_MAX / 2000000 ? v[0] * 1000000 + v[1] : 0;
}

/* What QEMU says with -d guest_errors of an ITS or a redistributor: "function: complaint". */
static bool is_guest_error(const char *line, size_t length)
{
    static const char *const complaints[] = {
        ": invalid command attributes", ": invalid ICID ",        ": invalid DeviceID ",
        ": no entry in device table",   ": invalid doorbell ",    ": could not read command at",
        " too large for DeviceID ",     ": invalid guest read",   ": invalid guest write",
        ": Changing GICR_VPENDBASER",   ": invalid interrupt ID",
    };
    /* All but the last two can only be the GIC's; "invalid guest" says whose it is in the name before it. */
    for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
        const char *at = memmem(line, length, complaints[i], strlen(complaints[i]));
        if (at != NULL) {
            bool guest = strncmp(complaints[i], ": invalid guest", 15) == 0;
            return !guest || memmem(line, (size_t)(at - line), "gicv3_", 6) != NULL;
        }
    }
    return false;
}

static void other(const char *line, size_t length, struct audit_item *out)
{
    bool maybe = memchr(line, ':', length) != NULL;
    out->kind = maybe && is_guest_error(line, length) ? AUDIT_GUEST_ERROR : AUDIT_OTHER;
}

static void finish(struct audit_item *out)
{
    if (out->kind == AUDIT_COMMAND && (out->opcode == AUDIT_MAPI || out->opcode == AUDIT_VMAPI)) {
        out->intid = out->event; /* IHI0069 5.3.10: the EventID is the INTID */
    }
    if (out->kind == AUDIT_MESSAGE) {
        out->event = (uint32_t)out->data;
    }
}

void audit_qemu_read(const char *line, size_t length, struct audit_item *out)
{
    static const char prefix[] = "gicv3_";
    const size_t n = sizeof(prefix) - 1;
    const char *at =
        length >= n && memcmp(line, prefix, n) == 0 ? line : memmem(line, length, prefix, n);
    uint64_t number = out->line, object = out->object;
    *out = (struct audit_item){ .kind = AUDIT_OTHER, .line = number, .object = object };
    out->device = out->event = out->icid = out->intid = out->vpe = out->rd = AUDIT_NONE;
    out->text = line;
    out->length = length;
    if (at == NULL) {
        other(line, length, out);
        return;
    }
    struct text rest = { at + n, line + length }, name;
    if (!next_word(&rest, &name)) {
        out->kind = AUDIT_BROKEN;
        return;
    }
    /* "gicv3_redist_write: invalid ..." is a complaint of a function of that name. */
    bool complaint = name.end < rest.end && *name.end == ':';
    const struct form *f = complaint ? NULL : form_of(&name);
    if (f == NULL) {
        bool command = !complaint && name.end - name.at > 8 && memcmp(name.at, "its_cmd_", 8) == 0;
        out->kind = command ? AUDIT_BROKEN : AUDIT_OTHER;
        if (!command) {
            other(line, length, out);
        }
        return;
    }
    out->kind = f->kind;
    out->opcode = f->kind == AUDIT_COMMAND ? f->opcode : 0;
    out->table = f->kind == AUDIT_TABLE ? (char)f->opcode : 0;
    out->time_us = time_before(line, at);
    if (!read_fields(rest, f->fields, out)) {
        out->kind = AUDIT_BROKEN;
    }
    finish(out);
}
