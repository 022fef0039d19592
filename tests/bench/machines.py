# SPDX-License-Identifier: LGPL-2.1-or-later
"""Machines of any size, and captures, as folders that --root and other tools can read."""
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(SOURCE / "examples/hosts"))
from machine import ENDPOINT, GIB, INTEL, MIB, ROOT_PORT, ACS_ALL, Machine, cpu_list  # noqa: E402

PORTS = 31  # Of one root bus.


def machine(functions=100, gpus=None, nodes=2, cpus=64, one_group=False):
    """Ports with a card of two functions each, of which `gpus` are GPUs, by default one function of ten."""
    host = Machine("generated", [])
    host.cpus(INTEL, 6, 143)
    cores = [[cpu, cpu + cpus // 2] for cpu in range(cpus // 2)] if cpus > 1 else [[0]]
    for node in range(nodes):
        own = cores[node * len(cores) // nodes:(node + 1) * len(cores) // nodes]
        if own:
            host.package(node, node, own, 32 * MIB, 8)
        else:
            host.node_cpus[node] = []
        host.memory(node, 256 * GIB, [(2 * MIB, 0, 0)])
    host.distance(range(nodes), 21)
    gpus = functions // 10 if gpus is None else gpus
    cards = max(functions // 3, gpus, 1)
    first = None
    for card in range(cards):
        domain, port = divmod(card, PORTS)
        is_gpu = gpus and card * gpus // cards != (card + 1) * gpus // cards
        node, bus = card * nodes // cards, port + 1
        above = host.add(f"{domain:04x}:00:{port:02x}.0", "8086:352a", 0x060400, ROOT_PORT, None, "pcieport", node,
                         root_bus=f"pci{domain:04x}:00", buses=(0, bus, bus), acs=ACS_ALL, link=(32.0, 16))
        host.own_group(above)
        kinds = [("10de:2330", 0x030200), ("10de:22ba", 0x040300)] if is_gpu else [("8086:1593", 0x020000)] * 2
        for number, (ids, code) in enumerate(kinds):
            bars = [(0x200000000000 + card * (256 << 30), 128 << 30)] if is_gpu and number == 0 else []
            function = host.add(f"{domain:04x}:{bus:02x}:00.{number}", ids, code, ENDPOINT, above, None, node, link=(32.0, 16),
                                reset="flr bus", multifunction=True, bars=bars)
            if one_group and is_gpu and first:
                host.join(function, first.group)
            elif number == 0:
                host.own_group(function)
                first = first or (function if is_gpu else None)
            else:
                host.join(function, host.functions[-2].group)
    return host


def cpu_map(cpus):
    """The kernel's map form."""
    bits = sum(1 << cpu for cpu in cpus)
    groups = []
    while bits or not groups:
        groups.append(f"{bits & 0xffffffff:08x}")
        bits >>= 32
    return ",".join(reversed(groups))


def write(root, path, content):
    place = pathlib.Path(root) / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def write_cpus(root, cores, packages, caches):
    """The folders of the CPUs, as the kernel and hwloc have them. Packages by number; a cache is (bytes, CPUs)."""
    base = "/sys/devices/system/cpu"
    files = {cpu: {} for core in cores for cpu in core}
    for number, core in enumerate(cores):
        for cpu in core:
            files[cpu] |= {"topology/core_id": str(number), "topology/thread_siblings": cpu_map(core),
                           "topology/thread_siblings_list": cpu_list(core), "topology/core_cpus": cpu_map(core),
                           "topology/core_cpus_list": cpu_list(core)}
    for number, cpus in packages.items():
        names = {"topology/physical_package_id": str(number)}
        for name in ("core_siblings", "package_cpus"):
            names |= {f"topology/{name}": cpu_map(cpus), f"topology/{name}_list": cpu_list(cpus)}
        for cpu in cpus:
            files[cpu] |= names
    own = {cpu: core for core in cores for cpu in core}
    for size, cpus in caches:
        for cpu in cpus:
            levels = [(1, "Data", 32 << 10, own[cpu]), (1, "Instruction", 32 << 10, own[cpu]), (2, "Unified", 1 << 20, own[cpu]),
                      (3, "Unified", size, cpus)]
            for index, (level, kind, bytes_, shared) in enumerate(levels):
                folder = f"cache/index{index}"
                files[cpu] |= {f"{folder}/level": str(level), f"{folder}/type": kind, f"{folder}/size": f"{bytes_ >> 10}K",
                               f"{folder}/shared_cpu_map": cpu_map(shared), f"{folder}/shared_cpu_list": cpu_list(shared)}
    for cpu, names in files.items():
        for name, value in names.items():
            write(root, f"{base}/cpu{cpu}/{name}", (value + "\n").encode())
    write(root, f"{base}/possible", (cpu_list(files) + "\n").encode())


def unescaped(text):
    return re.sub(r"\\(.)", lambda found: {"t": "\t", "n": "\n"}.get(found[1], found[1]), text)


def content_of(lines):
    """The bytes of rows "| 040: 10 00", or of lines "| text"."""
    space = bytearray()
    for line in lines:
        at, _, row = line.partition(": ")
        row = bytes.fromhex(row)
        space[int(at, 16):int(at, 16) + len(row)] = row if int(at, 16) <= len(space) else bytes(int(at, 16) - len(space)) + row
    return space


def expand(capture, root):
    """Writes a capture as a folder: what it has of files and links, and the CPUs."""
    root = pathlib.Path(root)
    folder, cores, packages, caches = None, [], {}, []
    lines = iter(capture.splitlines() + ["[end]"])
    line = next(lines)
    while line != "[end]":
        following = next(lines)
        rows = []
        while following.startswith("| "):
            rows.append(following[2:])
            following = next(lines)
        if line.startswith("["):
            folder = line[1:-1]
            if folder.startswith("/"):
                (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif folder == "cpu topology":
            name, _, cpus = line.partition(" = ")
            numbers = numbers_of(cpus)
            if name == "core":
                cores.append(numbers)
            elif name.startswith("package "):
                packages[int(name.split()[1])] = numbers
            elif name.startswith("cache "):
                caches.append((int(name.split()[2]), numbers))
        elif folder and folder.startswith("/") and not line.startswith("#"):
            put(root, folder, line, rows)
        line = following
    write_cpus(root, cores, packages, caches)
    return str(root)


def put(root, folder, line, rows):
    name, kind, value = (line.split(" ", 2) + ["", ""])[:3]
    place = root / folder.lstrip("/") / name
    if kind == "->":
        # In a capture a function's folder stands below /sys/bus/pci/devices; in sysfs that is a link to it.
        if folder == "/sys/bus/pci/devices":
            real = root / "sys/bus/pci/devices" / value
            real.resolve().mkdir(parents=True, exist_ok=True)
        if not place.is_symlink():
            place.symlink_to(value)
    elif kind == "=":
        write(root, f"{folder}/{name}", ("\n".join(rows) if rows else unescaped(value)).encode() + b"\n")
        if name == "class":
            write(root, f"{folder}/irq", b"0\n")  # lspci ends where it is missing.
    elif kind == ":":
        space = content_of(rows)
        write(root, f"{folder}/{name}", bytes(space) + bytes(int(value.split()[0]) - len(space)))
    elif kind == "?" and not place.exists() and not place.is_symlink():
        place.mkdir(parents=True)


def numbers_of(text):
    numbers = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1) if part else []
    return numbers
