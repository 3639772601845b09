/* SPDX-License-Identifier: MIT */
/* Each check: the law it judges, how bad a breach is, what the trace must have in it, and what should have happened. */
#include <stdio.h>
#include <string.h>

#include "laws.h"

#define C AUDIT_COMMANDS
#define R AUDIT_ITS_REGS
#define U AUDIT_RECORDS

static const struct audit_check_info checks[AUDIT_NR_CHECKS] = {
    [CHECK_MAPD_TWICE] = { "mapd-twice", 17, AUDIT_CONTRACT, C,
                           "MAPD V=0 and a SYNC first; or, if two functions share the DeviceID, one map for both." },
    [CHECK_MAPD_UNMAPPED] = { "mapd-unmapped", 17, AUDIT_CONTRACT, C,
                              "MAPD V=0 once for each MAPD V=1, and never without one." },
    [CHECK_MAPD_LEAK] = { "mapd-leak", 17, AUDIT_CONTRACT, C,
                          "MAPD V=0 with the same ITT and Size when the driver is done with the device, then a SYNC; then the ITT can be "
                          "freed." },
    [CHECK_DEVICE_UNMAPPED] = { "device-unmapped", 18, AUDIT_ERROR, C,
                                "MAPD V=1 for the DeviceID before any command about its events." },
    [CHECK_EVENT_RANGE] = { "event-range", 19, AUDIT_ERROR, C,
                            "An EventID below 2^(Size + 1) of the device's MAPD; the ITT is sized when the device is mapped." },
    [CHECK_SIZE_RANGE] = { "size-range", 19, AUDIT_ERROR, R | AUDIT_TYPER,
                           "A MAPD.Size of at most GITS_TYPER.ID_bits." },
    [CHECK_DEVICE_RANGE] = { "device-range", 20, AUDIT_ERROR, R | AUDIT_TYPER,
                             "A DeviceID below 2^(GITS_TYPER.Devbits + 1)." },
    [CHECK_DEVICE_REFUSED] = { "device-refused", 20, AUDIT_ERROR, AUDIT_TABLES,
                               "A valid level 1 entry for the DeviceID, written and visible before MAPD, and a table that reaches to it." },
    [CHECK_ITT_OVERLAP] = { "itt-overlap", 21, AUDIT_ERROR, C,
                            "Memory of its own for each live device's ITT: 2^(Size + 1) entries of GITS_TYPER.ITT_entry_size + 1 bytes." },
    [CHECK_ITT_TABLE] = { "itt-in-table", 21, AUDIT_ERROR, R,
                          "An ITT that shares no byte with a table in GITS_BASERn, the queue, or a redistributor's tables." },
    [CHECK_ITT_EARLY] = { "itt-reused-early", 22, AUDIT_ERROR, R | U,
                          "MAPD V=0, a SYNC, and CREADR seen past it, before the memory is used again." },
    [CHECK_ITT_UNSYNCED] = { "itt-reused-unsynced", 22, AUDIT_STRICT, C,
                             "A SYNC between MAPD V=0 and the next use of its ITT: until then the ITS may still write to it." },
    [CHECK_UNMAP_DIFFERS] = { "unmap-differs", 22, AUDIT_STRICT, C,
                              "MAPD V=0 with the Size and ITT of the V=1 it undoes." },
    [CHECK_EVENT_MAPPED] = { "event-mapped", 23, AUDIT_ERROR, C,
                             "DISCARD before the event is mapped again; MOVI to move it." },
    [CHECK_EVENT_UNMAPPED] = { "event-unmapped", 23, AUDIT_ERROR, C,
                               "The command only between the event's MAPTI and its DISCARD." },
    [CHECK_INTID_LOW] = { "intid-low", 24, AUDIT_ERROR, C,
                          "An INTID of 8192 or more: LPIs begin there." },
    [CHECK_INTID_HIGH] = { "intid-high", 24, AUDIT_ERROR, AUDIT_RD_REGS,
                           "An INTID below 2^(GICR_PROPBASER.IDbits + 1)." },
    [CHECK_INTID_TWICE] = { "intid-twice", 24, AUDIT_ERROR, C,
                            "One INTID for one event: an allocator that gives a number out once." },
    [CHECK_EVENT_REFUSED] = { "event-refused", 24, AUDIT_ERROR, AUDIT_TABLES,
                              "An INTID and an EventID within what the hardware has." },
    [CHECK_INTID_EARLY] = { "intid-early", 25, AUDIT_CONTRACT, C,
                            "DISCARD, SYNC, and only then the INTID back to the allocator: until the SYNC the old one may still be "
                            "pending somewhere." },
    [CHECK_COLLECTION_UNMAPPED] = { "collection-unmapped", 26, AUDIT_STRICT, C,
                                    "MAPC V=1 for the collection before an event names it." },
    [CHECK_TARGET_OFF] = { "target-off", 26, AUDIT_STRICT, AUDIT_RD_REGS,
                           "A collection whose redistributor has EnableLPIs set." },
    [CHECK_MAPC_EARLY] = { "mapc-early", 27, AUDIT_CONTRACT, AUDIT_RD_REGS,
                           "EnableLPIs on the redistributor first, then MAPC." },
    [CHECK_OFFERED_EARLY] = { "offered-early", 27, AUDIT_CONTRACT, C,
                              "MAPC, SYNC, INVALL, SYNC; only then may an interrupt be sent to the CPU." },
    [CHECK_BYTE_NO_INV] = { "byte-without-inv", 28, AUDIT_CONTRACT, U,
                            "After the byte: INV or INVALL, and a SYNC, before the caller is told it is done." },
    [CHECK_MESSAGE_EARLY] = { "message-early", 29, AUDIT_CONTRACT, AUDIT_MESSAGES,
                              "A SYNC to the target after MAPTI, before the device is told to send." },
    [CHECK_NEVER_SYNCED] = { "never-synced", 29, AUDIT_CONTRACT, C,
                             "A SYNC after MAPTI: without it nobody knows when the event works." },
    [CHECK_STALE_NO_INV] = { "stale-without-inv", 29, AUDIT_CONTRACT, U,
                             "An INV behind MAPTI, as the redistributor may have the old byte in its cache." },
    [CHECK_SYNC_MISSING] = { "sync-missing", 30, AUDIT_CONTRACT, U,
                             "One SYNC for each redistributor a batch concerns (the old one, for MOVI) before the batch is done." },
    [CHECK_OUTSTANDING] = { "outstanding", 30, AUDIT_STRICT, C, "A SYNC behind the last command." },
    [CHECK_CWRITER_RANGE] = { "cwriter-range", 31, AUDIT_ERROR, R,
                              "CWRITER wraps at the queue's size." },
    [CHECK_RESERVED_BITS] = { "reserved-bits", 31, AUDIT_ERROR, U,
                              "Reserved bits of a command are 0." },
    [CHECK_UNKNOWN_COMMAND] = { "unknown-command", 31, AUDIT_ERROR, C,
                                "CWRITER only moves over slots with a whole, valid command." },
    [CHECK_STALL_IGNORED] = { "stall-ignored", 31, AUDIT_ERROR, R,
                              "GITS_CREADR.Stalled examined, the command at CREADR mended, CWRITER.Retry." },
    [CHECK_BASE_ENABLED] = { "base-while-enabled", 32, AUDIT_ERROR, R,
                             "GITS_CTLR.Enabled=0 and Quiescent=1 first." },
    [CHECK_LPI_BASE_ENABLED] = { "lpi-base-while-enabled", 32, AUDIT_ERROR, AUDIT_RD_REGS,
                                 "EnableLPIs=0 and RWP=0 first; where it cannot be cleared, the tables that are there stay." },
    [CHECK_PROPBASER_DIFFERS] = { "propbaser-differs", 32, AUDIT_ERROR, AUDIT_RD_REGS,
                                  "One configuration table for all redistributors of a CommonLPIAff group." },
    [CHECK_MOVE_NOWHERE] = { "move-nowhere", 34, AUDIT_STRICT, C,
                             "No command when the target does not change." },
    [CHECK_UNMAP_IN_USE] = { "unmap-in-use", 36, AUDIT_CONTRACT, C,
                             "DISCARD for each event, a SYNC, then MAPD V=0." },
    [CHECK_MESSAGE_UNMAPPED] = { "message-unmapped", 36, AUDIT_STRICT, AUDIT_MESSAGES,
                                 "A device silenced before its event goes, and not let loose before it is there." },
    [CHECK_LPIS_OFF_IN_USE] = { "lpis-off-in-use", 38, AUDIT_CONTRACT, AUDIT_RD_REGS,
                                "MOVI for each event that targets the CPU, before it goes." },
    [CHECK_CWRITER_RESTORED] = { "cwriter-restored", 39, AUDIT_ERROR, R,
                                 "CBASER, then CWRITER 0: a CWRITER that was saved makes the ITS run old commands again." },
    [CHECK_ENABLED_NO_QUEUE] = { "enabled-without-queue", 39, AUDIT_ERROR, R,
                                 "A valid CBASER before GITS_CTLR.Enabled." },
    [CHECK_MAPC_IN_USE] = { "mapc-in-use", 57, AUDIT_CONTRACT, C,
                            "MOVI or DISCARD for each event of the collection, then MAPC V=0." },
    [CHECK_MAPC_MOVED] = { "mapc-moved", 57, AUDIT_STRICT, C,
                           "MOVALL, or a MOVI for each event: what is pending at the old redistributor stays there otherwise." },
    [CHECK_VPE_UNMAPPED] = { "vpe-unmapped", 40, AUDIT_ERROR, AUDIT_V4,
                             "VMAPP V=1 for the vPE on this ITS first." },
    [CHECK_VPE_IN_USE] = { "vpe-in-use", 40, AUDIT_ERROR, AUDIT_V4,
                           "DISCARD for each of its vLPIs, then VMAPP V=0." },
    [CHECK_VSYNC_UNMAPPED] = { "vsync-unmapped", 41, AUDIT_ERROR, AUDIT_V4 | AUDIT_V41,
                               "No VSYNC: from GICv4.1 on VMAPP V=0 completes by itself." },
    [CHECK_VMOVP_UNMAPPED] = { "vmovp-unmapped", 42, AUDIT_ERROR, AUDIT_V4,
                               "VMOVP only for a vPE that is mapped." },
    [CHECK_VIRTUAL_PHYSICAL] = { "virtual-over-physical", 43, AUDIT_ERROR, AUDIT_V4,
                                 "DISCARD, then the other kind of map." },
    [CHECK_VSGI_CLEAR] = { "vsgi-clear", 44, AUDIT_ERROR, AUDIT_V4 | U,
                           "Two VSGI: one with Clear, one with the change." },
    [CHECK_LEFT_BEHIND] = { "left-behind", 56, AUDIT_CONTRACT, AUDIT_SHUTDOWN,
                            "At shutdown DISCARD for each event and MAPD V=0 for each device." },
    [CHECK_UNPAIRED] = { "teardown-unpaired", 2, AUDIT_CONTRACT, U,
                         "One teardown for each prepare that succeeded." },
    [CHECK_UNPREPARED] = { "unprepared", 3, AUDIT_CONTRACT, U,
                           "Prepare before the first allocation." },
    [CHECK_TEARDOWN_LIVE] = { "teardown-live", 3, AUDIT_CONTRACT, U,
                              "Every vector freed before teardown." },
    [CHECK_PREPARE_EMPTY] = { "prepare-empty", 4, AUDIT_CONTRACT, U, "A size of at least 1." },
    [CHECK_GUEST_ERROR] = { "guest-error", 0, AUDIT_ERROR, C,
                            "Nothing that QEMU complains about." },
};

const struct audit_check_info *audit_check_info(enum audit_check check)
{
    return &checks[check];
}

/* U stands beside R: either shows CREADR. */
static bool met(uint32_t needs, uint32_t has)
{
    uint32_t either = AUDIT_ITS_REGS | AUDIT_RECORDS;
    if ((needs & either) == either) {
        return (has & either) != 0;
    }
    return (needs & has) == needs;
}

enum audit_sight audit_sight(unsigned law, uint32_t has)
{
    unsigned all = 0, done = 0, virtual = 0;
    for (unsigned n = 0; n < AUDIT_NR_CHECKS; n++) {
        if (checks[n].law == law) {
            all++;
            done += met(checks[n].needs, has);
            virtual += (checks[n].needs & AUDIT_V4) != 0;
        }
    }
    if (all == 0) {
        return AUDIT_NEVER;
    }
    if (virtual == all && (has & AUDIT_V4) == 0) {
        return AUDIT_NOTHING;
    }
    return done == all ? AUDIT_JUDGED : done != 0 ? AUDIT_PARTLY : AUDIT_UNSEEN;
}

void audit_lacking(unsigned law, uint32_t has, char *out, unsigned size)
{
    static const struct {
        uint32_t need;
        const char *words;
    } words[] = {
        { AUDIT_ITS_REGS, "gicv3_its_*" },
        { AUDIT_TYPER, "a read of GITS_TYPER" },
        { AUDIT_RD_REGS, "gicv3_redist_*" },
        { AUDIT_MESSAGES, "gicv3_its_translation_write" },
        { AUDIT_TABLES, "gicv3_its_*te_write" },
        { AUDIT_RECORDS, "umsi's records" },
        { AUDIT_V41, "a GICv4.1" },
        { AUDIT_SHUTDOWN, "--shutdown" },
    };
    uint32_t lacking = 0;
    for (unsigned n = 0; n < AUDIT_NR_CHECKS; n++) {
        if (checks[n].law == law && !met(checks[n].needs, has)) {
            lacking |= checks[n].needs & ~has;
        }
    }
    out[0] = '\0';
    for (unsigned n = 0; n < sizeof(words) / sizeof(words[0]); n++) {
        if ((lacking & words[n].need) != 0) {
            size_t at = strlen(out);
            snprintf(out + at, size - at, "%s%s", at == 0 ? "" : ", ", words[n].words);
        }
    }
}
