/* SPDX-License-Identifier: MIT */
/*
 * A line of QEMU's trace as an ITS command. The event's name says which: in 7.2 the text after it calls VMAPTI
 * "VMAPI". Then come names and numbers, in any order: QEMU's names for fields of IHI0069 5.3.
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define EVENT "gicv3_its_cmd_"

enum field {
    DEVICE = 1,
    EVENT_ID = 2,
    ICID = 4,
    PINTID = 8,
    SIZE = 16,
    ITT = 32,
    RD = 64,
    RD2 = 128,
    V = 256
};

static const struct {
    const char *name;
    enum field field;
} fields[] = {
    { "DeviceID", DEVICE }, { "EventID", EVENT_ID },
    { "ICID", ICID },       { "pINTID", PINTID },
    { "Size", SIZE },       { "ITT_addr", ITT },
    { "RDbase", RD },       { "RDbase1", RD },
    { "RDbase2", RD2 },     { "V", V },
};

static const struct form {
    const char *name; /* as the event's name ends */
    uint8_t opcode;
    unsigned fields; /* all of them must be there */
} forms[] = {
    { "mapd", MODEL_MAPD, DEVICE | SIZE | ITT | V },
    { "mapc", MODEL_MAPC, ICID | RD | V },
    { "mapti", MODEL_MAPTI, DEVICE | EVENT_ID | ICID | PINTID },
    { "mapi", MODEL_MAPI, DEVICE | EVENT_ID | ICID },
    { "movi", MODEL_MOVI, DEVICE | EVENT_ID | ICID },
    { "inv", MODEL_INV, DEVICE | EVENT_ID },
    { "int", MODEL_INT, DEVICE | EVENT_ID },
    { "clear", MODEL_CLEAR, DEVICE | EVENT_ID },
    { "discard", MODEL_DISCARD, DEVICE | EVENT_ID },
    { "movall", MODEL_MOVALL, RD | RD2 },
    { "sync", MODEL_SYNC, 0 },
    { "invall", MODEL_INVALL, 0 },
};

/* A word ends where the next space, or the line, does. */
static size_t word(const char *at)
{
    return strcspn(at, " \t\r\n");
}

static const char *next_word(const char *at)
{
    at += word(at);
    return at + strspn(at, " \t");
}

static bool is(const char *at, const char *what)
{
    return word(at) == strlen(what) && strncmp(at, what, strlen(what)) == 0;
}

static void set(struct model_command *c, enum field f, uint64_t value)
{
    switch (f) {
    case DEVICE:
        c->device = (uint32_t)value;
        break;
    case EVENT_ID:
        c->event = (uint32_t)value;
        break;
    case ICID:
        c->icid = (uint16_t)value;
        break;
    case PINTID:
        c->intid = (uint32_t)value;
        break;
    case SIZE:
        c->event_bits = (uint8_t)((value & 31) + 1);
        break;
    case ITT:
        c->itt = value << 8;
        break;
    case RD:
        c->rdbase = value;
        break;
    case RD2:
        c->rdbase2 = value;
        break;
    case V:
        c->valid = value != 0;
        break;
    }
}

/* A field's name: its value is the next word. Returns the field; 0: not one, or no value. */
static unsigned read_field(const char *at, struct model_command *c)
{
    const char *value = next_word(at);
    char *end;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (is(at, fields[i].name)) {
            uint64_t v = strtoull(value, &end, 0);
            if (word(value) == 0 || end != value + word(value)) {
                return 0;
            }
            set(c, fields[i].field, v);
            return fields[i].field;
        }
    }
    return 0;
}

static enum model_trace_line read_form(const struct form *f, const char *at,
                                       struct model_command *out)
{
    unsigned found = 0;
    struct model_command c = { .opcode = f->opcode };
    for (at = next_word(at); word(at) != 0; at = next_word(at)) {
        found |= read_field(at, &c);
    }
    if ((found & f->fields) != f->fields) {
        return MODEL_TRACE_BROKEN;
    }
    uint64_t dw[4];
    model_command_encode(&c, dw);
    model_command_decode(dw, out); /* with its name */
    return MODEL_TRACE_COMMAND;
}

enum model_trace_line model_trace_read(const char *line, struct model_command *out)
{
    const char *at = strstr(line, EVENT), *end = line + strcspn(line, "\n");
    if (at == NULL || at >= end) {
        return MODEL_TRACE_OTHER;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (is(at + strlen(EVENT), forms[i].name)) {
            return read_form(&forms[i], at, out);
        }
    }
    return MODEL_TRACE_BROKEN;
}
