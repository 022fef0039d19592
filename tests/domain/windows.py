#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether UEFI firmware places the BARs of every guest that gpupass agrees to: windows.py [all] [FIRMWARE_FOLDER].

For CPUs of 36 to 52 bits of address, GPUs with BARs of 16 MiB to 512 GiB, and 1 to 16 of them, gpupass writes the
definition or refuses. libvirt makes QEMU's arguments of it; QEMU runs the firmware, without KVM, with a stand-in of the
same BAR for each GPU. Prints a table: placed, refused, or how many BARs got no address. Without "all" it tries a few.
FIRMWARE_FOLDER has OVMF_CODE_4M.fd and OVMF_VARS_4M.fd; by default that of the package ovmf."""
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "examples/hosts"))
from machine import GIB, INTEL, MIB, Machine  # noqa: E402

BITS, COUNTS = (36, 39, 40, 46, 48, 52), (1, 2, 4, 8, 16)
SIZES = [16 * MIB, 256 * MIB, 8 * GIB, 16 * GIB, 32 * GIB, 64 * GIB, 128 * GIB, 256 * GIB, 512 * GIB]
FEW = [(36, 256 * MIB, 4), (36, 8 * GIB, 2), (36, 16 * GIB, 1), (39, 32 * GIB, 2), (39, 128 * GIB, 1), (40, 64 * GIB, 4), (46, 128 * GIB, 8),
       (46, 512 * GIB, 8), (48, 16 * MIB, 16), (52, 512 * GIB, 16)]
STAND_IN = "1af4:1110"  # ivshmem-plain: its memory is BAR 2, 64-bit and prefetchable.
PATIENCE_S = 900
gpupass = os.environ["GPUPASS"]


def host(bits, size, count):
    machine = Machine("GPUs for the firmware to place.", [])
    machine.cpus(INTEL, 0x6, 0x8F)
    machine.package(0, 0, [[core] for core in range(16)], 32 * MIB, 16)
    machine.memory(0, 64 * GIB)
    machine.bmc_vga()
    for gpu in range(count):
        start = (gpu + 1) << 41
        port = machine.root_port(0x10 + 4 * gpu, 0)
        machine.endpoint(port, "10de:2330", 0x030200, "vfio-pci", reset="flr bus",
                         bars=[(start + 2 * size, 16 * MIB), (start, size), (start + 2 * size + 64 * MIB, 32 * MIB)])
    width = f"cpuinfo = address sizes : {bits} bits physical, 48 bits virtual\n"
    return re.sub(r"(?m)^(\[/proc\]\n(?:cmdline .*\n)?)", lambda found: found[1] + width, machine.text(), count=1)


def arguments(definition, work):
    """QEMU's, as libvirt makes them. Its embedded driver needs a user of its own."""
    home = work / "home"
    home.mkdir(exist_ok=True)
    xml = work / "domain.xml"
    xml.write_text(definition.replace("<domain type='kvm'", "<domain type='qemu'").replace("'host-passthrough'", "'maximum'"))
    command = ["virsh", "-c", f"qemu:///embed?root={home}", "domxml-to-native", "qemu-argv", str(xml)]
    if os.geteuid() == 0:
        os.chown(home, 65534, 65534)
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    environment = dict(os.environ, HOME=str(home), XDG_RUNTIME_DIR=str(home), XDG_CACHE_HOME=str(home))
    return shlex.split(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def stand_ins(options, size):
    """The options for the buses and for what stands in for the GPUs."""
    kept, gpus = [], 0
    for option, value in zip(options, options[1:]):
        if option in ("-fw_cfg", "-global"):
            kept += [option, value]
        if option != "-device" or not value.startswith("{"):
            continue
        device = json.loads(value)
        if device["driver"] == "vfio-pci":
            kept += ["-object", f"memory-backend-ram,id=bar{gpus},size={size},reserve=off"]
            device = {"driver": "ivshmem-plain", "memdev": f"bar{gpus}", "bus": device["bus"], "addr": device["addr"]}
            gpus += 1
        elif device["driver"] not in ("pcie-root-port", "pxb-pcie"):
            continue
        kept += ["-device", json.dumps(device)]
    return kept, gpus


def placed(monitor):
    """How many stand-ins have an address for their memory."""
    found = 0
    for device in re.split(r"\n +Bus", monitor):
        bar = re.search(r"BAR2: 64 bit prefetchable memory at 0x([0-9a-f]+)", device)
        found += STAND_IN in device and bar is not None and int(bar[1], 16) not in (0, 2**64 - 1)
    return found


class Monitor:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(100):
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                time.sleep(0.1)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **words):
        self.file.write(json.dumps({"execute": command, "arguments": words}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "event" not in answer:
                return answer.get("return")


def boot(bits, options, count, firmware, work):
    shutil.copy(firmware / "OVMF_VARS_4M.fd", work / "vars")
    command = ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", f"max,phys-bits={bits}", "-display", "none",
               "-nodefaults", "-m", "1G", "-object", "memory-backend-ram,id=ram,size=1G", "-numa", "node,memdev=ram",
               "-drive", f"if=pflash,format=raw,readonly=on,file={firmware}/OVMF_CODE_4M.fd",
               "-drive", f"if=pflash,format=raw,file={work}/vars", "-qmp", f"unix:{work}/qmp,server=on,wait=off", *options]
    (work / "qmp").unlink(missing_ok=True)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            monitor, before, end = Monitor(work / "qmp"), 0, time.monotonic() + PATIENCE_S
            while time.monotonic() < end:  # The firmware sizes BARs first: what stays is placed.
                time.sleep(1)
                now = placed(monitor.ask("human-monitor-command", **{"command-line": "info pci"}))
                if now == before == count:
                    return "placed"
                before = now
            return f"{count - before} of {count} without address"
        except (OSError, ValueError):
            process.kill()
            return "QEMU: " + process.stdout.read().decode().strip()[-200:]
        finally:
            process.kill()


def attempt(bits, size, count, firmware, work):
    tree = work / "machine.host"
    tree.write_text(host(bits, size, count))
    ran = subprocess.run([gpupass, "-q", "--root", str(tree), "xml", "guest", "--gpus", str(count), "--vcpus", "4",
                          "--memory", "1G"], capture_output=True, text=True)
    if ran.returncode == 3 and f"{bits} bits of address" in ran.stderr:
        return "refused"
    if ran.returncode != 0:
        return ran.stderr.strip()
    options, gpus = stand_ins(arguments(ran.stdout, work), size)
    return boot(bits, options, gpus, firmware, work) if gpus == count else f"{gpus} GPUs in the definition"


def main():
    words = sys.argv[1:]
    cases = FEW
    if words[:1] == ["all"]:
        cases, words = [(bits, size, count) for bits in BITS for size in SIZES for count in COUNTS], words[1:]
    firmware = pathlib.Path(words[0] if words else "/usr/share/OVMF")
    if not all(map(shutil.which, ("virsh", "qemu-system-x86_64", "setpriv"))) or not (firmware / "OVMF_CODE_4M.fd").exists():
        print("skipped: libvirt, QEMU or OVMF is not installed")
        sys.exit(77)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for bits, size, count in cases:
            result = attempt(bits, size, count, firmware, pathlib.Path(folder))
            wrong += result not in ("placed", "refused")
            print(f"{bits} bits, {count} of {size // MIB} MiB: {result}", flush=True)
    print(f"{len(cases)} guests, {wrong} wrong")
    sys.exit(1 if wrong else 0)


main()
