#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare what the stress counted with what QEMU saw (-trace 'gicv3_its_cmd_*' -trace gicv3_icc_iar1_read -D FILE).

    check_stress.py TRACE SERIAL

For each LPI the kernel names at its end, over the whole run:

    read from ICC_IAR1_EL1  =  arrivals by umsi's count  +  resent by umsi

What umsi remembered while it could not run, it resends with INT; the INTs it was asked for are counted as arrivals.
More read than that would be an interrupt that was dropped, fewer one that was counted twice.
"""
import collections
import re
import sys

READ = re.compile(r"ICC_IAR1 read cpu (?:0x)?[0-9a-f]+ value (?:0x)?([0-9a-f]+)")
MAPTI = re.compile(r"command MAPTI DeviceID (?:0x)?([0-9a-f]+) EventID (?:0x)?([0-9a-f]+).* pINTID (?:0x)?([0-9a-f]+)")
INT = re.compile(r"command INT DeviceID (?:0x)?([0-9a-f]+) EventID (?:0x)?([0-9a-f]+)")
COUNTED = re.compile(r"stress: lpi (\d+), .*: (\d+) arrivals, (\d+) handler runs, (\d+) raised")


def read_trace(path):
    """How often each INTID was read, and how often it was raised by command."""
    taken, raised, intid = collections.Counter(), collections.Counter(), {}
    with open(path, encoding="utf-8", errors="replace") as trace:
        for line in trace:
            if match := READ.search(line):
                taken[int(match.group(1), 16)] += 1
            elif match := INT.search(line):
                raised[intid.get(match.groups())] += 1
            elif match := MAPTI.search(line):
                intid[match.groups()[:2]] = int(match.group(3), 16)
    return taken, raised


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    taken, raised = read_trace(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8", errors="replace") as serial:
        counted = [tuple(map(int, m.groups())) for m in map(COUNTED.match, serial) if m]
    broken, resent = [] if counted else ["the kernel counted no LPI"], 0
    for lpi, arrivals, _, asked in counted:
        again = raised[lpi] - asked
        resent += again
        if again < 0 or taken[lpi] != arrivals + again:
            broken.append(f"LPI {lpi}: {taken[lpi]} taken from the GIC; {arrivals} arrivals by umsi's count, "
                          f"{again} resent ({raised[lpi]} INT, {asked} asked for)")
    for text in broken:
        print(text)
    if not broken:
        print(f"{sum(taken[c[0]] for c in counted)} interrupts of {len(counted)} LPIs taken from the GIC: "
              f"{sum(c[1] for c in counted)} arrivals, {resent} resent; {sum(c[2] for c in counted)} handler runs")
    sys.exit(1 if broken else 0)


main()
