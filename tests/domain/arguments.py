#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads QEMU's arguments and prints the NUMA cell of each PCI device except bridges, or -1 for the root bus:
`arguments.py FILE`."""
import json
import shlex
import sys

BRIDGES = ("pcie-root-port", "pcie-pci-bridge", "pxb-pcie")


def devices(arguments):
    for option, value in zip(arguments, arguments[1:]):
        if option == "-device" and value.startswith("{"):
            yield json.loads(value)


def cell_above(device, by_id):
    while device.get("bus", "pcie.0") != "pcie.0":
        device = by_id[device["bus"]]
        if device["driver"] == "pxb-pcie":
            return device["numa_node"]
    return -1


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        all_devices = list(devices(shlex.split(file.read())))
    by_id = {device["id"]: device for device in all_devices if device["driver"] in BRIDGES}
    for device in all_devices:
        if device["driver"] not in BRIDGES and (device.get("bus") == "pcie.0" or device.get("bus") in by_id):
            name = device.get("host", device["driver"])
            rom = "" if device.get("rombar", 1) else ", no ROM"
            print(f"{name}: cell {cell_above(device, by_id)}{rom}")
    for device in all_devices:
        if device["driver"] == "pxb-pcie":
            print(f"expander of cell {device['numa_node']}: bus {device['bus_nr']}")
        if "pref64-reserve" in device:
            print(f"{device['id']}: keeps {device['pref64-reserve'] >> 30} GiB")
        if "mem-reserve" in device:
            print(f"{device['id']}: keeps {device['mem-reserve'] >> 20} MiB below 4 GiB")


if __name__ == "__main__":
    main()
