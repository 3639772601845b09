/* SPDX-License-Identifier: MIT */
/*
 * The laws (docs/LAWS.md), and the checks that judge them. One table of each: laws.c and checks.c. A check's level is
 * that of its law, or less: what is legal is never an error.
 */
#ifndef AUDIT_LAWS_H
#define AUDIT_LAWS_H

#include <stdbool.h>
#include <stdint.h>

#define AUDIT_NR_LAWS 60u

enum audit_level { AUDIT_STRICT, AUDIT_CONTRACT, AUDIT_ERROR };

/* What a trace may have in it, and a check needs. */
enum audit_need {
    AUDIT_COMMANDS = 1,
    AUDIT_ITS_REGS = 2,  /* gicv3_its_read and gicv3_its_write */
    AUDIT_TYPER = 4,     /* GITS_TYPER among them */
    AUDIT_RD_REGS = 8,   /* gicv3_redist_* */
    AUDIT_MESSAGES = 16, /* gicv3_its_translation_write */
    AUDIT_TABLES = 32,   /* gicv3_its_*te_write */
    AUDIT_RECORDS = 64,  /* umsi's */
    AUDIT_V4 = 128,      /* commands of GICv4 */
    AUDIT_V41 = 256,     /* GITS_TYPER says v4.1 */
    AUDIT_SHUTDOWN = 512 /* --shutdown */
};

struct audit_law {
    uint8_t number;
    const char *seen; /* where it can be seen, as docs/LAWS.md has it: "T1", "A", "T2/U", ... */
    enum audit_level level;
    const char *text;
};

enum audit_check {
    CHECK_MAPD_TWICE,
    CHECK_MAPD_UNMAPPED,
    CHECK_MAPD_LEAK,
    CHECK_DEVICE_UNMAPPED,
    CHECK_EVENT_RANGE,
    CHECK_SIZE_RANGE,
    CHECK_DEVICE_RANGE,
    CHECK_DEVICE_REFUSED,
    CHECK_ITT_OVERLAP,
    CHECK_ITT_TABLE,
    CHECK_ITT_EARLY,
    CHECK_ITT_UNSYNCED,
    CHECK_UNMAP_DIFFERS,
    CHECK_EVENT_MAPPED,
    CHECK_EVENT_UNMAPPED,
    CHECK_INTID_LOW,
    CHECK_INTID_HIGH,
    CHECK_INTID_TWICE,
    CHECK_EVENT_REFUSED,
    CHECK_INTID_EARLY,
    CHECK_COLLECTION_UNMAPPED,
    CHECK_TARGET_OFF,
    CHECK_MAPC_EARLY,
    CHECK_OFFERED_EARLY,
    CHECK_BYTE_NO_INV,
    CHECK_MESSAGE_EARLY,
    CHECK_NEVER_SYNCED,
    CHECK_STALE_NO_INV,
    CHECK_SYNC_MISSING,
    CHECK_OUTSTANDING,
    CHECK_CWRITER_RANGE,
    CHECK_RESERVED_BITS,
    CHECK_UNKNOWN_COMMAND,
    CHECK_STALL_IGNORED,
    CHECK_BASE_ENABLED,
    CHECK_LPI_BASE_ENABLED,
    CHECK_PROPBASER_DIFFERS,
    CHECK_MOVE_NOWHERE,
    CHECK_UNMAP_IN_USE,
    CHECK_MESSAGE_UNMAPPED,
    CHECK_LPIS_OFF_IN_USE,
    CHECK_CWRITER_RESTORED,
    CHECK_ENABLED_NO_QUEUE,
    CHECK_MAPC_IN_USE,
    CHECK_MAPC_MOVED,
    CHECK_VPE_UNMAPPED,
    CHECK_VPE_IN_USE,
    CHECK_VSYNC_UNMAPPED,
    CHECK_VMOVP_UNMAPPED,
    CHECK_VIRTUAL_PHYSICAL,
    CHECK_VSGI_CLEAR,
    CHECK_LEFT_BEHIND,
    CHECK_UNPAIRED,
    CHECK_UNPREPARED,
    CHECK_TEARDOWN_LIVE,
    CHECK_PREPARE_EMPTY,
    CHECK_GUEST_ERROR,
    AUDIT_NR_CHECKS
};

struct audit_check_info {
    const char *name;
    uint8_t law; /* 0: none, QEMU's own complaint */
    enum audit_level level;
    uint32_t needs; /* of enum audit_need */
    const char *should;
};

/* 1 to AUDIT_NR_LAWS. */
const struct audit_law *audit_law(unsigned number);
const struct audit_check_info *audit_check_info(enum audit_check check);
const char *audit_level_name(enum audit_level level);

/* How far a trace that has `has` lets a law be judged. */
enum audit_sight {
    AUDIT_JUDGED,
    AUDIT_PARTLY, /* more with what audit_lacking() names */
    AUDIT_UNSEEN, /* by another trace */
    AUDIT_NEVER,  /* by no trace: at the API, on the model, in PCI accesses */
    AUDIT_NOTHING /* it could, but what it is about does not occur */
};
enum audit_sight audit_sight(unsigned law, uint32_t has);
/* What would show more, in words; "" for nothing. */
void audit_lacking(unsigned law, uint32_t has, char *out, unsigned size);

#endif /* AUDIT_LAWS_H */
