#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# clang-tidy finds nothing, by the checks in .clang-tidy: tidy.sh [FILE...], by default every source of the product.
#
# It needs a compile command for each file; a unity build has commands for whole folders only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tidy=$(command -v clang-tidy-19) || { echo "clang-tidy-19 is missing"; exit 77; }
commands=build/tidy
cmake -G Ninja -B "$commands" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_UNITY_BUILD=OFF -DBUILD_TESTING=OFF \
    -DCMAKE_CXX_COMPILER="$(command -v clang++-19 || command -v c++)" >"$commands.log" 2>&1 || { cat "$commands.log"; exit 1; }
if (($#)); then printf '%s\0' "$@"; else find libgpupass tools -name '*.cpp' -print0; fi |
    xargs -0 -n 4 -P "$(nproc)" "$tidy" -p "$commands" --quiet 2>/dev/null
echo "clang-tidy finds nothing"
