#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Lets Linux answer random sequences of writes on replayed machines: sequences.sh [--write]
#
# The answers are compared with those in answers/, which tests/apply/fake_kernel_test.cpp holds the fake kernel against;
# --write replaces them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$here/../..
out=${GPUPASS_BUILD:-$source/build/release}/replay-sequences

kernel=$("$here/build.sh")
rm -rf "$out"
mkdir -p "$out"
"$here/initrd.sh" "$kernel" "$out/initrd"

# answer HOST SEED COUNT FUNCTION...
answer() {
    local name folder
    name=$(basename "$1" .host)
    folder=$out/$name
    mkdir "$folder"
    "$here/machine.py" "$folder" "$source/$1"
    "$here/sequences.py" "${@:2}" >"$folder/sequences"
    "$here/boot.sh" "$kernel" "$out/initrd" "$folder" sequences
    { echo "machine $1"; tr -d '\r' <"$folder/console" | sed -n '/^@begin sequences$/,/^@done$/p' | sed '1d;$d'; } >"$folder/answers"
    if [[ $write ]]; then cp "$folder/answers" "$here/answers/$name.txt"; fi
    echo "$name: $(grep -c '^[0-9]* [a-z]' "$folder/answers") writes"
    diff "$here/answers/$name.txt" "$folder/answers" >"$folder/difference" ||
        { echo "the kernel answers otherwise than in answers/$name.txt:"; head -n 20 "$folder/difference"; failed=1; }
}

write=${1:-} failed=
answer examples/hosts/hybrid-1gpu.host 1 300 0000:00:01.0 0000:00:02.0 0000:01:00.0 0000:01:00.1
answer tests/field/xe-vfio-pci.host 2 300 0000:02:00.0 0000:37:01.0 0000:38:00.0
[[ ! $failed ]]
