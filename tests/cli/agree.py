#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What one verb says of a GPU, all verbs say: list, check, bind -n, place and xml, for each GPU of each machine: those of
examples/, of tests/field/, and of the collection next to the repository."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from collection import COLLECTION, SOURCE, unpacked

gpupass = os.environ["GPUPASS"]
# A placement moves nothing: it warns of a display that bind would take from the host.
OF_DISPLAY = {"gpu.boot-display", "gpu.only-display", "gpu.console", "gpu.framebuffer"}
REFUSED = 3
disagreements = 0


def run(root, *words):
    ran = subprocess.run([gpupass, "-q", "--root", root, *words], capture_output=True, text=True, timeout=120)
    return ran.returncode, ran.stdout, ran.stderr


def disagree(root, gpu, said, instead):
    global disagreements
    disagreements += 1
    print(f"{os.path.basename(root)} {gpu['address']}: list says {gpu['assignable']} {gpu['reasons']}, but {said}: {instead.strip()[:400]}")


def about_the_gpu(text, gpu):
    return any(address in text for address in [gpu["address"], *gpu["functions"]])


def compare(root):
    status, out, err = run(root, "list", "--json")
    if status != 0:
        return 0  # trees.py tells of it.
    gpus = json.loads(out)["gpus"]
    for gpu in gpus:
        said, reasons = gpu["assignable"], set(gpu["reasons"])
        status, out, _ = run(root, "check", "--json", gpu["address"])
        fails = {finding["id"] for finding in json.loads(out)["findings"] if finding["verdict"] == "fail"}
        if said == "no" and gpu["state"] != "assigned" and not reasons & fails:
            disagree(root, gpu, "check does not fail for it", ", ".join(sorted(fails)))
        if said == "yes" and fails:
            disagree(root, gpu, "check fails", ", ".join(sorted(fails)))
        status, out, err = run(root, "-n", "bind", gpu["address"])
        bound = gpu["state"] in ("vfio", "assigned")
        if said == "yes" and status != 0:
            disagree(root, gpu, "bind refuses", err)
        if said == "no" and status == 0 and not bound:
            disagree(root, gpu, "bind takes it", out)
        if bound and "gpu.reset" in reasons:
            disagree(root, gpu, "it is bound, and what comes back from a guest is told by check", "")
        for words in (["place", "--gpu", gpu["address"]], ["xml", "a-new-guest", "--gpu", gpu["address"]]):
            status, out, err = run(root, *words)
            if said == "no" and status == 0 and not reasons <= OF_DISPLAY:
                disagree(root, gpu, f"{words[0]} takes it", "")
            if said == "yes" and status == REFUSED and about_the_gpu(err.split("expected")[0], gpu):
                disagree(root, gpu, f"{words[0]} refuses it", err)
    return len(gpus)


def machines(folder):
    yield from sorted((SOURCE / "examples/hosts").glob("*.host"))
    yield from sorted((SOURCE / "tests/field").glob("*.host"))
    yield from (pathlib.Path(path) for path in sys.argv[1:])
    for archive in sorted((COLLECTION / "derived-sysfs").glob("*.tar.xz")):
        yield unpacked(archive, folder)


with tempfile.TemporaryDirectory() as scratch:
    counts = [compare(str(root)) for root in machines(scratch)]
print(f"{sum(counts)} GPUs of {len(counts)} machines, {disagreements} disagreements")
sys.exit(1 if disagreements else 0)
