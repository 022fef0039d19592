#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes the files that every replayed machine has, an archive that the kernel unpacks: initrd.sh KERNEL FILE
#
# KERNEL is the folder of build.sh. The programs are those of GPUPASS_BUILD.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kernel=$1 file=$2 build=${GPUPASS_BUILD:-$here/../../build/release}

[[ -x $build/gpupass ]] || { echo "replay: no gpupass in $build: build first, or set GPUPASS_BUILD" >&2; exit 2; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,proc,sys,run,tmp,etc,lib,lib64,sbin,var/lib}
cp "$(command -v busybox)" "$root/bin/"
ln -s busybox "$root/bin/sh"
ln -s /bin/busybox "$root/sbin/modprobe"
cp -r "$kernel/modules/lib/modules" "$root/lib/"
cp "$build/gpupass" "$build/gpupass-worker" "$root/bin/"
libraries=$(ldd "$build/gpupass" "$build/gpupass-worker" | awk '$2 == "=>" { print $3 } $1 ~ "^/.*ld-linux" { print $1 }' | sort -u)
for library in $libraries; do cp -L "$library" "$root/lib/"; done
mv "$root"/lib/ld-linux-* "$root/lib64/"
cc -shared -fPIC -O1 -Wall -Werror -o "$root/lib/kill_at.so" "$here/../lab/kill_at.c"
cc -shared -fPIC -O1 -Wall -Werror -o "$root/lib/libnvidia-ml.so.1" "$here/nvml.c"
cc -static -O1 -Wall -Werror -o "$root/bin/sysfs" "$here/sysfs.c"
cp -r "$here/scenario" "$root/"
cp "$here/init" "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc) >"$file"
