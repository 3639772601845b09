# SPDX-License-Identifier: MIT
"""The library compiled as kernels compile it: both compilers, three architectures, two dialects."""
import concurrent.futures
import os
import platform
import shutil
import sys

import tap

WARN = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wstrict-prototypes", "-Wmissing-prototypes",
        "-Wundef", "-Werror"]
KERNEL = ["-ffreestanding", "-nostdinc", "-fno-common", "-fno-pic", "-fno-asynchronous-unwind-tables",
          "-fno-stack-protector", "-Wstack-usage=1024", "-Iinclude"]

# Architecture -> (prefix of gcc's, clang's target, flags kernels use there)
ARCHES = {
    "aarch64": (os.environ.get("UMSI_CROSS", "aarch64-linux-gnu-"), "aarch64-none-elf",
                ["-mgeneral-regs-only", "-mstrict-align", "-mno-outline-atomics"]),
    "riscv64": ("riscv64-linux-gnu-", "riscv64-none-elf",
                ["-march=rv64imac", "-mabi=lp64", "-mcmodel=medany"]),
    "x86-64": ("x86_64-linux-gnu-", "x86_64-none-elf",
               ["-m64", "-mno-red-zone", "-mcmodel=kernel", "-mgeneral-regs-only"]),
}
# The dialects with different optimisation, so that more of what a compiler may call is seen.
DIALECTS = {"c11": "-O2", "gnu11": "-Os"}
# Without all that include/umsi/parts.h lets a builder leave out.
SMALLEST = ["-DUMSI_LOG_LEVELS=0", "-DUMSI_WITH_EXPLAIN=0", "-DUMSI_WITH_SLEEP=0", "-DUMSI_WITH_MOVES=0",
            "-DUMSI_WITH_RESTART=0", "-DUMSI_WITH_INTX=0"]


def gcc_for(arch, prefix):
    """The cross compiler; on a host of that architecture its own will do."""
    if shutil.which(prefix + "gcc") is None and platform.machine().replace("_", "-") == arch:
        return "gcc"
    return prefix + "gcc"


def configurations():
    """(name, command without file names) of each way to compile."""
    for arch, (prefix, target, flags) in ARCHES.items():
        for compiler in ("gcc", "clang"):
            base = [gcc_for(arch, prefix)] if compiler == "gcc" else ["clang", "--target=" + target]
            # clang 14 knows -Wstack-usage only as an unknown warning.
            kernel = [f for f in KERNEL if compiler == "gcc" or "stack-usage" not in f]
            _, own = tap.run([base[0], "-print-file-name=include"])
            if compiler == "clang":
                _, resources = tap.run(["clang", "-print-resource-dir"])
                own = resources.strip() + "/include"
            for dialect, optimise in DIALECTS.items():
                command = base + ["-std=" + dialect, optimise, "-isystem", own.strip()] + kernel + flags + WARN
                yield f"{compiler} {arch} {dialect}", command
            yield f"{compiler} {arch} smallest", command + SMALLEST


def library_sources():
    """(part, path) of what the library proper is made of; the firmware readers need libfdt."""
    return [(part, path) for part, path in tap.sources() if part != "fw"]


def object_of(configuration, path):
    return os.path.join(tap.BUILD, "freestanding", configuration.replace(" ", "-"),
                        path.replace("/", "_") + ".o")


def compile_all(name, command):
    """Compile every source file; the output of those that failed."""
    def one(path):
        target = object_of(name, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.exists(target):
            os.remove(target)
        status, out = tap.run(command + ["-c", path, "-o", target])
        return f"{path}:\n{out}" if status or out else None

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [p for p in pool.map(one, [path for _, path in library_sources()]) if p]


def objects(name):
    """(part, path of the object) of a configuration; compiled now when one is missing or older than the tree."""
    newest = max(os.path.getmtime(os.path.join(tap.TOP, f)) for f in tap.tree(".c", ".h")
                 if f.startswith(("src/", "include/")))
    pairs = [(part, object_of(name, path)) for part, path in library_sources()]
    if any(not os.path.exists(o) or os.path.getmtime(o) < newest for _, o in pairs):
        failed = compile_all(name, dict(configurations())[name])
        if failed:
            print("#", failed[0], file=sys.stderr)
    return [(part, o) for part, o in pairs if os.path.exists(o)]
