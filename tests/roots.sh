#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds gpupass and runs its unit tests in Debians of their own: roots.sh [SUITE...], by default every one it knows.
#
# mmdebstrap makes each root once, in build/roots. The lab, the timings and the formatting are left to tests/run.sh.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$source_dir/tests/root.sh"
(($#)) || set -- bookworm trixie sid

# The packages for the build, and the programs that the unit tests call.
packages="$("$source_dir/tools/install-dependencies.sh" --list) libgtest-dev libgmock-dev libhwloc-dev libvirt-daemon libvirt-clients
    python3-minimal python3-jsonschema jq pciutils hwloc-nox libxml2-utils strace file man-db bsdutils busybox-static kmod ccache"

# The commands inside the root. Warnings do not fail the build, as in a distribution; they are counted.
inside='
    export HOME=/root CCACHE_DIR=/ccache CCACHE_SLOPPINESS=pch_defines,time_macros PYTHONDONTWRITEBYTECODE=1
    cd /source
    cmake --preset release -B /build -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
        -DCMAKE_COMPILE_WARNING_AS_ERROR=OFF -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    cmake --build /build -- -k 0
    ctest --test-dir /build --output-on-failure -j "$(nproc)" -E "speed|tree-is-formatted"'

# try SUITE
try() {
    local suite=$1 log=$roots/$1-tests.log
    make_root "$suite" "$packages" --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*'
    if ! in_root "$root" "$inside" >"$log" 2>&1; then
        grep -E 'error:|\(Failed\)|\*\*\*|Error ' "$log" | head -n 30
        echo "$suite: FAILED, see $log"
        return 1
    fi
    echo "$suite: $(grep 'tests passed' "$log"); $(grep -c 'warning:' "$log" || true) warnings"
}

status=0
for suite; do try "$suite" || status=1; done
exit $status
