#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Mutants of captured machines, replayed: mutants.sh [BOOTS [SEED]]
#
# Each boot holds 120 mutants; mutants.py says what is judged.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
boots=${1:-9} seed=${2:-1}
out=${GPUPASS_BUILD:-$here/../../build/release}/replay-mutants
hosts=("$here"/../../examples/hosts/{hybrid-1gpu,epyc-nps4-8gpu,snc2-4gpu}.host "$here/../hosts/lab-switch.host")
for name in v100-groups-of-two two-dies-on-one-card network-card-in-the-group arc-in-a-thunderbolt-box \
    disk-behind-a-volume-device vgpu-vfs-of-vendor-vfio; do
    hosts+=("$here/../field/$name.host")
done

kernel=$("$here/build.sh")
rm -rf "$out"
mkdir -p "$out"
"$here/initrd.sh" "$kernel" "$out/initrd"
folders=()
for ((boot = 0; boot < boots; boot++)); do
    folder=$out/$boot
    mkdir "$folder"
    "$here/mutants.py" make "$folder" $((seed + boot)) 120 "${hosts[@]}"
    "$here/boot.sh" "$kernel" "$out/initrd" "$folder" groups
    folders+=("$folder")
done
"$here/mutants.py" judge "${folders[@]}"
