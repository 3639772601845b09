#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Judge the ITS commands QEMU saw (-trace 'gicv3_its_cmd_*' -d guest_errors -D FILE), and, given the kernel's
output, whether its report says the same.

    check_trace.py TRACE [SERIAL]

It is a second reading of docs/LAWS.md: nothing of the library is used. Exit status 0 only when no law is broken.
"""
import collections
import re
import sys

COMMAND = re.compile(r"GICv3 ITS: command (\w+)(.*)")
FIELD = re.compile(r"([A-Za-z_]+\d?) (?:0x)?([0-9a-f]+)")
# A line of any other trace event; what else QEMU logs is a guest error.
EVENT = re.compile(r"^(\d+@[\d.]+:)?\w+ GICv3")
# Commands about one event of a device (L18, L23).
ON_EVENT = {"INT", "CLEAR", "DISCARD", "INV", "MOVI"}


class Device:
    """One DeviceID over its life."""

    def __init__(self):
        self.size = None  # events it has room for, while it is mapped
        self.itt = None
        self.events = {}  # EventID -> INTID
        self.maps = self.unmaps = self.commands = 0


class Judge:
    def __init__(self):
        self.devices = collections.defaultdict(Device)
        self.collections = set()
        self.owner = {}  # INTID -> (DeviceID, EventID)
        self.count = collections.Counter()
        self.unsynced = 0  # commands since the last SYNC
        self.order = []  # (name, DeviceID or None) of each command
        self.broken = []

    def law(self, line, law, text):
        self.broken.append(f"line {line}: {law}: {text}")

    def command(self, line, name, rest):
        # Field values are hexadecimal, apart from V.
        f = {key: int(value, 16) for key, value in FIELD.findall(rest)}
        self.count[name] += 1
        self.order.append((name, f.get("DeviceID")))
        self.unsynced = 0 if name == "SYNC" else self.unsynced + 1
        if "DeviceID" in f:
            self.devices[f["DeviceID"]].commands += 1
        if name == "MAPD":
            self.mapd(line, f)
        elif name == "MAPC":
            self.mapc(line, f)
        elif name in ("MAPTI", "MAPI"):
            self.mapti(line, f)
        elif name in ON_EVENT:
            self.on_event(line, name, f)
        elif name not in ("SYNC", "INVALL"):
            self.law(line, "-", f"{name} is not among the commands umsi sends")

    def mapd(self, line, f):
        device, number = self.devices[f["DeviceID"]], f["DeviceID"]
        if f["V"]:
            device.maps += 1
            if device.size is not None:
                self.law(line, "L17", f"MAPD V=1 for DeviceID {number:#x}, which is mapped")
            for other, d in self.devices.items():
                if d is not device and d.size is not None and d.itt == f["ITT_addr"]:
                    self.law(line, "L21", f"DeviceIDs {number:#x} and {other:#x} share an ITT")
            device.size, device.itt = 1 << (f["Size"] + 1), f["ITT_addr"]
            return
        device.unmaps += 1
        if device.size is None:
            self.law(line, "L17", f"MAPD V=0 for DeviceID {number:#x}, which is not mapped")
        if device.events:
            self.law(line, "L36", f"MAPD V=0 for DeviceID {number:#x} with {len(device.events)} events mapped")
        for intid in device.events.values():
            self.owner.pop(intid, None)
        device.size, device.events = None, {}

    def mapc(self, line, f):
        if f["V"]:
            self.collections.add(f["ICID"])
            return
        self.collections.discard(f["ICID"])
        if self.owner:
            self.law(line, "L57", f"MAPC V=0 for collection {f['ICID']} with events mapped")

    def reachable(self, line, name, f):
        device = self.devices[f["DeviceID"]]
        if device.size is None:
            self.law(line, "L18", f"{name} for DeviceID {f['DeviceID']:#x}, which is not mapped")
            return None
        if f["EventID"] >= device.size:
            self.law(line, "L19", f"{name} for EventID {f['EventID']}, beyond the table's {device.size}")
        if "ICID" in f and f["ICID"] not in self.collections:
            self.law(line, "L26", f"{name} names collection {f['ICID']}, which is not mapped")
        return device

    def mapti(self, line, f):
        device = self.reachable(line, "MAPTI", f)
        if device is None:
            return
        event, intid = f["EventID"], f.get("pINTID", f["EventID"])
        if event in device.events:
            self.law(line, "L23", f"MAPTI for DeviceID {f['DeviceID']:#x} EventID {event}, which is mapped")
        if intid < 8192:
            self.law(line, "L24", f"INTID {intid} is not an LPI")
        if intid in self.owner:
            self.law(line, "L24", f"INTID {intid} is that of {self.owner[intid]} already")
        device.events[event] = intid
        self.owner[intid] = (f["DeviceID"], event)

    def on_event(self, line, name, f):
        device = self.reachable(line, name, f)
        if device is None:
            return
        if f["EventID"] not in device.events:
            self.law(line, "L23", f"{name} for DeviceID {f['DeviceID']:#x} EventID {f['EventID']}, not mapped")
        elif name == "DISCARD":
            self.owner.pop(device.events.pop(f["EventID"]), None)

    def end(self):
        for number, d in sorted(self.devices.items()):
            if d.size is not None:
                self.broken.append(f"end: L56: DeviceID {number:#x} is still mapped")
        if self.owner:
            self.broken.append(f"end: L56: {len(self.owner)} events are still mapped")
        if self.unsynced:
            self.broken.append(f"end: L30: {self.unsynced} commands after the last SYNC")


def judge_trace(path):
    judge = Judge()
    with open(path, encoding="utf-8", errors="replace") as trace:
        for number, text in enumerate(trace, 1):
            match = COMMAND.search(text)
            if match:
                judge.command(number, match.group(1), match.group(2))
            elif text.strip() and not EVENT.match(text):
                judge.law(number, "guest error", text.strip())
    judge.end()
    return judge


# ---- the kernel's report ----

ROW = re.compile(r"^device +(\S.*\S) +(0x[0-9a-f]+|0) +(\S+) +(\S+) +" + r" +".join([r"(\d+)"] * 6) +
                 r" +(\d+|-) +(\d+)$")


class Row:
    """One line of the table of devices; the demo's report.c says what is in it."""

    def __init__(self, match):
        g = match.groups()
        self.name, self.device = g[0], int(g[1], 16)
        self.prepares, self.teardowns, self.commands, self.waits, self.vectors, self.life = map(int, g[4:10])
        self.allowed = None if g[10] == "-" else int(g[10])
        self.life_waits = int(g[11])


def read_report(path):
    """Rows and the number of commands the kernel counted."""
    rows, total = [], None
    with open(path, encoding="utf-8", errors="replace") as serial:
        for line in serial:
            row = ROW.match(line.strip())
            if row:
                rows.append(Row(row))
            match = re.match(r"total ITS commands (\d+)", line)
            if match:
                total = int(match.group(1))
    return rows, total


def check_mappings(judge, rows):
    """One MAPD pair per domain; functions that share a DeviceID, and overlap, share the pair."""
    shares = collections.defaultdict(list)
    for row in rows:
        shares[row.device].append(row)
    for number, users in sorted(shares.items()):
        d, prepares = judge.devices[number], sum(r.prepares for r in users)
        names = ", ".join(r.name for r in users)
        if len(users) == 1 and d.maps != prepares:
            yield f"{names}: {prepares} prepares, but {d.maps} MAPD V=1"
        if len(users) > 1 and all(r.prepares == 1 for r in users) and d.maps != 1:
            yield f"{names} share DeviceID {number:#x}, but it was mapped {d.maps} times"
        if d.maps > prepares:
            yield f"{names}: {prepares} prepares, but {d.maps} MAPD V=1"
        if prepares != sum(r.teardowns for r in users):
            yield f"{names}: {prepares} prepares, {sum(r.teardowns for r in users)} teardowns"
    for number in sorted(set(judge.devices) - set(shares)):
        yield f"DeviceID {number:#x} is not in the report"


def check_counts(judge, rows, total):
    """What the kernel counted is what QEMU saw: until the last device was unmapped and that was synchronised."""
    of_devices = [i for i, (_, device) in enumerate(judge.order) if device is not None]
    if not of_devices:
        yield "no command for any device"
        return
    start, last = of_devices[0], of_devices[-1]
    rest = [name for name, _ in judge.order[last + 1:]]
    seen = last + 1 + (rest.index("SYNC") + 1 if "SYNC" in rest else 0)
    if total != seen:
        yield f"the report says {total} commands, the trace {seen}"
    # Moves and raises are sent outside of any allocation: each a command and its SYNC, charged to nobody.
    between = judge.order[start:seen]
    alone = sum(2 for c, after in zip(between, between[1:]) if c[0] in ("INT", "MOVI", "CLEAR") and after[0] == "SYNC")
    for_devices = sum(r.commands for r in rows)
    if for_devices != len(between) - alone:
        yield f"the report charges {for_devices} commands to devices, the trace has {len(between) - alone}"


def check_lives(judge, rows):
    """2N+8 commands and 5 waits for a life of N maskable vectors; as counted, and in the trace."""
    users = collections.Counter(r.device for r in rows)
    for r in rows:
        if r.allowed is None or r.vectors == 0:
            continue
        if r.allowed != 2 * r.vectors + 8 or r.life > r.allowed:
            yield f"{r.name}: a life of {r.vectors} vectors cost {r.life} commands, of {2 * r.vectors + 8} allowed"
        if r.life_waits > 5:
            yield f"{r.name}: a life of {r.vectors} vectors took {r.life_waits} waits"
        if users[r.device] == 1 and life_in_trace(judge, r) != r.life:
            yield f"{r.name}: a life of {r.life} commands by the report, {life_in_trace(judge, r)} in the trace"


def life_in_trace(judge, row):
    """Commands from the first MAPD of a device to the SYNC behind its first `vectors` DISCARDs, and at the end of its
    life the last MAPD with its SYNC."""
    order = judge.order
    maps = [i for i, c in enumerate(order) if c == ("MAPD", row.device)]
    if len(maps) < 2 or [name for name, _ in order[maps[-1]:maps[-1] + 2]] != ["MAPD", "SYNC"]:
        return 0
    discards = 0
    for i in range(maps[0], maps[-1]):
        discards += order[i] == ("DISCARD", row.device)
        if discards == row.vectors and order[i][0] == "SYNC":
            return i + 1 - maps[0] + 2
    return 0


def check_report(judge, path):
    rows, total = read_report(path)
    if not rows or total is None:
        judge.broken.append("report: no table of devices")
        return
    for check in (check_mappings(judge, rows), check_counts(judge, rows, total), check_lives(judge, rows)):
        judge.broken += ["report: " + text for text in check]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    judge = judge_trace(sys.argv[1])
    total = sum(judge.count.values())
    if total == 0:
        judge.broken.append("no ITS command in the trace")
    elif len(sys.argv) == 3:
        check_report(judge, sys.argv[2])
    for text in judge.broken:
        print(text)
    if not judge.broken:
        used = ", ".join(f"{n} {name}" for name, n in sorted(judge.count.items()))
        print(f"{total} commands ({used}) for {len(judge.devices)} DeviceIDs; all unmapped at the end")
    sys.exit(1 if judge.broken else 0)


main()
