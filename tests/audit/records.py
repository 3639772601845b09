# SPDX-License-Identifier: MIT
"""umsi's trace records (umsi/trace.h), made by hand, and what umsi-audit is to find in them."""
import struct

COMMAND, DOORBELL, DONE, STALL, BYTE, PREPARE, TEARDOWN = range(1, 8)
OPCODE = {"MOVI": 1, "INT": 3, "CLEAR": 4, "SYNC": 5, "MAPD": 8, "MAPC": 9, "MAPTI": 10, "INV": 12, "INVALL": 13,
          "DISCARD": 15, "VSGI": 0x23}
VALID = 1 << 63


def record(kind, *args, cpu=0, its=0x1000, order="<"):
    args = (list(args) + [0] * 4)[:4]
    return struct.pack(order + "HHIQQ4Q", kind, 56, cpu, 5, its, *args)


def command(name, d=0, e=0, i=0, c=0, rd=0, size=1, itt=0x40000000, v=1, odd=0, cpu=0, order="<"):
    op = OPCODE[name]
    dw = {"MAPD": [d << 32 | op, size, itt | (VALID if v else 0), 0],
          "MAPC": [op, 0, rd << 16 | c | (VALID if v else 0), 0],
          "MAPTI": [d << 32 | op, i << 32 | e, c, 0],
          "MOVI": [d << 32 | op, e, c, 0],
          "SYNC": [op, 0, rd << 16, 0],
          "INVALL": [op, 0, c, 0],
          "VSGI": [op, 0, 0, 0]}.get(name, [d << 32 | op, e, 0, 0])
    dw[0] |= odd
    return record(COMMAND, *dw, cpu=cpu, order=order)


def done(status=0, cpu=0):
    return record(DONE, 0x100, status, cpu=cpu)


def prepare(d, n=4, status=0):
    return record(PREPARE, d, n, status, its=0x2000)


def teardown(d):
    return record(TEARDOWN, d, its=0x2000)


def byte(i, v=0, cpu=0):
    return record(BYTE, i, v, cpu=cpu, its=0x3000)


UP = [x for c in (0, 1) for x in (command("MAPC", c=c, rd=c), command("SYNC", rd=c), command("INVALL", c=c), command("SYNC", rd=c))]
MAP = UP + [command("MAPD", d=8), command("SYNC"), done()]
ONE = MAP + [prepare(8), command("MAPTI", d=8, i=8192), command("SYNC"), done()]
END = [command("DISCARD", d=8), command("SYNC"), done(), command("MAPD", d=8, v=0), command("SYNC"), done(), teardown(8)]

# name, records, options, what is found: check@record
CASES = [
    ("a life", ONE + END, ["--shutdown"], ""),
    # L30: the SYNC names the redistributor that held the interrupt; another CPU's wait is not this one's.
    ("SYNC to another", MAP + [prepare(8), command("MAPTI", d=8, i=8192, c=1), command("SYNC", rd=0), done(),
                               command("SYNC", rd=1)], [], "sync-missing@15"),
    ("MOVI wants the old one", ONE + [command("MOVI", d=8, c=1), command("SYNC", rd=1), done(), command("SYNC", rd=0)], [],
     "sync-missing@18"),
    ("MOVI done right", ONE + [command("MOVI", d=8, c=1), command("SYNC", rd=0), done()], [], ""),
    ("another CPU waits", ONE + [command("INT", d=8, cpu=1), done(cpu=0), command("SYNC", cpu=1), done(cpu=1)], [], ""),
    # L28, L29: INV after a byte.
    ("a byte without INV", ONE + [byte(8192), done()], [], "byte-without-inv@17"),
    ("a byte with INV", ONE + [byte(8192), command("INV", d=8), command("SYNC"), done()], [], ""),
    ("a byte with INVALL", ONE + [byte(8192), command("INVALL"), command("SYNC"), done()], [], ""),
    ("a stale byte", MAP + [byte(8192), prepare(8), command("MAPTI", d=8, i=8192), command("SYNC"), done()], [],
     "stale-without-inv@16"),
    ("a stale byte and INV", MAP + [byte(8192), prepare(8), command("MAPTI", d=8, i=8192), command("INV", d=8), command("SYNC"),
                                    done()], [], ""),
    # L31
    ("reserved bits", ONE + [command("INV", d=8, odd=1 << 12), command("SYNC"), done()], [], "reserved-bits@16"),
    # L22: a table is used again before CREADR was seen, or before the SYNC.
    ("a table too early", MAP + [command("MAPD", d=8, v=0), command("MAPD", d=9), command("SYNC"), done()], [],
     "itt-reused-early@13"),
    ("a table without SYNC", MAP + [command("MAPD", d=8, v=0), done(), command("MAPD", d=9), command("SYNC"), done()], [],
     "itt-reused-unsynced@14"),
    # L2, L3, L4
    ("teardown twice", ONE + END + [teardown(8)], [], "teardown-unpaired@23"),
    ("no teardown", ONE + END[:-1], ["--shutdown"], "teardown-unpaired@21"),
    ("no prepare", ONE + [command("MAPD", d=9, itt=0x50000000), command("MAPTI", d=9, i=8193), command("SYNC"), done()], [],
     "unprepared@17"),
    ("teardown too early", ONE + [teardown(8)], [], "teardown-live@16"),
    ("prepare for nothing", MAP + [prepare(8, 0)], [], "prepare-empty@12"),
    ("two functions, one DeviceID", ONE + [prepare(8), teardown(8)] + END, ["--shutdown"], ""),
    ("Clear and a priority", UP + [command("VSGI", odd=0x200 | 0x500000)], [], "vsgi-clear@9 outstanding@9"),
    # A stall: what the ITS did is not known.
    ("a stall", ONE + [command("DISCARD", d=8), record(STALL, 0x101), done(6), command("DISCARD", d=8), command("SYNC"), done()] + END[3:],
     [], ""),
]


def swapped():
    """A life in the other byte order."""
    out = []
    for r in ONE + END:
        out.append(struct.pack(">HHIQQ4Q", *struct.unpack("<HHIQQ4Q", r)))
    return b"".join(out)
