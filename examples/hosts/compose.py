#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Composes example hosts from public facts, in the form that `gpupass --root FILE` reads: gpupass-host(5).

No public capture of a machine holds CPUs, NUMA nodes, GPUs and IOMMU groups at once.  So these are put together
here; each machine below names the source of each part.  The files beside this script are its output:

    examples/hosts/compose.py            writes them all
    examples/hosts/compose.py --check    fails when one differs from what it would write
"""
import argparse
import pathlib
import sys

GIB = 1 << 30
HERE = pathlib.Path(__file__).resolve().parent

# PCI Express types, as the capability's flags say them (PCI Express Base Specification, 7.5.3.2).
ENDPOINT, ROOT_PORT, UPSTREAM, DOWNSTREAM, PCI_BRIDGE = 0, 4, 5, 6, 7
ACS_ALL = 0x1D  # Source validation, request and completion redirect, upstream forwarding.
SPEED_CODE = {2.5: 1, 5.0: 2, 8.0: 3, 16.0: 4, 32.0: 5}


def cpu_list(cpus):
    """The kernel's list form: 0-3,8."""
    cpus, out = sorted(cpus), []
    while cpus:
        last = 0
        while last + 1 < len(cpus) and cpus[last + 1] == cpus[last] + 1:
            last += 1
        out.append(f"{cpus[0]}" if last == 0 else f"{cpus[0]}-{cpus[last]}")
        cpus = cpus[last + 1:]
    return ",".join(out)


class Function:
    """One PCI function: what the machine's description says of it, and what follows from its place."""

    def __init__(self, address, ids, class_code, express, parent=None, driver=None, node=-1, **facts):
        self.address, self.class_code, self.express = address, class_code, express
        self.vendor, self.device = (int(x, 16) for x in ids.split(":"))
        self.parent, self.driver, self.node = parent, driver, node
        self.root_bus = parent.root_bus if parent else facts["root_bus"]
        self.link = facts.get("link")  # (speed, width), now and at best
        self.bars = facts.get("bars", [])  # (start, size) of 64-bit prefetchable windows
        self.acs = facts.get("acs")
        self.reset = facts.get("reset", "")
        self.boot_vga = facts.get("boot_vga")
        self.buses = facts.get("buses")  # primary, secondary, subordinate of a bridge
        self.multifunction = facts.get("multifunction", False)
        self.subsystem = facts.get("subsystem", ids)
        self.group = None

    def path(self):
        above = self.parent.path() if self.parent else f"devices/{self.root_bus}"
        return f"{above}/{self.address}"

    def config(self):
        """256 bytes of header and capabilities; 4096 where an extended capability follows."""
        space = bytearray(4096 if self.express is not None else 256)

        def put(offset, value, size):
            space[offset:offset + size] = value.to_bytes(size, "little")

        put(0x00, self.vendor, 2)
        put(0x02, self.device, 2)
        put(0x09, self.class_code, 3)
        put(0x0E, (1 if self.buses else 0) | (0x80 if self.multifunction else 0), 1)
        if self.buses:
            for offset, bus in zip((0x18, 0x19, 0x1A), self.buses):
                put(offset, bus, 1)
        if self.express is not None:
            put(0x06, 0x10, 2)  # Status: there is a capability list.
            put(0x34, 0x40, 1)
            put(0x40, 0x10, 1)
            put(0x42, 2 | self.express << 4, 2)
            put(0x44, 1 << 28 if "flr" in self.reset else 0, 4)
            if self.link:
                speed, width = self.link
                put(0x4C, SPEED_CODE[speed] | width << 4, 4)
                put(0x52, SPEED_CODE[speed] | width << 4, 2)
        if self.acs is not None:
            put(0x100, 0x000D | 1 << 16, 4)
            put(0x104, ACS_ALL, 2)
            put(0x106, self.acs, 2)
        return space


class Machine:
    def __init__(self, title, sources):
        self.title, self.sources = title, sources
        self.functions, self.groups = [], []
        self.nodes = {}  # id -> (cpus, memory, free, [(page size, total, free)])
        self.distances = {}
        self.cores, self.caches, self.packages = [], [], []
        self.offline = []

    # -- CPUs and memory ---------------------------------------------------------------------------------

    def socket(self, package, first_cpu, cores, siblings_at, cache_bytes, cores_per_cache, node,
               memory, huge=()):
        """One package that is one NUMA node; core n has the CPUs first_cpu+n and, with SMT, siblings_at+n."""
        smt = [first_cpu] if siblings_at is None else [first_cpu, siblings_at]
        these = [[base + n for base in smt] for n in range(cores)]
        cpus = [cpu for core in these for cpu in core]
        self.cores += these
        for at in range(0, cores, cores_per_cache):
            self.caches.append((cache_bytes, [c for core in these[at:at + cores_per_cache] for c in core]))
        self.packages.append((package, cpus))
        reserved = sum(size * total for size, total, _ in huge)
        self.nodes[node] = (cpus, memory, (memory - reserved) * 9 // 10, list(huge))

    # -- PCI ---------------------------------------------------------------------------------------------

    def add(self, *args, **facts):
        function = Function(*args, **facts)
        self.functions.append(function)
        return function

    def own_group(self, *functions):
        for function in functions:
            function.group = len(self.groups)
        self.groups.append(list(functions))

    # -- output ------------------------------------------------------------------------------------------

    def text(self):
        out = ["gpupass host 1", f"# {self.title}", "#"] + [f"# {line}" for line in self.sources]
        for path, entries in sorted(self.directories().items()):
            out.append(f"[{path}]")
            out += [line for name in sorted(entries) for line in entry(name, entries[name])]
        out += ["[cpu topology]", f"cpus = {cpu_list(c for core in self.cores for c in core)}"]
        out += [f"package {number} = {cpu_list(cpus)}" for number, cpus in self.packages]
        out += [f"cache L3 {size} = {cpu_list(cpus)}" for size, cpus in sorted(self.caches, key=lambda c: min(c[1]))]
        out += [f"core = {cpu_list(core)}" for core in sorted(self.cores)]
        return "\n".join(out) + "\n"

    def directories(self):
        tree = {}
        for function in self.functions:
            self.function_entries(tree, function)
        for number, members in enumerate(self.groups):
            base = f"/sys/kernel/iommu_groups/{number}"
            tree.setdefault("/sys/kernel/iommu_groups", {})[str(number)] = None
            tree[base] = {"type": "DMA-FQ", "reserved_regions": "0x00000000fee00000 0x00000000feefffff msi"}
            tree[f"{base}/devices"] = {function.address: None for function in members}
        tree["/sys/class/iommu"] = {"dmar0": None, "dmar1": None}
        tree["/sys/firmware/acpi/tables"] = {"DMAR": None}
        tree["/sys/bus/pci/drivers/vfio-pci"] = {}
        tree["/proc"] = {"cmdline": "BOOT_IMAGE=/boot/vmlinuz ro intel_iommu=on iommu=pt"}
        self.node_entries(tree)
        online = [cpu for core in self.cores for cpu in core]
        tree["/sys/devices/system/cpu"] = {"online": cpu_list(online), "offline": cpu_list(self.offline),
                                           "isolated": ""}
        return tree

    def function_entries(self, tree, function):
        base = f"/sys/bus/pci/devices/{function.address}"
        tree.setdefault("/sys/bus/pci/devices", {})[function.address] = ("->", f"../../../{function.path()}")
        entries = tree[base] = {
            "class": f"0x{function.class_code:06x}", "vendor": f"0x{function.vendor:04x}",
            "device": f"0x{function.device:04x}", "revision": "0xa1", "numa_node": str(function.node),
            "driver_override": "(null)", "power_state": "D0", "config": function.config(),
            "resource": "\n".join(resource_lines(function)),
        }
        if function.express == ENDPOINT:
            sub_vendor, sub_device = function.subsystem.split(":")
            entries["subsystem_vendor"], entries["subsystem_device"] = f"0x{sub_vendor}", f"0x{sub_device}"
        if function.reset:
            entries["reset_method"] = function.reset
        if function.boot_vga is not None:
            entries["boot_vga"] = str(function.boot_vga)
        up = "../" * (function.path().count("/") + 1)
        if function.driver:
            entries["driver"] = ("->", f"{up}bus/pci/drivers/{function.driver}")
        if function.group is not None:
            entries["iommu_group"] = ("->", f"{up}kernel/iommu_groups/{function.group}")
        if function.link:
            speed, width = function.link
            for kind in ("current", "max"):
                entries[f"{kind}_link_speed"] = f"{speed} GT/s PCIe"
                entries[f"{kind}_link_width"] = str(width)

    def node_entries(self, tree):
        base = "/sys/devices/system/node"
        ids = sorted(self.nodes)
        tree[base] = {f"node{node}": None for node in ids} | {"online": cpu_list(ids)}
        for node in ids:
            cpus, memory, free, huge = self.nodes[node]
            tree[f"{base}/node{node}"] = {
                "cpulist": cpu_list(cpus),
                "distance": " ".join(str(self.distances.get((node, other), 10 if node == other else 21))
                                     for other in ids),
                "meminfo": f"Node {node} MemTotal:       {memory // 1024} kB\n"
                           f"Node {node} MemFree:        {free // 1024} kB"}
            tree[f"{base}/node{node}/hugepages"] = {f"hugepages-{size // 1024}kB": None for size, _, _ in huge}
            for size, total, unused in huge:
                tree[f"{base}/node{node}/hugepages/hugepages-{size // 1024}kB"] = {
                    "nr_hugepages": str(total), "free_hugepages": str(unused)}


def resource_lines(function):
    """Rows 0 to 5 are BARs, 6 the ROM; a 64-bit BAR takes two rows.  0x14220c: memory, prefetchable, 64 bits."""
    rows = []
    for start, size in function.bars:
        rows += [(start, start + size - 1, 0x14220C), (0, 0, 0)]
    rows += [(0, 0, 0)] * (13 - len(rows))
    return ["0x%016x 0x%016x 0x%016x" % row for row in rows]


def entry(name, value):
    """The lines of one directory entry."""
    if value is None:
        return [f"{name} ?"]
    if isinstance(value, tuple):
        return [f"{name} -> {value[1]}"]
    if isinstance(value, bytearray):
        rows = [(at, value[at:at + 16]) for at in range(0, len(value), 16) if any(value[at:at + 16])]
        return [f"{name} : {len(value)} bytes"] + [f"| {at:03x}: {row.hex(' ')}" for at, row in rows]
    if "\n" in value:
        return [f"{name} ="] + [f"| {line}" for line in value.split("\n")]
    return [f"{name} = {value}" if value else f"{name} ="]


def two_socket_eight_gpu():
    """Four switches, two GPUs and two NICs below each: the shape of HGX servers with eight SXM GPUs."""
    machine = Machine("A 2-socket server with 8 GPUs, put together from public facts (not a capture).", [
        "CPUs: 2 x 56 cores with SMT and 105 MiB of L3, as Intel's product page of the Xeon Platinum 8480+ says;",
        "  numbered as Linux numbers them on such machines: cores first, then their siblings.",
        "PCI: one switch for each two GPUs and two NICs, two switches a socket: the block diagram of servers with",
        "  an HGX 8-GPU board; ids 10de:2330 and 15b3:1021 from the PCI ID Repository; links PCIe 5.0 x16.",
        "BARs: 16 MiB, 128 GiB and 32 MiB, of an 80 GB GPU with its whole memory mapped.",
        "Memory: 1 TiB a socket, 512 huge pages of 1 GiB on each. Distances: 10 and 21.",
    ])
    for socket in range(2):
        machine.socket(socket, socket * 56, 56, 112 + socket * 56, 105 << 20, 56, socket, 1024 * GIB,
                       [(2 << 20, 0, 0), (GIB, 512, 512)])

    bmc_port = machine.add("0000:00:1c.0", "8086:1bb8", 0x060400, ROOT_PORT, None, "pcieport", 0, root_bus="pci0000:00",
                           buses=(0, 1, 2), acs=ACS_ALL, link=(5.0, 1))
    bmc_bridge = machine.add("0000:01:00.0", "1a03:1150", 0x060400, PCI_BRIDGE, bmc_port, None, 0, buses=(1, 2, 2))
    bmc_vga = machine.add("0000:02:00.0", "1a03:2000", 0x030000, None, bmc_bridge, "ast", 0, boot_vga=1)
    machine.own_group(bmc_port)
    machine.own_group(bmc_bridge, bmc_vga)  # A conventional PCI bus: all below the bridge are one.

    window = 0x2_0000_0000_00
    for index in range(4):
        socket, bus = index // 2, (0x16, 0x50, 0x97, 0xD0)[index]
        port = machine.add(f"0000:{bus:02x}:01.0", "8086:352a", 0x060400, ROOT_PORT, None, "pcieport", socket,
                           root_bus=f"pci0000:{bus:02x}", buses=(bus, bus + 1, bus + 6), acs=ACS_ALL, link=(32.0, 16))
        up = machine.add(f"0000:{bus + 1:02x}:00.0", "1000:c030", 0x060400, UPSTREAM, port, "pcieport", socket,
                         buses=(bus + 1, bus + 2, bus + 6), link=(32.0, 16))
        machine.own_group(port)
        machine.own_group(up)
        for slot in range(4):
            below = bus + 3 + slot
            down = machine.add(f"0000:{bus + 2:02x}:{slot:02x}.0", "1000:c030", 0x060400, DOWNSTREAM, up, "pcieport",
                               socket, buses=(bus + 2, below, below), acs=ACS_ALL, link=(32.0, 16))
            machine.own_group(down)
            if slot < 2:
                bars = [(window, 16 << 20), (window + (128 << 30), 128 << 30), (window + (64 << 20), 32 << 20)]
                window += 512 << 30
                device = machine.add(f"0000:{below:02x}:00.0", "10de:2330", 0x030200, ENDPOINT, down, "nvidia", socket,
                                     link=(32.0, 16), bars=bars, reset="flr bus", subsystem="10de:16c1")
            else:
                device = machine.add(f"0000:{below:02x}:00.0", "15b3:1021", 0x020700, ENDPOINT, down, "mlx5_core", socket,
                                     link=(32.0, 16), bars=[(window, 32 << 20)], reset="flr bus",
                                     subsystem="15b3:0041")
                window += 1 << 30
            machine.own_group(device)

    for socket, bus in ((0, 0x80), (1, 0xF0)):
        port = machine.add(f"0000:{bus:02x}:01.0", "8086:352a", 0x060400, ROOT_PORT, None, "pcieport", socket,
                           root_bus=f"pci0000:{bus:02x}", buses=(bus, bus + 1, bus + 1), acs=ACS_ALL, link=(32.0, 4))
        disk = machine.add(f"0000:{bus + 1:02x}:00.0", "144d:a824", 0x010802, ENDPOINT, port, "nvme", socket,
                           link=(16.0, 4), reset="flr bus", subsystem="144d:a801")
        machine.own_group(port)
        machine.own_group(disk)
    return machine


MACHINES = {"8gpu-2socket": two_socket_eight_gpu}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    stale = []
    for name, compose in MACHINES.items():
        path, text = HERE / f"{name}.host", compose().text()
        if not check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(path.name)
    if stale:
        sys.exit(f"not what compose.py writes: {' '.join(stale)}")


if __name__ == "__main__":
    main()
