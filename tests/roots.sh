#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds gpupass and runs its unit tests in Debians of their own: roots.sh [SUITE...], by default every one it knows.
#
# mmdebstrap makes each root once, in build/roots. The sources are mounted read-only at /source, so that a test that
# writes there fails. The lab, the timings and the formatting are left to tests/run.sh.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
roots=$source_dir/build/roots
PATH=$PATH:/usr/sbin:/sbin

die() { echo "roots: $*" >&2; exit 2; }
[[ $EUID == 0 ]] || die "it must run as root (mmdebstrap and chroot)"
command -v mmdebstrap >/dev/null || die "mmdebstrap is missing: apt-get install mmdebstrap"
(($#)) || set -- bookworm trixie sid

# The packages for the build, and the programs that the unit tests call.
packages=$(echo "$("$source_dir/tools/install-dependencies.sh" --list)" python3-minimal python3-jsonschema jq pciutils hwloc-nox \
    libxml2-utils strace file man-db bsdutils busybox-static kmod ccache | tr -s ' \n' ',')

# root SUITE: prints the folder, and makes it if there is none yet.
root() {
    local suite=$1 key folder mirror
    key=$(sha256sum <<<"$suite $packages" | cut -c1-12)
    folder=$roots/$suite-$key
    if [[ ! -d $folder ]]; then
        mkdir -p "$roots"
        # The mirror and the download settings (a proxy, say) that this machine's apt uses for Debian.
        # shellcheck disable=SC2016  # apt-get's own variable
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Component: main' |
            grep -v security | sort -u | head -n 1)
        [[ $mirror ]] || die "this machine's apt knows no source of Debian"
        apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|ForceIPv|Check-|Languages)' >"$roots/apt.conf" || true
        rm -rf "$folder.new"
        mmdebstrap --mode=root --variant=apt --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
            --aptopt="$roots/apt.conf" --aptopt='APT::Install-Recommends "false"' \
            --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' --include="$packages" \
            "$suite" "$folder.new" "$mirror" >"$roots/$suite.log" 2>&1 ||
            { tail -n 20 "$roots/$suite.log" >&2; die "mmdebstrap failed for $suite"; }
        mkdir "$folder.new/source" "$folder.new/build" "$folder.new/ccache"
        mv "$folder.new" "$folder"
    fi
    echo "$folder"
}

# The commands inside the root. Warnings do not fail the build, as in a distribution; they are counted.
inside='
    set -eu
    export HOME=/root CCACHE_DIR=/ccache CCACHE_SLOPPINESS=pch_defines,time_macros PYTHONDONTWRITEBYTECODE=1
    cd /source
    cmake --preset release -B /build -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
        -DCMAKE_COMPILE_WARNING_AS_ERROR=OFF -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    cmake --build /build -- -k 0
    ctest --test-dir /build --output-on-failure -j "$(nproc)" -E "speed|tree-is-formatted"'

# try SUITE
try() {
    local suite=$1 folder log=$roots/$1-tests.log
    folder=$(root "$suite")
    # In namespaces of its own, so that all mounts and processes end with it.
    if ! unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$1/proc" && mount --rbind -o ro /sys "$1/sys" && mount --rbind /dev "$1/dev" &&
            mount --bind -o ro "$2" "$1/source" && exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "$3"' \
        - "$folder" "$source_dir" "$inside" >"$log" 2>&1; then
        grep -E 'error:|\(Failed\)|\*\*\*|Error ' "$log" | head -n 30
        echo "$suite: FAILED, see $log"
        return 1
    fi
    echo "$suite: $(grep 'tests passed' "$log"); $(grep -c 'warning:' "$log" || true) warnings"
}

status=0
for suite; do try "$suite" || status=1; done
exit $status
