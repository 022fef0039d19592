#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Opens the reports of `check --html` in a real browser, in windows of 320 and 1400 pixels, bright and dark: nothing needs
a horizontal scroll, no text leaves its box, all text can be read. The screenshots are for people to look at.

    GPUPASS=build/release/gpupass tests/report/run.py FOLDER
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path[:0] = [str(HERE), str(SOURCE / "tests/cli")]
from browser import Browser  # noqa: E402
from large_machine import sixteen_gpus  # noqa: E402

GPUPASS = os.environ["GPUPASS"]
MACHINES = ["examples/hosts/hybrid-1gpu", "examples/hosts/8gpu-2socket", "examples/hosts/epyc-nps4-8gpu",
            "tests/field/v100-groups-of-two", "tests/field/proxmox-off-on-the-command-line", "tests/field/arc-b570"]

program = shutil.which("chromium")
if not program:
    sys.exit("chromium is not installed")
shots = pathlib.Path(sys.argv[1])
shots.mkdir(parents=True, exist_ok=True)
failed = looks = 0
with tempfile.TemporaryDirectory() as folder:
    large = pathlib.Path(folder) / "16-gpus.host"
    large.write_text(sixteen_gpus())
    browser = Browser(program)
    for host in [*(SOURCE / f"{machine}.host" for machine in MACHINES), large]:
        page = shots / f"{host.stem}.html"
        subprocess.run([GPUPASS, "-q", "--root", host, "check", "--html", page], check=False, capture_output=True)
        for width in (320, 1400):
            for scheme in ("light", "dark"):
                browser.open(page, width, scheme)
                looks += 1
                for fault in browser.evaluate((HERE / "measure.js").read_text()):
                    failed += 1
                    print(f"FAILED: {host.stem}, {width} pixels, {scheme}: {fault}")
                browser.screenshot(shots / f"{host.stem}-{width}-{scheme}.png")
    # The measures themselves find faults.
    bad = shots / "bad.html"
    bad.write_text('<!DOCTYPE html><meta name="viewport" content="width=device-width"><p style="width:500px;color:#ccc">wide and pale</p>'
                   '<svg width="50" height="50"><g><rect width="10" height="10" fill="#000"/><text>0123456789</text></g></svg>')
    browser.open(bad, 320, "light")
    found = " ".join(browser.evaluate((HERE / "measure.js").read_text()))
    for word in ("wide on 320", "leaves the page", "leaves its box in the drawing", "has a contrast"):
        if word not in found:
            failed += 1
            print(f"FAILED: a bad page is not found to be bad: no \"{word}\" in {found}")
    bad.unlink()
    browser.close()
print(f"{looks} looks at reports, {failed} faults; the screenshots are in {shots}")
sys.exit(1 if failed else 0)
