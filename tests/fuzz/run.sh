#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Feeds every parser of foreign input with what libFuzzer makes of the seeds: run.sh [SECONDS], for each target.
# What it finds is in build/sanitize/fuzz/found.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-10}
compiler=$(command -v clang++-19) || { echo "clang++-19 is missing"; exit 77; }
build=build/sanitize
out=$build/fuzz
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
mkdir -p "$out/found"
cmake --preset sanitize -DCMAKE_CXX_COMPILER="$compiler" -DGPUPASS_FUZZ=ON "${launcher[@]}" >"$out/build.log" 2>&1 &&
    cmake --build "$build" --target fuzz >>"$out/build.log" 2>&1 || { tail -30 "$out/build.log"; exit 1; }

seeds_of() {
    case $1 in
        capture) printf '%s\n' examples/hosts/*.host tests/hosts/*.host ;;
        domain) printf '%s\n' tests/domain/base/*.xml tests/render/golden/*.xml ;;
        records) find tests/records/format-1 examples/requests.json libgpupass/probe/own/models.json -type f ;;
        mig) printf '%s\n' tests/fuzz/mig.yaml ;;
        values) printf '%s\n' tests/fuzz/values.txt ;;
        guest) printf '%s\n' tests/fuzz/guest.txt tests/fuzz/guest.listing ;;
    esac
}
export ASAN_OPTIONS=detect_leaks=0
# feed TARGET: prints its row, and what it found.
feed() {
    local target=$1 corpus=$out/corpus/$1 seed result=fine runs edges
    mkdir -p "$corpus"
    for seed in $(seeds_of "$target"); do
        if [[ $seed == *.txt ]]; then
            split --lines=1 --additional-suffix=.seed "$seed" "$corpus/"
        else
            cp "$seed" "$corpus/$(basename "$seed").seed"
        fi
    done
    "$build/fuzz_$target" -max_total_time="$seconds" -max_len=65536 -timeout=30 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$out/found/$target-" "$corpus" >"$out/$target.log" 2>&1 || result=FAILED
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$out/$target.log" | tail -1)
    printf '%-8s %10s %8s %8s\n' "$target" "${runs:--}" "${edges:--}" "$result"
    [[ $result == fine ]] || { grep -E 'ERROR|SUMMARY|Test unit written' "$out/$target.log"; return 1; }
}
export -f feed seeds_of
export build out seconds
printf '%-8s %10s %8s %8s\n' target runs edges result
printf '%s\n' capture domain records values config guest mig | xargs -P "$(nproc)" -I '{}' bash -c 'feed {}'
