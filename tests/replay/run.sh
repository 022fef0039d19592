#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Replays captured machines: run.sh HOST.host... [SCENARIO...]
#
# Boots an emulated computer whose PCI functions are those of the captures, and runs scenarios in it with the built
# gpupass. A boot can hold several machines. The exit status is 0 if every step passed and every difference of groups is
# explained. See README.md.
#
#   GPUPASS_BUILD            build folder with gpupass and gpupass-worker; logs go to its replay/
#   GPUPASS_REPLAY_CACHE     cache folder for the kernel and the module
#   GPUPASS_REPLAY_MACHINES  how many machines a boot holds (2)
# boot.sh has more.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${GPUPASS_BUILD:-$here/../../build/release}
per_boot=${GPUPASS_REPLAY_MACHINES:-2}

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
command -v qemu-system-x86_64 >/dev/null || die "qemu-system-x86_64 is missing: apt-get install qemu-system-x86"

kernel=$("$here/build.sh")
out=$build/replay
rm -rf "$out"
mkdir -p "$out"
"$here/initrd.sh" "$kernel" "$out/initrd"
boots=()
for ((at = 0; at < ${#hosts[@]}; at += per_boot)); do
    boot=$out/$((at / per_boot))
    boots+=("$boot")
    mkdir "$boot"
    "$here/machine.py" "$boot" "${hosts[@]:at:per_boot}"
    "$here/boot.sh" "$kernel" "$out/initrd" "$boot" "${scenarios[@]}"
done
"$here/judge.py" "$out/table" "${boots[@]}"
