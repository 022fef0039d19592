#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# run: a new guest that boots. Nothing of the user's is replaced, and no secret is shown.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
cat >"$work/node.xml" <<'END_OF_NODE'
<node>
  <domain type='qemu'>
    <name>vm</name>
    <memory unit='GiB'>4</memory>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'><source file='/srv/vm.qcow2'/><target dev='vda' bus='virtio'/></disk>
    </devices>
  </domain>
  <network><name>default</name><bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'/></network>
</node>
END_OF_NODE
captured=$(realpath "$(dirname "$0")/../../examples/hosts/8gpu-2socket.host")
host=(--root "$captured" -c "test://$work/node.xml")
definition() { jq -r '.plan.steps[].change | select(.kind == "domain").xml' "$work/out"; }
has() { definition | grep -q -- "$1" || fail "the definition has no $1"; }
has_no() { ! definition | grep -q -- "$1" || fail "the definition has $1"; }

# --- what the guest boots from
exits 2 "${host[@]}" -n run new --gpu 9a:00.0
prints err 'nothing to boot from'
exits 2 "${host[@]}" -n run new --gpu 9a:00.0 --image /srv/a.qcow2 --cdrom /srv/a.iso
exits 2 "${host[@]}" -n run new --gpu 9a:00.0 --cdrom /srv/a.iso
prints err 'qemu-img create'
exits 2 "${host[@]}" -n run --image /srv/a.qcow2
prints err 'NAME is missing'
exits 2 "${host[@]}" run new --gpu 9a:00.0 --image /srv/a.qcow2
prints err 'dry-run'

exits 0 "${host[@]}" -n run new --gpu 9a:00.0 --image /srv/a.qcow2
for step in 'bind 0000:9a:00.0 to vfio-pci' 'define guest new' 'start guest new'; do prints out "$step"; done
prints out 'virsh console new'
exits 0 -q "${host[@]}" -n --json run new --gpu 9a:00.0 --image /srv/a.qcow2 --disk /srv/b.img
for part in "<source file='/srv/a.qcow2'/>" "<source network='default'/>" org.qemu.guest_agent.0 "<serial type='pty'"; do has "$part"; done
definition | grep -A 1 '<source file=./srv/a' | grep -q "dev='vda'" || fail "the image is not the first disk"
for part in cdrom '<graphics' '<boot'; do has_no "$part"; done
exits 0 -q "${host[@]}" -n --json run new --gpu 9a:00.0 --cdrom /srv/a.iso --cdrom /srv/b.iso --disk /srv/a.qcow2 --network none
for part in "<boot dev='hd'/>" "device='cdrom'" "dev='sdb'" "<graphics type='vnc'" "address='127.0.0.1'" "<input type='tablet'"; do has "$part"; done
has_no '<interface'
exits 0 -q "${host[@]}" -n --json run new --gpu 9a:00.0 --image /srv/a.qcow2 --guest windows --network other
has '<graphics'
has "<source network='other'/>"

# --- a network that is not there is not guessed
exits 0 --root "$captured" -n run new --gpu 9a:00.0 --image /srv/a.qcow2
prints err "the guest gets no network: libvirt's are not known"

# --- what is there already
exits 3 "${host[@]}" -n run vm --gpu 9a:00.0 --image /srv/a.qcow2
prints err 'gpupass give vm GPU'
exits 3 "${host[@]}" -n run new --gpu 9a:00.0 --image /srv/vm.qcow2
prints err '/srv/vm.qcow2 is a disk of guest vm'
exits 1 -c "test://$work/node.xml" -n run new --image "$work/none.qcow2"
prints err 'there is no file'

# --- cloud-init: its data are in no output
printf '#cloud-config\npassword: hunter2\n' >"$work/user-data"
seed=/var/lib/libvirt/images/new-cloud-init.iso
for words in '' -v --json; do
    # shellcheck disable=SC2086
    exits 0 "${host[@]}" -n run new --gpu 9a:00.0 --image /srv/a.qcow2 --cloud-init "$work/user-data" $words
    ! grep -rq hunter2 "$work/out" "$work/err" || fail "a secret is shown"
    prints out "$seed"
done
jq -e --arg seed $seed '.plan.steps[0].change == {kind: "seed", domain: "new", path: $seed, present: true}' "$work/out" >/dev/null ||
    fail 'the image is not the first step'
definition | grep -A 3 "<source file='$seed'/>" | grep -q '<readonly/>' || fail 'the guest may write to the image'
"$gpupass" -q "${host[@]}" -n run new --gpu 9a:00.0 --image /srv/a.qcow2 --cloud-init - <"$work/user-data" | grep -q $seed ||
    fail 'user-data from standard input'
echo 'password: hunter2' >"$work/user-data"
exits 0 "${host[@]}" -n run new --gpu 9a:00.0 --image /srv/a.qcow2 --cloud-init "$work/user-data"
prints err 'cloud-init ignores it'
exits 1 "${host[@]}" -n run new --gpu 9a:00.0 --image /srv/a.qcow2 --cloud-init "$work/none"

finish
