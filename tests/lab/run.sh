#!/bin/bash
# The lab in one command: run.sh [TOPOLOGY...]
#
# Boots an emulated IOMMU host for each topology (default: those below), runs the topology's scenario in it
# with the built gpupass, and reports each step with its time.
# The exit status is 0 if every step of every scenario passed. See README.md.
#
#   GPUPASS_BUILD        build folder with gpupass, gpupass-worker and libgpupass.so; logs go to its lab/
#   GPUPASS_LAB_CACHE    cache folder for the disk image
#   GPUPASS_LAB_TIMEOUT  seconds after which a boot fails (emulation is slow, machines are shared)
#   GPUPASS_LAB_BOOT     seconds after which a host that is not up is booted again
#   GPUPASS_LAB_JOBS     number of hosts that run at the same time
#   GPUPASS_LAB_KILLS    every how many writes a process is killed
#   GPUPASS_LAB_CYCLES   number of attach-detach cycles of `guest`
#   GPUPASS_LAB_ROUNDS   number of rounds of each race of `races`
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${GPUPASS_BUILD:-$here/../../build/release}
limit=${GPUPASS_LAB_TIMEOUT:-2400}
boot_limit=${GPUPASS_LAB_BOOT:-300}
jobs=${GPUPASS_LAB_JOBS:-2}

# The topologies of every test run, the longest first. ../long.sh runs the others.
every_run=(audio guards switch)

die() { echo "lab: $*" >&2; exit 2; }

[[ -d $build ]] || die "no build folder $build: build first, or set GPUPASS_BUILD"
build=$(cd "$build" && pwd)

# Copies the files that the host of topology $1 needs into its share $2.
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
    cc -shared -fPIC -O1 -Wall -Werror -o "$2/bin/lose_libvirtd.so" "$here/lose_libvirtd.c"
    cc -O1 -Wall -Werror -o "$2/bin/map_drm" "$here/map_drm.c"
    cp "$here"/scenario/*.sh "$here/guest/base.xml" "$2/"
    cp "$here/scenario/$1.sh" "$2/start" # host/lab.service runs this file
    echo "${GPUPASS_LAB_CYCLES:-20}" >"$2/cycles"
    echo "${GPUPASS_LAB_KILLS:-3}" >"$2/kills"
    echo "${GPUPASS_LAB_ROUNDS:-20}" >"$2/rounds"
    # For a scenario that needs an installation.
    DESTDIR=$2/install cmake --install "$build" --prefix /usr/local >/dev/null
}

# Prints the report's new lines, and sets $last to the last one.
show_news() {
    local line
    while IFS= read -r line <&"$news"; do
        last=$partial$line partial=
        [[ $last =~ ^(end|reboot|power-cut)$ ]] || echo "$topology: $last"
    done
    partial+=$line
}

# Boots the host of topology $topology and waits until it is off for any reason. Fails if it never came up.
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
        # Like a power cut: neither the host nor QEMU can write anything more.
        if [[ $last == power-cut || $last == end ]] || ((SECONDS > started + limit)); then kill -KILL $qemu && break; fi
        if [[ ! -e $out/share/up ]] && ((SECONDS > started + boot_limit)); then kill -KILL $qemu && break; fi
        sleep 0.3
    done
    status=0
    wait $qemu 2>/dev/null || status=$?
    show_news
    [[ -e $out/share/up ]]
}

# QEMU itself may crash (Debian's QEMU 7.2 does if a host's devices are remapped while its CPUs run). That is never a
# fault of the host.
run_topology() {
    local status=0 last=''
    play_topology "$@"
    if [[ $last != end && $status =~ ^(134|139)$ ]]; then # SIGABRT, SIGSEGV
        echo "$1: QEMU crashed (exit status $status), starting again"
        play_topology "$@"
    fi
    [[ $last == end ]] || report_end "$@"
}

# Boots the host of topology $1 as often as its scenario requests. The report is $2/share/report. Sets $last to its last
# line, and $status to QEMU's exit status.
play_topology() {
    local topology=$1 out=$2 started=$SECONDS boot news partial='' beside=''
    last='' status=0
    rm -rf "$out"
    mkdir -p "$out/share"
    fill_share "$topology" "$out/share"
    : >"$out/share/report"
    exec {news}<"$out/share/report"
    # The scenario changes only this overlay, so every run starts from the same host.
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
            # An emulated host sometimes hangs before its first service. If gpupass is installed, it may be the cause.
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

# Without a report, the topology failed before its host could start.
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
