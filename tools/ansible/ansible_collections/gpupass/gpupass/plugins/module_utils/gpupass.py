# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs gpupass, and tells Ansible what it answered. gpupass(8) describes the exit statuses and the documents."""
from __future__ import annotations

import json
import re
import subprocess
import time
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.gpupass.gpupass.plugins.module_utils.plan import difference

ARGUMENTS: dict[str, Any] = {
    "program": {"type": "str", "default": "gpupass"},
    "root": {"type": "path"},
    "timeout": {"type": "int", "default": 600},
}
CHANGING_ARGUMENTS: dict[str, Any] = {**ARGUMENTS, "busy_timeout": {"type": "int", "default": 30}}

DONE = 0
USAGE = 2
PENDING = 7
BUSY = 8
FORMAT = 1  # of the documents of gpupass that this collection knows
MEANING = {
    4: "it failed, and everything was undone",
    5: "it failed, and not everything could be undone: gpupass recover tries again",
    6: "a device is wedged, its driver has not returned: gpupass recover, and if that does not help, a reboot",
}
PAUSE_SECONDS = 1
GRACE_SECONDS = 150  # gpupass waits up to 120 s for the kernel before it gives up a step.


def with_origin(text: str) -> str:
    """What gpupass read from standard input, the user of the module wrote into the option `content`."""
    return re.sub(r"\bstandard input:(\d+:\d+)", r"content:\1", text)


def words_of_error(error: dict[str, Any]) -> list[str]:
    message, reasons = error["message"], error.get("reasons", [])
    words = [message, error["hint"]]
    for reason in reasons:
        if reason["message"] not in message:
            words += [reason["message"], reason["remedy"]]
    return [with_origin(word) for word in words if word]


def words_of_report(status: int, report: dict[str, Any]) -> list[str]:
    steps = [f"{step['summary']}: {step['result']}" for step in report["steps"]
             if step["result"] not in ("done", "undone", "not reached")]
    return [MEANING.get(status, f"exit status {status}"), *steps, *report["next"]]


class Gpupass:
    """The program on this host. `result` is what the task returns, also if it fails."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.result: dict[str, Any] = {"changed": False}
        root = module.params["root"]
        self.command = [module.get_bin_path(module.params["program"], True, ["/usr/local/bin"]), "--quiet"]
        self.command += [f"--root={root}"] if root else []

    def fail(self, message: str, status: int | None = None, **more: Any) -> NoReturn:
        known = {} if status is None else {"rc": status}
        self.module.fail_json(msg=message, **{**self.result, **known, **more})
        raise SystemExit(1)  # fail_json() has ended the program.

    def run(self, words: list[str], stdin: str = "") -> tuple[int, str, str]:
        """@returns the exit status, the output, and what stands on standard error."""
        timeout = self.module.params["timeout"]
        process = subprocess.Popen([*self.command, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
        try:
            out, err = process.communicate(stdin, timeout)
            return process.returncode, out, err
        except subprocess.TimeoutExpired:
            process.terminate()
        try:
            process.communicate(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            self.fail(f"gpupass {words[0]} took more than {timeout} s and had to be killed: gpupass recover", changed=True)
        self.fail(f"gpupass {words[0]} took more than {timeout} s and was stopped: gpupass history tells what it did")

    def document(self, words: list[str], stdin: str = "") -> tuple[int, dict[str, Any]]:
        """Asks again while another gpupass is busy. @returns the exit status, and the JSON."""
        until = time.monotonic() + self.module.params.get("busy_timeout", 0)
        words = [words[0], "--json", *words[1:]]
        status, out, err = self.run(words, stdin)
        while status == BUSY and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
            status, out, err = self.run(words, stdin)
        try:
            document = json.loads(out)
        except ValueError:
            self.fail(f"gpupass {words[0]} printed no JSON, exit status {status}: {err.strip()}", status)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            self.fail(f"gpupass {words[0]} printed a document that this collection does not know, "
                      "use the collection of the same version as gpupass", status)
        return status, document

    def ask(self, words: list[str], stdin: str = "", good: tuple[int, ...] = (DONE,)) -> dict[str, Any]:
        """@returns the JSON of a call that succeeded; otherwise the task fails."""
        status, document = self.document(words, stdin)
        if "error" in document:
            self.refuse(words[0], status, document["error"])
        if "report" in document:
            self.add_report(document["report"], status)
        if status not in good:
            said = words_of_report(status, document["report"]) if "report" in document else [f"exit status {status}"]
            self.fail(f"gpupass {words[0]}: " + "\n".join(said), status)
        return document

    def refuse(self, verb: str, status: int, error: dict[str, Any]) -> NoReturn:
        if status == USAGE and self.run(["help", verb])[0] != DONE:
            self.fail(f"gpupass {verb} is not yet available in the gpupass of this host, install a newer one", status)
        self.fail("\n".join(words_of_error(error)), status, reasons=error.get("reasons", []))

    def add_report(self, report: dict[str, Any], status: int) -> None:
        all_of_it = self.result.setdefault("report", {"steps": [], "next": []})
        all_of_it["outcome"] = report["outcome"]
        all_of_it["steps"] += report["steps"]
        all_of_it["next"] += report["next"]
        self.result["changed"] |= report["changed"]
        self.result["pending"] = self.result.get("pending", False) or status == PENDING

    def add_plan(self, plan: dict[str, Any]) -> None:
        all_of_it = self.result.setdefault("plan", {"steps": [], "notes": [], "then": []})
        all_of_it["steps"] += plan["steps"]
        all_of_it["notes"] += plan["notes"]
        all_of_it["then"] += [plan["then"]] if plan["then"] else []
        self.result["diff"] = difference(all_of_it["steps"])

    def change(self, words: list[str], stdin: str = "") -> dict[str, Any]:
        """Plans, and carries it out unless Ansible only checks. @returns the document of the plan."""
        document = self.ask([words[0], "--dry-run", *words[1:]], stdin)
        self.add_plan(document["plan"])
        if self.module.check_mode:
            self.result["changed"] |= bool(document["plan"]["steps"])
        elif document["plan"]["steps"]:
            self.ask([words[0], "--yes", *words[1:]], stdin, good=(DONE, PENDING))
        return document
