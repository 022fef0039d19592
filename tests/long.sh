#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The longest tests, after run.sh: it needs a build, and takes about twelve hours. `long.sh STEP...` runs some of them:
#   lint       clang-tidy, clang's static analyser and cppcheck find nothing
#   threads    several threads in the library at once, watched by ThreadSanitizer
#   roots      a build with the unit tests in Debian 12, 13 and sid
#   quickstart the first command of README.md in a clean Debian 12, with its time
#   package    Debian packages, and the RPM: built, installed, tried and removed in clean Debians 12 and 13
#   rig        the whole program on a fake machine, with signals, full disks and deaths
#   report     the reports of check --html in a real browser, which it installs: Debian's chromium
#   windows    UEFI firmware places the BARs of up to 16 cards
#   domains    the domain files of libvirt's tests are patched: libvirt takes what comes out, and it has all that was there
#   place      guests on 20 000 hosts of 1 to 64 GPUs and 1 to 64 nodes cost no more than an oracle says
#   packing    5 000 short lists of guests are packed as well as an oracle does, and 10 000 guests on 1000 hosts in time
#   mutate     thousands of hosts with parts missing or damaged
#   fuzz       ten minutes for each parser of foreign input
#   replay     every capture as a live kernel: groups, each GPU bound and released, binds killed, cards pulled; 1080 mutants
#              whose groups the kernel forms; random writes, answered by Linux as by the fake kernel of the tests
#   lab        emulated hosts that boot many times or have a large guest; 200 attach-detach cycles of a GPU on one guest
#              (GPUPASS_LAB_CYCLES sets another number) must not leak descriptors, memory or journal entries;
#              1000 rounds of each race (GPUPASS_LAB_ROUNDS sets another number)
#              (boot images by dracut are built and inspected)
#   speed      the time inside apply(), compared with the same writes by a C program, on an otherwise idle machine
set -eu
cd "$(dirname "$0")/.."
. tests/steps.sh
export GPUPASS_LAB_CYCLES="${GPUPASS_LAB_CYCLES:-200}" GPUPASS_LAB_KILLS="${GPUPASS_LAB_KILLS:-1}" GPUPASS_LAB_ROUNDS="${GPUPASS_LAB_ROUNDS:-1000}"
export GPUPASS_LAB_TIMEOUT="${GPUPASS_LAB_TIMEOUT:-14400}"
export GPUPASS="${GPUPASS_BUILD:-build/release}/gpupass"

lab() {
  status=0
  tests/lab/run.sh audio validate declared prepared tuned tenants slices declared-slices wedged session persist kills run power nodes checks races daemon || status=$?
  tests/lab/run.sh guest || status=$?
  tests/lab/dracut.sh || status=$?
  result=${GPUPASS_BUILD:-build/release}/lab/guest/share/cycles.txt
  if [ -f "$result" ]; then
    echo "open files of libvirtd, of QEMU, KiB of libvirtd, locks, operations in the journal:"
    cat "$result"
  fi
  return $status
}

replay() {
  status=0
  tests/replay/run.sh examples/hosts/*.host tests/field/*.host tests/hosts/*.host || status=$?
  tests/replay/mutants.sh || status=$?
  tests/replay/sequences.sh || status=$?
  return $status
}

report() {
  if ! command -v chromium >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core >/dev/null
  fi
  tests/report/run.py "${GPUPASS_BUILD:-build/release}/reports"
}

packing() {
  "${GPUPASS_BUILD:-build/release}/packing_compare" 0 5000 && tests/bench/packing.py
}

[ $# != 0 ] || set -- lint threads roots quickstart package rig report windows domains place packing mutate fuzz replay lab speed
for step; do
  case $step in
    lint) run "static analysis" tests/lint.sh ;;
    threads) run "threads" tests/threads/run.sh ;;
    roots) run "Debian 12, 13 and sid" tests/roots.sh ;;
    quickstart) run "quickstart" tests/quickstart.sh ;;
    package) run "packages" tests/package.sh ;;
    rig) run "the whole program" tests/rig/run.py --full ;;
    report) run "reports in a browser" report ;;
    windows) run "BARs placed by firmware" tests/domain/windows.py all ;;
    domains) run "libvirt's domain files" tests/domain/libvirt_files.py ;;
    place) run "placing on large hosts" "${GPUPASS_BUILD:-build/release}/place_compare" 0 20000 ;;
    packing) run "packing" packing ;;
    mutate) run "damaged hosts" tests/mutate/run.py --mutants 150 --seed 1000 --collection ;;
    fuzz) run "fuzzing, ten minutes a target" tests/fuzz/run.sh 600 ;;
    replay) run "replayed machines" replay ;;
    lab) run "lab" lab ;;
    speed) run "time inside apply()" tests/lab/run.sh speed ;;
    *) echo "long.sh: no step $step" >&2; exit 2 ;;
  esac
done
conclude
