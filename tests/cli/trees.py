#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every verb, on every captured tree of the collection next to the repository: the result or the error conforms to its
schema. No verb crashes or prints foreign text unescaped."""
import os
import re
import subprocess
import sys
import tempfile

from collection import archives, unpacked
from schema import errors

gpupass = os.environ["GPUPASS"]
RUNS = [("list", ["list"]), ("show", ["show", "all"]), ("groups", ["groups"]), ("slices", ["slices"]), ("topology", ["topology"]),
        ("matrix", ["topology", "--matrix"]),
        ("place", ["place"]), ("xml", ["xml", "guest1"]), ("plan", ["-n", "bind", "all"]), ("plan", ["-n", "release", "all"])]
RAW = re.compile(rb"[^\n\x20-\x7e\x80-\xff]|\xc2[\x80-\x9f]")
failed = False


def fail(*words):
    global failed
    failed = True
    print("FAILED:", *words)


def run(root, words):
    ran = subprocess.run([gpupass, "--root", root, *words], capture_output=True, timeout=120)
    title = " ".join([os.path.basename(root), *words])
    if ran.returncode not in (0, 1, 3):
        fail(f"{title}: exit status {ran.returncode}: {ran.stderr.decode(errors='replace')[:300]}")
    if RAW.search(ran.stdout) or RAW.search(ran.stderr):
        fail(f"{title}: control characters")
    return title, ran


with tempfile.TemporaryDirectory() as folder:
    for archive in archives():
        root = unpacked(archive, folder)
        for name, words in RUNS:
            run(root, words)
            title, ran = run(root, [*words, "--json"])
            for error in errors(name if ran.returncode == 0 else "error", ran.stdout):
                fail(f"{title}: {error}")

if failed:
    sys.exit(1)
print("all as expected")
