#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the SVG pictures of README.md: what gpupass shows on a terminal, colours included, and its own drawing.

    GPUPASS=build/quickstart/gpupass docs/pictures.py            writes the pictures beside this script
    GPUPASS=build/quickstart/gpupass docs/pictures.py --check    fails if one is not what gpupass shows now

Names of devices depend on the machine's pci.ids: with another version than that of the pictures there is no check.
"""
import argparse
import html
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests/cli"))
from terminal import screen, version_of_names  # noqa: E402

HOST = SOURCE / "examples/hosts/8gpu-2socket.host"
COLUMNS = 80
WIDTH, HEIGHT, MARGIN = 8.4, 18, 14
COLOURS = {"31": "#f7768e", "32": "#9ece6a", "33": "#e0af68", "2": "#8a92b2", "1": "#ffffff"}


def spans(line):
    """The parts of a line with their codes."""
    code, at = "", 0
    for escape in re.finditer(r"\x1b\[([0-9;]*)m", line):
        if line[at:escape.start()]:
            yield code, line[at:escape.start()]
        code, at = escape[1].strip("0"), escape.end()
    if line[at:]:
        yield code, line[at:]


def svg(lines, columns):
    width, height = round(columns * WIDTH + 2 * MARGIN), len(lines) * HEIGHT + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}" font-family="monospace" font-size="14" fill="#c0caf5">',
           f"<!-- pci.ids {version_of_names()} -->",
           f'<rect width="{width}" height="{height}" rx="8" fill="#1a1b26"/>']
    for row, line in enumerate(lines):
        column = 0
        for code, text in spans(line):
            x, y = MARGIN + column * WIDTH, MARGIN + row * HEIGHT + 13
            fill = f' fill="{COLOURS[code]}"' if code in COLOURS else ""
            length = f' textLength="{len(text) * WIDTH:.1f}"'
            if text.strip():
                out.append(f'<text x="{x:.1f}" y="{y}" xml:space="preserve"{length}{fill}>{html.escape(text)}</text>')
            column += len(text)
    return "\n".join(out + ["</svg>", ""])


def picture_of_status():
    return svg(["$ gpupass", *screen(COLUMNS, 50, ["--root", HOST, "status"]).splitlines()], COLUMNS)


def picture_of_topology():
    words = [os.environ["GPUPASS"], "--root", HOST, "topology", "--svg", "-"]
    first, rest = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split("\n", 1)
    return f"{first}\n<!-- pci.ids {version_of_names()} -->\n{rest}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    stale = []
    for name, text in {"status": picture_of_status(), "topology": picture_of_topology()}.items():
        path = SOURCE / f"docs/{name}.svg"
        if not check:
            path.write_text(text)
        elif not path.exists():
            stale.append(path.name)
        elif f"pci.ids {version_of_names()} " in path.read_text() and path.read_text() != text:
            stale.append(path.name)
    if stale:
        sys.exit(f"not what gpupass shows: {' '.join(stale)}; docs/pictures.py draws them anew")


if __name__ == "__main__":
    os.environ.setdefault("GPUPASS", str(SOURCE / "build/quickstart/gpupass"))
    main()
