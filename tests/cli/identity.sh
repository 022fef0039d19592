#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest's definition identifies its devices. Another device at an address is detected, and the original one is found.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
captured=$(realpath "$(dirname "$0")/../../examples/hosts/8gpu-2socket.host")
here=0000:19:00.0 there=0000:9a:00.0

exits 0 -q --root "$captured" xml one --gpu $here --virt-type qemu
cp "$work/out" "$work/one.xml"
exits 0 -q --root "$captured" xml other --gpu $there --virt-type qemu
cp "$work/out" "$work/other.xml"
uuid_in() { sed -n "s/.*<gpupass:gpu .* uuid='\([^']*\)'.*/\1/p" "$1"; }
path_in() { sed -n "s/.*<gpupass:gpu .* path='\([^']*\)'.*/\1/p" "$1"; }
[[ $(path_in "$work/one.xml") == pci0000:*/*.* && $(path_in "$work/one.xml") != "$(path_in "$work/other.xml")" ]] ||
    fail "no slot in the metadata"

# with_guest SCRIPT: the captured host with a guest `one`, whose definition a sed script changes.
with_guest() {
    cp "$captured" "$work/made.host"
    printf '[domain one]\nstate = persistent\nconfig =\n' >>"$work/made.host"
    sed "$1" "$work/one.xml" | sed 's/^/| /' >>"$work/made.host"
}

with_guest ''
exits 0 -q --root "$work/made.host" check --domain one
! grep -q 'device.identity' "$work/out" || fail "the device is there"

# --- the device is now in another slot, and another device is at its address: seen by its UUID or its slot
by_uuid="s|uuid='$(uuid_in "$work/one.xml")'|uuid='$(uuid_in "$work/other.xml")'|"
without_uuid="s| uuid='$(uuid_in "$work/one.xml")'||"
by_slot="$without_uuid; s|path='$(path_in "$work/one.xml")'|path='$(path_in "$work/other.xml")'|"
with_guest "$by_uuid"
exits 3 -q --root "$work/made.host" check --domain one
prints out "$here of guest one was .*$(uuid_in "$work/other.xml")\), which is now at $there"
with_guest "$by_slot"
for words in "check --domain one" "check $here"; do
    # shellcheck disable=SC2086
    exits 3 -q --root "$work/made.host" $words
    prints out "$here of guest one was .*, which is now at $there"
    prints out "gpupass define one --from one --gpu $there"
done
exits 3 -q --root "$work/made.host" xml one --from one
prints err "now at $there; .* \[device.identity\]"
prints_nothing out
exits 0 -q --root "$work/made.host" xml one --from one --gpu $there
prints out "<gpupass:gpu address='$there'.* path='$(path_in "$work/other.xml")'"
! grep -q "bus='0x19'" "$work/out" || fail "the former GPU is there still"
exits 0 -q --root "$work/made.host" xml one --from one --gpu $here
prints out "<gpupass:gpu address='$here'.* path='$(path_in "$work/one.xml")'"
exits 0 --root "$work/made.host" -n bind $here
prints out "note: $here of guest one was .*, which is now at $there"
exits 3 --root "$work/made.host" -n attach one $here
prints err "gpupass define one --from one --gpu $there"

# --- a network card that the definition keeps, and one that an option names
exits 0 -q --root "$captured" xml one --gpu $here --device 0000:1b:00.0 --virt-type qemu
mv "$work/one.xml" "$work/kept.xml" && cp "$work/out" "$work/one.xml"
with_guest '/<gpupass:device /s|/02.0/|/03.0/|'
exits 3 -q --root "$work/made.host" xml one --from one --gpu $here
prints err "which is now at 0000:1c:00.0; .* \[device.identity\]"
prints err "gpupass define one --from one --gpu $here --device 0000:1c:00.0"
exits 0 -q --root "$work/made.host" xml one --from one --gpu $here --device 0000:1c:00.0
exits 0 -q --root "$work/made.host" xml two --from one
mv "$work/kept.xml" "$work/one.xml"

# --- another model, and the device is nowhere else
with_guest "s|\(<gpupass:gpu .*\) device='[0-9a-f]*'|\1 device='0bad'|"
exits 3 -q --root "$work/made.host" check --domain one
prints out 'is there now'
prints out 'gpupass define one --from one --gpu GPU'

# --- the same model in an unknown slot: the identity is unknown
with_guest "$without_uuid; s|path='$(path_in "$work/one.xml")'|path='pci0000:ff/00.0'|"
exits 0 -q --root "$work/made.host" check --domain one
prints out 'it is not known whether it is the same device'
exits 0 -q --root "$work/made.host" --json check --domain one
jq -e '.findings | any(.id == "device.identity" and .verdict == "unknown")' "$work/out" >/dev/null || fail "not unknown"

finish
