# SPDX-License-Identifier: MIT
"""A bench on which broken libraries are tried: the host tests, linked once with a shared library, and for each
broken file another one in its place: one compile, one link, and the tests until the first that fails.
"""
import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time

import tap

# An arena that keeps what is freed, overwritten: who reads it notices. And no system call for a large table.
ENVIRONMENT = {"MALLOC_PERTURB_": "165", "MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "4000000000",
               "MALLOC_TOP_PAD_": "67108864", "CMOCKA_TEST_ABORT": "1", "CMOCKA_MESSAGE_OUTPUT": "STDOUT"}
# Programs that need an emulator; and, with those, such as judge the model and the fakes, or parts no mutant is in, or
# find something by chance.
EMULATED = re.compile(r"scenario-qtest$")
APART = re.compile(r"test_(model_|fdt|platform$|port_check$|gicv3_enc$|.*threads$)|records-|scenario-qtest$")
WALL = 120  # seconds for a program that waits for something that never comes


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.compiles = {}  # by source: (words of the compile command, object)

    def prepare(self):
        """Configure and build; what is wrong, if anything."""
        if not os.path.exists(os.path.join(self.folder, "build.ninja")):
            shutil.rmtree(self.folder, ignore_errors=True)
            status, out = tap.run(["meson", "setup", self.folder, tap.TOP, "-Ddefault_library=shared", "-Dtests=enabled",
                                   "-Dfw=enabled", "-Ddebug=false", "-Doptimization=1",
                                   "-Dc_link_args=-Wl,--enable-new-dtags"])
            if status != 0:
                return out
        status, out = tap.run(["ninja", "-C", self.folder])
        if status == 0:
            self.read_commands()
        return out if status != 0 else ""

    def read_commands(self):
        with open(os.path.join(self.folder, "compile_commands.json"), encoding="utf-8") as f:
            for c in json.load(f):
                source = os.path.relpath(os.path.join(c["directory"], c["file"]), tap.TOP)
                if c["output"].startswith("libumsi.so.p/"):
                    self.compiles[source] = shlex.split(c["command"]), c["output"]

    def programs(self, without):
        """Test programs, as paths from the folder."""
        found = []
        for parent, _, names in os.walk(os.path.join(self.folder, "tests")):
            for name in sorted(names):
                path = os.path.join(parent, name)
                if "." not in name and os.access(path, os.X_OK) and not without.match(name):
                    found.append(os.path.relpath(path, self.folder))
        return sorted(found)

    def targets(self, without=APART):
        """Of those, what meson still builds: a program that was renamed stays behind."""
        _, out = tap.run(["meson", "introspect", "--targets", self.folder])
        try:
            built = {os.path.relpath(n, self.folder) for t in json.loads(out) for n in t["filename"]}
        except ValueError:
            return self.programs(without)
        return [p for p in self.programs(without) if p in built]


class Seat:
    """One place at the bench: a copy of the sources, and a library of its own."""

    def __init__(self, bench, number):
        self.bench = bench
        self.home = os.path.join(bench.folder, f"seat{number}")
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(os.path.join(tap.TOP, "src"), os.path.join(self.home, "src"))
        self.original = None, b""  # the last file that was broken, and what the compiler makes of it as it is

    def write(self, path, text):
        with open(os.path.join(self.home, path), "w", encoding="utf-8") as f:
            f.write(text)

    def compile(self, path, output, *options):
        """Compile the seat's copy of a file; what the compiler says when it does not."""
        words = self.bench.compiles[path][0]
        words = [w for w in words if w not in ("-MD", "-Werror")]
        for option in ("-MQ", "-MF", "-o", "-c"):
            at = words.index(option)
            del words[at:at + 2]
        words += ["-w", "-g0", *options, "-c", os.path.join(self.home, path), "-o", output]
        p = subprocess.run(words, cwd=self.bench.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return p.stdout if p.returncode != 0 else ""

    def link(self, own, *options):
        """A library of these objects by source, and of the bench's for the others."""
        words = next(iter(self.bench.compiles.values()))[0]
        objects = [own.get(path, o) for path, (_, o) in self.bench.compiles.items()]
        command = [words[0], "-shared", *options, "-o", os.path.join(self.home, "libumsi.so"), *objects]
        p = subprocess.run(command, cwd=self.bench.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return p.stdout if p.returncode != 0 else ""

    def build(self, path, text):
        """A library with this text for that file. '': built; 'same': the compiler makes the same of it; else why not."""
        original = tap.read(path)
        output = os.path.join(self.home, "mutant.o")
        if self.original[0] != path:
            wrong = self.compile(path, output)
            if wrong:
                return wrong
            self.original = path, contents(output)
        self.write(path, text)
        wrong = self.compile(path, output)
        self.write(path, original)
        if wrong:
            return wrong
        return "same" if contents(output) == self.original[1] else self.link({path: output})

    def instrument(self):
        """A library that counts which of its lines run; what goes wrong, if anything."""
        own = {path: os.path.join(self.home, path.replace("/", "-")[:-2] + ".o") for path in self.bench.compiles}
        for path, output in own.items():
            wrong = self.compile(path, output, "-O0", "--coverage", "-fprofile-update=atomic")
            if wrong:
                return wrong
        return self.link(own, "--coverage")

    def lines_run(self):
        """What the programs ran since the last call, as (path, line)."""
        counts = [f for f in os.listdir(self.home) if f.endswith(".gcda")]
        p = subprocess.run(["gcov", "--json-format", "--stdout", *counts], cwd=self.home, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True)
        found = set()
        for text in p.stdout.splitlines():
            for file in json.loads(text)["files"]:
                path = os.path.relpath(os.path.join(self.bench.folder, file["file"]), self.home)
                found.update((path, line["line_number"]) for line in file["lines"] if line["count"] > 0)
        for f in counts:
            os.unlink(os.path.join(self.home, f))
        return found

    def run(self, program, seconds, wall=WALL):
        """(failed, in which case, how). `seconds` of processor time, and never longer than `wall`."""
        environment = {**os.environ, **ENVIRONMENT, "LD_LIBRARY_PATH": self.home}
        leader, follower = pty.openpty()  # a terminal: lines come out as they are written, even of what crashes
        p = subprocess.Popen(["sh", "-c", f'ulimit -c 0; ulimit -v 16000000; ulimit -t {seconds}; exec "./$0"', program], cwd=self.bench.folder,
                             env=environment, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower)
        os.close(follower)
        output, late = drain(leader, p, wall)
        os.close(leader)
        case = re.findall(r"\[ RUN +\] (\S+)", output)
        how = "hangs" if late or p.returncode in (-24, -9, 152, 137) else "crashes" if p.returncode in (-11, -7, -8) else "fails"
        return p.returncode != 0, case[-1] if case else "", how


def contents(path):
    with open(path, "rb") as f:
        return f.read()


def drain(leader, p, wall):
    """What a program says until it ends, and whether it had to be ended."""
    said, end, late = [], time.monotonic() + wall, False
    while True:
        ready, _, _ = select.select([leader], [], [], 0.5)
        if ready:
            try:
                data = os.read(leader, 65536)
            except OSError:  # the other side is closed
                data = b""
            if not data:
                break
            said.append(data)
        elif p.poll() is not None:
            break
        if time.monotonic() > end:
            late = True
            p.kill()
            break
    p.wait()
    return b"".join(said)[-200000:].decode("utf-8", "replace"), late
