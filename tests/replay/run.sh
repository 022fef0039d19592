#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Replays captured machines: run.sh HOST.host... [SCENARIO...]
#
# Boots an emulated computer whose PCI functions are those of the captures, and runs scenarios in it with the built
# gpupass (default: every scenario of the folder scenario/). A boot can hold many machines. The exit status is 0 if every
# step passed and every difference of groups is explained. See README.md.
#
#   GPUPASS_BUILD            build folder with gpupass and gpupass-worker; logs go to its replay/
#   GPUPASS_REPLAY_CACHE     cache folder for the kernel and the module
#   GPUPASS_REPLAY_MACHINES  how many machines a boot holds (12)
#   GPUPASS_REPLAY_KILLS     every how many writes a bind is killed (1)
#   GPUPASS_REPLAY_TIMEOUT   seconds after which a boot fails
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${GPUPASS_BUILD:-$here/../../build/release}
per_boot=${GPUPASS_REPLAY_MACHINES:-12}

die() { echo "replay: $*" >&2; exit 2; }

hosts=() scenarios=()
for argument; do
    case $argument in
    *.host) [[ -f $argument ]] || die "no file $argument" && hosts+=("$argument") ;;
    *) [[ -f $here/scenario/$argument.sh ]] || die "no scenario '$argument' in $here/scenario" && scenarios+=("$argument") ;;
    esac
done
[[ ${#hosts[@]} != 0 ]] || die "usage: run.sh HOST.host... [SCENARIO...]"
[[ ${#scenarios[@]} != 0 ]] || scenarios=(groups read bind refuse kill rescan)
[[ -x $build/gpupass ]] || die "no gpupass in $build: build first, or set GPUPASS_BUILD"
build=$(cd "$build" && pwd)
command -v qemu-system-x86_64 >/dev/null || die "qemu-system-x86_64 is missing: apt-get install qemu-system-x86"
kernel=$("$here/build.sh")
out=$build/replay
rm -rf "$out"
mkdir -p "$out"

# The files that every boot has.
base=$out/base
mkdir -p "$base"/{bin,dev,proc,sys,run,tmp,etc,lib,lib64,sbin,usr,var/lib}
cp "$(command -v busybox)" "$base/bin/"
ln -s busybox "$base/bin/sh"
ln -s /bin/busybox "$base/sbin/modprobe"
cp -r "$kernel/modules/lib/modules" "$base/lib/"
cp "$build/gpupass" "$build/gpupass-worker" "$base/bin/"
libraries=$(ldd "$build/gpupass" "$build/gpupass-worker" | awk '$2 == "=>" { print $3 } $1 ~ "^/.*ld-linux" { print $1 }' | sort -u)
for library in $libraries; do cp -L "$library" "$base/lib/"; done
mv "$base"/lib/ld-linux-* "$base/lib64/"
cc -shared -fPIC -O1 -Wall -Werror -o "$base/lib/kill_at.so" "$here/../lab/kill_at.c"
cc -shared -fPIC -O1 -Wall -Werror -o "$base/lib/libnvidia-ml.so.1" "$here/nvml.c"
cc -static -O1 -Wall -Werror -o "$base/bin/sysfs" "$here/sysfs.c"
cp -r "$here/scenario" "$base/"
cp "$here/init" "$base/init"
pack() { (cd "$1" && find . | cpio --quiet -o -H newc); }
pack "$base" >"$out/initrd"

# boot_machines NAME HOST...: writes the console to OUT/NAME/console.
boot_machines() {
    local at=$out/$1 nodes started=$SECONDS
    shift
    mkdir "$at"
    "$here/machine.py" "$at" "$@"
    mkdir -p "$at/files/lib/firmware" "$at/files/machine"
    ln "$at/replay.machine" "$at/files/lib/firmware/"
    ln "$at/overrides" "$at/files/machine/"
    { cat "$out/initrd" && pack "$at/files"; } >"$at/initrd" # The kernel unpacks one archive after the other.
    nodes=$(cat "$at/nodes")
    # Never KVM. No PCI of its own, so that every address is free.
    timeout "${GPUPASS_REPLAY_TIMEOUT:-600}" qemu-system-x86_64 -machine microvm,acpi=off,rtc=on -accel tcg,thread=multi \
        -cpu max,phys-bits=46 -smp 2 -m 1536M -nodefaults -no-user-config -no-reboot -display none \
        -serial "file:$at/console" -kernel "$kernel/vmlinux" -initrd "$at/initrd" \
        -append "console=ttyS0 quiet mitigations=off tsc=reliable no_timer_check panic=-1 numa=fake=$nodes scenarios=$(IFS=,; echo "${scenarios[*]}") kill_step=${GPUPASS_REPLAY_KILLS:-1}" \
        </dev/null >"$at/qemu.log" 2>&1 || true
    echo $((SECONDS - started)) >"$at/seconds"
    rm -r "$at/initrd" "$at/files"
}

boots=()
for ((at = 0; at < ${#hosts[@]}; at += per_boot)); do
    boots+=("$((at / per_boot))")
    boot_machines "$((at / per_boot))" "${hosts[@]:at:per_boot}"
done
"$here/judge.py" "$out" "${boots[@]}"
