#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every JSON document conforms to its installed schema."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import stand_in
from schema import SOURCE, errors, unused

gpupass = os.environ["GPUPASS"]
host = SOURCE / "examples/hosts/8gpu-2socket.host"
failed = False


def check(title, name, text):
    global failed
    for error in errors(name, text):
        print(f"FAILED: {title}: {error}")
        failed = True


for golden in sorted((SOURCE / "tests/render/golden").glob("*.json")):
    check(golden.name, {"placement": "place", "slices-mig": "slices", "export-mig": "export"}.get(golden.stem, golden.stem), golden.read_text())

runs = {
    "list": ["list"],
    "status": ["status"],
    "show": ["show", "all"],
    "groups": ["groups"],
    "slices": ["slices"],
    "fits": ["slices", "--fit", "3g.40gb,2g.20gb,1g.10gb"],
    "topology": ["topology"],
    "matrix": ["topology", "--matrix"],
    "place": ["place", "--gpus", "1"],
    "packing": ["place", "--requests", SOURCE / "examples/requests.json"],
    "xml": ["xml", "guest1"],
    "xml with a difference": ["xml", "guest1", "--diff", "--base", SOURCE / "tests/domain/base/pc.xml"],
    "plan": ["-n", "bind", "all"],
    "plan of a new guest": ["-n", "run", "new", "--image", "/srv/a.qcow2", "--cloud-init", __file__],
    "check": ["check"],
    "validate": ["-c", "test:///default", "validate", "test"],
    "report": ["-c", "test:///default", "define", "guest1"],
    "export": ["export"],
    "assert": ["assert", str(SOURCE / "tests/records/format-1/state.toml")],
    "error": ["show", "ffff:ff:1f.7"],
    "error of a guest that fits otherwise": ["place", "--vcpus", "300"],
    "error of a check": ["-n", "bind", "02:00.0"],
}
for name, words in runs.items():
    ran = subprocess.run([gpupass, "--root", host, "--json", *words], capture_output=True, text=True, timeout=120)
    check(f"gpupass {name}", name.split()[0], ran.stdout)

# Each line is a document: the events, and at last the report, the plan or the error.
for last, words in {
    "report": ["-c", "test:///default", "define", "guest1"],
    "plan": ["-n", "bind", "all"],
    "error": ["bind", "02:00.0", "--dry-run"],
    "error of a verb without events": ["list"],
}.items():
    ran = subprocess.run([gpupass, "--root", host, "--json-lines", *words], capture_output=True, text=True, timeout=120)
    *events, end = ran.stdout.splitlines()
    check(f"the last line of {words}", last.split()[0], end)
    for event in events:
        check(f"an event of {words}", "event", event)
    if (last == "report") != bool(events):
        print(f"FAILED: --json-lines {words} has {len(events)} events")
        failed = True

# Many hosts, with a stand-in for ssh.
with tempfile.TemporaryDirectory() as folder:
    environment = stand_in.place(f"#!/bin/sh\nGPUPASS_ROOT={host} exec {gpupass} __probe list\n", folder)
    ran = subprocess.run([gpupass, "--hosts", "-", "--json", "list"], input="a\nb\n", capture_output=True, text=True, timeout=120,
                         env=environment)
    document = json.loads(ran.stdout)
    for answer in document["hosts"]:
        check("the answer of a host", "list", json.dumps(answer.pop("answer")))
        answer["answer"] = {"format": 1}
    check("many hosts", "hosts", json.dumps(document))

# A machine with one GPU, what gpupass has written there, and an operation of a newer version.
with tempfile.TemporaryDirectory() as folder:
    root = pathlib.Path(folder)
    gpu = root / "sys/bus/pci/devices/0000:65:00.0"
    gpu.mkdir(parents=True)
    for name, text in {"class": "0x030200", "vendor": "0x10de", "device": "0x20b0"}.items():
        (gpu / name).write_text(text + "\n")
    records = SOURCE / "tests/records/format-1"
    (root / "etc/gpupass").mkdir(parents=True)
    shutil.copy(records / "boot-bindings", root / "etc/gpupass/boot-bindings")
    journal = root / "var/lib/gpupass/journal"
    shutil.copytree(records / "journal", journal)
    (journal / "1863738700123456-1").write_text('{"format": 2, "record": "begin", "subjects": ["0000:65:00.0"]}\n')
    tool = root / "usr/share/initramfs-tools"
    tool.mkdir(parents=True)
    (tool / "hook-functions").write_text("")
    pool = "sys/devices/system/node/node0/hugepages/hugepages-2048kB/"
    head = "# Of gpupass: gpupass-prepare(8) says what it is for, and gpupass prepare --undo removes it.\n"
    prepared = {
        "etc/default/grub.d/50-gpupass.cfg": head + 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT iommu=pt"',
        "etc/modules-load.d/gpupass.conf": head + "vfio-pci",
        "etc/tmpfiles.d/gpupass.conf": head + f"w! /{pool}nr_hugepages - - - - 4",
        "etc/os-release": "ID=debian",
        "etc/gpupass/settings": json.dumps({"format": 1, "settings": {
            "names": [], "reserved_cpus": "", "stop": [], "tune": ["ksm"],
            "defaults": {"numa": None, "page_size_bytes": None, "virt_type": None, "firmware": None}}}),
        "proc/sys/kernel/numa_balancing": "0",
        "run/gpupass/tuned": json.dumps({"format": 1, "tuned": {"guests": [], "settings": [
            {"tunable": {"kind": "numa-balancing", "name": ""}, "found": "1", "set": "0"}]}}),
        "proc/cmdline": "quiet iommu=pt",
        pool + "nr_hugepages": "4",
        pool + "free_hugepages": "4",
    }
    for path, text in prepared.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text + "\n")
    (root / "sys/class/iommu").mkdir(parents=True)
    for verb, words in [
        ("show", ["show", "0000:65:00.0"]),
        ("history", ["history"]),
        ("plan", ["-n", "boot", "install"]),
        ("plan", ["-n", "prepare", "--undo"]),
        ("plan", ["-n", "tune"]),
        ("export", ["export"]),
    ]:
        ran = subprocess.run([gpupass, "--root", root, "--json", *words], capture_output=True, text=True, timeout=120)
        check(f"gpupass {verb} of a small machine", verb, ran.stdout)

# GPUs that are cut, each in another way.
for name in ("vgpu-vfs-of-vendor-vfio", "xe-vfio-pci"):
    ran = subprocess.run([gpupass, "--root", SOURCE / f"tests/field/{name}.host", "--json", "export"], capture_output=True, text=True,
                         timeout=120)
    check(f"gpupass export of {name}", "export", ran.stdout)

for place in unused():
    print(f"FAILED: no document has what a schema names: {place}")
    failed = True

if failed:
    sys.exit(1)
print("all as expected")
