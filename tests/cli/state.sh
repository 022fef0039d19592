#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# apply, assert, export, quarantine, handover and hook: on the example hosts and on hosts made here.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
file=$work/node.toml

# --- what is exported is so, on every example host
for host in "$(dirname "$0")"/../../examples/hosts/*.host; do
    exits 0 --root "$host" export
    cp "$work/out" "$file"
    exits 0 --root "$host" assert "$file"
    exits 0 --root "$host" -n apply "$file"
    prints out '^nothing to do'
    exits 0 --root "$host" --json export
    jq -e '.gpus | length > 0' "$work/out" >/dev/null || fail "$host: no GPU is exported"
done

# --- a difference has a line, and exit status 9
make_host
host=(--root "$work/root")
cat >"$file" <<'END'
[gpus."60:05.0"]
use = "whole"
boot = false
name = "left"
END
exits 9 "${host[@]}" assert "$file"
prints out 'node\.toml:1:7: 0000:60:05\.0 is declared to be for guests'
prints out 'state\.settings'
exits 9 "${host[@]}" --json assert "$file"
[[ $(jq -r '.same' "$work/out") == no ]] || fail "the JSON does not say that it differs"
exits 0 "${host[@]}" -n apply "$file"
prints out 'bind 0000:60:05\.0 to vfio-pci'
prints out 'record names, reserved CPUs and defaults'

# --- another device is refused
echo '[gpus."60:06.7"]' >"$file"
exits 9 "${host[@]}" assert "$file"
exits 3 "${host[@]}" -n apply "$file"
prints err 'nothing is there'

# --- a mistake has its place
printf '[gpus."60:05.0"]\nuze = "whole"\n' >"$file"
exits 1 "${host[@]}" assert "$file"
prints err 'node\.toml:2:1: saw the unknown key "uze" of a GPU, expected use'
exits 1 "${host[@]}" assert "$work/missing.toml"
exits 2 "${host[@]}" assert

# --- quarantine
exits 2 "${host[@]}" -n quarantine 60:05.0
prints err 'expected --reason'
exits 0 "${host[@]}" -n quarantine --reason 'fell off the bus' 60:05.0
prints out 'put 0000:60:05\.0 into quarantine'
mkdir -p "$work/root/etc/gpupass"
vendor=$(cat "$work/root/sys/bus/pci/devices/0000:60:05.0/vendor")
device=$(cat "$work/root/sys/bus/pci/devices/0000:60:05.0/device")
printf '{"format":1,"quarantine":[{"address":"0000:60:05.0","vendor":%d,"device":%d,"reason":"hot"}]}\n' \
    "$vendor" "$device" >"$work/root/etc/gpupass/quarantine"
exits 0 "${host[@]}" --json list
[[ $(jq -r '.gpus[] | select(.address == "0000:60:05.0") | .state' "$work/out") == quarantined ]] || fail "list does not know it"
exits 3 "${host[@]}" -n bind 60:05.0
prints err 'is in quarantine: hot'
exits 0 "${host[@]}" -n quarantine --release 60:05.0
echo 'damaged' >"$work/root/etc/gpupass/quarantine"
exits 3 "${host[@]}" -n bind 60:05.0
prints err 'not known whether'
rm -r "$work/root/etc/gpupass"

# --- a hand-over
example=$(dirname "$0")/../../examples/hosts/8gpu-2socket.host
on_vfio 0000:9a:00.0 <"$example" >"$work/on-vfio.host"
exits 3 --root "$example" -n handover 9a:00.0
prints err 'nvidia of the host has 0000:9a:00\.0'
exits 0 --root "$work/on-vfio.host" -n handover 9a:00.0
prints out 'put 0000:9a:00\.0 into quarantine'
prints out 'reset 0000:9a:00\.0 by flr'
prints out 'let guests have 0000:9a:00\.0 again'
exits 2 --root "$work/on-vfio.host" -n handover all
exits 2 --root "$work/on-vfio.host" -n handover
exits 2 --root "$work/on-vfio.host" handover 9a:00.0
exits 0 --root "$work/on-vfio.host" -n --json handover 9a:00.0
[[ $(jq -r '[.plan.steps[].change.kind] | join(" ")' "$work/out") == 'file reset-methods reset reset-methods file' ]] ||
    fail "the plan of a hand-over has other steps"
[[ $(jq -r '.plan.steps[2].undo' "$work/out") == null ]] || fail "a reset has an undo"

# --- the hook
exits 2 "${host[@]}" -n hook
exits 2 "${host[@]}" -n hook update
exits 0 "${host[@]}" -n hook install
prints out 'install /etc/libvirt/hooks/qemu\.d/50-gpupass'
exits 0 "${host[@]}" -n hook remove
prints out '^nothing to do'

finish
