#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# define of a guest that exists keeps what the guest has, and shows what it changes. Another definition in its place must
# be asked for by name.
# shellcheck source=tests/cli/check.sh
source "$(dirname "$0")/check.sh"
cat >"$work/vm.xml" <<'END'
<domain type='qemu'>
  <name>vm</name>
  <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>
  <memory unit='GiB'>4</memory>
  <vcpu>3</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'><source file='/srv/vm.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <interface type='user'><mac address='52:54:00:12:34:56'/></interface>
    <graphics type='vnc' port='-1' passwd='hunter2'/>
  </devices>
</domain>
END
(echo '<node>'; cat "$work/vm.xml"; echo '</node>') >"$work/node.xml"
host=(--root "$(dirname "$0")/../../examples/hosts/8gpu-2socket.host" -c "test://$work/node.xml")
ours=(--virt-type qemu)
definition() { jq -r '.plan.steps[].change | select(.kind == "domain").xml' "$work/out"; }

exits 0 -q "${host[@]}" -n --json define vm --gpu 9a:00.0 "${ours[@]}"
for kept in c7a5fdbd-edaf /srv/vm.qcow2 52:54:00:12:34:56 '<graphics' '<vcpu.*>3<'; do
    definition | grep -q -- "$kept" || fail "$kept is lost"
done
definition | grep -q "<hostdev" || fail "the GPU is not in the definition"

exits 0 "${host[@]}" -n define vm --gpu 9a:00.0 "${ours[@]}"
prints out '^ *\+.*<hostdev '
prints out '^ *--- vm, now'
! grep -q '^ *-.*srv/vm.qcow2' "$work/out" || fail "the disk goes"
! grep -q hunter2 "$work/out" "$work/err" || fail "a secret is shown"

# The second time nothing is left to do.
exits 0 -q "${host[@]}" -n define vm --gpu 9a:00.0 --vcpus 3 --memory 4G "${ours[@]}"

for other in "--base $work/vm.xml" "--from other"; do
    # shellcheck disable=SC2086
    exits 3 "${host[@]}" define vm --gpu 9a:00.0 "${ours[@]}" $other
    prints err 'there is a guest vm, and its definition would be lost'
    prints err '--replace'
done
exits 0 -q "${host[@]}" -n --json define vm --replace --gpu 9a:00.0 "${ours[@]}"
! definition | grep -q vm.qcow2 || fail "--replace keeps the disk"
definition | grep -q c7a5fdbd || fail "--replace loses the UUID, by which libvirt knows the guest"
exits 0 -q "${host[@]}" -n define vm --replace --base "$work/vm.xml" --gpu 9a:00.0 "${ours[@]}"
exits 0 -q "${host[@]}" define vm --from vm --gpu 9a:00.0 "${ours[@]}"

# --- give: one plan for a guest that is off
(
    echo "<node>"
    sed "s|<domain type='qemu'>|<domain type='qemu' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>|
        s|</domain>|<test:runstate>5</test:runstate></domain>|" "$work/vm.xml" # shut off
    echo "</node>"
) >"$work/off.xml"
off=(--root "$(dirname "$0")/../../examples/hosts/8gpu-2socket.host" -c "test://$work/off.xml")
exits 0 -q "${off[@]}" -n give vm 9a:00.0 --start
for step in 'bind 0000:9a:00.0 to vfio-pci' 'redefine guest vm' '\+.*<hostdev ' 'start guest vm'; do prints out "$step"; done
! grep -q '^ *-.*srv/vm.qcow2' "$work/out" || fail "give loses the disk"
exits 0 -q "${off[@]}" -n --json give vm 9a:00.0
definition | grep -q "nodeset='1'" || fail "its memory is not on the GPU's node"

# A guest that runs gets it at once, and for its next start.
exits 0 -q "${host[@]}" -n give vm 9a:00.0
prints out 'attach 0000:9a:00.0 to guest vm while it runs'
prints out 'attach 0000:9a:00.0 to the definition of guest vm'
exits 1 -q "${host[@]}" -n give nobody 9a:00.0
exits 0 -q "${host[@]}" -n take vm 9a:00.0

finish
