#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the programs as users get them, and prints what they cost beside the usual tools: run.sh [--runs N] [SECTION...]
# bench.py has the sections. Another program can be measured with GPUPASS=PROGRAM.
set -eu
cd "$(dirname "$0")/../.."
if [ -z "${GPUPASS:-}" ]; then
  cmake --preset release -DGPUPASS_UNIT_TESTS=OFF >/dev/null
  cmake --build build/release --target gpupass-cli gpupass-worker >/dev/null
  GPUPASS=$PWD/build/release/gpupass
fi
export GPUPASS
echo "gpupass $(git rev-parse --short HEAD 2>/dev/null || echo '?'), $(uname -rm), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
exec tests/bench/bench.py "$@"
