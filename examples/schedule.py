#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small scheduler: places the tasks of a cluster's trace on as many equal hosts as are asked for, batch after batch in the
order in which they came, and says what is left over: schedule.py TRACE.csv HOSTS ROOT [BATCH]

The trace has the columns name, cpu_milli, memory_mib and num_gpu, as the one that Alibaba published for "Beware of
Fragmentation" (ATC 2023). Tasks without a GPU, and parts of GPUs, are left out.
"""
import csv
import json
import sys
from collections.abc import Iterator
from typing import Any

import gpupass


def requests(trace: str) -> Iterator[dict[str, Any]]:
    with open(trace, newline="") as file:
        for task in csv.DictReader(file):
            if int(task["num_gpu"]) and task.get("gpu_milli", "1000") == "1000":
                yield {"name": task["name"], "gpus": int(task["num_gpu"]), "vcpus": max(1, int(task["cpu_milli"]) // 1000),
                       "memory": f"{max(1, int(task['memory_mib']))}M"}


def main() -> None:
    trace, count, root = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    waiting = list(requests(trace))
    batch = int(sys.argv[4]) if len(sys.argv) > 4 else len(waiting)
    with gpupass.open(root) as system:
        host = system.probe("place")
    hosts = [host] * count
    placed = gpus = 0
    refused: list[str] = []
    for start in range(0, len(waiting), batch):
        # Everything that came so far is packed again: tasks that have a place may move until they start.
        asked = waiting[: start + batch]
        packing = gpupass.pack(hosts, asked, deadline_ms=5000)
        placed = sum(guest.host is not None for guest in packing.guests)
        gpus = packing.gpus
        refused = [request["name"] for request, guest in zip(asked, packing.guests) if guest.host is None]
        print(f"{len(asked)} tasks: {placed} placed, {gpus} of at most {packing.most_gpus} GPUs given")
    print(json.dumps({"placed": placed, "gpus": gpus, "refused": len(refused), "first_refused": refused[:3]}))


main()
