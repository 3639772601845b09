/* SPDX-License-Identifier: MIT */
/* umsi's records as items. A command is decoded from its four doublewords (IHI0069 5.3). */
#include <string.h>

#include <umsi/trace.h>

#include "record.h"

#define MAX_RECORD 4096u /* a later version's may be longer: what is known of them is read */

static uint64_t field(const uint8_t *at, unsigned bytes, bool swap)
{
    uint64_t v = 0;
    for (unsigned n = 0; n < bytes; n++) {
        v |= (uint64_t)at[swap ? bytes - 1 - n : n] << (8 * n);
    }
    return v;
}

static bool sane(uint64_t kind, uint64_t size)
{
    return kind >= UMSI_TRACE_ITS_COMMAND && kind < 256 && size >= AUDIT_RECORD_BYTES &&
           size <= MAX_RECORD && size % 8 == 0;
}

bool audit_record_swapped(const uint8_t *bytes)
{
    return !sane(field(bytes, 2, false), field(bytes + 2, 2, false)) &&
           sane(field(bytes, 2, true), field(bytes + 2, 2, true));
}

bool audit_record_begins(const uint8_t *bytes)
{
    bool swap = audit_record_swapped(bytes);
    return field(bytes, 2, swap) <= UMSI_TRACE_TEARDOWN &&
           audit_record_size(bytes, swap) == AUDIT_RECORD_BYTES;
}

size_t audit_record_size(const uint8_t *bytes, bool swap)
{
    uint64_t kind = field(bytes, 2, swap), size = field(bytes + 2, 2, swap);
    return sane(kind, size) ? (size_t)size : 0;
}

static bool about_event(unsigned opcode)
{
    switch (opcode) {
    case AUDIT_MAPTI:
    case AUDIT_MAPI:
    case AUDIT_MOVI:
    case AUDIT_INV:
    case AUDIT_INT:
    case AUDIT_CLEAR:
    case AUDIT_DISCARD:
    case AUDIT_VMAPTI:
    case AUDIT_VMAPI:
    case AUDIT_VMOVI:
        return true;
    default:
        return false;
    }
}

/* IHI0069 5.3: where each command has its operands. */
static void decode(struct audit_item *i)
{
    const uint64_t *dw = i->dw;
    unsigned op = (uint8_t)dw[0];
    i->kind = strcmp(audit_opcode_name(op), "?") == 0 ? AUDIT_UNKNOWN : AUDIT_COMMAND;
    i->full = true;
    i->opcode = (uint8_t)op;
    i->icid = (uint16_t)dw[2];
    i->bits = (uint8_t)((dw[1] & 31) + 1);
    i->itt = dw[2] & UINT64_C(0x000fffffffffff00);
    i->valid = dw[2] >> 63 != 0;
    i->rdbase = dw[2] >> 16 & UINT64_C(0xfffffffff);
    i->rdbase2 = dw[3] >> 16 & UINT64_C(0xfffffffff);
    i->vpe = (uint16_t)(dw[1] >> 32);
    if (op == AUDIT_MAPD || about_event(op)) {
        i->device = (uint32_t)(dw[0] >> 32);
    }
    if (about_event(op)) {
        i->event = (uint32_t)dw[1];
    }
    if (op == AUDIT_MAPTI) {
        i->intid = (uint32_t)(dw[1] >> 32);
    } else if (op == AUDIT_MAPI || op == AUDIT_VMAPI) {
        i->intid = i->event;
    } else if (op == AUDIT_VMAPTI) {
        i->intid = (uint32_t)dw[2];
    }
}

static void decode_kind(unsigned kind, struct audit_item *i)
{
    const uint64_t *arg = i->dw;
    i->data = arg[0];
    switch (kind) {
    case UMSI_TRACE_ITS_COMMAND:
        decode(i);
        break;
    case UMSI_TRACE_ITS_DOORBELL:
        i->kind = AUDIT_DOORBELL;
        break;
    case UMSI_TRACE_ITS_DONE:
        i->kind = AUDIT_DONE;
        i->status = (int32_t)arg[1];
        break;
    case UMSI_TRACE_ITS_STALL:
        i->kind = AUDIT_STALL;
        break;
    case UMSI_TRACE_LPI_BYTE:
        i->kind = AUDIT_LPI_BYTE;
        i->intid = (uint32_t)arg[0];
        i->data = arg[1];
        break;
    case UMSI_TRACE_PREPARE:
        i->kind = AUDIT_PREPARE;
        i->device = (uint32_t)arg[0];
        i->data = arg[1];
        i->status = (int32_t)arg[2];
        break;
    case UMSI_TRACE_TEARDOWN:
        i->kind = AUDIT_TEARDOWN;
        i->device = (uint32_t)arg[0];
        break;
    default:
        break;
    }
}

void audit_record_read(const uint8_t *bytes, bool swap, struct audit_item *out)
{
    uint64_t line = out->line;
    *out = (struct audit_item){ .kind = AUDIT_OTHER, .line = line };
    out->device = out->event = out->icid = out->intid = out->vpe = out->rd = AUDIT_NONE;
    out->cpu = (uint32_t)field(bytes + 4, 4, swap);
    out->time_us = field(bytes + 8, 8, swap);
    out->object = field(bytes + 16, 8, swap);
    for (unsigned n = 0; n < 4; n++) {
        out->dw[n] = field(bytes + 24 + 8 * n, 8, swap);
    }
    decode_kind((unsigned)field(bytes, 2, swap), out);
}
