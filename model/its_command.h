/* SPDX-License-Identifier: MIT */
/*
 * ITS commands: from four doublewords to fields and back, and nothing else, so that a recorded stream can be
 * decoded without a machine. IHI0069 5.3.
 */
#ifndef MODEL_ITS_COMMAND_H
#define MODEL_ITS_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum model_opcode {
    MODEL_MOVI = 0x01,
    MODEL_INT = 0x03,
    MODEL_CLEAR = 0x04,
    MODEL_SYNC = 0x05,
    MODEL_MAPD = 0x08,
    MODEL_MAPC = 0x09,
    MODEL_MAPTI = 0x0a,
    MODEL_MAPI = 0x0b,
    MODEL_INV = 0x0c,
    MODEL_INVALL = 0x0d,
    MODEL_MOVALL = 0x0e,
    MODEL_DISCARD = 0x0f,
};

struct model_command {
    uint8_t opcode;
    const char *name; /* "MAPD"; "?" when the opcode is none of the above */
    bool known;
    uint32_t device, event, intid;
    uint16_t icid;
    uint8_t event_bits;       /* MAPD: Size + 1 */
    bool valid;               /* MAPD, MAPC: V */
    uint64_t itt;             /* MAPD: physical address */
    uint64_t rdbase, rdbase2; /* as in the command, shifted down by 16 */
    uint64_t reserved[4];     /* bits that are set and must not be */
};

void model_command_decode(const uint64_t dw[4], struct model_command *out);
/* The other way; `name`, `known` and `reserved` play no part. */
void model_command_encode(const struct model_command *c, uint64_t out_dw[4]);
/* One line of text, at most `size` bytes. */
void model_command_print(const struct model_command *c, char *buffer, unsigned size);

#ifdef __cplusplus
}
#endif
#endif /* MODEL_ITS_COMMAND_H */
