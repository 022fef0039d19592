#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How many GPUs `place --requests` gives within its deadline: a table in Markdown, and an error where that is more than 1 %
below what any packing could give.

packing.py [--hosts N] [--deadline SECONDS]

Two lists for as many hosts with 8 GPUs, two nodes and 128 CPUs: `unlike` has ten guests a host, and nearly each wants something
else; `cut out` is what the nodes are cut into, so that all of it fits, with a twentieth of the CPUs and the memory to spare.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import machines

gpupass = os.environ["GPUPASS"]
GPUS, CORES, GIB = 4, 31, 230  # Of a node; the host keeps one of its 32 cores, and a tenth of its 256 GiB is used.


def guest(name, gpus, vcpus, gib):
    return {"name": f"g{name}", "gpus": gpus, "vcpus": max(1, int(vcpus)), "memory": f"{max(1024, int(gib * 1024))}M"}


def unlike(chance, hosts):
    for name in range(10 * hosts):
        gpus = chance.randint(1, 8) if chance.random() < 0.5 else chance.randint(1, 2)
        yield guest(name, gpus, chance.randint(1, 2 * CORES * gpus // 4), chance.uniform(1, GIB * gpus / 5))


def parts(chance, whole, count):
    """Random positive parts that make up the whole."""
    cuts = [0, *sorted(chance.sample(range(1, whole), count - 1)), whole]
    return [last - first for first, last in zip(cuts, cuts[1:])]


def cut_out(chance, hosts):
    name = 0
    for _ in range(2 * hosts):
        count = chance.randint(1, GPUS)
        for gpus, cores, gib in zip(*(parts(chance, whole, count) for whole in (GPUS, CORES, GIB))):
            yield guest(name, gpus, 2 * cores * 0.95, gib * 0.95 * 64 / 65 - 0.125)
            name += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--deadline", type=int, default=5)
    options = parser.parse_args()
    held = True
    print("| list | guests | GPUs asked | given | at most | seconds |\n|" + " --- |" * 6)
    with tempfile.TemporaryDirectory() as scratch:
        host = pathlib.Path(scratch) / "host.host"
        host.write_text(machines.machine(functions=0, gpus=2 * GPUS, nodes=2, cpus=4 * (CORES + 1)).text())
        roots = [word for _ in range(options.hosts) for word in ("--root", str(host))]
        for kind in (unlike, cut_out):
            requests = list(kind(random.Random(1), options.hosts))
            document = json.dumps({"format": 1, "requests": requests})
            start = time.monotonic()
            result = subprocess.run([gpupass, *roots, "--json", "place", "--requests", "-", "--deadline", str(options.deadline)],
                                    input=document, capture_output=True, text=True, check=False)
            seconds = time.monotonic() - start
            if result.returncode not in (0, 3):
                sys.exit(result.stderr or result.stdout)
            summary = json.loads(result.stdout)["summary"]
            print(f"| {kind.__name__.replace('_', ' ')} | {len(requests)} | {summary['gpus_asked']} | {summary['gpus_given']} "
                  f"| {summary['gpus_at_most']} | {seconds:.1f} |", flush=True)
            held = held and summary["gpus_given"] >= 0.99 * summary["gpus_at_most"]
    sys.exit(0 if held else 1)


main()
