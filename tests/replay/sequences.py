#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random sequences of writes into /sys/bus/pci, for the replayed kernel and for the tests' fake one.

    sequences.py SEED COUNT FUNCTION...   prints sequences of writes that are about these functions

Each line is PATH VALUE, below /sys/bus/pci; a value that is missing is an empty line. "state" prints what became of the
functions. "home" performs all lines "home PATH VALUE", which lead home from everywhere.
"""
import random
import sys

OVERRIDES = ("vfio-pci", "vfio-pci", "pci-stub", "nouveau", "nothing", "")
DRIVERS = ("vfio-pci", "vfio-pci", "pci-stub", "nothing")
NUMBERS = ("0", "1", "2", "3", "99", "-1", "x", "")
IDS = ("10de 2684", "8086 e211", "ffff 1", "10de", "x")


def write(choose, functions):
    function = choose.choice(functions)
    address = choose.choice((function,) * 6 + (choose.choice(functions), "0000:09:00.0", "x"))
    device = f"devices/{function}"
    driver = choose.choice(DRIVERS)
    return choose.choice((
        f"{device}/driver_override {choose.choice(OVERRIDES)}",
        f"{device}/driver_override {choose.choice(OVERRIDES)}",
        f"{device}/driver/unbind {address}",
        f"{device}/driver/unbind {address}",
        f"drivers/{driver}/bind {address}",
        f"drivers/{driver}/bind {address}",
        f"drivers/{driver}/unbind {address}",
        f"drivers_probe {address}",
        f"drivers_probe {address}",
        f"drivers/{driver}/new_id {choose.choice(IDS)}",
        f"drivers/{driver}/remove_id {choose.choice(IDS)}",
        f"{device}/remove {choose.choice(NUMBERS)}",
        f"rescan {choose.choice(NUMBERS)}",
        f"{device}/sriov_numvfs {choose.choice(NUMBERS)}",
        f"{device}/reset {choose.choice(NUMBERS)}",
    ))


def home(functions):
    for driver in ("vfio-pci", "pci-stub"):
        for ids in IDS[:3]:
            yield f"home drivers/{driver}/remove_id {ids}"
    yield "home rescan 1"
    for function in functions:
        yield f"home devices/{function}/driver_override "
        yield f"home devices/{function}/driver/unbind {function}"
        yield f"home drivers_probe {function}"
        yield f"home devices/{function}/sriov_numvfs 0"


def main():
    choose, functions = random.Random(int(sys.argv[1])), sys.argv[3:]
    print("\n".join(home(functions)))
    for _ in range(int(sys.argv[2])):
        for _ in range(choose.randint(2, 10)):
            print(write(choose, functions))
        print("state " + " ".join(functions))
        print("home")


if __name__ == "__main__":
    main()
