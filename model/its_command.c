/* SPDX-License-Identifier: MIT */
/* ITS commands: from four doublewords to fields and back. IHI0069 5.3, one table row per command description. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "its_command.h"

#define BITS(hi, lo) ((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))

#define OPCODE  BITS(7, 0)
#define DEVICE  BITS(63, 32)
#define EVENT   BITS(31, 0)
#define PINTID  BITS(63, 32)
#define ITTSIZE BITS(4, 0)
#define VALID   BITS(63, 63)
#define ITTADDR BITS(51, 8)
#define RDBASE  BITS(51, 16)
#define ICID    BITS(15, 0)

static const struct layout {
    uint8_t opcode;
    const char *name;
    uint64_t used[4]; /* bits that mean something; the others are RES0 */
} layouts[] = {
    { MODEL_MOVI, "MOVI", { OPCODE | DEVICE, EVENT, ICID, 0 } },
    { MODEL_INT, "INT", { OPCODE | DEVICE, EVENT, 0, 0 } },
    { MODEL_CLEAR, "CLEAR", { OPCODE | DEVICE, EVENT, 0, 0 } },
    { MODEL_SYNC, "SYNC", { OPCODE, 0, RDBASE, 0 } },
    { MODEL_MAPD, "MAPD", { OPCODE | DEVICE, ITTSIZE, VALID | ITTADDR, 0 } },
    { MODEL_MAPC, "MAPC", { OPCODE, 0, VALID | RDBASE | ICID, 0 } },
    { MODEL_MAPTI, "MAPTI", { OPCODE | DEVICE, EVENT | PINTID, ICID, 0 } },
    { MODEL_MAPI, "MAPI", { OPCODE | DEVICE, EVENT, ICID, 0 } },
    { MODEL_INV, "INV", { OPCODE | DEVICE, EVENT, 0, 0 } },
    { MODEL_INVALL, "INVALL", { OPCODE, 0, ICID, 0 } },
    { MODEL_MOVALL, "MOVALL", { OPCODE, 0, RDBASE, RDBASE } },
    { MODEL_DISCARD, "DISCARD", { OPCODE | DEVICE, EVENT, 0, 0 } },
};

static const struct layout *layout_of(uint8_t opcode)
{
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (layouts[i].opcode == opcode) {
            return &layouts[i];
        }
    }
    return NULL;
}

void model_command_decode(const uint64_t dw[4], struct model_command *out)
{
    const struct layout *l = layout_of((uint8_t)(dw[0] & OPCODE));
    *out = (struct model_command){ .opcode = (uint8_t)(dw[0] & OPCODE), .name = "?" };
    if (l == NULL) {
        return;
    }
    out->name = l->name;
    out->known = true;
    out->device = (uint32_t)(dw[0] >> 32);
    out->event = (uint32_t)(dw[1] & EVENT);
    out->event_bits = (uint8_t)((dw[1] & ITTSIZE) + 1);
    /* MAPI: the INTID is the EventID. */
    out->intid = out->opcode == MODEL_MAPI ? out->event : (uint32_t)(dw[1] >> 32);
    out->icid = (uint16_t)(dw[2] & ICID);
    out->valid = (dw[2] & VALID) != 0;
    out->itt = dw[2] & ITTADDR;
    out->rdbase = (dw[2] & RDBASE) >> 16;
    out->rdbase2 = (dw[3] & RDBASE) >> 16;
    for (unsigned i = 0; i < 4; i++) {
        out->reserved[i] = dw[i] & ~l->used[i];
    }
}

/* Every field where it would be; the command's row keeps those it has. MAPD's are where others have theirs. */
void model_command_encode(const struct model_command *c, uint64_t out_dw[4])
{
    const struct layout *l = layout_of(c->opcode);
    const bool mapd = c->opcode == MODEL_MAPD;
    const uint64_t low = mapd ? c->event_bits - 1u : c->event;
    const uint64_t third = mapd ? c->itt : c->rdbase << 16 | c->icid;
    const uint64_t all[4] = { (uint64_t)c->device << 32 | c->opcode, (uint64_t)c->intid << 32 | low,
                              third | (c->valid ? VALID : 0), c->rdbase2 << 16 };
    for (unsigned i = 0; i < 4; i++) {
        out_dw[i] = l == NULL ? 0 : all[i] & l->used[i];
    }
}

void model_command_print(const struct model_command *c, char *buffer, unsigned size)
{
    unsigned long long rd = c->rdbase;
    switch (c->opcode) {
    case MODEL_MAPD:
        snprintf(buffer, size, "MAPD device %#x bits %u itt %#llx V %d", c->device, c->event_bits,
                 (unsigned long long)c->itt, c->valid);
        break;
    case MODEL_MAPC:
        snprintf(buffer, size, "MAPC icid %u rd %#llx V %d", c->icid, rd, c->valid);
        break;
    case MODEL_MAPTI:
    case MODEL_MAPI:
        snprintf(buffer, size, "%s device %#x event %u intid %u icid %u", c->name, c->device,
                 c->event, c->intid, c->icid);
        break;
    case MODEL_MOVI:
        snprintf(buffer, size, "MOVI device %#x event %u icid %u", c->device, c->event, c->icid);
        break;
    case MODEL_SYNC:
        snprintf(buffer, size, "SYNC rd %#llx", rd);
        break;
    case MODEL_MOVALL:
        snprintf(buffer, size, "MOVALL rd %#llx to %#llx", rd, (unsigned long long)c->rdbase2);
        break;
    case MODEL_INVALL:
        snprintf(buffer, size, "INVALL icid %u", c->icid);
        break;
    default:
        snprintf(buffer, size, "%s(%#x) device %#x event %u", c->name, c->opcode, c->device,
                 c->event);
        break;
    }
}
