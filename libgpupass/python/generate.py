#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes gpupass/values.py: a dataclass for each object of gpupass_schema(). `generate.py [--check] LIBRARY`."""
import argparse
import ctypes
import json
import keyword
import pathlib
import sys

FILE = pathlib.Path(__file__).resolve().parent / "gpupass/values.py"
TEXTS = {"Text", "PciAddress", "DeviceId", "CpuSet"}
HEAD = '''# SPDX-License-Identifier: LGPL-2.1-or-later
"""The values of libgpupass. Written by libgpupass/python/generate.py: do not edit.

A fact of type Fact[T] is a T; None: there is certainly nothing; Unknown: it could not be determined; NOT_ASKED: the probe did not
read it. Addresses, UUIDs and sets of CPUs are texts, as sysfs and libvirt write them.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, ClassVar, Literal, Mapping, Union

from ._codec import NOT_ASKED, Fact, Value, fact, same, text
'''


class Type:
    """How a schema looks in Python: the annotation, and the expression that reads one from JSON."""

    def __init__(self, annotation, read, plain=False):
        self.annotation, self.read, self.plain = annotation, read, plain  # Plain: JSON has the value itself.

    def reader(self):
        """As a function."""
        return "same" if self.plain else f"lambda value: {self.read('value')}"


def type_of(schema, definitions):
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name == "Text":
            return Type("str", "text({})".format)
        if name in TEXTS:
            return Type("str", "{}".format, True)
        if "enum" in definitions[name]:
            return Type(name, "{}".format, True)
        if "oneOf" in definitions[name]:
            return Type(name, f"read_{name.lower()}({{}})".format)
        return Type(name, f"{name}.from_json({{}})".format)
    if "anyOf" in schema:
        inner = type_of(schema["anyOf"][0], definitions)
        if len(schema["anyOf"]) == 3:
            return Type(f"Fact[{inner.annotation}]", None)
        if inner.plain:
            return Type(f"{inner.annotation} | None", "{}".format, True)
        return Type(f"{inner.annotation} | None", lambda value: f"None if {value} is None else {inner.read(value)}")
    if schema["type"] == "array":
        inner = type_of(schema["items"], definitions)
        if inner.plain:
            return Type(f"list[{inner.annotation}]", "list({})".format)
        return Type(f"list[{inner.annotation}]", lambda value: f"[{inner.read('one')} for one in {value}]")
    return Type({"integer": "int", "boolean": "bool", "number": "float"}[schema["type"]], "{}".format, True)


def name_of(key):
    return key + "_" if keyword.iskeyword(key) else key


def default_of(value):
    return "field(default_factory=list)" if value == [] else repr(value)


def dataclass_of(name, schema, definitions):
    members, reads, keys = [], [], {}
    for key, part in schema["properties"].items():
        own = name_of(key)
        if own != key:
            keys[own] = key
        if "const" in part:
            members.append(f"    {own}: Literal[{part['const']!r}] = {part['const']!r}".replace("'", '"'))
            continue
        kind = type_of(part, definitions)
        given = f'json["{key}"]'
        if kind.annotation.startswith("Fact["):
            inner = type_of(part["anyOf"][0], definitions)
            members.append(f"    {own}: {kind.annotation} = NOT_ASKED")
            reads.append(f'{own}=fact(json, "{key}", {inner.reader()})')
        elif key in schema["required"]:
            members.append(f"    {own}: {kind.annotation}")
            reads.append(f"{own}={kind.read(given)}")
        elif "default" in part:
            plain_default = not isinstance(part["default"], dict)
            default = default_of(part["default"]) if plain_default else (
                f"field(default_factory=lambda: {kind.read(repr(part['default']))})")
            members.append(f"    {own}: {kind.annotation} = {default}".replace("'", '"'))
            otherwise = repr(part["default"]).replace("'", '"')
            reads.append(f"{own}={kind.read(f'json.get(@{key}@, {otherwise})')}".replace("@", '"'))
        else:
            raise SystemExit(f"{name}.{key}: neither required nor with a default")
    lines = ["", "", "@dataclass(kw_only=True, repr=False, slots=True)", f"class {name}(Value):"]
    if keys:
        lines.append(f"    json_keys: ClassVar[Mapping[str, str]] = {keys!r}".replace("'", '"'))
    lines += members
    lines += ["", "    @classmethod", f"    def from_json(cls, json: Mapping[str, Any]) -> {name}:", "        return cls("]
    lines += [f"            {read}," for read in reads] + ["        )"]
    return lines


def generated(schema):
    definitions = schema["$defs"]
    lines = [HEAD]
    for name, definition in definitions.items():
        if "enum" in definition:
            words = ", ".join(json.dumps(word) for word in definition["enum"])
            lines.append(f"{name} = Literal[{words}]")
    later = []
    for name, definition in definitions.items():
        if name in TEXTS or name == "Unknown" or "enum" in definition:
            continue
        if "oneOf" in definition:
            later.append((name, [one["$ref"].rsplit("/", 1)[1] for one in definition["oneOf"]]))
        else:
            lines += dataclass_of(name, definition, definitions)
    for name, kinds in later:
        lines += ["", "", f"{name} = Union[", *[f"    {kind}," for kind in kinds], "]"]
        lines += [f"_{name.upper()}_KINDS: Mapping[str, Callable[[Mapping[str, Any]], {name}]] = {{"]
        for kind in kinds:
            lines.append(f'    "{definitions[kind]["properties"]["kind"]["const"]}": {kind}.from_json,')
        lines += ["}", "", "", f"def read_{name.lower()}(json: Mapping[str, Any]) -> {name}:",
                  f'    return _{name.upper()}_KINDS[json["kind"]](json)']
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is as it would be written")
    parser.add_argument("library", help="libgpupass.so")
    options = parser.parse_args()
    library = ctypes.CDLL(str(pathlib.Path(options.library).resolve()))
    library.gpupass_schema.restype = ctypes.c_char_p
    content = generated(json.loads(library.gpupass_schema()))
    if not options.check:
        FILE.write_text(content)
    elif FILE.read_text() != content:
        sys.exit(f"{FILE.name} is not what the library's schema says: run libgpupass/python/generate.py")


main()
