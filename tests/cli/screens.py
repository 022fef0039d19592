#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a person sees on terminals of 80x24 and of 132 columns: each verb over each example host.

No line is wider than the terminal, `status` needs no more than 24 lines, and the screens are the golden ones in
tests/cli/screens/. Names of devices depend on the machine's pci.ids: where it is another version than that of the
goldens, only the widths are checked. GPUPASS_REGENERATE_GOLDENS=1 writes the goldens anew.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

from terminal import screen, version_of_names

GPUPASS = os.environ["GPUPASS"]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
GOLDENS = SOURCE / "tests/cli/screens"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
REGENERATE = bool(os.environ.get("GPUPASS_REGENERATE_GOLDENS"))
failed = False


def fail(message):
    global failed
    failed = True
    print(f"FAILED: {message}")


def gpu_of(host):
    ran = subprocess.run([GPUPASS, "--root", host, "--json", "list"], capture_output=True, text=True, check=True)
    return next(gpu["address"] for gpu in json.loads(ran.stdout)["gpus"] if gpu["assignable"] == "yes")


def verbs(gpu):
    return [["status"], ["list"], ["check"], ["topology"], ["topology", "--matrix"], ["place", "--gpu", gpu, "--vcpus", "4", "--memory", "8G"],
            ["bind", "-n", "all"], ["give", "-n", "vm", gpu], ["place", "--gpus", "20"]]


def compare(name, text):
    golden = GOLDENS / name
    header = f"# pci.ids {version_of_names()}\n"
    if REGENERATE:
        GOLDENS.mkdir(exist_ok=True)
        golden.write_text(header + text)
        return
    if not golden.exists():
        fail(f"there is no {golden.name}")
        return
    expected = golden.read_text()
    if expected.splitlines()[0] + "\n" != header:
        print(f"{name}: names of another pci.ids, only widths are checked")
    elif expected != header + text:
        (pathlib.Path.cwd() / name).write_text(header + text)
        fail(f"{name} differs: diff {golden} {pathlib.Path.cwd() / name}")


for host in sorted((SOURCE / "examples/hosts").glob("*.host")):
    gpu = gpu_of(host)
    for columns, rows in ((80, 24), (132, 50)):
        text = ""
        for words in verbs(gpu):
            shown = COLOUR.sub("", screen(columns, rows, ["--root", host, *words]))
            title = "gpupass " + " ".join(words)
            for line in shown.splitlines():
                if len(line) > columns:
                    fail(f"{host.stem}, {title}: {len(line)} columns of {columns}: {line}")
            if words == ["status"] and len(shown.splitlines()) >= rows:
                fail(f"{host.stem}, {title}: {len(shown.splitlines())} lines")
            text += f"$ {title}\n{shown}\n"
        compare(f"{host.stem}.{columns}", text)

# A tree is drawn with lines where the locale has them.
words = ["--root", SOURCE / "examples/hosts/8gpu-2socket.host", "topology"]
for environment, drawn in (({}, True), ({"LC_ALL": "C"}, False), ({"TERM": "dumb"}, False),
                           ({"LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.utf8"}, True)):
    if drawn != ("├─ 16:01.0  root port" in screen(80, 24, words, **environment)):
        fail(f"lines of a tree on a terminal with {environment}: expected {drawn}")
if not subprocess.run([GPUPASS, *words], capture_output=True, check=True).stdout.isascii():
    fail("lines of a tree in a pipe")

# Colour is for terminals that want it.
host = SOURCE / "examples/hosts/8gpu-2socket.host"
words = ["--root", host, "list"]
if not COLOUR.search(screen(80, 24, words)):
    fail("no colour on a terminal")
for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
    if "\x1b" in screen(80, 24, words, **environment):
        fail(f"colour although {environment}")
if "\x1b" in subprocess.run([GPUPASS, *words], capture_output=True, text=True, check=True).stdout:
    fail("colour in a pipe")

if failed:
    sys.exit(1)
print("all as expected")
