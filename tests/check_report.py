#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare the demo's report with the ITS commands QEMU saw (-trace 'gicv3_its_cmd_*' -D FILE): mappings, counts, what
a life cost. Whether the commands keep the laws is for umsi-audit to say.

    check_report.py TRACE SERIAL
"""
import collections
import re
import sys

COMMAND = re.compile(r"GICv3 ITS: command (\w+)(.*)")
FIELD = re.compile(r"([A-Za-z_]+) (?:0x)?([0-9a-f]+)")


class Trace:
    """The commands in their order, and how often each DeviceID was mapped."""

    def __init__(self, path):
        self.order = []  # (name, DeviceID or None)
        self.maps = collections.Counter()
        with open(path, encoding="utf-8", errors="replace") as trace:
            for match in filter(None, map(COMMAND.search, trace)):
                fields = {key: int(value, 16) for key, value in FIELD.findall(match.group(2))}
                device = fields.get("DeviceID")
                self.order.append((match.group(1), device))
                self.maps[device] += match.group(1) == "MAPD" and fields["V"]
        self.devices = {device for _, device in self.order if device is not None}


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


def check_mappings(trace, rows):
    """One MAPD pair per domain; functions that share a DeviceID, and overlap, share the pair."""
    shares = collections.defaultdict(list)
    for row in rows:
        shares[row.device].append(row)
    for number, users in sorted(shares.items()):
        maps, prepares = trace.maps[number], sum(r.prepares for r in users)
        names = ", ".join(r.name for r in users)
        if len(users) == 1 and maps != prepares:
            yield f"{names}: {prepares} prepares, but {maps} MAPD V=1"
        if len(users) > 1 and all(r.prepares == 1 for r in users) and maps != 1:
            yield f"{names} share DeviceID {number:#x}, but it was mapped {maps} times"
        if maps > prepares:
            yield f"{names}: {prepares} prepares, but {maps} MAPD V=1"
        if prepares != sum(r.teardowns for r in users):
            yield f"{names}: {prepares} prepares, {sum(r.teardowns for r in users)} teardowns"
    for number in sorted(trace.devices - set(shares)):
        yield f"DeviceID {number:#x} is not in the report"


def check_counts(trace, rows, total):
    """What the kernel counted is what QEMU saw: until the last device was unmapped and that was synchronised."""
    of_devices = [i for i, (_, device) in enumerate(trace.order) if device is not None]
    if not of_devices:
        yield "no command for any device"
        return
    start, last = of_devices[0], of_devices[-1]
    rest = [name for name, _ in trace.order[last + 1:]]
    seen = last + 1 + (rest.index("SYNC") + 1 if "SYNC" in rest else 0)
    if total != seen:
        yield f"the report says {total} commands, the trace {seen}"
    # Moves and raises are sent outside of any allocation: each a command and its SYNC, charged to nobody.
    between = trace.order[start:seen]
    alone = sum(2 for c, after in zip(between, between[1:]) if c[0] in ("INT", "MOVI", "CLEAR") and after[0] == "SYNC")
    for_devices = sum(r.commands for r in rows)
    if for_devices != len(between) - alone:
        yield f"the report charges {for_devices} commands to devices, the trace has {len(between) - alone}"


def check_lives(trace, rows):
    """2N+8 commands and 5 waits for a life of N maskable vectors; as counted, and in the trace."""
    users = collections.Counter(r.device for r in rows)
    for r in rows:
        if r.allowed is None or r.vectors == 0:
            continue
        if r.allowed != 2 * r.vectors + 8 or r.life > r.allowed:
            yield f"{r.name}: a life of {r.vectors} vectors cost {r.life} commands, of {2 * r.vectors + 8} allowed"
        if r.life_waits > 5:
            yield f"{r.name}: a life of {r.vectors} vectors took {r.life_waits} waits"
        if users[r.device] == 1 and life_in_trace(trace, r) != r.life:
            yield f"{r.name}: a life of {r.life} commands by the report, {life_in_trace(trace, r)} in the trace"


def life_in_trace(trace, row):
    """Commands from the first MAPD of a device to the SYNC behind its first `vectors` DISCARDs, and at the end of its
    life the last MAPD with its SYNC."""
    order = trace.order
    maps = [i for i, c in enumerate(order) if c == ("MAPD", row.device)]
    if len(maps) < 2 or [name for name, _ in order[maps[-1]:maps[-1] + 2]] != ["MAPD", "SYNC"]:
        return 0
    discards = 0
    for i in range(maps[0], maps[-1]):
        discards += order[i] == ("DISCARD", row.device)
        if discards == row.vectors and order[i][0] == "SYNC":
            return i + 1 - maps[0] + 2
    return 0


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    trace, (rows, total) = Trace(sys.argv[1]), read_report(sys.argv[2])
    wrong = ["no table of devices"] if not rows or total is None else [
        *check_mappings(trace, rows), *check_counts(trace, rows, total), *check_lives(trace, rows)]
    for text in wrong:
        print("report:", text)
    if not wrong:
        print(f"{len(trace.order)} commands for {len(trace.devices)} DeviceIDs, as the report has them")
    sys.exit(1 if wrong else 0)


main()
