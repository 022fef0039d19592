#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sets a node up: every GPU that can be given away goes to vfio-pci, now and at every boot. Prints the plan; with --apply it is
carried out. prepare_node.py [--apply] [ROOT]"""
import sys

import gpupass

apply = "--apply" in sys.argv
root = next((word for word in sys.argv[1:] if not word.startswith("--")), "/")
with gpupass.open(root) as system:
    host = system.probe("bind")
    gpus = [gpu.address for gpu in host.assess() if gpu.assignable == "yes" and gpu.state == "host"]
    if not gpus:
        sys.exit("no GPU of this host can be given away now: gpupass check says why")
    try:
        plan = host.plan_bind(gpus, at_boot=apply)
    except gpupass.errors.RefusedError as error:
        sys.exit("\n".join(f"{reason.message}: {reason.remedy}" for reason in error.reasons) or str(error))
    print(host.render("plan", plan), end="")
    if apply:
        report = system.apply(plan, lambda event: print(event.kind, event.summary))
        sys.exit(0 if report.outcome in ("done", "already") else 1)
