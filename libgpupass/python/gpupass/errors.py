# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can go wrong. Each kind of error is a class of its own."""
from __future__ import annotations

from typing import Any, Mapping

from .values import Finding


class Error(Exception):
    """Something went wrong; `code` is the library's stable word for its kind."""

    code: str = "system"

    def __init__(self, json: Mapping[str, Any]) -> None:
        super().__init__(json["message"])
        self.code = json["code"]
        self.subject: str = json["subject"]
        self.message: str = json["message"]
        self.hint: str = json["hint"] or ""
        self.reasons: list[Finding] = [
            Finding(id=one["id"], verdict=one["verdict"], subject=one["subject"], message=one["message"], remedy=one["remedy"])
            for one in json.get("reasons", [])
        ]
        self.alternatives: list[Mapping[str, Any]] = list(json.get("alternatives", []))

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(Error):
    """The caller asked for something that has no meaning."""


class NotFoundError(Error):
    """No such GPU, guest, file."""


class MalformedError(Error):
    """Input that does not have the form it must have."""


class RefusedError(Error):
    """A check says no. Nothing was changed."""


class UnavailableError(Error):
    """A part of the machine that is needed is not there: libvirt, say."""


class BusyError(Error):
    """Another gpupass is at work, or the plan is stale: try again."""


class TimedOutError(Error):
    """An answer did not come before its deadline."""


class WedgedError(Error):
    """A write into the kernel did not return; the device needs a reboot."""


class MachineError(Error):
    """The kernel or libvirt reported an error."""


class CancelledError(Error):
    """The caller asked to stop. Nothing was changed."""


CLASSES: Mapping[str, type[Error]] = {
    "usage": UsageError,
    "not-found": NotFoundError,
    "malformed": MalformedError,
    "refused": RefusedError,
    "unavailable": UnavailableError,
    "busy": BusyError,
    "timeout": TimedOutError,
    "wedged": WedgedError,
    "system": MachineError,
    "cancelled": CancelledError,
}


def error_of(json: Mapping[str, Any]) -> Error:
    return CLASSES.get(json["code"], Error)(json)
