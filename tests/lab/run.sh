#!/bin/bash
# The lab in one command: run.sh [TOPOLOGY...]
#
# Boots an emulated IOMMU host for each topology (default: every scenario there is), runs the
# topology's scenario in it with the freshly built gpupass, and reports each step with its time.
# Exit status 0 when every step of every scenario passed. README.md tells the rest.
#
#   GPUPASS_BUILD        build folder with gpupass, gpupass-worker and libgpupass.so; logs go to its lab/
#   GPUPASS_LAB_CACHE    where the disk image is kept between runs
#   GPUPASS_LAB_TIMEOUT  seconds until a host is given up (emulation is slow, machines are shared)
#   GPUPASS_LAB_JOBS     hosts that run at the same time
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${GPUPASS_BUILD:-$here/../../build/release}
limit=${GPUPASS_LAB_TIMEOUT:-1200}
jobs=${GPUPASS_LAB_JOBS:-2}

die() { echo "lab: $*" >&2; exit 2; }

[[ -d $build ]] || die "no build folder $build: build first, or set GPUPASS_BUILD"
build=$(cd "$build" && pwd)

# Puts what the host of topology $1 needs into its share $2.
fill_share() {
    local file found
    mkdir -p "$2/bin"
    for file in gpupass gpupass-worker 'libgpupass.so*'; do
        found=$(find "$build" -path "$build/lab" -prune -o -name "$file" -executable ! -type d -print)
        [[ $found ]] || die "no $file below $build: build it first"
        while read -r file; do cp -d "$file" "$2/bin/"; done <<<"$found"
    done
    cc -shared -fPIC -O1 -Wall -Werror -o "$2/bin/kill_at.so" "$here/kill_at.c"
    cc -O1 -Wall -Werror -o "$2/bin/map_drm" "$here/map_drm.c"
    cp "$here"/scenario/*.sh "$here/guest/base.xml" "$2/"
    cp "$here/scenario/$1.sh" "$2/start" # what host/lab.service runs
}

# Boots the host of topology $1 and returns once it is off; its report is the file $2/share/report.
run_topology() {
    local topology=$1 out=$2 started=$SECONDS qemu follower args status=0
    rm -rf "$out"
    mkdir -p "$out/share"
    fill_share "$topology" "$out/share"
    : >"$out/share/report"
    mapfile -t args < <("$here/machine.sh" "$topology" "$image" "$out/share" "$out/console.log")

    timeout --kill-after=5 "$limit" qemu-system-x86_64 "${args[@]}" </dev/null >"$out/qemu.log" 2>&1 &
    qemu=$!
    tail -n +1 -s 0.5 -f --pid=$qemu "$out/share/report" | sed -u "/^end$/d; s/^/$topology: /" &
    follower=$!
    trap 'kill $qemu 2>/dev/null; exit 1' TERM INT
    wait $qemu || status=$?
    wait $follower || true

    # The scenario's last line is `end`: without it, the host died, hung or never came up.
    if [[ $(tail -n 1 "$out/share/report") != end ]]; then
        printf 'FAIL %7.1f  the scenario reaches its end (QEMU: exit status %s)\n' $((SECONDS - started)) $status |
            tee -a "$out/share/report" | sed "s/^/$topology: /"
        tail -n 15 "$out/qemu.log" "$out/console.log" 2>&1 | sed "s/^/$topology:     /"
    fi
    echo "$topology: $((SECONDS - started)) s, logs in $out"
}

topologies=("$@")
if [[ $# == 0 ]]; then
    for scenario in "$here"/scenario/*.sh; do
        [[ $(basename "$scenario") == steps.sh ]] || topologies+=("$(basename "$scenario" .sh)")
    done
fi
for topology in "${topologies[@]}"; do
    [[ -f $here/scenario/$topology.sh ]] || die "no scenario for topology '$topology' in $here/scenario"
done
command -v qemu-system-x86_64 >/dev/null || die "qemu-system-x86_64 is missing: apt-get install qemu-system-x86"

image=$("$here/build-image.sh")
running=()
# shellcheck disable=SC2154  # pid is the loop's own
trap 'for pid in "${running[@]}"; do kill "$pid" 2>/dev/null || true; done; wait' EXIT
trap 'exit 130' INT TERM
for topology in "${topologies[@]}"; do
    ((${#running[@]} < jobs)) || { wait "${running[0]}" || true; running=("${running[@]:1}"); }
    run_topology "$topology" "$build/lab/$topology" &
    running+=($!)
done
for pid in "${running[@]}"; do wait "$pid" || true; done
running=()

# A topology without a report failed before its host could start.
reports=() failed=0
for topology in "${topologies[@]}"; do
    report=$build/lab/$topology/share/report
    if [[ -f $report ]]; then reports+=("$report"); else failed=$((failed + 1)); fi
done
count() { cat "${reports[@]}" /dev/null | grep -c "^$1 " || true; }
passed=$(count ok)
failed=$((failed + $(count FAIL)))
echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed -gt 0 ]]
