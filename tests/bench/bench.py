#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the verbs cost, as whole processes, beside the usual tools on the same machine: a table in Markdown.

bench.py [--runs N] [SECTION...]   all of it: list, verbs, guests, growth
bench.py --bars                    the two comparisons that hold on any machine; fails where one does not

Counted is the time of CPUs, of the process and of those that it has waited for. The programs run by turns, so that what else
the machine does hurts all alike; the table has medians, and in brackets the least and the most. A ratio is that of the medians.
`floor` opens and reads the files that gpupass has read, and does nothing else.
"""
import argparse
import math
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import machines
from machines import SOURCE

sys.path.append(str(SOURCE / "tests/cli"))
from collection import COLLECTION, unpacked  # noqa: E402

gpupass = os.environ["GPUPASS"]
GUEST = ["--gpus", "1", "--vcpus", "8", "--memory", "16G"]
VERBS = {"groups": ["groups"], "topology": ["topology"], "check": ["check"], "place": ["place", *GUEST],
         "xml": ["xml", "guest", *GUEST]}
GROWING = {"list": ["list"], "show": ["show", "all"], **VERBS, "bind": ["-n", "bind", "all"], "capture": ["capture", "-"]}


class Cost:
    """Of one run: milliseconds of CPUs, and the most memory."""

    def __init__(self, command, env=None, allowed=(0, 3)):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=env and os.environ | env)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in allowed:
            raise subprocess.CalledProcessError(process.returncode, command)
        self.ms, self.mib = (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024


def by_turns(runs, *programs):
    """For each program, a list of commands that count together, its times."""
    return list(zip(*[[sum(Cost(*command).ms for command in program) for program in programs] for _ in range(runs)]))


def shown(times):
    return f"{statistics.median(times):.2f} ({min(times):.2f}-{max(times):.2f})"


def ratio(ours, theirs):
    return statistics.median(ours) / statistics.median(theirs)


def table(title, *columns):
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}", flush=True)


def row(*cells):
    print(f"| {' | '.join(str(cell) for cell in cells)} |", flush=True)


def verdict(value, bar):
    return f"{value:.3f}" if value <= bar else f"**{value:.3f}**"


def on(root, *words):
    return ([gpupass, "--root", root, *words],)


def lspci(root):
    path = [] if root == "/" else ["-A", "linux-sysfs", "-O", f"sysfs.path={root}/sys/bus/pci"]
    return (["lspci", *path, "-Dnnkvv"],)


def lstopo(root):
    return ["lstopo-no-graphics", "--of", "console"], {"HWLOC_FSROOT": root, "HWLOC_THISSYSTEM": str(int(root == "/"))}


def files_read(command, scratch):
    """Where floor finds what a command has read: files, and links with an "@" in front."""
    trace = scratch / "trace"
    subprocess.run(["strace", "-f", "-y", "-qq", "-o", trace, "-e", "trace=openat,openat2,readlinkat", *command],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    names = []
    for line in trace.read_text().splitlines():
        opened = re.search(r"openat2?\(.*O_RDONLY.* = \d+<(/[^>]*)>$", line)
        link = re.search(r'readlinkat\(\d+<(/[^>]*)>, "([^"]*)", .* = \d+$', line)
        if opened and "O_DIRECTORY" not in line and not re.search(r"\.so[.\d]*$|ld\.so|^/proc/", opened[1]):
            names.append(opened[1])
        elif link:
            names.append(f"@{link[1]}/{link[2]}")
    listed = scratch / "files"
    listed.write_text("".join(f"{name}\n" for name in names if pathlib.Path(name.lstrip("@")).exists()))
    return listed


def trees(scratch):
    """Name and root: those of the collection, and the examples."""
    for archive in sorted((COLLECTION / "derived-sysfs").glob("*.tar.xz")):
        yield archive.name.removesuffix(".tar.xz"), unpacked(archive, scratch)
    for host in sorted((SOURCE / "examples/hosts").glob("*.host")):
        yield host.stem, machines.expand(host.read_text(), scratch / host.stem)


def functions_of(root):
    return len(os.listdir(f"{root}/sys/bus/pci/devices"))


def list_section(runs, scratch):
    floor = scratch / "floor"
    subprocess.run([os.environ.get("CC", "cc"), "-O2", SOURCE / "tests/bench/floor.c", "-o", floor], check=True)
    table("list --json", "tree", "functions", "gpupass ms", "lspci -Dnnkvv ms", "floor ms", "/ lspci", "/ floor")
    for name, root in [*trees(scratch), ("this machine", "/")]:
        command = [gpupass, "--root", root, "list", "--json"]
        listed = files_read(command, scratch)
        ours, theirs, least = by_turns(runs, ((command,),), (lspci(root),), (([floor, listed],),))
        count = functions_of(root)
        row(name, count, shown(ours), shown(theirs), shown(least), verdict(ratio(ours, theirs), 0.15 if count > 100 else 0.20),
            verdict(ratio(ours, least), 1.3))


def verbs_section(runs, scratch):
    table("Verbs that need CPUs", "machine", "CPUs", "lspci + lstopo ms", *(f"{verb} ms, ratio" for verb in VERBS))
    for name, root in [*trees(scratch), ("this machine", "/")]:
        cpus = len(list(pathlib.Path(f"{root}/sys/devices/system/cpu").glob("cpu[0-9]*")))
        if not cpus:
            continue
        theirs, *ours = by_turns(runs, (lspci(root), lstopo(root)), *((on(root, *words),) for words in VERBS.values()))
        row(name, cpus, shown(theirs), *(f"{shown(times)} {verdict(ratio(times, theirs), 0.3)}" for times in ours))


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


def xml_beside_virt_install(runs, root):
    ours = [gpupass, "--root", root, "xml", "guest", "--gpus", "8", "--vcpus", "32", "--memory", "64G"]
    definition = subprocess.run(ours, capture_output=True, check=True).stdout
    theirs = virt_install(definition)
    printed = subprocess.run(theirs, capture_output=True, check=True).stdout
    assert printed.count(b"<hostdev") == definition.count(b"<hostdev") >= 8, printed.decode()
    return by_turns(runs, ((ours,),), ((theirs,),))


def guests_section(runs, scratch):
    capture = SOURCE / "examples/hosts/8gpu-2socket.host"
    tree = machines.expand(capture.read_text(), scratch / "224-cpus")
    table("Guests", "work", "gpupass ms", "theirs ms", "ratio", "at most")
    if shutil.which("virt-install"):
        for name, root in (("xml, tree with 224 CPUs, beside virt-install --print-xml", tree),
                           ("xml, capture, beside virt-install --print-xml", str(capture))):
            ours, theirs = xml_beside_virt_install(runs, root)
            row(name, shown(ours), shown(theirs), verdict(ratio(ours, theirs), 0.04), 0.04)
    definition = scratch / "guest.xml"
    definition.write_bytes(subprocess.run([gpupass, "--root", capture, "xml", "guest", *GUEST], capture_output=True, check=True).stdout
                           .replace(b"type='kvm'", b"type='test'").replace(b'type="kvm"', b'type="test"'))
    ours = [gpupass, "--root", str(capture), "-c", "test:///default", "define", "-y", *GUEST, "guest"]
    theirs = ["virsh", "-c", "test:///default", "define", "--validate", str(definition)]
    ours, theirs = by_turns(runs, ((ours,),), ((theirs,),))
    row("define beside virsh define --validate", shown(ours), shown(theirs), verdict(ratio(ours, theirs), 0.9), 0.9)


GROWTH = {
    "functions": [{"functions": size} for size in (10, 100, 1000, 10000)],
    "GPUs": [{"functions": 0, "gpus": size} for size in (1, 10, 100, 1000, 10000)],
    "GPUs in one group": [{"functions": 0, "gpus": size, "one_group": True} for size in (10, 100, 1000)],
    "NUMA nodes": [{"nodes": size, "cpus": 256} for size in (1, 4, 16, 64)],
    "CPUs": [{"cpus": size, "nodes": 1} for size in (1, 16, 256, 4096)],
}
KEYS = {"functions": "functions", "GPUs": "gpus", "GPUs in one group": "gpus", "NUMA nodes": "nodes", "CPUs": "cpus"}
PATIENCE = 60  # Seconds of one run; a verb that takes longer is not asked about larger machines.


def exponent(sizes, times):
    """How the times grow from the last size but one to the last, without what a start costs."""
    if len(times) < 2:
        return "-"
    start = min(times[0], 2.0) * 0.8
    grown = math.log(max(times[-1] - start, 0.1) / max(times[-2] - start, 0.1)) / math.log(sizes[-1] / sizes[-2])
    return verdict(grown, 1.1)


def growth_section(runs, scratch):
    for kind, sizes in GROWTH.items():
        for what in ("captures", "trees"):
            hosts = []
            for facts in sizes:
                text = machines.machine(**facts).text()
                host = scratch / f"{kind}-{facts[KEYS[kind]]}".replace(" ", "-")
                if what == "trees":
                    machines.expand(text, host)
                else:
                    host = host.with_suffix(".host")
                    host.write_text(text)
                hosts.append((facts[KEYS[kind]], str(host)))
            table(f"Growth with {kind}, {what}", "verb", *(f"{size}: ms (MiB)" for size, _ in hosts), "exponent")
            for verb, words in GROWING.items():
                costs = []
                for _, host in hosts:
                    if costs and costs[-1].ms > PATIENCE * 1000 / 30:
                        break
                    costs.append(min((Cost([gpupass, "--root", host, *words], None, (0, 1, 3)) for _ in range(3)), key=lambda cost: cost.ms))
                cells = [f"{cost.ms:.1f} ({cost.mib:.0f})" for cost in costs] + ["-"] * (len(hosts) - len(costs))
                row(verb, *cells, exponent([size for size, _ in hosts][:len(costs)], [cost.ms for cost in costs]))
            for _, host in hosts:
                shutil.rmtree(host, ignore_errors=True)


def bars(scratch):
    """With room, as how much of the time is the kernel's differs from machine to machine."""
    held = True
    if shutil.which("virt-install"):
        ours, theirs = xml_beside_virt_install(10, str(SOURCE / "examples/hosts/8gpu-2socket.host"))
        print(f"xml {shown(ours)} ms, virt-install {shown(theirs)} ms: {ratio(ours, theirs):.3f}")
        held = ratio(ours, theirs) <= 0.04
    root = machines.expand((SOURCE / "examples/hosts/8gpu-2socket.host").read_text(), scratch / "tree")
    ours, theirs = by_turns(20, (on(root, "list"),), (lspci(root),))
    print(f"list {shown(ours)} ms, lspci -Dnnkvv {shown(theirs)} ms: {ratio(ours, theirs):.3f}")
    sys.exit(0 if held and ratio(ours, theirs) <= 0.4 else 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--bars", action="store_true")
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    options = parser.parse_args()
    sections = {"list": list_section, "verbs": verbs_section, "guests": guests_section, "growth": growth_section}
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CACHE_HOME"] = scratch  # virt-install keeps a log.
        if options.bars:
            bars(pathlib.Path(scratch))
        for section in options.sections or sections:
            sections[section](options.runs, pathlib.Path(scratch))


main()
