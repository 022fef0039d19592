#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The drawings and reports of every machine are well-formed and self-contained; in a drawing no text leaves its
box, and no box covers another one."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from collection import COLLECTION, SOURCE, unpacked
from large_machine import sixteen_gpus

GPUPASS = os.environ["GPUPASS"]
SVG = "{http://www.w3.org/2000/svg}"
CELL = {"small": 11 * 0.61, "ordinary": 13 * 0.61}  # A character of a fixed-width font is 0.61 of its size wide.
failed = False


def fail(*words):
    global failed
    failed = True
    print("FAILED:", *words)


def made(host, *words):
    ran = subprocess.run([GPUPASS, "-q", "--root", host, *words], capture_output=True, timeout=120)
    if ran.returncode not in (0, 3):
        fail(f"{host}: {words}: exit status {ran.returncode}: {ran.stderr.decode(errors='replace')[:300]}")
    return ran.stdout


def area(rect):
    x, y, width, height = (float(rect.get(name, 0)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def within(inner, outer):
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def extent(text):
    """What a text covers, with wide characters for all that is not ASCII."""
    size = "small" if "small" in text.get("class").split() else "ordinary"
    width = sum(CELL[size] * (1 if character.isascii() else 2) for character in text.text or "")
    x, y = float(text.get("x")), float(text.get("y"))
    left = x - width if text.get("text-anchor") == "end" else x
    return left, y - 6, left + width, y + 6


def check_drawing(title, root):
    """A text is in the box of its group; on the page, in a frame or the page itself."""
    page = area(root.find(f"{SVG}rect"))
    if page[2:] != tuple(float(root.get(name)) for name in ("width", "height")):
        fail(f"{title}: the page is not as large as the drawing")
    boxes = []
    for group in root.iter(f"{SVG}g"):
        box = area(group.find(f"{SVG}rect"))
        boxes.append(box)
        texts = [extent(text) for text in group.findall(f"{SVG}text")]
        for text in texts:
            if not within(text, box):
                fail(f"{title}: a text leaves its box: {ElementTree.tostring(group, 'unicode')[:400]}")
        for at, text in enumerate(texts):
            if any(overlap(text, other) for other in texts[at + 1:]):
                fail(f"{title}: two texts of a box meet: {ElementTree.tostring(group, 'unicode')[:400]}")
    for at, box in enumerate(boxes):
        if not within(box, page) or any(overlap(box, other) for other in boxes[at + 1:]):
            fail(f"{title}: a box leaves the page or covers another one: {box}")
    frames = [area(rect) for rect in root.findall(f"{SVG}rect")]
    for text in root.findall(f"{SVG}text"):
        if not any(within(extent(text), frame) for frame in frames):
            fail(f"{title}: a text leaves the page: {text.text}")
    return len(boxes)


def check(title, host):
    drawing = made(host, "topology", "--svg", "-")
    try:
        boxes = check_drawing(title, ElementTree.fromstring(drawing))
    except ElementTree.ParseError as error:
        fail(f"{title}: {error}")
        return 0
    for name, text in (("drawing", drawing), ("report", made(host, "check", "--html", "-"))):
        if re.search(rb"<script|\b(src|href)=|@import|url\(", text):
            fail(f"{title}: the {name} has a script, or needs something from elsewhere")
        if xmllint:  # The report is XHTML as well, so that a tag that is never closed is found.
            ran = subprocess.run([xmllint, "--noout", "-"], input=text.replace(b"<!DOCTYPE html>\n", b""),
                                 capture_output=True, check=False)
            if ran.returncode != 0:
                fail(f"{title}: the {name} is not well-formed: {ran.stderr.decode(errors='replace')[:400]}")
    return boxes


xmllint = shutil.which("xmllint")
with tempfile.TemporaryDirectory() as folder:
    machines = [*sorted((SOURCE / "examples/hosts").glob("*.host")), *sorted((SOURCE / "tests/field").glob("*.host"))]
    machines += [unpacked(archive, folder) for archive in sorted((COLLECTION / "derived-sysfs").glob("*.tar.xz"))]
    large = pathlib.Path(folder) / "16-gpus.host"
    large.write_text(sixteen_gpus())
    drawing = made(large, "topology", "--svg", "-").decode()
    for health in ("best", "resting", "slow", "narrow"):
        if f'<line class="{health}"' not in drawing:
            fail(f"16-gpus.host: no link is {health}")
    if drawing.count('class="gpu"') != 17 or len(re.findall(r"<title>\S+ NVSwitch", drawing)) != 4:
        fail("16-gpus.host: not every GPU and NVSwitch is drawn")
    machines.append(large)
    boxes = sum(check(os.path.basename(host), host) for host in machines)
print(f"{len(machines)} machines, {boxes} boxes")
sys.exit(1 if failed or boxes < 500 else 0)
