#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Turns captures of hosts into the input of the kernel module.

    machine.py OUT HOST.host...

OUT/replay.machine has the PCI functions of all hosts, as module/replay.h describes it. If there are several hosts, each
after the first gets PCI domains that are free. OUT/hosts.json says for each host which of its functions are replayed, at
which address, which group each had, and what rules.py says. OUT/overrides has a line for each function with a
driver_override: its address, the override, and the driver. OUT/nodes has the number of NUMA nodes.
"""
import collections
import json
import os
import re
import struct
import sys

from capture import ADDRESS, Address, read_capture
import rules

ROOT = re.compile(r"pci([0-9a-f]{4,}):([0-9a-f]{2})$")
TRANSLATED, VIRTUAL = 1, 2


def mask_of(size):
    return ~(size - 1) & 0xFFFFFFFFFFFFFFFF if size and size & (size - 1) == 0 else 0


class Function:
    """One PCI function, with what the module must know of it."""

    def __init__(self, address, entry, path):
        self.address = Address.parse(address)
        self.name = address
        self.config = bytearray(4096)
        self.config[:len(entry["config"])] = entry["config"]
        self.parts = path.split("/")
        group = entry.get("iommu_group", "")
        self.group = group.rsplit("/", 1)[-1] if "/" in group else None
        self.driver = entry["driver"].rsplit("/", 1)[-1] if "driver" in entry else ""
        override = entry.get("driver_override", "(null)")
        self.override = "" if override == "(null)" else override
        self.node = int(entry.get("numa_node") or -1)
        self.vfs = int(entry.get("sriov_numvfs") or 0)
        self.boot_vga = entry.get("boot_vga") == "1"
        self.flags = TRANSLATED * (self.group is not None) | VIRTUAL * ("physfn" in entry)
        self.filler = False  # The capture does not have it.
        self.masks, self.vf_masks = [0] * 7, [0] * 6
        self.number_by_sysfs(entry)
        self.size_bars(entry)

    @property
    def virtual(self):
        return bool(self.flags & VIRTUAL)

    @property
    def bridge(self):
        return self.config[0x0E] & 0x7F == 1

    def number_by_sysfs(self, entry):
        """A header without ids, as a virtual function shows, gets those that sysfs has."""
        if "physfn" not in entry and self.config[0:4] in (b"\xff" * 4, bytes(4)):
            struct.pack_into("<HH", self.config, 0, int(entry.get("vendor", "0xffff"), 16),
                             int(entry.get("device", "0xffff"), 16))

    def size_bars(self, entry):
        count = 2 if self.bridge else 6
        for at in range(count):
            struct.pack_into("<I", self.config, 0x10 + 4 * at, 0)
        lines = [[int(word, 16) for word in line.split()] for line in entry.get("resource", "").split("\n") if line]
        for at, (start, end, flags) in enumerate(lines[:count]):
            low = 1 if flags & 0x100 else (8 if flags & 0x2000 else 0) | (4 if flags & 0x100000 else 0)
            mask = mask_of(end - start + 1 if end else 0)
            if not mask or (low & 4 and at + 1 == count):
                continue
            self.masks[at] = mask & (0xFFFFFFFC if low & 1 else 0xFFFFFFF0)
            struct.pack_into("<I", self.config, 0x10 + 4 * at, low)
            if low & 4:
                self.masks[at + 1] = mask >> 32
        if not self.bridge:
            struct.pack_into("<I", self.config, 0x30, 0)
            if len(lines) > 6 and lines[6][1]:
                self.masks[6] = (mask_of(lines[6][1] - lines[6][0] + 1) & 0xFFFFF800) | 1
        self.size_vf_bars(lines)

    def size_vf_bars(self, lines):
        at = self.extended(0x10)
        total = struct.unpack_from("<H", self.config, at + 0x0E)[0] if at else 0
        for bar in range(6 if total else 0):
            start, end, flags = lines[7 + bar] if len(lines) > 7 + bar else (0, 0, 0)
            size = (end - start + 1) // total if end else 0
            low = (8 if flags & 0x2000 else 0) | (4 if flags & 0x100000 else 0)
            struct.pack_into("<I", self.config, at + 0x24 + 4 * bar, low if mask_of(size) else 0)
            self.vf_masks[bar] = self.vf_masks[bar] or mask_of(size) & 0xFFFFFFF0
            if low & 4 and bar < 5:
                self.vf_masks[bar + 1] = mask_of(size) >> 32

    def express_at(self):
        """Offset of the PCI Express capability, 0 if there is none."""
        at = self.config[0x34] & ~3 if self.config[0x06] & 0x10 else 0
        for _ in range(48):
            if at < 0x40:
                break
            if self.config[at] == 0x10:
                return at
            at = self.config[at + 1] & ~3
        return 0

    def express_type(self):
        """None: it is conventional PCI."""
        at = self.express_at()
        return self.config[at + 2] >> 4 if at else None

    def extended(self, wanted):
        """Offset of an extended capability, 0 if there is none."""
        at = 0x100 if self.express_at() else 0
        for _ in range(960):
            head = struct.unpack_from("<I", self.config, at)[0] if 0x100 <= at <= 4092 else 0
            if head in (0, 0xFFFFFFFF):
                break
            if head & 0xFFFF == wanted:
                return at
            at = head >> 20 & ~3
        return 0

    def append_extended(self, capability):
        """Puts an extended capability behind the others. Its first double word has its id."""
        at, last = 0x100, None
        while head := struct.unpack_from("<I", self.config, at)[0]:
            last, at = at, head >> 20 & ~3
            if not at:
                break
        place = 0xF00
        if last is None:
            place = 0x100
        else:
            head = struct.unpack_from("<I", self.config, last)[0]
            struct.pack_into("<I", self.config, last, head & 0xFFFFF | place << 20)
        self.config[place:place + len(capability)] = capability
        self.config[place + 2] = 1  # Its version.

    def root(self):
        """The root bus that it is below, and the function that this root bus is below: ((domain, bus), owner)."""
        at = max(index for index, part in enumerate(self.parts) if ROOT.match(part))
        domain, bus = (int(part, 16) for part in ROOT.match(self.parts[at]).groups())
        owner = self.parts[at - 1] if at and ADDRESS.match(self.parts[at - 1]) else None
        return (domain, bus), owner

    def parent(self):
        return self.parts[-2] if len(self.parts) > 1 and ADDRESS.match(self.parts[-2]) else None

    def pack(self, domains):
        domain, bus, devfn = self.address
        return struct.pack("<IBBBbHH13I32s", domains[domain], bus, devfn, self.flags, self.node, self.vfs, 0,
                           *self.masks, *self.vf_masks, self.driver.encode()[:31]) + bytes(self.config)


class Machine:
    """One captured host."""

    def __init__(self, path):
        self.path = path
        entries, links = read_capture(path)
        self.functions, self.left_out = {}, {}
        for name in sorted(entries, key=Address.parse):
            entry = entries[name]
            if not isinstance(entry.get("config"), bytearray) or len(entry["config"]) < 64:
                self.left_out[name] = "no configuration space"
            elif not any(ROOT.match(part) for part in links.get(name, "").split("/")):
                self.left_out[name] = "not below a root bus"
            else:
                self.functions[name] = Function(name, entry, links[name])
        for function in self.functions.values():
            if function.express_type() in (5, 6) and not function.parent():
                self.left_out[function.name] = "a port of a switch without the port above it"
            if function.parent() in self.left_out:
                self.left_out[function.name] = f"{function.parent()} above it is left out"
        for name in self.left_out:
            self.functions.pop(name, None)
        if not self.functions:
            sys.exit(f"machine.py: {path} has no function with configuration space")
        self.number_buses()
        self.route_vga()
        self.give_sriov(entries)
        self.fill_slots()

    def number_buses(self):
        """Each bridge leads to the buses that the paths in sysfs show, whatever its registers say."""
        for bridge in (function for function in self.functions.values() if function.bridge):
            below = [function for function in self.functions.values() if bridge.name in function.parts[:-1] and
                     function.address.domain == bridge.address.domain]
            near = {function.address.bus for function in below if function.parent() == bridge.name}
            near = {bus for bus in near if bus != bridge.address.bus}
            bridge.config[0x18] = bridge.address.bus
            if near:
                bridge.config[0x19] = min(near)
                bridge.config[0x1A] = max([bridge.config[0x1A]] + [function.address.bus for function in below])
            if not (struct.unpack_from("<H", bridge.config, 0x24)[0] & 15):
                bridge.config[0x24] |= 1  # Large BARs are below it: its window takes 64 bits.
                bridge.config[0x26] |= 1
            bridge.config[0x1C] |= 1
            bridge.config[0x1D] |= 1

    def route_vga(self):
        """The kernel takes the display as the boot display that the firmware routed the VGA registers to."""
        boot = next((function for function in self.functions.values() if function.boot_vga), None)
        for function in self.functions.values():
            on_path = boot is not None and function.name in boot.parts
            if function.bridge:
                function.config[0x3E] = function.config[0x3E] & ~8 | 8 * on_path
            elif function.config[0x0B] == 3:
                function.config[0x04] = function.config[0x04] & ~3 | 3 * on_path

    def give_sriov(self, entries):
        """A function with virtual functions gets the capability, if the capture has too little of its registers."""
        for name, pf in self.functions.items():
            vfs = [self.functions[vf].address for vf, entry in entries.items()
                   if vf in self.functions and entry.get("physfn", "").endswith("/" + name)]
            if not vfs or pf.extended(0x10):
                continue
            first, rest = [address.bus << 8 | address.devfn for address in (pf.address, vfs[0])], vfs[1:2]
            stride = rest[0].bus << 8 | rest[0].devfn if rest else first[1] + 1
            total = int(entries[name].get("sriov_totalvfs") or len(vfs))
            pf.append_extended(struct.pack("<IIHHHHHHHHHHII", 0x10, 0, 0, 0, total, total, 0, 0, first[1] - first[0],
                                           stride - first[1], 0, int(entries[str(vfs[0])]["device"], 16), 0x553, 1)
                               + bytes(28))
            pf.vfs = pf.vfs or len(vfs)

    def fill_slots(self):
        """Linux looks for functions 1 to 7 only where there is a function 0: captures of parts may have none."""
        slots = {function.address._replace(devfn=function.address.devfn & ~7): function
                 for function in sorted(self.functions.values(), key=lambda function: function.address)
                 if not function.virtual}
        for slot, one in slots.items():
            if str(slot) in self.functions:
                if one.address != slot:
                    self.functions[str(slot)].config[0x0E] |= 0x80
            else:
                config = one.config[:2] + bytes(9) + b"\x06" + bytes(2) + b"\x80" + bytes(49)
                first = Function(str(slot), {"config": config}, "/".join(one.parts[:-1] + [str(slot)]))
                first.filler = True
                self.functions[str(slot)] = first
        self.functions = dict(sorted(self.functions.items(), key=lambda item: item[1].address))

    def roots(self):
        """{(domain, bus): (last bus, owner or None, node)}, a root after the one that its owner is in."""
        found = {}
        for function in self.functions.values():
            key, owner = function.root()
            found.setdefault(key, (owner, collections.Counter()))[1][function.node] += 1
        result = {}
        for key, (owner, nodes) in sorted(found.items(), key=lambda item: (item[1][0] is not None, item[0])):
            later = [bus for domain, bus in found if domain == key[0] and bus > key[1]]
            owner = owner if owner in self.functions else None
            result[key] = (min(later) - 1 if later else 0xFF, owner, nodes.most_common(1)[0][0])
        return result


def pack(machines):
    """The module's input, and what hosts.json says."""
    taken, roots, functions, facts, overrides = set(), [], [], [], []
    for machine in machines:
        domains = {}
        for domain in sorted({function.address.domain for function in machine.functions.values()}):
            domains[domain] = domain
            while domains[domain] in taken:
                domains[domain] = max(taken | {-1}) + 1
            taken.add(domains[domain])
        moved = {name: str(function.address._replace(domain=domains[function.address.domain]))
                 for name, function in machine.functions.items()}
        for (domain, bus), (last, owner, node) in machine.roots().items():
            above = machine.functions[owner].address if owner else Address(0, 0, 0)
            roots.append(struct.pack("<IIBBbBBB2x", domains[domain], domains.get(above.domain, 0), bus, last, node,
                                     owner is not None, above.bus, above.devfn))
        functions += [function.pack(domains) for function in machine.functions.values()]
        overrides += [f"{moved[name]} {function.override or '-'} {function.driver or '-'}"
                      for name, function in machine.functions.items()
                      if function.override or function.driver in ("vfio-pci", "pci-stub")]
        tree = rules.Tree(machine.functions)
        facts.append({"host": os.path.basename(machine.path).removesuffix(".host"), "left_out": machine.left_out,
                      "rules": tree.group, "ways": tree.ways(),
                      "functions": {name: {"at": moved[name], "group": function.group, "node": function.node}
                                    for name, function in machine.functions.items() if not function.filler}})
    header = struct.pack("<8sII", b"replay 1", len(roots), len(functions))
    return header + b"".join(roots) + b"".join(functions), facts, overrides


def write(out, data, hosts, overrides):
    with open(f"{out}/replay.machine", "wb") as file:
        file.write(data)
    with open(f"{out}/hosts.json", "w", encoding="utf-8") as file:
        json.dump(hosts, file, indent=1)
    with open(f"{out}/nodes", "w", encoding="utf-8") as file:
        file.write(str(1 + max(0, *(facts["node"] for host in hosts for facts in host["functions"].values()))))
    with open(f"{out}/overrides", "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in overrides)


if __name__ == "__main__":
    write(sys.argv[1], *pack([Machine(path) for path in sys.argv[2:]]))
