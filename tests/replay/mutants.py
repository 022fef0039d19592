#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mutants of captured machines, replayed: do the kernel, its rules in rules.py, and gpupass agree on groups?

    mutants.py make OUT SEED COUNT HOST.host...   writes the module's input, as machine.py does, with COUNT mutants
    mutants.py judge OUT...                       judges the consoles, and prints a table of counts

Each mutant has one to three changes of registers that decide about groups.
"""
import collections
import copy
import json
import random
import struct
import sys

import judge
import machine
import rules

ACS = 0x0D


def with_acs(functions):
    return [one for one in functions if one.extended(ACS)]


def flip(offset, bits):
    def change(functions, choose):
        one = choose.choice(with_acs(functions))
        at = one.extended(ACS) + offset
        struct.pack_into("<H", one.config, at, struct.unpack_from("<H", one.config, at)[0] ^ 1 << choose.choice(bits))
    return change


def acs_off(functions, choose):
    one = choose.choice(with_acs(functions))
    struct.pack_into("<H", one.config, one.extended(ACS) + 6, 0)


def no_acs(functions, choose):
    one = choose.choice(with_acs(functions))
    one.config[one.extended(ACS)] = 0x0B  # A capability of the vendor's.


def multifunction(functions, choose):
    """The bit of a function that is alone in its slot: without it, Linux would not find the others."""
    slots = collections.Counter(one.address._replace(devfn=one.address.devfn & ~7) for one in functions)
    choose.choice([one for one in functions if slots[one.address] == 1]).config[0x0E] ^= 0x80


def second_function(functions, choose):
    """Another function of the same slot, an endpoint, with the ACS of the first."""
    free = [one for one in functions if one.address.devfn & 7 == 0 and not one.flags & machine.VIRTUAL and
            not any(other.address == one.address._replace(devfn=one.address.devfn + 7) for other in functions)]
    first = choose.choice(free)
    second = copy.deepcopy(first)
    second.address = first.address._replace(devfn=first.address.devfn + 7)
    second.name = str(second.address)
    second.parts = first.parts[:-1] + [second.name]
    second.config[0x0E] = 0x80
    second.config[0x09:0x0C] = bytes((0, 0, 2))
    second.config[0x10:0x34] = bytes(0x24)
    second.masks, second.vf_masks, second.vfs, second.driver, second.override = [0] * 7, [0] * 6, 0, "", ""
    if second.express_type() is not None:
        second.config[second.express_at() + 2] &= 0x0F  # An endpoint.
    first.config[0x0E] |= 0x80
    functions.append(second)


def conventional(functions, choose):
    one = choose.choice([one for one in functions if not one.bridge])
    one.config[0x06] &= ~0x10


def bridge_to_pci(functions, choose):
    """A port becomes a bridge to conventional PCI, or one that has no capability at all."""
    one = choose.choice([one for one in functions if one.bridge and one.express_type() is not None])
    at = one.express_at()
    if choose.random() < 0.5 and one.parent():
        one.config[at + 2] = one.config[at + 2] & 0x0F | rules.TO_PCI << 4
    else:
        one.config[0x06] &= ~0x10


def known_port(functions, choose):
    ports = [one for one in functions if one.express_type() == rules.ROOT_PORT]
    for one in choose.sample(ports, min(len(ports), 2)):
        struct.pack_into("<HH", one.config, 0, *choose.choice(sorted(rules.KNOWN_PORTS)))
        if one.extended(ACS):
            one.config[one.extended(ACS)] = 0x0B


def known_functions(functions, choose):
    one = choose.choice([one for one in functions if not one.bridge])
    given = choose.choice(sorted(rules.KNOWN_FUNCTIONS))
    for mate in functions:
        if mate.address._replace(devfn=mate.address.devfn | 7) == one.address._replace(devfn=one.address.devfn | 7):
            struct.pack_into("<HH", mate.config, 0, *given)


CHANGES = {"a control bit": flip(6, (0, 2, 3, 4)), "a capability bit": flip(4, (0, 2, 3, 4)), "all control bits": acs_off,
           "no ACS": no_acs, "multifunction": multifunction, "a second function": second_function,
           "conventional": conventional, "bridge to PCI": bridge_to_pci, "known port": known_port,
           "known functions": known_functions}


def mutate(original, choose):
    """A mutant, and the names of its changes."""
    mutant, done = copy.deepcopy(original), []
    functions = list(mutant.functions.values())
    for one in functions:  # No BAR takes the kernel's time, and no driver.
        one.masks, one.vf_masks, one.driver, one.override = [0] * 7, [0] * 6, "", ""
    for _ in range(choose.choice((1, 1, 2, 3))):
        name = choose.choice(sorted(CHANGES))
        try:
            CHANGES[name](functions, choose)
        except IndexError:  # Nothing has what it would change.
            continue
        done.append(name)
    mutant.functions = {one.name: one for one in sorted(functions, key=lambda one: one.address)}
    return mutant, done


def make(out, seed, count, paths):
    choose = random.Random(seed)
    originals = [machine.Machine(path) for path in paths]
    made = [mutate(originals[at % len(originals)], choose) for at in range(count)]
    data, facts, overrides = machine.pack([mutant for mutant, _ in made])
    for (_, done), fact in zip(made, facts):
        fact["changes"] = done
    machine.write(out, data, facts, overrides)


def judge_all(folders):
    counts, changes, unexplained = collections.Counter(), collections.Counter(), 0
    for folder in folders:
        boot = judge.Boot(folder)
        if not boot.ended:
            print(f"{folder}: the boot did not reach its end")
            return 1
        state = boot.state()
        for mutant in boot.hosts:
            counts["mutants"] += 1
            changes.update(mutant["changes"])
            faults = judge.judge_rules(mutant, state, boot.assessed(), counts)
            unexplained += len(faults)
            for fault in faults:
                print(f"{folder}, {mutant['host']} ({', '.join(mutant['changes'])}): {fault}")
    for table in (changes, counts):
        for name, count in sorted(table.items()):
            print(f"{count:7}  {name}")
    print(f"{unexplained:7}  unexplained")
    return unexplained != 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
    else:
        sys.exit(judge_all(sys.argv[2:]))
