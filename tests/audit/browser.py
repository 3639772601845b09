# SPDX-License-Identifier: MIT
"""The page in a real browser, headless Chromium: what it makes of it, and what one sees, in light and in dark."""
import os
import re
import shutil
import subprocess

import png
import tap

WIDTH, HEIGHT = 1000, 620
# Colours of the page's style sheet (audit/report/html.c).
LIGHT = {"background": "#fbfbf9", "map": "#c4c7cc", "first collection": "#3b82c4", "second collection": "#d98324", "leak": "#c0262d"}
DARK = {"background": "#15171a", "map": "#4a4e55", "first collection": "#3b82c4", "second collection": "#d98324", "leak": "#ff7b72"}
# Pixels of it that the leaking trace's drawing has at least; there are some thousand of each in truth.
LEAST = {"background": 50000, "map": 1000, "first collection": 1000, "second collection": 500, "leak": 150}


def chromium(work, *arguments):
    """Standard output, or None. No network: the page must not want one."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    p = subprocess.run([program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--force-device-scale-factor=1",
                        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={work}/chromium", f"--window-size={WIDTH},{HEIGHT}",
                        *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300)
    return p.stdout.decode(errors="replace")


def check_page(work, page):
    """The file by itself."""
    with open(page, encoding="utf-8") as f:
        text = f.read()
    outside = re.findall(r"https?://[^\"'< )]*|<script|<link|@import|src=", text)
    outside += [u for u in re.findall(r"url\([^)]*\)", text) if u != "url(#hatch)"]
    tap.check("page: it stands alone", [f"it has {o}" for o in outside])


def check_dom(work, page):
    dom = chromium(work, "--dump-dom", "file://" + page)
    wanted = ['data-status="breaches"', 'data-check="mapd-leak"', 'data-device="0x8" data-leak="yes"', "map 7: MAPD V=1 in line 77, still mapped",
              "EventID 2 on collection 0, from line 82 to 88", "leak: mapped with no event since line 88", "7 maps, 17 vectors, 81 commands"]
    problems = [f"no {w}" for w in wanted if w not in dom]
    bars = len(re.findall(r'<rect [^>]*class="bar ', dom))
    problems += [] if bars == 17 else [f"{bars} events are drawn, not 17"]
    problems += [] if dom.count('class="life"') == 7 else ["not 7 maps"]
    tap.check("page: what the browser makes of it", problems)


def check_picture(work, page, name, scheme, colours):
    picture = os.path.join(work, name + ".png")
    chromium(work, f"--blink-settings=preferredColorScheme={scheme}", f"--screenshot={picture}", "file://" + page)
    if not os.path.exists(picture):
        tap.not_ok(f"page: {name}", "the browser took no picture")
        return
    width, height, lines = png.read(picture)
    seen = {what: png.count(lines, colour) for what, colour in colours.items()}
    problems = [f"{what}: {n} pixels of {colours[what]}, wanted {LEAST[what]}" for what, n in seen.items() if n < LEAST[what]]
    problems += [] if (width, height) == (WIDTH, HEIGHT) else [f"{width} x {height} pixels"]
    problems += where(lines, colours)
    tap.check(f"page: {name}, {seen['leak']} pixels of leak", problems)


def where(lines, colours):
    """The leak is at the right end of the drawing, right of all events."""
    def columns(what):
        return [x for line in lines[HEIGHT // 3:] for x, p in enumerate(line) if png.near(p, colours[what])]
    leak, events = columns("leak"), columns("second collection")
    return [] if leak and events and max(leak) > max(events) else ["the leak is not at the end"]


def check(work, audit):
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        tap.ok("page # skip: no chromium here")
        return
    page = os.path.join(work, "page.html")
    subprocess.run([audit, "-q", "--html", page, "tests/data/traces/linux-6.12-multi-msi-3.trace"], cwd=tap.TOP, stdout=subprocess.DEVNULL,
                   check=False)
    check_page(work, page)
    check_dom(work, page)
    check_picture(work, page, "light", 1, LIGHT)
    check_picture(work, page, "dark", 0, DARK)
