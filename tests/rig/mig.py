#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""NVIDIA's MIG by the whole program, as root, on a fake machine with a stand-in for NVIDIA's management library. What the
driver has is a file, in the words of MigStandIn::print(). usage: GPUPASS=program GPUPASS_NVML_DOUBLE=folder mig.py"""
import json
import os
import pathlib
import random
import re
import signal
import sys
import time

from machine import Machine, enter

GPU, BARE = "0000:9a:00.0", "H100 80GB\n"
failures = []


class MigMachine(Machine):
    """A server with eight H100, one of which the library knows."""

    def __init__(self):
        super().__init__("8gpu-2socket.host", {GPU: "nvidia"})
        self.file = pathlib.Path("/run/nvml.mig")
        self.settings = {"NVML_DOUBLE": "/run/nvml", "NVML_DOUBLE_GPU": GPU,
                         "LD_LIBRARY_PATH": os.environ["GPUPASS_NVML_DOUBLE"]}
        self.file.write_text(BARE)

    def start(self, *words, **options):
        return super().start(*words, env={**os.environ, **self.settings}, **options)

    def now(self):
        return self.file.read_text()


def expect(what, condition, said=""):
    if not condition:
        failures.append(what)
        print(f"FAILED: {what}: {said}")


def told(machine, status, *words):
    """What the program says."""
    code, said = machine.run(*words)
    expect(f"{' '.join(words)} exits with {status}", code == status, f"{code}: {said}")
    return said


def exported(machine):
    """The file alone, without the remark below it on what was not seen."""
    return "".join(line + "\n" for line in told(machine, 0, "export").splitlines() if re.match(r"#|\[|$|\S+ = ", line))


def has(said, pattern):
    expect(pattern, re.search(pattern, said, re.MULTILINE), said)


def instances(machine):
    """Those of the driver: profile's id, start and size."""
    return sorted(tuple(int(word) for word in line.split()[2:]) for line in machine.now().splitlines()
                  if line.startswith("instance"))


def shows(machine):
    said = told(machine, 0, "slices", GPU)
    has(said, "MIG mode is off; an instance is no device")
    has(said, "mig +3g.40gb +- +0 +2$")
    told(machine, 0, "-n", "slice", "create", GPU, "--mig", "3g.40gb")
    expect("a dry run changes nothing", machine.now() == BARE, machine.now())


def makes_and_takes_away(machine):
    told(machine, 0, "slice", "create", GPU, "--mig", "1g.10gb,3g.40gb")
    expect("the instances are made where they leave most room",
           instances(machine)[1:] == [(19, instances(machine)[1][1], 1)] and (9, 4, 4) in instances(machine), machine.now())
    expect("each has its compute instance", machine.now().count("compute 0 0") == 2, machine.now())
    cut = machine.now()
    said = told(machine, 0, "slices", GPU)
    has(said, "^3g.40gb:4 +mig .* free$")
    has(said, "MIG mode is on")
    has(told(machine, 0, "-v", "slices", GPU), "compute instance 0 of 3 slices: MIG-")
    gpu = json.loads(told(machine, 0, "--json", "slices", GPU))["gpus"][0]
    expect("JSON has the instances", [one["profile"] for one in gpu["mig"]["instances"]] == ["1g.10gb", "3g.40gb"], gpu)
    # What there is is taken from the machine.
    has(told(machine, 0, "slices", GPU, "--fit", "3g.40gb,2g.20gb"), "3g.40gb +9 +4:4 +stays$")
    has(told(machine, 3, "slice", "create", GPU, "--mig", "4g.40gb"), "no place for all of 4g.40gb, 3g.40gb, 1g.10gb")
    told(machine, 0, "slice", "create", GPU, "--mig", "1g.10gb")
    expect("one more", len(instances(machine)) == 3, machine.now())
    told(machine, 0, "undo")
    expect("an undo takes it back", machine.now() == cut, machine.now())
    told(machine, 0, "slice", "destroy", GPU, "--mig", "3g.40gb:4")
    expect("one is left", len(instances(machine)) == 1, machine.now())
    told(machine, 0, "undo")
    expect("an undo brings it back", instances(machine)[0] == (9, 4, 4), machine.now())
    told(machine, 0, "slice", "destroy", GPU, "--mig", "all")
    expect("the mode stays", machine.now() == BARE + "enabled\n", machine.now())
    told(machine, 0, "slice", "create", GPU, "--mig", "7g.80gb")
    told(machine, 0, "slice", "destroy", GPU, "--mig", "off")
    expect("nothing is left", machine.now() == BARE, machine.now())
    told(machine, 0, "slice", "destroy", GPU, "--mig", "off")


def reads_a_file(machine):
    pathlib.Path("/run/config.yaml").write_text(
        "version: v1\nmig-configs:\n  two:\n    - devices: [0]\n      mig-enabled: true\n"
        "      mig-devices: {3g.40gb: 2}\n")
    first = json.loads(told(machine, 0, "--json", "slices", "--mig-config", "/run/config.yaml"))["fits"][0]["address"]
    machine.settings["NVML_DOUBLE_GPU"] = first
    machine.file.write_text(BARE)
    told(machine, 0, "slice", "create", "--mig-config", "/run/config.yaml")
    expect("all that the file declares", instances(machine) == [(9, 0, 4), (9, 4, 4)], machine.now())
    told(machine, 0, "slice", "create", "--mig-config", "/run/config.yaml")
    machine.settings["NVML_DOUBLE_GPU"] = GPU
    machine.file.write_text(BARE)


def follows_a_declaration(machine):
    """A file says what the GPU is cut into; the second time nothing is written; each boot makes it again."""
    machine.file.write_text(BARE)
    found, node = pathlib.Path("/run/found.toml"), pathlib.Path("/run/node.toml")
    found.write_text(exported(machine))
    has(found.read_text(), "^mig = false$")
    told(machine, 0, "assert", str(found))
    node.write_text(f'[gpus."{GPU}".slices]\nmig = {{ "1g.10gb" = 2, "3g.40gb" = 1 }}\n')
    has(told(machine, 9, "assert", str(node)), "node.toml:2:7: .* is declared to be in MIG mode, and is not")
    told(machine, 0, "-n", "apply", str(node))
    expect("a dry run changes nothing", machine.now() == BARE, machine.now())
    told(machine, 0, "apply", str(node))
    expect("the instances are there", [one[0] for one in instances(machine)] == [9, 19, 19], machine.now())
    told(machine, 0, "assert", str(node))
    has(told(machine, 0, "apply", str(node)), "nothing to do")
    again = pathlib.Path("/run/exported.toml")
    again.write_text(exported(machine))
    has(again.read_text(), '^mig = { "1g.10gb" = 2, "3g.40gb" = 1 }$')
    told(machine, 0, "assert", str(again))
    has(told(machine, 0, "export", "--mig-config"), '"1g.10gb": 2')
    machine.file.write_text(BARE)  # The next boot.
    told(machine, 0, "apply", "--at-boot")
    expect("a boot makes them again", [one[0] for one in instances(machine)] == [9, 19, 19], machine.now())
    told(machine, 0, "assert", str(node))
    told(machine, 0, "apply", str(found))
    expect("back to what was found", machine.now() == BARE, machine.now())
    told(machine, 0, "assert", str(found))


def heeds_the_driver(machine):
    for changes in range(1, 7):
        machine.file.write_text(BARE + f"fails-after {changes}\n")
        told(machine, 4, "slice", "create", GPU, "--mig", "3g.40gb,1g.10gb") if changes < 6 else \
            told(machine, 0, "slice", "create", GPU, "--mig", "3g.40gb,1g.10gb")
        expect(f"after {changes} changes all is as found", changes == 6 or machine.now() == BARE, machine.now())
    machine.file.write_text(BARE + "enabled\nbusy\ninstance 1 9 4 4\ncompute 0 0 3\n")
    has(told(machine, 3, "slice", "destroy", GPU, "--mig", "all"), "processes compute on its MIG instance 3g.40gb:4: 4711")
    machine.file.write_text(BARE + "waits\n")
    has(told(machine, 4, "slice", "create", GPU, "--mig", "on"), "GPU requires reset")
    expect("nothing is pending", machine.now() == BARE + "waits\n", machine.now())
    machine.file.write_text(BARE)
    machine.settings["LD_LIBRARY_PATH"] = "/nowhere"
    has(told(machine, 0, "slices", GPU), "not known: MIG of .*libnvidia-ml")
    has(told(machine, 3, "slice", "create", GPU, "--mig", "on"), "libnvidia-ml")
    machine.settings["LD_LIBRARY_PATH"] = os.environ["GPUPASS_NVML_DOUBLE"]


def survives_death(machine):
    machine.settings["NVML_DOUBLE_DELAY"] = "50"
    machine.file.write_text(BARE)
    asked = None
    for _ in range(12):
        process = machine.start("slice", "create", GPU, "--mig", "3g.40gb,1g.10gb")
        time.sleep(random.uniform(0.1, 1.5))
        process.send_signal(signal.SIGKILL)
        machine.ended(process)
        for _ in range(100):  # The worker may still be at it.
            status, said = machine.run("recover")
            if status != 8:
                break
            time.sleep(0.1)
        expect("recover ends what was begun", status == 0, f"{status}: {said}")
        asked = asked or (machine.now() if machine.now() != BARE else None)
        expect("as found or as asked", machine.now() in (BARE, asked) and len(instances(machine)) in (0, 2), machine.now())
        told(machine, 0, "slice", "destroy", GPU, "--mig", "off")
        expect("back to the start", machine.now() == BARE, machine.now())


def main():
    enter()
    machine = MigMachine()
    for part in (shows, makes_and_takes_away, reads_a_file, follows_a_declaration, heeds_the_driver, survives_death):
        before = len(failures)
        part(machine)
        print(f"{part.__name__}: {'failed' if len(failures) > before else 'ok'}")
    sys.exit(1 if failures else 0)


main()
