/* SPDX-License-Identifier: MIT */
/*
 * Why each law matters, how a breach looks, and where it went wrong: what commit messages and issue trackers say, and
 * what was read in sources, which is marked so. docs/BUGS-AVOIDED.md says how umsi avoids it.
 */
#include <stddef.h>

#include "past.h"

static const struct audit_past pasts[] = {
    /* L1 */
    { "An MSI controller sets state up for a device before its first vector: an ITS maps "
      "the DeviceID and gives it a table. Done twice, the second map hides the first; done "
      "late, vectors go nowhere.",
      "A driver takes one vector and later eight more; the controller's prepare hook runs "
      "at each of the two calls.",
      "Linux called msi_prepare() at every allocation until 6.16 (changed by 1396e89e09f0). "
      "RT-Thread sends MAPD again for every vector." },
    /* L2 */
    { "What is prepared and never torn down leaks a DeviceID, a table and interrupt numbers "
      "for ever; what is torn down twice frees memory that somebody else has by then.",
      "A driver is unloaded; its vectors are gone, its device stays mapped.",
      "Linux up to 6.15 had no teardown at all: the device went with its last vector, "
      "unless it was marked shared, and then never. On cdx and fsl-mc this remained after "
      "6.16. Zephyr's ITS driver has no way to free anything." },
    /* L3 */
    { "An event that is mapped before its device has a table cannot work; a table that goes "
      "before its events leaves hardware pointing at freed memory.",
      "Teardown runs while an interrupt of the device still has a handler.",
      "A device that freed its last vector and took new ones was destroyed and rebuilt in "
      "between (Linux up to 6.15, 713335b6ee29)." },
    /* L4 */
    { "The table is sized once. A prepare with the wrong size either wastes interrupt "
      "numbers or makes later vectors fail, or hit what is behind the table.",
      "Prepare is told 1, because the domain was created before anybody counted vectors; "
      "the fifth MSI of the device has no place.",
      "PCI MSI domains of Linux 6.16-rc were created with a size of 1, so that multi-MSI "
      "was dead (9cc82d99b13c). Before, the first call's number sized the table "
      "(7dd20bf2f010)." },
    /* L5 */
    { "If allocations write into what prepare left, the second one starts from the first "
      "one's scratch.",
      "A level of the hierarchy keeps a pointer in the same slot another level reads a "
      "DeviceID from.",
      "The scratchpad of Linux's ITS holds a DeviceID before prepare and a pointer after "
      "it. Two regressions came from this; on pseries teardown read a field prepare had "
      "never filled (ef3e73a917ec)." },
    /* L6 */
    { "Two domains for one device give out the same vectors twice.",
      "A function switches from MSI to MSI-X and the old domain is still there.",
      "Linux warns and fails. Platform devices ran into it, because freeing their "
      "interrupts did not remove the domain until 6.16." },
    /* L7 */
    { "Half a removal leaves vectors that work until somebody reuses their memory.",
      "A driver is removed and forgets one vector.",
      "Linux's ITS teardown warns and returns, and the domain's memory is freed all the "
      "same." },
    /* L8 */
    { "Errors are rarely tried. What they leave behind adds up, and shows much later.",
      "Memory runs out in the middle of creating a domain; its name stays taken.",
      "Linux's GICv5 ITS did not unwind earlier vectors of a failed allocation "
      "(a186120c780e). A table mapping leaked when MSI-X could not be enabled "
      "(1a8d4c6ecb4c)." },
    /* L9 */
    { "Functions behind a PCIe-to-PCI bridge send with one DeviceID. If the first one to "
      "leave unmaps it, the others go silent; if none does, it leaks.",
      "Two sound cards on one old bridge: one driver is unloaded, the other loses its "
      "interrupts, or the DeviceID stays mapped when both are gone.",
      "Linux marks such a device \"shared\" and never frees it: a latch, no count. FreeBSD "
      "finds devices by function, so that two of them map one DeviceID twice (read in the "
      "source)." },
    /* L10 */
    { "A driver has to tell a full table from a wrong index from one in use.",
      "All failures come back as \"no space\".",
      "Linux drops the level's own error in most allocation paths (msi_handle_pci_fail)." },
    /* L11 */
    { "A descriptor that says it has an interrupt when it has none gets a handler for a "
      "stranger.",
      "A block of eight is freed, and the eighth keeps its number.",
      "RT-Thread's PCI code frees descriptors and not their interrupts." },
    /* L12 */
    { "A failed call must be as if it had not been made, or a retry makes things worse.",
      "The fourth of eight vectors cannot be had; the three are given back, and so are two "
      "that were live before.",
      "Linux frees the whole range after an error, with vectors that were live before the "
      "call. Its ITS did not give the EventID region back when the IOMMU mapping failed "
      "(read in the source)." },
    /* L13 */
    { "A driver that gets the wrong reason tries the wrong thing next.",
      "The table is too small, and the driver is told that memory ran out.",
      "Linux returns ENOSPC, or 1, for almost any failure of a PCI allocation." },
    /* L14 */
    { "An allocator that loses one number per cycle is empty after a week of module "
      "reloads.",
      "Load and unload a driver 57,344 times.",
      "Zephyr's, tgoskits' and OpenBSD's numbers only go up, or are never cleared. Zephyr's "
      "ran past its table after 57,345 allocations (issue 119828)." },
    /* L15 */
    { "Multi-MSI reserves powers of two. Giving back three of a block of four keeps one for "
      "ever, and with it the whole device.",
      "A driver takes 3 MSI vectors and frees them; after that it can never have any again.",
      "Linux 6.12 does exactly this: tests/data/traces/linux-6.12-multi-msi-3.trace. The "
      "block is reserved as four, and freed one by one, as three." },
    /* L16 */
    { "Code that frees vectors walks over them. A walk that skips one leaks it; a walk that "
      "sees one twice frees it twice.",
      "The loop that frees all vectors of a device removes the current one.",
      "Linux has one iterator per device, so walks cannot be nested." },
    /* L17 */
    { "MAPD V=1 gives a DeviceID a translation table; V=0 takes it away. Twice V=1 loses "
      "the events of the first table. A V=1 that is never undone is a leak: the memory, the "
      "DeviceID and the interrupt numbers are gone until the machine restarts, and on a "
      "busy system the last vector is the one somebody needs.",
      "MAPD DeviceID 0x8 V 1, four MAPTI, four DISCARD, and nothing more.",
      "Linux 6.11 to 6.15: vectors taken one by one ran prepare again, and that set a "
      "\"shared\" flag that nothing clears (1396e89e09f0; linux-6.12-multi-prepare.trace). "
      "And 3 MSI vectors out of a block of 4 (linux-6.12-multi-msi-3.trace). NetBSD, Nanos "
      "and tgoskits never unmap." },
    /* L18 */
    { "The ITS looks the device up first. A command for a device it does not have is "
      "ignored, or stalls the queue, as the implementation likes.",
      "A late INV of a driver that was already unloaded.",
      "Work on Linux's resume (2020) found old commands replayed into a table that had been freed, as CWRITER was restored." },
    /* L19 */
    { "The ITS may take an EventID beyond the table for an index, and read or write "
      "whatever lies behind it.",
      "MAPD Size 1 has room for 4; MAPTI EventID 5.",
      "RT-Thread numbers events by the global interrupt, so that the 33rd MSI is out of "
      "range (read in the source); NetBSD does the like. Zephyr sized tables wrongly for "
      "counts that are no power of two (117277). Linux did not look at GITS_TYPER.ID_bits "
      "until 2026 (ce9e40a9a5e5)." },
    /* L20 */
    { "With a two-level device table, a DeviceID whose level 1 entry is not there cannot be "
      "mapped: the command is lost, or the ITS stalls.",
      "A function on bus 5 is the first behind its level 1 entry, and nobody gave that "
      "entry a page.",
      "Zephyr's level 1 was one off and covered half of the DeviceIDs (119193, 119204). "
      "NetBSD overwrites an entry that other devices use (read in the source). OSv has one "
      "page for all devices." },
    /* L21 */
    { "The ITS writes into the table by itself. If two devices share bytes of it, one's "
      "vectors become the other's; if it was not zeroed, garbage may be taken for an entry.",
      "Two MAPD V=1 with the same ITT_addr.",
      "FreeBSD allocates for the vectors asked for and tells MAPD up to twice as many (read "
      "in the source). Zephyr did not zero the table." },
    /* L22 */
    { "MAPD V=0 takes effect some time after it was queued. Memory that is freed before may "
      "still be written by the ITS: corruption far away from its cause.",
      "MAPD V=0, free, and somebody else's buffer lies there when the ITS gets to it.",
      "Linux sends no SYNC after MAPD V=0, does not learn of a command that timed out, and "
      "frees the table all the same." },
    /* L23 */
    { "The specification leaves it open what a second MAPTI for a live event does. A "
      "command about an event that is not mapped may stall the ITS.",
      "MAPTI EventID 0 twice; or INV after DISCARD.",
      "Nanos maps live events anew to move them. Linux cannot map a doorbell of a vPE again "
      "and moves it instead." },
    /* L24 */
    { "An INTID is one interrupt. Two events on one INTID are two devices with one handler; "
      "an INTID beyond the table is read from memory behind it.",
      "Two MAPTI with pINTID 0x2001.",
      "Zephyr's bump allocator walked past the end of its configuration table (119828). "
      "FreeBSD's EventIDs collide after a partial release (read in the source)." },
    /* L25 */
    { "A pending state may still be on its way to the redistributor when DISCARD is queued. "
      "If the number is given out before the SYNC, the new owner gets the old one's "
      "interrupt.",
      "DISCARD of INTID 8200, and right behind it MAPTI of another device with INTID 8200.",
      "No report is known; drivers that free numbers at once are open to it." },
    /* L26 */
    { "An event that goes to a collection nobody mapped goes nowhere, silently.",
      "MOVI to the collection of a CPU that never came up.",
      "Linux's table of collections has 0 for a CPU that was never online, so that MOVI may "
      "go to collection 0 while its own record says otherwise (read in the source)." },
    /* L27 */
    { "Before INVALL the redistributor may hold old configuration for the collection; "
      "before EnableLPIs it drops what it gets.",
      "MAPC V=1, and MAPTI to it at once.", "" },
    /* L28 */
    { "A redistributor may keep an LPI's configuration byte in a cache. Without INV a mask "
      "does not mask.",
      "A driver disables its interrupt, and the handler runs once more.",
      "OSv and Nanos send no INV after they change the byte; OSv's mask sets bits it means "
      "to clear. NetBSD sends INV without a SYNC." },
    /* L29 */
    { "Until the SYNC is complete nobody knows whether the event works. A device told to "
      "send before that may lose its first message, and some devices send it only once.",
      "MAPTI, then the driver starts the device; the SYNC comes later or never.", "" },
    /* L30 */
    { "SYNC waits for one redistributor. If it names another one, the caller is told that "
      "something is done that is not.",
      "MOVI from CPU 0 to CPU 1, and a SYNC to CPU 1: what is pending at CPU 0 is still on "
      "its way.",
      "Linux sends MOVI's SYNC to the old redistributor, as it must." },
    /* L31 */
    { "A queue that is overrun loses commands, or runs half of one. A stalled ITS does "
      "nothing more until it is told to retry.",
      "The driver's copy of CWRITER does not wrap, and every 2048th command writes an "
      "offset beyond the queue.",
      "RT-Thread's CWRITER does not wrap; NetBSD does not notice a full queue; OSv and "
      "Nanos get the wrap wrong; Zephyr and FreeBSD leave garbage in reserved fields. Of "
      "the drivers read, none recovers from a stall." },
    /* L32 */
    { "The ITS may use a table at any time while it is on. Changing its address then leaves "
      "two halves of two tables.",
      "GITS_BASER0 written with Enabled 1; or GICR_PROPBASER after kexec, where EnableLPIs "
      "cannot be cleared.",
      "FreeBSD has to keep the tables of the kernel before it (D40902). Linux reserves them "
      "for the next kernel." },
    /* L33 */
    { "Hardware that does not snoop reads what is in memory, not what is in the CPU's "
      "cache.",
      "On a SoC without coherency, MAPTI is consumed as zeroes.",
      "Zephyr needed several fixes (92346). Linux cleaned tables after it had written their "
      "address (d3badb15613c). RK3588 claims to snoop and does not." },
    /* L34 */
    { "A move that goes nowhere costs a command, a SYNC and a wait, and on some systems "
      "happens for each interrupt of a busy device.",
      "MOVI to the collection the event is in.",
      "RT-Thread keeps the target per device, so that moving a second vector does nothing. "
      "FreeBSD ignored errors of a move (D41455)." },
    /* L35 */
    { "An interrupt that is pending while it moves must arrive once, somewhere.",
      "A message comes between the MOVI and the SYNC.",
      "An LPI that came to the new CPU while the old one ran the handler was lost in Linux "
      "(8f4b589595d0)." },
    /* L36 */
    { "Events left behind when a device is unmapped are vectors somebody still believes in. "
      "And a message for an event that is not there is dropped without a word.",
      "MAPD V=0 with two events mapped.",
      "FreeBSD sends no DISCARD at all and relies on MAPD V=0. In Linux a bitmap that never "
      "empties kept devices mapped." },
    /* L37 */
    { "Numbers are conserved. If the sum does not match, somebody has two, or nobody has "
      "one.",
      "57,344 LPIs, 40,000 free, none in use.",
      "Linux's ITS loses a range when the allocation of its bitmap fails (read in the "
      "source). x86 lost vectors when a CPU went offline in a move (a6c11c0a5235)." },
    /* L38 */
    { "What targets a CPU that is gone is not handled until it comes back.",
      "CPU 3 goes offline; the NVMe queue that was bound to it times out.",
      "x86 leaked the vector of a move in progress (a6c11c0a5235); imsic kept a stale "
      "pointer (cefafbd56140)." },
    /* L39 */
    { "After resume the queue is empty in the ITS's eyes and full in memory. If CWRITER is "
      "put back as it was, the ITS runs everything in between again.",
      "Resume writes CBASER and then the saved CWRITER: MAPD of a device that is gone.",
      "Found in Linux in 2020 while suspend was made to work." },
    /* L40 */
    { "A vLPI of a vPE that is not mapped has nowhere to be pending.", "VMAPTI before VMAPP V=1.",
      "Linux maps vPEs lazily on GICv4.0, at the first vLPI of each ITS." },
    /* L41 */
    { "From GICv4.1 on VMAPP V=0 completes by itself. A VSYNC for a vPE that is gone may "
      "stall the ITS.",
      "VMAPP V=0, VSYNC.", "Linux did this (80e9963fb3b5)." },
    /* L42 */
    { "If two ITSs see moves in different orders, they disagree for ever where a vPE is.",
      "VMOVP sent to one of two ITSs only.",
      "Linux moved a vPE while it was destroyed (CVE-2024-50192, 1442ee001198), and left "
      "out a move that was needed (af9acbfc2c4b)." },
    /* L43 */
    { "Mapping an event that is mapped is not defined; physical to virtual is no exception.",
      "VMAPTI for an event that MAPTI mapped.",
      "Linux sends DISCARD first, and INV on the way back." },
    /* L44 */
    { "Clear and configuration in one VSGI: the specification makes it one or the other.",
      "VSGI with Clear 1 and a new priority.", "Linux sends two." },
    /* L45 */
    { "A device may send between two writes of the same message: half an address and half "
      "another.",
      "The address is changed while the entry is unmasked.",
      "Marvell's NVMe needed its entries masked at a certain moment; SUN's NIU wants data "
      "before the first read." },
    /* L46 */
    { "A plain MSI's address and data are separate writes. Between them the device may send "
      "to the new CPU with the old vector.",
      "x86, no mask bit, an interrupt moves.",
      "The guard for these devices has been the wrong way round in Linux since b56ebe7c896d "
      "(read in the source, not confirmed on hardware)." },
    /* L47 */
    { "What the kernel believes is in the device must be there, or a restore after reset "
      "writes the wrong thing.",
      "A function in D3 keeps the cached message, and its registers are lost.",
      "Linux composes from its cache on resume; a message that was changed while the device "
      "slept comes from there." },
    /* L48 */
    { "A device with 32 address bits drops the rest, and writes to somebody's memory.",
      "The doorbell lies above 4 GiB, and the function has no 64-bit address.",
      "Linux checks this after it has programmed the device (EIO); per-device masks came "
      "with 52f0d862f595." },
    /* L49 */
    { "Behind an IOMMU a device sends to an address of its own. When the domain changes the "
      "address is stale.",
      "A function goes to a guest and back.",
      "In Linux vectors allocated before a change of the domain keep a stale address (read "
      "in the source)." },
    /* L50 */
    { "Devices may send as soon as MSI is enabled.", "Enable first, then the table.",
      "Linux enables with the function mask for this reason." },
    /* L51 */
    { "A driver that disables twice and enables once expects to be disabled.",
      "Two parts of a driver mask one vector.",
      "Linux's interplay of mask and startup flags left interrupts dead and machines "
      "hanging (54f45a30c0d0, 727e914bbfbb)." },
    /* L52 */
    { "A vector that is promised and not there makes request fail long after probe "
      "succeeded.",
      "x86 reserves 300 vectors on a CPU that has 200.",
      "Linux's ITS halves a request in silence and returns fewer (its_lpi_alloc). OSv "
      "aborts when x86 vectors run out (1465)." },
    /* L53 */
    { "A managed vector belongs to a set of CPUs and sleeps when all of them are gone.",
      "All CPUs of a queue go offline; its vector must not move elsewhere.",
      "Linux miscounted managed vectors (a0b0bad10587), and managed interrupts none of whose CPUs is online (d802057c7c55)." },
    /* L54 */
    { "On x86 and IMSIC a move changes the message. The old vector may still be on its way.",
      "The old vector is given to another device too early.",
      "imsic had one pointer for a move that can happen twice (0f67911e821c)." },
    /* L55 */
    { "Two locks in two orders stop a machine, at a customer's.",
      "A handler allocates while the caller holds the queue's lock.",
      "The fix of a race in Linux's vLPI code left interrupts enabled (35cb2c6ce7da)." },
    /* L56 */
    { "What is left at shutdown is read by the next kernel, or written by the hardware into "
      "its memory.",
      "kexec with a device mapped: the ITS writes into the new kernel.",
      "Linux resets all ITSs before it probes the first, as they may share memory." },
    /* L57 */
    { "Events of a collection that is gone go nowhere. And a redistributor that loses its "
      "pending table loses what is pending.",
      "MAPC V=0 while two events use the collection.",
      "Linux leaves collections mapped when a CPU goes offline, and moves interrupt by "
      "interrupt." },
    /* L58 */
    { "A handler is written as if it were alone.",
      "An LPI moves while its handler runs, and the new CPU starts it again.",
      "LPIs have no active state; Linux marks and resends (8f4b589595d0)." },
    /* L59 */
    { "A number that is reused too early runs a stranger's handler, or one that is freed.",
      "CPU 1 has looked a descriptor up; CPU 0 frees it.", "" },
    /* L60 */
    { "An interrupt that comes while nobody listens may be the only one.",
      "A device completes while its driver is being set up.", "" },
};

const struct audit_past *audit_past(unsigned law)
{
    return law >= 1 && law <= sizeof(pasts) / sizeof(pasts[0]) ? &pasts[law - 1] : NULL;
}
