# SPDX-License-Identifier: LGPL-2.1-or-later
"""Captures of hosts, as far as they are about PCI functions: gpupass-host(5)."""
import collections
import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).parents[1] / "mutate"))
from hosts import Capture  # noqa: E402

PCI = "/sys/bus/pci/devices"
ADDRESS = re.compile(r"([0-9a-f]{4,}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$")


class Address(collections.namedtuple("Address", "domain bus devfn")):
    @staticmethod
    def parse(text):
        domain, bus, slot, function = (int(part, 16) for part in ADDRESS.match(text).groups())
        return Address(domain, bus, slot << 3 | function)

    def __str__(self):
        return f"{self.domain:04x}:{self.bus:02x}:{self.devfn >> 3:02x}.{self.devfn & 7}"


def read_capture(path):
    """What a capture has of PCI functions: {address: {name: text, target of a link, or bytes}}, {address: its place}."""
    folders = Capture(pathlib.Path(path)).folders
    links = {name: target for name, (kind, target) in folders.get(PCI, {}).items() if kind == "link"}
    entries = {}
    for folder, content in folders.items():
        parent, _, address = folder.rpartition("/")
        if parent == PCI and ADDRESS.match(address):
            entries[address] = {name: value_of(name, value) for name, (kind, value) in content.items() if kind != "other"}
    return entries, links


def value_of(name, value):
    if name == "config":
        return bytearray(value)
    return value if isinstance(value, str) else value.decode(errors="replace")
