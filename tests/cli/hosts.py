#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""--host and --hosts, with a stand-in for ssh: each node is a captured machine."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import stand_in
from schema import SOURCE, errors

gpupass = str(pathlib.Path(os.environ["GPUPASS"]).resolve())
NODE = SOURCE / "examples/hosts/8gpu-2socket.host"
SSH = """#!/bin/sh
for word; do printf '%s\\n' "$word"; done >"$NODES/last"
while [ "$1" != -- ]; do shift; done
node=${2#*@}
[ -e "$NODES/$node.host" ] || { echo "ssh: Could not resolve hostname $node: Name or service not known" >&2; exit 255; }
sleep "${SLOW:-0}"
case $node in
old*) echo "sh: 1: gpupass: not found" >&2; exit 127 ;;
odd*) echo '{"format": 1, "host": []}'; exit ;;
persists*) sleep 300 >/dev/null & ;;
esac
export GPUPASS_ROOT="$NODES/$node.host"
exec sh -c "$3"
"""
failures = 0


def expect(title, good, seen=""):
    global failures
    if not good:
        failures += 1
        print(f"FAILED: {title}: {seen}")


with tempfile.TemporaryDirectory() as scratch:
    nodes = pathlib.Path(scratch)
    found = stand_in.place(SSH, scratch)
    environment = {**found, "NODES": scratch, "PATH": f"{found['PATH']}:{os.path.dirname(gpupass)}"}
    for name in [f"n{number:02}" for number in range(50)] + ["old", "odd", "persists"]:
        shutil.copy(NODE, nodes / f"{name}.host")
    shutil.copy(SOURCE / "examples/hosts/hybrid-1gpu.host", nodes / "desk.host")

    def run(*words, hosts=None, **more):
        if hosts is not None:
            (nodes / "list").write_text("\n".join(hosts))
            words = ("--hosts", str(nodes / "list"), *words)
        return subprocess.run([gpupass, *words], env={**environment, **more}, capture_output=True, text=True, timeout=250,
                              stdin=subprocess.DEVNULL)

    # One table; what fails stands beside it.
    ran = run("list", hosts=["# a comment", "root@n00  # the first", "", "ssh://desk:2222", "gone", "old", "odd"])
    lines = ran.stdout.splitlines()
    expect("the table", lines[0].startswith("HOST") and len(lines) == 12, ran.stdout)
    expect("a row", any(line.split()[:2] == ["root@n00", "9a:00.0"] for line in lines), ran.stdout)
    expect("another host's row", any(line.split()[:2] == ["desk:2222", "01:00.0"] for line in lines), ran.stdout)
    for words in ("cannot look at gone: ssh: Could not resolve", "cannot look at old: sh: 1: gpupass: not found",
                  "cannot look at odd: cannot read host: saw [], expected an object"):
        expect("a failure", words in ran.stderr, ran.stderr)
    expect("the status of a failure", ran.returncode == 1, ran.returncode)
    expect("each failure once", ran.stderr.count("cannot look at") == 3, ran.stderr)

    # A connection that ssh keeps open for later calls.
    ran = run("list", hosts=["persists"])
    expect("a connection that persists", ran.returncode == 0 and len(ran.stdout.splitlines()) == 10, ran.stderr)

    # What a host says of itself is what is said of it here.
    for words in (["check"], ["groups"], ["topology"], ["topology", "--matrix"], ["show", "node:1"], ["check", "--json"]):
        alone = run("--root", str(NODE), *words)
        there = run(*words, hosts=["n00"])
        if "--json" in words:
            document = json.loads(there.stdout)
            expect(f"{words} over hosts", document["hosts"] == [{"host": "n00", "answer": json.loads(alone.stdout)}], there.stdout)
        else:
            expect(f"{words} over hosts", there.stdout == "n00:\n" + alone.stdout, there.stdout)
        expect(f"the status of {words}", there.returncode == alone.returncode, there.returncode)
    ran = run("--json", "list", hosts=["n00", "gone"])
    for error in errors("hosts", ran.stdout):
        expect("the document of many hosts", False, error)
    document = json.loads(ran.stdout)
    expect("an answer and an error", ["gpus" in document["hosts"][0]["answer"], "error" in document["hosts"][1]["answer"]] ==
           [True, True], ran.stdout)
    ran = run("place", "--requests", str(SOURCE / "examples/requests.json"), hosts=["n00", "desk", "gone"])
    expect("place over hosts", "4 placed, 0 refused" in ran.stdout and "gone" in ran.stderr, ran.stdout + ran.stderr)

    # At the same time: each is slow, all together are not.
    everyone = [f"n{number:02}" for number in range(50)]
    begin = time.monotonic()
    run("list", hosts=everyone[:1], SLOW="2")
    one = time.monotonic() - begin
    begin = time.monotonic()
    ran = run("list", hosts=everyone, SLOW="2")
    many = time.monotonic() - begin
    expect("all of 50 hosts", len(ran.stdout.splitlines()) == 1 + 50 * 9, len(ran.stdout.splitlines()))
    expect("50 hosts in three times the time of one", many < 3 * one, f"{many:.1f} s, one alone {one:.1f} s")

    # The whole command line goes to one host, word by word.
    ran = run("--host", "ssh://admin@n00:2222", "--json", "show", "9a:00.0")
    expect("a verb on another host", json.loads(ran.stdout)["gpus"][0]["address"] == "0000:9a:00.0", ran.stdout)
    sent = (nodes / "last").read_text().splitlines()
    expect("the port and the user", sent[-4:-1] == ["2222", "--", "admin@n00"], sent)
    ran = run("show", "it's; touch $HOME `x`", "--host=n00")
    expect("words with signs of the shell", ran.returncode == 1 and "it's; touch $HOME `x`" in ran.stderr, ran.stderr)
    ran = run("--host", "n00", "-n", "bind", "node:1")
    expect("a plan of another host", "bind it to vfio-pci" in ran.stdout, ran.stdout)

    if os.geteuid() == 0:  # An ordinary user's PATH, which sudo may pass on, names no program that root runs.
        own = nodes / "own"
        own.mkdir()
        (own / "ssh").write_text("#!/bin/sh\ntouch $0.was-run\n")
        (own / "ssh").chmod(0o755)
        run("list", hosts=["n00"], PATH=f"{own}:{environment['PATH']}")
        run("--host", "n00", "list", PATH=f"{own}:{environment['PATH']}")
        expect("root heeds no PATH", not (own / "ssh.was-run").exists())

    # What makes no sense.
    for words, hosts, said in [
        (["--host", "-oProxyCommand=x", "list"], None, "cannot reach '-oProxyCommand=x'"),
        (["--host", "n00:22", "list"], None, "cannot reach"),
        (["--host", "n00", "--root", "/", "list"], None, ""),
        (["list"], ["a b"], "cannot reach 'a b'"),
        (["list"], ["n00", "n00"], "twice"),
        (["list"], ["#"], "without hosts"),
        (["bind", "all"], ["n00"], "cannot bind over many hosts"),
        (["place", "--gpus", "1"], ["n00"], "cannot place one guest"),
        (["check", "--html", "-"], ["n00"], "about one host"),
    ]:
        ran = run(*words, hosts=hosts)
        if said:
            expect(f"{words} {hosts}", ran.returncode == 2 and said in ran.stderr, f"{ran.returncode} {ran.stderr}")

sys.exit(1 if failures else 0)
