# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernel's rules of IOMMU groups, as Linux 6.1 has them, over machines that machine.py read: pci_device_group() of
drivers/iommu/iommu.c, and what it asks.
"""
import struct

ROOT_PORT, UPSTREAM, DOWNSTREAM, TO_PCI, FROM_PCI, COLLECTOR = 4, 5, 6, 7, 8, 10
ISOLATING = 0x1D  # Source Validation, Request and Completion Redirect, Upstream Forwarding.

# pci_dev_acs_enabled[] of drivers/pci/quirks.c, in part: what isolates without the capability ...
KNOWN_PORTS = {(0x8086, device) for device in (*range(0x1C10, 0x1C20), *range(0x1E10, 0x1E20), *range(0x8C10, 0x8C20),
                                               *range(0x8C90, 0x8CA0, 2), *range(0x9C10, 0x9C1C))}
KNOWN_PORTS |= {(0x1D17, device) for device in (*range(0x710, 0x71F), 0x721, *range(0x723, 0x733))}
KNOWN_FUNCTIONS = {(0x8086, device) for device in (0x10C9, 0x10FB, 0x1521, 0x1522)}
# ... and what has the registers of the capability as double words.
WIDE_PORTS = {(0x8086, device) for device in (*range(0x9D10, 0x9D1C), *range(0xA110, 0xA120), *range(0xA167, 0xA16B),
                                              *range(0xA290, 0xA2A0), *range(0xA2E7, 0xA2EF))}


def ids(function):
    return struct.unpack_from("<HH", function.config, 0)


def type_of(function):
    return function.express_type()


def acs_enabled(function):
    """pci_acs_enabled() of drivers/pci/pci.c."""
    kind = type_of(function)
    if kind == ROOT_PORT and ids(function) in KNOWN_PORTS:
        return True
    if ids(function) in KNOWN_FUNCTIONS:
        return True
    if kind in (None, TO_PCI, FROM_PCI, COLLECTOR):
        return False
    if kind not in (ROOT_PORT, DOWNSTREAM) and not function.multifunction:
        return True
    at = function.extended(0x0D)
    if not at:
        return False
    wide = kind == ROOT_PORT and ids(function) in WIDE_PORTS
    capability, control = struct.unpack_from("<H2xH" if wide else "<HH", function.config, at + 4)
    return control & capability & ISOLATING == capability & ISOLATING


class Tree:
    """The tree of a machine's functions, and their groups."""

    def __init__(self, functions):
        self.functions = functions
        for function in functions.values():
            # Linux counts no virtual function as one of several.
            function.multifunction = not function.virtual and bool(
                function.config[0x0E] & 0x80 or function.address.devfn & 7)
        self.group = {}
        for function in self.scanned():
            if function.group is not None:
                self.group[function.name] = self.place(function)

    def parent(self, function):
        return self.functions.get(function.parent())

    def scanned(self):
        """In the order in which Linux finds them: a bus, then what is below its bridges."""
        def bus(parent):
            here = [one for one in self.functions.values() if self.parent(one) is parent]
            here.sort(key=lambda one: (one.root()[1] is not None, one.address))
            yield from here
            for bridge in here:
                if bridge.bridge:
                    yield from bus(bridge)
        yield from bus(None)

    def above(self, function):
        at = self.parent(function)
        while at is not None:
            yield at
            at = self.parent(at)

    def path_enabled(self, port):
        """pci_acs_path_enabled() up to the root."""
        return all(acs_enabled(one) for one in (port, *self.above(port)))

    def slot(self, function):
        return [one for one in self.functions.values() if one is not function and
                one.address.domain == function.address.domain and one.address.bus == function.address.bus and
                one.address.devfn >> 3 == function.address.devfn >> 3]

    def place(self, function):
        """pci_device_group(): the name of the function whose group it joins, or its own."""
        owner = function.root()[1]
        if owner in self.group:
            return self.group[owner]  # pci_real_dma_dev(): all of it has the requester id of Intel's VMD.
        for bridge in self.above(function):  # pci_for_each_dma_alias()
            if type_of(bridge) in (None, TO_PCI, FROM_PCI) and bridge.name in self.group:
                return self.group[bridge.name]
        one = function
        for bridge in self.above(function):
            if self.path_enabled(bridge):
                break
            one = bridge
            if one.name in self.group:
                return self.group[one.name]
        if one.multifunction and not acs_enabled(one):  # get_pci_function_alias_group()
            for mate in self.slot(one):
                if not acs_enabled(mate) and mate.name in self.group:
                    return self.group[mate.name]
        return function.name

    def ways(self):
        """{name: [(the function itself, or a port above it, whether it isolates), ... up to the root]}"""
        return {name: [(one.name, acs_enabled(one)) for one in (function, *self.above(function))]
                for name, function in self.functions.items()}


def reason(ways, named, start, peer):
    """Why the kernel leaves two functions apart that reach each other past the named ports. None: no rule says so."""
    isolates = dict(pair for way in ways.values() for pair in way)
    if all(isolates.get(port, False) for port in named):
        return "the kernel knows that the device isolates (pci_dev_acs_enabled)"
    one, other = ([name for name, _ in ways[end]] for end in (start, peer))
    shared = [name for name in one if name in other]
    if not all(isolates[name] for name in shared):
        return None  # A port above both passes requests on: they should be one group.
    tops = [way[len(way) - len(shared) - 1] for way in (one, other)]
    if tops[0][:-2] != tops[1][:-2]:
        return "what is in different slots of a bus is never merged (pci_device_group)"
    if any(isolates[top] for top in tops):
        return "functions of one slot are merged only if both lack ACS (get_pci_function_alias_group)"
    return None
