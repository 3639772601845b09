/* SPDX-License-Identifier: MIT */
/* The laws, word for word as docs/LAWS.md has them; dev/check-audit compares the two. */
#include <stddef.h>

#include "laws.h"

static const struct audit_law laws[AUDIT_NR_LAWS] = {
    { 1, "A", AUDIT_CONTRACT,
      "Per domain exactly one successful prepare between create and remove; none after "
      "remove." },
    { 2, "A", AUDIT_CONTRACT,
      "Exactly one teardown per successful prepare; none after a failed prepare." },
    { 3, "A", AUDIT_CONTRACT, "Prepare precedes every allocation; teardown follows every free." },
    { 4, "A", AUDIT_CONTRACT,
      "Prepare's size is at least 1 and covers every index ever allocated." },
    { 5, "A", AUDIT_CONTRACT, "Prepare's result is immutable; allocations get copies." },
    { 6, "A", AUDIT_CONTRACT,
      "At most one domain per (device, slot); creating on an occupied slot fails without "
      "side effects." },
    { 7, "A", AUDIT_CONTRACT,
      "Removing a domain with live vectors is refused, never half done; removing twice is "
      "harmless." },
    { 8, "A", AUDIT_CONTRACT,
      "A failed create leaves no trace: names, ids, memory, hardware maps." },
    { 9, "A", AUDIT_CONTRACT,
      "A shared DeviceID has one reference per user; the last one out tears down." },
    { 10, "A", AUDIT_CONTRACT,
      "Index beyond the domain: RANGE; occupied: EXISTS; ANY gives the lowest free index." },
    { 11, "A", AUDIT_CONTRACT,
      "An index has a virq exactly while it is allocated; distinct indices have distinct "
      "virqs." },
    { 12, "A", AUDIT_CONTRACT,
      "A failed allocation leaves store, ids, parent state, doorbell mappings and hardware "
      "as before, including vectors live before the call (pool slabs, L2 pages and "
      "quarantined ids aside; the same failure again adds nothing)." },
    { 13, "A", AUDIT_CONTRACT, "The error returned is that of the failing level." },
    { 14, "A", AUDIT_CONTRACT,
      "Free after allocate restores every allocator's free count (plus what is quarantined, "
      "which is counted)." },
    { 15, "A", AUDIT_CONTRACT, "A block of n vectors releases what it reserved (2^ceil(log2 n))." },
    { 16, "A", AUDIT_CONTRACT,
      "Iteration visits each matching descriptor once, ascending, with removal of the "
      "current one allowed." },
    { 17, "T1", AUDIT_CONTRACT,
      "Per DeviceID MAPD V=1 and V=0 strictly alternate, starting with V=1." },
    { 18, "T1", AUDIT_ERROR,
      "No MAPTI, MAPI, VMAPTI, MOVI, INV, INT, CLEAR, DISCARD, VMOVI for a DeviceID that is "
      "not mapped." },
    { 19, "T1", AUDIT_ERROR,
      "EventID < 2^(MAPD.Size+1); (T2) which is at most 2^(GITS_TYPER.ID_bits+1)." },
    { 20, "T2", AUDIT_ERROR,
      "DeviceID < 2^(GITS_TYPER.Devbits+1), and its table entry is valid and visible before "
      "MAPD." },
    { 21, "T1 overlap, U rest", AUDIT_ERROR,
      "ITT 256-byte aligned, large enough, zeroed and visible before MAPD V=1; ITTs of live "
      "devices overlap neither each other nor any table." },
    { 22, "T2/U", AUDIT_ERROR,
      "ITT memory is reused only after MAPD V=0 (same Size and ITT as V=1), a SYNC after "
      "it, and CREADR past that SYNC." },
    { 23, "T1", AUDIT_ERROR,
      "MAPTI only on an unmapped (DeviceID, EventID); DISCARD, MOVI, INV, INT, CLEAR only "
      "on a mapped one." },
    { 24, "T1 partly", AUDIT_ERROR,
      "INTID in MAPTI is at least 8192, within PROPBASER.IDbits and the hypervisor's limit, "
      "and live under one (ITS, DeviceID, EventID) only." },
    { 25, "T1", AUDIT_CONTRACT,
      "An INTID goes back to the allocator only after its DISCARD was synchronised." },
    { 26, "T1, target's LPIs on: T2", AUDIT_STRICT,
      "MAPTI and MOVI name a collection that is mapped on this ITS, to a CPU with LPIs "
      "enabled." },
    { 27, "T1/T2", AUDIT_CONTRACT,
      "MAPC V=1 comes after that R's EnableLPIs, and INVALL and SYNC follow before the CPU "
      "is offered as a target." },
    { 28, "T2/U", AUDIT_CONTRACT,
      "After each change of a live configuration byte: clean if not coherent, INV or INVALL "
      "or INVLPIR, SYNC (or SYNCR idle), before the caller returns." },
    { 29, "T1/U", AUDIT_CONTRACT,
      "Before a vector's enable is reported: MAPTI and a SYNC to its R complete; if its "
      "configuration byte changed since the R could have read it, an INV between them." },
    { 30, "U", AUDIT_CONTRACT,
      "SYNC names the R that held the interrupt (the old one for MOVI); one SYNC per "
      "touched R closes a batch; nothing is outstanding when the caller returns, unless "
      "documented as posted." },
    { 31, "T2/U", AUDIT_ERROR,
      "CWRITER only moves over fully written, visible slots whose reserved bits are zero; "
      "at most N-1 outstanding; wrap handled; CREADR.Stalled examined; a timeout surfaces "
      "as an error." },
    { 32, "T2", AUDIT_ERROR,
      "BASER and CBASER written only with Enabled=0 and Quiescent=1; PROPBASER and "
      "PENDBASER only with EnableLPIs=0, RWP=0, and read back: where EnableLPIs cannot be "
      "cleared, keep the tables and report them. One PROPBASER value per CommonLPIAff "
      "group." },
    { 33, "U/M", AUDIT_ERROR,
      "If shareability reads back 0, everything the ITS or R reads is cleaned explicitly: "
      "tables, ITTs, queue slots, configuration bytes." },
    { 34, "T1/A", AUDIT_CONTRACT,
      "ITS: after an affinity change the record, the effective CPU and the hardware agree; "
      "no command when the target does not change." },
    { 35, "M", AUDIT_ERROR,
      "No pending interrupt is lost across MOVI: it moves to the new R or is delivered on "
      "the old one." },
    { 36, "T1/M", AUDIT_CONTRACT,
      "A device's mapped events are its live vectors; at removal there are none." },
    { 37, "M", AUDIT_CONTRACT,
      "Live + free + quarantined ids add up to the total, for INTIDs, EventIDs per device, "
      "vectors per CPU, identities per hart, doorbells." },
    { 38, "T1/M", AUDIT_CONTRACT, "CPU offline: no live interrupt targets it when the step ends." },
    { 39, "T2/M", AUDIT_ERROR,
      "Resume: CBASER, CWRITER=0=CREADR, BASERs, then Enabled, then MAPC for collections "
      "held in the ITS, before any other command." },
    { 40, "T1 partly", AUDIT_ERROR,
      "VMAPTI only for a vPE mapped on that ITS; VMAPP V=0 only when it has no vLPI there." },
    { 41, "T1", AUDIT_ERROR,
      "No VSYNC after a v4.1 VMAPP V=0; Alloc=1 only on the first map and the last unmap." },
    { 42, "T1 partly", AUDIT_ERROR,
      "VMOVP: same sequence number and order on every ITS of the list; never for an "
      "unmapped vPE; never skipped." },
    { 43, "T1", AUDIT_ERROR,
      "A physical LPI becomes virtual only by DISCARD then VMAPTI, and back by DISCARD then "
      "MAPTI and INV." },
    { 44, "U", AUDIT_ERROR, "VSGI never sets Clear together with a configuration change." },
    { 45, "P", AUDIT_ERROR,
      "MSI-X address and data change only while the entry or the function is masked; a "
      "read-back precedes the unmask." },
    { 46, "P", AUDIT_CONTRACT,
      "Unmasked MSI that cannot be masked: after every single dword write the message still "
      "reaches this interrupt at its old, an intermediate, or its new target; a check for a "
      "pending one follows. If that is impossible the move is refused." },
    { 47, "P", AUDIT_CONTRACT,
      "The message in hardware is the cached message whenever the device is powered and "
      "present; a message is zeroed only while masked or disabled." },
    { 48, "A", AUDIT_CONTRACT,
      "The message's address fits the device, and this is checked before it is written." },
    { 49, "U", AUDIT_CONTRACT,
      "The doorbell address is valid in the device's current IOMMU domain." },
    { 50, "P", AUDIT_CONTRACT,
      "MSI: Enable only after every message is valid. MSI-X: Enable with Function Mask, "
      "mask all entries, program, clear Function Mask; entries not allocated stay masked." },
    { 51, "A", AUDIT_CONTRACT,
      "A chip's mask and unmask are idempotent; a driver's disable and enable nest; the "
      "state survives affinity change, suspend, restore and reset." },
    { 52, "A", AUDIT_CONTRACT,
      "Reserved vectors are available or the request fails now, or the overcommit is "
      "explicit." },
    { 53, "A", AUDIT_CONTRACT,
      "Managed vectors: one place on each CPU of the set; shut down exactly when no CPU of "
      "the set is online; restarted with the first." },
    { 54, "A", AUDIT_CONTRACT,
      "x86, IMSIC: the old vector is kept until an interrupt arrives on the new one or the "
      "old target is clean." },
    { 55, "A", AUDIT_CONTRACT,
      "Lock ranks (docs/CONCURRENCY.md) are never inverted; no lock is held across a "
      "hardware wait or a callback that may sleep." },
    { 56, "M", AUDIT_CONTRACT,
      "At shutdown no LPI is live, no event and no device mapped, the queue idle, all "
      "memory returned, except tables of an R whose EnableLPIs cannot be cleared." },
    { 57, "T1", AUDIT_CONTRACT,
      "MAPC V=0 only when no event uses the collection. CPU offline keeps collection, "
      "EnableLPIs and pending table." },
    { 58, "A/M", AUDIT_CONTRACT,
      "A handler never runs on two CPUs at once: a second arrival marks AGAIN, ends the "
      "interrupt on its own CPU and leaves; the first runs it again." },
    { 59, "A/M", AUDIT_CONTRACT,
      "An INTID, virq or descriptor is reissued only after every CPU has passed a point "
      "where no dispatch could still hold it." },
    { 60, "A/M", AUDIT_CONTRACT,
      "An interrupt that arrives while masked or without a handler is remembered once and "
      "run once at unmask or request. An unknown INTID is ended, counted, reported once, "
      "and cut off when it storms." },
};

const struct audit_law *audit_law(unsigned number)
{
    return number >= 1 && number <= AUDIT_NR_LAWS ? &laws[number - 1] : NULL;
}

const char *audit_level_name(enum audit_level level)
{
    return level == AUDIT_ERROR ? "error" : level == AUDIT_CONTRACT ? "contract" : "strict";
}
