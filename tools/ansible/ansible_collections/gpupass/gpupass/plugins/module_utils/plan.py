# SPDX-License-Identifier: GPL-2.0-or-later
"""What Ansible shows of a plan. gpupass-bind(8) describes the JSON of plans."""
from __future__ import annotations

import json
from typing import Any

# The fields that say what a change is about. The others are the state that it sets.
SUBJECTS = ("device", "unit", "path", "domain", "module")


def subject_of(change: dict[str, Any]) -> str:
    named = [str(change[field]) for field in SUBJECTS if field in change]
    return " ".join([str(change["kind"]), *named])


def readable(value: Any) -> Any:
    """The content of a file line by line, or as the document that it is, so that a difference shows the part that differs."""
    if not isinstance(value, str) or "\n" not in value:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value.splitlines()


def state_of(change: dict[str, Any]) -> dict[str, Any]:
    return {field: readable(value) for field, value in change.items() if field not in ("kind", *SUBJECTS)}


def plan_text(steps: list[dict[str, Any]]) -> str:
    lines = []
    for number, step in enumerate(steps, 1):
        lines.append(f"{number:2}. {step['summary']}")
        if step["reason"]:
            lines.append(f"      because {step['reason']}")
    return "".join(f"{line}\n" for line in lines)


def difference(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The first undo of a subject is its state before the plan, and the last change of it the state after the plan."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        subject = subject_of(step["change"])
        if step["undo"] is not None:
            before.setdefault(subject, state_of(step["undo"]))
        after[subject] = state_of(step["change"])
    return {"before": before, "after": after, "prepared": plan_text(steps)}
