#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What takes too long for every run: the emulated hosts that boot many times or hold a large guest, the time inside apply()
# beside the same writes by hand (on a machine that has nothing else to do), and 200 attach-detach cycles of a GPU on one
# guest (GPUPASS_LAB_CYCLES for another number), which may leak neither descriptors, memory nor journal. Needs a build;
# takes about two hours.
set -eu
cd "$(dirname "$0")/.."
export GPUPASS_LAB_CYCLES="${GPUPASS_LAB_CYCLES:-200}" GPUPASS_LAB_TIMEOUT="${GPUPASS_LAB_TIMEOUT:-14400}"

status=0
tests/lab/run.sh speed || status=$?
tests/lab/run.sh persist kills power nodes || status=$?
tests/lab/run.sh guest || status=$?
result=${GPUPASS_BUILD:-build/release}/lab/guest/share/cycles.txt
if [ -f "$result" ]; then
  echo "open files of libvirtd, of QEMU, KiB of libvirtd, locks, operations in the journal:"
  cat "$result"
fi
exit $status
