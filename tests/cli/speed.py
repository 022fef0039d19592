#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The time of the main verbs, as whole processes, compared with the usual tools.

Compared is the time that the CPUs spend on each, so that what else the machine does at the time says little.

`gpupass xml`, which also chooses GPUs, CPUs and memory, is at least 20 times faster than `virt-install --print-xml`
for a guest with as many vCPUs, as much memory and the same GPUs.
`gpupass list` takes at most a quarter of the time of `lspci -Dnnkvv`, which looks up the same names, on the tree of a server
with 281 functions.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from collection import SOURCE, archives, unpacked

GPUS = 8

gpupass = os.environ["GPUPASS"]


def milliseconds(command):
    """Of a CPU, for the process and those that it has waited for."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return (usage.ru_utime + usage.ru_stime) * 1000


def by_turns(ours, theirs):
    """The times of many runs of both, alternating, so that other load on the machine affects both equally."""
    return zip(*[(milliseconds(ours), milliseconds(theirs)) for _ in range(20)])


def virt_install(definition):
    """The virt-install command for a definition with the same vCPUs, memory and host devices."""
    domain = xml.etree.ElementTree.fromstring(definition)
    unit = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[domain.find("memory").get("unit")]
    # libvirt's test driver needs no daemon. It has no host devices, so they are passed as XML.
    command = ["virt-install", "--connect", "test:///default", "--print-xml", "--name", domain.findtext("name"),
               "--memory", str(int(int(domain.findtext("memory")) * unit)), "--vcpus", domain.findtext("vcpu"),
               "--disk", "none", "--network", "none", "--graphics", "none", "--import",
               "--osinfo", "detect=off,require=off"]
    for number, device in enumerate(domain.findall("devices/hostdev"), 1):
        path = f"./devices/hostdev[{number}]"
        for name, value in device.items():
            command += ["--xml", f"{path}/@{name}={value}"]
        for name, value in device.find("source/address").items():
            command += ["--xml", f"{path}/source/address/@{name}={value}"]
    return command


def xml_is_faster():
    host = SOURCE / "examples/hosts/8gpu-2socket.host"
    ours = [gpupass, "--root", str(host), "xml", "guest", "--gpus", str(GPUS), "--vcpus", str(4 * GPUS),
            "--memory", f"{8 * GPUS}G"]
    definition = subprocess.run(ours, capture_output=True, check=True).stdout
    theirs = virt_install(definition)
    printed = subprocess.run(theirs, capture_output=True, check=True).stdout
    assert printed.count(b"<hostdev") == definition.count(b"<hostdev") >= GPUS, printed.decode()
    ours, theirs = map(statistics.median, by_turns(ours, theirs))
    print(f"gpupass xml --gpus {GPUS} {ours:.1f} ms, virt-install {theirs:.1f} ms: {theirs / ours:.0f} times")
    return ours * 20 <= theirs


def list_is_faster(folder):
    root = unpacked(archives("dgx-a100.tar.xz")[0], folder)
    ours = [gpupass, "--root", root, "list"]
    theirs = ["lspci", "-A", "linux-sysfs", "-O", f"sysfs.path={root}/sys/bus/pci", "-Dnnkvv"]
    ours, theirs = map(min, by_turns(ours, theirs))
    print(f"gpupass list {ours:.1f} ms, lspci -Dnnkvv {theirs:.1f} ms: {ours / theirs:.0%}")
    return ours * 2 <= theirs  # How much of it is the kernel's differs from machine to machine.


with tempfile.TemporaryDirectory() as scratch:
    os.environ["XDG_CACHE_HOME"] = scratch  # virt-install keeps a log.
    if not shutil.which("virt-install"):
        print("no virt-install: not compared with it")
    elif not xml_is_faster():
        sys.exit(1)
    sys.exit(0 if list_is_faster(scratch) else 1)
