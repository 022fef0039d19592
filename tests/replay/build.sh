#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the kernel of replayed machines and our module for it, once, and prints the folder that holds them:
#
#   vmlinux    Debian's kernel, unpacked
#   modules/   the tree of modules, below lib/modules: VFIO's, and ours
#
# Packages come from the sources that this machine's apt already uses. Nothing is installed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${GPUPASS_REPLAY_CACHE:-${XDG_CACHE_HOME:-~/.cache}/gpupass-replay}
PATH=$PATH:/usr/sbin:/sbin

die() { echo "build: $*" >&2; exit 1; }
# The packages that a package depends on and whose names match.
depends() { apt-cache depends --important "$1" | awk -v name="$2" '$1 == "Depends:" && $2 ~ name { print $2 }'; }

image=$(depends linux-image-amd64 '^linux-image-6[.]1[.]0-') headers=$(depends linux-headers-amd64 '^linux-headers-6[.]1[.]0-')
[[ $image && $headers ]] || die "this machine's apt knows no Debian 12 (bookworm) source; run apt-get update, or add one"
release=${image#linux-image-}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # another run may be building the same

# The kernel, and what modules are built with.
kernel=$cache/$release
if [[ ! -d $kernel ]]; then
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    mapfile -t packages < <(printf '%s\n' "$image" "$headers" && depends "$headers" '^linux-')
    (cd "$work" && apt-get download -qq "${packages[@]}" 2>"$cache/download.log") ||
        die "packages of the kernel cannot be had: $(tail -n 1 "$cache/download.log")"
    for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
    "$here/../lab/unpack-kernel.sh" "$work/root/boot/vmlinuz-$release" >"$work/root/vmlinux"
    mv "$work/root" "$kernel"
fi

key=$(cd "$here/module" && cat ./* | sha256sum | cut -c1-16)
built=$cache/$release-$key
if [[ ! -d $built ]]; then
    work=$(mktemp -d "$cache/build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cp "$here"/module/* "$work/"
    make -C "$kernel/usr/src/$headers" -f "$kernel/usr/src/${headers%-amd64}-common/Makefile" M="$work" modules \
        >"$cache/module.log" 2>&1 || { tail -n 20 "$cache/module.log" >&2; die "the module cannot be built"; }
    all=$kernel/lib/modules/$release/kernel modules=$work/out/modules/lib/modules/$release
    mkdir -p "$modules"
    cp "$all"/virt/lib/irqbypass.ko "$all"/drivers/vfio/*.ko "$all"/drivers/vfio/pci/vfio-pci*.ko \
        "$all"/drivers/pci/pci-stub.ko "$modules/"
    objcopy --strip-debug "$work/replay.ko" "$modules/replay.ko"
    touch "$modules"/modules.{order,builtin,builtin.modinfo}
    depmod -b "$work/out/modules" "$release"
    ln "$kernel/vmlinux" "$work/out/vmlinux"
    mv "$work/out" "$built"
fi
echo "$built"
