#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The library used by several threads at once, watched by ThreadSanitizer.
set -euo pipefail
cd "$(dirname "$0")/../.."
compiler=$(command -v clang++-19) || { echo "clang++-19 is missing"; exit 77; }
build=build/threads
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
cmake -G Ninja -B "$build" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-g1 \
    -DGPUPASS_SANITIZE=ON -DGPUPASS_SANITIZERS=thread -DCMAKE_UNITY_BUILD=ON -DGPUPASS_UNIT_TESTS=OFF "${launcher[@]}" >"$build.log" 2>&1 &&
    cmake --build "$build" --target threads gpupass-worker >>"$build.log" 2>&1 || { tail -30 "$build.log"; exit 1; }
TSAN_OPTIONS="halt_on_error=1" "$build/threads" examples/hosts/*.host tests/hosts/*.host
