#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every JSON document conforms to its installed schema."""
import os
import subprocess
import sys

from schema import SOURCE, errors

gpupass = os.environ["GPUPASS"]
host = SOURCE / "examples/hosts/8gpu-2socket.host"
failed = False


def check(title, name, text):
    global failed
    for error in errors(name, text):
        print(f"FAILED: {title}: {error}")
        failed = True


for golden in sorted((SOURCE / "tests/render/golden").glob("*.json")):
    check(golden.name, {"placement": "place"}.get(golden.stem, golden.stem), golden.read_text())

runs = {
    "list": ["list"],
    "show": ["show", "all"],
    "groups": ["groups"],
    "topology": ["topology"],
    "place": ["place", "--gpus", "1"],
    "packing": ["place", "--requests", SOURCE / "examples/requests.json"],
    "xml": ["xml", "guest1"],
    "xml with a difference": ["xml", "guest1", "--diff", "--base", SOURCE / "tests/domain/base/pc.xml"],
    "plan": ["-n", "bind", "all"],
    "check": ["check"],
    "report": ["-c", "test:///default", "define", "guest1"],
    "error": ["show", "ffff:ff:1f.7"],
}
for name, words in runs.items():
    ran = subprocess.run([gpupass, "--root", host, "--json", *words], capture_output=True, text=True, timeout=120)
    check(f"gpupass {name}", name.split()[0], ran.stdout)

if failed:
    sys.exit(1)
print("all as expected")
