#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A first look from a fresh clone on Debian 12: installs missing packages, builds, and runs the main job on an example
# host. Changes only packages and the build folder.
set -eu
cd "$(dirname "$0")/.."
. tools/progress.sh

tools/install-dependencies.sh
echo "building:"
mkdir -p build
progress "configure" build/quickstart.log cmake --preset quickstart
progress "build" build/quickstart.log cmake --build build/quickstart

export GPUPASS_ROOT=examples/hosts/8gpu-2socket.host
PATH="$PWD/build/quickstart:$PATH"
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

printf '\nAn example host with 8 GPUs and 2 sockets: %s\n' "$GPUPASS_ROOT"
show gpupass status
show gpupass place --gpu 9a:00.0 --vcpus 8 --memory 64G
show gpupass -c test:///default define --gpu 9a:00.0 --vcpus 8 --memory 64G demo
show gpupass --dry-run bind 9a:00.0

unset GPUPASS_ROOT
if ls /sys/bus/pci/devices/*/class >/dev/null 2>&1 && grep -qE '^0x(03|12)' /sys/bus/pci/devices/*/class; then
  printf '\nThis machine (read-only):\n'
  show gpupass list
fi
cat <<'END'

gpupass is in build/quickstart. It has read an example host, and has changed nothing. Next:
  build/quickstart/gpupass --root examples/hosts/8gpu-2socket.host show 9a:00.0     # more of the example host
  man man/gpupass.7                         # the ideas; man man/gpupass.8 lists the commands
As root, on a machine with GPUs:
  build/quickstart/gpupass check            # can it give them away? This only reads.
  cmake --install build/quickstart          # below /usr/local; any user can install below --prefix ~/.local
END
