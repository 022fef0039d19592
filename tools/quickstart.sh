#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A first look from a fresh clone on Debian 12: installs missing packages, builds, and runs the main job on an example
# host. Changes only packages and the build folder.
set -eu
cd "$(dirname "$0")/.."

tools/install-dependencies.sh
cmake --preset quickstart >/dev/null
cmake --build build/quickstart

export GPUPASS_ROOT=examples/hosts/8gpu-2socket.host
PATH="$PWD/build/quickstart:$PATH"
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

printf '\nAn example host with 8 GPUs and 2 sockets: %s\n' "$GPUPASS_ROOT"
show gpupass list
show gpupass place --gpu 9a:00.0 --vcpus 8 --memory 64G
show gpupass xml --gpu 9a:00.0 --vcpus 8 --memory 64G demo
show gpupass -c test:///default define --gpu 9a:00.0 --vcpus 8 --memory 64G demo
show gpupass --dry-run bind 9a:00.0

unset GPUPASS_ROOT
if ls /sys/bus/pci/devices/*/class >/dev/null 2>&1 && grep -qE '^0x(03|12)' /sys/bus/pci/devices/*/class; then
  printf '\nThis machine (read-only):\n'
  show gpupass list
fi
printf '\nThe programs are in build/quickstart. Next: man man/gpupass.7, and "gpupass -h".\n'
