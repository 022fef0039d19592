#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws where guests of 1, 2 and 4 GPUs go on a host, one after the other: draw_placement.py [ROOT]"""
import sys

import gpupass

with gpupass.open(sys.argv[1] if len(sys.argv) > 1 else "/") as system:
    host = system.probe("place")
free = [gpu for gpu in host.assess() if gpu.assignable == "yes"]
owner = {gpu.address: "." for gpu in free}
for letter, count in zip("abc", (1, 2, 4)):
    left = [address for address, guest in owner.items() if guest == "."]
    if len(left) < count:
        break
    placement = host.place(gpupass.Request(gpus=left[:count], vcpus=4 * count))
    owner.update((address, letter) for address in placement.gpus)
    cells = ", ".join(f"node {cell.node} CPUs {cell.cpus}" for cell in placement.cells)
    print(f"{letter}: {count} GPU{'s' if count > 1 else ''} on {cells}")
print("GPUs in bus order:", "".join(owner.values()))
