# SPDX-License-Identifier: LGPL-2.1-or-later
"""The building blocks of an example host: its CPUs, memory and PCI functions, and their text format."""

MISSING = ("-",)  # An entry that somebody asked for, and that the machine does not have.
KERNEL = "6.1.0-18-amd64"
GIB = 1 << 30
MIB = 1 << 20

# Device/Port Types of the PCI Express capability (PCI Express Base Specification, 7.5.3.2).
ENDPOINT, ROOT_PORT, UPSTREAM, DOWNSTREAM, PCI_BRIDGE = 0, 4, 5, 6, 7
ACS_ALL = 0x1D  # Source validation, request and completion redirect, upstream forwarding.
INTEL, AMD = 0, 2  # X86_VENDOR_* of the kernel's asm/processor.h.
LINK_XGMI, LINK_PCIE = 11, 2  # CRAT_IOLINK_TYPE_* of the kernel's kfd_crat.h.
SPEED_CODE = {2.5: 1, 5.0: 2, 8.0: 3, 16.0: 4, 32.0: 5}


GUEST = """<domain type='kvm'>
  <name>vm</name>
  <uuid>00000000-0000-4000-8000-0000000000ff</uuid>
  <memory unit='GiB'>16</memory>
  <vcpu>8</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram>/var/lib/libvirt/qemu/nvram/vm_VARS.fd</nvram>
  </os>
  <features>
    <acpi/>
  </features>
  <cpu mode='host-passthrough'/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/vm.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <console type='pty'/>
  </devices>
</domain>
"""  # A guest that is off, without a GPU.


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
    """One PCI function: its facts from the machine's description, and those that follow from its place."""

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
        """256 bytes of header and capabilities; 4096 bytes if there is an extended capability."""
        space = bytearray(4096 if self.express is not None else 256)

        def put(offset, value, size):
            space[offset:offset + size] = value.to_bytes(size, "little")

        put(0x00, self.vendor, 2)
        put(0x02, self.device, 2)
        put(0x04, 0x0007, 2)  # Command: I/O, memory, bus master.
        put(0x09, self.class_code, 3)
        put(0x0E, (1 if self.buses else 0) | (0x80 if self.multifunction else 0), 1)
        if self.buses:
            for offset, bus in zip((0x18, 0x19, 0x1A), self.buses):
                put(offset, bus, 1)
        if self.express is not None:
            put(0x06, 0x10, 2)  # Status: has a capability list.
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
        self.nodes = {}  # id -> (memory, free, [(page size, total, free)])
        self.node_cpus, self.distances = {}, {}
        self.cores, self.caches, self.packages = [], [], {}
        self.offline, self.isolated = [], []
        self.cpu_type = None  # In the format of the kernel's modalias.
        self.hives = []  # Lists of AMD GPUs, fully connected by xGMI.

    # -- CPUs and memory ---------------------------------------------------------------------------------

    def cpus(self, vendor, family, model):
        """The vendor of the CPUs, with the kernel's number: INTEL or AMD."""
        self.cpu_type = f"cpu:type:x86,ven{vendor:04X}fam{family:04X}mod{model:04X}"

    def package(self, number, node, cores, cache_bytes, cores_per_cache):
        """The cores of one package and NUMA node, each a list of its SMT siblings. Call it for each node."""
        cpus = [cpu for core in cores for cpu in core]
        self.cores += cores
        for at in range(0, len(cores), cores_per_cache):
            self.caches.append((cache_bytes, [c for core in cores[at:at + cores_per_cache] for c in core]))
        self.packages.setdefault(number, []).extend(cpus)
        self.node_cpus.setdefault(node, []).extend(cpus)

    def memory(self, node, size, huge=()):
        """A node's memory: huge pages (page size, total, free), and nine tenths of the rest free."""
        reserved = sum(page * total for page, total, _ in huge)
        self.nodes[node] = (size, (size - reserved) * 9 // 10, list(huge))

    def distance(self, nodes, value):
        """The distance between any two of these nodes."""
        self.distances.update({(one, other): value for one in nodes for other in nodes if one != other})

    # -- PCI ---------------------------------------------------------------------------------------------

    def add(self, *args, **facts):
        function = Function(*args, **facts)
        self.functions.append(function)
        return function

    def root_port(self, bus, node, slot=1, below=1, ids="8086:352a", speed=(32.0, 16), acs=ACS_ALL):
        """A root port on its own root bus, with `below` bus numbers."""
        port = self.add(f"0000:{bus:02x}:{slot:02x}.0", ids, 0x060400, ROOT_PORT, None, "pcieport", node,
                        root_bus=f"pci0000:{bus:02x}", buses=(bus, bus + 1, bus + below), acs=acs, link=speed)
        self.own_group(port)
        return port

    def endpoint(self, port, ids, class_code, driver, function=0, link=None, **facts):
        """A function of the card in a port. Function 0 opens a group; the others join it."""
        bus = port.buses[1]
        device = self.add(f"0000:{bus:02x}:00.{function}", ids, class_code, ENDPOINT, port, driver, port.node,
                          link=link or port.link, **facts)
        if function == 0:
            self.own_group(device)
        else:
            self.join(device, self.functions[-2].group)
        return device

    def bmc_vga(self, node=0):
        """The console of a server: an ASPEED VGA behind its own bridge. Conventional PCI: one group."""
        port = self.root_port(0, node, slot=0x1C, below=2, ids="8086:1bb8", speed=(5.0, 1))
        bridge = self.add("0000:01:00.0", "1a03:1150", 0x060400, PCI_BRIDGE, port, None, node, buses=(1, 2, 2),
                          link=(5.0, 1))
        vga = self.add("0000:02:00.0", "1a03:2000", 0x030000, None, bridge, "ast", node, boot_vga=1, reset="bus")
        self.own_group(bridge, vga)

    def own_group(self, *functions):
        self.groups.append([])
        for function in functions:
            self.join(function, len(self.groups) - 1)

    def join(self, function, group):
        function.group = group
        self.groups[group].append(function)

    # -- output ------------------------------------------------------------------------------------------

    def text(self):
        out = ["gpupass host 1", f"# {self.title}", "#"] + [f"# {line}" for line in self.sources]
        for path, entries in sorted(self.directories().items()):
            out.append(f"[{path}]")
            out += [line for name in sorted(entries) for line in entry(name, entries[name])]
        out += ["[cpu topology]", f"cpus = {cpu_list(c for core in self.cores for c in core)}"]
        out += [f"package {number} = {cpu_list(cpus)}" for number, cpus in sorted(self.packages.items())]
        out += [f"cache L3 {size} = {cpu_list(cpus)}" for size, cpus in sorted(self.caches, key=lambda c: min(c[1]))]
        out += [f"core = {cpu_list(core)}" for core in sorted(self.cores)]
        out += ["[domain vm]", "state = persistent", "config ="] + [f"| {line}" for line in GUEST.split("\n")]
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
        amd = f"ven{AMD:04X}" in self.cpu_type
        tree["/sys/class"] = {"iommu": None} | ({"kfd": None} if self.hives else {})
        tree["/sys/class/iommu"] = dict.fromkeys(("ivhd0", "ivhd1") if amd else ("dmar0", "dmar1"))
        tree["/sys/firmware/acpi/tables"] = {"IVRS" if amd else "DMAR": None}
        tree["/sys/bus/pci/drivers/vfio-pci"] = {}
        tree["/proc"] = {"cmdline": "BOOT_IMAGE=/boot/vmlinuz ro iommu=pt", "1": None, "swaps": "",
                         "interrupts": "  0:  0  IR-IO-APIC  2-edge  timer"}
        tree["/proc"]["cpuinfo"] = f"flags : lm {'svm' if amd else 'vmx'}"
        tree["/proc/sys/kernel"] = {"arch": "x86_64"}
        tree["/sys/class/misc"] = {"kvm": None, "vfio": None}
        tree["/sys/kernel/security"] = {"lockdown": "[none] integrity confidentiality"}
        self.distribution_entries(tree)
        self.node_entries(tree)
        self.kfd_entries(tree)
        online = [cpu for core in self.cores for cpu in core]
        tree["/sys/devices/system/cpu"] = {"modalias": self.cpu_type, "online": cpu_list(online), "offline": cpu_list(self.offline),
                                           "isolated": cpu_list(self.isolated)}
        return tree

    def distribution_entries(self, tree):
        """Debian, with a boot image by initramfs-tools, and nothing else that wants a device."""
        tree["/proc/1"], tree["/proc/1/fd"] = {"maps": ""}, {}
        tree["/proc/self"] = {"mountinfo": "22 1 259:2 / / rw - ext4 /dev/mapper/root rw\n", "cgroup": "0::/"}
        tree["/run/gpupass"] = {"home": MISSING, "wedged": MISSING}
        tree["/etc"] = {"os-release": "ID=debian", "fstab": "", "driverctl.d": MISSING}
        tree["/etc/gpupass"] = {"boot-bindings": MISSING}
        tree["/usr/share/initramfs-tools"] = {"hook-functions": None}
        tree["/boot"] = {f"initrd.img-{KERNEL}": None, f"vmlinuz-{KERNEL}": None}
        tree["/lib/modules"] = {KERNEL: None}
        tree["/usr/share/gpupass/boot"] = {"entries.sh": "installed"}
        for folder in ("hooks", "scripts/init-top"):
            tree[f"/usr/share/initramfs-tools/{folder}"] = {"gpupass": "installed"}

    def kfd_entries(self, tree):
        """The nodes of AMD's compute driver: those of the CPUs first, then one for each GPU of a hive."""
        base = "/sys/class/kfd/kfd/topology/nodes"
        gpus = [gpu for hive in self.hives for gpu in hive]
        number = {gpu: len(self.nodes) + at for at, gpu in enumerate(gpus)}
        for node in range(len(self.nodes)) if gpus else ():
            tree[f"{base}/{node}"] = {"properties": "simd_count 0\nlocation_id 0\ndomain 0"}
        for hive in self.hives:
            for gpu in hive:
                bus = int(gpu.address[5:7], 16)
                links = [(LINK_PCIE, sorted(self.nodes).index(gpu.node))]
                links += [(LINK_XGMI, number[other]) for other in hive if other != gpu]
                tree[f"{base}/{number[gpu]}"] = {
                    "properties": f"simd_count 416\nlocation_id {bus << 8}\ndomain 0", "io_links": None}
                tree[f"{base}/{number[gpu]}/io_links"] = {str(at): None for at in range(len(links))}
                for at, (kind, to) in enumerate(links):
                    tree[f"{base}/{number[gpu]}/io_links/{at}"] = {"properties": f"type {kind}\nnode_to {to}"}
        if gpus:
            tree[base] = {str(node): None for node in range(len(self.nodes) + len(gpus))}

    def function_entries(self, tree, function):
        base = f"/sys/bus/pci/devices/{function.address}"
        tree.setdefault("/sys/bus/pci/devices", {})[function.address] = ("->", f"../../../{function.path()}")
        entries = tree[base] = {
            "class": f"0x{function.class_code:06x}", "vendor": f"0x{function.vendor:04x}",
            "device": f"0x{function.device:04x}", "revision": "0xa1", "numa_node": str(function.node),
            "driver_override": "(null)", "power_state": "D0", "config": function.config(),
            "resource": "\n".join(resource_lines(function)),
        }
        if function.buses is None:
            sub_vendor, sub_device = function.subsystem.split(":")
            entries["subsystem_vendor"], entries["subsystem_device"] = f"0x{sub_vendor}", f"0x{sub_device}"
        if function.driver == "nvidia":
            number = [other.address for other in self.functions if other.driver == "nvidia"].index(function.address)
            tree[f"/proc/driver/nvidia/gpus/{function.address}"] = {
                "information": f"GPU UUID: \t GPU-00000000-0000-4000-8000-{number:012x}"}
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
            for kind, total in ("correctable", "COR"), ("nonfatal", "NONFATAL"), ("fatal", "FATAL"):
                entries[f"aer_dev_{kind}"] = f"TOTAL_ERR_{total} 0"

    def node_entries(self, tree):
        base = "/sys/devices/system/node"
        ids = sorted(self.nodes)
        tree[base] = {f"node{node}": None for node in ids} | {"online": cpu_list(ids)}
        for node in ids:
            memory, free, huge = self.nodes[node]
            tree[f"{base}/node{node}"] = {
                "cpulist": cpu_list(self.node_cpus.get(node, [])),
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
    if value == MISSING:
        return [f"{name} -"]
    if isinstance(value, tuple):
        return [f"{name} -> {value[1]}"]
    if isinstance(value, bytearray):
        rows = [(at, value[at:at + 16]) for at in range(0, len(value), 16) if any(value[at:at + 16])]
        return [f"{name} : {len(value)} bytes"] + [f"| {at:03x}: {row.hex(' ')}" for at, row in rows]
    if "\n" in value:
        return [f"{name} ="] + [f"| {line}" for line in value.split("\n")]
    value = value.replace("\\", "\\\\").replace("\t", "\\t")
    return [f"{name} = {value}" if value else f"{name} ="]
