# SPDX-License-Identifier: MIT
"""A PNG's pixels: 8 bits, RGB or RGBA, not interlaced, which is what browsers write."""
import struct
import zlib


def read(path):
    """Width, height, and a list of rows of (r, g, b)."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    at, packed, header = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        header = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    width, height, depth, colour, _, _, interlaced = header
    if depth != 8 or colour not in (2, 6) or interlaced:
        raise ValueError(f"a PNG of kind {header}")
    channels = 3 if colour == 2 else 4
    return width, height, rows(zlib.decompress(packed), width, height, channels)


def unfilter(kind, line, above, step):
    """One line, in place: PNG 9.2."""
    for x in range(len(line)):
        a = line[x - step] if x >= step else 0
        b = above[x]
        if kind == 1:
            line[x] = (line[x] + a) & 255
        elif kind == 2:
            line[x] = (line[x] + b) & 255
        elif kind == 3:
            line[x] = (line[x] + (a + b) // 2) & 255
        elif kind == 4:
            c = above[x - step] if x >= step else 0
            p = a + b - c
            pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
            line[x] = (line[x] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255


def rows(raw, width, height, channels):
    stride, out, above = width * channels, [], bytearray(width * channels)
    for y in range(height):
        at = y * (stride + 1)
        line = bytearray(raw[at + 1:at + 1 + stride])
        if raw[at]:
            unfilter(raw[at], line, above, channels)
        out.append([tuple(line[x:x + 3]) for x in range(0, stride, channels)])
        above = line
    return out


def near(pixel, colour, within=12):
    wanted = tuple(int(colour[n:n + 2], 16) for n in (1, 3, 5))
    return all(abs(a - b) <= within for a, b in zip(pixel, wanted))


def count(lines, colour):
    return sum(near(pixel, colour) for line in lines for pixel in line)
