#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The instructions that calls of the library take, as Callgrind counts them: instructions.py LIBRARY_CALLS COMPILER

They are the same whatever else the machine does. instructions.txt has the counts of each compiler that somebody has measured
with; a call that takes a tenth more fails. Other compilers, and other versions of the C and C++ libraries, make other code:
with a compiler that is not there, this says the counts and skips. GPUPASS_REGENERATE_GOLDENS=1 writes them.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
HOST = HERE.parents[1] / "examples/hosts/8gpu-2socket.host"
RECORD = HERE / "instructions.txt"
CALLS = {"probe": 2, "place": 4, "plan_bind": 4, "make_definition": 4}  # And how often it is made.

if not shutil.which("valgrind"):
    print("no valgrind")
    sys.exit(77)
program, compiler = sys.argv[1:]


def instructions(call, times, folder):
    ran = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", program, HOST, call, str(times)],
                         capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", ran.stderr)[1])


record = dict(line.rsplit(" ", 1) for line in RECORD.read_text().splitlines() if line)
seen, failed = {}, False
with tempfile.TemporaryDirectory() as scratch:
    none = instructions("probe", 0, scratch)
    for call, times in CALLS.items():
        seen[f"{compiler} {call}"] = (instructions(call, times, scratch) - none) // times
for name, count in seen.items():
    before = int(record.get(name, 0))
    rise = f", {count / before - 1:+.1%} of {before}" if before else ""
    print(f"{name}: {count} instructions{rise}")
    failed |= bool(before) and count > 1.1 * before
if os.environ.get("GPUPASS_REGENERATE_GOLDENS"):
    RECORD.write_text("".join(f"{name} {count}\n" for name, count in sorted((record | seen).items())))
elif not any(name in record for name in seen):
    sys.exit(77)
sys.exit(1 if failed else 0)
