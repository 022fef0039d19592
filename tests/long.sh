#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The longest tests: emulated hosts that boot many times or have a large guest; the time inside apply(), compared with
# the same writes by a C program (on an otherwise idle machine); 200 attach-detach cycles of a GPU on one guest
# (GPUPASS_LAB_CYCLES sets another number), which must not leak descriptors, memory or journal entries; clang-tidy; ten
# minutes of fuzzing for each parser of foreign input; thousands of hosts with parts missing or damaged; the whole
# program on a fake machine, with signals, full disks and deaths; UEFI firmware that places the BARs of up to 16 cards;
# and a build with the unit tests in Debian 12, 13 and sid. Needs a build; takes about eight hours.
set -eu
cd "$(dirname "$0")/.."
export GPUPASS_LAB_CYCLES="${GPUPASS_LAB_CYCLES:-200}" GPUPASS_LAB_TIMEOUT="${GPUPASS_LAB_TIMEOUT:-14400}"

status=0
tests/tidy.sh || status=$?
tests/roots.sh || status=$?
program=${GPUPASS_BUILD:-build/release}/gpupass
GPUPASS=$program tests/rig/run.py --full || status=$?
GPUPASS=$program tests/domain/windows.py all || status=$?
GPUPASS=$program tests/mutate/run.py --mutants 150 --seed 1000 --collection || status=$?
if command -v clang++-19 >/dev/null; then tests/fuzz/run.sh 600 || status=$?; fi
tests/lab/run.sh speed || status=$?
tests/lab/run.sh persist kills power nodes || status=$?
tests/lab/run.sh guest || status=$?
result=${GPUPASS_BUILD:-build/release}/lab/guest/share/cycles.txt
if [ -f "$result" ]; then
  echo "open files of libvirtd, of QEMU, KiB of libvirtd, locks, operations in the journal:"
  cat "$result"
fi
exit $status
