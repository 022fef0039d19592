#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The packages are built, examined, installed, tried and removed in Debians of their own: package.sh [SUITE...], by default
# bookworm and trixie. The roots and all logs are in build/roots.
#
# One root has what the build needs: there the packages are built (without the unit tests, which roots.sh runs), lintian
# finds no error, debian/tests are run, and an installation below /usr/local is found by the linker and leaves nothing. In
# bookworm packaging/gpupass.spec is built too. The other root is a clean Debian: after the package was installed, tried,
# removed and purged, it has the files that it had before.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$source_dir/tests/root.sh"
. "$source_dir/tools/progress.sh"
(($#)) || set -- bookworm trixie
mkdir -p "$roots"
version=$(sed -n 's/.*define GPUPASS_VERSION "\(.*\)".*/\1/p' "$source_dir/include/gpupass/version.hpp")
host=/usr/share/doc/gpupass/examples/hosts/8gpu-2socket.host

# The fields of debian/control, with those for tests left out.
needs=$(sed -n '/^Build-Depends:/,/^[A-Z]/p' "$source_dir/debian/control" | sed -n 's/^ \([a-z0-9.+-]*\),$/\1/p')
needs="build-essential debhelper python3 $needs kmod pci.ids lintian ccache"

build='
    export HOME=/root CCACHE_DIR=/ccache CCACHE_SLOPPINESS=pch_defines,time_macros CMAKE_CXX_COMPILER_LAUNCHER=ccache
    cd /build/gpupass
    DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage -us -uc -Pnocheck'
examine='cd /build; lintian --fail-on error gpupass_*.changes'
autopkgtest='
    cd /build
    dpkg -i ./*.deb
    gpupass/debian/tests/example-host
    dpkg --purge gpupass gpupass-ansible libgpupass-dev python3-gpupass libgpupass0'
# The linker finds the library without a path in the program. Afterwards nothing is left, not even a folder.
local_prefix='
    cd /build/gpupass
    find /usr/local | sort >/build/before
    cmake --install obj-*-linux-gnu --prefix /usr/local
    ldconfig -p | grep libgpupass
    /usr/local/bin/gpupass --version
    g++ -std=c++20 examples/free_gpus.cpp -o /build/free_gpus $(pkgconf --cflags --libs gpupass)
    /build/free_gpus examples/hosts/8gpu-2socket.host | grep "^0000:9a:00.0 node 1$"
    cmake --build obj-*-linux-gnu --target uninstall
    find /usr/local | sort | diff /build/before -
    if ldconfig -p | grep libgpupass; then exit 1; fi'
spec="
    export HOME=/root CCACHE_DIR=/ccache CCACHE_SLOPPINESS=pch_defines,time_macros CMAKE_CXX_COMPILER_LAUNCHER=ccache
    mkdir -p /build/rpm/SOURCES
    tar -C /build --exclude=gpupass/obj-* --transform 's,^gpupass,gpupass-$version,' -czf /build/rpm/SOURCES/gpupass-$version.tar.gz gpupass
    rpmbuild -bb --nodeps --define '_topdir /build/rpm' /source/packaging/gpupass.spec
    rpm -qlp /build/rpm/RPMS/*/gpupass-$version-*.rpm | grep -x /usr/lib/dracut/modules.d/90gpupass/module-setup.sh"

# In the clean root. apt installs what the packages need.
install='
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -y -q --no-install-recommends /build/gpupass_*.deb /build/libgpupass0_*.deb'
try="
    gpupass --version | grep -x 'gpupass $version'
    man -w gpupass
    man -w 8 gpupass-bind
    test -s /usr/share/bash-completion/completions/gpupass
    gpupass --root $host list | grep '^9a:00.0 .* yes$'
    gpupass --root $host show 9a:00.0
    gpupass --root $host place --gpu 9a:00.0 --vcpus 8 --memory 64G | grep '^GPU  *9a:00.0'
    gpupass --root $host -c test:///default define --gpu 9a:00.0 --vcpus 8 --memory 64G demo
    if ldd /usr/bin/gpupass | grep 'not found'; then exit 1; fi
    /usr/share/initramfs-tools/hooks/gpupass prereqs"
# A GPU is away from its driver: its record survives the purge, and the administrator is told. The bindings do not survive.
purge_too_early='
    mkdir -p /run/gpupass/home /etc/gpupass /var/lib/gpupass/journal
    touch /run/gpupass/home/0000:65:00.0 /var/lib/gpupass/journal/1-1.over /etc/gpupass/boot-bindings
    dpkg --remove gpupass 2>&1 | tee /build/said
    grep "^  0000:65:00.0$" /build/said
    grep "no GPU is bound at boot any more" /build/said
    dpkg --purge gpupass 2>&1 | tee /build/said
    grep "gpupass release all" /build/said
    test -e /run/gpupass/home/0000:65:00.0
    test -e /var/lib/gpupass/journal/1-1.over
    test ! -e /etc/gpupass
    dpkg -i /build/gpupass_*.deb
    rm -r /run/gpupass'
remove='
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p /run/gpupass/locks
    apt-get remove -y -q gpupass libgpupass0
    test -e /var/lib/gpupass/journal/1-1.over
    apt-get purge -y -q --auto-remove gpupass'

# All files but those of apt, dpkg, debconf, the linker and man about packages in general.
files() {
    find "$1" -xdev \( -path "$1/build" -o -path "$1/ccache" -o -path "$1/var/lib/apt" -o -path "$1/var/cache" -o -path "$1/var/log" \
        -o -path "$1/var/lib/dpkg/*-old" -o -path "$1/var/lib/dpkg/triggers" \) -prune -o -printf '/%P %y %l\n' | sort
}

# step TITLE ROOT COMMANDS
step() { progress "$suite: $1" "$roots/$suite-package.log" in_root "$2" "$3" || { echo "$suite: FAILED: $1"; return 1; }; }

packages() {
    local suite=$1 rpm='' builder clean=$roots/$1-clean
    [[ $suite != bookworm ]] || rpm=rpm
    progress "$suite: root for the build" "$roots/$suite.log" make_root "$suite" "$needs $rpm"
    builder=$root
    progress "$suite: clean root" "$roots/$suite.log" make_root "$suite" "man-db libidn2-0" # libc6 recommends it: apt keeps it
    rm -rf "$clean" "$builder"/build
    cp -a "$root" "$clean"
    copy_sources "$builder/build/gpupass"

    step "build" "$builder" "$build" || return
    step "lintian" "$builder" "$examine" || return
    grep -E '^[EW]: ' "$roots/$suite-package.log" || true
    step "debian/tests" "$builder" "$autopkgtest" || return
    step "below /usr/local" "$builder" "$local_prefix" || return
    [[ ! $rpm ]] || step "rpmbuild" "$builder" "$spec" || return

    files "$clean" >"$roots/$suite-before"
    cp "$builder"/build/*.deb "$clean/build/"
    step "install" "$clean" "$install" || return
    step "try" "$clean" "$try" || return
    step "purge while a GPU is away" "$clean" "$purge_too_early" || return
    step "remove and purge" "$clean" "$remove" || return
    files "$clean" | diff "$roots/$suite-before" - || { echo "$suite: FAILED: traces are left"; return 1; }
    rm -rf "$clean"
    echo "$suite: built, examined, installed, tried, and removed without trace"
}

status=0
for suite; do packages "$suite" || status=1; done
exit $status
