/* SPDX-License-Identifier: MIT */
/* ITS command encodings: IHI0069 5.3.2 to 5.3.21. */
#include "its_enc.h"

#define VALID       (UINT64_C(1) << 63)
#define RDBASE_MASK UINT64_C(0x000fffffffff0000) /* [51:16] */
#define ITT_MASK    UINT64_C(0x000fffffffffff00) /* [51:8] */

static uint64_t first(enum its_opcode op, struct its_devid device)
{
    return (uint64_t)device.v << 32 | (uint64_t)op;
}

static uint64_t valid_bit(bool valid)
{
    return valid ? VALID : 0;
}

struct its_rdbase umsi_its_rdbase(bool pta, uint64_t rd_phys, uint32_t processor)
{
    const uint64_t v = pta ? rd_phys : (uint64_t)processor << 16;
    return (struct its_rdbase){ v & RDBASE_MASK };
}

struct its_command umsi_its_mapd(struct its_devid device, uint32_t bits, uint64_t itt, bool valid)
{
    return (struct its_command){ { first(ITS_MAPD, device), (bits - 1) & 0x1f,
                                   (itt & ITT_MASK) | valid_bit(valid), 0 } };
}

struct its_command umsi_its_mapc(struct its_icid icid, struct its_rdbase rd, bool valid)
{
    return (struct its_command){ { ITS_MAPC, 0, valid_bit(valid) | rd.v | icid.v, 0 } };
}

struct its_command umsi_its_mapti(struct its_devid device, struct its_eventid event,
                                  struct its_intid intid, struct its_icid icid)
{
    return (struct its_command){ { first(ITS_MAPTI, device), (uint64_t)intid.v << 32 | event.v,
                                   icid.v, 0 } };
}

struct its_command umsi_its_movi(struct its_devid device, struct its_eventid event,
                                 struct its_icid icid)
{
    return (struct its_command){ { first(ITS_MOVI, device), event.v, icid.v, 0 } };
}

struct its_command umsi_its_event(enum its_opcode op, struct its_devid device,
                                  struct its_eventid event)
{
    return (struct its_command){ { first(op, device), event.v, 0, 0 } };
}

struct its_command umsi_its_invall(struct its_icid icid)
{
    return (struct its_command){ { ITS_INVALL, 0, icid.v, 0 } };
}

struct its_command umsi_its_sync(struct its_rdbase rd)
{
    return (struct its_command){ { ITS_SYNC, 0, rd.v, 0 } };
}
