#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges what replayed machines said: judge.py TABLE BOOT...

Prints each step that failed, each difference of groups with its explanation, and a table with one line for each host, which
is written to TABLE as well. The exit status is 0 if no step failed and no difference is without explanation.
"""
import collections
import json
import os
import sys

import rules

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ("host", "functions", "captured", "kernel", "ACS yes", "no", "unknown", "bound", "refused", "kills",
           "differences", "failed")


class Boot:
    """One console."""

    def __init__(self, folder):
        self.steps, self.notes, self.outputs, self.ended = [], [], collections.defaultdict(str), False
        with open(f"{folder}/hosts.json", encoding="utf-8") as file:
            self.hosts = json.load(file)
        with open(f"{folder}/seconds", encoding="utf-8") as file:
            self.seconds = int(file.read())
        inside = None
        for line in open(f"{folder}/console", encoding="utf-8", errors="replace"):
            line = line.rstrip("\r\n")
            if line.startswith("@begin "):
                inside = line[7:]
            elif line == "@done":
                inside = None
            elif inside:
                self.outputs[inside] += line + "\n"
            elif line.startswith(("@ok ", "@FAIL ")):
                self.steps.append([line])
            elif line.startswith("@| "):
                self.steps[-1].append(line[3:])
            elif line.startswith("@note "):
                self.notes.append(line[6:].split())
            elif line.startswith("@end"):
                self.ended = True

    def state(self):
        """{address: (first member of its group, driver, override)}"""
        return {words[0]: words[1:] for words in map(str.split, self.outputs["state"].splitlines())}

    def assessed(self):
        """The groups of `gpupass groups --json`."""
        return json.loads(self.outputs["groups"])["groups"] if self.outputs["groups"] else []

    def failures(self):
        return [step for step in self.steps if step[0].startswith("@FAIL")]


def partition(groups):
    """The sets of members, of {member: group}; who has no group is in none."""
    sets = collections.defaultdict(set)
    for member, group in groups.items():
        if group not in (None, "-"):
            sets[group].add(member)
    return {frozenset(members) for members in sets.values()}


def known_differences():
    """{(host, kind): why} of the file differences."""
    known = {}
    for line in open(f"{HERE}/differences", encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            host, kind, why = line.rstrip("\n").split(None, 2)
            known[host, kind] = why
    return known


def compare_groups(host, state):
    """Groups of which the capture and the kernel differ, in the addresses of the capture."""
    there = {facts["at"]: name for name, facts in host["functions"].items()}
    captured = partition({name: facts["group"] for name, facts in host["functions"].items()})
    missing = [name for at, name in there.items() if at not in state]
    kernel = partition({name: state[at][0] for at, name in there.items() if at in state})
    return len(captured), len(kernel), captured - kernel, kernel - captured, missing


def names(sets):
    return "; ".join(sorted(" ".join(sorted(one)) for one in sets))


def judge_rules(host, state, assessed, counts):
    """Whether the kernel's groups are those of rules.py, and whether each group that gpupass says devices reach out of, or
    that the kernel merged, has a port or a rule to its name: the faults. Counts what it finds."""
    there = {facts["at"]: name for name, facts in host["functions"].items()}
    kernel = partition({name: state[at][0] for at, name in there.items() if at in state})
    ruled = partition({name: host["rules"].get(name) for at, name in there.items() if at in state})
    faults = [f"rules {names(ruled - kernel)} | kernel {names(kernel - ruled)}"] if kernel != ruled else []
    for group in assessed:
        first = there.get(group["devices"][0]["address"])
        if first is None:
            continue
        acs, members = group["isolation"]["acs"], {device["address"] for device in group["devices"]}
        counts["groups"] += 1
        counts["ACS " + acs] += 1
        if group["isolation"]["kernel"] == "no":
            named = acs == "no" and group["merged_by"]
            counts["merged by the kernel, and a port is named" if named else "merged by the kernel, no port is named"] += 1
            if not named:
                faults.append(f"group of {first}: ACS {acs}, no port is named")
        apart = {peer for peer in group["reachable"] if peer not in members} & there.keys()
        named = [there[port] for port in group["merged_by"] if port in there]
        ends = [device["address"] for device in group["devices"] if device["role"] != "bridge"] or sorted(members)
        reasons = {rules.reason(host["ways"], named, there[end], there[peer])
                   for peer in apart for end in ends if end in there}
        counts.update(f"apart: {reason or 'no rule'}" for reason in reasons)
        if None in reasons:
            faults.append(f"group of {first}: {named} let it reach {', '.join(sorted(apart))}, and no rule")
    return faults


def rows(boot, known):
    state, assessed = boot.state(), boot.assessed()
    for host in boot.hosts:
        there = {facts["at"] for facts in host["functions"].values()}
        notes = [note for note in boot.notes if note[1] in there]
        count = collections.Counter(note[0] for note in notes)
        kills = sum(int(note[2]) for note in notes if note[0] == "kills")
        differences, answers = [], collections.Counter()
        captured = kernel = "-"
        if state:
            captured, kernel, gone, new, missing = compare_groups(host, state)
            if gone or new:
                differences.append(("kernel", f"captured {names(gone)} | kernel {names(new)}"))
            if missing:
                differences.append(("missing", " ".join(missing)))
            differences += [("rules", fault) for fault in judge_rules(host, state, assessed, answers)]
        unexplained = 0
        for kind, what in differences:
            why = known.get((host["host"], kind))
            unexplained += why is None
            print(f"difference of {host['host']}, {kind}: {what}\n    {why or 'NOT EXPLAINED'}")
        yield (host["host"], len(there), captured, kernel, answers["ACS yes"], answers["ACS no"],
               answers["ACS unknown"], count["bound"], count["refused"], kills, len(differences)), unexplained


def main():
    failed, table = 0, []
    known = known_differences()
    for name in sys.argv[2:]:
        boot = Boot(name)
        if not boot.ended:
            boot.steps.append([f"@FAIL {name} reaches its end"])
        for step in boot.failures():
            print(step[0][1:], *step[1:], sep="\n    ")
        failed += len(boot.failures())
        for row, unexplained in rows(boot, known):
            failed += unexplained
            table.append((*row, unexplained))
        steps = len(boot.steps)
        print(f"{name}: {len(boot.hosts)} machines, {steps - len(boot.failures())} of {steps} steps passed, "
              f"{boot.seconds} s")
    table.append(("all", *(sum(row[at] for row in table if isinstance(row[at], int)) for at in range(1, 12))))
    widths = [max(len(str(row[at])) for row in [COLUMNS, *table]) for at in range(len(COLUMNS))]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        for row in [COLUMNS, *table]:
            print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip(), file=file)
    with open(sys.argv[1], encoding="utf-8") as file:
        print(file.read(), end="")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
