#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Boots replayed machines: boot.sh KERNEL INITRD FOLDER SCENARIO...
#
# KERNEL is the folder of build.sh, INITRD the file of initrd.sh, FOLDER has the files of machine.py. Its other files
# become files of /machine. Writes FOLDER/console, and FOLDER/seconds, the time that it took.
#
#   GPUPASS_REPLAY_KILLS    every how many writes a bind is killed (1)
#   GPUPASS_REPLAY_TIMEOUT  seconds after which a boot fails
set -euo pipefail
kernel=$1 initrd=$2 folder=$3
shift 3
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
mkdir -p "$files"/{root/lib/firmware,root/machine}
cp "$folder"/* "$files/root/machine/"
mv "$files/root/machine/replay.machine" "$files/root/lib/firmware/"
# The kernel unpacks one archive after the other.
{ cat "$initrd" && (cd "$files/root" && find . | cpio --quiet -o -H newc); } >"$files/initrd"

options="console=ttyS0 quiet mitigations=off tsc=reliable no_timer_check panic=-1 numa=fake=$(cat "$folder/nodes")"
options+=" kill_step=${GPUPASS_REPLAY_KILLS:-1} scenarios=$(IFS=,; echo "$*")"
started=$SECONDS
# Never KVM. The computer has no PCI of its own, so that every address is free.
timeout "${GPUPASS_REPLAY_TIMEOUT:-900}" qemu-system-x86_64 -machine microvm,acpi=off,rtc=on -accel tcg,thread=multi \
    -cpu max,phys-bits=46 -smp 2 -m 1536M -nodefaults -no-user-config -no-reboot -display none \
    -serial "file:$folder/console" -kernel "$kernel/vmlinux" -initrd "$files/initrd" -append "$options" \
    </dev/null >"$folder/qemu.log" 2>&1 || true
echo $((SECONDS - started)) >"$folder/seconds"
