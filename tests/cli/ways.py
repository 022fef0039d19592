#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`topology --matrix` agrees with the topology that collective libraries found on real GPU servers.

Each file of NCCL and RCCL in the collection next to the repository becomes a tree: a switch of the file is an upstream
port with a downstream port for each device, and what is outermost gets a root port and a host bridge. The files do not
tell whether two root ports have one host bridge, so PHB and NODE are not told apart.
"""
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from collection import COLLECTION

FILES = sorted(COLLECTION.glob("nccl-topology/*/*.xml"))
if not FILES:
    print("no collection of captured machines")
    sys.exit(77)


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.ports, self.buses = itertools.count(), itertools.count()
        (self.root / "sys/bus/pci/devices").mkdir(parents=True)

    def function(self, parent, address, class_code, node):
        folder = parent / address
        folder.mkdir(parents=True)
        for name, text in {"class": class_code, "vendor": "0x10de", "device": "0x2330", "numa_node": node,
                           "current_link_speed": "16.0 GT/s PCIe", "max_link_speed": "16.0 GT/s PCIe",
                           "current_link_width": "16", "max_link_width": "16"}.items():
            (folder / name).write_text(f"{text}\n")
        (self.root / "sys/bus/pci/devices" / address).symlink_to(pathlib.Path("../../..") / folder.relative_to(self.root / "sys"))
        return folder

    # Bridges are in domains that no file has.
    def root_port(self, node):
        bus = f"ffe0:{next(self.buses):02x}"
        return self.function(self.root / f"sys/devices/pci{bus}", f"{bus}:01.0", "0x060400", node)

    def port(self, parent, node):
        bus, device = divmod(next(self.ports), 32)
        return self.function(parent, f"fff0:{bus:02x}:{device:02x}.0", "0x060400", node)

    def add(self, element, parent, node, above, ways):
        address, code = element.get("busid").lower(), element.get("class")
        if code.startswith("0x0604"):
            switch = self.port(parent, node)
            for child in element.findall("pci"):
                self.add(child, self.port(switch, node), node, [*above, address], ways)
        elif code[:4] in ("0x03", "0x12", "0x02"):
            self.function(parent, address, code, node)
            ways[address] = (node, above)


def expected(one, other):
    (node, above), (other_node, others) = one, other
    if node != other_node:
        return {"SYS"}
    if above and others and above[0] == others[0]:
        return {"PIX"} if above == others else {"PXB"}
    return {"PHB", "NODE"}


def compare(path):
    with tempfile.TemporaryDirectory() as folder:
        tree, ways = Tree(folder), {}
        for cpu in ElementTree.parse(path).getroot().findall("cpu"):
            node = int(cpu.get("numaid"))
            (tree.root / f"sys/devices/system/node/node{node}").mkdir(parents=True, exist_ok=True)
            for element in cpu.findall("pci"):
                tree.add(element, tree.root_port(node), node, [], ways)
        ran = subprocess.run([os.environ["GPUPASS"], "-q", "--root", folder, "topology", "--matrix", "--json"],
                             capture_output=True, text=True, check=True, timeout=120)
    devices = json.loads(ran.stdout)["devices"]
    if {device["address"] for device in devices} != set(ways):
        print(f"FAILED: {path.name}: the matrix has {len(devices)} devices, the file {len(ways)}")
        return 0, 1
    pairs = wrong = 0
    for one in devices:
        for other, word in zip(devices, one["ways"]):
            if one is other:
                continue
            pairs += 1
            words = expected(ways[one["address"]], ways[other["address"]])
            if word not in words:
                wrong += 1
                print(f"FAILED: {path.name}: {one['address']} to {other['address']}: {word}, expected {' or '.join(words)}")
    return pairs, wrong


results = [compare(path) for path in FILES]
print(f"{len(FILES)} machines, {sum(pairs for pairs, _ in results)} pairs of devices, "
      f"{sum(wrong for _, wrong in results)} with another word")
sys.exit(1 if any(wrong for _, wrong in results) else 0)
