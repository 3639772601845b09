/* SPDX-License-Identifier: MIT */
/* One thing a trace tells: a command the ITS took, a register access, a message, a record of umsi's own. */
#ifndef AUDIT_ITEM_H
#define AUDIT_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_NONE UINT32_MAX /* no DeviceID, EventID, INTID, ... */

enum audit_kind {
    AUDIT_COMMAND,   /* `opcode` and its operands */
    AUDIT_UNKNOWN,   /* a command QEMU does not know: `opcode` */
    AUDIT_FETCH,     /* the ITS reads its queue: `offset` in slots, `opcode` */
    AUDIT_ITS_READ,  /* `offset`, `data`, `bytes` */
    AUDIT_ITS_WRITE, /* likewise */
    AUDIT_RD_READ,   /* likewise, and `rd`, an affinity */
    AUDIT_RD_WRITE,  /* likewise */
    AUDIT_MESSAGE,   /* a device wrote `event` to GITS_TRANSLATER, as `device` */
    AUDIT_TABLE, /* the ITS wrote an entry of table `table`, of `device`, `event`, `icid` or `vpe` */
    AUDIT_GUEST_ERROR, /* QEMU refused something: `text` */
    AUDIT_OTHER,       /* a line that is no event of ours */
    AUDIT_BROKEN,      /* one that is, and cannot be read */
    AUDIT_DOORBELL,    /* umsi's records: `data` is GITS_CWRITER */
    AUDIT_DONE,        /* `data` is GITS_CREADR, `status` 0 when all was well */
    AUDIT_STALL,       /* `data` is GITS_CREADR */
    AUDIT_LPI_BYTE,    /* `intid`, `data` */
    AUDIT_PREPARE,     /* `device`, `data` events, `status` */
    AUDIT_TEARDOWN     /* `device` */
};

/* IHI0069 5.3: the first byte of a command. */
enum audit_opcode {
    AUDIT_MOVI = 0x01,
    AUDIT_INT = 0x03,
    AUDIT_CLEAR = 0x04,
    AUDIT_SYNC = 0x05,
    AUDIT_MAPD = 0x08,
    AUDIT_MAPC = 0x09,
    AUDIT_MAPTI = 0x0a,
    AUDIT_MAPI = 0x0b,
    AUDIT_INV = 0x0c,
    AUDIT_INVALL = 0x0d,
    AUDIT_MOVALL = 0x0e,
    AUDIT_DISCARD = 0x0f,
    AUDIT_VMOVI = 0x21,
    AUDIT_VMOVP = 0x22,
    AUDIT_VSGI = 0x23,
    AUDIT_VSYNC = 0x25,
    AUDIT_VMAPP = 0x29,
    AUDIT_VMAPTI = 0x2a,
    AUDIT_VMAPI = 0x2b,
    AUDIT_VINVALL = 0x2d,
    AUDIT_INVDB = 0x2e,
    AUDIT_NR_OPCODES = 0x30
};

struct audit_item {
    enum audit_kind kind;
    uint8_t opcode;
    uint8_t bits;  /* MAPD: EventID bits, Size + 1 */
    uint8_t bytes; /* of a register access */
    char table;    /* 'd', 'i', 'c' or 'v' */
    bool valid;    /* V */
    bool full;     /* from a record: no operand is missing, `dw` is the command */
    int32_t status;
    uint32_t device, event, icid, intid, vpe, rd, cpu;
    uint64_t itt; /* an address */
    uint64_t rdbase, rdbase2;
    uint64_t offset, data;
    uint64_t object; /* which ITS */
    uint64_t line;   /* or record, from 1 */
    uint64_t time_us;
    uint64_t dw[4];
    const char *text; /* the line, `length` bytes; not kept */
    size_t length;
};

/* "MAPTI"; "?" for no command. */
const char *audit_opcode_name(unsigned opcode);

#endif /* AUDIT_ITEM_H */
