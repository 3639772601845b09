#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare what scenarios did on several machines.

    compare.py README NAME:OUTPUT:COMMANDS [NAME:OUTPUT:COMMANDS...]

OUTPUT is what scene.c printed; COMMANDS the ITS commands as the machine saw them: QEMU's trace (gicv3_its_cmd_*), or
the model's text; empty: its commands are not compared. The first machine is the one the others are compared with. DeviceIDs become the kind of function,
SYNC and INVALL lose their operands (QEMU prints none), ITTs and INTIDs are left out: the laws about them are judged
elsewhere (umsi-audit, the model).

README has the table of what differs ("*": in any scenario), and why: a difference that is not in it fails, and so does a row that is no
longer true.
"""
import os
import re
import sys

QEMU = re.compile(r"GICv3 ITS: command (\w+)(.*)")
MODEL = re.compile(r"^(\w+)(?:\(\w+\))?(?: (.*))?$")
QEMU_FIELD = re.compile(r"([A-Za-z_]+\d?) (?:0x)?([0-9a-f]+)")
MODEL_FIELD = re.compile(r"([A-Za-z]+) (0x[0-9a-f]+|\d+)")
ROW = re.compile(r"^\| (.+?) \| ([\w-]+) \| (results|commands|skip) \|")


def normal(name, device, event, icid, bits, valid, kinds):
    """One command as text, the same on every machine."""
    who = kinds.get(device, f"DeviceID {device:#x}" if device is not None else "")
    if name == "MAPD":
        return f"MAPD {who}" + (f" for {1 << bits} events" if valid else " V=0")
    if name in ("MAPTI", "MOVI"):
        return f"{name} {who} event {event} to collection {icid}"
    if name in ("DISCARD", "INV", "INT", "CLEAR"):
        return f"{name} {who} event {event}"
    return name


def qemu_command(match, kinds):
    f = {key: int(value, 16) for key, value in QEMU_FIELD.findall(match.group(2))}
    return normal(match.group(1), f.get("DeviceID"), f.get("EventID"), f.get("ICID"), f.get("Size", 0) + 1, f.get("V"),
                  kinds)


def model_command(match, kinds):
    f = {key: int(value, 0) for key, value in MODEL_FIELD.findall(match.group(2) or "")}
    return normal(match.group(1), f.get("device"), f.get("event"), f.get("icid"), f.get("bits", 0), f.get("V"), kinds)


class Machine:
    """What one machine printed, and what its ITS was told."""

    def __init__(self, name, output, commands):
        self.name, self.kinds, self.skips = name, {0: "the device without a bus"}, {}
        self.scenarios, self.order = {}, []  # name -> {"results", "from", "to", "failed"}
        now = None
        for line in open(output, encoding="utf-8", errors="replace").read().splitlines():
            now = self.line(line.strip("\r"), now)
        self.commands = self.read_commands(commands) if commands else None

    def line(self, line, now):
        word, _, rest = line.partition(" ")
        if word == "function":
            kind, number = rest.split()
            number = int(number, 0)
            self.kinds[number] = "the shared pair" if number in self.kinds else kind
        elif word == "skip":
            name, _, why = rest.partition(": ")
            self.skips[name] = why
        elif word == "scenario" and (m := re.match(r"(.*) from (\d+)$", rest)):
            now = self.scenarios[m.group(1)] = {"results": [], "from": int(m.group(2)), "to": None, "failed": []}
            self.order.append(m.group(1))
        elif word == "scenario" and (m := re.match(r".* (ok|FAILED) to (\d+)$", rest)):
            now["to"] = int(m.group(2))
            now["ok"] = m.group(1) == "ok"
        elif word == "result" and now:
            now["results"].append(rest)
        elif word == "failed" and now:
            now["failed"].append(rest)
        return now

    def read_commands(self, path):
        out = []
        if not os.path.exists(path):
            return out
        for line in open(path, encoding="utf-8", errors="replace"):
            if m := QEMU.search(line):
                out.append(qemu_command(m, self.kinds))
            elif "gicv3" not in line.lower() and (m := MODEL.match(line.strip())):
                out.append(model_command(m, self.kinds))
        return out

    def stream(self, name):
        """Commands of a scenario: the library says how many it had sent before and after."""
        s = self.scenarios[name]
        return self.commands[s["from"]:s["to"]]


def difference(first, second):
    for i, (a, b) in enumerate(zip(first, second)):
        if a != b:
            return [f"line {i + 1}: {a!r} or {b!r}"]
    if len(first) != len(second):
        return [f"{len(first)} lines or {len(second)}: " + repr((first + second)[min(len(first), len(second))])]
    return []


class Judge:
    def __init__(self, readme):
        text = open(readme, encoding="utf-8").read()
        self.known = {m.groups() for line in text.splitlines() if (m := ROW.match(line))}
        self.used, self.failed, self.skips = set(), False, 0

    def say(self, name, problems):
        self.failed = self.failed or bool(problems)
        print(("not ok " if problems else "ok ") + name)
        for p in problems[:12]:
            print(f"#   {p}")

    def known_difference(self, scenario, machine, what):
        for key in ((scenario, machine, what), ("*", machine, what)):
            if key in self.known:
                self.used.add(key)
                return True
        return False

    def compare(self, base, other, scenario):
        pairs = [("results", base.scenarios[scenario]["results"], other.scenarios[scenario]["results"])]
        if other.commands is not None:
            pairs.append(("commands", base.stream(scenario), other.stream(scenario)))
        for what, a, b in pairs:
            found = difference(a, b)
            if found and self.known_difference(scenario, other.name, what):
                print(f"# {scenario}: {what} differ on {other.name}, as the table says: {found[0]}")
                found = []
            self.say(f"{scenario}: {what} of {base.name} and {other.name} agree", found)

    def skip(self, scenario, machine):
        self.skips += 1
        print(f"# skip {scenario} on {machine.name}: {machine.skips[scenario]}")
        if not self.known_difference(scenario, machine.name, "skip"):
            self.say(f"{scenario}: skipped on {machine.name}", ["the table does not say why"])

    def counted(self, machine):
        """The library counted as many commands as the machine saw, at least until the last scenario ended."""
        last = max((s["to"] or 0 for s in machine.scenarios.values()), default=0)
        seen = len(machine.commands)
        self.say(f"{machine.name}: saw the {last} commands the library counted",
                 [] if machine.scenarios and seen >= last else [f"it saw {seen}"])


def main():
    judge = Judge(sys.argv[1])
    machines = [Machine(*arg.split(":")) for arg in sys.argv[2:]]
    base = machines[0]
    for m in machines:
        if m.commands is not None:
            judge.counted(m)
        for name in m.order:
            s = m.scenarios[name]
            judge.say(f"{name}: on {m.name}", s["failed"] + ([] if s.get("ok") else ["it did not end well"]))
    for other in machines[1:]:
        for name in base.order:
            if name in other.skips:
                judge.skip(name, other)
            elif name not in other.scenarios:
                judge.say(f"{name}: on {other.name}", ["it did not run"])
            else:
                judge.compare(base, other, name)
    here = {m.name for m in machines}
    judge.say("the table of differences holds",
              [f"{' / '.join(key)} is no difference any more" for key in sorted(judge.known - judge.used) if key[1] in here])
    print(f"# {judge.skips} skips, each explained in the table")
    sys.exit(1 if judge.failed else 0)


main()
