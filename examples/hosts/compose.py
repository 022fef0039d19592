#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Composes example hosts from public facts, in the format that `gpupass --root FILE` reads: gpupass-host(5).

No public capture of a machine contains CPUs, NUMA nodes, GPUs and IOMMU groups together.  This script combines them
names the source of each part, and adds a Debian with one guest.  The files next to it are its output:

    examples/hosts/compose.py            writes all files
    examples/hosts/compose.py --check    fails if a file differs from the output
"""
import argparse
import pathlib
import sys

from machine import ACS_ALL, AMD, DOWNSTREAM, GIB, INTEL, MIB, UPSTREAM, Machine

HERE = pathlib.Path(__file__).resolve().parent
GPU, VGA, AUDIO, NIC, NVME = 0x030200, 0x030000, 0x040300, 0x020000, 0x010802
IDS = "Ids: the PCI ID Repository."


def pairs(first, count, sibling):
    """Cores as Linux numbers them on most servers: all cores first, then all their SMT siblings."""
    return [[first + n, sibling + n] for n in range(count)]


def window(index, size):
    """The BARs of a GPU whose whole memory is mapped: registers, memory, and the small third one."""
    start = (index + 1) << 40
    return [(start + size * 2, 16 * MIB), (start, size), (start + size * 2 + 64 * MIB, 32 * MIB)]


def eight_gpus_two_sockets():
    machine = Machine("A 2-socket server with 8 GPUs behind 4 switches, from public facts.", [
        "CPUs: 2 x 56 cores with SMT, 105 MiB of L3 (Intel's product page of the Xeon Platinum 8480+).",
        "PCI: one switch for each two GPUs and two NICs, two switches a socket: block diagrams of servers with",
        "  an HGX 8-GPU board. Links PCIe 5.0 x16. BARs of an 80 GB GPU with its whole memory mapped.",
        "Memory: 1 TiB a socket, 512 huge pages of 1 GiB on each. Distances: 10 and 21, usual on such machines.", IDS])
    machine.cpus(INTEL, 0x6, 0x8F)
    for socket in range(2):
        machine.package(socket, socket, pairs(socket * 56, 56, 112 + socket * 56), 105 * MIB, 56)
        machine.memory(socket, 1024 * GIB, [(2 * MIB, 0, 0), (GIB, 512, 512)])
    machine.bmc_vga()
    for index, bus in enumerate((0x16, 0x50, 0x97, 0xD0)):
        node = index // 2
        port = machine.root_port(bus, node, below=6)
        up = machine.add(f"0000:{bus + 1:02x}:00.0", "1000:c030", 0x060400, UPSTREAM, port, "pcieport", node,
                         buses=(bus + 1, bus + 2, bus + 6), link=(32.0, 16))
        machine.own_group(up)
        for slot in range(4):
            down = machine.add(f"0000:{bus + 2:02x}:{slot:02x}.0", "1000:c030", 0x060400, DOWNSTREAM, up, "pcieport",
                               node, buses=(bus + 2, bus + 3 + slot, bus + 3 + slot), acs=ACS_ALL, link=(32.0, 16))
            machine.own_group(down)
            if slot < 2:
                machine.endpoint(down, "10de:2330", GPU, "nvidia", reset="flr bus", subsystem="10de:16c1",
                                 bars=window(index * 2 + slot, 128 * GIB))
            else:
                machine.endpoint(down, "15b3:1021", 0x020700, "mlx5_core", reset="flr bus", subsystem="15b3:0041",
                                 bars=[((index * 2 + slot + 64) << 34, 32 * MIB)])
    for node, bus in ((0, 0x80), (1, 0xF0)):
        machine.endpoint(machine.root_port(bus, node, speed=(16.0, 4)), "144d:a824", NVME, "nvme", reset="flr bus",
                         subsystem="144d:a801")
    return machine


def epyc_four_nodes_a_socket():
    machine = Machine("A 2-socket EPYC server with 4 nodes a socket (NPS4) and 8 GPUs, from public facts.", [
        "CPUs: 2 x 64 cores with SMT, 32 MiB of L3 for each 8 cores; NPS4 makes 4 nodes of 16 cores a socket, the",
        "  distances are 10, 12 and 32 (AMD's tuning guides for EPYC 7003).",
        "PCI: one GPU at each node's root complex, on root buses in descending order of the nodes, as AMD's root",
        "  complexes are numbered. BARs of a 64 GB GPU with its whole memory mapped. Links PCIe 4.0 x16.",
        "xGMI: the GPUs of each socket form a hive of four, each with a link to every other, as the published",
        "  topology of a server with eight MI210 shows.",
        "Memory: 128 GiB a node. No huge pages are reserved.", IDS])
    machine.cpus(AMD, 0x19, 0x1)
    for node in range(8):
        machine.package(node // 4, node, pairs(node * 16, 16, 128 + node * 16), 32 * MIB, 8)
        machine.memory(node, 128 * GIB, [(2 * MIB, 0, 0), (GIB, 0, 0)])
    machine.distance(range(8), 32)
    machine.distance(range(4), 12)
    machine.distance(range(4, 8), 12)
    machine.bmc_vga()
    gpus = []
    for node in range(8):
        port = machine.root_port(0xE0 - node * 0x18, node, ids="1022:1483", speed=(16.0, 16))
        gpus.append(machine.endpoint(port, "1002:740f", 0x038000, "amdgpu", reset="flr bus",
                                     bars=window(node, 64 * GIB)))
    machine.hives = [gpus[:4], gpus[4:]]
    return machine


def sub_numa_clusters():
    machine = Machine("A 2-socket server with sub-NUMA clusters (SNC2) and 4 GPUs, from public facts.", [
        "CPUs: 2 x 32 cores with SMT; SNC2 makes 2 nodes of 16 cores a socket with one L3 of 60 MiB shared by",
        "  both (Intel's description of SNC), distances 10, 12 and 21.",
        "PCI: a root port for each GPU, two of them on the first node of each socket and two on the second.",
        "Memory: 128 GiB a node; huge pages of 2 MiB on nodes 0 and 2 only.", IDS])
    machine.cpus(INTEL, 0x6, 0x6A)
    for node in range(4):
        machine.package(node // 2, node, pairs(node * 16, 16, 64 + node * 16), 60 * MIB, 16)
        machine.memory(node, 128 * GIB, [(2 * MIB, 16384, 16384 if node == 0 else 1024)] if node % 2 == 0 else [])
    # One L3 serves the two nodes of a socket.
    machine.caches = [(60 * MIB, machine.packages[0]), (60 * MIB, machine.packages[1])]
    machine.distance(range(4), 21)
    machine.distance((0, 1), 12)
    machine.distance((2, 3), 12)
    machine.bmc_vga()
    for node, bus in enumerate((0x30, 0x60, 0xA0, 0xC0)):
        machine.endpoint(machine.root_port(bus, node, speed=(16.0, 16)), "10de:26b9", GPU, "nvidia", reset="flr bus",
                         bars=window(node, 64 * GIB))
    return machine


def sparse_nodes():
    machine = Machine("A 4-socket server of which two sockets are empty: nodes 1 and 3, from public facts.", [
        "Node ids: the kernel takes them from the firmware's proximity domains and leaves holes for the empty",
        "  ones; the nodes 1, 3, 5, 7 of a published GPU server's topology show such numbers.",
        "CPUs: 2 x 16 cores without holes in their own numbers. PCI: two GPUs on node 3, none on node 1.",
        "Memory: 64 GiB a node.", IDS])
    machine.cpus(INTEL, 0x6, 0x55)
    for index, node in enumerate((1, 3)):
        machine.package(index * 2, node, pairs(index * 16, 16, 32 + index * 16), 22 * MIB, 16)
        machine.memory(node, 64 * GIB, [(2 * MIB, 8192, 8192)])
    machine.bmc_vga(node=1)
    for index, bus in enumerate((0xAE, 0xD7)):
        machine.endpoint(machine.root_port(bus, 3, speed=(8.0, 16)), "10de:1eb8", GPU, "nvidia", reset="bus",
                         bars=window(index, 256 * MIB))
    return machine


def memory_only_nodes():
    machine = Machine("A 2-socket server with a memory-only node and GPU-memory nodes, from public facts.", [
        "Nodes 0 and 1 have CPUs; node 2 is a CXL memory expander, without CPUs, as the kernel's documentation of",
        "  memory tiers describes; nodes 254 and 255 are memory of the GPUs, numbered downwards from 255 as",
        "  published listings of servers with coherent GPU memory show.",
        "CPUs: 2 x 24 cores with SMT. PCI: two GPUs, one on each socket.", IDS])
    machine.cpus(INTEL, 0x6, 0x6A)
    for node in range(2):
        machine.package(node, node, pairs(node * 24, 24, 48 + node * 24), 36 * MIB, 24)
        machine.memory(node, 192 * GIB, [(GIB, 32, 32)])
    machine.memory(2, 512 * GIB, [(GIB, 256, 256)])
    machine.memory(254, 96 * GIB)
    machine.memory(255, 96 * GIB)
    machine.distance((0, 1, 2, 254, 255), 40)
    machine.distance((0, 1), 21)
    machine.distances.update({(0, 2): 14, (2, 0): 14})
    machine.bmc_vga()
    for node, bus in ((0, 0x40), (1, 0xB0)):
        machine.endpoint(machine.root_port(bus, node), "10de:2342", GPU, "nvidia", reset="flr",
                         bars=window(node, 128 * GIB))
    return machine


def smt_off():
    machine = Machine("A 1-socket workstation with SMT off, 2 equal GPUs and their audio functions, from public facts.", [
        "CPUs: 24 cores, one thread each (SMT switched off in the firmware), 32 MiB of L3 for each 8 cores.",
        "PCI: two equal boards, each a VGA, an audio, a USB and a UCSI function in one group, as published IOMMU",
        "  listings of such boards show; a third, small card is the boot display. One NUMA node, which the firmware",
        "  does not tell (-1). Memory: 128 GiB.", IDS])
    machine.cpus(AMD, 0x19, 0x8)
    machine.package(0, 0, [[n] for n in range(24)], 32 * MIB, 8)
    machine.memory(0, 128 * GIB, [(2 * MIB, 0, 0)])
    for index, bus in enumerate((0x20, 0x40)):
        port = machine.root_port(bus, -1, ids="1022:1483", speed=(8.0, 16))
        machine.endpoint(port, "10de:1e04", VGA, "nvidia", multifunction=True, reset="bus", boot_vga=0,
                         bars=window(index, 256 * MIB))
        machine.endpoint(port, "10de:10f7", AUDIO, "snd_hda_intel", function=1, multifunction=True, reset="bus")
        machine.endpoint(port, "10de:1ad6", 0x0C0330, "xhci_hcd", function=2, multifunction=True, reset="bus")
        machine.endpoint(port, "10de:1ad7", 0x0C8000, "i2c_nvidia_gpu", function=3, multifunction=True, reset="bus")
    port = machine.root_port(0x60, -1, ids="1022:1483", speed=(8.0, 8))
    machine.endpoint(port, "10de:128b", VGA, "nouveau", multifunction=True, reset="bus", boot_vga=1)
    machine.endpoint(port, "10de:0e0f", AUDIO, "snd_hda_intel", function=1, multifunction=True, reset="bus")
    return machine


def offline_cpus():
    machine = Machine("A 2-socket server with CPUs offline and isolated, and 2 GPUs, from public facts.", [
        "CPUs: 2 x 16 cores with SMT whose numbers alternate between the sockets (even 0, odd 1), as published",
        "  captures of such servers show. CPU 0's node has 4 CPUs offline; 8 CPUs of node 1 are isolated.",
        "PCI: one GPU on each node. Memory: 96 GiB a node.", IDS])
    machine.cpus(INTEL, 0x6, 0x55)
    offline, isolated = {24, 26, 56, 58}, {1, 3, 5, 7, 33, 35, 37, 39}
    for node in range(2):
        cores = [[c for c in (n * 2 + node, 32 + n * 2 + node) if c not in offline] for n in range(16)]
        machine.package(node, node, [core for core in cores if core], 22 * MIB, 16)
        machine.memory(node, 96 * GIB, [(2 * MIB, 4096, 4096)])
    machine.offline, machine.isolated = sorted(offline), sorted(isolated)
    machine.bmc_vga()
    for node, bus in ((0, 0x3B), (1, 0xAF)):
        machine.endpoint(machine.root_port(bus, node, speed=(8.0, 16)), "10de:1db6", GPU, "nvidia", reset="bus",
                         bars=window(node, 32 * GIB))
    return machine


def hybrid_desktop():
    machine = Machine("A desktop with performance and efficiency cores, and one GPU, from public facts.", [
        "CPUs: 8 cores with SMT (0-15) and 16 without (16-31), one L3 of 36 MiB (Intel's product page of the Core",
        "  i9-13900K, numbered as Linux does). One node. The integrated GPU drives the display.",
        "PCI: a GPU with its audio function. Memory: 64 GiB.", IDS])
    machine.cpus(INTEL, 0x6, 0xB7)
    cores = [[2 * n, 2 * n + 1] for n in range(8)] + [[n] for n in range(16, 32)]
    machine.package(0, 0, cores, 36 * MIB, len(cores))
    machine.memory(0, 64 * GIB, [(2 * MIB, 0, 0), (GIB, 0, 0)])
    internal = machine.add("0000:00:02.0", "8086:a780", VGA, None, None, "i915", -1, root_bus="pci0000:00", boot_vga=1)
    machine.own_group(internal)
    port = machine.root_port(0x00, -1, ids="8086:a70d", speed=(16.0, 16))
    machine.endpoint(port, "10de:2684", VGA, "nouveau", multifunction=True, reset="flr bus", boot_vga=0,
                     bars=window(0, 32 * GIB))
    machine.endpoint(port, "10de:22ba", AUDIO, "snd_hda_intel", function=1, multifunction=True, reset="flr bus")
    return machine


MACHINES = {
    "8gpu-2socket": eight_gpus_two_sockets,
    "epyc-nps4-8gpu": epyc_four_nodes_a_socket,
    "snc2-4gpu": sub_numa_clusters,
    "sparse-nodes-2gpu": sparse_nodes,
    "memory-only-nodes-2gpu": memory_only_nodes,
    "smt-off-2gpu": smt_off,
    "offline-cpus-2gpu": offline_cpus,
    "hybrid-1gpu": hybrid_desktop,
}


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
