#!/bin/bash
# The lab in one command: run.sh [TOPOLOGY...]
#
# Boots an emulated IOMMU host for each topology (default: those below), runs the topology's scenario in it
# with the freshly built gpupass, and reports each step with its time.
# Exit status 0 when every step of every scenario passed. README.md tells the rest.
#
#   GPUPASS_BUILD        build folder with gpupass, gpupass-worker and libgpupass.so; logs go to its lab/
#   GPUPASS_LAB_CACHE    where the disk image is kept between runs
#   GPUPASS_LAB_TIMEOUT  seconds from a boot until a host is given up (emulation is slow, machines are shared)
#   GPUPASS_LAB_BOOT     seconds until a host is up, or else is booted once more
#   GPUPASS_LAB_JOBS     hosts that run at the same time
#   GPUPASS_LAB_CYCLES   how many times `guest` attaches and detaches
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${GPUPASS_BUILD:-$here/../../build/release}
limit=${GPUPASS_LAB_TIMEOUT:-2400}
boot_limit=${GPUPASS_LAB_BOOT:-300}
jobs=${GPUPASS_LAB_JOBS:-2}

# What every run of all tests has time for, the longest first. The others are for ../long.sh.
every_run=(guest audio wedged guards switch)

die() { echo "lab: $*" >&2; exit 2; }

[[ -d $build ]] || die "no build folder $build: build first, or set GPUPASS_BUILD"
build=$(cd "$build" && pwd)

# Puts what the host of topology $1 needs into its share $2.
fill_share() {
    local file found files=(gpupass gpupass-worker 'libgpupass.so*')
    mkdir -p "$2/bin"
    ! grep -q bench_apply "$here/scenario/$1.sh" || files+=(bench_apply)
    for file in "${files[@]}"; do
        found=$(find "$build" -path "$build/lab" -prune -o -name "$file" -executable ! -type d -print)
        [[ $found ]] || die "no $file below $build: build it first"
        while read -r file; do cp -d "$file" "$2/bin/"; done <<<"$found"
    done
    cc -shared -fPIC -O1 -Wall -Werror -o "$2/bin/kill_at.so" "$here/kill_at.c"
    cc -O1 -Wall -Werror -o "$2/bin/map_drm" "$here/map_drm.c"
    cp "$here"/scenario/*.sh "$here/guest/base.xml" "$2/"
    cp "$here/scenario/$1.sh" "$2/start" # what host/lab.service runs
    echo "${GPUPASS_LAB_CYCLES:-20}" >"$2/cycles"
    # For a scenario about what is installed.
    DESTDIR=$2/install cmake --install "$build" >/dev/null
}

# Prints the report's new lines; the last one is $last.
show_news() {
    local line
    while IFS= read -r line <&"$news"; do
        last=$partial$line partial=
        [[ $last =~ ^(end|reboot|power-cut)$ ]] || echo "$topology: $last"
    done
    partial+=$line
}

# Boots the host of topology $topology and returns once it is off, whoever switched it off. False: it never came up.
boot_once() {
    local args qemu started=$SECONDS
    echo "$boot" >"$out/share/boot"
    rm -f "$out/share/up"
    mapfile -t args < <("$here/machine.sh" "$topology" "$image" "$out")

    qemu-system-x86_64 "${args[@]}" </dev/null >>"$out/qemu.log" 2>&1 &
    qemu=$!
    # shellcheck disable=SC2064  # this one
    trap "kill $qemu 2>/dev/null; exit 1" TERM INT
    while kill -0 $qemu 2>/dev/null; do
        show_news
        # As if the plug were pulled: neither the host nor QEMU gets to write anything more.
        if [[ $last == power-cut || $last == end ]] || ((SECONDS > started + limit)); then kill -KILL $qemu && break; fi
        if [[ ! -e $out/share/up ]] && ((SECONDS > started + boot_limit)); then kill -KILL $qemu && break; fi
        sleep 0.3
    done
    status=0
    wait $qemu 2>/dev/null || status=$?
    show_news
    [[ -e $out/share/up ]]
}

# The emulator itself may crash (in Debian's QEMU 7.2, where a host's devices are mapped anew while its CPUs go on). Nothing
# in a host is to blame for that, whatever it does.
run_topology() {
    local status=0 last=''
    play_topology "$@"
    if [[ $last != end && $status =~ ^(134|139)$ ]]; then # SIGABRT, SIGSEGV
        echo "$1: QEMU has crashed (exit status $status), once more from the start"
        play_topology "$@"
    fi
    [[ $last == end ]] || report_end "$@"
}

# Boots the host of topology $1 as often as its scenario asks for; its report is the file $2/share/report, its last line
# $last, and QEMU's exit status $status.
play_topology() {
    local topology=$1 out=$2 started=$SECONDS boot news partial='' beside=''
    last='' status=0
    rm -rf "$out"
    mkdir -p "$out/share"
    fill_share "$topology" "$out/share"
    : >"$out/share/report"
    exec {news}<"$out/share/report"
    # What a scenario does to the disk lasts until its end, so every run starts from the same host.
    qemu-img create -q -f qcow2 -b "$image/disk.ext4" -F raw "$out/disk.qcow2"

    if [[ -x $here/beside/$topology.sh ]]; then
        "$here/beside/$topology.sh" "$image" "$out" >>"$out/beside.log" 2>&1 &
        beside=$!
    fi
    for ((boot = 1; boot <= 20; boot++)); do
        if ((boot > 1)) && [[ -x $here/between/$topology.sh ]]; then
            "$here/between/$topology.sh" "$image" "$out" >>"$out/between.log" 2>&1 || break
        fi
        [[ $boot == 1 ]] || echo "boot $boot" >>"$out/share/report"
        if ! boot_once; then
            # An emulated host now and then hangs before its first service. Where gpupass is installed it may be its fault.
            [[ ! -e $out/share/installed ]] || break
            echo "boot $boot: not up, once more" >>"$out/share/report"
            boot_once || break
        fi
        [[ $last == reboot || $last == power-cut ]] || break
    done

    [[ ! $beside ]] || kill $beside 2>/dev/null || true
    rm -rf "$out/disk.qcow2" "$out/root"
    echo "$topology: $((SECONDS - started)) s, logs in $out"
}

# The scenario's last line is `end`: without it, the host died, hung or never came up.
report_end() {
    printf 'FAIL          the scenario reaches its end (QEMU: exit status %s)\n' "$status" |
        tee -a "$2/share/report" | sed "s/^/$1: /"
    tail -n 15 "$2"/*.log 2>&1 | sed "s/^/$1:     /"
}

topologies=("$@")
[[ $# != 0 ]] || topologies=("${every_run[@]}")
for topology in "${topologies[@]}"; do
    [[ -f $here/scenario/$topology.sh ]] || die "no scenario for topology '$topology' in $here/scenario"
done
for tool in qemu-system-x86_64 qemu-img; do
    command -v $tool >/dev/null || die "$tool is missing: apt-get install qemu-system-x86 qemu-utils"
done

image=$("$here/build-image.sh")
# shellcheck disable=SC2154  # pid is the loop's own
trap 'for pid in $(jobs -p); do kill "$pid" 2>/dev/null || true; done; wait' EXIT
trap 'exit 130' INT TERM
running=0
for topology in "${topologies[@]}"; do
    ((running < jobs)) || { wait -n || true; running=$((running - 1)); }
    run_topology "$topology" "$build/lab/$topology" &
    running=$((running + 1))
done
wait

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
