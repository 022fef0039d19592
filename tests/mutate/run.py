#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every reading verb over hosts from which parts were taken: run.py [--mutants N] [--seed N] [--collection] [HOST...]

A HOST is a capture or a tree; the default are the captures in the repository, and with --collection also small trees of
the collection next to it, where there is one. Whatever is missing, cut off, nonsense, a loop or a folder: no verb crashes, hangs, grows
without bound, or prints what a terminal obeys; `check` and `bind` agree; and no GPU can be given away that the whole
host would not give away."""
import argparse
import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

import mutations
from hosts import Capture, Tree

sys.path.append(str(pathlib.Path(__file__).parents[1] / "cli"))
from collection import COLLECTION, archives, unpacked  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
GPUPASS = os.environ["GPUPASS"]
SMALL_ARCHIVE = 20 * 1024
SANITIZED = b"__asan_init" in pathlib.Path(GPUPASS).read_bytes()
VERBS = ["status", "list", "check", "topology", "groups", "show all", "place --gpus 1", "xml guest --gpus 1",
         "-n release all"]
STATUS = {0, 1, 3}
CPU_SECONDS = 40 if SANITIZED else 10
MOST_KIB = (1500 if SANITIZED else 500) * 1024
CONTROL = re.compile("[^\n\x20-\x7e\xa0-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
DEFECT = re.compile("cannot go on|Sanitizer|runtime error|terminate called|[Aa]ssertion")
ADDRESS = re.compile("/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}[.][0-7](?=/|$)")


class Ran:
    """A run of the program within its limits."""

    def __init__(self, root, words):
        self.command = ["--root", str(root), *words]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([GPUPASS, *self.command], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       preexec_fn=self._limit)
            hang = threading.Timer(20 * CPU_SECONDS, process.kill)
            hang.start()
            _, status, used = os.wait4(process.pid, 0)
            hang.cancel()
            self.status = process.returncode = os.waitstatus_to_exitcode(status)
            self.kib = used.ru_maxrss
            out.seek(0), err.seek(0)
            self.out, self.err = out.read(), err.read()

    @staticmethod
    def _limit():
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not SANITIZED:
            resource.setrlimit(resource.RLIMIT_AS, (2 * MOST_KIB * 1024,) * 2)

    def faults(self):
        try:
            text = (self.out + self.err).decode()
        except UnicodeDecodeError as error:
            return [f"no UTF-8: {error}"]
        found = []
        if self.status not in STATUS:
            found.append(f"exit status {self.status}: {self.err.decode()[-1500:]}")
        if self.kib > MOST_KIB:
            found.append(f"{self.kib} KiB of memory")
        if bad := CONTROL.search(text):
            found.append(f"control character {bad[0]!r}")
        if DEFECT.search(text):
            found.append(text[-1500:])
        return found


def answers(ran):
    """What `list --json` says of each GPU."""
    if ran.status != 0:
        return {}
    return {gpu["address"]: gpu["assignable"] for gpu in json.loads(ran.out)["gpus"]}


def passes(checked):
    """Whether `check --json GPU` says that it can be given away."""
    return checked.status == 0 and any(finding["id"] == "gpu.assignable" for finding in json.loads(checked.out)["findings"])


def tells_another_host(mutation, path):
    """Whether a sound host may look like this. The kernel shows no driver, no device, no user and no mount by showing
    nothing, and a table that ends early is a shorter table."""
    if mutation in mutations.TELLS:
        return True
    sysfs_device = ADDRESS.search(path)
    in_device = sysfs_device and path[sysfs_device.end():]
    if in_device in ("/driver", "") or path.startswith(("/proc", "/run", "/etc", "/sys/class", "/sys/firmware")):
        return True
    return not sysfs_device


class Original:
    """A host as it was found."""

    def __init__(self, name, host, folder):
        self.name, self.host, self.folder = name, host, pathlib.Path(folder)
        root = self.folder / ("whole" + host.SUFFIX)
        host.write(root)
        self.gpus = answers(Ran(root, ["list", "--json"]))
        self.paths = host.paths()

    def mutant(self, seed):
        """@returns the faults, each one text."""
        source = random.Random(f"{self.name} {seed}")
        root = self.folder / f"{seed}{self.host.SUFFIX}"
        mutant = self.host.copy() if isinstance(self.host, Capture) else self.host.write(root)
        done = self._mutate(source, mutant)
        if isinstance(mutant, Capture):
            mutant.write(root)
        faults = self._try(source, root, done)
        subprocess.run(["rm", "-rf", root], check=True)
        changes = ", ".join(f"{mutation.__name__} {path}" for mutation, path in done)
        return [f"{self.name}, mutant {seed} ({changes[:1500]}): {fault}" for fault in faults]

    def _mutate(self, source, mutant):
        done = []
        for _ in range(source.choice([1, 1, 1, 2, 4, 20])):
            mutation = source.choice(mutations.TAKES * 2 + mutations.TELLS)
            path = source.choice(self.paths)
            try:
                if mutations.fits(mutation, mutant.kind(path)):
                    mutation(source, mutant, path)
                    done.append((mutation, path))
            except (KeyError, OSError):
                pass  # An earlier mutation took it.
        return done

    def _try(self, source, root, done):
        listed = Ran(root, ["list", "--json"])
        others = [Ran(root, verb.split() + source.choice([[], ["--json"]])) for verb in VERBS]
        gpus = answers(listed)
        found = []
        for address, assignable in gpus.items():
            checked, bound = Ran(root, ["check", "--json", address]), Ran(root, ["-n", "bind", address])
            others.extend([checked, bound])
            if passes(checked) and bound.status != 0 and b"--force" not in bound.err:
                found.append(f"check passes {address}, bind refuses: {bound.err.decode()}")
            if assignable == "yes" and self.gpus.get(address) != "yes" and \
                    not any(tells_another_host(*change) for change in done):
                found.append(f"{address} is assignable, and was {self.gpus.get(address)}")
        for ran in [listed, *others]:
            found.extend(f"gpupass {' '.join(ran.command[2:])}: {fault}" for fault in ran.faults())
        return found


def originals(paths, folder):
    """@returns for each host its forms: a capture is one as text, and one as a tree."""
    result = []
    for number, path in enumerate(paths):
        places = [pathlib.Path(folder) / f"{number}-{form}" for form in ("text", "tree")]
        for place in places:
            place.mkdir()
        if path.is_dir():
            result.append([Original(path.name, Tree(path), places[1])])
            continue
        capture = Capture(path)
        whole = pathlib.Path(folder) / f"{number}"
        capture.unpack(str(whole))
        result.append([Original(path.name, capture, places[0]), Original(path.stem, Tree(whole), places[1])])
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=1, help="of each host")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first mutant")
    parser.add_argument("--collection", action="store_true")
    parser.add_argument("hosts", type=pathlib.Path, nargs="*")
    options = parser.parse_args()
    hosts = options.hosts or sorted([*SOURCE.glob("examples/hosts/*.host"), *SOURCE.glob("tests/field/*.host")])
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        if options.collection and COLLECTION.is_dir():
            hosts += [unpacked(archive, folder) for archive in archives() if archive.stat().st_size < SMALL_ARCHIVE]
        jobs = [(forms[(number + seed) % len(forms)], seed) for number, forms in enumerate(originals(hosts, folder))
                for seed in range(options.seed, options.seed + options.mutants)]
        faults = [fault for some in pool.map(lambda job: job[0].mutant(job[1]), jobs) for fault in some]
    for fault in faults:
        print("FAILED:", fault)
    print(f"{len(jobs)} mutants of {len(hosts)} hosts, {len(faults)} faults")
    return 1 if faults or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
