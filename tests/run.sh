#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs missing packages, builds, and runs the tests: the programs as users get them, with GCC; the unit tests and the
# programs again with sanitizers, with Clang where there is one, and the fuzzers of the same build; replayed machines; the
# lab. `tests/run.sh --no-lab` omits these two. long.sh has the longest tests.
set -eu
cd "$(dirname "$0")/.."
. tests/steps.sh

tools/install-dependencies.sh --tests
launcher=
if command -v ccache >/dev/null; then
  launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR="$PWD"  # Another clone can use the objects of this one.
  export CCACHE_SLOPPINESS=pch_defines,time_macros   # ccache needs this with precompiled headers.
fi

build() {  # PRESET [OPTION OF CMAKE...]
  preset=$1
  shift
  cmake --preset "$preset" $launcher "$@" >"build/$preset.log" 2>&1 &&
    cmake --build "build/$preset" >>"build/$preset.log" 2>&1 && return
  grep -E 'error|Error|FAILED' "build/$preset.log" | head -20
  return 1
}
check() {
  if ctest --test-dir "build/$1" --output-on-failure -j "$(nproc)" >"build/$1-tests.log" 2>&1; then
    grep -E 'tests passed|Skipped' "build/$1-tests.log"
    grep '^laws:' "build/$1/Testing/Temporary/LastTest.log" || true
  else
    grep -vE '^ +Start +[0-9]+:|^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed' "build/$1-tests.log"
    return 1
  fi
}

mkdir -p build
# The compiler sees the unit tests once: with sanitizers they find more.
run "build, optimised" build release -DGPUPASS_UNIT_TESTS=OFF
run "tests, optimised" check release
if clang=$(command -v clang++-19); then
  run "build, with sanitizers" build sanitize -DCMAKE_CXX_COMPILER="$clang" -DGPUPASS_FUZZ=ON
  run "tests, with sanitizers" check sanitize
  run "fuzzing, 10 seconds a target" tests/fuzz/run.sh 10
else
  run "build, with sanitizers" build sanitize
  run "tests, with sanitizers" check sanitize
fi
if [ "${1:-}" != --no-lab ]; then
  run "replayed machines" tests/replay/short.sh
  run "lab" tests/lab/run.sh
fi

conclude
