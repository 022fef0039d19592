#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every command of README.md that is shown with its output prints that output; a line "..." stands for any lines.

GPUPASS_REGENERATE_GOLDENS=1 writes what the commands print into README.md: all of it, without "...".
"""
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
README = SOURCE / "README.md"
BLOCK = re.compile(r"^    \$ (gpupass .*)\n((?:    (?!\$ ).*\n)*)", re.M)
ENVIRONMENT = os.environ | {"GPUPASS_ROOT": str(SOURCE / "examples/hosts/8gpu-2socket.host"), "LC_ALL": "C.UTF-8"}


def printed(command):
    words = command.split()
    ran = subprocess.run([os.environ["GPUPASS"], *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         stdin=subprocess.DEVNULL, text=True, env=ENVIRONMENT, check=False)
    return ran.stdout


def matches(shown, output):
    parts = [re.escape(part) for part in re.split(r"(?m)^\.\.\.\n", shown)]
    return re.fullmatch(r"(?:.*\n)*".join(parts), output) is not None


text = README.read_text()
blocks = list(BLOCK.finditer(text))
failed = len(blocks) < 4
if failed:
    print(f"FAILED: README.md has {len(blocks)} commands with their output")
if os.environ.get("GPUPASS_REGENERATE_GOLDENS"):
    indented = lambda command: "".join(f"    {line}\n" for line in printed(command).splitlines())  # noqa: E731
    README.write_text(BLOCK.sub(lambda block: f"    $ {block[1]}\n{indented(block[1])}", text))
    sys.exit(0)
for block in blocks:
    shown = re.sub(r"(?m)^    ", "", block[2])
    output = printed(block[1])
    if not matches(shown, output):
        print(f"FAILED: $ {block[1]}\nREADME.md:\n{shown}\nprinted:\n{output}")
        failed = True
sys.exit(1 if failed else 0)
