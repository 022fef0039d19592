#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole program, as root, on a fake machine: signals, streams, limits, full disks, questions that stand, lost
connections, several at once, and death at each step. Afterwards the GPU is as it was found or as it was asked for, and the
program has said which; what was interrupted, `gpupass recover` ends. usage: GPUPASS=program run.py [--full]"""
import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import time

from fuse import mount
from machine import AT_HOME, GPU, MS_RDONLY, MS_REMOUNT, ON_VFIO, Machine, empty, enter

FULL = sys.argv[1:] == ["--full"]
BUSY = 8
failures = []
tried = 0


def fail(title, what):
    failures.append(title)
    print(f"FAILED: {title}: {what}")


def next_verb(machine):
    """What to ask for, and the state that it leads to."""
    return ("bind", ON_VFIO) if machine.state() == AT_HOME else ("release", AT_HOME)


def recover(machine, title):
    for _ in range(200):
        status, said = machine.run("recover")
        if status != BUSY:
            break
        time.sleep(0.05)
    if status != 0:
        fail(title, f"recover exits with {status}: {said}")


def attempt(machine, title, change, interrupts=False, silent=False):
    """Lets `change(verb, GPU)` run, which returns the exit status and what was said."""
    global tried
    tried += 1
    verb, asked = next_verb(machine)
    found, title = machine.state(), f"{verb}, {title}"
    status, said = change(verb, GPU)
    if interrupts:
        recover(machine, title)
    state = machine.state()
    if state not in (found, asked) or status == 0 and state != asked or status == "hangs":
        fail(title, f"status {status}, {found} became {state}, asked was {asked}: {said}")
        recover(machine, title)
    elif not silent and not said and not interrupts and status > 0:
        fail(title, f"status {status}, and nothing is said")


def signals(machine):
    machine.kernel.delay = 0.02
    for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGQUIT] * (10 if FULL else 1):
        def change(*words):
            process = machine.start(*words)
            time.sleep(random.uniform(0.05, 0.4))
            process.send_signal(number)
            return machine.ended(process)
        # A user who will not wait has SIGQUIT: it ends the program at once.
        attempt(machine, signal.Signals(number).name, change, interrupts=number == signal.SIGQUIT)
    machine.kernel.delay = 0


def streams(machine):
    for redirection in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full", ">/dev/full 2>&1"]:
        def change(*words):
            shell = ["/bin/sh", "-c", f'exec "$0" "$@" {redirection}', machine.program, *words]
            return machine.ended(subprocess.Popen(shell, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        attempt(machine, f"streams {redirection}", change, silent=True)


def limits(machine):
    cases = [(resource.RLIMIT_NOFILE, value) for value in ([3, 4, 5, 6, 7, 8, 10, 12, 14, 20] if FULL else [4, 6, 9])]
    cases += [(resource.RLIMIT_FSIZE, value) for value in ([0, 1, 100, 1000, 4096] if FULL else [0, 1000])]
    cases += [(resource.RLIMIT_NPROC, value) for value in (0, 1)]
    for limit, value in cases:
        # The program starts other programs itself, so the limit is set once it is the program.
        def change(*words):
            return machine.run(*words, preexec_fn=lambda: resource.setrlimit(limit, (value, value)))
        attempt(machine, f"limit {limit} is {value}", change, silent=True)
        attempt(machine, "without limit", machine.run)


def disks(machine):
    state = pathlib.Path("/var/lib/gpupass")
    for free in ([0, 4, 8, 12] if FULL else [0, 4]):
        for _ in range(2):
            state.mkdir(exist_ok=True)
            empty(state, "size=64k,mode=755")
            (state / "filled").write_bytes(bytes((64 - free) * 1024))
            attempt(machine, f"{free} KiB free", machine.run)
            subprocess.run(["umount", state], check=True)
            attempt(machine, "another disk", machine.run)
    for folder in ("/var/lib", "/run"):
        for _ in range(2):
            mount("tmpfs", folder, "tmpfs", MS_REMOUNT | MS_RDONLY, "mode=755")
            attempt(machine, f"{folder} is read-only", machine.run)
            mount("tmpfs", folder, "tmpfs", MS_REMOUNT, "mode=755")
            attempt(machine, f"{folder} is writable", machine.run)


def answered(machine, answer, meanwhile):
    """Answers the question, after something else happened. @returns the exit status and what stood on the terminal."""
    terminal, theirs = os.openpty()
    process = machine.start(*next_verb(machine)[:1], GPU, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen, waits = b"", True
    try:
        while some := os.read(terminal, 4096):
            seen += some
            if waits and b"[y/N]" in seen:
                meanwhile()
                waits = not os.write(terminal, answer + b"\n")
    except OSError:
        pass  # The terminal of a program that has ended.
    os.close(terminal)
    return process.wait(), seen.decode()


def questions(machine):
    """What becomes of a question during which the GPU turns out to be the display of the host."""
    if machine.state() != AT_HOME:
        attempt(machine, "the way back", machine.run)

    def display(is_one):
        return lambda: machine.kernel.put(f"/bus/pci/devices/{GPU}/boot_vga", str(is_one))
    for answer, is_one, expected in [(b"n", 0, 1), (b"y", 1, 3), (b"n", 1, 1), (b"y", 0, 0)]:
        display(0)()
        status, said = None, None

        def change(*_):
            nonlocal status, said
            status, said = answered(machine, answer, display(is_one))
            return status, said
        attempt(machine, f"answer {answer}", change)
        if status != expected:
            fail(f"answer {answer}, display {is_one}", f"status {status}: {said}")
    display(0)()


def cut_connections(machine):
    """ssh dies in the middle of --host; what it has started there goes on without a reader."""
    tools = pathlib.Path("/usr/local/bin")  # Where root's gpupass searches.
    empty(tools)
    (tools / "ssh").write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nsetsid sh -c "$3" 2>&1 | cat\n')
    (tools / "ssh").chmod(0o755)
    (tools / "gpupass").symlink_to(machine.program)
    path = {**os.environ, "PATH": f"{tools}:/usr/bin:/bin"}
    machine.kernel.delay = 0.02
    for number in range(40 if FULL else 4):
        def change(*words):
            client = machine.start("--host", "node", "--json-lines", *words, env=path, start_new_session=True)
            time.sleep(0.05 + random.uniform(0, 0.5))
            os.killpg(client.pid, signal.SIGKILL)
            said = machine.ended(client)[1]
            for _ in range(600):
                if not programs_at_work(machine):
                    return -signal.SIGKILL, said
                time.sleep(0.05)
            return "hangs", said
        attempt(machine, f"connection {number} is cut", change, interrupts=True)
    machine.kernel.delay = 0
    attempt(machine, "over a connection that holds", lambda *words: machine.run("--host", "node", *words, env=path))


def programs_at_work(machine):
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*/exe"):
        try:
            if os.readlink(process) == machine.program:
                found.append(process)
        except OSError:
            pass
    return found


def at_once(machine):
    global tried
    for _ in range(300 if FULL else 6):
        tried += 1
        verbs = [random.choice(["bind", "release", "recover", "list"]) for _ in range(2)]
        running = [machine.start(verb, *([GPU] if verb in ("bind", "release") else [])) for verb in verbs]
        for verb, process in zip(verbs, running):
            status, said = machine.ended(process)
            if status not in (0, 3, BUSY):
                fail(f"{verbs} at once", f"{verb} exits with {status}: {said}")
        recover(machine, f"{verbs} at once")
        if machine.state() not in (AT_HOME, ON_VFIO):
            fail(f"{verbs} at once", machine.state())


def workers_of(process):
    return [int(pid) for pid in pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def kills(machine):
    """At each moment before and after a write reaches the drivers."""
    for who in (["program", "worker", "both"] if FULL else ["both"]):
        for verb in ("bind", "release"):
            moment = 0
            while moment is not None:
                if next_verb(machine)[0] != verb:
                    attempt(machine, "the way back", machine.run)
                moment = kill_at(machine, who, moment)


def kill_at(machine, who, moment):
    """@returns the next moment; None: it ended before this one."""
    passed = 0

    def watch():
        nonlocal passed
        passed += 1
        if passed == moment + 1:
            victims = workers_of(process) if who != "program" else []
            for victim in victims + ([process.pid] if who != "worker" else []):
                os.kill(victim, signal.SIGKILL)

    def change(*words):
        nonlocal process
        machine.kernel.watch = watch
        process = machine.start(*words)
        ended = machine.ended(process)
        machine.kernel.watch = lambda: None
        return ended

    process = None
    attempt(machine, f"{who} killed at moment {moment}", change, interrupts=True)
    return moment + 1 if passed > moment else None


QUARANTINE = pathlib.Path("/etc/gpupass/quarantine")


def hand_over(machine, title, status, kept):
    """@returns the record."""
    global tried
    tried += 1
    ended, said = machine.run("--json", "handover", GPU, stderr=subprocess.DEVNULL)
    if ended != status or QUARANTINE.exists() != kept:
        fail(title, f"status {ended}, in quarantine: {QUARANTINE.exists()}: {said}")
    record = json.loads(said)
    if record["machines"][0]["available"] == kept:
        fail(title, f"the record says the contrary: {said}")
    return record


def hand_overs(machine):
    """A GPU between two tenants, which does not come back, and whose hand-over dies."""
    if machine.state() != ON_VFIO:
        attempt(machine, "the way to vfio-pci", machine.run)
    devices = pathlib.Path("/run/rig/host/sys/bus/pci/devices")
    configs = {path: path.read_bytes() for path in devices.glob("0000:01:00.*/config")}
    methods = (devices / GPU / "reset_method").read_text()
    hand_over(machine, "of a sound GPU", 0, kept=False)
    if machine.kernel.resets != 2:
        fail("of a sound GPU", f"{machine.kernel.resets} resets of two functions")
    machine.kernel.silent = True
    record = hand_over(machine, "of a GPU that does not come back", 3, kept=True)
    if not any(one["id"] == "handover.config" and one["verdict"] == "fail" for one in record["handover"]["findings"]):
        fail("of a GPU that does not come back", record)
    if machine.run("bind", GPU)[0] != 3:
        fail("of a GPU that does not come back", "bind does not refuse it")
    machine.kernel.silent = False
    hand_over(machine, "of a GPU that reads ones before and after", 3, kept=True)
    for path, config in configs.items():
        path.write_bytes(config)
    hand_over(machine, "of a GPU that is back", 0, kept=False)
    moment = 0
    while moment is not None:
        moment = kill_hand_over(machine, moment)
        recover(machine, "after a hand-over that died")
        if (devices / GPU / "reset_method").read_text() != methods:
            fail("a hand-over that died", "its methods are not as found")
        hand_over(machine, "after one that died", 0, kept=False)


def kill_hand_over(machine, moment):
    """At a moment before or after a write reaches the GPU: it is in quarantine then. @returns as kill_at()."""
    global tried
    passed, tried = 0, tried + 1

    def watch():
        nonlocal passed
        passed += 1
        if passed == moment + 1:
            for victim in [*workers_of(process), process.pid]:
                os.kill(victim, signal.SIGKILL)

    machine.kernel.watch = watch
    process = machine.start("handover", GPU)
    machine.ended(process)
    machine.kernel.watch = lambda: None
    if passed > moment and not QUARANTINE.exists():
        fail(f"a hand-over killed at moment {moment}", "the GPU is not in quarantine")
    return moment + 1 if passed > moment else None


def main():
    enter()
    machine = Machine()
    random.seed(1)
    for scenario in (signals, streams, limits, disks, questions, cut_connections, at_once, kills,
                     hand_overs):
        before, count = len(failures), tried
        scenario(machine)
        print(f"{scenario.__name__}: {tried - count} tried, {len(failures) - before} failed", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
