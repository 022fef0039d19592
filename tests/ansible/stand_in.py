#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Answers as gpupass does, where the program cannot be made to: $ANSWER names what became of a declared state, and $PREPARED is
the file that stands for a prepared host."""
import json
import os
import pathlib
import sys
import time

ANSWER = os.environ.get("ANSWER", "")
STATUS = {"done": 0, "rolled-back": 4, "rollback-incomplete": 5, "wedged": 6, "pending": 7}
RESULTS = {"rolled-back": ["undone", "failed: no room"], "rollback-incomplete": ["undo failed: gone", "failed: no room"],
           "wedged": ["undone", "wedged"], "pending": ["done", "pending"]}


def answer(document, status=0):
    print(json.dumps({"format": 1, **document}))
    sys.exit(status)


def plan(*summaries, **more):
    steps = [{"summary": summary, "reason": "", "change": {"kind": "module", "module": summary}, "undo": None} for summary in summaries]
    answer({"plan": {"assumes": [], "steps": steps, "then": None, "notes": [], **more}})


def state(words):
    if ANSWER == "no-json":
        print("Segmentation fault", file=sys.stderr)
        sys.exit(139)
    if ANSWER == "newer":
        answer({"format": 2})
    if "assert" in words:
        answer({"limits": [], "same": "no", "differences": []}, 9)
    if "--dry-run" in words:
        plan("first", "second")
    if ANSWER == "slow":
        time.sleep(600)  # SIGTERM ends it.
    steps = [{"summary": summary, "result": result} for summary, result in zip(("first", "second"), RESULTS[ANSWER])]
    answer({"report": {"outcome": ANSWER, "changed": ANSWER != "rolled-back", "steps": steps, "next": ["shut it down"]}}, STATUS[ANSWER])


def prepare(words):
    prepared = pathlib.Path(os.environ["PREPARED"])
    if "--dry-run" in words:
        steps = ["prepare"] if prepared.exists() == ("--undo" in words) else []
        plan(*steps, reboot_required="--undo" not in words)
    if "--undo" in words:
        prepared.unlink()
    else:
        prepared.write_text(" ".join(word for word in words if word.startswith("--fix")))
    answer({"report": {"outcome": "done", "changed": True, "steps": [{"summary": "prepare", "result": "done"}], "next": []}})


if ANSWER == "later":
    answer({"error": {"code": "usage", "subject": "prepare", "message": "cannot prepare: not yet available", "hint": None}}, 2)
prepare(sys.argv) if "prepare" in sys.argv else state(sys.argv)
