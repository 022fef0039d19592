# SPDX-License-Identifier: LGPL-2.1-or-later
"""A made-up server with 16 GPUs, 8 network cards, 4 drives and 4 NVSwitches, whose links are in every health."""
import re
import sys

from collection import SOURCE

sys.path.insert(0, str(SOURCE / "examples/hosts"))
from compose import GPU, NIC, NVME, pairs  # noqa: E402
from machine import ACS_ALL, DOWNSTREAM, GIB, INTEL, MIB, UPSTREAM, Machine  # noqa: E402

# What the links of some functions are now, where it is not their best: speed and lanes.
NOW = {"0000:13:00.0": ("2.5", 16), "0000:14:00.0": ("32.0", 8), "0000:18:00.0": ("8.0", 16), "0000:31:00.0": ("16.0", 16)}


def sixteen_gpus():
    machine = Machine("16 GPUs", [])
    machine.cpus(INTEL, 0x6, 0x8F)
    for socket in range(2):
        machine.package(socket, socket, pairs(socket * 48, 48, 96 + socket * 48), 105 * MIB, 48)
        machine.memory(socket, 1024 * GIB, [(GIB, 512, 512)])
    machine.bmc_vga()
    for index, bus in enumerate((0x10, 0x30, 0x90, 0xB0)):
        node = index // 2
        port = machine.root_port(bus, node, below=16)
        up = machine.add(f"0000:{bus + 1:02x}:00.0", "1000:c030", 0x060400, UPSTREAM, port, "pcieport", node,
                         buses=(bus + 1, bus + 2, bus + 16), link=(32.0, 16))
        machine.own_group(up)
        kinds = ["gpu"] * 4 + ["nic"] * 2 + ["nvme", "nvswitch"]
        for slot, kind in enumerate(kinds):
            down = machine.add(f"0000:{bus + 2:02x}:{slot:02x}.0", "1000:c030", 0x060400, DOWNSTREAM, up, "pcieport", node,
                               buses=(bus + 2, bus + 3 + slot, bus + 3 + slot), acs=ACS_ALL, link=(32.0, 16))
            machine.own_group(down)
            if kind == "gpu":
                machine.endpoint(down, "10de:2330", GPU, "nvidia", reset="flr bus")
            elif kind == "nic":
                machine.endpoint(down, "15b3:1021", NIC, "mlx5_core")
            elif kind == "nvme":
                machine.endpoint(down, "144d:a824", NVME, "nvme")
            else:
                machine.endpoint(down, "10de:22a3", 0x068000, "nvidia-nvswitch")
    text = machine.text()
    for address, (speed, width) in NOW.items():
        text = re.sub(rf"(\[/sys/bus/pci/devices/{address}\]\n(?:[^\[\n].*\n)*?current_link_speed) = .*", rf"\1 = {speed} GT/s PCIe", text)
        text = re.sub(rf"(\[/sys/bus/pci/devices/{address}\]\n(?:[^\[\n].*\n)*?current_link_width) = .*", rf"\1 = {width}", text)
    return text
