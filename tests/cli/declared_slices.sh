#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What GPUs are declared to be cut into: apply, assert and export, on captured machines and on machines made here.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
file=$work/node.toml

# --- what is exported is so, and needs no change, on every machine; the file is read as it was written
machines=0 sliced=0
for host in "$source_dir"/examples/hosts/*.host "$source_dir"/tests/field/*.host; do
    exits 0 --root "$host" export
    cp "$work/out" "$file"
    machines=$((machines + 1))
    sliced=$((sliced + $(grep -c '\.slices\]$' "$file")))
    run --root "$host" assert "$file"
    grep -q 'state\.slices' "$work/out" && fail "$host: an exported slice differs"
    [[ $status == 0 ]] || continue # what is unknown has an answer of its own
    exits 0 --root "$host" -n apply "$file"
    prints out '^nothing to do'
done
((sliced >= 5)) || fail "only $sliced GPUs of $machines machines have slices declared"

# --- a machine with vGPUs: its types are named by their functions, and as no boot makes them
host=(--root "$source_dir/tests/field/vgpu-vfs-of-vendor-vfio.host")
exits 0 "${host[@]}" export
prints out '^"1500" = \["0001:04:00\.2"\]$'
prints out '^boot = false$'
exits 0 "${host[@]}" --json export
[[ $(jq -c '.gpus["0001:04:00.0"].slices | [.vfs > 0, .boot, .types["1500"].slices]' "$work/out") == '[true,false,["0001:04:00.2"]]' ]] ||
    fail "the JSON has other slices"
printf '[gpus."0001:04:00.0".slices]\nboot = false\ntypes = {}\n' >"$file"
exits 9 "${host[@]}" assert "$file"
prints out 'node\.toml:1:1: 0001:04:00\.0 has slices that are not declared: 0001:04:00\.2 \(type 1500\)'
exits 0 "${host[@]}" -n apply "$file"
prints out 'take the vGPU of type 1500 of 0001:04:00\.2 away'
printf '[gpus."0001:04:00.0".slices]\ntypes = { "1500" = 1 }\n' >"$file"
exits 9 "${host[@]}" assert "$file"
prints out 'declared to be cut so at every boot, and that is not recorded'
exits 0 "${host[@]}" -n apply "$file"
prints out 'record what each boot cuts GPUs into'

# --- virtual functions: what goes onto them is planned when they are there
host=(--root "$source_dir/tests/field/xe-vfio-pci.host")
printf '[gpus."38:00.0".slices]\nvfs = 13\n' >"$file"
exits 9 "${host[@]}" assert "$file"
prints out 'node\.toml:1:1: 0000:38:00\.0 is declared to have 13 virtual functions, and can have 12'
exits 3 "${host[@]}" -n apply "$file"
prints err 'can have 12'
printf '[gpus."38:00.0".slices]\nvfs = 4\nuse = "whole"\n' >"$file"
exits 9 "${host[@]}" assert "$file"
prints out 'is declared to have 4 virtual functions, and has 2'
exits 0 "${host[@]}" -n apply "$file"
prints out 'cut 0000:38:00\.0 into 4 virtual functions'
prints out 'what else is declared is planned when this is done'

# --- a machine with mediated devices
make_function 0000:60:01.0 1a03 2000 030000 ast 1
make_function 0000:60:05.0 10de 1eb8 030200 nvidia 5
types=$work/root/sys/devices/pci0000:60/0000:60:05.0/mdev_supported_types
make_type() { # TYPE NAME AVAILABLE
    mkdir -p "$types/$1/devices"
    echo "$2" >"$types/$1/name"
    echo vfio-pci >"$types/$1/device_api"
    echo "$3" >"$types/$1/available_instances"
    : >"$types/$1/create"
}
make_type nvidia-222 'GRID T4-1B' 16
make_type nvidia-223 'GRID T4-2B' 8
mkdir -p "$work/root/sys/class/iommu/dmar0" "$work/root/sys/bus/pci/drivers/vfio-pci" "$work/root/etc/gpupass"
echo 1 >"$work/root/sys/devices/pci0000:60/0000:60:01.0/boot_vga"
host=(--root "$work/root")
uuid=c73f1fa6-489e-4834-9476-d70dabd98c40
cat >"$file" <<END
[gpus."60:05.0".slices]
types = { "T4-1B" = ["$uuid"], "GRID T4-2B" = 2 }
END
exits 9 "${host[@]}" assert "$file"
prints out "node\.toml:2:63: 0000:60:05\.0 is declared to have 2 of type GRID T4-2B, and has 0"
prints out "is declared to have $uuid of type T4-1B, and has not"
exits 0 "${host[@]}" -n --json apply "$file"
[[ $(jq -r '[.plan.steps[].change.kind] | join(" ")' "$work/out") == 'mediated-device mediated-device mediated-device file' ]] ||
    fail "the plan has other steps"
[[ $(jq -r '.plan.steps[0].change.device' "$work/out") == "$uuid" ]] || fail "the named one does not come first"
jq -r '.plan.steps[-1].change.content' "$work/out" >"$work/record"
grep -qF '"T4-1B" = { id = "nvidia-222", slices = ["'$uuid'"] }' "$work/record" || fail "the record has no ids"
grep -qE '"GRID T4-2B" = \{ id = "nvidia-223", slices = \["[0-9a-f-]{36}", "[0-9a-f-]{36}"\] \}' "$work/record" ||
    fail "the record does not name what is made"

# --- a type of another card, with its place and the types of this one
printf '[gpus."60:05.0".slices.types]\n"A100-40C" = 1\n' >"$file"
exits 9 "${host[@]}" assert "$file"
exits 3 "${host[@]}" -n apply "$file"
prints err 'node\.toml:2:1: 0000:60:05\.0 has no type called "A100-40C"'
prints err 'it has: nvidia-222 \(GRID T4-1B\), nvidia-223 \(GRID T4-2B\)'

# --- what a boot makes, and what it cannot make
exits 0 "${host[@]}" -n apply --at-boot
prints out '^nothing to do'
cp "$work/record" "$work/root/etc/gpupass/slices"
exits 0 "${host[@]}" -n apply --at-boot
prints out "make the mediated device $uuid of 0000:60:05\.0, type nvidia-222"
sed -i 's/1eb8/1eb9/' "$work/root/etc/gpupass/slices"
exits 3 "${host[@]}" -n apply --at-boot
prints err 'state\.device'
echo 'damaged' >"$work/root/etc/gpupass/slices"
exits 3 "${host[@]}" -n apply --at-boot
prints err 'remove /etc/gpupass/slices'
exits 0 "${host[@]}" export
grep -q slices "$work/out" && fail "slices are exported beside a damaged record"
rm "$work/root/etc/gpupass/slices"
exits 2 "${host[@]}" -n apply --at-boot --stop a.service
exits 2 "${host[@]}" -n apply --at-boot "$file"

# --- the file of vgpu-device-manager
cat >"$work/config.yaml" <<'END'
version: v1
vgpu-configs:
  T4-small:
    - devices: all
      vgpu-devices: {"T4-1B": 1}
    - device-filter: ["0x1EB810DE"]
      devices: [0]
      vgpu-devices: {"T4-2B": 2, "T4-1B": 1}
  A100-4C:
    - devices: all
      vgpu-devices: {"A100-4C": 10}
  others:
    - device-filter: "0x20B010DE"
      devices: all
      vgpu-devices: {"A100-4C": 10}
END
config=(--vgpu-config "$work/config.yaml")
exits 0 "${host[@]}" -n apply "${config[@]}" --label T4-small
[[ $(grep -c 'type nvidia-223' "$work/out") -ge 2 ]] || fail "not both of the larger type"
exits 9 "${host[@]}" assert "${config[@]}" --label T4-small
prints out 'config\.yaml:6 \(T4-small\): 0000:60:05\.0 is declared to have 2 of type T4-2B, and has 0'
exits 3 "${host[@]}" -n apply "${config[@]}" --label A100-4C
prints err 'config\.yaml:10 \(A100-4C\): 0000:60:05\.0 has no type called "A100-4C"'
exits 0 "${host[@]}" -n apply "${config[@]}" --label others
prints out '^nothing to do'
exits 0 "${host[@]}" assert "${config[@]}" --label others
exits 1 "${host[@]}" assert "${config[@]}" --label none
prints err 'T4-small'
exits 2 "${host[@]}" assert "${config[@]}"
prints err 'saw no --label, and 3 labels'
exits 2 "${host[@]}" assert --label T4-small
prints err 'saw no --vgpu-config'
exits 2 "${host[@]}" assert "${config[@]}" --label others "$file"
sed -i 's/vgpu-devices: {"A100/vgpu-device: {"A100/' "$work/config.yaml"
exits 1 "${host[@]}" assert "${config[@]}" --label others
prints err 'config\.yaml:11:7: saw the unknown key "vgpu-device" of an entry, expected vgpu-devices'

# --- the example
exits 9 "${host[@]}" assert "$source_dir/examples/node.toml"
finish
