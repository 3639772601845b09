# SPDX-License-Identifier: MIT
"""Ways to break a C source file, found in its text: each call deleted, each check of a status passed by.

The code is formatted by clang-format, so functions begin and end with a brace in the first column. A mutant is
known by its file, its function and the text it takes away, never by a line number.
"""
import os
import re

# Calls that are no part of what is done: messages, records, waiting politely. And locks: that one is missing cannot
# be seen by a program that runs one thread at a time; the thread sanitizer is for that.
KEPT = {"umsi_log", "umsi_trace", "umsi_printf", "umsi_relax", "umsi_ignore", "umsi_lock_take", "umsi_lock_drop", "umsi_lock_init",
        "umsi_its_queue_close"}
# What a deleted call gives instead, for those of other types than void and status; of "=n", its n-th argument.
INSTEAD = {"umsi_its_post_invall": "true", "umsi_its_write_base": "true", "map_again": "true", "run_to": "true", "install": "true",
           "umsi_grace_wait": "true", "umsi_batch_claim": "true", "umsi_lpi_unmark": "true", "write_message": "UMSI_OK",
           "prepare": "UMSI_OK", "teardown": "((void)0)", "mask": "((void)0)", "unmask": "((void)0)",
           "set_mask": "((void)0)", "doorbell_unmap": "((void)0)", "device_lock": "((void)0)", "device_unlock": "((void)0)",
           "__atomic_store_n": "((void)0)", "__atomic_add_fetch": "((void)0)", "__atomic_or_fetch": "((void)0)",
           "__atomic_and_fetch": "((void)0)"}
BY_FILE = {("its_stall.c", "put"): "=1", ("device.c", "write_message"): "((void)0)"}
BARRIERS = {"umsi_wmb", "umsi_mb", "umsi_rmb"}
CLEANS = {"umsi_clean", "memset"}
FREES = re.compile(r"free|_put\b|release|remove|forget|finish$|unlink|unstore|radix_clear|drop|exit|reclaim|teardown|unpublish|hold|unmap")
COMMANDS = re.compile(r"batch|queue_(add|write|ring|wait)|post|write(32|64)|^put$|^run$|^map$|send_mapd|map_event|sync|pay_|enable|quiesce"
                      r"|program|activate|commit|write_message")


class Mutant:
    """One way to break one file: `start`..`end` of its text become `new`."""

    def __init__(self, path, function, kind, start, end, new, text):
        self.path, self.function, self.kind = path, function, kind
        self.start, self.end, self.new = start, end, new
        self.what = " ".join(text.split())
        self.key = None

    def apply(self, source):
        return source[:self.start] + self.new + source[self.end:]


    def lines(self, source):
        return [lines_of(source, self.start, self.end)]


def lines_of(source, start, end):
    """The numbers of the first and the last line of a stretch of text."""
    return source.count("\n", 0, start) + 1, source.count("\n", 0, end) + 1


def blank(source):
    """The text with comments, strings and characters as blanks, each position as it was."""
    def empty(m):
        return re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#(?:\\\n|[^\n])*', empty, source,
                  flags=re.S | re.M)


def functions(code):
    """(name, start, end) of each body."""
    for m in re.finditer(r"^\{\n(.*?)^\}", code, re.S | re.M):
        head = code[:m.start()]
        head = head[max(head.rfind(";"), head.rfind("}")) + 1:]
        name = re.search(r"(\w+)\(", head)
        if name:
            yield name.group(1), m.start(1), m.end(1)


def closing(code, at):
    """Behind the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] == "(") - (code[i] == ")")
        if depth == 0:
            return i + 1
    raise ValueError("unbalanced")


def return_types(texts):
    """What each function of these sources gives back, as far as it matters here."""
    types = {}
    for code in texts:
        for m in re.finditer(r"^(?:static |inline |const )*(void|bool|enum umsi_status) (\w+)\(", code, re.M):
            types[m.group(2)] = m.group(1)
    return types


def instead_of(path, name, types):
    if (os.path.basename(path), name) in BY_FILE:
        return BY_FILE[os.path.basename(path), name]
    if name in INSTEAD:
        return INSTEAD[name]
    return {"void": "((void)0)", "enum umsi_status": "UMSI_OK"}.get(types.get(name))


def kind_of(name):
    if name in BARRIERS:
        return "barrier"
    if name in CLEANS:
        return "clean"
    return "command" if COMMANDS.search(name) else "free" if FREES.search(name) else "call"


def argument(source, start, end, n):
    """The n-th argument of a call whose parenthesis opens at `start`."""
    depth, at, found = 0, start + 1, []
    for i in range(start, end):
        depth += (source[i] == "(") - (source[i] == ")")
        if (depth == 1 and source[i] == ",") or i == end - 1:
            found.append(source[at:i].strip())
            at = i + 1
    return found[n]


def calls(path, source, code, function, types):
    name, start, end = function
    for m in re.finditer(r"\b(\w+)\(", code[start:end]):
        new = instead_of(path, m.group(1), types)
        if new is None or m.group(1) in KEPT:
            continue
        begin, stop = start + m.start(), closing(code, start + m.end() - 1)
        while re.search(r"[\w\])](->|\.)$", code[:begin]):  # of a structure's callback: the whole path to it
            begin -= len(re.search(r"(?:\w+(?:\[[^\]]*\])?|\([^()]*\))(?:->|\.)$", code[:begin]).group(0))
        if new.startswith("="):
            new = argument(source, start + m.end() - 1, stop, int(new[1:]))
        yield Mutant(path, name, kind_of(m.group(1)), begin, stop, new, source[begin:stop])


def conditions(path, source, code, function, _types):
    """Each if is passed by."""
    name, start, end = function
    for m in re.finditer(r"\bif (\()", code[start:end]):
        begin = start + m.start(1)
        stop = closing(code, begin)
        yield Mutant(path, name, "check", begin, stop, f"(0 && {source[begin:stop]})", "if " + source[begin:stop])


STATUS = r"[A-Za-z_][\w>.-]*"
PATTERNS = [  # of a status that is looked at within an expression, and what it becomes when it is not
    (rf"({STATUS}) != UMSI_OK \? \1 : ", ""),
    (rf"({STATUS}) == UMSI_OK \? (\w+) : \1(?=;)", r"\2"),
    (rf" && {STATUS} == UMSI_OK\b", ""),
    (rf"\b{STATUS} == UMSI_OK && ", ""),
    (r"(?<=return )[^;?]+\? UMSI_OK : UMSI_\w+(?=;)", "UMSI_OK"),
    (r"(?<=return )[^;?]+\? UMSI_(?!OK)\w+\s+: UMSI_OK(?=;)", "UMSI_OK"),
]


def expressions(path, source, code, function, _types):
    name, start, end = function
    for pattern, new in PATTERNS:
        for m in re.finditer(pattern, code[start:end]):
            line = source[source.rfind("\n", 0, start + m.start()) + 1:source.find(";", start + m.end())]
            yield Mutant(path, name, "check", start + m.start(), start + m.end(), m.expand(new),
                         source[start + m.start():start + m.end()] + " of " + line.strip())


def short(path):
    """its/its.c for src/chip/its/its.c."""
    return "/".join(path.split("/")[-2:])


def mutants(path, source, global_types):
    """Every way this file can be broken, in the order of its text, each with a key of its own."""
    code = blank(source)
    types = {**global_types, **return_types([code])}
    found = []
    for function in functions(code):
        for rule in (calls, conditions, expressions):
            found += rule(path, source, code, function, types)
    found.sort(key=lambda m: (m.start, m.end, m.new))
    broken = {}  # `a && ok && b` loses its middle in two ways, with one result
    for m in found:
        broken.setdefault(" ".join(m.apply(source).split()), m)
    found = list(broken.values())
    seen = {}
    for m in found:
        key = f"{short(path)}:{m.function}: {m.kind}: {m.what}"
        seen[key] = seen.get(key, 0) + 1
        m.key = key if seen[key] == 1 else f"{key} ({seen[key]})"
    return found
