# SPDX-License-Identifier: MIT
"""What the checks written in Python share: results as TAP lines, the tree's files, commands."""
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("UMSI_BUILD", os.path.join(TOP, "build"))
_failed = 0


def ok(name):
    print("ok", name, flush=True)


def not_ok(name, *why):
    """A failure, and what a reader needs to mend it."""
    global _failed
    _failed += 1
    print("not ok", name)
    for line in "\n".join(str(w) for w in why).splitlines():
        print("#  ", line)
    sys.stdout.flush()


def check(name, problems):
    """One result from a list of problems."""
    if problems:
        not_ok(name, *problems)
    else:
        ok(name)


def done():
    sys.exit(1 if _failed else 0)


def run(command, **kwargs):
    """A command's exit status and all its output."""
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=TOP, text=True,
                       errors="replace", **kwargs)
    return p.returncode, p.stdout


def tree(*suffixes):
    """The project's files: those git knows, or, in an unpacked archive, those that are there."""
    status, out = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"])
    if status == 0:
        files = [f for f in out.splitlines() if os.path.exists(os.path.join(TOP, f))]
    else:
        files = [os.path.relpath(os.path.join(d, f), TOP)
                 for d, _, names in os.walk(TOP) for f in names if "/build" not in d and "/.git" not in d]
    return sorted(set(f for f in files if not suffixes or f.endswith(suffixes)))


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def sources():
    """sources.txt as (part, path) pairs, in its order."""
    pairs = []
    for line in read("sources.txt").splitlines():
        words = line.split("#")[0].split()
        if words:
            pairs.append((words[0], words[1]))
    return pairs
