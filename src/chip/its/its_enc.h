/* SPDX-License-Identifier: MIT */
/*
 * ITS commands, 32 bytes each: IHI0069 5.3. Pure functions. The number spaces are types of their own, so
 * that none is taken for another. Bits a command does not use are zero.
 */
#ifndef UMSI_ITS_ENC_H
#define UMSI_ITS_ENC_H

#include <stdbool.h>
#include <stdint.h>

#define ITS_COMMAND_BYTES 32u

enum its_opcode {
    ITS_MOVI = 0x01,
    ITS_INT = 0x03,
    ITS_CLEAR = 0x04,
    ITS_SYNC = 0x05,
    ITS_MAPD = 0x08,
    ITS_MAPC = 0x09,
    ITS_MAPTI = 0x0a,
    ITS_INV = 0x0c,
    ITS_INVALL = 0x0d,
    ITS_DISCARD = 0x0f,
};

struct its_command {
    uint64_t dw[4]; /* in host order */
};

struct its_devid {
    uint32_t v;
};

struct its_eventid {
    uint32_t v;
};

struct its_intid {
    uint32_t v;
};

struct its_icid {
    uint16_t v;
};

/* A redistributor, in place: bits [51:16] of a doubleword. */
struct its_rdbase {
    uint64_t v;
};

/* GITS_TYPER.PTA 1: the physical address of RD_base; 0: GICR_TYPER.Processor_Number. */
struct its_rdbase umsi_its_rdbase(bool pta, uint64_t rd_phys, uint32_t processor);

/* `bits` is the number of EventID bits, at least 1. */
struct its_command umsi_its_mapd(struct its_devid device, uint32_t bits, uint64_t itt, bool valid);
struct its_command umsi_its_mapc(struct its_icid icid, struct its_rdbase rd, bool valid);
struct its_command umsi_its_mapti(struct its_devid device, struct its_eventid event,
                                  struct its_intid intid, struct its_icid icid);
struct its_command umsi_its_movi(struct its_devid device, struct its_eventid event,
                                 struct its_icid icid);
/* INT, CLEAR, INV and DISCARD look alike. */
struct its_command umsi_its_event(enum its_opcode op, struct its_devid device,
                                  struct its_eventid event);
struct its_command umsi_its_invall(struct its_icid icid);
struct its_command umsi_its_sync(struct its_rdbase rd);

static inline enum its_opcode umsi_its_opcode(const struct its_command *c)
{
    return (enum its_opcode)(c->dw[0] & 0xff);
}

/* The queue and the tables are little-endian. */
static inline uint64_t umsi_its_le64(uint64_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    uint64_t r = 0;
    for (unsigned i = 0; i < 8; i++) {
        r = (r << 8) | ((v >> (8 * i)) & 0xff);
    }
    return r;
#else
    return v;
#endif
}

#endif /* UMSI_ITS_ENC_H */
