#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that each folder includes only the headers that its layer may use, and that no two headers give one name to two types:
a program that has both calls the functions of either.  `layering.py [SOURCE_DIR]`."""
import pathlib
import re
import sys

FMT, JSON, PUGI = r"fmt/.*", r"nlohmann/.*", r"pugixml\.hpp"
DTL = r"dtl/dtl\.hpp"
TOML = r"toml\+\+/toml\.h"
YAML = r"yaml-cpp/[a-z]+\.h"
CONTRACT, VALUES, CODEC, GUEST, PORTS = r"gpupass/.*", r"values/.*", r"codec/.*", r"guest/.*", r"system/.*"
CHANGE = r"change/.*"
STD = r"[a-z_]+"  # <vector>
# Headers of the kernel and of POSIX: only libgpupass/system and the programs may include them.
POSIX = r"(sys|linux|netinet|arpa)/.*|(unistd|fcntl|dirent|poll|signal|spawn|errno|dlfcn|link|pthread)\.h|cerrno|fstream"
# Headers of the contract that open the machine, or change it. The others are values: they include none of these.
DOORS = r"gpupass/(system|probe|apply|journal|capture)\.hpp"
# The functions that decide. Who shows values takes the values that policy made: assess.hpp, placement.hpp, plan.hpp.
POLICY = r"gpupass/policy\.hpp"
DOOR_FILES = {"system.hpp", "probe.hpp", "apply.hpp", "journal.hpp", "capture.hpp"}

# folder: (headers that its files may include, exceptions that they must not include)
ROOMS = {
    "include/gpupass": ([CONTRACT, r"stddef\.h", STD], [POSIX]),
    "libgpupass/values": ([CONTRACT, VALUES, FMT, STD], [POSIX, DOORS, POLICY]),
    "libgpupass/codec": ([CONTRACT, VALUES, CODEC, FMT, JSON, TOML, YAML, STD], [POSIX, DOORS, POLICY]),
    "libgpupass/guest": ([CONTRACT, VALUES, GUEST, FMT, PUGI, STD], [POSIX, DOORS]),
    "libgpupass/system": ([CONTRACT, VALUES, CODEC, PORTS, FMT, JSON, STD, POSIX], []),
    "libgpupass/probe": ([CONTRACT, VALUES, CODEC, GUEST, PORTS, r"probe/.*", FMT, JSON, r"fnmatch\.h", STD], [POSIX]),
    "libgpupass/policy": ([CONTRACT, VALUES, CODEC, GUEST, r"policy/.*", FMT, STD], [POSIX, DOORS]),
    "libgpupass/change": ([CONTRACT, VALUES, CODEC, GUEST, CHANGE, FMT, JSON, STD], [POSIX, DOORS, POLICY]),
    "libgpupass/render": ([CONTRACT, VALUES, GUEST, CODEC, CHANGE, r"render/.*", FMT, JSON, DTL, STD], [POSIX, DOORS, POLICY]),
    "libgpupass/apply": ([CONTRACT, VALUES, CODEC, GUEST, CHANGE, PORTS, r"apply/.*", FMT, JSON, STD], [POSIX, r"gpupass/(policy|probe|render)\.hpp"]),
    "libgpupass/c": ([CONTRACT, VALUES, CODEC, CHANGE, r"c/.*", FMT, JSON, STD], [POSIX]),
    "tools/gpupass": ([CONTRACT, r"(options/)?[a-z_]+\.hpp", r"boost/program_options.*", FMT, STD, POSIX], []),
    "tools/worker": ([CONTRACT, VALUES, CODEC, r"system/files/(fd|errno_text)\.hpp", r"[a-z_]+\.hpp", r"libvirt/.*", JSON, FMT, STD, POSIX], []),
}
TYPE = re.compile(r"(?:struct|class|enum class) (\w+)(?: final)?(?: : [^;]*)? \{")  # No specialisation, and no declaration.
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]')


def violations(root):
    for folder, (allowed, forbidden) in ROOMS.items():
        files = sorted(path for path in (root / folder).rglob("*") if path.suffix in (".hpp", ".cpp", ".h"))
        if not files:
            yield f"{folder}: is empty or missing"
        for path in files:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                header = match[1]
                if any(re.fullmatch(p, header) for p in forbidden) or not any(re.fullmatch(p, header) for p in allowed):
                    yield f"{path.relative_to(root)}:{number}: may not include {header}"
    for path in sorted((root / "include/gpupass").glob("*.hpp")):
        if path.name in DOOR_FILES:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if match and re.fullmatch(DOORS, match[1]):
                yield f"{path.relative_to(root)}:{number}: a value may not include the door {match[1]}"
    known = {room.split("/")[1] for room in ROOMS if room.startswith("libgpupass/")}
    for folder in sorted(path.name for path in (root / "libgpupass").iterdir() if path.is_dir()):
        if folder not in known and any((root / "libgpupass" / folder).rglob("*.?pp")):
            yield f"libgpupass/{folder}: is a room that no layer knows"


def same_names(root):
    first = {}
    for folder in ("include", "libgpupass", "tools"):
        for path in sorted((root / folder).rglob("*.hpp")):
            for name in TYPE.findall("\n".join(line for line in path.read_text().splitlines() if not line.startswith(" "))):
                other = first.setdefault(name, path)
                if other != path:
                    yield f"{path.relative_to(root)}: {name} is a type of {other.relative_to(root)} too"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    found = [*violations(root), *same_names(root)]
    print("\n".join(found) if found else "the layers hold")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
