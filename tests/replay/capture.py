# SPDX-License-Identifier: LGPL-2.1-or-later
"""Captures of hosts, as far as they are about PCI functions: gpupass-host(5)."""
import collections
import re

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
    """The entries of a capture that are about PCI functions: {address: {name: text, bytes or link}}."""
    entries, links, folder, name = collections.defaultdict(dict), {}, None, None
    for line in open(path, encoding="utf-8", errors="replace"):
        line = line.rstrip("\n")
        if match := re.match(r"\[(.*)\]( \.\.\.)?$", line):  # "...": it has more than the capture.
            folder, name = match[1], None
            at = folder[len(PCI) + 1:] if folder.startswith(PCI + "/") else ""
            if ADDRESS.match(at):
                entries[at]
        elif folder == PCI and (match := re.match(r"(\S+) -> (.*)", line)):
            links[match[1]] = match[2]
        elif not (folder and folder.startswith(PCI + "/") and ADDRESS.match(folder[len(PCI) + 1:])):
            continue
        elif line.startswith("| ") and name:
            entry = entries[at]
            if isinstance(entry[name], bytearray):
                offset, text = line[2:].split(":")
                data = bytes.fromhex(text)
                entry[name][int(offset, 16):int(offset, 16) + len(data)] = data
            else:
                entry[name] += line[2:] + "\n"
        elif match := re.match(r"(\S+) : (\d+) bytes", line):
            name = match[1]
            entries[at][name] = bytearray(int(match[2]))
        elif match := re.match(r"(\S+) (?:=|->) ?(.*)", line):
            name = match[1]
            entries[at][name] = match[2]
    return entries, links
