# SPDX-License-Identifier: LGPL-2.1-or-later
"""What all values have: their way to JSON and back, and a short repr."""
from __future__ import annotations

import dataclasses
from typing import Any, Callable, ClassVar, Final, Mapping, TypeVar, Union

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that could not be determined, and why."""

    why: str

    def __bool__(self) -> bool:
        return False


class NotAsked:
    """A fact that the probe did not read."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NOT_ASKED"


NOT_ASKED: Final = NotAsked()
Fact = Union[T, None, Unknown, NotAsked]


def text(json: Any) -> str:
    """A text; bytes that are no UTF-8 become surrogates, as in os.fsdecode()."""
    if isinstance(json, str):
        return json
    return bytes.fromhex(json["bytes"]).decode("utf-8", "surrogateescape")


def same(json: Any) -> Any:
    """A value that is the same in Python as in JSON."""
    return json


def fact(json: Mapping[str, Any], key: str, read: Callable[[Any], T]) -> Fact[T]:
    if key not in json:
        return NOT_ASKED
    value = json[key]
    if value is None:
        return None
    if isinstance(value, dict) and "unknown" in value:
        return Unknown(text(value["unknown"]))
    return read(value)


def to_json(value: Any) -> Any:
    """A value, or a list of values, as the library reads it."""
    if isinstance(value, Value):
        return value.to_json()
    if isinstance(value, Unknown):
        return {"unknown": to_json(value.why)}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        return {"bytes": value.encode("utf-8", "surrogateescape").hex()}
    return value


class Value:
    """A value of libgpupass."""

    __slots__ = ()
    json_keys: ClassVar[Mapping[str, str]] = {}
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def to_json(self) -> dict[str, Any]:
        result = {}
        for member in dataclasses.fields(self):
            value = getattr(self, member.name)
            if not isinstance(value, NotAsked):
                result[self.json_keys.get(member.name, member.name)] = to_json(value)
        return result

    def __repr__(self) -> str:
        """Without what was not asked, and without what is empty."""
        shown = []
        for member in dataclasses.fields(self):
            value = getattr(self, member.name)
            if value not in ("", None, False) and value != [] and not isinstance(value, NotAsked):
                shown.append(f"{member.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"
