#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest with a slice of a GPU: place --slice, xml --slice.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
example=$(dirname "$0")/../../examples/hosts/8gpu-2socket.host
uuid=c73f1fa6-489e-4834-9476-d70dabd98c40
path=$(sed -n 's/^0000:9a:00.0 -> //p' "$example" | head -n 1)
grep -v '^\[/sys/bus/mdev/devices\]$' "$example" >"$work/sliced.host"
printf '[/sys/bus/mdev/devices]\n%s -> %s/%s\n' "$uuid" "$path" "$uuid" >>"$work/sliced.host"
sliced=(--root "$work/sliced.host")

exits 0 "${sliced[@]}" place --slice $uuid --vcpus 4 --memory 4G
prints out "^slice +$uuid +node 1"
prints out "^cell +node 1"
! grep -q '^GPU ' "$work/out" || fail 'a GPU that nobody asked for'
prints out "0000:9a:00.0, of which $uuid is a slice, is on node 1"
exits 0 "${sliced[@]}" --json place --slice $uuid --gpus 1
jq -e --arg uuid $uuid '.placement | .devices == [$uuid] and (.gpus | length) == 1' "$work/out" >/dev/null || fail 'a GPU beside the slice'
exits 0 "${sliced[@]}" xml guest9 --slice ${uuid^^} --vcpus 4 --memory 4G
prints out "<hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'>"
prints out "<address uuid='$uuid'/>"
prints out "<gpupass:device address='$uuid' cell='0'/>"
exits 0 --dry-run "${sliced[@]}" define guest9 --slice $uuid --vcpus 4 --memory 4G
prints out "with $uuid"
prints out "the next boot forgets $uuid"

exits 2 "${sliced[@]}" place --slice 9a
prints err "cannot use --slice: saw '9a', expected a UUID, or an address"
exits 3 --root "$example" place --slice $uuid
prints err "there is no mediated device $uuid"
exits 2 "${sliced[@]}" place --slice 9a:00.0
prints err 'saw the GPU 0000:9a:00.0 as a device'

finish
